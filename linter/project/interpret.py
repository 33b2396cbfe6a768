"""Running a function over abstract values: statements, branches, loops. Gives its summary.

Each branch is followed once and joined; each loop body once. Nothing is executed, everything ends: bodies are
finite, calls go through the memo (recursion answers with nothing), closures nest a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import fetches
from .annotations import annotated, parameter_origin
from .effects import Summary
from .expressions import Expressions
from .memo import Question
from .summaries import self_of, storable
from .values import (
    NONE,
    UNKNOWN,
    Class,
    Closure,
    Const,
    Container,
    ExternalInstance,
    Instance,
    Row,
    Spot,
    Value,
    either,
    join,
    parts,
)

if TYPE_CHECKING:
    from .project import Project

_ENDS = (ir.RETURN, ir.RAISE, ir.BREAK, ir.CONTINUE)
_LEAVES = (ir.RETURN, ir.RAISE, ir.BREAK)


class Run(Expressions):
    """One interpretation of one body."""

    def __init__(self, project: Project, owner: str, *, is_async: bool = False) -> None:
        super().__init__(project, owner, is_async=is_async)
        self.base_line = 0
        self.returned: Value | None = None
        self.counted: set[str] = set()
        self.read_from: dict[str, set[str]] = {}
        """Names that the last assignment to a name, inside a loop, read."""

    def spot(self, line: int, column: int, end_line: int = 0, end_column: int = 0) -> Spot:
        base = self.base_line
        return Spot(self.owner, base + line, column, base + (end_line or line), end_column or column)

    def function(self, core: Any, context: tuple[Value, ...] | None, cls: str) -> Summary:
        """Bind the parameters and run the body."""
        self.cls = cls
        known = core[ir.C_DECORATORS]
        for i, (name, kind, annotation, default) in enumerate(core[ir.C_PARAMETERS]):
            if context is not None and i < len(context) and context[i] != UNKNOWN:
                self.env[name] = context[i]
                continue
            value = annotated(self.project, self.path, annotation, cls.partition("::")[2]) if annotation is not None else UNKNOWN
            if i == 0 and cls and annotation is None and "staticmethod" not in known:
                value = Class(cls) if name == "cls" or "classmethod" in known else self_of(self.project, cls)
            elif value == UNKNOWN and default is not None and not (isinstance(default, tuple) and default[0] == ir.CONST):
                value = self.value(default)
            if kind == ir.P_VARIADIC:
                value = Container("tuple", value)
            elif kind == ir.P_KEYWORDS:
                value = Container("dict", UNKNOWN, value)
            self.env[name] = parameter_origin(value, name)
        return self.body_of(core)

    def body_of(self, core: Any) -> Summary:
        parameters = core[ir.C_PARAMETERS]
        self.self_name = parameters[0][0] if parameters and self.cls else ""
        opened = 0
        for decorator in core[ir.C_DECORATORS]:  # `@transaction.atomic`: the whole body is a transaction
            name = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
            entered = [f.enter(self, decorator, self.value(name)) for f in self.project.frameworks]
            spots = [spot for spot in entered if spot is not None]
            self.transactions += spots[:1]
            opened += len(spots[:1])
        self.block(core[ir.C_BODY])
        if opened:
            self.leave_transactions(opened)
        if self.fetched or self.counts:
            fetches.observe(self, core)
        returns = self.returned if self.returned is not None else NONE
        if core[ir.C_GENERATOR]:
            returns = Container("iterator", self.yielded if self.yielded is not None else UNKNOWN)
        elif core[ir.C_RETURNS] is not None and returns in (UNKNOWN, NONE) and not isinstance(core[ir.C_RETURNS], tuple | None):
            returns = annotated(self.project, self.path, core[ir.C_RETURNS], self.cls.partition("::")[2])
        elif core[ir.C_RETURNS] is not None and returns in (UNKNOWN, NONE):
            returns = annotated(self.project, self.path, core[ir.C_RETURNS], self.cls.partition("::")[2])
        if self.inline_depth == 0:
            returns = storable(returns)
        return Summary(
            returns,
            tuple(self.effects.values()),
            tuple(self.observed.values()),
            tuple(self.called),
            tuple((name, storable(value)) for name, value in self.self_writes.items()),
            tuple(self.sites.values()),
        )

    # Statements -------------------------------------------------------------------------------------------

    def block(self, statements: Iterable[Any]) -> bool:
        """Run statements; True when the end of the block is not reached."""
        for s in statements:
            if _RUN[s[0]](self, s):
                return True
        return False

    def _assign(self, s: Any) -> bool:
        _, targets, expr, annotation, _, _ = s
        value = self.value(expr) if expr is not None else UNKNOWN
        if annotation is not None and value in (UNKNOWN, NONE):
            value = join(value, annotated(self.project, self.path, annotation, self.cls.partition("::")[2]))
        read = {n for name in _names(expr) for n in (name, name.partition(".")[0])} if self.loops else set()
        for target in targets:
            if isinstance(target, str):
                self.read_from[target] = read
        varies = max(self.freshness(expr), self.now if _calls(expr) else 0) if self.loops else 0
        for target in targets:
            self.bind(target, value, varies)
        return False

    def _augment(self, s: Any) -> bool:
        value = self.value(s[3])
        if isinstance(s[1], str):
            have = self.env.get(s[1])
            if isinstance(have, Container) and isinstance(value, Container):
                self.env[s[1]] = join(replace(have, constant=have.constant and not self.loops, items=()), replace(value, items=()))
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
        value = self.value(s[1]) if s[1] is not None else NONE
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
        loop = self.open_loop(many and not _leaves(body), known, target, source, iterable, line, column, "for")
        self.bind(target, self.refreshed(each), loop.number)
        counted, self.counted = self.counted, self.counted | _counted(body)
        self.changing(_assigned(body), loop.number)
        self.block(body)
        self.counted = counted
        if isinstance(each, Row) and isinstance(target, str):
            names = self.same_for_all(target, body, loop.number)
            for framework in self.project.frameworks if names else ():
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
        self.changing(_assigned(s[2]), loop.number)
        self.block(s[2])
        self.close(loop)
        self.merge(before)
        self.block(s[3])
        return False

    def _if(self, s: Any) -> bool:
        _, test, body, otherwise = s
        value = self.condition(test)
        if isinstance(value, Const):  # known in this context: a flag, `self.pk is None` of a row that was read
            return self.block(body if value.value else otherwise)
        start, start_fresh = self.env, self.fresh
        self.env, self.fresh = dict(start), dict(start_fresh)
        self.narrow(test)
        rare = bool(self.loops) and self.rare(test, body)
        leaves = bool(self.loops) and _ends_in(body, _LEAVES)
        self.guards += rare or leaves
        ended = self.block(body)
        self.guards -= rare or leaves
        then, then_fresh = self.env, self.fresh
        self.env, self.fresh = dict(start), dict(start_fresh)
        rare = bool(self.loops) and bool(otherwise) and (_ends_in(otherwise, _LEAVES) or self.rare(test, otherwise))
        self.guards += rare
        ended_too = self.block(otherwise)
        self.guards -= rare
        if ended and ended_too:
            return True
        if ended:
            return False
        if ended_too:
            self.env, self.fresh = then, then_fresh
            return False
        self.merge(then)
        for name, number in then_fresh.items():
            self.fresh[name] = max(number, self.fresh.get(name, 0))
        return False

    def narrow(self, test: Any) -> None:
        """`if isinstance(x, Model)` says what x is."""
        if isinstance(test, tuple) and test[0] == ir.CALL and test[1] == "isinstance" and len(test[2]) > 1:
            name, cls = test[2][0], self.value(test[2][1])
            if isinstance(name, str) and isinstance(cls, Class) and self.env.get(name, UNKNOWN) == UNKNOWN:
                self.env[name] = parameter_origin(self_of(self.project, cls.ref), name)

    def rare(self, test: Any, body: Any) -> bool:
        """A memo (`if key not in cache: cache[key] = …`), or a test of something counted (`if not first`)."""
        tested = _names(test)
        if not tested:
            return False
        if tested & self.counted or _when_full(test):
            return True
        written = _assigned(body, deep=True)
        carried = tested & written
        if self.loops:
            anew = carried & self.loops[-1].assigned  # set in this round: a memo only if read from what is kept
            carried = (carried - anew) | {n for n in anew if self.read_from.get(n, set()) & written}
        return bool(carried) and _asks_absence(test)

    def merge(self, other: dict[str, Value]) -> None:
        mine = self.env
        for name, value in other.items():
            have = mine.get(name)
            mine[name] = value if have is None else either(have, value) if have is not value else have

    def _with(self, s: Any) -> bool:
        opened = 0
        for context, target in s[1]:
            value = self.value(context)
            if s[3]:
                value = self.awaited(value)
            for part in parts(value):
                if isinstance(part, Instance):
                    for name in ("__enter__", "__aenter__", "__exit__", "__aexit__"):
                        entered = self.call_special(part, name)
                        if name.endswith("enter__") and entered not in (UNKNOWN, NONE):
                            value = entered.of if hasattr(entered, "of") and not isinstance(entered, Container) else entered
            for framework in self.project.frameworks:
                found = framework.enter(self, context, value)
                if found is not None:
                    opened += 1
                    self.transactions.append(found)
            if target is not None:
                self.bind(target, value, self.now)
        ended = self.block(s[2])
        if opened:
            self.leave_transactions(opened)
        return ended

    def leave_transactions(self, count: int) -> None:
        """A transaction that wrote ends with a commit."""
        for _ in range(count):
            spot = self.transactions.pop()
            wrote = any(e.kind == "write" and _within(e.hops[0] if e.hops else e.spot, spot) for e in self.effects.values())
            wrote = wrote or any(_within(handed, spot) for handed, _ in self.handed)
            if wrote:
                outer, self.expression = self.expression, None
                self.commit(spot, "transaction")
                self.expression = outer

    def _try(self, s: Any) -> bool:
        _, body, handlers, otherwise, final = s
        ended = self.block(body)
        after = self.env
        known = _names_in(body)
        for _, name, statements in handlers:
            self.env = dict(after)
            if name:
                self.env[name] = UNKNOWN
            memo = bool(known & _assigned(statements, deep=True))
            self.guards += 1 if self.loops or memo else 0
            out = self.block(statements)
            self.guards -= 1 if self.loops or memo else 0
            if not out:
                if ended:
                    after, ended = self.env, False
                else:
                    other, self.env = self.env, after
                    self.merge(other)
                    after = self.env
        self.env = after
        if not ended:
            ended = self.block(otherwise)
        return self.block(final) or ended

    def _function(self, s: Any) -> bool:
        core = s[3]
        self.env[core[ir.C_NAME]] = Closure(core, self.owner, self.base_line + s[1], self.env)
        if core[ir.C_ASYNC] and not self.is_async:
            pass
        self.nested(core, s[1])
        return False

    def nested(self, core: Any, line: int) -> None:
        """Look into a nested function as its own callee would be: what repeats or blocks inside is observed."""
        if self.inline_depth >= 2:  # noqa: PLR2004 - functions in functions in functions
            return
        from .summaries import runs_on_loop

        run = Run(self.project, self.owner, is_async=runs_on_loop(core))
        run.base_line = self.base_line + line
        run.inline_depth = self.inline_depth + 1
        run.cls = ""
        run.env.update(self.env)
        for name, _, annotation, _ in core[ir.C_PARAMETERS]:
            value = annotated(self.project, self.path, annotation) if annotation is not None else UNKNOWN
            run.env[name] = parameter_origin(value, name)
        result = run.body_of(core)
        for key, observation in run.observed.items():
            self.observed.setdefault(key, observation)
        self.called.update(dict.fromkeys(result.calls))
        self.sites.update({(site.spot, site.model, site.conditions): site for site in result.sites})

    def _class(self, s: Any) -> bool:
        self.env[s[3][ir.K_NAME]] = UNKNOWN
        return False

    def _import(self, s: Any) -> bool:
        from .names import imports

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
    ir.ASSIGN: Run._assign,
    ir.AUGMENT: Run._augment,
    ir.EXPRESSION: Run._expression,
    ir.RETURN: Run._return,
    ir.FOR: Run._for,
    ir.WHILE: Run._while,
    ir.IF: Run._if,
    ir.WITH: Run._with,
    ir.TRY: Run._try,
    ir.FUNCTION: Run._function,
    ir.CLASS: Run._class,
    ir.IMPORT: Run._import,
    ir.FROM: Run._import,
    ir.RAISE: Run._raise,
    ir.BREAK: Run._end,
    ir.CONTINUE: Run._end,
    ir.DELETE: Run._delete,
    ir.ASSERT: Run._assert,
    ir.MATCH: Run._match,
}


def _leaves(body: Any) -> bool:
    """Whether a loop's body always ends the loop in its first round."""
    return _ends_in(body, _LEAVES)


