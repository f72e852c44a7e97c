"""What the Action runs: looks at the templates, says so in one of four ways, and chooses the exit status.

What GitHub refuses is said and changes nothing else: the status is about the templates.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from remediator import config, files
from remediator.engine import Options
from remediator.github import artifact, comment, event, post, summary
from remediator.github.choose import Choice, choose
from remediator.github.client import ApiError, Client
from remediator.github.commit import commit
from remediator.github.look import Looked, look
from remediator.github.scope import Scope, of_artifact, of_checkout
from remediator.github.settings import ActionError, Settings
from remediator.report import github as github_report
from remediator.report import text
from remediator.report.severity import level
from remediator.report.text import summed_up
from remediator.run import Report

CLEAN, FINDINGS = 0, 1
FAILING = {"error": ("error",), "warning": ("error", "warning"), "never": ()}

READ_ONLY = (
    "Nothing was posted, for the token may only read: so it is for pull requests from forks, and for jobs without "
    "`pull-requests: write`. There are annotations instead; docs/action.md of remediator has the way for forks."
)


@dataclass
class _Run:
    settings: Settings
    options: Options
    event: event.Event
    client: Client
    scope: Scope
    looked: list[Looked]
    choice: Choice = field(default_factory=Choice)
    committed: frozenset[str] = frozenset()
    annotated: bool = False

    @property
    def reports(self) -> list[Report]:
        return [each.fixed if each.name in self.committed else each.report for each in self.looked]

    def say(self, note: str) -> None:
        self.scope.notes.append(note)


def run(environment: Mapping[str, str], folder: Path) -> int:
    """Does what the environment asks for; the exit status. ``folder``: the checkout. Raises ActionError where it can't."""
    settings, happened = Settings.of(environment), event.read(environment)
    if settings.from_artifact and settings.mode != "suggest":
        raise ActionError("from-artifact goes with mode suggest only")
    try:
        found = config.load(Path(settings.config) if settings.config else None, folder)
        selection = settings.selection(found.profile, found.select, found.ignore)
        options = Options(selection, unsafe=settings.unsafe_fixes, deployed=found.deployed)
        client = Client(happened.api, happened.repository, settings.token)
        with tempfile.TemporaryDirectory() as temporary:
            if settings.from_artifact:
                scope = of_artifact(settings, happened, client, found.exclude, Path(temporary))
            else:
                scope = of_checkout(settings, happened, client, found.exclude)
            looked = look(scope.templates, options, beside=scope.beside)
    except (config.ConfigError, files.FileError) as error:
        raise ActionError(str(error)) from None
    work = _Run(settings, options, happened, client, scope, looked)
    if settings.mode == "suggest":
        _suggest(work)
    elif settings.mode == "fix":
        _fix(work)
    work.annotated = work.annotated or settings.mode == "annotate"
    _say(work, environment)
    return _status(work)


def _suggest(work: _Run) -> None:
    pull_request, changed = work.scope.pull_request, work.scope.changed
    if pull_request is None or changed is None:
        work.annotated = work.scope.changed is None and not work.settings.from_artifact
        return
    try:
        me = post.who(work.client)
        known = post.posted(work.client, pull_request, me)
    except ApiError as error:  # what was suggested earlier is not known, and nothing is suggested twice
        _refused(work, error)
        return
    work.choice = choice = choose(work.looked, changed, known, work.settings.max_suggestions)
    try:
        if choice.suggestions:
            left = sum(1 for each in choice.left if each.found.finding.fix)
            post.post(work.client, pull_request, choice.suggestions, left)
    except ApiError as error:
        choice.refused("the review was refused")
        _refused(work, error)
        if error.status in (401, 403, 404):  # nor would a comment be taken
            return
    said = comment.render(_summed_up(work), choice.left, work.reports, work.scope.notes, pull_request.head)
    try:
        comment.put(work.client, pull_request, said, me, needed=bool(choice.left or work.scope.notes))
    except ApiError as error:
        _refused(work, error)


def _refused(work: _Run, error: ApiError) -> None:
    """Says once what could not be posted, and has the annotations written instead."""
    if not work.annotated:
        work.say(f"{READ_ONLY} ({error})" if error.status in (401, 403, 404) else f"Not everything could be posted. {error}.")
    work.annotated = True


def _fix(work: _Run) -> None:
    pull_request, happened = work.scope.pull_request, work.event
    home, head = (pull_request.branch, pull_request.head) if pull_request else (happened.branch, happened.commit)
    branch = work.settings.branch or home
    if not branch or not event.is_sha(head):
        raise ActionError("mode fix needs a branch to commit to: a pull request, a push to a branch, or the input branch")
    if pull_request and pull_request.fork:
        work.say("Nothing was committed: the branch of this pull request is in a fork, and fixes go to no other repository.")
        return
    changed = [each for each in work.looked if each.fixed.changed]
    if not changed:
        return
    message = work.settings.commit_message
    try:
        made, left = commit(work.client, changed, head, branch, message, new=branch != home)
    except ApiError as error:
        work.say(f"Nothing was committed to {branch}. {error}.")
        return
    if left:
        work.say(f"Not committed, because they are not at the head of the branch what they are here: {', '.join(left[:20])}")
    if made:
        work.committed = frozenset(each.name for each in changed) - frozenset(left)
        work.say(f"The fixes are in commit {made[:12]} on {branch}.")


def _say(work: _Run, environment: Mapping[str, str]) -> None:
    """The log, the summary, the files and the outputs."""
    reports, notes = work.reports, work.scope.notes
    out = [summary.notices(notes)]
    if work.annotated:
        out.append(github_report.render(reports))
    fixing, unsafe = bool(work.committed), work.options.unsafe
    full = text.render(reports, fixing=fixing, unsafe=unsafe) if work.settings.mode == "check" else _summed_up(work)
    sys.stdout.write("".join([*out, summary.log(full)]))
    sys.stdout.flush()
    page = summary.page(reports, notes, work.choice.left, fixing=fixing, unsafe=unsafe)
    summary.write(environment, "GITHUB_STEP_SUMMARY", page)
    folder = Path(environment.get("RUNNER_TEMP") or tempfile.gettempdir()) / "remediator-report"
    report, patch = summary.results(folder, reports)
    if work.scope.pull_request:
        names = [each.name for each in work.looked]
        (folder / artifact.NAME).write_text(artifact.written(work.scope.pull_request.head, names), encoding="utf-8")
    outputs = {
        "findings": sum(len(each.found.remaining) for each in work.looked),
        "fixes": sum(len(each.fixed.applied) for each in work.looked),
        "suggested": sum(len(one.found) for one, _ in work.choice.suggestions),
        "report-path": report,
        "patch-path": patch,
    }
    summary.write(environment, "GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))


def _summed_up(work: _Run) -> str:
    said = summed_up(work.reports, fixing=bool(work.committed), unsafe=work.options.unsafe)
    suggested = sum(len(one.found) for one, _ in work.choice.suggestions)
    parts = [f"{suggested} suggested"] if suggested else []
    parts += [f"{work.choice.earlier} suggested earlier"] if work.choice.earlier else []
    return f"{said}; {', '.join(parts)}." if parts else f"{said}."


def _status(work: _Run) -> int:
    failing = FAILING[work.settings.fail_on]
    broken = bool(failing) and any(report.error for report in work.reports)
    found = any(level(each.finding) in failing for report in work.reports for each in report.remaining)
    return FINDINGS if broken or found else CLEAN
