"""Whether a request goes where the program says or where its data say: only in the first case there is a connection
that the next request could use.

In: a call that connects anew, in a run. Out: `ANYWHERE` when the whole address comes from an argument, a row or an
answer; "" when its host is written, configured, or of the object that asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..frameworks import traits
from . import shapes
from .values import Class, Instance, Row

if TYPE_CHECKING:
    from .record import Recorder

ANYWHERE = "anywhere"
_HOST = re.compile(r"https?://[^/{%]")
_ADDRESS = ("url", "fullurl")
_DEPTH = 6


def of(run: Recorder, name: str) -> str:
    """Of the call being interpreted, whose name is this."""
    trait = traits.of(name)
    call = run.expression
    if trait is None or not trait.one_shot or not isinstance(call, tuple) or call[0] != ir.CALL:
        return ""
    position = 1 if name.endswith(".request") else 0
    given = [value for key, value in call[3] if key in _ADDRESS] or list(call[2][position : position + 1])
    return "" if given and _fixed(run, given[0], _DEPTH) else ANYWHERE


def _fixed(run: Recorder, expr: Any, depth: int) -> bool:
    """Whether an address begins with something that does not depend on data."""
    if not depth:
        return False
    if isinstance(expr, str):
        return _named(run, expr, depth)
    if not isinstance(expr, tuple):
        return False
    op = expr[0]
    if op == ir.CONST:
        return bool(_HOST.match(str(expr[1])))
    if op == ir.STRING:
        return bool(expr[1]) and _fixed(run, expr[1][0], depth - 1)
    if op == ir.OPERATION:
        return bool(expr[2]) and _fixed(run, expr[2][0], depth - 1)
    if op == ir.SEQUENCE:
        return bool(expr[2]) and _fixed(run, expr[2][0], depth - 1)
    if op in (ir.ATTR, ir.INDEX):
        return _itself(run, expr[1]) or _fixed(run, expr[1], depth - 1)
    return op == ir.CALL and _of_call(run, expr, depth)


def _of_call(run: Recorder, call: Any, depth: int) -> bool:
    """`urljoin(base, path)`, `Request(url)`, `"…".format(…)`, `"/".join([host, path])`; `self._url(path)`."""
    func = call[1]
    method = isinstance(func, tuple) and func[0] == ir.ATTR
    if method and (_itself(run, func[1]) or (func[2] != "join" and _fixed(run, func[1], depth - 1))):
        return True
    return bool(call[2]) and _fixed(run, call[2][0], depth - 1)


def _itself(run: Recorder, expr: Any) -> bool:
    """Whether this is the object, or the class, whose method is being run; not a static method's first argument."""
    return isinstance(expr, str) and expr == run.self_name and isinstance(run.env.get(expr), Instance | Row | Class)


def _named(run: Recorder, name: str, depth: int) -> bool:
    if name in getattr(run, "parameters", ()):
        return False
    if name not in run.env:
        return True  # of the module, or imported
    return any(_fixed(run, expr, depth - 1) for expr in _assigned(getattr(run, "body", ()), name))


def _assigned(body: Any, name: str) -> list[Any]:
    """What a function assigns to a name."""
    out = []
    pending = [body]
    while pending:
        part = pending.pop()
        if len(part) == 6 and part[0] == ir.ASSIGN and name in part[1] and name not in shapes.names(part[2]):
            out.append(part[2])
        pending.extend(p for p in part if isinstance(p, tuple))
    return out
