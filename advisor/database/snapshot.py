"""Statistics of statements kept in a file, and two such files compared: did the promise of an index come true?

In: a `DatabaseAdvice` and the time it was made. Out: JSON that names statements (with placeholders, as the database
keeps them), how often they ran and how long they took, what was promised for them, and the indexes that were there. No
values, no URL. `compared` reads two and gives an `IndexCheck` for each index that was promised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ...linter.errors import InputError
from ..model import Interval
from .model import DatabaseAdvice, IndexCheck, IndexVerdict, IndexVerification, StatementCheck, key

KIND: Final = "slowlint statement statistics"
_VERSION: Final = 1
_FEWEST: Final = 5
"""Calls on each side that a mean is made of."""
_CLOCK: Final = 60.0  # seconds by which clocks of client and server may differ


def document(advice: DatabaseAdvice, taken: datetime) -> dict[str, Any]:
    """What is kept, before it is written out."""
    database = advice.database
    return {
        "kind": KIND,
        "version": _VERSION,
        "taken": taken.isoformat(timespec="seconds"),
        "database": {"dialect": database.dialect, "version": list(database.version)},
        "statements": [
            {
                "fingerprint": one.fingerprint,
                "text": one.shown,
                "calls": one.calls,
                "total_ms": one.total_ms,
                "rows": one.rows,
                "since_seconds": one.since_seconds,
            }
            for one in database.statements
            if one.calls is not None and one.source in ("pg_stat_statements", "performance_schema")
        ],
        "promises": [
            {
                "table": key(one.table),
                "keys": list(one.proposal.keys),
                "where": one.proposal.where,
                "ddl": one.ddl,
                "statements": [
                    {
                        "fingerprint": served.statement.fingerprint,
                        "ms": [served.ms.point, served.ms.low, served.ms.high],
                    }
                    for served in one.served
                    if served.ms is not None
                ],
            }
            for one in advice.indexes
        ],
        "indexes": {
            key(table): [[list(index.keys), index.where] for index in table.indexes if index.valid]
            for table in database.tables
        },
    }


def written(advice: DatabaseAdvice) -> bytes:
    """The content of a file, as of now."""
    return (json.dumps(document(advice, datetime.now(UTC)), indent=1) + "\n").encode()


def is_snapshot(path: Path) -> bool:
    """Whether a file is one of these, by its beginning."""
    try:
        with path.open("rb") as file:
            return KIND.encode() in file.read(200)
    except OSError:
        return False


def any_of(files: Sequence[Path]) -> bool:
    """Whether one of several files or folders is one of these."""
    return any(path.is_file() and is_snapshot(path) for path in files)


def verified(before: Sequence[Path], after: Sequence[Path]) -> IndexVerification:
    """One file from before against one from after. Raises InputError for anything else."""
    if len(before) != 1 or len(after) != 1 or not all(is_snapshot(path) for path in (*before, *after)):
        raise InputError(
            "statistics of statements are compared one file with one", "both from `advise --save-statistics`, no spans"
        )
    return compared(load(before[0]), load(after[0]))


def load(path: Path) -> Mapping[str, Any]:
    """A file as `document` made it. Raises InputError."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        if read["version"] != _VERSION:
            raise InputError(f"{path} was written by another version of slowlint", "save the statistics again")
        datetime.fromisoformat(read["taken"])
        for name in ("statements", "promises", "indexes"):
            _ = len(read[name])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} cannot be read as statistics of statements: {type(error).__name__}") from None
    checked: Mapping[str, Any] = read
    return checked


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> IndexVerification:
    """Promised against measured, for every index that `before` promised."""
    elapsed = (datetime.fromisoformat(after["taken"]) - datetime.fromisoformat(before["taken"])).total_seconds()
    old = {one["fingerprint"]: one for one in before["statements"]}
    new = {one["fingerprint"]: _since(one, old.get(one["fingerprint"]), elapsed) for one in after["statements"]}
    checks = [_index(promise, old, new, after) for promise in before["promises"]]
    notes = []
    if not before["promises"]:
        notes.append("nothing was promised before: no index to verify")
    failed = any(one.verdict == "did not come" for one in checks)
    if failed:
        notes.append(
            "what ran between the first file and the building of an index counts as after it: "
            "save the first one right before building"
        )
    return IndexVerification(tuple(checks), failed, tuple(notes))


def _since(now: Mapping[str, Any], then: Mapping[str, Any] | None, elapsed: float) -> Mapping[str, Any]:
    """What ran after the first file was written, where counting went on from it."""
    since = now.get("since_seconds")
    if then is None or (since is not None and since < elapsed - _CLOCK) or now["calls"] < then["calls"]:
        return now  # counted from zero since
    return {
        **now,
        "calls": now["calls"] - then["calls"],
        "total_ms": now["total_ms"] - then["total_ms"],
        "rows": (now["rows"] or 0) - (then["rows"] or 0),
    }


def _index(
    promise: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], after: Mapping[str, Any]
) -> IndexCheck:
    wanted = promise["keys"]
    made = any(
        keys[: len(wanted)] == wanted and where in ("", promise["where"])
        for keys, where in after["indexes"].get(promise["table"], ())
    )
    checks = []
    for served in promise["statements"]:
        left, right = old.get(served["fingerprint"]), new.get(served["fingerprint"])
        if left is None or right is None:
            continue
        point, low, high = served["ms"]
        checks.append(
            StatementCheck(
                left["text"],
                _mean(left, "total_ms"),
                _mean(right, "total_ms"),
                _mean(left, "rows"),
                _mean(right, "rows"),
                int(min(left["calls"], right["calls"])),
                Interval(point, low, high),
            )
        )
    return IndexCheck(promise["table"], tuple(promise["keys"]), promise["ddl"], tuple(checks), _verdict(made, checks))


def _mean(one: Mapping[str, Any], name: str) -> float:
    return float(one[name] or 0.0) / one["calls"] if one["calls"] else 0.0


def _verdict(made: bool, checks: Sequence[StatementCheck]) -> IndexVerdict:
    """Over all its statements: one that is called often decides."""
    if not made:
        return "not made"
    enough = [one for one in checks if one.calls >= _FEWEST]
    if not enough:
        return "too little to judge"
    weight = sum(one.calls for one in enough)
    saved = sum((one.before_ms - one.after_ms) * one.calls for one in enough) / weight
    low = sum(one.promised.low * one.calls for one in enough) / weight
    return "came" if saved >= low else "did not come"
