"""Predicted against measured saving on recordings of real applications before and after a real fix.

    python benchmarks/accuracy.py LAB_DIR [--profile] [--source APP=PATH]

LAB_DIR holds one folder per application: `otlp-before-otel.traces.pb.zst` (spans), `pyspy-before-idle.raw.zst`
(profile of mixed traffic), `APP_otel.csv` (which trace was which endpoint), `APP_plain.csv` (CPU of worker and
database per request, uninstrumented, before and after: the truth), `APP_pred_otel.json` (how many repeated groups the
fix removed). Predictions come from the recordings before the fix; with `--source`, PATH holds the application's
sources before it, and the linter's findings there are priced together with what the recordings show by themselves.
Truth is the change of the median CPU time.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean, median

from slowlint import rules as catalogue
from slowlint.advisor.advise import advise
from slowlint.advisor.ingest import ingest, ingest_profile
from slowlint.advisor.model import Advice, Interval
from slowlint.advisor.routes import canonical
from slowlint.advisor.store import Store
from slowlint.linter import config
from slowlint.linter.engine import lint
from slowlint.linter.files import discover
from slowlint.linter.model import LintResult


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint: percentages of its request."""

    app: str
    endpoint: str
    route: str
    changed: bool
    predicted: Interval
    measured: float

    @property
    def error(self) -> float:
        return abs(self.predicted.point - self.measured)

    @property
    def hit(self) -> bool:
        return self.predicted.low <= self.measured <= self.predicted.high


def endpoint_routes(folder: Path, store: Store) -> dict[str, str]:
    """Route of each endpoint, from the trace ids of the instrumented requests."""
    names = {}
    with (folder / f"{folder.name}_otel.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            names[line["trace_id"]] = line["endpoint"]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for trace in store.traces(per_route=10_000):
        endpoint = names.get(trace.root.trace_id.hex())
        if endpoint:
            votes[endpoint][trace.root.route] += 1
    return {endpoint: routes.most_common(1)[0][0] for endpoint, routes in votes.items()}


def truth(folder: Path) -> dict[str, float]:
    """Measured saving of each endpoint in percent."""
    cpu: dict[tuple[str, str], list[float]] = defaultdict(list)
    with (folder / f"{folder.name}_plain.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            cpu[line["endpoint"], line["variant"]].append(float(line["app_cpu_ms"]) + float(line["pg_cpu_ms"]))
    return {
        endpoint: 100.0 * (1.0 - median(cpu[endpoint, "after"]) / median(values))
        for (endpoint, variant), values in cpu.items()
        if variant == "before" and (endpoint, "after") in cpu
    }


def linted(path: Path) -> tuple[LintResult, list[str]]:
    """What `slowlint check` finds in a project, and its files."""
    root = path.resolve()
    settings = config.load(root)
    rules = catalogue.load(catalogue.families())
    return lint(root, settings, rules), discover(root, settings)


def measure(folder: Path, with_profile: bool, source: tuple[LintResult, list[str]]) -> tuple[list[Row], Advice]:
    """All endpoints of one application, and the advice they come from."""
    store = Store.open(None)
    ingest(store, folder / "otlp-before-otel.traces.pb.zst")
    if with_profile:
        ingest_profile(store, folder / "pyspy-before-idle.raw.zst")
    result, files = source
    advice = advise(result, store, repository_files=files)
    routes = endpoint_routes(folder, store)
    predicted = {canonical(saving.route): saving.share for saving in advice.routes}
    removed = _groups_removed(folder)
    rows = []
    for endpoint, measured in sorted(truth(folder).items()):
        if endpoint in routes:
            share = predicted[canonical(routes[endpoint])]
            percent = Interval(100 * share.point, 100 * share.low, 100 * share.high)
            changed = removed.get(endpoint, 0) > 0
            rows.append(Row(folder.name, endpoint, routes[endpoint], changed, percent, measured))
    return rows, advice


def _groups_removed(folder: Path) -> dict[str, int]:
    """Repeated groups that the fix removed, by endpoint."""
    entries = json.loads((folder / f"{folder.name}_pred_otel.json").read_text())
    return {str(entry["endpoint"]): int(entry["fixed_groups"]) for entry in entries}


def kendall_tau(pairs: Sequence[tuple[float, float]]) -> float:
    """Kendall's tau-b of two rankings."""
    agree = ties_left = ties_right = 0
    count = 0
    for (a, b), (c, d) in combinations(pairs, 2):
        count += 1
        ties_left += a == c
        ties_right += b == d
        agree += ((a > c) - (a < c)) * ((b > d) - (b < d))
    whole = ((count - ties_left) * (count - ties_right)) ** 0.5
    return agree / whole if whole else 0.0


def show(title: str, rows: Sequence[Row]) -> None:
    """One table and its scorecard."""
    print(f"\n{title}")
    print(f"  {'endpoint':<24}{'predicted':>10}  {'interval':<14}{'measured':>9}{'error':>7}  hit  changed")
    for row in rows:
        interval = f"{row.predicted.low:.0f} to {row.predicted.high:.0f}"
        print(
            f"  {row.app + '/' + row.endpoint:<24}{row.predicted.point:>9.1f}%  {interval:<14}{row.measured:>8.1f}%"
            f"{row.error:>7.1f}  {'yes' if row.hit else 'no':<4} {'yes' if row.changed else ''}"
        )
    for name, chosen in (("changed by the fix", [row for row in rows if row.changed]), ("all", list(rows))):
        if chosen:
            promised = [row for row in chosen if row.predicted.high > 0]
            tau = kendall_tau([(row.predicted.point, row.measured) for row in chosen])
            hits = sum(row.hit for row in promised)
            print(
                f"  {name}: mean absolute error {fmean(row.error for row in chosen):.1f} points over {len(chosen)} "
                f"endpoints, intervals hit {hits} of {len(promised)}, Kendall's tau {tau:.2f}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description="Predicted against measured savings on real recordings.")
    parser.add_argument("lab", type=Path, help="folder with one folder of recordings per application")
    parser.add_argument("--profile", action="store_true", help="only with the profile (default: both with and without)")
    parser.add_argument("--source", action="append", default=[], metavar="APP=PATH", help="sources before the fix")
    arguments = parser.parse_args()
    sources = {app: linted(Path(path)) for app, _, path in (given.partition("=") for given in arguments.source)}
    folders = sorted(path.parent for path in arguments.lab.glob("*/otlp-before-otel.traces.pb.zst"))
    if not folders:
        print(f"{arguments.lab} holds no recordings", file=sys.stderr)
        return 2
    for with_profile in (True,) if arguments.profile else (False, True):
        rows: list[Row] = []
        tops: list[str] = []
        for folder in folders:
            found, advice = measure(folder, with_profile, sources.get(folder.name, (LintResult((), 0), [])))
            rows += found
            tops += [
                f"  {folder.name}: {entry.cost.seconds_per_hour.point:6.1f} s/h  {entry.finding.place.path}:"
                f"{entry.finding.place.line}  {entry.finding.code}"
                for entry in advice.ranked[:5]
            ]
        show("With spans and profile" if with_profile else "With spans alone", rows)
        print("  dearest findings:")
        print("\n".join(f"  {line}" for line in tops))
    return 0


if __name__ == "__main__":
    sys.exit(main())
