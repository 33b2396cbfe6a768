"""What became of promised indexes, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from ..database.model import IndexCheck, IndexVerdict, IndexVerification
from ._figures import Paint, clean, duration, painter
from ._indexes_json import verification as as_json

_VERDICT: Final[Mapping[IndexVerdict, tuple[str, str]]] = {
    "came": ("the saving came", "bold green"),
    "did not come": ("the saving did not come", "bold red"),
    "not made": ("was not made", "dim"),
    "too little to judge": ("too little to judge", "dim"),
}


def write(output_format: str, checked: IndexVerification, version: str, *, color: bool = False) -> str:
    """One report, `json` or `text`, ending in a newline."""
    if output_format == "json":
        document = {
            "version": 1,
            "tool": {"name": "slowlint", "version": version},
            "failed": checked.failed,
            "indexes": as_json(checked),
            "notes": list(checked.notes),
        }
        return json.dumps(document, indent=2) + "\n"
    paint = painter(color)
    blocks = ["\n".join(_index(one, paint)) for one in checked.indexes]
    blocks.append("\n".join(_summary(checked, paint)))
    return "\n\n".join(blocks) + "\n"


def _index(one: IndexCheck, paint: Paint) -> Iterator[str]:
    words, style = _VERDICT[one.verdict]
    yield f"{paint(clean(one.table + ' (' + ', '.join(one.keys) + ')'), 'bold')}  {paint(words, style)}"
    for statement in one.statements:
        yield f"  {clean(' '.join(statement.text.split()))[:110]}"
        yield (
            f"    {duration(statement.before_ms)} → {duration(statement.after_ms)} a call; promised "
            f"{duration(statement.promised.point)} less ({duration(statement.promised.low)} to "
            f"{duration(statement.promised.high)}); {statement.before_rows:,.1f} → {statement.after_rows:,.1f} rows"
        )


def _summary(checked: IndexVerification, paint: Paint) -> Iterator[str]:
    for note in checked.notes:
        yield f"{paint('note', 'dim')}: {clean(note)}"
    judged = [one for one in checked.indexes if one.verdict in ("came", "did not come")]
    if not judged:
        yield "No promise could be checked."
        return
    missed = sum(one.verdict == "did not come" for one in judged)
    yield (
        paint(f"of {len(judged)} indexes that were made, {missed} did not save what was promised", "bold red")
        if missed
        else f"every index that was made saves what was promised ({len(judged)})"
    )
