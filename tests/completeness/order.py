"""What has to be there before something else is created, because the service asks at creation; and what only one may be."""

from __future__ import annotations

from collections.abc import Iterator

import networkx

from completeness.logs import deliveries
from completeness.policies import allowed, managed, may
from completeness.senders import QUEUE, SEND, TOPIC, senders
from completeness.texts import Template, at, references, spread

Found = Iterator[tuple[str, str, str]]

_POLICIES = {
    # the type of a policy: the property that names what it is for
    "AWS::S3::BucketPolicy": ("Bucket", "AWS::S3::Bucket"),
    "AWS::SQS::QueuePolicy": ("Queues", QUEUE),
    "AWS::SNS::TopicPolicy": ("Topics", TOPIC),
}
_ASKED = ("cloudtrail", "config", "elb", "delivery.logs")
"""Services that try to write when they are told to."""


def edges(template: Template) -> Iterator[tuple[str, str]]:
    """Which resource waits for which other one."""
    for name, resource in template.resources.items():
        named = [each for each in spread(resource.get("DependsOn")) if isinstance(each, str)]
        for section in ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy"):
            named += [target for target, _ in references(resource.get(section))]
        yield from ((name, target) for target in dict.fromkeys(named) if target in template.resources)


def gaps(template: Template) -> Found:
    graph = networkx.DiGraph(edges(template))
    graph.add_nodes_from(template.resources)
    for name, policy, why in _needed(template):
        if not networkx.has_path(graph, name, policy):
            yield name, policy, f"does not wait for it: {why}"
    yield from _repeated(template)


def _needed(template: Template) -> Found:
    """Who has to wait for which policy, and why."""
    policies = _policies(template)
    for each in senders(template):
        if each.service == "s3":
            yield from ((each.source, policy, "S3 asks at creation") for policy in policies.get(each.target, ()))
    for name, bucket, service in deliveries(template):
        if service in _ASKED:
            yield from ((name, policy, f"{service} tries at creation") for policy in policies.get(bucket, ()))
    for name, properties in template.of("AWS::Lambda::Function"):
        for target in template.meant(list(at(properties, "DeadLetterConfig", "TargetArn")), QUEUE, TOPIC):
            for role in template.meant(properties.get("Role"), "AWS::IAM::Role"):
                yield from ((name, policy, "Lambda asks at creation") for policy in _granting(template, role, target))


def _policies(template: Template) -> dict[str, list[str]]:
    """The policies of each bucket, queue and topic."""
    found: dict[str, list[str]] = {}
    for kind, (key, target) in _POLICIES.items():
        for name, properties in template.of(kind):
            for store in template.meant(properties.get(key), target):
                found.setdefault(store, []).append(name)
    return found


def _granting(template: Template, role: str, target: str) -> Iterator[str]:
    """The policies that alone give a role the right to send: not where its own, or those it names, say so too."""
    action, arn = SEND[template.type_of(target)], template.arn(target)

    def grants(document: object) -> bool:
        return may(template, allowed(document), action, arn)

    if any(grants(each) for each in at(template.properties(role), "Policies", "PolicyDocument")):
        return
    arns = spread(template.properties(role).get("ManagedPolicyArns"))
    if any(may(template, managed(template, each), action, arn) for each in arns):
        return
    attached = template.meant(arns, "AWS::IAM::ManagedPolicy")
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, properties in template.of(kind):
            mine = role in template.meant(properties.get("Roles"), "AWS::IAM::Role")
            if mine and name not in attached and grants(properties.get("PolicyDocument")):
                yield name


def _repeated(template: Template) -> Found:
    """Of two policies for one thing the later one takes the place of the other."""
    for store, policies in _policies(template).items():
        if len(policies) > 1 and len({template.condition(each) for each in policies}) == 1:
            yield policies[1], store, f"has a policy already, {policies[0]}"
