"""REF012: mappings, and keys of mappings, that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    text_of,
    walk,
)
from remediator.transforms.references import sections
from remediator.transforms.references.naming import Nearness, nearest
from remediator.transforms.references.uses import is_open

_BEFORE = """\
Mappings:
  Sizes:
    prod:
      Retention: "30"
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: !FindInMap [sizes, prod, Retention]
"""


class UndefinedMapping(Pass):
    """`Fn::FindInMap` names a mapping, or a key of one, that the template does not have, and CloudFormation refuses it.

    The name becomes that of the only mapping, or key, with the same letters. One that differs by a slip of the pen, a plural
    or an abbreviation is a guess, and unsafe. Otherwise only the author knows what should stand there. Keys that are not
    written out are left alone, and so is `Fn::FindInMap` with a default value.
    """

    code = "REF012"
    name = "undefined-mapping"
    profile = "deploy"
    answers = ("E1011",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html",
    )
    examples = (Example("Other capitals", _BEFORE, _BEFORE.replace("[sizes", "[Sizes")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for path, items in lookups(template) if not is_open(template) else ():
            found = _missing(template, items)
            if found:
                index, node, candidates = found
                what = "mapping" if index == 0 else "key of a mapping"
                where = (*path, index)
                message = f"there is no {what} {node.value}"
                yield self.finding(template, where, node, message, _remedy(where, node, candidates, what))


def lookups(template: Template) -> Iterator[tuple[Path, tuple[Node, ...]]]:
    """Every ``Fn::FindInMap`` with a mapping and two keys, and no default."""
    for path, node in walk(template.root):
        call = intrinsic(node)
        if call and call.name == "Fn::FindInMap" and isinstance(call.argument, Sequence) and len(call.argument.items) == 3:
            yield (*path, "Fn::FindInMap"), call.argument.items


def _missing(template: Template, items: tuple[Node, ...]) -> tuple[int, Scalar, tuple[str, ...]] | None:
    """The first name that leads nowhere, and what there is instead."""
    section = template.section("Mappings")
    node: Node | None = section
    if section is not None and any(entry.key.value.startswith("Fn::") for entry in section.entries):
        return None
    for index, item in enumerate(items):
        if not isinstance(item, Scalar) or text_of(item) is None or (index and not isinstance(node, Mapping)):
            return None
        names = tuple(entry.key.value for entry in node.entries) if isinstance(node, Mapping) else ()
        if item.value not in names:
            return None if not index and item.value in sections.misplaced(template) else (index, item, names)
        node = node.get(item.value) if isinstance(node, Mapping) else None
    return None


def _remedy(path: Path, node: Scalar, candidates: tuple[str, ...], what: str) -> Remedy | str:
    names, level = nearest(node.value, candidates, "mapping")
    if len(names) != 1:
        return f"which value should stand here? There is no {what} `{node.value}`, and none that is near"
    name = names[0]

    def make(builder: EditBuilder) -> None:
        start = node.start + builder.source.text[node.start : node.end].index(node.value)
        builder.replace_text(start, start + len(node.value), name, path)

    if level is Nearness.CASE:
        return Remedy(f"name {name}", make, f"{name} is the only {what} with these letters")
    return Remedy(f"name {name}", make, f"{name} is taken to be meant: no other {what} is near", Applicability.UNSAFE)
