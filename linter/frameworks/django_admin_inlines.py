"""What Django's admin does on the page of one row: its form, and the rows of its inlines with a form each.

Source: `django.contrib.admin.options` (formfield_for_foreignkey, InlineModelAdmin), `django.contrib.admin.helpers`,
`django.forms.models.BaseInlineFormSet`, the templates `admin/edit_inline/*.html` and `admin/widgets`.
An inline form knows the key of its parent, not the parent: `__str__` that reads the parent asks for it in each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.effects import CHOICES, LABEL
from ..project.frozen import replace
from ..project.schema import Relation, model_of
from ..project.summaries import self_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    UNKNOWN,
    Class,
    Const,
    Container,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Value,
    parts,
)
from . import django_rows
from .class_options import flag, listed, mentions, method, model_option, names, option
from .django_admin_pages import queryset, show, spot_of
from .django_choices import filled, offered, select, select_of, shown
from .django_forms import QUERYSET, own_fields
from .django_managers import all_rows

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

CHANGE = "admin.change"
INLINE = "admin.inline"
_FEW = 10
_SETS_FIELDS = (
    "formfield_for_foreignkey", "formfield_for_manytomany", "formfield_for_dbfield", "get_form", "get_formset",
)  # fmt: skip


def change(run: Run, receiver: Value, model: str) -> None:
    """The page of one row: its read-only fields, the choices of its form, and each of its inlines."""
    row = Row(model, frozenset({ANYTHING}), Origin(run.spot(0, 0), ""))
    for part in parts(queryset(run, receiver, model)):
        if isinstance(part, Rows) and part.model == model:
            row = django_rows.row_of(part, 0)
    for item in listed(run.project, run.owner, "readonly_fields"):
        show(run, receiver, row, item, spot_of(run, "readonly_fields"))
    _form(run, model, row, "")
    for shown_inline in _inlines(run, receiver):
        if isinstance(shown_inline, Class):
            ref = shown_inline.ref
            run.perform(f"{ref}#{INLINE}", self_of(run.project, ref), row, spot_of(run, "inlines"))


def _inlines(run: Run, receiver: Value) -> Sequence[object]:
    """The inlines of the class, or those that its `get_inlines` gives for some row."""
    own = method(run.project, run.owner, "get_inlines")
    if own is None:
        return listed(run.project, run.owner, "inlines")
    made = run.call_function(Function(own.ref, receiver), (UNKNOWN, UNKNOWN), {}, run.spot(0, 0))
    found = [p for part in parts(made) if isinstance(part, Container) for p in (*part.items, *parts(part.of))]
    return list(dict.fromkeys(p for p in found if isinstance(p, Class)))


def inline(run: Run, receiver: Value, parent: Value) -> Value:
    """A heading and a form for each row that hangs on the parent."""
    model = model_option(run.project, run.owner)
    if not model or not isinstance(parent, Row):
        return UNKNOWN
    key = _key(run, model, parent.model)
    few = flag(run.project, run.owner, "max_num")
    small = (isinstance(few, int) and 0 <= few <= _FEW) or (key is not None and _one_to_one(run.project, key))
    for part in parts(queryset(run, receiver, model)):
        if not isinstance(part, Rows) or part.model != model:
            continue
        rows = _formset(run, part)
        each, many, known = run.iterated(rows, run.spot(0, 0))
        over = run.owner.rpartition("::")[2]
        loop = run.open_loop(many and not small, known, "row", rows, over, 0, 0, "for")
        row = run.refreshed(each)
        if isinstance(row, Row):
            if _has_heading(run):
                shown(run, row, run.spot(0, 0))
            for item in listed(run.project, run.owner, "readonly_fields"):
                row = show(run, receiver, row, item, spot_of(run, "readonly_fields"))
            _form(run, model, row, key.name if key is not None else "")
        run.close(loop)
    return UNKNOWN


def _form(run: Run, model: str, row: Row, parent: str) -> None:
    """The fields of a form that offer rows. `parent`: the field that an inline form leaves out."""
    project = run.project
    shown_names = _fields(run)
    known = model_of(project, model)
    if known is None or shown_names is None:
        return
    form = _form_class(run)
    declared = {*own_fields(project, form), *names(project, f"{form}.Meta", "widgets")} if form else set()
    view_only = _view_only(project, run.owner)
    readonly = set(names(project, run.owner, "readonly_fields"))
    excluded = set(names(project, run.owner, "exclude"))
    raw = set(names(project, run.owner, "raw_id_fields"))
    searched = set(names(project, run.owner, "autocomplete_fields"))
    for relation in known.relations:
        name = relation.name
        if name == parent or name in readonly | excluded | searched or (shown_names and name not in shown_names):
            continue
        if offered(project, model, name) is None or _decided(run, known.relations, name):
            continue
        spot = spot_of(run, "raw_id_fields" if name in raw else "model")
        if view_only:
            if relation.kind == "one":
                row = show(run, Instance(run.owner), row, name, spot)
        elif name in raw:
            _raw_id(run, relation, row)
        elif name not in declared:
            _choices(run, model, relation, form)


def _choices(run: Run, model: str, relation: Relation, form: str) -> None:
    """The list of all rows of the other side, unless the form's `__init__` puts another one in its place."""
    spot = spot_of(run, "fields")
    if form:
        made = run.perform(f"{form}#{QUERYSET}{relation.name}", self_of(run.project, form), UNKNOWN, spot)
        if isinstance(made, Rows):
            asked = made.origin.spot if made.origin is not None and made.origin.spot is not None else spot
            select(run, made, relation.name, spot, asked=asked)
            return
        if made != Const(None):
            return
    select_of(run, relation, spot)


