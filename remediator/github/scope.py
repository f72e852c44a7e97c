"""What a run is about: the pull request, the files that it changes, and the templates among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from remediator.github import artifact
from remediator.github.client import ApiError, Client
from remediator.github.event import Event, PullRequest
from remediator.github.hunks import Changed, changed
from remediator.github.look import Template, in_checkout, is_meant
from remediator.github.settings import ActionError, Settings

MOST_FILES = 3_000
"""https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files (2026-11)"""


@dataclass
class Scope:
    """``changed``: the files of the pull request by name, where they are known. ``beside``: templates of the repository that
    are not looked at, but may rely on those that are. ``notes``: what people have to know about the run."""

    pull_request: PullRequest | None = None
    changed: Mapping[str, Changed] | None = None
    templates: list[Template] = field(default_factory=list)
    beside: list[Template] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def of_checkout(settings: Settings, event: Event, client: Client, exclude: tuple[str, ...]) -> Scope:
    """The templates in the working folder: those that the pull request changes, or all."""
    found = Scope(event.pull_request, beside=in_checkout(settings.paths, exclude))
    if found.pull_request is None:
        if settings.mode == "suggest":
            found.notes.append("This event is about no pull request, so there are annotations and no suggestions.")
    else:
        try:
            found.changed = _changed(client, found.pull_request, found.notes)
        except ApiError as error:
            found.notes.append(
                f"Which files the pull request changes could not be read, so all templates were looked at. {error}. "
                "The job needs the permission `pull-requests: read`."
            )
    if found.changed is None or settings.all_files:
        found.templates = found.beside
    else:
        found.templates = [each for each in found.beside if each.name in found.changed]
    return found


def of_artifact(settings: Settings, event: Event, client: Client, exclude: tuple[str, ...], folder: Path) -> Scope:
    """The templates that an artifact names, as GitHub has them. ``folder``: where they are put."""
    head, names = artifact.read(settings.from_artifact)
    if event.run is None:
        raise ActionError("from-artifact is for workflows that start on workflow_run")
    if event.run.head != head:
        raise ActionError("the artifact is about another commit than the event")
    found = Scope()
    try:
        found.pull_request = artifact.find(client, event.repository, event.run)
        if found.pull_request is None:
            found.notes.append(f"No open pull request has the head {head[:12]}: it was pushed to, or closed, meanwhile.")
            return found
        found.changed = _changed(client, found.pull_request, found.notes)
    except ApiError as error:
        found.notes.append(f"The pull request could not be read. {error}.")
        return found
    wanted = [each for name, each in found.changed.items() if name in names and is_meant(name, settings.paths, exclude)]
    found.templates, wrong = artifact.fetch(client, wanted, folder)
    found.notes += wrong[:5]
    if len(wrong) > 5:
        found.notes.append(f"{len(wrong) - 5} more files could not be read.")
    return found


def _changed(client: Client, pull_request: PullRequest, notes: list[str]) -> dict[str, Changed]:
    entries = list(client.pages(f"pulls/{pull_request.number}/files", MOST_FILES))
    if len(entries) == MOST_FILES:
        notes.append(f"GitHub lists the first {MOST_FILES} files of a pull request; what comes after them was not looked at.")
    found = (changed(entry) for entry in entries)
    return {each.name: each for each in found if each}
