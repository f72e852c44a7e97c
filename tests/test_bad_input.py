"""Bad and odd input: what can't be read is refused in one line and left alone; what is merely odd is read as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from cycle import CYCLE

from remediator import engine, run
from remediator.cli import cli
from remediator.engine import Options
from remediator.passes import Selection
from remediator.run import Report, Task

TOPIC = """\
Resources:
  A:
    Type: AWS::SNS::Topic
"""
"""One resource with nothing to fix; more of it may follow, indented by four."""

JSON_TOPIC = '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'

NO_RESOURCES = "not a CloudFormation template: it has no Resources section"
NO_MAPPING = "not a CloudFormation template: the top level is not a mapping"
TOO_DEEP = "nested deeper than 150 levels"
TAB = "not valid YAML: a tab; YAML is indented with spaces"
SEVERAL = "several YAML documents in one file; a template is one document"
COLON = "not valid YAML: mapping values are not allowed here"
JSON_KEY = "not valid JSON: expecting property name enclosed in double quotes"

FIX = Task(Options(Selection(profile="deploy")), fix=True, write=False)


def processed(data: bytes, name: str = "template.yaml") -> Report:
    return run.process_bytes(name, data, FIX)


def fixed(data: bytes) -> bytes:
    report = processed(data)
    assert (report.error, report.failures) == ("", ())
    assert report.changed
    assert report.remaining == ()
    return report.after.encode("utf-8")


def bomb() -> str:
    """Nine lists, each of nine aliases of the one before: 9 ** 9 nodes."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{name}: &{name} [{','.join([f'*{last}'] * 9)}]" for last, name in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join(lines) + "\n"


