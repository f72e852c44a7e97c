"""Properties that hold for every template: reading, references, what a fix leaves, and what it never does."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from strategies import Generated, mutated, templates

from remediator import Options, Outcome, Selection, check_text, fix_text
from remediator.edits import apply
from remediator.engine import Located
from remediator.findings import Applicability, Edit
from remediator.graph import Graph, is_acyclic
from remediator.intrinsics import walk
from remediator.layout import comments_inside
from remediator.nodes import Mapping, Scalar, meaning
from remediator.run import Report, Task, process_bytes
from remediator.source import Source
from remediator.template import Template
from remediator.testing import comments, forms
from remediator.transforms.cycles import dependency_cycle
from remediator.transforms.cycles.component import Component, Cut
from remediator.transforms.cycles.solver import cost_of, solve

CYCLES = Selection(select=("CYC001",))
LEVELS = pytest.mark.parametrize("unsafe", [pytest.param(False, id="safe"), pytest.param(True, id="unsafe")])
MOST_CUTS = 10
"""Cuts of a component up to which every subset of them is tried."""
SUPPRESSION = re.compile(r"#\s*(?:checkov:skip=|remediator:\s*ignore\b)")


def fixed(text: str, *, unsafe: bool) -> Outcome:
    """The outcome of the cycle pass, held to having neither dropped a fix nor crashed."""
    outcome = fix_text(text, Options(CYCLES, unsafe=unsafe))
    assert outcome.failures == (), "; ".join(failure.detail or failure.message for failure in outcome.failures)
    return outcome


# Reading


def expected_meaning(data: Any) -> Any:
    """What the reader should make of plain data in long form."""
    if isinstance(data, dict):
        value = {key: expected_meaning(item) for key, item in data.items()}
        if value.keys() == {"Fn::GetAtt"} and isinstance(value["Fn::GetAtt"], str):
            return {"Fn::GetAtt": value["Fn::GetAtt"].split(".", 1)}
        return value
    if isinstance(data, list):
        return [expected_meaning(item) for item in data]
    if isinstance(data, bool | int):
        return ("bool" if isinstance(data, bool) else "int", str(data).lower())
    return data


def parsed_slice(text: str, node: Scalar, is_json: bool) -> str:
    """What the text of a scalar says when it is read alone, by a reader that remediator does not use."""
    if is_json:
        value: object = json.loads(text)
        return value if isinstance(value, str) else text
    composed = YAML(typ="safe", pure=True).compose(text)
    return str(composed.value)


@given(templates())
@settings(max_examples=150)
def test_reading_gives_bytes_and_meaning(generated: Generated) -> None:
    """Reading loses no byte, and finds in every style what the generator meant."""
    source = Source.from_text(generated.text)
    assert source.to_bytes() == generated.text.encode("utf-8")
    assert Source.from_bytes(generated.text.encode("utf-8")) == source
    assert meaning(source.root) == expected_meaning(generated.data)


@given(templates(most=3))
@settings(max_examples=80)
def test_scalar_spans_slice_to_their_value(generated: Generated) -> None:
    """The span of each scalar, keys included, covers a text that reads as the scalar's value, tag and all."""
    source = Source.from_text(generated.text)
    for _, node in walk(source.root):
        scalars = [node] if isinstance(node, Scalar) else []
        scalars += [entry.key for entry in node.entries] if isinstance(node, Mapping) else []
        for scalar in scalars:
            text = source.text[scalar.start : scalar.end]
            block = scalar.style in ("|", ">")
            found = parsed_slice(text, scalar, source.is_json)
            assert (found.rstrip("\n") if block else found) == (scalar.value.rstrip("\n") if block else scalar.value)


@given(templates())
@settings(max_examples=100)
def test_comments_are_found(generated: Generated) -> None:
    """The harness counts exactly the comments that were written, whatever hash signs stand inside scalars."""
    assert comments(Source.from_text(generated.text)) == Counter(generated.comments)


# References


Edges = Counter[tuple[str, str, str, str | None]]
READ = ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy")


