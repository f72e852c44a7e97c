"""Templates in which functions, queues, topics, buckets and rules are wired with each other in all sorts of ways."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

from completeness.parts import STORES, Data, Draw, Parts, allow, arn

POLLED = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


@st.composite
def wirings(draw: Draw) -> str:
    """A template as text, in YAML or JSON."""
    text = json.dumps(_Wiring(draw).template(), indent=2) + "\n"
    if draw(st.booleans()):
        return text
    data = json.loads(text)  # shares nothing, so that no aliases come of it
    yaml, out = YAML(typ="safe"), io.StringIO()
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(data, out)
    return out.getvalue()


class _Wiring(Parts):
    """What sends, reads and writes logs, beside what the parts are."""

    def template(self) -> Data:
        self.key = self.make_key()
        for kind in STORES:
            for number in range(self.some(0, 1, 1, 2) if kind in ("Queue", "Bucket") else self.some(0, 0, 1)):
                self.store(f"{kind}{number}", kind)
        self.functions = [self.function(number) for number in range(self.some(1, 1, 2))]
        for make in (
            self._rule,
            self._alarm,
            self._subscription,
            self._mapping,
            self._notification,
            self._trail,
            self._logging,
            self._schedule,
            self._readers,
            self._destination,
            self._log_bucket,
            self._user,
        ):
            if self.some(True, False):
                make()
        self._condition()
        return {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": {
                "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]},
                "KeyArn": {"Type": "String", "Description": "A key of another stack"},
                "PartnerAccount": {"Type": "String", "Description": "The account that may read"},
            },
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
            "Resources": self.resources,
        }

    def _rule(self) -> None:
        targets: list[Data] = []
        for number, name in enumerate(self.some(*self.functions, *self.of("Queue", "Topic")) for _ in range(self.some(1, 2))):
            if name not in [each["Id"] for each in targets]:
                targets.append({"Id": name, "Arn": arn(name, self.peers.get(name, ""))})
            if name in self.functions:
                self._permission(f"MayCall{name}{number}", name, "events.amazonaws.com", {"Fn::GetAtt": ["Nightly", "Arn"]})
            else:
                self._let(name, "events.amazonaws.com", None)
        self.add("Nightly", "AWS::Events::Rule", ScheduleExpression="rate(1 day)", Targets=targets)

    def _alarm(self) -> None:
        if self.of("Topic"):
            self.add(
                "Errors",
                "AWS::CloudWatch::Alarm",
                Namespace="AWS/Lambda",
                MetricName="Errors",
                Dimensions=[{"Name": "FunctionName", "Value": {"Ref": self.functions[0]}}],
                Statistic="Sum",
                Period=300,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                AlarmActions=[{"Ref": self.some(*self.of("Topic"))}],
            )

    def _subscription(self) -> None:
        if not self.of("Topic"):
            return
        topic = self.some(*self.of("Topic"))
        name = self.some(*self.functions, *self.of("Queue"))
        protocol = "lambda" if name in self.functions else "sqs"
        target = arn(name, self.peers.get(name, ""))
        self.add("Subscription", "AWS::SNS::Subscription", TopicArn={"Ref": topic}, Protocol=protocol, Endpoint=target)
        if protocol == "lambda":
            self._permission("MayNotify", name, "sns.amazonaws.com", {"Ref": topic})
        else:
            self._let(name, "sns.amazonaws.com", {"Ref": topic})

    def _mapping(self) -> None:
        sources = self.of("Queue", "Stream")
        if not sources:
            return
        source, function = self.some(*sources), self.some(*self.functions)
        position = {} if self.peers[source] == "Queue" else {"StartingPosition": "LATEST"}
        own = arn(source, self.peers[source])
        self.add("Poll", "AWS::Lambda::EventSourceMapping", FunctionName={"Ref": function}, EventSourceArn=own, **position)
        role = self.resources[function]["Properties"]["Role"].get("Fn::GetAtt")
        if role:
            reading = POLLED if self.peers[source] == "Queue" else ["kinesis:Get*", "kinesis:Describe*", "kinesis:List*"]
            self.grant(role[0], [allow(reading, own)])

    def _notification(self) -> None:
        named = [each for each in self.of("Bucket") if "BucketName" in self.resources[each]["Properties"]]
        if not named:
            return
        bucket, target = self.some(*named), self.some(*self.functions, *self.of("Queue", "Topic"))
        kind = self.peers.get(target, "Function")
        value = {"Event": "s3:ObjectCreated:*", kind: arn(target, kind)}
        key = {"Function": "LambdaConfigurations", "Queue": "QueueConfigurations", "Topic": "TopicConfigurations"}[kind]
        self.resources[bucket]["Properties"]["NotificationConfiguration"] = {key: [value]}
        name = self.resources[bucket]["Properties"]["BucketName"]["Fn::Sub"]
        source = {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{name}"}
        if kind == "Function":
            self._permission("MayReact", target, "s3.amazonaws.com", source)
        else:
            self._let(target, "s3.amazonaws.com", source)

    def _trail(self) -> None:
        if self.of("Bucket"):
            bucket = self.some(*self.of("Bucket"))
            statements = [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": action,
                    "Resource": resource,
                }
                for action, resource in (
                    ("s3:GetBucketAcl", arn(bucket, "Bucket")),
                    ("s3:PutObject", {"Fn::Sub": f"${{{bucket}.Arn}}/AWSLogs/*"}),
                )
            ]
            document = {"Version": "2012-10-17", "Statement": statements}
            self.add("AuditPolicy", "AWS::S3::BucketPolicy", Bucket={"Ref": bucket}, PolicyDocument=document)
            self.add("Trail", "AWS::CloudTrail::Trail", S3BucketName={"Ref": bucket}, IsLogging=True)
            self.resources["Trail"]["DependsOn"] = "AuditPolicy"

    def _logging(self) -> None:
        name = self.some(*self.functions)
        encrypted = (
            {"KmsKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]}} if "DataKey" in self.resources and self.some(True, False) else {}
        )
        group = {"Fn::Sub": f"/aws/lambda/${{{name}}}"}
        self.add("Logs", "AWS::Logs::LogGroup", LogGroupName=group, RetentionInDays=30, **encrypted)

    def _schedule(self) -> None:
        """A schedule under a role of its own, which may send to a queue too."""
        targets = [*self.functions, *self.of("Queue")]
        name = self.some(*targets)
        target = arn(name, self.peers.get(name, ""))
        action = "sqs:SendMessage" if name in self.peers else "lambda:InvokeFunction"
        self.role("ScheduleRole", [allow([action], target)], "scheduler.amazonaws.com")
        whole = {"Arn": target, "RoleArn": {"Fn::GetAtt": ["ScheduleRole", "Arn"]}}
        every = {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}, "ScheduleExpression": "rate(1 hour)"}
        self.add("Hourly", "AWS::Scheduler::Schedule", **every, Target=whole)

    def _readers(self) -> None:
        """Somebody from outside who reads a bucket: an account, a distribution, everybody."""
        buckets = self.of("Bucket")
        if not buckets:
            return
        bucket = buckets[-1]
        if "AuditPolicy" in self.resources:
            return
        reader: Any = self.some(
            {"AWS": {"Fn::Sub": "arn:aws:iam::${PartnerAccount}:root"}}, {"Service": "cloudfront.amazonaws.com"}, "*"
        )
        statement = allow(["s3:GetObject"], {"Fn::Sub": f"${{{bucket}.Arn}}/*"}) | {"Principal": reader}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        self.add("ReadPolicy", "AWS::S3::BucketPolicy", Bucket={"Ref": bucket}, PolicyDocument=document)

    def _destination(self) -> None:
        """Where the failures of a function go that is called and not waited for."""
        queues, function = self.of("Queue", "Topic"), self.some(*self.functions)
        role = self.resources[function]["Properties"]["Role"].get("Fn::GetAtt")
        if queues:
            target = self.some(*queues)
            self.add(
                "Invocations",
                "AWS::Lambda::EventInvokeConfig",
                FunctionName={"Ref": function},
                Qualifier="$LATEST",
                DestinationConfig={"OnFailure": {"Destination": arn(target, self.peers[target])}},
            )
            if role:
                action = "sqs:SendMessage" if self.peers[target] == "Queue" else "sns:Publish"
                self.grant(role[0], [allow([action], arn(target, self.peers[target]))])

    def _log_bucket(self) -> None:
        """A bucket that takes the access logs of another one, let in by a policy, by a list, or not at all."""
        buckets = self.of("Bucket")
        if not buckets:
            return
        form = self.some("policy", "list", "nothing")
        properties = self.add("AccessLogs", "AWS::S3::Bucket")
        if form == "list":
            properties["AccessControl"] = "LogDeliveryWrite"
            properties["OwnershipControls"] = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        elif form == "policy":
            statement = allow(["s3:PutObject"], {"Fn::Sub": "${AccessLogs.Arn}/*"})
            statement["Principal"] = {"Service": "logging.s3.amazonaws.com"}
            document = {"Version": "2012-10-17", "Statement": [statement]}
            self.add("AccessLogsPolicy", "AWS::S3::BucketPolicy", Bucket={"Ref": "AccessLogs"}, PolicyDocument=document)
        self.resources[self.some(*buckets)]["Properties"]["LoggingConfiguration"] = {
            "DestinationBucketName": {"Ref": "AccessLogs"}
        }

    def _user(self) -> None:
        """A user or the members of a group, who read what they need."""
        statements = [self.statement(each) for each in self.peers if self.some(True, False)]
        if statements:
            policy = {"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
            self.add("Somebody", self.some("AWS::IAM::User", "AWS::IAM::Group"), Policies=[policy])

    def _permission(self, name: str, function: str, service: str, source: Data) -> None:
        self.add(
            name,
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName={"Ref": function},
            Principal=service,
            SourceArn=source,
        )

    def _let(self, name: str, service: str, source: Data | None) -> None:
        """The statement with which a queue or topic lets a service send, in a policy of its own or none at all."""
        kind = self.peers[name]
        policies = [each for each in self.resources if each == f"{name}Policy"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage" if kind == "Queue" else "sns:Publish",
            "Resource": arn(name, kind),
        }
        if source:
            statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
        if policies:
            self.resources[policies[0]]["Properties"]["PolicyDocument"]["Statement"].append(statement)
        elif self.some(True, True, False):
            document = {"Version": "2012-10-17", "Statement": [statement]}
            target = {f"{kind}s": [{"Ref": name}]}
            self.add(f"{name}Policy", f"AWS::{STORES[kind][0].split('::')[1]}::{kind}Policy", PolicyDocument=document, **target)

    def _condition(self) -> None:
        """Perhaps one thing that is there at times, and that nothing else names."""
        named = json.dumps([[each["Properties"], each.get("DependsOn")] for each in self.resources.values()])
        loose = [name for name in self.resources if f'"{name}"' not in named and f"{{{name}" not in named]
        if loose and self.some(True, False):
            self.resources[self.some(*loose)]["Condition"] = "IsProd"
