"""What the builder writes for each wish, and what it refuses to write."""

from __future__ import annotations

import json
from collections.abc import Callable
from textwrap import dedent

import pytest

from remediator.builder import EditBuilder
from remediator.edits import apply, merge
from remediator.findings import Edit
from remediator.layout import CannotEdit
from remediator.nodes import Mapping, Node, Path, Sequence
from remediator.render import Call, Copy, GetAtt, Ref, Sub
from remediator.source import Source
from remediator.template import Template

Make = Callable[[EditBuilder], None]
PROPERTIES: Path = ("Resources", "A", "Properties")
HEAD = "Resources:\n  A:\n    Type: T::T::T\n    Properties:\n"


def edited(text: str, make: Make) -> str:
    """A text after one fix; what comes out can be read, and differs only where the fix says."""
    template = Template(Source.from_text(dedent(text)))
    builder = EditBuilder(template)
    make(builder)
    edits, paths = builder.finish()
    after = apply(template.source.text, list(edits))
    Template(Source.from_text(after))
    assert paths
    return after


def refused(text: str, make: Make) -> str:
    """Why the builder does not make a fix."""
    with pytest.raises(CannotEdit) as error:
        edited(text, make)
    return str(error.value)


def at(builder: EditBuilder, *path: str | int) -> Node:
    node: Node | None = builder.template.root
    for step in path:
        node = (
            node.get(str(step)) if isinstance(node, Mapping) else node.items[int(step)] if isinstance(node, Sequence) else None
        )
    assert node is not None
    return node


def mapping(builder: EditBuilder, *path: str | int) -> Mapping:
    node = at(builder, *path)
    assert isinstance(node, Mapping)
    return node


def properties(builder: EditBuilder) -> Mapping:
    return mapping(builder, *PROPERTIES)


# Nesting


def test_nest_takes_comments_along() -> None:
    """What stands above the first entry stays above the new key; the other comments move with their entries."""
    before = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              # one
              One: 1 # a
              Two: 2
              # three
              Three: # b
                - x
                # y
                - y # c
              # end
        """
    after = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              # one
              Under:
                One: 1 # a
                # three
                Three: # b
                  - x
                  # y
                  - y # c
              Two: 2
              # end
        """
    assert edited(before, lambda b: b.nest(properties(b), ("One", "Three"), "Under", PROPERTIES)) == dedent(after)


def test_nest_behind_a_dash() -> None:
    """The new key takes the place behind the dash."""
    before = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              List:
                - One: |
                    text

                    more
                  Two: 2
                  Three: 3
        """
    after = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              List:
                - Under:
                    One: |
                      text

                      more
                    Three: 3
                  Two: 2
        """
    path = (*PROPERTIES, "List", 0)
    assert edited(before, lambda b: b.nest(mapping(b, *path), ("One", "Three"), "Under", path)) == dedent(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{One: 1, Two: 2, Three: 3}", "{Under: {One: 1, Three: 3}, Two: 2}"),
        ("{One: 1, Three: 3}", "{Under: {One: 1, Three: 3}}"),
        ("{Two: 2, One: 1, Three: [a, b]}", "{Two: 2, Under: {One: 1, Three: [a, b]}}"),
    ],
)
def test_nest_between_braces(before: str, after: str) -> None:
    text = "Resources: {{A: {{Type: T::T::T, Properties: {0}}}}}\n"
    made = edited(text.format(before), lambda b: b.nest(properties(b), ("One", "Three"), "Under", PROPERTIES))
    assert made == text.format(after)


def test_nest_in_json() -> None:
    before = json.dumps({"Resources": {"A": {"Type": "T::T::T", "Properties": {"One": 1, "Three": [3]}}}}, indent=2)
    after = json.dumps({"Resources": {"A": {"Type": "T::T::T", "Properties": {"Under": {"One": 1, "Three": [3]}}}}}, indent=2)
    assert edited(before, lambda b: b.nest(properties(b), ("One", "Three"), "Under", PROPERTIES)) == after


def test_nest_keeps_line_endings() -> None:
    before = "Resources:\r\n  A:\r\n    Type: T::T::T\r\n    Properties:\r\n      One: 1\r\n      Three: 3\r\n"
    after = (
        "Resources:\r\n  A:\r\n    Type: T::T::T\r\n    Properties:\r\n      Under:\r\n        One: 1\r\n        Three: 3\r\n"
    )
    template = Template(Source.from_text(before))
    builder = EditBuilder(template)
    builder.nest(properties(builder), ("One", "Three"), "Under", PROPERTIES)
    assert apply(template.source.text, list(builder.finish()[0])) == after


