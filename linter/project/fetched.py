"""What a run saw being fetched, and what may be said of it. Shared by the modules that say so.

In: a fetch and the uses of the function's values. Out: small answers, and observations. Judges nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .schema import Model
from .values import Rows, Spot

if TYPE_CHECKING:
    from .run import Run
    from .uses import Uses

FETCHED = "*fetched"  # in the aliases of rows: the relations that their query was told to fetch with them
LIMITED = "*limited"  # in the aliases of rows: the query has a limit that is not known
CHOSEN = "*chosen"  # in the aliases of rows: a condition or a join chooses among them, in whatever way
CONDITIONS = "*conditions"  # in the aliases of a result: what its statement compared
FEW_ROWS = 20  # of so few rows, columns that nobody reads cost nothing worth saying
# Django's fields whose attribute on a row is what the column holds; files and many fields of libraries give an object
_PLAIN_FIELDS = {
    "AutoField", "BigAutoField", "SmallAutoField", "CharField", "TextField", "SlugField", "EmailField", "URLField",
    "UUIDField", "IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
    "PositiveBigIntegerField", "PositiveSmallIntegerField", "FloatField", "DecimalField", "BooleanField",
    "NullBooleanField", "DateField", "DateTimeField", "TimeField", "DurationField", "BinaryField", "JSONField",
    "ArrayField", "GenericIPAddressField", "ForeignKey", "OneToOneField",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """Rows or a count that an expression asked for. `spot`: where, None when the expression has no place of its own."""

    expr: Any
    rows: Rows
    spot: Spot | None
    loop: bool
    """Inside a loop of many rounds: what it repeats is told by other rules."""
    how: str = ""
    """The method that asked, where it asks for one row or a number."""


def of_given_row(rows: Rows) -> bool:
    """Whether they are the related rows of a row that the function was given, which may have been prefetched."""
    parent = rows.parent
    return parent is not None and parent.origin is not None and bool(parent.origin.parameter)


def column_of(model: Model, name: str) -> str:
    """A column by the attribute that reads it, `pk` for the primary key; "" when a query cannot give just that."""
    if not name:
        return ""
    if (name == "pk" and model.dialect == "django") or name == model.primary_key:
        return "pk" if model.dialect == "django" else name
    column = model.column(name)
    if column is None or column.name != name:
        return ""
    if model.dialect == "django" and column.type.rpartition(".")[2] not in _PLAIN_FIELDS:
        return ""
    return name


def methods(expr: Any, uses: Uses) -> set[str]:
    """The names of the methods that made a query and those that it builds on."""
    out: set[str] = set()
    seen: set[str] = set()
    pending = [expr]
    while pending:
        part = pending.pop()
        if isinstance(part, str) and part not in seen:
            seen.add(part)
            pending += uses.bound.get(part, ())
        elif isinstance(part, tuple) and part[0] == ir.CALL:
            if isinstance(part[1], tuple) and part[1][0] == ir.ATTR:
                out.add(part[1][2])
                pending.append(part[1][1])
            pending += (a for a in part[2] if isinstance(a, tuple) and a[0] == ir.CALL)
    return out


def add(run: Run, kind: str, fetched: Fetched, spot: Spot, how: str, *, detail: str = "", sure: bool = True) -> None:
    """Observe that a fetch wastes something: `how`, in a word for the rule that tells it."""
    run.wasteful(kind, fetched.rows, spot, how, detail, sure=sure)
