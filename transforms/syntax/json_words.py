"""SYN004: Python or JavaScript where JSON should be."""

from __future__ import annotations

import json
from collections.abc import Iterator

from remediator.api import Broken, Edit, Example, Reading, Repair
from remediator.transforms.syntax.json_text import Token, scan

_BEFORE = """\
{
  'Resources': {
    'Topic': {
      'Type': 'AWS::SNS::Topic',
      'Properties': {'FifoTopic': True}
    }
  }
}
"""

_AFTER = """\
{
  "Resources": {
    "Topic": {
      "Type": "AWS::SNS::Topic",
      "Properties": {"FifoTopic": true}
    }
  }
}
"""

_WORDS = {"True": "true", "False": "false"}


class PythonInJson(Repair):
    """Texts in single quotes, `True` and `False` are Python; JSON has double quotes, `true` and `false`.

    They are rewritten. `None` is left alone, because CloudFormation does not take `null` for most values, and so are
    single quotes around text with a backslash.
    """

    code = "SYN004"
    name = "python-in-json"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html",
        "https://www.rfc-editor.org/rfc/rfc8259",
    )
    examples = (Example("A printed dictionary", _BEFORE, _AFTER),)

    def readings(self, broken: Broken) -> Iterator[Reading]:
        found = scan(broken.text)
        changed = [(token, text) for token in found.tokens if (text := _in_json(token))] if found else []
        if changed:
            edits = tuple(Edit(token.start, token.end, text) for token, text in changed)
            message = f"{changed[0][0].text} is Python, not JSON"
            if len(changed) > 1:
                message += f", and so are {len(changed) - 1} texts and words more"
            yield (
                self.mended(
                    message,
                    edits,
                    f"write {changed[0][1]}{', and the others likewise' if changed[1:] else ''}",
                    "it says the same in JSON",
                ),
            )


def _in_json(token: Token) -> str:
    if token.kind == "single" and "\\" not in token.text:
        return json.dumps(token.text[1:-1], ensure_ascii=False)
    return _WORDS.get(token.text, "") if token.kind == "word" else ""
