"""The code of Lambda functions that stands in a template: its text, and what it offers under which names.

Python is read with ``ast``, not with libcst: every node of it knows its span, and a fix edits the text of the template at
spans, so that nothing has to be written back. JavaScript is read with tree-sitter, which is loaded when there is some.
"""

from remediator.lambda_code.exports import Exports, exports
from remediator.lambda_code.inline import InlineCode, inline_code

__all__ = ["Exports", "InlineCode", "exports", "inline_code"]
