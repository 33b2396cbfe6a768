"""Django's forms: fields that offer rows ask for them once per form, and make a label of each.

In: a form class, by its own fields, its `Meta`, and what its `__init__` assigns to `self.fields[...].queryset`.
A field whose widget is not one of Django's lists of choices is left alone, as is one whose choices are not known. The
fields that a form makes of its model count when somebody shows the form: a view of Django's with it as `form_class`, or
a template; many forms only check what they are sent.
Source: `django.forms.models`, docs.djangoproject.com, "Creating forms from models".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import Relation, model_of
from ..project.shapes import keyword
from ..project.summaries import self_of
from ..project.values import NONE, UNKNOWN, Class, Function, Instance, Origin, Rows, Spot, Value, parts
from .base import Arguments, Framework, Keywords
from .class_options import mentions, method, model_option, names, outside
from .django_choices import offered, select, select_of
from .django_managers import all_rows

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

ALL = "choices"
DECLARED = "declared choices"  # only those of fields that the class itself declares
FIELD = "choices of "  # and the field's name
QUERYSET = "queryset "  # and a field's name: what `__init__` assigns to its queryset; None for nothing
_FIELDS = ("ModelChoiceField", "ModelMultipleChoiceField", "TreeNodeChoiceField", "TreeNodeMultipleChoiceField")
WHOLE = {"as_p", "as_table", "as_ul", "as_div", "render", "visible_fields", "fields"}
_LISTS = ("Select", "SelectMultiple", "RadioSelect", "CheckboxSelectMultiple", "NullBooleanSelect")


class DjangoForms(Framework):
    name = "django"
    attributes_of = (Instance,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if not is_form(info):
            return ()
        found: frozenset[str] = project.memo.ask(QUESTIONS["shown_forms"])
        return (ALL,) if info.ref in found else (DECLARED,)

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name in (ALL, DECLARED):
            for member in own_fields(run.project, run.owner).values():
                if member.owner == run.owner:
                    _declared(run, member)
            for relation in _generated(run) if name == ALL else ():
                _of_model(run, relation)
            return UNKNOWN
        if name.startswith(FIELD):
            return _field(run, name.removeprefix(FIELD))
        if name.startswith(QUERYSET):
            return assigned(run, name.removeprefix(QUERYSET))
        return None

    # What a template shows --------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        form = _form_of(run, value)
        if form and name in WHOLE:
            run.perform(f"{form}#{ALL}", value, UNKNOWN, spot)
            return UNKNOWN
        if form and (name in own_fields(run.project, form) or model_option(run.project, f"{form}.Meta")):
            run.perform(f"{form}#{FIELD}{name}", value, UNKNOWN, spot)
        return None

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        form = _form_of(run, value)
        if not form or run.project.lookup(form, "__iter__") is not None:
            return None
        run.perform(f"{form}#{ALL}", value, UNKNOWN, spot)
        return UNKNOWN

    def filter(
        self, run: Run, name: str, value: Value, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        form = _form_of(run, value)
        if form and "crispy" in name:
            run.perform(f"{form}#{ALL}", value, UNKNOWN, spot)
        return None

    def tag(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        for value in args if "crispy" in name or name.endswith("_form") else ():
            form = _form_of(run, value)
            if form:
                run.perform(f"{form}#{ALL}", value, UNKNOWN, spot)
        return None


def _form_of(run: Run, value: Value) -> str:
    """The class of a form that a template shows; "" for anything else."""
    if not run.rendering or not isinstance(value, Instance):
        return ""
    info = run.project.class_info(value.cls)
    return value.cls if info is not None and is_form(info) else ""


def is_form(info: ClassInfo) -> bool:
    return any(
        a.startswith("ext:") and a.endswith(("Form", "ModelForm")) and ("forms" in a.split(".") or "django" in a)
        for a in info.lineage
    )


def own_fields(project: Project, cls: str) -> dict[str, Member]:
    """The fields that a form class and its ancestors declare themselves."""
    info = project.class_info(cls)
    out: dict[str, Member] = {}
    for member in project.declared(info):
        if member.kind == "value" and isinstance(member.value, tuple) and member.value[0] == ir.CALL:
            out[member.name] = member
    return out


def _field(run: Run, name: str) -> Value:
    """One field of a form is shown."""
    member = own_fields(run.project, run.owner).get(name)
    if member is not None and member.owner.partition("::")[0] == run.path:
        _declared(run, member)
    for relation in _generated(run):
        if relation.name == name:
            _of_model(run, relation)
    return UNKNOWN


def _generated(run: Run) -> list[Relation]:
    """The fields that a form makes of relations of its model, shown as lists of choices."""
    project = run.project
    meta = f"{run.owner}.Meta"
    model = model_option(project, meta) if project.class_info(meta) is not None else ""
    known = model_of(project, model) if model else None
    if known is None or run.owner in project.memo.ask(QUESTIONS["admin_forms"]):
        return []
    wanted = names(project, meta, "fields")
    left_out = set(own_fields(project, run.owner))
    for option in ("exclude", "widgets", "field_classes"):
        left_out.update(names(project, meta, option))
    return [
        r
        for r in known.relations
        if r.name not in left_out
        and (not wanted or "__all__" in wanted or r.name in wanted)
        and offered(project, model, r.name) is not None
    ]


def _of_model(run: Run, relation: Relation) -> None:
    made = assigned(run, relation.name)
    spot = run.spot(0, 0)
    if isinstance(made, Rows):
        select(run, made, relation.name, spot)
    elif made == NONE:
        select_of(run, relation, spot)


def _declared(run: Run, member: Member) -> None:
    """`customer = ModelChoiceField(queryset=Customer.objects.all())`"""
    project, name = run.project, member.name
    if not _offers(project, member) or not _is_list(member.value):
        return
    own = member.owner == run.owner
    spot = run.spot(member.line, member.column, member.line, member.column + len(name)) if own else run.spot(0, 0)
    made = assigned(run, name)
    rows = made if made != NONE else run.value(keyword(member.value, "queryset", 0))
    label: Function | None = None
    bound = project.dotted(member.owner.partition("::")[0], member.value[1])
    if bound is not None and bound.kind == "class":
        makes = method(project, bound.ref, "label_from_instance")
        label = Function(makes.ref, self_of(project, bound.ref)) if makes is not None else None
    for part in parts(rows):
        is_model = isinstance(part, Class) and model_of(project, part.ref) is not None
        offered_rows = all_rows(run, part.ref, spot) if isinstance(part, Class) and is_model else part
        if isinstance(offered_rows, Rows):
            select(run, offered_rows, name, spot, label)


def _offers(project: Project, member: Member) -> bool:
    """Whether a field is one that offers rows, or of a class of the project that is made of one."""
    if spelled(member.value[1]).endswith(_FIELDS):
        return True
    bound = project.dotted(member.owner.partition("::")[0], member.value[1])
    info = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    return info is not None and outside(info, *_FIELDS)


def _is_list(call: Any) -> bool:
    """Whether a field is shown by one of Django's own lists of choices."""
    widget = keyword(call, "widget")
    if isinstance(widget, tuple) and widget[0] == ir.CALL:
        widget = widget[1]
    return widget is None or spelled(widget).rpartition(".")[2] in _LISTS


