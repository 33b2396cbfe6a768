"""OpenTelemetry's semantic conventions, old and new names: a span's attributes in, what it is out.

https://opentelemetry.io/docs/specs/semconv/ and its predecessors (`db.statement`, `http.method`, `code.filepath` …),
which Python's instrumentation still writes by default; with `http/dup` both come at once. The new name wins.
SQL literals, cache keys, documents, query strings and the like are dropped here, at the door.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from .. import statements
from .batch import Shape

Value = str | int | float | bool

_WANTED: Final = """
    db.query.text db.statement db.system.name db.system db.operation.name db.operation db.collection.name db.sql.table
    http.route http.request.method http.method http.response.status_code http.status_code http.target url.path
    http.url url.full server.address net.peer.name http.host
    code.file.path code.filepath code.line.number code.lineno code.function.name code.function code.namespace
    slowlint.hint rpc.system rpc.service rpc.method messaging.system messaging.destination.name
    messaging.destination celery.task_name
"""
WANTED: Final = frozenset(_WANTED.split())
"""The attributes a reader has to hand over; all others are never looked at."""

PATHS: Final = ("http.target", "url.path", "http.url", "url.full")
_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
KIND_NUMBERS: Final[Mapping[str, int]] = {f"SPAN_KIND_{kind.upper()}": number for number, kind in enumerate(_KINDS)}

_CACHES: Final = frozenset({"redis", "memcached", "valkey", "keydb", "dragonfly"})
_DOCUMENTS: Final = "mongodb elasticsearch opensearch couchdb couchbase aws.dynamodb azure.cosmosdb neo4j influxdb"
_NOT_SQL: Final = frozenset(_DOCUMENTS.split())
_NEW_SYSTEM: Final = {
    "mssql": "microsoft.sql_server",
    "postgres": "postgresql",
    "oracle": "oracle.db",
    "db2": "ibm.db2",
    "cosmosdb": "azure.cosmosdb",
    "dynamodb": "aws.dynamodb",
    "redshift": "aws.redshift",
    "spanner": "gcp.spanner",
    "hanadb": "sap.hana",
}
_MAX_NAME: Final = 200
_MAX_LINE: Final = 2**31
_NOT_FOUND: Final = 404
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HTTP", "_OTHER"}
)
# Segments of a path that name one thing rather than a kind of thing: numbers, UUIDs, long hexadecimal or mixed ids.
_ID_SEGMENT: Final = re.compile(
    r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{12,}|(?=[^/]*\d)[\w-]{20,}|[^/]*%[^/]*)(?=/|$)"
)


class Reported(NamedTuple):
    """A span as its instrumentation described it: `kind` is OTLP's number, `attributes` holds keys of `WANTED`."""

    service: str
    scope: str
    name: str
    kind: int
    error: bool
    attributes: Mapping[str, Value]


def describe(span: Reported, *, keep_literals: bool = False) -> Shape:
    """What the span is, without what differs from one of its kind to the next."""
    service, scope, name, kind, error, attributes = span
    kind_name = _KINDS[kind] if 0 <= kind < len(_KINDS) else "unspecified"
    entry = kind_name in ("server", "consumer")
    method = _text(attributes, "http.request.method", "http.method")
    status = _integer(attributes, "http.response.status_code", "http.status_code")
    text = _text(attributes, "db.query.text", "db.statement")
    system = _text(attributes, "db.system.name", "db.system").lower()
    system = _NEW_SYSTEM.get(system, system)
    category, statement, fingerprint, route = "other", "", "", ""
    name = name[:_MAX_NAME]
    if entry:
        route = _route(attributes, name, kind_name, method, status)
    elif text or system:
        category, name, statement, fingerprint = _database(attributes, name, text, system, keep_literals)
    elif kind_name in ("client", "producer"):
        category, name, fingerprint = _remote(attributes, name, method)
    return Shape(
        name=name,
        kind=kind_name,
        category=category,
        service=service,
        scope=scope,
        route=route,
        method=method,
        status=status,
        error=error,
        system=system,
        statement=statement,
        fingerprint=fingerprint,
        code_path=_text(attributes, "code.file.path", "code.filepath"),
        code_line=_integer(attributes, "code.line.number", "code.lineno"),
        code_function=_function(attributes),
        hint=_text(attributes, "slowlint.hint"),
    )