def _ends_in(body: Any, kinds: tuple[int, ...]) -> bool:
    if not body:
        return False
    last = body[-1]
    if last[0] in kinds:
        return True
    if last[0] == ir.IF:
        return _ends_in(last[2], kinds) and _ends_in(last[3], kinds)
    return last[0] == ir.TRY and not last[4] and _ends_in(last[3] or last[1], kinds) and all(_ends_in(h[2], kinds) for h in last[2])


def _within(inner: Spot, outer: Spot) -> bool:
    return inner.owner == outer.owner and inner.line >= outer.line


def _calls(expr: Any) -> bool:
    from .record import _operands

    if not isinstance(expr, tuple):
        return False
    return expr[0] in (ir.CALL, ir.YIELD) or any(_calls(part) for part in _operands(expr))


def _names(expr: Any) -> set[str]:
    """The names, and `self.x` as `.x`, that an expression mentions."""
    from .record import _operands

    if isinstance(expr, str):
        return {expr}
    if not isinstance(expr, tuple):
        return set()
    if expr[0] == ir.ATTR and isinstance(expr[1], str):
        return {f"{expr[1]}.{expr[2]}"}
    out: set[str] = set()
    for part in _operands(expr):
        out |= _names(part)
    return out


def _asks_absence(test: Any) -> bool:
    """`x not in y`, `not x`, `x is None`, `key in cache` (for the other branch): tests of a memo."""
    if not isinstance(test, tuple) or test[0] != ir.OPERATION:
        return isinstance(test, str) or (isinstance(test, tuple) and test[0] in (ir.ATTR, ir.CALL))
    if test[1] in ("compare:NotIn", "compare:In", "not", "compare:Is", "compare:IsNot", "compare:Eq", "compare:NotEq"):
        return True
    return test[1] in ("and", "or") and any(_asks_absence(part) for part in test[2])


