"""An index that another index of its table serves as well."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Because, Finding, fingerprint
from ...linter.project.project import Project
from ...linter.project.redundant import Declared, Redundant, redundant


def check(project: Project) -> Iterator[Finding]:
    for found in redundant(project):
        index, other = found.index, found.other
        place = project.place(index.spot)
        symbol = index.spot.owner.rpartition("::")[2]
        kind = "unique constraint" if other.unique else "index"
        which = (
            f"the {kind} on the same columns" if found.same else f"the {kind} on `({_columns(other)})` begins so and"
        )
        yield Finding(
            code="redundant-index",
            family="index",
            message=f"the index on `{_named(found)}` is superfluous: {which} serves the same queries, "
            "and each write has to keep both",
            place=place,
            severity="warning",
            confidence="possible" if not found.sure else "certain" if found.same else "likely",
            symbol=symbol,
            fingerprint=fingerprint("redundant-index", place.path, symbol, "+".join(index.columns)),
            because=(Because(project.place(other.spot), f"this one begins with `{_columns(index)}`"),),
            remedy=_remedy(found),
            weight=1.0,
        )


def _columns(index: Declared) -> str:
    return ", ".join(f"-{name}" if down else name for name, down in zip(index.columns, index.descending, strict=True))


def _named(found: Redundant) -> str:
    model = found.model.name.rpartition(".")[2]
    columns = _columns(found.index)
    return f"{model}({columns})" if len(found.index.columns) > 1 else f"{model}.{columns}"


def _remedy(found: Redundant) -> str:
    index = found.index
    if index.column is None:
        name = f" `{index.index.name}`" if index.index is not None and index.index.name else ""
        return f"take {'the constraint' if index.unique else 'the index'}{name} out, and drop it in a migration"
    word = "db_index" if found.model.dialect == "django" else "index"
    if index.column.own_index == "given":
        return f"add `{word}=False` to `{index.column.name.removesuffix('_id')}`"
    return f"take `{word}=True` from `{index.column.name}`"
