"""What statements do: branches, loops, transactions, functions inside functions.

Each branch is followed once and joined; each loop body once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from ..facts import ir
from . import growth, holding, joins, rounds, shapes, sqltext
from .annotations import annotated, filled, parameter_origin, spelled, vague
from .branches import Branches
from .effects import SEARCH, Loop
from .frozen import replace
from .names import imports
from .narrowing import tested
from .summaries import runs_on_loop
from .values import (
    NONE,
    UNKNOWN,
    Awaitable,
    Closure,
    Const,
    Container,
    External,
    Instance,
    Row,
    Spot,
    Value,
    either,
    join,
    parts,
)

_MAX_NESTED = 3  # functions in functions in functions: what a decorator that takes arguments gives


class Statements(Branches):
    """Running statements, in one run."""

    def block(self, statements: Iterable[Any]) -> bool:
        """Run statements; True when the end of the block is not reached."""
        for s in statements:  # noqa: SIM110 - a generator would be one frame more per block
            if _RUN[s[0]](self, s):
                return True
        return False

    def _assign(self, s: Any) -> bool:
        _, targets, expr, annotation, _, _ = s
        value = self.value(expr) if expr is not None else UNKNOWN
        if annotation is not None and vague(value) and not _begun(targets[0], value):
            value = filled(value, annotated(self.project, self.path, annotation, self.cls.partition("::")[2]))
            if isinstance(value, Container) and isinstance(targets[0], tuple):
                value = replace(value, constant=False)  # an attribute, which other methods fill
        made = isinstance(value, Instance) and isinstance(expr, tuple) and expr[0] == ir.CALL and value is self.made
        for target in targets:
            if isinstance(target, str):
                (self.own_objects.add if made else self.own_objects.discard)(target)
                self.read_from[target] = {n for name in shapes.names(expr) for n in (name, name.partition(".")[0])}
        varies = max(self.freshness(expr), self.now if shapes.calls(expr) else 0) if self.loops else 0
        if self.loops:
            growth.assigned(self, targets, expr, value, s[4], s[5])
        for target in targets:
            self.bind(target, value, varies)
        return False

    def _augment(self, s: Any) -> bool:
        value = self.value(s[3])
        if self.loops and s[2] == "Add":
            growth.added(self, s[1], s[3], value, s[4])
        if isinstance(s[1], str):
            have = self.env.get(s[1])
            if isinstance(have, Container) and isinstance(value, Container):
                self.env[s[1]] = join(
                    replace(have, constant=have.constant and not self.loops, items=()), replace(value, items=())
                )
            elif have is not None and s[2] == "Add" and sqltext.begins([have]):
                self.env[s[1]] = sqltext.with_holes(sqltext.text_of(sqltext.joined([have, value])))
            elif have is not None and s[2] in ("BitOr", "BitAnd", "Add"):
                self.env[s[1]] = join(have, value)
            self.fresh[s[1]] = self.now
        else:
            self.value(s[1])
        return False

    def _expression(self, s: Any) -> bool:
        self.value(s[1])
        return False

    def _return(self, s: Any) -> bool:
        known, self.answer = len(self.effects), s[1]
        value = self.value(s[1]) if s[1] is not None else NONE
        self.answer = None
        if len(self.effects) > known and not any(isinstance(part, Awaitable) for part in parts(value)):
            self.unawaited.extend(islice(self.effects, known, None))
        self.returned = value if self.returned is None else either(self.returned, value)
        return True

    def _raise(self, s: Any) -> bool:
        if s[1] is not None:
            self.value(s[1])
        return True

    def _for(self, s: Any) -> bool:
        _, target, iterable, body, otherwise, is_async, line, column, *place = s
        source = self.value(iterable)
        self.awaiting = is_async
        each, many, known = self.iterate(source, iterable, *place)
        self.awaiting = False
        before = dict(self.env)
        searches = shapes.retries(body)
        retries = _counts(source) and searches
        loop = self.open_loop(
            many and not shapes.leaves(body) and not retries,
            known,
            target,
            source,
            iterable,
            line,
            column,
            SEARCH if searches else "for",
        )
        loop.body, loop.before = body, before
        if many and loop.info is None and rounds.skips(body):
            loop.again = Loop(self.spot(line, column), spelled(target), spelled(iterable), known=loop.rows)
        self.bind(target, self.refreshed(each), loop.number)
        self.read_implied(each, place)
        counted, self.counted = self.counted, self.counted | shapes.counted(body)
        numbered, self.numbered = self.numbered, shapes.numbered(target, iterable)
        self.changing(shapes.assigned(body), loop.number)
        joins.searched(self, body, source)
        missed = self.missed_at
        self.retrying += retries
        self.block(body)
        self.retrying -= retries
        self.missed_at = missed
        self.counted, self.numbered = counted, numbered
        if isinstance(each, Row) and isinstance(target, str):
            names = self.same_for_all(target, body, loop.number)
            for framework in self.project.with_hook("assigned") if names else ():
                framework.assigned(self, self.refreshed(each), names, self.spot(body[0][4], body[0][5]))
        self.close(loop)
        self.merge(before)
        self.block(otherwise)
        return False

    def same_for_all(self, variable: str, body: Any, number: int) -> tuple[str, ...]:
        """The attributes of its variable that a loop sets to the same value in every round, if it does nothing else."""
        names = []
        for s in body:
            if s[0] != ir.ASSIGN or len(s[1]) != 1 or s[2] is None or self.freshness(s[2]) >= number:
                return ()
            target = s[1][0]
            if not isinstance(target, tuple) or target[0] != ir.ATTR or target[1] != variable:
                return ()
            names.append(target[2])
        return tuple(names)

    def changing(self, names: Iterable[str], number: int) -> None:
        """Names that a loop's body assigns: what they hold at the start of a round is not known by the first."""
        for name in names:
            self.fresh[name] = number
            if isinstance(self.env.get(name), Const):
                self.env[name] = UNKNOWN

    def _while(self, s: Any) -> bool:
        before = dict(self.env)
        self.condition(s[1])
        loop = self.open_loop(False, False, "", UNKNOWN, None, s[4], s[5], "while")
        loop.body, loop.before = s[2], before
        loop.again = rounds.emptied(self.spot(s[4], s[5]), s[1])
        self.changing(shapes.assigned(s[2]), loop.number)
        retries = shapes.retries(s[2])
        self.retrying += retries
        self.block(s[2])
        self.retrying -= retries
        self.close(loop)
        self.merge(before)
        self.block(s[3])
        return False

    def _with(self, s: Any) -> bool:
        opened, locks = 0, len(self.locks)
        begun = self.autobegun
        swallows = False
        for context, target in s[1]:
            value = self.value(context)
            swallows = swallows or self._swallows(context)
            if s[3]:
                if self.is_async:
                    self.waited[id(context)] = value
                if self.locks:
                    holding.awaited(self, self.context_spot(context))
                value = self.awaited(value)
            for part in parts(value):
                if isinstance(part, Instance):
                    for name in ("__enter__", "__aenter__", "__exit__", "__aexit__"):
                        entered = self.call_special(part, name)
                        if name.endswith("enter__") and entered not in (UNKNOWN, NONE):
                            value = entered.of if isinstance(entered, Awaitable) else entered
            for framework in self.project.with_hook("enter"):
                found = framework.enter(self, context, value)
                if found is not None:
                    opened += 1
                    self.transactions.append(found)
            lock = holding.taken(self, context, value)
            if lock is not None:
                self.locks.append(lock)
            if target is not None:
                self.bind(target, value, self.now)
        ended = self.block(s[2])
        del self.locks[locks:]
        self.autobegun = begun  # a session that the block is for has ended
        if opened:
            self.leave_transactions(opened)
        return ended and not swallows

    def _swallows(self, context: Any) -> bool:
        """Whether what raises an exception in the body of a `with` goes on behind it."""
        if not isinstance(context, tuple) or context[0] != ir.CALL or not spelled(context[1]).endswith("suppress"):
            return False
        made = self.value(context[1])
        return isinstance(made, External) and made.name == "contextlib.suppress"

    def leave_transactions(self, count: int) -> None:
        """A transaction that wrote ends with a commit."""
        for _ in range(count):
            spot = self.transactions.pop()
            wrote = any(
                e.kind == "write" and _within(e.hops[0] if e.hops else e.spot, spot) for e in self.effects.values()
            )
            wrote = wrote or any(_within(handed, spot) for handed, _ in self.handed)
            if wrote:
                outer, self.expression = self.expression, None
                self.commit(spot, "transaction")
                self.expression = outer

    def _try(self, s: Any) -> bool:
        _, body, handlers, otherwise, final = s
        ended = self.block(body)
        raised = dict(self.env)
        ended = ended or self.block(otherwise)
        after = self.env
        for kind, name, statements in handlers:
            self.env = dict(raised)
            if name:
                self.env[name] = tested(self.project, UNKNOWN, self.value(kind)) if kind is not None else UNKNOWN
            self.guards += 1
            out = self.block(statements)
            self.guards -= 1
            if not out:
                if ended:
                    after, ended = self.env, False
                else:
                    other, self.env = self.env, after
                    self.merge(other)
                    after = self.env
        self.env = after
        return self.block(final) or ended

    def _function(self, s: Any) -> bool:
        core = s[3]
        self.env[core[ir.C_NAME]] = Closure(core, self.owner, self.base_line + s[1], self.env)
        self.nested(core, s[1])
        return False

    def nested(self, core: Any, line: int) -> None:
        """Look into a nested function as its own callee would be: what repeats or blocks inside is observed."""
        if self.inline_depth >= _MAX_NESTED:
            return

        run = type(self)(self.project, self.owner, is_async=runs_on_loop(core))
        run.base_line = self.base_line + line
        run.inline_depth = self.inline_depth + 1
        run.inlined, run.inlines = self.inlined, self.inlines
        run.cls = ""
        run.env.update(self.env)
        for name, _, annotation, _ in core[ir.C_PARAMETERS]:
            value = annotated(self.project, self.path, annotation) if annotation is not None else UNKNOWN
            run.env[name] = parameter_origin(value, name)
        result = run.body_of(core)
        for framework in self.project.with_hook("nested") if core[ir.C_DECORATORS] else ():
            framework.nested(run, core, result.returns)
        for key, o in run.observed.items():
            inner = f"{core[ir.C_NAME]}.{o.inner}" if o.inner else core[ir.C_NAME]
            self.observed.setdefault(key, replace(o, inner=inner))
        self.called.update(run.called)
        self.sites.update(run.sites)

    def _class(self, s: Any) -> bool:
        self.env[s[3][ir.K_NAME]] = UNKNOWN
        return False

    def _import(self, s: Any) -> bool:

        for name, binding in imports(self.path, s, self.project.modules):
            if name == "*":
                continue
            if binding.kind == "from":
                found = self.project.member_of_module(binding.ref, binding.name)
                self.env[name] = self.bound_to(found) if found is not None else UNKNOWN
            else:
                self.env[name] = self.bound_to(binding)
        return False

    def _delete(self, s: Any) -> bool:
        return False

    def _assert(self, s: Any) -> bool:
        self.condition(s[1])
        self.narrow(s[1])
        return False

    def _match(self, s: Any) -> bool:
        self.value(s[1])
        start = self.env
        for names, guard, body in s[2]:
            self.env = dict(start)
            for name in names:
                self.env[name] = UNKNOWN
            if guard is not None:
                self.condition(guard)
            self.block(body)
            other, self.env = self.env, start
            self.merge(other)
        return False

    def _end(self, s: Any) -> bool:
        return True