# Keys


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Old: 1 # c", "New: 1 # c"),
        ("'Old': 1", "'New': 1"),
        ('"Old":\n            - 1', '"New":\n            - 1'),
    ],
)
def test_rename_key_keeps_quotes(before: str, after: str) -> None:
    text = "Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      {0}\n"

    def make(builder: EditBuilder) -> None:
        entry = properties(builder).entry("Old")
        assert entry is not None
        builder.rename_key(entry, "New", PROPERTIES)

    assert edited(text.format(before), make) == text.format(after)


# Entries


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("Other: 1 # o", 2, "Other: 1 # o\n      Key: 2"),
        ("Key: 1 # k", 2, "Key: 2 # k"),
        ("Key: 'a'", "b", "Key: 'b'"),
        ("Key: # nothing", True, "Key: true # nothing"),
        ("Key:", {"a": 1}, "Key:\n        a: 1"),
        ("Key: 1 # k", {"a": 1}, "# k\n      Key:\n        a: 1"),
        ("Key:\n        a: 1 # in", [1, 2], "# in\n      Key:\n        - 1\n        - 2"),
    ],
)
def test_set_entry(before: str, value: object, after: str) -> None:
    text = "Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      {0}\n"
    assert edited(text.format(before), lambda b: b.set_entry(properties(b), "Key", value, PROPERTIES)) == text.format(after)


def test_set_entry_in_nothing() -> None:
    """An empty mapping becomes one of lines."""
    text = "Resources:\n  A:\n    Type: T::T::T\n    Properties: {}\n    Condition: C\n"
    made = edited(text, lambda b: b.set_entry(properties(b), "Key", {"a": [Ref("B")]}, PROPERTIES))
    assert made == (f"{HEAD}      Key:\n        a:\n          - !Ref B\n    Condition: C\n")


def test_set_entry_behind_the_last_that_is_not_merged() -> None:
    before = """\
        Base: &base
          Two: 2
        Resources:
          A:
            Type: T::T::T
            Properties:
              <<: *base
              One: 1
        """
    after = dedent(before) + "      Key: 3\n"
    assert edited(before, lambda b: b.set_entry(properties(b), "Key", 3, PROPERTIES)) == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Base: &b {Key: 1}\nResources: {A: {Type: T::T::T, Properties: {<<: *b}}}\n", "Key comes from a merge key"),
        ("Base: &b {One: 1}\nResources: {A: {Type: T::T::T, Properties: {<<: *b}}}\n", "all entries come from a merge key"),
        (
            "Resources:\n  A: {Type: T::T::T, Properties: &p {One: 1}}\n  B: {Type: T::T::T, Properties: *p}\n",
            "the text to change is shared through a YAML anchor",
        ),
    ],
)
def test_set_entry_refuses_what_is_shared(text: str, reason: str) -> None:
    assert refused(text, lambda b: b.set_entry(properties(b), "Key", 1, PROPERTIES)) == reason


def test_replace_entry_behind_a_dash() -> None:
    """There is no place for comments above it, so they stand below."""
    before = f"{HEAD}      L:\n        - Old: 1 # o\n          # n\n          Next: 2\n"
    after = f"{HEAD}      L:\n        - New:\n            In: 1\n          # o\n          # n\n          Next: 2\n"
    path = (*PROPERTIES, "L", 0)
    assert edited(before, lambda b: b.replace_entry(mapping(b, *path), "Old", "New", {"In": 1}, path)) == after


def test_replace_entry_refuses_to_lose_a_comment_between_braces() -> None:
    text = "Resources:\n  A: {Type: T::T::T, Properties: {Old: [1, # c\n    2]}}\n"
    assert "comment" in refused(text, lambda b: b.replace_entry(properties(b), "Old", "New", 1, PROPERTIES))