def plain_edges(data: dict[str, Any]) -> Edges:
    """Every reference between resources, from the plain meaning of a template without SAM."""
    resources = data["Resources"]
    found: Edges = Counter()
    for name, body in resources.items():
        waits = body.get("DependsOn", [])
        named: list[tuple[str, str, str | None]] = [
            ("DependsOn", w, None) for w in ([waits] if isinstance(waits, str) else waits)
        ]
        for section in READ:
            named += plain_references(body.get(section))
        found.update((name, target, kind, attribute) for kind, target, attribute in named if target in resources)
    return found


def plain_references(value: Any) -> Iterator[tuple[str, str, str | None]]:
    if isinstance(value, list):
        for item in value:
            yield from plain_references(item)
        return
    if not isinstance(value, dict):
        return
    if list(value) == ["Ref"]:
        yield "Ref", value["Ref"], None
    elif list(value) == ["Fn::GetAtt"]:
        argument = value["Fn::GetAtt"]
        target, attribute = argument.split(".", 1) if isinstance(argument, str) else (argument[0], ".".join(argument[1:]))
        yield "GetAtt", target, attribute
    elif list(value) == ["Fn::Sub"]:
        argument = value["Fn::Sub"]
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], dict(*argument[1:]))
        for name in re.findall(r"\$\{([^!{}][^{}]*)\}", text):
            if name not in own:
                target, dot, attribute = name.partition(".")
                yield "Sub", target, attribute if dot else None
        yield from plain_references(list(own.values()))
    else:
        yield from plain_references(list(value.values()))


@given(templates(is_sam=False))
@settings(max_examples=150)
def test_references_are_those_of_an_independent_oracle(generated: Generated) -> None:
    """The graph has exactly the edges that the template's plain meaning has, of every kind and as often."""
    edges = Graph(Template(Source.from_text(generated.text))).edges
    found = Counter((edge.source, edge.target, str(edge.reference.kind), edge.reference.attribute) for edge in edges)
    assert found == plain_edges(generated.data)


@given(templates(is_sam=False))
@settings(max_examples=80)
def test_reference_spans_name_their_target(generated: Generated) -> None:
    """What a reference spans, cut out of the text, holds the target's name; for Sub it is the variable itself."""
    source = Source.from_text(generated.text)
    for reference in Template(source).references:
        if reference.start is None or reference.end is None:
            continue
        text = source.text[reference.start : reference.end]
        assert reference.target in text
        if reference.kind == "Sub":
            dotted = f"{reference.target}.{reference.attribute}" if reference.attribute else reference.target
            assert text == f"${{{dotted}}}"


# What a fix leaves


def offered_cuts(component: Component) -> list[Cut]:
    return [cut for cutter in dependency_cycle.CUTTERS for cut in cutter(component)]


def admissible(component: Component, chosen: list[Cut]) -> bool:
    """Whether some cuts, made together, leave a component without a cycle."""
    gone = {index for cut in chosen for index in cut.edges}
    arcs: dict[str, set[str]] = {name: set() for name in component.members}
    kept = [(edge.source, edge.target) for index, edge in enumerate(component.edges) if index not in gone]
    for source, target in [*kept, *(arc for cut in chosen for arc in cut.adds)]:
        arcs.setdefault(source, set()).add(target)
    return is_acyclic(arcs)


def cheapest(component: Component, cuts: list[Cut]) -> int | None:
    """The least cost of any set of cuts that holds those made always and leaves no cycle, by trying all."""
    always, free = [cut for cut in cuts if cut.always], [cut for cut in cuts if not cut.always]
    best: int | None = None
    if not admissible(component, [replace(cut, adds=()) for cut in cuts]):
        return None  # edges that no cut removes form a cycle
    for size in range(len(free) + 1):
        for some in itertools.combinations(free, size):
            cost = cost_of([*always, *some])
            if (best is None or cost < best) and admissible(component, [*always, *some]):
                best = cost
    return best


def members_of(located: Located) -> frozenset[str]:
    """The resources that a finding about a cycle names."""
    return frozenset(str(path[1]) for path in (located.finding.path, *located.finding.related))


