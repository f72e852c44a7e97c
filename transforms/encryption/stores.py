"""Rules about stores without a key of the account's own, made from a table.

The keys of the table ``stores`` are the codes. A row has::

    name, summary, source, answers  as a pass has them; summary is its documentation, in Markdown
    message                         what is wrong, in a few words that follow the name of the store
    why                             why a key of one's own is safe there, or what it risks
    words                           parts of the name of a key that is for such stores
    example, after                  templates for the documentation; unsafe_after where the fix needs unsafe fixes
    [[CODE.at]]
    types                           the resource types
    key                             the property with the key, as a path: ``Name?`` is looked into only where it is there,
                                    ``Name[]`` is a list, and gets an item where it is missing
    set                             what is set, by path; ``$key`` stands for the ARN of the key
    leave                           true: a store where something else is written than what would be set is left alone
    where, unless                   paths and texts, as in ``wiring.follow.fits``: to which stores it applies
    managed                         aliases of AWS's own keys, which services can't use: they count as wrong where one has to
    instead_of                      a property that the key takes the place of where it is true
    beside                          a property that must mean a resource of the template; or else it is unsafe (``beside_risk``)
    role                            the property with the role that uses the key, which has to be in the template
    single                          a list that must have one item: each would need a key of its own
    risk                            makes the fix unsafe, and says why
    replacement                     true: AWS replaces the resource although its schema does not say so
    like, why                       the property that names another resource, ``>``, and the property with the key there: it is
                                    told that key, where there is one
    instead                         what is set, by path, where a customer key is out of the question
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Remedy,
    Resource,
    UpdateEffect,
    references,
    table,
    text_of,
    to_value,
)
from remediator.transforms.encryption.blocks import Block, block
from remediator.transforms.encryption.buckets import BUCKET, forbids_key
from remediator.transforms.encryption.services import acting
from remediator.transforms.encryption.stack_key import StackKey, stack_key
from remediator.transforms.encryption.uses import obstacles
from remediator.transforms.settings.rule import effect_of, set_for_all
from remediator.transforms.settings.slots import Slot, slots
from remediator.transforms.wiring.follow import at, fits, follow
from remediator.transforms.wiring.links import meant

_FORBIDDEN = {BUCKET: forbids_key}

Spot = dict[str, Any]


def _rules() -> dict[str, type[Pass]]:
    return {code: _rule(code, row) for code, row in table("stores").items()}


def _rule(code: str, row: dict[str, Any]) -> type[Pass]:
    after = row.get("after") or row.get("unsafe_after")
    said = {
        "__doc__": row["summary"],
        "__module__": __name__,
        "code": code,
        "name": row["name"],
        "answers": tuple(row["answers"]),
        "sources": tuple(row["source"]),
        "examples": (Example(f"It {row['message']}", row["example"], after, unsafe="unsafe_after" in row),),
        "row": row,
    }
    return type(code, (StoreRule,), said)


class StoreRule(Pass):
    """What the passes of the table have in common."""

    profile = "secure"
    stage = 4
    companions = ("CRE007", "ENC101")
    row: ClassVar[dict[str, Any]]

    def run(self, context: Context) -> Iterator[Finding]:
        for store in context.template.resources.values():
            for spot in self.row["at"]:
                if store.type in spot["types"] and fits(store, spot.get("where"), spot.get("unless")):
                    yield from self._findings(context, store, spot)

    def _findings(self, context: Context, store: Resource, spot: Spot) -> Iterator[Finding]:
        found = list(slots(store, spot["key"].replace("[]", "")))
        missing = [slot for slot in found if slot.node is None]
        if missing and not set_for_all(context.template, store, spot["key"]):
            yield from self._without_key(context, store, spot, missing[0])
        for slot in found:
            user = _shut_out(context, slot.node, spot)
            if slot.node is not None and user is not None:
                key = stack_key(context, store, self.code)
                message = f"{store.logical_id} is encrypted with {text_of(slot.node)}, which {user.logical_id} can't use"
                remedy = _exchanged(context, store, slot, slot.node, key)
                yield self.finding(context.template, slot.path, slot.node, message, remedy)

    def _without_key(self, context: Context, store: Resource, spot: Spot, slot: Slot) -> Iterator[Finding]:
        if "like" in spot:
            yield from self._unlike(context, store, spot, slot)
            return
        reason = _FORBIDDEN[store.type](context, store) if store.type in _FORBIDDEN else None
        wanted = block(store, spot["instead"] if reason else spot["set"], spot.get("instead_of"))
        if wanted is None or (wanted.differs and (reason or spot.get("leave"))):
            return
        if reason and not wanted.is_new:
            return
        message = f"{store.logical_id} {self.row['message']}"
        owner = slot.owner
        place = store.key if owner is store.properties or owner is store.node else owner
        remedy = _plain(store, wanted, reason) if reason else self._remedy(context, store, spot, wanted)
        yield self.finding(context.template, (*slot.path, *slot.rest), place, message, remedy)

    def _unlike(self, context: Context, store: Resource, spot: Spot, slot: Slot) -> Iterator[Finding]:
        """What has to be told the key of another resource, and is not."""
        path, name = spot["like"].split(">")
        for node in follow(context.template, store, spot["like"]):
            wanted = block(store, spot["set"])
            if wanted is None or text_of(node) is not None:
                continue
            message = f"{store.logical_id} is not told the {name} of its {path}"
            step = f"tell {store.logical_id} the key"
            value = to_value(node)
            remedy = Remedy(step, lambda builder, on=wanted, key=value: on.write(builder, key), spot["why"])  # type: ignore[misc]
            yield self.finding(context.template, (*slot.path, *slot.rest), store.key, message, remedy)

    def _remedy(self, context: Context, store: Resource, spot: Spot, wanted: Block) -> Remedy | str:
        found = [*obstacles(context, store), *_strange_roles(context, store, spot)]
        if found:
            return f"a customer key would lock somebody out: {'; '.join(found)}"
        if "single" in spot and len(list(at(store, spot["single"]))) != 1:
            return f"each of the {spot['single']} needs a key in its own Region: which are they?"
        key = stack_key(context, store, self.code)
        if isinstance(key, str):
            return key
        replaced = spot.get("replacement") or any(effect_of(store, path.replace("[]", "")) for path in spot["set"])
        risks = list(_risks(context, store, spot, wanted, key))
        if replaced:
            risks.insert(0, "a deployed resource is replaced by a new one, which is empty")
        return Remedy(
            f"encrypt {store.logical_id} with {key.name}",
            lambda builder: wanted.write(builder, key.arn(builder)),
            "; ".join(risks) or self.row["why"],
            Applicability.UNSAFE if risks else Applicability.SAFE,
            UpdateEffect.REPLACEMENT if replaced else UpdateEffect.NONE,
        )


def _strange_roles(context: Context, store: Resource, spot: Spot) -> Iterator[str]:
    """The roles that use the key on behalf of the store, and can't be given the right to."""
    for node in at(store, spot["role"]) if "role" in spot else ():
        if not meant(context.template, node, "AWS::IAM::Role"):
            yield f"the role of {store.logical_id} is not in the template, and would need kms:Decrypt"


