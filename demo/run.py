"""`slowlint demo`: start, record, lint, price, repair, measure again, compare.

In: where to write, and a folder to keep (or none). Out: the story on `out`, and whether the promised saving came.
Everything happens in a temporary folder, on loopback, with the commands a user would type; see `commands.py`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from ..linter.errors import InputError, SlowlintError
from . import commands, server, traffic
from .fixes import WorkedFix, fix_for

SHOP: Final = Path(__file__).parent / "shop"
REQUESTS: Final = 300


@dataclass(frozen=True, slots=True)
class Repair:
    """The costliest finding that has a worked fix. `predicted` is the share of `route`'s time (point, low, high)."""

    finding: Mapping[str, Any]
    fix: WorkedFix
    route: str
    predicted: tuple[float, float, float]


def run(*, out: TextIO, keep: Path | None = None, requests: int = REQUESTS) -> int:
    """Play the whole demo; 0 when the promised saving came, 1 when not. Raises SlowlintError when a step fails.

    `keep` becomes the working folder and stays; without it a temporary one is used and removed.
    """
    console = Console(file=out, highlight=False, soft_wrap=True)
    with _working_folder(keep) as folder:
        application = folder / "shop"
        shutil.copytree(SHOP, application, ignore=shutil.ignore_patterns("__pycache__"))
        _say(console, f"A small FastAPI + SQLAlchemy application, copied to {application}")

        plain_before = _measure(console, application, requests, None, "timing it as it is")
        before = folder / "before" / "spans.duckdb"
        _measure(console, application, requests, before, "recording the same requests")
        recorded = commands.telemetry_of(before)
        _command(console, "slowlint record -- uvicorn api:app")

        findings = commands.check(application, folder)["findings"]
        _command(console, "slowlint check shop")
        _say(console, _counted(len(findings), "finding") + ", before anything is known about traffic")

        report = commands.advise(application, recorded, folder)
        _command(console, "slowlint advise shop --telemetry before/…")
        _ranking(console, report)
        repair = choose(report)

        diff = repair.fix.diff(application)
        repair.fix.apply(application)
        _say(console, f"\nWorked fix for the costliest: {repair.fix.says}")
        console.print(Syntax(diff.strip("\n"), "diff", background_color="default"))

        plain_after = _measure(console, application, requests, None, "timing it again")
        after = folder / "after" / "spans.duckdb"
        _measure(console, application, requests, after, "recording it again")
        verdict = commands.verify(application, recorded, commands.telemetry_of(after), folder)
        _command(console, "slowlint verify --before before/… --after after/… shop")
        console.print(Text(verdict.rstrip("\n")))

        saved = _outcome(console, repair, plain_before, plain_after)
        if keep is not None:
            _say(console, f"Kept in {folder}: the application, both recordings and their stores")
    return 0 if came(repair, saved) else 1


def came(repair: Repair, saved: float) -> bool:
    """Is the measured share at least what was promised as the least?"""
    return saved >= repair.predicted[1]


@contextmanager
def _working_folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="slowlint-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name).resolve()
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise InputError(f"{keep} exists already", "name a folder that does not exist, or an empty one")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()


def _measure(
    console: Console, application: Path, requests: int, store: Path | None, what: str
) -> Sequence[traffic.Timing]:
    with _progress(console, what, requests) as done:
        return server.measure(application, requests=requests, store=store, done=done)


@contextmanager
def _progress(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, one line elsewhere."""
    if not console.is_terminal:
        _say(console, f"{what}: {total} requests")
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} requests"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)
    _say(console, f"{what}: {total} requests")


def choose(report: Mapping[str, Any]) -> Repair:
    """The first finding of `advise`'s report, costliest first, that the demo knows a worked fix for.

    Raises SlowlintError when there is none: then the planted defects were not found.
    """
    for finding in report["findings"]:
        cost, fix = finding.get("cost"), fix_for(finding["code"], Path(finding["path"]).name)
        if cost and fix is not None and cost["per_route"]:
            route, share = max(cost["per_route"].items(), key=lambda entry: float(entry[1]["point"]))
            predicted = float(share["point"]), float(share["low"]), float(share["high"])
            return Repair(finding, fix, route.removeprefix("GET "), predicted)
    raise SlowlintError(
        "none of the slow places planted in the sample application was priced",
        "please report this, with the output of `slowlint demo --keep DIR` and the folder",
    )


def _ranking(console: Console, report: Mapping[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("saves", justify="right", no_wrap=True)
    for heading in ("finding", "where", "on"):
        table.add_column(heading)
    for finding in report["findings"]:
        cost = finding.get("cost")
        if cost:
            seconds = float(cost["saving"]["seconds_per_hour"]["point"])
            first, *others = cost["routes"] or ["?"]
            more = f" and {len(others)} more" if others else ""
            place = f"{finding['path']}:{finding['line']}"
            table.add_row(f"{seconds:.0f} s/h", finding["code"], place, first + more)
    console.print(table)


def _outcome(
    console: Console, repair: Repair, before: Sequence[traffic.Timing], after: Sequence[traffic.Timing]
) -> float:
    """Print predicted against measured; the measured share of the route's time."""
    was, now = traffic.typical_ms(before, repair.route), traffic.typical_ms(after, repair.route)
    saved = 1 - now / was
    point, low, high = repair.predicted
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("predicted", f"−{point:.0%}", f"between {low:.0%} and {high:.0%}")
    table.add_row(
        "measured", f"−{saved:.0%}", f"{was:.1f} ms → {now:.1f} ms, median at the client, without the recorder"
    )
    console.print(Text(f"\nGET {repair.route}", style="bold"))
    console.print(table)
    return saved


def _command(console: Console, line: str) -> None:
    console.print(Text("$ ", style="dim") + Text(line, style="bold"))


def _say(console: Console, line: str) -> None:
    console.print(Text(line))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
