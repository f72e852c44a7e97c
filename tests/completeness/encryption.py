"""Who uses a store that is encrypted with a key of the template, and may not use the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from completeness.policies import Known, Statement, allowed, identities, lets, may, resource_policies
from completeness.texts import Template, at, references

READ, WRITE, BOTH = ("kms:Decrypt",), ("kms:GenerateDataKey",), ("kms:Decrypt", "kms:GenerateDataKey")

KEYS = {
    # type: paths to the key
    "AWS::S3::Bucket": ("BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",),
    "AWS::DynamoDB::Table": ("SSESpecification.KMSMasterKeyId",),
    "AWS::DynamoDB::GlobalTable": ("Replicas.SSESpecification.KMSMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::Kinesis::Stream": ("StreamEncryption.KeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
}

USES: dict[str, dict[str, tuple[str, ...]]] = {
    # service: what each action on data needs of the key
    "s3": {"s3:GetObject": READ, "s3:PutObject": WRITE},
    "dynamodb": dict.fromkeys(
        (
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
        ),
        READ,
    ),
    "sqs": {"sqs:ReceiveMessage": READ, "sqs:SendMessage": BOTH},
    "sns": {"sns:Publish": BOTH},
    "kinesis": {"kinesis:GetRecords": READ, "kinesis:PutRecord": WRITE, "kinesis:PutRecords": WRITE},
    "secretsmanager": {"secretsmanager:GetSecretValue": READ, "secretsmanager:PutSecretValue": WRITE},
}
"""S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html; DynamoDB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html; SQS:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html; SNS:
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html; Kinesis:
https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html; Secrets Manager:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"""


@dataclass(frozen=True)
class Lock:
    """A store and the key that it is encrypted with."""

    store: str
    key: str


class Keys:
    """The keys of a template, and whom they let."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.identities = identities(template)
        self.policies = {
            name: list(allowed(properties["KeyPolicy"])) if "KeyPolicy" in properties else None
            for name, properties in template.of("AWS::KMS::Key")
        }

    def of(self, value: Any) -> list[str]:
        """The keys of the template that a value means, through an alias too."""
        found = self.template.meant(value, "AWS::KMS::Key", "AWS::KMS::Alias")
        keys: dict[str, None] = {}
        for name in found:
            target = self.template.properties(name).get("TargetKeyId")
            own = self.template.type_of(name) == "AWS::KMS::Key"
            keys.update(dict.fromkeys([name] if own else self.template.meant(target, "AWS::KMS::Key")))
        return list(keys)

    def lets_identity(self, key: str, name: str, action: str, known: Known) -> bool:
        """Whether a role, user or group may use a key: by the key's policy, or by its own where the key leaves that to IAM."""
        statements = self.policies[key]
        arn = self.template.arn(name)
        if statements is not None and any(
            each.has_action(action) and each.holds(self.template, known) and self._names(each, arn) for each in statements
        ):
            return True
        return self._delegates(statements, action) and may(
            self.template, self.identities[name], action, self.template.arn(key), known
        )

    def _names(self, statement: Statement, arn: str) -> bool:
        return any(each == "*" or self.template.canonical(each) == arn for each in statement.principals)

    def _delegates(self, statements: list[Statement] | None, action: str) -> bool:
        """Whether a key leaves it to the account's own policies who may use it; so does the policy that KMS gives."""
        if statements is None:
            return True
        owners = ("$AccountId", "*")
        return any(
            each.has_action(action) and any(one in owners or is_own_account(one) for one in each.principals)
            for each in statements
        )

    def lets_service(self, key: str, service: str, action: str, known: Known) -> bool:
        statements = self.policies[key]
        return statements is not None and lets(statements, f"service:{service}", action, self.template, known)


def is_own_account(principal: str) -> bool:
    """Whether a principal is the root of the stack's account."""
    return principal.startswith("arn:") and principal.endswith(":$AccountId:root")


def locks(template: Template, keys: Keys) -> Iterator[Lock]:
    """The stores of the template on keys of the template."""
    for kind, paths in KEYS.items():
        for store, properties in template.of(kind):
            for path in paths:
                for value in at(properties, *path.split(".")):
                    for key in keys.of(value):
                        yield Lock(store, key)


def locked(template: Template, keys: Keys) -> dict[str, list[str]]:
    """The keys of each store that has any."""
    found: dict[str, list[str]] = {}
    for lock in dict.fromkeys(locks(template, keys)):
        found.setdefault(lock.store, []).append(lock.key)
    return found


