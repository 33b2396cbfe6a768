"""Formsets of Django and filter sets of django-filter: one form per row, and a query that is handed on.

In: `modelformset_factory(…)`, `inlineformset_factory(…)` and calls of what they give; calls of `FilterSet` classes.
Out: the choices of every form; the rows behind `.qs`, as the filter set was given them.
Source: docs.djangoproject.com, "Creating forms from models"; django-filter.readthedocs.io.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..facts import ir
from ..project.schema import model_of
from ..project.shapes import keyword
from ..project.values import UNKNOWN, Class, Const, Container, External, Instance, Rows, Spot, Value
from .base import Arguments, Framework, Keywords
from .class_options import model_option, names
from .django_choices import default_rows, offered, select_of
from .django_forms import own_fields

if TYPE_CHECKING:
    from ..project.project import ClassInfo
    from ..project.run import Run

_FACTORIES = {"modelformset_factory": 0, "inlineformset_factory": 1}  # position of the model whose rows have forms
_KIND = "formset"  # of the container that stands for a formset class
_FEW = 10


class DjangoFormsets(Framework):
    name = "django"

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, External) and callee.name.startswith("django.forms."):
            position = _FACTORIES.get(callee.name.rpartition(".")[2])
            return _factory(position, args, keywords) if position is not None else None
        if isinstance(callee, Container) and callee.kind == _KIND:
            _forms(run, callee, spot)
            return UNKNOWN
        if isinstance(callee, Class):
            info = run.project.class_info(callee.ref)
            if info is not None and is_filterset(info):
                return _filterset(run, callee, args, keywords, spot)
        return None


def _factory(position: int, args: Arguments, keywords: Keywords) -> Value:
    model = keywords.get("model", args[position] if position < len(args) else UNKNOWN)
    parent = args[0] if position and args else keywords.get("parent_model", UNKNOWN)
    few = keywords.get("max_num", UNKNOWN)
    small = isinstance(few, Const) and isinstance(few.value, int) and few.value <= _FEW
    return Container(
        _KIND,
        model if isinstance(model, Class) and not small else UNKNOWN,
        fields=(
            ("parent", parent),
            ("form", keywords.get("form", UNKNOWN)),
            ("fields", keywords.get("fields", UNKNOWN)),
            (
                "left",
                Container("tuple", UNKNOWN, items=(keywords.get("exclude", UNKNOWN), keywords.get("widgets", UNKNOWN))),
            ),
        ),
    )


def _forms(run: Run, formset: Container, spot: Spot) -> None:
    """Each row has a form, each form asks for the choices of its fields."""
    of = formset.of
    if not isinstance(of, Class) or _shows_none(run):
        return
    model = model_of(run.project, of.ref)
    parent, form = formset.field("parent"), formset.field("form")
    wanted = _strings(formset.field("fields"))
    left = formset.field("left")
    left_out = {n for part in (left.items if isinstance(left, Container) else ()) for n in _strings(part)}
    if isinstance(form, Class):
        meta = f"{form.ref}.Meta"
        wanted = wanted or set(names(run.project, meta, "fields"))
        left_out |= {*own_fields(run.project, form.ref), *names(run.project, meta, "widgets")}
        if run.project.lookup(form.ref, "__init__") is not None:
            return  # may give its fields other choices
    loop = run.open_loop(True, False, "form", UNKNOWN, of.ref.rpartition("::")[2], spot.line, spot.column, "for")
    for relation in model.relations if model is not None else ():
        if isinstance(parent, Class) and relation.target == parent.ref:
            continue
        asked = relation.name in wanted or "__all__" in wanted
        if asked and relation.name not in left_out and offered(run.project, of.ref, relation.name) is not None:
            select_of(run, relation, spot)
    run.close(loop)


def _shows_none(run: Run) -> bool:
    """`Formset(queryset=Book.objects.none())`: only the empty forms."""
    call = run.expression
    rows = keyword(call, "queryset") if isinstance(call, tuple) and call[0] == ir.CALL else None
    func = rows[1] if isinstance(rows, tuple) and rows[0] == ir.CALL else None
    return isinstance(func, tuple) and func[0] == ir.ATTR and func[2] == "none"


def _strings(value: Value | None) -> set[str]:
    if isinstance(value, Const):
        return {value.value} if isinstance(value.value, str) else set()
    items = value.items if isinstance(value, Container) else ()
    return {i.value for i in items if isinstance(i, Const) and isinstance(i.value, str)}


def is_filterset(info: ClassInfo) -> bool:
    return any(a.startswith("ext:django_filters.") and a.endswith("FilterSet") for a in info.lineage)


def _filterset(run: Run, callee: Class, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
    rows = keywords.get("queryset", args[1] if len(args) > 1 else UNKNOWN)
    if not isinstance(rows, Rows):
        model = model_option(run.project, f"{callee.ref}.Meta") if rows in (UNKNOWN, Const(None)) else ""
        rows = default_rows(run, model, spot) if model else UNKNOWN
    if not isinstance(rows, Rows):
        return Instance(callee.ref)
    kept = replace(rows, fresh=0, kind="query" if rows.kind == "manager" else rows.kind)
    return Instance(callee.ref, (("qs", kept), ("queryset", kept)))
