"""TLS006: web ACLs that let known attacks through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Entry,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    intrinsic,
    walk,
)
from remediator.transforms.transport.known import of_type
from remediator.transforms.wiring.grants import add_to_list

_GROUP = "AWSManagedRulesKnownBadInputsRuleSet"
_RULES = "Rules"

_BEFORE = """\
Resources:
  Firewall:
    Type: AWS::WAFv2::WebACL
    Properties:
      Scope: REGIONAL
      DefaultAction: {Allow: {}}
      VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: firewall}
"""
_ADDED = """\
      Rules:
        - Name: AWSManagedRulesKnownBadInputsRuleSet
          Priority: 0
          Statement:
            ManagedRuleGroupStatement:
              VendorName: AWS
              Name: AWSManagedRulesKnownBadInputsRuleSet
          OverrideAction:
            None: {}
          VisibilityConfig:
            SampledRequestsEnabled: true
            CloudWatchMetricsEnabled: true
            MetricName: AWSManagedRulesKnownBadInputsRuleSet
"""


class KnownAttacksLetThrough(Pass):
    """A web ACL lets requests through that are known for exploiting holes, Log4Shell (CVE-2021-44228) among them.

    It gets the rule group of AWS for known bad inputs, behind the rules that are there. That is an unsafe fix: a request that
    only looks like an attack is blocked too. A web ACL that counts such requests blocks them instead.

    Left alone: web ACLs whose rules, or the priorities of whose rules, an expression makes.
    """

    code = "TLS006"
    name = "known-attacks-let-through"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_192",)
    sources = ("https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html",)
    examples = (Example("A web ACL without rules", _BEFORE, _BEFORE + _ADDED, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        for firewall in of_type(context, "AWS::WAFv2::WebACL"):
            if firewall.properties is None:
                continue
            listed = firewall.property(_RULES)
            items = listed.items if isinstance(listed, Sequence) and not intrinsic(listed) else ()
            priorities = [_priority(item) for item in items]
            if (listed is not None and not items) or None in priorities:
                continue
            at: Node | Entry = firewall.properties.entry(_RULES) or firewall.key
            path: Path = (*firewall.path, "Properties", _RULES)
            remedy: Remedy | None = _added(firewall, max((each or 0 for each in priorities), default=-1) + 1)
            for index, item in enumerate(items):
                if _is_group(item):
                    at, remedy = item, _blocking(firewall, item, (*path, index))
                    path = (*path, index)
                    break
            if remedy:
                yield self.finding(context.template, path, at, f"{firewall.logical_id} lets known attacks through", remedy)


def _priority(rule: Node) -> int | None:
    value = rule.get("Priority") if isinstance(rule, Mapping) and not intrinsic(rule) else None
    return int(value.value) if isinstance(value, Scalar) and value.tag is None and value.value.isdecimal() else None


def _is_group(rule: Node) -> bool:
    statement = rule.get("Statement") if isinstance(rule, Mapping) else None
    return statement is not None and any(isinstance(node, Scalar) and node.value == _GROUP for _, node in walk(statement))


def _added(firewall: Resource, priority: int) -> Remedy:
    rule: dict[str, Any] = {
        "Name": _GROUP,
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": _GROUP}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": _GROUP},
    }
    step = f"let {firewall.logical_id} block known bad inputs"
    why = "requests that only look like such an attack are blocked, too"
    return Remedy(step, lambda builder: add_to_list(builder, firewall, _RULES, [rule]), why, Applicability.UNSAFE)


def _blocking(firewall: Resource, rule: Node, path: Path) -> Remedy | None:
    """Lets the group block where it counts; None where it blocks already."""
    override = rule.get("OverrideAction") if isinstance(rule, Mapping) else None
    if not isinstance(rule, Mapping) or not isinstance(override, Mapping) or override.keys != {"Count"}:
        return None

    def make(builder: EditBuilder) -> None:
        builder.set_entry(rule, "OverrideAction", {"None": {}}, path)

    why = "the group only counts, maybe to see first whom it would block"
    return Remedy(f"let {firewall.logical_id} block known bad inputs", make, why, Applicability.UNSAFE)
