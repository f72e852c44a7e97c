"""Writes remediator/knowledge/javascript_clients.toml: what the SDKs for JavaScript call each client of boto3.

The source is the metadata of the service models in botocore (Apache-2.0), the newest version of each. The package of version
3 of the SDK is the service id in kebab case, its class is the same in one word; the class of version 2 is made of the
abbreviation or the full name of the service, without "Amazon" and "AWS". Version 2 is frozen; classes of it whose services
have other names by now stand below, checked with --check FILE against apis/metadata.json of the package aws-sdk 2.1693.0
(Apache-2.0). The result is the same, byte for byte, for the same version of botocore:

pip install --no-deps botocore && python scripts/make_sdk_clients.py
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "remediator" / "knowledge" / "javascript_clients.toml"
_RENAMED = {
    "AugmentedAIRuntime": "sagemaker-a2i-runtime",
    "CUR": "cur",
    "CloudWatchEvents": "events",
    "CodeStarconnections": "codestar-connections",
    "CognitoIdentityServiceProvider": "cognito-idp",
    "DMS": "dms",
    "Discovery": "discovery",
    "ELB": "elb",
    "ELBv2": "elbv2",
    "ES": "es",
    "ForecastQueryService": "forecastquery",
    "ForecastService": "forecast",
    "IotData": "iot-data",
    "LexModelBuildingService": "lex-models",
    "LexRuntime": "lex-runtime",
    "MTurk": "mturk",
    "MarketplaceEntitlementService": "marketplace-entitlement",
    "MigrationHub": "mgh",
    "RDSDataService": "rds-data",
    "SSOOIDC": "sso-oidc",
    "ServerlessApplicationRepository": "serverlessrepo",
    "StepFunctions": "stepfunctions",
    "TranscribeService": "transcribe",
}


def folders() -> dict[str, Path]:
    """The newest model of each client of boto3."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("botocore is not installed; see the top of this script")
    found = {}
    for path in sorted((Path(next(iter(spec.submodule_search_locations))) / "data").glob("*/*/service-2.json*")):
        found[path.parent.parent.name] = path.parent  # versions are dates, so the newest comes last
    return found


def read(folder: Path, name: str) -> dict[str, Any]:
    for path in folder.glob(f"{name}.json*"):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return dict(json.loads(text))
    return {}


def classes(metadata: dict[str, Any]) -> set[str]:
    """The names that version 2 may have for a service."""
    texts = (metadata.get("serviceAbbreviation"), metadata["serviceFullName"], metadata["serviceId"])
    return {re.sub(r"^Amazon|AWS\s*|\(.*|\s+|\W+", "", each) for each in texts if each}


def main() -> int:
    rows, named = list[str](), dict[str, str]()
    metadata = {client: read(folder, "service-2")["metadata"] for client, folder in folders().items()}
    for client, each in metadata.items():
        for name in classes(each):
            named.setdefault(name.lower(), client)
    for client, each in metadata.items():  # what a service is really called wins over what it is also called
        named["".join(each["serviceId"].split()).lower()] = client
    named |= {name.lower(): client for name, client in _RENAMED.items() if client in metadata}
    for client in metadata:
        package = "-".join(metadata[client]["serviceId"].lower().split())
        old = sorted(name for name, target in named.items() if target == client and name != package.replace("-", ""))
        rows.append(f'{client} = "{" ".join([package, *old])}"')
    lines = [
        "# What the SDKs for JavaScript call each client of boto3; made by scripts/make_sdk_clients.py",
        "# clients: the package of version 3 behind @aws-sdk/client-, which without hyphens is the class of both versions, in",
        "# lower case; then other names that version 2 has or may have for the class",
        "",
        f'source = "botocore {version("botocore")} (Apache-2.0)"',
        "reviewed = 2026-11-21",
        "",
        "[clients]",
        *rows,
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {len(rows)} clients")
    if sys.argv[1:2] == ["--check"]:
        listed = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")).values()
        print("not found:", sorted(each["name"] for each in listed if each["name"].lower() not in named))
    return 0


if __name__ == "__main__":
    sys.exit(main())
