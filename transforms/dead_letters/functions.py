"""DLQ001: functions whose failed events are lost."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Template,
)
from remediator.transforms.dead_letters.invocations import Invocations, invocations, is_function
from remediator.transforms.dead_letters.queues import Queues, Target
from remediator.transforms.dead_letters.roles import obstacle, roles_of
from remediator.transforms.wiring.links import functions
from remediator.transforms.wiring.sam import for_all

_SAM = "AWS::Serverless::Function"
_AFTER = ("Role", "Timeout", "MemorySize", "Runtime", "Handler")
"""Where the property goes, rather than behind long code: behind the first of these that is there."""

_BEFORE = """\
Resources:
  Resize:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt ResizeRole.Arn
{config}      Code:
        ZipFile: "def handler(event, context): pass"

  ResizeRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: lambda.amazonaws.com}}
            Action: sts:AssumeRole
"""
_CONFIG = """\
      DeadLetterConfig:
        TargetArn: !GetAtt DeadLetterQueue.Arn
"""
_ADDED = """\
      Policies:
        - PolicyName: send-to-dead-letter-queue
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt DeadLetterQueue.Arn

  DeadLetterQueue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
"""


class FunctionWithoutDeadLetters(Pass):
    """A Lambda function has nowhere to put the events that it fails to process: after two retries Lambda drops them.

    It gets `DeadLetterConfig` (`DeadLetterQueue` in SAM) with the stack's queue for dead letters, which keeps them for 14 days;
    the queue is added where there is none that functions, rules or schedules share, or its key is one that the function's role
    can't be let use. CRE003 lets the role send there, in the role itself, because Lambda checks the right when it creates the
    function; ENC101 lets it use the key of a queue that is there.

    A queue takes the failures of asynchronous invocations only: those of buckets, topics, rules, schedules, log
    subscriptions, custom resources and the like. Where all that invokes a function waits for its answer, or where Lambda
    polls a queue or a stream for it, the configuration does no harm and catches nothing yet, and so needs unsafe fixes; what
    helps there are DLQ002 and DLQ006. The same goes for a function whose failures already go to a destination.

    Left alone: functions at the edge, which can't have it, and functions whose role is not in the template or may do what the
    template does not show.
    """

    code = "DLQ001"
    name = "function-without-dead-letters"
    profile = "secure"
    stage = 3
    companions = ("CRE003", "CRE005", "ENC101")
    answers = ("CKV_AWS_116",)
    sources = (
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html",
    )
    examples = (Example("A function", _BEFORE.format(config=""), _BEFORE.format(config=_CONFIG) + _ADDED),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        lacking = [each for each in template.resources.values() if is_function(each) and _lacks(template, each)]
        if not lacking:
            return
        queues, callers, kept = Queues(context), invocations(template), _destinations(template)
        for function in lacking:
            called = callers[function.logical_id]
            destination = kept.get(function.logical_id)
            message = f"{function.logical_id} has no queue for the events that it fails to process; {_said(called)}"
            remedy = _remedy(template, queues, function, called, destination)
            related = tuple(role.path for role in roles_of(template, _roles(template, function)))
            yield self.finding(template, function.path, function.key, message, remedy, related)


def _property(function: Resource) -> str:
    return "DeadLetterQueue" if function.type == _SAM else "DeadLetterConfig"


def _lacks(template: Template, function: Resource) -> bool:
    has = function.property(_property(function)) or for_all(template, function, _property(function))
    return function.properties is not None and has is None


def _roles(template: Template, function: Resource) -> list[Node]:
    role = function.property("Role") or for_all(template, function, "Role")
    return [role] if role else []


def _destinations(template: Template) -> dict[str, str]:
    """The functions whose failures go to a destination, and what says so."""
    found = {}
    for each in template.resources.values():
        config = each.property("EventInvokeConfig") if each.type == _SAM else each.properties
        destinations = config.get("DestinationConfig") if isinstance(config, Mapping) else None
        if isinstance(destinations, Mapping) and destinations.get("OnFailure"):
            if each.type == _SAM:
                found[each.logical_id] = f"the EventInvokeConfig of {each.logical_id}"
            elif each.type == "AWS::Lambda::EventInvokeConfig":
                named = functions(template, each.property("FunctionName"))
                found |= {function.logical_id: each.logical_id for function in named}
    return found


def _said(called: Invocations) -> str:
    """Who invokes a function, in words."""
    if called.others:
        return f"it is invoked asynchronously, or may be ({_listed(called.others)})"
    callers = [f"its callers wait for the answer ({_listed(called.synchronous)})"] if called.synchronous else []
    callers += [f"Lambda polls for it ({_listed(called.polled)})"] if called.polled else []
    callers += [f"CloudFront runs it at the edge ({_listed(called.edge)})"] if called.edge else []
    return " and ".join(callers) or "the template does not say who invokes it"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")


def _remedy(
    template: Template, queues: Queues, function: Resource, called: Invocations, destination: str | None
) -> Remedy | str:
    if called.edge:
        return f"{function.logical_id} runs at the edge of CloudFront, where no function can have a queue for dead letters"
    roles = _roles(template, function)
    problem = obstacle(template, function.logical_id, roles) if roles or function.type != _SAM else None
    target = problem or queues.shared(function, [function, *roles_of(template, roles)])
    if isinstance(target, str):
        return target
    step = f"send the events that {function.logical_id} fails to process to {target.logical_id}"
    if destination:
        why, level = f"{destination} already keeps its failures, which the queue would get as well", Applicability.UNSAFE
    elif called.may_be_asynchronous:
        why, level = "Lambda puts there what fails after all retries, and nothing else changes", Applicability.SAFE
    else:
        why = f"{_said(called)}, so that the queue stays empty until something invokes it asynchronously"
        level = Applicability.UNSAFE
    return Remedy(step, lambda builder: _give(builder, function, target), why, level)


def _give(builder: EditBuilder, function: Resource, target: Target) -> None:
    properties = function.properties
    assert properties is not None
    arn = target.add(builder)
    value = {"Type": "SQS", "TargetArn": arn} if function.type == _SAM else {"TargetArn": arn}
    after = next((name for name in _AFTER if properties.entry(name)), None)
    builder.insert_entry(properties, _property(function), value, (*function.path, "Properties"), after=after)
