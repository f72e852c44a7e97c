"""What the schemas say of a type, where the values of a template stand along them, and where they come from."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.builder import EditBuilder
from remediator.edits import apply
from remediator.findings import UpdateEffect
from remediator.intrinsics import intrinsic, walk
from remediator.layout import CannotEdit
from remediator.nodes import Entry, Mapping, Node, Path, Scalar, Sequence, show
from remediator.origins import origins
from remediator.schemas import ResourceType, Shape, places, resource_type, type_names
from remediator.source import Source
from remediator.template import Template
from remediator.testing import comments, fixed, forms


def known(name: str) -> ResourceType:
    found = resource_type(name)
    assert found is not None
    return found


def template(text: str) -> Template:
    return Template(Source.from_text(dedent(text)))


# Types


@pytest.mark.parametrize(
    "name", ["Custom::Thing", "AWS::S3::Buckets", "AWS::S3::bucket", "MongoDB::Atlas::Cluster", "about", ""]
)
def test_unknown_types_have_no_schema(name: str) -> None:
    assert resource_type(name) is None


def test_serverless_types_are_known() -> None:
    assert {"AWS::S3::Bucket", "AWS::Serverless::Function"} <= type_names()
    assert all(name.count("::") == 2 for name in type_names())


def test_every_type_can_be_read() -> None:
    """Each has properties, and says whether it may have others; references lead somewhere."""
    closed = [name for name in sorted(type_names()) if _read(known(name).shape).closed]
    assert len(closed) > 0.99 * len(type_names())


def _read(shape: Shape) -> Shape:
    for inner in shape.properties.values():
        assert isinstance((inner.items or inner).properties, dict)
    return shape


def test_attributes_and_replacement() -> None:
    bucket = known("AWS::S3::Bucket")
    assert {"Arn", "WebsiteURL"} <= set(bucket.attributes)
    assert "Arn" in bucket.read_only
    assert bucket.update_effect("Tags", "BucketName") == UpdateEffect.REPLACEMENT
    assert bucket.update_effect("Tags") == UpdateEffect.NONE


# Shapes


def test_shape_of_a_nested_property() -> None:
    """Lists are stepped into, references followed."""
    shape = known("AWS::S3::Bucket").shape.at("LifecycleConfiguration", "Rules", "Status")
    assert shape is not None
    assert shape.enum == ("Enabled", "Disabled")
    assert known("AWS::S3::Bucket").shape.at("LifecycleConfiguration", "Nothing", "Status") is None


@pytest.mark.parametrize(
    ("kind", "path", "closed"),
    [
        ("AWS::S3::Bucket", (), True),
        ("AWS::S3::Bucket", ("VersioningConfiguration",), True),
        ("AWS::RDS::DBCluster", (), True),
        ("AWS::Lambda::Function", ("Environment", "Variables"), False),
        ("AWS::IAM::Role", ("AssumeRolePolicyDocument",), False),
        ("AWS::CloudFormation::CustomResource", (), False),
        ("AWS::SSM::Parameter", ("Tags",), False),
    ],
)
def test_closed(kind: str, path: tuple[str, ...], closed: bool) -> None:
    """An object with the properties of its schema and no others; maps and policies are open."""
    shape = known(kind).shape.at(*path)
    assert shape is not None
    assert shape.closed == closed


def test_alternatives_are_seen_as_one() -> None:
    """A type with alternatives for some properties has them all, and their types."""
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"A": {"type": "string", "enum": [1, True, "x"]}},
        "required": ["A"],
        "oneOf": [{"properties": {"B": {"type": ["integer", "array"]}}}, {"$ref": "#/definitions/Other"}],
    }
    document = {"definitions": {"Other": {"properties": {"C": {"items": {"type": "string"}}}}}}
    shape = Shape(document, schema)
    assert shape.properties.keys() == {"A", "B", "C"}
    assert shape.closed
    assert shape.required == ("A",)
    assert shape.properties["A"].enum == ("1", "true", "x")
    assert shape.properties["B"].types == {"integer", "array"}
    items = shape.properties["C"].items
    assert items is not None
    assert items.types == {"string"}


# Places


PLACES = """\
    Conditions: {C: !Equals [a, b]}
    Resources:
      A:
        Type: AWS::EC2::Instance
        Properties:
          ImageId: !Ref Image
          Nonsense: {Tags: []}
          Monitoring: !Ref AWS::NoValue
          Tags: !If
            - C
            - - {Key: a, Value: !Sub "${B}"}
              - !Ref AWS::NoValue
            - Fn::If: [C, [{Key: b, Value: c}], !Ref "AWS::NoValue"]
          NetworkInterfaces:
            - !If [C, {DeviceIndex: "0"}, {DeviceIndex: "1"}]
      B: {Type: Custom::Thing, Properties: {Tags: []}}
      C: {Type: AWS::SNS::Topic}
      D: {Type: AWS::SNS::Topic, Properties: !If [C, {}, {}]}
    """


def test_places_go_through_conditions_and_nothing_else() -> None:
    """Both branches of a condition, wherever it stands; what is removed or unknown is left out."""
    resource = template(PLACES).resources["A"]
    assert [show(place.path[3:]) for place in places(resource)] == [
        "",
        "ImageId",
        "Tags.Fn::If[1]",
        "Tags.Fn::If[1][0]",
        "Tags.Fn::If[1][0].Key",
        "Tags.Fn::If[1][0].Value",
        "Tags.Fn::If[2].Fn::If[1]",
        "Tags.Fn::If[2].Fn::If[1][0]",
        "Tags.Fn::If[2].Fn::If[1][0].Key",
        "Tags.Fn::If[2].Fn::If[1][0].Value",
        "NetworkInterfaces",
        "NetworkInterfaces[0].Fn::If[1]",
        "NetworkInterfaces[0].Fn::If[1].DeviceIndex",
        "NetworkInterfaces[0].Fn::If[2]",
        "NetworkInterfaces[0].Fn::If[2].DeviceIndex",
    ]


@pytest.mark.parametrize("name", ["B", "C", "D"])
def test_no_places(name: str) -> None:
    """Unknown types, no properties, and properties that an intrinsic makes."""
    assert list(places(template(PLACES).resources[name])) == []


def test_places_are_where_their_paths_lead() -> None:
    """A path in long form leads to the node, whether it is written in long form or in short form."""
    parsed = template(PLACES)
    found = dict(walk(parsed.root))
    for place in places(parsed.resources["A"]):
        assert found[place.path] == place.node


# Origins


ORIGINS = """\
    Parameters:
      Given: {Type: String, Default: given}
      Open: {Type: String}
      Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
      Listed: {Type: CommaDelimitedList, Default: "a,b"}
    Mappings:
      Map:
        one: {Key: first, Other: [x]}
        two: {Key: second}
    Conditions: {C: !Equals [a, b]}
    Resources:
      A:
        Type: Custom::Thing
        Properties:
          Text: text # t
          Number: 5
          Given: !Ref Given
          Open: !Ref Open
          Stored: !Ref Stored
          Listed: !Ref Listed
          Nobody: !Ref Nobody
          Pseudo: !Ref AWS::Region
          Exact: !FindInMap [Map, one, Key]
          Any: !FindInMap [Map, !Ref Given, Key]
          Every: !FindInMap [Map, !Ref Given, !Ref Given]
          Missing: !FindInMap [Map, three, Key]
          Wrong: !FindInMap [Map]
          Chosen: !If [C, !Ref Given, !If [C, inner, !Ref "AWS::NoValue"]]
          Made: !Sub "${Given}"
          Imported: !ImportValue x
          List: [a]
          Map: {a: b}
    """


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Text", ["Resources.A.Properties.Text=text"]),
        ("Number", ["Resources.A.Properties.Number=5"]),
        ("Given", ["Parameters.Given.Default=given!"]),
        ("Open", []),
        ("Stored", []),
        ("Listed", ["Parameters.Listed.Default=a,b!"]),
        ("Nobody", []),
        ("Pseudo", []),
        ("Exact", ["Mappings.Map.one.Key=first!"]),
        ("Any", ["Mappings.Map.one.Key=first!", "Mappings.Map.two.Key=second!"]),
        ("Every", ["Mappings.Map.one.Key=first!", "Mappings.Map.two.Key=second!"]),
        ("Missing", []),
        ("Wrong", []),
        ("Chosen", ["Parameters.Given.Default=given!", "Resources.A.Properties.Chosen.Fn::If[2].Fn::If[1]=inner"]),
        ("Made", []),
        ("Imported", []),
        ("List", []),
        ("Map", []),
    ],
)
@pytest.mark.parametrize("form", ["short", "long", "JSON"])
def test_origins(name: str, expected: list[str], form: str) -> None:
    """The texts that a value comes from, marked where others may come from them, too; the same in every form."""
    text = dedent(ORIGINS)
    parsed = Template(Source.from_text({**forms(text), "short": text}[form]))
    node = parsed.resources["A"].property(name)
    assert node is not None
    found = origins(parsed, node, ("Resources", "A", "Properties", name))
    assert [f"{show(each.path)}={each.node.value}{'!' * each.shared}" for each in found] == expected


# What the passes promise, whatever is wrong


TEXTS = [
    """\
    # what it is for
    Parameters:
      Days: {Type: Number, Default: 14} # days
    Resources:
      Uploads: # of users
        Type: AWS::S3::Bucket
        Properties:
          BucketName: uploads-of-users
          VersioningConfiguration: # always
            Status: Enabled
          # cheap
          LifecycleConfiguration:
            Rules:
              # first
              - Id: cold # a
                Status: Enabled
                Transitions:
                  - StorageClass: GLACIER # b
                    TransitionInDays: 90
              - {Id: gone, Status: Enabled, ExpirationInDays: 400}
          Tags:
            - Key: Team
              Value: web # c
      Logs:
        Type: AWS::Logs::LogGroup
        DependsOn: Uploads # after
        Properties: {RetentionInDays: !Ref Days, LogGroupName: "/logs/web"}
    """,
    """\
    Conditions: {IsProd: !Equals [!Ref "AWS::Region", us-east-1]}
    Resources:
      Function:
        Type: AWS::Lambda::Function
        Properties:
          Role: !GetAtt Role.Arn
          Handler: index.handler
          Runtime: python3.13
          Code:
            ZipFile: | # the text
              # no comment
              def handler(event, context):
                  return "x"
          # to X-Ray
          TracingConfig: {Mode: Active}
          Environment:
            Variables:
              NAME: value # d
          VpcConfig: !If
            - IsProd
            - SubnetIds: [subnet-12345678] # e
              SecurityGroupIds:
                - sg-12345678 # f
            - !Ref AWS::NoValue
      Role:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
          MaxSessionDuration: 3600
          ManagedPolicyArns:
            # reads
            - arn:aws:iam::aws:policy/ReadOnlyAccess # g
    """,
    """\
    Resources:
      Table:
        Type: AWS::DynamoDB::Table
        Properties:
          BillingMode: PAY_PER_REQUEST # h
          KeySchema:
          - AttributeName: id
            KeyType: HASH
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          SSESpecification:
              SSEEnabled: true # i
              SSEType: KMS
              KMSMasterKeyId: alias/own
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      Check:
        Type: AWS::Route53::HealthCheck
        Properties:
          HealthCheckConfig:
            Type: HTTPS # j
            # where
            FullyQualifiedDomainName: www.example.com
            Port: 443
          HealthCheckTags:
          - {Key: Team, Value: web}
      Site:
        Type: AWS::CloudFront::Distribution
        Properties:
          DistributionConfig:
            Enabled: true
            DefaultCacheBehavior:
              TargetOriginId: site
              ViewerProtocolPolicy: allow-all # k
            Origins:
            - Id: site
              DomainName: www.example.com
              CustomOriginConfig: {OriginProtocolPolicy: https-only}
            PriceClass: PriceClass_100 # l
      Trail:
        Type: AWS::CloudTrail::Trail
        Properties:
          IsLogging: true
          S3BucketName: logs-of-all # m
          EventSelectors:
          - ReadWriteType: All
            DataResources:
            - Type: AWS::S3::Object
              Values: ["arn:aws:s3"] # n
    """,
]
NONSENSE = ["Nonsense", "Description", "Enabled", "Tags", "Name", "DependsOn", "Type", "Condition"]


def _misspelt(name: str, data: st.DataObject) -> str:
    """A name as people and programs get it wrong."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name) or [name]
    at = data.draw(st.integers(0, len(name) - 1))
    wrong: str = data.draw(
        st.sampled_from(
            [
                name[0].lower() + name[1:],
                name.upper(),
                f"{name}s",
                f"{name}Configuration",
                name[:at] + name[at + 1 :] or "X",
                name[:at] + name[at] + name[at:],
                "".join(reversed(words)),
                words[-1],
                data.draw(st.sampled_from(NONSENSE)),
            ]
        )
    )
    return wrong


