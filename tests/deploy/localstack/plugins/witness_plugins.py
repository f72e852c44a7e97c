"""What LocalStack's community edition lacks for the deployment tests. Runs in LocalStack's environment, not in ours.

* Functions are created and never run: running one takes Docker or a download.
* DynamoDB and Kinesis come from moto, which LocalStack contains: its own are downloads.
* Rules of security groups that are resources of their own are created through the EC2 API, as CloudFormation does.
* Stand-ins: types that LocalStack lacks and the samples need. They create nothing and prove nothing about themselves; they
  only let the rest of a sample be deployed, in its order.
"""

# mypy: ignore-errors
# The checker doesn't see LocalStack, which needs a newer Python than ours.

import secrets
from importlib import import_module
from typing import ClassVar

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError("functions are only created here, never run")


def _nothing(*_: object) -> None:
    pass


_METHODS = dict.fromkeys(RuntimeExecutor.__abstractmethods__, _refuse)
_METHODS |= {"prepare_version": classmethod(_nothing), "cleanup_version": classmethod(_nothing), "stop": _nothing}
NoExecutor = type("NoExecutor", (RuntimeExecutor,), _METHODS)


class NoExecutorPlugin(RuntimeExecutorPlugin):
    name = "none"

    def load(self) -> type[RuntimeExecutor]:
        return NoExecutor


def _moto(api: str) -> object:
    @aws_provider(api=api, name="moto")
    def provider() -> Service:
        interface = getattr(import_module(f"localstack.aws.api.{api}"), f"{api.title()}Api")
        return Service.for_provider(interface(), dispatch_table_factory=MotoFallbackDispatcher)

    return provider


dynamodb, dynamodbstreams, kinesis = _moto("dynamodb"), _moto("dynamodbstreams"), _moto("kinesis")


def _schema(identifier: str) -> dict[str, object]:
    return {"properties": {}, "primaryIdentifier": [f"/properties/{identifier}"]}


def _done(request: ResourceRequest) -> ProgressEvent:
    return ProgressEvent(OperationStatus.SUCCESS, request.desired_state, custom_context=request.custom_context)


class Rule(ResourceProvider):
    """A rule of a security group. ``direction`` and ``peer`` are the words in the names of EC2's actions and fields."""

    SCHEMA = _schema("Id")
    direction: str
    peer: str

    def create(self, request: ResourceRequest) -> ProgressEvent:
        wanted = request.desired_state
        permission = {"IpProtocol": str(wanted["IpProtocol"])}
        permission |= {port: int(wanted[port]) for port in ("FromPort", "ToPort") if port in wanted}
        peers = {
            "IpRanges": ("CidrIp", "CidrIp"),
            "Ipv6Ranges": ("CidrIpv6", "CidrIpv6"),
            "PrefixListIds": ("PrefixListId", f"{self.peer}PrefixListId"),
            "UserIdGroupPairs": ("GroupId", f"{self.peer}SecurityGroupId"),
        }
        permission |= {field: [{key: wanted[name]}] for field, (key, name) in peers.items() if name in wanted}
        authorize = getattr(request.aws_client_factory.ec2, f"authorize_security_group_{self.direction}")
        created = authorize(GroupId=wanted["GroupId"], IpPermissions=[permission])
        wanted["Id"] = created["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return _done(request)

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        wanted = request.desired_state
        revoke = getattr(request.aws_client_factory.ec2, f"revoke_security_group_{self.direction}")
        revoke(GroupId=wanted["GroupId"], SecurityGroupRuleIds=[wanted["Id"]])
        return _done(request)


class Ingress(Rule):
    TYPE = "AWS::EC2::SecurityGroupIngress"
    direction, peer = "ingress", "Source"


class Egress(Rule):
    TYPE = "AWS::EC2::SecurityGroupEgress"
    direction, peer = "egress", "Destination"


class StandIn(ResourceProvider):
    """Creates nothing; has an identifier for ``Ref`` and the attributes that the samples ask for."""

    attributes: ClassVar[dict[str, object]]

    def create(self, request: ResourceRequest) -> ProgressEvent:
        request.desired_state |= {"StandInId": f"stand-in-{secrets.token_hex(4)}", **self.attributes}
        return _done(request)

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        return _done(request)


def _plugin(provider: type[ResourceProvider]) -> type[CloudFormationResourceProviderPlugin]:
    def load(self: CloudFormationResourceProviderPlugin) -> None:
        self.factory = provider

    body = {"name": provider.TYPE, "factory": None, "load": load}
    return type(f"{provider.__name__}Plugin", (CloudFormationResourceProviderPlugin,), body)


def _stand_in(resource_type: str, **attributes: object) -> type[CloudFormationResourceProviderPlugin]:
    body = {"TYPE": resource_type, "SCHEMA": _schema("StandInId"), "attributes": attributes}
    return _plugin(type(resource_type.rpartition("::")[2], (StandIn,), body))


IngressPlugin, EgressPlugin = _plugin(Ingress), _plugin(Egress)

DistributionPlugin = _stand_in("AWS::CloudFront::Distribution", Id="STANDIN", DomainName="stand-in.invalid")
OriginAccessControlPlugin = _stand_in("AWS::CloudFront::OriginAccessControl", Id="STANDIN")
QueuePlugin = _stand_in("AWS::MediaConvert::Queue", Arn="arn:aws:mediaconvert:us-east-1:000000000000:queues/stand-in")