# What is wrong, the text, the place, the reason.
REFUSED: list[tuple[str, str | bytes, str, str]] = [
    # Nothing there
    ("empty", "", "1:1", "the file is empty"),
    ("blank lines", "\n  \n\n", "1:1", "the file is empty"),
    ("byte order mark alone", "\ufeff", "1:1", "the file is empty"),
    ("comments alone", "# a\n# b\n", "1:1", "the file holds nothing but comments"),
    ("document start alone", "---\n", "2:1", NO_MAPPING),
    ("null", "null\n", "1:1", NO_MAPPING),
    # Not text
    ("binary", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "3:1", "the file is binary (it has a NUL byte), not a text"),
    ("NUL byte", TOPIC + "    # a\0b\n", "4:8", "the file is binary (it has a NUL byte), not a text"),
    ("UTF-16 with mark", TOPIC.encode("utf-16"), "1:1", "the file is UTF-16; save it as UTF-8"),
    ("UTF-16 without mark", TOPIC.encode("utf-16-le"), "1:2", "the file is binary (it has a NUL byte), not a text"),
    ("Latin-1", "Description: Größe\n".encode("latin-1"), "1:16", "the file is not UTF-8"),
    ("truncated inside a character", "Description: Grö".encode()[:-1], "1:16", "the file is not UTF-8"),
    ("encoded surrogate", b"# ok\nDescription: \xed\xa0\x80\n", "2:14", "the file is not UTF-8"),
    ("gzip", b"\x1f\x8b\x08\x08abc", "1:2", "the file is not UTF-8"),
    # Truncated and unclosed YAML
    ("truncated at a key", TOPIC + "    Prop", "4:9", "not valid YAML: a key without a colon"),
    ("truncated in quotes", 'Resources:\n  A:\n    Type: "AWS::SNS', "3:11", "not valid YAML: a quote that is never closed"),
    (
        "truncated in a flow mapping",
        "Resources:\n  A: {Type: AWS::SNS::Topic, Prop",
        "2:6",
        "not valid YAML: a bracket that is never closed",
    ),
    ("truncated after a resource name", "Resources:\n  A:\n", "2:3", "resource A must be a mapping, not nothing"),
    ("unclosed single quote", TOPIC + "    Description: 'it\n", "4:18", "not valid YAML: a quote that is never closed"),
    ("unclosed double quote", TOPIC + '    Description: "it\n', "4:18", "not valid YAML: a quote that is never closed"),
    ("unclosed bracket", TOPIC + "    X: [1, 2\n", "4:8", "not valid YAML: a bracket that is never closed"),
    ("unclosed brace", TOPIC + "    X: {a: 1\n", "4:8", "not valid YAML: a bracket that is never closed"),
    ("wrong bracket", TOPIC + "    X: [1}\n", "4:10", "not valid YAML: a comma or ']' is missing"),
    (
        "bracket too many",
        TOPIC + "    Y: ]\n",
        "4:8",
        "not valid YAML: ] has no place here",
    ),
    ("unclosed tag", "X: !<foo\n" + TOPIC, "1:9", "not valid YAML: did not find the expected '>'"),
    # Indentation and punctuation
    ("tab whose width makes a difference", TOPIC + "    Metadata:\n\tA: 1\n", "5:1", TAB),
    (
        "indented too little",
        TOPIC + "   Properties: {}\n",
        "4:4",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "indented too much",
        TOPIC + "      Properties: {}\n",
        "4:17",
        "not valid YAML: a colon where none can be: quote the text, or check the indentation",
    ),
    (
        "second resource indented too little",
        TOPIC + " B:\n    Type: AWS::SNS::Topic\n",
        "4:2",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "indented wrongly, CRLF",
        (TOPIC + "   B: {}\n").replace("\n", "\r\n"),
        "4:4",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "indented wrongly, CR",
        (TOPIC + "   B: {}\n").replace("\n", "\r"),
        "4:4",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "indented wrongly, byte order mark",
        "\ufeff" + TOPIC + "   B: {}\n",
        "4:4",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "list item among keys",
        TOPIC + "    - b\n",
        "4:5",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "missing colon after a resource",
        "Resources:\n  A\n    Type: AWS::SNS::Topic\n",
        "3:9",
        "not valid YAML: a colon where none can be: quote the text, or check the indentation",
    ),
    (
        "missing colon after a section",
        TOPIC + "    Properties\n      TopicName: x\n",
        "5:16",
        "not valid YAML: a key without a colon",
    ),
    (
        "missing colon after Type",
        "Resources:\n  A:\n    Type AWS::SNS::Topic\n",
        "2:3",
        "resource A must be a mapping, not a text",
    ),
    (
        "missing space after a colon",
        "Resources:\n  A:\n    Type:AWS::SNS::Topic\n",
        "2:3",
        "resource A must be a mapping, not a text",
    ),
    (
        "colon in a text or in a mapping",
        TOPIC + "    Metadata:\n      Note: this: that\n",
        "5:17",
        "not valid YAML: a colon where none can be: quote the text, or check the indentation",
    ),
    (
        "two colons in a line",
        "Resources:\n  A: B: C\n",
        "2:7",
        "not valid YAML: a colon where none can be: quote the text, or check the indentation",
    ),
    (
        "text after a quoted text",
        'Description: "a" b\n' + TOPIC,
        "1:18",
        "not valid YAML: this line does not fit the lines above: check indentation and quotes",
    ),
    (
        "unquoted @ that goes on below",
        "Description: @x\n  y\n" + TOPIC,
        "1:14",
        "not valid YAML: a text that starts with @ needs quotes",
    ),
    (
        "unquoted *, and a list below",
        TOPIC + "    Properties:\n      Principal: *\n        - a\n",
        "5:19",
        "not valid YAML: a text that starts with * or & needs quotes",
    ),
    (
        "unknown escape",
        'Description: "a\\d"\n' + TOPIC,
        "1:16",
        "not valid YAML: an unknown escape in double quotes: write \\\\, or use single quotes",
    ),
    (
        "Windows path in double quotes",
        'Description: "C:\\Users"\n' + TOPIC,
        "1:19",
        "not valid YAML: an unknown escape in double quotes: write \\\\, or use single quotes",
    ),
    (
        "wrong block scalar mark",
        "Description: |x\n  a\n" + TOPIC,
        "1:15",
        "not valid YAML: did not find expected comment or line break",
    ),
    (
        "merge conflict",
        "<<<<<<< HEAD\n" + TOPIC + "=======\n>>>>>>> b\n",
        "2:10",
        "not valid YAML: a colon where none can be: quote the text, or check the indentation",
    ),
    ("Jinja block", "{% if x %}\n" + TOPIC + "{% endif %}\n", "1:2", JSON_KEY),
    ("Jinja name", "Resources:\n  {{ name }}:\n    Type: AWS::SNS::Topic\n", "2:4", "a key must be a plain text"),
    # Documents and directives
    ("two YAML documents", TOPIC + "---\n" + TOPIC, "4:1", SEVERAL),
    ("two YAML documents, each marked", "---\n" + TOPIC + "...\n---\n" + TOPIC, "6:1", SEVERAL),
    (
        "text after the document end",
        TOPIC + "...\nfoo: bar\n",
        "5:1",
        "not valid YAML: something follows the end of the document",
    ),
    ("front matter", "---\ntitle: x\n---\n" + TOPIC, "3:1", SEVERAL),
    (
        "YAML 3",
        "%YAML 3.0\n---\n" + TOPIC,
        "1:1",
        "not valid YAML: found incompatible YAML document",
    ),
    ("directive twice", "%YAML 1.1\n%YAML 1.1\n---\n" + TOPIC, "2:1", "not valid YAML: found duplicate %YAML directive"),
    ("unknown tag handle", "X: !e!foo bar\n" + TOPIC, "1:4", "not valid YAML: found undefined tag handle"),
    # Keys
    (
        "section twice, with one name in both",
        TOPIC + TOPIC.replace("SNS::Topic", "SQS::Queue"),
        "4:1",
        "duplicate key 'Resources' (first on line 1)",
    ),
    ("resource twice", TOPIC + "  A:\n    Type: AWS::SQS::Queue\n", "4:3", "duplicate key 'A' (first on line 2)"),
    (
        "resource twice, once quoted",
        TOPIC + '  "A":\n    Type: AWS::SQS::Queue\n',
        "4:3",
        "duplicate key 'A' (first on line 2)",
    ),
    ("attribute twice", TOPIC + "    Type: AWS::SQS::Queue\n", "4:5", "duplicate key 'Type' (first on line 3)"),
    (
        "property twice",
        TOPIC + "    Properties:\n      TopicName: a\n      TopicName: b\n",
        "6:7",
        "duplicate key 'TopicName' (first on line 5)",
    ),
    ("list as key", "? [a, b]\n: c\n" + TOPIC, "1:3", "a key must be a plain text"),
    ("mapping as key", "? {a: b}\n: c\n" + TOPIC, "1:3", "a key must be a plain text"),
    # Anchors
    ("unknown anchor", TOPIC + "    Properties: *props\n", "4:17", "the alias *props has no anchor &props above it"),
    (
        "mapping that contains itself",
        "Resources: &a\n  A:\n    Type: AWS::SNS::Topic\n    Properties: *a\n",
        "4:17",
        "a YAML alias that contains itself",
    ),
    ("list that contains itself", "X: &a [*a]\n" + TOPIC, "1:8", "a YAML alias that contains itself"),
    ("alias bomb", bomb() + TOPIC, "5:4", "YAML aliases expand to more than 500,000 nodes"),
    (
        "merge key on a text",
        "X: &x hello\nResources:\n  A:\n    <<: *x\n    Type: X\n",
        "4:5",
        "a merge key (<<) needs a mapping",
    ),
    ("merge key on nothing", "Resources:\n  A:\n    <<:\n    Type: X\n", "3:5", "a merge key (<<) needs a mapping"),
    ("merge key on a list of texts", "Resources:\n  A:\n    <<: [a]\n    Type: X\n", "3:5", "a merge key (<<) needs a mapping"),
    # JSON
    ("JSON: one brace", "{", "1:2", JSON_KEY),
    ("JSON: truncated after a key", '{"Resources"', "1:13", "not valid JSON: expecting ':' delimiter"),
    ("JSON: truncated after a colon", '{"Resources":', "1:14", "not valid JSON: expecting value"),
    (
        "JSON: truncated in a text",
        '{"Resources": {"A": {"Type": "AWS::SN',
        "1:30",
        "not valid JSON: unterminated string",
    ),
    ("JSON: truncated at the last brace", JSON_TOPIC[:-1], "1:49", "not valid JSON: expecting ',' delimiter"),
    ("JSON: truncated in a list", '{\n  "Resources": {\n    "A": {"X": [1,\n', "4:1", "not valid JSON: expecting value"),
    ("JSON: truncated in true", '{"Resources": {"A": {"Type": tru', "1:30", "not valid JSON: expecting value"),
    ("JSON: comment, and no template", '{\n  // topic\n  "Resources": []\n}', "2:3", "not valid JSON: JSON has no comments"),
    ("JSON: comment that never ends", '{ /* topic "Resources": {}}', "1:3", "not valid JSON: JSON has no comments"),
    ("JSON: comma alone", '{"Resources": {}, "X": [,]}', "1:25", "not valid JSON: expecting value"),
    ("JSON: comma, and no template", '{"A": {"Type": "AWS::SNS::Topic",}}', "1:34", "not valid JSON: a comma too many"),
    (
        "JSON: single quotes and a backslash",
        "{'Resources': {'A': {'Type': 'AWS::SNS\\Topic'}}}",
        "1:2",
        "not valid JSON: texts and keys have double quotes in JSON",
    ),
    ("JSON: no quotes", "{Resources: {A: {Type: AWS::SNS::Topic}}}", "1:2", JSON_KEY),
    ("JSON: missing comma", '{"A": 1 "B": 2}', "1:9", "not valid JSON: expecting ',' delimiter"),
    ("JSON: missing colon", '{"A" 1}', "1:6", "not valid JSON: expecting ':' delimiter"),
    (
        "JSON: line break in a text",
        '{"Description": "a\nb", "Resources": {}}',
        "1:19",
        "not valid JSON: invalid control character",
    ),
    ("JSON: wrong escape", '{"Description": "\\x", "Resources": {}}', "1:18", "not valid JSON: invalid \\escape"),
    ("JSON: short escape", '{"Description": "\\u12", "Resources": {}}', "1:19", "not valid JSON: invalid \\uXXXX escape"),
    ("JSON: None", '{"Resources": None}', "1:15", "not valid JSON: expecting value"),
    ("JSON: two documents", JSON_TOPIC + "\n" + JSON_TOPIC, "2:1", "not valid JSON: something follows the end of the document"),
    ("JSON: byte order mark and bad key", "\ufeff{x}", "1:2", JSON_KEY),
    (
        "JSON: resource twice",
        '{"Resources": {"A": {"Type": "X"}, "A": {"Type": "Y"}}}',
        "1:36",
        "duplicate key 'A' (first on line 1)",
    ),
    (
        "JSON: resource twice, once escaped",
        '{"Resources": {"A": {"Type": "X"}, "\\u0041": {"Type": "Y"}}}',
        "1:36",
        "duplicate key 'A' (first on line 1)",
    ),
    ("JSON: empty object", "{}", "1:1", NO_RESOURCES),
    ("JSON: list", '[{"Resources": {}}]', "1:1", NO_MAPPING),
    # The shape of a template
    ("no Resources", "Description: x\n", "1:1", NO_RESOURCES),
    ("resources in lower case", "resources:\n  A:\n    Type: X\n", "1:1", NO_RESOURCES),
    ("Resources: nothing", "Resources:\nOutputs: {}\n", "1:11", "Resources must be a mapping, not nothing"),
    ("Resources: ~", "Resources: ~\n", "1:12", "Resources must be a mapping, not nothing"),
    ("Resources: a list", "Resources:\n  - A\n", "2:3", "Resources must be a mapping, not a list"),
    ("Resources: a text", "Resources: hello\n", "1:12", "Resources must be a mapping, not a text"),
    ("Resources: a number", "Resources: 5\n", "1:12", "Resources must be a mapping, not a number"),
    ("resource: nothing", "Resources:\n  A:\n  B:\n    Type: X\n", "2:3", "resource A must be a mapping, not nothing"),
    ("resource: a list", "Resources:\n  A:\n    - Type: X\n", "2:3", "resource A must be a mapping, not a list"),
    ("resource: a text", "Resources:\n  A: AWS::SNS::Topic\n", "2:3", "resource A must be a mapping, not a text"),
    ("resource: true", "Resources:\n  A: true\n", "2:3", "resource A must be a mapping, not true or false"),
    (
        "resource with an emoji for a name",
        "Description: 😀\nResources:\n  😀: a\n",
        "3:3",
        "resource 😀 must be a mapping, not a text",
    ),
    ("resource without Type", "Resources:\n  A:\n    Properties: {}\n", "2:3", "resource A has no Type"),
    ("resource without anything", "Resources:\n  A: {}\n", "2:3", "resource A has no Type"),
    ("Type: nothing", "Resources:\n  A:\n    Type:\n", "2:3", "resource A has no Type"),
    (
        "Properties: a list",
        TOPIC + "    Properties:\n      - TopicName: a\n",
        "5:7",
        "Properties of resource A must be a mapping, not a list",
    ),
    ("Metadata: a list", TOPIC + "    Metadata: [a]\n", "4:15", "Metadata of resource A must be a mapping, not a list"),
    ("DependsOn: nothing", TOPIC + "    DependsOn:\n", "4:15", "DependsOn of resource A must name resources, not nothing"),
    ("DependsOn: a number", TOPIC + "    DependsOn: 5\n", "4:16", "DependsOn of resource A must name resources, not a number"),
    (
        "DependsOn: a mapping",
        TOPIC + "    DependsOn: {B: C}\n",
        "4:16",
        "DependsOn of resource A must name resources, not a mapping",
    ),
    (
        "DependsOn: mappings",
        TOPIC + "    DependsOn:\n      - Ref: B\n",
        "5:9",
        "DependsOn of resource A must name resources, not an intrinsic",
    ),
    ("DependsOn: numbers", TOPIC + "    DependsOn: [1]\n", "4:17", "DependsOn of resource A must name resources, not a number"),
    ("DependsOn: lists", TOPIC + "    DependsOn: [[B]]\n", "4:17", "DependsOn of resource A must name resources, not a list"),
    # Other people's files
    ("list", "- a\n- b\n", "1:1", NO_MAPPING),
    ("tag at the top", "!Sub\n" + TOPIC, "1:1", NO_MAPPING),
    ("tag at Resources", "Resources: !If\n  A:\n    Type: T\n", "1:12", "Resources must be a mapping, not an intrinsic"),
    ("text", "hello\n", "1:1", NO_MAPPING),
    ("number", "42\n", "1:1", NO_MAPPING),
    ("HTML", "<!DOCTYPE html>\n<html><body>Resources:</body></html>\n", "1:1", NO_MAPPING),
    ("Compose file", "services:\n  web:\n    image: nginx\n", "1:1", NO_RESOURCES),
    ("GitHub workflow", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n", "1:1", NO_RESOURCES),
    ("Kubernetes manifest", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n", "1:1", NO_RESOURCES),
    ("Serverless Framework file", "service: x\nresources:\n  Resources:\n    A:\n      Type: X\n", "1:1", NO_RESOURCES),
    ("package.json", '{"name": "x", "version": "1"}', "1:1", NO_RESOURCES),
    ("Terraform file", 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}\n', "1:1", NO_MAPPING),
    (
        "Markdown with two templates",
        "# Title\n\n```yaml\n" + TOPIC + "```\n\n```yaml\n" + TOPIC + "```\n",
        "3:1",
        "not valid YAML: a text that starts with ` needs quotes",
    ),
    # Size
    (
        "5 MB",
        TOPIC + "# " + "x" * 5_000_000,
        "1:1",
        "the file has 5,000,044 bytes; CloudFormation takes templates up to 1,048,576",
    ),
    (
        "one byte too many",
        TOPIC + "#" * (1_048_577 - len(TOPIC)),
        "1:1",
        "the file has 1,048,577 bytes; CloudFormation takes templates up to 1,048,576",
    ),
    ("160 levels", TOPIC + "    X: " + "[" * 160 + "]" * 160 + "\n", "4:155", TOO_DEEP),
]

# Nesting that could take a parser that recurses down with it; each also runs as a process of its own, where a crash shows.
DEEP: dict[str, str] = {
    "10,000 flow sequences": TOPIC + "    X: " + "[" * 10_000 + "]" * 10_000 + "\n",
    "10,000 flow mappings": TOPIC + "    X: " + "{a: " * 10_000 + "}" * 10_000 + "\n",
    "10,000 items on a line": TOPIC + "    X:\n      " + "- " * 10_000 + "a\n",
    "10,000 JSON lists": '{"Resources": {}, "X": ' + "[" * 10_000 + "]" * 10_000 + "}",
    "10,000 JSON objects": '{"Resources": {}, "X": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}",
    "JSON keys that are brackets": '{"Resources": {}, "X": ' + '{"]": ' * 90_000 + "1" + "}" * 90_000 + "}",
    "100,000 open brackets": "[" * 100_000,
    "100,000 open braces": "{" * 100_000,
    "100,000 brackets, closed": "Resources: " + "[" * 100_000 + "]" * 100_000,
    "100,000 brackets, a line each": "[\n" * 100_000,
    "100,000 brackets and braces": "[{a: " * 50_000,
    "100,000 dashes": "- " * 100_000 + "a",
    "100,000 question marks": "? " * 100_000 + "a",
    "1,400 levels of block mappings": "Resources: {}\nX:\n" + "".join(" " * level + "a:\n" for level in range(1, 1400)),
    "1,400 levels of block sequences": "Resources: {}\nX:\n" + "".join(" " * level + "-\n" for level in range(1, 1400)),
    "99 dashes a line": "Resources: {}\nX:\n" + "".join(" " * (198 * n + 1) + "- " * 99 + "\n" for n in range(95)),
    "closing brackets in quotes": "X: " + "[ ']': \n" * 20_000,
    "closing brackets in comments": "X: " + "[ # ]\n" * 170_000,
    "500,000 dashes after CR": "a:\r " + "- " * 500_000 + "x\n",
    "500,000 dashes after a line separator": "a:\u2028 " + "- " * 500_000 + "x\n",
}

# Odd, but a template: it is read, there is nothing to fix, and every byte stays.
READ: dict[str, str] = {
    "no resources yet": "Resources: {}\n",
    "byte order mark": "\ufeff" + TOPIC,
    "byte order mark, JSON": "\ufeff" + JSON_TOPIC,
    "CRLF": TOPIC.replace("\n", "\r\n"),
    "CR": TOPIC.replace("\n", "\r"),
    "mixed line breaks": "Resources:\r\n  A:\n    Type: AWS::SNS::Topic\r\n",
    "no final newline": TOPIC.rstrip("\n"),
    "trailing spaces": TOPIC.replace("\n", "   \n"),
    "tab after a colon": TOPIC.replace("Type: ", "Type:\t"),
    "tab before a comment": TOPIC + "    # a\tb\t\n",
    "tab in a text": TOPIC + "    Metadata: {a: 'b\tc'}\n",
    "document start": "---\n" + TOPIC,
    "document start with comments": "# a\n--- # b\n" + TOPIC + "# end",
    "document end": TOPIC + "...\n",
    "document end and a comment": TOPIC + "...\n# end\n",
    "YAML 1.1": "%YAML 1.1\n---\n" + TOPIC,
    "YAML 1.2": "%YAML 1.2\n---\n" + TOPIC,
    "tag directive": "%TAG !e! tag:example.com,2000:\n---\nMetadata: {a: !e!foo bar}\n" + TOPIC,
    "comments at the end": TOPIC + "\n  # a\n# b\n\n",
    "unquoted version": "AWSTemplateFormatVersion: 2010-09-09\n" + TOPIC,
    "unquoted policy version": TOPIC + "    Metadata: {Version: 2012-10-17}\n",
    "words that YAML 1.1 takes for others": TOPIC + "    Metadata: {a: [yes, No, on, 0123, 1e3, ~, null, 1_000, 12:30]}\n",
    "account id with a leading zero": TOPIC + "    Metadata: {account: 012345678901}\n",
    "impossible date": TOPIC + "    Metadata: {date: 2001-13-45}\n",
    "pseudo parameter in a flow sequence": TOPIC + "    Metadata: {a: !Join [/, [AWS::Region, AWS::AccountId]]}\n",
    "block scalars": TOPIC
    + "    Metadata:\n      a: |2\n          b\n         c\n      d: >-\n        e\n\n        f\n      g: |+\n        h\n\n",
    "anchors": TOPIC + "    Metadata:\n      a: &a {b: c}\n      d: *a\n      e: [*a, *a]\n",
    "merge keys": "Metadata:\n  B: &b {a: 1}\n  C: &c {d: 1}\n  X:\n    <<: [*b, *c]\n    e: 1\n" + TOPIC,
    "anchor used twice": "Metadata:\n  X: &a 1\n  Y: &a 2\n" + TOPIC,
    "emoji": "Description: 😀\n" + TOPIC + "    # 👩‍👩‍👧\n",
    "curly quotes": "Description: “x”\n" + TOPIC,
    "line separator": "Description: 'a\u2028b'\n" + TOPIC,
    "next-line character": "Description: 'a\u0085b'\n" + TOPIC,
    "Windows path": "Description: C:\\Users\\x\n" + TOPIC,
    "other short-form tags": TOPIC + "    Metadata: {a: !Foo bar, b: !!binary aGVsbG8=, c: !!set {d, e}}\n",
    "Python tag": TOPIC + "    Metadata: {a: !!python/object/apply:os.system [echo]}\n",
    "140 levels": TOPIC + "    Metadata: {a: " + "[" * 140 + "]" * 140 + "}\n",
    "integer of 5,000 digits": TOPIC + f"    Metadata: {{a: {'9' * 5000}}}\n",
    "1 MB": TOPIC + "#" * (1_048_576 - len(TOPIC)),
    "empty DependsOn": TOPIC + "    DependsOn: []\n",
    "loop over resources": (
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Topics:\n    - Name\n    - [A]\n"
        '    - "${Name}":\n        Type: AWS::SNS::Topic\n'
    ),
    "JSON in one line": '{"Resources":{"A":{"Type":"X","Metadata":{"a":1,"b":null,"c":[true,false,1e5,-0.0,1E+2]}}}}',
    "JSON with tabs": '{\n\t"Resources":\t{\n\t\t"A": {"Type": "AWS::SNS::Topic"}\n\t}\n}\n',
    "JSON with space around": "\n\n  " + JSON_TOPIC + "\n\n",
    "JSON: surrogate pair": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": "\\ud83d\\ude00"}}}}',
    "JSON: half a surrogate pair": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": "\\ud800"}}}}',
    "JSON: escaped backslash before u": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": "\\\\ud83d"}}}}',
    "JSON: escaped slash": '{"Resources": {"A": {"Type": "X", "Metadata": {"a\\/b": "a\\/b"}}}}',
    "JSON: escaped control characters": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": "\\u0000\\u0007\\b\\f"}}}}',
    "JSON: YAML marks": '{"Resources": {"A": {"Type": "X", "Metadata": {"<<": "*a", "=": "!Ref", "&b": "# c"}}}}',
    "JSON: raw line separators": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": "a\u0085b\u2028c"}}}}',
    "JSON: raw DEL": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": "\x7f"}}}}',
    "JSON: integer of 5,000 digits": '{"Resources": {"A": {"Type": "X", "Metadata": {"a": ' + "9" * 5000 + "}}}}",
    "JSON: key of 2,000 characters": '{"Resources": {"A": {"Type": "X", "Metadata": {"' + "a" * 2000 + '": 1}}}}',
    "JSON: colon on a line of its own": '{"Resources"\n:\n{"A"\n:{"Type": "X"}}}',
}

# Odd texts around a cycle: what stands before and after it.
AROUND: dict[str, tuple[str, str]] = {
    "document start": ("---\n", ""),
    "directive": ("%YAML 1.1\n---\n", ""),
    "document end": ("", "...\n"),
    "document end and a comment": ("", "...\n# end"),
    "comments": ("# a\n#b\n\n", "\n  # c\n# d\n\n"),
    "unquoted oddities": ("Metadata:\n  a: [yes, 0123, 1e3, ~, 2012-10-17, 012345678901]\n", "Outputs: {}"),
    "pseudo parameter in a flow sequence": ("Metadata: {a: [AWS::Region, AWS::AccountId]}\n", ""),
    "non-BMP characters": ("Description: 😀𝔘𝔫𝔦 é\n# 👩‍👩‍👧\n", "# 😀\n"),
    "line separators": ("Description: 'a\u2028b\u0085c'\n", ""),
    "block scalars": ("Metadata:\n  a: |2\n      b\n     c\n  d: >-\n    e\n\n    f\n", "Description: |+\n  a\n\n"),
    "anchors and merge keys": ("Metadata:\n  a: &a {b: c}\n  d: *a\n  e:\n    <<: *a\n", ""),
    "Windows path": ("Description: C:\\Users\\x\n", ""),
    "tabs between tokens": ("Description:\ta\t# b\n", ""),
    "trailing spaces": ("Description: a   \n   \n", "   \n"),
    "more resources": ("", "  Other:\n    Type: AWS::SNS::Topic # e\n    Properties:   {TopicName:   'a' }\n"),
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, encoding="utf-8", check=False)


def refusal(name: str, *words: str) -> str:
    """The first line of a run over one file that must be refused: exit 2, nothing on stderr, the file untouched."""
    before = Path(name).read_bytes()
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", *words, name])
    assert result.exit_code == 2
    assert result.stderr == ""
    assert Path(name).read_bytes() == before
    line, summary = result.stdout.splitlines()
    assert summary == "1 template: 1 file with an error"
    return line


@pytest.mark.parametrize(
    ("text", "place", "reason"), [pytest.param(text, place, reason, id=what) for what, text, place, reason in REFUSED]
)
def test_refused_with_one_line(text: str | bytes, place: str, reason: str) -> None:
    """Input that is no template is named with place and reason, exit status 2, and not touched."""
    name = "template.json" if as_bytes(text).startswith(b"{") else "template.yaml"
    Path(name).write_bytes(as_bytes(text))
    assert refusal(name) == f"{name}:{place}: error: {reason}"


@pytest.mark.parametrize("command", ["check", "graph"])
def test_other_commands_refuse_it_too(command: str) -> None:
    """`check` and `graph` say the same as `fix`."""
    Path("template.yaml").write_text(TOPIC + "   B: {}\n")
    result = CliRunner().invoke(cli, [command, "template.yaml"])
    assert result.exit_code == 2
    reason = "not valid YAML: this line does not fit the lines above: check indentation and quotes"
    said = {"check": f"template.yaml:4:4: error: {reason}", "graph": f"error: template.yaml:4:4: {reason}"}
    assert result.output.splitlines()[0] == said[command]


RUN_EACH = """
import sys
from remediator.cli import main
statuses = []
for words in sys.argv[1:]:
    sys.argv = ["remediator", *words.split()]
    try:
        main()
    except SystemExit as end:
        statuses.append(end.code)
print(statuses)
"""

PROCESS_ONE = """
import sys
from pathlib import Path
from remediator import run
from remediator.engine import Options
from remediator.passes import Selection
task = run.Task(Options(Selection(profile="deploy")), fix=True, write=False)
report = run.process_bytes(sys.argv[1], Path(sys.argv[1]).read_bytes(), task)
print(report.error)
sys.exit(2 if report.error else 0)
"""


@pytest.mark.parametrize("text", [pytest.param(text, id=what) for what, text in DEEP.items()])
def test_deep_nesting_is_refused_and_nothing_crashes(text: str) -> None:
    """However deep it goes, it ends with one reason and exit status 2, and not with the process."""
    Path("deep.yaml").write_text(text, encoding="utf-8", newline="")
    done = python(PROCESS_ONE, "deep.yaml")
    assert done.stderr == ""
    assert done.returncode == 2
    assert done.stdout in (f"{TOO_DEEP}\n", "not valid JSON: a placeholder of another tool?\n")


def test_deep_nesting_at_the_command_line() -> None:
    """The whole program refuses 100,000 brackets like any other file."""
    Path("deep.yaml").write_text("[" * 100_000 + "]" * 100_000)
    done = python("from remediator.cli import main; main()", "fix", "deep.yaml")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines()[0] == "deep.yaml:1:151: error: nested deeper than 150 levels"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(TOPIC + "    # \x07\n", "4:7", id="bell"),
        pytest.param("Description: \x1b[0m\n" + TOPIC, "1:14", id="escape"),
        pytest.param("Description: \x7f\n" + TOPIC, "1:14", id="DEL"),
        pytest.param(TOPIC + "\f\n", "4:1", id="form feed"),
        pytest.param("Description: é😀\x81\n" + TOPIC, "1:16", id="C1"),
        pytest.param("%foo\n" + TOPIC, "1:5", id="unknown directive"),
        pytest.param("[a]\nb = c\n", "2:1", id="INI file"),
    ],
)
def test_refused_at_the_right_place(text: str, place: str) -> None:
    """A character that YAML forbids is shown where it stands."""
    Path("template.yaml").write_text(text, encoding="utf-8")
    line = refusal("template.yaml")
    assert line.startswith(f"template.yaml:{place}: error: not valid YAML: ")
    assert "'<scalar>',)" not in line


