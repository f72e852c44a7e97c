"""The ARN of what a value of the template means, as a text for ``Fn::Sub``."""

from __future__ import annotations

import re

from remediator.api import Node, Resource, Template, resource_type, table
from remediator.transforms.cycles.names import as_sub_text, rebuild

PART = r"(?:[^:$]|\$\{[^}]*\}|\$)*"
"""A part of an ARN between colons, as pattern; variables of ``Fn::Sub`` have colons, too."""
KEY = "key"
_KEY_ID = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/{}"
_WHOLE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([\w.]+))?\}")


def arn_text(template: Template, node: Node, form: str = "") -> str | None:
    """The ARN that a value means: a reference to a resource, an ARN, or with ``form``, in which it stands for ``{}``, a name.

    None where it is made by an intrinsic that ``Fn::Sub`` can't hold.
    """
    text = as_sub_text(node)
    if not text or text.startswith("http"):
        return None
    return _key(template, text) if form == KEY else arn_of_text(template, text, form)


def arn_of_text(template: Template, text: str, form: str = "") -> str:
    """The same for a value that is text for ``Fn::Sub`` already."""
    whole = _WHOLE.fullmatch(text)
    resource = template.resources.get(whole[1]) if whole else None
    if whole and resource:
        return _of_resource(resource, whole[2], form)
    if not form or text.startswith("arn:"):
        return text
    return form.replace("{}", text)


def _key(template: Template, text: str) -> str | None:
    """The ARN of a key; None for an alias, which rights can't be for, and for what may be one."""
    whole = _WHOLE.fullmatch(text)
    resource = template.resources.get(whole[1]) if whole else None
    if resource and resource.type in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"):
        return f"${{{resource.logical_id}.Arn}}"
    if "alias" in text.lower() or resource:
        return None
    if whole:
        return text if whole[1].lower().endswith("arn") else None
    return text if text.startswith("arn:") else _KEY_ID.replace("{}", text)


def own_arn(resource: Resource, form: str = "") -> str:
    """The ARN of a resource of the template."""
    return _of_resource(resource, None, form)


def _of_resource(resource: Resource, attribute: str | None, form: str) -> str:
    name = resource.logical_id
    if attribute and attribute.endswith(("Arn", "ARN", "Alias")):
        return f"${{{name}.{attribute}}}"
    if resource.type in table("role_arns")["ref"]["types"]:
        return f"${{{name}}}"
    known = resource_type(resource.type)
    if resource.type in table("role_arns")["arn"]["types"] or (known and "Arn" in known.attributes):
        return f"${{{name}.Arn}}"
    whole = f"${{{name}.{attribute}}}" if attribute else f"${{{name}}}"
    return form.replace("{}", whole) if form else whole


def resource_of(template: Template, arn: str) -> Resource | None:
    """The resource of the template whose ARN, or a part below it, a text is: a reference, or built from the name it states."""
    match = re.match(r"\$\{([A-Za-z0-9]+)(?:\.[\w.]+)?\}", arn)
    if match:
        return template.resources.get(match[1])
    service = arn.split(":")[2:3]
    return next((each for each in template.resources.values() if _is(template, each, arn, service)), None)


def _is(template: Template, resource: Resource, arn: str, service: list[str]) -> bool:
    """Whether an ARN of a service is that of a resource that states its name."""
    row = table("physical_names").get(resource.type, {})
    for attribute, pattern in {None: row.get("ref", ""), **row.get("attributes", {})}.items():
        if pattern.startswith("arn:") and pattern.split(":")[2:3] == service:
            found = rebuild(template, resource, attribute)
            if found and found.text and (arn == found.text or arn.startswith((f"{found.text}/", f"{found.text}:"))):
                return True
    return False
