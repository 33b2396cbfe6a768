"""Django's class-based views and paginators: which rows they show, in which template, under which names.

In: view classes of the project. Out: their pages, rendered through `Run.render`; what the methods that they inherit
(`get_queryset`, `get_context_data`, `get_object`, `render_to_response`) give. Views of other packages are theirs.
Source: docs.djangoproject.com, "Class-based views"; django/views/generic/{list,detail,edit,dates,base}.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..project import pages
from ..project.frozen import replace
from ..project.schema import model_of
from ..project.summaries import PROCEDURE, class_value, summary
from ..project.templates import template_files
from ..project.values import (
    UNKNOWN,
    Bound,
    Class,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Row,
    Rows,
    Spot,
    Value,
    parts,
    union,
)
from . import django_managers, django_rows
from .base import Arguments, Framework, Keywords
from .django_order import paged
from .django_templates import show

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

PAGE = "page"
_GENERIC = "ext:django.views.generic."
_MANY = ("ListView", "BaseListView", "MultipleObjectMixin", "MultipleObjectTemplateResponseMixin")
_DATES = (
    "ArchiveIndexView",
    "YearArchiveView",
    "MonthArchiveView",
    "WeekArchiveView",
    "DayArchiveView",
    "TodayArchiveView",
)
_ONE = (
    "DetailView", "UpdateView", "DeleteView", "BaseDetailView", "SingleObjectMixin", "BaseUpdateView", "DateDetailView",
    "SingleObjectTemplateResponseMixin", "BaseDeleteView",
)  # fmt: skip
_LISTS = (
    "ext:django_tables2.SingleTableView", "ext:django_tables2.views.SingleTableView",
    "ext:django_filters.views.FilterView", "ext:django_filters.views.BaseFilterView",
)  # fmt: skip
_SUFFIXES = {
    "ListView": "_list", "DetailView": "_detail", "UpdateView": "_form", "CreateView": "_form",
    "DeleteView": "_confirm_delete", "ArchiveIndexView": "_archive", "YearArchiveView": "_archive_year",
    "MonthArchiveView": "_archive_month", "DayArchiveView": "_archive_day", "DateDetailView": "_detail",
}  # fmt: skip
_INHERITED = {
    "get_queryset", "get_object", "get_context_data", "get", "render_to_response", "get_template_names",
    "paginate_queryset",
}  # fmt: skip
_PAGINATORS = ("django.core.paginator.Paginator", "django.core.paginator.BasePaginator")
_PAGINATOR, _PAGE = "paginator", "page"  # kinds of containers; `of` are the rows


class DjangoViews(Framework):
    name = "django"
    attributes_of = (Container, Instance)
    calls_of = (Class, External, Bound)

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if not _kinds(info) or project.lookup(info.ref, "get") is not None:
            return ()
        return (PAGE,)

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if not isinstance(receiver, Instance):
            return None
        if name in ("object", "object_list"):
            return (object_of if name == "object" else rows_of)(run, receiver, run.spot(0, 0))
        if name != PAGE:
            return None
        show_page(run, receiver, run.spot(0, 0))
        return UNKNOWN

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Container) and value.kind in (_PAGINATOR, _PAGE):
            return value.of if name == "object_list" else Bound(value, name)
        if isinstance(value, Instance) and name in ("object_list", "object"):
            info = run.project.class_info(value.cls)
            kinds = _kinds(info) if info is not None else frozenset()
            shows = {*_MANY, *_DATES} if name == "object_list" else set(_ONE)
            if kinds & shows:  # the view has fetched it: reading it again costs nothing
                return summary(run.project, f"{value.cls}{PROCEDURE}{name}", (value, UNKNOWN)).returns
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class) and args:  # the project's own kind of paginator
            info = run.project.class_info(callee.ref)
            paged = info is not None and info.inherits(*_PAGINATORS)
            return Container(_PAGINATOR, args[0]) if paged else None
        if isinstance(callee, External):
            last = callee.name.rpartition(".")[2]
            if last == "Paginator" and callee.of is None and args:
                expr = run.expression[2][0] if isinstance(run.expression, tuple) and run.expression[2] else None
                for part in parts(args[0]) if expr is not None else ():
                    if isinstance(part, Rows):
                        pages.note(run, part, expr, spot)
                return Container(_PAGINATOR, args[0])
            if last in _INHERITED and isinstance(callee.of, Instance):
                info = run.project.class_info(callee.of.cls)
                if info is not None and _kinds(info):
                    return _inherited(run, callee.of, last, args, keywords, spot)
            return None
        if isinstance(callee, Bound) and isinstance(callee.of, Container) and callee.of.kind in (_PAGINATOR, _PAGE):
            if callee.name in ("page", "get_page"):
                return Container(_PAGE, callee.of.of)
            return UNKNOWN
        return None

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if isinstance(value, Container) and value.kind == _PAGE:
            return union([run.iterated(part, spot)[0] for part in parts(paged(value.of))])
        return None


def _kinds(info: ClassInfo) -> frozenset[str]:
    """The names of the generic views that a class is made of; none for other classes."""
    found = {a.rpartition(".")[2] for a in info.lineage if a.startswith(_GENERIC)}
    return frozenset(found | {"MultipleObjectMixin"} if any(a in _LISTS for a in info.lineage) else found)


# What a view shows ----------------------------------------------------------------------------------------


def rows_of(run: Run, view: Instance, spot: Spot) -> Value:
    """What the view's `get_queryset()` gives."""
    return called(run, view, "get_queryset", spot)


