"""The database's part of the ranking, for people: indexes to make, indexes to remove, what became of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...linter.model import Finding
from ..database.model import DatabaseAdvice, IndexAdvice, IndexRemoval, Served
from ..model import Interval
from ._figures import Paint, clean, duration, hourly, where

_SHOWN = 20
_STATEMENTS = 3
_TEXT = 110


def blocks(advice: DatabaseAdvice, findings: Mapping[str, Finding], prefix: str, paint: Paint) -> Iterator[list[str]]:
    """Blocks of lines. `findings` by fingerprint, to name those that an index settles."""
    yield [_heading(advice, paint)]
    for number, one in enumerate(advice.indexes[:_SHOWN], 1):
        yield list(_index(number, one, findings, prefix, paint))
    if len(advice.indexes) > _SHOWN:
        yield [f"… and {len(advice.indexes) - _SHOWN} more indexes (see --output-format json)"]
    if advice.removals:
        yield list(_removals(advice, paint))
    if advice.refuted:
        lines = [paint("Findings that the database refutes", "bold")]
        for answer in advice.refuted[:_SHOWN]:
            found = answer.finding
            lines.append(f"  {where(found.place, prefix)}  {found.code}: {clean(answer.reason)}")
        if len(advice.refuted) > _SHOWN:
            lines.append(f"  … and {len(advice.refuted) - _SHOWN} more")
        yield lines
    notes = (*advice.database.notes, *advice.notes)
    if notes:
        yield [f"{paint('note', 'dim')}: {clean(note)}" for note in notes[:_SHOWN]]


def _heading(advice: DatabaseAdvice, paint: Paint) -> str:
    database = advice.database
    version = ".".join(str(part) for part in database.version)
    name = " ".join(part for part in (database.dialect, version, clean(database.name)) if part)
    asked = f"{advice.considered} statements on {len(database.tables):,} tables"
    if not advice.indexes:
        return paint(f"Database {name}", "bold") + f": {asked}, no index that would pay is missing"
    count = len(advice.indexes)
    return paint(f"Database {name}", "bold") + f": {asked}; {count} {'index' if count == 1 else 'indexes'} would pay"


def _index(number: int, one: IndexAdvice, findings: Mapping[str, Finding], prefix: str, paint: Paint) -> Iterator[str]:
    columns = ", ".join(part.column or part.expression for part in one.proposal.index().parts)
    condition = f" where {one.proposal.where}" if one.proposal.where else ""
    size = f"  {paint(f'{one.rows:,.0f} rows', 'dim')}" if one.rows is not None else ""
    yield f"{number:>3}. {paint(clean(f'{one.table.name} ({columns}){condition}'), 'bold')}{size}"
    if one.seconds_per_hour is not None and one.ms_per_call is not None:
        yield (
            f"     {paint('saves', 'bold green')}  {paint(_an_hour(one.seconds_per_hour), 'bold')}; "
            f"{_ms(one.ms_per_call)} a call"
        )
    else:
        yield f"     {paint('saves', 'dim')}  not known: nothing says how often it is asked"
    for served in one.served[:_STATEMENTS]:
        yield f"     {paint('for', 'dim')}    {_statement(served)}"
    if len(one.served) > _STATEMENTS:
        yield f"            and {len(one.served) - _STATEMENTS} more statements"
    judge = "by the planner" if one.checked == "hypothetical" else "estimated"
    upkeep = one.upkeep_seconds_per_hour
    writing = f"; writing it takes {hourly(upkeep)} an hour" if upkeep is not None and upkeep >= 0.05 else ""
    room = f"; about {_bytes(one.bytes)}" if one.bytes is not None else ""
    yield f"     {paint('cost', 'dim')}   {one.before:,.0f} → {one.after:,.0f} [{judge}]{room}{writing}"
    for mark in one.findings:
        if mark in findings:
            found = findings[mark]
            yield f"     {paint('found', 'dim')}  {where(found.place, prefix)}  {found.code}"
    yield f"     {paint('fix', 'bold green')}    {clean(one.ddl)}"
    for note in one.notes:
        yield f"     {paint('note', 'dim')}   {note}"


def _statement(served: Served) -> str:
    statement = served.statement
    text = clean(" ".join(statement.shown.split()))
    short = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
    if statement.calls_per_hour is not None and statement.mean_ms is not None:
        return f"{short}  ({statement.calls_per_hour:,.0f} an hour, {duration(statement.mean_ms)} each)"
    return f"{short}  ({'predicted' if statement.source == 'predicted' else 'recorded'})"


def _removals(advice: DatabaseAdvice, paint: Paint) -> Iterator[str]:
    yield paint("Indexes that cost more than they give", "bold")
    for one in advice.removals[:_SHOWN]:
        size = f", {_bytes(one.bytes)}" if one.bytes else ""
        yield (
            f"  {clean(one.table.name)}: {paint(clean(one.index.name), 'bold')}  "
            f"{paint(one.reason, 'bold yellow')}{size}{_writes(one)}: {clean(one.detail)}"
        )
        yield f"     {paint('fix', 'bold green')}    {clean(one.ddl)}"
    if len(advice.removals) > _SHOWN:
        yield f"  … and {len(advice.removals) - _SHOWN} more"


def _writes(one: IndexRemoval) -> str:
    return f", written {one.writes_per_hour:,.0f} times an hour" if (one.writes_per_hour or 0) >= 1 else ""


def _an_hour(value: Interval) -> str:
    return f"{hourly(value.point)} an hour ({hourly(value.low).removesuffix(' s')} to {hourly(value.high)})"


def _ms(value: Interval) -> str:
    return f"{duration(value.point)} ({duration(value.low)} to {duration(value.high)})"


def _bytes(size: int | None) -> str:
    value = float(size or 0)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
