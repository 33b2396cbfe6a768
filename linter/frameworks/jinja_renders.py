"""The functions by which web frameworks render a Jinja2 template, and what their templates see besides the context.

In: a call of something outside the project. Out: the rendering, through `Run.render`; None for any other call.
Source: the documentation of Flask ("Templates"), Quart, Starlette and FastAPI (`Jinja2Templates`), Litestar
("Templating"), aiohttp-jinja2, Pyramid (`pyramid.renderers`), Sanic Extensions, Bottle, Flask-Admin, jinja2-fragments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.templates import template_files
from ..project.values import UNKNOWN, Const, Container, External, ExternalInstance, Function, Spot, Value, parts
from .base import Arguments, Keywords
from .jinja_library import library

if TYPE_CHECKING:
    from ..project.run import Run

_NAMES = ("template_name_or_list", "template_name", "name", "template", "renderer_name", "source")
# (package, function) → positions of the template's name and of the context; -1: the keywords are the context
_RENDERS = {
    ("flask", "render_template"): (0, -1), ("flask", "stream_template"): (0, -1),
    ("quart", "render_template"): (0, -1), ("quart", "stream_template"): (0, -1),
    ("flask_appbuilder", "render_template"): (0, -1), ("flask_admin", "render"): (0, -1),
    ("flask_themes2", "render_theme_template"): (1, -1), ("bottle", "jinja2_template"): (0, -1),
    ("aiohttp_jinja2", "render_template"): (0, 2), ("aiohttp_jinja2", "render_string"): (0, 2),
    ("aiohttp_jinja2", "render_template_async"): (0, 2), ("aiohttp_jinja2", "render_string_async"): (0, 2),
    ("pyramid", "render"): (0, 1), ("pyramid", "render_to_response"): (0, 1), ("sanic_ext", "render"): (0, 2),
    ("litestar", "Template"): (0, 1), ("starlite", "Template"): (0, 1),
}  # fmt: skip
_TEXTS = {"render_template_string", "stream_template_string"}  # of Flask and Quart: the keywords are the context
_TEMPLATES = ("Jinja2Templates", "Jinja2Blocks")


def rendered(run: Run, callee: External, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
    """Do what a call of something external renders."""
    package, last = callee.name.partition(".")[0], callee.name.rpartition(".")[2]
    if last == "TemplateResponse" and _holds_templates(callee):
        return _response(run, args, keywords, spot)
    if last in _TEXTS and package in ("flask", "quart"):
        show_text(run, args[0] if args else keywords.get("source", UNKNOWN), context((), keywords), spot)
        return UNKNOWN
    known = _RENDERS.get((package, last))
    if known is None:
        return None
    at, given = known
    name = args[at] if len(args) > at else _named(keywords)
    if given < 0:
        names = {k: v for k, v in keywords.items() if len(args) > at or k not in _NAMES}
        show(run, name, context(args[at + 1 :], names), spot)
    else:
        value = keywords.get("context", keywords.get("value", args[given] if len(args) > given else UNKNOWN))
        show(run, name, context((value,), {}), spot)
    return ExternalInstance(callee.name) if last == "Template" else UNKNOWN


def _holds_templates(callee: External) -> bool:
    """Whether a method is one of Starlette's `Jinja2Templates`, or of the project's own kind of it."""
    return callee.of is not None and callee.name.split(".")[-2].startswith(_TEMPLATES)


def _response(run: Run, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
    """`TemplateResponse(request, "x.html", {...})`, or as it was, `TemplateResponse("x.html", {...})`."""
    old = bool(args) and isinstance(args[0], Const)
    at = 0 if old else 1
    name = args[at] if len(args) > at else _named(keywords)
    value = keywords.get("context", args[at + 1] if len(args) > at + 1 else UNKNOWN)
    show(run, name, context((value,), {}), spot)
    return ExternalInstance("starlette.responses.HTMLResponse")


def _named(keywords: Keywords) -> Value:
    return next((keywords[name] for name in _NAMES if name in keywords), UNKNOWN)


def context(args: Arguments, keywords: Keywords) -> Container:
    """The names that dicts and keywords give a template."""
    known: dict[str, Value] = {}
    for value in args:
        for part in parts(value):
            if isinstance(part, Container):
                known.update(part.fields)
    known.update({name: value for name, value in keywords.items() if name != "**"})
    return Container("dict", UNKNOWN, UNKNOWN, True).with_fields(known)


def show(run: Run, template: Value, given: Container, spot: Spot) -> None:
    """Render the template of this name with this context, and with what every template sees."""
    for path in template_files(run.project, template, run.path):
        run.render(path, _with_everywhere(run, given, spot), spot)


def show_text(run: Run, text: Value, given: Container, spot: Spot) -> None:
    """Render a template that is written in the source."""
    for part in parts(text):
        if isinstance(part, Const) and isinstance(part.value, str):
            run.render_text(part.value, _with_everywhere(run, given, spot), spot, jinja=True)


def _with_everywhere(run: Run, given: Container, spot: Spot) -> Container:
    """A context with what the project's context processors add to it."""
    added: dict[str, Value] = {}
    for ref in library(run.project).processors:
        for part in parts(run.call_function(Function(ref), (), {}, spot)):
            if isinstance(part, Container):
                added.update(part.fields)
    return given.with_fields({name: value for name, value in added.items() if given.field(name) is None})
