"""The front door: every command, thin. The only module that knows linter, rules and advisor; imports where used."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from . import __version__
from .linter.errors import InputError, SlowlintError

if TYPE_CHECKING:
    from .linter.check import Lint
    from .linter.config import Settings
    from .linter.model import LintResult
    from .linter.report import RulePage

HERE = Path(__file__).parent
FORMATS = tuple(sorted(file.stem for file in (HERE / "linter" / "report").glob("*.py") if file.stem[0] != "_"))
PATH = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def main() -> NoReturn:
    """Run the command line. Exits 0 clean, 1 findings, 2 could not do it, 130 interrupted."""
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command, report what the user can put right in a sentence and a tip; the exit status."""
    try:
        code = cli.main(arguments, prog_name="slowlint", standalone_mode=False)
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
            return code if isinstance(code, int) else 0
        _hush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return 2
    except SlowlintError as error:
        say(f"error: {error}")
        if error.tip:
            say(f"  tip: {error.tip}")
        return 2
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="slowlint")
def cli() -> None:
    """Find the code of a Python back end that will be slow, and price it with what was measured."""


@cli.command()
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--output-format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output-file", type=PATH, help="Write the report here instead of to stdout.")
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
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--no-color", is_flag=True, help="Plain text; NO_COLOR in the environment does the same.")
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

    root, settings = _project(paths, select, ignore, min_confidence)
    result = checking.check(
        root,
        settings,
        _families(),
        _engine(settings, cached=not no_cache),
        targets=checking.scope(root, paths or (Path.cwd(),)),
        base=diff_base,
    )
    color = not no_color and output_file is None and _terminal()
    _publish(_report(result, root, output_format, color), output_file)
    return 1 if failing(result.findings, fail_on) and not exit_zero else 0


@cli.command()
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(output_format: str) -> None:
    """List the rules: code, family and what each finds."""
    pages = _pages().values()
    if output_format == "json":
        listed = [{"code": page.code, "family": page.family, "summary": page.summary} for page in pages]
        _publish(json.dumps(listed, indent=2) + "\n")
        return
    width = max(len(page.code) for page in pages)
    room = max(len(page.family) for page in pages)
    _publish("".join(f"{page.code:<{width}}  {page.family:<{room}}  {page.summary}\n" for page in pages))


@cli.command()
@click.argument("code")
def explain(code: str) -> None:
    """Say what the rule CODE finds, why it is slow and what to do."""
    from .linter.config import nearest

    pages = _pages()
    if code not in pages:
        raise InputError(f"There is no rule {code!r}.", nearest(code, list(pages)))
    text = pages[code].text
    if not _terminal():
        _publish(text + "\n")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))


@cli.command()
def lsp() -> None:
    """Serve an editor over stdin and stdout (language server protocol)."""
    from .linter.lsp.server import serve

    serve(__version__, _families(), _engine, _pages())


# What the commands share.


def say(text: str) -> None:
    """A line on stderr; nothing when nobody listens any more."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _project(
    paths: Sequence[Path], select: Sequence[str], ignore: Sequence[str], min_confidence: str | None
) -> tuple[Path, Settings]:
    """The root of the project that holds `paths`, and its settings with those of the command line over them."""
    from dataclasses import replace

    from .linter import config
    from .linter.model import Confidence
    from .linter.select import check_codes

    root = config.find_root(paths or (Path.cwd(),))
    settings = config.load(root)
    _check_frameworks(settings)
    check_codes(settings, _families())
    chosen, left_out = _listed(select), _listed(ignore)
    if chosen:
        settings = replace(settings, select=chosen)
    if left_out:
        settings = replace(settings, ignore=(*settings.ignore, *left_out))
    if min_confidence:
        settings = replace(settings, min_confidence=cast("Confidence", min_confidence))
    check_codes(settings, _families())
    return root, settings


def _listed(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for value in values for word in value.replace(",", " ").split())


def _check_frameworks(settings: Settings) -> None:
    from .linter.config import nearest
    from .linter.errors import ConfigError

    known = [file.stem for file in (HERE / "linter" / "frameworks").glob("*.py") if file.stem[0] != "_"]
    for name in settings.frameworks:
        if name not in known:
            raise ConfigError(f"tool.slowlint.frameworks names {name!r}, which is not known.", nearest(name, known))


def _families() -> Mapping[str, str]:
    from . import rules as catalogue

    return catalogue.families()


def _engine(settings: Settings, cached: bool = True) -> Lint:
    """The engine with the rules the settings ask for."""
    from . import rules as catalogue
    from .linter.engine import lint
    from .linter.select import wanted

    chosen = catalogue.load(wanted(settings, catalogue.families()))

    def with_rules(root: Path, settings: Settings, *, overlay: Mapping[str, str] | None = None) -> LintResult:
        if cached:
            return lint(root, settings, chosen, overlay=overlay)
        return lint(root, settings, chosen, cache=None, overlay=overlay)

    return with_rules


def _pages() -> Mapping[str, RulePage]:
    """Every page, rules first, by code."""
    from . import rules as catalogue
    from .linter import meta, pages

    found = {}
    for code, family in catalogue.families().items():
        file = catalogue.page(code)
        found[code] = pages.parse(file.read_text(encoding="utf-8"), code, family, str(file))
    return {**found, **{code: pages.parse(text, code, meta.FAMILY) for code, text in meta.PAGES.items()}}


def _report(
    result: LintResult,
    root: Path,
    output_format: str,
    color: bool,
    costs: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    from .linter.report import Report, write
    from .linter.source import decode

    sources: dict[str, str] = {}
    if output_format == "text":
        for path in {finding.place.path for finding in result.findings}:
            with contextlib.suppress(OSError, SyntaxError):
                sources[path] = decode((root / path).read_bytes())
    prefix = os.path.relpath(root).replace(os.sep, "/")
    report = Report(
        result=result,
        version=__version__,
        sources=sources,
        pages=_pages() if output_format == "sarif" else {},
        prefix="" if prefix == "." else prefix + "/",
        color=color,
        costs=costs or {},
    )
    return write(output_format, report)


def _terminal() -> bool:
    """Whether stdout is a terminal that wants colour (no-color.org, force-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _publish(text: str, file: Path | None = None) -> None:
    """The report to stdout, or whole to a file. A reader that has gone away (`| head`) changes nothing."""
    data = text.encode("utf-8", "backslashreplace")
    if file is not None:
        write_whole(file, data)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _hush()


def write_whole(file: Path, data: bytes) -> None:
    """Replace a file by `data` at once: a reader sees the old or the new one. Raises InputError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(name, 0o644)
            os.replace(name, file)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from None


def _hush() -> None:
    """Let the interpreter's own flush at exit go nowhere (docs.python.org, "Note on SIGPIPE")."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
