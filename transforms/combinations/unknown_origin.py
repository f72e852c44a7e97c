"""COM019: distributions that forward requests to an origin that they do not have."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Scalar,
    Sequence,
    intrinsic,
    text_of,
    walk,
)
from remediator.transforms.combinations.known import inner
from remediator.transforms.values.texts import retext

_BEFORE = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: pages
            DomainName: pages.example.com
            CustomOriginConfig:
              OriginProtocolPolicy: https-only
        DefaultCacheBehavior:
          TargetOriginId: S3Origin
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""


class UnknownOrigin(Pass):
    """A behavior of a CloudFront distribution has a `TargetOriginId` that none of its origins has: *One or more of your origins
    or origin groups do not exist*.

    Where the distribution has one origin, or one whose id differs in case only, that one is meant. Otherwise the report asks.

    Left alone: distributions with ids that are put together.
    """

    code = "COM019"
    name = "unknown-origin"
    profile = "deploy"
    answers = ("E3057",)
    sources = ("https://docs.aws.amazon.com/AmazonCloudFront/latest/APIReference/API_DefaultCacheBehavior.html",)
    examples = (Example("The only origin", _BEFORE, _BEFORE.replace("S3Origin", "pages")),)

    def run(self, context: Context) -> Iterator[Finding]:
        for resource, place in context.places:
            if resource.type != "AWS::CloudFront::Distribution" or place.path[3:] != ("DistributionConfig",):
                continue
            ids = _ids(place.node)
            for path, node in walk(place.node, place.path) if ids else ():
                target = text_of(node) if path[-1] == "TargetOriginId" else None
                if ids and isinstance(node, Scalar) and target is not None and target not in ids:
                    message = f"{resource.logical_id} has no origin {target}"
                    yield self.finding(context.template, path, node, message, _remedy(node, target, ids, path))


def _ids(config: Node) -> list[str] | None:
    """The ids of the origins and groups; None where one is not written out."""
    groups = inner(config, "OriginGroups.Items")
    found: list[str] = []
    for listed in (inner(config, "Origins"), groups):
        if listed is None:
            continue
        if not isinstance(listed, Sequence) or intrinsic(listed):
            return None
        for item in listed.items:
            name = text_of(item.get("Id")) if isinstance(item, Mapping) and not intrinsic(item) else None
            if name is None:
                return None
            found.append(name)
    return found


def _remedy(node: Scalar, target: str, ids: list[str], path: Path) -> Remedy | str:
    alike = [each for each in ids if each.lower() == target.lower()] or (ids if len(ids) == 1 else [])
    if len(alike) != 1:
        return f"which origin is meant, {' or '.join(ids)}?"
    why = "it is the only one that there is" if len(ids) == 1 else "it differs in case only"
    return Remedy(f"write {alike[0]}", lambda b: retext(b, node, alike[0], path), why)
