"""Cutting a reference: the name or ARN is rebuilt from the name that the target states itself.

``${Bucket.Arn}`` waits for the bucket as ``!GetAtt`` does; ``arn:${AWS::Partition}:s3:::my-${Stage}-bucket`` does not,
and says the same where the bucket's ``BucketName`` is ``my-${Stage}-bucket``. Only types whose names AWS does not
extend (``physical_names``), and only in places that no service checks at creation (``unchecked_texts``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import (
    VARIABLE,
    Applicability,
    Call,
    Edge,
    EditBuilder,
    Intrinsic,
    Mapping,
    Node,
    Path,
    Ref,
    Resource,
    Scalar,
    Sequence,
    Sub,
    Template,
    UpdateEffect,
    intrinsic,
    is_no_value,
    sub_template,
    table,
    text_of,
    to_value,
    walk,
)
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan, Setup

_PLACEHOLDER = re.compile(r"(?<!\$)\{(\w+)\}")
_PIECES = re.compile(r"(\$\{[^}]*\}|(?<!\$)\{\w+\})")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a reference returns, without the reference: as a value, and as text inside ``Fn::Sub`` where that can be."""

    value: Any
    text: str | None
    waits_for: tuple[str, ...]
    """Resources that the name itself mentions."""


def cuts(component: Component) -> Iterator[Cut]:
    for index, edge in enumerate(component.edges):
        if edge.implied or not is_unchecked(component.type_of(holder(edge)), edge.property_path):
            continue
        target = component.resource(edge.target)
        if target is None:
            continue
        row = table("physical_names").get(target.type, {})
        setup = None
        rebuilt = rebuild(component.template, target, edge.reference.attribute)
        if rebuilt is None and row and target.property(str(row["name"])) is None:
            name = _new_name(target, row)
            setup = _naming(target, row, name) if name else None
            rebuilt = rebuild(component.template, target, edge.reference.attribute, name) if name else None
        if rebuilt and edge.reference.start is not None and (edge.reference.kind != "Sub" or rebuilt.text is not None):
            yield _cut(index, edge, rebuilt, setup)


def holder(edge: Edge) -> str:
    """The resource in whose text a reference stands; for what SAM generates from it, the SAM resource."""
    return str(edge.reference.path[1])


def is_unchecked(kind: str, path: Path) -> bool:
    """Whether a place below a resource of a type is a text that no service looks up at creation."""
    rows = table("unchecked_texts")
    keys = plain_keys(path[1:])
    known = (*rows.get(kind, {}).get("paths", ()), *rows["*"]["paths"])
    return path[:1] == ("Properties",) and any(_leads(pattern.split("."), keys) for pattern in known)


def _leads(pattern: list[str], keys: list[str]) -> bool:
    """Whether keys begin as a pattern says, in which ``*`` is any key."""
    return len(keys) >= len(pattern) and all(wanted in ("*", key) for wanted, key in zip(pattern, keys, strict=False))


def plain_keys(path: Path) -> list[str]:
    """The keys of a path, without list positions and intrinsics."""
    return [step for step in path if isinstance(step, str) and step != "Ref" and not step.startswith("Fn::")]


def _cut(index: int, edge: Edge, rebuilt: Rebuilt, setup: Setup | None) -> Cut:
    attribute = edge.reference.attribute
    what = {None: "name", "Arn": "ARN"}.get(attribute, attribute)
    where = ".".join(plain_keys(edge.property_path[1:]))
    return Cut(
        frozenset({index}),
        COSTS["rebuild a name or ARN from the target's own name"],
        f"write out the {what} of {edge.target} in {holder(edge)} ({where}) instead of referencing it",
        lambda plan: write(plan.builder, edge, rebuilt),
        adds=tuple((edge.source, name) for name in rebuilt.waits_for),
        setup=setup,
        applicability=Applicability.UNSAFE if setup else Applicability.SAFE,
        effect=UpdateEffect.REPLACEMENT if setup else UpdateEffect.NONE,
        risk=f"{edge.target} gets a fixed name, which replaces it in a deployed stack and must be free" if setup else "",
    )


def write(builder: EditBuilder, edge: Edge, rebuilt: Rebuilt) -> None:
    """Writes a rebuilt value where a reference stands."""
    reference = edge.reference
    call = intrinsic(reference.node)
    found = sub_template(call) if call and reference.kind == "Sub" else None
    if found is None or call is None:
        builder.replace(reference.node, rebuilt.value, reference.path[:-1])
        return
    template, _ = found
    text = rebuilt.text or ""
    if "${" not in text and len(VARIABLE.findall(template.value)) == 1 and isinstance(call.argument, Scalar):
        whole = VARIABLE.sub(lambda _: text, template.value)
        if "\n" not in whole:
            builder.replace(reference.node, whole, reference.path[:-1])
            return
    if reference.start is not None and reference.end is not None:
        builder.replace_in_scalar(template, reference.start, reference.end, text, reference.path)


def rebuild(template: Template, target: Resource, attribute: str | None, name: str | None = None) -> Rebuilt | None:
    """What ``Ref`` (no attribute) or ``Fn::GetAtt`` of a resource returns; None where only AWS knows.

    ``name``: the physical name as text for ``Fn::Sub``, for a resource that is about to be given one.
    """
    row = table("physical_names").get(target.type)
    if row is None or any(target.property(other) for other in row.get("unless", ())):
        return None
    if any(target.property(other) is None for other in row.get("needs", ())):
        return None
    pattern = row.get("ref") if attribute is None else row.get("attributes", {}).get(attribute)
    if pattern is None:
        return None
    texts: dict[str, str | None] = {}
    nodes: dict[str, Node] = {}
    for key in _PLACEHOLDER.findall(pattern):
        node = target.property(key)
        if node is not None and not _may_be_absent(node):
            nodes[key], texts[key] = node, as_sub_text(node)
        elif node is None and (key in row.get("defaults", {}) or (name and key == row["name"])):
            texts[key] = name if key == row["name"] else str(row["defaults"][key])
        else:
            return None
    if row.get("case") == "lower" and not _is_lower(texts[row["name"]]):
        return None
    return _rebuilt(template, pattern, texts, nodes)


