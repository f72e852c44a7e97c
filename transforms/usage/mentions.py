"""Where a template names a role: which resources do, and in which of their properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import Context, Mapping, Node, Path, Resource, Sequence, walk
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.encryption.allowances import SERVERLESS, setting
from remediator.transforms.wiring.follow import below
from remediator.transforms.wiring.links import inside

_ROLE_KEY = re.compile(r"(?:role(?:_?arn|s|_?name)?|credentials|iaminstanceprofile)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the properties of a resource that names a role.

    ``keys``: the keys that lead there, without positions in lists and intrinsics. ``trail``: for each key, the node that has
    it, the properties first. ``path``: to the value, in the template.
    """

    user: Resource
    keys: tuple[str, ...]
    trail: tuple[Node | None, ...]
    path: Path
    at: int

    @property
    def place(self) -> str:
        return ".".join(self.keys)


def mentions(context: Context, role: Resource) -> Iterator[Mention]:
    """The places that name a role, by reference or by the name that it states; ``Globals`` of SAM stand for each function."""
    template = context.template
    for user, path, node in (*_by_reference(context, role), *_by_name(context, role)):
        if path[:1] == ("Globals",):
            kind = f"AWS::Serverless::{path[1]}"
            for each in template.resources.values():
                if each.type == kind and each.property(str(path[2])) is None:
                    yield Mention(each, tuple(map(str, path[2:3])), (each.properties,), each.path, each.key.start)
        elif user is not None:
            yield mention(user, path, node.start)


def mention(user: Resource, path: Path, at: int) -> Mention:
    """A mention at a path in the properties of a resource, intrinsics on the way included."""
    here: Node | None = user.node
    keys: list[str] = []
    trail: list[Node | None] = []
    for step in path[2:]:
        if isinstance(step, int) and isinstance(here, Sequence):
            here = here.items[step] if step < len(here.items) else None
        elif isinstance(step, str) and not _is_intrinsic(step):
            keys.append(step)
            trail.append(here)
            here = here.get(step) if isinstance(here, Mapping) else None
        elif isinstance(here, Mapping) and here.get(str(step)) is not None:
            here = here.get(str(step))
    return Mention(user, tuple(keys[1:]), tuple(trail[1:]), path, at)


def own(user: Resource, key: str) -> Mention:
    """The place where a SAM resource could name a role, where SAM makes one."""
    return Mention(user, (key,), (user.properties,), user.path, user.key.start)


def _is_intrinsic(step: str) -> bool:
    return step in ("Ref", "Condition") or step.startswith("Fn::")


def near(context: Context, mention: Mention, path: str) -> Iterator[Node]:
    """The values at a path of the user's properties; what the path shares with that of the role is gone the same way, so
    that of several targets the one is meant that has the role. ``*`` is any key."""
    keys = path.split(".")
    shared = 0
    while shared < min(len(keys), len(mention.keys)) - 1 and keys[shared] == mention.keys[shared]:
        shared += 1
    if shared:
        start = [mention.trail[shared]]
    else:
        start, keys = [setting(context.template, mention.user, keys[0])], keys[1:]
    for key in keys[shared:]:
        start = [inner for node in start for inner in below(node, key)]
    for node in start:
        yield from inside(node)


def _by_reference(context: Context, role: Resource) -> Iterator[tuple[Resource | None, Path, Node]]:
    resources = context.template.resources
    for each in context.template.references:
        if each.target == role.logical_id and each.kind != "DependsOn" and each.attribute in (None, "Arn", "RoleId"):
            if each.path[:1] == ("Resources",):
                yield resources.get(str(each.path[1])), each.path, each.node
            elif each.path[:1] == ("Globals",):
                yield None, each.path, each.node


def _by_name(context: Context, role: Resource) -> Iterator[tuple[Resource | None, Path, Node]]:
    """Values that end in the role's name, where they are an ARN of a role or a property for roles."""
    stated = role.property("RoleName")
    name = as_sub_text(stated) if stated else None
    if not name or name == f"${{{role.logical_id}}}":
        return
    for user in context.template.resources.values():
        for path, node in walk(user.properties) if user.properties else ():
            text = as_sub_text(node) if user is not role else None
            if not text or not text.endswith(name) or f"${{{role.logical_id}}}" in text:
                continue
            key = next((step for step in reversed(path) if isinstance(step, str) and not _is_intrinsic(step)), "")
            exact = text == name and bool(_ROLE_KEY.search(key))
            if exact or re.search(rf":role/(?:.*/)?{re.escape(name)}$", text):
                yield user, (*user.path, "Properties", *path), node


def made_by_sam(context: Context, resource: Resource) -> bool:
    """Whether SAM makes a role for a resource, because it names none."""
    return resource.type in SERVERLESS and resource.properties is not None and not setting(context.template, resource, "Role")
