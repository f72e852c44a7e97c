"""CRE014: attributes of a table that are defined and not used, or used and not defined."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Pass,
    Path,
    Remedy,
    Resource,
    Sequence,
    Template,
    intrinsic,
    text_of,
)
from remediator.transforms.wiring.follow import at

_KEYS = tuple(f"{where}KeySchema.AttributeName" for where in ("", "GlobalSecondaryIndexes.", "LocalSecondaryIndexes."))
_DEFINITIONS = "AttributeDefinitions"

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
        - AttributeName: customer
          AttributeType: S
"""


class AttributesWithoutKey(Pass):
    """A table defines an attribute that is no key, or has a key that it does not define: DynamoDB refuses both (*Some
    AttributeDefinitions are not used*).

    A definition that no key uses goes; DynamoDB needs none for other attributes. For a key without a definition the
    report asks for its type.

    Left alone: names that are not written out.
    """

    code = "CRE014"
    name = "attributes-without-key"
    profile = "deploy"
    answers = ("E3039",)
    sources = ("https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html",)
    examples = (Example("An attribute that is no key", _BEFORE, _BEFORE.partition("        - AttributeName: customer")[0]),)

    def run(self, context: Context) -> Iterator[Finding]:
        for table in context.template.resources.values():
            if table.type in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable") and table.properties is not None:
                yield from self._findings(context.template, table, table.properties)

    def _findings(self, template: Template, table: Resource, properties: Mapping) -> Iterator[Finding]:
        used = [text_of(node) for place in _KEYS for node in at(table, place)]
        defined = [text_of(node) for node in at(table, f"{_DEFINITIONS}.AttributeName")]
        listed = properties.get(_DEFINITIONS)
        plain = isinstance(listed, Sequence) and intrinsic(listed) is None and len(listed.items) == len(defined)
        if listed is None or not plain or None in used or None in defined or not used:
            return
        path: Path = (*table.path, "Properties", _DEFINITIONS)
        spare = [index for index, name in enumerate(defined) if name not in used]
        lacking = list(dict.fromkeys(str(name) for name in used if name not in defined))
        if lacking:
            message = f"{table.logical_id} has keys that it does not define: {', '.join(lacking)}"
            question = f"of which type (S, N or B) is {', '.join(lacking)} of {table.logical_id}?"
            yield self.finding(template, path, listed, message, question)
        elif spare and len(spare) < len(defined):
            names = ", ".join(str(defined[index]) for index in spare)
            remedy = Remedy(
                f"drop the definition of {names}",
                lambda builder: _drop(builder, properties, spare, path[:-1]),
                "DynamoDB needs no definition of attributes that are no keys",
            )
            message = f"{table.logical_id} defines attributes that are no keys: {names}"
            yield self.finding(template, path, listed, message, remedy)


def _drop(builder: EditBuilder, properties: Mapping, indexes: list[int], path: Path) -> None:
    for index in indexes:
        builder.remove_item(properties, _DEFINITIONS, index, path)
