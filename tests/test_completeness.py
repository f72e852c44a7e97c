"""What the fixes leave behind is complete: nobody who used a store, sent or wrote logs before is locked out by them."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from completeness import gaps, new_gaps
from completeness.loading import load
from completeness.wirings import wirings
from hypothesis import HealthCheck, Phase, given, settings

from remediator import Options, Outcome, TemplateError, fix_text

TESTS = Path(__file__).resolve().parent
COMPLETE = load((TESTS / "completeness" / "complete.yaml").read_text(encoding="utf-8"))
SAMPLES = sorted(path for path in (TESTS.parent / "samples").iterdir() if path.suffix in (".yaml", ".json"))
CORPUS = Path(os.environ["REMEDIATOR_CORPUS"]) if os.environ.get("REMEDIATOR_CORPUS") else None
SUFFIXES = (".json", ".yaml", ".yml", ".template")

LEVELS = pytest.mark.parametrize("unsafe", [pytest.param(False, id="safe"), pytest.param(True, id="unsafe")])

# The checker itself

Path_ = tuple[str | int, ...]
Change = Callable[[dict[str, Any]], None]


def at(*path: str | int) -> Callable[[Any], Any]:
    def found(value: Any) -> Any:
        for step in path:
            value = value[step]
        return value

    return found


def without(*path: str | int) -> Change:
    """Takes something out of the resources."""

    def change(resources: dict[str, Any]) -> None:
        del at(*path[:-1])(resources)[path[-1]]

    return change


def with_(value: Any, *path: str | int) -> Change:
    """Puts something into the resources."""

    def change(resources: dict[str, Any]) -> None:
        at(*path[:-1])(resources)[path[-1]] = value

    return change


def without_statement(sid: str) -> Change:
    """Takes a statement out of the key's policy."""

    def change(resources: dict[str, Any]) -> None:
        policy = resources["Key"]["Properties"]["KeyPolicy"]
        policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != sid]

    return change


def moved_to(name: str, *path: str | int) -> Change:
    """Moves a statement of the role into a policy of its own."""

    def change(resources: dict[str, Any]) -> None:
        statement = at(*path)(resources)
        without(*path)(resources)
        properties = {"Roles": [{"Ref": "WorkerRole"}], "PolicyDocument": {"Statement": [statement]}}
        resources[name] = {"Type": "AWS::IAM::Policy", "Properties": properties}

    return change


def copied_to(name: str, original: str) -> Change:
    """Adds a copy of a resource."""

    def change(resources: dict[str, Any]) -> None:
        resources[name] = copy.deepcopy(resources[original])

    return change


def statements(policy: str) -> Path_:
    return (policy, "Properties", "PolicyDocument", "Statement")


WORK: Path_ = ("WorkerRole", "Properties", "Policies", 0, "PolicyDocument", "Statement")
ON_KMS = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}

