"""What the data about IAM and the SDKs says, checked by hand against AWS's documentation, and the tables that refer to it."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from remediator import iam
from remediator.knowledge import table
from remediator.schemas import resource_type
from remediator.transforms.wiring.managed import granted

KNOWLEDGE = Path(__file__).resolve().parent.parent / "remediator" / "knowledge"

ACTIONS = [
    ("s3:GetObject", "Read", {"object": False, "accesspointobject": False}),
    ("s3:ListBucket", "List", {"bucket": False, "accesspoint": False}),
    ("s3:ListAllMyBuckets", "List", {}),
    ("s3:PutBucketPolicy", "Permissions management", {"bucket": True}),
    ("s3:PutObjectTagging", "Tagging", {"object": False, "accesspointobject": False}),
    ("dynamodb:Query", "Read", {"table": True, "index": False}),
    ("dynamodb:PutItem", "Write", {"table": True}),
    ("dynamodb:ListTables", "List", {}),
    ("sqs:SendMessage", "Write", {"queue": True}),
    ("sns:Publish", "Write", {"topic": True}),
    ("kms:Decrypt", "Write", {"key": True}),
    ("lambda:InvokeFunction", "Write", {"function": True}),
    ("states:StartExecution", "Write", {"statemachine": True}),
    ("events:PutEvents", "Write", {"event-bus": False, "event-busv2": False}),
    ("secretsmanager:GetSecretValue", "Read", {"Secret": True}),
    ("ssm:GetParameter", "Read", {"parameter": True}),
    ("logs:PutLogEvents", "Write", {"log-stream": True}),
    ("logs:CreateLogGroup", "Write", {"log-group": True}),
    ("cloudwatch:PutMetricData", "Write", {"dataset": False}),
    ("iam:PassRole", "Write", {"role": True}),
    ("ec2:DescribeInstances", "List", {}),
    ("sts:AssumeRole", "Write", {"role": True}),
    ("bedrock:ListFoundationModels", "List", {}),
    ("xray:PutTraceSegments", "Write", {}),
]
"""https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""


@pytest.mark.parametrize(("name", "level", "kinds"), ACTIONS, ids=[row[0] for row in ACTIONS])
def test_action_is_what_the_service_authorization_reference_says(name: str, level: str, kinds: dict[str, bool]) -> None:
    found = iam.action(name)
    assert found is not None
    assert found.name == name
    assert found.level == level
    assert dict(found.resources) == kinds
    assert iam.action(name.upper()) == found


