"""The parts of a template for property tests: a key, stores that may be on it, functions, and roles in all their forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Data = dict[str, Any]
Draw = Callable[..., Any]

ACCOUNT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
STORES = {
    # short name: type, what a role does with it, and where
    "Bucket": (
        "AWS::S3::Bucket",
        (["s3:GetObject"], ["s3:PutObject"], ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], ["s3:*"]),
    ),
    "Table": ("AWS::DynamoDB::Table", (["dynamodb:GetItem", "dynamodb:Query"], ["dynamodb:PutItem"], ["dynamodb:*"])),
    "Queue": ("AWS::SQS::Queue", (["sqs:SendMessage"], ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])),
    "Topic": ("AWS::SNS::Topic", (["sns:Publish"],)),
    "Stream": (
        "AWS::Kinesis::Stream",
        (["kinesis:PutRecord", "kinesis:PutRecords"], ["kinesis:Get*", "kinesis:DescribeStream"]),
    ),
    "Secret": ("AWS::SecretsManager::Secret", (["secretsmanager:GetSecretValue"],)),
}


def arn(name: str, kind: str) -> Data:
    """What a policy or a property names a store or a function by."""
    return {"Ref": name} if kind in ("Topic", "Secret") else {"Fn::GetAtt": [name, "Arn"]}


def allow(actions: list[str], resource: Any) -> Data:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


class Parts:
    """A template in the making. ``peers``: the short names of the stores' kinds, by logical id."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.resources: Data = {}
        self.peers: dict[str, str] = {}
        self.key: Any = None
        """A reference to the key that some of the stores are on."""
        self.functions: list[str] = []

    def some(self, *odds: Any) -> Any:
        return self.draw(st.sampled_from(odds))

    def add(self, name: str, kind: str, **properties: Any) -> Data:
        self.resources[name] = {"Type": kind, "Properties": properties}
        return properties

    def of(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.peers.items() if kind in kinds]

    # Stores

    def make_key(self) -> Any:
        """A reference to a key that is there already, or None."""
        form = self.some(None, None, "policy", "default", "alias", "closed", "foreign")
        if form is None:
            return None
        if form == "foreign":
            return {"Ref": "KeyArn"}
        every = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
        if form == "closed":  # only who is named may use it
            every |= {
                "Sid": "Administration",
                "Action": ["kms:Create*", "kms:Describe*", "kms:Put*", "kms:ScheduleKeyDeletion"],
            }
        some = {
            "Sid": "Services",
            "Effect": "Allow",
            "Action": self.some("kms:Decrypt", "kms:GenerateDataKey*"),
            "Resource": "*",
        }
        some |= {"Principal": {"Service": self.some("events.amazonaws.com", "cloudtrail.amazonaws.com", "sns.amazonaws.com")}}
        statements = [every, some] if self.some(True, False) else [every]
        policy = {} if form == "default" else {"KeyPolicy": {"Version": "2012-10-17", "Statement": statements}}
        self.add("DataKey", "AWS::KMS::Key", EnableKeyRotation=True, **policy)
        if form == "alias":
            self.add("DataAlias", "AWS::KMS::Alias", AliasName="alias/data", TargetKeyId={"Ref": "DataKey"})
            return {"Ref": "DataAlias"}
        return self.some({"Ref": "DataKey"}, {"Fn::GetAtt": ["DataKey", "Arn"]})

    def store(self, name: str, kind: str) -> None:
        self.peers[name] = kind
        encrypted = self.key is not None and self.some(True, False)
        properties = self.add(name, STORES[kind][0])
        if kind == "Bucket":
            if self.some(True, False):
                properties["BucketName"] = {"Fn::Sub": f"{name.lower()}-${{Stage}}-${{AWS::AccountId}}"}
            if encrypted:
                chosen = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
                rules = [{"ServerSideEncryptionByDefault": chosen}]
                properties["BucketEncryption"] = {"ServerSideEncryptionConfiguration": rules}
        elif kind == "Table":
            properties |= {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            }
            if encrypted:
                properties["SSESpecification"] = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.key}
        elif kind == "Stream":
            properties["StreamModeDetails"] = {"StreamMode": "ON_DEMAND"}
        elif kind == "Secret":
            properties["GenerateSecretString"] = {"PasswordLength": 32}
            if self.some(True, False):
                properties["Name"] = {"Fn::Sub": f"${{Stage}}/{name.lower()}"}
            properties |= {"KmsKeyId": self.key} if encrypted else {}
        else:
            self._queue_or_topic(name, kind, properties, encrypted)

    def _queue_or_topic(self, name: str, kind: str, properties: Data, encrypted: bool) -> None:
        if self.some(True, False):
            properties[f"{kind}Name"] = {"Fn::Sub": f"{name.lower()}-${{Stage}}"}
        managed = "alias/aws/sqs" if kind == "Queue" else "alias/aws/sns"
        if encrypted:
            properties["KmsMasterKeyId"] = self.key
        elif self.some(True, False, False, False):
            properties["KmsMasterKeyId"] = managed
        others = [each for each in self.of("Queue") if each != name]
        if kind == "Queue" and others and self.some(True, False):
            properties["RedrivePolicy"] = {"deadLetterTargetArn": arn(self.some(*others), "Queue"), "maxReceiveCount": 3}

    # What runs

    def function(self, number: int) -> str:
        name, role = f"Function{number}", self.some(f"Function{number}Role", "SharedRole", None)
        used = [each for each in self.peers if self.some(True, False)]
        properties = self.add(name, "AWS::Lambda::Function", Handler="index.handler", Runtime="python3.13")
        properties["Code"] = {"ZipFile": "def handler(event, context):\n    return event\n"}
        named = {each.upper(): {"Ref": each} for each in used if self.some(True, True, False)}
        if named:
            properties["Environment"] = {"Variables": named}
        if role is None:
            properties["Role"] = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/worker"}
            return name
        properties["Role"] = {"Fn::GetAtt": [role, "Arn"]}
        self.role(role, [self.statement(each) for each in used])
        if self.of("Queue") and self.some(True, False, False):
            failed = self.some(*self.of("Queue"))
            properties["DeadLetterConfig"] = {"TargetArn": arn(failed, "Queue")}
            self.grant(role, [allow(["sqs:SendMessage"], arn(failed, "Queue"))])
        return name

    def role(self, role: str, statements: list[Data], service: str = "lambda.amazonaws.com") -> None:
        if role not in self.resources:
            trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
            properties = self.add(role, "AWS::IAM::Role")
            properties["AssumeRolePolicyDocument"] = {"Version": "2012-10-17", "Statement": [trust]}
            managed = self.some(None, None, None, "AmazonS3FullAccess", "AmazonDynamoDBFullAccess", "AdministratorAccess")
            if managed:
                properties["ManagedPolicyArns"] = [f"arn:aws:iam::aws:policy/{managed}"]
        self.grant(role, statements)

    def grant(self, role: str, statements: list[Data]) -> None:
        """Rights of a role, in one of the forms in which they are given."""
        if not statements:
            return
        document = {"Version": "2012-10-17", "Statement": statements}
        form, number = self.some("inline", "inline", "policy", "managed", "attached"), len(self.resources)
        if form == "inline":
            policies = self.resources[role]["Properties"].setdefault("Policies", [])
            policies.append({"PolicyName": f"rights{len(policies)}", "PolicyDocument": document})
        elif form == "policy":
            self.add(f"Rights{number}", "AWS::IAM::Policy", PolicyName="rights", Roles=[{"Ref": role}], PolicyDocument=document)
        elif form == "managed":
            self.add(f"Rights{number}", "AWS::IAM::ManagedPolicy", Roles=[{"Ref": role}], PolicyDocument=document)
        else:
            self.add(f"Rights{number}", "AWS::IAM::ManagedPolicy", PolicyDocument=document)
            self.resources[role]["Properties"].setdefault("ManagedPolicyArns", []).append({"Ref": f"Rights{number}"})

    def statement(self, store: str) -> Data:
        kind = self.peers[store]
        own = arn(store, kind)
        if kind == "Bucket":
            name = self.resources[store]["Properties"].get("BucketName", {"Fn::Sub": f"${{{store}}}"})["Fn::Sub"]
            written = {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{name}/*"}
            return allow(self.some(*STORES[kind][1]), self.some([own, {"Fn::Sub": f"${{{store}.Arn}}/*"}], written, "*"))
        secrets = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
        if kind == "Secret" and "Name" in self.resources[store]["Properties"] and self.some(True, False):
            own = {"Fn::Sub": f"{secrets}${{Stage}}/{store.lower()}{self.some('-*', '-??????')}"}
        return allow(self.some(*STORES[kind][1]), self.some(own, [own], own, "*"))
