"""Taking parameters out of a template, with their places in ``AWS::CloudFormation::Interface``."""

from __future__ import annotations

from collections.abc import Collection

from remediator.api import EditBuilder, Mapping, Node, Path, Sequence, Template, text_of

_INTERFACE = "AWS::CloudFormation::Interface"


def remove_parameters(builder: EditBuilder, template: Template, names: Collection[str]) -> None:
    """Removes parameters, the whole section with the last one, and their names and labels in the interface."""
    section = template.section("Parameters")
    if section:
        _remove_entries(builder, template.root, "Parameters", section, names, ())
    metadata = template.section("Metadata")
    interface = metadata.get(_INTERFACE) if metadata else None
    if metadata is None or not isinstance(interface, Mapping):
        return
    groups, labels = interface.get("ParameterGroups"), interface.get("ParameterLabels")
    left = [entry for entry in interface.entries if not _all_gone(entry.key.value, entry.value, names)]
    if not left:
        _remove_entries(builder, template.root, "Metadata", metadata, [_INTERFACE], ())
        return
    path = ("Metadata", _INTERFACE)
    if isinstance(groups, Sequence):
        _remove_from_groups(builder, interface, groups, names, path)
    if isinstance(labels, Mapping):
        _remove_entries(builder, interface, "ParameterLabels", labels, names, path)


def _remove_entries(builder: EditBuilder, owner: Mapping, key: str, node: Mapping, names: Collection[str], path: Path) -> None:
    """Removes entries of ``owner[key]``, and the key with the last of them."""
    gone = [entry.key.value for entry in node.entries if entry.key.value in names]
    if gone and len(gone) == len(node.entries):
        builder.remove_entry(owner, key, path)
    else:
        for name in gone:
            builder.remove_entry(node, name, (*path, key))


def _remove_from_groups(builder: EditBuilder, interface: Mapping, groups: Sequence, names: Collection[str], path: Path) -> None:
    for index, group in enumerate(groups.items):
        listed = _listed(group)
        gone = [item for item, node in enumerate(listed) if text_of(node) in names]
        if gone and len(gone) == len(listed):  # a group of nothing goes as well
            builder.remove_item(interface, "ParameterGroups", index, path)
        elif isinstance(group, Mapping):
            for item in gone:
                builder.remove_item(group, "Parameters", item, (*path, "ParameterGroups", index))


def _listed(group: Node) -> tuple[Node, ...]:
    listed = group.get("Parameters") if isinstance(group, Mapping) else None
    return listed.items if isinstance(listed, Sequence) else ()


def _all_gone(key: str, node: Node, names: Collection[str]) -> bool:
    """Whether nothing is left of a part of the interface."""
    if key == "ParameterLabels" and isinstance(node, Mapping):
        return all(entry.key.value in names for entry in node.entries)
    if key == "ParameterGroups" and isinstance(node, Sequence):
        return all(_listed(group) and all(text_of(each) in names for each in _listed(group)) for group in node.items)
    return False