def test_lines_are_counted_as_editors_count_them() -> None:
    """A line separator inside a text starts no new line in the place that is given."""
    Path("template.yaml").write_text("Description: 'a\u2028b'\nX: 1\nX: 2\n", encoding="utf-8")
    assert refusal("template.yaml") == "template.yaml:3:1: error: duplicate key 'X' (first on line 2)"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_json_has_no_such_number(value: str) -> None:
    """NaN and the infinities are Python, not JSON."""
    Path("template.json").write_text(f'{{"Resources": {{}}, "X": {value}}}')
    assert refusal("template.json").startswith("template.json:1:")


@pytest.mark.parametrize("value", ["!If [Big, B, C]", "!Ref B", "[!Ref B]", "{Fn::If: [Big, B, C]}"])
def test_depends_on_takes_no_intrinsic(value: str) -> None:
    """`DependsOn` with an intrinsic, long or short, is refused: CloudFormation takes names only there."""
    Path("template.yaml").write_text(TOPIC + f"    DependsOn: {value}\n")
    place = "4:17" if value.startswith("[") else "4:16"
    assert refusal("template.yaml").startswith(
        f"template.yaml:{place}: error: DependsOn of resource A must name resources, not "
    )


@pytest.mark.parametrize("text", [pytest.param(text, id=what) for what, text in READ.items()])
def test_read_and_left_as_it_is(text: str) -> None:
    """Odd input that is a template is read without a word, and every byte of it stays."""
    report = processed(text.encode("utf-8"))
    assert (report.error, report.line, report.failures, report.remaining) == ("", 0, (), ())
    assert report.after == report.before == text


