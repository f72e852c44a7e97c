"""Templates for property tests: random resources with random references, written out by hand in random styles.

What a template says is drawn first, as plain data in long form; hypothesis shrinks that part. How it is written is then
decided anew at every node, so that one text mixes styles as texts by people do. ``Generated`` keeps both, which gives
tests an oracle that owes nothing to the reader under test.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Data = dict[str, Any]
Draw = Callable[..., Any]


@dataclass(frozen=True)
class Generated:
    """A template's text, what it means in long form, and the comments in it (marks included) in order."""

    text: str
    data: Data
    comments: tuple[str, ...]
    is_json: bool
    is_sam: bool

    def __repr__(self) -> str:
        return f"Generated(text={self.text!r})"


@dataclass
class Style:
    """How a template is written. ``short``: how often intrinsics are, in percent; so for ``flow`` and ``comments``."""

    is_json: bool = False
    step: int = 2
    dash: int = 2
    short: int = 100
    quote: str = ""
    flow: int = 0
    comments: int = 0
    blank: bool = False
    crlf: bool = False
    bom: bool = False
    final_newline: bool = True
    tabs: bool = False
    one_line: bool = False
    inline: int = 0
    marker: bool = False


# What a template says


NAMES = ("Alpha", "BravoRole", "Charlie", "DeltaSecurityGroup", "EchoFn", "Foxtrot", "GolfSG", "Hotel2")

ATTRIBUTES = {
    "group": ("GroupId", "VpcId"),
    "role": ("Arn", "RoleId"),
    "bucket": ("Arn", "DomainName"),
    "queue": ("Arn", "QueueName", "QueueUrl"),
    "database": ("Endpoint.Address", "Endpoint.Port"),
    "log group": ("Arn",),
}


@dataclass
class Node:
    """A resource in the making. ``peers``: the kind of every resource by logical id."""

    name: str
    kind: str
    peers: dict[str, str]
    noise: random.Random
    body: Data = field(default_factory=dict)
    properties: Data = field(default_factory=dict)

    def some(self, percent: int) -> bool:
        return self.noise.random() * 100 < percent

    def tag(self, value: Any) -> None:
        self.properties.setdefault("Tags", []).append({"Key": f"tag{len(self.properties['Tags'])}", "Value": value})


def reference(node: Node, target: str, form: int) -> Any:
    """A value that references a resource, in one of many forms."""
    noise = node.noise
    attribute = noise.choice(ATTRIBUTES.get(node.peers[target], ("Arn", "Name")))
    dotted = f"{target}.{attribute}"
    simple: Any = {"Ref": target} if noise.random() < 0.4 else {"Fn::GetAtt": [target, attribute]}
    variable = "${" + (target if noise.random() < 0.4 else dotted) + "}"
    other = noise.choice(sorted(node.peers))
    forms: tuple[Callable[[], Any], ...] = (
        lambda: {"Ref": target},
        lambda: {"Fn::GetAtt": [target, attribute]},
        lambda: {"Fn::GetAtt": dotted},
        lambda: {"Fn::Sub": variable},
        lambda: {
            "Fn::Sub": f"{noise.choice(('arn:x:', '', 'a b: '))}{variable}{noise.choice(('/all', '', '-${AWS::Region}'))}"
        },
        lambda: {"Fn::Sub": f"${{!{other}}}-{variable}-${{Stage}}"},
        lambda: {"Fn::Sub": [f"${{{other}}}/${{Own}}/x", {other: "shadow", "Own": simple}]},
        lambda: {"Fn::Sub": [f"{variable}/${{Own}}", {"Own": {"Ref": "AWS::Region"}}]},
        lambda: {"Fn::Sub": [f"{variable}-${{AWS::AccountId}}"]},
        lambda: {
            "Fn::Join": [
                noise.choice((":", "", "/")),
                ["arn", simple, {"Ref": "AWS::Partition"}, [simple]][: noise.randint(2, 3)],
            ]
        },
        lambda: {"Fn::If": ["IsProd", simple, noise.choice(("none", {"Ref": "AWS::NoValue"}))]},
        lambda: {"Fn::Select": [0, {"Fn::Split": [",", simple]}]},
        lambda: {"Fn::Sub": f"line one {variable}\nline # two\n"},
        lambda: {"Fn::Sub": f'say "{variable}" and it\'s {variable}'},
    )
    return forms[form % len(forms)]()


