"""FUN006: clients that code makes for a Region of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from remediator.api import Applicability, Context, Example, Finding, Pass, Remedy, Template, handlers, table
from remediator.transforms.inline_code.edits import edit, line, place
from remediator.transforms.inline_code.language import FUNCTIONS, fitting_code

_REGION = re.compile(r"\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central)+\w*-\d\b")

_BEFORE = """\
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          import boto3

          table = boto3.resource('dynamodb', region_name='us-east-1').Table('orders')

          def handler(event, context):
              table.put_item(Item=event)
      Role: !ImportValue work-role

  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
      KeySchema:
        - {AttributeName: id, KeyType: HASH}
"""


_EVERYWHERE = {"AWS::DynamoDB::GlobalTable", "AWS::KMS::ReplicaKey"}
"""Types that are in several Regions, of which the code may mean any."""


class FixedRegion(Pass):
    """The code of a function makes a client for a Region that is written out, for a service of which the template itself has
    resources: in a stack in another Region, the code does not find them.

    The Region is left out, so that the SDK takes that of the function. Unsafe, because what is meant may be in that other
    Region.

    Left alone: Regions that come from a variable, services that are global or looked for in one Region (`cloudfront`,
    `route53`, `iam`, `wafv2`, `acm` …), services of which the template has nothing but
    global tables, and code that names several Regions, since it means them.
    """

    code = "FUN006"
    name = "region-in-code"
    profile = "production"
    sources = (
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    )
    examples = (Example("A table of the stack", _BEFORE, _BEFORE.replace(", region_name='us-east-1'", ""), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            found = fitting_code(template, function) if function.type in FUNCTIONS else None
            if found is None or len(set(_REGION.findall(found[1].text))) != 1:
                continue
            language, code = found
            for each in handlers.fixed_regions(language, code.text):
                if not _REGION.fullmatch(each.region) or not _is_here(template, each.service):
                    continue
                where = line(template, code, each.start)
                message = f"{function.logical_id} asks {each.service} in {each.region}, wherever its stack is (line {where})"
                make = partial(edit, language=language, code=code, edits=((each.start, each.end, each.without),))
                why = f"what is meant may be in {each.region} indeed"
                remedy = Remedy("take the Region of the function", make, why, Applicability.UNSAFE)
                yield self.finding(template, code.path, place(template, code, each.start, each.end), message, remedy)


def _is_here(template: Template, service: str) -> bool:
    """Whether the template has something of a service that is not global."""
    row = table("fixed_regions")
    plain = re.sub(r"[^a-z0-9]", "", service.lower())
    plain = str(row["aliases"].get(plain, plain))
    types = {each.type for each in template.resources.values() if each.type.startswith("AWS::")} - _EVERYWHERE
    kinds = {each.split("::")[1].lower() for each in types}
    return plain not in row["global"]["services"] and plain in kinds