def _when_full(test: Any) -> bool:
    """`len(batch) >= 500`, `i % 100 == 0`: once per so many rounds."""
    if not isinstance(test, tuple) or test[0] != ir.OPERATION:
        return False
    if test[1] in ("and", "or"):
        return any(_when_full(part) for part in test[2])
    if test[1] == "not":
        return isinstance(test[2][0], tuple) and test[2][0][0] == ir.OPERATION and test[2][0][1] == "Mod"
    first = test[2][0]
    if not isinstance(first, tuple) or not test[1].startswith("compare:"):
        return False
    counts = first[0] == ir.CALL and first[1] == "len" and test[1] in ("compare:GtE", "compare:Gt", "compare:Eq")
    return counts or (first[0] == ir.OPERATION and first[1] == "Mod")


def _names_in(body: Any) -> set[str]:
    out: set[str] = set()
    for s in body:
        if s[0] in (ir.EXPRESSION, ir.RETURN, ir.RAISE):
            out |= _names(s[1])
        elif s[0] == ir.ASSIGN:
            out |= _names(s[2])
    return out


def _targets(target: Any, deep: bool) -> set[str]:
    if isinstance(target, str):
        return {target}
    if not isinstance(target, tuple):
        return set()
    if target[0] == ir.SEQUENCE:
        return {name for inner in target[2] for name in _targets(inner, deep)}
    if target[0] == ir.STAR:
        return _targets(target[1], deep)
    return _names(target if target[0] == ir.ATTR else target[1]) if deep else set()


