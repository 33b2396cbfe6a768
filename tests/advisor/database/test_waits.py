"""What runs beside something longer is not waited for, and no index saves requests more than they wait."""

from __future__ import annotations

from slowlint.advisor.database.choose import Gain
from slowlint.advisor.database.model import Statement
from slowlint.advisor.database.waits import with_waits
from slowlint.advisor.database.worth import Rates, served
from slowlint.advisor.model import Span, Trace
from slowlint.linter.sql.access import Proposal

ALONE, BESIDE, UNSEEN = (
    Statement(text, "pg_stat_statements", text, 100.0, 5_000.0, None, 3600.0) for text in ("alone", "beside", "unseen")
)


def span(name: str, start: int, end: int) -> Span:
    return Span(b"t", name.encode(), b"root", name, "client", "db", start, end, fingerprint=name)


def test_what_requests_wait_for() -> None:
    root = Span(b"t", b"root", b"", "GET /", "server", "http", 0, 200)
    spans = (span("alone", 10, 60), span("longer", 70, 170), span("beside", 80, 190), span("other", 75, 195))
    one, two, three = with_waits((ALONE, BESIDE, UNSEEN), [Trace(root, spans, weight=3.0)])
    assert (one.waited, two.waited, three.waited) == (1.0, 0.0, None)


def test_a_promise_ends_at_the_wait() -> None:
    whole = served(ALONE, gain(), Rates())
    half = served(with_waits((ALONE,), _half())[0], gain(), Rates())
    assert whole is not None and whole.ms is not None and half is not None and half.ms is not None
    assert whole.ms.high > 40 and half.ms.high <= 25
    assert 0 < half.ms.low <= whole.ms.low / 2 + 1e-9


def test_nothing_is_promised_of_what_nobody_waits_for() -> None:
    root = Span(b"t", b"root", b"", "GET /", "server", "http", 0, 200)
    spans = (span("beside", 20, 30), span("longer", 10, 190))
    assert served(with_waits((BESIDE,), [Trace(root, spans)])[0], gain(), Rates()) is None


def gain() -> Gain:
    return Gain(Proposal("event", ("owner",)), 10_000.0, 10.0, "estimated", 1.0)


def _half() -> list[Trace]:
    """One request waits for all of it, another one for nothing."""
    root = Span(b"t", b"root", b"", "GET /", "server", "http", 0, 200)
    return [Trace(root, (span("alone", 10, 50),)), Trace(root, (span("alone", 10, 50), span("longer", 5, 190)))]
