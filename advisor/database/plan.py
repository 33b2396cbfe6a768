"""What a database says it would do with a statement.

In: EXPLAIN's answer, as JSON of PostgreSQL (https://www.postgresql.org/docs/current/using-explain.html), MySQL and
MariaDB (https://dev.mysql.com/doc/refman/8.4/en/explain-output.html, https://mariadb.com/kb/en/explain-format-json/),
or as rows of SQLite (https://www.sqlite.org/eqp.html). Out: one tree of nodes. Costs are in the database's own unit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

SCANS: Final = frozenset({"Seq Scan", "Parallel Seq Scan", "ALL", "SCAN"})
"""Types of nodes that read a whole table."""

_SQLITE: Final = re.compile(
    r"(?P<how>SCAN|SEARCH)\s+(?:TABLE\s+)?(?P<table>\"[^\"]+\"|\S+)(?:\s+AS\s+(?P<alias>\S+))?"
    r"(?:\s+USING\s+(?P<kind>AUTOMATIC\s+)?(?:PARTIAL\s+)?(?P<covering>COVERING\s+)?INDEX(?:\s+(?P<index>[^\s(]+))?)?"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One step. `cost` is all of it with its children; `ms` is measured, over all loops, with its children."""

    type: str
    table: str = ""
    """Name of the table; on SQLite its alias, when it has one."""
    index: str = ""
    startup: float = 0.0
    cost: float | None = None
    rows: float = 0.0
    width: int = 0
    removed: float = 0.0
    """Rows that a filter threw away, when it was measured."""
    ms: float | None = None
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Plan:
    """How one statement would run. `generic`: planned without knowing its values."""

    root: Node
    generic: bool = False

    @property
    def cost(self) -> float | None:
        return self.root.cost

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(self.root.walk())

    @property
    def indexes(self) -> frozenset[str]:
        """Names of the indexes that it uses."""
        return frozenset(node.index for node in self.nodes if node.index)

    def own(self) -> Iterator[tuple[Node, float, float]]:
        """(node, cost of it alone, measured ms of it alone). Below a LIMIT, as much of the cost as is really asked for,
        which a plan does not say of the children themselves."""
        yield from _own(self.root, 1.0)


def _own(node: Node, share: float) -> Iterator[tuple[Node, float, float]]:
    below = [child.cost or 0.0 for child in node.children]
    part = 1.0
    if node.type == "Limit" and node.children and below[0] > (node.cost or 0.0):
        part = (node.cost or 0.0) / below[0]
    cost = max((node.cost or 0.0) - sum(below) * part, 0.0) * share
    ms = max((node.ms or 0.0) - sum(child.ms or 0.0 for child in node.children), 0.0)
    yield node, cost, ms
    for child in node.children:
        yield from _own(child, share * part)


def of_postgresql(answer: Any, *, generic: bool = False) -> Plan:
    """EXPLAIN (FORMAT JSON), decoded or not."""
    decoded = json.loads(answer) if isinstance(answer, str | bytes) else answer
    return Plan(_postgresql(decoded[0]["Plan"]), generic)


def _postgresql(node: Mapping[str, Any]) -> Node:
    measured = node.get("Actual Total Time")
    return Node(
        type=("Parallel " if node.get("Parallel Aware") else "") + node["Node Type"],
        table=node.get("Relation Name", ""),
        index=node.get("Index Name", ""),
        startup=float(node.get("Startup Cost", 0.0)),
        cost=float(node["Total Cost"]) if "Total Cost" in node else None,
        rows=float(node.get("Plan Rows", 0.0)),
        width=int(node.get("Plan Width", 0)),
        removed=float(node.get("Rows Removed by Filter", 0.0)) * float(node.get("Actual Loops", 1.0)),
        ms=None if measured is None else float(measured) * float(node.get("Actual Loops", 1.0)),
        children=tuple(_postgresql(child) for child in node.get("Plans", ())),
    )


def of_mysql(answer: Any, *, cost: float | None = None, generic: bool = False) -> Plan:
    """EXPLAIN FORMAT=JSON of MySQL 8 (both versions of the format) or MariaDB. `cost` where the answer has none."""
    decoded = json.loads(answer) if isinstance(answer, str | bytes) else answer
    block = decoded.get("query_block", decoded)
    told = _number(block.get("cost_info", {}).get("query_cost", block.get("cost", decoded.get("estimated_total_cost"))))
    root = Node("query", cost=told if told is not None else cost, children=tuple(_mysql(decoded)))
    return Plan(root, generic)


def _mysql(part: Any) -> Iterator[Node]:
    """Every table that is read, in the order in which they are told: the nesting differs with every version."""
    if isinstance(part, list):
        for item in part:
            yield from _mysql(item)
        return
    if not isinstance(part, Mapping):
        return
    name, how = part.get("table_name"), part.get("access_type")
    if isinstance(name, str) and isinstance(how, str):
        rows = part.get("rows_examined_per_scan", part.get("rows", part.get("estimated_rows")))
        cost = part.get("cost_info", {}).get("prefix_cost", part.get("estimated_total_cost", part.get("cost")))
        yield Node(
            type="ALL" if how == "table" else how,
            table=name,
            index=part.get("key") or part.get("index_name") or "",
            cost=_number(cost),
            rows=_number(rows) or 0.0,
        )
    for item in part.values():
        yield from _mysql(item)


def _number(value: object) -> float | None:
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return None


def of_sqlite(rows: Iterable[tuple[int, int, str]], *, generic: bool = False) -> Plan:
    """EXPLAIN QUERY PLAN: (id, parent, what is done). SQLite tells no costs."""
    told = list(rows)
    children: dict[int, list[int]] = {}
    nodes: dict[int, Node] = {}
    for number, parent, detail in told:
        children.setdefault(parent, []).append(number)
        nodes[number] = _sqlite(detail)

    def built(number: int) -> Node:
        return replace(nodes[number], children=tuple(built(child) for child in children.get(number, ())))

    return Plan(Node("query", children=tuple(built(number) for number in children.get(0, ()))), generic)


def _sqlite(detail: str) -> Node:
    match = _SQLITE.match(detail)
    if match is None:
        return Node(detail)
    index = match["index"] or ""
    if "PRIMARY KEY" in detail and not index:
        index = "PRIMARY KEY"
    automatic = bool(match["kind"])  # built for this one statement, and thrown away
    return Node(
        type="SCAN" if match["how"] == "SCAN" and not index else f"{match['how']} INDEX",
        table=(match["alias"] or match["table"]).strip('"'),
        index="" if automatic else index,
    )