def plain(node: Node, target: str) -> Any:
    """A reference as AWS wants it where it takes no expression."""
    attribute = {"group": "GroupId"}.get(node.peers[target], "Arn")
    return {"Ref": target} if node.some(40) else {"Fn::GetAtt": [target, attribute]}


def _statement(node: Node, value: Any, action: str = "s3:GetObject") -> Data:
    resources: Any = [value, "arn:aws:s3:::else"] if node.some(30) else [value] if node.some(50) else value
    statement: Data = {"Effect": "Allow", "Action": [action] if node.some(50) else action}
    statement[node.noise.choice(("Resource", "Resource", "Resource", "NotResource"))] = resources
    if node.some(20):
        statement = {"Sid": f"S{node.noise.randint(1, 99)}", **statement}
    return statement


def _document(statements: list[Data]) -> Data:
    return {"Version": "2012-10-17", "Statement": statements}


def _group(node: Node, value: Any, target: str, place: int) -> None:
    if node.peers[target] != "group" or place % 5 == 4:
        node.tag(value)
        return
    egress = place % 5 in (2, 3)
    direction = "SecurityGroupEgress" if egress else "SecurityGroupIngress"
    peer = "DestinationSecurityGroupId" if egress else "SourceSecurityGroupId"
    port = node.noise.choice((80, 443, 5432))
    rule: Any = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, peer: plain(node, target)}
    if node.some(30):
        rule = {"Description": "from the other", **rule}
    if node.some(15):
        rule = {"Fn::If": ["IsProd", rule, {"Ref": "AWS::NoValue"}]}
    rules = node.properties.setdefault(direction, [])
    if node.some(25):
        rules.append({"CidrIp": "10.0.0.0/8", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22})
    rules.append(rule)


def _role(node: Node, value: Any, target: str, place: int) -> None:
    if place % 6 == 4:
        node.properties.setdefault("ManagedPolicyArns", []).append(value)
    elif place % 6 == 5:
        trust = node.properties["AssumeRolePolicyDocument"]["Statement"][0]
        trust.setdefault("Condition", {}).setdefault("StringEquals", {})[f"aws:key{len(trust)}"] = value
    else:
        policies = node.properties.setdefault("Policies", [])
        if policies and node.some(50):
            policies[-1]["PolicyDocument"]["Statement"].append(_statement(node, value))
        else:
            name = node.noise.choice(("read", "s3-write", "Policy")) + str(len(policies))
            policies.append({"PolicyName": name, "PolicyDocument": _document([_statement(node, value)])})


def _bucket(node: Node, value: Any, target: str, place: int) -> None:
    if place % 5 in (0, 1):
        events = node.properties.setdefault("NotificationConfiguration", {}).setdefault("LambdaConfigurations", [])
        event: Data = {"Event": node.noise.choice(("s3:ObjectCreated:*", "s3:ObjectCreated:*", "s3:ObjectRemoved:*"))}
        if node.some(40):
            affixes = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
            event["Filter"] = {"S3Key": {"Rules": affixes[: node.noise.randint(1, 2)]}}
        events.append({**event, "Function": plain(node, target)})
    elif place % 5 == 2:
        default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": value}}
        node.properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": [default]}
    elif place % 5 == 3:
        rule: Data = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copy"}}
        node.properties["ReplicationConfiguration"] = {"Role": value, "Rules": [rule]}
    else:
        node.tag(value)


def _function(node: Node, value: Any, target: str, place: int) -> None:
    if place % 7 == 0:
        node.properties["Role"] = value
    elif place % 7 == 1:
        node.properties["KmsKeyArn"] = value
    elif place % 7 == 2:
        node.properties["DeadLetterConfig"] = {"TargetArn": value}
    elif place % 7 == 3:
        node.properties["VpcConfig"] = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": [value]}
    else:
        variables = node.properties.setdefault("Environment", {}).setdefault("Variables", {})
        variables[f"VARIABLE_{len(variables)}"] = value


