"""Names that have to be lower-case, and writing a text of one in lower case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    EditBuilder,
    Node,
    Path,
    Remedy,
    Resource,
    Scalar,
    Template,
    table,
    walk,
)
from remediator.transforms.values.pieces import Piece, pieces

_ADDRESS = re.compile(r":s3:::|s3://|\.s3[.-]")
"""What makes a text an address in S3."""
_PROSE = ("Tags", "Metadata", "Comment")
"""Below these a text is for people; so it is below every key that ends with ``Description``."""
_REFERENCES = ("Ref", "Fn::GetAtt", "Condition", "DependsOn", "Type")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that has to be lower-case: where it stands, and what it is put together from."""

    resource: Resource
    key: str
    node: Node
    pieces: tuple[Piece, ...]
    allowed: re.Pattern[str]

    @property
    def path(self) -> Path:
        return (*self.resource.path, "Properties", self.key)

    def refuses(self, text: str) -> bool:
        return self.allowed.fullmatch(text) is None

    def mended(self, text: str) -> str | None:
        """The text in characters that are allowed; None where more than case and underscores is wrong."""
        lower = text.lower()
        lower = lower if not self.refuses(lower) else lower.replace("_", "-")
        return None if self.refuses(lower) else lower


def is_prose(path: Path) -> bool:
    return any(step in _PROSE or (isinstance(step, str) and step.endswith("Description")) for step in path)


def lower_case_name(template: Template, resource: Resource) -> Name | None:
    row = table("lower_case_names").get(resource.type)
    node = resource.property(str(row["property"])) if row else None
    if row is None or node is None:
        return None
    key = str(row["property"])
    found = tuple(pieces(template, node, (*resource.path, "Properties", key)))
    return Name(resource, key, node, found, re.compile(f"[{row['characters']}]*"))


def remedy_for_text(template: Template, name: Name, piece: Piece) -> Remedy | str:
    old = piece.text or ""
    new = name.mended(old)
    if new is None:
        return f"which name should {name.resource.logical_id} have, in the characters {name.allowed.pattern[1:-2]}?"
    repeated, doubtful = _repeated(template, name, old)

    def make(builder: EditBuilder) -> None:
        piece.write(builder, new)
        for each in repeated:
            each.write(builder, new)

    step = f"write {new} instead of {old} in the name of {name.resource.logical_id}"
    if repeated:
        step += " and in what repeats it"
    if doubtful or piece.path[0] != "Resources":
        return Remedy(step, make, f"other texts with {old} in them may mean the same name", Applicability.UNSAFE)
    return Remedy(step, make, "no such thing can exist under the old name")


def _repeated(template: Template, name: Name, text: str) -> tuple[list[Piece], bool]:
    """The S3 addresses and texts that repeat a text of a name, and whether they may also mean something else."""
    found, doubtful = [], False
    for path, node in walk(template.root):
        if not isinstance(node, Scalar) or path[: len(name.path)] == name.path or is_prose(path) or _is_reference(path, node):
            continue
        for match in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])", node.value):
            is_address = name.key == "BucketName" and _ADDRESS.search(node.value) is not None
            doubtful = doubtful or not is_address
            if is_address or node.value == text:
                found.append(Piece(text, node, match.start(), path if node.tag is None else (*path, f"Fn::{node.tag[1:]}")))
    return found, doubtful


def _is_reference(path: Path, node: Scalar) -> bool:
    """Whether a scalar is the name of another part of the template, or of a type."""
    return node.tag in ("!Ref", "!GetAtt", "!Condition") or any(step in _REFERENCES for step in path[-2:])
