"""One statement put to the proof, on any database: advice is built and timed, silence is tried."""

from __future__ import annotations

from sqlalchemy import Connection

from slowlint.tests.indexes import truth
from slowlint.tests.indexes.advice import Known, advised
from slowlint.tests.indexes.shapes import Shape

WORTH = 0.8
"""Part of its time that a statement has to lose for an index to be worth it."""
FAST = 3.0
"""ms that no index needs to improve on."""
_TIMES = 3  # tries, when something else kept the machine busy


def prove(connection: Connection, known: Known, shape: Shape) -> None:
    """Raises AssertionError with what was expected and what was seen."""
    now = truth.milliseconds(connection, shape)
    advice = advised(connection, known, shape, now)
    if shape.advised is None and advice is None:
        return
    if shape.advised is not False:
        assert advice is not None, "no advice"
        assert advice.planned
        low = advice.promise.low
        for left in reversed(range(_TIMES)):
            seen = truth.all_built(connection, shape, advice.proposals, known.tables)
            assert seen.used, f"the plan does not use {advice.proposals}"
            saving = now - seen.after
            if saving >= low and (saving >= WORTH * now or shape.advised is None):
                return
            assert left, f"promised {low:.2f} ms of {now:.2f}, saved {saving:.2f}: {advice.proposals}"
            now = min(now, truth.milliseconds(connection, shape))
            again = advised(connection, known, shape, now)
            assert again is not None, f"no advice when it takes {now:.2f} ms"
            low = again.promise.low
    assert advice is None, f"advised {advice.proposals}, promised {advice.promise}"
    if now < FAST:
        return
    for left in reversed(range(_TIMES)):
        best = truth.best(connection, shape, known.tables, now)
        if best is None or best.gain < WORTH:
            return
        assert left, f"{best.proposal} would take it from {best.before:.2f} to {best.after:.2f} ms"
        now = min(now, truth.milliseconds(connection, shape))
