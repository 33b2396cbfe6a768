"""What calling something does: dispatch on what is called, arguments to parameters, summaries to effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..facts import ir
from ..files import names_template
from . import noticed, objects, shapes, work
from .annotations import spelled
from .contexts import concrete, rowlike, storable
from .decorators import decorations, handed_off, threaded
from .effects import BLOCKS, CPU, LOAD, Effect, Summary
from .frozen import replace
from .marks import marks
from .outside import Outside
from .schema import model_of
from .summaries import context_of, runs_on_loop, summary
from .values import (
    MAX_ITEMS,
    UNKNOWN,
    Awaitable,
    Bound,
    Class,
    Closure,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Row,
    Rows,
    Spot,
    Union,
    Value,
    parts,
    union,
)

NO_MORE = "no more"  # the kind of `args` of a call that passes none
_MAX_CLOSURES = 4  # closures calling closures
_MAX_INLINES = 200  # bodies that one function interprets besides its own


class Calls(Outside):
    """Calling, in one run."""

    def call(self, expr: Any) -> Value:
        func, args, keywords = expr[1:4]
        looked_up = isinstance(func, tuple) and func[0] == ir.LOOKUP
        callee = self.look_up(func, call=False) if looked_up else self.value(func)
        values = tuple([v for a in args for v in self.argument(a)])
        named = {k: self.value(v) for k, v in keywords if k is not None}
        for k, v in keywords:
            if k is None:
                named.update(self.spread(self.value(v), v))
        outer, self.expression = self.expression, expr
        try:
            if type(callee) is Union:
                return union([self.call_value(c, values, named, self.here) for c in callee.of])
            return self.call_value(callee, values, named, self.here)
        finally:
            self.expression = outer
            if isinstance(func, tuple) and func[0] == ir.ATTR and isinstance(func[1], str) and self.loops:
                base = self.name(func[1])
                handle = isinstance(base, ExternalInstance) and base.cls.startswith("sqlalchemy.")
                handle = handle or (isinstance(callee, External) and callee.of is None)  # of a module, not an object
                if not handle and not isinstance(base, Row | Rows | Module | Class | Instance):
                    self.fresh[func[1]] = self.now  # a method may change its object

    def argument(self, expr: Any) -> tuple[Value, ...]:
        """What one written argument passes: `*NAMES` passes each of them, when all are written somewhere."""
        if isinstance(expr, tuple) and expr[0] == ir.STAR:
            value = self.value(expr[1])
            if isinstance(value, Container) and value.kind == NO_MORE:
                return ()
            if isinstance(value, Container) and value.constant and 0 < len(value.items) < MAX_ITEMS:
                return value.items
        return (self.value(expr),)

    def spread(self, value: Value, expr: Any) -> dict[str, Value]:
        """What `**value` passes by name; `**` stands for names that are not known."""
        keys = value.items if isinstance(value, Container) and value.kind == "dict" else ()
        names = [key.value for key in keys if isinstance(key, Const) and isinstance(key.value, str)]
        if not isinstance(value, Container):
            return {"**": UNKNOWN}
        if not keys or len(names) < len(keys):
            return {**dict(value.fields), "**": UNKNOWN}
        written = isinstance(expr, tuple) and expr[0] == ir.DICT
        held = dict(value.fields)
        of_any = value.value or UNKNOWN
        return {name: self.value(expr[2][i]) if written else held.get(name, of_any) for i, name in enumerate(names)}

    def call_value(self, callee: Value, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
        if isinstance(callee, Function):
            return self.call_function(callee, args, keywords, spot)
        if isinstance(callee, Closure):
            return self.call_closure(callee, args, keywords)
        if isinstance(callee, External):
            noticed.call(self, callee, args, keywords, spot)
            self.works(callee, args, keywords, spot)
        for framework in self.project.calling(type(callee)):
            found = framework.call(self, callee, args, keywords, spot)
            if found is not None:
                return found
        if isinstance(callee, Class):
            return self.construct(callee, args, keywords, spot)
        if isinstance(callee, Bound):
            return self.call_bound(callee, args, keywords, spot)
        if isinstance(callee, External):
            return self.call_external(callee, args, keywords, spot)
        if isinstance(callee, Instance):
            return self.call_special_with(callee, "__call__", args, keywords, spot)
        last = spelled(self.expression[1]).rpartition(".")[2] if isinstance(self.expression, tuple) else ""
        if last == "join":  # of a text
            for argument in args:
                self.settle(argument.pending if isinstance(argument, Container) else ())
        if last in self.project.catalogue.callbacks:
            self.call_later(args, spot)
        return Container("list", UNKNOWN, batched=True) if shapes.names_chunks(last) else UNKNOWN

    def call_special(self, value: Value, name: str) -> Value:
        """Call a dunder method if the class defines it."""
        cls = value.model if isinstance(value, Row) else value.cls if isinstance(value, Instance) else ""
        member = self.project.lookup(cls, name) if cls else None
        if member is None or member.kind != "function":
            return UNKNOWN
        return self.call_function(self.method(member, cls, value), (), {}, self.here)

    def shown(self, value: Value) -> None:
        """A value becomes text."""
        cls = value.model if isinstance(value, Row) else value.cls if isinstance(value, Instance) else ""
        if not cls:
            return
        own = self.project.lookup(cls, "__str__")
        model = model_of(self.project, cls) if own is None else None
        inherits = own is not None or (model is not None and model.dialect == "django")  # whose base class has one
        self.call_special(value, "__str__" if inherits else "__repr__")

    def call_special_with(
        self, value: Instance, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
    ) -> Value:
        member = self.project.lookup(value.cls, name)
        if member is None or member.kind != "function":
            return UNKNOWN
        return self.call_function(self.method(member, value.cls, value), args, keywords, spot)

    def construct(self, callee: Class, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
        made = Instance(callee.ref)
        for name in ("__init__", "__post_init__"):
            member = self.project.lookup(callee.ref, name)
            if member is not None and member.kind == "function":
                function = Function(f"{member.owner}.{name}", made)
                self.call_function(
                    function, args if name == "__init__" else (), keywords if name == "__init__" else {}, spot
                )
                if name == "__init__" and any(objects.holds(v) for v in (*args, *keywords.values())):
                    made = self.with_fields(function, made, args, keywords)
        held = objects.given_to_dataclass(self.project, made.cls, args, keywords) if not made.fields else ()
        self.made = Instance(made.cls, held) if held else made
        return self.made

    def with_fields(
        self, init: Function, made: Instance, args: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Instance:
        """An object with what its `__init__` was given and keeps."""
        defined = self.project.function(init.ref)
        bindings = self.bindings(defined.core, made, args, keywords) if defined is not None else {}
        return Instance(made.cls, objects.given_to_init(self.project, init, made, bindings, self.now))

    def call_function(
        self,
        callee: Function,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        spot: Spot,
        *,
        memoised: bool = False,
    ) -> Value:
        """Call a function of the project: its summary for these kinds of arguments, in terms of these arguments."""
        described = self.project.described.get(callee.ref)
        if described is not None:
            return self.call_external(External(described), args, keywords, spot)
        if callee.others:
            return self.call_candidates(callee, args, keywords, spot, memoised=memoised)
        defined = self.project.function(callee.ref)
        if defined is None:
            return UNKNOWN
        core = defined.core
        if core[ir.C_DECORATORS] and any(f.queues(self.project, callee.ref) for f in self.project.with_hook("queues")):
            return UNKNOWN
        around = decorations(self.project, callee.ref, core)
        if threaded(around):
            return UNKNOWN
        known = (*_marks(core), *(("handed_off",) if handed_off(self.project, callee.ref, core) else ()))
        bindings = self.bindings(core, callee.bound, args, keywords)
        if any(_has_closure(v) for v in bindings.values()):
            return self.inline(core, callee.ref, bindings, spot)
        waits = not runs_on_loop(core) and "handed_off" not in known
        if waits and self.expression is self.coroutine and any(d.handed_off for d in around):
            waits = False  # what is awaited is what the decorator chose to call in place of a plain function
        on_loop = not waits or any(d.coroutine for d in around)
        names = tuple(p[0] for p in core[ir.C_PARAMETERS])
        per_row = "cached" in known and isinstance(callee.bound, Row)  # another row is another key
        memoised = memoised or per_row
        once = "cached" in known and not per_row
        result, mine = self.applied(callee.ref, names, bindings, spot, waits=waits, once=once, memoised=memoised)
        for effect in (effect for decoration in around for effect in decoration.effects):
            own = self.lifted(effect, spot, {}, waits=True, invariant=False)
            mine += [own] if own is not None else []
        if not once and not memoised:
            work.called(self, result.effects, core, bindings, spot, bound=callee.bound is not None)
        if core[ir.C_NAME] == "__init__" and self.self_name and callee.bound == self.env.get(self.self_name):
            for name, value in result.writes_self:  # `super().__init__(...)` writes the attributes of this very object
                self.self_writes.setdefault(name, value)
        holder = rowlike(bindings.get(names[0]) if names else None)
        now = self.now if not memoised else holder.fresh if holder is not None else 0
        returned = concrete(result.returns, bindings, now)
        if isinstance(returned, Container) and returned.pending:  # a generator of what is called
            told = (self.lifted(each[0], spot, bindings, waits=waits, invariant=False) for each in returned.pending)
            returned = replace(returned, pending=tuple(each for each in told if each is not None))
        if on_loop and not core[ir.C_GENERATOR]:
            return Awaitable(returned, tuple(mine))
        if core[ir.C_GENERATOR] and waits and "contextmanager" not in known and isinstance(returned, Container):
            returned = replace(returned, pending=tuple(each for each in mine if each[0].blocks))
            mine = [(replace(e, blocks=False), new, same) for e, new, same in mine if e.kind != BLOCKS]
        self.settle(mine)
        if "handed_off" in known:
            return Awaitable(returned)
        if "contextmanager" in known and isinstance(returned, Container):
            return returned.of
        if shapes.names_chunks(core[ir.C_NAME]) and isinstance(returned, Container):
            return replace(returned, batched=True)
        return returned

    def perform(self, ref: str, receiver: Value, given: Value, spot: Spot) -> Value:
        """What a framework does by itself with a class or function (see `Framework.procedure`)."""
        bindings = {"self": storable(receiver), "given": storable(given)}
        result, mine = self.applied(ref, ("self", "given"), bindings, spot)
        self.settle(mine)
        return concrete(result.returns, bindings, self.now)

    def applied(
        self,
        ref: str,
        names: tuple[str, ...],
        bindings: dict[str, Value],
        spot: Spot,
        *,
        waits: bool = True,
        once: bool = False,
        memoised: bool = False,
    ) -> tuple[Summary, list[tuple[Effect, int | None, bool]]]:
        """The summary of something called with these arguments, and its effects as this run's own."""
        context = context_of(self.project, ref, names, bindings)
        result = summary(self.project, ref, context)
        self.called[ref, context] = None
        same = bool(self.loops) and self.expression is not None and self.freshness(self.expression) < self.now
        mapped = {**bindings, "self": bindings[names[0]]} if names and names[0] in bindings else bindings
        mine = []
        for effect in result.effects:
            if effect.kind == CPU:
                continue
            told = replace(effect, once=True, kept="" if once else "self") if once or memoised else effect
            own = self.lifted(told, spot, mapped, waits=waits, invariant=same and not memoised)
            if own is not None:
                mine.append(own)
        return result, mine

    def bindings(
        self, core: Any, bound: Value | None, args: Sequence[Value], keywords: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Parameter → argument."""
        out: dict[str, Value] = {}
        values = [bound, *args] if bound is not None else list(args)
        position = 0
        for name, kind, _, default in core[ir.C_PARAMETERS]:
            if kind == ir.P_POSITIONAL:
                if position < len(values):
                    out[name] = values[position] or UNKNOWN
                    position += 1
                elif name in keywords:
                    out[name] = keywords[name]
                elif isinstance(default, tuple) and default[0] == ir.CONST:
                    out[name] = Const(default[1])
            elif kind == ir.P_VARIADIC:
                rest = values[position:]
                of = union([v or UNKNOWN for v in rest]) if rest else UNKNOWN
                out[name] = Container("tuple" if rest else NO_MORE, of, constant=True)
            elif kind == ir.P_CONTEXT:
                out[name] = values[position] if position < len(values) else Container("dict", UNKNOWN)
                position += 1
            elif kind == ir.P_KEYWORD:
                if name in keywords:
                    out[name] = keywords[name]
                elif isinstance(default, tuple) and default[0] == ir.CONST:
                    out[name] = Const(default[1])
            elif kind == ir.P_KEYWORDS:
                left = {k: v for k, v in keywords.items() if k not in out and _told_apart(v)}
                if left:  # `def render(name, **context)`: what is handed on by name
                    out[name] = Container("dict", UNKNOWN, union(left.values())).with_fields(left)
        return out

    def call_closure(self, callee: Closure, args: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
        bindings = self.bindings(callee.core, None, args, keywords)
        return self.inline(callee.core, callee.owner, bindings, self.here, callee)

    def inline(
        self, core: Any, ref: str, bindings: dict[str, Value], spot: Spot, closure: Closure | None = None
    ) -> Value:
        """Interpret a body right here: what a closure sees cannot be put into a context."""
        again = any(core is outer for outer in self.inlined)
        if again or self.inline_depth >= _MAX_CLOSURES or len(self.inlines) >= _MAX_INLINES:
            return UNKNOWN
        run = type(self)(self.project, ref if closure is None else closure.owner, is_async=runs_on_loop(core))
        run.inline_depth = self.inline_depth + 1
        run.inlined, run.inlines = (*self.inlined, core), self.inlines
        self.inlines.append(spot)
        run.base_line = closure.line if closure is not None else 0
        run.cls = self.cls
        if closure is not None:
            run.env.update(closure.env)
        run.env.update(bindings)
        result = run.body_of(core)
        mine = []
        work.called(self, result.effects, core, bindings, spot, env=closure.env if closure is not None else None)
        for effect in result.effects:
            if effect.kind == CPU:
                continue
            reached = replace(effect, reached=effect.reached or run.is_async)
            own = self.lifted(reached, spot, {}, waits=not run.is_async, invariant=False)
            if own is None and effect.kind == LOAD:  # of rows that the function around it was given
                passed = (rowlike(v) for v in bindings.values())
                fresh = (row.fresh for row in passed if row is not None and row.origin == effect.origin)
                own = replace(reached, hops=(spot, *reached.hops)), max(fresh, default=0), False
            if own is not None:
                mine.append(own)
        for key, observation in run.observed.items():
            self.observed.setdefault(key, observation)
        self.called.update(run.called)
        if run.is_async and not core[ir.C_GENERATOR]:
            return Awaitable(result.returns, tuple(mine))
        self.settle(mine)
        return result.returns


def _marks(core: Any) -> tuple[str, ...]:
    return marks(core[ir.C_DECORATORS]) if core[ir.C_DECORATORS] else ()


def _told_apart(value: Value) -> bool:
    """Whether a function that hands its keywords on does something else with this one than with another."""
    for part in parts(value):
        if isinstance(part, Row | Rows | Class | Instance | Container):
            return True
        if isinstance(part, Const) and names_template(part.value):
            return True
    return False


def _has_closure(value: Value) -> bool:
    return any(
        type(v) is Closure or (isinstance(v, Function) and v.bound is not None and _has_closure(v.bound))
        for v in parts(value)
    )
