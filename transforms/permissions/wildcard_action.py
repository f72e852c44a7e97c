"""IAM003: statements that allow all actions of a service, or of all services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Remedy,
    Sequence,
    intrinsic,
    text_of,
)
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.held import WHOLE, grants, is_held, written
from remediator.transforms.permissions.overlap import are_apart, distinct, matches
from remediator.transforms.permissions.proposal import Proposed, of_needs, value
from remediator.transforms.permissions.removal import remove
from remediator.transforms.permissions.statements import PolicyStatement, is_boundary, policy_statements
from remediator.transforms.permissions.work import (
    Work,
    because,
    idle_services,
    is_role,
    placeholder,
    too_many,
    why_unknown,
    work_of,
)
from remediator.transforms.permissions.writing import writable
from remediator.transforms.usage.needs import Need
from remediator.transforms.wiring.sources import arn_value

_TEMPLATE = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket

  Thumbnails:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt ThumbnailsRole.Arn
      Environment:
        Variables:
          BUCKET: !Ref Uploads
      Code:
        ZipFile: |
          import os
          import boto3

          s3 = boto3.client("s3")

          def handler(event, context):
              s3.put_object(Bucket=os.environ["BUCKET"], Key=event["id"], Body=event["text"])

  ThumbnailsRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
      Policies:
        - PolicyName: files
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
"""
_BEFORE = '                Action: s3:*\n                Resource: "*"\n'
_AFTER = '                Action: s3:PutObject\n                Resource: !Sub "${Uploads.Arn}/*"\n'


@dataclass(frozen=True, slots=True)
class _Case:
    """A statement, the wildcards among its actions, and the needs that only they meet."""

    statement: PolicyStatement
    wildcards: dict[int, str]
    needs: list[Need]