def written(graph: Graph, members: tuple[str, ...]) -> frozenset[str]:
    """The resources of a component that the text holds; for one that SAM generates alone, the function it is for."""
    there = frozenset(name for name in members if name in graph.template.resources)
    return there or frozenset(str(edge.reference.path[1]) for edge in graph.within(members))


@LEVELS
@given(templates())
@settings(max_examples=80)
def test_every_cycle_is_broken_or_reported(unsafe: bool, generated: Generated) -> None:
    """What is still a cycle in the output is named by a finding, and no set of admissible cuts breaks it."""
    outcome = fixed(generated.text, unsafe=unsafe)
    template = Template(outcome.after)
    graph = Graph(template)
    left = {written(graph, members): members for members in graph.cyclic_components}
    reported = {members_of(each): each.finding for each in outcome.remaining}
    assert left.keys() == reported.keys()
    for names, members in left.items():
        finding = reported[names]
        if "not in this layout" in finding.reason:
            event("held back for layout")
            continue
        component = Component(graph, members)
        cuts = offered_cuts(component)
        usable = [cut for cut in cuts if unsafe or cut.applicability is Applicability.SAFE]
        if len(cuts) <= MOST_CUTS and (unsafe or all(cut in usable for cut in cuts if cut.always)):
            event("left over, tried all")
            assert cheapest(component, usable) is None


@given(templates())
@settings(max_examples=80)
def test_chosen_cuts_cost_no_more_than_any_others(generated: Generated) -> None:
    """For each component, the solver's cuts are as cheap as the best of all subsets, and none where there is none."""
    graph = Graph(Template(Source.from_text(generated.text)))
    for members in graph.cyclic_components:
        component = Component(graph, members)
        cuts = offered_cuts(component)
        solution = solve([(edge.source, edge.target) for edge in component.edges], cuts)
        if solution:
            assert admissible(component, list(solution.cuts))
            assert {id(cut) for cut in cuts if cut.always} <= {id(cut) for cut in solution.cuts}
        if len(cuts) <= MOST_CUTS:
            assert (cost_of(solution.cuts) if solution else None) == cheapest(component, cuts)


@LEVELS
@given(templates())
@settings(max_examples=40)
def test_a_second_run_changes_nothing(unsafe: bool, generated: Generated) -> None:
    """The output is a fixed point; what was reported as fixed is no longer found, and what was left still is."""
    outcome = fixed(generated.text, unsafe=unsafe)
    again = fixed(outcome.after.to_bytes().decode("utf-8"), unsafe=unsafe)
    assert again.after.to_bytes() == outcome.after.to_bytes()
    assert again.applied == ()
    assert [each.finding.identity for each in again.remaining] == [each.finding.identity for each in outcome.remaining]
    done = {each.finding.identity for each in outcome.applied}
    assert not done & {each.finding.identity for each in outcome.remaining}


# What a fix never does


def touched_lines(source: Source, edits: list[Edit]) -> set[int]:
    """The lines, counted from 0, of which edits take or change characters, or into the middle of which they write."""
    lines: set[int] = set()
    for edit in edits:
        first = source.position(edit.start)[0] - 1
        last = source.position(max(edit.start, edit.end - 1))[0] - 1
        if edit.start < edit.end or source.column(edit.start) > 0:
            lines.update(range(first, last + 1))
    return lines


def lines_of(source: Source) -> list[str]:
    """The lines of a text with their line breaks, as an editor counts them."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", source.text)


def is_subsequence(short: list[str], long: list[str]) -> bool:
    rest = iter(long)
    return all(line in rest for line in short)


@LEVELS
@given(templates())
@settings(max_examples=80)
def test_untouched_lines_stay_byte_for_byte(unsafe: bool, generated: Generated) -> None:
    """Lines that no declared edit reaches come out as they were and in order; edits stay inside the cycle's resources."""
    outcome = fixed(generated.text, unsafe=unsafe)
    found = {each.finding for each in check_text(generated.text, Options(CYCLES, unsafe=unsafe)).remaining}
    fixes = [each.finding.fix for each in outcome.applied if each.finding.fix]
    if not {each.finding for each in outcome.applied} <= found:
        event("several rounds")  # the edits of later rounds have their places in a text in between
        return
    before, edits = outcome.before, list(dict.fromkeys(edit for fix in fixes for edit in fix.edits))
    assert apply(before.text, edits) == outcome.after.text
    touched = touched_lines(before, edits)
    kept = [line for index, line in enumerate(lines_of(before)) if index not in touched]
    assert is_subsequence(kept, lines_of(outcome.after))


