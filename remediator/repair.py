"""Texts that can't be read, and what a person reads in them all the same.

A ``Repair`` is a pass that works before there is a template. It offers readings of a text: edits after which the text
can be read, or read further than before, up to the next defect. Where all that the repairs offer ends in one template,
that is what the text says; where it ends in none, or in several with different meanings, the text is refused as it is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from remediator import edits
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.intrinsics import walk
from remediator.nodes import Mapping
from remediator.passes import Context, Pass
from remediator.source import RepeatedKey, Source, TemplateError
from remediator.template import Template

MAX_TRIES = 200
"""Texts that are tried before one is refused."""

MAX_WORK = 4_000_000
"""Characters that all of them may have together: of a large text fewer are tried, so that none takes minutes."""

Reading = tuple[Finding, ...]
"""Defects of one text that are mended together, each with a fix."""


@dataclass(frozen=True)
class Broken:
    """A text that can't be read: the place at which reading ends, and why.

    ``repeating``: where the only defects are keys that come twice, the template in which they do.
    """

    source: Source
    error: TemplateError
    repeating: Template | None = None

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def offset(self) -> int:
        return self.source.offset(self.error.line, self.error.column)

    def is_further(self, before: Broken, made: list[Edit]) -> bool:
        """Whether edits have brought a text further than it was: to a later place, or to fewer keys that come twice."""
        if self.repeating and before.repeating:
            return _repeats(self.repeating) < _repeats(before.repeating)
        return not before.repeating and (bool(self.repeating) or edits.origin(self.offset, made) > before.offset)


class Repair(Pass):
    """A defect of the text itself. The subclass says what it reads in a text that nobody else can read."""

    profile = "deploy"

    @abstractmethod
    def readings(self, broken: Broken) -> Iterator[Reading]:
        """Each way to read the text at the place where reading ends. Nothing, where it is not this defect."""

    def run(self, context: Context) -> Iterator[Finding]:
        """Finds nothing: what can be read has none of these defects."""
        return iter(())

    def mended(
        self,
        message: str,
        made: tuple[Edit, ...],
        step: str,
        why: str,
        applicability: Applicability = Applicability.SAFE,
        *,
        at: int | None = None,
    ) -> Finding:
        """A defect with the edits that mend it, at the first of them unless said otherwise.

        The template could not be deployed before, so no stack changes by it.
        """
        fix = Fix(made, ((),), (step,), applicability, UpdateEffect.NONE, why)
        start = min(edit.start for edit in made) if at is None else at
        end = max(edit.end for edit in made)
        return Finding(self.code, message, (), start, max(start, end), fix)


@dataclass(frozen=True, slots=True)
class Mended:
    """A template, and the readings, in order, by which its text became one."""

    template: Template
    readings: tuple[Reading, ...] = ()

    def findings(self) -> Iterator[tuple[Finding, int, int]]:
        """Every defect, with its place in the text as it was."""
        for index, reading in enumerate(self.readings):
            for finding in reading:
                yield finding, self.origin(finding.start, index), self.origin(finding.end, index)

    def origin(self, offset: int, readings: int | None = None) -> int:
        """The place in the text as it was of an offset in the text after some or all of the readings."""
        for reading in reversed(self.readings[:readings]):
            offset = edits.origin(offset, _edits(reading))
        return offset


def mend(source: Source, passes: Iterable[Pass]) -> Mended:
    """The template that is read in a text. Raises TemplateError, as reading does, where there is not exactly one.

    Every way is followed to its end; those that end in templates have to mean the same, and the first is taken.
    """
    fault = source.fault
    if fault is None:
        return Mended(Template(source))
    repairs = [each for each in passes if isinstance(each, Repair)]
    found: list[Mended] = []
    ways: list[tuple[Broken, tuple[Reading, ...]]] = [(_broken(source, fault), ())]
    seen = {source.text}
    tries = min(MAX_TRIES, MAX_WORK // max(1, len(source.text)) + 1)
    while ways and len(seen) <= tries:
        broken, before = ways.pop(0)
        for reading in (reading for each in repairs for reading in each.readings(broken)):
            made = _edits(reading)
            text = edits.apply(broken.text, made)
            if text in seen:
                continue
            seen.add(text)
            then = _look(broken.source.with_text(text))
            if isinstance(then, Template):
                found.append(Mended(then, (*before, reading)))
            elif then and then.is_further(broken, made):
                ways.append((then, (*before, reading)))
    if ways or not found or any(each.template.meaning != found[0].template.meaning for each in found):
        raise fault
    return found[0]


def _broken(source: Source, fault: TemplateError) -> Broken:
    """The text with its first defect; keys that come twice count only where there is no other."""
    if not isinstance(fault, RepeatedKey):
        return Broken(source, fault)
    repeating = replace(source, repeats=True)
    if repeating.fault:
        return Broken(source, repeating.fault)
    try:
        return Broken(source, fault, Template(repeating))
    except TemplateError:
        return Broken(source, fault)


def _look(source: Source) -> Template | Broken | None:
    """What has become of a text; None where it can be read, but is no template."""
    if source.fault:
        return _broken(source, source.fault)
    try:
        return Template(source)
    except TemplateError:
        return None


def _repeats(template: Template) -> int:
    """How many entries have a key that their mapping has already."""
    mappings = (node for _, node in walk(template.root) if isinstance(node, Mapping))
    return sum(len(node.entries) - len(node.keys) for node in mappings)


def _edits(reading: Reading) -> list[Edit]:
    return [edit for finding in reading if finding.fix for edit in finding.fix.edits]
