"""The command line. No logic: it reads words, calls, prints, and chooses the exit status."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from remediator import config, engine, files
from remediator.engine import Options
from remediator.passes import PROFILES, Selection, registry
from remediator.report import FORMATS, WITH_TEXTS, render
from remediator.run import Report, Task, process_all, process_bytes

if TYPE_CHECKING:
    from remediator.source import Source
    from remediator.template import Template

CLEAN, FINDINGS, ERROR, INTERRUPTED = 0, 1, 2, 130


class _Commands(click.Group):
    """Quiet about a closed pipe: click would end with status 1, which here means findings."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(CLEAN)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="remediator", prog_name="remediator")
def cli() -> None:
    """Fixes AWS CloudFormation templates with the smallest possible change, and proves what it did."""


def _codes(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (value or "").split(",") if word.strip())


_COMMON = [
    click.argument("paths", nargs=-1, required=True),
    click.option("--profile", type=click.Choice(list(PROFILES)), help="Which passes run. Default: secure."),
    click.option("--select", callback=_codes, help="Only these: codes, prefixes or names, with commas between."),
    click.option("--ignore", callback=_codes, help="Not these."),
    click.option("--deployed/--not-deployed", default=None, help="Hold back what replaces a resource of a deployed stack."),
    click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True),
    click.option("--output", type=click.Path(dir_okay=False), help="Write the report to a file."),
    click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one a core for many files."),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 even where findings remain."),
    click.option("--templates-only", is_flag=True, help="Pass over named files too, where they are no templates."),
    click.option("--config", "config_file", type=click.Path(dir_okay=False), help="A configuration file."),
]


def _common(command: Any) -> Any:
    for option in reversed(_COMMON):
        command = option(command)
    return command


@cli.command()
@_common
@click.option("--diff", is_flag=True, help="Print a unified diff and write nothing.")
@click.option("--unsafe-fixes/--no-unsafe-fixes", default=None, help="Make the unsafe fixes too.")
@click.option("--report", "page", type=click.Path(dir_okay=False), help="Write a page with findings, diffs and graphs.")
def fix(diff: bool, unsafe_fixes: bool | None, page: str | None, **words: Any) -> None:
    """Fix templates in place: files, folders and globs, or - for standard input to standard output."""
    _go({**words, "page": page}, fixing=True, diff=diff, unsafe_fixes=unsafe_fixes)


@cli.command()
@_common
def check(**words: Any) -> None:
    """Report, and change nothing."""
    _go(words, fixing=False, diff=False, unsafe_fixes=None)


def _go(words: dict[str, Any], *, fixing: bool, diff: bool, unsafe_fixes: bool | None) -> NoReturn:
    try:
        settings = config.load(Path(words["config_file"]) if words["config_file"] else None, Path.cwd())
        options = _options(words, settings, unsafe_fixes)
        targets = None if words["paths"] == ("-",) else files.discover(words["paths"], settings.exclude)
    except (config.ConfigError, files.FileError) as error:
        _fail(str(error))
    if targets and words["templates_only"]:
        targets = [files.Target(each.path, named=False) for each in targets]
    form = words["form"]
    texts = form in WITH_TEXTS or bool(words.get("page"))
    task = Task(options, fix=fixing, write=fixing and not diff, texts=texts, receipts=form == "json")
    if targets is None:
        reports = [process_bytes("<stdin>", sys.stdin.buffer.read(), task)]
    else:
        reports = _with_progress(targets, task, words["jobs"])
    _print(reports, words, diff=diff, fixing=fixing, piped=targets is None, unsafe=options.unsafe)
    sys.exit(_status(reports, diff=diff, exit_zero=words["exit_zero"]))


def _fail(message: str) -> NoReturn:
    click.echo(f"{click.style('error', fg='red')}: {message}", err=True)
    sys.exit(ERROR)


def _options(words: dict[str, Any], settings: config.Config, unsafe_fixes: bool | None) -> Options:
    selection = Selection(
        words["profile"] or settings.profile,
        words["select"] or settings.select,
        (*words["ignore"], *settings.ignore),
    )
    unknown = selection.unknown()
    if unknown:
        _fail(f"no rule has the code or name {', '.join(unknown)}; see: remediator rules")
    return Options(
        selection,
        unsafe=settings.unsafe_fixes if unsafe_fixes is None else unsafe_fixes,
        deployed=settings.deployed if words["deployed"] is None else words["deployed"],
    )


