"""The checker behind the proof: AWS's own schema validation, offline, behind one function.

`cloudformation-validate <https://github.com/aws-cloudformation/cloudformation-validate>`_ bundles the resource provider
schemas and the rules that AWS derives from them. Of its engines this uses ``SchemaValidator``: the larger ones repeat
the graph and reference checks of ``remediator.proof`` and need 250 MB instead of 170.
"""

from __future__ import annotations

import atexit
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from remediator.source import Source

if TYPE_CHECKING:
    from cloudformation_validate import SchemaValidator


def errors(source: Source) -> Counter[str]:
    """How often each rule of the checker reports an error in a template, by rule id such as ``F3002``."""
    from cloudformation_validate import Severity, TemplateContent, ValidationError

    try:
        diagnostics = _validator().validate(TemplateContent(source.text))
    except ValidationError:
        return Counter({"unreadable": 1})
    grave = (Severity.FATAL, Severity.ERROR)
    return Counter(each.rule_id for each in diagnostics if each.severity in grave)


@cache
def _validator() -> SchemaValidator:
    from cloudformation_validate import SchemaValidator

    atexit.register(_validator.cache_clear)  # it complains on standard error when the interpreter tears it down
    return SchemaValidator()