def object_of(run: Run, view: Instance, spot: Spot) -> Value:
    """What the view's `get_object()` gives."""
    return called(run, view, "get_object", spot)


def called(run: Run, view: Instance, name: str, spot: Spot, keywords: Keywords | None = None) -> Value:
    """A method of a view: the project's own, or the inherited one."""
    member = run.project.lookup(view.cls, name)
    if member is not None and member.kind == "function":
        return run.call_function(Function(f"{member.owner}.{name}", view), (), keywords or {}, spot)
    return _inherited(run, view, name, (), keywords or {}, spot)


def _inherited(run: Run, view: Instance, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
    """What Django's own form of a method does for this view."""
    if name == "get_queryset":
        return _default_rows(run, view.cls, spot)
    if name == "get_object":
        given = args[0] if args else keywords.get("queryset", UNKNOWN)
        rows = given if isinstance(given, Rows) else rows_of(run, view, spot)
        found = [django_rows.method(run, p, "get", (), {}, spot) for p in parts(rows) if isinstance(p, Rows)]
        return union([v for v in found if v is not None]) if found else UNKNOWN
    if name == "get_context_data":
        return context_of(run, view, keywords, spot)
    if name == "render_to_response":
        context = args[0] if args else keywords.get("context", UNKNOWN)
        show(run, template_of(run, view, spot), context, spot)
        return ExternalInstance("django.http.HttpResponse")
    if name == "get":
        show_page(run, view, spot)
        return ExternalInstance("django.http.HttpResponse")
    if name == "paginate_queryset":
        rows = args[0] if args else UNKNOWN
        items = (Container(_PAGINATOR, rows), Container(_PAGE, rows), rows, UNKNOWN)
        return Container("tuple", UNKNOWN, items=items)
    return UNKNOWN


def show_page(run: Run, view: Instance, spot: Spot) -> None:
    """What `get()` of a generic view does: the context is built and the template rendered."""
    template = template_of(run, view, spot)
    if template != UNKNOWN:
        show(run, template, called(run, view, "get_context_data", spot), spot)


def _default_rows(run: Run, cls: str, spot: Spot) -> Value:
    """The `queryset` of a view class, or all rows of its `model`."""
    member = run.project.lookup(cls, "queryset")
    if member is not None and member.kind == "value":
        found = class_value(run.project, member.owner, "queryset")
        if found != Const(None):
            return union([replace(p, fresh=run.now) if isinstance(p, Rows) else p for p in parts(found)])
    member = run.project.lookup(cls, "model")
    model = _attribute(run, cls, "model")
    if member is None or not isinstance(model, Class) or model_of(run.project, model.ref) is None:
        return UNKNOWN
    where = Spot(member.owner, member.line, member.column, member.line, member.column + len("model"))
    return django_managers.all_rows(run, model.ref, where)


def context_of(run: Run, view: Instance, given: Keywords, spot: Spot) -> Container:
    """What the inherited `get_context_data(**given)` gives."""
    info = run.project.class_info(view.cls)
    kinds = _kinds(info) if info is not None else frozenset()
    known: dict[str, Value] = {"view": view}
    extra = _attribute(run, view.cls, "extra_context")
    if isinstance(extra, Container):
        known.update(extra.fields)
    named = _attribute(run, view.cls, "context_object_name")
    name = named.value if isinstance(named, Const) and isinstance(named.value, str) else ""
    if kinds & {*_MANY, *_DATES}:
        rows = given.get("object_list", UNKNOWN)
        rows = rows_of(run, view, spot) if rows in (UNKNOWN, Const(None)) else rows
        if _attribute(run, view.cls, "paginate_by") not in (UNKNOWN, Const(None)):
            rows = paged(rows)
        known.update(object_list=rows, page_obj=Container(_PAGE, rows), paginator=Container(_PAGINATOR, rows))
        model = next((p.model for p in parts(rows) if isinstance(p, Rows)), "")
        known[name or f"{_short(model)}_list"] = rows
        if info is not None and any(a.endswith(".FilterView") for a in info.lineage):
            known["filter"] = Container("dict", UNKNOWN, UNKNOWN, True, fields=(("qs", rows),))
    elif kinds & set(_ONE):
        row = object_of(run, view, spot)
        known["object"] = row
        model = next((p.model for p in parts(row) if isinstance(p, Row)), "")
        known[name or _short(model) or "object"] = row
    known.update({k: v for k, v in given.items() if k != "**"})
    return Container("dict", UNKNOWN, UNKNOWN, True).with_fields(known)


def template_of(run: Run, view: Instance, spot: Spot) -> Value:
    """The name of a view's template, from `template_name`, `get_template_names()`, or the model's name."""
    member = run.project.lookup(view.cls, "get_template_names")
    if member is not None and member.kind == "function":
        return run.call_function(Function(f"{member.owner}.get_template_names", view), (), {}, spot)
    named = _attribute(run, view.cls, "template_name")
    if named not in (UNKNOWN, Const(None)):
        return named
    info = run.project.class_info(view.cls)
    kinds = _kinds(info) if info is not None else frozenset()
    default = next((end for kind, end in _SUFFIXES.items() if kind in kinds), "")
    if not default or info is None:
        return UNKNOWN
    suffix = _attribute(run, view.cls, "template_name_suffix")
    if isinstance(suffix, Const) and isinstance(suffix.value, str):
        default = suffix.value
    model = _attribute(run, view.cls, "model")
    ref = model.ref if isinstance(model, Class) else ""
    if not ref:
        ref = next((p.model for p in parts(rows_of(run, view, spot)) if isinstance(p, Rows)), "")
    known = model_of(run.project, ref) if ref else None
    if known is None:
        return UNKNOWN
    name = Const(f"{known.label.replace('.', '/')}{default}.html")
    return name if template_files(run.project, name, run.path) else UNKNOWN


def _attribute(run: Run, cls: str, name: str) -> Value:
    member = run.project.lookup(cls, name)
    return class_value(run.project, member.owner, name) if member is not None and member.kind == "value" else UNKNOWN


def _short(model: str) -> str:
    return model.rpartition("::")[2].rpartition(".")[2].lower()
