"""What is meant by an attribute that a resource type does not have."""

from __future__ import annotations

from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Copy,
    EditBuilder,
    GetAtt,
    Node,
    Ref,
    Resource,
    Scalar,
    Sequence,
    Sub,
    intrinsic,
    is_no_value,
    resource_type,
    table,
)
from remediator.transforms.references import kinds
from remediator.transforms.references.naming import nearest, squashed
from remediator.transforms.references.uses import Use, put_variable, refer, write_word

_SURE = "the type has it under this name, and the one asked for does not exist"


@dataclass(frozen=True, slots=True)
class Instead:
    """What an attribute becomes: another ``attribute``, a ``text`` for ``Fn::Sub``, a ``copy`` of a value, or else ``Ref``."""

    attribute: str = ""
    text: str = ""
    copy: Node | None = None
    why: str = _SURE
    level: Applicability = Applicability.SAFE

    def step(self, name: str) -> str:
        if self.copy:
            return f"write what the property of {name} is set to"
        return f"use {self.attribute}" if self.attribute else f"write {self.text}" if self.text else f"use Ref {name}"

    def write(self, builder: EditBuilder, use: Use) -> None:
        reference, name = use.reference, use.reference.target
        if reference.kind == "Sub":
            put_variable(builder, reference, self.text or f"${{{name}{'.' if self.attribute else ''}{self.attribute}}}")
        elif self.attribute:
            _other_attribute(builder, use, self.attribute)
        elif self.copy:
            builder.replace(reference.node, Copy(self.copy), use.place)
        elif self.text:
            builder.replace(reference.node, Sub(self.text) if "${" in self.text else self.text, use.place)
        else:
            refer(builder, reference, Ref(name))


def _other_attribute(builder: EditBuilder, use: Use, attribute: str) -> None:
    """Changes the attribute where it stands, so that lists stay lists and dots stay dots."""
    reference = use.reference
    call = intrinsic(reference.node)
    argument = call.argument if call else None
    if isinstance(argument, Sequence) and len(argument.items) == 2:
        write_word(builder, argument.items[1], attribute, use.path)
        return
    written = builder.source.text[reference.node.start : reference.node.end]
    old = f"{reference.target}.{reference.attribute}"
    if written.count(old) == 1:
        start = reference.node.start + written.index(old) + len(reference.target) + 1
        builder.replace_text(start, start + len(reference.attribute or ""), attribute, use.path)
    else:
        refer(builder, reference, GetAtt(reference.target, attribute))


def instead(resource: Resource, use: Use) -> Instead | None:
    """What to write instead of an unknown attribute; None where that can't be told."""
    asked, kind = use.reference.attribute or "", resource.type
    known = resource_type(kind)
    if known is None:
        return None
    fact = table("references_attributes").get(kind, {}).get(asked)
    if fact == "Ref":
        return Instead(why="Ref returns it")
    if fact:
        is_attribute = fact in known.attributes
        return (
            Instead(attribute=fact)
            if is_attribute
            else Instead(text=fact.replace("Self", resource.logical_id), why="AWS documents it")
        )
    by_letters = {squashed(each): each for each in known.attributes}
    last = squashed(kind.rpartition("::")[2])
    wish = squashed(asked)
    for form in (wish, last + wish, wish.removeprefix(last)):
        if form in by_letters:
            return Instead(attribute=by_letters[form])
    return _identifier(kind, wish, last) or _own_property(resource, use) or _near(kind, asked)


def _identifier(kind: str, wish: str, last: str) -> Instead | None:
    """What ``Ref`` returns, where that is asked for as an attribute: the name or the ARN."""
    arn = kinds.arn_attribute(kind)
    if wish in ("arn", f"{last}arn"):
        if arn:
            return Instead(attribute=arn)
        return Instead(why="Ref returns the ARN") if kinds.ref_is_arn(kind) else None
    identifiers = kinds.identifiers(kind)
    if len(identifiers) != 1:
        return None
    own = squashed(identifiers[0])
    return Instead(why=f"Ref returns {identifiers[0]}") if wish == own or wish in (own.removeprefix(last), last + own) else None


def _own_property(resource: Resource, use: Use) -> Instead | None:
    """The value of a property that is asked for as if it were an attribute."""
    value = resource.property(use.reference.attribute or "")
    if value is None or use.reference.kind != "GetAtt" or is_no_value(value):
        return None
    call = intrinsic(value)
    simple = call.name in ("Ref", "Fn::Sub") and isinstance(call.argument, Scalar) if call else isinstance(value, Scalar)
    return Instead(copy=value, why="it is what the template sets the property to") if simple else None


def _near(kind: str, asked: str) -> Instead | None:
    known = resource_type(kind)
    names, _ = nearest(asked, known.attributes if known else (), "attribute")
    if len(names) != 1:
        return None
    return Instead(
        attribute=names[0], why=f"{names[0]} is taken to be meant: no other attribute is near", level=Applicability.UNSAFE
    )
