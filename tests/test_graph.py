"""The dependency graph: an edge for every reference, wherever it stands, with its kind, path and span."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.graph import Graph, condition_arcs, cyclic_components
from remediator.source import Source
from remediator.template import Template


def graph_of(body: str, head: str = "") -> Graph:
    """The graph of a template with resources A (whose properties are given) and B, C."""
    lines = "".join(f"      {line}\n" for line in body.splitlines())
    text = (
        f"{head}Resources:\n  A:\n    Type: Custom::A\n    Properties:\n{lines}"
        "  B:\n    Type: Custom::B\n  C:\n    Type: Custom::C\nParameters:\n  P: {Type: String}\n"
    )
    return Graph(Template(Source.from_text(text)))


def edges_of(graph: Graph) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.target, edge.reference.kind) for edge in graph.edges]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("X: !Ref B", ["Ref"]),
        ("X: {Ref: B}", ["Ref"]),
        ("X: !GetAtt B.Arn", ["GetAtt"]),
        ("X: !GetAtt [B, Arn]", ["GetAtt"]),
        ("X: {'Fn::GetAtt': [B, Arn]}", ["GetAtt"]),
        ("X: {'Fn::GetAtt': B.Arn}", ["GetAtt"]),
        ("X: !GetAtt B.Outputs.Name", ["GetAtt"]),
        ("X: {'Fn::GetAtt': [B, !Ref P]}", ["GetAtt"]),
        ("X: !Sub '${B}'", ["Sub"]),
        ("X: !Sub ${B.Arn}/*", ["Sub"]),
        ("X: !Sub '${ B }'", ["Sub"]),
        ("X: {'Fn::Sub': '${B}'}", ["Sub"]),
        ("X: !Sub ['${B} ${V}', {V: x}]", ["Sub"]),
        ("X: !Sub ['${V}', {V: !Ref B}]", ["Ref"]),
        ("X: !Sub '${B} and ${B.Arn}'", ["Sub", "Sub"]),
        ("X: !If [Yes, !Ref B, !Ref 'AWS::NoValue']", ["Ref"]),
        ("X: !Join ['', [a, !Ref B]]", ["Ref"]),
        ("X: {'Fn::Base64': !Sub 'echo ${B}'}", ["Sub"]),
        ("X: {'Fn::Base64': {'Fn::Sub': 'echo ${B}'}}", ["Sub"]),
        ("X: !Base64 {Ref: B}", ["Ref"]),
        ("X: {'Fn::ImportValue': !Sub '${B}-x'}", ["Sub"]),
        ("X: !Select [0, !Split [',', !GetAtt B.List]]", ["GetAtt"]),
        ("PolicyDocument: {Statement: [{Resource: [!Sub '${B.Arn}/*']}]}", ["Sub"]),
        ("DefinitionString: !Sub |\n  {\"Resource\": \"${B.Arn}\"}", ["Sub"]),
        ("DashboardBody: !Sub '{\"widgets\": [\"${B}\"]}'", ["Sub"]),
        ("Code: {ZipFile: !Sub \"name = '${B}'  # ${!C}\"}", ["Sub"]),
    ],
)  # fmt: skip
def test_reference_makes_edges(body: str, kinds: list[str]) -> None:
    """Each way to refer to a resource makes an edge of its kind, in whatever it is nested."""
    assert edges_of(graph_of(body)) == [("A", "B", kind) for kind in kinds]


@pytest.mark.parametrize(
    "body",
    [
        "X: B",
        "X: '${B}'",
        "X: !Sub '${!B}'",
        "X: !Sub ['${B}', {B: x}]",
        "X: !Ref P",
        "X: !Sub '${P} ${AWS::Region}'",
        "X: !Ref AWS::AccountId",
        "X: !Ref Missing",
        "X: !FindInMap [B, C, D]",
        "X: !ImportValue B",
        "X: {Ref: [B]}",
        "X: !If [B, x, y]",
    ],
)
def test_no_reference_makes_no_edge(body: str) -> None:
    """Plain texts, literals that look like variables, names that a Sub defines itself and parameters are no edges."""
    assert edges_of(graph_of(body)) == []


@pytest.mark.parametrize("written", ["B", "[B, C]", "\n      - B\n      - C"])
def test_depends_on_makes_edges(written: str) -> None:
    """An explicit dependency is an edge, written as a name or as a list."""
    text = f"Resources:\n  A:\n    Type: Custom::A\n    DependsOn: {written}\n  B:\n    Type: T\n  C:\n    Type: T\n"
    targets = [edge.target for edge in Graph(Template(Source.from_text(text))).edges]
    assert targets == (["B"] if written == "B" else ["B", "C"])


def test_edges_know_path_and_span() -> None:
    """A path is in long form whatever the notation; a span is what has to be replaced to be rid of the edge."""
    graph = graph_of("X:\n  - !GetAtt B.Arn\n  - !Sub 'a-${C}-b'\n  - Y: {'Fn::GetAtt': [B, Arn]}")
    text = graph.template.source.text
    assert [(edge.property_path, text[edge.reference.start : edge.reference.end]) for edge in graph.edges] == [
        (("Properties", "X", 0, "Fn::GetAtt"), "!GetAtt B.Arn"),
        (("Properties", "X", 1, "Fn::Sub"), "${C}"),
        (("Properties", "X", 2, "Y", "Fn::GetAtt"), "{'Fn::GetAtt': [B, Arn]}"),
    ]
    assert [edge.reference.attribute for edge in graph.edges] == ["Arn", None, "Arn"]


def test_self_reference_is_a_cycle() -> None:
    """A resource that names itself is a component of its own."""
    assert graph_of("X: !Ref A").cyclic_components == (("A",),)


def test_components_come_in_the_order_of_the_template() -> None:
    """Components and their members are ordered as they are written."""
    arcs = {"C": {"D"}, "A": {"B"}, "B": {"A"}, "D": {"C"}, "E": {"A"}}
    assert cyclic_components({name: frozenset(targets) for name, targets in arcs.items()}) == (("C", "D"), ("A", "B"))


def test_conditions_have_a_graph_of_their_own() -> None:
    """A condition waits for the conditions that it names, and not for resources of the same name."""
    head = "Conditions:\n  A: !And [!Condition B, !Not [{Condition: C}]]\n  B: !Equals [!Ref P, x]\n  C: !Equals [1, 1]\n"
    graph = graph_of("X: x", head)
    assert condition_arcs(graph.template) == {"A": frozenset({"B", "C"}), "B": frozenset(), "C": frozenset()}
    assert edges_of(graph) == []


SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Bucket:
    Type: AWS::S3::Bucket
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Environment: {Variables: {API: !Ref Api, SELF: !Ref Function.Version}}
      Policies:
        - S3ReadPolicy: {BucketName: !Ref Bucket}
      Events:
        Upload:
          Type: S3
          Properties: {Bucket: !Ref Bucket, Events: s3:ObjectCreated:*}
        Get:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /, Method: get}
        Tick:
          Type: Schedule
          Properties: {Schedule: rate(1 hour)}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod}
"""