class WildcardAction(Pass):
    """A statement allows all actions of a service (`s3:*`), or everything (`*`): what its holder never asks for, deleting
    included, is open to whoever gets hold of it.

    Where the template shows everything that the roles with this statement are needed for, the code of their functions
    included, the needed actions come instead of the wildcard. On any resource (`"*"`) they come with the resources that they
    are needed for; resources that the author named stay. That is `safe` where it is known of each action what it is needed
    for, and `unsafe` where it is given for the account instead, or where nothing of what the statement allows is needed.

    Where something of the work is not known, the statement stays, and the report says what that is. Left alone are patterns
    such as `s3:Get*`, which somebody chose; what denies; permissions boundaries; policies of buckets, keys and other
    resources; and policies that no role of the template has.
    """

    code = "IAM003"
    name = "wildcard-action"
    profile = "secure"
    stage = 5
    answers = (
        "CKV_AWS_62",
        "CKV_AWS_63",
        "CKV_AWS_107",
        "CKV_AWS_108",
        "CKV_AWS_109",
        "CKV_AWS_110",
        "CKV_AWS_111",
        "F3",
        "F4",
        "F5",
    )
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
    )
    examples = (
        Example("A function that writes to a bucket", _TEMPLATE + _BEFORE, _TEMPLATE + _AFTER),
        Example("A choice of actions", _TEMPLATE + _AFTER.replace("PutObject", "Put*")),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for statement in policy_statements(template):
            wildcards = wildcards_of(statement)
            if not wildcards or not statement.holders or is_boundary(template, statement.resource):
                continue
            if all(is_role(context, each) for each in statement.holders):
                message = f"{statement.resource.logical_id} allows {', '.join(dict.fromkeys(wildcards.values()))}"
                action = statement.node.get("Action") or statement.node
                remedy = _remedy(context, statement, wildcards)
                related = tuple(each.path for each in (statement.resource, *statement.holders))
                yield self.finding(template, statement.path, action, message, remedy, related)


def wildcards_of(statement: PolicyStatement) -> dict[int, str]:
    """The actions of an allowing statement that are all of a service or of all, by their place in the list."""
    if not statement.allows or statement.node.get("NotAction") or statement.node.get("NotResource"):
        return {}
    texts = [text_of(each) or "" for each in written(statement.node.get("Action"))]
    return {index: text for index, text in enumerate(texts) if WHOLE.fullmatch(text)}


def _remedy(context: Context, statement: PolicyStatement, wildcards: dict[int, str]) -> Remedy | str:
    if statement.others:
        return f"{statement.resource.logical_id} is not only for roles of this template; which rights do the others need?"
    work = work_of(context, statement.holders)
    if work.gaps:
        return why_unknown(context.template, work)
    if not work.users:
        return f"nothing in the template uses {statement.holders[0].logical_id}; what is it needed for?"
    if work.stubs:
        return placeholder(work)
    idle = idle_services(work, wildcards.values())
    if idle:
        return f"nothing in the template shows what {statement.holders[0].logical_id} needs {', '.join(idle)} for"
    case = _Case(statement, wildcards, _lacking(context, statement, wildcards, work))
    if not case.needs and len(wildcards) == len(written(statement.node.get("Action"))):
        return _removal(case)
    many = too_many(case.needs, statement.holders[0])
    proposed = many or (writable(context, statement.resource, of_needs(case.needs)) if _is_open(statement) else [])
    if isinstance(proposed, str):
        return proposed
    actions = list(dict.fromkeys(need.action for need in case.needs))
    exact = all(each.is_exact for each in proposed)
    return Remedy(
        f"allow {', '.join(actions) or 'nothing more'} instead of {', '.join(dict.fromkeys(wildcards.values()))}",
        lambda builder: _make(builder, case, actions, proposed),
        why=because(work, *(each.logical_id for each in statement.holders), exact=exact),
        applicability=Applicability.SAFE if exact else Applicability.UNSAFE,
    )


def _lacking(context: Context, statement: PolicyStatement, wildcards: dict[int, str], work: Work) -> list[Need]:
    """The needs that the wildcards of a statement meet and nothing else of one of its holders does."""
    held = [grants(context, role) for role in statement.holders]
    own = distinct(context.template)
    resources = [as_sub_text(each) or "*" for each in written(statement.node.get("Resource"))] or ["*"]

    def is_met(need: Need) -> bool:
        named = any(matches(pattern, need.action) for pattern in wildcards.values())
        apart = need.resources and all(are_apart(one, other, own) for one in need.resources for other in resources)
        return named and not apart and not all(is_held(context.template, each, need) for each in held)

    return [need for need in work.needs if is_met(need)]


def _is_open(statement: PolicyStatement) -> bool:
    """Whether a statement is for any resource, so that its actions are to be given their own."""
    texts = [text_of(each) for each in written(statement.node.get("Resource"))]
    return "*" in texts and statement.node.get("Condition") is None


def _removal(case: _Case) -> Remedy:
    statement = case.statement
    return Remedy(
        f"take the statement away, for {' and '.join(each.logical_id for each in statement.holders)} needs nothing of it",
        lambda builder: remove(builder, [statement]),
        why="its author may have meant it for something that the template does not show",
        applicability=Applicability.UNSAFE,
    )


def _make(builder: EditBuilder, case: _Case, actions: list[str], proposed: list[Proposed]) -> None:
    """Writes the needed actions where the wildcards were; with their own resources, if there are any."""
    statement, whole = case.statement, len(case.wildcards) == len(written(case.statement.node.get("Action")))
    if not proposed:
        _replace_wildcards(builder, case, actions)
    elif whole:
        _replace_actions(builder, statement, list(proposed[0].actions))
        _replace_resources(builder, statement, [arn_value(text) for text in proposed[0].resources])
    else:
        _replace_wildcards(builder, case, [])
    further = proposed[1:] if whole else proposed
    if further:
        if statement.listed is None or intrinsic(statement.listed):
            raise CannotEdit("Statement is not a list")
        for each in further:
            builder.append_item(statement.listed, value(each), statement.path[:-1])


def _replace_actions(builder: EditBuilder, statement: PolicyStatement, actions: list[str]) -> None:
    value = actions if len(actions) > 1 else actions[0]
    if text_of(statement.node.get("Action")) == "*":  # its quotes are there for the asterisk
        builder.replace_entry(statement.node, "Action", "Action", value, statement.path)
    else:
        builder.set_entry(statement.node, "Action", value, statement.path)


def _replace_resources(builder: EditBuilder, statement: PolicyStatement, resources: list[object]) -> None:
    old = statement.node.get("Resource")
    new = resources if len(resources) > 1 else resources[0]
    if text_of(old) != "*" or new != "*":
        builder.set_entry(statement.node, "Resource", new, statement.path)


def _replace_wildcards(builder: EditBuilder, case: _Case, actions: list[str]) -> None:
    """Writes actions in place of the wildcards, and leaves the others as they are."""
    node = case.statement.node.get("Action")
    others = [text_of(each) for index, each in enumerate(written(node)) if index not in case.wildcards]
    new = [each for each in actions if not any(matches(other or "", each) for other in others)]
    if not isinstance(node, Sequence) or node.tag or not others:
        _replace_actions(builder, case.statement, new)
        return
    path = (*case.statement.path, "Action")
    for index, action in zip(case.wildcards, new, strict=False):
        builder.replace(node.items[index], action, (*path, index))
    for index in list(case.wildcards)[len(new) :]:
        builder.remove_item(case.statement.node, "Action", index, case.statement.path)
    for action in new[len(case.wildcards) :]:
        builder.append_item(node, action, path)
