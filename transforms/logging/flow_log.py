"""LOG015: networks that keep no record of the traffic."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, EditBuilder, Example, Finding, GetAtt, Pass, Ref, Remedy, Resource, Template
from remediator.transforms.logging.log_bucket import log_bucket
from remediator.transforms.logging.new_log import COSTS
from remediator.transforms.wiring.links import meant

_VPC = "AWS::EC2::VPC"

_BEFORE = """\
Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16

  LogBucket:
    Type: AWS::S3::Bucket
"""
_AFTER = """\
Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16

  NetworkFlowLog:
    Type: AWS::EC2::FlowLog
    DependsOn: LogBucketPolicy
    Properties:
      ResourceId: !Ref Network
      ResourceType: VPC
      TrafficType: ALL
      LogDestinationType: s3
      LogDestination: !GetAtt LogBucket.Arn

  LogBucket:
    Type: AWS::S3::Bucket

  LogBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref LogBucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: AWSLogDeliveryAclCheck
            Effect: Allow
            Principal:
              Service: delivery.logs.amazonaws.com
            Action: s3:GetBucketAcl
            Resource: !GetAtt LogBucket.Arn
            Condition:
              StringEquals:
                aws:SourceAccount: !Ref AWS::AccountId
              ArnLike:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"
          - Sid: AWSLogDeliveryWrite
            Effect: Allow
            Principal:
              Service: delivery.logs.amazonaws.com
            Action: s3:PutObject
            Resource: !Sub "${LogBucket.Arn}/*"
            Condition:
              StringEquals:
                s3:x-amz-acl: bucket-owner-full-control
                aws:SourceAccount: !Ref AWS::AccountId
              ArnLike:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"
"""


class NetworkWithoutFlowLog(Pass):
    """A VPC keeps no record of its traffic, so that nobody can tell afterwards who connected to what.

    It gets a flow log of all traffic, which goes to the log bucket of the stack, as in LOG010: that needs no role. LOG002 lets
    the log service write there, and CRE005 makes the flow log wait for it.

    Left alone: a VPC that has a flow log, or of which a subnet has one.
    """

    code = "LOG015"
    name = "network-without-flow-log"
    profile = "secure"
    stage = 3
    companions = ("LOG002", "CRE005")
    answers = ("W60",)
    sources = ("https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html",)
    examples = (Example("A VPC, and a bucket for logs", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        recorded = set(_recorded(template))
        for network in template.resources.values():
            if network.type == _VPC and network.logical_id not in recorded:
                message = f"{network.logical_id} keeps no record of its traffic"
                yield self.finding(template, network.path, network.key, message, _remedy(context, network))


def _recorded(template: Template) -> Iterator[str]:
    """The networks whose traffic is recorded, at least in part."""
    for each in template.resources.values():
        if each.type == "AWS::EC2::FlowLog":
            for found in meant(template, each.property("ResourceId"), _VPC, "AWS::EC2::Subnet", "AWS::EC2::NetworkInterface"):
                yield found.logical_id
                yield from (network.logical_id for network in meant(template, found.property("VpcId"), _VPC))


def _remedy(context: Context, network: Resource) -> Remedy:
    target = log_bucket(context, network)

    def make(builder: EditBuilder) -> None:
        condition = {"Condition": network.condition} if network.condition else {}
        properties = {
            "ResourceId": Ref(network.logical_id),
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": GetAtt(target.add(builder), "Arn"),
        }
        resource = {"Type": "AWS::EC2::FlowLog", **condition, "Properties": properties}
        name = builder.new_logical_id(f"{network.logical_id}FlowLog")
        builder.add_resource(name, resource, after=network.logical_id)

    return Remedy(f"record the traffic of {network.logical_id} into {target.logical_id}", make, COSTS)
