"""The front door: every command, thin. The only module that knows linter, rules and advisor; imports where used."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from . import __version__
from .linter.errors import InputError, SlowlintError
from .linter.options import ADVISOR, DATABASE, RECORD, ListsCommand, database_options, needs, report_options
from .linter.report import formats
from .linter.terminal import counting, hush, prefix_to, publish, say, waiting, wants_color, write_whole

if TYPE_CHECKING:
    from .linter.check import Lint
    from .linter.config import Settings
    from .linter.model import LintResult
    from .linter.report import RulePage

PATH = click.Path(path_type=Path)
READABLE = click.Path(path_type=Path, exists=True, readable=True)


def main() -> NoReturn:
    """Run the command line. Exits 0 clean, 1 findings, 2 could not do it, 130 interrupted."""
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command, report what the user can put right in a sentence and a tip; the exit status."""
    try:
        code = cli.main(arguments, prog_name="slowlint", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return 2
    except SlowlintError as error:
        say(f"error: {str(error).rstrip('.')}.")
        if error.tip:
            say(f"  tip: {error.tip}")
        return 2
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return 130
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            hush()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="slowlint")
def cli() -> None:
    """Find the code of a Python back end that will be slow, and price it with what was measured."""


@cli.command()
@click.argument("paths", nargs=-1, type=PATH)
@report_options(formats())
@click.option("--select", multiple=True, metavar="CODES", help="Report only these codes or families.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave out these codes or families.")
@click.option("--min-confidence", type=click.Choice(["possible", "likely", "certain"]), help="Default: likely.")
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["possible", "likely", "certain", "note", "warning", "error"]),
    help="Exit 1 only for findings at least so sure and so severe; may be given twice.",
)
@click.option("--diff-base", metavar="REV", help="Report only what has come since this git revision.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
def check(
    paths: tuple[Path, ...],
    output_format: str,
    output_file: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_confidence: str | None,
    fail_on: tuple[str, ...],
    diff_base: str | None,
    exit_zero: bool,
    no_cache: bool,
    no_color: bool,
) -> int:
    """List the code under PATHS (default: here) that will be slow.

    The whole project is read, whatever PATHS name: a query and the loop around it are often files apart. Reported is
    what happens in PATHS or is caused there.
    """
    from .linter import check as checking
    from .linter.select import failing

    root, settings = checking.project(paths, _families(), select, ignore, min_confidence)
    with waiting(f"linting {root.name}"):
        result = checking.check(
            root,
            settings,
            _families(),
            _engine(settings, cached=not no_cache),
            targets=checking.scope(root, paths or (Path.cwd(),)),
            base=diff_base,
        )
    color = not no_color and output_file is None and wants_color()
    publish(_report(result, root, output_format, color), output_file)
    return 1 if failing(result.findings, fail_on) and not exit_zero else 0


@cli.command()
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(output_format: str) -> None:
    """List the rules: code, family and what each finds."""
    pages = _pages().values()
    if output_format == "json":
        listed = [{"code": page.code, "family": page.family, "summary": page.summary} for page in pages]
        publish(json.dumps(listed, indent=2) + "\n")
        return
    width = max(len(page.code) for page in pages)
    room = max(len(page.family) for page in pages)
    publish("".join(f"{page.code:<{width}}  {page.family:<{room}}  {page.summary}\n" for page in pages))


@cli.command()
@click.argument("code")
def explain(code: str) -> None:
    """Say what the rule CODE finds, why it is slow and what to do."""
    from .linter.config import nearest

    pages = _pages()
    if code not in pages:
        raise InputError(f"There is no rule {code!r}.", nearest(code, list(pages)))
    text = pages[code].text
    if not wants_color():
        publish(text + "\n")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))


@cli.command()
def lsp() -> None:
    """Serve an editor over stdin and stdout (language server protocol)."""
    from .linter.lsp.server import serve

    serve(__version__, _families(), _engine, _pages())