def test_sam_edges() -> None:
    """What the transform generates is in the graph: the role, the events' resources, what waits for the function."""
    edges = set(edges_of(Graph(Template(Source.from_text(SAM)))))
    assert {(source, target) for source, target, _ in edges} == {
        ("Function", "FunctionRole"),
        ("FunctionRole", "Bucket"),
        ("Function", "Api"),
        ("Function", "Function"),
        ("FunctionUpload", "Bucket"),
        ("FunctionGet", "Api"),
        ("Bucket", "Function"),
        ("Api", "Function"),
    }


def test_sam_globals_count_for_every_function() -> None:
    """A reference in the Globals section is an edge of each function, made by that section."""
    text = SAM.replace("Resources:", "Globals:\n  Function:\n    Environment: {Variables: {B: !Ref Bucket}}\nResources:", 1)
    found = [edge for edge in Graph(Template(Source.from_text(text))).edges if edge.implied == "the Globals section"]
    assert [(edge.source, edge.target) for edge in found] == [("Function", "Bucket")]
    assert found[0].property_path == ("Properties", "Environment", "Variables", "B", "Ref")


def test_sam_function_with_a_role_of_its_own_has_none_generated() -> None:
    """A function that names its role gets none from SAM, and its policies are ignored by it."""
    text = SAM.replace("      Environment:", "      Role: !GetAtt Role.Arn\n      Environment:")
    assert "FunctionRole" not in Graph(Template(Source.from_text(text))).arcs


@given(st.dictionaries(st.integers(0, 12), st.sets(st.integers(0, 12), max_size=5), max_size=13))
def test_components_agree_with_networkx(numbers: dict[int, set[int]]) -> None:
    """The components that hold a cycle are those that networkx finds, in the order of the nodes."""
    names = set(numbers) | {t for targets in numbers.values() for t in targets}
    arcs = {str(n): frozenset(map(str, numbers.get(n, ()))) for n in sorted(names)}
    other = networkx.DiGraph()
    other.add_nodes_from(arcs)
    other.add_edges_from((source, target) for source, targets in arcs.items() for target in targets)
    expected = {frozenset(c) for c in networkx.strongly_connected_components(other) if len(c) > 1 or c & arcs[next(iter(c))]}
    found = cyclic_components(arcs)
    assert {frozenset(members) for members in found} == expected
    order = list(arcs)
    assert [order.index(members[0]) for members in found] == sorted(order.index(members[0]) for members in found)
