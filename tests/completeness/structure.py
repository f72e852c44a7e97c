"""What does not depend on rights: replication and public reading of encrypted buckets, conditions, and waiting in circles."""

from __future__ import annotations

from collections.abc import Iterator

import networkx

from completeness.encryption import Keys, locks
from completeness.order import edges
from completeness.policies import resource_policies
from completeness.texts import Template, at, references, spread, text


def gaps(template: Template, keys: Keys) -> Iterator[tuple[str, str, str]]:
    yield from _replication(template, keys)
    yield from _public(template, keys)
    yield from _conditions(template)
    yield from _cycles(template)


def _replication(template: Template, keys: Keys) -> Iterator[tuple[str, str, str]]:
    """Objects that are encrypted with a customer key are left out of a replication that does not ask for them."""
    for lock in locks(template, keys):
        for rule in at(template.properties(lock.store), "ReplicationConfiguration", "Rules"):
            asked = [text(each) for each in at(rule, "SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status")]
            if "Enabled" not in asked:
                yield lock.store, lock.key, "replication leaves out what is encrypted"


def _public(template: Template, keys: Keys) -> Iterator[tuple[str, str, str]]:
    """Nobody without an account can use a key."""
    policies = resource_policies(template)
    for lock in locks(template, keys):
        if template.type_of(lock.store) != "AWS::S3::Bucket":
            continue
        properties = template.properties(lock.store)
        public = text(properties.get("AccessControl")).startswith("PublicRead") or "WebsiteConfiguration" in properties
        for each in policies.get(lock.store, ()):
            public |= "*" in each.principals and each.has_action("s3:GetObject") and not each.conditions
        if public:
            yield lock.store, lock.key, "everybody may read it, and nobody can decrypt it"


def _conditions(template: Template) -> Iterator[tuple[str, str, str]]:
    """A resource that is always there, and depends outright on one that is not."""
    for name, target in edges(template):
        needed = template.condition(target)
        if needed and not template.condition(name) and not _chosen(template, name, target):
            yield name, target, f"is there without {needed}"


def _chosen(template: Template, name: str, target: str) -> bool:
    """Whether every reference to a resource stands under a condition."""
    return target not in {
        found for found, _ in references(_without_choices(template.properties(name)))
    } and target not in spread(template.resources[name].get("DependsOn"))


def _without_choices(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_choices(each) for key, each in value.items() if key != "Fn::If"}
    return [_without_choices(each) for each in value] if isinstance(value, list) else value


def _cycles(template: Template) -> Iterator[tuple[str, str, str]]:
    graph = networkx.DiGraph(edges(template))
    for component in networkx.strongly_connected_components(graph):
        members = sorted(component)
        if len(members) > 1 or graph.has_edge(members[0], members[0]):
            yield members[0], members[-1], f"wait for each other: {', '.join(members)}"
