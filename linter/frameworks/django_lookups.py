"""What Django's lookups compare: `filter(author__name__startswith=…)`, `Q` objects, and what they combine to.

In: the arguments of filter(), get() and the like. Out: conditions as `project.conditions` spells them.
Source: docs.djangoproject.com, "QuerySet API reference", Field lookups; "Complex lookups with Q objects".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..project.conditions import (
    CONSTANT,
    EITHER,
    EQUAL,
    NOT,
    NOT_NULL,
    NULL,
    OTHER,
    RANGE,
    SCAN,
    WITHOUT_COLUMN,
    literal,
    marked,
    read,
    spell,
)
from ..project.schema import Model, Relation, model_of, relation_of, reverse_of
from ..project.values import NONE, UNKNOWN, Const, Container, ExternalInstance, Rows, Value, parts, written

if TYPE_CHECKING:
    from ..project.project import Project

Q = "q"  # kind of the container that stands for a Q object: `value` is its connector, `items` are its parts
_LOOKUP = "lookup"  # one `name=value` of it: `value` is the name, `of` the kind of comparison
_KINDS = {
    "": EQUAL, "exact": EQUAL, "in": EQUAL, "gt": RANGE, "gte": RANGE, "lt": RANGE, "lte": RANGE, "range": RANGE,
    "startswith": RANGE, "year": RANGE, "isnull": NULL,
}  # fmt: skip
_NO_LOOKUPS = ("defaults", "create_defaults", "using")
_MAX_PARTS = 40


def q_object(args: Sequence[Value], keywords: Mapping[str, Value]) -> Container:
    """The value of `Q(...)`."""
    items: list[Value] = [a if _is_q(a) else UNKNOWN for a in args]
    named = [(key, value) for key, value in keywords.items() if key != "_negated"]
    items += [Container(_LOOKUP, Const(compared(value)), Const(key)) for key, value in named]
    connector = keywords.get("_connector")
    word = connector.value if isinstance(connector, Const) and connector.value in ("OR", "XOR") else "and"
    items = [i for i in items if not (isinstance(i, Container) and i.value == Const("_connector"))]
    return _q("or" if word in ("OR", "XOR") else "and", items)


def combined(operator: str, values: Sequence[Value]) -> Container | None:
    """The value of `a & b`, `a | b`, `~a` where a Q object takes part; None when none does."""
    if operator not in ("BitAnd", "BitOr", "BitXor", "Invert") or not any(_is_q(v) for v in values):
        return None
    word = {"BitAnd": "and", "Invert": "not"}.get(operator, "or")
    return _q(word, [v if _is_q(v) else UNKNOWN for v in values])


def _q(word: str, items: Sequence[Value]) -> Container:
    """One level less where both say the same; a condition of very many parts is left unknown."""
    flat: list[Value] = []
    for item in items:
        same = isinstance(item, Container) and item.kind == Q and item.value == Const(word) and word != "not"
        flat += item.items if same and isinstance(item, Container) and item.items else [item]
    known = list(dict.fromkeys(flat))
    size = sum(_size(item) for item in known)
    return Container(Q, UNKNOWN, Const(word), items=tuple(known) if size <= _MAX_PARTS else ())


def _size(item: Value) -> int:
    return 1 + sum(_size(inner) for inner in item.items) if isinstance(item, Container) and item.kind == Q else 1


def compared(value: Value) -> str:
    """The kind of an equality, from the value on its other side."""
    every = parts(value)
    if all(v == NONE for v in every):
        return NULL
    if any(isinstance(v, ExternalInstance) and v.cls.rpartition(".")[2] == "F" for v in every):
        return SCAN
    if len(every) == 1 and isinstance(every[0], Const):
        return literal(every[0].value)
    return CONSTANT if all(written(v) for v in every) else EQUAL


def conditions(project: Project, model: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> list[str]:
    """The conditions of `filter(*args, **keywords)` on a model."""
    out: list[str] = []
    for argument in args:
        out += conditions_of(project, model, argument)
    for key, value in keywords.items():
        if key not in _NO_LOOKUPS:
            out.append(_lookup(project, model, key, compared(value)))
    return [text for text in out if text]


def _is_q(value: Value) -> bool:
    return isinstance(value, Container) and value.kind == Q


def conditions_of(project: Project, model: str, value: Value) -> list[str]:
    """The conditions of a Q object, or of one part of it."""
    if isinstance(value, ExternalInstance | Rows):
        return []  # Exists(...) and other expressions: a condition that no index of this table serves
    if not isinstance(value, Container) or value.kind not in (Q, _LOOKUP):
        return [OTHER]
    if value.kind == _LOOKUP:
        key, kind = value.value, value.of
        if isinstance(key, Const) and isinstance(key.value, str) and isinstance(kind, Const):
            return [_lookup(project, model, key.value, str(kind.value or ""))]
        return [OTHER]
    if not value.items:
        return [OTHER]
    sides = [conditions_of(project, model, item) for item in value.items]
    inner = [text for side in sides for text in side if text]
    word = value.value.value if isinstance(value.value, Const) else ""
    if word == "and":
        return inner
    if word == "not":
        return marked(inner, NOT)
    # Served by indexes only when each side is an equality that one serves
    kinds = {read(text).kind for text in inner if text not in WITHOUT_COLUMN}
    plain = all(len(side) == 1 and side[0] not in WITHOUT_COLUMN for side in sides) and kinds <= {EQUAL, EITHER}
    same = plain and len({read(side[0]).table for side in sides}) == 1
    return marked([text for text in inner if text != OTHER], EITHER if same else SCAN)


def _lookup(project: Project, model: str, key: str, kind: str) -> str:
    """One `path__lookup=value`; `OTHER` when the path leads where nothing is known."""
    current = model_of(project, model)
    names = key.split("__")
    for i, part in enumerate(names):
        if current is None:
            return OTHER
        name = current.primary_key if part == "pk" else part
        rest = names[i + 1 :]
        relation = relation_called(project, current, name)
        if relation is not None:
            held = current.column(relation.column) if relation.column else None
            if held is not None and (not rest or rest[0] in _KINDS or rest in (["pk"], ["id"])):
                words = [word for word in rest if word not in ("pk", "id")]
                return spell("" if current.ref == model else current.table, held.column, _kind(words, kind))
            target = model_of(project, relation.target) if relation.target else None
            if target is not None and (not rest or rest[0] in _KINDS):
                return spell(target.table, target.primary_key, _kind(rest, kind))
            current = target
            continue
        column = current.column(name)
        if column is None:
            return OTHER
        return spell("" if current.ref == model else current.table, column.column, _kind(rest, kind))
    return OTHER


def _kind(lookups: Sequence[str], kind: str) -> str:
    if not lookups:
        return kind
    found = _KINDS.get(lookups[0]) if len(lookups) == 1 or lookups[0] == "year" else None
    if found is None:
        return lookups[-1] if len(lookups) == 1 else SCAN
    if found == NULL:
        return {literal(True): NULL, literal(False): NOT_NULL}.get(kind, "isnull")
    return kind if found == EQUAL or kind == SCAN else found


def relation_called(project: Project, model: Model, name: str) -> Relation | None:
    """A relation by the name that filters use: its own, or the other side's query name."""
    found = relation_of(project, model.ref, name)
    if found is not None:
        return found
    return next((r for r in reverse_of(project, model.ref).values() if r.query_name == name), None)
