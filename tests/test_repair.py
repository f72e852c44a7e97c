"""Texts that do not parse: those that have one reading are repaired as text, the others are refused as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from cycle import CYCLE
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import Generated, mutated, templates

from remediator import Options, Outcome, Selection, TemplateError, check_text, edits, fix_text, passes
from remediator.cli import cli
from remediator.findings import Edit
from remediator.graph import Graph
from remediator.intrinsics import walk
from remediator.layout import inside_flow
from remediator.nodes import Mapping, Scalar, meaning
from remediator.repair import Broken, Reading, Repair
from remediator.source import Source
from remediator.template import Template
from remediator.testing import assert_fixed, comments

DEPLOY = Selection(profile="deploy")

TOPIC = """\
Resources:
  A:
    Type: AWS::SNS::Topic
"""

META = TOPIC + "    Metadata:\n"
"""More may follow, indented by six."""

JSON = """\
{
  "Resources": {
    "A": {
      "Type": "AWS::SNS::Topic"
    }
  }
}
"""

# What is wrong, its rule, the text, the text repaired.
SAFE: list[tuple[str, str, str, str]] = [
    # SYN001
    ("empty comments in JSON", "SYN001", JSON.replace('": {\n    "A', '": { //\n    /**/"A'), JSON),
    # SYN002
    ("comma at the end of an object", "SYN002", JSON.replace('Topic"', 'Topic",'), JSON),
    ("comma at the end of a list", "SYN002", '{"Resources": {}, "X": [1, 2 , ]}', '{"Resources": {}, "X": [1, 2  ]}'),
    ("two commas", "SYN002", '{"Resources": {},, "X": [1,, 2]}', '{"Resources": {}, "X": [1, 2]}'),
    (
        "no commas",
        "SYN002",
        '{\n  "Resources": {}\n  "X": [\n    1\n    {"a": "b"}\n  ]\n  "Y": true\n}',
        '{\n  "Resources": {},\n  "X": [\n    1,\n    {"a": "b"}\n  ],\n  "Y": true\n}',
    ),
    # SYN003
    ("no brace at the end", "SYN003", JSON.removesuffix("}\n"), JSON),
    ("no brace in the middle", "SYN003", JSON.replace("    }\n  }", "  }"), JSON),
    (
        "no bracket before a comma",
        "SYN003",
        '{\n\t"X": [\n\t\t1,\n\t"Resources": {}\n}',
        '{\n\t"X": [\n\t\t1\n\t],\n\t"Resources": {}\n}',
    ),
    ("a brace too many", "SYN003", JSON + "}\n", JSON),
    # SYN004
    (
        "a Python dictionary",
        "SYN004",
        "{'Resources': {'A': {'Type': 'a \"b\"', 'Metadata': {'it\\u0073': True}}}}".replace("\\u0073", "s"),
        '{"Resources": {"A": {"Type": "a \\"b\\"", "Metadata": {"its": true}}}}',
    ),
    # SYN005
    (
        "short forms in JSON",
        "SYN005",
        '{ "Resources": {}, "X": [!Ref AWS::Region, !GetAtt A.B.C, !Sub "${A}", !Sub \'a\'] }',
        '{ "Resources": {}, "X": [{ "Ref": "AWS::Region" }, { "Fn::GetAtt": ["A", "B.C"] }, { "Fn::Sub": "${A}" }, '
        '{ "Fn::Sub": "a" }] }',
    ),
    # SYN006
    ("code block", "SYN006", f"```yaml\n{TOPIC}```\n", TOPIC),
    ("code block of JSON", "SYN006", f"```json\n{JSON}```\n", JSON),
    ("code block that does not end", "SYN006", f"~~~\n{TOPIC}", TOPIC),
    ("code block that does not begin", "SYN006", f"{TOPIC}```\n", TOPIC),
    ("heading above a code block", "SYN006", f"# Title\n\n```yaml\n{TOPIC}```\n", f"# Title\n\n{TOPIC}"),
    (
        "sentences around a code block",
        "SYN006",
        f"Here: it is!\n```\n{TOPIC}```\n\n- one\n- two\n",
        f"# Here: it is!\n{TOPIC}\n# - one\n# - two\n",
    ),
    (
        "another code block",
        "SYN006",
        f"```bash\naws cloudformation deploy\n```\n```yaml\n{TOPIC}```\n",
        f"# aws cloudformation deploy\n{TOPIC}",
    ),
    (
        "sentences alone",
        "SYN006",
        f"Here is your template:\n\n# topic\n{TOPIC}\nIt makes one topic.\n",
        f"# Here is your template:\n\n# topic\n{TOPIC}\n# It makes one topic.\n",
    ),
    ("copied from a chat", "SYN006", f"yaml\nCopy code\n{TOPIC}", TOPIC),
    # SYN007
    ("tabs", "SYN007", TOPIC.replace("  ", "\t"), TOPIC),
    ("one line with tabs", "SYN007", META + "\t\t\tX: 1\n      Y: 2\n", META + "      X: 1\n      Y: 2\n"),
    ("tabs and spaces", "SYN007", "Resources:\n  A:\n\t  Type: X\n", "Resources:\n  A:\n    Type: X\n"),
    ("tabs before a block of text", "SYN007", f"Description: |\n\ta\n{TOPIC}", f"Description: |\n  a\n{TOPIC}"),
    (
        "tabs in a script",
        "SYN007",
        "Resources:\n\tA:\n\t\tType: X\n\t\tMetadata:\n\t\t\tB: |\n\t\t\t\tcat <<-E\n\n\t\t\t\t\tx\ty\n\t\t\tC: 1\n",
        "Resources:\n  A:\n    Type: X\n    Metadata:\n      B: |\n        cat <<-E\n\n        \tx\ty\n      C: 1\n",
    ),
    # SYN008
    ("asterisk", "SYN008", META + "      X: *\n", META + '      X: "*"\n'),
    ("asterisk in a list", "SYN008", META + "      X:\n        - * # all\n", META + '      X:\n        - "*" # all\n'),
    ("asterisks in brackets", "SYN008", META + "      X: [*, a]\n", META + '      X: ["*", a]\n'),
    (
        "asterisks in braces on several lines",
        "SYN008",
        META + "      X: [\n        {a: *, b: c},\n        {a: *, b: *}\n      ]\n",
        META + '      X: [\n        {a: "*", b: c},\n        {a: "*", b: "*"}\n      ]\n',
    ),
    ("wildcard", "SYN008", META + "      X: *.example.com\n", META + '      X: "*.example.com"\n'),
    ("key that is an asterisk", "SYN008", META + "      *: a\n", META + '      "*": a\n'),
    ("at sign", "SYN008", META + "      X: @daily, or so\n", META + '      X: "@daily, or so"\n'),
    ("percent sign", "SYN008", META + "      X: %Y-%m\n", META + '      X: "%Y-%m"\n'),
    ("backtick", "SYN008", META + "      X: `a`\n", META + '      X: "`a`"\n'),
    ("ampersand", "SYN008", META + "      X: & more\n", META + '      X: "& more"\n'),
    ("comparison", "SYN008", META + "      X: >= 5\n", META + '      X: ">= 5"\n'),
    ("quotes inside", "SYN008", META + "      X: @a 'b' \"c\\d\"\n", META + "      X: '@a ''b'' \"c\\d\"'\n"),
    ("in the template's quotes", "SYN008", META + "      W: 'w'\n      X: *\n", META + "      W: 'w'\n      X: '*'\n"),
    ("behind a tag", "SYN008", META + "      X: !Sub @${A}\n", META + '      X: !Sub "@${A}"\n'),
    (
        "dynamic references",
        "SYN008",
        META + "      X: {{resolve:ssm:/a/b}}\n      Y: [a, {{resolve:ssm:/${C}/d}}]\n",
        META + '      X: "{{resolve:ssm:/a/b}}"\n      Y: [a, "{{resolve:ssm:/${C}/d}}"]\n',
    ),
    (
        "at sign beside a dynamic reference in quotes",
        "SYN008",
        META + '      X: ["a {{resolve:ssm:/a}}", @b]\n',
        META + '      X: ["a {{resolve:ssm:/a}}", "@b"]\n',
    ),
    ("pattern", "SYN008", META + "      X: [a-zA-Z][a-z0-9-]*\n", META + '      X: "[a-zA-Z][a-z0-9-]*"\n'),
    # SYN009
    ("colon in a description", "SYN009", f"Description: Note: this\n{TOPIC}", f'Description: "Note: this"\n{TOPIC}'),
    ("colon in a sentence", "SYN009", META + "      X: this is: that\n", META + '      X: "this is: that"\n'),
    ("colon in Fn::Sub", "SYN009", META + "      X: !Sub ${A}: b\n", META + '      X: !Sub "${A}: b"\n'),
    ("function beside a key", "SYN009", META + "      X: Ref: A\n", META + "      X:\n        Ref: A\n"),
    (
        "function beside the key of an item",
        "SYN009",
        META + "      X:\n        - Y: Fn::Sub: ${A}\n          Z: 1\n",
        META + "      X:\n        - Y:\n            Fn::Sub: ${A}\n          Z: 1\n",
    ),
    (
        "principal",
        "SYN009",
        META + "      Principal: Service: ec2.amazonaws.com # c\n",
        META + "      Principal:\n        Service: ec2.amazonaws.com # c\n",
    ),
    # SYN010
    ("apostrophes", "SYN010", META + "      X: 'it's the team's' # c\n", META + "      X: 'it''s the team''s' # c\n"),
    # SYN011
    (
        "short forms",
        "SYN011",
        META + "      X: !GetAZs !Ref AWS::Region # c\n",
        META + "      X:\n        Fn::GetAZs: !Ref AWS::Region # c\n",
    ),
    (
        "short forms in a list",
        "SYN011",
        META + "      X:\n        - !Base64 !Sub a\n",
        META + "      X:\n        - Fn::Base64: !Sub a\n",
    ),
    (
        "short forms in brackets",
        "SYN011",
        META + "      X: !Select [0, !GetAZs !Ref AWS::Region]\n",
        META + '      X: !Select [0, !GetAZs {Ref: "AWS::Region"}]\n',
    ),
    (
        "three short forms",
        "SYN011",
        META + "      X: !Base64 !ImportValue !Sub '${A}-b'\n",
        META + "      X:\n        Fn::Base64:\n          Fn::ImportValue: !Sub '${A}-b'\n",
    ),
    (
        "short forms before a script",
        "SYN011",
        META + "      X: !Base64 !Sub |\n        #!/bin/sh\n        a: *\n\n         b\n      Y: 1\n",
        META + "      X:\n        Fn::Base64: !Sub |\n          #!/bin/sh\n          a: *\n\n           b\n      Y: 1\n",
    ),
    (
        "short forms before a script that is indented far",
        "SYN011",
        META + "      X: !Base64 !Sub |\n            a\n      Y: 1\n",
        META + "      X:\n        Fn::Base64: !Sub |\n            a\n      Y: 1\n",
    ),
    (
        "short forms before a list",
        "SYN011",
        META + "      X: !Base64 !Sub\n        - ${A}\n        - {A: b}\n",
        META + "      X:\n        Fn::Base64: !Sub\n          - ${A}\n          - {A: b}\n",
    ),
    (
        "!Not without brackets",
        "SYN011",
        META + "      X: !Not !Equals [a, b] # c\n",
        META + "      X: !Not [!Equals [a, b]] # c\n",
    ),
    # SYN012
    ("item beside its key", "SYN012", META + "      X: - a b # c\n", META + "      X:\n        - a b # c\n"),
    (
        "items beside their key",
        "SYN012",
        META + "      X: - s3:Get - s3:Put\n",
        META + "      X:\n        - s3:Get\n        - s3:Put\n",
    ),
    (
        "items below the first",
        "SYN012",
        META + "      X: - A: 1\n           B: 2\n         - A: 3\n",
        META + "      X:\n         - A: 1\n           B: 2\n         - A: 3\n",
    ),
    # SYN013
    (
        "property twice",
        "SYN013",
        META + "      X: 1\n      Y: 2\n      X: 1 # c\n",
        META + "      X: 1\n      Y: 2\n      # c\n",
    ),
    ("property three times", "SYN013", META + "      X: 1\n      X: 1\n      X: 1\n", META + "      X: 1\n"),
    ("otherwise written", "SYN013", META + "      X: !Ref A\n      'X': {Ref: A}\n", META + "      X: !Ref A\n"),
    ("section twice", "SYN013", TOPIC + TOPIC, TOPIC),
    ("member twice", "SYN013", '{"Resources": {}, "X": [1], "X": [ 1 ]}', '{"Resources": {}, "X": [1]}'),
]

# Likewise, where something is lost or guessed.
UNSAFE: list[tuple[str, str, str, str]] = [
    ("line comment", "SYN001", JSON.replace('    "A"', '    // a "b" {\n    "A"'), JSON),
    ("hash comment", "SYN001", JSON.replace('Topic"', 'Topic" # {'), JSON),
    ("block comment", "SYN001", JSON.replace('": {', '": /* a\n b */ {', 1), JSON),
    ("comment above", "SYN001", f"// a\n/* b */\n{JSON}", JSON),
    ("cut off", "SYN003", JSON.removesuffix("  }\n}\n"), JSON),
    ("sentences around JSON", "SYN006", f"Here it is, as you asked:\n```json\n{JSON}```\n", JSON),
    # SYN014
    (
        "section in two places",
        "SYN014",
        f"Mappings:\n  A: {{b: {{c: d}}}} # e\n{TOPIC}# f\nMappings:\n  # g\n  H: {{i: {{j: k}}}}\nOutputs: {{}}\n",
        f"Mappings:\n  A: {{b: {{c: d}}}} # e\n  # f\n  # g\n  H: {{i: {{j: k}}}}\n{TOPIC}Outputs: {{}}\n",
    ),
    (
        "section in two places of JSON",
        "SYN014",
        '{\n  "Mappings": {\n    "A": {}\n  },\n  "Resources": {},\n  "Mappings": {\n    "B": {}\n  }\n}\n',
        '{\n  "Mappings": {\n    "A": {},\n    "B": {}\n  },\n  "Resources": {}\n}\n',
    ),
]

# What is wrong, the text, the place that is named. Each has two readings, or none.
REFUSED: list[tuple[str, str, str]] = [
    ("second colon in a value", META + "      X: a: b\n", "5:11"),
    ("second colon, and text below", META + "      Description: a b: c\n        d\n", "5:23"),
    ("function beside a key, and more below", META + "      X: Ref: A\n        B: C\n", "5:13"),
    ("second colon behind a name", META + "      X: !Ref a b: c\n", "5:18"),
    ("item that may be a mapping", META + "      X:\n        - this is: that: so\n", "6:24"),
    ("items with spaces beside their key", META + "      X: - a b - c d\n", "5:10"),
    ("alias that is not defined", META + "      X: *all\n", "5:10"),
    ("block of text with a wrong mark", META + "      X: |a\n        b\n", "5:11"),
    ("apostrophe at the end of a word", META + "      X: 'the users' role'\n", "5:22"),
    ("quotes in double quotes", META + '      X: "a "b" c"\n', "5:14"),
    ("bracket too many", META + "      X: [a, b]]\n", "5:16"),
    ("list without a comma", META + "      X: [a, 'b' 'c']\n", "5:18"),
    ("functions of which one wants a list", META + "      X: !Join !Split [a, b]\n", "5:16"),
    ("functions before a text with an indentation of its own", META + "      X: !Base64 !Sub |2\n             a\n", "5:18"),
    ("tab whose width makes a difference", META + "      X: 1\n\t  Y: 2\n", "6:1"),
    ("merge conflict", f"<<<<<<< HEAD\n{TOPIC}=======\n>>>>>>> b\n", "2:10"),
    ("two code blocks", f"```\n{TOPIC}```\n\n```\n{TOPIC}```\n", "1:1"),
    ("code block without a template", "```\na: b\n```\n", "1:1"),
    ("INI file", f"[section]\nkey = value\n{TOPIC}", "2:1"),
    ("property twice, differently", META + "      X: 1\n      X: 2\n", "6:7"),
    ("property twice, once as text", META + "      X: 1\n      X: '1'\n", "6:7"),
    ("properties in two places", META + "      X: 1\n    Metadata:\n      Y: 2\n", "6:5"),
    ("section twice, with one name in both", f"Mappings: {{A: {{}}}}\n{TOPIC}Mappings: {{A: {{b: {{}}}}}}\n", "5:1"),
    ("JSON: missing comma on a line", '{"Resources": {} "X": 1}', "1:18"),
    ("JSON: missing colon", '{\n  "Resources"\n  {}\n}', "3:3"),
    ("JSON: missing brace on one line", '{"Resources": {"A": {"Type": "X"}}', "1:35"),
    ("JSON: brace too many on one line", '{"Resources": {"A": {"Type": "X"}}, "B": {"Type": "Y"}}}', "1:56"),
    ("JSON: brace too many in the middle", JSON.replace("    }\n", '    }\n    },\n    "B": {\n    }\n'), "10:1"),
    ("JSON: text that never ends", '{\n  "Resources": {},\n  "X": "a\n}', "3:10"),
    ("JSON: cut off behind a comma", '{\n  "Resources": {},\n', "3:1"),
    ("JSON: two documents", '{"Resources": {}}\n{"Resources": {}}', "2:1"),
    ("JSON: None", '{"Resources": {}, "X": None}', "1:24"),
    ("JSON: function with a list", '{"Resources": {}, "X": !Join [a, b]}', "1:24"),
]


def ids(rows: list[tuple[str, str, str, str]]) -> list[object]:
    return [pytest.param(*row[1:], id=f"{row[1]}: {row[0]}") for row in rows]


@pytest.mark.parametrize(("code", "before", "after"), ids(SAFE))
def test_safe_repair(code: str, before: str, after: str) -> None:
    """A text with one reading becomes that, in every form, and again nothing changes."""
    outcome = assert_fixed(before, after, select=code)
    assert outcome.remaining == ()
    assert {each.finding.code for each in outcome.applied} == {code}
    with pytest.raises(TemplateError):
        fix_text(before, Options(Selection(ignore=(code,))))


@pytest.mark.parametrize(("code", "before", "after"), ids(UNSAFE))
def test_unsafe_repair(code: str, before: str, after: str) -> None:
    """A repair that loses text, or guesses, waits for leave; until then it is offered, and nothing changes."""
    assert_fixed(before, after, select=code, unsafe=True)
    outcome = fix_text(before, Options(Selection(select=(code,))))
    assert outcome.after.to_bytes() == before.encode()
    assert outcome.applied == ()
    assert outcome.remaining
    assert all(each.finding.fix for each in outcome.remaining)


@pytest.mark.parametrize(("text", "place"), [pytest.param(text, place, id=what) for what, text, place in REFUSED])
def test_refused(text: str, place: str) -> None:
    """A text with two readings, or none, is refused with the place at which reading ends."""
    with pytest.raises(TemplateError) as caught:
        fix_text(text, Options(DEPLOY, unsafe=True))
    assert f"{caught.value.line}:{caught.value.column}" == place


def test_every_rule_has_its_cases() -> None:
    """No repair is without a row above."""
    repairs = {code for code, each in passes.registry().items() if isinstance(each, Repair)}
    assert repairs == {row[1] for row in (*SAFE, *UNSAFE)}


MANY = f"""\
Sure, here is the template you want:

```yaml
{META}\
\t\t\tV: !GetAZs !Ref AWS::Region
      W: it is: so
      X: *
      W: "it is: so"
      Y: - a - b # c
      Z: 'team's'
```
"""

MENDED = f"""\
# Sure, here is the template you want:

{META}\
      V:
        Fn::GetAZs: !Ref AWS::Region
      W: "it is: so"
      X: "*"
      Y:
        - a
        - b # c
      Z: 'team''s'
"""


def test_many_defects_of_one_text() -> None:
    """Defects are mended one after the other, and each is reported at its place in the text as it was."""
    outcome = assert_fixed(MANY, MENDED, select="SYN")
    places = [(each.line, each.column, each.finding.code) for each in outcome.applied]
    assert sorted(places) == [
        (1, 1, "SYN006"),
        (3, 1, "SYN006"),
        (8, 1, "SYN007"),
        (8, 7, "SYN011"),
        (9, 10, "SYN009"),
        (10, 10, "SYN008"),
        (11, 7, "SYN013"),
        (12, 10, "SYN012"),
        (13, 15, "SYN010"),
    ]


def test_one_unsafe_repair_holds_back_all() -> None:
    """Where one defect may not be mended, the text can't be read, and the others are only offered too."""
    text = JSON.replace('Topic"', 'Topic", // x')
    outcome = fix_text(text, Options(DEPLOY))
    assert not outcome.changed
    assert [each.finding.code for each in outcome.remaining] == ["SYN002", "SYN001"]
    assert fix_text(text, Options(DEPLOY, unsafe=True)).after.text == JSON.replace('Topic"', 'Topic"')