@LEVELS
@given(templates())
@settings(max_examples=80)
def test_lines_outside_the_cycle_stay(unsafe: bool, generated: Generated) -> None:
    """A line that belongs to no resource that a fix declares to change comes out as it was, with its line break."""
    outcome = fixed(generated.text, unsafe=unsafe)
    assume(not generated.is_json or "\n" in generated.text.strip())
    template = Template(outcome.before)
    changing: set[int] = set()
    for located in outcome.applied:
        declared = (
            {str(path[1]) for path in located.finding.fix.paths if path[0] == "Resources"} if located.finding.fix else set()
        )
        for name in declared | members_of(located):
            if name in template.resources:
                resource = template.resources[name]
                start, end = outcome.before.position(resource.key.start)[0], outcome.before.position(resource.node.end)[0]
                changing.update(range(start - 1, end))
    lines = lines_of(outcome.before)
    kept = [line for index, line in enumerate(lines) if index not in changing]
    if not lines[-1].endswith("\n") and kept and kept[-1] == lines[-1]:
        kept.pop()  # what is added below the last line ends it
    assert is_subsequence(kept, lines_of(outcome.after))


def comments_in_metadata(source: Source) -> set[str]:
    """The comments inside the metadata of resources: a suppression in there is carried along with its comments."""
    nodes = [resource.node.get("Metadata") for resource in Template(source).resources.values()]
    return {text for node in nodes if node for text in comments_inside(source, node.start, source.line_end(node.end), node)}


@LEVELS
@given(templates(is_json=False))
@settings(max_examples=80)
def test_comments_stay(unsafe: bool, generated: Generated) -> None:
    """Every comment is in the output as often as in the input; only suppressions, or comments in them, may be repeated."""
    outcome = fixed(generated.text, unsafe=unsafe)
    assert comments(outcome.before) - comments(outcome.after) == Counter()
    more = comments(outcome.after) - comments(outcome.before)
    assert not {text for text in more if not SUPPRESSION.match(text)} - comments_in_metadata(outcome.before)


@LEVELS
@given(templates())
@settings(max_examples=40)
def test_line_ends_and_byte_order_mark_stay(unsafe: bool, generated: Generated) -> None:
    """CRLF stays CRLF throughout, a byte order mark stays, and a final newline neither comes nor goes."""
    after = fixed(generated.text, unsafe=unsafe).after.to_bytes().decode("utf-8")
    assert after.startswith("\ufeff") == generated.text.startswith("\ufeff")
    assert after.endswith("\n") == generated.text.endswith("\n")
    assert after.count("\n") == after.count("\r\n") if "\r\n" in generated.text else "\r" not in after


@given(templates(comments=False, most=4))
@settings(max_examples=25)
def test_forms_come_out_with_one_meaning(generated: Generated) -> None:
    """Short form, long form, JSON, CRLF and a byte order mark make no difference to what a fix means."""
    outcome = fixed(generated.text, unsafe=True)
    for name, form in forms(generated.text.removeprefix("\ufeff")).items():
        if meaning(Source.from_text(form).root) != meaning(outcome.before.root):
            assert name == "no final newline"  # which a block scalar at the end needs
            continue
        again = fixed(form, unsafe=True)
        assert meaning(again.after.root) == meaning(outcome.after.root), f"{name}:\n{again.after.text}"


# Shapes that longer runs of the properties above found to be hard, cut down by hand


