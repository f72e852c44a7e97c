"""ENC022: jobs and crawlers of Glue that write without encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Ref,
    Remedy,
    Resource,
    Sub,
    Template,
    reachable,
)
from remediator.transforms.combinations.rows import listed
from remediator.transforms.encryption.stack_key import StackKey, stack_key
from remediator.transforms.wiring.grants import allow, statement
from remediator.transforms.wiring.links import condition_of, meant

_CONFIGURATION = "AWS::Glue::SecurityConfiguration"
_USERS = {
    "AWS::Glue::Job": ("SecurityConfiguration", "Role"),
    "AWS::Glue::Crawler": ("CrawlerSecurityConfiguration", "Role"),
    "AWS::Glue::DevEndpoint": ("SecurityConfiguration", "RoleArn"),
}
"""For each type, the property that names the configuration, and the one with the role."""
_ACTIONS = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
_LOGS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws-glue/*"
_RISK = "whoever reads what they write from then on has to be allowed to decrypt with the key"

_BEFORE = """\
Resources:
  Import:
    Type: AWS::Glue::Job
    Properties:
      GlueVersion: "5.0"
      Role: !GetAtt ImportRole.Arn
      Command:
        Name: glueetl
        ScriptLocation: s3://scripts/import.py

  ImportRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: glue.amazonaws.com
            Action: sts:AssumeRole
"""
_ADDED = """\
      Policies:
        - PolicyName: encrypt
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - kms:Decrypt
                  - kms:Encrypt
                  - kms:GenerateDataKey
                Resource: !GetAtt Key.Arn
              - Effect: Allow
                Action: logs:AssociateKmsKey
                Resource: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws-glue/*"

  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
            Action: kms:*
            Resource: "*"
          - Effect: Allow
            Principal:
              Service: !Sub "logs.${AWS::Region}.amazonaws.com"
            Action:
              - kms:Encrypt*
              - kms:Decrypt*
              - kms:ReEncrypt*
              - kms:GenerateDataKey*
              - kms:Describe*
            Resource: "*"
            Condition:
              ArnLike:
                kms:EncryptionContext:aws:logs:arn: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"

  GlueSecurityConfiguration:
    Type: AWS::Glue::SecurityConfiguration
    Properties:
      Name: !Sub "${AWS::StackName}-encryption"
      EncryptionConfiguration:
        CloudWatchEncryption:
          CloudWatchEncryptionMode: SSE-KMS
          KmsKeyArn: !GetAtt Key.Arn
        JobBookmarksEncryption:
          JobBookmarksEncryptionMode: CSE-KMS
          KmsKeyArn: !GetAtt Key.Arn
        S3Encryptions:
          - S3EncryptionMode: SSE-KMS
            KmsKeyArn: !GetAtt Key.Arn
"""
_KEY = """
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
"""
_NAMED = "import.py\n      SecurityConfiguration: !Ref GlueSecurityConfiguration\n"
_AFTER = _BEFORE.replace("import.py\n", _NAMED) + _ADDED


class GlueWithoutSecurityConfiguration(Pass):
    """A job, a crawler or an endpoint of Glue has no security configuration, so that what it writes, its logs and its bookmarks
    are encrypted as each place happens to be.

    They get the configuration of the template, or a new one with the key of the stack, and their roles the rights to the key
    and to encrypt log groups with it. It is an unsafe fix: whoever reads what they write needs the right to decrypt.

    Left alone: jobs that run on Ray, which Glue refuses with a security configuration. Where the role is not in the template
    the report says so.
    """

    code = "ENC022"
    name = "glue-without-security-configuration"
    profile = "secure"
    stage = 4
    companions = ("CRE007",)
    answers = ("CKV_AWS_195",)
    sources = (
        "https://docs.aws.amazon.com/glue/latest/dg/encryption-security-configuration.html",
        "https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html",
    )
    examples = (Example("A job", _BEFORE + _KEY, _AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        found = [each for each in template.resources.values() if _lacks(each)]
        if found:
            names, verb = listed([each.logical_id for each in found]), "has" if len(found) == 1 else "have"
            path = (*found[0].path, "Properties", _USERS[found[0].type][0])
            related = tuple(each.path for each in found[1:])
            yield self.finding(
                template, path, found[0].key, f"{names} {verb} no security configuration", _remedy(context, found), related
            )


def _lacks(resource: Resource) -> bool:
    if resource.type not in _USERS or resource.properties is None:
        return False
    command = resource.property("Command")
    name = command.get("Name") if isinstance(command, Mapping) else None
    ray = name is not None and getattr(name, "value", "") == "glueray"
    return not ray and resource.property(_USERS[resource.type][0]) is None


def _remedy(context: Context, users: list[Resource]) -> Remedy | str:
    template = context.template
    roles = {each.logical_id: _roles(template, each) for each in users}
    strange = [name for name, found in roles.items() if not found]
    if strange:
        rights = ", ".join([*_ACTIONS, "logs:AssociateKmsKey"])
        return f"the role of {listed(strange)} is not in the template, and would need {rights}"
    conditions = {each.condition for each in users}
    there = [each for each in template.resources.values() if each.type == _CONFIGURATION]
    fitting = [each for each in there if each.condition is None or conditions == {each.condition}]
    step = f"give {listed([each.logical_id for each in users])} a security configuration"
    if fitting:
        name = fitting[0].logical_id
        return Remedy(step, lambda builder: _name(builder, users, name), _RISK, Applicability.UNSAFE)
    key = stack_key(context, users[0], "ENC021")
    if isinstance(key, str):
        return key
    needing = list({role.logical_id: role for found in roles.values() for role in found}.values())
    behind = reachable(context.graph.arcs, key.name)
    if any(role.logical_id in behind for role in needing):
        return f"{key.name} waits for their role, which so can't name it: which key should they use?"
    return Remedy(step, lambda builder: _add(builder, users, needing, key), _RISK, Applicability.UNSAFE)


def _roles(template: Template, user: Resource) -> list[Resource]:
    return meant(template, user.property(_USERS[user.type][1]), "AWS::IAM::Role")


def _name(builder: EditBuilder, users: list[Resource], name: str) -> None:
    for user in users:
        assert user.properties is not None
        builder.set_entry(user.properties, _USERS[user.type][0], Ref(name), (*user.path, "Properties"))


def _add(builder: EditBuilder, users: list[Resource], roles: list[Resource], key: StackKey) -> None:
    arn = key.arn(builder)
    name = builder.new_logical_id("GlueSecurityConfiguration")
    configuration: dict[str, Any] = {"Type": _CONFIGURATION}
    configuration |= condition_of(*users) or {} if len({each.condition for each in users}) == 1 else {}
    configuration["Properties"] = {
        "Name": Sub("${AWS::StackName}-encryption"),
        "EncryptionConfiguration": {
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": arn},
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS", "KmsKeyArn": arn},
            "S3Encryptions": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": arn}],
        },
    }
    builder.add_resource(name, configuration, after=next(reversed(builder.template.resources)))
    _name(builder, users, name)
    for role in roles:
        allow(builder, role, "encrypt", [statement(_ACTIONS, [arn]), statement(["logs:AssociateKmsKey"], [Sub(_LOGS)])])
