"""Edits inside the code of functions: what is written in the template is what the code then says."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remediator.lambda_code import InlineCode, inline_code, rewritten, with_lines, written
from remediator.source import Source
from remediator.template import Template

_CHARS = "ab {}$!:#'\"\\é\U0001f600%-"
_LINES = st.lists(st.text(_CHARS, max_size=12), min_size=1, max_size=5)
_NEW = st.text(_CHARS + "\n\t", max_size=8)


def _template(code: str) -> str:
    """A template whose function has a value, written as lines to go behind ``ZipFile:``."""
    head = "Resources:\n  Work:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code:\n        ZipFile:"
    return f"{head}{code}\n      Handler: index.handler\n"


def _block(lines: list[str], header: str) -> str:
    pad = " " * 10
    return f" {header}\n" + "\n".join(pad + line if line else "" for line in lines)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _json(value: object) -> str:
    work = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": value}}}
    return json.dumps({"Resources": {"Work": work}}, indent=2)


_FORMS = {
    "literal": lambda lines: _template(_block(lines, "|")),
    "stripped": lambda lines: _template(_block(lines, "|-")),
    "kept": lambda lines: _template(_block(lines, "|+")),
    "indented": lambda lines: _template(_block(lines, "|2").replace("|2", "|1")),
    "substituted": lambda lines: _template(_block(lines, "!Sub |")),
    "variables": lambda lines: _template(_block(["x = '${Table}'${!a}", *lines, "${AWS::Region}"], "!Sub |")),
    "double": lambda lines: _template(" " + json.dumps("\n".join(lines))),
    "folded double": lambda lines: _template(' "' + "\n            ".join(lines).replace('"', "'").replace("\\", "/") + '"'),
    "single": lambda lines: _template(" " + _single(" ".join(lines))),
    "folded single": lambda lines: _template(" " + _single("\n            ".join(lines))),
    "plain": lambda lines: _template(" x" + " ".join(lines)),
    "folded": lambda lines: _template(_block(lines, ">")),
    "joined": lambda lines: _template(
        '\n          Fn::Join:\n            - "\\n"\n            -'
        + "".join(f"\n              - {_single(line)}" for line in lines)
        + "\n              - !Ref Table\n"
    ),
    "joined with substitution": lambda lines: _template(
        " !Join ['', [" + ", ".join(json.dumps(line + "\n") for line in lines) + ', !Sub "${A}${!b}", !Ref Table]]'
    ),
    "JSON": lambda lines: _json("\n".join(lines)),
    "escaped JSON": lambda lines: _json("é\n" + "\n".join(lines)).replace("/", "\\/"),
    "JSON substituted": lambda lines: _json({"Fn::Sub": "\n".join(lines) + "${Table}${!x}"}),
    "JSON joined": lambda lines: _json({"Fn::Join": ["\n", [*lines, {"Ref": "Table"}, "end"]]}),
}


def _code(text: str) -> tuple[Source, InlineCode | None]:
    source = Source.from_text(text)
    if source.fault:
        return source, None
    return source, inline_code(Template(source).resources["Work"])


def _edited(source: Source, edit: tuple[int, int, str]) -> str | None:
    """The code after an edit of the template."""
    text = source.text[: edit[0]] + edit[2] + source.text[edit[1] :]
    code = _code(text)[1]
    return code.text if code else None


@given(form=st.sampled_from(sorted(_FORMS)), lines=_LINES, new=_NEW, crlf=st.booleans(), data=st.data())
def test_what_is_written_is_what_the_code_says(form: str, lines: list[str], new: str, crlf: bool, data: st.DataObject) -> None:
    """Any stretch of any code can be replaced, or is refused; it never becomes something else."""
    text = _FORMS[form](lines)
    source, code = _code(text.replace("\n", "\r\n") if crlf else text)
    assume(code is not None and code.text)
    assert code is not None
    start = data.draw(st.integers(0, len(code.text)))
    end = data.draw(st.integers(start, min(len(code.text), start + 6)))
    edit = rewritten(source, code, start, end, new)
    if edit is not None:
        assert _edited(source, edit) == code.text[:start] + new + code.text[end:]
        scalar, first, last = written(source, code, start, end) or (None, 0, 0)
        assert scalar is not None
        assert scalar.start <= edit[0] <= first <= last <= edit[1] <= max(scalar.end, edit[1])


@given(form=st.sampled_from(sorted(_FORMS)), lines=_LINES, crlf=st.booleans(), data=st.data())
def test_lines_are_added_as_lines(form: str, lines: list[str], crlf: bool, data: st.DataObject) -> None:
    """New lines stand before the line that they were to stand before, or behind the last."""
    text = _FORMS[form](lines)
    source, code = _code(text.replace("\n", "\r\n") if crlf else text)
    assume(code is not None and code.text)
    assert code is not None
    starts = [0, *(index + 1 for index, char in enumerate(code.text) if char == "\n")]
    at = data.draw(st.sampled_from(starts))
    edit = with_lines(source, code, at, "import os\nimport json\n")
    if edit is not None and at <= len(code.text.rstrip("\n")):
        assert _edited(source, edit) == f"{code.text[:at]}import os\nimport json\n{code.text[at:]}"
    elif edit is not None:
        stripped = code.text.rstrip("\n")
        assert _edited(source, edit) == f"{stripped}\nimport os\nimport json{code.text[len(stripped) :]}"


_PYTHON = ["import json", "", "def handler(event, context):", "    return json.dumps({'id': context.request_id})"]
_EVERYWHERE = [name for name in _FORMS if not name.startswith(("folded", "plain", "single"))]


@pytest.mark.parametrize("form", _EVERYWHERE)
def test_usual_code_can_be_edited(form: str) -> None:
    """In all forms that people write code in, a word of it can be replaced and a line added."""
    source, code = _code(_FORMS[form](_PYTHON))
    assert code is not None
    at = code.text.index("request_id")
    edit = rewritten(source, code, at, at + len("request_id"), "aws_request_id")
    assert edit is not None
    assert edit[2] == "aws_request_id"
    assert source.text[edit[0] : edit[1]] == "request_id"
    assert with_lines(source, code, code.text.index("import json"), "import os\n") is not None


def test_only_the_stretch_itself_changes() -> None:
    """A line of a block keeps its indentation, and a new item of a list looks as the others do."""
    source, code = _code(_FORMS["literal"](_PYTHON))
    assert code is not None
    assert with_lines(source, code, 0, "import os\n") == (
        source.text.index("import json"),
        source.text.index("import json"),
        "import os\n          ",
    )
    source, code = _code(_FORMS["JSON joined"](_PYTHON))
    assert code is not None
    added = with_lines(source, code, 0, "import os\n")
    assert added is not None
    assert added[2].strip() == '"import os",'
    assert "\n" in added[2]


def test_what_is_filled_in_is_not_edited() -> None:
    """A variable of Fn::Sub is no text, nor is what stands on both sides of one."""
    source, code = _code(_template(' !Sub "a${Table}b"'))
    assert code is not None
    assert written(source, code, 0, len(code.text)) is None
    assert written(source, code, 1, 3) is None
    assert rewritten(source, code, 0, 1, "${x}") == (source.text.index("a${"), source.text.index("a${") + 1, "${!x}")


def test_folded_text_is_not_edited() -> None:
    """In folded blocks a line break may be a space."""
    source, code = _code(_FORMS["folded"](_PYTHON))
    assert code is not None
    assert written(source, code, 0, 6) is None
