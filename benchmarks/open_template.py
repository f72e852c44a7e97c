"""A template of 60 resources that works and protects nothing, so that nearly every rule of the profile ``secure`` has work.

Prints it: ``python benchmarks/open_template.py``.
"""

from __future__ import annotations

from typing import Any

import templates

Value = dict[str, Any]

UNITS = 4


def template() -> Value:
    found: Value = {}
    for n in range(UNITS):
        found |= _service(n)
    found |= _network() | _machines() | _databases() | _others()
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A synthetic template without any protection, for benchmarks",
        "Parameters": {
            "VpcId": {"Type": "AWS::EC2::VPC::Id"},
            "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
            "Image": {"Type": "AWS::EC2::Image::Id"},
        },
        "Resources": found,
    }


def _arn(name: str) -> Value:
    return {"Fn::GetAtt": [name, "Arn"]}


def _of(kind: str, **properties: Any) -> Value:
    return {"Type": f"AWS::{kind}", "Properties": properties} if properties else {"Type": f"AWS::{kind}"}


def _service(n: int) -> Value:
    """Files come into a bucket, a queue takes their names, a function works on them, a rule calls it too."""
    bucket, table, queue, topic, secret = (f"{kind}{n}" for kind in ("Files", "Index", "Work", "News", "Token"))
    function, role = f"Worker{n}", f"Worker{n}Role"
    code = {"ZipFile": "def handler(event, context):\n    return len(event)\n"}
    return {
        f"# Service {n}": None,
        bucket: _of("S3::Bucket"),
        table: _of(
            "DynamoDB::Table",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ),
        queue: _of("SQS::Queue", VisibilityTimeout=360),
        topic: _of("SNS::Topic", DisplayName=f"News {n}"),
        secret: _of("SecretsManager::Secret", GenerateSecretString={"PasswordLength": 32}),
        role: _role(bucket, table, queue, topic, secret),
        function: _of(
            "Lambda::Function",
            Runtime="python3.13",
            Handler="index.handler",
            Timeout=60,
            Role=_arn(role),
            Environment={"Variables": {"TABLE": {"Ref": table}, "BUCKET": {"Ref": bucket}, "QUEUE": {"Ref": queue}}},
            Code=code,
        ),
        f"Worker{n}Logs": _of("Logs::LogGroup", LogGroupName={"Fn::Sub": f"/aws/lambda/${{{function}}}"}),
        f"Nightly{n}": _of("Events::Rule", ScheduleExpression="rate(1 day)", Targets=[{"Id": "worker", "Arn": _arn(function)}]),
        f"Nightly{n}May": _of(
            "Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName={"Ref": function},
            Principal="events.amazonaws.com",
            SourceArn=_arn(f"Nightly{n}"),
        ),
    }


def _role(bucket: str, table: str, queue: str, topic: str, secret: str) -> Value:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    statements = [
        _allow(["s3:GetObject", "s3:PutObject"], {"Fn::Sub": f"${{{bucket}.Arn}}/*"}),
        _allow(["dynamodb:GetItem", "dynamodb:PutItem"], _arn(table)),
        _allow(["sqs:SendMessage"], _arn(queue)),
        _allow(["sns:Publish"], {"Ref": topic}),
        _allow(["secretsmanager:GetSecretValue"], {"Ref": secret}),
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    return _of(
        "IAM::Role",
        AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
        Policies=[{"PolicyName": "work", "PolicyDocument": document}],
    )


def _allow(actions: list[str], resource: Value | str) -> Value:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _network() -> Value:
    """A balancer in front, groups that are open to the world, and what is behind them."""

    def group(about: str, *ports: int) -> Value:
        rules = [{"IpProtocol": "tcp", "FromPort": each, "ToPort": each, "CidrIp": "0.0.0.0/0"} for each in ports]
        return _of("EC2::SecurityGroup", GroupDescription=about, VpcId={"Ref": "VpcId"}, SecurityGroupIngress=rules)

    return {
        "# The network": None,
        "FrontGroup": group("the balancer", 80, 443),
        "MachineGroup": group("the machines", 22, 3389, 8080),
        "DatabaseGroup": group("the databases", 5432),
        "Balancer": _of(
            "ElasticLoadBalancingV2::LoadBalancer", SecurityGroups=[{"Ref": "FrontGroup"}], Subnets={"Ref": "Subnets"}
        ),
        "Listener": _of(
            "ElasticLoadBalancingV2::Listener",
            LoadBalancerArn={"Ref": "Balancer"},
            Port=80,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
        ),
        "Targets": _of("ElasticLoadBalancingV2::TargetGroup", Port=8080, Protocol="HTTP", VpcId={"Ref": "VpcId"}),
    }


def _machines() -> Value:
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Machine": _of(
            "EC2::LaunchTemplate",
            LaunchTemplateData={
                "ImageId": {"Ref": "Image"},
                "InstanceType": "t3.micro",
                "SecurityGroupIds": [{"Ref": "MachineGroup"}],
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}}],
            },
        ),
        "MachineRole": _of("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]}),
        "Disk": _of("EC2::Volume", AvailabilityZone={"Fn::Sub": "${AWS::Region}a"}, Size=20),
        "Cluster": _of("ECS::Cluster"),
    }


def _databases() -> Value:
    own: Value = {"Engine": "postgres", "MasterUsername": "owner", "ManageMasterUserPassword": True}
    inside: Value = {"DBSubnetGroupName": {"Ref": "DatabaseSubnets"}}
    group = [{"Fn::GetAtt": ["DatabaseGroup", "GroupId"]}]
    return {
        "# The databases": None,
        "DatabaseSubnets": _of("RDS::DBSubnetGroup", DBSubnetGroupDescription="the databases", SubnetIds={"Ref": "Subnets"}),
        "Database": _of(
            "RDS::DBInstance",
            DBInstanceClass="db.t3.medium",
            AllocatedStorage="20",
            PubliclyAccessible=True,
            VPCSecurityGroups=group,
            **own,
            **inside,
        ),
        "Aurora": _of("RDS::DBCluster", **{**own, "Engine": "aurora-postgresql"}, VpcSecurityGroupIds=group, **inside),
        "Cache": _of(
            "ElastiCache::ReplicationGroup",
            ReplicationGroupDescription="sessions",
            CacheNodeType="cache.t3.micro",
            NumCacheClusters=2,
            AutomaticFailoverEnabled=True,
        ),
    }


def _others() -> Value:
    return {
        "# What else there is": None,
        "Clicks": _of("Kinesis::Stream", ShardCount=1),
        "Images": _of("ECR::Repository"),
        "Home": _of("EFS::FileSystem"),
        "Errors": _of(
            "CloudWatch::Alarm",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[{"Ref": "News0"}],
        ),
    } | _wires()


def _wires() -> Value:
    subscription = _of("SNS::Subscription", TopicArn={"Ref": "News0"}, Protocol="sqs", Endpoint=_arn("Work0"))
    poll = _of(
        "Lambda::EventSourceMapping", EventSourceArn=_arn("Clicks"), FunctionName={"Ref": "Worker1"}, StartingPosition="LATEST"
    )
    return {"Subscription": subscription, "Poll": poll}


if __name__ == "__main__":
    print(templates.to_yaml(template()), end="")
