"""VAL016: logical ids with other characters than letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    CannotEdit,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Pass,
    Reference,
    Remedy,
    Scalar,
    Template,
    walk,
)
from remediator.transforms.values.texts import retext

_ALLOWED = re.compile(r"[A-Za-z0-9]+")

_BEFORE = """\
Resources:
  upload-queue:
    Type: AWS::SQS::Queue
  Uploads:
    Type: AWS::S3::Bucket
    DependsOn: upload-queue
    Properties:
      Tags:
        - Key: queue
          Value: !GetAtt upload-queue.QueueName
"""


class MalformedLogicalId(Pass):
    """The name of a resource, parameter or output has other characters than letters and digits in it.

    CloudFormation refuses the whole template: *Resource name … is non alphanumeric*. The fix leaves those characters out,
    starts the next word with a capital, and follows every reference and the parameter groups of the console. A name that is
    not free gets a number. Nothing is done where a reference is written with escapes.
    """

    code = "VAL016"
    name = "malformed-logical-id"
    profile = "deploy"
    answers = ("E2003", "E3001", "E6004")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",
    )
    examples = (Example("A queue", _BEFORE, _BEFORE.replace("upload-queue", "uploadQueue")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for section in ("Parameters", "Resources", "Outputs"):
            node = template.section(section)
            for entry in node.entries if node else ():
                name = entry.key.value
                if _ALLOWED.fullmatch(name) or name.startswith(("Fn::", "AWS::")) or entry.merged:
                    continue
                message = f"{name} is no name for a {section.lower().removesuffix('s')}: only letters and digits are"
                yield self.finding(template, (section, name), entry, message, _remedy(template, section, entry))


def _remedy(template: Template, section: str, entry: Entry) -> Remedy | str:
    old = entry.key.value
    wish = _camel(old)
    if not wish:
        return "which name should it have?"
    references = [each for each in template.references if each.target == old] if section != "Outputs" else []

    def make(builder: EditBuilder) -> None:
        new = builder.new_logical_id(wish)
        builder.rename_key(entry, new, (section,))
        for each in references:
            _follow(builder, each, old, new)
        if section == "Parameters":
            _follow_in_console(builder, old, new)

    return Remedy(f"name it {wish}, and follow its references", make, "no stack can have anything by the old name")


def _camel(name: str) -> str:
    first, *rest = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word] or [""]
    return first + "".join(word[0].upper() + word[1:] for word in rest)


def _follow(builder: EditBuilder, reference: Reference, old: str, new: str) -> None:
    """Writes the new name where a reference has the old one."""
    if reference.start is None or reference.end is None:
        raise CannotEdit(f"a reference to {old} is written with escapes")
    text = builder.source.text
    start = text.find(old, reference.start, reference.end)
    if start < 0 or text.find(old, start + len(old), reference.end) >= 0:
        raise CannotEdit(f"a reference to {old} is not written out")
    builder.replace_text(start, start + len(old), new, reference.path)


def _follow_in_console(builder: EditBuilder, old: str, new: str) -> None:
    """Writes the new name of a parameter where ``AWS::CloudFormation::Interface`` groups and labels it."""
    metadata = builder.template.section("Metadata")
    for path, node in walk(metadata, ("Metadata",)) if metadata else ():
        if isinstance(node, Scalar) and node.value == old:
            retext(builder, node, new, path)
        entry = node.entry(old) if isinstance(node, Mapping) else None
        if entry is not None:
            builder.rename_key(entry, new, path)
