"""REF009: exports that have no name."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Copy,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Scalar,
    Sub,
    intrinsic,
)

_BEFORE = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  TopicArn:
    Value: !Ref Topic
    Export: alerts-topic
"""
_AFTER = _BEFORE.replace("Export: alerts-topic", "Export:\n      Name: alerts-topic")


class ExportWithoutName(Pass):
    """The `Export` of an output has no `Name`, and CloudFormation refuses the template.

    A name that stands right behind `Export` goes under `Name`. Where there is no name at all, or nothing behind `Name`, the
    export is called `${AWS::StackName}-` and the output's name, as an unsafe fix: whoever is to import it must know.
    """

    code = "REF009"
    name = "export-without-name"
    profile = "deploy"
    answers = ("E6001", "E6002", "E6102")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",)
    examples = (Example("A name right behind it", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        section = context.template.section("Outputs")
        for entry in section.entries if section else ():
            export = entry.value.entry("Export") if isinstance(entry.value, Mapping) else None
            if export is None or not isinstance(entry.value, Mapping):
                continue
            remedy = _remedy(entry.value, entry.key.value, export)
            if remedy:
                path = ("Outputs", entry.key.value, "Export")
                yield self.finding(context.template, path, export, f"the export of {entry.key.value} has no Name", remedy)


def _remedy(output: Mapping, name: str, export: Entry) -> Remedy | None:
    value, path = export.value, ("Outputs", name)
    if _is_text(value):
        written = value

        def nest(builder: EditBuilder) -> None:
            builder.set_entry(output, "Export", {"Name": Copy(written)}, path)

        return Remedy("put the name under Name", nest, "it is the only name there is")
    named = value.get("Name") if isinstance(value, Mapping) else None
    if named is not None and not (isinstance(named, Scalar) and named.tag is None and not _is_text(named)):
        return None
    if named is None and isinstance(value, Mapping) and value.entries:
        return None
    wish = Sub(f"${{AWS::StackName}}-{name}")

    def call(builder: EditBuilder) -> None:
        if isinstance(value, Mapping) and named is not None:
            builder.replace_entry(value, "Name", "Name", wish, (*path, "Export"))
        else:
            builder.replace_entry(output, "Export", "Export", {"Name": wish}, path)

    why = "whoever imports it has to use the name that is made up here"
    return Remedy("name it after the stack and the output", call, why, Applicability.UNSAFE)


def _is_text(node: Node) -> bool:
    """Whether a node is a name: a text that is not empty, or an intrinsic."""
    if isinstance(node, Scalar) and node.tag is None:
        return node.kind != "null" and bool(node.value)
    return intrinsic(node) is not None
