"""One statement put to the proof, on any database: advice is built and timed, silence is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from slowlint.advisor.database.advice import advise
from slowlint.advisor.database.explain import explain
from slowlint.tests.indexes import truth
from slowlint.tests.indexes.advice import Known, advised, sent
from slowlint.tests.indexes.shapes import Shape

WORTH = 0.8
"""Part of its time that a statement has to lose for an index to be worth it."""
FAST = 3.0
"""ms that no index needs to improve on."""
_TIMES = 3  # tries, when something else kept the machine busy


def prove(connection: Connection, known: Known, shape: Shape) -> None:
    """Raises AssertionError with what was expected and what was seen."""
    now = known.times[shape.sql] = truth.milliseconds(connection, shape)
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


def prove_together(connection: Connection, known: Known, shapes: Sequence[Shape]) -> None:
    """All statements at once: the indexes are built, all of them, and every statement they were made for is timed."""
    times = {shape.sql: known.times.get(shape.sql) or truth.milliseconds(connection, shape) for shape in shapes}
    statements = tuple(sent(shape, times[shape.sql]) for shape in shapes)
    found = advise(connection, replace(known.surveyed, statements=statements)).indexes
    served = {one.statement.text: one.ms for index in found for one in index.served}
    missed = [shape.name for shape in shapes if shape.advised and shape.sql not in served]
    wrong = [shape.name for shape in shapes if shape.advised is False and shape.sql in served]
    assert not missed and not wrong, (missed, wrong)
    assert len(found) < len(served) / 2, "few were merged"
    with truth.built(connection, [one.proposal for one in found], known.tables) as names:
        plans = {shape.sql: explain(connection, truth.sql_of(shape)) for shape in shapes if shape.sql in served}
        unused = [text for text, plan in plans.items() if plan is None or plan.indexes.isdisjoint(names)]
        assert not unused
        useless = set(names).difference(*(plan.indexes for plan in plans.values() if plan is not None))
        assert not useless, [found[names.index(name)].proposal for name in useless]
        for shape in (one for one in shapes if one.sql in served):
            promise = served[shape.sql]
            assert promise is not None
            saving = 0.0
            for _ in range(_TIMES):
                saving = max(saving, times[shape.sql] - truth.milliseconds(connection, shape))
                if saving >= promise.low:
                    break
            assert saving >= promise.low, f"{shape.name}: promised {promise.low:.2f} ms, saved {saving:.2f}"
