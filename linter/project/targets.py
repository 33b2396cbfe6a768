"""Assignments: what a name, a tuple of names, an attribute or an item holds afterwards."""

from __future__ import annotations

from typing import Any

from ..facts import ir
from . import noticed, remembered, repeats
from .frozen import replace
from .run import Run
from .values import UNKNOWN, Const, Container, ExternalInstance, Row, Value, join


class Targets(Run):
    """Assigning, in one run."""

    def bind(self, target: Any, value: Value, number: int) -> None:
        """Assign to a name, a tuple of targets, an attribute or an item."""
        if isinstance(target, str):
            self.env[target] = value
            self.fresh[target] = number
            if self.loops:
                self.loops[-1].assigned.add(target)
            return
        if not isinstance(target, tuple):
            return
        op = target[0]
        if op == ir.SEQUENCE:
            items = value.items if isinstance(value, Container) and len(value.items) == len(target[2]) else ()
            whole = value.of if isinstance(value, Container) else UNKNOWN
            for i, inner in enumerate(target[2]):
                self.bind(inner, items[i] if items else whole, number)
        elif op == ir.STAR:
            self.bind(target[1], Container("list", value), number)
        elif op == ir.ATTR:
            self.assign_attribute(target, value)
        elif op == ir.INDEX:
            key = self.value(target[2])
            base = target[1]
            if isinstance(base, str):
                have = self.env.get(base)
                if isinstance(have, Container):
                    old = have.value if have.value is not None else UNKNOWN
                    made = replace(
                        have,
                        value=join(old, value),
                        items=(),
                        constant=have.constant and (have.kind == "list" or not self.loops),
                    )
                    if have.kind == "list":
                        made = replace(made, of=join(have.of, value))
                    elif have.kind == "dict":
                        made = replace(made, of=join(have.of, key))
                        if isinstance(key, Const) and isinstance(key.value, str):
                            made = made.with_fields({key.value: value})
                    self.env[base] = made
                elif have is None:
                    remembered.keyed(self, target)
                self.fresh[base] = max(number, self.fresh.get(base, 0))
            else:
                held = self.value(base)
                if self.loops:
                    repeats.stored(self, target, held)

    def assign_attribute(self, target: Any, value: Value) -> None:
        base = self.value(target[1])
        if isinstance(base, ExternalInstance) and target[2] in noticed.LIMITS:
            noticed.make_patient(self, target[1])
        if self.narrowed and isinstance(target[1], str):
            self.env.pop(f"{target[1]}.{target[2]}", None)  # what a test said of it is over
        if target[1] == self.self_name:
            have = self.self_writes.get(target[2])
            self.self_writes[target[2]] = value if have is None else join(have, value)
        if isinstance(base, Row) and isinstance(target[1], str):
            # What was assigned is in memory
            from .schema import relation_of

            if relation_of(self.project, base.model, target[2]) is not None:
                rest = tuple((name, held) for name, held in base.aliases if name != target[2])
                kept = ((target[2], _alone(value)),) if isinstance(value, Row) else ()
                self.env[target[1]] = replace(base, loaded=base.loaded | {target[2]}, aliases=rest + kept)


def _alone(row: Row) -> Row:
    """A row as another one keeps it, with the rows that it keeps itself, but not theirs: rows may refer in circles."""
    return replace(row, aliases=tuple((n, replace(v, aliases=())) for n, v in row.aliases if isinstance(v, Row)))
