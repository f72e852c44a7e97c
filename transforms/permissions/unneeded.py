"""IAM004: rights that nothing needs."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, CannotEdit, Context, EditBuilder, Example, Finding, Pass, Remedy, Resource
from remediator.transforms.permissions.full_access_policies import policy_list
from remediator.transforms.permissions.removal import remove, remove_item
from remediator.transforms.permissions.statements import PolicyStatement, is_boundary, policy_statements
from remediator.transforms.permissions.unneeded_rights import Unneeded, unneeded
from remediator.transforms.permissions.work import is_role, placeholder, work_of

_TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::SQS::Queue

  Submit:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt SubmitRole.Arn
      Environment:
        Variables:
          QUEUE: !Ref Orders
      Code:
        ZipFile: |
          import os
          import boto3

          sqs = boto3.client("sqs")

          def handler(event, context):
              sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=event["order"])

  SubmitRole:
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
        - PolicyName: queue
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - sqs:SendMessage
"""
_UNNEEDED = "                  - sqs:PurgeQueue\n"
_RESOURCE = "                Resource: !GetAtt Orders.Arn\n"


class UnneededRight(Pass):
    """A role may do what neither the code nor the settings of anything that uses it ask for.

    That is said only of roles of functions and state machines of which the template shows everything, the code included, and
    taken away only as an `unsafe` fix: the author may have meant it for what is to come. An action goes from its statement,
    with the last one the statement, with the last statement the policy. A managed policy of AWS's goes where it only lets
    its holder look at things, none of which is needed. Where the code of a function asks AWS for nothing at all, the report
    asks whether it is there only for the time being.

    Left alone are rights to write logs and traces and to use keys; what stands beside a comment, which would be about
    nothing afterwards; what denies; and policies that somebody else has, too.
    """

    code = "IAM004"
    name = "unneeded-right"
    profile = "secure"
    stage = 5
    sources = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#remove-credentials",)
    examples = (
        Example("A right to empty the queue", _TEMPLATE + _UNNEEDED + _RESOURCE, _TEMPLATE + _RESOURCE, unsafe=True),
        Example("Only what is needed", _TEMPLATE + _RESOURCE),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        statements: dict[str, list[PolicyStatement]] = {}
        for each in policy_statements(context.template):
            if each.holders and not each.others and not is_boundary(context.template, each.resource):
                statements.setdefault(each.holders[0].logical_id, []).append(each)
        for role in context.template.resources.values():
            if is_role(context, role):
                yield from self._of_role(context, role, statements.get(role.logical_id, []))

    def _of_role(self, context: Context, role: Resource, statements: list[PolicyStatement]) -> Iterator[Finding]:
        going, staying = unneeded(context, role, statements)
        names = list(dict.fromkeys((*going.names, *staying.names)))
        if names:
            message = f"{role.logical_id} may do what nothing needs: {', '.join(names)}"
            related = tuple(dict.fromkeys(each.resource.path for each in statements))
            yield self.finding(context.template, role.path, role.key, message, _remedy(context, role, going, staying), related)


def _remedy(context: Context, role: Resource, going: Unneeded, staying: Unneeded) -> Remedy | str:
    question = placeholder(work_of(context, [role]))
    if question:
        return question
    if not going.names:
        return f"{', or '.join(staying.reasons)} ({', '.join(staying.names)})"
    return Remedy(
        f"take {', '.join(going.names)} from {role.logical_id}",
        lambda builder: _make(builder, role, going),
        why="its author may have meant it for something that the template does not show",
        applicability=Applicability.UNSAFE,
    )


def _make(builder: EditBuilder, role: Resource, going: Unneeded) -> None:
    remove(builder, going.statements)
    for statement, indexes in going.actions:
        for index in indexes:
            remove_item(builder, statement.node, "Action", index, statement.path)
    listed = policy_list(role)
    for policy in going.policies:
        if role.properties is None or listed is None:
            raise CannotEdit(f"{role.logical_id} has no properties")
        remove_item(builder, role.properties, listed[0], policy.index, (*role.path, "Properties"))
