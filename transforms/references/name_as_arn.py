"""REF007: names of resources where a policy wants their ARNs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Remedy,
    Sub,
    text_of,
)
from remediator.transforms.references import kinds
from remediator.transforms.references.policies import actions, statement_of, statements
from remediator.transforms.references.uses import Use, put_variable, refer, scalar_of, uses

_BEFORE = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:*
            Resource:
              - !Ref Uploads
              - !Sub "${Uploads}/*"
"""
_AFTER = _BEFORE.replace("!Ref Uploads", "!GetAtt Uploads.Arn").replace("${Uploads}", "${Uploads.Arn}")
_ARN_PREFIX = re.compile(r"arn:[^:/]*:[a-z0-9-]+:[^:/]*:[^:/]*:(?:[a-z-]+[/:])?")
_BUCKET_ARN = "arn:${AWS::Partition}:s3:::"


class NameAsArn(Pass):
    """A policy names a bucket, table, queue, function, key or role by what `Ref` returns, which is its name, URL or id, where
    IAM takes ARNs only, and refuses the policy.

    `!Ref Bucket` becomes `!GetAtt Bucket.Arn`, and `${Bucket}/*` becomes `${Bucket.Arn}/*`, in `Resource` and `NotResource`,
    in `Principal: AWS` and in conditions about ARNs. An ARN around an ARN, `arn:aws:s3:::${Bucket.Arn}`, loses the outer one.
    A parameter that plainly holds the name of a bucket gets `arn:…:s3:::` before it. The dependency is there already, so
    no cycle can come of it.

    `arn:aws:s3:::${Bucket}` is right and stays; so do parameters that may hold an ARN.
    """

    code = "REF007"
    name = "name-as-arn"
    profile = "deploy"
    answers = ("E3510", "E3512")
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html",
    )
    examples = (Example("The name of a bucket", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template, known = context.template, statements(context)
        for use in uses(context) if known else ():
            statement = statement_of(use, known)
            remedy = _remedy(context, use, statement) if statement else None
            if remedy:
                message = f"a policy wants an ARN, and this is {_what(context, use)}"
                yield self.finding(template, use.path, use.reference.node, message, remedy)


def _what(context: Context, use: Use) -> str:
    reference = use.reference
    if reference.attribute:
        return "one inside another"
    kind = "parameter" if reference.target in context.template.parameters else "resource"
    return f"what Ref returns for the {kind} {reference.target}"


def _remedy(context: Context, use: Use, statement: Mapping) -> Remedy | None:
    name = use.reference.target
    resource = context.template.resources.get(name)
    if resource is None:
        return _parameter(context, use, statement)
    attribute = kinds.arn_attribute(resource.type)
    if attribute is None or kinds.ref_is_arn(resource.type) is not False:
        return None
    if use.reference.attribute:
        return _twice(use) if use.reference.attribute == attribute else None
    if use.reference.kind == "Ref":
        return Remedy(
            f"use the ARN of {name}",
            lambda builder: refer(builder, use.reference, GetAtt(name, attribute)),
            "IAM refuses anything but an ARN here",
        )
    if not _begins_text(use, "" if resource.type != "AWS::Logs::LogGroup" else "$"):
        return None
    return Remedy(
        f"use the ARN of {name}",
        lambda builder: put_variable(builder, use.reference, f"${{{name}.{attribute}}}"),
        "IAM refuses anything but an ARN here",
    )


def _begins_text(use: Use, end: str) -> bool:
    """Whether a variable begins its text, and what follows is the rest of an ARN or nothing."""
    scalar = scalar_of(use.reference)
    begin = re.escape(f"${{{use.reference.target}}}")
    return scalar is not None and re.match(begin + (end or r"(?:[/:]|$)"), scalar.value) is not None


def _twice(use: Use) -> Remedy | None:
    """``arn:aws:s3:::${Bucket.Arn}/*``: the ARN that is written out around the one that is returned."""
    scalar = scalar_of(use.reference) if use.reference.kind == "Sub" else None
    if scalar is None or use.reference.start is None:
        return None
    variable = f"${{{use.reference.target}.{use.reference.attribute}}}"
    before = scalar.value.partition(variable)[0]
    plain = re.sub(r"\$\{AWS::\w+\}", "", before)
    if not before or not _ARN_PREFIX.fullmatch(plain):
        return None

    def make(builder: EditBuilder) -> None:
        start = use.reference.start or 0
        if not builder.source.text[:start].endswith(before):
            raise CannotEdit("the text is written with escapes")
        builder.replace_text(start - len(before), start, "", use.path)

    return Remedy(f"leave out {before}", make, "the attribute is the whole ARN")


def _parameter(context: Context, use: Use, statement: Mapping) -> Remedy | None:
    """A parameter with the name of a bucket, where the statement is about S3."""
    name = use.reference.target
    if use.reference.attribute or not all(each.startswith("s3:") for each in actions(statement)):
        return None
    if not _holds_bucket_name(context, name):
        return None
    why = f"IAM refuses anything but an ARN here, and {name} holds the name of a bucket"
    step = f"make an ARN of {name}"
    if use.reference.kind == "Ref":
        value = Sub(f"{_BUCKET_ARN}${{{name}}}")
        return Remedy(step, lambda builder: builder.replace(use.reference.node, value, use.place), why)
    if not _begins_text(use, ""):
        return None
    return Remedy(step, lambda builder: put_variable(builder, use.reference, f"{_BUCKET_ARN}${{{name}}}"), why)


def _holds_bucket_name(context: Context, name: str) -> bool:
    """Whether a parameter holds the plain name of a bucket, as its name, its default, its description or its uses say."""
    definition = context.template.parameter(name)
    if definition is None or kinds.is_list(kinds.parameter_type(context.template, name)):
        return False
    said = {key: text_of(definition.get(key)) or "" for key in ("Default", "AllowedPattern", "Description", "Type")}
    if "arn" in f"{said['Default']} {said['AllowedPattern']}".lower() or re.search("arn", name, re.IGNORECASE):
        return False
    if re.search(r"\bARN\b", said["Description"]) or "bucket" not in name.lower():
        return False
    plain = name.lower().endswith("bucketname") or bool(said["Default"]) or re.search(r"\bname of\b", said["Description"], re.I)
    return bool(plain) or any(_names_bucket(use) for use in uses(context) if use.reference.target == name)


def _names_bucket(use: Use) -> bool:
    return use.alone and use.shape is not None and kinds.formats(use.shape) == {"AWS::S3::Bucket.Name"}