def test_nothing_is_said_on_stderr() -> None:
    """The YAML library's own warnings stay inside."""
    Path("template.yaml").write_text("Metadata:\n  X: &a 1\n  Y: &a 2\n" + TOPIC)
    done = python("from remediator.cli import main; main()", "check", "--profile", "deploy", "template.yaml")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "1 template: nothing to fix\n")


@pytest.mark.parametrize(("head", "tail"), [pytest.param(*pair, id=what) for what, pair in AROUND.items()])
def test_a_fix_keeps_what_is_around_it(head: str, tail: str) -> None:
    """Where a cycle is broken, the bytes before and after it stay, and the cycle's own come out as without them."""
    assert fixed((head + CYCLE + tail).encode()) == head.encode() + fixed(CYCLE.encode()) + tail.encode()


def test_a_fix_keeps_crlf() -> None:
    """A CRLF file comes out with CRLF in new lines too, otherwise the same."""
    assert fixed(CYCLE.replace("\n", "\r\n").encode()) == fixed(CYCLE.encode()).replace(b"\n", b"\r\n")


def test_a_fix_puts_no_line_feed_into_a_cr_file() -> None:
    """A file with bare carriage returns is fixed with them or not at all."""
    report = processed(CYCLE.replace("\n", "\r").encode())
    assert report.failures == ()
    assert "\n" not in report.after


