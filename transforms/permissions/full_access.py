"""IAM002: AWS managed policies that give a role whole services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.api import Applicability, CannotEdit, Context, EditBuilder, Example, Finding, Pass, Remedy, Resource, iam
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.full_access_policies import Attached, aws_policies, policy_list, whole_services
from remediator.transforms.permissions.held import BASIC_ROLE, VPC_ROLE, grants, is_held, is_meant, may_come_from, of_document
from remediator.transforms.permissions.proposal import Proposed, of_needs, value
from remediator.transforms.permissions.statements import ROLE
from remediator.transforms.permissions.work import Work, because, is_role, placeholder, too_many, why_unknown, work_of
from remediator.transforms.permissions.writing import writable
from remediator.transforms.usage.needs import Need
from remediator.transforms.wiring.grants import add_to_list, free_name
from remediator.transforms.wiring.links import FUNCTIONS
from remediator.transforms.wiring.sources import arn_value

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - AttributeName: id
          AttributeType: S
      KeySchema:
        - AttributeName: id
          KeyType: HASH

  Lookup:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt LookupRole.Arn
      Environment:
        Variables:
          TABLE: !Ref Orders
      Code:
        ZipFile: |
          import os
          import boto3

          table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

          def handler(event, context):
              return table.get_item(Key={"id": event["id"]})["Item"]

  LookupRole:
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
"""
_FULL = "        - arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess\n"
_AFTER = """\
      Policies:
        - PolicyName: Lookup
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: dynamodb:GetItem
                Resource: !GetAtt Orders.Arn
"""


@dataclass(frozen=True, slots=True)
class _Case:
    """A role with wide policies, what it needs of what they give, and the narrow policy of AWS's that gives the usual part.

    ``is_sure``: whether what it needs besides is surely given otherwise, and its code does something.
    """

    role: Resource
    wide: list[Attached]
    work: Work
    needs: list[Need]
    usual: str | None
    is_sure: bool


