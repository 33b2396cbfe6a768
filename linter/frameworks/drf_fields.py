"""What Django REST framework's serializer classes show: their fields, and what each reads of an object.

In: a serializer class of the project, its ancestors, its `Meta`. Out: `Field`s. Source: rest_framework's
serializers.py, fields.py and relations.py. Does not follow fields that code adds or removes while the program runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import Model, model_of, relation_of
from ..project.shapes import constant, keyword, string
from . import django_models
from .drf_names import KEYS, kind_of, last_outside, names_of

if TYPE_CHECKING:
    from ..project.project import Member, Project

_KEYWORDS = {
    "instance", "data", "many", "context", "partial", "child", "read_only", "write_only", "required", "default",
    "initial", "source", "label", "help_text", "style", "error_messages", "validators", "allow_null", "allow_empty",
    "max_length", "min_length",
}  # fmt: skip
"""What the framework's own serializers are made with."""
_UNSEEN = ("HiddenField",)
_MAX_STEPS = 9  # classes that name the model of another
_MAX_DEPTH = 3  # of `Meta.depth`


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is shown. `kind`: plain (reads `source`, calls what can be called), column, method (`by` is the
    method), nested (`cls` is a serializer), related (one object or `many` of them, of which `by` is read: an attribute
    path, `__str__`, or nothing but the key), deep (objects with all their fields, `depth` levels down).

    `cls` of a plain or related one: the project's own field class. `keyed`: the key is enough, nothing is loaded.
    `owner`, `line`, `column`: where it is declared, or where `Meta` names it.
    """

    name: str
    kind: str
    source: str
    owner: str
    line: int
    column: int
    cls: str = ""
    many: bool = False
    by: str = ""
    keyed: bool = False
    depth: int = 0
    shown: str | None = None
    """For a nested serializer that code narrows: the names of the fields that are left, as far as they are written."""


def fields_of(project: Project, ref: str) -> tuple[Field, ...]:
    """The fields that a serializer class shows, through the memo."""
    found: tuple[Field, ...] = project.memo.ask(FIELDS, ref)
    return found


def model_ref(project: Project, ref: str) -> str:
    """`Meta.model` of a serializer class; "" for none."""
    member = _meta(project, ref, "model")
    for _ in range(_MAX_STEPS):  # `model = Other.Meta.model`
        other = _of_class(project, member) if member is not None else None
        if other is None:
            break
        member = other
    if member is None:
        return ""
    path = member.owner.partition("::")[0]
    if isinstance(member.value, tuple) and member.value[0] == ir.CALL:
        return django_models.user_model(project) if spelled(member.value[1]).endswith("get_user_model") else ""
    bound = project.dotted(path, member.value)
    return bound.ref if bound is not None and bound.kind == "class" else ""


def _of_class(project: Project, member: Member) -> Member | None:
    """The attribute of another class that a member is set to."""
    expr = member.value
    if not isinstance(expr, tuple) or expr[0] != ir.ATTR:
        return None
    path, _, within = member.owner.partition("::")
    base = project.dotted(path, expr[1], within)
    found = project.lookup(base.ref, expr[2]) if base is not None and base.kind == "class" else None
    return found if found is not None and found.kind == "value" else None


def list_class(project: Project, ref: str) -> Member | None:
    """`Meta.list_serializer_class`."""
    return _meta(project, ref, "list_serializer_class")


def _meta(project: Project, ref: str, name: str) -> Member | None:
    """An attribute of `Meta`."""
    meta = project.lookup(ref, "Meta")
    if meta is None or meta.kind != "class":
        return None
    found = project.lookup(f"{meta.owner}.Meta", name)
    return found if found is not None and found.kind == "value" else None


def _fields(project: Project, ref: str) -> tuple[Field, ...]:
    declared = _declared(project, ref)
    model = model_of(project, model_ref(project, ref))
    listed = _meta(project, ref, "fields")
    if model is None:
        chosen = names_of(project, listed.owner, listed.value) if listed is not None else None
        shown = declared if chosen in (None, ["__all__"]) else set(chosen or ())
        return tuple(f for f in declared.values() if f is not None and f.name in shown)
    excluded = _meta(project, ref, "exclude")
    names: list[str] | None = None
    place = listed or excluded
    if listed is not None:
        names = names_of(project, listed.owner, listed.value)
    if place is None or names == ["__all__"]:
        names = [*declared, *_own_names(model)]
    elif excluded is not None and listed is None:
        hidden = names_of(project, excluded.owner, excluded.value)
        names = [*declared, *(n for n in _own_names(model) if n not in hidden)] if hidden is not None else None
    if names is None:  # what is shown is computed: what is declared is likely to be shown
        return tuple(f for f in declared.values() if f is not None)
    extra = _extra(project, ref)
    implied = _Implied(project, ref, model, place)
    out: list[Field] = []
    for name in dict.fromkeys(names):
        if name in declared:
            found = declared[name]
            out += [found] if found is not None else []
        elif constant(extra.get(name, {}).get("write_only")) is not True:
            out += implied.field(name, extra.get(name, {}))
    return tuple(out)


def _own_names(model: Model) -> list[str]:
    """What `fields = "__all__"` stands for: the model's own fields, no relations of others to it."""
    columns = [c.name for c in model.columns if not c.foreign_key]
    return [*columns, *(r.name for r in model.relations if r.kind in ("one", "many"))]


