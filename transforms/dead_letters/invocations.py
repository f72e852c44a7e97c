"""How a function is invoked, as far as the template tells: by callers that wait, by Lambda's own polling, or by others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Mapping, Resource, Template, references, table, text_of
from remediator.transforms.cycles.names import as_sub_text

_QUALIFIED = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
_PERMISSION = "AWS::Lambda::Permission"


@dataclass(frozen=True, slots=True)
class Invocations:
    """The names of those that have a function invoked, by the kind of the invocation."""

    synchronous: tuple[str, ...]
    polled: tuple[str, ...]
    edge: tuple[str, ...]
    others: tuple[str, ...]
    """Asynchronously, or nobody knows how."""

    @property
    def may_be_asynchronous(self) -> bool:
        return bool(self.others) or not (self.synchronous or self.polled or self.edge)


def invocations(template: Template) -> dict[str, Invocations]:
    """For each function of the template, who has it invoked."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for function, kind, caller in (*_named(template), *_events(template)):
        found.setdefault(function, {}).setdefault(kind, {})[caller] = None
    for kinds in found.values():
        for callers in kinds.values():  # a permission stands for callers that the template does not show
            own = [name for name in callers if name in template.resources and template.resources[name].type == _PERMISSION]
            for name in own if len(own) < len(callers) else ():
                del callers[name]
    functions = [each.logical_id for each in template.resources.values() if is_function(each)]
    return {name: _sorted(found.get(name, {})) for name in functions}


def is_function(resource: Resource) -> bool:
    return resource.type in ("AWS::Lambda::Function", "AWS::Serverless::Function")


def _sorted(kinds: dict[str, dict[str, None]]) -> Invocations:
    return Invocations(*(tuple(kinds.get(kind, ())) for kind in ("synchronous", "polled", "edge", "other")))


def _named(template: Template) -> Iterator[tuple[str, str, str]]:
    """Function, kind and caller, for each resource that names a function or one of its versions."""
    names = {each.logical_id: each.logical_id for each in template.resources.values() if is_function(each)}
    for each in template.resources.values():
        if each.type in _QUALIFIED and (function := each.property("FunctionName")):
            of = [reference.target for reference in references(function, template.source.text) if reference.target in names]
            names |= dict.fromkeys([each.logical_id], of[0]) if of else {}
    for each in template.resources.values():
        kind = _kind(template, each)
        for reference in references(each.node, template.source.text) if kind != "none" else ():
            name = names.get(reference.target) or names.get(reference.target.partition(".")[0])
            if name and name != each.logical_id:
                yield name, kind, each.logical_id


def _kind(template: Template, caller: Resource) -> str:
    if caller.type == _PERMISSION:
        service = caller.property("Principal")
        name = (as_sub_text(service) or "" if service else "").partition(".")[0]
        return str(table("dead_letters_invocations").get(f"permission {name}", {}).get("kind", "other"))
    row = table("dead_letters_invocations").get(caller.type, {"kind": "other"})
    text = template.source.text[caller.node.start : caller.node.end]
    otherwise = any(word in text for word in row.get("unless", ()))
    return "other" if otherwise else str(row["kind"])


def _events(template: Template) -> Iterator[tuple[str, str, str]]:
    """Function, kind and event, for each event of a SAM function."""
    for function in template.resources.values():
        events = function.property("Events") if function.type == "AWS::Serverless::Function" else None
        for entry in events.entries if isinstance(events, Mapping) else ():
            kind = text_of(entry.value.get("Type")) if isinstance(entry.value, Mapping) else None
            row = table("dead_letters_invocations").get(f"event {kind}", {"kind": "other"})
            yield function.logical_id, str(row["kind"]), entry.key.value
        if function.property("FunctionUrlConfig"):
            yield function.logical_id, "synchronous", "FunctionUrlConfig"