def test_a_fix_keeps_the_byte_order_mark() -> None:
    """The mark stays, once, at the start."""
    mark = b"\xef\xbb\xbf"
    assert fixed(mark + CYCLE.encode()) == mark + fixed(CYCLE.encode())


def test_two_byte_order_marks() -> None:
    """A second mark, as careless concatenation leaves it, does not shift the places of edits."""
    report = processed(b"\xef\xbb\xbf" * 2 + CYCLE.encode())
    assert report.failures == ()
    assert report.error or report.after.endswith(fixed(CYCLE.encode()).decode())


def test_a_fix_keeps_a_missing_final_newline() -> None:
    """Without a final newline before, there is none after."""
    assert fixed(CYCLE.rstrip("\n").encode()) == fixed(CYCLE.encode()).rstrip(b"\n")


def test_a_fix_keeps_trailing_spaces_of_untouched_lines() -> None:
    """Spaces at the end of lines that no fix moves stay."""
    after = fixed(CYCLE.replace("# the front\n", "# the front   \n").replace("app\n", "app  \n").encode())
    assert b"# the front   \n" in after
    assert b"GroupDescription: app  \n" in after


def test_a_fix_in_json_with_tabs_and_escapes() -> None:
    """Tabs, surrogate-pair escapes and escaped slashes before a fix in JSON stay, and offsets hold behind them."""
    head = '{\n\t"Description": "\\ud83d\\ude00 a\\/b",\n\t"Resources": {\n\t\t"A": {\n\t\t\t"Type": "AWS::SNS::Topic"'
    tail = "\n\t\t}\n\t}\n}"
    assert fixed(f'{head},\n\t\t\t"DependsOn": "A"{tail}'.encode()) == (head + tail).encode()


