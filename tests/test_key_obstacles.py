"""Who can't be given a key of the template, and so keeps a store from getting one."""

from __future__ import annotations

import pytest

from remediator.passes import Context
from remediator.source import Source
from remediator.template import Template
from remediator.transforms.encryption.uses import obstacles

ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
"""


def _found(rest: str, store: str = "Type: AWS::S3::Bucket") -> list[str]:
    text = f"Parameters:\n  P: {{Type: String}}\nResources:\n  Store:\n    {store}\n{rest}"
    template = Template(Source(text))
    return obstacles(Context(template), template.resources["Store"])


def _policy(statement: str) -> str:
    return f"""
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Store
      PolicyDocument:
        Statement:
          - {{Effect: Allow, Action: "s3:GetObject", Resource: "*", {statement}}}
"""


def _function(role: str) -> str:
    return f"""
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: {role}
      Handler: index.handler
      Runtime: python3.13
      Environment: {{Variables: {{STORE: !Ref Store, WORKER_ROLE: other}}}}
      Code: {{ZipFile: "pass"}}
"""


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (_policy('Principal: "*"'), "lets anybody use"),
        (_policy('Principal: {AWS: "*"}'), "lets anybody use"),
        (_policy('Principal: {AWS: "*"}, Condition: {StringEquals: {"aws:PrincipalOrgID": o-1}}'), "lets anybody use"),
        (_policy('Principal: {AWS: "111122223333"}'), "lets in 111122223333"),
        (_policy('Principal: {AWS: !Sub "arn:aws:iam::${P}:root"}'), "lets in arn:aws:iam::${P}:root"),
        (_policy('Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:role/Reader"}'), "role/Reader"),
        (_policy("Principal: {AWS: !Ref P}"), "lets in ${P}"),
        (_policy("Principal: {CanonicalUser: !Ref P}"), "can't use a key"),
        (_policy("Principal: {Service: logging.s3.amazonaws.com}"), "lets in logging.s3.amazonaws.com"),
        (_function("!Ref P"), "Function uses it under a role that is not in the template"),
        (
            _function("!Ref P").replace("!Ref Store", "other")
            + "\n  Permission:\n    Type: AWS::Lambda::Permission\n    Properties: {Action: lambda:InvokeFunction,"
            " FunctionName: !Ref Function, Principal: s3.amazonaws.com, SourceArn: !GetAtt Store.Arn}\n",
            "Function uses it under a role that is not in the template",
        ),
        (_function("!ImportValue role"), "Function uses it under a role that is not in the template"),
        (
            "\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: u, Parameters: {B: !Ref Store}}\n",
            "handed to the nested stack Child",
        ),
        (
            "\n  Other:\n    Type: AWS::S3::Bucket\n    Properties:\n"
            "      LoggingConfiguration: {DestinationBucketName: !Ref Store}\n",
            "Other writes its access logs",
        ),
        (
            "\n  Balancer:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties:\n"
            "      LoadBalancerAttributes: [{Key: access_logs.s3.bucket, Value: !Ref Store}]\n",
            "Balancer writes its access logs",
        ),
        (
            "\n  Site:\n    Type: AWS::CloudFront::Distribution\n    Properties: {DistributionConfig: {Origins: [{Id: a,"
            ' DomainName: !GetAtt Store.RegionalDomainName, S3OriginConfig: {OriginAccessIdentity: ""}}]}}\n',
            "without an origin access control",
        ),
    ],
)
def test_bucket_keeps_its_encryption(rest: str, reason: str) -> None:
    assert any(reason in each for each in _found(rest)), _found(rest)


@pytest.mark.parametrize(
    "properties",
    [
        "WebsiteConfiguration: {IndexDocument: index.html}",
        "AccessControl: PublicRead",
        "AccessControl: LogDeliveryWrite",
        "ReplicationConfiguration: {Role: !Ref P, Rules: [{Status: Enabled, Destination: {Bucket: !Ref P}}]}",
    ],
)
def test_bucket_that_says_so_itself(properties: str) -> None:
    assert _found("", f"Type: AWS::S3::Bucket\n    Properties:\n      {properties}")


@pytest.mark.parametrize(
    "rest",
    [
        "",
        _policy('Principal: "*", Condition: {StringEquals: {"aws:SourceAccount": !Ref "AWS::AccountId"}}'),
        _policy('Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}'),
        _policy('Principal: {AWS: !Ref "AWS::AccountId"}'),
        _policy("Principal: {AWS: !GetAtt Role.Arn}") + ROLE,
        _policy("Principal: {Service: cloudtrail.amazonaws.com}"),
        _policy("Principal: {Service: lambda.amazonaws.com}"),
        _policy('Principal: "*"').replace("Effect: Allow", "Effect: Deny"),
        _policy('Principal: "*"').replace("s3:GetObject", "s3:ListBucket"),
        _function("!GetAtt Role.Arn") + ROLE,
        _function("!Ref P").replace("!Ref Store", "other"),
        "\n  Site:\n    Type: AWS::CloudFront::Distribution\n    Properties: {DistributionConfig: {Origins: [{Id: a,"
        " DomainName: !GetAtt Store.RegionalDomainName, OriginAccessControlId: !Ref P, S3OriginConfig: {}}]}}\n",
        "\n  Balancer:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties: {Type: network,"
        " LoadBalancerAttributes: [{Key: access_logs.s3.bucket, Value: !Ref Store}]}\n",
        "\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    Properties: {IsLogging: true, S3BucketName: !Ref Store,"
        " CloudWatchLogsRoleArn: !Ref P}\n",
    ],
)
def test_bucket_may_get_a_key(rest: str) -> None:
    assert _found(rest) == []


def test_queue_that_a_foreign_function_reads() -> None:
    rest = """
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Store.Arn, FunctionName: !Ref P}
"""
    assert "for a function that is not in the template" in _found(rest, "Type: AWS::SQS::Queue")[0]


def test_topic_of_an_auto_scaling_group_and_of_config() -> None:
    rest = """
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {MinSize: "1", MaxSize: "1", NotificationConfigurations: [{TopicARN: !Ref Store}]}
  Channel:
    Type: AWS::Config::DeliveryChannel
    Properties: {S3BucketName: !Ref P, SnsTopicARN: !Ref Store}