# Values


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("Key: a # c", ["b", Ref("B")], "Key:\n        - b\n        - !Ref B # c"),
        ("Key: a # c", {"b": 1}, "Key:\n        b: 1 # c"),
        ("Key:\n        # c\n        - a # d\n        - b", {"b": 1}, "Key:\n        # c\n        # d\n        b: 1"),
        ("Key: # c\n        a: 1", [{"b": 1, "c": 2}], "Key: # c\n        - b: 1\n          c: 2"),
        ("Key: # c\n        a: 1", "b", "Key: # c\n        b"),
        ("Key:\n      - a # c", "b", "Key: b # c"),
        ("Key: # c\n      - a # d\n      - b # e", "b", "Key: # c\n        # d\n        b # e"),
        ("Key: [a, b]", {}, "Key: {}"),
        ("Key: {a: b}", [], "Key: []"),
    ],
)
def test_replace_in_a_block(before: str, value: object, after: str) -> None:
    """What needs lines of its own gets them; comments stay."""
    text = "Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      {0}\n      Last: 1\n"
    made = edited(text.format(before), lambda b: b.replace(at(b, *PROPERTIES, "Key"), value, (*PROPERTIES, "Key")))
    assert made == text.format(after)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("- a # c", {"b": 1, "c": 2}, "- b: 1\n          c: 2 # c"),
        ("- a: 1", [1], "- [1]"),
        ("-\n          a: 1", {"b": 1}, "- b: 1"),
    ],
)
def test_replace_behind_a_dash(before: str, value: object, after: str) -> None:
    text = "Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      List:\n        {0}\n        - last\n"
    path = (*PROPERTIES, "List", 0)
    assert edited(text.format(before), lambda b: b.replace(at(b, *path), value, path)) == text.format(after)


def test_replace_by_what_is_inside() -> None:
    """A copy of a block keeps its lines and its comments, moved to where they belong."""
    before = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              Key:
                # c
                - One: 1 # a
                  Two:
                    # b
                    - 2
              Last: 1
        """
    after = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              Key:
                # c
                One: 1 # a
                Two:
                  # b
                  - 2
              Last: 1
        """
    path = (*PROPERTIES, "Key")
    assert edited(before, lambda b: b.replace(at(b, *path), Copy(at(b, *path, 0)), path)) == dedent(after)


@pytest.mark.parametrize(
    ("node", "written"),
    [
        ("plain text", "plain text"),
        ("a, b [c]", '"a, b [c]"'),
        ("!Sub ${A}-{b}", '!Sub "${A}-{b}"'),
        ("|\n        a\n        b", '"a\\nb\\n"'),
        ("\n        - a\n        - b: c d", '[a, {b: "c d"}]'),
        ("!Ref B", "!Ref B"),
        ("'quoted'", "'quoted'"),
    ],
)
def test_copy_between_braces(node: str, written: str) -> None:
    """What is plain in a block may need quotes between braces."""
    text = f"Resources:\n  A:\n    Type: T::T::T\n    Key: {node}\n  B: {{Type: T::T::T, Properties: {{a: 1}}}}\n"
    other = ("Resources", "B", "Properties")
    made = edited(text, lambda b: b.set_entry(mapping(b, *other), "Key", Copy(at(b, "Resources", "A", "Key")), other))
    assert made == text.replace("{a: 1}", f"{{a: 1, Key: {written}}}")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("word", "word"),
        ("NEW_WORD-1", "NEW_WORD-1"),
        ("yes", '"yes"'),
        ("two words", '"two words"'),
        (Sub("${A}"), '!Sub "${A}"'),
        (GetAtt("B", "Arn"), "!GetAtt B.Arn"),
        (Call("Fn::If", ["C", 1, Ref("AWS::NoValue")]), "!If [C, 1, !Ref AWS::NoValue]"),
    ],
)
def test_replace_between_braces(value: object, written: str) -> None:
    """A plain text becomes a plain one where that is safe."""
    text = "Resources: {A: {Type: T::T::T, Properties: {Key: old}}, B: {Type: T::T::T, Properties: {K: !Ref A}}}\n"
    path = (*PROPERTIES, "Key")
    assert edited(text, lambda b: b.replace(at(b, *path), value, path)) == text.replace("old", written)


def test_replace_refuses_to_replace_nothing() -> None:
    """A value that is not there has no place of its own."""
    text = f"{HEAD}      Key:\n      Last: 1\n"
    path = (*PROPERTIES, "Key")
    assert refused(text, lambda b: b.replace(at(b, *path), 1, path)) == "nothing stands there that could be replaced"


# Moving entries


def _move(builder: EditBuilder, key: str) -> None:
    """Moves a property up, beside the properties."""
    resource, inner = mapping(builder, "Resources", "A"), properties(builder)
    entry = inner.entry(key)
    assert entry is not None
    span = builder.copy_entry(inner, entry, resource, ("Resources", "A"), after="Type")
    builder.remove_entry(inner, key, PROPERTIES, moved=(span,))


def test_copy_entry_carries_comments() -> None:
    """Those above it, in it and behind it; a text in quotes and a text of lines stay as they are."""
    before = """\
        Resources:
          A:
            Type: T::T::T # t
            Properties:
              One: 1
              # above
              Two: # behind
                # in
                - |
                  a

                  b
                - "c
                  d" # last
              # below
              Three: 3
        """
    after = """\
        Resources:
          A:
            Type: T::T::T # t
            # above
            Two: # behind
              # in
              - |
                a

                b
              - "c
                d" # last
            Properties:
              One: 1
              # below
              Three: 3
        """
    assert edited(before, lambda b: _move(b, "Two")) == dedent(after)