def test_names_that_no_encoding_has() -> None:
    """A resource name with half a surrogate pair can be reported."""
    name = '"A\\ud800"'
    text = f'{{"Resources": {{{name}: {{"Type": "AWS::SNS::Topic", "DependsOn": {name}}}}}}}'
    Path("t").write_text(text)
    done = python(RUN_EACH, "check t", "check --format json t", "check --output out.txt t", "fix --diff t")
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] == "[1, 1, 1, 1]"


# Paths


def test_a_folder_with_a_templates_name() -> None:
    """A folder that is called like a file is a folder: its templates are meant, and having none is no error."""
    Path("folder.yaml").mkdir()
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "folder.yaml"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "no templates found\n", "")


def test_dangling_symlink() -> None:
    """A link to nothing is named by its own name."""
    Path("link.yaml").symlink_to("gone.yaml")
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "link.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "link.yaml: error: can't be read: no such file or directory"
    assert Path("link.yaml").is_symlink()


def test_symlink_to_itself() -> None:
    """A loop of links is one line, not a crash."""
    Path("loop.yaml").symlink_to("loop.yaml")
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "loop.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "loop.yaml: error: can't be read: too many levels of symbolic links"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads every file")
def test_unreadable_file() -> None:
    """A file without read permission is named with the reason."""
    path = Path("secret.yaml")
    path.write_text(CYCLE)
    path.chmod(0)
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "secret.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "secret.yaml: error: can't be read: permission denied"


