"""VAL001: names with upper case, of buckets and other things that must be lower-case."""

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
    Ref,
    Remedy,
    Scalar,
    Sequence,
    Template,
    UpdateEffect,
    intrinsic,
    resource_type,
    walk,
)
from remediator.transforms.values.lower_case import Name, is_prose, lower_case_name, remedy_for_text
from remediator.transforms.values.lower_case_parameter import choices_of, remedy_for_parameter
from remediator.transforms.values.pieces import Piece

_STACK = "AWS::StackName"

_LITERAL = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "Acme_Uploads-${AWS::AccountId}"
  Reader:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub "arn:aws:s3:::Acme_Uploads-${AWS::AccountId}/*"
"""
_STACK_NAME = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${AWS::StackName}-uploads"
      VersioningConfiguration:
        Status: Enabled
"""


class UpperCaseName(Pass):
    """The name of a bucket, repository or search domain has upper case in it, or gets it from the stack's name.

    S3 takes `a-z`, `0-9`, `.` and `-` only, and CloudFormation has no function that lowers a text.

    A text of the template is written in lower case, with `-` for `_`, and so is every S3 address in which the template
    repeats it: nothing by that name can exist yet. The same goes for the default and the allowed values of a parameter
    that names nothing but such things; where a condition or a mapping depends on the parameter, the report asks.

    A name built from `${AWS::StackName}` fails in each stack whose name has upper case, and in no other. The unsafe fix
    drops the name, if the template does not build it a second time: CloudFormation then makes up one from the stack's
    name that is lower-case and unique. (People also write a fixed prefix instead, after which two stacks of the template
    can't stand side by side any more; that is not done here.)
    """

    code = "VAL001"
    name = "upper-case-name"
    profile = "deploy"
    sources = (
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
    )
    examples = (
        Example("Upper case in the text", _LITERAL, _LITERAL.replace("Acme_Uploads", "acme-uploads")),
        Example(
            "The stack's name",
            _STACK_NAME,
            _STACK_NAME.replace('      BucketName: !Sub "${AWS::StackName}-uploads"\n', ""),
            unsafe=True,
        ),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for resource in template.resources.values():
            name = lower_case_name(template, resource)
            for piece in dict.fromkeys(name.pieces) if name else ():
                finding = self._judged(template, name, piece) if name else None
                if finding:
                    yield finding

    def _judged(self, template: Template, name: Name, piece: Piece) -> Finding | None:
        where = f"{name.key} of {name.resource.logical_id}"
        at = piece.node or name.node
        if piece.text is not None and name.refuses(piece.text):
            message = f"{where} has characters that are refused: {piece.text}"
            return self.finding(template, name.path, at, message, remedy_for_text(template, name, piece))
        choices = choices_of(template, piece.name)
        bad = [each.value for each in choices.values() if name.refuses(each.value)]
        if bad:
            message = f"{where} has characters that are refused where {piece.name} is {' or '.join(dict.fromkeys(bad))}"
            return self.finding(template, name.path, at, message, remedy_for_parameter(template, name, piece.name, choices))
        if piece.name == _STACK:
            message = f"{where} is refused in a stack whose name has upper case"
            return self.finding(template, name.path, at, message, _of_stack(template, name))
        return None


def _of_stack(template: Template, name: Name) -> Remedy | str:
    kind = resource_type(name.resource.type)
    if kind is None or name.key in kind.shape.required or _is_rebuilt(template, name):
        return f"which lower-case text should stand in the name of {name.resource.logical_id} instead of the stack's name?"
    properties = name.resource.properties

    def make(builder: EditBuilder) -> None:
        branch = _branch(name.node, name.path)
        if branch is not None:
            builder.replace(branch[0], Ref("AWS::NoValue"), branch[1])
        elif properties is not None:
            builder.remove_entry(properties, name.key, name.path[:-1])

    return Remedy(
        f"let CloudFormation name {name.resource.logical_id}, in lower case",
        make,
        "who knows the name outside of the template has to look it up, and a deployed one is replaced",
        Applicability.UNSAFE,
        UpdateEffect.REPLACEMENT,
    )


def _branch(node: Node, path: Path) -> tuple[Node, Path] | None:
    """The branch of an ``Fn::If`` that has the stack's name in it."""
    call = intrinsic(node)
    if call is None or call.name != "Fn::If" or not isinstance(call.argument, Sequence):
        return None
    for index, branch in enumerate(call.argument.items[1:], 1):
        inner: Path = (*path, "Fn::If", index)
        if any(_STACK in each.value for _, each in walk(branch) if isinstance(each, Scalar)):
            return _branch(branch, inner) or (branch, inner)
    return None


def _is_rebuilt(template: Template, name: Name) -> bool:
    """Whether another text of the template may put the same name together."""
    texts = [each.text for each in name.pieces if each.text and len(each.text.strip("-.")) > 2]
    return any(
        isinstance(node, Scalar) and _STACK in node.value and all(text in node.value for text in texts)
        for path, node in walk(template.root)
        if path[: len(name.path)] != name.path and not is_prose(path)
    )
