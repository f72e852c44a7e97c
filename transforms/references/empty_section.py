"""REF014: sections with nothing in them."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Entry, Example, Finding, Mapping, Pass, Path, Remedy, Scalar, resource_type
from remediator.transforms.references.sections import SECTIONS

_BEFORE = """\
Parameters:
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
"""
_AFTER = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
"""


class EmptySection(Pass):
    """A section of the template, or `Properties` or `Metadata` of a resource, has a key and nothing behind it; CloudFormation
    refuses templates with `null` values.

    The key goes; comments below it stay. `Properties` of a type that can't do without some are left alone: they are missing.
    """

    code = "REF014"
    name = "empty-section"
    profile = "deploy"
    answers = ("E1001", "E2001", "E3001", "E6003", "E7001", "E8001")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",)
    examples = (Example("Two of them", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for entry in template.root.entries:
            if entry.key.value in SECTIONS and _is_nothing(entry):
                yield self._finding(context, template.root, entry, ())
        for resource in template.resources.values():
            for key in ("Properties", "Metadata"):
                entry_below = resource.node.entry(key)
                known = resource_type(resource.type) if key == "Properties" else None
                if entry_below and _is_nothing(entry_below) and not (known and known.shape.required):
                    yield self._finding(context, resource.node, entry_below, resource.path)

    def _finding(self, context: Context, owner: Mapping, entry: Entry, path: Path) -> Finding:
        key = entry.key.value
        remedy = Remedy(f"remove {key}", lambda builder: builder.remove_entry(owner, key, path), "there is nothing in it")
        return self.finding(context.template, (*path, key), entry, f"{key} has nothing in it", remedy)


def _is_nothing(entry: Entry) -> bool:
    return isinstance(entry.value, Scalar) and entry.value.tag is None and entry.value.kind == "null"
