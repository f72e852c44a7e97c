"""What the settings of a resource make it do with its role: rows of ``role_work.toml``, and of the tables of other passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remediator.api import Context, Node, Scalar, iam, intrinsic, table, text_of
from remediator.transforms.usage.mentions import Mention, near
from remediator.transforms.usage.needs import Gap, Need
from remediator.transforms.usage.resource_texts import arn_text, own_arn, resource_of
from remediator.transforms.wiring.follow import at
from remediator.transforms.wiring.links import functions, inside, meant
from remediator.transforms.wiring.managed import as_list, statements_of

Found = Iterator[Need | Gap]


def wired(context: Context, mention: Mention) -> Found:
    """What the rows of ``role_work.toml`` say about a use of a role."""
    for row in table("role_work").values():
        here = _placed(row, mention) if mention.user.type in row["users"] else None
        if here is not None:
            yield from of_row(context, mention, here)


def _placed(row: dict[str, Any], mention: Mention) -> dict[str, Any] | None:
    """A row for the place of a mention; ``*`` at the beginning of its paths is then what leads to the role."""
    if not row["role"].startswith("*."):
        return row if row["role"] == mention.place else None
    tail = row["role"][2:]
    if not mention.place.endswith(f".{tail}"):
        return None
    head = mention.place.removesuffix(f".{tail}")
    found = {**row, "target": _below_head(row["target"], head)} if "target" in row else dict(row)
    for key in ("where", "unless"):
        if key in row:
            found[key] = {_below_head(path, head): texts for path, texts in row[key].items()}
    return found


def _below_head(path: str, head: str) -> str:
    return f"{head}.{path[2:]}" if path.startswith("*.") else path


def behind(context: Context, function: Mention) -> Found:
    """What others make a function do with its role, such as its event sources."""
    for row in table("role_work").values():
        hop, through, last = row["role"].partition(">")
        if not through or last != function.place:
            continue
        for user in context.template.resources.values():
            if user.type not in row["users"]:
                continue
            if any(function.user in functions(context.template, node) for node in at(user, hop)):
                here = Mention(user, (hop,), (user.properties,), (*user.path, "Properties"), user.key.start)
                yield from of_row(context, here, row)


def of_row(context: Context, mention: Mention, row: dict[str, Any]) -> Found:
    """The needs of one row."""
    sure = _fits(context, mention, row)
    if sure is None:
        return
    essential = sure and not row.get("optional", False)
    if "open" in row:
        yield Gap(f"{mention.user.logical_id} {row['open']}", mention.path, mention.at)
        return
    if "policy" in row:
        yield from _of_policy(mention, row, essential)
        return
    if "target" not in row:
        for action in row["actions"]:
            resources = tuple(each.replace("@self", own_arn(mention.user)) for each in row.get("resources", ("*",)))
            yield Need(action, resources, mention.user, row["why"], mention.path, mention.at, essential)
        return
    for node in _targets(context, mention, row["target"]):
        if node is None:
            yield from _needs(context, mention, row, None, mention.at, essential)
        else:
            yield from _needs(context, mention, row, node, node.start, essential)


def _of_policy(mention: Mention, row: dict[str, Any], essential: bool) -> Found:
    """What a policy of AWS's allows, where AWS says that a service needs just that."""
    document = iam.managed_policy(row["policy"])
    if document is None:
        yield Gap(f"{mention.user.logical_id} {row['why']}, and what that takes is not known", mention.path, mention.at)
        return
    for statement in statements_of(document):
        actions, resources = as_list(statement["Action"]), tuple(as_list(statement["Resource"]))
        for action in actions:
            yield Need(action, resources, mention.user, row["why"], mention.path, mention.at, essential)


def _targets(context: Context, mention: Mention, path: str) -> Iterator[Node | None]:
    """The values at the path of a target; None for one in a resource that is not in the template."""
    first, hop, rest = path.partition(">")
    for node in near(context, mention, first):
        if not hop:
            yield node
            continue
        found = meant(context.template, node, *_HOPS)
        for resource in found:
            yield from inside(resource.properties, *rest.split("."))
        if not found:
            yield None


_HOPS = ("AWS::ECS::TaskDefinition", "AWS::EFS::AccessPoint")


def _needs(context: Context, mention: Mention, row: dict[str, Any], node: Node | None, at: int, essential: bool) -> Found:
    arn = arn_text(context.template, node, row.get("form", "")) if node else None
    kinds = row.get("kinds")
    kind = kind_of(context, kinds, arn) if kinds and arn else None
    if kinds and kind is None and "may_be" in row:
        yield from _any_of(context, mention, row, arn, at)
        return
    if kinds and kind is None:
        what = row["why"].replace("{}", arn or "what an expression names")
        yield Gap(f"{mention.user.logical_id} {what}, and what that takes is not known", mention.path, at)
        return
    rights = kind or row
    for action in rights["actions"]:
        forms = rights.get("resources", ("{}",))
        resources = tuple(form.replace("{}", arn) for form in forms) if arn else ()
        if "*" in forms:
            resources = ("*",)
        sure = essential and action not in rights.get("optional_actions", ())
        yield Need(action, resources, mention.user, _why(context, row, node, arn), mention.path, at, sure)


def _any_of(context: Context, mention: Mention, row: dict[str, Any], arn: str | None, at: int) -> Found:
    """What the kinds take that something may be of, where it is not known which it is."""
    for kind in row["may_be"]:
        for action in table(row["kinds"])[kind]["actions"]:
            resources = (arn,) if arn else ()
            yield Need(action, resources, mention.user, _why(context, row, None, arn), mention.path, at, essential=False)


def _why(context: Context, row: dict[str, Any], node: Node | None, arn: str | None) -> str:
    resource = resource_of(context.template, arn) if arn else None
    name = resource.logical_id if resource else (text_of(node) if node else None) or arn or "what an expression names"
    return str(row["why"]).replace("{}", name)


def kind_of(context: Context, kinds: str, arn: str) -> dict[str, Any] | None:
    """The row of a table of kinds for the resource that an ARN means."""
    resource = resource_of(context.template, arn)
    for row in table(kinds).values():
        rows: dict[str, Any] = row
        if resource.type in rows["types"] if resource else any(mark in arn for mark in rows["marks"]):
            return rows
    return None


def _fits(context: Context, mention: Mention, row: dict[str, Any]) -> bool | None:
    """Whether a row is about a use: None where not, False where an expression decides."""
    wanted, sure = row.get("where"), True
    if wanted is not None:
        found = {_says(context, mention, path, texts) for path, texts in wanted.items()}
        if not found - {None}:
            return None
        sure = True in found
    for path, texts in row.get("unless", {}).items():
        said = _says(context, mention, path, texts)
        if said:
            return None
        sure = sure and said is None
    return sure


def _says(context: Context, mention: Mention, path: str, texts: list[str]) -> bool | None:
    """Whether one of some texts stands at a path; None where not, False where it may."""
    answer: bool | None = None
    for node in near(context, mention, path):
        if "*" in texts or (isinstance(node, Scalar) and node.tag is None and node.value.lower() in map(str.lower, texts)):
            return True
        if intrinsic(node):
            answer = False
    return answer
