"""The functions of Python code: what their parameters are given, and what they give back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from remediator.lambda_code.python import classes, containers
from remediator.lambda_code.python.objects import (
    NOTHING,
    PLAIN,
    Frame,
    Function,
    Literal,
    Made,
    Many,
    Own,
    Site,
    Thing,
    Things,
    constant,
    distinct,
)

if TYPE_CHECKING:
    from remediator.lambda_code.python.values import Values

_DEEPEST = 4
"""How many calls of own functions are followed one by one; beyond, all calls of a function are taken together."""


def decorated(function: Function, name: str) -> bool:
    listed = getattr(function, "decorator_list", [])
    return any(getattr(each, "attr", getattr(each, "id", "")) == name for each in listed)


def parameter(values: Values, function: Function, wanted: ast.arg, frame: Frame | None) -> Iterator[Thing]:
    owner = values.scopes.owner(function)
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args]
    if owner and listed and wanted is listed[0] and not decorated(function, "staticmethod"):
        yield from (Made(each, not decorated(function, "classmethod")) for each in classes.descendants(values, owner))
        return
    if frame and frame.function is function:
        given = _given(values, function, wanted, frame.site, frame.caller)
        yield from given if given is not None else _default(values, function, wanted)
        return
    sites = values.sites.get(function, ())
    all_given = [_given(values, function, wanted, site, None) for site in sites]
    for given in all_given:
        yield from given or ()
    if not sites or None in all_given:
        yield from _default(values, function, wanted)
    if not sites:
        yield PLAIN


def _given(values: Values, function: Function, parameter: ast.arg, site: Site, caller: Frame | None) -> Things | None:
    """What a call gives for a parameter; None where it gives nothing."""
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args][site.bound :]
    if parameter is arguments.kwarg:
        return (_others(values, function, site, caller),)
    found: list[Thing] = []
    spread = False
    matched = parameter is arguments.vararg
    for position, each in enumerate(site.positional):
        things = values.of(each, caller)
        if site.each:
            things = tuple(inner for thing in things for inner in containers.iterated(values, thing))
        elif isinstance(each, ast.Starred):
            spread = True
            things = tuple(inner for thing in things for inner in containers.iterated(values, thing))
        fits = parameter is arguments.vararg if position >= len(listed) else parameter is listed[position]
        later = spread and (parameter is arguments.vararg or parameter in listed[position:])
        if fits or later:
            matched = True
            found += (Many(things),) if parameter is arguments.vararg else things
    for name, value in site.keywords:
        matched = matched or name in (parameter.arg, None)
        if name == parameter.arg:
            found += values.of(value, caller)
        elif name is None:
            key = (constant(parameter.arg),)
            found += (inner for thing in values.of(value, caller) for inner in containers.item(values, thing, key))
    if parameter is arguments.vararg and not found:
        return (Many(()),)
    return tuple(found) if matched else None


def _others(values: Values, function: Function, site: Site, caller: Frame | None) -> Thing:
    """What ``**`` collects of a call: a dictionary of all that has no parameter of its own."""
    own = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
    rest = [(name, value) for name, value in site.keywords if name not in own]
    return Literal(values.dictionary((site.node, function), rest), caller)


def _default(values: Values, function: Function, parameter: ast.arg) -> Things:
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args]
    pairs: list[tuple[ast.arg, ast.expr | None]] = list(zip(reversed(listed), reversed(arguments.defaults), strict=False))
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return next((values.of(default) for each, default in pairs if each is parameter and default), (PLAIN,))


def called(values: Values, thing: Own, site: Site, frame: Frame | None) -> Things:
    """What a call of an own function gives."""
    inner: Frame | None = frame
    while inner:
        if inner.function is thing.node:  # it calls itself
            return returned(values, thing.node, None)
        inner = inner.caller
    depth = frame.depth + 1 if frame else 1
    if depth > _DEEPEST:
        return returned(values, thing.node, None)
    key = (thing.node, site.node, site.bound, frame)
    if key not in values.frames:
        values.frames[key] = Frame(thing.node, site, frame, depth)
    return returned(values, thing.node, values.frames[key])


def returned(values: Values, function: Function, frame: Frame | None) -> Things:
    if function in values.scopes.yields:
        made: list[Thing] = []
        for each, whole in values.scopes.yields[function]:
            things = values.of(each, frame)
            made += (inner for thing in things for inner in containers.iterated(values, thing)) if whole else things
        return (Many(distinct(made)),)
    return tuple(thing for each in values.scopes.returns.get(function, ()) for thing in values.of(each, frame)) or (NOTHING,)


def returned_by(values: Values, things: Things) -> Iterator[Thing]:
    """What functions among these give, whoever calls them."""
    for thing in things:
        if isinstance(thing, Own):
            yield from returned(values, thing.node, None)
