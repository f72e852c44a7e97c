"""What the section ``Globals`` of a SAM template gives to every resource of a kind.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
(2026-11)
"""

from __future__ import annotations

from remediator.api import Mapping, Node, Resource, Template

_KINDS = {f"AWS::Serverless::{kind}": kind for kind in ("Api", "Function", "HttpApi", "SimpleTable", "StateMachine")}


def for_all(template: Template, resource: Resource, name: str) -> Node | None:
    """The value of a property that all resources of this kind have; None where there is none, and for what is not SAM's."""
    section = template.section("Globals") if resource.type in _KINDS else None
    shared = section.get(_KINDS[resource.type]) if section else None
    return shared.get(name) if isinstance(shared, Mapping) else None
