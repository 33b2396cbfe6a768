"""django-filter, and the lists of Django REST framework: what whoever asks may filter, search and sort by.

In: classes of filters, and views that name one, or the fields themselves. Out: a query site for each choice, marked as
chosen: each is one of many, and most requests make none of them.
Source: django-filter.readthedocs.io, "FilterSet Options", "Filter Reference"; django-rest-framework.org, "Filtering".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from ..project.annotations import spelled
from ..project.conditions import names
from ..project.effects import DECLARED, QUERY, Effect
from ..project.schema import model_of
from ..project.shapes import keyword, string, strings
from ..project.summaries import class_value, self_of
from ..project.values import UNKNOWN, Class, Rows, Spot, Value, parts
from . import class_options, django_order
from .base import Arguments, Framework, Keywords
from .django_lookups import conditions

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

CHOICES = "filterset"
_VIEW = "lists"
_NAMES = ("filterset_class", "filter_class", "filterset")
_LISTS = {"filterset_fields": "exact", "search_fields": "icontains", "ordering_fields": ""}
PREFIXES = {"^": "istartswith", "=": "iexact", "@": "search", "$": "iregex"}


class DjangoFilterSets(Framework):
    name = "django-filter"
    calls_of = (Class,)

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        named = any(name in info.members for name in (*_NAMES, *_LISTS))
        return (_VIEW,) if named and class_options.outside(info, "View", "ViewSet", "APIView") else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == CHOICES:
            _filterset(run)
            return UNKNOWN
        if name == _VIEW:
            _view(run)
            return UNKNOWN
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class) and is_filterset(run.project, callee.ref):
            run.perform(f"{callee.ref}#{CHOICES}", self_of(run.project, callee.ref), UNKNOWN, spot)
        return None


def is_filterset(project: Project, cls: str) -> bool:
    info = project.class_info(cls)
    return info is not None and any(a.startswith("ext:") and a.endswith("FilterSet") for a in info.lineage)


def _view(run: Run) -> None:
    """What a list view offers: a class of filters, or fields by name."""
    project = run.project
    for name in _NAMES:
        member = class_options.option(project, run.owner, name)
        bound = project.dotted(member.owner.partition("::")[0], member.value) if member is not None else None
        if bound is not None and bound.kind == "class" and is_filterset(project, bound.ref):
            run.perform(f"{bound.ref}#{CHOICES}", self_of(project, bound.ref), UNKNOWN, run.spot(0, 0))
    rows = class_options.option(project, run.owner, "queryset")
    held = class_value(project, rows.owner, "queryset") if rows is not None else UNKNOWN
    model = next((p.model for p in parts(held) if isinstance(p, Rows)), "")
    for name, lookup in _LISTS.items() if model else ():
        member = class_options.option(project, run.owner, name)
        if member is None:
            continue
        for field, word in _fields(member.value, lookup):
            if not lookup:
                sorted_by(run, model, field, member.spot)
                continue
            compared(run, model, field.lstrip("^=@$"), PREFIXES.get(field[:1], word), member.spot)


def _filterset(run: Run) -> None:
    """The filters that a class declares, and those that its `Meta.fields` make."""
    project = run.project
    meta = _meta(project, run.owner)
    model = class_options.model_named(project, meta.owner.partition("::")[0], meta.value) if meta is not None else ""
    info = project.class_info(run.owner)
    if not model or info is None:
        return
    for member in project.declared(info, nearest=True):
        call = member.value
        if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
            continue
        kind = spelled(call[1]).rpartition(".")[2]
        if kind.endswith("OrderingFilter"):
            for field in _sortable(keyword(call, "fields")):
                sorted_by(run, model, field, member.spot)
        elif kind.endswith("Filter") and keyword(call, "method") is None:
            field = string(keyword(call, "field_name")) or string(keyword(call, "name")) or member.name
            how = DECLARED if kind == "CharFilter" else CHOICES
            compared(run, model, field, string(keyword(call, "lookup_expr")) or "exact", member.spot, how)
    fields = class_options.option(project, f"{meta.owner}" if meta is not None else "", "fields")
    for field, lookup in _fields(fields.value, "exact") if fields is not None else ():
        compared(run, model, field, lookup, fields.spot if fields is not None else run.spot(0, 0))


def _meta(project: Project, cls: str) -> Member | None:
    """`Meta.model` of a class or its ancestors."""
    info = project.class_info(cls)
    for ancestor in info.lineage if info is not None else ():
        member = None if ancestor.startswith("ext:") else project.lookup(f"{ancestor}.Meta", "model")
        if member is not None:
            return member
    return None


def _fields(expr: Any, lookup: str) -> Iterator[tuple[str, str]]:
    """(field, lookup) of a list of names, or of a dict of them to lists of lookups."""
    if isinstance(expr, tuple) and expr[0] == ir.DICT:
        for key, held in zip(expr[1], expr[2], strict=True):
            yield from ((string(key), each) for each in strings(held) if key is not None)
    else:
        yield from ((field, lookup) for field in strings(expr))


def _sortable(expr: Any) -> Iterator[str]:
    """The columns of `OrderingFilter(fields=(("column", "parameter"), "column"))`."""
    if isinstance(expr, tuple) and expr[0] == ir.DICT:
        yield from (string(key) for key in expr[1] if key is not None)
    elif isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:
        for item in expr[2]:
            text = string(item) or (string(item[2][0]) if _is_pair(item) else "")
            if text:
                yield text


def _is_pair(item: Any) -> bool:
    return isinstance(item, tuple) and item[0] == ir.SEQUENCE and len(item[2]) == 2


def compared(run: Run, model: str, field: str, lookup: str, spot: Spot, how: str = CHOICES) -> None:
    """A list that may be filtered by a field."""
    found = conditions(run.project, model, (), {field if lookup == "exact" else f"{field}__{lookup}": UNKNOWN})
    _site(run, model, tuple(found), (), spot, how)


def sorted_by(run: Run, model: str, field: str, spot: Spot) -> None:
    """A list that may be sorted by a field."""
    order, _ = django_order.asked(run.project, Rows(model, order=(field,)), "iteration")
    _site(run, model, (), order, spot, CHOICES)


def _site(run: Run, model: str, compared: tuple[str, ...], order: tuple[str, ...], spot: Spot, how: str) -> None:
    shape = model_of(run.project, model)
    if shape is not None and not shape.abstract and (compared or order):
        query = Query("SELECT", (shape.table,), names(compared), order)
        run.site(
            Effect(QUERY, CHOICES, spot, model=model, query=query, conditions=compared, how=how, limit=-1, chosen=True)
        )
