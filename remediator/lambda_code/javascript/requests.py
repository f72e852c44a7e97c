"""What the functions and classes of AWS's SDK for JavaScript do when code calls them."""

from __future__ import annotations

from remediator.lambda_code.javascript import credentials
from remediator.lambda_code.javascript.arguments import named_arguments
from remediator.lambda_code.javascript.sdk import of_module, operation, waited, words
from remediator.lambda_code.javascript.state import Argument, Options, Request, State
from remediator.lambda_code.javascript.things import (
    ANYTHING,
    ENVIRONMENT,
    NOTHING,
    PROCESS,
    REQUIRE,
    Client,
    Command,
    Function,
    Method,
    Offer,
    Record,
    Things,
    constants,
    texts,
)
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import UNKNOWN, Variable

_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_OTHER = Offer("credentials", name="other")
_CLIENTS = ("class", "document class")


def made(state: State, offer: Offer, node: Syntax, arguments: list[Argument]) -> Things:
    """``new X(...)`` of what the SDK offers."""
    first = arguments[0].things if arguments else NOTHING
    if offer.kind in _CLIENTS:
        return frozenset((_client(state, offer, node, first),))
    if offer.kind == "command":
        held = (
            frozenset(each for each in first if not isinstance(each, Record)) | ANYTHING if node in state.rewritten else first
        )
        request(state, offer.service, offer.name, node, held if arguments else None)
        return frozenset((Command(node),))
    return called(state, offer, node, arguments)


def called(state: State, offer: Offer, node: Syntax, arguments: list[Argument]) -> Things:
    """A call of what the SDK or another module offers."""
    given = [each.things for each in arguments] + [NOTHING, NOTHING]
    if offer == REQUIRE or offer.kind == "import":
        return loaded(state, node, given[0])
    if offer.kind == "wrap":
        return given[0]
    if offer.kind == "require maker":
        return frozenset((REQUIRE,))
    if offer.kind == "class":
        return frozenset((_client(state, offer, node, given[0]),))
    if offer.kind in ("credentials", "harmless", "library"):
        return frozenset((offer,))
    if offer.kind == "gap" and not any(reason == offer.name for _, reason in state.gaps):
        state.gap(node, offer.name)
    return _helped(state, offer, node, given)


def _helped(state: State, offer: Offer, node: Syntax, given: list[Things]) -> Things:
    """A call of one of the SDK's functions that make requests, or are made for one."""
    if offer.kind in ("paginate", "wait"):
        request(state, offer.service, offer.name, node, given[1], clients=_clients(state, node, given[0]))
    elif offer.kind == "upload":
        params = state.member(given[0], "params", node)
        request(state, "s3", "PutObject", node, params, clients=_clients(state, node, given[0]))
    elif offer.kind == "sign":
        _sent(state, given[0], given[1])
    elif offer.kind == "post":
        clients = {each for each in given[0] if isinstance(each, Client)}
        request(state, "s3", "PutObject", node, given[1], clients=clients, only=("Bucket", "Key"))
    elif offer.kind == "role":
        request(state, "sts", "AssumeRole", node, state.member(given[0], "params", node))
        return frozenset((_OTHER,))
    return ANYTHING


def loaded(state: State, node: Syntax, things: Things) -> Things:
    """What ``require`` gives for a name."""
    names = constants(things)
    if names is None:
        if things or state.settled:
            state.gap(node, "it loads a module whose name is made at run time")
        return ANYTHING
    found = set[Offer]()
    for name in names:
        state.modules[node] = name
        offer = of_module(name)
        if offer.kind == "gap":
            state.gap(node, offer.name)
        found.add(offer)
    return frozenset(found)


