"""How many rows a condition leaves, and whether a table grows, where nobody has counted: rules of thumb.

In: columns, conditions and models. Out: fractions of a table's rows for `sql.access`, and what the rules about indexes
ask: few distinct values, a constant that is rare because a queue works it off, a table that holds few rows by nature.
"""

from __future__ import annotations

import re

from ..sql.fractions import few_by_name
from . import conditions
from .conditions import Condition
from .schema import COMPUTED, Column, Model

NO_BTREE = (
    "json", "array", "hstore", "binary", "geometry", "point", "polygon", "vector", "rangefield", "tsvector",
    "largebinary", "blob", "pickle", COMPUTED,
)  # fmt: skip
# Of what a queue works off, little is left: `processed = false`, `needs_sync = true`, `sent_at IS NULL`
_DONE = {
    "processed", "sent", "handled", "completed", "synced", "synchronized", "indexed", "loaded", "delivered", "notified",
    "exported", "imported", "finished", "dispatched", "published", "consumed", "ingested", "uploaded", "emailed",
    "mailed", "forwarded", "acknowledged", "calculated", "aggregated", "migrated",
}  # fmt: skip
_TO_DO = {"pending", "needs", "need", "queued", "dirty", "requires", "todo", "awaiting", "unprocessed", "unsent"}
_WAITING = {
    "pending", "queued", "waiting", "scheduled", "running", "in_progress", "processing", "retry", "todo", "new",
    "unprocessed", "created", "started", "open", "failed", "error",
}  # fmt: skip
_PUBLISHED = {"published"}  # of what is shown, most is

_SMALL = {
    "setting", "settings", "config", "configuration", "configurations", "option", "options", "category", "categories",
    "type", "kind", "status", "role", "permission", "group", "language", "country", "currency", "region", "template",
    "plan", "tier", "level", "menu", "theme", "banner", "announcement", "choice", "flag", "feature", "provider",
    "integration", "plugin", "department", "unit", "tag", "label", "badge", "sla", "policy", "site", "page", "section",
    "connector", "environment", "queue", "schedule", "scheme", "rule", "profile_type", "license", "manufacturer",
    "platform", "column", "view", "dashboard", "widget", "source", "server", "backend", "definition", "choiceset",
    "faq", "sponsor", "partner", "holiday", "semester", "degree", "course", "conference", "room",
}  # fmt: skip
_LOGS = {
    "log", "logs", "logentry", "entry", "event", "audit", "history", "message", "record", "metric", "reading",
    "measurement", "visit", "hit", "click", "activity", "notification", "transaction",
    "heartbeat", "ping", "sample", "observation", "delivery", "attempt", "trace",
}  # fmt: skip
_NAMES = {
    "name", "code", "number", "reference", "ref", "serial", "email", "mail", "token", "key", "checksum", "hash", "md5",
    "sha1", "sha256", "uuid", "guid", "identifier", "slug", "sku", "url", "username", "login", "phone", "external",
    "address", "barcode", "isbn", "doi", "uri", "domain", "host", "hostname", "ip", "path", "filename",
}  # fmt: skip
_TIMES = ("datetime", "timestamp", "date")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_few(column: Column) -> bool:
    """Whether a column has few distinct values, by its type or, failing that, by its name."""
    if column.unique or column.primary:
        return False
    return column.few or (not column.foreign_key and few_by_name(column.name))


def no_btree(column: Column) -> bool:
    kind = column.type.lower()
    return any(word in kind for word in NO_BTREE)


def is_time(column: Column) -> bool:
    """Whether a column holds a point in time."""
    return any(word in column.type.lower() for word in _TIMES)


def is_name(column: Column) -> bool:
    """Whether a column holds what somebody looks one row up by: a name, a number, an address, a digest."""
    return bool(set(column.name.lower().split("_")) & _NAMES) and not is_few(column)


def kind_of(column: Column, condition: Condition) -> str:
    """The kind of a condition, knowing the column: an equality with one of few values selects like a constant."""
    if condition.kind in (conditions.EQUAL, conditions.RANGE) and is_few(column):
        return conditions.CONSTANT
    if condition.kind == conditions.CONSTANT and (column.unique or column.primary):
        return conditions.EQUAL
    return condition.kind


def rare(column: Column, condition: Condition) -> bool:
    """Whether a condition names what is left to be worked off, so that few rows fulfil it for long."""
    words = column.name.lower().split("_")
    done = bool(_DONE & set(words)) and not _PUBLISHED & set(words)
    to_do = words[0] in _TO_DO
    if condition.kind == conditions.NULL:
        return done and words[-1] in ("at", "on", "date", "time", "datetime")
    value = condition.constant.strip("'").lower()
    if condition.kind == conditions.CONSTANT:
        if value in ("true", "false"):
            return done and not to_do if value == "false" else to_do and not done
        return words[-1] in ("status", "state") and value in _WAITING
    return condition.kind == conditions.NOT and (done if value == "true" else to_do and value == "false")


def fraction(model: Model, column: Column, condition: Condition) -> float:
    """The part of a table's rows that a condition leaves."""
    kind = kind_of(column, condition)
    if kind == conditions.EQUAL:
        if column.unique or column.primary:
            return 1e-6
        return 1e-5 if not column.foreign_key else 0.01 if is_log(model) else 1e-4
    if kind == conditions.CONSTANT:
        if column.name.endswith("_id") and not column.few:
            return 1e-4  # the key of some row that is at hand
        return 0.01 if rare(column, condition) else 0.5 if is_few(column) else 0.1
    if kind == conditions.NULL:
        return 0.01 if rare(column, condition) else 0.3
    if kind == conditions.RANGE:
        return 0.03
    return 0.7 if kind == conditions.NOT_NULL else 0.5


def _words(model: Model) -> list[str]:
    return [word.lower() for word in _WORDS.findall(model.name.rpartition(".")[2])]


def is_log(model: Model) -> bool:
    """Whether a table is one that rows are added to for ever, many for each parent, by its name."""
    return bool(set(_words(model)) & _LOGS) and any(is_time(column) for column in model.columns)


def is_small(model: Model) -> bool:
    """Whether a table holds few rows by nature, as far as its name says."""
    words = _words(model)
    return bool(words) and words[-1].rstrip("s") in _SMALL | {w.rstrip("s") for w in _SMALL} and not is_log(model)


def grows(model: Model) -> bool:
    """Whether a table grows with use: its rows carry a point in time, and its name does not say otherwise."""
    return not is_small(model) and any("time" in column.type.lower() or is_time(column) for column in model.columns)
