"""The function that ACC010 adds: its code is run as Lambda would run it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from remediator import iam
from remediator.knowledge import table
from remediator.nodes import meaning
from remediator.render import Writer
from remediator.schemas import type_names
from remediator.source import Source
from remediator.style import Style
from remediator.transforms.account.setting_function import CODE

ROWS = {name: row for name, row in table("account_settings").items() if "same" not in row}


class Account:
    """A stand-in for AWS: notes the calls, and what CloudFormation is answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.answers: list[tuple[Any, ...]] = []
        self.error = error
        module = SimpleNamespace(SUCCESS="SUCCESS", FAILED="FAILED", send=self._send)
        monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=self._client))
        monkeypatch.setitem(sys.modules, "cfnresponse", module)
        self.scope: dict[str, Any] = {}
        exec(compile(CODE, "index.py", "exec"), self.scope)

    def _client(self, service: str) -> Any:
        account = self

        class Client:
            def __getattr__(self, operation: str) -> Any:
                return lambda **parameters: account._call(service, operation, parameters)

        return Client()

    def _call(self, service: str, operation: str, parameters: dict[str, Any]) -> None:
        self.calls.append((service, operation, parameters))
        if self.error:
            raise self.error

    def _send(self, event: Any, context: Any, status: str, data: Any, physical_id: str, *, reason: str | None = None) -> None:
        self.answers.append((status, data, physical_id, reason))

    def asks(self, request: str, **properties: Any) -> None:
        event = {"RequestType": request, "LogicalResourceId": "PasswordPolicy", "ResourceProperties": properties}
        self.scope["handler"](event, object())


TOLD = {"ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:f", "ServiceTimeout": "300"}
POLICY = {**TOLD, "Service": "iam", "Operation": "update_account_password_policy"}
GOOD: list[tuple[Any, ...]] = [("SUCCESS", {}, "PasswordPolicy", None)]


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_function_sets_what_it_is_told(monkeypatch: pytest.MonkeyPatch, request_type: str) -> None:
    """Numbers and booleans come as text and go as what they are; a 0 goes as nothing."""
    account = Account(monkeypatch)
    account.asks(
        request_type, **POLICY, MinimumPasswordLength="14", RequireSymbols="true", HardExpiry="False", MaxPasswordAge="0"
    )
    wanted = {"MinimumPasswordLength": 14, "RequireSymbols": True, "HardExpiry": False}
    assert account.calls == [("iam", "update_account_password_policy", wanted)]
    assert repr(account.calls[0][2]["RequireSymbols"]) == "True"
    assert account.answers == GOOD


def test_the_function_reads_nested_parameters_and_leaves_account_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(monkeypatch)
    block = {"BlockPublicAcls": "true"}
    told = {**TOLD, "Service": "s3control", "Operation": "put_public_access_block"}
    account.asks("Create", **told, AccountId="012345678901", PublicAccessBlockConfiguration=block)
    wanted = {"AccountId": "012345678901", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    assert account.calls == [("s3control", "put_public_access_block", wanted)]


def test_the_function_leaves_the_setting_when_the_stack_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(monkeypatch)
    account.asks("Delete", **POLICY, MinimumPasswordLength="14")
    assert account.calls == []
    assert account.answers == GOOD


@pytest.mark.parametrize("properties", [POLICY, TOLD, {}, {**POLICY, "Odd": ["a"]}])
def test_the_function_answers_when_it_fails(monkeypatch: pytest.MonkeyPatch, properties: dict[str, Any]) -> None:
    """Whatever goes wrong, CloudFormation hears of it, once."""
    account = Account(monkeypatch, PermissionError("AccessDenied: not allowed"))
    account.asks("Create", **properties)
    [(status, _, physical_id, reason)] = account.answers
    assert (status, physical_id) == ("FAILED", "PasswordPolicy")
    assert reason


def test_the_code_fits_a_template() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html"""
    ast.parse(CODE)
    assert len(CODE) <= 4096
    assert re.search(r"(?m)^import cfnresponse$", CODE), "CloudFormation looks for exactly this line"


def test_the_table_is_well_formed() -> None:
    path = Path(__file__).resolve().parent.parent / "remediator" / "knowledge" / "account_settings.toml"
    table_rows = tomllib.loads(path.read_text(encoding="utf-8"))
    assert not table_rows.keys() & type_names(), "CloudFormation has got the type"
    assert all(row["same"] in ROWS for row in table_rows.values() if "same" in row)
    for row in ROWS.values():
        assert re.fullmatch(r"Custom::[A-Za-z0-9]{1,60}", row["custom"])
        assert {*row.get("aliases", {}).values(), *row.get("required", ())} <= set(row["parameters"])
        for action in (*row["actions"], *row.get("scoped", {})):
            known = iam.action(action)
            assert known is not None
            assert known.name == action


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: b\n\n  c\n", ["K: |", "  a: b", "", "    c"]),
        ("a\nb", ["K: |-", "  a", "  b"]),
        ("a\nb\n\n", ['K: "a\\nb\\n\\n"']),
        (" a\nb\n", ['K: " a\\nb\\n"']),
        ("a\n\tb\n", ['K: "a\\n\\tb\\n"']),
        ("a\n", ['K: "a\\n"']),
    ],
)
def test_texts_of_several_lines_are_block_scalars(text: str, lines: list[str]) -> None:
    """Where a block scalar keeps them as they are."""
    writer = Writer(Source.from_text("Resources: {}\n"), Style())
    written = writer.block_entry("K", text, 0)
    assert written == lines
    root = Source.from_text("\n".join([*written, "Z: 1", ""])).root
    assert meaning(root) == {"K": text, "Z": ("int", "1")}