def _risks(context: Context, store: Resource, spot: Spot, wanted: Block, key: StackKey) -> Iterator[str]:
    """What speaks against calling a fix safe."""
    if "risk" in spot:
        yield spot["risk"]
    if wanted.differs:
        yield "something else is written there, maybe on purpose"
    if any(slot.varies for slot, _ in wanted.missing):
        yield "a condition decides about it, maybe on purpose"
    if key.given:
        yield f"nobody sees here whether the key that {key.name} names lets everybody in who uses {store.logical_id}"
    if "beside" in spot and not any(_is_here(context, node) for node in at(store, spot["beside"])):
        yield spot["beside_risk"]


def _is_here(context: Context, node: Node) -> bool:
    template = context.template
    return any(each.target in template.resources for each in references(node, template.source.text))


def _plain(store: Resource, wanted: Block, reason: str) -> Remedy:
    why = f"S3 encrypts it so in any case, and now the template says it; a customer key is out of the question: {reason}"
    return Remedy(f"encrypt {store.logical_id} with the key of S3", lambda builder: wanted.write(builder, None), why)


def _shut_out(context: Context, node: Node | None, spot: Spot) -> Resource | None:
    """For whom a service should use a key of AWS's own, which lets no service in that acts for somebody else."""
    return acting(context, node) if node is not None and text_of(node) in spot.get("managed", ()) else None


def _exchanged(context: Context, store: Resource, slot: Slot, node: Node, key: StackKey | str) -> Remedy | str:
    shut_out = obstacles(context, store)
    if shut_out:
        return f"a customer key would lock somebody out: {'; '.join(shut_out)}"
    if isinstance(key, str):
        return key

    def make(builder: EditBuilder) -> None:
        builder.replace(node, key.arn(builder), slot.path)

    why = "nothing arrives as it is, because nobody can change the policy of AWS's own key"
    level = Applicability.UNSAFE if key.given else Applicability.SAFE
    return Remedy(f"encrypt {store.logical_id} with {key.name}", make, why, level)


globals().update(_rules())
