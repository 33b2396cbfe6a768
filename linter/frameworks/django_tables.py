"""django-tables2: which classes are tables, which rows they are given, and who shows them.

In: calls of table classes, and views that have one. Out: each table, rendered with its rows through
`django_tables_cells`. A table that is made is taken to be shown: nobody makes one for anything else.
Source: django-tables2.readthedocs.io, "Class Based Generic Mixins", `django_tables2.views`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..project.summaries import self_of
from ..project.values import UNKNOWN, Class, Const, Container, Function, Instance, Rows, Value, parts
from . import django_tables_cells, django_views
from .base import Arguments, Framework, Keywords
from .class_options import listed, method, option, outside
from .django_order import paged

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run
    from ..project.values import Spot

VIEW = "table"
HANDLER = "handler"
_MIXINS = ("SingleTableMixin", "SingleTableView", "MultiTableMixin", "ExportMixin")
_GIVEN = ("table_class", "table")


class DjangoTables(Framework):
    name = "django-tables2"
    calls_of = (Class,)

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if _is_table_view(info):
            return (VIEW,)
        named = any(_table_of(project, info.ref, name) for name in _GIVEN if name in info.members)
        handled = named and "get" not in info.members and outside(info, "View")
        return (HANDLER,) if handled and project.lookup(info.ref, "get") is not None else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == VIEW:
            return shown(run, receiver)
        if name == HANDLER:
            handler = method(run.project, run.owner, "get")
            if handler is not None:
                run.call_function(Function(handler.ref, receiver), (UNKNOWN,), {}, run.spot(0, 0))
            return UNKNOWN
        kind, *without = name.split(" ")
        if kind == django_tables_cells.TABLE:
            return django_tables_cells.table(run, receiver, given, frozenset(without))
        if name.startswith(django_tables_cells.CELL):
            return django_tables_cells.cell(run, name.removeprefix(django_tables_cells.CELL), receiver, given)
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class) and is_table(run.project, callee.ref):
            data = keywords.get("data", args[0] if args else UNKNOWN)
            render(run, callee.ref, data, spot, _strings(keywords.get("exclude", UNKNOWN)))
        return None


def is_table(project: Project, cls: str) -> bool:
    info = project.class_info(cls)
    return info is not None and any(
        a.startswith("ext:django_tables2.") and a.endswith(("Table", "TableBase")) for a in info.lineage
    )


def render(run: Run, cls: str, data: Value, spot: Spot, without: Sequence[str] = ()) -> None:
    """A table is shown with these rows, `without` some columns."""
    name = " ".join((django_tables_cells.TABLE, *sorted(without)))
    for part in parts(data):
        if isinstance(part, Rows | Container):
            run.perform(f"{cls}#{name}", self_of(run.project, cls), paged(part), spot)  # by default they are in pages


def _strings(value: Value) -> list[str]:
    items = value.items if isinstance(value, Container) else (value,)
    return [i.value for i in items if isinstance(i, Const) and isinstance(i.value, str)]


def shown(run: Run, view: Value) -> Value:
    """A request to a view with tables: those of its classes that it names, with the view's rows."""
    project, here = run.project, run.spot(0, 0)
    if not isinstance(view, Instance):
        return UNKNOWN
    made = method(project, run.owner, "get_table_class")
    named = run.call_function(Function(made.ref, view), (), {}, here) if made is not None else UNKNOWN
    tables = [p.ref for p in parts(named) if isinstance(p, Class)]
    tables = tables or [ref for name in _GIVEN[:1] if (ref := _table_of(project, run.owner, name))]
    if tables:
        data = _data(run, view)
        for ref in tables:
            if is_table(project, ref):
                render(run, ref, data, here)
    member = option(project, run.owner, "tables")
    if member is not None and not listed(project, run.owner, "tables"):
        run.value(member.value)  # tables made in the class body
    for hook in ("get_tables", "get_tables_data"):
        own = method(project, run.owner, hook)
        result = run.call_function(Function(own.ref, view), (), {}, here) if own is not None else UNKNOWN
        if hook == "get_tables_data" and isinstance(result, Container):
            classes = [i.ref for i in listed(project, run.owner, "tables") if isinstance(i, Class)]
            for ref, rows in zip(classes, result.items, strict=False):
                if is_table(project, ref):
                    render(run, ref, rows, here)
    return UNKNOWN


def _data(run: Run, view: Instance) -> Value:
    """`get_table_data()`, the `table_data` of the class, or the view's own rows."""
    here = run.spot(0, 0)
    own = method(run.project, view.cls, "get_table_data")
    if own is not None:
        return run.call_function(Function(own.ref, view), (), {}, here)
    member = option(run.project, view.cls, "table_data")
    return run.class_value(member, view.cls) if member is not None else django_views.rows_of(run, view, here)


def _table_of(project: Project, cls: str, name: str) -> str:
    """The table class that an attribute of a view names."""
    member = option(project, cls, name)
    bound = project.dotted(member.owner.partition("::")[0], member.value) if member is not None else None
    return bound.ref if bound is not None and bound.kind == "class" and is_table(project, bound.ref) else ""


def _is_table_view(info: ClassInfo) -> bool:
    return any(a.startswith("ext:django_tables2.") and a.endswith(_MIXINS) for a in info.lineage)