_RUN: dict[int, Callable[[Any, Any], bool]] = {
    ir.ASSIGN: Statements._assign,
    ir.AUGMENT: Statements._augment,
    ir.EXPRESSION: Statements._expression,
    ir.RETURN: Statements._return,
    ir.FOR: Statements._for,
    ir.WHILE: Statements._while,
    ir.IF: Statements.branch,
    ir.WITH: Statements._with,
    ir.TRY: Statements._try,
    ir.FUNCTION: Statements._function,
    ir.CLASS: Statements._class,
    ir.IMPORT: Statements._import,
    ir.FROM: Statements._import,
    ir.RAISE: Statements._raise,
    ir.BREAK: Statements._end,
    ir.CONTINUE: Statements._end,
    ir.DELETE: Statements._delete,
    ir.ASSERT: Statements._assert,
    ir.MATCH: Statements._match,
    ir.INNER: lambda run, s: bool(run._inner(s)),
    ir.SELDOM: lambda run, s: bool(run._seldom(s)),
}


def _begun(target: Any, value: Value) -> bool:
    """Whether a local name gets an empty container: what is put into it tells more than its annotation."""
    return isinstance(target, str) and isinstance(value, Container) and value.constant and not value.items


def _counts(value: Value) -> bool:
    return isinstance(value, Container) and value.kind == "range"


def _within(inner: Spot, outer: Spot) -> bool:
    return inner.owner == outer.owner and inner.line >= outer.line
