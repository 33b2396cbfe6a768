"""What templates do: lookups that call what they find, filters and tags, templates inside templates.

A template is run like a function whose one parameter is its context. Which file a name means, and what filters and tags
do, is the frameworks' knowledge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import TemplateDamage, ir, lower_jinja, lower_template
from .memo import Question
from .run import Run
from .values import (
    UNKNOWN,
    Bound,
    Closure,
    Const,
    Container,
    Function,
    Rows,
    Spot,
    Value,
    parts,
    union,
)

if TYPE_CHECKING:
    from .project import Project

TEMPLATE = "template"  # the function that is the whole file
_BLOCK = "block "
_MAX_NAMES = 400
_MAX_TEXT = 20_000
_CHANGING = {"delete", "save", "update", "clear", "create", "add", "remove", "set"}  # templates refuse to call these


class Templates(Run):
    """Rendering, in one run."""

    # Expressions ------------------------------------------------------------------------------------------

    def look_up(self, expr: Any, *, call: bool = True) -> Value:
        """`base.name` of a template; `call`: what is found is called, unless it is going to be."""
        _, base, name, line, column = expr
        value = self.value(base)
        found = []
        outer, self.expression = self.expression, (ir.CALL, expr, (), (), line, column, line, column + len(name))
        for part in parts(value):
            self.now_loaded = ""
            found.append(self._member_of(part, name, line, column, call))
            self.keep_loaded(base, value)
        self.expression = outer
        return union(found)

    def _member_of(self, value: Value, name: str, line: int, column: int, call: bool) -> Value:
        if isinstance(value, Container):
            held = value.field(name)
            if held is not None:
                return self._called(held, name) if call else held
            if name.isdigit():
                index = int(name)
                return value.items[index] if index < len(value.items) else value.of
            if value.kind == "dict" and name not in ("items", "keys", "values"):
                return value.value or UNKNOWN
        if isinstance(value, Rows) and name.isdigit():
            return self.item(value, (ir.CONST, int(name)), Const(int(name)), self.here)
        found = self.attribute(value, name, line, column)
        return self._called(found, name) if call else found

    def _called(self, value: Value, name: str) -> Value:
        """What a template shows of something: it calls what can be called."""
        out = []
        for part in parts(value):
            callable_ = isinstance(part, Function | Bound | Closure) and name not in _CHANGING
            out.append(self.call_value(part, (), {}, self.here) if callable_ else part)
        return union(out)

    def filtered(self, expr: Any) -> Value:
        """`value|name:argument`, `value|name(argument, key=more)`."""
        _, name, inner, argument, line, column, *more = expr
        value = self.value(inner)
        given = [self.value(argument)] if argument is not None else []
        named: dict[str, Value] = {}
        for key, other in more[0] if more else ():
            if key is None:
                given.append(self.value(other))
            else:
                named[key] = self.value(other)
        outer, self.expression = self.expression, expr
        spot = self.spot(line, column, line, column + len(name))
        found: Value | None = None
        for framework in self.project.frameworks:
            found = framework.filter(self, name, value, given, named, spot)
            if found is not None:
                break
        self.expression = outer
        return UNKNOWN if found is None else found

    def tagged(self, expr: Any) -> Value:
        """A tag that is not the template language's own."""
        _, name, args, keywords, line, column = expr
        values = tuple(self.value(a) for a in args)
        named = {k: self.value(v) for k, v in keywords}
        outer, self.expression = self.expression, expr
        spot = self.spot(line, column, line, column + len(name))
        found: Value | None = None
        for framework in self.project.frameworks:
            found = framework.tag(self, name, values, named, spot)
            if found is not None:
                break
        self.expression = outer
        return UNKNOWN if found is None else found

    # Templates inside templates ---------------------------------------------------------------------------

    def include(self, expr: Any) -> Value:
        _, template, names, only, line, column = expr
        changed = {name: self.value(value) for name, value in names}
        base = Container("dict", UNKNOWN, UNKNOWN, True) if only else self.scope()
        for path in self._files_of(template):
            self.render(path, base.with_fields(changed), self.spot(line, column, line, column + len("include")))
        return UNKNOWN

    def extends(self, expr: Any) -> Value:
        """The parent is rendered, with this file's blocks in place of its own, unless a child has replaced them."""
        _, template, blocks, line, column = expr
        own = {_BLOCK + name: Function(f"{self.path}::{_BLOCK}{name}") for name in blocks}
        replaced = {name: value for name, value in self.env.items() if name.startswith(_BLOCK)}
        context = self.scope().with_fields({**own, **replaced})
        for path in self._files_of(template):
            self.render(path, context, self.spot(line, column, line, column + len("extends")), blocks=True)
        return UNKNOWN

    def shown_block(self, expr: Any) -> Value:
        _, name, line, column = expr
        block = self.env.get(_BLOCK + name) or Function(f"{self.path}::{_BLOCK}{name}")
        if isinstance(block, Function):
            path = block.ref.partition("::")[0]
            context = narrowed(self.project, path, self.scope(), blocks=True)
            self.call_function(block, (context,), {}, self.spot(line, column, line, column + len(name)))
        return UNKNOWN

    def of_file(self, name: str) -> Value:
        """A macro that the file defines or imports: its blocks know it too, though a parent shows them."""
        whole = self.project.function(f"{self.path}::{TEMPLATE}")
        for s in whole.core[ir.C_BODY] if whole is not None else ():
            if s[0] == ir.FUNCTION and s[3][ir.C_NAME] == name:
                return Closure(s[3], f"{self.path}::{TEMPLATE}", s[1], {})
            if s[0] == ir.ASSIGN and name in s[1] and isinstance(s[2], tuple) and s[2][0] == ir.FROM_TEMPLATE:
                return self.imported(s[2])
        return UNKNOWN

    def imported(self, expr: Any) -> Value:
        """The macro of another template, or all its macros under one name."""
        _, template, name, _, _ = expr
        found: dict[str, Value] = {}
        for path in self._files_of(template):
            found = {**self.macros(path), **found}
        if name is not None:
            return found.get(name, UNKNOWN)
        return Container("dict", UNKNOWN, UNKNOWN, True).with_fields(found)

    def macros(self, path: str) -> dict[str, Value]:
        whole = self.project.function(f"{path}::{TEMPLATE}")
        found: dict[str, Value] = {}
        for s in whole.core[ir.C_BODY] if whole is not None else ():
            if s[0] == ir.FUNCTION:
                found.setdefault(s[3][ir.C_NAME], Closure(s[3], f"{path}::{TEMPLATE}", s[1], {}))
        return found

    def render(self, path: str, context: Container, spot: Spot, *, blocks: bool = False) -> None:
        """Render a template file with this context."""
        seen = narrowed(self.project, path, context, blocks=blocks)
        self.call_function(Function(f"{path}::{TEMPLATE}"), (seen,), {}, spot)

    def render_text(self, text: str, context: Container, spot: Spot, *, jinja: bool = False) -> None:
        """Render a template that is written in a string of the source; all of it happens at this place."""
        try:
            lowered = (lower_jinja if jinja else lower_template)(text[:_MAX_TEXT])
        except TemplateDamage:
            return
        outer = self.env, self.fresh, self.fixed, self.rendering, self.expression
        setting, self.setting = self.setting, self.setting or "template"
        self.env, self.fresh, self.fixed, self.rendering = dict(context.fields), {}, spot, True
        self.block(lowered[0][3][ir.C_BODY])
        self.env, self.fresh, self.fixed, self.rendering, self.expression = outer
        self.setting = setting

    def _files_of(self, template: Any) -> list[str]:
        return template_files(self.project, self.value(template), self.path)

    # Statements -------------------------------------------------------------------------------------------

    def _inner(self, s: Any) -> bool:
        before = dict(self.env)
        ended = self.block(s[1])
        self.env = before
        return ended

    def _seldom(self, s: Any) -> bool:
        missed = self.missed_at
        if missed is None:
            self.missed_at = self.opened  # the fragment is rendered when the cache does not have it
        ended = self.block(s[1])
        self.missed_at = missed
        return ended