def on_offer(state: State, offer: Offer, name: str, node: Syntax, arguments: list[Argument]) -> Things:
    """``X.name(...)`` where ``X`` is what the SDK or another module offers."""
    if offer.kind == "document class" and name == "from":
        return _document_client(state, node, arguments)
    if offer.kind == "settings":
        return _settings(state, name, node, arguments)
    if offer.kind == "library" and offer.name == "xray" and name.startswith("captureAWS"):
        return arguments[0].things if arguments else ANYTHING
    if offer == REQUIRE:
        return ANYTHING
    if offer == PROCESS and name == "getBuiltinModule":
        return loaded(state, node, arguments[0].things if arguments else NOTHING)
    found = NOTHING
    for each in state.member(frozenset((offer,)), name, node):
        if isinstance(each, Offer) and each.kind != "gap":
            found |= called(state, each, node, arguments)
        elif isinstance(each, Offer) and offer.kind != "gap":
            state.gap(node, each.name)
    return found or ANYTHING


def on_client(
    state: State, client: Client, name: str, node: Syntax, arguments: list[Argument], *, alone: bool = True
) -> Things:
    """``client.name(...)``. ``alone``: whether there is no other name that it may be; one that is no operation then fails."""
    given = [each.things for each in arguments] + [NOTHING, NOTHING]
    known = operation(client.service, client.kind, name)
    if name == "send":
        _sent(state, frozenset((client,)), given[0])
    elif known is not None:
        request(state, client.service, known, node, given[0], clients={client}, none_given=not arguments)
    elif name == "upload" and client.service == "s3":
        request(state, "s3", "PutObject", node, given[0], clients={client})
    elif name == "createPresignedPost" and client.service == "s3":
        request(state, "s3", "PutObject", node, given[0], clients={client}, only=("Bucket",))
    elif name in ("getSignedUrl", "getSignedUrlPromise", "makeRequest", "makeUnauthenticatedRequest", "waitFor"):
        _by_name(state, client, name, node, given)
    elif alone and name not in words("clients", "helpers"):
        state.gap(node, f"{state.text(node)[:60]}: {client.service} has no operation of that name that is known here")
    return ANYTHING


def with_client(state: State, client: Client, node: Syntax) -> None:
    """``client[name]`` with a name that is not known."""
    state.gap(node, f"which operation of {client.service} it calls is decided at run time")


def _by_name(state: State, client: Client, method: str, node: Syntax, given: list[Things]) -> None:
    """A method of version 2 that takes the name of an operation or of a waiter."""
    for name in constants(given[0]) or [""]:
        known = operation(client.service, "plain", name) or ""
        if method == "waitFor":
            known = waited(client.service, name)
        if known:
            request(state, client.service, known, node, given[1], clients={client})
        elif given[0] or state.settled:
            with_client(state, client, node)


def _sent(state: State, clients: Things, commands: Things) -> None:
    for each in commands:
        if isinstance(each, Command):
            state.senders.setdefault(each.node, set()).update(one for one in clients if isinstance(one, Client))


def request(
    state: State,
    service: str,
    name: str,
    node: Syntax,
    things: Things | None,
    *,
    clients: set[Client] | None = None,
    only: tuple[str, ...] = (),
    text: str = "",
    none_given: bool = False,
) -> None:
    """Notes a request. ``things``: what holds its arguments, None for none; ``only``: those that are the operation's."""
    found, complete = named_arguments(state, things) if things is not None and not none_given else ({}, True)
    found = {key: values for key, values in found.items() if not only or key in only}
    first = next(each for each in ("function", "constructor", None) if each is None or each in node.fields)
    callee = node.fields[first] if first else node
    line = callee.fields["property"].line if "property" in callee.fields else node.line
    said = text or state.text(callee)
    complete = complete and not only and not any(_bound(state, each) for each in clients or ())
    before = state.requests.get((node, service, name))
    by = (clients or set()) | (before.clients if before else set())
    state.requests[node, service, name] = Request(service, name, line, said, found, complete, by)
    for key in words("arguments", "needed") & found.keys():
        for value in found[key] if len(found[key]) == 1 else ():
            state.needed |= {piece.name for piece in value if isinstance(piece, Variable) and len(value) == 1}


