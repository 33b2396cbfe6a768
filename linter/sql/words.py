"""What names of columns and tables say of the rows, where nobody has counted: the one list of such words.

In: names, and constants that they are compared with. Out: yes or no. Nothing else knows these words. They err to the
side of silence: what might be few values is taken for few, and a table that may be small for small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_FEW: Final = {
    "status", "state", "type", "kind", "level", "role", "mode", "enabled", "disabled", "active", "visible",
    "deleted", "archived", "language", "lang", "locale", "currency", "gender", "priority", "severity", "category",
    "provider", "platform", "scope", "format", "discriminator", "deactivated", "hidden", "forgotten", "verified",
    "approved", "published", "locked", "membership", "draft", "seen", "unread", "highlight",
}  # fmt: skip
_ASKS: Final = {"is", "has", "can", "should", "allow", "was"}
_TIMES: Final = ("time", "date", "interval")
_PASSES: Final = {
    "id", "at", "on", "ts", "time", "date", "day", "stream", "order", "ordering", "seq", "sequence", "version", "until",
    "since", "created", "updated", "modified", "expires", "expiry", "seen",
}  # fmt: skip
_ONE: Final = {
    "name", "code", "number", "reference", "ref", "serial", "email", "mail", "token", "key", "checksum", "hash", "md5",
    "sha1", "sha256", "uuid", "guid", "identifier", "slug", "sku", "url", "username", "login", "phone", "external",
    "address", "barcode", "isbn", "doi", "uri", "domain", "host", "hostname", "ip", "path", "filename",
}  # fmt: skip
# Of what a queue works off, little is left: `processed = false`, `needs_sync = true`, `sent_at IS NULL`
_DONE: Final = {
    "processed", "sent", "handled", "completed", "synced", "synchronized", "indexed", "loaded", "delivered", "notified",
    "exported", "imported", "finished", "dispatched", "consumed", "ingested", "uploaded", "emailed", "mailed",
    "forwarded", "acknowledged", "calculated", "aggregated", "migrated",
}  # fmt: skip
_PUBLISHED: Final = "published"  # of what is shown, most is
_TO_DO: Final = {"pending", "needs", "need", "queued", "dirty", "requires", "todo", "awaiting", "unprocessed", "unsent"}
_WAITING: Final = {
    "pending", "queued", "waiting", "scheduled", "running", "in_progress", "processing", "retry", "todo", "new",
    "unprocessed", "created", "started", "open", "failed", "error",
}  # fmt: skip
_SMALL: Final = {
    "setting", "settings", "config", "configuration", "configurations", "option", "options", "category", "categories",
    "type", "kind", "status", "role", "permission", "group", "language", "country", "currency", "region", "template",
    "plan", "tier", "level", "menu", "theme", "banner", "announcement", "choice", "flag", "feature", "provider",
    "integration", "plugin", "department", "unit", "tag", "label", "badge", "sla", "policy", "site", "page", "section",
    "connector", "environment", "queue", "schedule", "scheme", "rule", "profile_type", "license", "manufacturer",
    "platform", "column", "view", "dashboard", "widget", "source", "server", "backend", "definition", "choiceset",
    "zone", "terminal", "automation", "storage", "applet", "cluster", "crontab",
    "faq", "sponsor", "partner", "holiday", "semester", "degree", "course", "conference", "room",
}  # fmt: skip
_KEPT: Final = {  # what people call a table whose rows they write themselves
    "type", "kind", "category", "categories", "status", "state", "setting", "settings", "config", "configuration",
    "tag", "role", "permission", "group", "team", "plan", "country", "region", "language", "locale", "currency", "unit",
    "template", "option", "choice", "level", "feature", "flag", "provider", "policy", "rule", "menu", "banner", "theme",
    "version", "release", "site", "plugin", "module", "connector", "integration", "schedule", "period", "pool", "queue",
    "schema",
}  # fmt: skip
_SINGULAR: Final = {word.rstrip("s") for word in _SMALL}
_LOGS: Final = {
    "log", "logs", "logentry", "entry", "event", "audit", "history", "message", "record", "metric", "reading",
    "measurement", "visit", "hit", "click", "activity", "notification", "transaction",
    "heartbeat", "ping", "sample", "observation", "delivery", "attempt", "trace",
}  # fmt: skip
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def few(column: str) -> bool:
    """Whether a column's name says that it holds one of few values."""
    words = column.removesuffix("_id").lower().split("_")
    return words[-1] in _FEW or words[0] in _ASKS


def is_time(kind: str) -> bool:
    """Whether the type of a column, as any source spells it, is one of time."""
    return any(word in kind.lower() for word in _TIMES)


def passes(column: str) -> bool:
    """Whether a column's name says that its values pass as time does."""
    return not _PASSES.isdisjoint(column.lower().split("_"))


def names_one(column: str) -> bool:
    """Whether a column's name is that of what one row is looked up by: a name, a number, an address, a digest."""
    return not _ONE.isdisjoint(column.lower().split("_"))


def left_null(column: str) -> bool:
    """Whether NULL says that a row is left to be worked off: `sent_at`."""
    words = column.lower().split("_")
    return not _DONE.isdisjoint(words) and words[-1] in ("at", "on", "date", "time", "datetime")


def left(column: str, value: str) -> bool:
    """Whether a constant says so, so that few rows have it for long: `processed = false`, `status = 'pending'`."""
    words, value = column.lower().split("_"), value.strip("'").lower()
    if value in ("true", "false"):
        done, to_do = not _DONE.isdisjoint(words) and _PUBLISHED not in words, words[0] in _TO_DO
        return done and not to_do if value == "false" else to_do and not done
    return words[-1] in ("status", "state") and value in _WAITING


def left_unless(column: str, value: str) -> bool:
    """The same of `IS NOT value`."""
    words = column.lower().split("_")
    done = not _DONE.isdisjoint(words) and _PUBLISHED not in words
    return done if value.lower() == "true" else value.lower() == "false" and words[0] in _TO_DO


def of_name(name: str) -> list[str]:
    """The words of a class's or table's name, in lower case."""
    return [word.lower() for word in _WORDS.findall(name)]


def is_log(words: Iterable[str]) -> bool:
    """Whether a table is one that rows are added to for ever."""
    return not _LOGS.isdisjoint(words)


def is_small(words: list[str]) -> bool:
    """Whether a table holds few rows by nature."""
    return bool(words) and words[-1].rstrip("s") in _SINGULAR


def is_kept(words: Iterable[str]) -> bool:
    """Whether people write a table's rows themselves, so that it stays short."""
    return not _KEPT.isdisjoint(words)