"""
    assert len(_found(rest, "Type: AWS::SNS::Topic")) == 2


def test_volumes_that_an_auto_scaling_group_starts() -> None:
    rest = """
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "1"
      MaxSize: "1"
      LaunchTemplate: {LaunchTemplateId: !Ref Store, Version: "1"}
"""
    store = "Type: AWS::EC2::LaunchTemplate\n    Properties: {LaunchTemplateData: {}}"
    assert "service-linked role" in _found(rest, store)[0]


def test_sam_function_whose_policies_are_made_by_an_expression() -> None:
    rest = """
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Policies: !Split [",", !Ref P]
      Events: {Order: {Type: SQS, Properties: {Queue: !GetAtt Store.Arn}}}
"""
    assert "made by an expression" in _found(rest, "Type: AWS::SQS::Queue")[0]


def test_secret_whose_rotation_is_elsewhere() -> None:
    rest = """
  Rotation:
    Type: AWS::SecretsManager::RotationSchedule
    Properties: {SecretId: !Ref Store, RotationLambdaARN: !Ref P}
"""
    assert "for a function that is not in the template" in _found(rest, "Type: AWS::SecretsManager::Secret")[0]


@pytest.mark.parametrize(
    ("store", "rest"),
    [
        (
            "Type: AWS::DynamoDB::Table\n    Properties:\n      ResourcePolicy: {PolicyDocument: {Statement: [{Effect: Allow,"
            ' Principal: {AWS: !Ref P}, Action: "dynamodb:GetItem", Resource: "*"}]}}',
            "",
        ),
        (
            "Type: AWS::Kinesis::Stream",
            "\n  Policy:\n    Type: AWS::Kinesis::ResourcePolicy\n    Properties: {ResourceArn: !GetAtt Store.Arn,"
            " ResourcePolicy: {Statement: [{Effect: Allow, Principal: {AWS: !Ref P},"
            ' Action: "kinesis:PutRecord", Resource: "*"}]}}\n',
        ),
        (
            "Type: AWS::S3::Bucket",
            "\n  Point:\n    Type: AWS::S3::AccessPoint\n    Properties: {Bucket: !Ref Store, Policy:"
            ' {Statement: [{Effect: Allow, Principal: {AWS: !Ref P}, Action: "s3:GetObject", Resource: "*"}]}}\n',
        ),
    ],
)
def test_policies_of_other_kinds(store: str, rest: str) -> None:
    assert "lets in ${P}" in _found(rest, store)[0]


def test_roles_for_something_else() -> None:
    rest = """
  Slack:
    Type: AWS::Chatbot::SlackChannelConfiguration
    Properties: {ConfigurationName: a, IamRoleArn: !Ref P, SlackChannelId: b, SlackWorkspaceId: c, SnsTopicArns: [!Ref Store]}
  Deliver:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Store, Protocol: firehose, Endpoint: !Ref P, SubscriptionRoleArn: !Ref P}
"""
    assert _found(rest, "Type: AWS::SNS::Topic") == []
