"""JSON encoders of the project's own: `json.dumps(rows, cls=Encoder)`, `json.dumps(rows, default=encoded)`.

In: a call of an encoder with lists, dicts and rows. Out: a call of the class's `default`, or of the function, for each
row among them, which JSON does not know. Flask's `jsonify`, whose encoder is set elsewhere, is not followed.
Source: docs.python.org, "json" (`JSONEncoder.default`); github.com/ijl/orjson, "default".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.values import (
    UNKNOWN,
    Class,
    Closure,
    Container,
    External,
    Function,
    Instance,
    Row,
    Rows,
    Spot,
    Value,
    parts,
)
from .base import Arguments, Framework, Keywords
from .drf_rendering import opened

if TYPE_CHECKING:
    from ..project.run import Run

_ENCODES = {
    "json.dumps", "json.dump", "simplejson.dumps", "simplejson.dump", "ujson.dumps", "orjson.dumps",
    "flask.json.dumps", "flask.json.dump",
}  # fmt: skip
_LISTS = ("list", "tuple")
_MAX_DEPTH = 4


class JsonEncoders(Framework):
    name = "json"
    calls_of = (External,)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if not isinstance(callee, External) or callee.name not in _ENCODES or not args:
            return None
        encoder = _encoder(run, keywords)
        if encoder is None:
            return None
        _encode(run, args[0], encoder, spot)
        return UNKNOWN


def _encoder(run: Run, keywords: Keywords) -> Function | Closure | None:
    default, cls = keywords.get("default"), keywords.get("cls")
    if isinstance(default, Function | Closure):
        return default
    member = run.project.lookup(cls.ref, "default") if isinstance(cls, Class) else None
    if member is None or member.kind != "function" or not isinstance(cls, Class):
        return None
    return Function(f"{member.owner}.default", Instance(cls.ref))


def _encode(run: Run, value: Value, encoder: Function | Closure, spot: Spot, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        return
    for part in parts(value):
        if isinstance(part, Row):
            run.call_value(encoder, (part,), {}, spot)
        elif isinstance(part, Container) and part.kind == "dict":
            for held in [held for _, held in part.fields] or [part.value or UNKNOWN]:
                _encode(run, held, encoder, spot, depth + 1)
        elif (isinstance(part, Container) and part.kind in _LISTS) or (isinstance(part, Rows) and part.kind == "list"):
            each = opened(run, part, spot)
            if each is not None:
                _encode(run, each, encoder, spot, depth + 1)
                run.close(run.loops[-1])
