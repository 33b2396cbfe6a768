"""Django's templates, as the interpreter asks them: which file a name means, what filters and tags do, who renders.

In: calls of `render()` and its kin, template names, filters, tags. Out: renderings, through `Run.render`. Tags and
filters of the project's `templatetags` are its functions; what packages outside define is unknown.
Source: docs.djangoproject.com, "The Django template language", "How to create custom template tags and filters".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..files import holds_templates
from ..project.annotations import spelled
from ..project.memo import Question
from ..project.shapes import constant, keyword, string
from ..project.templates import template_files
from ..project.values import (
    UNKNOWN,
    Bound,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Spot,
    Value,
    parts,
)
from .base import Arguments, Framework, Keywords
from .django_filters import apply_filter

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

# Function → positions of the template's name and of the context
_RENDERS = {
    "render": (1, 2), "render_to_response": (0, 1), "render_to_string": (0, 1), "TemplateResponse": (1, 2),
    "SimpleTemplateResponse": (0, 1), "arender": (1, 2), "render_block_to_string": (0, 2),
}  # fmt: skip
_LOADS = {"get_template", "select_template"}
_TEMPLATE = "template"  # kind of the container that stands for a loaded template: `of` is its name
_TAGS = ("simple_tag", "inclusion_tag", "assignment_tag", "simple_block_tag")
_GLOBALS = ("function", "global_function", "global")  # of django-jinja and jingo
_REQUEST = "django.http.request.HttpRequest"


class DjangoTemplates(Framework):
    name = "django"
    attributes_of = (Container,)
    calls_of = (Bound, External)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (INDEX, LIBRARY, PROCESSORS)

    def template(self, project: Project, name: str, near: str) -> str:
        if name.startswith(("./", "../")):
            return _relative(project, name, near)
        found: tuple[str, ...] = project.memo.ask(INDEX).get(name, ())
        return max(found, key=lambda path: (_common(path, near), -len(path))) if found else ""

    # Who renders ------------------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Container) and value.kind == _TEMPLATE:
            return Bound(value, name)
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound) and isinstance(callee.of, Container) and callee.of.kind == _TEMPLATE:
            if callee.name == "render":
                show(run, callee.of.of, args[0] if args else keywords.get("context", UNKNOWN), spot)
            return UNKNOWN
        if not isinstance(callee, External):
            return None
        last = callee.name.rpartition(".")[2]
        if last in _LOADS and args:
            return Container(_TEMPLATE, args[0])
        if last in ("Context", "RequestContext") and callee.name.startswith("django.template"):
            given = args[1] if last == "RequestContext" and len(args) > 1 else args[0] if args else UNKNOWN
            return given
        if last not in _RENDERS or callee.of is not None:
            return None
        at, context = _RENDERS[last]
        template = keywords.get("template_name", args[at] if len(args) > at else UNKNOWN)
        if template == UNKNOWN:
            template = _default(run, at)
        show(run, template, keywords.get("context", args[context] if len(args) > context else UNKNOWN), spot)
        return ExternalInstance("django.http.HttpResponse") if last in ("render", "TemplateResponse") else UNKNOWN

    # What templates say -----------------------------------------------------------------------------------

    def filter(
        self, run: Run, name: str, value: Value, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        found = library(run.project).get(("filter", name))
        if found is not None:
            return run.call_function(Function(found[0]), (value, *args), keywords, spot)
        return apply_filter(run, name, value, args[0] if args else None, spot)

    def tag(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        found = library(run.project).get(("tag", name))
        if found is None:
            return None
        ref, template, takes_context = found
        given = (run.scope(), *args) if takes_context else tuple(args)
        returned = run.call_function(Function(ref), given, keywords, spot)
        if template:
            path = ref.partition("::")[0]
            for part in parts(returned):
                for file in template_files(run.project, Const(template), path):
                    run.render(file, part if isinstance(part, Container) else Container("dict", UNKNOWN), spot)
        return returned

    def template_global(self, run: Run, name: str) -> Value | None:
        found = library(run.project).get(("global", name))
        return Function(found[0]) if found is not None else None


def _default(run: Run, at: int) -> Value:
    """What the parameter holds that the call being interpreted is given there, when nobody is known to pass it."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL:
        return UNKNOWN
    name = expr[2][at] if len(expr[2]) > at else keyword(expr, "template_name")
    return Const(string(run.defaults[name])) if isinstance(name, str) and name in run.defaults else UNKNOWN


def show(run: Run, template: Value, context: Value, spot: Spot) -> None:
    """Render the template of this name with this context, and with what the context processors add."""
    for path in template_files(run.project, template, run.path):
        for part in parts(context):
            known = part if isinstance(part, Container) and part.kind == "dict" else Container("dict", UNKNOWN)
            run.render(path, everywhere(run, spot).with_fields(dict(known.fields)), spot)


