"""What a deployment has to acknowledge beforehand."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.api import Resource


def has_iam(resources: Iterable[Resource]) -> bool:
    """Whether a deployment of these needs ``CAPABILITY_IAM`` anyway, so that one more role asks for nothing new."""
    return any(each.type.startswith(("AWS::IAM::", "AWS::Serverless::Function")) for each in resources)