def _mappings(parsed: Template) -> list[tuple[Path, Mapping]]:
    """The objects in the properties of the resources, and the properties themselves."""
    found = []
    for resource in parsed.resources.values():
        node = resource.node.get("Properties")
        if isinstance(node, Mapping):
            inner = ((path, each) for path, each in walk(node, (*resource.path, "Properties")) if isinstance(each, Mapping))
            found += [(path, each) for path, each in inner if not intrinsic(each) and each.entries]
    return found


def _spoilt(text: str, data: st.DataObject) -> str:
    """A text with one more thing wrong."""
    parsed = Template(Source.from_text(text))
    path, mapping = data.draw(st.sampled_from(_mappings(parsed)))
    entry = data.draw(st.sampled_from(mapping.entries))
    builder = EditBuilder(parsed)
    try:
        _spoil(builder, data, path, mapping, entry)
        edits, _ = builder.finish()
        after = apply(parsed.source.text, list(edits))
        Template(Source.from_text(after))
    except (CannotEdit, ValueError):
        return text
    except Exception:  # a key twice: nothing that a pass gets to see
        return text
    return after


def _spoil(builder: EditBuilder, data: st.DataObject, path: Path, mapping: Mapping, entry: Entry) -> None:
    name, parsed = entry.key.value, builder.template
    outer = [(each, node) for each, node in _mappings(parsed) if len(each) < len(path) and path[: len(each)] == each]
    what = data.draw(st.sampled_from(["rename", "rename", "up", "down", "remove", "add", "wrap", "unwrap", "value"]))
    if what == "rename":
        builder.rename_key(entry, _misspelt(name, data), path)
    elif what == "up" and outer:
        target, node = outer[-1]
        span = builder.copy_entry(mapping, entry, node, target)
        builder.remove_entry(mapping, name, path, moved=(span,))
    elif what == "down":
        builder.nest(mapping, (name,), _misspelt(name, data), path)
    elif what == "remove":
        builder.remove_entry(mapping, name, path)
    elif what == "add":
        value = data.draw(st.sampled_from(["text", 5, True, False, ["a"], {"Key": "a"}, [{"Key": "a", "Value": "b"}]]))
        builder.set_entry(mapping, data.draw(st.sampled_from(NONSENSE)), value, path)
    elif what == "wrap" and isinstance(entry.value, Scalar):
        builder.replace(entry.value, [entry.value.value], (*path, name))
    elif what == "unwrap" and isinstance(entry.value, Sequence) and entry.value.items:
        first: Node = entry.value.items[0]
        builder.replace(entry.value, first.value if isinstance(first, Scalar) else "text", (*path, name))
    elif what == "value" and isinstance(entry.value, Scalar):
        value = data.draw(st.sampled_from(["Nothing", "", "0", "99999999", entry.value.value.swapcase(), "a-b", "*"]))
        builder.replace(entry.value, value, (*path, name))


@settings(max_examples=150)
@given(data=st.data())
def test_passes_keep_the_promises_of_the_engine(data: st.DataObject) -> None:
    """Whatever is wrong: no pass fails, no fix fails its proof, no comment is lost, and a second run changes nothing."""
    text = dedent(data.draw(st.sampled_from(TEXTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        text = _spoilt(text, data)
    form = data.draw(st.sampled_from(["as it is", "JSON", "CRLF", "long"]))
    text = forms(text).get(form, text)
    for unsafe in (False, True):
        outcome = fixed(text, select="SCH", unsafe=unsafe)
        assert not comments(outcome.before) - comments(outcome.after)
        again = fixed(outcome.after.text, select="SCH", unsafe=unsafe)
        assert again.after.text == outcome.after.text
