"""Which resources a security group protects, who uses them, and which are behind a load balancer. No passes here."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, Resource, Template, references
from remediator.transforms.public_access.traffic import GROUP
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import meant

Places = dict[str, tuple[str, ...]]
"""For each type, the paths of properties at which its security groups stand."""

COMPUTE: Places = {
    "AWS::EC2::Instance": ("SecurityGroupIds", "NetworkInterfaces.GroupSet"),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData.SecurityGroupIds", "LaunchTemplateData.NetworkInterfaces.Groups"),
    "AWS::AutoScaling::LaunchConfiguration": ("SecurityGroups",),
    "AWS::ECS::Service": ("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",),
    "AWS::Lambda::Function": ("VpcConfig.SecurityGroupIds",),
    "AWS::Serverless::Function": ("VpcConfig.SecurityGroupIds",),
}
"""What runs code."""

BALANCERS: Places = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("SecurityGroups",),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("SecurityGroups",),
}
_STORES: Places = {
    "AWS::RDS::DBInstance": ("VPCSecurityGroups",),
    "AWS::RDS::DBCluster": ("VpcSecurityGroupIds",),
    "AWS::DocDB::DBCluster": ("VpcSecurityGroupIds",),
    "AWS::Neptune::DBCluster": ("VpcSecurityGroupIds",),
    "AWS::Redshift::Cluster": ("VpcSecurityGroupIds",),
    "AWS::ElastiCache::CacheCluster": ("VpcSecurityGroupIds",),
    "AWS::ElastiCache::ReplicationGroup": ("SecurityGroupIds",),
    "AWS::ElastiCache::ServerlessCache": ("SecurityGroupIds",),
    "AWS::MemoryDB::Cluster": ("SecurityGroupIds",),
    "AWS::MSK::Cluster": ("BrokerNodeGroupInfo.SecurityGroups",),
    "AWS::OpenSearchService::Domain": ("VPCOptions.SecurityGroupIds",),
    "AWS::Elasticsearch::Domain": ("VPCOptions.SecurityGroupIds",),
    "AWS::EFS::MountTarget": ("SecurityGroups",),
}

_REGISTERED = {
    "AWS::AutoScaling::AutoScalingGroup": ("TargetGroupARNs", "LoadBalancerNames", "TrafficSources"),
    "AWS::ECS::Service": ("LoadBalancers",),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("Instances",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Targets",),
}
"""For each type that brings servers and load balancers together, the properties that do."""


def groups_of(template: Template, resource: Resource, places: Places) -> list[Resource]:
    """The security groups of the template that a resource has."""
    nodes = [node for path in places.get(resource.type, ()) for node in at(resource, path)]
    found = [group for node in nodes for group in meant(template, node, GROUP)]
    return list({group.logical_id: group for group in found}.values())


def protected(template: Template, group: Resource, places: Places) -> Iterator[Resource]:
    """The resources of some types that have a security group."""
    for resource in template.resources.values():
        if group in groups_of(template, resource, places):
            yield resource


def clients(context: Context, group: Resource | None) -> list[Resource]:
    """The security groups of what refers to the stores that a group protects; what has the group itself does not count."""
    template = context.template
    stores = {each.logical_id for each in protected(template, group, _STORES)} if group else set()
    found: dict[str, Resource] = {}
    for resource in template.resources.values() if stores else ():
        if resource.type in COMPUTE and stores & {each.target for each in references(resource.node, template.source.text)}:
            found |= {each.logical_id: each for each in groups_of(template, resource, COMPUTE) if each is not group}
    return list(found.values())


def registered(template: Template) -> set[str]:
    """What is registered with a load balancer: instances, services, and the templates of groups that are."""
    found: set[str] = set()
    for resource in template.resources.values():
        nodes = [resource.property(name) for name in _REGISTERED.get(resource.type, ())]
        named = {each.target for node in nodes if node for each in references(node, template.source.text)}
        if resource.type == "AWS::AutoScaling::AutoScalingGroup" and any(nodes):
            found |= {each.target for each in references(resource.node, template.source.text)}
        elif resource.type == "AWS::ECS::Service" and named:
            found.add(resource.logical_id)
        else:
            found |= named
    return found & template.resources.keys()
