"""What the Action was asked to do: its inputs, which reach the program through the environment and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remediator.passes import PROFILES, Selection

MODES = ("suggest", "annotate", "check", "fix")
FAIL_ON = ("error", "warning", "never")
MOST_SUGGESTIONS = 100
"""More comments in one review than this get it refused, people say: https://github.com/googleapis/code-suggester,
https://github.com/parkerbxyz/suggest-changes (read 2026-11); GitHub documents no number."""

PREFIX = "REMEDIATOR_"


class ActionError(Exception):
    """What keeps the Action from doing its work at all, in one line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The inputs. ``docs/action.md`` describes them."""

    paths: tuple[str, ...] = (".",)
    mode: str = "suggest"
    unsafe_fixes: bool = False
    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    max_suggestions: int = 30
    fail_on: str = "error"
    all_files: bool = False
    config: str = ""
    token: str = ""
    from_artifact: str = ""
    commit_message: str = "Fix CloudFormation templates"
    branch: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Reads ``REMEDIATOR_…`` variables; an empty one is one that is not set."""
        said = {name: environment.get(PREFIX + name.upper(), "").strip() for name in cls.__slots__}
        default = cls()
        return cls(
            paths=_lines(said["paths"]) or default.paths,
            mode=_choice("mode", said["mode"] or default.mode, MODES),
            unsafe_fixes=_boolean("unsafe-fixes", said["unsafe_fixes"]),
            profile=_choice("profile", said["profile"], ("", *PROFILES)),
            select=_words(said["select"]),
            ignore=_words(said["ignore"]),
            max_suggestions=_number("max-suggestions", said["max_suggestions"] or str(default.max_suggestions)),
            fail_on=_choice("fail-on", said["fail_on"] or default.fail_on, FAIL_ON),
            all_files=_boolean("all-files", said["all_files"]),
            config=said["config"],
            token=said["token"],
            from_artifact=said["from_artifact"],
            commit_message=said["commit_message"] or default.commit_message,
            branch=said["branch"],
        )

    def selection(self, profile: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> Selection:
        """What runs, given what the configuration file says."""
        chosen = Selection(self.profile or profile, self.select or select, (*self.ignore, *ignore))
        unknown = chosen.unknown()
        if unknown:
            raise ActionError(f"no rule has the code or name {', '.join(unknown)}; see: remediator rules")
        return chosen


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ActionError(f"input {name}: {value!r} is none of {', '.join(filter(None, allowed))}")
    return value


def _boolean(name: str, value: str) -> bool:
    return _choice(name, value.lower() or "false", ("true", "false")) == "true"


def _number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdecimal() or int(value) > MOST_SUGGESTIONS:
        raise ActionError(f"input {name}: {value!r} is no number from 0 to {MOST_SUGGESTIONS}")
    return int(value)
