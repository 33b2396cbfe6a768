"""What a run may say happens: rows are fetched, a relation is loaded, a statement sent, something outside called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from . import whither
from .conditions import names
from .effects import BLOCKS, COLUMNS, COMMIT, FETCH, LOAD, QUERY, REMOTE, WRITE, Effect, Observation, site_key
from .fetched import Fetched
from .frozen import replace
from .record import Recorder
from .values import ANYTHING, NAMED, Origin, Row, Rows, Spot, Value, empty

if TYPE_CHECKING:
    from .schema import Relation


class Happenings(Recorder):
    """Statements and calls, as effects of one run."""

    # What is fetched --------------------------------------------------------------------------------------

    def fetch(self, value: Value, expr: Any, spot: Spot | None) -> None:
        """An expression's value is gone through, counted or tested: if it is a query, its rows are fetched."""
        if type(value) is not Rows or value.dialect == "sqlalchemy" or value.cached or value.asked is not None:
            return
        if empty(value):
            return
        if value.kind in ("query", "related") or (value.kind == "list" and value.dialect == "sqlalchemy-result"):
            repeated = self._many()
            if isinstance(expr, str):
                self.fetched.setdefault(expr, Fetched(expr, value, spot, repeated))
            elif isinstance(expr, tuple) and expr[0] in (ir.CALL, ir.AWAIT):
                self.fetched.setdefault(id(expr), Fetched(expr, value, spot, repeated))

    def counted_rows(self, rows: Rows, spot: Spot) -> None:
        """The call being interpreted asks the database how many rows there are."""
        expr = self.expression
        if isinstance(expr, tuple) and expr[0] == ir.CALL and spot.owner == self.owner and not rows.cached:
            repeated = self._many()
            self.counts.setdefault(id(expr), Fetched(expr, rows, spot, repeated))

    def wasteful(
        self, kind: str, rows: Rows, spot: Spot, how: str = "", detail: str = "", *, sure: bool = True
    ) -> None:
        """A query that is slow by itself, however often it runs: an observation of this kind, about `how`."""
        from .schema import model_of

        model = model_of(self.project, rows.model)
        query = Query("SELECT", (model.table,), names(rows.filters), rows.order) if model is not None else None
        origin = rows.origin if rows.origin is not None and not rows.origin.parameter else None
        effect = Effect(
            FETCH, how, spot, model=rows.model, detail=detail, origin=origin, query=query, how=rows.dialect,
            assumed=not sure,
        )  # fmt: skip
        self.observed.setdefault((kind, spot), Observation(kind, effect, self.owner))

    def taken(self, rows: Rows) -> None:
        """Only some of the rows of a query are taken; of what was told of it, that is to be known."""
        for key, o in self.observed.items() if rows.order == ("?",) else ():
            if o.kind == "random" and o.effect.model == rows.model:
                self.observed[key] = replace(o, effect=replace(o.effect, subject="few"))

    # What happens -----------------------------------------------------------------------------------------

    def load(
        self,
        row: Row,
        relation: Relation,
        spot: Spot,
        how: str = "relation",
        *,
        order: tuple[str, ...] = (),
        limit: int = 0,
        blocks: bool = True,
        unawaited: bool = False,
    ) -> None:
        """A relation of a row is fetched because nobody fetched it before, in this order. `unawaited`: by an
        asynchronous session, which cannot do so while a plain attribute is read."""
        from .schema import model_of

        self.now_loaded = relation.name
        how = "key" if self.for_key and relation.kind == "one" and not relation.filters else how
        target = model_of(self.project, relation.target) if relation.target else None
        filters = relation.filters or ((target.primary_key,) if target is not None else ())
        query = Query("SELECT", (target.table,), names(filters), order) if target is not None else None
        effect = Effect(
            LOAD,
            relation.name,
            spot,
            model=row.model,
            detail=relation.target,
            origin=row.origin,
            path=f"{row.path}.{relation.name}" if row.path else relation.name,
            query=query,
            conditions=filters,
            limit=limit,
            blocks=blocks,
            field=relation.spot,
            how=how,
            assumed=ANYTHING in row.loaded,
        )
        if how not in COLUMNS:
            self.site(effect)
        if unawaited:
            self.observed.setdefault(("unawaited", effect.subject, spot), Observation("unawaited", effect, self.owner))
        else:
            self.emit(effect, row.fresh)

    def site(self, effect: Effect) -> None:
        """A statement that the function itself sends, for rules about columns and indexes."""
        self.sites.setdefault(site_key(effect), effect)

    def query(
        self,
        rows: Rows,
        verb: str,
        spot: Spot,
        how: str,
        *,
        filters: Iterable[str] = (),
        order: tuple[str, ...] | None = None,
        limit: int | None = None,
        per_evaluation: bool = False,
        blocks: bool = True,
        bulk: bool = False,
        meant: bool = False,
    ) -> None:
        """A statement runs. `order`, `limit`: where they are not those of the rows. `per_evaluation`: only the first
        time this query object is evaluated; `meant`: once per round on purpose."""
        from .schema import model_of

        model = model_of(self.project, rows.model)
        if model is not None and model.abstract:
            return  # it has no table: which one is asked depends on the class, as in a loop over classes
        conditions = tuple(dict.fromkeys([*rows.filters, *filters]))
        shape = None
        if model is not None:
            shape = Query(verb, (model.table,), names(conditions), rows.order if order is None else order)
        prefetched = rows.asked is not None and verb == "SELECT"
        if rows.asked is not None and verb == "SELECT":
            spot = rows.asked
        per_evaluation = per_evaluation and not prefetched
        effect = Effect(
            QUERY if verb == "SELECT" else WRITE,
            f"{how}:{rows.relation}" if rows.relation else how,
            spot,
            model=rows.model,
            detail=rows.parent.model if rows.parent is not None else "",
            origin=rows.origin if per_evaluation or prefetched or rows.kind == "related" else None,
            path=rows.path,
            query=shape,
            conditions=conditions,
            limit=rows.limit if limit is None else limit,
            blocks=blocks and not self.awaiting,
            how=how,
            bulk=bulk,
            assumed=NAMED in rows.loaded,
            prefetched=prefetched,
            per_evaluation=per_evaluation,
            repeated=meant,
        )
        self.site(effect)
        expr = self.expression
        if verb == "SELECT" and not per_evaluation and isinstance(expr, tuple) and expr[0] == ir.CALL:
            self.asked.setdefault(id(expr), Fetched(expr, rows, spot, self._many(), how))
        self.emit(effect, rows.fresh if per_evaluation else None)

    def commit(self, spot: Spot, how: str, *, blocks: bool = True) -> None:
        self.emit(Effect(COMMIT, how, spot, blocks=blocks, how=how))

    def outside(
        self, name: str, kind: str, spot: Spot, *, blocks: bool, remote: bool, made: Spot | None
    ) -> tuple[Any, ...]:
        """A call of something in the catalogue, on something that the call at `made` gave. What an asynchronous client
        will do when it is awaited is returned, not recorded."""
        effect = Effect(REMOTE, name, spot, detail=kind, how=whither.of(self, name) or kind)
        if remote and blocks:
            self.emit(effect)
        if blocks:
            origin = Origin(made, "") if made is not None else None
            self.emit(Effect(BLOCKS, name, spot, detail=kind, blocks=True, how=kind, origin=origin))
        return ((effect, None, None),) if remote and not blocks else ()