def _extra(project: Project, ref: str) -> dict[str, dict[str, Any]]:
    """`Meta.extra_kwargs`, as far as it is written."""
    member = _meta(project, ref, "extra_kwargs")
    out: dict[str, dict[str, Any]] = {}
    if member is None or not isinstance(member.value, tuple) or member.value[0] != ir.DICT:
        return out
    for key, value in zip(member.value[1], member.value[2], strict=True):
        if isinstance(value, tuple) and value[0] == ir.DICT:
            out[string(key)] = {string(k): v for k, v in zip(value[1], value[2], strict=True)}
        elif isinstance(value, tuple) and value[0] == ir.CALL and value[1] == "dict":
            out[string(key)] = {k: v for k, v in value[3] if k is not None}
    return out


# Declared fields ------------------------------------------------------------------------------------------


def _declared(project: Project, ref: str) -> dict[str, Field | None]:
    """Name → the field, None for one that is declared but not shown; what a descendant redefines counts."""
    info = project.class_info(ref)
    out: dict[str, Field | None] = {}
    for ancestor in reversed(info.lineage if info is not None else ()):
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is None:
            continue
        collects = kind_of(project, ancestor) == "serializer"
        for member in own.members.values():
            call = member.value
            if member.kind == "value" and collects and isinstance(call, tuple) and call[0] == ir.CALL:
                out[member.name] = _field(project, member, call)
            else:
                out.pop(member.name, None)
    return out


def _field(project: Project, member: Member, call: Any) -> Field | None:
    """A declared field; None for one that is not shown, or that is no field we know."""
    name = member.name
    cls, base = last_outside(project, member.owner, call[1])
    if not base or base in _UNSEEN or constant(keyword(call, "write_only")) is True:
        return None
    source = string(keyword(call, "source")) or name
    many = constant(keyword(call, "many")) is True
    made = Field(name, "plain", source, member.owner, member.line, member.column, many=many)
    if base.endswith("Serializer"):
        shown = narrowed(project, cls, {k: (member.owner, v) for k, v in call[3] if k is not None}) if cls else None
        return replace(made, kind="nested", cls=cls, shown=shown) if cls else None
    if base == "SerializerMethodField":
        by = string(keyword(call, "method_name", 0)) or f"get_{name}"
        return replace(made, kind="method", by=by)
    if base in ("ListField", "DictField"):
        child = keyword(call, "child")
        inner, outer = last_outside(project, member.owner, child[1]) if _is_call(child) else ("", "")
        return replace(made, kind="nested", cls=inner, many=True) if outer.endswith("Serializer") and inner else made
    if base == "ManyRelatedField":
        child = keyword(call, "child_relation", 0)
        if not _is_call(child):
            return made
        cls, base = last_outside(project, member.owner, child[1])
        made, call = replace(made, many=True), child
    if base.endswith("RelatedField"):
        return _related(project, made, cls, base, call)
    if base == "HyperlinkedIdentityField":
        return replace(made, source="*", by=_looked_up(project, cls, call), cls=_own_code(project, cls))
    return replace(made, cls=_own_code(project, cls))


