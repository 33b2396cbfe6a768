"""Formsets of Django and filter sets of django-filter: one form per row, and a query that is handed on.

In: `modelformset_factory(…)`, `inlineformset_factory(…)` and calls of what they give; calls of `FilterSet` classes.
Out: the choices of every form that a template shows; the rows behind `.qs`, as the filter set was given them.
Source: docs.djangoproject.com, "Creating forms from models"; django-filter.readthedocs.io.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import ir
from ..project.frozen import replace
from ..project.schema import model_of
from ..project.shapes import keyword
from ..project.values import UNKNOWN, Class, Const, Container, External, Instance, Rows, Spot, Term, Value
from .base import Arguments, Framework, Keywords
from .class_options import model_option, names
from .django_choices import offered, select_of
from .django_forms import WHOLE, own_fields
from .django_managers import all_rows

if TYPE_CHECKING:
    from ..project.project import ClassInfo
    from ..project.run import Run

_FACTORIES = {"modelformset_factory": 0, "inlineformset_factory": 1}  # position of the model whose rows have forms
_CLASS, _FORMSET, _FORM = "formset class", "formset", "form"  # kinds of terms: `model`, its relations with choices
_FEW = 10


class DjangoFormsets(Framework):
    name = "django"
    attributes_of = (Term,)
    calls_of = (External, Term, Class)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, External) and callee.name.startswith("django.forms."):
            position = _FACTORIES.get(callee.name.rpartition(".")[2])
            return _factory(run, position, args, keywords) if position is not None else None
        if isinstance(callee, Term) and callee.kind == _CLASS:
            return UNKNOWN if _shows_none(run) else replace(callee, kind=_FORMSET)
        if isinstance(callee, Class):
            info = run.project.class_info(callee.ref)
            if info is not None and is_filterset(info):
                return _filterset(run, callee, args, keywords, spot)
        return None

    # What a template shows --------------------------------------------------------------------------------

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if isinstance(value, Term) and value.kind == _FORMSET:
            return replace(value, kind=_FORM)
        if isinstance(value, Term) and value.kind == _FORM and run.rendering:
            _choices(run, value, "", spot)
            return UNKNOWN
        return None

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if not isinstance(value, Term) or value.kind not in (_FORMSET, _FORM):
            return None
        if value.kind == _FORMSET and name in ("forms", "initial_forms"):
            return value
        if run.rendering and (name in WHOLE or value.kind == _FORM):
            _shown(run, value, "" if name in WHOLE else name, spot)
        return UNKNOWN

    def filter(
        self, run: Run, name: str, value: Value, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        if isinstance(value, Term) and "crispy" in name:
            _shown(run, value, "", spot)
        return None

    def tag(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        for value in args if "crispy" in name or name.endswith(("_form", "_formset")) else ():
            if isinstance(value, Term):
                _shown(run, value, "", spot)
        return None


def _factory(run: Run, position: int, args: Arguments, keywords: Keywords) -> Value:
    """The class of a formset: of which model, and for which relations each form lists all choices."""
    of = keywords.get("model", args[position] if position < len(args) else UNKNOWN)
    parent = args[0] if position and args else keywords.get("parent_model", UNKNOWN)
    few = keywords.get("max_num", UNKNOWN)
    model = model_of(run.project, of.ref) if isinstance(of, Class) else None
    if model is None or (isinstance(few, Const) and isinstance(few.value, int) and few.value <= _FEW):
        return UNKNOWN
    form = keywords.get("form", UNKNOWN)
    wanted = _strings(keywords.get("fields", UNKNOWN))
    left_out = _strings(keywords.get("exclude", UNKNOWN)) | _strings(keywords.get("widgets", UNKNOWN))
    if isinstance(form, Class):
        meta = f"{form.ref}.Meta"
        wanted = wanted or set(names(run.project, meta, "fields"))
        left_out |= {*own_fields(run.project, form.ref), *names(run.project, meta, "widgets")}
        if run.project.lookup(form.ref, "__init__") is not None:
            return UNKNOWN  # may give its fields other choices
    listed = [
        r.name
        for r in model.relations
        if not (isinstance(parent, Class) and r.target == parent.ref)
        and (r.name in wanted or "__all__" in wanted)
        and r.name not in left_out
        and offered(run.project, model.ref, r.name) is not None
    ]
    return Term(_CLASS, model.ref, "", tuple((model.ref, name, "") for name in listed))


def _shown(run: Run, shown: Term, name: str, spot: Spot) -> None:
    """A form, one of its fields, or the whole formset is shown."""
    if shown.kind == _FORM:
        _choices(run, shown, name, spot)
    elif shown.kind == _FORMSET:
        over = shown.model.rpartition("::")[2]
        loop = run.open_loop(True, True, "form", UNKNOWN, over, spot.line, spot.column, "for")
        _choices(run, shown, "", spot)
        run.close(loop)


def _choices(run: Run, form: Term, name: str, spot: Spot) -> None:
    model = model_of(run.project, form.model)
    for _, listed, _ in form.entries:
        relation = model.relation(listed) if model is not None else None
        if relation is not None and name in ("", listed):
            select_of(run, relation, spot)


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
        rows = all_rows(run, model, spot) if model else UNKNOWN
    if not isinstance(rows, Rows):
        return Instance(callee.ref)
    kept = replace(rows, fresh=0, kind="query" if rows.kind == "manager" else rows.kind)
    return Instance(callee.ref, (("qs", kept), ("queryset", kept)))
