"""The statements of the policies in a template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Mapping, Path, Resource, Template, text_of, walk

_PRINCIPAL_ONLY = ("AssumeRolePolicyDocument", "TrustPolicy")
_IDENTITY = (
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::IAM::UserPolicy",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
)
"""Types whose policies say what their holder may do; those of any other type belong to a resource."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, in a policy of a resource."""

    resource: Resource
    node: Mapping
    path: Path

    @property
    def is_trust(self) -> bool:
        """Whether it says who may take on a role."""
        return any(step in _PRINCIPAL_ONLY for step in self.path)

    @property
    def is_identity(self) -> bool:
        """Whether it says what its holder may do, not who may use a resource."""
        return self.resource.type in _IDENTITY and not self.is_trust


def statements(template: Template) -> Iterator[Statement]:
    for resource in template.resources.values():
        if resource.properties is None:
            continue
        for path, node in walk(resource.properties, (*resource.path, "Properties")):
            if isinstance(node, Mapping) and node.tag is None and text_of(node.get("Effect")) in ("Allow", "Deny"):
                yield Statement(resource, node, path)
