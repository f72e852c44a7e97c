"""What a pass may use: the one module that passes import, the project's own and those of other packages."""

from remediator.asking import asked, parameter_for
from remediator.builder import EditBuilder
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.graph import Arcs, Edge, Graph, condition_arcs, cyclic_components, is_acyclic, reachable
from remediator.intrinsics import (
    PSEUDO_PARAMETERS,
    VARIABLE,
    Intrinsic,
    Reference,
    intrinsic,
    is_no_value,
    references,
    sub_template,
    walk,
)
from remediator.knowledge import table
from remediator.lambda_code import Exports, InlineCode, exports, inline_code
from remediator.layout import CannotEdit, comments_beside
from remediator.nodes import Entry, Mapping, Node, Path, Scalar, Sequence, meaning, show, text_of
from remediator.origins import Origin, origins
from remediator.passes import Context, Example, Pass, Remedy
from remediator.render import SPREAD, Call, Copy, GetAtt, Moved, Ref, Sub, copied, to_value
from remediator.repair import Broken, Reading, Repair
from remediator.schemas import Place, ResourceType, Shape, places, resource_type, type_names
from remediator.source import Source
from remediator.suppress import carried_comments, carried_metadata, moving_comments
from remediator.template import MAX_RESOURCES, Resource, Template

__all__ = [
    "MAX_RESOURCES",
    "PSEUDO_PARAMETERS",
    "SPREAD",
    "VARIABLE",
    "Applicability",
    "Arcs",
    "Broken",
    "Call",
    "CannotEdit",
    "Context",
    "Copy",
    "Edge",
    "Edit",
    "EditBuilder",
    "Entry",
    "Example",
    "Exports",
    "Finding",
    "Fix",
    "GetAtt",
    "Graph",
    "InlineCode",
    "Intrinsic",
    "Mapping",
    "Moved",
    "Node",
    "Origin",
    "Pass",
    "Path",
    "Place",
    "Reading",
    "Ref",
    "Reference",
    "Remedy",
    "Repair",
    "Resource",
    "ResourceType",
    "Scalar",
    "Sequence",
    "Shape",
    "Source",
    "Sub",
    "Template",
    "UpdateEffect",
    "asked",
    "carried_comments",
    "carried_metadata",
    "comments_beside",
    "condition_arcs",
    "copied",
    "cyclic_components",
    "exports",
    "inline_code",
    "intrinsic",
    "is_acyclic",
    "is_no_value",
    "meaning",
    "moving_comments",
    "origins",
    "parameter_for",
    "places",
    "reachable",
    "references",
    "resource_type",
    "show",
    "sub_template",
    "table",
    "text_of",
    "to_value",
    "type_names",
    "walk",
]
