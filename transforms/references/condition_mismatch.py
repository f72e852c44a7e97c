"""REF008: things that need what is only there under a condition."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Call,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    Template,
    to_value,
)
from remediator.transforms.references.conditions import is_guarded, strongest
from remediator.transforms.references.uses import Use, is_open, uses

_BEFORE = """\
Parameters:
  Stage:
    Type: String
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Topic:
    Type: AWS::SNS::Topic
  Backup:
    Type: AWS::S3::Bucket
    Condition: IsProd
Outputs:
  BackupBucket:
    Value: !Ref Backup
"""
_AFTER = _BEFORE.replace("  BackupBucket:\n", "  BackupBucket:\n    Condition: IsProd\n")


class ConditionMismatch(Pass):
    """An output, or a resource that is always there, refers to a resource that is there under a condition only. Where the
    condition is false, CloudFormation stops with "unresolved resource dependencies".

    An output gets the condition of what it puts out: where it holds, nothing changes. The other fixes are unsafe, because
    somebody has to want it that way:

    - a property that may be missing is left out where the condition is false, and so is the item of a list;
    - a resource that can't be without what it refers to, and that nothing else needs, gets the condition itself;
    - a name in `DependsOn` becomes a reference in the resource's `Metadata` inside `Fn::If`, which waits just the same.

    Everything else is a question. What has a condition of its own, or is inside `Fn::If`, is left alone.
    """

    code = "REF008"
    name = "condition-mismatch"
    profile = "deploy"
    answers = ("E3005", "W1001")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-condition.html",
    )
    examples = (Example("An output", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if is_open(template):
            return
        outputs: dict[str, list[Use]] = {}
        for use in uses(context):
            target = template.resources.get(use.reference.target)
            if target is None or target.condition not in template.conditions or is_guarded(use.path):
                continue
            if use.path[0] == "Outputs":
                outputs.setdefault(str(use.path[1]), []).append(use)
            elif use.owner and use.owner.condition is None:
                message = f"{use.owner.logical_id} is always there, and {target.logical_id} only under {target.condition}"
                remedy = _resource(context, use, use.owner, target.condition)
                yield self.finding(template, use.path, use.reference.node, message, remedy)
        for name, members in outputs.items():
            yield from self._output(template, name, members)

    def _output(self, template: Template, name: str, members: list[Use]) -> Iterator[Finding]:
        section = template.section("Outputs")
        output = section.get(name) if section else None
        if not isinstance(output, Mapping) or output.get("Condition") is not None:
            return
        needed = list(dict.fromkeys(template.resources[use.reference.target].condition or "" for use in members))
        message = f"{name} puts out what is there under {' and '.join(needed)} only"
        condition = strongest(template, needed)
        remedy: Remedy | str = f"which condition should {name} have? It needs {' and '.join(needed)}"
        if condition:
            after = "Description" if output.entry("Description") else None
            remedy = Remedy(
                f"give it the condition {condition}",
                lambda builder: builder.insert_entry(output, "Condition", condition, ("Outputs", name), after=after),
                "where the condition holds nothing changes, and where it does not the stack could not be deployed",
            )
        yield self.finding(template, members[0].path, members[0].reference.node, message, remedy)


def _resource(context: Context, use: Use, owner: Resource, condition: str) -> Remedy | str:
    if use.reference.kind == "DependsOn":
        return _wait(owner, use.reference.target, condition)
    if use.alone and _may_be_missing(context, use):
        value = Call("Fn::If", [condition, to_value(use.reference.node), Ref("AWS::NoValue")])
        return Remedy(
            f"leave it out where {condition} is false",
            lambda builder: builder.replace(use.reference.node, value, use.place),
            f"where {condition} is false, {owner.logical_id} is made without it",
            Applicability.UNSAFE,
        )
    needed = any(edge.target == owner.logical_id for edge in context.graph.edges) or _is_put_out(context, owner)
    if use.alone and not needed:
        return Remedy(
            f"give {owner.logical_id} the condition {condition}",
            lambda builder: builder.insert_entry(owner.node, "Condition", condition, owner.path, after="Type"),
            f"{owner.logical_id} can't be without it, and is taken to be wanted together with it",
            Applicability.UNSAFE,
        )
    return f"what should {owner.logical_id} have at {use.property_name} where {condition} is false?"


def _wait(owner: Resource, name: str, condition: str) -> Remedy:
    def make(builder: EditBuilder) -> None:
        builder.drop_depends_on(owner, name)
        key, value = f"WaitsFor{name}", Call("Fn::If", [condition, Ref(name), ""])
        metadata = owner.node.get("Metadata")
        if isinstance(metadata, Mapping) and metadata.entries:
            builder.set_entry(metadata, key, value, (*owner.path, "Metadata"))
        else:
            builder.insert_entry(owner.node, "Metadata", {key: value}, owner.path, after="Type")

    why = f"where {condition} is false, {owner.logical_id} is made without {name}"
    return Remedy(f"wait for {name} where {condition} holds only", make, why, Applicability.UNSAFE)


def _may_be_missing(context: Context, use: Use) -> bool:
    """Whether the resource can do without the value: it is an item of a list, or a property that isn't required."""
    last, parent = use.place[-1], use.place[:-1]
    if isinstance(last, int):
        return use.shape is not None
    shape = next((place.shape for _, place in context.places if place.path == parent), None)
    return shape is not None and last in shape.properties and last not in shape.required


def _is_put_out(context: Context, owner: Resource) -> bool:
    return any(use.reference.target == owner.logical_id and use.path[0] == "Outputs" for use in uses(context))