def _with_progress(targets: list[files.Target], task: Task, jobs: int | None) -> list[Report]:
    found = process_all(targets, task, jobs)
    if len(targets) < 2 or not sys.stderr.isatty():
        return list(found)
    with click.progressbar(found, length=len(targets), file=sys.stderr, label="templates") as bar:
        return list(bar)


def _print(reports: list[Report], words: dict[str, Any], *, diff: bool, fixing: bool, piped: bool, unsafe: bool) -> None:
    from remediator.report.diff import unified

    said = render(reports, words["form"], fixing=fixing and not diff, unsafe=unsafe)
    if piped and fixing and not diff:
        sys.stdout.buffer.write(reports[0].after.encode("utf-8"))
        sys.stdout.flush()
    if diff:
        sys.stdout.buffer.write("".join(map(unified, reports)).encode("utf-8", "surrogateescape"))
        sys.stdout.flush()
    if words.get("page"):
        from remediator.report import html

        _write(words["page"], html.render(reports, fixing=fixing and not diff, unsafe=unsafe))
    if words["output"]:
        _write(words["output"], click.unstyle(said))
    else:
        click.echo(said, nl=False, err=diff or (piped and fixing))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        _fail(f"{path}: can't be written: {(error.strerror or '').lower()}")


def _status(reports: list[Report], *, diff: bool, exit_zero: bool) -> int:
    if any(report.error for report in reports):
        return ERROR
    left = any(report.remaining or report.failures for report in reports)
    shown = diff and any(report.changed for report in reports)
    return FINDINGS if (left or shown) and not exit_zero else CLEAN


@cli.command()
@click.argument("path", type=click.Path())
@click.option("--format", "form", type=click.Choice(["mermaid", "dot", "json", "svg"]), default="mermaid", show_default=True)
@click.option("--fixed", is_flag=True, help="And beside it the graph after the fix of what keeps the stack from deploying.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fixed: after the unsafe fixes too.")
def graph(path: str, form: str, fixed: bool, unsafe_fixes: bool) -> None:
    """Print the dependency graph of a template, cycles marked."""
    from remediator.report import graph as graph_report

    template = _template(path)
    if fixed:
        outcome = engine.fix(template.source, Options(Selection("deploy"), unsafe=unsafe_fixes))
        click.echo(graph_report.render_both(template, _of(outcome.after), form), nl=False)
    else:
        click.echo(graph_report.render(template, form), nl=False)


def _of(source: Source) -> Template:
    from remediator.template import Template

    return Template(source)


def _template(path: str) -> Template:
    """The template at a path, or on standard input; ends the program where there is none."""
    from remediator.source import Source, TemplateError

    try:
        data = sys.stdin.buffer.read() if path == "-" else files.read(Path(path))
        return _of(Source.from_bytes(data))
    except files.FileError as error:
        _fail(f"{path}: {error}")
    except TemplateError as error:
        _fail(f"{path}:{error.line}:{error.column}: {error.reason}")


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(form: str) -> None:
    """List the rules."""
    from remediator.report import rules as rules_report

    click.echo(rules_report.render_list(list(registry().values()), form), nl=False)


@cli.command()
@click.argument("subject")
@click.option("--why", metavar="ROLE", help="Explain what this role of the template SUBJECT is needed for.")
def explain(subject: str, why: str | None) -> None:
    """Explain a rule, by code or name; with --why, each right that a role of a template needs."""
    if why:
        from remediator.transforms.permissions import why as reasons

        try:
            click.echo(reasons.render(_template(subject), why), nl=False)
        except reasons.NoSuchRole as error:
            _fail(f"{subject}: {error}")
        return
    from remediator.report import rules as rules_report

    found = [each for each in registry().values() if subject in (each.code, each.name)]
    if not found:
        _fail(f"no rule has the code or name {subject}; see: remediator rules")
    click.echo(rules_report.render_one(found[0]), nl=False)


@cli.command()
def suggest() -> None:
    """What the GitHub Action runs; its inputs come through the environment (docs/action.md)."""
    from remediator.github.action import run
    from remediator.github.settings import ActionError

    try:
        sys.exit(run(os.environ, Path.cwd()))
    except ActionError as error:
        _fail(str(error))


def main() -> NoReturn:
    """The entry point: like the command group, but clear about Ctrl-C."""
    gc.set_threshold(5_000)  # a tree is thousands of objects that all live: to look through them often is in vain
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what the terminal's encoding lacks
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ERROR)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; files done so far stay as they are", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(CLEAN)


if __name__ == "__main__":
    main()
