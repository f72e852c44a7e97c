"""Whether the policies that a role has may allow what somebody needs; what can't be told counts as allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediator.api import VARIABLE, Mapping, Node, Resource, Template, iam, intrinsic, table, text_of, walk
from remediator.transforms.cycles.names import as_sub_text
from remediator.transforms.permissions.overlap import are_apart, distinct, matches, spelled_out
from remediator.transforms.permissions.statements import GENERATED
from remediator.transforms.usage.needs import Need
from remediator.transforms.wiring.links import inside, meant
from remediator.transforms.wiring.managed import as_list, statements_of
from remediator.transforms.wiring.rights import ATTACHED

_AWS_POLICY = re.compile(r"(?:arn:(?:aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/)?((?:[\w+=,.@-]+/)*[\w+=,.@-]+)")
_HEAD = re.compile(r"(\$\{\w+(?:\.\w+)?\})(.*)")
_WITH_PARTS = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")
"""Types with something below their ARN that a statement has to name: objects, indexes."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Actions that a statement allows, as patterns, on resources as texts of ``Fn::Sub``; ``*`` where those are not known."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    kept_out: tuple[str, ...] = ()

    def means(self, action: str) -> bool:
        if self.kept_out:
            return not any(matches(each, action) for each in self.kept_out)
        return any(matches(each, action) for each in self.actions)


def allowances(template: Template, role: Resource, letting: Iterable[Mapping]) -> list[Allowance] | None:
    """What a role, or a function for which SAM makes one, may be allowed; None where not all of its policies are known.

    ``letting``: the statements of resources that let somebody in; they are enough within an account.
    """
    found = list(_found(template, role))
    found += [_of_statement(each) for each in letting if any(_is_role(template, role, who) for who in _let_in(each))]
    return None if None in found else [each for each in found if each]


def lacking(template: Template, held: Iterable[Allowance], need: Need) -> tuple[str, ...] | None:
    """The resources on which nothing allows what is needed; None where it may be allowed."""
    fitting = [each for each in held if each.means(need.action)]
    if not fitting:
        return need.resources
    wide = [text for each in fitting for text in each.resources]
    if not need.resources:
        return None
    left = tuple(each for each in need.resources if not any(_may_cover(template, text, each) for text in wide))
    return left or None


def _may_cover(template: Template, wide: str, text: str) -> bool:
    if text == "*":  # what IAM does not limit to resources
        return "*" in wide or "${" in wide
    if any(_is_anything(template, name) for name in VARIABLE.findall(wide)):
        return True
    one, other = spelled_out(template, wide), spelled_out(template, text)
    if are_apart(one, other, distinct(template)):
        return False
    first, second = _HEAD.fullmatch(one), _HEAD.fullmatch(other)
    if first and second and first.group(1) == second.group(1):
        target = template.resources.get(re.split(r"[{.}]", first.group(1))[1])
        if target and target.type in _WITH_PARTS:
            return not are_apart(f"arn:a:b:c:d:x{first.group(2)}", f"arn:a:b:c:d:x{second.group(2)}", frozenset())
    return True


def _is_anything(template: Template, name: str) -> bool:
    """Whether a variable of ``Fn::Sub`` is an answer of something that may name any resource."""
    target = template.resources.get(name.strip().partition(".")[0])
    return target is not None and target.type.startswith(("AWS::CloudFormation::", "Custom::"))


def _found(template: Template, role: Resource) -> Iterator[Allowance | None]:
    """Each allowance, and None for what can't be known."""
    if role.properties is None or role.node.get("Connectors"):
        yield None
    if role.type in GENERATED:
        if any(each.type == "AWS::Serverless::Connector" for each in template.resources.values()):
            yield None
        for policy in inside(role.property("Policies")):
            yield from _of_function(template, policy)
        return
    for policy in inside(role.property("Policies")):
        yield from _of_documents(policy, "PolicyDocument")
    for arn in inside(role.property("ManagedPolicyArns")):
        yield from _managed(template, arn)
    for owner in template.resources.values():
        for node in inside(owner.property(ATTACHED.get(owner.type, ""))):
            named = meant(template, node, role.type)
            if role in named:
                yield from _of_documents(owner.properties, "PolicyDocument")
            elif not named and text_of(node) is None:
                yield None


def letting_in(template: Template) -> list[Mapping]:
    """The statements of the policies of resources, which name whom they allow something."""
    every = (node for each in template.resources.values() if each.properties for _, node in walk(each.properties))
    return [node for node in every if isinstance(node, Mapping) and any(True for _ in _let_in(node))]


def _let_in(statement: Mapping) -> Iterator[Node]:
    """The principals of a statement that allows something."""
    for each in inside(statement.get("Principal")) if text_of(statement.get("Effect")) == "Allow" else ():
        yield from inside(each, "AWS") if isinstance(each, Mapping) and not intrinsic(each) else (each,)


def _is_role(template: Template, role: Resource, principal: Node) -> bool:
    """Whether a principal is a role, or everybody. A role that SAM makes is named after its function."""
    text = as_sub_text(principal) or ""
    return text == "*" or text.startswith(f"${{{role.logical_id}Role.") or role in meant(template, principal, role.type)


def _of_documents(policy: Node | None, key: str) -> Iterator[Allowance | None]:
    if not isinstance(policy, Mapping) or intrinsic(policy) or policy.get(key) is None:
        yield None
        return
    for document in inside(policy.get(key)):
        yield from _of_document(document)


def _of_document(document: Node) -> Iterator[Allowance | None]:
    if not isinstance(document, Mapping) or intrinsic(document):
        yield None
        return
    for statement in inside(document, "Statement"):
        if not isinstance(statement, Mapping) or intrinsic(statement):
            yield None
        elif text_of(statement.get("Effect")) != "Deny":
            yield _of_statement(statement)


def _of_statement(statement: Mapping) -> Allowance | None:
    actions = [text_of(each) for each in inside(statement.get("Action"))]
    kept_out = [text_of(each) for each in inside(statement.get("NotAction"))]
    if None in actions or None in kept_out:
        return None
    resources = [as_sub_text(each) or "*" for each in inside(statement.get("Resource"))]
    return Allowance(tuple(map(str, actions)), tuple(resources) or ("*",), tuple(map(str, kept_out)))


def _managed(template: Template, arn: Node) -> Iterator[Allowance | None]:
    own = meant(template, arn, "AWS::IAM::ManagedPolicy")
    if own:
        yield from _of_documents(own[0].properties, "PolicyDocument")
        return
    match = _AWS_POLICY.fullmatch(as_sub_text(arn) or "")
    document = iam.managed_policy(match.group(1)) if match else None
    if document is None:
        yield None
        return
    for statement in statements_of(document):
        if statement["Effect"] == "Allow":
            actions, resources, kept_out = (tuple(as_list(statement.get(key))) for key in ("Action", "Resource", "NotAction"))
            yield Allowance(actions, resources or ("*",), kept_out)


def _of_function(template: Template, policy: Node) -> Iterator[Allowance | None]:
    """An item of a SAM function's policies: statements, a policy template with its parameters, or a managed policy."""
    if not isinstance(policy, Mapping) or intrinsic(policy):
        yield from _managed(template, policy)
    elif policy.get("Statement"):
        yield from _of_document(policy)
    else:
        for entry in policy.entries:
            row = table("sam_policies").get(entry.key.value)
            services = {action.partition(":")[0] for action in row["actions"]} if row else set()
            yield Allowance(tuple(f"{each}:*" for each in sorted(services)), ("*",)) if row else None