def test_what_is_repaired_is_fixed() -> None:
    """The other passes run on the repaired text, and their fixes are made in the same run."""
    outcome = fix_text(f"```yaml\n{CYCLE}```\n", Options(Selection(select=("SYN", "CYC"))))
    assert [each.finding.code for each in outcome.applied] == ["SYN006", "CYC001"]
    assert outcome.before.text == f"```yaml\n{CYCLE}```\n"
    assert Graph(Template(outcome.after)).cyclic_components == ()


def test_check_looks_through_defects() -> None:
    """`check` reports the defects and what else there is, at its place in the text as it is, and changes nothing."""
    text = f"Here is the cycle:\n\n```yaml\n{CYCLE}```\n"
    outcome = check_text(text, Options(Selection(select=("SYN", "CYC"))))
    found = [(each.finding.code, each.line, each.column) for each in outcome.remaining]
    assert found == [("SYN006", 1, 1), ("SYN006", 3, 1), ("CYC001", 5, 3)]
    assert outcome.after.text == outcome.before.text == text


def test_quotes_and_scripts_are_left_alone() -> None:
    """What looks like a defect inside a text is none."""
    text = META + "      A: 'x: y: *'\n      B: |\n        X: *\n\t\tY: - a\n        {'a': 1,}\n      C: \"`@%\"\n"
    broken = text + "      D: *\n"
    with pytest.raises(TemplateError):
        Template(Source.from_text(broken))
    outcome = fix_text(broken.replace("\t\t", "        "), Options(DEPLOY))
    assert outcome.after.text == (text + '      D: "*"\n').replace("\t\t", "        ")


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_folder")
def test_at_the_command_line() -> None:
    """Repairs are reported, shown, selected and ignored like every other fix."""
    broken, whole = TOPIC.replace("  ", "\t"), TOPIC
    path = Path("template.yaml")
    path.write_text(broken)
    result = CliRunner().invoke(cli, ["check", "--profile", "deploy", "template.yaml"])
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        "template.yaml:2:1 SYN007 2 lines are indented with tabs",
        "  fixable: indent with spaces",
    ]
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "--diff", "template.yaml"])
    assert (result.exit_code, path.read_text()) == (1, broken)
    assert "-\tA:\n-\t\tType: AWS::SNS::Topic\n+  A:\n+    Type: AWS::SNS::Topic\n" in result.stdout
    for words in (["--ignore", "SYN"], ["--ignore", "tab-indentation"], ["--select", "SYN008"]):
        result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", *words, "template.yaml"])
        assert (result.exit_code, path.read_text()) == (2, broken)
        assert result.stdout.startswith("template.yaml:2:1: error: not valid YAML: a tab")
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "--format", "json", "template.yaml"])
    assert (result.exit_code, path.read_text()) == (0, whole)
    (finding,) = json.loads(result.stdout)["files"][0]["findings"]
    assert (finding["code"], finding["applied"], finding["line"], finding["fix"]["applicability"]) == (
        "SYN007",
        True,
        2,
        "safe",
    )