def everywhere(run: Run, spot: Spot) -> Container:
    """What every template sees: `request`, `user`, and what the project's own context processors give."""
    request: Value = ExternalInstance(_REQUEST)
    known = Container("dict", UNKNOWN, UNKNOWN, True).with_fields(
        {"request": request, "user": run.attribute(request, "user", 0, 0)}
    )
    for ref in run.project.memo.ask(PROCESSORS):
        for part in parts(run.call_function(Function(ref), (request,), {}, spot)):
            if isinstance(part, Container) and part.fields:
                known = known.with_fields(dict(part.fields))
    return known


# Which file -----------------------------------------------------------------------------------------------


def _index(project: Project) -> dict[str, tuple[str, ...]]:
    """Template name → files, by the folders that templates stand in."""
    project.memo.read_input(("tree",))
    out: dict[str, list[str]] = {}
    for path in project.templates:
        folders = path.split("/")
        for i, folder in enumerate(folders[:-1]):
            if holds_templates(folder):
                out.setdefault("/".join(folders[i + 1 :]), []).append(path)
    return {name: tuple(found) for name, found in out.items()}


def _relative(project: Project, name: str, near: str) -> str:
    folders = near.split("/")[:-1]
    for step in name.split("/"):
        if step == "..":
            folders = folders[:-1]
        elif step != ".":
            folders.append(step)
    path = "/".join(folders)
    return path if path in project.templates else ""


def _common(path: str, near: str) -> int:
    """How many folders two paths share from the top."""
    shared = 0
    for a, b in zip(path.split("/")[:-1], near.split("/")[:-1], strict=False):
        if a != b:
            break
        shared += 1
    return shared


# The project's own tags and filters -----------------------------------------------------------------------


def library(project: Project) -> dict[tuple[str, str], tuple[str, str, bool]]:
    """(filter | tag | global, name) → (function, template of an inclusion tag, whether it takes the context)."""
    found: dict[tuple[str, str], tuple[str, str, bool]] = project.memo.ask(LIBRARY)
    return found


def _library(project: Project) -> dict[tuple[str, str], tuple[str, str, bool]]:
    project.memo.read_input(("tree",))
    out: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for path in project.modules.paths:
        if "/templatetags/" in f"/{path}" or path.endswith(("/helpers.py", "/jinja2.py", "/jinja.py")):
            for kind, name, entry in _registered(project, path):
                out.setdefault((kind, name), entry)
    return out


def _registered(project: Project, path: str) -> Iterator[tuple[str, str, tuple[str, str, bool]]]:
    file = project.file(path)
    for name, function in file.functions.items():
        for decorator in function.core[ir.C_DECORATORS]:
            call = decorator if isinstance(decorator, tuple) and decorator[0] == ir.CALL else None
            last = spelled(call[1] if call is not None else decorator).rpartition(".")[2]
            kind = "filter" if last == "filter" else "tag" if last in _TAGS else "global" if last in _GLOBALS else ""
            if not kind:
                continue
            first = string(call[2][0]) if call is not None and call[2] else ""
            template = (first or string(keyword(call, "filename"))) if last == "inclusion_tag" and call else ""
            named = string(keyword(call, "name")) if call is not None else ""
            public = named or (first if last != "inclusion_tag" else "") or name
            takes = call is not None and constant(keyword(call, "takes_context")) is True
            yield kind, public, (f"{path}::{name}", template, takes)
            if kind == "tag" and last == "simple_tag":
                yield "global", public, (f"{path}::{name}", "", takes)
    for s in file.loose:  # register.filter("name", function)
        call = s[1] if s[0] == ir.EXPRESSION else None
        if isinstance(call, tuple) and call[0] == ir.CALL and isinstance(call[1], tuple) and call[1][0] == ir.ATTR:
            target = call[2][1] if len(call[2]) > 1 else call[2][0] if call[2] else None
            if call[1][2] in ("filter", "simple_tag") and isinstance(target, str) and target in file.functions:
                kind = "filter" if call[1][2] == "filter" else "tag"
                yield kind, string(call[2][0]) or target, (f"{path}::{target}", "", False)


def _processors(project: Project) -> tuple[str, ...]:
    """The project's functions that settings name as context processors."""
    out: dict[str, None] = {}
    for path in project.modules.paths:
        if "settings" not in path and "config" not in path:
            continue
        pending: list[Any] = [
            v for name in ("TEMPLATES", "TEMPLATE_CONTEXT_PROCESSORS") for v in _assigned(project, path, name)
        ]
        while pending:
            part = pending.pop()
            if not isinstance(part, tuple) or not part:
                continue
            text = string(part)
            if "context_processors" in text:
                module, _, name = text.rpartition(".")
                found = project.modules.find(module, path)
                bound = project.member_of_module(found, name) if found else None
                if bound is not None and bound.kind == "function":
                    out[bound.ref] = None
            pending.extend(p for p in part if isinstance(p, tuple))
    return tuple(out)


def _assigned(project: Project, path: str, name: str) -> list[Any]:
    return [value for value, _ in project.module_values(path, name)]


INDEX: Question[dict[str, tuple[str, ...]]] = Question("template_index", _index, dict)
LIBRARY: Question[dict[tuple[str, str], tuple[str, str, bool]]] = Question("template_library", _library, dict)
PROCESSORS: Question[tuple[str, ...]] = Question("context_processors", _processors, tuple)
