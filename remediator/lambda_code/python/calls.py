"""What a module of Python does: its requests to AWS, the variables that it reads, the modules that it loads.

Every part of the module counts, also what no way from the handler leads to: whether something runs is not looked at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from remediator.lambda_code.calls import Behaviour, Module, NotUnderstood, SdkCall, VariableRead
from remediator.lambda_code.python import environment, leaks, modules, resources, sdk
from remediator.lambda_code.python.arguments import Arguments
from remediator.lambda_code.python.exports import parsed
from remediator.lambda_code.python.named import exact_text
from remediator.lambda_code.python.objects import (
    Client,
    Collection,
    Effect,
    Helper,
    Method,
    Named,
    Request,
    Resource,
    Sdk,
    Session,
    Texts,
)
from remediator.lambda_code.python.scopes import Scopes
from remediator.lambda_code.python.sites import followed
from remediator.lambda_code.python.unseen import Uses
from remediator.lambda_code.python.values import TooIntricate
from remediator.lambda_code.values import UNKNOWN

_BREAKS = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_CHAINED = (*resources.CHAINED, "pages")


def behaviour(text: str) -> Behaviour | None:
    """What a module does; None where the text is no module of Python."""
    tree = parsed(text)
    if tree is None:
        return None
    try:
        return _Reader(text, tree).read()
    except (RecursionError, TooIntricate):
        modules = tuple(_modules(_Offsets(text), tree))
        return Behaviour((), (), modules, (NotUnderstood(1, "is too intricate to follow"),), any_variable=True)


class _Offsets:
    """Places of the tree, whose columns count bytes of UTF-8, as offsets of the text."""

    def __init__(self, text: str) -> None:
        self.lines = _BREAKS.split(text)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        start = self._offset(node.lineno, node.col_offset)
        return start, self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _offset(self, line: int, column: int) -> int:
        encoded = self.lines[line - 1].encode("utf-8", "surrogatepass")[:column]
        return self.starts[line - 1] + len(encoded.decode("utf-8", "surrogatepass"))


def _modules(offsets: _Offsets, tree: ast.Module) -> Iterator[Module]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in modules.imported(node):
                yield Module(name, node.lineno, *offsets.span(node))


class _Reader:
    def __init__(self, text: str, tree: ast.Module) -> None:
        self.offsets = _Offsets(text)
        self.values = followed(Scopes(tree))
        self.uses = Uses(self.values)
        self.calls: dict[tuple[object, ...], SdkCall] = {}
        self.variables: dict[VariableRead, None] = {}
        self.modules = list(_modules(self.offsets, tree))
        self.gaps: dict[NotUnderstood, None] = {}
        self.any_variable = False
        self.repeated: set[ast.AST] = set()
        """The paginators and waiters that are used where that is seen, by the calls that make them."""

    def read(self) -> Behaviour:
        made: list[tuple[ast.Call, Helper]] = []
        for node in self.values.scopes.nodes:
            self._variables(node)
            for reason in environment.unclear(self.values, node):
                self._gap(node, reason)
            if isinstance(node, ast.Import | ast.ImportFrom):
                for reason in modules.unclear_import(node):
                    self._gap(node, reason)
            elif isinstance(node, ast.Call):
                self._call(node)
                made += ((node, each) for each in self.values.of(node) if isinstance(each, Helper) and each.made is node)
            elif isinstance(node, ast.Attribute):
                self._attribute(node)
            for lost in leaks.leaks(self.values, node):
                self._lost(node, lost)
            if isinstance(node, ast.Call | ast.Attribute):
                self._collection(node)
        for node, helper in made:
            if node not in self.repeated:
                self._request(node, node, Request(helper.client, helper.operation, complete=False))
        for node, reason in () if self.gaps else self.uses.unseen():
            self._gap(node, reason)
        return Behaviour(
            tuple(sorted(self.calls.values(), key=lambda each: (each.line, each.service, each.operation))),
            tuple(sorted(self.variables, key=lambda each: (each.start, each.name))),
            tuple(sorted(self.modules, key=lambda each: (each.start, each.name))),
            tuple(sorted(self.gaps, key=lambda each: (each.line, each.reason))),
            self.any_variable,
        )

    def _variables(self, node: ast.AST) -> None:
        for read in environment.reads(self.values, node):
            if read.name is None:
                self.any_variable = True
            elif isinstance(node, ast.expr):
                span = self.offsets.span(node)
                self.variables[VariableRead(read.name, node.lineno, *span, read.required, read.default)] = None

    def _call(self, node: ast.Call) -> None:
        callees = [each for each, _ in self.values.callees(node, None)]
        fitting = any(_is_operation(each) for each in callees)
        for callee in callees:
            if isinstance(callee, Method):
                if fitting and isinstance(callee.target, Client) and not _is_operation(callee):
                    continue  # of several clients, only those can be meant that have the operation
                if isinstance(callee.target, Helper) and callee.target.made and callee.name in ("paginate", "wait"):
                    self.repeated.add(callee.target.made)
                effect = sdk.effect(self.values, callee, node, None)
                if callee.name in sdk.REPEATING and sdk.all_told(self.values, callees, node):
                    effect.gaps.clear()
                self._effect(node, effect)
            elif isinstance(callee, Named):
                self._named(node, callee.name)

    def _named(self, node: ast.Call, name: str) -> None:
        if name in ("boto3.client", "boto3.resource"):
            method = Method(Session(), name.rpartition(".")[2])
            self._effect(node, sdk.effect(self.values, method, node, None))
            return
        if name == "builtins.getattr":
            self._looked_up(node)
        elif name in ("builtins.globals", "builtins.vars", "builtins.locals"):
            if isinstance(self.values.scopes.parents.get(node), ast.Subscript | ast.Attribute):
                self._gap(node, "looks up its own names in a way that is not followed")
        elif name in ("importlib.import_module", "builtins.__import__"):
            found = filter(None, modules.loaded(self.values, node))
            self.modules += (Module(each, node.lineno, *self.offsets.span(node)) for each in found)
        self._effect(node, modules.called(self.values, name, node))

    def _looked_up(self, node: ast.Call) -> None:
        for each in self.values.of(node.args[0]) if node.args else ():
            self.uses.add(each)
        if len(node.args) < 2 or all(exact_text(each) is not None for each in self.values.texts(node.args[1])):
            return
        if any(isinstance(each, Client | Resource | Helper | Session) for each in self.values.of(node.args[0])):
            self._gap(node, "looks up a method of a client by a name that the text does not tell")

    def _attribute(self, node: ast.Attribute) -> None:
        for base in self.values.of(node.value):
            self.uses.add(base)
            if isinstance(base, Resource) and isinstance(node.ctx, ast.Load):
                request = resources.loading(base, node.attr)
                if request:
                    self._request(node, node, request)
        for thing in self.values.of(node) if isinstance(node.ctx, ast.Load) else ():
            reason = modules.unclear(thing.name) if isinstance(thing, Named) else ""
            if isinstance(thing, Named) and (thing.name == "sys.modules" or thing.name.startswith("boto3.__dict__")):
                reason = "looks up its own names in a way that is not followed"
            if reason:
                self._gap(node, reason)

    def _collection(self, node: ast.Call | ast.Attribute) -> None:
        """Resources that are listed, at the last link of ``bucket.objects.filter(...).limit(1)``."""
        parent = self.values.scopes.parents.get(node)
        if isinstance(parent, ast.Attribute) and parent.attr in _CHAINED:
            return
        arguments = None
        things: list[object]
        if isinstance(node, ast.Call):
            called = [each for each, _ in self.values.callees(node, None)]
            if not any(isinstance(each, Method) and isinstance(each.target, Collection) for each in called):
                return
            filtered = isinstance(node.func, ast.Attribute) and node.func.attr == "filter"
            arguments = Arguments(self.values, node, None) if filtered else None
            things = [each.target for each in called if isinstance(each, Method) and each.name in _CHAINED]
        else:
            things = [each for base in self.values.of(node.value) for each in self.values.attribute(base, node.attr)]
        for thing in things:
            if isinstance(thing, Collection):
                self._request(node, node, resources.listing(thing, arguments))

    def _lost(self, node: ast.AST, lost: Sdk) -> None:
        self.uses.add(lost)
        if isinstance(lost, Method):
            self._effect(node, sdk.unbound(lost))
        elif isinstance(lost, Helper) and lost.kind in ("paginator", "waiter", "batch"):
            return  # what it asks for is told where it is made
        else:
            self._gap(node, "hands a client to code that is not followed")

    def _effect(self, node: ast.AST, effect: Effect) -> None:
        for reason in effect.gaps:
            self._gap(node, reason)
        for request in effect.requests:
            self._request(node, node.func if isinstance(node, ast.Call) else node, request)

    def _gap(self, node: ast.AST, reason: str) -> None:
        self.gaps[NotUnderstood(getattr(node, "lineno", 1), reason)] = None

    def _request(self, node: ast.AST, name: ast.AST, request: Request) -> None:
        client = request.client
        line = getattr(name, "end_lineno", 1)
        key = (line, client.service, request.operation, client.own, client.region)
        arguments, complete = dict(request.arguments), request.complete
        text = _said(name, request)
        if key in self.calls:
            other = self.calls[key]
            arguments = _either(arguments, dict(other.arguments))
            complete, text = complete and other.complete, other.text
        self.calls[key] = SdkCall(client.service, request.operation, line, text, arguments, complete, client.own, client.region)


def _is_operation(thing: object) -> bool:
    return (
        isinstance(thing, Method)
        and isinstance(thing.target, Client)
        and sdk.operation(thing.target.service, thing.name) is not None
    )


def _either(one: dict[str, Texts], other: dict[str, Texts]) -> dict[str, Texts]:
    """The arguments of two calls at the same place."""
    nothing: Texts = frozenset((UNKNOWN,))
    return {name: one.get(name, nothing) | other.get(name, nothing) for name in {**one, **other}}


def _said(name: ast.AST, request: Request) -> str:
    """A call as people know it."""
    if isinstance(name, ast.Call):
        name = name.func
    parts = [request.client.service]
    if isinstance(name, ast.Attribute) and name.attr in ("paginate", "wait"):
        return f"{parts[0]}.{_method(request.operation)}"
    if isinstance(name, ast.Attribute):
        base = name.value
        if isinstance(base, ast.Name | ast.Attribute):
            parts = [base.id if isinstance(base, ast.Name) else base.attr]
        parts.append(name.attr)
    elif isinstance(name, ast.Name):
        parts = [name.id]
    return ".".join(parts)


def _method(operation: str) -> str:
    """The method of an operation: ``describe_db_instances`` for ``DescribeDBInstances``."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", operation)).lower()
