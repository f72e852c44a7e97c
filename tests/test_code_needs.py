"""What the code of a function needs: calls of AWS's SDK, with what their arguments lead to in the template."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from remediator import iam
from remediator.knowledge import table
from remediator.passes import Context
from remediator.schemas import resource_type
from remediator.source import Source
from remediator.template import Template
from remediator.transforms.references import kinds
from remediator.transforms.usage.code import code_needs

TEMPLATE = """\
Parameters:
  Prefix: {{Type: String}}
  TopicArn: {{Type: String}}
  Stage: {{Type: String, Default: dev}}
  Anything: {{Type: String}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Mappings:
  Buckets:
    dev: {{name: data-dev}}
    prod: {{name: data-prod}}
Resources:
  Orders: {{Type: AWS::DynamoDB::Table}}
  Bucket: {{Type: AWS::S3::Bucket}}
  Queue: {{Type: AWS::SQS::Queue}}
  Topic: {{Type: AWS::SNS::Topic}}
  Secret: {{Type: AWS::SecretsManager::Secret}}
  Key: {{Type: AWS::KMS::Key}}
  Other: {{Type: AWS::Lambda::Function}}
  Alias: {{Type: AWS::Lambda::Alias}}
  Flow: {{Type: AWS::StepFunctions::StateMachine}}
  Group: {{Type: AWS::Logs::LogGroup}}
  Pool: {{Type: AWS::Cognito::UserPool}}
  Cluster: {{Type: AWS::ECS::Cluster}}
  Service: {{Type: AWS::ECS::Service}}
  Job: {{Type: AWS::Glue::Job}}
  Role: {{Type: AWS::IAM::Role}}
  Point: {{Type: AWS::S3::AccessPoint}}
  KeyAlias: {{Type: AWS::KMS::Alias}}
  Database: {{Type: AWS::RDS::DBCluster}}
  Setting: {{Type: AWS::SSM::Parameter}}
  Nested: {{Type: AWS::CloudFormation::Stack}}
  Slash:
    Type: AWS::SSM::Parameter
    Properties: {{Name: /app/db}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Environment:
        Variables:
          V: {value}
      Code:
        ZipFile: |
          import os
          import boto3

          v = os.environ["V"]

          def handler(event, context):
              {code}
"""
ACCOUNT = "${AWS::Region}:${AWS::AccountId}"


def _needs(code: str, value: str = "none", *, essential: bool = True) -> list[str]:
    """The needs of a line of code, in which ``v`` is an environment variable, as an action and its resources."""
    template = Template(Source.from_text(TEMPLATE.format(value=value, code=code)))
    found = code_needs(Context(template), template.resources["Function"])
    assert found is not None
    needs, gaps = found
    assert not gaps
    return [_shown(each.action, each.resources) for each in needs if each.essential or not essential]


def _shown(action: str, resources: tuple[str, ...]) -> str:
    short = [each.replace(ACCOUNT, "~").replace("arn:${AWS::Partition}:", ":") for each in resources]
    return f"{action} {', '.join(short) or 'unknown'}"


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        # values of environment variables
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "!Ref Bucket", "s3:ListBucket ${Bucket.Arn}"),
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "my-data", "s3:ListBucket :s3:::my-data"),
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "!Sub '${Prefix}-data'", "s3:ListBucket :s3:::${Prefix}-data"),
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "!Ref Prefix", "s3:ListBucket :s3:::${Prefix}"),
        (
            'boto3.client("s3").list_objects_v2(Bucket=v)',
            "!If [IsProd, !Ref Bucket, other]",
            "s3:ListBucket ${Bucket.Arn}, :s3:::other",
        ),
        (
            'boto3.client("s3").list_objects_v2(Bucket=v)',
            "!FindInMap [Buckets, !Ref Stage, name]",
            "s3:ListBucket :s3:::data-dev, :s3:::data-prod",
        ),
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "!ImportValue shared", "s3:ListBucket unknown"),
        ('boto3.client("s3").list_objects_v2(Bucket=event["b"])', "x", "s3:ListBucket unknown"),
        ('boto3.client("s3").list_objects_v2(Bucket=os.environ["UNSET"])', "x", "s3:ListBucket unknown"),
        ('boto3.client("s3").list_objects_v2(Bucket=os.environ.get("UNSET", "std"))', "x", "s3:ListBucket :s3:::std"),
        ('boto3.client("s3").list_objects_v2(Bucket=os.environ.get("V", "std"))', "!Ref Bucket", "s3:ListBucket ${Bucket.Arn}"),
        (
            'boto3.client("s3").list_objects_v2(Bucket=v)',
            "arn:aws:s3:us-east-1:111122223333:accesspoint/a",
            "s3:ListBucket unknown",
        ),
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "!GetAtt Nested.Outputs.B", "s3:ListBucket :s3:::${Nested.Outputs.B}"),
        ('boto3.client("s3").list_objects_v2(Bucket=v)', "!Ref Point", "s3:ListBucket unknown"),
        # objects
        ('boto3.client("s3").put_object(Bucket=v, Key=event["k"])', "!Ref Bucket", "s3:PutObject ${Bucket.Arn}/*"),
        ('boto3.client("s3").put_object(Bucket=v, Key="a/b.txt")', "!Ref Bucket", "s3:PutObject ${Bucket.Arn}/a/b.txt"),
        (
            'boto3.client("s3").put_object(Bucket=v, Key=f"reports/{event}.csv")',
            "!Ref Bucket",
            "s3:PutObject ${Bucket.Arn}/reports/*.csv",
        ),
        # tables and their indexes
        ('boto3.resource("dynamodb").Table(v).put_item(Item=event)', "!Ref Orders", "dynamodb:PutItem ${Orders.Arn}"),
        ('boto3.client("dynamodb").scan(TableName=v)', "!GetAtt Orders.Arn", "dynamodb:Scan ${Orders.Arn}"),
        ('boto3.client("dynamodb").scan(TableName=v)', "orders", "dynamodb:Scan :dynamodb:~:table/orders"),
        ('boto3.client("dynamodb").scan(TableName=v)', "!Ref Anything", "dynamodb:Scan unknown"),
        (
            'boto3.client("dynamodb").query(TableName=v, IndexName="byDate")',
            "!Ref Orders",
            "dynamodb:Query ${Orders.Arn}/index/byDate",
        ),
        ('boto3.client("dynamodb").query(TableName=v)', "!Ref Orders", "dynamodb:Query ${Orders.Arn}"),
        (
            'boto3.client("dynamodb").query(TableName=v, **event)',
            "!Ref Orders",
            "dynamodb:Query ${Orders.Arn}/index/*, ${Orders.Arn}",
        ),
        # queues and topics
        ('boto3.client("sqs").send_message(QueueUrl=v, MessageBody="x")', "!Ref Queue", "sqs:SendMessage ${Queue.Arn}"),
        (
            'boto3.client("sqs").send_message(QueueUrl=v, MessageBody="x")',
            "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
            "sqs:SendMessage :sqs:eu-west-1:111122223333:jobs",
        ),
        (
            'boto3.client("sqs").send_message(QueueUrl=v, MessageBody="x")',
            "!Sub https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/jobs",
            "sqs:SendMessage :sqs:~:jobs",
        ),
        ('boto3.client("sqs").send_message(QueueUrl=v, MessageBody="x")', "!Ref Prefix", "sqs:SendMessage unknown"),
        ('boto3.client("sns").publish(TopicArn=v, Message="x")', "!Ref Topic", "sns:Publish ${Topic}"),
        ('boto3.client("sns").publish(TopicArn=v, Message="x")', "!Ref TopicArn", "sns:Publish ${TopicArn}"),
        ('boto3.client("sns").publish(TopicArn=v, Message="x")', "!Ref Anything", "sns:Publish unknown"),
        ('boto3.client("sns").publish(PhoneNumber=v, Message="x")', "x", "sns:Publish *"),
        # what its Ref is
        ('boto3.client("lambda").invoke(FunctionName=v)', "!Ref Other", "lambda:InvokeFunction ${Other.Arn}"),
        ('boto3.client("lambda").invoke(FunctionName=v)', "!Ref Alias", "lambda:InvokeFunction ${Alias}"),
        (
            'boto3.client("lambda").invoke(FunctionName=v, Qualifier="live")',
            "!Ref Other",
            "lambda:InvokeFunction ${Other.Arn}:live",
        ),
        ('boto3.client("lambda").invoke(FunctionName=v)', "work:live", "lambda:InvokeFunction :lambda:~:function:work:live"),
        ('boto3.client("lambda").invoke(FunctionName=v)', "111122223333:function:work", "lambda:InvokeFunction unknown"),
        ('boto3.client("stepfunctions").start_execution(stateMachineArn=v)', "!Ref Flow", "states:StartExecution ${Flow}"),
        (
            'boto3.client("secretsmanager").get_secret_value(SecretId=v)',
            "!Ref Secret",
            "secretsmanager:GetSecretValue ${Secret}",
        ),
        (
            'boto3.client("secretsmanager").get_secret_value(SecretId=v)',
            "db/password",
            "secretsmanager:GetSecretValue :secretsmanager:~:secret:db/password-??????",
        ),
        ('boto3.client("secretsmanager").get_random_password()', "x", "secretsmanager:GetRandomPassword *"),
        ('boto3.client("kms").decrypt(CiphertextBlob=b"", KeyId=v)', "!Ref Key", "kms:Decrypt ${Key.Arn}"),
        ('boto3.client("kms").decrypt(CiphertextBlob=b"", KeyId=v)', "alias/app", "kms:Decrypt unknown"),
        ('boto3.client("kms").decrypt(CiphertextBlob=b"", KeyId=v)', "!Ref KeyAlias", "kms:Decrypt unknown"),
        ('boto3.client("kms").decrypt(CiphertextBlob=b"")', "x", "kms:Decrypt unknown"),
        ('boto3.client("cognito-idp").admin_get_user(UserPoolId=v)', "!Ref Pool", "cognito-idp:AdminGetUser ${Pool.Arn}"),
        ('boto3.client("glue").start_job_run(JobName=v)', "!Ref Job", "glue:StartJobRun :glue:~:job/${Job}"),
        (
            'boto3.client("logs").create_log_stream(logGroupName=v, logStreamName="x")',
            "!Ref Group",
            "logs:CreateLogStream ${Group.Arn}",
        ),
        (
            'boto3.client("logs").create_log_stream(logGroupName=v, logStreamName="x")',
            "/app/log",
            "logs:CreateLogStream :logs:~:log-group:/app/log:*",
        ),
        # exactly one slash
        ('boto3.client("ssm").get_parameter(Name=v)', "/a/b", "ssm:GetParameter :ssm:~:parameter/a/b"),
        (
            'boto3.client("ssm").get_parameter(Name="/aws/service/ecs/a")',
            "x",
            "ssm:GetParameter :ssm:${AWS::Region}::parameter/aws/service/ecs/a",
        ),
        ('boto3.client("ssm").get_parameter(Name=v)', "ab", "ssm:GetParameter :ssm:~:parameter/ab"),
        ('boto3.client("ssm").get_parameter(Name=v)', "!Ref Slash", "ssm:GetParameter :ssm:~:parameter${Slash}"),
        ('boto3.client("ssm").get_parameter(Name=v)', "!Ref Setting", "ssm:GetParameter :ssm:~:parameter/${Setting}"),
        ('boto3.client("ssm").get_parameter(Name=v)', "!Ref Anything", "ssm:GetParameter unknown"),
        (
            'boto3.client("ssm").get_parameters_by_path(Path=v)',
            "/app/",
            "ssm:GetParametersByPath :ssm:~:parameter/app, :ssm:~:parameter/app/*",
        ),
        # several parts
        (
            'boto3.client("ecs").describe_services(cluster=v, services=["web"])',
            "!GetAtt Cluster.Arn",
            "ecs:DescribeServices :ecs:~:service/${Cluster}/web",
        ),
        ('boto3.client("ecs").update_service(service=v)', "!Ref Service", "ecs:UpdateService ${Service}"),
        (
            'boto3.client("glue").get_table(DatabaseName="db", Name=v)',
            "sales",
            "glue:GetTable :glue:~:database/db, :glue:~:catalog, :glue:~:table/db/sales",
        ),
        # no resource, or a default one
        ('boto3.client("cloudwatch").put_metric_data(Namespace="x", MetricData=[])', "x", "cloudwatch:PutMetricData *"),
        ('boto3.client("ec2").describe_instances()', "x", "ec2:DescribeInstances *"),
        (
            'boto3.client("events").put_events(Entries=[{"Source": "x", "Detail": event}])',
            "x",
            "events:PutEvents :events:~:event-bus/default",
        ),
        (
            'boto3.client("events").put_events(Entries=[{"Source": "x", "EventBusName": v}])',
            "bus",
            "events:PutEvents :events:~:event-bus/bus",
        ),
        ('boto3.client("events").put_events(Entries=event["entries"])', "x", "events:PutEvents unknown"),
        ('boto3.client("athena").get_work_group(WorkGroup=v)', "team", "athena:GetWorkGroup :athena:~:workgroup/team"),
        ('boto3.client("athena").get_query_execution(QueryExecutionId=v)', "x", "athena:GetQueryExecution unknown"),
        (
            'boto3.client("dynamodb").transact_write_items(TransactItems=[{"Put": {"TableName": v, "Item": event}}])',
            "!Ref Orders",
            "dynamodb:PutItem ${Orders.Arn}",
        ),
        (
            'boto3.client("s3").copy_object(Bucket="b", Key="k", CopySource={"Bucket": v, "Key": "x"})',
            "!Ref Bucket",
            "s3:GetObject ${Bucket.Arn}/x; s3:PutObject :s3:::b/k",
        ),
        (
            'boto3.client("ssm").get_parameters(Names=["/a", v])',
            "/b",
            "ssm:GetParameters :ssm:~:parameter/a, :ssm:~:parameter/b",
        ),
        ('boto3.client("ec2").stop_instances(InstanceIds=[v])', "i-1", "ec2:StopInstances :ec2:~:instance/i-1"),
        # other things that it is about, too
        ('boto3.client("ssm").send_command(DocumentName=v, InstanceIds=["i-1"])', "update", "ssm:SendCommand unknown"),
        ('boto3.client("ec2").associate_address(InstanceId=v, AllocationId="a")', "i-1", "ec2:AssociateAddress unknown"),
        ('boto3.client("ec2").stop_instances(InstanceIds=[v, event])', "i-1", "ec2:StopInstances unknown"),
        # other Regions
        (
            'boto3.client("dynamodb", region_name="eu-west-1").scan(TableName=v)',
            "orders",
            "dynamodb:Scan :dynamodb:eu-west-1:${AWS::AccountId}:table/orders",
        ),
        (
            'boto3.client("dynamodb", region_name="eu-west-1").scan(TableName=v)',
            "!Ref Orders",
            "dynamodb:Scan :dynamodb:eu-west-1:${AWS::AccountId}:table/${Orders}",
        ),
        (
            'boto3.client("dynamodb", region_name=event["region"]).scan(TableName=v)',
            "!Ref Orders",
            "dynamodb:Scan :dynamodb:*:${AWS::AccountId}:table/${Orders}",
        ),
        ('boto3.client("sns", region_name="eu-west-1").publish(TopicArn=v)', "!Ref Topic", "sns:Publish ${Topic}"),
        (
            'boto3.client("rds-data").execute_statement(resourceArn=v, secretArn=os.environ["S"], sql="")',
            "!GetAtt Database.DBClusterArn",
            "rds-data:ExecuteStatement ${Database.DBClusterArn}; secretsmanager:GetSecretValue unknown",
        ),
        (
            'boto3.client("dynamodb", region_name=os.environ["AWS_REGION"]).scan(TableName=v)',
            "!Ref Orders",
            "dynamodb:Scan ${Orders.Arn}",
        ),
        ('boto3.client("s3", region_name="eu-west-1").list_objects_v2(Bucket=v)', "!Ref Bucket", "s3:ListBucket ${Bucket.Arn}"),
        # roles, itself, what a nested stack answers
        ('boto3.client("sts").assume_role(RoleArn=v, RoleSessionName="x")', "!GetAtt Role.Arn", "sts:AssumeRole ${Role.Arn}"),
        (
            'boto3.client("lambda").get_function(FunctionName=os.environ["AWS_LAMBDA_FUNCTION_NAME"])',
            "x",
            "lambda:GetFunction ${Function.Arn}",
        ),
        (
            'boto3.client("sns").publish(TopicArn=v, Message="x")',
            "!GetAtt Nested.Outputs.TopicArn",
            "sns:Publish ${Nested.Outputs.TopicArn}",
        ),
        ('boto3.client("dynamodb").scan(TableName=v)', "!GetAtt Nested.Outputs.Table", "dynamodb:Scan unknown"),
    ],
)
def test_needs(code: str, value: str, expected: str) -> None:
    """A call needs its action on the resource that its argument leads to."""
    assert _needs(code, value) == expected.split("; ")


def test_reading_an_object_asks_for_its_bucket_in_passing() -> None:
    """Without the right to list it, an object that is missing is one that is denied."""
    found = _needs('boto3.client("s3").get_object(Bucket=v, Key="k")', "!Ref Bucket", essential=False)
    assert found == ["s3:GetObject ${Bucket.Arn}/k", "s3:ListBucket ${Bucket.Arn}"]


def test_what_a_call_needs_besides_may_not_be_known() -> None:
    """A query of Athena reads with the rights of its caller whatever it names; its own action is needed for sure."""
    code = 'boto3.client("athena").start_query_execution(QueryString=event)'
    template = Template(Source.from_text(TEMPLATE.format(value="x", code=code)))
    found = code_needs(Context(template), template.resources["Function"])
    assert found is not None
    assert [_shown(each.action, each.resources) for each in found[0]] == [
        "athena:StartQueryExecution :athena:~:workgroup/primary"
    ]
    assert ["start_query_execution" in each.reason for each in found[1]] == [True]


def test_no_request_no_needs() -> None:
    """A client alone asks for nothing."""
    assert _needs('return boto3.client("s3")') == []


def test_the_line_is_that_of_the_template() -> None:
    """People find the call where the need says."""
    text = TEMPLATE.format(value="x", code='boto3.client("ec2").describe_instances()')
    template = Template(Source.from_text(text))
    found = code_needs(Context(template), template.resources["Function"])
    assert found is not None
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "describe_instances" in each)
    need = found[0][0]
    assert need.why.endswith(f"in line {line}")
    assert template.source.position(need.at)[0] == line


LAYOUTS = {
    "items": (
        "!Join\n          - \"\\n\"\n          - - import boto3\n            - boto3.client('ec2').describe_instances()",
        "in line 10",
    ),
    "one line": ("\"import boto3\\nboto3.client('ec2').describe_instances()\"", "in line 2 of its code"),
    "block": ("|\n          import boto3\n          boto3.client('ec2').describe_instances()", "in line 9"),
    "Sub": ("!Sub |-\n          import boto3\n          boto3.client('ec2').describe_instances()", "in line 9"),
}


@pytest.mark.parametrize(("code", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_lines_of_layouts(code: str, expected: str) -> None:
    """Lines are found where they stand in the template; those of a text on one line are counted."""
    head = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.13\n      Code:\n"
    template = Template(Source.from_text(f"{head}        ZipFile: {code}\n"))
    found = code_needs(Context(template), template.resources["F"])
    assert found is not None
    assert [each.why.partition("describe_instances ")[2] for each in found[0]] == [expected]


def test_variables_of_sub() -> None:
    """What ``Fn::Sub`` fills into the code is followed as a reference."""
    text = TEMPLATE.format(value="x", code='boto3.client("s3").list_objects_v2(Bucket="${Bucket}")')
    template = Template(Source.from_text(text.replace("ZipFile: |", "ZipFile: !Sub |")))
    found = code_needs(Context(template), template.resources["Function"])
    assert found is not None
    assert [_shown(each.action, each.resources) for each in found[0]] == ["s3:ListBucket ${Bucket.Arn}"]


SERVERLESS = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Environment:
      Variables:
        TABLE: !Ref Orders
Resources:
  Orders: {Type: AWS::Serverless::SimpleTable}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import os
        import boto3

        def handler(event, context):
            boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item=event)
"""


def test_variables_from_globals() -> None:
    """A function of SAM has the variables of ``Globals``, too."""
    template = Template(Source.from_text(SERVERLESS))
    found = code_needs(Context(template), template.resources["Function"])
    assert found is not None
    assert [_shown(each.action, each.resources) for each in found[0]] == ["dynamodb:PutItem ${Orders.Arn}"]


def test_code_elsewhere() -> None:
    """Of code that is not in the template nothing is known."""
    text = SERVERLESS.replace("InlineCode: |", "CodeUri: s3://bucket/key\n      Description: |")
    template = Template(Source.from_text(text))
    assert code_needs(Context(template), template.resources["Function"]) is None


ROWS = {key: row for key, row in table("sdk_parameters").items() if ":" in key}


def _placeholders(text: str) -> str:
    return re.sub(r"\*+", "*", re.sub(r"(?<!\$)\{\w*\}|\$\{[^}]*\}|-\?+", "*", text))


@pytest.mark.parametrize("name", ROWS)
def test_arns_are_those_of_the_reference(name: str) -> None:
    """The ARNs of the table have the form that IAM documents."""
    forms = {_placeholders(form) for form in iam.arn_forms(*name.split(":"))}
    assert forms, f"IAM has no {name}"
    for key in ("arn", "always"):
        if key in ROWS[name]:
            own = _placeholders(ROWS[name][key])
            assert {own, own.removesuffix(":*")} & forms or own.rstrip("*") in {each.rstrip("*") for each in forms}


@pytest.mark.parametrize("name", ROWS)
def test_types_have_what_the_table_says(name: str) -> None:
    """Attributes exist, and ``Ref`` is an ARN where the table takes it for one."""
    for kind, way in ROWS[name].get("types", {}).items():
        if kind.startswith("AWS::Serverless::"):
            continue
        assert resource_type(kind) is not None, f"there is no {kind}"
        if way == "Ref":
            assert kinds.ref_is_arn(kind) is not False, f"Ref of {kind} is no ARN"
        elif way != "name":
            assert way in kinds.attributes(kind), f"{kind} has no {way}"


CLIENTS = {"states": "stepfunctions", "iot": "iot-data", "bedrock": "bedrock-runtime", "elasticloadbalancing": "elbv2"}


def _parameters() -> Iterator[tuple[str, str]]:
    for name, row in ROWS.items():
        further = re.findall(r"(?<!\$)\{(\w+)\}", row.get("arn", ""))
        parameters = [*row.get("parameters", ()), *([row["parameter"]] if "parameter" in row else []), *further]
        yield from ((name.partition(":")[0], each) for each in parameters)


@pytest.mark.parametrize(("service", "parameter"), sorted(set(_parameters())))
def test_parameters_exist(service: str, parameter: str) -> None:
    """Each parameter is one of the service's API."""
    loaders = pytest.importorskip("botocore.loaders", reason="botocore has the models of the APIs")
    model = loaders.Loader().load_service_model(CLIENTS.get(service, service), "service-2")
    whole, _, _ = parameter.partition("[]")
    operation, _, rest = whole.rpartition(".")
    operations = [operation] if operation else list(model["operations"])
    found = set()
    for each in operations:
        shape = model["operations"][each].get("input")
        found |= set(model["shapes"][shape["shape"]]["members"]) if shape else set()
    assert rest in found