def test_copy_entry_out_of_braces() -> None:
    """Between braces the comments stay where they are."""
    before = "Resources:\n  A:\n    Type: T::T::T\n    Properties: {One: 1, Two: [a, b]} # c\n"
    after = "Resources:\n  A:\n    Type: T::T::T\n    Two: [a, b]\n    Properties: {One: 1} # c\n"
    assert edited(before, lambda b: _move(b, "Two")) == after


def test_copy_entry_into_braces_keeps_comments_behind() -> None:
    before = "Resources:\n  A:\n    Type: T::T::T\n    Tags: # t\n      - a\n    Properties: {One: 1}\n"
    after = "Resources:\n  A:\n    Type: T::T::T\n    # t\n    Properties: {One: 1, Tags: [a]}\n"

    def make(builder: EditBuilder) -> None:
        resource = mapping(builder, "Resources", "A")
        entry = resource.entry("Tags")
        assert entry is not None
        span = builder.copy_entry(resource, entry, properties(builder), PROPERTIES)
        builder.remove_entry(resource, "Tags", ("Resources", "A"), moved=(span,))

    assert edited(before, make) == after


def test_copy_entry_refuses_a_comment_between_braces() -> None:
    text = "Resources:\n  A:\n    Type: T::T::T\n    Tags:\n      - a # c\n      - b\n    Properties: {One: 1}\n"

    def make(builder: EditBuilder) -> None:
        resource = mapping(builder, "Resources", "A")
        entry = resource.entry("Tags")
        assert entry is not None
        builder.copy_entry(resource, entry, properties(builder), PROPERTIES)

    assert refused(text, make) == "a comment has no place between the braces"


# Removing entries and items


def test_neighbours_behind_a_dash_go_together() -> None:
    """The next entry that stays gets the dash, and the comments stand above it."""
    before = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              List:
                - One: 1 # a
                  # b
                  Two: 2
                  # c
                  Three: 3
                  Four: 4
        """
    after = """\
        Resources:
          A:
            Type: T::T::T
            Properties:
              List:
                # a
                # b
                # c
                - Three: 3
        """

    def make(builder: EditBuilder) -> None:
        path = (*PROPERTIES, "List", 0)
        for key in ("One", "Two", "Four"):
            builder.remove_entry(mapping(builder, *path), key, path)

    assert edited(before, make) == dedent(after)


def test_a_merge_key_stays_behind_the_dash() -> None:
    before = f"Base: &b {{Two: 2}}\n{HEAD}      L:\n        - One: 1\n          <<: *b\n          Three: 3\n"
    path = (*PROPERTIES, "L", 0)
    made = edited(before, lambda b: b.remove_entry(mapping(b, *path), "One", path))
    assert made == before.replace("- One: 1\n          <<: *b", "- <<: *b")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{Key: 1}", "Key"),
        ("{Key: *a, Other: 1}", "Key"),
        ("{<<: {Key: 1}, Other: 1, Third: 2}", "Key"),
        ("{<<: {Key: 1}, Other: 1, Third: 2}", "Other"),
        ("{Other: 1, # c\n    Key: 2}", "Key"),
    ],
)
def test_remove_entry_refuses(text: str, key: str) -> None:
    """The only entry, an alias, one of a merge key, or beside one, and a comment between braces."""
    before = f"Base: &a x\nResources:\n  A:\n    Type: T::T::T\n    Properties: {text}\n"
    assert refused(before, lambda b: b.remove_entry(properties(b), key, PROPERTIES))


def test_an_item_below_an_alias_goes_alone() -> None:
    """The text of an alias stands further up; the dash of the item is the one right before it."""
    before = f"Base: &a\n  - x\n{HEAD}      L:\n        - *a\n        - y\n        - z\n"
    made = edited(before, lambda b: b.remove_item(properties(b), "L", 1, PROPERTIES))
    assert made == before.replace("        - y\n", "")


@pytest.mark.parametrize("text", ["One: 1\n      Two: 2", "{One: 1, Two: 2}"])
def test_two_fixes_never_take_the_last_entry(text: str) -> None:
    """Each relies on the other entry, so that they can't be made in one round."""
    template = Template(Source.from_text(f"Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      {text}\n"))
    assert not merge(list(_removal(template, "One")), list(_removal(template, "Two")))