def via(arn: str) -> Known:
    """What KMS knows of a call that comes through the service of a store."""
    return {"kms:ViaService": f"{arn.split(':')[1]}.$Region.amazonaws.com"}


def identity_gaps(template: Template, keys: Keys) -> Iterator[tuple[str, str, str]]:
    """Roles, users and groups that use a store by their policies, and can't use its key: who, store, action."""
    users = holders(template)
    for lock in dict.fromkeys(locks(template, keys)):
        arn = template.arn(lock.store)
        service = arn.split(":")[1]
        for name, statements in keys.identities.items():
            for action, needed in USES[service].items():
                if _uses(template, statements, action, arn, lock.store, users.get(name, set())):
                    for each in needed:
                        if not keys.lets_identity(lock.key, name, each, via(arn)):
                            yield name, lock.store, f"{each} for {action}"


def _uses(template: Template, statements: list[Statement], action: str, arn: str, store: str, seen: set[str]) -> bool:
    """Whether statements allow an action on a store: one that they name, or that what runs under them names."""
    target = f"{arn}/x" if action.startswith("s3:") else arn
    for each in statements:
        if each.has_action(action):
            fitting = [one for one in each.resources if template.matches(one, target)]
            if any(not _broad(template, one) for one in fitting) or (fitting and store in seen):
                return True
    return False


def _broad(template: Template, pattern: str) -> bool:
    """Whether a resource of a statement is everything of a service, or everything."""
    return template.canonical(pattern).split(":")[-1].strip("*/?") in ("", "table", "stream", "secret", "key")


def holders(template: Template) -> dict[str, set[str]]:
    """For each role, the resources that what runs under it refers to."""
    found: dict[str, set[str]] = {}
    for name, resource in template.resources.items():
        properties = template.properties(name)
        if resource.get("Type") in ("AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::ECS::TaskDefinition"):
            keys = ("Role", "TaskRoleArn")
            seen = {target for target, _ in references(properties)}
            for role in template.meant([properties.get(key) for key in keys], "AWS::IAM::Role"):
                found.setdefault(role, set()).update(seen)
    return found


def source_gaps(template: Template, keys: Keys) -> Iterator[tuple[str, str, str]]:
    """Functions that poll a queue, a stream or a table's stream, and can't read it."""
    on_key = locked(template, keys)
    for _, properties in template.of("AWS::Lambda::EventSourceMapping"):
        sources = template.meant(properties.get("EventSourceArn"), *KEYS)
        for function in template.meant(properties.get("FunctionName"), "AWS::Lambda::Function"):
            for role in template.meant(template.properties(function).get("Role"), "AWS::IAM::Role"):
                for source in sources:
                    for key in on_key.get(source, ()):
                        if not keys.lets_identity(key, role, "kms:Decrypt", via(template.arn(source))):
                            yield role, source, "kms:Decrypt for an event source"


def outsider_gaps(template: Template, keys: Keys) -> Iterator[tuple[str, str, str]]:
    """Principals that a store's own policy lets in, and the key does not: who, store, action."""
    policies = resource_policies(template)
    for lock in dict.fromkeys(locks(template, keys)):
        arn = template.arn(lock.store)
        for statement in policies.get(lock.store, ()):
            for action, needed in USES.get(arn.split(":")[1], {}).items():
                if statement.has_action(action):
                    for principal in statement.principals:
                        yield from _outsider(template, keys, lock, principal, action, needed)


def _outsider(
    template: Template, keys: Keys, lock: Lock, principal: str, action: str, needed: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    if action == "s3:PutObject" and _delivers_logs(principal):
        return
    if principal.startswith("service:"):
        missing = [each for each in needed if not keys.lets_service(lock.key, principal[8:], each, {})]
    elif is_own_account(principal) or principal in ("$AccountId", "*"):
        return
    elif owned := template.meant(principal, "AWS::IAM::Role", "AWS::IAM::User"):
        missing = [each for each in needed if not keys.lets_identity(lock.key, owned[0], each, via(template.arn(lock.store)))]
    else:
        statements = keys.policies[lock.key] or []
        missing = [each for each in needed if not lets(statements, principal, each, template, {})]
    for each in missing:
        yield principal, lock.store, f"{each} for {action}"


def _delivers_logs(principal: str) -> bool:
    """What writes logs, and is looked at as such: services, and the accounts of load balancing, which are numbers."""
    services = ("logging.s3", "logdelivery.elasticloadbalancing", "elasticloadbalancing", "cloudtrail", "config")
    account = principal.removeprefix("arn:aws:iam::").removesuffix(":root")
    return principal.removeprefix("service:") in services or account.isdigit() or account == "?"