def _log_group(node: Node, value: Any, target: str, place: int) -> None:
    if place % 3 == 0:
        node.properties["LogGroupName"] = {"Fn::Sub": f"/aws/lambda/${{{target}}}"}
    elif place % 3 == 1:
        node.properties["KmsKeyId"] = value
    else:
        node.tag(value)


def _key(node: Node, value: Any, target: str, place: int) -> None:
    statements = node.properties["KeyPolicy"]["Statement"]
    statement: Data = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    if place % 4 == 0:
        statement["Principal"] = {"AWS": plain(node, target)}
    elif place % 4 == 1:
        statement["Principal"] = {"AWS": [plain(node, target)]}
    elif place % 4 == 2:
        statement["Condition"] = {"ArnEquals": {"aws:PrincipalArn": value}}
    else:
        statement["Principal"] = {"AWS": [value, plain(node, target)]}
    statements.append(statement)


def _queue(node: Node, value: Any, target: str, place: int) -> None:
    if place % 3 == 0:
        node.properties["RedrivePolicy"] = {"deadLetterTargetArn": value, "maxReceiveCount": 3}
    elif place % 3 == 1:
        node.properties["KmsMasterKeyId"] = value
    else:
        node.tag(value)


def _permission(node: Node, value: Any, target: str, place: int) -> None:
    if place % 2:
        node.properties["SourceArn"] = value
    else:
        node.properties["FunctionName"] = plain(node, target)


def _queue_policy(node: Node, value: Any, target: str, place: int) -> None:
    if place % 3 == 0:
        node.properties["Queues"].append({"Ref": target})
    else:
        statement = node.properties["PolicyDocument"]["Statement"][0]
        statement.setdefault("Condition", {}).setdefault("ArnEquals", {})[f"aws:SourceArn{place}"] = value


def _sam_function(node: Node, value: Any, target: str, place: int) -> None:
    events = node.properties.setdefault("Events", {}) if place % 6 in (0, 1, 2) else {}
    if place % 6 == 0 and node.peers[target] == "bucket":
        events["Upload"] = {"Type": "S3", "Properties": {"Bucket": {"Ref": target}, "Events": "s3:ObjectCreated:*"}}
    elif place % 6 == 1:
        events["Web"] = {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}
        node.properties.setdefault("Environment", {}).setdefault("Variables", {})["API"] = {"Ref": "ServerlessRestApi"}
    elif place % 6 == 2:
        events["Poll"] = {"Type": "SQS", "Properties": {"Queue": value}}
    elif place % 6 == 3:
        node.properties["Role"] = value
    elif place % 6 == 4:
        statement = _statement(node, {"Fn::GetAtt": [f"{target}Role", "Arn"]} if node.some(20) else value)
        node.properties.setdefault("Policies", []).append({"Statement": [statement]})
    else:
        _function(node, value, target, 4)


def _custom(node: Node, value: Any, target: str, place: int) -> None:
    if place % 3 == 0:
        node.properties["ServiceToken"] = value
    else:
        node.properties.setdefault("Things", {"Deep": []})["Deep"].append([value] if place % 3 == 1 else {"Thing": value})


def _parameter(node: Node, value: Any, target: str, place: int) -> None:
    if place % 3 == 0:
        node.body.setdefault("Metadata", {})["About"] = value
    elif place % 3 == 1:
        node.properties["Description"] = value
    else:
        node.properties["Value"] = value


def _secret(node: Node, value: Any, target: str, place: int) -> None:
    if place % 2:
        node.tag(value)
        return
    lines = [
        "{",
        f'  "host": "${{{target}.Endpoint.Address}}",',
        f'  "port": "${{{target}.Endpoint.Port}}",',
        '  "user": "u"',
        "}",
    ]
    node.properties["SecretString"] = {"Fn::Sub": "\n".join(lines) + "\n"}


def _scalable(node: Node, value: Any, target: str, place: int) -> None:
    if node.kind == "target group":
        node.properties.setdefault("Targets", []).append({"Id": {"Ref": target}})
    else:
        node.properties.setdefault("TargetGroupARNs", []).append({"Ref": target})


def _http(node: Node, value: Any, target: str, place: int) -> None:
    if node.kind == "http api":
        node.properties["Target"] = {"Fn::Sub": f"integrations/${{{target}}}"} if place % 2 else value
    else:
        node.properties["ApiId"] = {"Ref": target}


