"""COM002: properties that need another one beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Place,
    Ref,
    Remedy,
    Resource,
    asked,
    parameter_for,
    resource_type,
    show,
)
from remediator.transforms.combinations.known import Known, holds, inner, is_absent
from remediator.transforms.combinations.rows import Row, matches

_BEFORE = """\
Resources:
  Files:
    Type: AWS::EFS::FileSystem
    Properties:
      KmsKeyId: !ImportValue files-key
"""

_SAFE = "nothing else is accepted there, and the template can't be deployed without"
_DEFAULT = "the value of a parameter decides whether it is needed"


class MissingCompanion(Pass):
    """A property needs another one beside it, which the schema does not require: a key is named and encryption is not on, a
    task for Fargate has no network mode.

    The other one is written where it can have only one value. It is unsafe where another value is possible, and asked for
    where only a person knows: a listener for HTTPS needs a certificate, a volume of type `io1` a number of operations.
    Where it is there and contradicts, the report asks which of both is meant.

    The pairs stand in the table `missing_companions`.
    """

    code = "COM002"
    name = "missing-companion"
    profile = "deploy"
    answers = (
        "E3046",
        "E3048",
        "E3056",
        "E3501",
        "E3633",
        "E3636",
        "E3660",
        "E3661",
        "E3671",
        "E3673",
        "E3676",
        "E3678",
        "E3679",
        "E3683",
        "E3686",
        "E3687",
        "E3689",
        "E3692",
        "E3704",
        "E3720",
        "E3723",
    )
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",)
    examples = (Example("A key, and no encryption", _BEFORE, _BEFORE + "      Encrypted: true\n"),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource, place, node, row, known in matches(context, "missing_companions"):
            there = inner(node, row["needs"])
            wrong = holds(template, there, row["wrong"]) if "wrong" in row else Known.NO
            clashes = holds(template, there, row["clash"]) is Known.YES if "clash" in row else False
            if not (is_absent(there) or wrong is Known.YES or clashes):
                continue
            path = (*place.path, *row["needs"].split("."))
            state = "is missing" if is_absent(there) else "has another value"
            at = there or (resource.key if len(place.path) == 3 else node)
            remedy = _clash(row) if clashes else _remedy(resource, place, node, row, known)
            yield self.finding(template, path, at, f"{show(path[1:])} {state}: {row['why']}", remedy)


def _clash(row: Row) -> str:
    others = " and ".join([*row.get("beside", ()), *row.get("when", {})])
    return f"does {row['needs']} hold, or {others}? they contradict each other"


def _remedy(resource: Resource, place: Place, node: Mapping, row: Row, known: Known) -> Remedy | str:
    name = str(row["needs"])
    if row.get("parameter"):
        return _asked(resource, place, node, row)
    if "ask" in row:
        return str(row["ask"])

    def make(builder: EditBuilder) -> None:
        *outer, key = name.split(".")
        mapping = inner(node, ".".join(outer)) if outer else node
        if not isinstance(mapping, Mapping):
            raise CannotEdit(f"{'.'.join(outer)} is not written out")
        value, path = _value(row["value"], resource, node), (*place.path, *outer)
        others = (each.partition(".")[0] for each in (*row.get("beside", ()), *row.get("when", {})))
        beside = next((each for each in others if each in mapping.keys), None)
        if beside and key not in mapping.keys:
            builder.insert_entry(mapping, key, value, path, after=beside)
        else:
            builder.set_entry(mapping, key, value, path)
        for other in row.get("drop", ()):
            if other in node.keys:
                builder.remove_entry(node, other, place.path)

    risk = row.get("risk") or (_DEFAULT if known is Known.BY_DEFAULT else "")
    step = f"write {name} of {show(place.path[1:])}"
    return Remedy(step, make, risk or row.get("safe", _SAFE), Applicability.UNSAFE if risk else Applicability.SAFE)


def _asked(resource: Resource, place: Place, node: Mapping, row: Row) -> Remedy | str:
    """A parameter that asks for the value: whoever deploys has to know it."""
    name = str(row["needs"])
    kind = resource_type(resource.type)
    definition = parameter_for(name, place.shape.properties.get(name), f"{name} of {resource.logical_id}") if kind else None
    if definition is None:
        return str(row["ask"])
    return Remedy(
        f"ask for {name} of {resource.logical_id} with a parameter",
        lambda b: b.set_entry(node, name, asked(b, f"{resource.logical_id}{name}", definition), place.path),
        f"whoever deploys has to answer: {row['ask']}",
        Applicability.UNSAFE,
    )


def _value(pattern: Any, resource: Resource, node: Mapping) -> Any:
    """A value of the table: ``$id`` is the logical id, ``$.Name`` what stands at a neighbour, ``{Ref: …}`` a reference."""
    if isinstance(pattern, dict):
        if pattern.keys() == {"Ref"}:
            return Ref(pattern["Ref"])
        return {key: _value(part, resource, node) for key, part in pattern.items()}
    if not isinstance(pattern, str) or not pattern.startswith("$"):
        return pattern
    if pattern == "$id":
        return resource.logical_id
    other = inner(node, pattern.removeprefix("$."))
    if other is None:
        raise CannotEdit(f"there is no {pattern.removeprefix('$.')}")
    return Copy(other)
