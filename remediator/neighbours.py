"""What the templates of one run rely on in each other: the outputs that they import, the parameters that they pass.

A fix of one template must not take away what another one uses, nor ask for a parameter that nobody passes. Such paths are
*kept*: the engine reports the finding and leaves the fix out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path as File
from typing import Any

from remediator.intrinsics import intrinsic, references, walk
from remediator.nodes import Mapping, Node, Path, Scalar, meaning
from remediator.source import Source, TemplateError
from remediator.template import Resource, Template

NEW_PARAMETER: Path = ("Parameters",)
"""Kept, it means that no parameter may be added: another template creates this stack, and would have to pass it."""

_STACKS = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
_USES = re.compile(rb"ImportValue|AWS::CloudFormation::Stack|AWS::Serverless::Application")
_MAY_BE_USED = re.compile(rb"Export")


def kept_paths(files: Iterable[File]) -> dict[str, frozenset[Path]]:
    """For the name of each file, the paths in its template that other templates rely on. Unreadable files rely on nothing."""
    data = {str(file): _bytes(file) for file in files}
    users = {name: template for name, text in data.items() if _USES.search(text) and (template := _template(text))}
    if not users:
        return {}
    nested = list(_nested(users))
    imported = [value for template in users.values() for value in _imports(template)]
    found: dict[str, frozenset[Path]] = {}
    for name, text in data.items():
        mine = [path for file, paths in nested if file == File(name).name for path in paths]
        if imported and _MAY_BE_USED.search(text):
            template = users.get(name) or _template(text)
            mine += _exported(template, imported) if template else []
        if mine:
            found[name] = frozenset(mine)
    return found


def relies_on(kept: frozenset[Path], path: Path, *, new: bool) -> bool:
    """Whether a change at a path takes away what is kept. ``new``: nothing is there yet."""
    if new:
        return path[:1] == NEW_PARAMETER and len(path) == 2 and NEW_PARAMETER in kept
    return path in kept or any(each[-1:] == ("Export",) and path[: len(each)] == each for each in kept)


def _bytes(file: File) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _template(data: bytes) -> Template | None:
    try:
        return Template(Source.from_bytes(data))
    except TemplateError:
        return None


def _nested(users: dict[str, Template]) -> Iterator[tuple[str, list[Path]]]:
    """The file name of each nested template, and what its parent passes to it and reads from it."""
    for template in users.values():
        for stack in template.resources.values():
            location = stack.property(_STACKS.get(stack.type, ""))
            for text in _texts(location):
                yield re.split(r"[/\\]", text)[-1], [NEW_PARAMETER, *_passed(stack), *_read(template, stack)]


def _texts(node: Node | None) -> Iterator[str]:
    """The texts in a value: of a literal, a ``Fn::Sub``, the parts of a ``Fn::Join``."""
    for _, inner in walk(node) if node else ():
        if isinstance(inner, Scalar):
            yield inner.value


def _passed(stack: Resource) -> Iterator[Path]:
    given = stack.property("Parameters")
    for entry in given.entries if isinstance(given, Mapping) and not intrinsic(given) else ():
        yield ("Parameters", entry.key.value)


def _read(template: Template, stack: Resource) -> Iterator[Path]:
    for each in references(template.root, template.source.text):
        if each.target == stack.logical_id and (each.attribute or "").startswith("Outputs."):
            yield ("Outputs", str(each.attribute).removeprefix("Outputs."))


def _imports(template: Template) -> Iterator[Any]:
    for _, node in walk(template.root):
        call = intrinsic(node)
        if call and call.name == "Fn::ImportValue":
            yield meaning(call.argument)


def _exported(template: Template, imported: list[Any]) -> list[Path]:
    """The outputs under whose export name something is imported."""
    found: list[Path] = []
    section = template.section("Outputs")
    for entry in section.entries if section else ():
        export = entry.value.get("Export") if isinstance(entry.value, Mapping) else None
        name = export.get("Name") if isinstance(export, Mapping) else None
        if name is not None and _same_export(meaning(name), imported):
            found += [("Outputs", entry.key.value), ("Outputs", entry.key.value, "Export")]
    return found


def _same_export(name: Any, imported: list[Any]) -> bool:
    """Whether an export may be one that is imported: the stack's name is spelt otherwise where it is imported."""
    pattern = _pattern(name)
    texts = (_text(each) for each in imported)
    return name in imported or (pattern is not None and any(isinstance(t, str) and pattern.fullmatch(t) for t in texts))


def _pattern(name: Any) -> re.Pattern[str] | None:
    text = _text(name)
    if not isinstance(text, str):
        return None
    parts = re.split(r"\$\{[^}]*\}", text)
    return re.compile(".+".join(re.escape(part) for part in parts)) if any(len(part) > 1 for part in parts) else None


def _text(name: Any) -> Any:
    """The text of a name, with the variables of ``Fn::Sub`` in it."""
    value = name.get("Fn::Sub") if isinstance(name, dict) else name
    return value[0] if isinstance(value, list) and value else value
