"""What Django's admin does for a list of rows: the changelist with its columns, filters and editable fields; actions.

Source: `django.contrib.admin.views.main.ChangeList`, `django.contrib.admin.utils.lookup_field`,
`django.contrib.admin.templatetags.admin_list` (items_for_result), `django.contrib.admin.filters`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.effects import CHOICES
from ..project.frozen import replace
from ..project.schema import Relation, model_of, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    UNKNOWN,
    Bound,
    Class,
    Const,
    Container,
    Function,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    parts,
    union,
)
from . import django_loading, django_rows
from .class_options import Item, flag, items, listed, method, names, option
from .django_admin_choices import choices
from .django_choices import offered, select, select_of, shown
from .django_managers import all_rows

if TYPE_CHECKING:
    from ..project.run import Run

CHANGELIST = "admin.changelist"
ACTIONS = "actions"  # their loops are plain code
_RELATED_FILTERS = ("RelatedFieldListFilter", "RelatedOnlyFieldListFilter", "RelatedDropdownFilter")


def spot_of(run: Run, name: str) -> Spot:
    """Where a class says something; the class itself when an ancestor says it."""
    member = run.project.lookup(run.owner, name)
    if member is None or member.owner != run.owner or not member.line:
        return run.spot(0, 0)
    return run.spot(member.line, member.column, member.line, member.column + len(name))


def queryset(run: Run, receiver: Value, model: str) -> Value:
    """What `get_queryset` of an admin class gives."""
    own = method(run.project, run.owner, "get_queryset")
    if own is None:
        return all_rows(run, model, run.spot(0, 0))
    return run.call_function(Function(own.ref, receiver), (UNKNOWN,), {}, spot_of(run, "get_queryset"))


def listing(run: Run, receiver: Value, model: str) -> Value:
    """The rows of the changelist: `ChangeList.get_queryset`."""
    columns = columns_of(run, receiver)
    return union(
        [
            selected(run, receiver, part, columns) if isinstance(part, Rows) and part.model else UNKNOWN
            for part in parts(queryset(run, receiver, model))
        ]
    )


def selected(run: Run, receiver: Value, rows: Rows, columns: tuple[Item, ...]) -> Rows:
    """`ChangeList.apply_select_related`: nothing when the query joins something already; by default everything that
    cannot be null, as soon as one column is a foreign key."""
    project = run.project
    known = model_of(project, rows.model)
    before = django_loading.remark(rows, django_loading.JOINED)
    if known is None or (isinstance(before, Const) and before.value):
        return rows
    asked = flag(project, run.owner, "list_select_related")
    paths = names(project, run.owner, "list_select_related")
    own = method(project, run.owner, "get_list_select_related")
    if own is not None:
        made = run.call_function(Function(own.ref, receiver), (UNKNOWN,), {}, run.spot(0, 0))
        asked, paths = (made.value if isinstance(made, Const) else None), _strings(made)
        if not paths and not isinstance(asked, bool):
            return replace(rows, loaded=rows.loaded | {ANYTHING, ASSIGNED})  # worked out at run time
    elif asked is None and option(project, run.owner, "list_select_related") is None:
        asked = False
    if paths:
        return django_loading.joined(project, rows, tuple(Const(p) for p in paths))
    shows_one = any(isinstance(c, str) and (r := known.relation(c)) is not None and r.kind == "one" for c in columns)
    return django_loading.joined(project, rows, ()) if asked is True or (asked is False and shows_one) else rows


def columns_of(run: Run, receiver: Value) -> tuple[Item, ...]:
    """What the changelist shows of each row."""
    own = method(run.project, run.owner, "get_list_display")
    if own is not None:
        made = run.call_function(Function(own.ref, receiver), (UNKNOWN,), {}, run.spot(0, 0))
        found = _strings(made)
        if found:
            return found
    return listed(run.project, run.owner, "list_display") or ("__str__",)


def _strings(value: Value) -> tuple[str, ...]:
    items = value.items if isinstance(value, Container) else ()
    return tuple(i.value for i in items if isinstance(i, Const) and isinstance(i.value, str))


def changelist(run: Run, receiver: Value, model: str) -> None:
    """Each row of the list is shown, column by column; then the choices of each filter."""
    columns = columns_of(run, receiver)
    editable = names(run.project, run.owner, "list_editable")
    here = spot_of(run, "list_display")
    for part in parts(listing(run, receiver, model)):
        if not isinstance(part, Rows) or not part.model:
            continue
        each, many, known = run.iterated(part, run.spot(0, 0))
        loop = run.open_loop(many, known, "row", part, run.owner.rpartition("::")[2], here.line, here.column, "for")
        row = run.refreshed(each)
        for column in columns:
            if isinstance(row, Row):
                row = show(run, receiver, row, column, here)
        for name in editable:
            relation = offered(run.project, model, name)
            if relation is not None and relation.kind == "one" and name not in unlisted(run):
                select_of(run, relation, spot_of(run, "list_editable"))
        run.close(loop)
        if "__str__" not in columns and _has_actions(run):
            _checkboxes(run, part)
    for item in _filters(run):
        filter_choices(run, model, item)
    choices(run, model)


def _has_actions(run: Run) -> bool:
    member = option(run.project, run.owner, "actions")
    return member is None or member.value != (ir.CONST, None)


def _checkboxes(run: Run, rows: Rows) -> None:
    """Since Django 5.0 the checkbox beside each row is labelled with the row's text; so only likely."""
    loop = run.open_loop(True, False, "row", rows, run.owner.rpartition("::")[2], 0, 0, "for")
    shown(run, django_rows.row_of(rows, run.now), run.spot(0, 0))
    run.close(loop)


