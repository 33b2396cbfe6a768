"""The text that makes an index, in SQL, on a table that is being read and written.

In: a `Proposal` or a `TableIndex`, its table, and the dialect. Out: one statement. PostgreSQL builds without keeping
writers out when told CONCURRENTLY, which stands in no transaction
(https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY); MySQL when the algorithm is
INPLACE (https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html), and fails at once where it cannot;
SQLite knows no other way than to lock.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from .access import Proposal
from .tables import BTREE, Part, Table, TableIndex

_LIMITS: Final = {"postgres": 63, "mysql": 64, "sqlite": 63}
_DIALECTS: Final = {"postgresql": "postgres", "mariadb": "mysql", "": "postgres"}
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*\Z")
_LONG_TYPES: Final = re.compile(r"(?:tiny|medium|long)?(?:text|blob)\b", re.IGNORECASE)
_PREFIX: Final = 191  # characters of a long text in a key of MySQL: what fits into 767 bytes of utf8mb4
_RESERVED: Final = frozenset(
    "all analyse analyze and any array as asc between both by case cast change check collate column condition "
    "constraint create cross current database default delete desc describe distinct do drop else end except exists "
    "explain false fetch for foreign from full function grant group groups having if ignore in index inner insert "
    "intersect interval into is join key keys kill lateral lead leading left like limit lines load lock localtime long "
    "match mod natural not null of offset on only option or order outer over partition placing primary procedure range "
    "rank read recursive references release rename repeat replace require restrict returning revoke right row rows "
    "schema select session_user set show some sql ssl table then to trailing trigger true undo union unique unlock "
    "update usage use user using values variadic view when where while window with write".split()
)


def dialect_name(dialect: str) -> str:
    """postgres, mysql or sqlite, whatever Django and SQLAlchemy call it."""
    return _DIALECTS.get(dialect, dialect)


def create_index(
    made: Proposal | TableIndex, table: Table, dialect: str = "postgres", name: str = "", *, online: bool = True
) -> str:
    """The statement that makes an index. MySQL has no partial indexes: there the condition is left out, and the index
    holds all rows. `online`: in the way that keeps nobody out while it is built."""
    dialect = dialect_name(dialect)
    index = made.index() if isinstance(made, Proposal) else made
    named = name or index.name or index_name(index, table, _LIMITS.get(dialect, 63))
    parts = ", ".join(_part(part, table, index, dialect) for part in index.parts)
    words = ["CREATE UNIQUE INDEX" if index.unique else "CREATE INDEX"]
    if dialect == "mysql" and index.method in ("fulltext", "spatial"):
        words = [f"CREATE {index.method.upper()} INDEX"]
    words += ["CONCURRENTLY"] if online and dialect == "postgres" else []
    words += [quoted(named, dialect), "ON", _table(table, dialect)]
    words += [f"USING {index.method}"] if dialect == "postgres" and index.method != BTREE else []
    words.append(f"({parts})")
    if index.include and dialect == "postgres":
        words.append(f"INCLUDE ({', '.join(quoted(column, dialect) for column in index.include)})")
    if index.where and dialect != "mysql":
        words.append(f"WHERE {condition(index.where, table, dialect)}")
    if online and dialect == "mysql":
        words.append("ALGORITHM=INPLACE LOCK=" + ("SHARED" if index.method in ("fulltext", "spatial") else "NONE"))
    return " ".join(words) + ";"


def unsupported(made: Proposal | TableIndex, dialect: str) -> str:
    """Why a database cannot make just this index; "" when it can. Texts were run on PostgreSQL, MariaDB and SQLite."""
    index = made.index() if isinstance(made, Proposal) else made
    if dialect == "mariadb" and any(part.expression for part in index.parts):
        return "MariaDB has no indexes on expressions; index a generated column"
    if index.where and dialect_name(dialect) == "mysql":
        return "MySQL has no partial indexes; this one holds all rows"
    if index.include and dialect_name(dialect) != "postgres":
        return "only PostgreSQL holds further columns in an index"
    return ""


def drop_index(index: TableIndex, table: Table, dialect: str = "postgres") -> str:
    """The statement that takes an index away, or the constraint that it belongs to."""
    dialect = dialect_name(dialect)
    named = quoted(index.name, dialect)
    if index.constraint and dialect == "postgres":
        return f"ALTER TABLE {_table(table, dialect)} DROP CONSTRAINT {named};"
    if dialect == "mysql":
        return f"DROP INDEX {named} ON {_table(table, dialect)};"
    schema = f"{quoted(table.schema, dialect)}." if table.schema else ""
    return f"DROP INDEX {'CONCURRENTLY ' if dialect == 'postgres' else ''}{schema}{named};"


def index_name(index: TableIndex, table: Table, limit: int = 63) -> str:
    """A name that says what the index is for, that no index of the table has, and that fits."""
    words = [table.name, *(_word(part.key) for part in index.parts)]
    words += ["partial"] if index.where else []
    whole = re.sub(r"_+", "_", re.sub(r"\W", "_", "_".join(words))).strip("_").lower()
    taken = {have.name.lower() for have in table.indexes}
    name, number = fitting(f"{whole}_idx", limit), 1
    while name in taken:
        number += 1
        name = fitting(f"{whole}_idx{number}", limit)
    return name


def _word(key: str) -> str:
    return re.sub(r"\W+", "_", key).strip("_")


def fitting(name: str, limit: int) -> str:
    """A long name cut, with a hash that tells it from others that begin alike."""
    if len(name.encode()) <= limit:
        return name
    mark = hashlib.blake2b(name.encode(), digest_size=3).hexdigest()
    return f"{name.encode()[: limit - 11].decode(errors='ignore').rstrip('_')}_{mark}_idx"


def quoted(name: str, dialect: str) -> str:
    """An identifier, quoted where it would be read as another one, or as a word of the language."""
    if _PLAIN.match(name) and name not in _RESERVED:
        return name
    return f"`{name.replace('`', '``')}`" if dialect == "mysql" else '"' + name.replace('"', '""') + '"'


def column_name(key: str, table: Table) -> str:
    """A column as the database spells it."""
    column = table.column(key)
    return column.name if column is not None else key


def condition(where: str, table: Table, dialect: str) -> str:
    """A partial index's condition, with columns spelled as the database does; quoted texts stay as they are."""
    odd = {c.name.lower(): quoted(c.name, dialect) for c in table.columns if quoted(c.name, dialect) != c.name.lower()}
    if not odd:
        return where
    token = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`|[A-Za-z_]\w*(?!\w*\s*\()""")
    return token.sub(lambda found: odd.get(found[0].lower(), found[0]), where)


def _table(table: Table, dialect: str) -> str:
    schema = f"{quoted(table.schema, dialect)}." if table.schema else ""
    return schema + quoted(table.name, dialect)


def _part(part: Part, table: Table, index: TableIndex, dialect: str) -> str:
    if part.expression:
        text = condition(part.expression, table, dialect)
        if dialect == "mysql" and not text.startswith("("):
            text = f"({text})"
    else:
        text = quoted(column_name(part.column, table), dialect)
        if dialect == "mysql":
            text += _length(part, table, index)
    if part.opclass and dialect == "postgres":
        text += f" {part.opclass}"
    text += " DESC" if part.descending else ""
    if part.nulls_first is not None and dialect == "postgres":
        text += " NULLS FIRST" if part.nulls_first else " NULLS LAST"
    return text


def _length(part: Part, table: Table, index: TableIndex) -> str:
    """MySQL takes only the beginning of a long text into a key."""
    if part.opclass.startswith("("):
        return part.opclass
    column = table.column(part.column)
    long = column is not None and _LONG_TYPES.match(column.type) is not None
    return f"({_PREFIX})" if long and index.method == BTREE else ""
