"""For each template in ``shapes``: who refuses it, and what has to be there once the fixed one is deployed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cloud import Stack
from reading import attributes, function_settings, role_policy, statements

CIRCULAR = "Circular dependency found"


@dataclass(frozen=True)
class Shape:
    name: str
    """Of the template and of the function that reads back."""
    lint: frozenset[str]
    """The errors that cfn-lint reports for the original, and no longer for the result."""
    refusal: str
    """What the emulator says of the original; empty where it creates it all the same, as CloudFormation would not."""
    unsafe: bool
    """Whether only an unsafe fix mends it."""
    read_back: Callable[[Stack], None]


SHAPES: list[Shape] = []


def shape(*lint: str, refusal: str = "", unsafe: bool = False) -> Callable[[Callable[[Stack], None]], None]:
    """Registers the function that reads back the template of its name."""

    def register(read_back: Callable[[Stack], None]) -> None:
        SHAPES.append(Shape(read_back.__name__, frozenset(lint), refusal, unsafe, read_back))

    return register


def _notified(stack: Stack, bucket: str) -> dict[str, Any]:
    """The one function that a bucket notifies, with the events and the filter."""
    (found,) = stack.cloud("s3").get_bucket_notification_configuration(Bucket=stack.id(bucket))["LambdaFunctionConfigurations"]
    entry: dict[str, Any] = found
    return entry


@shape("E3004", refusal=CIRCULAR)
def security_groups(stack: Stack) -> None:
    application, database = stack.id("ApplicationGroup"), stack.id("DatabaseGroup")
    found = stack.cloud("ec2").describe_security_groups(GroupIds=[application, database])["SecurityGroups"]
    groups = {each["GroupId"]: each for each in found}
    (rule,) = groups[database]["IpPermissions"]
    assert (rule["FromPort"], rule["UserIdGroupPairs"][0]["GroupId"]) == (5432, application)
    # what stands in a group itself, the emulator leaves out
    outward = [pair["GroupId"] for each in groups[application]["IpPermissionsEgress"] for pair in each["UserIdGroupPairs"]]
    assert outward == [database]


@shape("E3004", refusal=CIRCULAR)
def bucket_notification(stack: Stack) -> None:
    ingest, entry = function_settings(stack, "Ingest"), _notified(stack, "Uploads")
    assert entry["LambdaFunctionArn"] == ingest["FunctionArn"]
    assert entry["Filter"]["Key"]["FilterRules"][0]["Value"] == ".csv"
    assert ingest["Environment"]["Variables"] == {"BUCKET": stack.id("Uploads")}
    (statement,) = role_policy(stack, "IngestRole", "read-uploads")
    assert statement["Resource"] == f"arn:aws:s3:::{stack.id('Uploads')}/*"
    # S3 asks at creation whether it may call the function; the emulator does not.
    assert stack.created.index("MayIngest") < stack.created.index("Uploads")


@shape("E3004", refusal=CIRCULAR)
def key_policy(stack: Stack) -> None:
    key = stack.id("DataKey")
    role = stack.cloud("iam").get_role(RoleName=stack.id("WriterRole"))["Role"]["Arn"]
    policy = stack.cloud("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert statements(policy)[1]["Principal"] == {"AWS": role}
    assert role_policy(stack, "WriterRole", "write-orders")[1]["Resource"].endswith(f":key/{key}")
    assert attributes(stack, "Orders")["KmsMasterKeyId"] == key


@shape("E3004", refusal=CIRCULAR)
def state_machine(stack: Stack) -> None:
    workflow = stack.id("Workflow")
    function = function_settings(stack, "Orchestrator")
    assert function["Environment"]["Variables"] == {"WORKFLOW": workflow}
    definition = stack.cloud("stepfunctions").describe_state_machine(stateMachineArn=workflow)["definition"]
    assert json.loads(definition)["States"]["Work"]["Resource"] == function["FunctionArn"]
    assert role_policy(stack, "OrchestratorRole", "start")[0]["Resource"] == workflow


@shape("E3004", refusal=CIRCULAR)
def log_group(stack: Stack) -> None:
    name = f"/aws/lambda/{function_settings(stack, 'Worker')['FunctionName']}"
    (group,) = stack.cloud("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["logGroupName"] == stack.id("WorkerLogs")
    # still first, or Lambda would have made it
    assert stack.created.index("WorkerLogs") < stack.created.index("Worker")


@shape("E3004", refusal=CIRCULAR)
def queue_policy(stack: Stack) -> None:
    events = attributes(stack, "Events")
    assert statements(events["Policy"])[0]["Resource"] == events["QueueArn"]
    assert json.loads(events["RedrivePolicy"])["deadLetterTargetArn"] == attributes(stack, "Failed")["QueueArn"]


@shape("E3004", refusal=CIRCULAR)
def redrive(stack: Stack) -> None:
    work, failed = attributes(stack, "Work"), attributes(stack, "Failed")
    assert json.loads(work["RedrivePolicy"])["deadLetterTargetArn"] == failed["QueueArn"]
    assert json.loads(failed["RedriveAllowPolicy"])["sourceQueueArns"] == [work["QueueArn"]]


@shape("E3004", refusal=CIRCULAR, unsafe=True)
def topic_order(stack: Stack) -> None:
    for topic, display in (("Orders", "orders"), ("Alerts", "alerts")):
        found = stack.cloud("sns").get_topic_attributes(TopicArn=stack.id(topic))["Attributes"]
        assert found["DisplayName"] == display


@shape(refusal=CIRCULAR)
def sam_bucket_event(stack: Stack) -> None:
    function = function_settings(stack, "Thumbnails")
    assert _notified(stack, "Pictures")["LambdaFunctionArn"] == function["FunctionArn"]
    permission = stack.cloud("lambda").get_policy(FunctionName=function["FunctionName"])["Policy"]
    assert statements(permission)[0]["Principal"] == {"Service": "s3.amazonaws.com"}
    (name,) = stack.cloud("iam").list_role_policies(RoleName=stack.id("ThumbnailsRole"))["PolicyNames"]
    assert f"arn:aws:s3:::{stack.id('Pictures')}/*" in role_policy(stack, "ThumbnailsRole", name)[0]["Resource"]


@shape("E3004", refusal=CIRCULAR)
def api_policy(stack: Stack) -> None:
    policy = stack.cloud("apigateway").get_rest_api(restApiId=stack.id("Api"))["policy"]
    assert "execute-api:/*" in policy


@shape("E3004", refusal=CIRCULAR)
def attached_policy(stack: Stack) -> None:
    iam, policy = stack.cloud("iam"), stack.id("Access")
    attached = iam.list_attached_role_policies(RoleName=stack.id("SweeperRole"))["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [policy]
    document = iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]["Document"]
    assert statements(document)[0]["Resource"] == function_settings(stack, "Sweeper")["FunctionArn"]


@shape("E3004", refusal=CIRCULAR, unsafe=True)
def nameless_bucket(stack: Stack) -> None:
    sorter = function_settings(stack, "Sorter")
    assert _notified(stack, "Inbox")["LambdaFunctionArn"] == sorter["FunctionArn"]
    assert sorter["Environment"]["Variables"] == {"INBOX": stack.id("Inbox")}
    permission = stack.cloud("lambda").get_policy(FunctionName=sorter["FunctionName"])["Policy"]
    assert stack.id("Inbox") in json.dumps(statements(permission)[0]["Condition"])
    assert stack.created.index("MaySort") < stack.created.index("Inbox")


@shape("E3505")
def queue_visibility(stack: Stack) -> None:
    jobs = attributes(stack, "Jobs")
    (source,) = stack.cloud("lambda").list_event_source_mappings(FunctionName=stack.id("Worker"))["EventSourceMappings"]
    assert source["EventSourceArn"] == jobs["QueueArn"]
    assert int(jobs["VisibilityTimeout"]) >= function_settings(stack, "Worker")["Timeout"]


@shape("E3045")
def bucket_acl(stack: Stack) -> None:
    grants = stack.cloud("s3").get_bucket_acl(Bucket=stack.id("AccessLogs"))["Grants"]
    assert "WRITE" in [each["Permission"] for each in grants if each["Grantee"].get("URI", "").endswith("/s3/LogDelivery")]


@shape("E3002")
def unknown_property(stack: Stack) -> None:
    assert attributes(stack, "Jobs")["VisibilityTimeout"] == "90"
    topic = stack.cloud("sns").get_topic_attributes(TopicArn=stack.id("Alerts"))["Attributes"]
    assert topic["DisplayName"] == "alerts"


@shape("E3003", refusal="Groceries: 'SSEEnabled'")
def missing_property(stack: Stack) -> None:
    table = stack.cloud("dynamodb").describe_table(TableName=stack.id("Groceries"))["Table"]
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert stack.cloud("s3").get_bucket_versioning(Bucket=stack.id("Archive"))["Status"] == "Enabled"


@shape("E3012", refusal="Jobs: string indices must be integers")
def wrong_type(stack: Stack) -> None:
    assert stack.cloud("sqs").list_queue_tags(QueueUrl=stack.id("Jobs"))["Tags"]["team"] == "billing"
    topic = stack.cloud("sns").get_topic_attributes(TopicArn=stack.id("Alerts"))["Attributes"]
    assert topic["DisplayName"] == "alerts"


@shape("E3030", "E3639", refusal="BillingMode")
def illegal_value(stack: Stack) -> None:
    table = stack.cloud("dynamodb").describe_table(TableName=stack.id("Orders"))["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert stack.cloud("s3").get_bucket_versioning(Bucket=stack.id("Archive"))["Status"] == "Enabled"


@shape("E3034", unsafe=True)
def out_of_range(stack: Stack) -> None:
    jobs = attributes(stack, "Jobs")
    assert (jobs["MessageRetentionPeriod"], jobs["ReceiveMessageWaitTimeSeconds"]) == ("1209600", "20")


@shape("E3030", unsafe=True)
def secure_string(stack: Stack) -> None:
    parameter = stack.cloud("ssm").get_parameter(Name=stack.id("Endpoint"))["Parameter"]
    assert (parameter["Type"], parameter["Value"]) == ("String", "https://example.com")


@shape(refusal="does not exist or is not attachable")
def managed_policy_arn(stack: Stack) -> None:
    attached = stack.cloud("iam").list_attached_role_policies(RoleName=stack.id("WorkerRole"))["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["AWSLambdaBasicExecutionRole"]


@shape("E3006", refusal="Jobs")
def unknown_type(stack: Stack) -> None:
    assert attributes(stack, "Jobs")["VisibilityTimeout"] == "90"
    table = stack.cloud("dynamodb").describe_table(TableName=stack.id("Orders"))["Table"]
    assert table["TableStatus"] == "ACTIVE"


@shape("E3002")
def misplaced_attribute(stack: Stack) -> None:
    assert stack.created.index("Alerts") < stack.created.index("Jobs")
    assert attributes(stack, "Jobs")["MessageRetentionPeriod"] == "86400"


@shape("E3024")
def repeated_tag(stack: Stack) -> None:
    tags = stack.cloud("sqs").list_queue_tags(QueueUrl=stack.id("Jobs"))["Tags"]
    assert (tags["team"], tags["stage"]) == ("billing", "dev")


@shape("E0000", refusal="not well-formed", unsafe=True)
def comment_in_json(stack: Stack) -> None:
    redrive_policy = json.loads(attributes(stack, "Jobs")["RedrivePolicy"])
    assert redrive_policy["deadLetterTargetArn"] == attributes(stack, "Failed")["QueueArn"]


@shape("E1161", "E3031", refusal="InvalidBucketName")
def bucket_name(stack: Stack) -> None:
    assert stack.id("Uploads").startswith("harbour-uploads-")
    assert stack.cloud("s3").head_bucket(Bucket=stack.id("Uploads"))


@shape("E3005", refusal="Unresolved resource dependencies [JobsPolicy]", unsafe=True)
def missing_dependency(stack: Stack) -> None:
    assert stack.created.index("Alerts") < stack.created.index("Jobs")


@shape("E1020", refusal="Unresolved resource dependencies [AlertsTopic]", unsafe=True)
def missing_reference(stack: Stack) -> None:
    found = stack.cloud("sns").list_subscriptions_by_topic(TopicArn=stack.id("AlertTopic"))["Subscriptions"]
    assert [each["Endpoint"] for each in found] == [attributes(stack, "JobsQueue")["QueueArn"]]


@shape("E1010", "E6101", refusal="Could not resolve attribute 'ARN'")
def unknown_attribute(stack: Stack) -> None:
    worker = function_settings(stack, "Worker")
    assert worker["Role"].endswith(f":role/{stack.id('Role')}")
    assert worker["Environment"]["Variables"] == {"TABLE": stack.id("Orders")}


@shape(refusal="at 'role' failed to satisfy constraint")
def role_reference(stack: Stack) -> None:
    worker = function_settings(stack, "Worker")
    assert worker["Role"].endswith(f":role/{stack.id('Role')}")
    assert worker["DeadLetterConfig"] == {"TargetArn": attributes(stack, "Failed")["QueueArn"]}
    assert role_policy(stack, "Role", "send-to-dead-letter-queue")[0]["Action"] == "sqs:SendMessage"


@shape("E1028", refusal="IsProductive", unsafe=True)
def undefined_condition(stack: Stack) -> None:
    assert attributes(stack, "Jobs")["MessageRetentionPeriod"] == "86400"
