"""Which parameter or resource is meant by a name that is not there: near in spelling, or alone of its kind, and fitting."""

from __future__ import annotations

from remediator.api import Context, Resource, reachable
from remediator.transforms.references import kinds
from remediator.transforms.references.naming import Nearness, gist, nearest
from remediator.transforms.references.uses import LOGICAL_ID, Use

_NUMBERS = frozenset({"integer", "number", "boolean"})


def meant(context: Context, name: str, members: list[Use]) -> tuple[tuple[str, ...], Nearness]:
    """The names that may be meant at all of the mentions, and how near they are; one name is an answer."""
    template = context.template
    fitting = {each: "parameter" for each in template.parameters if all(_parameter_fits(context, use, each) for use in members)}
    for resource in template.resources.values():
        if LOGICAL_ID.fullmatch(resource.logical_id) and all(_resource_fits(context, use, resource) for use in members):
            fitting[resource.logical_id] = "resource"
    near = [nearest(name, [each for each, k in fitting.items() if k == kind], kind) for kind in ("parameter", "resource")]
    best = max(level for _, level in near)
    names = [each for found, level in near if level == best for each in found]
    if names:
        return tuple(sorted(names)), best
    alone = _alone_of_its_kind(context, name, [each for each, kind in fitting.items() if kind == "resource"])
    return ((alone,), Nearness.WORDING) if alone else ((), Nearness.FAR)


def _alone_of_its_kind(context: Context, name: str, fitting: list[str]) -> str | None:
    """The only resource of a type, where the name says that type and nothing else: ``VPC`` for ``ProductionVPC``."""
    wanted, resources = set(gist(name, "resource")), context.template.resources
    found = [each for each in resources.values() if _says_only(wanted, each.type)]
    return found[0].logical_id if len(found) == 1 and found[0].logical_id in fitting else None


def _says_only(wanted: set[str], kind: str) -> bool:
    parts = kind.split("::")
    if len(parts) != 3 or not wanted:
        return False
    service, last = set(gist(parts[1], "resource")), set(gist(parts[2], "resource"))
    return last <= wanted <= last | service


def _parameter_fits(context: Context, use: Use, name: str) -> bool:
    reference, kind = use.reference, kinds.parameter_type(context.template, name)
    if reference.kind == "DependsOn" or reference.attribute:
        return False
    if not use.alone or use.shape is None:
        return reference.kind != "Sub" or not kinds.is_list(kind)
    if kinds.is_list(kind) != ("array" in use.shape.types and "string" not in use.shape.types):
        return False
    own = kind.removeprefix("List<").removeprefix("AWS::SSM::Parameter::Value<").rstrip(">")
    wanted = {each.replace(".", "::") for each in kinds.formats(use.shape)}
    return not (own.startswith("AWS::") and wanted) or own.rpartition("::")[0] in {each.rpartition("::")[0] for each in wanted}


def _resource_fits(context: Context, use: Use, resource: Resource) -> bool:
    reference, logical_id = use.reference, resource.logical_id
    if reference.path[0] not in ("Resources", "Outputs", "Globals"):
        return False
    if use.owner and (use.owner.logical_id == logical_id or use.owner.logical_id in reachable(context.graph.arcs, logical_id)):
        return False
    if reference.kind == "DependsOn":
        return True
    if reference.attribute and not kinds.has_attribute(resource.type, reference.attribute):
        return False
    return use.shape is None or not use.alone or _value_fits(use, resource)


def _value_fits(use: Use, resource: Resource) -> bool:
    """Whether what the resource returns may stand where the mention stands alone."""
    shape, attribute = use.shape, use.reference.attribute
    if shape is None:
        return True
    if shape.types and (shape.types <= _NUMBERS or shape.types == {"array"}) and attribute is None:
        return False
    wanted, given = kinds.formats(shape), kinds.returned(resource, attribute)
    if wanted and given:
        return bool(wanted & given)
    if wanted and kinds.resource_is_known(resource):
        return resource.type in kinds.of_type(wanted) and (
            attribute is not None or not kinds.wants_arn(use.property_name, shape)
        )
    if attribute is None and kinds.wants_arn(use.property_name, shape):
        return kinds.ref_is_arn(resource.type) is not False
    return True