def _raw_id(run: Run, relation: Relation, row: Row) -> None:
    """The widget gets the row by its key, without what the inline's query joined, and shows its text."""
    spot = spot_of(run, "raw_id_fields")
    rows = all_rows(run, relation.target, relation.spot)
    if isinstance(rows, Rows) and relation.kind == "one" and row.fresh:
        run.query(replace(rows, kind="query"), "SELECT", spot, LABEL)
        found = django_rows.row_of(replace(rows, origin=Origin(relation.spot, CHOICES)), run.now)
        shown(run, found, spot)


def _fields(run: Run) -> set[str] | None:
    """The names of the fields of the form; empty for all, None when that is decided at run time."""
    project = run.project
    if method(project, run.owner, "get_fields") is not None or method(project, run.owner, "get_fieldsets") is not None:
        return None
    written = names(project, run.owner, "fields")
    sets = option(project, run.owner, "fieldsets")
    if written:
        return _flat(project, run.owner, "fields")
    return _words(sets.value) if sets is not None and sets.value is not None else set()


def _flat(project: Project, cls: str, name: str) -> set[str]:
    member = option(project, cls, name)
    return set(names(project, cls, name)) | (_words(member.value) if member is not None else set())


def _words(facts: Any) -> set[str]:
    """Every string in an expression."""
    if not isinstance(facts, tuple):
        return set()
    if len(facts) == 2 and facts[0] == ir.CONST:
        return {facts[1]} if isinstance(facts[1], str) else set()
    return {word for part in facts for word in _words(part)}


def _form_class(run: Run) -> str:
    member = option(run.project, run.owner, "form")
    if member is None:
        return ""
    bound = run.project.dotted(member.owner.partition("::")[0], member.value)
    return bound.ref if bound is not None and bound.kind == "class" else ""


def _decided(run: Run, relations: tuple[Relation, ...], name: str) -> bool:
    """Whether a method may give a field other choices or another widget: one that names it, or names no field."""
    if option(run.project, run.owner, "formfield_overrides") is not None:
        return True
    for hook in _SETS_FIELDS:
        own = method(run.project, run.owner, hook)
        defined = run.project.function(own.ref) if own is not None else None
        if defined is None:
            continue
        body = defined.core[ir.C_BODY]
        if mentions(body, name) or not any(mentions(body, r.name) for r in relations):
            return True
    return False


def _formset(run: Run, rows: Rows) -> Rows:
    """What a formset class of the project loads with the rows that it is given."""
    member = option(run.project, run.owner, "formset")
    bound = run.project.dotted(member.owner.partition("::")[0], member.value) if member is not None else None
    info = run.project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    loaded = set(rows.loaded)
    for ancestor in info.lineage if info is not None else ():
        own = None if ancestor.startswith("ext:") else run.project.class_def(ancestor)
        for name in own.methods if own is not None else ():
            defined = run.project.function(f"{ancestor}.{name}")
            if defined is not None:
                loaded |= filled(run.project, defined.core[ir.C_BODY])
    if ANYTHING in loaded:
        loaded.add(ASSIGNED)  # what it loads is worked out at run time
    return replace(rows, loaded=frozenset(loaded))


def _key(run: Run, model: str, parent: str) -> Relation | None:
    """The foreign key by which an inline's rows hang on their parent."""
    known = model_of(run.project, model)
    if known is None:
        return None
    written = flag(run.project, run.owner, "fk_name")
    info = run.project.class_info(parent)
    lineage = info.lineage if info is not None else (parent,)
    found = [r for r in known.relations if r.kind == "one" and (r.target in lineage or r.name == written)]
    return next((r for r in found if not isinstance(written, str) or r.name == written), None)


def _one_to_one(project: Project, key: Relation) -> bool:
    return key.back_kind == "reverse-one"


def _has_heading(run: Run) -> bool:
    """Whether the inline's template is Django's own, which shows each row's text."""
    written = flag(run.project, run.owner, "template")
    return option(run.project, run.owner, "template") is None or (
        isinstance(written, str) and written.startswith("admin/edit_inline/")
    )


def _view_only(project: Project, cls: str) -> bool:
    """`has_change_permission` that always says no: every field is shown as text."""
    own = method(project, cls, "has_change_permission")
    defined = project.function(own.ref) if own is not None else None
    body = [s for s in defined.core[ir.C_BODY] if s[0] != ir.EXPRESSION] if defined is not None else []
    return len(body) == 1 and body[0][0] == ir.RETURN and body[0][1] == (ir.CONST, False)
