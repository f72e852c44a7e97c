"""CRE013: tables whose billing mode and throughput contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Sequence,
    Template,
    intrinsic,
    meaning,
)
from remediator.transforms.wiring.links import inside

_KEY = "ProvisionedThroughput"
_ON_DEMAND = "PAY_PER_REQUEST"

_BEFORE = """\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema:
        - AttributeName: id
          KeyType: HASH
      AttributeDefinitions:
        - AttributeName: id
          AttributeType: S
      ProvisionedThroughput:
        ReadCapacityUnits: 5
        WriteCapacityUnits: 5
"""


class ThroughputAgainstBilling(Pass):
    """A table that is paid per request has a provisioned throughput, or one that is not has none: DynamoDB refuses both.

    Where `BillingMode` says `PAY_PER_REQUEST`, the throughput goes, in the table and in its indexes. Where it says nothing
    and there is no throughput at all, to pay per request is an unsafe fix; where it says `PROVISIONED`, the report asks
    for the throughput.
    """

    code = "CRE013"
    name = "throughput-against-billing"
    profile = "deploy"
    answers = ("E3638", "E3639")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html",
    )
    examples = (Example("Throughput for a table that is paid per request", _BEFORE, _BEFORE.partition("      Provisioned")[0]),)

    def run(self, context: Context) -> Iterator[Finding]:
        for table in context.template.resources.values():
            if table.type != "AWS::DynamoDB::Table" or table.properties is None:
                continue
            mode = table.property("BillingMode")
            said = meaning(mode) if mode else None
            if said == _ON_DEMAND:
                yield from self._too_much(context.template, table, table.properties)
            elif said in (None, "PROVISIONED") and table.property(_KEY) is None:
                yield self._too_little(context.template, table, table.properties, mode)

    def _too_much(self, template: Template, table: Resource, properties: Mapping) -> Iterator[Finding]:
        path: Path = (*table.path, "Properties")
        owners = [(properties, path), *_indexes(properties, path)]
        given = [(owner, where, node) for owner, where in owners if (node := owner.get(_KEY)) and not _is_nothing(node)]
        if not given:
            return

        def make(builder: EditBuilder) -> None:
            for owner, where, _ in given:
                builder.remove_entry(owner, _KEY, where)

        remedy = Remedy("drop the throughput", make, "the table says itself that it is paid per request")
        message = f"{table.logical_id} is paid per request and can't have a provisioned throughput"
        yield self.finding(template, (*path, _KEY), given[0][2], message, remedy)

    def _too_little(self, template: Template, table: Resource, properties: Mapping, mode: Node | None) -> Finding:
        path = (*table.path, "Properties", "BillingMode")
        message = f"{table.logical_id} has no throughput, and does not say that it is paid per request"
        if mode is not None or any(index.entry(_KEY) for index, _ in _indexes(properties, path)):
            return self.finding(template, path, mode or table.key, message, f"which throughput should {table.logical_id} have?")
        last = properties.entries[-1].key.value
        remedy = Remedy(
            "pay per request",
            lambda builder: builder.insert_entry(properties, "BillingMode", _ON_DEMAND, path[:-1], after=last),
            "the table is paid by its requests, not by a throughput, of which it has none",
            Applicability.UNSAFE,
        )
        return self.finding(template, path, table.key, message, remedy)


def _indexes(properties: Mapping, path: Path) -> Iterator[tuple[Mapping, Path]]:
    listed = properties.get("GlobalSecondaryIndexes")
    items = listed.items if isinstance(listed, Sequence) and intrinsic(listed) is None else ()
    for number, each in enumerate(items):
        if isinstance(each, Mapping) and intrinsic(each) is None:
            yield each, (*path, "GlobalSecondaryIndexes", number)


def _is_nothing(node: Node) -> bool:
    """Whether a throughput is zero, as DynamoDB shows it for tables that are paid per request, or made by an expression."""
    units = [meaning(unit) for name in ("ReadCapacityUnits", "WriteCapacityUnits") for unit in inside(node, name)]
    zero = bool(units) and all(unit in (("int", "0"), "0") for unit in units)
    return zero or intrinsic(node) is not None