def test_two_fixes_may_thin_a_mapping() -> None:
    """As long as something is left, removals are made together."""
    text = f"{HEAD}      One: 1\n      Two: 2\n      Three: 3\n"
    template = Template(Source.from_text(text))
    taken = list(_removal(template, "One"))
    assert merge(taken, list(_removal(template, "Two")))
    assert apply(text, taken) == text.replace("      One: 1\n      Two: 2\n", "")


def _removal(template: Template, key: str) -> tuple[Edit, ...]:
    builder = EditBuilder(template)
    builder.remove_entry(properties(builder), key, PROPERTIES)
    return builder.finish()[0]


def test_two_fixes_never_take_the_last_item() -> None:
    text = f"{HEAD}      List:\n        - One: 1\n        - Two: 2\n"
    template = Template(Source.from_text(text))
    removals = []
    for index in (0, 1):
        builder = EditBuilder(template)
        builder.remove_item(properties(builder), "List", index, PROPERTIES)
        removals.append(list(builder.finish()[0]))
    assert not merge(*removals)


# Sections and resources


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Resources:\n", "Parameters:\n  P:\n    Type: String\nResources:\n"),
        ("# what it is for\nResources:\n", "Parameters:\n  P:\n    Type: String\n# what it is for\nResources:\n"),
        (
            "AWSTemplateFormatVersion: '2010-09-09'\n\nResources:\n",
            "AWSTemplateFormatVersion: '2010-09-09'\n\nParameters:\n  P:\n    Type: String\n\nResources:\n",
        ),
        (
            "Parameters:\n  O: # o\n    Type: Number # n\n\nResources:\n",
            "Parameters:\n  O: # o\n    Type: Number # n\n  P:\n    Type: String\n\nResources:\n",
        ),
        (
            "Parameters:\n  O: {Type: Number}\n\n  Q: {Type: Number}\n\nResources:\n",
            "Parameters:\n  O: {Type: Number}\n\n  Q: {Type: Number}\n\n  P:\n    Type: String\n\nResources:\n",
        ),
        ("Parameters: {O: {Type: Number}}\nResources:\n", "Parameters: {O: {Type: Number}, P: {Type: String}}\nResources:\n"),
    ],
)
def test_add_to_section(before: str, after: str) -> None:
    rest = "  A:\n    Type: T::T::T\n"
    assert edited(before + rest, lambda b: b.add_to_section("Parameters", "P", {"Type": "String"})) == after + rest


def test_add_two_to_a_new_section_below() -> None:
    """Outputs come behind the resources, everything else before them."""

    def make(builder: EditBuilder) -> None:
        builder.add_to_section("Outputs", "A", {"Value": Ref("A")})
        builder.add_to_section("Outputs", "B", {"Value": 1})

    before = "Resources:\n  A:\n    Type: T::T::T # t\n"
    assert edited(before, make) == f"{before}Outputs:\n  A:\n    Value: !Ref A\n  B:\n    Value: 1\n"


def test_add_to_section_of_json() -> None:
    before = '{\n  "Resources": {\n    "A": {\n      "Type": "T::T::T"\n    }\n  }\n}\n'
    after = '{\n  "Parameters": {\n    "P": {\n      "Type": "String"\n    }\n  },\n' + before[2:]
    assert edited(before, lambda b: b.add_to_section("Parameters", "P", {"Type": "String"})) == after


@pytest.mark.parametrize("text", ["Parameters: {}\n", "Parameters:\n"])
def test_add_to_section_refuses_an_empty_one(text: str) -> None:
    reason = refused(
        f"{text}Resources:\n  A: {{Type: T::T::T}}\n", lambda b: b.add_to_section("Parameters", "P", {"Type": "S"})
    )
    assert reason == "Parameters is there, but empty"


def test_remove_resource_and_who_waits_for_it() -> None:
    before = """\
        Resources:
          # a
          A:
            Type: T::T::T # t
            Properties: {X: 1}

          B:
            Type: T::T::T
            DependsOn: A # b
          C:
            Type: T::T::T
            DependsOn: [A, B]
        """
    after = """\
        Resources:
          # a
          # t

          B:
            Type: T::T::T
            # b
          C:
            Type: T::T::T
            DependsOn: [B]
        """
    assert edited(before, lambda b: b.remove_resource(b.template.resources["A"])) == dedent(after)


def test_remove_resource_refuses_the_only_one() -> None:
    assert refused("Resources:\n  A: {Type: T::T::T}\n", lambda b: b.remove_resource(b.template.resources["A"]))