def test_unreadable_file_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for every user, with the system's refusal made up."""
    Path("secret.yaml").write_text(CYCLE)

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "secret.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "secret.yaml: error: can't be read: permission denied"


def test_read_only_file() -> None:
    """A file without write permission is left alone, also where the folder would allow its replacement."""
    path = Path("locked.yaml")
    path.write_text(CYCLE)
    path.chmod(0o444)
    assert refusal("locked.yaml") == "locked.yaml: error: the file is read-only"
    assert [each.name for each in Path().iterdir()] == ["locked.yaml"]


def test_read_only_file_with_nothing_to_fix() -> None:
    """Where nothing has to be written, a file may be read-only."""
    path = Path("locked.yaml")
    path.write_text(TOPIC)
    path.chmod(0o444)
    assert CliRunner().invoke(cli, ["fix", "--profile", "deploy", "locked.yaml"]).exit_code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_fifo() -> None:
    """A FIFO is refused at once, not waited for."""
    os.mkfifo("pipe.yaml")
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "pipe.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "pipe.yaml: error: not a regular file"


def test_file_changed_while_it_was_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else writes between reading and writing wins."""
    path = Path("template.yaml")
    path.write_text(CYCLE)
    process: Callable[[str, bytes, Task], Report] = run.process_bytes

    def meanwhile(name: str, data: bytes, task: Task) -> Report:
        path.write_text("somebody else's\n")
        return process(name, data, task)

    monkeypatch.setattr(run, "process_bytes", meanwhile)
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "template.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "template.yaml: error: the file was changed by someone else meanwhile"
    assert path.read_text() == "somebody else's\n"
    assert [each.name for each in Path().iterdir()] == ["template.yaml"]


def test_file_removed_while_it_was_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone when it should be written is reported, and not made anew."""
    path = Path("template.yaml")
    path.write_text(CYCLE)
    process: Callable[[str, bytes, Task], Report] = run.process_bytes

    def meanwhile(name: str, data: bytes, task: Task) -> Report:
        path.unlink()
        return process(name, data, task)

    monkeypatch.setattr(run, "process_bytes", meanwhile)
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "template.yaml"])
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "template.yaml: error: can't be written: no such file or directory"
    assert list(Path().iterdir()) == []