@cli.command(cls=ListsCommand)
@click.argument("path", required=False, type=PATH)
@click.option("--telemetry", multiple=True, type=READABLE, help="Spans, in any known format; files or folders.")
@click.option("--profile", multiple=True, type=READABLE, help="Profiles of py-spy, collapsed or speedscope.")
@click.option("--store", type=PATH, help="Add the files to this store and ask it.")
@database_options
@report_options(["json", "sarif", "text"])
@click.option("--exit-zero", is_flag=True, help="Exit 0 even when something costs time.")
def advise(
    path: Path | None,
    telemetry: tuple[Path, ...],
    profile: tuple[Path, ...],
    store: Path | None,
    database_url: str | None,
    explain_analyze: bool,
    save_statistics: Path | None,
    output_format: str,
    output_file: Path | None,
    exit_zero: bool,
    no_cache: bool,
    no_color: bool,
) -> int:
    """Rank what slows the project at PATH (default: here) by what telemetry measured, and price each fix.

    Without --telemetry and --store, what `slowlint record` and `ingest` kept for the project is asked. With
    --database-url, also which indexes a live database lacks, and which it does not need; telemetry is not needed then.
    """
    needs("advisor", *ADVISOR, *(DATABASE if database_url else ()))
    from .advisor import gather
    from .advisor.advise import advise as advised
    from .advisor.report import AdviceReport, write
    from .linter.source import read_texts

    root, result, files = _linted(path, cached=not no_cache)
    kept = gather.default_store(root)
    live = None
    with (
        counting("reading", "spans") as progress,
        gather.opened(
            telemetry,
            profile,
            store,
            kept,
            tell=lambda done: say(gather.told(done)),
            progress=progress,
            empty=bool(database_url),
        ) as asked,
    ):
        advice = advised(result, asked, repository_files=files)
        if database_url:
            from .advisor.database import command, snapshot

            needed = not (advice.ranked or result.findings)
            with waiting("asking the database"):
                live = command.asked(database_url, result.findings, asked, explain_analyze, tell=say, needed=needed)
            if live is not None and save_statistics is not None:
                write_whole(save_statistics, snapshot.written(live))
    report = AdviceReport(
        advice=advice,
        version=__version__,
        sources=read_texts(root, {entry.finding.place.path for entry in advice.ranked})
        if output_format == "text"
        else {},
        prefix=prefix_to(root),
        color=not no_color and output_file is None and wants_color(),
        database=live,
    )
    publish(write(output_format, report), output_file)
    advice_file = root / gather.FOLDER / "advice.json"  # what the language server's hover reads
    try:
        gather.prepare(advice_file)
        write_whole(advice_file, write("json", report).encode())
    except InputError as error:
        say(f"note: {error} Editors will not show these figures.")
    pays = live is not None and (live.indexes or live.removals)
    return 1 if (advice.ranked or pays or (database_url and result.findings)) and not exit_zero else 0


@cli.command(cls=ListsCommand)
@click.option(
    "--before", multiple=True, required=True, type=READABLE, help="Spans, or statistics, from before the fix."
)
@click.option("--after", multiple=True, required=True, type=READABLE, help="The same from after it.")
@click.argument("path", required=False, type=PATH)
@report_options(["json", "text"])
def verify(
    before: tuple[Path, ...],
    after: tuple[Path, ...],
    path: Path | None,
    output_format: str,
    output_file: Path | None,
    no_cache: bool,
    no_color: bool,
) -> int:
    """Compare what was promised with what a fix brought: telemetry from before and after it.

    Of an index: two files of `advise --database-url … --save-statistics`. Exits 1 when a promised saving did not come.
    """
    needs("advisor", *ADVISOR)
    from .advisor import gather
    from .advisor.advise import advise as advised
    from .advisor.database import snapshot
    from .advisor.report.verification import VerificationReport, write
    from .advisor.verify import verify as verified

    color = not no_color and output_file is None and wants_color()
    if snapshot.any_of((*before, *after)):
        from .advisor.report._index_verification import write as write_indexes

        checked = snapshot.verified(before, after)
        publish(write_indexes(output_format, checked, __version__, color=color), output_file)
        return 1 if checked.failed else 0
    root, result, files = _linted(path, cached=not no_cache)
    kept, tell = gather.default_store(root), lambda done: say(gather.told(done))
    with (
        counting("reading", "spans") as progress,
        gather.opened(before, (), None, kept, tell=tell, progress=progress) as old,
        gather.opened(after, (), None, kept, tell=tell, progress=progress) as new,
    ):
        promised = advised(result, old, repository_files=files)
        verdict = verified(old, new, promised, repository_files=files)
    report = VerificationReport(verdict, __version__, prefix=prefix_to(root), color=color)
    publish(write(output_format, report), output_file)
    return 1 if verdict.failed else 0


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--store", type=PATH, help="Where to; default: .slowlint/telemetry.duckdb of the project here.")
def ingest(files: tuple[Path, ...], store: Path | None) -> None:
    """Read telemetry and profiles (FILES or folders of them) into the store; what is there already changes nothing."""
    needs("advisor", *ADVISOR)
    from .advisor import gather
    from .advisor.store import Store

    target = store or gather.default_store(_root(()))
    gather.prepare(target)
    with Store.open(target) as opened, counting("reading", "spans") as progress:
        gather.add(opened, files, (), lambda done: publish(gather.told(done) + "\n"), progress)


