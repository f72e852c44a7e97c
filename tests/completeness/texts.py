"""Values as comparable texts, the ARNs of resources, and which resources a value means.

A text keeps references as ``${Name}`` and ``${Name.Attribute}``; what can't be known is ``?``.
An ARN is told apart by its service and the part after the account; partition, Region and account are taken to be the stack's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

Resource = dict[str, Any]

UNKNOWN = "?"
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_PSEUDO = re.compile(r"\$\{AWS::(\w+)\}")

_NAMED = {
    # type: the property with the name, service and resource part of the ARN
    "AWS::S3::Bucket": ("BucketName", "s3", "{}"),
    "AWS::DynamoDB::Table": ("TableName", "dynamodb", "table/{}"),
    "AWS::DynamoDB::GlobalTable": ("TableName", "dynamodb", "table/{}"),
    "AWS::SQS::Queue": ("QueueName", "sqs", "{}"),
    "AWS::SNS::Topic": ("TopicName", "sns", "{}"),
    "AWS::Kinesis::Stream": ("Name", "kinesis", "stream/{}"),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamName", "firehose", "deliverystream/{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs", "log-group:{}"),
    "AWS::SecretsManager::Secret": ("Name", "secretsmanager", "secret:{}-??????"),
    "AWS::Lambda::Function": ("FunctionName", "lambda", "function:{}"),
    "AWS::IAM::Role": ("RoleName", "iam", "role/{}"),
    "AWS::IAM::User": ("UserName", "iam", "user/{}"),
    "AWS::KMS::Key": ("", "kms", "key/{}"),
    "AWS::CloudWatch::Alarm": ("AlarmName", "cloudwatch", "alarm:{}"),
    "AWS::Events::EventBus": ("Name", "events", "event-bus/{}"),
    "AWS::Events::Rule": ("Name", "events", "rule/{}"),
    "AWS::CloudTrail::Trail": ("TrailName", "cloudtrail", "trail/{}"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "states", "stateMachine:{}"),
}
_REF_IS_ARN = (
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
    "AWS::IAM::ManagedPolicy",
)


@dataclass
class Template:
    """A template and what can be asked of it."""

    data: dict[str, Any]
    _arns: dict[str, str] = field(default_factory=dict)

    @cached_property
    def resources(self) -> dict[str, Resource]:
        found = self.data.get("Resources")
        return {str(k): v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}

    def of(self, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The resources of some types, with their properties."""
        for name, resource in self.resources.items():
            if resource.get("Type") in types:
                yield name, self.properties(name)

    def type_of(self, name: str) -> str:
        return str(self.resources.get(name, {}).get("Type", ""))

    def properties(self, name: str) -> dict[str, Any]:
        found = self.resources.get(name, {}).get("Properties")
        return found if isinstance(found, dict) else {}

    def condition(self, name: str) -> str | None:
        found = self.resources[name].get("Condition")
        return found if isinstance(found, str) else None

    @cached_property
    def _identities(self) -> dict[str, list[str]]:
        """The resources by the texts that mean them: a reference, a name, an ARN."""
        found: dict[str, list[str]] = {}
        for name in self.resources:
            known = {f"${{{name}}}", self.arn(name)}
            if self.type_of(name) == "AWS::KMS::Alias":
                known |= {text(self.properties(name).get("AliasName"))}
            elif given := self.name(name):
                known |= {given}
            for each in known - {UNKNOWN, ""}:
                found.setdefault(each, []).append(name)
        return found

    def name(self, name: str) -> str:
        """The name that a resource states, as text; empty where it states none."""
        key = _NAMED.get(self.type_of(name), ("",))[0]
        given = self.properties(name).get(key) if key else None
        found = text(given) if given is not None else ""
        return "" if UNKNOWN in found else found

    def arn(self, name: str) -> str:
        """The ARN of a resource in canonical form; the logical id stands for a name that is not stated."""
        if name not in self._arns:
            _, service, form = _NAMED.get(self.type_of(name), ("", "?", "{}"))
            self._arns[name] = f"arn:{service}:" + form.format(self.name(name) or f"${{{name}}}")
        return self._arns[name]

    def canonical(self, value: str) -> str:
        """A text with references replaced by what they return, as ``arn:service:resource`` where it is an ARN."""
        whole = _VARIABLE.sub(self._returned, value)
        if not whole.startswith("arn:") or whole.count(":") < 5:
            return whole
        _, _, service, _, _, rest = whole.split(":", 5)
        return f"arn:{service}:{rest.removeprefix('arn:')}"

    def _returned(self, match: re.Match[str]) -> str:
        name, _, attribute = match[1].partition(".")
        if name not in self.resources:
            return match[0]
        if attribute in ("Arn", "TopicArn") or (not attribute and self.type_of(name) in _REF_IS_ARN):
            _, service, rest = self.arn(name).split(":", 2)
            return f"arn:aws:{service}:::{rest}"
        if attribute in ("", "QueueName", "TopicName"):
            return self.name(name) or f"${{{name}}}"
        return match[0]

    def meant(self, value: Any, *types: str) -> list[str]:
        """The resources of some types that a value means: all its branches, by reference, name or ARN."""
        found: dict[str, None] = {}
        for each in spread(value):
            whole = text(each)
            names = [match[1].partition(".")[0] for match in _VARIABLE.finditer(whole)]
            direct = [name for name in names if self.type_of(name) in types]
            found.update(dict.fromkeys(direct))
            if not direct:
                known = self._identities.get(self.canonical(whole), []) + self._identities.get(whole, [])
                found.update((name, None) for name in known if self.type_of(name) in types)
        return list(found)

    def matches(self, pattern: str, arn: str) -> bool:
        """Whether a resource of a statement covers an ARN in canonical form."""
        return fnmatchcase(arn.replace("??????", "AbCdEf"), self.canonical(pattern).replace("[", "[[]"))


