"""remediator: fixes AWS CloudFormation templates, changes nothing else, and proves it."""

from remediator.engine import Options, Outcome
from remediator.fixing import check_text, fix_text
from remediator.passes import Selection
from remediator.source import TemplateError

__version__ = "0.1.0"

__all__ = ["Options", "Outcome", "Selection", "TemplateError", "check_text", "fix_text"]
