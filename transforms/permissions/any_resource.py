"""IAM001: rights on any resource that could be for some."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, Example, Finding, Mapping, Pass, Remedy, Template, intrinsic
from remediator.transforms.permissions.any_resource_edits import any_resource, write
from remediator.transforms.permissions.any_resource_limits import STAYS, Holders, Limit, holders_of, limits
from remediator.transforms.permissions.any_resource_parts import parts
from remediator.transforms.permissions.statements import PolicyStatement, is_boundary, policy_statements
from remediator.transforms.wiring.links import inside

_KEYS = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})

_BEFORE = """\
Resources:
  Notices:
    Type: AWS::SNS::Topic
  Notify:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt NotifyRole.Arn
      Environment:
        Variables:
          TOPIC: !Ref Notices
      Code:
        ZipFile: |
          import os
          import boto3
          sns = boto3.client("sns")

          def handler(event, context):
              sns.publish(TopicArn=os.environ["TOPIC"], Message="done")

  NotifyRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: notify
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sns:Publish
                Resource: "*"
"""
_AFTER = _BEFORE.replace('Resource: "*"\n', "Resource: !Ref Notices\n")
_PEOPLE = """\
Resources:
  Analyst:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref AWS::AccountId}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: queries
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - athena:StartQueryExecution
                  - athena:GetQueryResults
                  - athena:ListDataCatalogs
                Resource: "*"
"""
_QUERIES = """\
                  - athena:GetQueryResults
                Resource: !Sub "arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}:workgroup/*"
              - Effect: Allow
                Action:
                  - athena:ListDataCatalogs
                Resource: "*"
"""
_CONFINED = _PEOPLE[: _PEOPLE.index("                  - athena:GetQueryResults")] + _QUERIES


class AnyResource(Pass):
    """A policy allows actions on any resource, `*`, that could be limited.

    Where the template shows everything that the role is used for, they are limited to just that. Where it does not, to
    what its users are seen to need, and else to all things of the kind in this account and Region, as an unsafe fix; for
    buckets, whose ARNs name no account, and for patterns such as `glue:*`, by a condition on the account. What can't be
    limited, such as many lists, stays with `*` in a statement of its own, as does what AWS documents to need it. What can
    share a statement stays together, and of one statement three are made at most.

    Left alone: denials, permissions boundaries, `NotAction` and `NotResource`, statements with a condition on a resource's
    tag or account or on something that only one service knows, `iam:PassRole`, and patterns such as `ssm:*` of services whose
    users often mean things that AWS owns. Patterns in a role of which everything is known are the business of IAM003.
    """

    code = "IAM001"
    name = "wildcard-resource"
    profile = "secure"
    stage = 6
    answers = ("CKV_AWS_107", "CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_110", "CKV_AWS_111", "W11", "W12", "W13")
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount",
    )
    examples = (
        Example("A function that publishes to one topic", _BEFORE, _AFTER),
        Example("A role for people", _PEOPLE, _CONFINED, unsafe=True),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        known: dict[tuple[str, ...], Holders] = {}
        for statement in policy_statements(template):
            star = any_resource(statement)
            if star is None or not _is_ordinary(template, statement):
                continue
            names = tuple(each.logical_id for each in statement.holders)
            if names not in known:
                known[names] = holders_of(context, statement)
            holders = known[names]
            found = limits(context, statement, holders)
            if statement.node.get("Condition"):  # it may have no place for one on the account
                found = [STAYS if each.operator else each for each in found]
            if any(each.resources for each in found):
                related = tuple(each.path for each in statement.holders)
                path = (*statement.path, "Resource")
                remedy = _remedy(template, statement, found, holders)
                yield self.finding(template, path, star, _message(statement, found), remedy, related)


def _is_ordinary(template: Template, statement: PolicyStatement) -> bool:
    """Whether a statement allows something, to be read as it stands, and is limited by nothing else."""
    node = statement.node
    plain = statement.allows and node.keys <= _KEYS and bool(statement.actions) and None not in statement.actions
    return plain and not _limits_resources(node) and not is_boundary(template, statement.resource)


def _limits_resources(node: Mapping) -> bool:
    """Whether the condition of a statement is about the resource, or may be: it is on a key that only a service knows."""
    for test in inside(node.get("Condition")):
        if not isinstance(test, Mapping) or intrinsic(test):
            return True
        for entry in test.entries:
            if not isinstance(entry.value, Mapping) or intrinsic(entry.value):
                return True
            keys = [key.lower() for key in entry.value.keys]
            if any(not key.startswith("aws:") or key.startswith("aws:resource") for key in keys):
                return True
    return False


def _message(statement: PolicyStatement, found: list[Limit]) -> str:
    limited = [str(action) for action, each in zip(statement.actions, found, strict=True) if each.resources]
    return f"{statement.resource.logical_id} allows {_short(limited)} on any resource"


def _short(actions: list[str]) -> str:
    more = len(actions) - 3
    return ", ".join(actions) if more < 2 else f"{', '.join(actions[:3])} and {more} more"


def _remedy(template: Template, statement: PolicyStatement, found: list[Limit], holders: Holders) -> Remedy:
    divided = parts(statement.actions, found)
    targets = dict.fromkeys(text for part in divided for text in part.resources)
    limited = [each for each in found if each.resources]
    is_safe = all(each.is_sure for each in limited)
    wide = any(each.is_wide for each in limited)
    step = f"limit what {statement.resource.logical_id} allows on any resource to {_short(list(targets))}"
    if is_safe:
        why = "the template shows everything that it is needed for, and nothing of that is about another resource"
    else:
        lost = "what is in other accounts and Regions" if wide else "everything else"
        why = f"{lost} is no longer reached, and that may be meant: {_unknown(template, statement, holders)}"
    applicability = Applicability.SAFE if is_safe else Applicability.UNSAFE
    return Remedy(step, lambda builder: write(builder, statement, divided), why, applicability)


def _unknown(template: Template, statement: PolicyStatement, holders: Holders) -> str:
    """Why it is not known what a statement is needed for."""
    work = holders.work
    if work.gaps:
        gap = work.gaps[0]
        return gap.reason + ("" if " line " in gap.reason else f" (line {template.source.position(gap.at)[0]})")
    if holders.others:
        return f"the template does not show everybody who has {statement.resource.logical_id}"
    if work.stubs:
        return f"the code of {work.stubs[0].logical_id} asks AWS for nothing, and may only keep the place of what is to come"
    return f"which resources {', '.join(each.logical_id for each in statement.holders)} works on is not in the template"