def text(value: Any) -> str:
    """A scalar or an intrinsic as text; pseudo parameters become ``$AccountId`` and so on, without colons."""
    return _PSEUDO.sub(r"$\1", _text(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if not isinstance(value, dict) or len(value) != 1:
        return UNKNOWN
    ((name, argument),) = value.items()
    if name == "Ref" and isinstance(argument, str):
        return f"${{{argument}}}"
    if name == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        return f"${{{'.'.join(map(str, parts))}}}" if all(isinstance(each, str) for each in parts) else UNKNOWN
    if name == "Fn::Sub":
        return _sub(argument)
    if name == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        return str(argument[0]).join(map(_text, argument[1]))
    return UNKNOWN


def _sub(argument: Any) -> str:
    if isinstance(argument, str):
        return argument
    if not isinstance(argument, list) or not argument or not isinstance(argument[0], str):
        return UNKNOWN
    own = {key: _text(each) for key, each in argument[1].items()} if len(argument) > 1 and isinstance(argument[1], dict) else {}
    return _VARIABLE.sub(lambda match: own.get(match[1], match[0]), argument[0])


def spread(value: Any) -> Iterator[Any]:
    """The items of a list, or the one value; both branches of ``Fn::If``."""
    if isinstance(value, list):
        for item in value:
            yield from spread(item)
    elif isinstance(value, dict) and value.keys() == {"Fn::If"} and isinstance(value["Fn::If"], list):
        yield from spread(value["Fn::If"][1:])
    elif value is not None and value != {"Ref": "AWS::NoValue"}:
        yield value


def at(value: Any, *keys: str) -> Iterator[Any]:
    """The values below some keys, through lists and both branches of ``Fn::If``."""
    for each in spread(value):
        if not keys:
            yield each
        elif isinstance(each, dict):
            yield from at(each.get(keys[0]), *keys[1:])


def references(value: Any) -> Iterator[tuple[str, str]]:
    """The names that a value refers to, with the attribute or ""."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if value.keys() in ({"Ref"}, {"Fn::GetAtt"}, {"Fn::Sub"}):
            for match in _VARIABLE.finditer(text(value)):
                name, _, attribute = match[1].partition(".")
                yield name, attribute
            if isinstance(value.get("Fn::Sub"), list):
                yield from references(value["Fn::Sub"][1:])
        else:
            for item in value.values():
                yield from references(item)
