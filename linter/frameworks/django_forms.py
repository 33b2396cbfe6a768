"""Django's forms: fields that offer rows ask for them once per form, and make a label of each.

In: a form class, by its own fields, its `Meta`, and what its `__init__` assigns to `self.fields[...].queryset`.
A field whose widget is not one of Django's lists of choices is left alone, as is one whose choices are not known.
Source: `django.forms.models`, docs.djangoproject.com, "Creating forms from models".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.effects import CHOICES
from ..project.memo import Question
from ..project.schema import model_of
from ..project.shapes import keyword
from ..project.summaries import self_of
from ..project.values import NONE, UNKNOWN, Class, Function, Origin, Rows, Value, parts
from .base import Framework
from .class_options import mentions, method, model_option, names, outside
from .django_choices import default_rows, offered, select, select_of

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

CHOICES_OF_FORM = "choices"
QUERYSET = "queryset "  # and a field's name: what `__init__` assigns to its queryset; None for nothing
_FIELDS = ("ModelChoiceField", "ModelMultipleChoiceField", "TreeNodeChoiceField", "TreeNodeMultipleChoiceField")
_LISTS = ("Select", "SelectMultiple", "RadioSelect", "CheckboxSelectMultiple", "NullBooleanSelect")


class DjangoForms(Framework):
    name = "django"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        return (CHOICES_OF_FORM,) if is_form(info) else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == CHOICES_OF_FORM:
            return choices(run, receiver)
        if name.startswith(QUERYSET):
            return assigned(run, name.removeprefix(QUERYSET))
        return None


def is_form(info: ClassInfo) -> bool:
    return any(
        a.startswith("ext:") and a.endswith(("Form", "ModelForm")) and ("forms" in a.split(".") or "django" in a)
        for a in info.lineage
    )


def own_fields(project: Project, cls: str) -> dict[str, Member]:
    """The fields that a form class and its ancestors declare themselves."""
    info = project.class_info(cls)
    out: dict[str, Member] = {}
    for ancestor in reversed(info.lineage if info is not None else ()):
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        for member in own.members.values() if own is not None else ():
            if member.kind == "value" and isinstance(member.value, tuple) and member.value[0] == ir.CALL:
                out[member.name] = member
    return out


def choices(run: Run, receiver: Value) -> Value:
    """A form is shown once: the label of every row that its fields offer."""
    project = run.project
    declared = own_fields(project, run.owner)
    for name, member in declared.items():
        if _offers(project, member) and member.owner == run.owner and _is_list(member.value):
            _declared(run, receiver, name, member)
    meta = f"{run.owner}.Meta"
    model = model_option(project, meta) if project.class_info(meta) is not None else ""
    known = model_of(project, model) if model else None
    wanted = names(project, meta, "fields") if known is not None else ()
    left_out = {
        *names(project, meta, "exclude"),
        *names(project, meta, "widgets"),
        *names(project, meta, "field_classes"),
    }
    for relation in known.relations if known is not None and not _in_admin(project, run.owner) else ():
        name = relation.name
        if name in declared or name in left_out or offered(project, model, name) is None:
            continue
        if wanted and "__all__" not in wanted and name not in wanted:
            continue
        made = assigned(run, name)
        spot = run.spot(0, 0)
        if isinstance(made, Rows):
            select(run, replace(made, origin=Origin(spot, CHOICES)), name, spot)
        elif made == NONE:
            select_of(run, model, relation, spot)
    return UNKNOWN


def _declared(run: Run, receiver: Value, name: str, member: Member) -> None:
    """`customer = ModelChoiceField(queryset=Customer.objects.all())`"""
    spot = run.spot(member.line, member.column, member.line, member.column + len(name))
    made = assigned(run, name)
    rows = made if made != NONE else run.value(keyword(member.value, "queryset", 0))
    label: Function | None = None
    bound = run.project.dotted(member.owner.partition("::")[0], member.value[1])
    if bound is not None and bound.kind == "class":
        own = method(run.project, bound.ref, "label_from_instance")
        label = Function(own.ref, self_of(run.project, bound.ref)) if own is not None else None
    for part in parts(rows):
        is_model = isinstance(part, Class) and model_of(run.project, part.ref) is not None
        offered_rows = default_rows(run, part.ref, spot) if isinstance(part, Class) and is_model else part
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
            found = replace(made, origin=Origin(run.spot(0, 0), "")) if isinstance(made, Rows) else UNKNOWN
        elif target[0] == name:
            return UNKNOWN
    return found


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


def _in_admin(project: Project, cls: str) -> bool:
    """Whether an admin class uses a form, and so gives its fields their widgets."""
    found: frozenset[str] = project.memo.ask(QUESTIONS["admin_forms"])
    return cls in found


def _admin_forms(project: Project) -> frozenset[str]:
    out: set[str] = set()
    for ref in project.classes():
        info = project.class_info(ref)
        member = info.members.get("form") if info is not None else None
        if info is not None and member is not None and outside(info, "Admin", "Inline"):
            bound = project.dotted(ref.partition("::")[0], member.value)
            form = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
            out.update(form.lineage if form is not None else ())
    return frozenset(out)


QUESTIONS: dict[str, Question[Any]] = {"admin_forms": Question("admin_forms", _admin_forms, frozenset)}
