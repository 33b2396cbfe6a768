"""Who keeps an answer, so that the code behind a test asks for it once: `if self._x is None: self._x = …`.

In: the test, and what is assigned behind it. Out: the parameter whose object keeps the answer, or `MODULE`. An answer
that an object keeps under keys counts too: the same one is not asked for again. So does one that is given back while
it is young enough. Says nothing of tests inside loops (see `Branches.rare`), nor of names that live no longer than the
call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes
from .values import Instance, Row

if TYPE_CHECKING:
    from .run import Run

MODULE = "*"  # something that outlives every call keeps it


def keeper(run: Run, test: Any, holds: bool, body: Any) -> str:
    """The parameter whose object keeps what `body` finds when `test` is `holds`, `MODULE`, or ""."""
    asked = set(absent(test, holds))
    if not asked:
        return ""
    written = shapes.assigned(body, deep=True) | set(_by_methods(run, body))
    for name in sorted(asked):
        for source in (name, *sorted(run.read_from.get(name, ()))):
            if source not in written:
                continue
            base, dot, _ = source.partition(".")
            if dot and base in run.parameters:
                return base
            if base not in run.env and base not in run.parameters:
                return MODULE
    return ""


def absent(test: Any, holds: bool) -> Iterator[str]:
    """What a test finds missing when its outcome is `holds`: `x`, and `self.x` as "self.x"."""
    if isinstance(test, str):
        yield from () if holds else (test,)
        return
    if not isinstance(test, tuple):
        return
    op = test[0]
    if op == ir.NAMED:
        yield from () if holds else shapes.names(test[1]) | shapes.names(test[2])
    elif op in (ir.ATTR, ir.CALL):
        looks = op == ir.ATTR or test[1] in ("hasattr", "getattr")
        yield from shapes.names(test) if looks and not holds else ()
    elif op == ir.OPERATION and test[1] == "not":
        yield from absent(test[2][0], not holds)
    elif op == ir.OPERATION and test[1] in ("and", "or"):
        for part in test[2]:
            yield from absent(part, holds)
    elif op == ir.OPERATION and test[1] in ("compare:In", "compare:NotIn"):
        yield from shapes.names(test[2][-1]) if (test[1] == "compare:NotIn") is holds else ()
    elif op == ir.OPERATION and test[2][-1] == (ir.CONST, None):
        yield from shapes.names(test[2][0]) if (test[1] in ("compare:Is", "compare:Eq")) is holds else ()


def _by_methods(run: Run, body: Iterable[Any]) -> Iterator[str]:
    """What statements assign by calling a method of a parameter: `self._fill()` assigns what `_fill` does."""
    for s in body:
        call = s[1] if s[0] == ir.EXPRESSION else None
        func = call[1] if isinstance(call, tuple) and call[0] == ir.CALL else None
        if not isinstance(func, tuple) or func[0] != ir.ATTR or func[1] not in run.parameters:
            continue
        held = run.env.get(func[1])
        cls = held.model if isinstance(held, Row) else held.cls if isinstance(held, Instance) else ""
        member = run.project.lookup(cls, func[2]) if cls else None
        defined = run.project.function(f"{member.owner}.{func[2]}") if member is not None else None
        for name in defined.core[ir.C_SELF_WRITES] if defined is not None else ():
            yield f"{func[1]}.{name}"
