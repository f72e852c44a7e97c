"""The code of Lambda functions that stands in a template: its text, and what it offers under which names.

Python is read with ``ast``, not with libcst: every node of it knows its span, and a fix edits the text of the template at
spans, so that nothing has to be written back. JavaScript is read with tree-sitter, which is loaded when there is some.
"""

from remediator.lambda_code import handlers
from remediator.lambda_code.calls import Behaviour, Module, NotUnderstood, SdkCall, VariableRead, behaviour
from remediator.lambda_code.exports import Exports, exports
from remediator.lambda_code.inline import Filling, InlineCode, inline_code, pieces
from remediator.lambda_code.values import UNKNOWN, Filled, Piece, Text, Unknown, Value, Variable
from remediator.lambda_code.written import rewritten, with_lines, written

__all__ = [
    "UNKNOWN",
    "Behaviour",
    "Exports",
    "Filled",
    "Filling",
    "InlineCode",
    "Module",
    "NotUnderstood",
    "Piece",
    "SdkCall",
    "Text",
    "Unknown",
    "Value",
    "Variable",
    "VariableRead",
    "behaviour",
    "exports",
    "handlers",
    "inline_code",
    "pieces",
    "rewritten",
    "with_lines",
    "written",
]