@pytest.mark.usefixtures("_folder")
def test_unsafe_at_the_command_line() -> None:
    """A comment in JSON is not lost without leave: exit status 1, the way to it named, and the file untouched."""
    path = Path("template.json")
    path.write_text(JSON.replace('    "A"', '    // a\n    "A"'))
    before = path.read_text()
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "template.json"])
    assert (result.exit_code, path.read_text()) == (1, before)
    assert "needs --unsafe-fixes: remove it: a" in result.stdout
    assert CliRunner().invoke(cli, ["fix", "--profile", "deploy", "--unsafe-fixes", "template.json"]).exit_code == 0
    assert path.read_text() == JSON


# How readings are chosen


class Offers(Repair):
    """Offers readings that a test makes up."""

    code = "TST001"
    name = "made-up"

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def readings(self, broken: Broken) -> Iterator[Reading]:
        for text in self.texts if broken.text.startswith("@", broken.offset) else ():
            edit = Edit(broken.offset, broken.offset + 1, text)
            yield (self.mended("made up", (edit,), "make it", "it is made up"),)


def offered(monkeypatch: pytest.MonkeyPatch, *repairs: Repair) -> Outcome:
    """The outcome for ``X: @``, where these repairs are all that there is."""
    monkeypatch.setattr(Selection, "passes", lambda _self: repairs)
    return fix_text(META + "      X: @\n")


