"""What `slowlint advise --database-url` asks of this package, in one call.

In: the URL as it was given, the linter's findings and the telemetry store. Out: the advice; None when the database
could not be asked and something else can be told, after saying why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...linter.errors import SlowlintError
from ...linter.model import Finding
from ..store import Store
from .advice import advise
from .connect import Limits, connected, target
from .model import DatabaseAdvice
from .survey import survey
from .waits import with_waits


def asked(
    url: str,
    findings: Sequence[Finding],
    store: Store,
    analyse: bool = False,
    *,
    tell: Callable[[str], None],
    needed: bool = False,
    limits: Limits | None = None,
) -> DatabaseAdvice | None:
    """The advice on one database. `analyse`: statements that only read may be run to time them.
    `needed`: nothing else can be told, so a database that cannot be asked is an error (SlowlintError)."""
    try:
        where = target(url)
        with connected(where, limits or Limits()) as connection:
            found = survey(
                connection, findings=findings, traffic=store.statements(), window_seconds=store.window_seconds()
            )
            found = replace(found, statements=with_waits(found.statements, store.traces()))
            advice = advise(connection, found, findings, analyse=analyse)
    except SlowlintError as error:
        if needed:
            raise
        tell(f"error: {str(error).rstrip('.')}.")
        if error.tip:
            tell(f"  tip: {error.tip}")
        tell("  what follows is said without the database")
        return None
    return advice