def _rest_api(node: Node, value: Any, target: str, place: int) -> None:
    own = {"Fn::Sub": f"arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{node.name}}}/*"}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": value if place % 2 else own}
    node.properties["Policy"] = _document([statement])


def _database(node: Node, value: Any, target: str, place: int) -> None:
    secret = {"Fn::Sub": f"{{{{resolve:secretsmanager:${{{target}}}:SecretString:user}}}}"}
    node.properties["MasterUserPassword" if place % 2 else "KmsKeyId"] = secret if place % 2 else value


_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
_ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
    "Action": "kms:*",
    "Resource": "*",
}

Place = Callable[[Node, Any, str, int], None]
KINDS: dict[str, tuple[str, Data, str, Place]] = {
    "group": ("AWS::EC2::SecurityGroup", {"GroupDescription": "some group"}, "GroupName", _group),
    "role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": _document([_TRUST])}, "RoleName", _role),
    "bucket": ("AWS::S3::Bucket", {}, "BucketName", _bucket),
    "function": ("AWS::Lambda::Function", {"Handler": "i.h", "Runtime": "python3.12"}, "FunctionName", _function),
    "log group": ("AWS::Logs::LogGroup", {"RetentionInDays": 14}, "LogGroupName", _log_group),
    "key": ("AWS::KMS::Key", {"KeyPolicy": _document([_ROOT])}, "Description", _key),
    "queue": ("AWS::SQS::Queue", {"VisibilityTimeout": 30}, "QueueName", _queue),
    "permission": (
        "AWS::Lambda::Permission",
        {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "FunctionName": "f"},
        "",
        _permission,
    ),
    "queue policy": (
        "AWS::SQS::QueuePolicy",
        {
            "Queues": [],
            "PolicyDocument": _document([{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]),
        },
        "",
        _queue_policy,
    ),
    "custom": ("Custom::Thing", {"ServiceToken": "arn:aws:lambda:eu-west-1:012345678901:function:f"}, "", _custom),
    "parameter": ("AWS::SSM::Parameter", {"Type": "String", "Value": "v"}, "Name", _parameter),
    "secret": ("AWS::SecretsManager::Secret", {}, "Name", _secret),
    "database": (
        "AWS::RDS::DBInstance",
        {"DBInstanceClass": "db.t3.micro", "Engine": "postgres"},
        "DBInstanceIdentifier",
        _database,
    ),
    "target group": ("AWS::ElasticLoadBalancingV2::TargetGroup", {"Port": 80}, "Name", _scalable),
    "scaling group": ("AWS::AutoScaling::AutoScalingGroup", {"MinSize": "1", "MaxSize": "2"}, "", _scalable),
    "http api": ("AWS::ApiGatewayV2::Api", {"Name": "api", "ProtocolType": "HTTP"}, "", _http),
    "integration": (
        "AWS::ApiGatewayV2::Integration",
        {"IntegrationType": "HTTP_PROXY", "PayloadFormatVersion": "1.0"},
        "",
        _http,
    ),
    "rest api": ("AWS::ApiGateway::RestApi", {"Name": "api"}, "", _rest_api),
    "sam function": (
        "AWS::Serverless::Function",
        {"Handler": "i.h", "Runtime": "python3.12", "CodeUri": "s/"},
        "FunctionName",
        _sam_function,
    ),
}
_COMMON = ("group", "group", "role", "role", "bucket", "function", "function", "log group", "key", "queue")
_TEXTS = (
    "plain",
    "two words",
    "0123",
    "yes",
    "it's",
    'a "quote"',
    "x: y",
    "# no comment",
    "a #b",
    "naïve ☃ 😀",
    "",
    "-",
    "1e3",
    "a\tb",
)
_CODE = "import os\n# not a comment\ndef h(event, context):\n    return {'a': 1}\n"