def test_one_reading_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that makes a template of the text is taken, whatever else was offered that does not help."""
    outcome = offered(monkeypatch, Offers("%", "a"), Offers("[", "a: b"), Offers())
    assert outcome.after.text == META + "      X: a\n"


def test_two_readings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readings with different meanings are a question for the author, from one repair or from two."""
    with pytest.raises(TemplateError, match="a text that starts with @ needs quotes"):
        offered(monkeypatch, Offers("a", "b"))
    with pytest.raises(TemplateError, match="a text that starts with @ needs quotes"):
        offered(monkeypatch, Offers("a"), Offers("b"))


def test_two_readings_of_one_meaning_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs in writing only is the same reading; the first is taken."""
    assert offered(monkeypatch, Offers("'a'", "a")).after.text == META + "      X: 'a'\n"


def test_a_reading_that_goes_nowhere_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that can be read, but is no template, is refused as it was."""
    monkeypatch.setattr(Selection, "passes", lambda _self: (Offers("a"),))
    with pytest.raises(TemplateError, match="a text that starts with @ needs quotes"):
        fix_text("X: @\n")


def test_repairs_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repair that always finds more is stopped."""
    with pytest.raises(TemplateError):
        offered(monkeypatch, Offers("a\n      Y: @"))


@pytest.mark.parametrize(
    ("offset", "expected"), [(0, 0), (1, 1), (2, 2), (5, 2), (6, 2), (7, 6), (8, 7), (9, 8), (10, 8), (11, 9)]
)
def test_origin(offset: int, expected: int) -> None:
    """An offset in the edited text is traced back over insertions, replacements and removals."""
    made = [Edit(2, 2, "xxxx"), Edit(3, 6, ""), Edit(8, 9, "yy")]
    assert edits.apply("0123456789", made) == "01xxxx267yy9"
    assert edits.origin(offset, made) == expected


# Properties


def scalars(source: Source, *, flow: bool) -> list[Scalar]:
    """Values of one line, without tag, inside resources; in brackets and in JSON only where ``flow``."""
    found = []
    for path, node in walk(source.root):
        plain = isinstance(node, Scalar) and not node.tag and node.style in ("", "'", '"') and node.end > node.start
        if plain and len(path) > 3 and path[0] == "Resources" and "DependsOn" not in path:
            assert isinstance(node, Scalar)
            one_line = len(re.split(r"[\r\n]", source.text[node.start : node.end])) == 1
            if one_line and (flow or not inside_flow(source.root, node)):
                found.append(node)
    return found


WRITTEN_BADLY = [
    # what a value should be, how it is written, whether also in brackets
    ('"*"', "*", True),
    ('"@a/b"', "@a/b", True),
    ('"{{resolve:ssm:/a/${B}}}"', "{{resolve:ssm:/a/${B}}}", True),
    ('"[a-z]+[0-9]*"', "[a-z]+[0-9]*", False),
    ('{"Fn::GetAZs": {"Ref": "AWS::Region"}}', "!GetAZs !Ref AWS::Region", True),
    ('{"Ref": "A"}', "Ref: A", False),
    ('["a:b", "c:d"]', "- a:b - c:d", False),
    ("'the team''s'", "'the team's'", False),
]


@given(templates(is_json=False), st.sampled_from(WRITTEN_BADLY), st.data())
@settings(max_examples=150)
def test_a_value_written_badly_is_read_as_it_is_meant(
    generated: Generated, row: tuple[str, str, bool], data: st.DataObject
) -> None:
    """A value of a valid template is replaced by a defect: the repair gives the meaning, and loses no comment."""
    right, wrong, flow = row
    source = Source.from_text(generated.text)
    places = scalars(source, flow=flow)
    assume(places)
    node = data.draw(st.sampled_from(places))
    valid, broken = (source.with_text(source.text[: node.start] + text + source.text[node.end :]) for text in (right, wrong))
    assume(valid.fault is None and broken.fault is not None)
    outcome = fix_text(broken.to_bytes().decode(), Options(Selection(select=("SYN",))))
    assert meaning(outcome.after.root) == meaning(valid.root)
    assert outcome.after.bom == source.bom
    assert not comments(valid) - comments(outcome.after)


@given(templates(is_json=False))
@settings(max_examples=60)
def test_a_code_block_is_unwrapped(generated: Generated) -> None:
    """A template in a code block comes out byte for byte."""
    text = generated.text.removeprefix("\ufeff")
    assume(text.endswith("\n"))
    outcome = fix_text(f"```yaml\n{text}```\n", Options(Selection(select=("SYN",))))
    assert outcome.after.text == text


@given(templates(is_json=True), st.data())
@settings(max_examples=100)
def test_commas_of_json(generated: Generated, data: st.DataObject) -> None:
    """A comma more, and on lines of their own a comma less, is read as the template was."""
    source = Source.from_text(generated.text)
    mappings = [node for _, node in walk(source.root) if isinstance(node, Mapping) and node.entries]
    node = data.draw(st.sampled_from(mappings))
    at = node.entries[-1].end
    more = source.with_text(f"{source.text[:at]},{source.text[at:]}")
    assert fix_text(more.to_bytes().decode(), Options(Selection(select=("SYN",)))).after == source
    if len(node.entries) > 1 and "\n" in source.text[node.entries[0].end : node.entries[1].start]:
        comma = source.text.index(",", node.entries[0].end)
        less = source.with_text(source.text[:comma] + source.text[comma + 1 :])
        outcome = fix_text(less.to_bytes().decode(), Options(Selection(select=("SYN",))))
        assert meaning(outcome.after.root) == meaning(source.root)


@given(templates())
@settings(max_examples=60)
def test_what_can_be_read_is_never_repaired(generated: Generated) -> None:
    """Valid templates stay byte for byte."""
    outcome = fix_text(generated.text, Options(Selection(select=("SYN",)), unsafe=True))
    assert not outcome.changed
    assert outcome.applied == outcome.remaining == ()


@given(mutated())
@settings(max_examples=150)
def test_safe_repairs_keep_every_word(text: str) -> None:
    """Whatever is broken: a safe repair keeps all words in their order, but for what it says it removes or moves."""
    try:
        outcome = fix_text(text, Options(Selection(select=("SYN",), ignore=("SYN006", "SYN013", "SYN014"))))
    except TemplateError:
        return
    words = iter(re.findall(r"\w+", outcome.after.text))
    assert all(word in words for word in re.findall(r"\w+", outcome.before.text))
