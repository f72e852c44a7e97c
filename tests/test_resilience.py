"""Tables of what is kept, and of what code loses with a newer runtime."""

from __future__ import annotations

import re

import pytest

from remediator.knowledge import table
from remediator.schemas import resource_type
from remediator.transforms.combinations.deletion_policy import _SNAPSHOTS

STORES = table("kept_stores")
REMOVALS = table("runtime_removals")


@pytest.mark.parametrize("kind", STORES)
def test_store_exists(kind: str) -> None:
    """Each store is a type, and what decides whether it is kept are its properties."""
    known = resource_type(kind)
    assert known is not None
    row = STORES[kind]
    for path in (*row.get("where", {}), *row.get("unless", {})):
        assert path in known.shape.properties


def test_snapshots_are_made_of_the_same_types() -> None:
    """What has snapshots gets one, and what COM012 says can't have one is kept as it is."""
    assert {kind for kind, row in STORES.items() if row["keep"] == "Snapshot"} == _SNAPSHOTS
    assert {row["keep"] for row in STORES.values()} == {"Retain", "Snapshot"}


USED = {
    "vendored": ("from botocore.vendored import requests", "import requests"),
    "base64": ("base64.encodestring(b)", "base64.encodebytes(b)"),
    "is_alive": ("t.isAlive()", "t.is_alive()"),
    "gcd": ("from fractions import gcd", "from math import gcd"),
    "children": ("root.getchildren()", "list(root)"),
    "encoding": ("json.loads(body.get('a'), encoding='utf-8')", "json.loads(body.decode(encoding='utf-8'))"),
    "collections": ("from collections import OrderedDict, Mapping", "from collections.abc import Mapping"),
    "loop": ("asyncio.sleep(1, loop=loop)", "asyncio.sleep(1)"),
    "coroutine": ("@asyncio.coroutine", "async def coroutine(): pass"),
    "getargspec": ("inspect.getargspec(f)", "inspect.getfullargspec(f)"),
    "distutils": ("from distutils.util import strtobool", "import importlib"),
    "batteries": ("import cgi", "import cgitools"),
    "sdk": ("const AWS = require('aws-sdk');", "require('@aws-sdk/client-s3')"),
    "cipher": ("crypto.createCipher('aes192', key)", "crypto.createCipheriv('aes192', key, iv)"),
    "assertions": ("import x from './x.json' assert { type: 'json' }", "import x from './x.json' with { type: 'json' }"),
    "callbacks": ("exports.handler = (e, c, callback) => callback(null, 1)", "exports.handler = async () => 1"),
}


@pytest.mark.parametrize("name", REMOVALS)
def test_removal_is_seen(name: str) -> None:
    """What a newer version lacks is seen where code uses it, and what took its place is not taken for it."""
    row = REMOVALS[name]
    used, instead = USED[name]
    assert re.search(row["pattern"], used)
    assert not re.search(row["pattern"], instead)
    assert re.fullmatch(r"\d+(\.\d+)?", row["since"])
    assert row["language"] in ("nodejs", "python")
