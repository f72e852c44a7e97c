"""Whether the resources of a statement include one of the template's: by reference, by name, or by a pattern."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from remediator.api import Node, Resource, Template, references, table
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import Allowance
from remediator.transforms.wiring.links import meant

_PSEUDO = re.compile(r"\$\{AWS::(?!StackName)\w+\}")
_WILD = re.compile(r"[*?]")
_KIND = re.compile(r"^(?:table|stream|secret|workgroup|key)[/:]")

_SECRET = "AWS::SecretsManager::Secret"


def covers(template: Template, allowance: Allowance, target: Resource) -> bool:
    """Whether a statement is about a resource, among others."""
    if allowance.resources is None:
        return True
    return any(_means(template, node, target) for node in allowance.resources)


def _means(template: Template, node: Node, target: Resource) -> bool:
    text = as_sub_text(node)
    if text == "*" or target in meant(template, node, target.type):
        return True
    if text is None or not _WILD.search(text):
        return False
    parts = _PSEUDO.sub("*", text).split(":", 5)
    if len(parts) < 6 or not fnmatchcase(_service(target), parts[2]):
        return False
    pattern = _KIND.sub("", parts[5]).replace("[", "[[]")
    if target.type == _SECRET:  # whose name may have slashes, and ends in an ARN with a hyphen and six characters
        return fnmatchcase(_name(target) + "-000000", pattern)
    return fnmatchcase(_name(target), pattern.partition("/")[0])


def _service(target: Resource) -> str:
    return "kms" if target.type == "AWS::KMS::Key" else str(table("key_users")[target.type]["service"])


def _name(target: Resource) -> str:
    """The name of a resource as far as it is known: CloudFormation makes one of the stack's name and the logical id."""
    key = table("physical_names").get(target.type, {}).get("name") or "Name"
    given = target.property(str(key))
    text = as_sub_text(given) if given else None
    return _PSEUDO.sub("*", text) if text else f"${{AWS::StackName}}-{target.logical_id}-0"


def refers(template: Template, node: Node | None, target: Resource) -> bool:
    """Whether a value names a resource by reference."""
    if node is None:
        return False
    return any(each.target.partition(".")[0] == target.logical_id for each in references(node, template.source.text))