def show(run: Run, receiver: Value, row: Row, item: Item, spot: Spot) -> Row:
    """One cell: a field, a callable, a method of the admin, something of the row. The row, with what is now loaded."""
    if isinstance(item, Class):
        return row
    if isinstance(item, Function):
        shown(run, run.call_function(item, (row,), {}, spot), spot)
        return row
    known = model_of(run.project, row.model)
    relation = known.relation(item) if known is not None else None
    column = known.column(item) if known is not None else None
    if column is None and (relation is None or relation.kind in ("generic", "generic-many")):
        own = method(run.project, run.owner, item)
        if own is not None and item != "__str__":
            member = run.project.lookup(run.owner, item)
            bound = None if member is not None and "staticmethod" in member.marks else receiver
            shown(run, run.call_function(Function(own.ref, bound), (row,), {}, spot), spot)
            return row
    if item == "__str__":
        shown(run, row, spot)
        return row
    run.now_loaded = ""
    value = _read(run, row, item, spot)
    if run.now_loaded and "__" not in item:
        row = replace(row, loaded=row.loaded | {run.now_loaded})
    for part in parts(value):
        if isinstance(part, Rows) and relation is not None:  # a many-to-many field: the text of each of its rows
            each, many, sure = run.iterated(part, spot)
            loop = run.open_loop(many, sure, "item", part, item, spot.line, spot.column, "for")
            shown(run, run.refreshed(each), spot)
            run.close(loop)
        elif isinstance(part, Function | Bound):
            shown(run, run.call_value(part, (), {}, spot), spot)
        else:
            shown(run, part, spot)
    return row


def _read(run: Run, row: Row, item: str, spot: Spot) -> Value:
    """`row.item`, or `a__b` from relation to relation."""
    known = model_of(run.project, row.model)
    member = run.project.lookup(row.model, item)
    if "__" not in item or member is not None or (known is not None and known.column(item) is not None):
        return run.attribute(row, item, spot.line, spot.column)
    value: Value = row
    for name in item.split("__"):
        value = run.attribute(value, name, spot.line, spot.column)
    return value


def _filters(run: Run) -> list[str]:
    """The names in `list_filter`, but not those whose filter is of another kind than a list of all choices."""
    member = option(run.project, run.owner, "list_filter")
    expr = member.value if member is not None else None
    if member is None or not isinstance(expr, tuple):
        return []
    if expr[0] == ir.SEQUENCE:
        plain = [i for i in expr[2] if not _is_pair(i) or spelled(i[2][1]).endswith(_RELATED_FILTERS)]
        expr = (ir.SEQUENCE, expr[1], tuple(plain), expr[3], expr[4])
    return [i for i in items(run.project, member.owner, expr) if isinstance(i, str)]


def _is_pair(expr: Any) -> bool:
    return isinstance(expr, tuple) and expr[0] == ir.SEQUENCE and len(expr[2]) > 1


def filter_choices(run: Run, model: str, item: str) -> None:
    """A filter by a relation offers every row of the other side."""
    owner, relation = model, None
    for i, name in enumerate(item.split("__")):
        relation = relation_of(run.project, owner, name)
        if relation is None or not relation.target or i > 3:
            return
        owner = relation.target
    if relation is not None and relation.kind in ("one", "many", "reverse-one"):
        offer(run, relation, item, spot_of(run, "list_filter"))


def offer(run: Run, relation: Relation, name: str, spot: Spot) -> None:
    rows = all_rows(run, relation.target, relation.spot)
    if isinstance(rows, Rows):
        select(run, replace(rows, origin=Origin(relation.spot, CHOICES)), name, spot)


def unlisted(run: Run) -> set[str]:
    """Relations that forms do not show as a list of all rows."""
    out: set[str] = set()
    for name in ("raw_id_fields", "autocomplete_fields", "readonly_fields"):
        out.update(names(run.project, run.owner, name))
    return out


def actions(run: Run, receiver: Value, model: str) -> None:
    """Each action gets the selected rows of the changelist."""
    rows = listing(run, receiver, model)
    for item in listed(run.project, run.owner, "actions"):
        if isinstance(item, Function):
            run.call_function(item, (receiver, UNKNOWN, rows), {}, spot_of(run, "actions"))
            continue
        own = method(run.project, run.owner, item) if isinstance(item, str) else None
        if own is not None:
            run.call_function(Function(own.ref, receiver), (UNKNOWN, rows), {}, spot_of(run, "actions"))
