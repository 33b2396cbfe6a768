"""What the tests of both template languages write their expected facts with."""

from __future__ import annotations

from typing import Any

from slowlint.linter.facts import ir


def unlined(facts: Any) -> Any:
    """The same without the line that shown values have, which has a test of its own."""
    if not isinstance(facts, tuple):
        return facts
    kept = facts[:2] if facts[:1] == (ir.STRING,) and len(facts) == 3 and type(facts[0]) is int else facts
    return tuple(unlined(part) for part in kept)


def shown(*values: Any) -> tuple[Any, ...]:
    return (ir.EXPRESSION, (ir.STRING, values))
