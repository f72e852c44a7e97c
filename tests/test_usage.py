"""What roles are needed for: situations with the needs and gaps found in them (``tests/usage``), and whether all that other
passes grant is among the needs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from remediator import Options, Selection, fix_text
from remediator.api import Context, Resource, Template, iam, table
from remediator.passes import Context as PassContext
from remediator.source import Source, TemplateError
from remediator.transforms.encryption.allowances import allowed
from remediator.transforms.usage.mentions import made_by_sam
from remediator.transforms.usage.needs import Gap, Need, Usage
from remediator.transforms.usage.principals import principals
from remediator.transforms.usage.roles import usage, usages

HERE = Path(__file__).parent
_CASE = re.compile(r"^## ([^\n]+)\n\n```yaml\n(.*?)\n```\n\n```text\n(.*?)```$", re.MULTILINE | re.DOTALL)


def _update(path: Path) -> None:
    """Writes what is found now into a file of cases; read it before you believe it."""

    def case(match: re.Match[str]) -> str:
        context = _context(match[2] + "\n")
        found = usages(context)
        lines = "".join(f"{line}\n" for line in _lines(context, found.get("Role") or next(iter(found.values()))))
        return match[0].replace(f"```text\n{match[3]}```", f"```text\n{lines}```")

    path.write_text(_CASE.sub(case, path.read_text()))


def _cases() -> Iterator[tuple[str, str, str]]:
    for path in sorted((HERE / "usage").glob("*.md")):
        for match in _CASE.finditer(path.read_text()):
            yield f"{path.stem}: {match[1]}", match[2] + "\n", match[3]


def _context(text: str) -> Context:
    return PassContext(Template(Source.from_text(text)))


def _lines(context: Context, found: Usage) -> Iterator[str]:
    """What is found: the actions for each purpose and resource on a line, those with a question mark not being essential."""
    grouped: dict[str, list[str]] = {}
    for need in found.needs:
        on = " ".join(need.resources) or "(unknown)"
        action = need.action if need.essential else f"{need.action}?"
        grouped.setdefault(f"on {on}: {need.user.logical_id} {need.why}", []).append(action)
    for purpose, actions in grouped.items():
        more = f" and {len(actions) - 5} more" if len(actions) > 20 else ""
        yield f"{', '.join(actions[:5] if more else actions)}{more} {purpose}"
    for gap in found.gaps:
        yield f"gap in line {context.template.source.position(gap.at)[0]}: {gap.reason}"


if os.environ.get("UPDATE_SNAPSHOTS"):
    for each in (HERE / "usage").glob("*.md"):
        _update(each)
CASES = list(_cases())


def test_there_are_cases() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in CASES], ids=[each[0] for each in CASES])
def test_needs_and_gaps(text: str, expected: str) -> None:
    context = _context(text)
    found = usages(context)
    assert list(_lines(context, found.get("Role") or next(iter(found.values())))) == expected.splitlines()


@pytest.mark.parametrize("text", [each[1] for each in CASES], ids=[each[0] for each in CASES])
def test_places_are_in_the_template(text: str) -> None:
    for each in usages(_context(text)).values():
        places: list[Need | Gap] = [*each.needs, *each.gaps]
        for found in places:
            assert 0 <= found.at < len(text)
            assert found.path[0] in ("Resources", "Outputs", "Globals")


def test_actions_exist() -> None:
    """Every action that the tables name is one of IAM's."""
    rows = [*table("role_work").values()]
    for name in ("role_targets", "role_sources", "role_enrichments"):
        rows += table(name).values()
    for row in (*table("pipeline_actions").values(), *table("task_rights").values()):
        rows += [row, *row.get("needs", ()), *row.get("also", ()), *row.get("sync", ())]
    rows += table("hidden_keys").values()
    keys = ("actions", "waits", "optional_actions", "rights")
    named = {action for row in rows for key in keys for action in row.get(key, ())}
    assert sorted(action for action in named if not iam.matching(action)) == []


def test_policies_exist() -> None:
    named = {row["policy"] for row in table("role_work").values() if "policy" in row}
    assert sorted(name for name in named if iam.managed_policy(name) is None) == []


def test_rows_are_for_known_places() -> None:
    """A row whose place is not listed would never be read."""
    places = table("role_places")
    for name, row in table("role_work").items():
        tail = row["role"].rpartition(">")[2].removeprefix("*.")
        for user in row["users"]:
            if ">" in row["role"]:
                assert tail in places["AWS::Lambda::Function"], name
            else:
                assert any(place == tail or place.endswith(f".{tail}") for place in places[user]), name


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("lambda.amazonaws.com", "lambda"),
        ("ec2.amazonaws.com.cn", "ec2"),
        ("states.eu-west-1.amazonaws.com", "states"),
        ("monitoring.rds.amazonaws.com", "monitoring.rds"),
        ("logs.us-gov-west-1.amazonaws.com", "logs"),
        ("example.com", ""),
    ],
)
def test_services(service: str, expected: str) -> None:
    text = "Resources: {Role: {Type: X, Trust: {Statement: {Principal: {Service: NAME}}}}}".replace("NAME", service)
    node = _context(text).template.resources["Role"].node.get("Trust")
    assert [each.service for each in principals(node, ())] == [expected]


def test_usage_is_kept_for_a_context() -> None:
    context = _context(CASES[0][1])
    role = next(each for each in context.template.resources.values() if each.type == "AWS::IAM::Role")
    assert usage(context, role) is usage(context, role)


# What other passes grant

_GRANTING = ("CRE003", "ENC101")
_OLD = Selection(profile="production", ignore=("IAM",))


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted((HERE.parent / "samples").rglob("*.y*ml")):
        if not {"expected", "fixed", "after"} & set(path.parts):
            yield str(path.relative_to(HERE.parent)), path.read_text()
    for folder in ("creation", "encryption", "dead_letters", "resilience", "logging"):
        for path in sorted((HERE / "cases" / folder).glob("*.md")):
            for index, match in enumerate(re.findall(r"```ya?ml\n(.*?)```", path.read_text(), re.DOTALL)):
                if "AWS::IAM::Role" in match or "AWS::Serverless" in match:
                    yield f"{folder}/{path.stem} {index}", match


@pytest.mark.parametrize("name_and_text", list(_texts()), ids=lambda each: each[0])
def test_what_other_passes_grant_is_needed(name_and_text: tuple[str, str]) -> None:
    """A pass that takes away what is not needed would otherwise fight with those that grant it."""
    text = name_and_text[1]
    try:
        outcome = fix_text(text, Options(selection=_OLD))
    except TemplateError:
        return
    before, after = _context(text), _context(outcome.after.text)
    for role in after.template.resources.values():
        if role.type == "AWS::IAM::Role" or made_by_sam(after, role):
            granted = _granted(after, role) - _granted(before, before.template.resources.get(role.logical_id))
            needed = {need.action.lower() for need in usage(after, role).needs}
            assert {action for action in granted if not any(fnmatchcase(each, action.lower()) for each in needed)} == set()


def _granted(context: Context, role: Resource | None) -> set[str]:
    """The actions that a role is allowed by policies that are written out, as patterns."""
    if role is None:
        return set()
    found = allowed(context.template, role).allowances
    return {action for each in found if not each.general for action in each.actions}
