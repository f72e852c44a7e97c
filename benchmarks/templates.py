"""Synthetic templates of any size, in YAML and in JSON, always the same for the same numbers.

A template is a plain Python value in CloudFormation's long form. A key that starts with ``#`` is a comment: YAML shows
it, JSON leaves it out. Run as a script it prints one template: ``python benchmarks/templates.py 18 --cycles 1``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Value = dict[str, Any]

UNIT = 9
"""Resources of one unit: a bucket, a table, a queue, a topic, a role, a function, its permission, its logs, a group."""


def template(resources: int, cycles: int = 0) -> Value:
    """Units of nine resources, the last one cut short. ``cycles``: so many of the units hold a cycle of four resources."""
    found: Value = {}
    units = -(-resources // UNIT)
    whole = resources // UNIT
    if cycles > whole:
        raise ValueError(f"{resources} resources have room for {whole} cycles")
    cyclic = {round(index * whole / cycles) for index in range(cycles)}
    for index in range(units):
        found |= _unit(index, index in cyclic)
    kept = [key for key in found if not key.startswith("#")][:resources]
    last = kept[-1]
    shown: Value = {}
    for key, value in found.items():
        shown[key] = value
        if key == last:
            break
    return _around(shown)


def _around(resources: Value) -> Value:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A synthetic template for benchmarks",
        "Parameters": {
            "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "test", "prod"]},
            "VpcId": {"Type": "AWS::EC2::VPC::Id", "Description": "The network that the workers run in"},
        },
        "Resources": resources,
    }


def _get(name: str, attribute: str = "Arn") -> Value:
    return {"Fn::GetAtt": [name, attribute]}


def _unit(n: int, cyclic: bool) -> Value:
    bucket, table, queue, topic = f"Intake{n}Bucket", f"Intake{n}Table", f"Intake{n}Queue", f"Intake{n}Topic"
    role, function = f"Intake{n}Role", f"Intake{n}Function"
    permission, logs, group = f"Intake{n}Permission", f"Intake{n}Errors", f"Intake{n}SecurityGroup"
    return {
        f"# Intake {n}: files come in here": None,
        bucket: _bucket(n, function, permission, cyclic),
        table: _table(n),
        queue: _queue(n),
        topic: _topic(n),
        f"# What the function of intake {n} may do, and nothing more": None,
        role: _role(n, bucket, table, queue, topic),
        function: _function(n, role, table, queue, topic, bucket),
        permission: _permission(function, bucket),
        logs: _alarm(n, function, topic),
        group: _group(n),
    }


def _bucket(n: int, function: str, permission: str, cyclic: bool) -> Value:
    properties: Value = {
        "BucketName": {"Fn::Sub": f"intake-{n}-${{Stage}}-${{AWS::AccountId}}"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
        "PublicAccessBlockConfiguration": dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        ),
        "# Old versions cost money": None,
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {
            "Rules": [{"Id": "old-versions", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]
        },
        "Tags": _tags(n),
    }
    head: Value = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    if cyclic:
        head["DependsOn"] = permission
        notification = {"Event": "s3:ObjectCreated:*", "Function": _get(function)}
        properties["NotificationConfiguration"] = {"LambdaConfigurations": [notification]}
    return head | {"Properties": properties}


def _table(n: int) -> Value:
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TableName": {"Fn::Sub": f"intake-{n}-${{Stage}}"},
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "createdAt", "AttributeType": "N"},
            ],
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "createdAt", "KeyType": "RANGE"},
            ],
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True},
            "Tags": _tags(n),
        },
    }


def _queue(n: int) -> Value:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": {"Fn::Sub": f"intake-{n}-${{Stage}}"},
            "VisibilityTimeout": 360,
            "MessageRetentionPeriod": 1209600,
            "SqsManagedSseEnabled": True,
            "Tags": _tags(n),
        },
    }


def _topic(n: int) -> Value:
    return {
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "TopicName": {"Fn::Sub": f"intake-{n}-${{Stage}}"},
            "DisplayName": {"Fn::Join": [" ", ["Intake", {"Ref": "Stage"}]]},
            "KmsMasterKeyId": "alias/aws/sns",
            "Tags": _tags(n),
        },
    }


def _role(n: int, bucket: str, table: str, queue: str, topic: str) -> Value:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    read = [_allow(["s3:GetObject"], {"Fn::Sub": f"${{{bucket}.Arn}}/*"}), _allow(["s3:ListBucket"], _get(bucket))]
    write = [
        _allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], _get(table)),
        _allow(["sqs:SendMessage"], _get(queue)),
        _allow(["sns:Publish"], {"Ref": topic}),
        _allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    ]
    basic = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "ManagedPolicyArns": [{"Fn::Sub": basic}],
            "Policies": [
                {"PolicyName": "read-intake", "PolicyDocument": {"Version": "2012-10-17", "Statement": read}},
                {"PolicyName": "write-results", "PolicyDocument": {"Version": "2012-10-17", "Statement": write}},
            ],
            "Tags": _tags(n),
        },
    }


def _allow(actions: list[str], resource: Value | str) -> Value:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _function(n: int, role: str, table: str, queue: str, topic: str, bucket: str) -> Value:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Description": f"Takes in the files of intake {n}",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "MemorySize": 512,
            "Timeout": 60,
            "Role": _get(role),
            "TracingConfig": {"Mode": "Active"},
            "Environment": {
                "Variables": {
                    "TABLE": {"Ref": table},
                    "QUEUE_URL": {"Ref": queue},
                    "TOPIC_ARN": {"Ref": topic},
                    "BUCKET": {"Ref": bucket},
                    "STAGE": {"Ref": "Stage"},
                }
            },
            "Code": {"ZipFile": "def handler(event, context):\n    print(event)\n    return len(event)\n"},
            "Tags": _tags(n),
        },
    }


def _permission(function: str, bucket: str) -> Value:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function},
            "Principal": "s3.amazonaws.com",
            "SourceAccount": {"Ref": "AWS::AccountId"},
            "SourceArn": _get(bucket),
        },
    }


def _alarm(n: int, function: str, topic: str) -> Value:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": f"The function of intake {n} fails",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": function}}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": topic}],
        },
    }


def _group(n: int) -> Value:
    https = {"Description": "HTTPS from inside", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/16"}
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "GroupDescription": f"The workers of intake {n}",
            "VpcId": {"Ref": "VpcId"},
            "SecurityGroupIngress": [https],
            "SecurityGroupEgress": [{**https, "Description": "HTTPS to AWS", "CidrIp": "0.0.0.0/0"}],
            "Tags": _tags(n),
        },
    }


def _tags(n: int) -> list[Value]:
    return [{"Key": "project", "Value": f"intake-{n}"}, {"Key": "stage", "Value": {"Ref": "Stage"}}]


# Hard components


def security_groups(peers: dict[int, list[int]]) -> str:
    """Groups that name each other, a rule on a line, as YAML. ``peers``: for each group, those that it lets in."""
    lines = ["Resources:"]
    for number, named in peers.items():
        lines += [f"  g{number}:", "    Type: AWS::EC2::SecurityGroup", "    Properties:", "      GroupDescription: g"]
        lines += ["      SecurityGroupIngress:"]
        lines += [f"      - {{IpProtocol: -1, SourceSecurityGroupId: !Ref g{peer}}}" for peer in named]
    return "\n".join(lines) + "\n"


def ring_with_chords(size: int, chords: int) -> dict[int, list[int]]:
    """A ring in which each also names some others, chosen at random but always the same."""
    chance = random.Random(0)
    found = {}
    for number in range(size):
        others = [other for other in range(size) if other not in (number, (number + 1) % size)]
        found[number] = [(number + 1) % size, *chance.sample(others, chords)]
    return found


def next_ones(size: int, reach: int) -> dict[int, list[int]]:
    """Each names the next ``reach`` others of a ring; ``size - 1`` is all of them."""
    return {number: [(number + step) % size for step in range(1, reach + 1)] for number in range(size)}


def notifications(units: int) -> Value:
    """Buckets that notify functions whose roles read their own bucket and the next one: one component of 4 × units."""
    whole: Value = template(units * UNIT, units)["Resources"]
    for n in range(units):
        statements = whole[f"Intake{n}Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements.append(_allow(["s3:GetObject"], {"Fn::Sub": f"${{Intake{(n + 1) % units}Bucket.Arn}}/*"}))
    wanted = ("Bucket", "Role", "Function", "Permission")
    kept = {key: value for key, value in whole.items() if key.endswith(wanted)}
    for value in kept.values():
        _without_others(value, tuple(kept))
    return _around(kept)


def _without_others(resource: Value, kept: tuple[str, ...]) -> None:
    """Takes out of a function and a role what names resources that are left out."""
    properties = resource["Properties"]
    if resource["Type"] == "AWS::IAM::Role":
        del properties["Policies"][1]
    elif resource["Type"] == "AWS::Lambda::Function":
        variables = properties["Environment"]["Variables"]
        properties["Environment"]["Variables"] = {k: v for k, v in variables.items() if v["Ref"] in (*kept, "Stage")}


# As text


def to_json(value: Value) -> str:
    return json.dumps(_bare(value), indent=2) + "\n"


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if not key.startswith("#")}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def to_yaml(value: Value) -> str:
    return "\n".join(_lines(value, 0)) + "\n"


def _lines(value: Value, indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, item in value.items():
        if key.startswith("#"):
            yield f"{pad}{key}"
        elif isinstance(item, str) and "\n" in item:
            yield f"{pad}{key}: |"
            yield from (f"{pad}  {line}" for line in item.splitlines())
        elif _inline(item) is not None:
            yield f"{pad}{key}: {_inline(item)}"
        elif isinstance(item, dict):
            yield f"{pad}{key}:"
            yield from _lines(item, indent + 2)
        else:
            yield f"{pad}{key}:"
            yield from _items(item, indent + 2)


def _items(items: list[Any], indent: int) -> Iterator[str]:
    for item in items:
        shown = _inline(item)
        if shown is not None:
            yield f"{' ' * indent}- {shown}"
        else:
            first, *rest = _lines(item, indent + 2)
            yield f"{' ' * indent}- {first.lstrip()}"
            yield from rest


def _inline(value: Any) -> str | None:
    """A value that fits behind its key: a scalar, or an intrinsic in short form."""
    if isinstance(value, dict):
        name = next(iter(value))
        if name == "Fn::Join":
            return f"!Join [{json.dumps(value[name][0])}, [{', '.join(str(_inline(item)) for item in value[name][1])}]]"
        if name == "Ref":
            return f"!Ref {value[name]}" if "::" not in value[name] else f'!Ref "{value[name]}"'
        if name == "Fn::GetAtt":
            return f"!GetAtt {'.'.join(value[name])}"
        return f"!Sub {json.dumps(value[name])}" if name == "Fn::Sub" else None
    if isinstance(value, list):
        return None
    if isinstance(value, str):
        return value if re.fullmatch(r"[A-Za-z][\w ./:-]*\w", value) and ": " not in value else json.dumps(value)
    return json.dumps(value)


def write_folder(folder: Path, count: int) -> list[Path]:
    """Templates of 6 to 40 resources, one in four as JSON, one in eight with a cycle. Returns their paths."""
    chance = random.Random(1)
    paths = []
    for number in range(count):
        cyclic = number % 8 == 0
        value = template(chance.randint(UNIT if cyclic else 6, 40), int(cyclic))
        as_json = number % 4 == 1
        path = folder / f"template-{number:03}.{'json' if as_json else 'yaml'}"
        path.write_text(to_json(value) if as_json else to_yaml(value), encoding="utf-8")
        paths.append(path)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description="Prints a synthetic template.")
    parser.add_argument("resources", type=int)
    parser.add_argument("--cycles", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    value = template(words.resources, words.cycles)
    print(to_json(value) if words.json else to_yaml(value), end="")


if __name__ == "__main__":
    main()
