"""The policy that a role's needs ask for."""

from __future__ import annotations

from remediator.api import Ref, Resource, Scalar, Sub
from remediator.nodes import Mapping
from remediator.render import GetAtt
from remediator.transforms.permissions.overlap import are_apart, covers
from remediator.transforms.permissions.proposal import ANYTHING, Proposed, statements, value
from remediator.transforms.usage.needs import Need, Usage

_FUNCTION = Resource("Worker", "AWS::Lambda::Function", Scalar(0, 6, "Worker"), Mapping(7, 9, (), flow=True))
_ROLE = Resource("WorkerRole", "AWS::IAM::Role", Scalar(10, 20, "WorkerRole"), Mapping(21, 23, (), flow=True))


def _need(action: str, *resources: str) -> Need:
    return Need(action, resources, _FUNCTION, f"calls {action}", _FUNCTION.path, 0)


def _proposed(*needs: Need) -> list[Proposed]:
    return statements(Usage(_ROLE, (_FUNCTION,), needs, ()))


def _texts(*needs: Need) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(each.actions, each.resources) for each in _proposed(*needs)]


def test_actions_on_the_same_resources_are_one_statement() -> None:
    found = _texts(
        _need("s3:PutObject", "${Files.Arn}/*"),
        _need("sqs:SendMessage", "${Jobs.Arn}"),
        _need("s3:GetObject", "${Files.Arn}/*"),
    )
    assert found == [(("s3:PutObject", "s3:GetObject"), ("${Files.Arn}/*",)), (("sqs:SendMessage",), ("${Jobs.Arn}",))]


def test_services_are_apart_even_on_the_same_resources() -> None:
    found = _texts(_need("ec2:DescribeSubnets", "*"), _need("ssm:DescribeParameters", "*"), _need("ec2:DescribeVpcs", "*"))
    assert found == [(("ec2:DescribeSubnets", "ec2:DescribeVpcs"), ANYTHING), (("ssm:DescribeParameters",), ANYTHING)]


def test_a_need_met_by_a_wider_one_is_not_said_twice() -> None:
    found = _texts(
        _need("dynamodb:Query", "${Orders.Arn}"),
        _need("dynamodb:Query", "${Orders.Arn}", "${Orders.Arn}/index/*"),
        _need("dynamodb:GetItem", "${Orders.Arn}"),
        _need("dynamodb:GetItem", "${Orders.Arn}"),
    )
    assert found == [
        (("dynamodb:Query",), ("${Orders.Arn}", "${Orders.Arn}/index/*")),
        (("dynamodb:GetItem",), ("${Orders.Arn}",)),
    ]


def test_any_resource_meets_every_need_for_the_action() -> None:
    assert _texts(_need("s3:GetObject", "${Files.Arn}/*"), _need("S3:getobject", "*")) == [(("S3:getobject",), ANYTHING)]


def test_where_the_resource_is_unknown_those_of_the_account_are_meant() -> None:
    found = _proposed(_need("dynamodb:GetItem"))
    assert [each.resources for each in found] == [("arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*",)]
    assert [each.is_exact for each in found] == [False]


def test_an_action_that_takes_no_resource_is_for_anything() -> None:
    assert _texts(_need("ec2:DescribeSubnets")) == [(("ec2:DescribeSubnets",), ANYTHING)]


def test_a_statement_has_references_and_no_lists_of_one() -> None:
    [one] = _proposed(_need("dynamodb:GetItem", "${Orders.Arn}"))
    assert value(one) == {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": GetAtt("Orders", "Arn")}
    [several] = _proposed(_need("sns:Publish", "${News}", "arn:${AWS::Partition}:sns:us-east-1:${AWS::AccountId}:old"))
    assert value(several)["Resource"] == [Ref("News"), Sub("arn:${AWS::Partition}:sns:us-east-1:${AWS::AccountId}:old")]


def test_no_needs_ask_for_nothing() -> None:
    assert _proposed() == []


def test_the_order_depends_on_the_order_of_the_needs_only() -> None:
    needs = [_need("sqs:SendMessage", "${B.Arn}"), _need("sqs:SendMessage", "${A.Arn}"), _need("s3:GetObject", "${C.Arn}/*")]
    assert _texts(*needs) == _texts(*needs)
    assert [resources for _, resources in _texts(*needs)] == [("${B.Arn}", "${A.Arn}"), ("${C.Arn}/*",)]


_OWN = frozenset({"A", "B"})


def test_arns_of_two_resources_are_apart() -> None:
    assert are_apart("${A.Arn}/*", "${B.Arn}/*", _OWN)
    assert not are_apart("${A.Arn}/*", "${A.Arn}", _OWN)


def test_a_parameter_may_be_any_arn() -> None:
    assert not are_apart("${Topic}", "${A}", _OWN)
    assert not are_apart("${Topic}", "arn:aws:sns:us-east-1:*:news", _OWN)


def test_arns_that_differ_in_what_is_written_out_are_apart() -> None:
    parameters = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
    assert are_apart(f"{parameters}/shop/*", f"{parameters}/bank/key", _OWN)
    assert are_apart("arn:aws:s3:::first/*", "arn:${AWS::Partition}:s3:::second/*", _OWN)
    assert not are_apart(f"{parameters}/shop/*", "arn:aws:ssm:us-east-1:${AWS::AccountId}:parameter/shop/key", _OWN)
    assert not are_apart(f"{parameters}/${{Stage}}/key", f"{parameters}/shop/key", _OWN)
    assert not are_apart(f"{parameters}/shop/*", "*", _OWN)


def test_what_an_arn_surely_covers() -> None:
    assert covers("*", "${A.Arn}")
    assert covers("${A.Arn}/*", "${A.Arn}/reports/*")
    assert covers("arn:aws:s3:::files/*", "arn:${AWS::Partition}:s3:::files/x")
    assert not covers("${A.Arn}", "${A.Arn}/*")
    assert not covers("arn:aws:s3:::*/x", "arn:aws:s3:::files/y")
