"""Whether two ARNs, as texts of ``Fn::Sub``, mean some of the same resources: surely, surely not, or who knows."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from remediator.api import VARIABLE, Template
from remediator.transforms.cycles.names import rebuild

_OWN = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
_BUCKET = re.compile(r"arn:[^:]+:s3:::\$\{(\w+)\}")
_PARTITION = re.compile(r"^arn:(?:aws(?:-[a-z-]+)?|\$\{AWS::Partition\}):")
_FIELDS = 5
"""The colons of an ARN before the part that names the resource."""


_WITHIN = ("AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::Logs::LogStream", "AWS::StepFunctions::StateMachine")
"""Types whose ARNs begin with that of another resource, or are made from one: an alias is its function with one word more."""


def distinct(template: Template) -> frozenset[str]:
    """The resources of a template of which no ARN is within that of another one."""
    return frozenset(each.logical_id for each in template.resources.values() if not each.type.startswith(_WITHIN))


def spelled_out(template: Template, text: str) -> str:
    """An ARN with the names that resources state instead of references to them, so that two ways to write it come out alike."""
    done, end = "", 0
    for match in VARIABLE.finditer(text):
        name, _, attribute = match.group(1).strip().partition(".")
        target = template.resources.get(name)
        rebuilt = rebuild(template, target, attribute or None) if target else None
        done += text[end : match.start()] + (rebuilt.text if rebuilt and rebuilt.text else match.group())
        end = match.end()
    done += text[end:]
    bucket = _BUCKET.match(done)
    is_own = bucket and bucket.group(1) in template.resources
    return f"${{{bucket.group(1)}.Arn}}{done[bucket.end() :]}" if bucket and is_own else done


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern for actions, in whatever case, includes an action."""
    return fnmatchcase(action.lower(), pattern.lower())


def covers(wide: str, narrow: str) -> bool:
    """Whether one ARN surely includes all of another one."""
    wide, narrow = _plain(wide), _plain(narrow)
    if wide in ("*", narrow):
        return True
    return wide.endswith("*") and "*" not in wide[:-1] and "?" not in wide and narrow.startswith(wide[:-1])


def are_apart(one: str, other: str, own: frozenset[str] | set[str]) -> bool:
    """Whether no resource has both ARNs. ``own``: the resources of the template, of which no two have the same ARN."""
    one, other = _plain(one), _plain(other)
    if "*" in (one, other):
        return False
    first, second = _OWN.match(one), _OWN.match(other)
    if first and second and {first.group(1), second.group(1)} <= own:
        return first.group(1) != second.group(1)
    fields, others = one.split(":", _FIELDS), other.split(":", _FIELDS)
    if not (one.startswith("arn:") and other.startswith("arn:") and len(fields) == len(others) == _FIELDS + 1):
        return False
    return any(_differ(left, right) for left, right in zip(fields, others, strict=True))


def _differ(one: str, other: str) -> bool:
    """Whether one field of two ARNs can't be the same."""
    if not one or not other:
        return False
    if _is_literal(one):
        return not fnmatchcase(one, _pattern(other))
    if _is_literal(other):
        return not fnmatchcase(other, _pattern(one))
    start, begin = _beginning(one), _beginning(other)
    return not start.startswith(begin) and not begin.startswith(start)


def _is_literal(text: str) -> bool:
    return _beginning(text) == text


def _beginning(text: str) -> str:
    """The text before anything that may be anything."""
    return re.split(r"[*?$]", text, maxsplit=1)[0]


def _pattern(text: str) -> str:
    """A field as a pattern, in which anything may stand where CloudFormation fills something in."""
    return re.sub(r"\$\{[^}]*\}", "*", text).replace("[", "[[]")


def _plain(text: str) -> str:
    """An ARN in which each colon parts two fields."""
    return _PARTITION.sub("arn:aws:", text).replace("${AWS::", "${AWS.")
