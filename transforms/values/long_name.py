"""VAL002: physical names that are too long whatever the stack is called."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
    resource_type,
    table,
    walk,
)
from remediator.transforms.values.pieces import Piece, pieces

_SHORTEST = {"AWS::AccountId": 12, "AWS::Partition": 3, "AWS::Region": 9, "AWS::StackName": 1, "AWS::URLSuffix": 13}
"""The least that a pseudo parameter adds to a name."""

_BEFORE = """\
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Name: !Sub "${AWS::StackName}-application-load-balancer-public"
      Subnets: [subnet-11111111, subnet-22222222]
"""


class NameTooLong(Pass):
    """The physical name of a resource is longer than its service allows.

    Counted is what is known: the texts, parameters with the shortest of the values that the template gives them, an account
    id, the shortest Region, one character for the stack's name. The unsafe fix leaves the name out, if nothing else in the
    template builds it, and CloudFormation makes one up that fits.
    """

    code = "VAL002"
    name = "name-too-long"
    profile = "deploy"
    answers = ("E3033",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",)
    examples = (
        Example(
            "A load balancer",
            _BEFORE,
            _BEFORE.replace('      Name: !Sub "${AWS::StackName}-application-load-balancer-public"\n', ""),
            unsafe=True,
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            row = table("name_lengths").get(resource.type)
            node = resource.property(str(row["property"])) if row else None
            if row is None or node is None:
                continue
            key, longest = str(row["property"]), int(row["longest"])
            path = (*resource.path, "Properties", key)
            length = _shortest(template, node, path)
            if length > longest:
                message = f"the {key} of {resource.logical_id} has {length} characters at least; {longest} are allowed"
                yield self.finding(template, path, node, message, _remedy(template, resource, key, node, longest))


def _shortest(template: Template, node: Node, path: Path) -> int:
    """How long a name is at least."""
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence):
        branches = [(*path, "Fn::If", index) for index in range(1, len(call.argument.items))]
        return max((_shortest(template, call.argument.items[int(each[-1])], each) for each in branches), default=0)
    if call and call.name not in ("Fn::Sub", "Ref", "Fn::Join"):
        return 0
    found = list(pieces(template, node, path))
    between = 0
    if call and call.name == "Fn::Join":
        delimiter, items = found[0].text or "", call.argument.items[1] if isinstance(call.argument, Sequence) else None
        found = found[1:]
        between = len(delimiter) * (len(items.items) - 1) if isinstance(items, Sequence) else 0
    return between + sum(_least(template, each) for each in found)


def _least(template: Template, piece: Piece) -> int:
    if piece.text is not None:
        return len(piece.text)
    definition = template.parameter(piece.name)
    if definition is None:
        return _SHORTEST.get(piece.name, 0)
    default, allowed = definition.get("Default"), definition.get("AllowedValues")
    texts = [default] if isinstance(default, Scalar) else []
    texts += [item for item in allowed.items if isinstance(item, Scalar)] if isinstance(allowed, Sequence) else []
    return min((len(each.value) for each in texts), default=0)


def _remedy(template: Template, resource: Resource, key: str, node: Node, longest: int) -> Remedy | str:
    kind, properties, call = resource_type(resource.type), resource.properties, intrinsic(node)
    droppable = kind is not None and key not in kind.shape.required and not (call and call.name == "Fn::If")
    if properties is None or not droppable or _is_rebuilt(template, resource, node):
        return f"which name of {longest} characters at most should {resource.logical_id} have?"

    def make(builder: EditBuilder) -> None:
        builder.remove_entry(properties, key, (*resource.path, "Properties"))

    return Remedy(
        f"let CloudFormation name {resource.logical_id}",
        make,
        "who knows the name outside of the template has to look it up",
        Applicability.UNSAFE,
    )


def _is_rebuilt(template: Template, resource: Resource, node: Node) -> bool:
    """Whether another text of the template has the same text in it."""
    texts = [each.value for _, each in walk(node) if isinstance(each, Scalar) and len(each.value) > 3]
    return any(
        isinstance(other, Scalar) and any(text in other.value for text in texts)
        for path, other in walk(template.root)
        if path[:2] != resource.path
    )