LACKING: dict[str, tuple[Change, set[str]]] = {
    "no key right for a role": (
        without("WorkerKey"),
        {
            "key of a store: WorkerRole → Uploads: kms:Decrypt for s3:GetObject",
            "key of a store: WorkerRole → Uploads: kms:GenerateDataKey for s3:PutObject",
            "key of a store: WorkerRole → Alerts: kms:Decrypt for sns:Publish",
            "key of a store: WorkerRole → Alerts: kms:GenerateDataKey for sns:Publish",
            "key of a store: WorkerRole → Clicks: kms:GenerateDataKey for kinesis:PutRecord",
            "key of a store: WorkerRole → Clicks: kms:GenerateDataKey for kinesis:PutRecords",
            "key of a store: WorkerRole → Token: kms:Decrypt for secretsmanager:GetSecretValue",
            "key of a store: WorkerRole → Failed: kms:Decrypt for sqs:SendMessage",
            "key of a store: WorkerRole → Failed: kms:GenerateDataKey for sqs:SendMessage",
            *(
                f"key of a store: WorkerRole → Orders: kms:Decrypt for dynamodb:{action}"
                for action in ("GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem")
            ),
            *(
                f"dead letters: WorkerRole → Failed: kms:{action} for dead letters of {name}"
                for action in ("Decrypt", "GenerateDataKey")
                for name in ("Worker", "Hourly")
            ),
        },
    ),
    "a right to another key": (
        with_("arn:aws:kms:us-east-1:111122223333:key/other", *statements("WorkerKey"), 0, "Resource"),
        {"key of a store: WorkerRole → Uploads: kms:Decrypt for s3:GetObject"},
    ),
    "a right to half of it": (
        with_("kms:Decrypt", *statements("WorkerKey"), 0, "Action"),
        {
            "key of a store: WorkerRole → Uploads: kms:GenerateDataKey for s3:PutObject",
            "key of a store: WorkerRole → Alerts: kms:GenerateDataKey for sns:Publish",
        },
    ),
    "a right through another service": (
        with_({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, *statements("MayDecrypt"), "Condition"),
        {"key of an event source: PollerRole → Arrivals: kms:Decrypt for an event source"},
    ),
    "a key that leaves nothing to the account": (
        without_statement("Account"),
        {
            "key of a store: WorkerRole → Uploads: kms:Decrypt for s3:GetObject",
            "key of an event source: PollerRole → Arrivals: kms:Decrypt for an event source",
            "key, for a service: Builder → Key: kms:Decrypt for BuilderRole",
        },
    ),
    "a role that only the key's policy names": (
        without_statement("Reporter"),
        {"key of a store: Reporter → Orders: kms:Decrypt for dynamodb:Query"},
    ),
    "a table that what runs under a role names": (
        with_({"Ref": "Token"}, "Worker", "Properties", "Environment", "Variables", "TABLE"),
        set(),
    ),
    "no statement for rules": (
        without_statement("Events"),
        {
            "key, for a sender: Nightly → Failed: kms:Decrypt for events",
            "key, for a sender: Nightly → Alerts: kms:GenerateDataKey for events",
            "key, for an outsider: service:events → Failed: kms:Decrypt for sqs:SendMessage",
        },
    ),
    "no statement for buckets": (
        without_statement("Bucket"),
        {"key, for a sender: Uploads → Arrivals: kms:GenerateDataKey for s3"},
    ),
    "no statement for topics": (
        without_statement("Topic"),
        {
            "key, for a sender: Subscription → Arrivals: kms:Decrypt for sns",
            "key, for a sender: Subscription → Failed: kms:Decrypt for sns",
        },
    ),
    "no statement for alarms": (
        without_statement("Alarms"),
        {"key, for a sender: Errors → Alerts: kms:GenerateDataKey for cloudwatch"},
    ),
    "no statement for log groups": (
        without_statement("Logs"),
        {"key, for a service: WorkerLogs → Key: kms:Decrypt for logs"},
    ),
    "a statement for other log groups": (
        with_("/aws/ecs/worker", "WorkerLogs", "Properties", "LogGroupName"),
        {"key, for a service: WorkerLogs → Key: kms:GenerateDataKey for logs"},
    ),
    "no statement for trails": (
        without_statement("Trail"),
        {
            "key, for a service: Trail → Key: kms:DescribeKey for cloudtrail",
            "logs: Trail → AuditLogs: kms:GenerateDataKey for cloudtrail",
        },
    ),
    "no statement for flow logs": (
        without_statement("FlowLogs"),
        {"logs: FlowLog → AuditLogs: kms:GenerateDataKey for delivery.logs"},
    ),
    "no statement for a distribution": (
        without_statement("Distribution"),
        {"key, for an outsider: service:cloudfront → Uploads: kms:Decrypt for s3:GetObject"},
    ),
    "no statement for another account": (
        without_statement("Partner"),
        {"key, for an outsider: arn:aws:iam::${Partner}:root → Uploads: kms:Decrypt for s3:GetObject"},
    ),
    "no statement for the role of autoscaling": (
        without_statement("Machines"),
        {"key, for a service: Machines → Key: kms:CreateGrant for the role of autoscaling"},
    ),
    "no key right for builds": (
        without("BuilderRole", "Properties", "Policies"),
        {"key, for a service: Builder → Key: kms:GenerateDataKey for BuilderRole"},
    ),
    "the default policy of a key": (
        without("Key", "Properties", "KeyPolicy"),
        {
            "key, for a service: WorkerLogs → Key: kms:Decrypt for logs",
            "key, for a sender: Errors → Alerts: kms:Decrypt for cloudwatch",
        },
    ),
    "keys that AWS manages": (
        with_("alias/aws/sns", "Alerts", "Properties", "KmsMasterKeyId"),
        {"key, for a sender: Errors → Alerts: cloudwatch can't use the key that AWS manages"},
    ),
    "no policy of a topic": (
        without("TopicPolicy"),
        {"send: Nightly → Alerts: events sns:Publish"},
    ),
    "a topic's policy with a condition that EventBridge does not read": (
        with_({"ArnEquals": {"aws:SourceArn": "x"}}, *statements("TopicPolicy"), 0, "Condition"),
        {"send: Nightly → Alerts: events sns:Publish"},
    ),
    "a topic's policy without alarms": (
        without(*statements("TopicPolicy"), 1),
        {"send: Errors → Alerts: cloudwatch sns:Publish"},
    ),
    "no policy of a queue": (
        without("QueuePolicy"),
        {"send: Uploads → Arrivals: s3 sqs:SendMessage", "send: Subscription → Arrivals: sns sqs:SendMessage"},
    ),
    "no policy of a dead-letter queue": (
        without("FailedPolicy"),
        {"send: Subscription → Failed: sns sqs:SendMessage", "send: Nightly → Failed: events sqs:SendMessage"},
    ),
    "a queue's policy for another source": (
        with_("arn:aws:s3:::other", *statements("QueuePolicy"), 0, "Condition", "ArnLike", "aws:SourceArn"),
        {"send: Uploads → Arrivals: s3 sqs:SendMessage"},
    ),
    "a queue's policy for another queue": (
        with_({"Ref": "Arrivals"}, "FailedPolicy", "Properties", "Queues"),
        {"send: Nightly → Failed: events sqs:SendMessage", "order: FailedPolicy → Arrivals: has a policy already, QueuePolicy"},
    ),
    "no right to send dead letters": (
        without(*WORK, 2),
        {
            "dead letters: WorkerRole → Failed: sqs:SendMessage for Worker",
            "dead letters: WorkerRole → Failed: sqs:SendMessage for Hourly",
        },
    ),
    "a queue that is its own dead-letter queue": (
        with_({"Fn::GetAtt": ["Arrivals", "Arn"]}, "Arrivals", "Properties", "RedrivePolicy", "deadLetterTargetArn"),
        {"redrive: Arrivals → Arrivals: is its own dead-letter queue"},
    ),
    "a FIFO queue": (
        with_(True, "Arrivals", "Properties", "FifoQueue"),
        {"redrive: Arrivals → Failed: a FIFO queue needs one for its dead letters, and no other does"},
    ),
    "a FIFO queue for dead letters": (
        with_(True, "Failed", "Properties", "FifoQueue"),
        {
            "redrive: Worker → Failed: a FIFO queue can't take these dead letters",
            "redrive: Nightly → Failed: a FIFO queue can't take these dead letters",
        },
    ),
    "a dead-letter queue for others": (
        with_(["x"], "Failed", "Properties", "RedriveAllowPolicy", "sourceQueueArns"),
        {"redrive: Arrivals → Failed: the dead-letter queue does not take from it"},
    ),
    "a notification before the queue's policy": (
        without("Uploads", "DependsOn"),
        {"order: Uploads → QueuePolicy: does not wait for it: S3 asks at creation"},
    ),
    "a trail before its bucket's policy": (
        with_("Key", "Trail", "DependsOn"),
        {"order: Trail → AuditLogsPolicy: does not wait for it: cloudtrail tries at creation"},
    ),
    "a function before the right to send": (
        moved_to("Later", *WORK, 2),
        {"order: Worker → Later: does not wait for it: Lambda asks at creation"},
    ),
    "two policies of a bucket": (
        copied_to("Another", "AccessLogsPolicy"),
        {"order: Another → AccessLogs: has a policy already, AccessLogsPolicy"},
    ),
    "no policy of a log bucket": (
        without("AccessLogsPolicy"),
        {
            "logs: Uploads → AccessLogs: logging.s3 may not write",
            "logs: Balancer → AccessLogs: elb may not write",
        },
    ),
    "no statement for a trail": (
        with_("delivery.logs.amazonaws.com", *statements("AuditLogsPolicy"), 0, "Principal", "Service"),
        {"logs: Trail → AuditLogs: cloudtrail may not write"},
    ),
    "no right of the recorder": (
        without("RecorderRole", "Properties", "Policies"),
        {"logs: Channel → AuditLogs: config may not write", "logs: Channel → AuditLogs: kms:GenerateDataKey for config"},
    ),
    "a log bucket on KMS": (
        with_(ON_KMS, "AccessLogs", "Properties", "BucketEncryption"),
        {
            "logs: Uploads → AccessLogs: logging.s3 can't write into a bucket that is encrypted with KMS",
            "logs: Balancer → AccessLogs: elb can't write into a bucket that is encrypted with KMS",
        },
    ),
    "a log bucket without lists": (
        without("AccessLogs", "Properties", "OwnershipControls"),
        {"logs: Site → AccessLogs: CloudFront writes logs by access control lists, which are disabled"},
    ),
    "a replication without the encrypted": (
        without("Uploads", "Properties", "ReplicationConfiguration", "Rules", 0, "SourceSelectionCriteria"),
        {"structure: Uploads → Key: replication leaves out what is encrypted"},
    ),
    "a public bucket": (
        with_("*", *statements("UploadsPolicy"), 0, "Principal"),
        {"structure: Uploads → Key: everybody may read it, and nobody can decrypt it"},
    ),
    "a reference to what is not there": (
        with_({"Ref": "AuditTopic"}, "AuditParameter", "Properties", "Value"),
        {"structure: AuditParameter → AuditTopic: is there without WithAudit"},
    ),
    "a circle": (
        with_({"Ref": "Alias"}, "Key", "Properties", "Description"),
        {"structure: Alias → Key: wait for each other: Alias, Key"},
    ),
}


def test_a_complete_template_lacks_nothing() -> None:
    assert gaps(COMPLETE) == set()


@pytest.mark.parametrize(("change", "expected"), LACKING.values(), ids=LACKING)
def test_what_is_taken_away_is_missed(change: Change, expected: set[str]) -> None:
    """Each omission is reported, with who and what; where only some are written here, the others are of the same kinds."""
    template = copy.deepcopy(COMPLETE)
    change(template["Resources"])
    found = {str(each) for each in gaps(template)}
    assert expected <= found
    assert bool(expected) == bool(found)


def test_every_statement_of_the_complete_template_is_needed() -> None:
    """The template that nothing is missing in has nothing to spare either: the statements of its key are all looked at."""
    for statement in COMPLETE["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]:
        template = copy.deepcopy(COMPLETE)
        without_statement(statement["Sid"])(template["Resources"])
        assert gaps(template), statement["Sid"]


# The fixes


def fixed(text: str, *, unsafe: bool) -> Outcome:
    """A template with the fixes of the default profile, none of which had to be dropped."""
    outcome = fix_text(text, Options(unsafe=unsafe))
    assert outcome.failures == (), "; ".join(f"{each.culprit}: {each.detail or each.message}" for each in outcome.failures)
    return outcome


def assert_complete(outcome: Outcome) -> None:
    found = new_gaps(outcome.before.text, outcome.after.text)
    assert not found, "\n".join(("incomplete:", *map(str, sorted(found)), outcome.after.text))


@LEVELS
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_stay_complete(path: Path, unsafe: bool) -> None:
    assert_complete(fixed(path.read_text(encoding="utf-8"), unsafe=unsafe))


@LEVELS
@given(wirings())
@settings(
    max_examples=50,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to shrink what fails takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_wirings_stay_complete(unsafe: bool, text: str) -> None:
    """Whatever is wired with whatever: the fixes close every gap that they open."""
    assert_complete(fixed(text, unsafe=unsafe))


@pytest.mark.skipif(CORPUS is None, reason="REMEDIATOR_CORPUS names no folder of templates")
@LEVELS
def test_real_templates_stay_complete(unsafe: bool) -> None:
    """Takes minutes: every template below REMEDIATOR_CORPUS."""
    lacking = []
    for path in sorted(each for each in (CORPUS or Path()).rglob("*") if each.suffix in SUFFIXES):
        try:
            outcome = fix_text(path.read_text(encoding="utf-8-sig"), Options(unsafe=unsafe))
        except (TemplateError, UnicodeDecodeError):
            continue
        before = outcome.before.text
        known = gaps(before) if _reads(before) else set()
        lacking += [f"{path.name}: {each}" for each in sorted(gaps(outcome.after.text) - known)]
        lacking += [f"{path.name}: {each.culprit}: {each.message}" for each in outcome.failures]
    assert not lacking, "\n".join(lacking)


def _reads(text: str) -> bool:
    """Whether a text can be read before it is mended."""
    try:
        return bool(load(text))
    except ValueError:
        return False
