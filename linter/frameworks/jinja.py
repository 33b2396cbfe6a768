"""Jinja2 outside of Django, as the interpreter asks it: who renders which template with which context.

In: calls that render (see `jinja_renders` for the web frameworks' own), environments, loaded templates, names, filters.
Out: renderings, through `Run.render`; the macros of a template that Python code calls.
Source: jinja.palletsprojects.com, "API"; the documentation of Flask, Quart, Starlette, Litestar, aiohttp-jinja2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..files import names_template
from ..project.memo import Question
from ..project.templates import template_files
from ..project.values import (
    UNKNOWN,
    Bound,
    Const,
    Container,
    External,
    Function,
    Spot,
    Value,
    parts,
)
from . import django_templates, jinja_filters, jinja_library, jinja_names, jinja_renders
from .base import Arguments, Framework, Keywords
from .django_templates import library as tags_and_filters
from .jinja_library import library as given_names

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

TEMPLATE, TEXT, MACROS = "jinja-template", "jinja-text", "jinja-macros"
"""Kinds of containers: a loaded template (`of`: its name), one written in the source, a template as a module."""
_LOADS = {"get_template", "select_template", "get_or_select_template"}
_SHOWS = {"render", "render_async", "generate", "generate_async", "stream"}
_OTHERS = ("django.", "mako.", "chameleon.", "genshi.", "tornado.", "Cheetah.", "builtins.")


class Jinja(Framework):
    name = "jinja"
    attributes_of = (Container,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return jinja_names.BY_LAST, jinja_library.LIBRARY, jinja_library.REGISTERED

    def template(self, project: Project, name: str, near: str) -> str:
        known: dict[str, tuple[str, ...]] = project.memo.ask(django_templates.INDEX)
        return "" if name in known else jinja_names.find(project, name, near)

    # Who renders ------------------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if not isinstance(value, Container) or value.kind not in (TEMPLATE, TEXT, MACROS):
            return None
        if value.kind == MACROS:
            files = template_files(run.project, value.of, run.path)
            return next((m for path in files if (m := run.macros(path).get(name)) is not None), UNKNOWN)
        return Container(MACROS, value.of) if name == "module" else Bound(value, name)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound):
            return _of_template(run, callee, args, keywords, spot)
        if isinstance(callee, External):
            if callee.name in ("jinja2.Template", "jinja2.environment.Template") and args:
                return Container(TEXT, args[0])
            found = jinja_renders.rendered(run, callee, args, keywords, spot)
            if found is not None:
                return found
        return _loaded(run, callee, args)

    # What templates say -----------------------------------------------------------------------------------

    def filter(
        self, run: Run, name: str, value: Value, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        if ("filter", name) in tags_and_filters(run.project):
            return None
        found = given_names(run.project).filters.get(name)
        if found is not None:
            return jinja_filters.custom(run, *found, value, args, keywords, spot)
        return jinja_filters.apply_filter(run, name, value, args, keywords, spot)

    def template_global(self, run: Run, name: str) -> Value | None:
        found = given_names(run.project).globals.get(name)
        if found is None:
            return None
        ref, leading = found
        return Function(ref, UNKNOWN if leading else None)


def _loaded(run: Run, callee: Value, args: Arguments) -> Value | None:
    """`env.get_template("x.html")`, `env.from_string("…")`; on something nobody knows when it names a template."""
    expr = run.expression
    func = expr[1] if isinstance(expr, tuple) and expr[0] == ir.CALL else None
    last = func[2] if isinstance(func, tuple) and func[0] in (ir.ATTR, ir.LOOKUP) else ""
    if not args or last not in _LOADS | {"from_string"}:
        return None
    if isinstance(callee, External):
        if callee.name.startswith(_OTHERS) or callee.name.rpartition(".")[2] != last:
            return None
        return Container(TEMPLATE if last in _LOADS else TEXT, args[0])
    known = callee == UNKNOWN and any(isinstance(p, Const) and names_template(p.value) for p in parts(args[0]))
    return Container(TEMPLATE, args[0]) if known and last in _LOADS else None


def _of_template(run: Run, callee: Bound, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
    """A method of a loaded template."""
    of = callee.of
    if not isinstance(of, Container) or of.kind not in (TEMPLATE, TEXT):
        return None
    if callee.name in _SHOWS:
        context = jinja_renders.context(args, keywords)
        if of.kind == TEXT:
            jinja_renders.show_text(run, of.of, context, spot)
        else:
            jinja_renders.show(run, of.of, context, spot)
    elif callee.name in ("make_module", "make_module_async") and of.kind == TEMPLATE:
        return Container(MACROS, of.of)
    return UNKNOWN