@cli.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--store", type=PATH, help="Where to; default: .slowlint/telemetry.duckdb of the project here.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def record(store: Path | None, command: tuple[str, ...]) -> int:
    """Run COMMAND (after --) under OpenTelemetry and keep its spans, with the code line of each query, in the store.

    Ends with the exit status of COMMAND. Ctrl-C reaches it first; then what it measured is stored.
    """
    needs("record", *RECORD)
    needs("advisor", *ADVISOR)
    from .advisor import gather
    from .advisor.record import record as recorder

    target = (store or gather.default_store(_root(()))).absolute()
    gather.prepare(target)
    with gather.spool_beside(target) as spool:
        done = recorder.record(command, spool=spool, environment=os.environ)
        with counting("storing", "spans") as progress:
            spans = gather.collect(target, spool, say, progress)
    if not done.loaded:
        say("Nothing was recorded: no Python process that can import OpenTelemetry was started.")
    elif spans:
        say(f"{spans:,} spans kept in {target}. Next: slowlint advise")
    else:
        say("No spans: nothing that is watched was called.")
    return done.exit_code


@cli.command()
@click.option("--keep", type=PATH, help="Work in this new folder and leave it there.")
def demo(keep: Path | None) -> int:
    """Show it all on a bundled application: measure, lint, rank, repair, measure again."""
    needs("demo", *ADVISOR, *RECORD, "fastapi", "sqlalchemy", "uvicorn")
    from .demo import run as story

    return story.run(out=sys.stdout, keep=keep)


# What the commands share.


def _root(paths: Sequence[Path]) -> Path:
    from .linter.config import find_root

    return find_root(paths or (Path.cwd(),))


def _families() -> Mapping[str, str]:
    from . import rules as catalogue

    return catalogue.families()


def _engine(settings: Settings, cached: bool = True) -> Lint:
    """The engine with the rules the settings ask for."""
    from platformdirs import user_cache_path

    from . import rules as catalogue
    from .linter.engine import lint
    from .linter.select import wanted

    chosen = catalogue.load(wanted(settings, catalogue.families()))
    cache = user_cache_path("slowlint", appauthor=False) if cached else None

    def with_rules(root: Path, settings: Settings, *, overlay: Mapping[str, str] | None = None) -> LintResult:
        return lint(root, settings, chosen, cache=cache, overlay=overlay)

    return with_rules


def _pages() -> Mapping[str, RulePage]:
    """Every page, rules first, by code."""
    from . import rules as catalogue
    from .linter.pages import every_page

    return every_page((code, family, catalogue.page(code)) for code, family in catalogue.families().items())


def _linted(path: Path | None, cached: bool) -> tuple[Path, LintResult, list[str]]:
    """The root of the project at `path`, what the linter says of it, and its files: what the advisor starts from."""
    from .linter import check as checking
    from .linter.files import discover

    targets = (path or Path.cwd(),)
    root, settings = checking.project(targets, _families())
    scope = checking.scope(root, targets)
    with waiting(f"linting {root.name}"):
        result = checking.check(root, settings, _families(), _engine(settings, cached), targets=scope)
    return root, result, discover(root, settings)


def _report(result: LintResult, root: Path, output_format: str, color: bool) -> str:
    from .linter.report import Report, write
    from .linter.source import read_texts

    report = Report(
        result=result,
        version=__version__,
        sources=read_texts(root, {one.place.path for one in result.findings}) if output_format == "text" else {},
        pages=_pages() if output_format == "sarif" else {},
        prefix=prefix_to(root),
        color=color,
    )
    return write(output_format, report)
