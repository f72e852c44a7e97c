"""ACC001: functions that reserve more concurrency than an account has."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    Example,
    Finding,
    Pass,
    Remedy,
    Resource,
    Scalar,
)

_TYPES = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_KEY = "ReservedConcurrentExecutions"

LIMIT = 900
"""What an account can reserve: 1,000 concurrent executions in a Region, of which 100 are for functions that reserve none.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html (2026-11)"""

BEFORE = """\
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Role: !GetAtt Role.Arn
      ReservedConcurrentExecutions: 4000
      Code: {ZipFile: pass}
"""
AFTER = BEFORE.replace("      ReservedConcurrentExecutions: 4000\n", "")


class ReservedConcurrency(Pass):
    """The functions of a template reserve more concurrent executions than an account has, unless AWS has raised its quota:
    of 1,000, a hundred have to be left for functions that reserve none.

    A reservation that is too high all by itself is removed, so that the function takes what is free. Where only the sum is
    too high, which functions need theirs is for people to say.

    Reservations that fit are left alone, although a new account may have less, and so are those made by an intrinsic.
    """

    code = "ACC001"
    name = "reserved-concurrency"
    profile = "deploy"
    sources = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",)
    examples = (Example("More than there is", BEFORE, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        reserved = [
            (resource, node, int(node.value))
            for resource in context.template.resources.values()
            if resource.type in _TYPES and isinstance(node := resource.property(_KEY), Scalar) and node.value.isdigit()
        ]
        for resource, node, number in reserved:
            if number > LIMIT:
                message = f"{resource.logical_id} reserves {number} concurrent executions; an account can reserve {LIMIT}"
                yield self.finding(context.template, _path(resource), node, message, _remedy(resource))
        rest = [(resource, node, number) for resource, node, number in reserved if number <= LIMIT and not resource.condition]
        total = sum(number for _, _, number in rest)
        if total > LIMIT:
            first, node, _ = rest[0]
            message = f"the functions reserve {total} concurrent executions; an account can reserve {LIMIT}"
            names = ", ".join(resource.logical_id for resource, _, _ in rest)
            question = f"which of {names} need their own?"
            related = tuple(resource.path for resource, _, _ in rest[1:])
            yield self.finding(context.template, _path(first), node, message, question, related)


def _path(resource: Resource) -> tuple[str, ...]:
    return ("Resources", resource.logical_id, "Properties", _KEY)


def _remedy(resource: Resource) -> Remedy | str:
    properties = resource.properties
    if properties is None:
        return "its properties are not written out"
    return Remedy(
        f"let {resource.logical_id} take what is free",
        lambda builder: builder.remove_entry(properties, _KEY, (*resource.path, "Properties")),
        "nothing limits the function any more, nor keeps executions free for it; an account with a raised quota can have both",
        Applicability.UNSAFE,
    )