def test_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new text can't be written whole, the old file stays and nothing is left beside it."""
    Path("template.yaml").write_text(CYCLE)

    def no_space(_source: object, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_space)
    assert refusal("template.yaml") == "template.yaml: error: can't be written: no space left on device"
    assert [each.name for each in Path().iterdir()] == ["template.yaml"]


def test_a_defect_of_ours_stops_only_its_own_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception is reported as our defect; the file stays and the others are done."""
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(CYCLE)
    real = engine.fix

    def fails_first(source: object, options: Options) -> object:
        monkeypatch.setattr(engine, "fix", real)
        raise ValueError("boom")

    monkeypatch.setattr(engine, "fix", fails_first)
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "a.yaml", "b.yaml"])
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "a.yaml: defect of remediator in the engine: ValueError: boom"
    assert Path("a.yaml").read_text() == CYCLE
    assert Path("b.yaml").read_bytes() == fixed(CYCLE.encode())


USAGE: list[tuple[str, list[str], str]] = [
    ("missing path", ["fix", "gone.yaml"], "error: gone.yaml: no such file or folder"),
    ("missing path below a file", ["fix", "here.yaml/x.yaml"], "error: here.yaml/x.yaml: no such file or folder"),
    ("empty path", ["fix", ""], "error: a path is empty"),
    ("very long path", ["fix", "a" * 5000], f"error: {'a' * 5000}: file name too long"),
    ("glob without a match", ["fix", "*.nope"], "error: *.nope: no file matches"),
    ("standard input among files", ["fix", "-", "here.yaml"], "error: -: no such file or folder"),
    ("no path", ["fix"], "Error: Missing argument 'PATHS...'."),
    ("unknown command", ["repair", "here.yaml"], "Error: No such command 'repair'."),
    ("unknown option", ["fix", "--force", "here.yaml"], "Error: No such option '--force'."),
    ("option of another command", ["check", "--diff", "here.yaml"], "Error: No such option '--diff'."),
    (
        "unknown profile",
        ["fix", "--profile", "x", "here.yaml"],
        "Error: Invalid value for '--profile': 'x' is not one of 'deploy', 'secure', 'production', 'sandbox'.",
    ),
    ("no processes", ["fix", "--jobs", "0", "here.yaml"], "Error: Invalid value for '--jobs': 0 is not in the range x>=1."),
    (
        "jobs not a number",
        ["fix", "--jobs", "x", "here.yaml"],
        "Error: Invalid value for '--jobs': 'x' is not a valid integer range.",
    ),
    (
        "unknown code",
        ["fix", "--select", "NOPE001", "here.yaml"],
        "error: no rule has the code or name NOPE001; see: remediator rules",
    ),
    (
        "unknown codes",
        ["check", "--select", "CYC001, NOPE", "--ignore", "X1", "here.yaml"],
        "error: no rule has the code or name NOPE, X1; see: remediator rules",
    ),
    (
        "missing configuration",
        ["fix", "--config", "gone.toml", "here.yaml"],
        "error: gone.toml: can't be read: no such file or directory",
    ),
    (
        "folder as configuration",
        ["fix", "--config", ".", "here.yaml"],
        "Error: Invalid value for '--config': File '.' is a directory.",
    ),
    (
        "folder as output",
        ["fix", "--output", ".", "here.yaml"],
        "Error: Invalid value for '--output': File '.' is a directory.",
    ),
    (
        "output in a missing folder",
        ["check", "--output", "gone/report", "here.yaml"],
        "error: gone/report: can't be written: no such file or directory",
    ),
    ("graph of nothing", ["graph", "gone.yaml"], "error: gone.yaml: can't be read: no such file or directory"),
    ("graph of a folder", ["graph", "."], "error: .: not a regular file"),
    ("explanation of nothing", ["explain", "NOPE"], "error: no rule has the code or name NOPE; see: remediator rules"),
]


@pytest.mark.parametrize(("words", "line"), [pytest.param(words, line, id=what) for what, words, line in USAGE])
def test_bad_usage(words: list[str], line: str) -> None:
    """Words that can't be meant end with exit status 2 and one clear line on stderr; no file is touched."""
    Path("here.yaml").write_text(CYCLE)
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1].startswith(line)  # click may add a suggestion
    assert Path("here.yaml").read_text() == CYCLE


def test_a_template_on_standard_input_that_is_none() -> None:
    """Standard input is called <stdin>, and nothing is passed on."""
    result = CliRunner().invoke(cli, ["fix", "--profile", "deploy", "-"], input="hello\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"<stdin>:1:1: error: {NO_MAPPING}"
