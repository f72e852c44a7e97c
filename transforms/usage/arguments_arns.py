"""The ARN that an argument of a request stands for, as text of ``Fn::Sub``: it may be a name, a URL, a reference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from remediator.api import InlineCode, Resource, SdkCall, Template, text_of
from remediator.transforms.references import kinds
from remediator.transforms.usage.values import ANY, texts_of

_WHOLE = re.compile(r"\$\{(\w+)(?:\.([\w.]+))?\}")
_PLACEHOLDER = re.compile(r"(?<!\$)\{(\w*)\}")
_QUEUE_URL = re.compile(
    r"https://(?:sqs\.([^/]+)|([^/]+)\.queue)\.(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})/([^/]+)/([^/]+)"
)
_REGION = "${AWS::Region}"
_ARN_PARTS = 5
"""Colons of an ARN."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call with what is needed to understand its arguments."""

    template: Template
    function: Resource
    code: InlineCode
    call: SdkCall

    def texts(self, parameter: str) -> list[str] | None:
        """What a parameter may be; None where it is not given, or not seen to be."""
        values = self.call.arguments.get(parameter.removeprefix(f"{self.call.operation}."))
        return None if values is None else texts_of(self.template, self.function, self.code, values)

    @property
    def region(self) -> str | None:
        """The Region of the resources; ``*`` where it is not known; None for that of the stack."""
        found = texts_of(self.template, self.function, self.code, self.call.region)
        if not found or found == [_REGION]:
            return None
        return found[0] if len(found) == 1 and ANY not in found[0] else ANY


def arn_of(request: Request, row: dict[str, Any], text: str) -> str | None:
    """The ARN that an argument stands for; None where it can't be known, or not be written."""
    if text.startswith(ANY):
        return None
    whole = _WHOLE.fullmatch(text)
    target = request.template.resources.get(whole.group(1)) if whole else None
    if whole and target:
        return _of_resource(request, row, target, whole.group(2))
    if whole and whole.group(1) in request.template.parameters:
        return _of_parameter(request, row, text, whole.group(1))
    if not re.match(row.get("arns", ""), text) and text.startswith("arn:"):
        return None
    if text.startswith("arn:") or text == "${AWS::StackId}":
        return text if re.sub(r"\$\{[^}]*\}", "", text).count(":") >= _ARN_PARTS or text[0] == "$" else None
    if text.startswith("https:"):
        return _of_url(text)
    return None if row["form"] == "arn" else composed(request, row, text)


def _of_resource(request: Request, row: dict[str, Any], target: Resource, attribute: str | None) -> str | None:
    """The ARN of a resource of the template that is named by its ``Ref`` or an attribute."""
    name = target.logical_id
    way = row["types"].get(target.type)
    if way is None:
        return _of_answer(request, row, target, attribute)
    by_name = row["form"] in ("name", "either") and not (attribute or "").endswith(("Arn", "ARN"))
    if way == "name" or (way != "Ref" and by_name and request.region and _REGION in row.get("arn", _REGION)):
        is_name = way == "name" or (attribute is None and kinds.ref_is_arn(target.type) is False)
        return composed(request, row, f"${{{name}}}", _slash_of(target)) if is_name else None
    return f"${{{name}}}" if way == "Ref" else f"${{{name}.{way}}}"


def _of_answer(request: Request, row: dict[str, Any], target: Resource, attribute: str | None) -> str | None:
    """The ARN for what another resource answers: a nested stack, a custom resource, a parameter in the store."""
    if attribute is None:
        return f"${{{target.logical_id}}}" if kinds.ref_is_arn(target.type) else None
    text = f"${{{target.logical_id}.{attribute}}}"
    if attribute.lower().endswith("arn"):
        return text
    is_open = target.type.startswith(("AWS::CloudFormation::", "Custom::")) or attribute == "Value"
    is_name = row["form"] == "name" or (row["form"] == "either" and attribute.lower().endswith(("name", "id")))
    return composed(request, row, text) if is_open and is_name else None


def _slash_of(target: Resource) -> bool | None:
    """Whether the name of a resource begins with a slash; one that CloudFormation makes does not."""
    node = target.property("Name")
    text = text_of(node)
    return False if node is None else text.startswith("/") if text else None


def _of_parameter(request: Request, row: dict[str, Any], text: str, name: str) -> str | None:
    """The ARN for a parameter of the template, which holds a name, an ARN or a URL, as its own name and its default tell."""
    definition = request.template.parameter(name)
    default = text_of(definition.get("Default")) if definition else None
    if name.lower().endswith("arn") or (default or "").startswith("arn:"):
        return text
    if row["form"] in ("arn", "url") or name.lower().endswith(("url", "uri")):
        return None
    if row["form"] == "either" and not default and not name.lower().endswith(("name", "id")):
        return None
    return composed(request, row, text, default.startswith("/") if default else None)


def _of_url(text: str) -> str | None:
    match = _QUEUE_URL.fullmatch(text)
    if match is None:
        return None
    return f"arn:${{AWS::Partition}}:sqs:{match.group(1) or match.group(2)}:{match.group(3)}:{match.group(4)}"


def composed(request: Request, row: dict[str, Any], name: str, slash: bool | None = None) -> str | None:
    """The ARN of what has a name. ``slash``: whether a name that is not written out begins with one."""
    pattern = row.get("arn")
    if pattern is None or not re.fullmatch(row.get("names", ".*"), name):
        return None
    if row.get("slash"):  # the name begins with a slash or does not, and its ARN has exactly one
        begins = slash if _is_open(name) else name.startswith("/")
        if begins is None:
            return None
        pattern = pattern.replace("/{}", "{}") if begins else pattern
    if "public" in row and name.startswith(row["public"]):  # AWS's own, which is in no account
        pattern = pattern.replace("${AWS::AccountId}", "")
    filled = {"": name}
    for key in _PLACEHOLDER.findall(pattern):
        if key:
            texts = request.texts(key)
            part = _name(row, texts[0]) if texts and len(texts) == 1 else None
            default = row.get("others", {}).get(key) if texts is None and request.call.complete else None
            if part is None and default is None:
                return None
            filled[key] = str(part or default)
    arn = _PLACEHOLDER.sub(lambda match: filled[match.group(1)], pattern)
    return arn.replace(_REGION, request.region) if request.region else arn


def _is_open(name: str) -> bool:
    """Whether a name begins with what the template does not show."""
    return name.startswith("${") and not name.startswith("${AWS::")


def _name(row: dict[str, Any], text: str) -> str | None:
    """The name in a further argument, which may be an ARN too."""
    whole = _WHOLE.fullmatch(text)
    if whole and (whole.group(2) or "").lower().endswith("arn"):
        return f"${{{whole.group(1)}}}"
    if whole and whole.group(1).lower().endswith("arn"):
        return None
    return text.rpartition("/")[2] if text.startswith("arn:") else None if text.startswith(ANY) else text
