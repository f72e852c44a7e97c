"""REF101, REF103: conditions, mappings and parameters that nothing uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remediator.api import Applicability, Context, EditBuilder, Entry, Example, Finding, Pass, Remedy, Template, text_of
from remediator.transforms.references.interface import remove_parameters
from remediator.transforms.references.undefined_condition import mentions
from remediator.transforms.references.undefined_mapping import lookups
from remediator.transforms.references.uses import is_open, uses

_BEFORE = """\
Parameters:
  Stage:
    Type: String
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Equals [!Ref Stage, test]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsProd
"""
_AFTER = _BEFORE.replace("  IsTest: !Equals [!Ref Stage, test]\n", "")
_PARAMETER = """\
Parameters:
  Stage:
    Type: String
  Owner:
    Type: String
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Ref Stage
"""


class UnusedDefinition(Pass):
    """A condition or a mapping is defined, and nothing in the template uses it.

    It goes; what it says has no effect. Mappings stay where an `Fn::FindInMap` has a name that isn't written out, and
    everything stays where macros, includes or loops may use what the template does not show.
    """

    code = "REF101"
    name = "unused-definition"
    profile = "production"
    stage = 2
    answers = ("W7001", "W8001")
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html",)
    examples = (Example("A condition", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if is_open(template):
            return
        used = {node.value for _, node in mentions(template)} | {each.target for each in template.references}
        yield from self._unused(template, "Conditions", used)
        maps = [text_of(items[0]) for _, items in lookups(template)]
        if None not in maps:
            yield from self._unused(template, "Mappings", {str(name) for name in maps})

    def _unused(self, template: Template, section: str, used: set[str]) -> Iterator[Finding]:
        node = template.section(section)
        entries = node.entries if node else ()
        gone = [entry for entry in entries if entry.key.value not in used and not entry.key.value.startswith("Fn::")]
        whole = len(gone) == len(entries) and bool(gone)
        for entry in gone[:1] if whole else gone:
            names = ", ".join(each.key.value for each in (gone if whole else [entry]))
            remedy = Remedy(f"remove {names}", _removing(template, section, entry, whole=whole), "it has no effect")
            yield self.finding(template, (section, entry.key.value), entry, f"nothing uses {names}", remedy)


def _removing(template: Template, section: str, entry: Entry, *, whole: bool) -> Callable[[EditBuilder], None]:
    def make(builder: EditBuilder) -> None:
        node = template.section(section)
        if whole:
            builder.remove_entry(template.root, section, ())
        elif node:
            builder.remove_entry(node, entry.key.value, (section,))

    return make


class UnusedParameter(Pass):
    """A parameter is declared, and nothing in the template uses it: whoever deploys it is asked for a value that has no
    effect.

    To remove it is unsafe, because a deployment that gives it a value fails then. It goes from the interface in `Metadata`,
    too. It stays where macros, includes or loops may use it, or where a text has its name in `${…}`.
    """

    code = "REF103"
    name = "unused-parameter"
    profile = "production"
    stage = 2
    answers = ("W2001",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",)
    examples = (Example("An owner", _PARAMETER, _PARAMETER.replace("  Owner:\n    Type: String\n", ""), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        section = template.section("Parameters")
        if section is None or is_open(template):
            return
        used = {use.reference.target for use in uses(context)}
        gone = [entry for entry in section.entries if not _is_used(template, entry.key.value, used)]
        if gone:
            names = [entry.key.value for entry in gone]
            remedy = Remedy(
                f"remove {', '.join(names)}",
                lambda builder: remove_parameters(builder, template, names),
                "a deployment that gives it a value fails" if len(gone) == 1 else "a deployment that gives them values fails",
                Applicability.UNSAFE,
            )
            path = ("Parameters", names[0])
            yield self.finding(template, path, gone[0], f"nothing uses {', '.join(names)}", remedy)


def _is_used(template: Template, name: str, used: set[str]) -> bool:
    text = template.source.text
    return name in used or f"${{{name}}}" in text or name.startswith("Fn::")
