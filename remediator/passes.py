"""What a pass is, and which passes there are.

A pass looks at a template and yields findings. It changes nothing, keeps nothing between runs, and sees nothing but
its ``Context``. The project's own passes live in ``remediator.transforms``; other packages bring theirs through the
entry point group ``remediator.passes``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

from remediator.builder import EditBuilder
from remediator.findings import Applicability, Finding, Fix, UpdateEffect
from remediator.graph import Graph
from remediator.layout import CannotEdit
from remediator.nodes import Entry, Node, Path
from remediator.schemas import Place, places
from remediator.template import Resource, Template

ENTRY_POINTS = "remediator.passes"

SECURITY = 3
"""The first stage of passes that add what is missing for safety, and mend nothing that is wrong."""

PROFILES: dict[str, frozenset[str]] = {
    "deploy": frozenset({"deploy"}),
    "secure": frozenset({"deploy", "secure"}),
    "production": frozenset({"deploy", "secure", "production"}),
    "sandbox": frozenset({"deploy", "sandbox"}),
}
"""For each profile on the command line, the profiles of the passes that it runs."""


class Context:
    """A template with the analyses that passes share; each is made when it is first asked for."""

    def __init__(self, template: Template) -> None:
        self.template = template

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.template)

    @cached_property
    def places(self) -> tuple[tuple[Resource, Place], ...]:
        """Every value of every resource that its type describes, in the order of the template.

        Nothing in a template with a custom macro: what looks wrong there may be what the macro asks for.
        """
        if self.template.has_custom_macro:
            return ()
        return tuple((each, place) for each in self.template.resources.values() for place in places(each))


@dataclass(frozen=True, slots=True)
class Example:
    """A template before and after the pass, for the documentation and the tests. No ``after``: it stays as it is."""

    title: str
    before: str
    after: str | None = None
    unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a pass wants done about one problem. ``make`` says it to a builder; see ``Fix`` for the rest."""

    step: str
    make: Callable[[EditBuilder], None]
    why: str
    applicability: Applicability = Applicability.SAFE
    effect: UpdateEffect = UpdateEffect.NONE


class Pass:  # no ABC: each subclass of one takes 10 KB, and there are hundreds
    """One kind of problem. The docstring of the subclass is its documentation, in Markdown."""

    code: ClassVar[str]
    """Stable and never used again for something else, such as ``CYC001``."""
    name: ClassVar[str]
    """Names the problem, not the cure: ``dependency-cycle``."""
    profile: ClassVar[str]
    """The first profile that runs it: ``deploy``, ``secure``, ``production`` or ``sandbox``."""
    stage: ClassVar[int] = 1
    """Its fixes wait until passes of a lower stage have none: 0 gives things their right name and place, 1 puts them right, 2
    works around what may be gone by then, and tidies up, 3 adds what security asks for, 4 encrypts what is there by then."""
    companions: ClassVar[tuple[str, ...]] = ()
    """Codes of the passes that complete its fixes, such as those that grant the rights to a key. They run wherever it runs, and
    where the author ignores one of them it does not run."""
    answers: ClassVar[tuple[str, ...]] = ()
    """Ids of cfn-lint, cloudformation-validate, checkov and cfn_nag rules that report the same problem."""
    sources: ClassVar[tuple[str, ...]] = ()
    """Where the AWS facts behind it are written."""
    examples: ClassVar[tuple[Example, ...]] = ()

    @abstractmethod
    def run(self, context: Context) -> Iterator[Finding]:
        """Yields what it finds, in the order of the template."""
        raise NotImplementedError

    def finding(
        self,
        template: Template,
        path: Path,
        at: Node | Entry,
        message: str,
        remedy: Remedy | str,
        related: tuple[Path, ...] = (),
        profile: str = "",
    ) -> Finding:
        """A finding at a node. Instead of a remedy a text: why there is none, or the question that only a person can answer.

        Where the remedy can't be written in the layout at hand, the finding comes without a fix and says so.
        """
        fix, reason = (None, remedy) if isinstance(remedy, str) else _written(template, remedy)
        end = at.key.end if isinstance(at, Entry) else at.end
        return Finding(self.code, message, path, at.start, end, fix, reason, related, profile)


def _written(template: Template, remedy: Remedy) -> tuple[Fix | None, str]:
    if template.has_custom_macro:
        return None, "a macro reads the template first, and may mean something by what stands here"
    builder = EditBuilder(template)
    try:
        remedy.make(builder)
        edits, paths = builder.finish()
    except CannotEdit as error:
        return None, f"it could be mended, but not in this layout: {error}"
    additions = tuple(each for each in builder.additions if each[1] in edits)
    return Fix(edits, paths, (remedy.step,), remedy.applicability, remedy.effect, remedy.why, additions), ""


class DuplicateCode(Exception):
    """Two passes with one code."""


@cache
def registry() -> dict[str, Pass]:
    """Every pass by code: the project's own, then those of installed packages."""
    found: dict[str, Pass] = {}
    for kind in (*_own(), *_installed()):
        if kind.code in found:
            raise DuplicateCode(f"{kind.code} is the code of both {type(found[kind.code]).__name__} and {kind.__name__}")
        found[kind.code] = kind()
    return dict(sorted(found.items()))


def _own() -> Iterator[type[Pass]]:
    package = importlib.import_module("remediator.transforms")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield from _passes_in(importlib.import_module(module.name))


def _passes_in(module: object) -> Iterator[type[Pass]]:
    """The passes that a module defines; what several of them have in common has no code."""
    for value in vars(module).values():
        own = isinstance(value, type) and issubclass(value, Pass) and value.__module__ == getattr(module, "__name__", "")
        if own and hasattr(value, "code"):
            yield value


def _installed() -> Iterator[type[Pass]]:
    for entry_point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        loaded = entry_point.load()
        if isinstance(loaded, type) and issubclass(loaded, Pass):
            yield loaded
        else:
            yield from _passes_in(loaded)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which passes run: those of a profile, or those selected by code, prefix or name; never those ignored."""

    profile: str = "secure"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def passes(self) -> tuple[Pass, ...]:
        every = registry()
        codes = {code for each in every.values() if self._includes(each) for code in _together(each)}
        return tuple(each for code, each in every.items() if code in codes)

    def _includes(self, each: Pass) -> bool:
        if any(matches(registry()[code], word) for code in _together(each) for word in self.ignore):
            return False
        if self.select:
            return any(matches(each, word) for word in self.select)
        return each.profile in PROFILES[self.profile]

    def counts(self, finding: Finding) -> bool:
        """Whether a finding of a selected pass belongs to the profile, too; by code, all of them do."""
        return bool(self.select) or finding.profile in ("", *PROFILES[self.profile])

    def unknown(self) -> tuple[str, ...]:
        """Words that select or ignore no pass at all."""
        words = (*self.select, *self.ignore)
        return tuple(word for word in words if not any(matches(each, word) for each in registry().values()))


def _together(each: Pass) -> set[str]:
    """The codes of a pass and of all that complete it, and one another."""
    found, waiting = {each.code}, list(each.companions)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += registry()[code].companions
    return found


def matches(each: Pass, word: str) -> bool:
    """Whether a word of ``--select`` means a pass: ``ALL``, its code or a prefix of it, or its name."""
    return word == "ALL" or word == each.name or (bool(word) and each.code.startswith(word))