def _clients(state: State, node: Syntax, configuration: Things) -> set[Client]:
    """The clients of a paginator's or waiter's configuration."""
    inner = state.member(_records(configuration), "client", node)
    return {each for each in (*inner, *configuration) if isinstance(each, Client)}


def _client(state: State, offer: Offer, node: Syntax, things: Things) -> Client:
    kind = "documents" if offer.kind == "document class" else "plain"
    state.options[node] = _options(state, node, things)
    if kind == "documents":  # of version 2 may be made of another client
        inner = [each.node for each in state.member(_records(things), "service", node) if isinstance(each, Client)]
        state.options[node] = state.options[min(inner, key=lambda each: each.start)] if inner else state.options[node]
    return Client(offer.service, kind, node)


def _document_client(state: State, node: Syntax, arguments: list[Argument]) -> Things:
    """A document client made from another client, or from something unknown."""
    given = arguments[0].things if arguments else NOTHING
    inner = [each.node for each in given if isinstance(each, Client)] or [node for _ in given]
    return frozenset(Client("dynamodb", "documents", each) for each in inner)


def _records(things: Things) -> Things:
    return frozenset(each for each in things if isinstance(each, Record))


def _bound(state: State, client: Client) -> bool:
    """Whether a client has arguments of its own for all its requests."""
    return "params" in state.keys.get(client.node, ())


def _options(state: State, node: Syntax, things: Things) -> Options:
    """How a client is made, by its options and by the settings of version 2."""
    region = NOTHING
    known = set[str]().union(*(state.keys.get(each.node, ()) for each in things if isinstance(each, Record)))
    if "region" in known:
        given = state.member(_records(things), "region", node)
        region = ANYTHING if given and not texts(given) else texts(given)
    elif UNKNOWN in things:
        region = ANYTHING
    region |= state.read(("settings", "region"))
    own = all(_own(each) for each in region)
    if "params" in known:
        state.put(node, "params", ANYTHING)
    if any(state.read(("settings", each)) for each in ("credentials", *credentials.SECRETS)):
        state.gap(node, "a client gets credentials that are set for all of them")
    return Options(not credentials.foreign(state, node, _records(things), known), frozenset() if own else texts(region))


def _own(value: object) -> bool:
    """Whether a Region is that of the function."""
    return isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Variable) and value[0].name in _REGIONS


def _settings(state: State, name: str, node: Syntax, arguments: list[Argument]) -> Things:
    """``AWS.config.update({region: ...})``."""
    if name == "update" and arguments:
        for record in (each for each in arguments[0].things if isinstance(each, Record)):
            for key in sorted(state.keys.get(record.node, ())):
                state.join(("settings", key), state.read((record.node, key)))
    return ANYTHING


def handed(state: State, node: Syntax, callee: str, arguments: list[Argument]) -> None:
    """Notes that what the arguments are goes to something unknown."""
    for argument in arguments:
        state.let_go(argument.things)
        if ENVIRONMENT in argument.things or PROCESS in argument.things:
            state.any_variable = True
        functions = (each.node for each in argument.things if isinstance(each, Function))
        if any(isinstance(each, Client) for function in functions for each in state.read(("return", function))):
            state.gap(node, f"a client of AWS is returned to {callee}, which is not followed")
        for each in state.powers(argument.things):
            if isinstance(each, Offer) and each.kind == "command":
                request(state, each.service, each.name, argument.node, ANYTHING, text=f"{each.name}Command")
            elif isinstance(each, Method):
                named(state, each)
            else:
                state.gap(node, f"a client of AWS is handed to {callee}, which is not followed")


def named(state: State, method: Method) -> None:
    """Notes a request by a method that is not called where it is named."""
    known = operation(method.client.service, method.client.kind, method.name)
    if known is not None:
        request(state, method.client.service, known, method.node, ANYTHING, clients={method.client})
