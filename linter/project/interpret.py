"""Running a function over abstract values: statements, branches, loops. Gives its summary.

Each branch is followed once and joined; each loop body once. Nothing is executed, everything ends: bodies are
finite, calls go through the memo (recursion answers with nothing), closures nest a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes
from .annotations import annotated, parameter_origin
from .effects import Summary
from .expressions import Expressions
from .memo import Question
from .schema import model_of, relation_of
from .summaries import self_of, storable
from .values import (
    ANYTHING,
    NAMED,
    NONE,
    UNKNOWN,
    Class,
    Closure,
    Const,
    Container,
    ExternalInstance,
    Function,
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

_ROW_METHODS = {"pk", "id", "save", "delete", "refresh_from_db", "full_clean", "_meta", "_state", "objects", "DoesNotExist"}


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
            elif annotation is None and default is None and kind == ir.P_POSITIONAL:
                value = self.named(name, core)
            elif value == UNKNOWN and default is not None and not (isinstance(default, tuple) and default[0] == ir.CONST):
                value = self.value(default)
            if kind == ir.P_VARIADIC:
                value = Container("tuple", value)
            elif kind == ir.P_KEYWORDS:
                value = Container("dict", UNKNOWN, value)
            self.env[name] = parameter_origin(value, name)
        return self.body_of(core)

    def per_item(self, ref: str, receiver: Value, cls: str, names: Iterable[str]) -> Summary:
        """Call one method of an object, then others of it once for each item of what came back."""
        here = self.spot(0, 0)
        items = self.call_function(Function(ref, receiver), (), {}, here)
        for part in parts(items):
            each, many, known = self._iterate(part, here)
            loop = self.open_loop(many, known, "item", part, None, 0, 0, "for")
            for name in names:
                member = self.project.lookup(cls, name)
                if member is not None and member.kind == "function":
                    self.call_function(Function(f"{member.owner}.{name}", receiver), (self.refreshed(each),), {}, here)
            self.close(loop)
        return Summary(UNKNOWN, tuple(self.effects.values()), tuple(self.observed.values()), tuple(self.called))

    def named(self, name: str, core: Any) -> Value:
        """A parameter without annotation that has a model's name (`job`) and is used as a row of it would be."""
        from .schema import find_model

        ref = find_model(self.project, name.replace("_", ""), self.path) if len(name) > 2 else ""  # noqa: PLR2004
        if not ref:
            return UNKNOWN
        read = shapes.attributes_read(core[ir.C_BODY], name)
        relations = [n for n in read if relation_of(self.project, ref, n) is not None]
        model = model_of(self.project, ref)
        if not relations or model is None:
            return UNKNOWN
        known = all(
            n in relations or model.column(n) is not None or self.project.lookup(ref, n) is not None or n in _ROW_METHODS
            for n in read
        )
        return Row(ref, frozenset({ANYTHING, NAMED})) if known else UNKNOWN

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
        read = {n for name in shapes.names(expr) for n in (name, name.partition(".")[0])} if self.loops else set()
        for target in targets:
            if isinstance(target, str):
                self.read_from[target] = read
        varies = max(self.freshness(expr), self.now if shapes.calls(expr) else 0) if self.loops else 0
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
        loop = self.open_loop(many and not shapes.leaves(body) and not (_counts(source) and shapes.retries(body)), known, target, source, iterable, line, column, "for")
        self.bind(target, self.refreshed(each), loop.number)
        self.read_implied(each, place)
        counted, self.counted = self.counted, self.counted | shapes.counted(body)
        self.changing(shapes.assigned(body), loop.number)
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
        self.changing(shapes.assigned(s[2]), loop.number)
        self.block(s[2])
        self.close(loop)
        self.merge(before)
        self.block(s[3])
        return False

    def _if(self, s: Any) -> bool:
        _, test, body, otherwise, *self.tested_at = s
        value = self.condition(test)
        if isinstance(value, Const):  # known in this context: a flag, `self.pk is None` of a row that was read
            return self.block(body if value.value else otherwise)
        start, start_fresh = self.env, self.fresh
        self.env, self.fresh = dict(start), dict(start_fresh)
        self.narrow(test)
        rare = bool(self.loops) and self.rare(test, body)
        leaves = bool(self.loops) and shapes.ends_in(body, shapes.LEAVES)
        self.guards += rare or leaves
        ended = self.block(body)
        self.guards -= rare or leaves
        then, then_fresh = self.env, self.fresh
        self.env, self.fresh = dict(start), dict(start_fresh)
        rare = bool(self.loops) and bool(otherwise) and (shapes.ends_in(otherwise, shapes.LEAVES) or self.rare(test, otherwise))
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
        tested = shapes.names(test)
        if not tested:
            return False
        if tested & self.counted or shapes.when_full(test):
            return True
        written = shapes.assigned(body, deep=True)
        carried = tested & written
        if self.loops:
            anew = carried & self.loops[-1].assigned  # set in this round: a memo only if read from what is kept
            carried = (carried - anew) | {n for n in anew if self.read_from.get(n, set()) & written}
        return bool(carried) and shapes.asks_absence(test)

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
        known = shapes.names_in(body)
        for _, name, statements in handlers:
            self.env = dict(after)
            if name:
                self.env[name] = UNKNOWN
            memo = bool(known & shapes.assigned(statements, deep=True))
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


def _counts(value: Value) -> bool:
    return isinstance(value, Container) and value.kind == "range"


def _within(inner: Spot, outer: Spot) -> bool:
    return inner.owner == outer.owner and inner.line >= outer.line


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