def _assigned(body: Any, deep: bool = False) -> set[str]:
    """Names that statements assign; `deep`: also through items, attributes and `.add()`."""
    out: set[str] = set()
    for s in body:
        op = s[0]
        if op == ir.ASSIGN:
            for target in s[1]:
                out |= _targets(target, deep)
        elif op == ir.AUGMENT:
            out |= _targets(s[1], deep)
        elif op == ir.FOR:
            out |= _targets(s[1], deep) | _assigned(s[3], deep)
        elif op == ir.IF:
            out |= _assigned(s[2], deep) | _assigned(s[3], deep)
        elif op in (ir.WHILE, ir.WITH):
            out |= _assigned(s[2], deep)
        elif op == ir.TRY:
            out |= _assigned(s[1], deep) | _assigned(s[3], deep)
            for handler in s[2]:
                out |= _assigned(handler[2], deep)
        elif op == ir.EXPRESSION and deep and isinstance(s[1], tuple) and s[1][0] == ir.CALL:
            func = s[1][1]
            if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("add", "append", "update", "setdefault", "set"):
                out |= _names(func[1])
    return out


def _counted(body: Any) -> set[str]:
    """Names that a loop's body only counts up or flips: `counter += 1`, `first = False`."""
    out: set[str] = set()
    for s in body:
        if s[0] == ir.AUGMENT and isinstance(s[1], str):
            out.add(s[1])
        elif s[0] == ir.ASSIGN and isinstance(s[2], tuple) and s[2][0] == ir.CONST and isinstance(s[2][1], bool):
            out |= {t for t in s[1] if isinstance(t, str)}
    return out


