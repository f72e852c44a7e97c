"""The proof of suggestions: before one is posted, its button is pressed here.

Each alone gives the text that its fixes give, a template that holds what every fixed template has to hold, with nothing half
done. All of a file together do so too, and ``remediator fix`` brings the rest to where it brings the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from remediator import edits, engine, proof
from remediator.engine import Located, Options
from remediator.github.plan import Suggestion, pressed, together
from remediator.rounds import Identity
from remediator.source import Source, TemplateError
from remediator.template import Template


@dataclass(frozen=True)
class Proof:
    """The proofs for one file. ``source``: its text at the head; ``wanted``: what all fixes make of it; ``known``: what was
    found in it."""

    source: Source
    options: Options
    wanted: str
    known: frozenset[Identity]

    @cached_property
    def before(self) -> Template:
        return Template(self.source)

    @cached_property
    def goal(self) -> Template:
        return Template(self.source.with_text(self.wanted))

    def surplus(self, planned: Sequence[Suggestion]) -> list[str]:
        """Why the last ones have to go for the others to be pressed one after the other, a reason for each, the last first."""
        reasons: list[str] = []
        while len(reasons) < len(planned):
            kept = planned[: len(planned) - len(reasons)]
            fault = self.fault(kept) or self._elsewhere(kept)
            if not fault:
                break
            reasons.append(f"with the other suggestions, {fault}" if len(kept) > 1 else fault)
        return reasons

    def fault(self, planned: Sequence[Suggestion]) -> str:
        """What is wrong with the text that comes of pressing these buttons; nothing where it is right."""
        found = [each for one in planned for each in one.found]
        text = self._pressed(planned)
        if text != edits.apply(self.source.text, together(found)):
            return "its lines would not give the text of the fix"
        paths = [path for each in found if each.finding.fix for path in each.finding.fix.paths]
        try:
            after = Template(self.source.with_text(text))
            wrong = proof.problems(self.before, after, paths)
        except TemplateError as error:
            return f"the template could not be read any more: {error.reason}"
        return wrong[0] if wrong else self._half_done(found, after)

    def _pressed(self, planned: Sequence[Suggestion]) -> str:
        return pressed(self.source.text, [each.change for each in planned])

    def _half_done(self, found: Sequence[Located], after: Template) -> str:
        """A fix that others have to complete, such as a right for a role, is not half made by a button."""
        rely = {each.code: each.companions for each in self.options.selection.passes()}
        companions = {code for each in found for code in rely.get(each.finding.code, ())}
        if companions:
            for each in engine.check(after.source, self.options).remaining:
                if each.finding.code in companions and each.finding.identity not in self.known:
                    return f"it is whole only with the fix of {each.finding.code}"
        return ""

    def _elsewhere(self, planned: Sequence[Suggestion]) -> str:
        """Where the rest of the fixes leads after the buttons have been pressed: to the same template as without them."""
        after = engine.fix(self.source.with_text(self._pressed(planned)), self.options).after
        return "" if Template(after).meaning == self.goal.meaning else "the other fixes would come out differently"
