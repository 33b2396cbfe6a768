"""What a project gives to Jinja2 itself: filters, global functions, and functions that add to every context.

In: decorators of Flask and its kin (`template_filter`, `context_processor`), and what is set in `env.filters` and
`env.globals`, however the environment is called, or in Pyramid's settings of these names. Out: name → function.
Only functions of the project: what else is registered is unknown.
Source: flask.palletsprojects.com, "Templates"; docs.pylonsproject.org, pyramid_jinja2, "Settings"; jinja2's API.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.shapes import keyword, string
from .routes import bodies
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_DECORATORS = {
    "template_filter": "filter", "app_template_filter": "filter", "template_global": "global",
    "app_template_global": "global", "context_processor": "processor", "app_context_processor": "processor",
}  # fmt: skip
_ADDS = {
    "add_template_filter": "filter", "add_app_template_filter": "filter", "add_template_global": "global",
    "add_app_template_global": "global",
}  # fmt: skip
_HOLDERS = {"filters": "filter", "globals": "global"}
_PASSES = ("pass_context", "pass_environment", "pass_eval_context", "contextfilter", "contextfunction",
           "environmentfilter", "environmentfunction", "evalcontextfilter", "evalcontextfunction")  # fmt: skip
_MAX_DEPTH = 4  # statements in statements that are read


@dataclass(frozen=True, slots=True)
class Library:
    """Name → (function, how many parameters stand before the first of its own), and the context processors."""

    filters: dict[str, tuple[str, int]] = field(default_factory=dict)
    globals: dict[str, tuple[str, int]] = field(default_factory=dict)
    processors: tuple[str, ...] = ()


def library(project: Project) -> Library:
    """What all files register, through the memo."""
    found: Library = project.memo.ask(LIBRARY)
    return found


def _library(project: Project) -> Library:
    project.memo.read_input(("tree",))
    out: dict[str, dict[str, tuple[str, int]]] = {"filter": {}, "global": {}, "processor": {}}
    for path in project.modules.paths:
        for kind, name, expr in project.memo.ask(REGISTERED, path):
            ref = _function(project, path, expr)
            if ref:
                out[kind].setdefault(name or ref, (ref, _leading(project, ref)))
    return Library(out["filter"], out["global"], tuple(ref for ref, _ in out["processor"].values()))


def _function(project: Project, path: str, expr: Any) -> str:
    """The project's function that an expression names; also as `package.module:name` or `package.module.name`."""
    text = string(expr).replace(":", ".")
    if text:
        module, _, name = text.rpartition(".")
        file = project.modules.find(module, path) if module else None
        bound = project.member_of_module(file, name) if file else None
    else:
        bound = project.dotted(path, expr)
    return bound.ref if bound is not None and bound.kind == "function" else ""


def _leading(project: Project, ref: str) -> int:
    """Whether the function gets the context or the environment first."""
    defined = project.function(ref)
    decorators = defined.core[ir.C_DECORATORS] if defined is not None else ()
    return int(any(last_name(d) in _PASSES for d in decorators))


def _registered(project: Project, path: str) -> tuple[tuple[str, str, Any], ...]:
    """(filter | global | processor, name, function as spelled) of one file."""
    out: list[tuple[str, str, Any]] = []
    for name, function in project.file(path).functions.items():
        for decorator in function.core[ir.C_DECORATORS]:
            kind = _DECORATORS.get(last_name(decorator), "")
            if kind and isinstance(decorator, tuple):
                called = decorator[0] == ir.CALL
                first = string(decorator[2][0]) or string(keyword(decorator, "name")) if called and decorator[2] else ""
                named = first or (string(keyword(decorator, "name")) if called else "")
                out.append((kind, "" if kind == "processor" else named or name.rpartition(".")[2], name))
    for _, body in bodies(project, path):
        out += _in(body, 0)
    return tuple(out)


def _in(body: Any, depth: int) -> Iterator[tuple[str, str, Any]]:
    for s in body:
        if s[0] == ir.ASSIGN:
            for target in s[1]:
                if isinstance(target, tuple) and target[0] == ir.INDEX:
                    yield from _set(target[1], target[2], s[2])
        elif s[0] == ir.EXPRESSION and isinstance(s[1], tuple) and s[1][0] == ir.CALL:
            yield from _called(s[1])
        elif s[0] in (ir.IF, ir.WITH, ir.TRY) and depth < _MAX_DEPTH:
            inner = (*s[2], *s[3]) if s[0] == ir.IF else s[2] if s[0] == ir.WITH else (*s[1], *s[3])
            yield from _in(inner, depth + 1)


def _set(holder: Any, key: Any, value: Any) -> Iterator[tuple[str, str, Any]]:
    """`env.filters["name"] = function`."""
    kind = _HOLDERS.get(last_name(holder) if isinstance(holder, tuple) or holder in _HOLDERS else "", "")
    if kind and string(key):
        yield kind, string(key), value


def _called(call: Any) -> Iterator[tuple[str, str, Any]]:
    """`env.globals.update(name=function)`, `filters.setdefault("name", "module:function")`, `add_template_filter`."""
    func = call[1]
    if not isinstance(func, tuple) or func[0] != ir.ATTR:
        return
    kind = _ADDS.get(func[2], "")
    if kind and call[2]:
        first = call[2][0]
        yield kind, string(keyword(call, "name", 1)) or last_name(first), first
    elif func[2] == "setdefault" and len(call[2]) == 2:
        name = last_name(func[1])
        kind = next((k for end, k in _HOLDERS.items() if name.endswith(end)), "")
        if kind and string(call[2][0]):
            yield kind, string(call[2][0]), call[2][1]
    elif func[2] == "update":
        kind = _HOLDERS.get(last_name(func[1]), "")
        pairs = list(call[3])
        for given in call[2] if kind else ():
            if isinstance(given, tuple) and given[0] == ir.DICT:
                pairs += [(string(k), v) for k, v in zip(given[1], given[2], strict=True)]
        yield from ((kind, key, value) for key, value in pairs if kind and key)


LIBRARY: Question[Library] = Question("jinja_library", _library, Library)
REGISTERED: Question[tuple[tuple[str, str, Any], ...]] = Question("jinja_registered", _registered, tuple)
