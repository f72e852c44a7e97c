"""Writes remediator/knowledge/sdk_clients.toml: what clients of version 2 of the AWS SDK for JavaScript are in version 3.

The source is the service models of botocore (Apache-2.0), the newest version of each: the package of version 3 is the service
id in kebab case, its class is the same in one word, and fields of bytes or of a stream are what answers otherwise in version 3.
Which clients, the helpers of version 2 that are no operations, and CloudWatchEvents, which botocore knows as EventBridge only,
stand below by hand, after https://docs.aws.amazon.com/AWSJavaScriptSDK/latest/. The result is the same, byte for byte, for
the same version:

pip install --no-deps botocore && python scripts/make_sdk_v2_clients.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from make_sdk_operations import models

TARGET = Path(__file__).parent.parent / "remediator" / "knowledge" / "sdk_clients.toml"
_CLIENTS = """
S3 DynamoDB SNS SQS SES Lambda SSM SecretsManager CloudWatch CloudWatchLogs:logs CloudWatchEvents:events EventBridge:events
StepFunctions Kinesis Firehose KMS STS EC2 ECS RDS IAM CloudFormation CloudFront CodePipeline CodeBuild CodeDeploy Route53
AutoScaling CognitoIdentityServiceProvider:cognito-idp Athena Glue Batch Backup Comprehend Rekognition Textract FraudDetector
GuardDuty SecurityHub ConfigService:config ElastiCache Redshift RedshiftData:redshift-data ELBv2 Organizations XRay
"""
"""Names in version 2, with the client of boto3 where that is not the same in lower case."""
_HELPERS = {
    "DynamoDB": ["createSet"],
    "S3": ["createPresignedPost", "getSignedUrl", "getSignedUrlPromise", "upload"],
}
_OTHERWISE = ["DynamoDB"]
"""Clients whose bytes stay what they are."""


def names(client: str, model: dict[str, Any]) -> tuple[str, str]:
    """The package and the class of version 3."""
    if client == "CloudWatchEvents":
        return "client-cloudwatch-events", client
    words = model["metadata"]["serviceId"].split()
    return f"client-{'-'.join(words).lower()}", "".join(word[:1].upper() + word[1:] for word in words)


def fields(model: dict[str, Any], name: str, above: tuple[str, ...] = ()) -> set[str]:
    """The fields of a shape, and of what is in it, that are bytes or a stream."""
    shape, found = model["shapes"][name], set[str]()
    if name in above:
        return found
    for member, facts in _members(shape).items():
        inner = model["shapes"][facts["shape"]]
        blobs = [each for each in (facts, *_items(inner)) if model["shapes"][each["shape"]]["type"] == "blob"]
        if blobs or inner.get("eventstream") or facts.get("streaming") or inner.get("streaming"):
            found.add(member)
        else:
            found |= fields(model, facts["shape"], (*above, name))
    for facts in _items(shape):
        found |= fields(model, facts["shape"], (*above, name))
    return found


def _members(shape: dict[str, Any]) -> dict[str, Any]:
    return dict(shape.get("members", {})) if shape["type"] == "structure" else {}


def _items(shape: dict[str, Any]) -> list[dict[str, Any]]:
    """What a list or a map holds."""
    return [shape[key] for key in ("member", "value") if shape["type"] in ("list", "map") and key in shape]


def others(client: str, model: dict[str, Any]) -> dict[str, list[str]]:
    """The methods that answer otherwise, or are not there, in version 3."""
    found = {name: [""] for name in _HELPERS.get(client, ())}
    for name, operation in model["operations"].items():
        if "output" in operation and client not in _OTHERWISE:
            different = fields(model, operation["output"]["shape"])
            if different:
                found[name[0].lower() + name[1:]] = sorted(different)
    return dict(sorted(found.items()))


def main() -> int:
    every = models()
    lines = [
        "# What clients of version 2 of the AWS SDK for JavaScript are in version 3, the package and the name in it; made by",
        "# scripts/make_sdk_v2_clients.py",
        "# others: operations whose answer is something else there (bytes instead of a Buffer or text, a stream), with the",
        '# fields that are; "" where the method is no operation, or is not there at all. That only these differ, is knowledge.',
    ]
    for row in _CLIENTS.split():
        client, _, own = row.partition(":")
        model = every[own or client.lower()]
        package, name = names(client, model)
        lines += ["", f"[{client}]", f'package = "{package}"', *([f'name = "{name}"'] if name != client else [])]
        different = others(client, model)
        lines += ["", f"[{client}.others]"] if different else []
        lines += [f"{method} = {json.dumps(each)}" for method, each in different.items()]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
