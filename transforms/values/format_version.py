"""VAL013: a version of the template format, or of the policy language, that there never was."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Example, Finding, Mapping, Pass, Path, Remedy, Scalar, Template, walk
from remediator.transforms.values.texts import retext

_FORMAT = "2010-09-09"
_POLICY = "2012-10-17"
_POLICIES = (_POLICY, "2008-10-17")

_BEFORE = """\
AWSTemplateFormatVersion: '2010-09-01'
Resources:
  Reader:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2024-01-01'
        Statement:
          - Effect: Allow
            Action: s3:ListAllMyBuckets
            Resource: '*'
"""


class UnknownFormatVersion(Pass):
    """`AWSTemplateFormatVersion`, or the `Version` of a policy, is not a version but some other date.

    CloudFormation knows `2010-09-09` only. A policy may say `2012-10-17` or `2008-10-17`; the first has policy variables and
    is what a document with any newer date wants.
    """

    code = "VAL013"
    name = "unknown-format-version"
    profile = "deploy"
    answers = ("E1001", "E3510", "E3512", "E3513")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/format-version-structure.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
    )
    examples = (Example("Both", _BEFORE, _BEFORE.replace("2010-09-01", "2010-09-09").replace("2024-01-01", "2012-10-17")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        version = template.root.get("AWSTemplateFormatVersion")
        if _is_text(version) and isinstance(version, Scalar) and version.value != _FORMAT:
            message = f"there is no template format {version.value}"
            why = "it is the only version of the format"
            yield self._replaced(template, version, ("AWSTemplateFormatVersion",), message, _FORMAT, why)
        for resource in template.resources.values():
            for path, node in walk(resource.properties, (*resource.path, "Properties")) if resource.properties else ():
                said = node.get("Version") if isinstance(node, Mapping) and node.get("Statement") else None
                if _is_text(said) and isinstance(said, Scalar) and said.value not in _POLICIES:
                    message = f"there is no policy version {said.value}, in a policy of {resource.logical_id}"
                    why = "it is the current version of the policy language"
                    yield self._replaced(template, said, (*path, "Version"), message, _POLICY, why)

    def _replaced(self, template: Template, node: Scalar, path: Path, message: str, new: str, why: str) -> Finding:
        remedy = Remedy(f"write {new} instead of {node.value}", lambda b: retext(b, node, new, path), why)
        return self.finding(template, path, node, message, remedy)


def _is_text(node: object) -> bool:
    return isinstance(node, Scalar) and node.tag is None and node.kind != "null" and "{{" not in node.value