def _database(
    attributes: Mapping[str, Value], name: str, text: str, system: str, keep_literals: bool
) -> tuple[str, str, str, str]:
    """Category, name, statement and fingerprint of a span that waits for a database or a cache."""
    if system in _CACHES:
        # Redis sets `db.statement`, too ("GET key"): the command is the name, the rest is data.
        name = _first_word(name) or _first_word(text)
        return "cache", name, "", _hash(system, name)
    operation = _text(attributes, "db.operation.name", "db.operation")
    collection = _text(attributes, "db.collection.name", "db.sql.table")
    if system in _NOT_SQL:
        return "db", name, "", _hash(system, name, operation, collection)
    if text:
        if len(name) > 60 or "'" in name:
            name = statements.normalise(name, system=system)
        statement = text if keep_literals else statements.normalise(text, system=system)
        return "db", name, statement, statements.fingerprint(text, system=system)
    if name.lower() in ("connect", "pool.acquire", "psycopg2.connect"):
        return "other", name, "", ""  # opening a connection is no query
    return "db", name, "", _hash(system, name, operation, collection)


def _remote(attributes: Mapping[str, Value], name: str, method: str) -> tuple[str, str, str]:
    """Category, name and fingerprint of a call to another service or a message broker."""
    rpc = _text(attributes, "rpc.service", "rpc.system")
    broker = _text(attributes, "messaging.system")
    if method:
        url = urlsplit_safely(_text(attributes, "url.full", "http.url"))
        host = _text(attributes, "server.address", "net.peer.name", "http.host") or url[0]
        path = template_of(url[1] or _text(attributes, "url.path", "http.target"))
        if name.upper() in _METHODS or name.upper() == f"HTTP {method}".upper():
            name = f"{method} {host}{path}"[:_MAX_NAME]
        return "http", name, _hash(method, host, path)
    if rpc or broker:
        return "http", name, _hash(rpc, broker, name)
    return "other", name, ""


def _route(attributes: Mapping[str, Value], name: str, kind: str, method: str, status: int) -> str:
    """`http.route`, or the best the span has.

    Django names no route for the root URL, and instrumentations without a framework know only the path: its
    templated form is taken, except of what was not found (scanners would make a route of every path they try).
    """
    route = _text(attributes, "http.route")
    if route:
        return route
    service, call = _text(attributes, "rpc.service"), _text(attributes, "rpc.method")
    if service or call:
        return f"/{service}/{call}"
    if kind == "consumer":
        return _text(attributes, "celery.task_name", "messaging.destination.name", "messaging.destination") or name
    first, _, rest = name.partition(" ")
    if first.upper() in _METHODS and "/" in rest:
        return template_of(rest)
    path = _text(attributes, "url.path", "http.target") or urlsplit_safely(_text(attributes, "url.full", "http.url"))[1]
    if path and status != _NOT_FOUND:
        return template_of(path)
    return "" if method else name


def template_of(path: str) -> str:
    """A URL path without query, with `{}` for segments that look like ids: `/users/17` becomes `/users/{}`."""
    return _ID_SEGMENT.sub("{}", path.partition("?")[0].partition("#")[0][:_MAX_NAME])


def urlsplit_safely(url: str) -> tuple[str, str]:
    """Host (without user and password) and path of a URL; empty where it is not one."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path
    except ValueError:
        return "", ""


def _function(attributes: Mapping[str, Value]) -> str:
    name = _text(attributes, "code.function.name")
    if name:
        return name
    function, namespace = _text(attributes, "code.function"), _text(attributes, "code.namespace")
    return f"{namespace}.{function}" if function and namespace else function


def _first_word(text: str) -> str:
    return text.split(None, 1)[0].upper() if text.strip() else ""


def _text(attributes: Mapping[str, Value], *keys: str) -> str:
    for key in keys:
        value = attributes.get(key)
        if value is not None and value != "":
            return str(value)
    return ""


def _integer(attributes: Mapping[str, Value], *keys: str) -> int:
    for key in keys:
        try:
            value = int(attributes[key])
        except (KeyError, ValueError, OverflowError):
            continue
        if 0 <= value < _MAX_LINE:
            return value
    return 0


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()