class FullAccessPolicy(Pass):
    """A role has a policy of AWS's that gives it a whole service, or everything: `AmazonS3FullAccess`,
    `AdministratorAccess`, `SecretsManagerReadWrite`. Whoever gets hold of its user, by a hole in one library, has all of that.

    Where the template shows everything that the role is needed for, the code of its functions included, the policy goes, and
    an inline policy comes with exactly the rights that are needed and that nothing else of the role gives. That is `safe`
    where it is known of each right for which resources it is needed, and `unsafe` where it is given for the account instead.

    Where something of its work is not known, such as code that lies in a bucket, the policy stays, and the report says what
    that is. Policies that AWS prescribes for the own work of a service (`service-role/…`) are none of these.
    """

    code = "IAM002"
    name = "full-access-policy"
    profile = "secure"
    stage = 5
    answers = ("W43", "W44")
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html",
    )
    examples = (
        Example("A function that reads a table", _BEFORE + _FULL, _BEFORE + _AFTER),
        Example("Only what writing logs takes", _BEFORE),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        for role in context.template.resources.values():
            wide = [each for each in aws_policies(role) if whole_services(each)] if is_role(context, role) else []
            if wide:
                paths = tuple(each.path for each in wide)
                message, remedy = _message(role, wide), _remedy(context, role, wide)
                yield self.finding(context.template, paths[0], wide[0].node, message, remedy, (*paths[1:], role.path))


def _message(role: Resource, wide: list[Attached]) -> str:
    given = [(each.short, whole_services(each)) for each in wide]
    texts = [f"{name} ({', '.join(whole[:4])}{', …' if len(whole) > 4 else ''})" for name, whole in given]
    return f"{role.logical_id} has {', '.join(texts)}"


def _remedy(context: Context, role: Resource, wide: list[Attached]) -> Remedy | str:
    work = work_of(context, [role])
    if work.gaps:
        return why_unknown(context.template, work)
    if not work.users:
        return f"nothing in the template uses {role.logical_id}; what is it needed for?"
    if work.stubs:
        return placeholder(work)
    if not work.is_written and any(not any(may_come_from(policy, need, work.needs) for need in work.needs) for policy in wide):
        return f"nothing in the template shows what {role.logical_id} needs it for"
    case = _case(context, role, wide, work)
    many = too_many(case.needs, role)
    proposed = many or writable(context, role, of_needs(case.needs))
    if isinstance(proposed, str):
        return proposed
    instead = [*dict.fromkeys(need.action for need in case.needs)]
    instead += [case.usual.rpartition("/")[2]] if case.usual else []
    step = f"take {', '.join(each.short for each in wide)} from {role.logical_id}"
    exact = case.is_sure and all(each.is_exact for each in proposed)
    return Remedy(
        f"{step}, and give it {', '.join(instead)}" if instead else step,
        lambda builder: _make(builder, case, proposed),
        why=because(work, role.logical_id, exact=exact),
        applicability=Applicability.SAFE if exact else Applicability.UNSAFE,
    )


def _case(context: Context, role: Resource, wide: list[Attached], work: Work) -> _Case:
    template, held = context.template, grants(context, role)
    needs = [need for need in work.needs if any(may_come_from(policy, need, work.needs) for policy in wide)]
    needs = [need for need in needs if not is_held(template, held, need)]
    left = [need for need in needs if not is_meant(held, need)]
    if not any(need.essential for need in left):  # the author's own policies give the rest, and nothing fails without these
        left = [need for need in left if need.user.type in FUNCTIONS]
    usual = _usual(role, left)
    document = iam.managed_policy(usual) if usual else None
    granted = list(of_document(document)) if document else []
    own = [need for need in left if not is_held(template, granted, need) and not _is_spared(usual, need)]
    return _Case(role, wide, work, own, usual, is_sure=len(left) == len(needs))


def _is_spared(usual: str | None, need: Need) -> bool:
    """Whether a need is one of those that Lambda does without, which the usual policy for functions leaves out, too."""
    return usual is not None and not need.essential and need.action.startswith(("ec2:", "logs:"))


def _usual(role: Resource, needs: list[Need]) -> str | None:
    """The policy that AWS offers for what functions need whatever their code does, where a role lacks that."""
    actions = {need.action for need in needs if need.user.type in FUNCTIONS}
    if role.type != ROLE or not actions & {"logs:PutLogEvents", "ec2:CreateNetworkInterface"}:
        return None
    return VPC_ROLE if "ec2:CreateNetworkInterface" in actions else BASIC_ROLE


def _make(builder: EditBuilder, case: _Case, proposed: list[Proposed]) -> None:
    """Takes the policies away; where the list that they are in goes with them, the new policy comes in its place."""
    properties, found = case.role.properties, policy_list(case.role)
    path = (*case.role.path, "Properties")
    if properties is None:
        raise CannotEdit(f"{case.role.logical_id} has no properties")
    if found is None and proposed:
        builder.replace(case.wide[0].node, [_document(proposed)], (*path, "Policies"))
        return
    if found is None:
        builder.remove_entry(properties, "Policies", path)
        return
    key, policies = found
    gone = [each.index for each in case.wide]
    if case.usual:
        first = case.wide[0]
        text = (as_sub_text(policies.items[first.index]) or "").replace(f"policy/{first.name}", f"policy/{case.usual}")
        builder.replace(policies.items[gone.pop(0)], arn_value(text), first.path)
    if proposed and key == "Policies":
        builder.replace(policies.items[gone.pop(0)], _document(proposed), (*path, key))
    elif proposed and properties.get("Policies") is None and len(gone) == len(policies.items):
        builder.replace_entry(properties, key, "Policies", [_policy(case, proposed)], path)
        return
    elif proposed and properties.get("Policies") is None:
        builder.insert_entry(properties, "Policies", [_policy(case, proposed)], path, after=key)
    elif proposed:
        add_to_list(builder, case.role, "Policies", [_policy(case, proposed)])
    for index in gone:
        builder.remove_item(properties, key, index, path)


def _policy(case: _Case, proposed: list[Proposed]) -> dict[str, Any]:
    """An inline policy, named after the one that acts with the role."""
    name = case.work.users[0].logical_id if len(case.work.users) == 1 else case.role.logical_id
    return {"PolicyName": free_name(case.role, name), "PolicyDocument": _document(proposed)}


def _document(proposed: list[Proposed]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [value(each) for each in proposed]}
