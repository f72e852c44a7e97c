"""The places where a template mentions its parameters and resources, and how such a mention is changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from remediator.api import (
    CannotEdit,
    Context,
    EditBuilder,
    GetAtt,
    Mapping,
    Node,
    Path,
    Ref,
    Reference,
    Resource,
    Scalar,
    Shape,
    Sub,
    Template,
    intrinsic,
)

LOGICAL_ID = re.compile(r"[A-Za-z0-9]+")
_SECTIONS = ("Conditions", "Globals", "Outputs", "Resources", "Rules")
_LOOPS = "Fn::ForEach"


@dataclass(frozen=True, slots=True)
class Use:
    """One mention of a name. ``shape``: what may stand where the mention stands alone; None in a text or where unknown."""

    reference: Reference
    owner: Resource | None
    shape: Shape | None
    misplaced: bool = False
    """Whether it stands in a property that the type of the resource does not have."""

    @property
    def path(self) -> Path:
        return self.reference.path

    @property
    def place(self) -> Path:
        """The path of the value that the mention is: that of the intrinsic, without its name."""
        return self.path if self.reference.kind == "DependsOn" else self.path[:-1]

    @property
    def property_name(self) -> str:
        """The last property on the way to the mention."""
        steps = [step for step in self.place[2:] if isinstance(step, str) and not step.startswith("Fn::")]
        return steps[-1] if steps else ""

    @property
    def alone(self) -> bool:
        """Whether the mention is the whole value rather than a part of a text or of an expression."""
        return self.reference.kind in ("Ref", "GetAtt") and not any(
            str(step).startswith("Fn::") and step != "Fn::If" for step in self.place
        )


@lru_cache(maxsize=1)  # the passes of this folder look at one template after the other
def uses(context: Context) -> tuple[Use, ...]:
    """Every mention in the sections that CloudFormation evaluates, in the order of the template."""
    template = context.template
    shapes = {place.path: place.shape for _, place in context.places}
    found = []
    for reference in template.references:
        if reference.path[0] not in _SECTIONS:
            continue
        owner = template.resources.get(str(reference.path[1])) if reference.path[0] == "Resources" else None
        shape = shapes.get(reference.path[:-1]) if reference.kind in ("Ref", "GetAtt") else None
        found.append(Use(reference, owner, shape, _in_no_property(reference.path, shapes)))
    return tuple(sorted(found, key=lambda use: use.reference.node.start))


def _in_no_property(path: Path, shapes: dict[Path, Shape]) -> bool:
    for length in range(3, len(path)):
        shape, step = shapes.get(path[:length]), path[length]
        if shape and shape.closed and isinstance(step, str) and not step.startswith("Fn::") and step not in shape.properties:
            return step not in ("Ref", "Condition")
    return False


def is_open(template: Template) -> bool:
    """Whether names may come from what the template does not show: macros, includes, loops, the modules of ``rain``."""
    keys = [entry.key.value for name in ("Resources", "Parameters") for entry in _entries(template, name)]
    loops = "AWS::LanguageExtensions" in template.transforms and _LOOPS in template.source.text
    modules = "Rain::" in template.source.text
    return template.has_custom_macro or loops or modules or any(key.startswith("Fn::") for key in (*template.meaning, *keys))


def _entries(template: Template, section: str) -> tuple[Any, ...]:
    node = template.section(section)
    return node.entries if node else ()


def generating(template: Template) -> tuple[str, ...]:
    """Resources that become several, whose names begin with theirs: those of SAM, and modules."""
    found = [each.logical_id for each in template.resources.values() if _generates(each)]
    return (
        (*found, "ServerlessRestApi", "ServerlessHttpApi", "ServerlessDeployment", "CodeDeploy")
        if template.is_sam
        else (*found,)
    )


def _generates(resource: Resource) -> bool:
    return not resource.type or resource.type.startswith("AWS::Serverless::") or resource.type.endswith("::MODULE")


def rename(builder: EditBuilder, reference: Reference, name: str) -> None:
    """Lets a mention name something else; the rest of it stays as it is written."""
    source, path = builder.source.text, reference.path
    start, end = reference.node.start, reference.node.end
    if reference.kind == "Sub":
        start, end = _variable(reference)
    text = source[start:end]
    if reference.kind == "GetAtt":
        start += text.index("GetAtt") + len("GetAtt")
        text = source[start:end]
    written = re.escape(reference.target)
    found = list(re.finditer(rf"(?<![A-Za-z0-9]){written}(?![A-Za-z0-9])", text))
    if not found:
        raise CannotEdit(f"{reference.target} is written with escapes")
    match = found[0] if reference.kind in ("GetAtt", "Sub") else found[-1]
    builder.replace_text(start + match.start(), start + match.end(), name, path)


def _variable(reference: Reference) -> tuple[int, int]:
    if reference.start is None or reference.end is None:
        raise CannotEdit("the text is written with escapes")
    return reference.start, reference.end


def refer(builder: EditBuilder, reference: Reference, value: Ref | GetAtt | Sub) -> None:
    """Puts another intrinsic where a ``Ref`` or ``Fn::GetAtt`` is, in the same form."""
    node, path = reference.node, reference.path[:-1]
    call = intrinsic(node)
    if call is None or reference.start is None:
        raise CannotEdit("it shares its text with another intrinsic")
    if node.tag is None and isinstance(node, Mapping) and not builder.source.is_json:
        builder.replace_entry(node, call.name, *_long_form(value), path)
    else:
        builder.replace(node, value, path)


def _long_form(value: Ref | GetAtt | Sub) -> tuple[str, Any]:
    if isinstance(value, Ref):
        return "Ref", value.name
    return ("Fn::Sub", value.text) if isinstance(value, Sub) else ("Fn::GetAtt", [value.name, value.attribute])


def put_variable(builder: EditBuilder, reference: Reference, text: str) -> None:
    """Writes another text where ``${Name}`` is inside a ``Fn::Sub``."""
    start, end = _variable(reference)
    builder.replace_text(start, end, text, reference.path)


def write_word(builder: EditBuilder, node: Node, word: str, path: Path) -> None:
    """Writes a name of letters, digits and dots, which YAML needs no quotes for, not even in brackets."""
    if builder.source.is_json or not re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*", word):
        builder.replace(node, word, path)
    else:
        builder.replace_text(node.start, node.end, word, path)


def scalar_of(reference: Reference) -> Scalar | None:
    """The text that a ``Fn::Sub`` variable stands in."""
    call = intrinsic(reference.node)
    argument = call.argument if call else None
    if argument is not None and not isinstance(argument, (Scalar, Mapping)) and argument.items:
        argument = argument.items[0]
    return argument if isinstance(argument, Scalar) else None
