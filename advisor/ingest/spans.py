"""One normaliser for every span format: old and new attribute names in, one row of columns out.

In: a span's identity, times, kind and its attributes as plain values, from whichever reader. Out: rows in a
`SpanBatch`, handed to the destination every 50,000 spans. Knows OpenTelemetry's semantic conventions
(https://opentelemetry.io/docs/specs/semconv/, old names too); does not know JSON, protobuf or databases.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from .. import statements
from .batch import BATCH_ROWS, Damage, Destination, Shape, SpanBatch, shape_id

Value = str | int | float | bool
NO_PARENT: Final = bytes(8)

WANTED: Final = frozenset(
    """
    db.query.text db.statement db.system.name db.system db.operation.name db.operation db.collection.name db.sql.table
    http.route http.request.method http.method http.response.status_code http.status_code http.target url.path
    http.url url.full server.address net.peer.name http.host
    code.file.path code.filepath code.line.number code.lineno code.function.name code.function code.namespace
    slowlint.hint rpc.system rpc.service rpc.method messaging.system messaging.destination.name
    messaging.destination celery.task_name
    """.split()
)
_PATHS: Final = ("http.target", "url.path", "http.url", "url.full")
_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
KIND_NUMBERS: Final[Mapping[str, int]] = {f"SPAN_KIND_{kind.upper()}": number for number, kind in enumerate(_KINDS)}

_CACHES: Final = frozenset({"redis", "memcached", "valkey", "keydb", "dragonfly", "aws.elasticache"})
_NOT_SQL: Final = frozenset(
    "mongodb elasticsearch opensearch couchdb couchbase aws.dynamodb azure.cosmosdb neo4j influxdb hbase geode".split()
)
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
_MEMO_CHARACTERS: Final = 8_000_000


class SpanNormaliser:
    """Collects normalised spans and writes them batch by batch; `finish` writes the rest."""

    def __init__(
        self,
        destination: Destination,
        damage: Damage,
        *,
        keep_literals: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.spans = 0
        self.stored = 0
        self.damage = damage
        self._destination = destination
        self._keep_literals = keep_literals
        self._progress = progress
        self._batch = SpanBatch()
        self._memo: dict[tuple[object, ...], int] = {}
        self._memo_characters = 0

    def add(
        self,
        service: str,
        scope: str,
        trace_id: bytes,
        span_id: bytes,
        parent_id: bytes,
        name: str,
        kind: int,
        start: int,
        end: int,
        error: bool,
        state: str,
        attributes: dict[str, Value],
    ) -> None:
        """Take one span. `attributes` holds only keys in `WANTED`; it may be changed here."""
        if "http.route" in attributes:
            for key in _PATHS:
                attributes.pop(key, None)
        memo = (service, scope, name, kind, error, *attributes.items())
        shape = self._memo.get(memo)
        batch = self._batch
        if shape is None:
            shape = self._shape(memo, service, scope, name, kind, error, attributes)
        batch.trace.append(trace_id)
        batch.span.append(span_id)
        batch.parent.append(parent_id or NO_PARENT)
        batch.start.append(start)
        batch.end.append(end if end > start else start)
        batch.shape.append(shape)
        batch.weight.append(state_weight(state) if state else 1.0)
        batch.calls.append(1)
        if len(batch.shape) >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; after this returns a killed process loses none of it."""
        batch, self._batch = self._batch, SpanBatch()
        if batch.shape:
            self.stored += self._destination.write_spans(batch)
            self.spans += len(batch.shape)
        if self._progress is not None:
            self._progress(self.spans)

    def _shape(
        self,
        memo: tuple[object, ...],
        service: str,
        scope: str,
        name: str,
        kind: int,
        error: bool,
        attributes: Mapping[str, Value],
    ) -> int:
        shape = describe(service, scope, name, kind, error, attributes, keep_literals=self._keep_literals)
        number = shape_id(shape)
        self._batch.shapes[number] = shape
        self._memo_characters += len(str(attributes.get("db.statement", ""))) + 500
        if self._memo_characters > _MEMO_CHARACTERS:
            self._memo.clear()
            self._memo_characters = 0
        self._memo[memo] = number
        return number


@lru_cache(maxsize=4096)
def state_weight(state: str) -> float:
    """Weight of a span from its W3C `tracestate`: 1 / sampling probability, 1.0 when it says nothing.

    `ot=th:HEX` is the rejection threshold of OpenTelemetry's consistent probability sampling (1 to 14 digits, padded
    with zeros on the right to 56 bits): weight 2^56 / (2^56 - th). `ot=p:N` is its predecessor: weight 2^N.
    """
    for member in state.split(","):
        key, _, value = member.strip().partition("=")
        if key != "ot":
            continue
        fields = dict(part.partition(":")[::2] for part in value.split(";"))
        threshold = fields.get("th", "")
        if re.fullmatch(r"[0-9a-fA-F]{1,14}", threshold):
            return 2**56 / (2**56 - int(threshold.ljust(14, "0"), 16))
        power = fields.get("p", "")
        if power.isascii() and power.isdigit() and int(power) < 63:  # noqa: PLR2004 - 63 means "probability zero"
            return float(2 ** int(power))
    return 1.0


def describe(
    service: str,
    scope: str,
    name: str,
    kind: int,
    error: bool,
    attributes: Mapping[str, Value],
    *,
    keep_literals: bool = False,
) -> Shape:
    """The repeating part of a span, from its name, kind and attributes (keys of `WANTED`, old or new)."""
    kind_name = _KINDS[kind] if 0 <= kind < len(_KINDS) else "unspecified"
    text = _text(attributes, "db.query.text", "db.statement")
    system = _text(attributes, "db.system.name", "db.system").lower()
    system = _NEW_SYSTEM.get(system, system)
    category, statement, fingerprint = "other", "", ""
    if (text or system) and kind_name not in ("server", "consumer"):
        if system in _CACHES:
            category = "cache"
            fingerprint = _hash(system, name)
        else:
            category = "db"
            if text and system not in _NOT_SQL:
                statement = text if keep_literals else statements.normalise(text)
                fingerprint = statements.fingerprint(text)
            else:
                fingerprint = _hash(system, name)
    elif kind_name == "client" and _text(attributes, "http.request.method", "http.method", "rpc.system"):
        category = "http"
        fingerprint = _hash(name)
    route = _text(attributes, "http.route") if kind_name in ("server", "consumer") else ""
    return Shape(
        name=name,
        kind=kind_name,
        category=category,
        service=service,
        scope=scope,
        route=route,
        method=_text(attributes, "http.request.method", "http.method"),
        status=_integer(attributes, "http.response.status_code", "http.status_code"),
        error=error,
        system=system,
        statement=statement,
        fingerprint=fingerprint,
        code_path=_text(attributes, "code.file.path", "code.filepath"),
        code_line=_integer(attributes, "code.line.number", "code.lineno"),
        code_function=_text(attributes, "code.function.name", "code.function"),
        hint=_text(attributes, "slowlint.hint"),
    )


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
        if 0 <= value < 2**31:
            return value
    return 0


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()
