"""SARIF results of a live database: they have no place in the code, which SARIF allows (2.1.0, §3.27.12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...linter.model import fingerprint
from ..database.model import DatabaseAdvice
from ._figures import hourly
from ._indexes_json import database as as_json

MISSING: Final = "missing-database-index"
REMOVABLE: Final = "removable-database-index"


def codes(advice: DatabaseAdvice) -> Iterator[str]:
    """Rules that results of this database name."""
    if advice.indexes:
        yield MISSING
    if advice.removals:
        yield REMOVABLE


def results(advice: DatabaseAdvice, index: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """One result for each index to make or to remove. `index`: of the rules in the run."""
    told = as_json(advice)
    for one, document in zip(advice.indexes, told["indexes"], strict=True):
        saved = one.seconds_per_hour
        text = f"{one.table.name} has no index on ({', '.join(one.proposal.keys)})"
        text += (
            f" that would save {hourly(saved.point)} an hour" if saved is not None else " that these statements need"
        )
        yield _result(MISSING, "warning", f"{text}.\nFix: {one.ddl}", (one.table.name, one.ddl), document, index)
    for removal, document in zip(advice.removals, told["removals"], strict=True):
        text = f"Index {removal.index.name} of {removal.table.name} is {removal.reason}: {removal.detail}."
        subject = (removal.table.name, removal.index.name)
        yield _result(REMOVABLE, "note", f"{text}\nFix: {removal.ddl}", subject, document, index)


def _result(
    code: str, level: str, text: str, subject: tuple[str, str], document: Mapping[str, Any], index: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "ruleId": code,
        "ruleIndex": index[code],
        "level": level,
        "message": {"text": text},
        "partialFingerprints": {"slowlint/v1": fingerprint(code, "", *subject)},
        "properties": {"database": document},
    }