FORMS = [
    ("s3", "object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
    ("s3", "bucket", "arn:${Partition}:s3:::${BucketName}"),
    ("dynamodb", "table", "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}"),
    ("dynamodb", "index", "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}"),
    ("sqs", "queue", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"),
    ("sns", "topic", "arn:${Partition}:sns:${Region}:${Account}:${TopicName}"),
    ("lambda", "function", "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}"),
    ("iam", "role", "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"),
    ("kms", "key", "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"),
    ("ssm", "parameter", "arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}"),
]


@pytest.mark.parametrize(("service", "kind", "form"), FORMS)
def test_forms_of_arns(service: str, kind: str, form: str) -> None:
    assert iam.arn_forms(service, kind) == (form,)


NEEDS: list[tuple[str, str, tuple[str, ...] | None]] = [
    ("s3", "GetObject", ("s3:GetObject",)),
    ("s3", "HeadObject", ("s3:GetObject",)),
    ("s3", "HeadBucket", ("s3:ListBucket",)),
    ("s3", "ListObjectsV2", ("s3:ListBucket",)),
    ("s3", "ListBuckets", ("s3:ListAllMyBuckets",)),
    ("s3", "CopyObject", ("s3:GetObject", "s3:PutObject")),
    ("s3", "UploadPart", ("s3:PutObject",)),
    ("s3", "AbortMultipartUpload", ("s3:AbortMultipartUpload",)),
    ("s3", "DeleteObjects", ("s3:DeleteObject",)),
    ("s3", "GetBucketEncryption", ("s3:GetEncryptionConfiguration",)),
    ("s3", "PutBucketLifecycleConfiguration", ("s3:PutLifecycleConfiguration",)),
    ("s3", "PutBucketCors", ("s3:PutBucketCORS",)),
    ("dynamodb", "BatchWriteItem", ("dynamodb:BatchWriteItem",)),
    ("dynamodb", "TransactGetItems", ("dynamodb:GetItem",)),
    ("sqs", "SendMessageBatch", ("sqs:SendMessage",)),
    ("sns", "PublishBatch", ("sns:Publish",)),
    ("lambda", "Invoke", ("lambda:InvokeFunction",)),
    ("stepfunctions", "StartExecution", ("states:StartExecution",)),
    ("stepfunctions", "SendTaskSuccess", ("states:SendTaskSuccess",)),
    ("events", "PutEvents", ("events:PutEvents",)),
    ("cloudwatch", "PutMetricData", ("cloudwatch:PutMetricData",)),
    ("sts", "GetCallerIdentity", ()),
    ("sts", "AssumeRoleWithWebIdentity", ()),
    ("cognito-idp", "InitiateAuth", ()),
    ("cognito-idp", "SignUp", ()),
    ("cognito-idp", "AdminCreateUser", ("cognito-idp:AdminCreateUser",)),
    ("cognito-identity", "GetId", ()),
    ("apigateway", "CreateRestApi", ("apigateway:POST",)),
    ("apigatewayv2", "GetApis", ("apigateway:GET",)),
    ("apigatewaymanagementapi", "PostToConnection", ("execute-api:ManageConnections",)),
    ("iot-data", "Publish", ("iot:Publish",)),
    ("bedrock-runtime", "InvokeModel", ("bedrock:InvokeModel",)),
    ("bedrock-runtime", "Converse", ("bedrock:InvokeModel",)),
    ("bedrock-runtime", "ConverseStream", ("bedrock:InvokeModelWithResponseStream",)),
    ("secretsmanager", "BatchGetSecretValue", ("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue")),
    ("sesv2", "SendEmail", ("ses:SendEmail",)),
    ("opensearch", "DescribeDomain", ("es:DescribeDomain",)),
    ("efs", "DescribeFileSystems", ("elasticfilesystem:DescribeFileSystems",)),
    ("elbv2", "DescribeTargetHealth", ("elasticloadbalancing:DescribeTargetHealth",)),
    ("emr", "RunJobFlow", ("elasticmapreduce:RunJobFlow",)),
    ("kms", "ReEncrypt", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
    ("resourcegroupstaggingapi", "GetResources", ("tag:GetResources",)),
    ("cloudformation", "DescribeStacks", ("cloudformation:DescribeStacks",)),
    ("cloudformation", "CreateStack", None),
    ("athena", "StartQueryExecution", None),
    ("s3", "NoSuchOperation", None),
    ("no-such-client", "GetObject", None),
]


@pytest.mark.parametrize(("client", "operation", "actions"), NEEDS, ids=[f"{row[0]}.{row[1]}" for row in NEEDS])
def test_what_an_operation_needs(client: str, operation: str, actions: tuple[str, ...] | None) -> None:
    assert iam.needed(client, operation) == actions


def test_what_parameters_make_an_operation_need() -> None:
    assert {"s3:GetObjectVersion", "s3:ListBucket"} <= set(iam.also_needed("s3", "GetObject"))
    assert "iam:PassRole" in iam.also_needed("ecs", "RunTask")
    assert iam.also_needed("sts", "GetCallerIdentity") == ()
    assert iam.also_needed("no-such-client", "GetObject") == ()


def test_what_is_needed_beside_an_action() -> None:
    assert iam.dependent("ecs:RunTask") == ("iam:PassRole",)
    assert iam.dependent("s3:GetObject") == ()
    assert iam.dependent("s3:NoSuchAction") == ()


def test_patterns_mean_what_iam_means_by_them() -> None:
    names = [each.name for each in iam.matching("SQS:*message")]
    assert names == ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
    assert [each.name for each in iam.matching("s3:GetObjec?")] == ["s3:GetObject"]
    assert iam.matching("s3:[G]etObject") == (), "brackets are no wildcards of IAM"
    assert iam.matching("nosuchservice:*") == ()
    assert {"s3:GetObject", "ec2:RunInstances"} <= {each.name for each in iam.matching("*")}


def test_unknown_names_are_unknown() -> None:
    assert iam.action("s3:HeadObject") is None
    assert iam.action("s3") is None
    assert iam.action("about.json:x") is None
    assert iam.names("about.json") is None
    assert iam.arn_forms("s3", "folder") == ()
    assert iam.operations("about.json") is None


def test_a_name_that_only_cfn_lint_has_is_a_name_without_facts() -> None:
    """CodeStar is retired, and policies that name it are not wrong."""
    assert "createproject" in (iam.names("codestar") or ())
    assert iam.action("codestar:CreateProject") is None


def test_data_is_consistent() -> None:
    """Every action has one of five levels, its resource types are ones of its service, and their ARNs can be taken apart."""
    levels = {"Read", "Write", "List", "Tagging", "Permissions management"}
    for found in iam.matching("*"):
        assert found.level in levels, found
        service = found.name.partition(":")[0]
        for kind, _ in found.resources:
            for form in iam.arn_forms(service, kind):
                assert re.match(r"(arn:(\$\{Partition\}|aws):|\$\{\w+\}$|\*$)", form), form


TABLE = table("sdk_actions")
ROWS = [
    (client, operation, value)
    for client, row in TABLE.items()
    for operation, value in [*row.items(), *row.get("also", {}).items()]
    if operation not in ("prefix", "also")
]


@pytest.mark.parametrize(("client", "operation", "value"), ROWS, ids=[f"{row[0]}.{row[1]}" for row in ROWS])
def test_rows_of_operations_refer_to_what_there_is(client: str, operation: str, value: Any) -> None:
    assert operation in (iam.operations(client) or ())
    for name in value if isinstance(value, list) else ():
        found = iam.action(name)
        assert found is not None
        assert found.name == name
    if isinstance(value, str):
        assert value


@pytest.mark.parametrize("client", [client for client, row in TABLE.items() if "prefix" in row])
def test_prefixes_are_known(client: str) -> None:
    assert TABLE[client]["prefix"] in iam.services()


def test_clients_that_code_of_functions_uses_are_understood() -> None:
    """All operations of the clients that hardly change, and nearly all of the others."""
    for client in ("dynamodbstreams", "sns", "sqs", "events", "stepfunctions", "scheduler", "ses", "sesv2", "s3"):
        unknown = [each for each in iam.operations(client) or () if iam.needed(client, each) is None]
        assert unknown == [], client


@pytest.mark.parametrize(
    ("client", "operation", "passes"),
    [
        ("mediaconvert", "CreateJob", True),
        ("ecs", "RegisterTaskDefinition", True),
        ("rekognition", "StartLabelDetection", True),
        ("sts", "AssumeRole", False),
        ("bedrock-runtime", "Converse", False),
        ("lambda", "Invoke", False),
    ],
)
def test_what_takes_a_role_needs_to_pass_it(client: str, operation: str, passes: bool) -> None:
    """By its parameters, where the reference does not say so; the roles of a conversation, and one to take on, are none."""
    assert ("iam:PassRole" in iam.also_needed(client, operation)) == passes


POLICIES = ["AmazonS3ReadOnlyAccess", "service-role/AWSLambdaBasicExecutionRole", "job-function/ViewOnlyAccess"]


@pytest.mark.parametrize("name", POLICIES)
def test_managed_policies_have_documents(name: str) -> None:
    found = iam.managed_policy(name)
    assert found is not None
    assert found["Version"] == "2012-10-17"
    assert found["Statement"]
    assert iam.managed_policy(name.rpartition("/")[2]) == found


@pytest.mark.parametrize("name", ["AAA", "zzz", "about.json", "AWSLambdaBasicExecutionRolf", ""])
def test_unknown_managed_policies_have_none(name: str) -> None:
    assert iam.managed_policy(name) is None
    assert granted(name) is None


def test_every_attachable_policy_has_a_document() -> None:
    for path, row in table("managed_policies").items():
        if path.startswith("/") and path != "/aws-service-role/":
            assert all(iam.managed_policy(name) for name in row["names"].split())


def test_what_managed_policies_grant() -> None:
    """NotAction is all but some; what is denied everywhere is not granted."""
    assert granted("AdministratorAccess") == ("*",)
    power = granted("PowerUserAccess") or ()
    assert "s3:*" in power
    assert "iam:*" not in power
    assert "iam:PassRole" not in power
    assert "iam:ListRoles" in power
    assert granted("AWSDenyAll") == ()
    connect = granted("AmazonConnectReadOnlyAccess") or ()
    assert "connect:AdminGetEmergencyAccessToken" not in connect
    assert "connect:GetContactAttributes" in connect


@pytest.mark.parametrize("name", ["iam_actions", "sdk_operations", "managed_policies"])
def test_archives_can_be_made_again_and_say_where_they_come_from(name: str) -> None:
    with zipfile.ZipFile(KNOWLEDGE / f"{name}.zip") as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = json.loads(archive.read("about.json"))
    assert re.search(r"\((MIT|both Apache-2\.0|Apache-2\.0)\)", about["source"])


@pytest.mark.parametrize(
    ("service", "principal", "name"),
    [
        (service, principal, name)
        for service, row in table("passed_services").items()
        for principal, names in row.items()
        for name in names
    ],
)
def test_actions_that_pass_a_role_exist(service: str, principal: str, name: str) -> None:
    assert re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", principal)
    found = iam.action(f"{service}:{name}")
    assert found is not None
    assert found.name == f"{service}:{name}"


@pytest.mark.parametrize(("service", "row"), table("trust_sources").items())
def test_services_that_name_their_source_are_told_in_full(service: str, row: dict[str, Any]) -> None:
    """Each has the page that says so, and the properties to which that is limited are ones that name a role."""
    assert row["source"].startswith("https://docs.aws.amazon.com/")
    for kind, properties in row.get("users", {}).items():
        known = resource_type(kind)
        assert known is not None
        assert all(known.shape.at(*name.split(".")) for name in properties)
