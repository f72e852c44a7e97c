"""A template as CloudFormation sees it: sections, resources, conditions. Immutable; an edit makes a new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from remediator.intrinsics import Reference, intrinsic, references
from remediator.nodes import Mapping, Node, Path, Scalar, Sequence, meaning, text_of
from remediator.source import Source, TemplateError
from remediator.style import Style, detect

MAX_RESOURCES = 500
"""CloudFormation's limit for the resources of a template.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11)"""

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"


@dataclass(frozen=True)
class Resource:
    """One entry of ``Resources``. ``properties`` is None where they are missing or made by an intrinsic."""

    logical_id: str
    type: str
    key: Scalar
    node: Mapping

    @property
    def path(self) -> Path:
        return ("Resources", self.logical_id)

    @cached_property
    def properties(self) -> Mapping | None:
        node = self.node.get("Properties")
        return node if isinstance(node, Mapping) and intrinsic(node) is None else None

    @property
    def condition(self) -> str | None:
        return text_of(self.node.get("Condition"))

    def property(self, name: str) -> Node | None:
        return self.properties.get(name) if self.properties else None

    def depends_on(self) -> Iterator[Reference]:
        """The explicit dependencies, whether written as one name or as a list."""
        node = self.node.get("DependsOn")
        items = node.items if isinstance(node, Sequence) else (node,) if node else ()
        for index, item in enumerate(items):
            name = text_of(item)
            if name is not None:
                step: Path = (index,) if isinstance(node, Sequence) else ()
                yield Reference("DependsOn", name, None, (*self.path, "DependsOn", *step), item, item.start, item.end)


class Template:
    """The sections of a source, looked up by name. Raises TemplateError where the source is no template."""

    def __init__(self, source: Source, style: Style | None = None) -> None:
        self.source = source
        if style is not None:
            self.__dict__["style"] = style
        if not isinstance(source.root, Mapping) or source.root.tag:
            raise self._error("not a CloudFormation template: the top level is not a mapping", source.root)
        self.root: Mapping = source.root
        section = self.root.get("Resources")
        if section is None:
            raise self._error("not a CloudFormation template: it has no Resources section", self.root)
        if not isinstance(section, Mapping) or section.tag:
            raise self._error(f"Resources must be a mapping, not {_noun(section)}", section)
        self.resources_node: Mapping = section
        self.resources: dict[str, Resource] = dict(self._read_resources(section))

    def _error(self, reason: str, node: Node) -> TemplateError:
        return TemplateError(reason, *self.source.position(node.start))

    def _read_resources(self, section: Mapping) -> Iterator[tuple[str, Resource]]:
        for entry in section.entries:
            name, node = entry.key.value, entry.value
            if name.startswith("Fn::") or node.tag:  # Fn::Transform, Fn::ForEach: the resources in it are not written out
                continue
            if not isinstance(node, Mapping):
                raise self._error(f"resource {name} must be a mapping, not {_noun(node)}", entry.key)
            kind = node.get("Type")
            if not _names_type(kind) and node.get("Fn::Transform") is None:
                raise self._error(f"resource {name} has no Type", entry.key)
            for attribute in ("Properties", "Metadata"):
                value = node.get(attribute)
                if value and value.tag is None and not isinstance(value, Mapping) and not _is_nothing(value):
                    raise self._error(f"{attribute} of resource {name} must be a mapping, not {_noun(value)}", value)
            self._check_depends_on(name, node.get("DependsOn"))
            yield name, Resource(name, text_of(kind) or "", entry.key, node)

    def _check_depends_on(self, name: str, value: Node | None) -> None:
        if value is None:
            return
        items = value.items if isinstance(value, Sequence) and value.tag is None else (value,)
        for item in items:
            if not text_of(item):
                raise self._error(f"DependsOn of resource {name} must name resources, not {_noun(item)}", item)

    def section(self, name: str) -> Mapping | None:
        node = self.root.get(name)
        return node if isinstance(node, Mapping) else None

    @cached_property
    def parameters(self) -> frozenset[str]:
        section = self.section("Parameters")
        return frozenset(entry.key.value for entry in section.entries) if section else frozenset()

    def parameter(self, name: str) -> Mapping | None:
        """The definition of a parameter."""
        section = self.section("Parameters")
        node = section.get(name) if section else None
        return node if isinstance(node, Mapping) else None

    @cached_property
    def conditions(self) -> dict[str, Node]:
        section = self.section("Conditions")
        return {entry.key.value: entry.value for entry in section.entries} if section else {}

    @cached_property
    def transforms(self) -> tuple[str, ...]:
        """The names of the template's transforms; an item that is no plain name comes out as ``?``."""
        node = self.root.get("Transform")
        items = node.items if isinstance(node, Sequence) else (node,) if node else ()
        return tuple(text_of(item) or "?" for item in items)

    @cached_property
    def is_sam(self) -> bool:
        return SAM_TRANSFORM in self.transforms

    @property
    def has_custom_macro(self) -> bool:
        """Whether a macro that is not AWS's own may rewrite the template before CloudFormation reads it."""
        return any(not name.startswith("AWS::") for name in self.transforms)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference of the whole template, explicit dependencies included."""
        found = list(references(self.root, self.source.text))
        for resource in self.resources.values():
            found += resource.depends_on()
        return tuple(found)

    @cached_property
    def style(self) -> Style:
        """The style of the text; of the author's, where it is the result of edits."""
        return detect(self.source)

    def rewritten(self, text: str) -> Template:
        """The template that another text makes, in the same style. Raises TemplateError where that is no template."""
        return Template(self.source.with_text(text), self.style)

    @cached_property
    def meaning(self) -> dict[str, object]:
        value: dict[str, object] = meaning(self.root)
        return value


def _names_type(node: Node | None) -> bool:
    """Whether a resource's type is given, as a name or as what a tool resolves to one, such as ``!Rain::Module``."""
    if isinstance(node, Mapping):
        return len(node.entries) == 1 and "::" in node.entries[0].key.value
    return isinstance(node, Scalar) and bool(node.value) and (node.kind == "str" or node.tag is not None)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.kind == "null"


def _noun(node: Node) -> str:
    if intrinsic(node):
        return "an intrinsic"
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    nouns = {"null": "nothing", "str": "a text", "bool": "true or false"}
    return nouns.get(node.kind, "a number") if node.value else "nothing"
