"""What JavaScript code of a function does: requests to AWS, reads of variables, modules that it loads.

Reading a variable that is not set gives ``undefined``, which is no failure by itself. So a read counts as required where the
value, without a default, is alone what a request is about (``Bucket``, ``TableName`` …), and no condition looks at it.
"""

from __future__ import annotations

from remediator.lambda_code.calls import Behaviour, Module, NotUnderstood, SdkCall, VariableRead
from remediator.lambda_code.javascript.exports import parsed
from remediator.lambda_code.javascript.flow import Flow
from remediator.lambda_code.javascript.state import Options, Request, State
from remediator.lambda_code.javascript.tree import Syntax, tree

_ROUNDS = 25
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def behaviour(text: str) -> Behaviour | None:
    """What a module in JavaScript does; None where the text is none."""
    root = parsed(text)
    if root is None:
        return None
    state = State(text.encode("utf-8", "surrogatepass"))
    try:
        _run(state, tree(root))
    except RecursionError:
        return Behaviour((), (), (), (NotUnderstood(1, "it is nested too deeply to be followed"),), any_variable=True)
    return Behaviour(
        tuple(sorted(_calls(state), key=lambda call: (call.line, call.service, call.operation))),
        tuple(_variables(state)),
        tuple(_modules(state)),
        tuple(NotUnderstood(line, reason) for line, reason in sorted(state.gaps)),
        state.any_variable,
    )


def _run(state: State, root: Syntax) -> None:
    """Goes through the code until nothing new comes in, and once more with what is left taken for unknown."""
    for state.settled in (False, True):
        state.changed = True
        for _ in range(_ROUNDS):
            if not state.changed:
                break
            state.again()
            Flow(state).visit(root)
        else:
            state.gap(root, "it is too entangled to be followed")


def _calls(state: State) -> list[SdkCall]:
    found = []
    for (node, _, _), request in state.requests.items():
        clients = request.clients | state.senders.get(node, set())
        options = {state.options.get(each.node, Options()) for each in clients} or {Options()}
        found += [_call(request, each) for each in sorted(options, key=_order)]
    return found


def _order(options: Options) -> tuple[bool, list[str]]:
    return not options.own, sorted(map(repr, options.region))


def _call(request: Request, options: Options) -> SdkCall:
    return SdkCall(
        request.service,
        request.operation,
        request.line,
        request.text,
        request.arguments,
        request.complete,
        options.own,
        options.region,
    )


def _variables(state: State) -> list[VariableRead]:
    required = state.needed - state.tested
    found = []
    for (node, name), default in state.reads.items():
        start, end = _characters(state, node)
        found.append(VariableRead(name, node.line, start, end, default is None and name in required, default))
        made = any(each.start <= node.start < each.end for each in state.options)
        if name in _SECRETS and not made:
            state.gap(node, "it reads the credentials of the function")
    return sorted(found, key=lambda read: read.start)


def _modules(state: State) -> list[Module]:
    found = [Module(name, node.line, *_characters(state, node)) for node, name in state.modules.items()]
    return sorted(found, key=lambda module: module.start)


def _characters(state: State, node: Syntax) -> tuple[int, int]:
    """The span of a node in characters."""
    start = len(state.source[: node.start].decode("utf-8", "surrogatepass"))
    return start, start + len(state.source[node.start : node.end].decode("utf-8", "surrogatepass"))
