"""Whether a template is complete: that who uses a key may use it, who sends may send, and who delivers logs may write.

Written without a line of ``remediator``, so that it is a second opinion on what the fixes leave behind.
"""

from completeness.check import Gap, gaps, new_gaps

__all__ = ["Gap", "gaps", "new_gaps"]
