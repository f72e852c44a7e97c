"""CRE011: detectors that say the same in the old way and in the new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import (
    Applicability,
    Call,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Remedy,
    Resource,
    Sequence,
    intrinsic,
    meaning,
    text_of,
    to_value,
)
from remediator.transforms.wiring.links import inside

_FEATURES = {
    "S3Logs.Enable": "S3_DATA_EVENTS",
    "Kubernetes.AuditLogs.Enable": "EKS_AUDIT_LOGS",
    "MalwareProtection.ScanEc2InstanceWithFindings.EbsVolumes": "EBS_MALWARE_PROTECTION",
}
"""What each data source is called as a feature.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-feature-object-api-changes-march2023.html (2026-11)"""
_STATUS = {"true": "ENABLED", "false": "DISABLED"}

_BEFORE = """\
Resources:
  Detector:
    Type: AWS::GuardDuty::Detector
    Properties:
      Enable: true
      DataSources:
        S3Logs:
          Enable: true
      Features:
        - Name: EKS_AUDIT_LOGS
          Status: ENABLED
"""
_AFTER = """\
Resources:
  Detector:
    Type: AWS::GuardDuty::Detector
    Properties:
      Enable: true
      Features:
        - Name: EKS_AUDIT_LOGS
          Status: ENABLED
        - Name: S3_DATA_EVENTS
          Status: ENABLED
"""


class DataSourcesAndFeatures(Pass):
    """A detector has both `DataSources` and `Features`, and GuardDuty takes only one of them.

    `Features`, which replaced `DataSources`, stays, and gets what only `DataSources` said, so that the detector watches
    the same. Where both speak of one source and say different things, it is an unsafe fix: `Features` is believed.
    """

    code = "CRE011"
    name = "data-sources-and-features"
    profile = "deploy"
    answers = ("E3063",)
    sources = (
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-feature-object-api-changes-march2023.html",
    )
    examples = (Example("A source that is no feature yet", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for detector in template.resources.values():
            properties = detector.properties if detector.type == "AWS::GuardDuty::Detector" else None
            sources = properties.get("DataSources") if properties else None
            if properties and sources and properties.entry("Features"):
                message = f"{detector.logical_id} has both DataSources and Features: GuardDuty takes one of them"
                path = (*detector.path, "Properties", "DataSources")
                yield self.finding(template, path, sources, message, _remedy(detector, properties, sources))


def _remedy(detector: Resource, properties: Mapping, sources: Node) -> Remedy | str:
    wanted = _wanted(sources)
    features = properties.get("Features")
    if wanted is None or not isinstance(features, Sequence) or intrinsic(features):
        return f"which of both holds for {detector.logical_id}, where they are expressions?"
    said = {text_of(each.get("Name")): each.get("Status") for each in features.items if isinstance(each, Mapping)}
    new = [{"Name": name, "Status": status} for name, status in wanted.items() if name not in said]
    other = [name for name, status in wanted.items() if name in said and not _same(said[name], status)]
    path = (*detector.path, "Properties")

    def make(builder: EditBuilder) -> None:
        if not features.items:
            raise CannotEdit("Features is empty")
        builder.remove_entry(properties, "DataSources", path)
        for feature in new:
            builder.append_item(features, feature, (*path, "Features"))

    step = "say all of it by Features"
    if other:
        return Remedy(step, make, f"DataSources says otherwise about {', '.join(other)}", Applicability.UNSAFE)
    return Remedy(step, make, "the detector watches the same")


def _wanted(sources: Node) -> dict[str, Any] | None:
    """What the data sources say, as features with their status; None where that can't be known."""
    if not isinstance(sources, Mapping) or intrinsic(sources):
        return None
    found: dict[str, Any] = {}
    for place, name in _FEATURES.items():
        for node in _plain(sources, place.split(".")):
            status = _status(node)
            if status is None:
                return None
            found[name] = status
    return found


def _plain(node: Node, keys: list[str]) -> Iterator[Node]:
    """The value below some keys, an ``Fn::If`` as it is."""
    for key in keys[:-1]:
        inner = node.get(key) if isinstance(node, Mapping) else None
        if inner is None:
            return
        node = inner
    value = node.get(keys[-1]) if isinstance(node, Mapping) else None
    if value is not None:
        yield value


def _status(node: Node) -> Any:
    """``true`` as ``ENABLED``, in the branches of an ``Fn::If`` too."""
    call = intrinsic(node)
    if call and call.name == "Fn::If" and isinstance(call.argument, Sequence) and len(call.argument.items) == 3:
        condition, *branches = call.argument.items
        values = [_status(branch) for branch in branches]
        return Call("Fn::If", [to_value(condition), *values]) if None not in values else None
    said = meaning(node)
    return _STATUS.get(said[1] if isinstance(said, tuple) else str(said))


def _same(status: Node | None, wanted: Any) -> bool:
    if isinstance(wanted, Call):
        return status is not None and {text_of(each) for each in inside(status)} == set(wanted.argument[1:])
    return status is not None and text_of(status) == wanted
