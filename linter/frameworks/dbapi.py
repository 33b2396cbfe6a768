"""Database drivers used directly: what PEP 249 calls connections and cursors, asyncpg, `databases` and their kin.

A statement is told of when its text is written somewhere: its verb and first table. Text that is put together out of
what nobody knows may be another statement in every round, so nothing is said of it. That a call waits is the
catalogue's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import ir
from ..model import Query
from ..project import drained, sqlsites
from ..project.effects import FETCH, QUERY, WRITE, Effect, Observation
from ..project.sqltext import draws, is_sql, statement, text_of
from ..project.values import UNKNOWN, Awaitable, External, ExternalInstance, Spot, Unknown, Value
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

_DRIVERS = (
    "psycopg.", "psycopg2.", "psycopg_pool.", "MySQLdb.", "pymysql.", "mysql.connector.", "pyodbc.", "oracledb.",
    "cx_Oracle.", "pymssql.", "sqlite3.", "duckdb.", "snowflake.connector.", "trino.",
    "records.",
)  # fmt: skip
ASYNC_DRIVERS = (
    "asyncpg.", "aiosqlite.", "aiomysql.", "asyncmy.", "aiopg.", "databases.", "psycopg.Async", "psycopg_pool.Async",
    "aioodbc.", "oracledb.Async",
)  # fmt: skip
_SENDS = {
    "execute", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "fetch_val", "iterate", "execute_fetchall",
    "execute_insert", "query", "sql", "cursor", "stream",
}  # fmt: skip
_PROVED = _SENDS - {"cursor", "stream", "query", "iterate"} | {"execute_sql", "execute_query", "execute_query_dict"}
"""Methods that send what they are given, whatever they are methods of, when that is a statement."""
_READERS = {"pandas.read_sql", "pandas.read_sql_query", "polars.read_database", "polars.read_database_uri"}
_LAZY = {"cursor", "stream", "iterate"}  # of asynchronous drivers: nothing to be awaited


class DbApi(Framework):
    name = "dbapi"
    calls_of = (External, Unknown)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if _is_fetchall(run):
            drained.fetchall(run, spot)
        if isinstance(callee, External) and isinstance(callee.of, ExternalInstance):
            name = run.project.catalogue.canonical(callee.name)
            if name.endswith(".commit"):
                entry = run.project.catalogue.lookup(name)
                if entry is not None and entry.kind == "database":
                    run.commit(spot, "commit", blocks=False)
                return None
            last = name.rpartition(".")[2]
            if last not in _SENDS:
                return None
            if name.startswith(ASYNC_DRIVERS):
                return self._asynchronous(run, name, args, keywords, spot)
            if name.startswith(_DRIVERS):
                effect = _effect(run, last, args, keywords, spot)
                if effect is not None:
                    run.emit(effect)
                return None  # what it gives, and that it waits, the catalogue says
            if run.project.catalogue.lookup(name) is not None:
                return None
        if isinstance(callee, External) and callee.name in _READERS:
            effect = _effect(run, callee.name.rpartition(".")[2], args, keywords, spot)
            if effect is not None:
                run.emit(effect)
            return None
        if isinstance(callee, External | Unknown):
            return self._proved(run, callee, args, spot)
        return None

    def _asynchronous(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        last = name.rpartition(".")[2]
        given = run.project.catalogue.returns(name)
        result: Value = ExternalInstance(given) if given else UNKNOWN
        effect = _effect(run, last, args, keywords, spot)
        if effect is None:
            return Awaitable(result) if given is None and last not in _LAZY else None
        if last in _LAZY:
            run.emit(effect)
            return result
        return Awaitable(result, ((effect, None, None),))

    def _proved(self, run: Run, callee: Value, args: Arguments, spot: Spot) -> Value | None:
        """`x.execute("SELECT … FROM …")`: whatever x is, it sends statements."""
        func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
        if not isinstance(func, tuple) or func[0] != ir.ATTR or func[2] not in _PROVED or not args:
            return None
        effect = _effect(run, func[2], args, {}, spot) if is_sql(text_of(args[0])) else None
        if effect is None:
            return None
        run.emit(effect)
        return UNKNOWN if isinstance(callee, Unknown) else None

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        if effect.model or effect.query is None:
            return ""
        table = effect.query.tables[0]
        if effect.kind == WRITE:
            return (
                f"collect the rows and send them at once: `executemany(…)`, or one statement on `{table}` with all of "
                "them (`INSERT … VALUES`, `unnest(…)`, `COPY`)"
            )
        if effect.kind == QUERY:
            return (
                f"ask `{table}` for the rows of all rounds with one statement before the loop (`IN (…)`, `= ANY(…)` or "
                "a join), and look them up by key"
            )
        return ""


def _is_fetchall(run: Run) -> bool:
    func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
    return isinstance(func, tuple) and func[0] == ir.ATTR and func[2] == "fetchall"


def _effect(run: Run, how: str, args: Arguments, keywords: Keywords, spot: Spot) -> Effect | None:
    """The statement that a call sends; None when it is not known which."""
    given = args[0] if args else keywords.get("query", keywords.get("sql", UNKNOWN))
    found = statement(text_of(given))
    if found is None:
        return None
    verb, table = found
    query = Query(verb, (table,), ())
    if verb == "SELECT":
        drained.sent(run, text_of(given), query)
    if draws(text_of(given)):
        drawn = Effect(FETCH, "few", spot, query=query, how="sql", assumed=True)
        run.observed.setdefault(("random", spot), Observation("random", drawn, run.owner))
    effect = Effect(QUERY if verb == "SELECT" else WRITE, f"{how}:{table}", spot, query=query, how=how)
    sqlsites.sites(run, effect, text_of(given))
    return effect