def assigned(run: Run, name: str) -> Value:
    """What `__init__` puts in place of a field's rows: rows, None for nothing, unknown for what cannot be told."""
    member = run.project.lookup(run.owner, "__init__")
    defined = run.project.function(f"{member.owner}.__init__") if member is not None else None
    if member is None or defined is None or not mentions(defined.core[ir.C_BODY], name):
        return NONE
    found: Value = UNKNOWN
    for target, value in _assignments(defined.core[ir.C_BODY]):
        if target == (name, "queryset") and member.owner.partition("::")[0] == run.path:
            made = run.value(value)
            found = _asked_in(made, f"{member.owner}.__init__") if isinstance(made, Rows) else UNKNOWN
        elif target[0] == name:
            return UNKNOWN
    return found


def _asked_in(rows: Rows, function: str) -> Rows:
    """Rows of a query that stands in a method, whose lines count from there."""
    spot = rows.origin.spot if rows.origin is not None else None
    return replace(rows, origin=Origin(replace(spot, owner=function), "") if spot is not None else None)


def _assignments(statements: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """((field, attribute), value) of each `self.fields["field"].attribute = value`."""
    pending = [statements]
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple):
            continue
        if len(part) == 6 and part[0] == ir.ASSIGN and isinstance(part[1], tuple):
            for target in part[1]:
                field = target[1] if isinstance(target, tuple) and target[0] == ir.ATTR else target
                if isinstance(field, tuple) and field[0] == ir.INDEX and isinstance(field[2], tuple):
                    key = field[2][1] if field[2][0] == ir.CONST else None
                    if isinstance(key, str):
                        yield (key, target[2] if target[0] == ir.ATTR else ""), part[2]
        pending.extend(p for p in part if isinstance(p, tuple))


def _shown_forms(project: Project) -> frozenset[str]:
    """The forms that Django's own views show."""
    out: set[str] = set()
    for ref in project.classes():
        info = project.class_info(ref)
        member = info.members.get("form_class") if info is not None else None
        if info is not None and member is not None and any(a.startswith("ext:django.views.") for a in info.lineage):
            bound = project.dotted(ref.partition("::")[0], member.value)
            if bound is not None and bound.kind == "class":
                out.add(bound.ref)
    return frozenset(out)


def _admin_forms(project: Project) -> frozenset[str]:
    """The forms that admin classes use, which give their fields the widgets."""
    out: set[str] = set()
    for ref in project.classes():
        info = project.class_info(ref)
        member = info.members.get("form") if info is not None else None
        if info is not None and member is not None and outside(info, "Admin", "Inline"):
            bound = project.dotted(ref.partition("::")[0], member.value)
            form = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
            out.update(form.lineage if form is not None else ())
    return frozenset(out)


QUESTIONS: dict[str, Question[Any]] = {
    "admin_forms": Question("admin_forms", _admin_forms, frozenset),
    "shown_forms": Question("shown_forms", _shown_forms, frozenset),
}
