"""TLS009: caches that everybody who reaches them may use."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Applicability, Context, EditBuilder, Example, Finding, Pass, Remedy, Resource, Scalar, Sub
from remediator.transforms.transport.known import of_type

_SECRET = "AWS::SecretsManager::Secret"

_HEAD = """\
Resources:
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: sessions
      Engine: redis
      CacheNodeType: cache.t4g.small
      NumCacheClusters: 2
      TransitEncryptionEnabled: true
"""
_ADDED = """\
      AuthToken: !Sub "{{resolve:secretsmanager:${CacheAuthToken}}}"
  CacheAuthToken:
    Type: AWS::SecretsManager::Secret
    Properties:
      Description: Token that clients log in to Cache with
      GenerateSecretString:
        PasswordLength: 64
        ExcludePunctuation: true
"""


class CacheWithoutToken(Pass):
    """A cache lets everybody in who can reach it in the network: it asks for no token, and knows no users.

    Secrets Manager makes a token and keeps it. That is an unsafe fix: clients have to read the secret and log in.

    Left alone: caches that do not encrypt what is on its way, which can't have a token.
    """

    code = "TLS009"
    name = "cache-without-token"
    profile = "secure"
    stage = 3
    answers = ("CKV_AWS_31", "AwsSolutions-AEC6")
    sources = (
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html",
    )
    examples = (Example("A cache with encryption in transit", _HEAD, _HEAD + _ADDED, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        for cache in of_type(context, "AWS::ElastiCache::ReplicationGroup"):
            if _is_open(cache):
                message = f"{cache.logical_id} lets everybody in who can reach it"
                yield self.finding(context.template, cache.path, cache.key, message, _remedy(cache))


def _is_open(cache: Resource) -> bool:
    encrypted = cache.property("TransitEncryptionEnabled")
    on = isinstance(encrypted, Scalar) and encrypted.tag is None and encrypted.value.lower() == "true"
    return on and cache.property("AuthToken") is None and cache.property("UserGroupIds") is None


def _remedy(cache: Resource) -> Remedy:
    def make(builder: EditBuilder) -> None:
        name = builder.new_logical_id(f"{cache.logical_id}AuthToken")
        properties = {
            "Description": f"Token that clients log in to {cache.logical_id} with",
            "GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True},
        }
        condition = {"Condition": cache.condition} if cache.condition else {}
        builder.add_resource(name, {"Type": _SECRET, **condition, "Properties": properties}, after=cache.logical_id)
        assert cache.properties is not None
        token = Sub(f"{{{{resolve:secretsmanager:${{{name}}}}}}}")
        builder.set_entry(cache.properties, "AuthToken", token, (*cache.path, "Properties"))

    step = f"let {cache.logical_id} ask for a token that Secrets Manager makes"
    risk = "clients have to read the token from the secret, and log in with it, from then on"
    return Remedy(step, make, risk, Applicability.UNSAFE)