def narrowed(project: Project, cls: str, keywords: Mapping[str, tuple[str, Any]]) -> str | None:
    """The fields that are left when a serializer is made with these keywords, each as (where, expression); None: all.

    Its own constructor may take any field away; what it does with a list of `fields` is known by custom."""
    own = [name for name in keywords if name not in _KEYWORDS and name != "**"]
    if not own or project.lookup(cls, "__init__") is None:
        return None
    listed = names_of(project, *keywords["fields"]) if own == ["fields"] else None
    return " ".join(listed) if listed is not None else ""


def _is_call(expr: Any) -> bool:
    return isinstance(expr, tuple) and expr[0] == ir.CALL


def _related(project: Project, made: Field, cls: str, base: str, call: Any) -> Field:
    """A relation of the kind `base`, perhaps of the project's own class `cls`; `call`: None for an implied one."""
    made = replace(made, kind="related", cls=_own_code(project, cls))
    if base == "StringRelatedField":
        return replace(made, by="__str__")
    if base == "SlugRelatedField":
        return replace(made, by=string(keyword(call, "slug_field", 0)).replace("__", ".") if call is not None else "")
    by = _looked_up(project, cls, call) if base == "HyperlinkedRelatedField" else ""
    keyed = base in KEYS and not by
    if cls and project.lookup(cls, "use_pk_only_optimization") is not None:
        keyed = False  # it says so itself; nobody overrides it to agree
    return replace(made, by=by, keyed=keyed)


def _looked_up(project: Project, cls: str, call: Any) -> str:
    """The attribute that a hyperlink shows of its target; "" for the key."""
    found = string(keyword(call, "lookup_field")) if call is not None else ""
    member = project.lookup(cls, "lookup_field") if cls and not found else None
    found = found or (string(member.value) if member is not None else "")
    return "" if found in ("pk", "id") else found


def _own_code(project: Project, cls: str) -> str:
    """The class, if it has code of its own for what it shows."""
    own = (
        any(project.lookup(cls, name) is not None for name in ("to_representation", "get_attribute")) if cls else False
    )
    return cls if own else ""


# Implied fields -------------------------------------------------------------------------------------------


class _Implied:
    """Fields that a ModelSerializer makes of names in `Meta.fields`."""

    def __init__(self, project: Project, ref: str, model: Model, place: Member | None) -> None:
        self.project, self.model = project, model
        self.place = (place.owner, place.line, place.column) if place is not None else (ref, 0, 0)
        depth = _meta(project, ref, "depth")
        level = constant(depth.value) if depth is not None else 0
        self.depth = min(level, _MAX_DEPTH) if isinstance(level, int) else 0
        info = project.class_info(ref)
        lineage = info.lineage if info is not None else ()
        links = any(a.startswith("ext:") and a.endswith("HyperlinkedModelSerializer") for a in lineage)
        self.cls, self.base = "", "HyperlinkedRelatedField" if links else "PrimaryKeyRelatedField"
        chosen = project.lookup(ref, "serializer_related_field")
        if chosen is not None and chosen.kind == "value":
            self.cls, self.base = last_outside(project, chosen.owner, chosen.value)

    def field(self, name: str, extra: dict[str, Any]) -> Iterator[Field]:
        source = string(extra.get("source")) or name
        made = Field(name, "plain", source, *self.place)
        relation = None if "." in source else relation_of(self.project, self.model.ref, source)
        if relation is None or relation.kind == "generic":
            known = self.model.column(source) is not None or source == "pk"
            yield replace(made, kind="column") if known else made
            return
        many = relation.kind in ("many", "generic-many")
        if self.depth:
            yield replace(made, kind="deep", many=many, depth=self.depth)
            return
        call = (ir.CALL, None, (), tuple(extra.items()))
        found = _related(self.project, replace(made, many=many), self.cls, self.base, call)
        if found.keyed and relation.kind == "reverse-one":  # its key is not on this row
            found = replace(found, keyed=False)
        if not (found.keyed and not many and not found.cls):
            yield found


FIELDS: Question[tuple[Field, ...]] = Question("drf_fields", _fields, tuple)