def _rebuilt(template: Template, pattern: str, texts: dict[str, str | None], nodes: dict[str, Node]) -> Rebuilt | None:
    waits = tuple(dict.fromkeys(name for node in nodes.values() for name in _resources_in(template, node)))
    if None not in texts.values():
        text = _PLACEHOLDER.sub(lambda match: str(texts[match.group(1)]), pattern)
        return Rebuilt(_simplest(text), text, waits)
    if _PLACEHOLDER.fullmatch(pattern):
        return Rebuilt(to_value(next(iter(nodes.values()))), None, waits)
    parts = [_part(piece, texts, nodes) for piece in _PIECES.split(pattern) if piece]
    return Rebuilt(Call("Fn::Join", ["", parts]), None, waits)


def _part(piece: str, texts: dict[str, str | None], nodes: dict[str, Node]) -> Any:
    if piece.startswith("${"):
        return Ref(piece[2:-1])
    match = _PLACEHOLDER.fullmatch(piece)
    if match is None:
        return piece
    text = texts[match.group(1)]
    return _simplest(text) if text is not None else to_value(nodes[match.group(1)])


def _simplest(text: str) -> Any:
    """A text for ``Fn::Sub`` as a plain string or a ``Ref`` where it is no more than that."""
    whole = re.fullmatch(r"\$\{([A-Za-z0-9:]+)\}", text)
    if whole:
        return Ref(whole.group(1))
    return Sub(text) if "${" in text else text


def _may_be_absent(node: Node) -> bool:
    return any(is_no_value(inner) for _, inner in walk(node))


def _is_lower(text: str | None) -> bool:
    if text is None:
        return False
    bare = text.replace("${AWS::AccountId}", "").replace("${AWS::Region}", "")
    return "${" not in bare and bare == bare.lower()


def _resources_in(template: Template, node: Node) -> Iterator[str]:
    start, end = node.start, node.end
    for reference in template.references:
        if start <= reference.node.start and reference.node.end <= end and reference.target in template.resources:
            yield reference.target


def as_sub_text(node: Node) -> str | None:
    """An expression as text for ``Fn::Sub``; None where it can't be written as one."""
    call = intrinsic(node)
    if call is None:
        return node.value.replace("${", "${!") if isinstance(node, Scalar) and node.kind != "null" else None
    argument = call.argument
    if call.name == "Ref":
        return f"${{{text_of(argument)}}}"
    if call.name == "Fn::GetAtt":
        parts = [text_of(item) for item in argument.items] if isinstance(argument, Sequence) else [text_of(argument)]
        return None if None in parts else f"${{{'.'.join(map(str, parts))}}}"
    if call.name == "Fn::Sub":
        return _inlined(call)
    return _joined(argument) if call.name == "Fn::Join" else None


def _inlined(call: Intrinsic) -> str | None:
    """A ``Fn::Sub`` with the values of its own map written in."""
    found = sub_template(call)
    if found is None:
        return None
    template, names = found
    if not names:
        return template.value
    values = call.argument.items[1] if isinstance(call.argument, Sequence) else None
    texts = {name: as_sub_text(node) for name in names if isinstance(values, Mapping) and (node := values.get(name))}
    if None in texts.values():
        return None
    return VARIABLE.sub(lambda match: texts.get(match.group(1).strip()) or match.group(), template.value)


def _joined(argument: Node) -> str | None:
    if not isinstance(argument, Sequence) or len(argument.items) != 2 or not isinstance(argument.items[1], Sequence):
        return None
    delimiter = argument.items[0]
    parts = [as_sub_text(item) for item in argument.items[1].items]
    if None in parts or not isinstance(delimiter, Scalar) or argument.items[1].tag:
        return None
    return delimiter.value.join(map(str, parts))


def _new_name(target: Resource, row: dict[str, Any]) -> str | None:
    """A name for a nameless resource, unique in the account and Region as far as a template can make it."""
    rules = row.get("name_rules")
    if rules is None or any(target.property(other) for other in row.get("unless_naming", ())):
        return None
    if rules["pattern"] == "lowercase":
        room = int(rules["max"]) - len("-111122223333-ap-northeast-1")
        base = re.sub(r"[^a-z0-9]", "", target.logical_id.lower())[:room]
        return f"{base}-${{AWS::AccountId}}-${{AWS::Region}}" if room >= 3 else None
    return f"${{AWS::StackName}}-{target.logical_id}"[: int(rules["max"])]


def _naming(target: Resource, row: dict[str, Any], name: str) -> Setup:
    key = str(row["name"])

    def make(plan: Plan) -> None:
        builder = plan.builder
        if target.properties is not None and target.properties.entries:
            builder.insert_entry(target.properties, key, Sub(name), (*target.path, "Properties"))
        else:
            builder.insert_entry(target.node, "Properties", {key: Sub(name)}, target.path, after="Type")

    step = f"give {target.logical_id} the {key} {name}"
    return Setup(f"{target.logical_id}.{key}", COSTS["give a nameless resource a name"], step, make)
