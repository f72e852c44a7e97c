"""REF013: sections whose name is misspelt."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Entry, Example, Finding, Pass, Remedy
from remediator.transforms.references.sections import misspelt

_BEFORE = """\
Parameter:
  Stage:
    Type: String
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Ref Stage
"""


class MisspeltSection(Pass):
    """A key at the top of the template is not a section, but nearly the name of one, such as `Parameter`; CloudFormation
    refuses the template, and what stands there is missing elsewhere.

    The key gets the name of the section, unless the template has that section as well: two can't be made one without
    deciding what counts. A slip of the pen, as in `Paramters`, is as plain as a singular, for there are no other sections.
    """

    code = "REF013"
    name = "misspelt-section"
    profile = "deploy"
    answers = ("E1001",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",)
    examples = (Example("A singular", _BEFORE, _BEFORE.replace("Parameter:", "Parameters:")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for entry, section in misspelt(template):
            key = entry.key.value
            message = f"{key} is not a section of a template; {section} is"
            remedy: Remedy | str = _renaming(entry, section)
            if template.root.entry(section):
                remedy = f"the template has {section} as well: what of `{key}` belongs into it?"
            yield self.finding(template, (key,), entry, message, remedy)


def _renaming(entry: Entry, section: str) -> Remedy:
    why = f"no other section is near, and the template has no {section}"
    return Remedy(f"call it {section}", lambda builder: builder.rename_key(entry, section, ()), why)
