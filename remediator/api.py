"""What a pass may use: the one module that passes import, the project's own and those of other packages."""

from remediator.builder import EditBuilder
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.graph import Arcs, Edge, Graph, condition_arcs, cyclic_components, is_acyclic, reachable
from remediator.intrinsics import (
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
from remediator.layout import CannotEdit, comments_beside
from remediator.nodes import Entry, Mapping, Node, Path, Scalar, Sequence, meaning, show, text_of
from remediator.passes import Context, Example, Pass
from remediator.render import SPREAD, Call, Copy, GetAtt, Moved, Ref, Sub, to_value
from remediator.suppress import carried_comments, carried_metadata, moving_comments
from remediator.template import MAX_RESOURCES, Resource, Template

__all__ = [
    "MAX_RESOURCES",
    "SPREAD",
    "VARIABLE",
    "Applicability",
    "Arcs",
    "Call",
    "CannotEdit",
    "Context",
    "Copy",
    "Edge",
    "Edit",
    "EditBuilder",
    "Entry",
    "Example",
    "Finding",
    "Fix",
    "GetAtt",
    "Graph",
    "Intrinsic",
    "Mapping",
    "Moved",
    "Node",
    "Pass",
    "Path",
    "Ref",
    "Reference",
    "Resource",
    "Scalar",
    "Sequence",
    "Sub",
    "Template",
    "UpdateEffect",
    "carried_comments",
    "carried_metadata",
    "comments_beside",
    "condition_arcs",
    "cyclic_components",
    "intrinsic",
    "is_acyclic",
    "is_no_value",
    "meaning",
    "moving_comments",
    "reachable",
    "references",
    "show",
    "sub_template",
    "table",
    "text_of",
    "to_value",
    "walk",
]