def _extras(node: Node) -> None:
    """Things that a resource has besides references."""
    if node.kind == "function":
        node.properties["Code"] = {"ZipFile": _CODE} if node.some(50) else {"S3Bucket": "b", "S3Key": "k"}
        node.properties.setdefault("Role", "arn:aws:iam::012345678901:role/r")
    if node.some(15):
        node.body["Condition"] = "IsProd"
    if node.some(15) and node.kind in ("bucket", "key", "queue"):
        node.body["DeletionPolicy"] = "Retain"
    if node.some(15):
        node.body.setdefault("Metadata", {})["Note"] = node.noise.choice(_TEXTS)
    if node.some(8):
        node.body.setdefault("Metadata", {})["cfn-lint"] = {"config": {"ignore_checks": ["W1001"]}}


def _named(node: Node, key: str) -> None:
    if key and node.some(60):
        low = node.name.lower()
        names: tuple[Any, ...] = (low, {"Fn::Sub": f"{low}-${{Stage}}"}, {"Fn::Join": ["-", [low, {"Ref": "Stage"}]]})
        node.properties.setdefault(key, node.noise.choice(names))


def _ordered(noise: random.Random, body: Data) -> Data:
    """The body's keys in another order, now and then."""
    if noise.random() < 0.8:
        return body
    keys = list(body)
    noise.shuffle(keys)
    return {key: body[key] for key in keys}


def _depends(draw: Draw, names: list[str], noise: random.Random) -> Any:
    count = draw(st.sampled_from((0, 0, 0, 1, 1, 2)))
    if not count:
        return None
    waits = [names[draw(st.integers(0, len(names) - 1))] for _ in range(count)]
    waits = list(dict.fromkeys(waits))
    return waits[0] if len(waits) == 1 and noise.random() < 0.6 else waits


def _resource(draw: Draw, node: Node, names: list[str], is_json: bool) -> Data:
    type_name, base, key, place = KINDS[node.kind]
    node.properties.update(json.loads(json.dumps(base)))
    for _ in range(draw(st.sampled_from((1, 0, 1, 1, 2, 2, 3)))):
        target = names[draw(st.integers(0, len(names) - 1))]
        form = draw(st.integers(0, 13))
        value = reference(node, target, 1 if is_json and form == 2 else form)
        place(node, value, target, draw(st.integers(0, 6)))
    _named(node, key)
    _extras(node)
    body: Data = {"Type": type_name, **node.body}
    waits = _depends(draw, names, node.noise)
    if waits is not None:
        body["DependsOn"] = waits
    if node.properties:
        body["Properties"] = node.properties
    return _ordered(node.noise, body)


def _template(draw: Draw, noise: random.Random, is_sam: bool, is_json: bool, most: int) -> Data:
    count = draw(st.integers(1, most))
    names = list(NAMES[:count])
    pool = (*_COMMON, *(kind for kind in KINDS if kind != "sam function"), *(("sam function",) * 15 if is_sam else ()))
    peers = {name: draw(st.sampled_from(pool)) for name in names}
    resources = {name: _resource(draw, Node(name, peers[name], peers, noise), names, is_json) for name in names}
    if is_sam and noise.random() < 0.3:
        resources["Shared"] = {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": {"Ref": f"{names[0]}Role"}},
        }
    data: Data = {"AWSTemplateFormatVersion": "2010-09-09"} if noise.random() < 0.5 else {}
    if is_sam:
        data["Transform"] = "AWS::Serverless-2016-10-31"
    if noise.random() < 0.3:
        data["Description"] = noise.choice(_TEXTS)
    data["Parameters"] = {"Stage": {"Type": "String", "Default": "dev"}}
    data["Conditions"] = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    data["Resources"] = resources
    if noise.random() < 0.4:
        data["Outputs"] = {"First": {"Value": {"Ref": names[0]}}}
    return _ordered(noise, data)


# How it is written


