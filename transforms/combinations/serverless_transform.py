"""COM015: templates of the Serverless Application Model that do not say so."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    text_of,
)

_TRANSFORM = "AWS::Serverless-2016-10-31"

_BEFORE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      InlineCode: "def handler(event, context): return 'hello'"
"""
_AFTER = _BEFORE.replace("Resources:", f"Transform: {_TRANSFORM}\nResources:", 1)


class ServerlessTransform(Pass):
    """A template has resources of the Serverless Application Model, or a `Globals` section, and no transform that turns them
    into resources that CloudFormation has.

    The transform is added; one that is written almost like it is corrected.
    """

    code = "COM015"
    name = "serverless-without-transform"
    profile = "deploy"
    answers = ("E3038", "E3066", "E3724")
    sources = (
        "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html",
    )
    examples = (Example("A function", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.is_sam or template.has_custom_macro:
            return
        resources = [each for each in template.resources.values() if _is_serverless(each)]
        shared = template.root.entry("Globals")
        if resources or shared:
            at = resources[0].key if resources else shared
            assert at is not None
            what = resources[0].logical_id if resources else "Globals"
            yield self.finding(template, ("Transform",), at, f"{what} needs the transform {_TRANSFORM}", _remedy(template))


def _is_serverless(resource: Resource) -> bool:
    return resource.type.startswith("AWS::Serverless::") or bool({"Connectors", "IgnoreGlobals"} & resource.node.keys)


def _remedy(template: Template) -> Remedy:
    why = "without it CloudFormation does not know the types"
    node = template.root.get("Transform")
    misspelt = _misspelt(node)
    if misspelt:
        return Remedy("correct the transform", lambda b: b.replace(misspelt, _TRANSFORM, ("Transform",)), why)
    return Remedy("add the transform", lambda b: _add(b, template, node), why)


def _misspelt(node: Node | None) -> Scalar | None:
    """A transform that is the one, but for its date or its case."""
    items = node.items if isinstance(node, Sequence) else (node,)
    for item in items:
        text = text_of(item)
        if isinstance(item, Scalar) and text and text.lower().replace("_", "-").startswith("aws::serverless"):
            return item
    return None


def _add(builder: EditBuilder, template: Template, node: Node | None) -> None:
    root = template.root
    if isinstance(node, Sequence) and node.items:
        builder.append_item(node, _TRANSFORM, ("Transform",))
    elif isinstance(node, Scalar) and node.kind == "str":
        builder.replace(node, [node.value, _TRANSFORM], ("Transform",))
    elif node is not None:
        builder.set_entry(root, "Transform", _TRANSFORM, ())
    else:
        after = "AWSTemplateFormatVersion" if root.entry("AWSTemplateFormatVersion") else None
        builder.insert_entry(root, "Transform", _TRANSFORM, (), after=after)
