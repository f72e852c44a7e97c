"""Templates with functions whose requests are known, because they are put together from lines of code that are.

Roles are as people write them: too wide in one of several ways, right, or short of a right.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from least_privilege.requests import Request

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Store:
    """A kind of resource: what the environment holds of it, and its ARN, with ``{}`` for the name that it states."""

    type: str
    name_property: str
    properties: dict[str, Any]
    value: dict[str, Any]
    arn: str


_KEYS = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_REF, _ARN = {"Ref": "@"}, {"Fn::GetAtt": ["@", "Arn"]}
STORES = {
    "bucket": Store("AWS::S3::Bucket", "BucketName", {}, _REF, "arn:s3:{}"),
    "table": Store("AWS::DynamoDB::Table", "TableName", _KEYS, _REF, "arn:dynamodb:table/{}"),
    "queue": Store("AWS::SQS::Queue", "QueueName", {}, _REF, "arn:sqs:{}"),
    "topic": Store("AWS::SNS::Topic", "TopicName", {}, _REF, "arn:sns:{}"),
    "stream": Store("AWS::Kinesis::Stream", "Name", {"ShardCount": 1}, _REF, "arn:kinesis:stream/{}"),
    "secret": Store(
        "AWS::SecretsManager::Secret", "Name", {"GenerateSecretString": {}}, _REF, "arn:secretsmanager:secret:{}-AbCdEf"
    ),
    "bus": Store("AWS::Events::EventBus", "Name", {}, {"Fn::GetAtt": ["@", "Name"]}, "arn:events:event-bus/{}"),
}


@dataclass(frozen=True)
class Line:
    """A line of code for a store: ``{E}`` is an expression for the value in the environment, ``{C}`` one for a client."""

    store: str
    client: str
    python: str
    nodejs: str
    needs: tuple[str, ...]
    below: str = ""
    """What the ARN ends with, for an object of a bucket."""


LINES = (
    Line(
        "bucket",
        "s3",
        '{C}.put_object(Bucket={E}, Key="a.txt", Body=b"")',
        "PutObjectCommand({{ Bucket: {E}, Key: 'a.txt' }})",
        ("s3:PutObject",),
        "/a.txt",
    ),
    Line(
        "bucket",
        "s3",
        "{C}.get_object(Bucket={E}, Key=event['key'])",
        "GetObjectCommand({{ Bucket: {E}, Key: event.key }})",
        ("s3:GetObject",),
        "/x/y",
    ),
    Line("bucket", "s3", "{C}.list_objects_v2(Bucket={E})", "ListObjectsV2Command({{ Bucket: {E} }})", ("s3:ListBucket",)),
    Line("bucket", "s3", "{C}.upload_file('/tmp/a', {E}, 'b')", "HeadObjectCommand({{ Bucket: {E}, Key: 'b' }})", (), "/b"),
    Line(
        "bucket",
        "s3",
        "{C}.delete_object(Bucket={E}, Key='z')",
        "DeleteObjectCommand({{ Bucket: {E}, Key: 'z' }})",
        ("s3:DeleteObject",),
        "/z",
    ),
    Line(
        "table",
        "dynamodb",
        "{C}.put_item(TableName={E}, Item={{}})",
        "PutItemCommand({{ TableName: {E}, Item: {{}} }})",
        ("dynamodb:PutItem",),
    ),
    Line(
        "table",
        "dynamodb",
        "{C}.get_item(TableName={E}, Key={{}})",
        "GetItemCommand({{ TableName: {E}, Key: {{}} }})",
        ("dynamodb:GetItem",),
    ),
    Line("table", "dynamodb", "{C}.query(TableName={E})", "QueryCommand({{ TableName: {E} }})", ("dynamodb:Query",)),
    Line(
        "bucket",
        "s3",
        "[each for each in {C}.get_paginator('list_objects_v2').paginate(Bucket={E})]",
        "ListObjectsV2Command({{ ...{{ Bucket: {E} }}, MaxKeys: 5 }})",
        ("s3:ListBucket",),
    ),
    Line(
        "table",
        "dynamodb",
        "boto3.resource('dynamodb').Table({E}).update_item(Key={{}})",
        "UpdateItemCommand(Object.assign({{ Key: {{}} }}, {{ TableName: {E} }}))",
        ("dynamodb:UpdateItem",),
    ),
    Line(
        "table",
        "dynamodb",
        "{C}.delete_item(**{{'TableName': {E}, **{{'Key': {{}}}}}})",
        "DeleteItemCommand({{ TableName: {E}, ...{{ Key: {{}} }} }})",
        ("dynamodb:DeleteItem",),
    ),
    Line(
        "queue",
        "sqs",
        "{C}.send_message(QueueUrl={E}, MessageBody='a')",
        "SendMessageCommand({{ QueueUrl: {E}, MessageBody: 'a' }})",
        ("sqs:SendMessage",),
    ),
    Line(
        "queue",
        "sqs",
        "{C}.send_message_batch(QueueUrl={E}, Entries=[])",
        "SendMessageBatchCommand({{ QueueUrl: {E} }})",
        ("sqs:SendMessage",),
    ),
    Line(
        "topic",
        "sns",
        "{C}.publish(TopicArn={E}, Message='a')",
        "PublishCommand({{ TopicArn: {E}, Message: 'a' }})",
        ("sns:Publish",),
    ),
    Line(
        "stream",
        "kinesis",
        "{C}.put_record(StreamName={E}, Data=b'', PartitionKey='1')",
        "PutRecordCommand({{ StreamName: {E}, PartitionKey: '1' }})",
        ("kinesis:PutRecord",),
    ),
    Line(
        "secret",
        "secretsmanager",
        "{C}.get_secret_value(SecretId={E})",
        "GetSecretValueCommand({{ SecretId: {E} }})",
        ("secretsmanager:GetSecretValue",),
    ),
    Line(
        "bus",
        "events",
        "{C}.put_events(Entries=[{{'EventBusName': {E}, 'Source': 'a'}}])",
        "PutEventsCommand({{ Entries: [{{ EventBusName: {E}, Source: 'a' }}] }})",
        ("events:PutEvents",),
    ),
)
_ALSO = {
    "{C}.upload_file('/tmp/a', {E}, 'b')": ("s3:PutObject",),
    "HeadObjectCommand({{ Bucket: {E}, Key: 'b' }})": ("s3:GetObject",),
}
_PACKAGES = {
    "s3": "S3",
    "dynamodb": "DynamoDB",
    "sqs": "SQS",
    "sns": "SNS",
    "kinesis": "Kinesis",
    "secretsmanager": "SecretsManager",
}
_NODE = {
    **{name: (f"client-{name.replace('secretsmanager', 'secrets-manager')}", each) for name, each in _PACKAGES.items()},
    "events": ("client-eventbridge", "EventBridge"),
}


@dataclass(frozen=True)
class Case:
    """A template, and what is known of it: by role, the requests that its function makes."""

    text: str
    requests: dict[str, tuple[Request, ...]]
    lacking: frozenset[str]
    """Roles that lack a right that their function needs."""
    spelt: dict[str, frozenset[str]]
    """By role, the actions that its author spelt out, which only an unsafe fix takes away."""


@st.composite
def cases(draw: Draw) -> Case:
    resources: dict[str, Any] = {}
    for kind, store in STORES.items():
        named = {store.name_property: f"{kind}-of-the-shop"}
        resources[kind.title()] = {"Type": store.type, "Properties": {**store.properties, **named}}
    requests, lacking, spelt = {}, set(), {}
    for number in range(draw(st.integers(1, 2))):
        lines = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=4, unique=True))
        language = draw(st.sampled_from(["python", "nodejs"]))
        form = draw(st.sampled_from(list(ROLES)))
        made = tuple(dict.fromkeys(each for line in lines for each in _requests(line, language)))
        function, role = f"Work{number}", f"WorkRole{number}"
        code = (_python if language == "python" else _nodejs)(draw, lines)
        resources[function] = _function(language, code, lines, role, draw)
        resources[role] = _role(ROLES[form](made))
        requests[role] = made
        spelt[role] = frozenset(_MORE if form == "any resource and more" else ())
        if form == "nothing":
            lacking.add(role)
    return Case(json.dumps({"Resources": resources}, indent=2) + "\n", requests, frozenset(lacking), spelt)


def _requests(line: Line, language: str) -> list[Request]:
    written = line.python if language == "python" else line.nodejs
    arn = STORES[line.store].arn.format(f"{line.store}-of-the-shop") + line.below
    return [Request(action, arn) for action in (*line.needs, *_ALSO.get(written, ()))]


def _variable(line: Line) -> str:
    return f"{line.store.upper()}_NAME"


def _python(draw: Draw, lines: list[Line]) -> str:
    where = draw(st.sampled_from(list(_CLIENTS)))
    reading = draw(st.sampled_from(["os.environ['{}']", "os.environ.get('{}')", "os.getenv('{}')"]))
    made, used = _CLIENTS[where]
    head, body = ["import collections", "import os", "import boto3"], list[str]()
    clients = dict.fromkeys(line.client for line in lines if "{C}" in line.python)
    (body if where == "function" else head).extend(each.format(S=client) for client in clients for each in made)
    for number, line in enumerate(lines):
        value = reading.format(_variable(line))
        if draw(st.booleans()):
            head.append(f"VALUE_{number} = {value}")
            value = f"VALUE_{number}"
        body.append(line.python.format(C=used.format(S=line.client), E=value))
    if where in ("class", "base"):
        inner = ["class Work:", "    def run(self, event):", *(f"        {each}" for each in body)]
        below = [
            line for client in clients for line in (f"    def {client}(self):", f"        return boto3.client('{client}')")
        ]
        inner += ["class Real(Work):", *below] if where == "base" else ["Real = Work"]
        return "\n".join([*head, *inner, "def handler(event, context):", "    Real().run(event)", ""])
    return "\n".join([*head, "def handler(event, context):", *(f"    {each}" for each in body), "    return {}", ""])


_CLIENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "module": (("{S}_client = boto3.client('{S}')",), "{S}_client"),
    "function": (("{S}_client = boto3.client('{S}')",), "{S}_client"),
    "class": (("{S}_client = boto3.client('{S}')",), "{S}_client"),
    "base": ((), "self.{S}()"),
    "helper": (("def {S}_client():", "    return boto3.client('{S}')"), "{S}_client()"),
    "lazy": (("{S}_clients = collections.defaultdict(lambda: boto3.client('{S}'))",), "{S}_clients[event['region']]"),
    "keywords": (("def {S}_client(**more):", "    return boto3.client('{S}', **more)"), "{S}_client(config=None)"),
}
"""Where the code has its clients: the lines that make one, and what stands for it then."""


def _nodejs(draw: Draw, lines: list[Line]) -> str:
    module = draw(st.booleans())
    head, body = [], []
    commands: dict[str, list[str]] = {}
    for line in lines:
        commands.setdefault(line.client, []).append(line.nodejs.partition("(")[0])
    for client, names in commands.items():
        package, name = _NODE[client]
        wanted = ", ".join([f"{name}Client", *dict.fromkeys(names)])
        head.append(
            f"import {{ {wanted} }} from '@aws-sdk/{package}';"
            if module
            else f"const {{ {wanted} }} = require('@aws-sdk/{package}');"
        )
        head.append(f"const {client}Client = new {name}Client({{}});")
    for number, line in enumerate(lines):
        value = f"process.env.{_variable(line)}"
        if draw(st.booleans()):
            head.append(f"const value{number} = {value};")
            value = f"value{number}"
        body.append(f"  await {line.client}Client.send(new {line.nodejs.format(E=value)});")
    start = "export const handler = async (event) => {" if module else "exports.handler = async (event) => {"
    return "\n".join([*head, start, *body, "};", ""])


def _function(language: str, code: str, lines: list[Line], role: str, draw: Draw) -> dict[str, Any]:
    values = {}
    for line in lines:
        name = line.store.title()
        said = json.dumps(STORES[line.store].value).replace("@", name)
        values[_variable(line)] = (
            json.loads(said) if line.store == "topic" or draw(st.booleans()) else _plain(line, json.loads(said))
        )
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13" if language == "python" else "nodejs22.x",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": [role, "Arn"]},
            "Environment": {"Variables": values},
            "Code": {"ZipFile": code},
        },
    }


def _plain(line: Line, value: dict[str, Any]) -> Any:
    """The name written out, where what the code needs is a name."""
    return f"{line.store}-of-the-shop" if line.store in ("bucket", "table", "stream", "bus") else value


def _role(policies: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    basic = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
    given = policies.pop("ManagedPolicyArns", [])
    document = {"Version": "2012-10-17", "Statement": [trust]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": document, "ManagedPolicyArns": [basic, *given], **policies},
    }


def _inline(actions: list[str], resources: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {"Policies": [{"PolicyName": "work", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}]}


def _actions(made: tuple[Request, ...]) -> list[str]:
    return list(dict.fromkeys(each.action for each in made))


def _services(made: tuple[Request, ...]) -> list[str]:
    return list(dict.fromkeys(f"{each.action.partition(':')[0]}:*" for each in made))


def _managed(*names: str) -> dict[str, Any]:
    return {"ManagedPolicyArns": [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"} for name in names]}


_FULL = {
    "s3": "AmazonS3FullAccess",
    "dynamodb": "AmazonDynamoDBFullAccess",
    "sqs": "AmazonSQSFullAccess",
    "sns": "AmazonSNSFullAccess",
    "kinesis": "AmazonKinesisFullAccess",
    "secretsmanager": "SecretsManagerReadWrite",
    "events": "AmazonEventBridgeFullAccess",
}

_MORE = ("s3:DeleteBucket", "dynamodb:DeleteTable")

ROLES: dict[str, Callable[[tuple[Request, ...]], dict[str, Any]]] = {
    "any resource": lambda made: _inline(_actions(made), "*"),
    "any resource and more": lambda made: _inline([*_actions(made), *_MORE], "*"),
    "whole services": lambda made: _inline(_services(made), "*"),
    "everything": lambda made: _inline(["*"], "*"),
    "full access": lambda made: _managed(*dict.fromkeys(_FULL[each.action.partition(":")[0]] for each in made)),
    "administrator": lambda made: _managed("AdministratorAccess"),
    "nothing": lambda made: {},
}
"""How wide a role is, and its policies."""