_WORD = re.compile(r"[A-Za-z/][A-Za-z0-9_./*@=+-]*(?: [A-Za-z0-9_./*@=+-]+)*")
_COLONS = re.compile(r"[A-Za-z0-9_./*@=+-]+(?:::?[A-Za-z0-9_./*@=+-]+)*")
_PLAIN_SUB = re.compile(r"(?:[A-Za-z/]|\$\{[A-Za-z0-9.:]+\})(?:[A-Za-z0-9_./:*-]|\$\{[A-Za-z0-9.:]+\})*(?<!:)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


class YamlWriter:
    """Writes data as YAML; every decision about style is made anew where it comes up."""

    def __init__(self, style: Style, noise: random.Random) -> None:
        self.style, self.noise = style, noise
        self.comments: list[str] = []

    def some(self, percent: int) -> bool:
        return percent > 0 and self.noise.random() * 100 < percent

    def document(self, data: Data) -> str:
        lines = ["---"] if self.style.marker else []
        for index, (key, value) in enumerate(data.items()):
            if index and (self.style.blank or self.some(10)):
                lines.append("")
            if key == "Resources":
                lines.append("Resources:" + self.trailing())
                lines += self.resources(value)
            else:
                lines += self.entry(key, value, 0)
        lines += self.above(0)
        return "\n".join(lines) + "\n"

    def resources(self, resources: Data) -> Iterator[str]:
        column = self.style.step
        for index, (name, body) in enumerate(resources.items()):
            if index and (self.style.blank or self.some(10)):
                yield ""
            yield from self.above(column)
            if self.some(self.style.flow // 8):
                yield from self.tagged(f"{' ' * column}{name}:", body, column)
                continue
            yield f"{' ' * column}{name}:{self.trailing()}"
            yield from self.mapping(body, column + self.step())

    def step(self) -> int:
        return self.style.step

    # Comments

    def comment(self) -> str:
        number = len(self.comments) + 1
        texts = (
            f"# c{number}",
            f"#c{number} it's",
            f"# c{number} - a: b",
            f'# c{number} "open',
            f"# c{number} # {{ twice",
            f"## c{number} [",
        )
        text = self.noise.choice(texts)
        if self.some(6):
            text = f"# checkov:skip=CKV_AWS_{number}:c{number} is fine"
        self.comments.append(text)
        return text

    def above(self, column: int) -> list[str]:
        lines = []
        while self.some(self.style.comments):
            lines.append(" " * (0 if self.some(10) else column) + self.comment())
            if self.some(10):
                lines.append("")
        return lines

    def trailing(self) -> str:
        return (
            self.noise.choice((" ", "  ")) + self.comment() if self.some(self.style.comments) else " " if self.some(2) else ""
        )

    # Blocks

    def mapping(self, data: Data, column: int) -> list[str]:
        lines: list[str] = []
        for index, (key, value) in enumerate(data.items()):
            if index:
                lines += self.above(column)
            lines += self.entry(key, value, column)
        return lines

    def entry(self, key: str, value: Any, column: int) -> list[str]:
        head = f"{' ' * column}{self.key(key)}:"
        if isinstance(value, (dict, list)) and value and self.intrinsic(value) is None and not self.some(self.style.flow):
            below = (
                self.mapping(value, column + self.step())
                if isinstance(value, dict)
                else self.items(value, column + self.style.dash)
            )
            return [head + self.trailing(), *self.above(column + self.step()), *below]
        return self.tagged(head, value, column)

    def key(self, key: str) -> str:
        if _COLONS.fullmatch(key) and not key[0].isdigit() and not self.some(3):
            return key
        return self.quoted(key)

    def items(self, items: list[Any], column: int) -> list[str]:
        lines: list[str] = []
        for index, item in enumerate(items):
            if index:
                lines += self.above(column)
            lines += self.item(item, column)
        return lines

    def item(self, item: Any, column: int) -> list[str]:
        pad = " " * column
        gap = " " * (self.style.step - 1) if self.style.step == 4 and self.some(30) else " "
        if (
            isinstance(item, dict)
            and item
            and (self.intrinsic(item) is None or not self.short())
            and not self.some(self.style.flow)
        ):
            first, *rest = self.mapping(item, column + 1 + len(gap))
            return [f"{pad}-{gap}{first.lstrip(' ')}", *rest]
        if isinstance(item, list) and item and not self.some(max(50, self.style.flow)):
            first, *rest = self.items(item, column + 2)
            return [f"{pad}- {first.lstrip(' ')}", *rest]
        return self.tagged(f"{pad}-", item, column)

    def tagged(self, head: str, value: Any, column: int) -> list[str]:
        """A value behind ``key:`` or ``-``, whose column is given, on that line or beginning there."""
        call = self.intrinsic(value)
        if call is None:
            return self.leaf(head, value, column)
        name, argument = call
        if not self.short() or self.intrinsic(argument) is not None:
            if self.some(self.style.flow) or head.endswith("-"):
                return self.leaf(head, value, column)
            return [head + self.trailing(), *self.entry(name, argument, column + self.step())]
        head += f" !{name.removeprefix('Fn::')}"
        if name == "Fn::GetAtt" and isinstance(argument, list) and self.some(80):
            return [f"{head} {'.'.join(argument)}{self.trailing()}"]
        if isinstance(argument, list) and not self.some(max(50, self.style.flow)):
            return [head + self.trailing(), *self.items(argument, column + 2)]
        return self.leaf(head, argument, column)

    def leaf(self, head: str, value: Any, column: int) -> list[str]:
        if isinstance(value, str) and "\n" in value and self.some(85):
            return self.literal(head, value, column)
        if isinstance(value, (dict, list)) and len(value) > 1 and self.some(25):
            return self.tall(head, value, column)
        return [f"{head} {self.flow(value, nested=False)}{self.trailing()}"]

    def literal(self, head: str, value: str, column: int) -> list[str]:
        pad = " " * (column + self.style.step)
        return [f"{head} |", *(pad + line if line else "" for line in value.removesuffix("\n").split("\n"))]

    def tall(self, head: str, value: Data | list[Any], column: int) -> list[str]:
        """Brackets over several lines."""
        pad = " " * (column + self.style.step)
        parts = self.flow_parts(value)
        opening, closing = "[]" if isinstance(value, list) else "{}"
        rows = [f"{pad}{part}{',' if index + 1 < len(parts) else ''}" for index, part in enumerate(parts)]
        busy = self.style.comments // 4
        rows = [row + (f" {self.comment()}" if self.some(busy) else "") for row in rows]
        return [f"{head} {opening}", *rows, f"{' ' * (column + 1)}{closing}"]

    # Intrinsics and scalars

    def intrinsic(self, value: Any) -> tuple[str, Any] | None:
        if isinstance(value, dict) and len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return name, argument
        return None

    def short(self) -> bool:
        return self.some(self.style.short)

    def flow(self, value: Any, *, nested: bool = True) -> str:
        call = self.intrinsic(value)
        if call is not None and nested and self.short() and self.intrinsic(call[1]) is None:
            name, argument = call
            if name == "Fn::GetAtt" and isinstance(argument, list):
                return f"!GetAtt {'.'.join(argument)}"
            return f"!{name.removeprefix('Fn::')} {self.flow(argument)}"
        if isinstance(value, dict):
            return "{" + self.gap() + ", ".join(self.flow_parts(value)) + self.gap() + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.flow_parts(value)) + "]"
        return self.scalar(value, flow=nested)

    def gap(self) -> str:
        return " " if self.noise.random() < 0.3 else ""

    def flow_parts(self, value: Data | list[Any]) -> list[str]:
        if isinstance(value, list):
            return [self.flow(item) for item in value]
        return [f"{self.key(key) if ':' not in key else self.quoted(key)}: {self.flow(item)}" for key, item in value.items()]

    def scalar(self, value: Any, *, flow: bool) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        text = str(value)
        if not self.style.quote and self.may_be_plain(text, flow) and not self.some(10):
            return text
        return self.quoted(text)

    def may_be_plain(self, text: str, flow: bool) -> bool:
        if text.lower() in _RESERVED:
            return False
        if _WORD.fullmatch(text) or _DATE.fullmatch(text):
            return True
        if flow:
            return text.startswith("AWS::") and _COLONS.fullmatch(text) is not None and self.some(5)
        return (_COLONS.fullmatch(text) is not None and text[0].isalpha()) or _PLAIN_SUB.fullmatch(text) is not None

    def quoted(self, text: str) -> str:
        single = self.style.quote == "'" or (not self.style.quote and self.noise.random() < 0.5)
        if single and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        return json.dumps(text, ensure_ascii=False)


class JsonWriter:
    """Writes data as JSON, with single lists and mappings on one line now and then."""

    def __init__(self, style: Style, noise: random.Random) -> None:
        self.style, self.noise = style, noise
        self.unit = "\t" if style.tabs else " " * style.step

    def document(self, data: Data) -> str:
        return (json.dumps(data) if self.style.one_line else self.value(data, "")) + "\n"

    def value(self, value: Any, pad: str) -> str:
        if not isinstance(value, (dict, list)) or not value:
            return json.dumps(value, ensure_ascii=self.noise.random() < 0.5)
        if self.noise.random() * 100 < self.style.inline and len(json.dumps(value)) < 100:
            return json.dumps(value)
        inner = pad + self.unit
        if isinstance(value, list):
            rows = [self.value(item, inner) for item in value]
        else:
            colon = " : " if self.style.inline > 50 else ": "
            rows = [f"{json.dumps(key)}{colon}{self.value(item, inner)}" for key, item in value.items()]
        opening, closing = "[]" if isinstance(value, list) else "{}"
        return f"{opening}\n{inner}" + f",\n{inner}".join(rows) + f"\n{pad}{closing}"


def _style(draw: Draw, is_json: bool | None, comments: bool) -> Style:
    if draw(st.sampled_from((True, True, False))) and is_json is None:
        return Style()  # what most templates look like; also what hypothesis shrinks to
    pick = draw(st.integers(0, 2**31))
    noise = random.Random(pick)
    step = noise.choice((2, 2, 4))
    return Style(
        is_json=noise.random() < 0.25 if is_json is None else is_json,
        step=step,
        dash=noise.choice((0, step)),
        short=noise.choice((0, 50, 100, 100)),
        quote=noise.choice(("", "", "'", '"')),
        flow=noise.choice((0, 0, 10, 30)),
        comments=noise.choice((0, 10, 25, 40)) if comments else 0,
        blank=noise.random() < 0.5,
        crlf=noise.random() < 0.2,
        bom=noise.random() < 0.1,
        final_newline=noise.random() < 0.65,
        tabs=noise.random() < 0.2,
        one_line=noise.random() < 0.15,
        inline=noise.choice((0, 40, 80)),
        marker=noise.random() < 0.15,
    )


def _ends_in_newline(value: Any) -> bool:
    """Whether the last leaf ends with a line break, which a block scalar loses together with the text's last one."""
    while isinstance(value, (dict, list)) and value:
        value = list(value.values())[-1] if isinstance(value, dict) else value[-1]
    return isinstance(value, str) and value.endswith("\n")


def written(data: Data, style: Style, noise: random.Random) -> tuple[str, tuple[str, ...]]:
    """A template's text in a style, and the comments put into it."""
    comments: tuple[str, ...] = ()
    if style.is_json:
        text = JsonWriter(style, noise).document(data)
    else:
        writer = YamlWriter(style, noise)
        text = writer.document(data)
        comments = tuple(writer.comments)
    text = text if style.final_newline or _ends_in_newline(data) else text.rstrip("\n")
    text = text.replace("\n", "\r\n") if style.crlf else text
    return ("\ufeff" if style.bom else "") + text, comments


@st.composite
def templates(
    draw: Draw, *, is_json: bool | None = None, is_sam: bool | None = None, comments: bool = True, most: int = 6
) -> Generated:
    """Templates of up to ``most`` resources; most of them have a dependency cycle."""
    style = _style(draw, is_json, comments)
    sam = draw(st.sampled_from((False, False, False, False, True))) if is_sam is None else is_sam
    noise = random.Random(draw(st.integers(0, 2**31)))
    data = _template(draw, noise, sam, style.is_json, most)
    text, found = written(data, style, noise)
    return Generated(text, data, found, style.is_json, sam)


@st.composite
def mutated(draw: Draw) -> str:
    """Templates in which slices are deleted, doubled or swapped, so that most of them are broken."""
    text: str = draw(templates(most=3)).text
    for _ in range(draw(st.integers(1, 4))):
        a, b = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        b = min(b, a + 60)
        c = draw(st.integers(b, len(text)))
        way = draw(st.integers(0, 3))
        junk = draw(
            st.sampled_from(
                ("", "{", "]", ":", "- ", "!Ref ", "!Sub", "&a ", "*a", "<<: ", "\t", '"', "'", "|", "${", "\r", "#")
            )
        )
        ways = (
            text[:a] + junk + text[b:],
            text[:b] + text[a:],
            text[:a] + text[b:c] + text[a:b] + text[c:],
            text[:a] + junk + text[a:],
        )
        text = ways[way]
    return text
