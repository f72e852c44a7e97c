"""Goes through JavaScript code once: what each expression can be, and what it does to names, properties and AWS."""

from __future__ import annotations

from remediator.lambda_code.javascript import definitions, expressions, invocations, statements
from remediator.lambda_code.javascript.state import State
from remediator.lambda_code.javascript.things import ANYTHING, NOTHING, Things
from remediator.lambda_code.javascript.tree import Syntax
from remediator.lambda_code.values import Variable

_VISITS = definitions.VISITS | expressions.VISITS | invocations.VISITS | statements.VISITS


class Flow:
    """One way through the code of a module. ``testing``: whether what is gone through is a condition."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.functions: list[Syntax] = []
        self.this: list[Things] = [ANYTHING]
        self.testing = False

    def visit(self, node: Syntax) -> Things:
        """What an expression can be; what a statement does."""
        known = _VISITS.get(node.type)
        if known is not None:
            return known(self, node)
        for each in node.children:
            self.visit(each)
        return ANYTHING

    def field(self, node: Syntax, name: str) -> Things:
        found = node.fields.get(name)
        return self.visit(found) if found is not None else NOTHING

    def inner(self, node: Syntax) -> Things:
        """What an expression is that only wraps others; of several, the last."""
        found = NOTHING
        for each in node.children:
            found = self.visit(each)
        return found

    def seen(self, things: Things) -> Things:
        """Notes variables that a condition looks at."""
        if self.testing:
            for each in things:
                if isinstance(each, tuple):
                    self.state.tested |= {piece.name for piece in each if isinstance(piece, Variable)}
        return things

    def tested(self, node: Syntax, really: bool = True) -> Things:
        """What a condition can be."""
        before, self.testing = self.testing, self.testing or really
        found = self.seen(self.visit(node))
        self.testing = before
        return found