def template_files(project: Project, name: Value, near: str) -> list[str]:
    """The files that a template's name, or a list of names of which the first that exists counts, may mean."""
    out: dict[str, None] = {}
    for part in parts(name):
        if isinstance(part, Const) and isinstance(part.value, str):
            found = next((p for f in project.frameworks if (p := f.template(project, part.value, near))), "")
            if found:
                out[found] = None
        elif isinstance(part, Container):
            first = next((f for item in part.items for f in template_files(project, item, near)), "")
            if first:
                out[first] = None
    return list(out)


def narrowed(project: Project, path: str, context: Container, *, blocks: bool) -> Container:
    """A context without what the template cannot see or does not ask for, so that equal renderings are equal."""
    wanted: frozenset[str] | None = project.memo.ask(QUESTIONS["template_names"], path)
    kept = []
    for name, value in context.fields:
        if name.startswith(_BLOCK):
            if blocks:
                kept.append((name, value))
        elif (wanted is None or blocks or name in wanted) and value != UNKNOWN:
            kept.append((name, value))
    return Container("dict", UNKNOWN, UNKNOWN, True, fields=tuple(sorted(kept, key=lambda kv: kv[0])))


def _template_names(project: Project, path: str) -> frozenset[str] | None:
    """The names that a template and those that it includes mention; None: whatever there is."""
    out: set[str] = set()
    file = project.file(path)
    pending: list[Any] = [f.core[ir.C_BODY] for f in file.functions.values()]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            out.add(part)
        if not isinstance(part, tuple):
            continue
        if part and part[0] in (ir.EXTENDS, ir.SCOPE):
            return None
        if part and part[0] == ir.INCLUDE and len(part) == 6:
            template = part[1]
            if not (isinstance(template, tuple) and template[0] == ir.CONST and isinstance(template[1], str)):
                return None
            for inner in template_files(project, Const(template[1]), path):
                names = project.memo.ask(QUESTIONS["template_names"], inner)
                if names is None:
                    return None
                out |= names
        if part and part[0] == ir.TAG:
            return None  # an inclusion tag may take the whole context
        pending.extend(part)
    return frozenset(out) if len(out) <= _MAX_NAMES else None


QUESTIONS: dict[str, Question[Any]] = {
    "template_names": Question("template_names", _template_names, frozenset),
}
