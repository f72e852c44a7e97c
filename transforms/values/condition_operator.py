"""VAL008: operators in the conditions of policies that IAM does not have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache

from remediator.api import (
    Applicability,
    Context,
    Entry,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Template,
    table,
)
from remediator.transforms.values.statements import Statement, statements

_NAME = re.compile(r"(?:(?P<set>for\s*(?:all|any)\s*values?):)?(?P<base>[a-z]+?)(?P<exists>_?if_?exists?)?", re.IGNORECASE)
_TYPO = 0.85

_BEFORE = """\
Resources:
  Access:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: reports
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: 's3:*'
            Resource: 'arn:aws:s3:::reports/*'
            Condition:
              IpAddressNotEquals:
                'aws:SourceIp': 198.51.100.0/24
"""


class UnknownConditionOperator(Pass):
    """A policy has a condition with an operator that IAM does not know: *Invalid Condition type*.

    The fix writes the operator that the wrong name plainly means, such as `NotIpAddress` for `IpAddressNotEquals` or
    `NumericLessThanEquals` for `NumericLessThanOrEquals`; prefixes (`ForAnyValue:`) and `IfExists` stay. Where the name is
    only similar to one operator the fix is unsafe. It is not made where the condition has that operator already: the two
    blocks would have to be merged.
    """

    code = "VAL008"
    name = "unknown-condition-operator"
    profile = "deploy"
    answers = ("E3510", "E3512", "E3513")
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
    )
    examples = (Example("All addresses but some", _BEFORE, _BEFORE.replace("IpAddressNotEquals", "NotIpAddress")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for statement in statements(template):
            conditions = statement.node.get("Condition")
            if isinstance(conditions, Mapping) and conditions.tag is None:
                path = (*statement.path, "Condition")
                for entry in conditions.entries:
                    if not entry.key.value.startswith("Fn::") and _known(entry.key.value) is None:
                        yield self._found(template, statement, conditions, entry, path)

    def _found(self, template: Template, statement: Statement, conditions: Mapping, entry: Entry, path: Path) -> Finding:
        name = entry.key.value
        message = f"there is no condition operator {name}, in a policy of {statement.resource.logical_id}"
        meant, safe = _meant(name)
        remedy: Remedy | str
        if meant is None:
            remedy = f"which operator does {name} mean?"
        elif conditions.entry(meant) is not None:
            remedy = f"{name} means {meant}, which stands beside it; which of the two blocks holds?"
        else:
            why = "it is what IAM calls this comparison" if safe else f"{meant} is the only operator with a similar name"
            level = Applicability.SAFE if safe else Applicability.UNSAFE
            remedy = Remedy(f"write {meant} instead of {name}", lambda b: b.rename_key(entry, meant, path), why, level)
        return self.finding(template, (*path, name), entry, message, remedy)


@cache
def _operators() -> dict[str, str]:
    return {name.lower(): name for name in table("condition_operators")["operators"]["names"]}


def _known(name: str) -> str | None:
    """The operator, if IAM knows it by this name."""
    plain = re.sub(r"^(forallvalues|foranyvalue):", "", name.lower()).removesuffix("ifexists")
    return _operators().get(plain)


def _meant(name: str) -> tuple[str | None, bool]:
    """The operator that a wrong name means, and whether that is plain."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None, False
    base = match["base"].lower()
    right = _operators().get(base) or table("condition_operators")["operators"]["meant"].get(base)
    safe = right is not None
    if right is None:
        close = difflib.get_close_matches(base, list(_operators()), 2, _TYPO)
        right = _operators()[close[0]] if len(close) == 1 else None
    if right is None:
        return None, False
    prefix = "" if match["set"] is None else "ForAllValues:" if "all" in match["set"].lower() else "ForAnyValue:"
    return prefix + right + ("IfExists" if match["exists"] else ""), safe
