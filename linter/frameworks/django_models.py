"""How Django spells models: fields, relations, indexes, `Meta` (docs.djangoproject.com, "Model field reference")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.memo import Question
from ..project.schema import Column, Model, Relation, app_label, find_model
from ..project.shapes import constant, keyword, string, strings
from ..project.values import Spot
from .django_indexes import indexes, plain

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

BASES = ("django.db.models.Model", "django.db.models.base.Model")
# Abstract models of Django itself and of packages whose sources are usually not at hand
KNOWN_BASES = (
    "django.contrib.auth.models.AbstractUser",
    "django.contrib.auth.models.AbstractBaseUser",
    "django.contrib.auth.models.PermissionsMixin",
    "django.contrib.auth.models.User",
    "django.contrib.auth.models.Group",
    "django.contrib.auth.models.Permission",
    "django.contrib.contenttypes.models.ContentType",
    "django.contrib.sites.models.Site",
    "taggit.models.TaggedItemBase",
    "taggit.models.GenericTaggedItemBase",
    "mptt.models.MPTTModel",
    "polymorphic.models.PolymorphicModel",
    "treebeard.mp_tree.MP_Node",
    "model_utils.models.TimeStampedModel",
    "django_extensions.db.models.TimeStampedModel",
    "wagtail.models.Page",
    "solo.models.SingletonModel",
    "taggit.models.TagBase",
)
_MANY = ("ManyToManyField", "TaggableManager", "SortedManyToManyField", "ParentalManyToManyField", "ModelClusterField")
_ONE = (
    "ForeignKey",
    "OneToOneField",
    "TreeForeignKey",
    "ParentalKey",
    "TreeOneToOneField",
    "AutoOneToOneField",
    "ForeignObject",
)
# Fields of forms, serializers and other mappers
_OTHER_FIELDS = (
    "rest_framework.", "graphene", "marshmallow", "wtforms", "django_filters", "import_export", "pydantic", "sqlmodel",
    "dataclasses", "peewee", "mongoengine", "tortoise", "odmantic", "beanie", "ormar", "strawberry",
)  # fmt: skip
_FEW = ("BooleanField", "NullBooleanField")
_DJANGO_USER = "ext:django.contrib.auth.models.User"  # as ancestors of its proxies in the project spell it
_UNIQUE_KINDS = ("OneToOneField", "TreeOneToOneField", "AutoOneToOneField", "AutoField", "BigAutoField", "SlugField")


def is_model(project: Project, info: ClassInfo) -> bool:
    if info.inherits(*BASES, *KNOWN_BASES):
        return True
    # Ancestors outside the project and fields inside: a model of a package that is not here
    if not any(
        a.startswith("ext:") and a[4:].rpartition(".")[2].endswith(("Model", "Node", "Mixin", "Page", "Base"))
        for a in info.lineage
    ):
        return False
    return any(_field(project, member) for member in info.members.values())


def _field(project: Project, member: Member) -> tuple[str, Any] | None:
    """(kind of field, its call's facts) when a class attribute is a Django field."""
    call = member.value
    if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
        return None
    kind = spelled(call[1]).rpartition(".")[2]
    if kind in _ONE or kind in _MANY or kind in ("GenericForeignKey", "GenericRelation"):
        return kind, call
    if not kind.endswith("Field"):
        return None
    bound = project.dotted(member.owner.partition("::")[0], call[1])
    if bound is None:
        return None
    if bound.kind == "external":
        name = bound.ref
        if "forms" in name.split(".") or name.startswith(_OTHER_FIELDS):
            return None
        return kind, call
    if bound.kind == "class":
        found = project.class_info(bound.ref)
        if found is None:
            return None
        ends = ("Field", "ForeignKey", "TaggableManager")
        ext = next((a[4:] for a in found.lineage if a.startswith("ext:") and a.endswith(ends)), "")
        if (
            ext
            and "forms" not in ext.split(".")
            and not ext.startswith(("rest_framework.", "django_filters", "graphene"))
        ):
            last = ext.rpartition(".")[2]
            return (last if last in _ONE or last in _MANY or last in _FEW else kind), call
    return None


def kind_of(project: Project, model: str, name: str) -> str:
    """Which of Django's kinds of field an attribute of a model is, or is made of; "" for none."""
    member = project.lookup(model, name)
    found = _field(project, member) if member is not None else None
    return found[0] if found is not None else ""


def model(project: Project, info: ClassInfo) -> Model | None:
    """Everything a model class and its ancestors declare; None when it is no Django model."""
    if not is_model(project, info):
        return None
    columns: dict[str, Column] = {}
    relations: dict[str, Relation] = {}
    for ancestor in reversed(info.lineage):
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is None:
            continue
        for member in own.members.values():
            found = _field(project, member)
            if found is not None:
                columns.pop(member.name, None)
                relations.pop(member.name, None)
                _declare(project, info, member, *found, columns, relations)
            elif member.kind == "value" and constant(member.value) is None and isinstance(member.value, tuple):
                columns.pop(member.name, None)  # `field = None` or something else takes it away
                relations.pop(member.name, None)
    if info.inherits("django.contrib.auth.models.AbstractUser", "django.contrib.auth.models.PermissionsMixin"):
        where = Spot(info.ref, 0, 0, 0, 0)
        for name, target in (("groups", "auth.Group"), ("user_permissions", "auth.Permission")):
            relations.setdefault(name, Relation(name, "many", find_model(project, target), where))
    _inherited(project, info, relations)
    meta = meta_of(project, info)
    primary = next((c.name for c in columns.values() if c.primary), "id")
    if primary == "id":
        columns.setdefault("id", Column("id", "id", "AutoField", Spot(info.ref, 0, 0, 0, 0), True, True, True))
    label = string(meta.get("app_label")) or app_label(info.ref.partition("::")[0])
    name = info.name.rpartition(".")[2]
    return Model(
        info.ref,
        "django",
        string(meta.get("db_table")) or f"{label}_{name.lower()}",
        tuple(columns.values()),
        tuple(relations.values()),
        tuple(indexes(project, meta_members(project, info))),
        _ordering(meta.get("ordering")),
        constant(meta.get("abstract")) is True and "abstract" in _own_meta(project, info),
        primary,
        f"{label}.{name.lower()}",
        constant(meta.get("managed")) is not False,
        _ordering(meta.get("get_latest_by")),
    )


def _declare(
    project: Project,
    info: ClassInfo,
    member: Member,
    kind: str,
    call: Any,
    columns: dict[str, Column],
    relations: dict[str, Relation],
) -> None:
    name = member.name
    spot = member.spot
    if kind == "GenericForeignKey":
        pair = (
            string(keyword(call, "ct_field", 0)) or "content_type",
            string(keyword(call, "fk_field", 1)) or "object_id",
        )
        relations[name] = Relation(name, "generic", "", spot, pair=(f"{pair[0]}_id", pair[1]))
        return
    if kind in (*_MANY, *_ONE, "GenericRelation"):
        target = _target(project, info, member, keyword(call, "to", 0) if kind != "TaggableManager" else None)
        model_name = info.name.rpartition(".")[2].lower()
        meta = meta_of(project, info)
        label = string(meta.get("app_label")) or app_label(info.ref.partition("::")[0])
        asked = string(keyword(call, "related_query_name"))
        related = string(keyword(call, "related_name")) or string(meta.get("default_related_name"))
        for template, word in (("%(class)s", model_name), ("%(model_name)s", model_name), ("%(app_label)s", label)):
            related, asked = related.replace(template, word), asked.replace(template, word)
        if related.endswith("+"):
            related = "+"
        if kind == "GenericRelation":
            kept = (
                string(keyword(call, "content_type_field")) or "content_type",
                string(keyword(call, "object_id_field")) or "object_id",
            )
            relations[name] = Relation(name, "generic-many", target, spot, filters=(f"{kept[0]}_id:constant", kept[1]))
        elif kind in _MANY:
            back = related or ("+" if target == info.ref else f"{model_name}_set")
            query_name = asked or related or model_name
            through = keyword(call, "through")
            joins = _target(project, info, member, through) if through is not None else ""
            relations[name] = Relation(
                name, "many", target, spot, back=back, back_kind="many", query_name=query_name, through=joins
            )
        else:
            one = kind in ("OneToOneField", "TreeOneToOneField", "AutoOneToOneField")
            back = related or (model_name if one else f"{model_name}_set")
            query_name = asked or related or model_name
            column = f"{name}_id"
            relations[name] = Relation(
                name, "one", target, spot, column, back, "reverse-one" if one else "many", query_name=query_name,
                null=constant(keyword(call, "null")) is True,
                eager="always" if constant(keyword(call, "parent_link")) is True else "",
            )  # fmt: skip
            indexed = constant(keyword(call, "db_index")) is not False
            unique = one or constant(keyword(call, "unique")) is True
            primary = constant(keyword(call, "primary_key")) is True
            columns[column] = Column(
                column,
                string(keyword(call, "db_column")) or column,
                kind,
                spot,
                indexed,
                unique,
                primary,
                _few_rows(keyword(call, "to", 0)),
                target or "?",
                own_index="" if unique or primary or not indexed else _asked(call, "db_index"),
            )
        return
    unique = constant(keyword(call, "unique")) is True
    primary = constant(keyword(call, "primary_key")) is True
    wanted = constant(keyword(call, "db_index"))
    by_itself = wanted is not False and (kind.endswith("SlugField") or _decides(project, member, call))
    indexed = wanted is True or unique or primary or by_itself
    few = kind in _FEW or keyword(call, "choices") is not None
    own = "" if unique or primary or not indexed else _asked(call, "db_index")
    held = string(keyword(call, "db_column")) or name
    columns[name] = Column(name, held, kind, spot, indexed, unique, primary, few, own_index=own)


def _asked(call: Any, word: str) -> str:
    return "asked" if constant(keyword(call, word)) is True else "given"


def _few_rows(target: Any) -> bool:
    """Whether a relation points to a table that holds a handful of rows in every project."""
    name = string(target) or spelled(target)
    return name.rpartition(".")[2].lower() in ("contenttype", "site")


def _decides(project: Project, member: Member, call: Any) -> bool:
    """Whether a field class of the project may make an index itself: its constructor speaks of one, or it is a slug."""
    bound = project.dotted(member.owner.partition("::")[0], call[1])
    info = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    for ancestor in info.lineage if info is not None else ():
        if ancestor.startswith("ext:"):
            if ancestor.endswith(("SlugField", "AutoField")):
                return True
            continue
        defined = project.function(f"{ancestor}.__init__")
        if defined is not None and _mentions(defined.core[ir.C_BODY], ("db_index", "unique", "primary_key")):
            return True
    return False


def _mentions(facts: Any, words: tuple[str, ...]) -> bool:
    if isinstance(facts, tuple):
        return any(_mentions(part, words) for part in facts)
    return isinstance(facts, str) and facts in words


def _target(project: Project, info: ClassInfo, member: Member, expr: Any) -> str:
    """The model a relation points to: a class, "self", "app.Model", settings.AUTH_USER_MODEL, get_user_model()."""
    if isinstance(expr, tuple) and expr[0] == ir.CONST and isinstance(expr[1], str):
        if expr[1] == "self":
            return info.ref
        return find_model(project, expr[1], info.ref) or (_DJANGO_USER if expr[1] == "auth.User" else "")
    if isinstance(expr, tuple) and expr[0] == ir.CALL and spelled(expr[1]).endswith("get_user_model"):
        return user_model(project) or _DJANGO_USER
    if isinstance(expr, tuple) and expr[0] == ir.ATTR and expr[2] == "AUTH_USER_MODEL":
        return user_model(project) or _DJANGO_USER
    if isinstance(expr, str) and expr == "AUTH_USER_MODEL":
        return user_model(project) or _DJANGO_USER
    bound = project.dotted(member.owner.partition("::")[0], expr)
    if bound is not None and bound.kind == "class":
        return bound.ref
    return _DJANGO_USER if bound is not None and f"ext:{bound.ref}" == _DJANGO_USER else ""


def user_model(project: Project) -> str:
    """The model that AUTH_USER_MODEL names in a settings module."""
    found: str = project.memo.ask(QUESTIONS["django_user"])
    return found


def _user_model(project: Project) -> str:
    project.memo.read_input(("tree",))
    for path in project.modules.paths:
        if "settings" in path or "config" in path:
            for value, _ in project.module_values(path, "AUTH_USER_MODEL"):
                spelled_name = constant(value)
                if isinstance(spelled_name, str):
                    return find_model(project, spelled_name)
    return ""


def _inherited(project: Project, info: ClassInfo, relations: dict[str, Relation]) -> None:
    """Multi-table inheritance: a link to each parent that has a table of its own. Django makes the parent's object of
    the child's columns, so reading the link costs nothing; the way back does."""
    if constant(_own_meta(project, info).get("proxy")) is True or "abstract" in _own_meta(project, info):
        return
    behind: set[str] = set()
    for ancestor in info.lineage[1:]:
        parent = None if ancestor.startswith("ext:") or ancestor in behind else project.class_info(ancestor)
        if parent is None or not is_model(project, parent):
            continue
        own = _own_meta(project, parent)
        if constant(own.get("abstract")) is True or constant(own.get("proxy")) is True:
            continue
        behind.update(parent.lineage[1:])
        linked = any(r.target == ancestor and r.eager == "always" for r in relations.values())
        name = f"{parent.name.rpartition('.')[2].lower()}_ptr"
        if not linked and name not in relations:
            back = info.name.rpartition(".")[2].lower()
            spot = Spot(info.ref, 0, 0, 0, 0)
            relations[name] = Relation(name, "one", ancestor, spot, "", back, "reverse-one", "always", query_name=back)


def _ordering(expr: Any) -> tuple[str, ...]:
    """The columns of `Meta.ordering`; "~" for an expression."""
    if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:
        return tuple(plain(item) or "~" for item in expr[2])
    return tuple(strings(expr))


def _own_meta(project: Project, info: ClassInfo) -> dict[str, Any]:
    meta = project.class_info(f"{info.ref}.Meta")
    return {} if meta is None else {name: m.value for name, m in meta.members.items() if m.kind == "value"}


def meta_of(project: Project, info: ClassInfo) -> dict[str, Any]:
    """The options of a class: what `meta_members` holds."""
    return {name: member.value for name, member in meta_members(project, info).items()}


def meta_members(project: Project, info: ClassInfo) -> dict[str, Member]:
    """`Meta` of the class, or the one it inherits; a Meta that inherits another adds to it."""
    for ancestor in info.lineage:
        if ancestor.startswith("ext:"):
            continue
        meta = project.class_info(f"{ancestor}.Meta")
        if meta is None:
            continue
        out: dict[str, Member] = {}
        for each in reversed(meta.lineage):
            own = None if each.startswith("ext:") else project.class_info(each)
            if own is not None:
                out.update({name: m for name, m in own.members.items() if m.kind == "value"})
        if ancestor != info.ref:
            out.pop("abstract", None)
            out.pop("db_table", None)
        return out
    return {}


QUESTIONS: dict[str, Question[Any]] = {"django_user": Question("django_user", _user_model, str)}
