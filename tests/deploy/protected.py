"""For each template in ``protection``: what protects it once it is fixed and deployed, and does not before."""

from __future__ import annotations

import json
from collections.abc import Callable

from cloud import Stack
from reading import attributes, function_settings, role_statements, statements

PROTECTIONS: dict[str, Callable[[Stack], None]] = {}


def protection(look: Callable[[Stack], None]) -> Callable[[Stack], None]:
    """Registers the function that looks at what the template of its name has become."""
    PROTECTIONS[look.__name__] = look
    return look


def _key_statements(stack: Stack, key: str) -> list[dict[str, object]]:
    return statements(stack.cloud("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])


def _services(stack: Stack, key: str) -> set[object]:
    """The services that a key lets in."""
    principals = [each["Principal"] for each in _key_statements(stack, key)]
    return {each["Service"] for each in principals if isinstance(each, dict) and "Service" in each}


def _key_of_topic(stack: Stack, topic: str) -> str:
    found = stack.cloud("sns").get_topic_attributes(TopicArn=stack.id(topic))["Attributes"]
    key: str = stack.cloud("kms").describe_key(KeyId=found["KmsMasterKeyId"])["KeyMetadata"]["KeyId"]
    return key


@protection
def bucket(stack: Stack) -> None:
    s3, name = stack.cloud("s3"), stack.id("Files")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert list(block.values()) == [True] * 4
    found = statements(s3.get_bucket_policy(Bucket=name)["Policy"])
    assert found[0]["Sid"] == "Account"  # what was there is still there
    (denial,) = [each for each in found if each["Effect"] == "Deny"]
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denial["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]


@protection
def rule(stack: Stack) -> None:
    failed = function_settings(stack, "Report")["DeadLetterConfig"]["TargetArn"]
    (target,) = stack.cloud("events").list_targets_by_rule(Rule=stack.id("Nightly").split("/")[-1])["Targets"]
    assert target["DeadLetterConfig"]["Arn"] == failed
    assert [each["Resource"] for each in role_statements(stack, "ReportRole") if each["Action"] == "sqs:SendMessage"] == [
        failed
    ]
    queues = stack.cloud("sqs")
    found = queues.get_queue_attributes(
        QueueUrl=queues.get_queue_url(QueueName=failed.split(":")[-1])["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    assert found["MessageRetentionPeriod"] == "1209600"
    (statement,) = statements(found["Policy"])
    assert (statement["Principal"], statement["Resource"]) == ({"Service": "events.amazonaws.com"}, failed)
    assert "events.amazonaws.com" in _services(stack, found["KmsMasterKeyId"])
    # Lambda asks at creation whether the role may send; the emulator does not.
    assert stack.created.index("ReportRole") < stack.created.index("Report")


@protection
def queue(stack: Stack) -> None:
    jobs = attributes(stack, "Jobs")
    failed = json.loads(jobs["RedrivePolicy"])["deadLetterTargetArn"]
    assert failed != jobs["QueueArn"]
    key = stack.cloud("kms").describe_key(KeyId=jobs["KmsMasterKeyId"])["KeyMetadata"]
    assert "sns.amazonaws.com" in _services(stack, key["KeyId"])
    (right,) = [each for each in role_statements(stack, "WorkerRole") if "kms:Decrypt" in each["Action"]]
    assert right["Resource"] == key["Arn"]
    assert statements(jobs["Policy"])[0]["Principal"] == {"Service": "sns.amazonaws.com"}


@protection
def alarm(stack: Stack) -> None:
    key = _key_of_topic(stack, "Alerts")
    kms = stack.cloud("kms")
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    assert kms.list_aliases(KeyId=key)["Aliases"]
    assert _services(stack, key) == {"cloudwatch.amazonaws.com"}
    secret = stack.cloud("secretsmanager").describe_secret(SecretId=stack.id("Token"))
    assert kms.describe_key(KeyId=secret["KmsKeyId"])["KeyMetadata"]["KeyId"] == key
    (right,) = [each for each in role_statements(stack, "ReaderRole") if "kms:Decrypt" in each["Action"]]
    assert right["Resource"].endswith(f":key/{key}")
