"""Rows that are fetched, and then chosen, summed or sorted in Python by what is in one of their columns.

In: a fetch whose rows are gone through once, and the loop that does so. Out: observations of the kind `sifted`, saying
what the database would do instead: `filter`, `sum`, `max`, `exists`, `sort`.
Says nothing of tests that only Python can make: methods, properties, relations, other rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import narrow
from .conditions import names as compared
from .fetched import FEW_ROWS, Fetched, add, column_of, methods, of_given_row
from .schema import Model, model_of
from .shapes import assigned, names
from .uses import Use, Uses

if TYPE_CHECKING:
    from .run import Run

_COMBINED = {"union", "intersection", "difference", "raw", "from_statement", "select_for_update", "with_for_update"}
_COMPARES = {
    "compare:Eq", "compare:NotEq", "compare:Lt", "compare:LtE", "compare:Gt", "compare:GtE", "compare:In",
    "compare:NotIn", "compare:Is", "compare:IsNot",
}  # fmt: skip
_STRUCTURED = ("JSONField", "ArrayField", "BinaryField", "JSON")
_MAX_DEPTH = 12


def of_round(run: Run, fetched: Fetched, each: Use, uses: Uses) -> None:
    """A loop over the rows."""
    model = _of(run, fetched, uses)
    loop = each.loop
    if model is None or not isinstance(loop, tuple) or fetched.spot is None:
        narrow.of_columns(run, fetched, each, uses)
        return
    if loop[0] == ir.FOR:
        found = _statement(model, each.name, loop[3]) if not loop[4] else ""
    else:
        found = _comprehension(model, each, loop)
    how, _, column = found.partition(":")
    if column in compared(fetched.rows.filters):
        return  # the query has chosen by it already
    if how == "filter" and _of_another_loop(run, each, loop):
        return  # fetched once for all rounds of that one
    if how and (how != "filter" or not narrow.of_columns(run, fetched, each, uses)):
        add(run, "sifted", fetched, fetched.spot, how, detail=column, sure=False)
    elif not how:
        narrow.of_columns(run, fetched, each, uses)


def of_fold(run: Run, fetched: Fetched, fold: Use, uses: Uses) -> None:
    """`max(rows, key=lambda row: row.column)`, `sorted(rows, key=…)`."""
    model = _of(run, fetched, uses)
    key = dict(fold.node[3]).get("key") if fold.node is not None else None
    if model is None or fetched.spot is None or fold.name not in ("sorted", "min", "max"):
        return
    core = key[1] if isinstance(key, tuple) and key[0] == ir.LAMBDA else None
    if core is None or len(core[ir.C_PARAMETERS]) != 1:
        return
    column = _read(model, core[ir.C_PARAMETERS][0][0], core[ir.C_BODY][0][1])
    if not column:
        return
    cut = fold.outer is not None and fold.outer.path == ("item",)
    how = "sort" if fold.name == "sorted" and not cut else "first"
    add(run, "sifted", fetched, fetched.spot, how, detail=column, sure=False)


def _of(run: Run, fetched: Fetched, uses: Uses) -> Model | None:
    """The model of the rows, when a query could have done it."""
    rows = fetched.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or rows.plain or rows.limit or of_given_row(rows) or rows.cached or fetched.loop:
        return None
    if any(name in ("*entities", "*tuples") for name, _ in rows.aliases) or 0 < rows.limit <= FEW_ROWS:
        return None
    return None if methods(fetched.expr, uses) & _COMBINED else model


def _statement(model: Model, variable: str, body: Any) -> str:
    """A loop that does something only for rows with some value in a column."""
    first = body[0] if body else None
    if first is None or first[0] != ir.IF or first[3]:
        return ""
    alone = len(body) == 1 and not _ends(first[2], ir.CONTINUE)
    skips = len(body) > 1 and len(first[2]) == 1 and first[2][0][0] == ir.CONTINUE
    if not alone and not skips:
        return ""
    changed = assigned(body, deep=True)
    if changed & ({name.partition(".")[0] for name in names(first[1])} | names(first[1])) - {variable}:
        return ""  # compared with what the loop collects
    column = _tested(model, variable, first[1])
    return f"filter:{column}" if column else ""


def _of_another_loop(run: Run, each: Use, loop: Any) -> bool:
    """Whether the rows are compared with what a loop around goes through: one fetch for all its rounds is right."""
    tests = (loop[3][0][1],) if loop[0] == ir.FOR else loop[4][0][2]
    others = {name.partition(".")[0] for test in tests for name in names(test)} - {each.name}
    return any(run.fresh.get(name, 0) for name in others)


def _ends(body: Any, op: int) -> bool:
    return bool(body) and body[-1][0] == op


def _comprehension(model: Model, each: Use, loop: Any) -> str:
    _, _, element, second, generators, *_ = loop
    outer = each.outer
    if len(generators) != 1:
        return ""
    conditions = generators[0][2]
    tested = [_tested(model, each.name, condition) for condition in conditions]
    if any(not column for column in tested):
        return ""
    folded = outer.name if outer is not None and outer.path == ("fold",) else ""
    if outer is not None and outer.path[0] in ("len", "bool", "truth"):
        return f"{'count' if outer.path[0] == 'len' else 'exists'}:{tested[0]}" if tested else ""
    if folded in ("any", "all"):
        column = _tested(model, each.name, element) if second is None else ""
        return f"exists:{column}" if column else ""
    if folded in ("sum", "max", "min") and second is None:
        column = _read(model, each.name, element)
        return f"{folded}:{column}" if column else ""
    return f"filter:{tested[0]}" if tested else ""


# Tests ----------------------------------------------------------------------------------------------------


def _read(model: Model, variable: str, expr: Any) -> str:
    """The column that `variable.column` reads; "" for anything else."""
    if isinstance(expr, tuple) and expr[0] == ir.ATTR and expr[1] == variable:
        name = column_of(model, expr[2])
        column = model.column(name)
        return name if column is None or column.type.rpartition(".")[2] not in _STRUCTURED else ""
    return ""


def _tested(model: Model, variable: str, test: Any, depth: int = 0) -> str:
    """The first column that a test compares, when a query could make the same test; "" otherwise. A test of the key
    picks out or leaves out single rows, which costs little."""
    column = _read(model, variable, test)
    if column == "pk":
        return ""
    if column or not isinstance(test, tuple) or test[0] != ir.OPERATION or depth > _MAX_DEPTH:
        return column
    operator, operands = test[1], test[2]
    if operator in ("and", "or", "not"):
        found = [_tested(model, variable, part, depth + 1) for part in operands]
        return found[0] if all(found) else ""
    if operator not in _COMPARES or len(operands) != 2:
        return ""
    for side, other in (operands, operands[::-1]):
        column = _read(model, variable, side)
        if column not in ("", "pk") and variable not in {name.partition(".")[0] for name in names(other)} | names(
            other
        ):
            return column
    return ""
