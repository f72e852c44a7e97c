"""A template as plain values in CloudFormation's long form."""

from __future__ import annotations

import json
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_CORE = "tag:yaml.org,2002:"


def load(text: str) -> dict[str, Any]:
    """Reads YAML or JSON; raises ValueError where it is neither."""
    text = text.lstrip("\ufeff")
    found = json.loads(text) if text.lstrip().startswith("{") else _value(_composed(text))
    return found if isinstance(found, dict) else {}


def _composed(text: str) -> Any:
    """Some valid texts only the slower parser reads."""
    try:
        return YAML(typ="safe").compose(text)
    except YAMLError:
        pass
    try:
        return YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _value(node: Node | None) -> Any:
    """A node of YAML; what looks like a date stays a text."""
    if node is None:
        return None
    name = str(node.tag).removeprefix("!")
    if str(node.tag).startswith("!") and name:
        value = _content(node)
        name = name if name in ("Ref", "Condition") else f"Fn::{name}"
        return {name: value.split(".", 1) if name == "Fn::GetAtt" and isinstance(value, str) else value}
    if isinstance(node, ScalarNode):
        return _scalar(str(node.tag).removeprefix(_CORE), node.value)
    return _content(node)


def _content(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {str(_value(key)): _value(value) for key, value in node.value}
    return [_value(each) for each in node.value] if isinstance(node, SequenceNode) else node.value


def _scalar(tag: str, text: str) -> Any:
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    return {"null": None, "int": int(text) if text.isdigit() else text}.get(tag, text)