# Values outside functions ---------------------------------------------------------------------------------


def module_value(project: Project, path: str, name: str) -> Value:
    """What a module-level name holds."""
    found: Value = project.memo.ask(QUESTIONS["module_value"], path, name)
    return found


def class_value(project: Project, cls: str, name: str) -> Value:
    """What a class attribute holds."""
    found: Value = project.memo.ask(QUESTIONS["class_value"], cls, name)
    return found


def _module_value(project: Project, path: str, name: str) -> Value:
    found: Value = UNKNOWN
    for expr, annotation in project.module_values(path, name)[:4]:
        run = Run(project, f"{path}::")
        value = run.value(expr) if expr is not None else UNKNOWN
        if value == UNKNOWN and annotation is not None:
            value = annotated(project, path, annotation)
        found = join(found, storable(value))
    return found


def _class_value(project: Project, cls: str, name: str) -> Value:
    info = project.class_info(cls)
    member = info.members.get(name) if info is not None else None
    if member is None or member.kind != "value":
        return UNKNOWN
    path, _, qualified = cls.partition("::")
    run = Run(project, cls)
    value = run.value(member.value) if member.value is not None else UNKNOWN
    if value in (UNKNOWN, NONE) and member.annotation is not None:
        value = join(value, annotated(project, path, member.annotation, qualified))
    return storable(value)


QUESTIONS: dict[str, Question[Any]] = {
    "module_value": Question("module_value", _module_value, lambda: UNKNOWN),
    "class_value": Question("class_value", _class_value, lambda: UNKNOWN),
}

__all__ = ["ExternalInstance", "Row", "Run", "class_value", "module_value"]