HARD = {
    "a generated role that names itself": """\
Transform: AWS::Serverless-2016-10-31
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - Statement:
            - {Effect: Allow, Action: "iam:PassRole", Resource: !GetAtt ARole.Arn}
""",
    "a comment behind a rule in braces": """\
Resources:
  A:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: d
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupId: !GetAtt A.GroupId} # why
""",
    "a comment behind a policy in braces": """\
Resources:
  A:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - {PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:*", Resource: !GetAtt A.Arn}]}} # why
""",
    "a comment between the branches of a conditional rule": """\
Conditions:
  C: !Equals [a, b]
Resources:
  A:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: d
      SecurityGroupIngress:
        - !If
          - C
          - IpProtocol: tcp
            FromPort: 80
            ToPort: 80
            SourceSecurityGroupId: !GetAtt A.GroupId
          # why
          - !Ref AWS::NoValue
""",
    "a comment inside a reference that is written out": """\
Resources:
  A:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: f
      Code: {ZipFile: x}
      Role: arn:aws:iam::111122223333:role/r
      Handler: i.h
      Runtime: python3.12
      Environment:
        Variables:
          SELF:
            Fn::GetAtt:
              - A # why
              - Arn
""",
    "a notification at the end of a text without final newline": """\
Resources:
  A:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations:
          - Event: s3:ObjectCreated:*
            Function: !GetAtt A.Arn""",
    "a comment kept below a comment at the end of a text without final newline": """\
Resources:
  A:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Ref B
  B:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: q # name
    DependsOn: A # why""",
    "a comment kept below a block scalar at the end of a text without final newline": """\
Resources:
  A:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Ref B
  B:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: |
        some text
    DependsOn: A # why""",
}


@LEVELS
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HARD.items()])
def test_hard_shapes(unsafe: bool, text: str) -> None:
    """Nothing fails, no comment is lost, line ends stay, the second run is quiet, and what is left is reported."""
    outcome = fixed(text, unsafe=unsafe)
    assert comments(outcome.before) - comments(outcome.after) == Counter()
    assert outcome.after.text.endswith("\n") == text.endswith("\n")
    assert not fixed(outcome.after.text, unsafe=unsafe).applied
    graph = Graph(Template(outcome.after))
    assert len(graph.cyclic_components) == len(outcome.remaining)


# Robustness


def report_on(data: bytes) -> Report:
    """What a run says about some bytes, held to what every report must be."""
    report = process_bytes("template.yaml", data, Task(Options(unsafe=True), fix=True, write=False))
    assert isinstance(report, Report)
    # A mended piece can show the checker another error that was there before; then its fix is left out, and nothing raises.
    assert all("failed its proof" in each.message and not each.detail for each in report.failures), report.failures
    assert "Traceback" not in report.error
    assert "\n" not in report.error
    if report.error:
        assert (report.line >= 1 and report.column >= 1) or (report.line, report.column) == (0, 0)
        assert (report.before, report.after, report.applied, report.remaining) == ("", "", (), ())
    else:
        assert report.before.encode("utf-8") == data
    return report


@given(st.binary(max_size=200))
@settings(max_examples=150)
@example(b"\xff\xfe")
@example(b"\0")
@example(b"")
def test_any_bytes_give_a_report(data: bytes) -> None:
    """Bytes that are no template are refused with a reason and a place, never with an exception."""
    report_on(data)


@given(
    st.text(alphabet=st.sampled_from("Resourc: \n\t\r-{}[]!&*|>'\"#%@`?,<=~0aé\u2028\x85\ufeff\\$"), max_size=80), st.booleans()
)
@settings(max_examples=200)
def test_any_text_gives_a_report(text: str, below: bool) -> None:
    """Texts made of what YAML and JSON are made of, at the top or below Resources, never raise."""
    report_on((f"Resources:\n  A:\n    Type: T\n    Properties: {text}" if below else text).encode("utf-8"))


@given(mutated())
@settings(max_examples=120)
def test_broken_templates_give_a_report(text: str) -> None:
    """Templates with pieces missing, doubled or swapped never raise, and what can be read is not left broken."""
    report = report_on(text.encode("utf-8"))
    if not report.error:
        assert Source.from_text(report.after).fault is None
