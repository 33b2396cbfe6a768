"""Which manager a Django model has, and what its rows bring along before anybody asks for more.

In: classes. Out: the classes whose methods a manager has, as one text ("a|b", "" for Django's own), and queries begun
on a manager. Knows nothing of what querysets do with their arguments.
Source: docs.djangoproject.com, "Managers": the default manager, base managers, managers and inheritance.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import model_of
from ..project.shapes import string
from ..project.summaries import class_value, summary
from ..project.values import UNKNOWN, Class, ExternalInstance, Origin, Rows, Spot, Value
from . import django_models

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_MANAGERS = (
    "django.db.models.Manager",
    "django.db.models.manager.Manager",
    "django.contrib.auth.models.UserManager",
    "django.db.models.QuerySet",
    "django.db.models.query.QuerySet",
)


def is_manager(info: ClassInfo) -> bool:
    """Whether a class is a manager or a queryset."""
    return info.inherits(*_MANAGERS) or any(
        a.startswith("ext:") and a.endswith(("Manager", "from_queryset", "QuerySet")) and not _of_another_kind(a)
        for a in info.lineage
    )


def _of_another_kind(ancestor: str) -> bool:
    """A context manager, or what the standard library calls a manager: no queryset comes from it."""
    root = ancestor.removeprefix("ext:").partition(".")[0]
    return ancestor.endswith("ContextManager") or root in sys.stdlib_module_names


def manager_class(project: Project, value: Value) -> str | None:
    """The classes whose methods a manager has ("a|b"), "" for Django's own manager; None: no manager."""
    if isinstance(value, ExternalInstance):
        last = value.cls.rpartition(".")[2]
        return "" if last.endswith("Manager") and "TaggableManager" not in last else None
    if isinstance(value, Rows) and value.kind == "manager" and not value.model:
        return value.owner
    cls = getattr(value, "cls", "")
    info = project.class_info(cls) if cls else None
    if info is not None and (is_manager(info) or info.name.endswith("Manager")):
        return str(cls)
    return None


def default_manager(project: Project, ref: str, which: str = "default") -> str:
    """The classes of `_default_manager` (of `_base_manager` for "base"): also what related managers have."""
    found: str = project.memo.ask(QUESTIONS["django_manager"], ref, which)
    return found


def _manager(project: Project, ref: str, which: str) -> str:
    info = project.class_info(ref)
    if info is None:
        return ""
    named = string(django_models.meta_of(project, info).get(f"{which}_manager_name"))
    if which == "base" and not named:
        return ""
    for member in project.declared(info, nearest=True):
        if member.kind == "value" and isinstance(member.value, tuple) and named in ("", member.name):
            owner = manager_class(project, class_value(project, member.owner, member.name))
            if owner is not None:
                return owner
    return ""


def manager(model: str, spot: Spot, owner: str = "", *, fresh: int = 0) -> Rows:
    return Rows(model, "manager", origin=Origin(spot, ""), owner=owner, fresh=fresh)


def started(run: Run, rows: Rows, spot: Spot) -> Rows:
    """A query begun on a manager: what the manager's own `get_queryset` loads and filters."""
    base = replace(rows, kind="query", origin=Origin(spot, ""), fresh=run.now)
    if not rows.owner or rows.owner == run.cls:
        return base
    result = given(run.project, rows)
    if result is None:
        return base
    return replace(
        base,
        loaded=result.loaded,
        only=result.only,
        filters=result.filters,
        aliases=result.aliases,
        plain=result.plain,
        order=result.order,
        owner=_owners(rows.owner, result.owner),
    )


def given(project: Project, rows: Rows) -> Rows | None:
    """What `get_queryset` of a manager's classes gives; None when it is Django's own, or not to be told."""
    for owner in filter(None, rows.owner.split("|")):
        member = project.lookup(owner, "get_queryset")
        if member is not None and member.kind == "function":
            asked = Rows(rows.model, "manager", owner=rows.owner)
            found = summary(project, f"{member.owner}.get_queryset", (asked,)).returns
            return found if isinstance(found, Rows) and found.model in ("", rows.model) else None
    return None


def default_rows(project: Project, ref: str) -> Rows | None:
    """The rows that a related manager of a model begins with: those of its default manager."""
    owner = default_manager(project, ref) if ref else ""
    return given(project, Rows(ref, "manager", owner=owner)) if owner else None


def all_rows(run: Run, model: str, spot: Spot) -> Value:
    """`Model._default_manager.all()`, asked at a place: what a framework takes for a class that names only a model."""
    manager = run.attribute(Class(model), "_default_manager", 0, 0)
    return started(run, manager, spot) if isinstance(manager, Rows) else UNKNOWN


def _owners(*texts: str) -> str:
    return "|".join(dict.fromkeys(name for text in texts for name in text.split("|") if name))


def made(run: Run, callee: Class, args: Any, spot: Spot) -> Value | None:
    """A manager or queryset class is called: `objects = M()`, `QS(self.model, using=self._db)`."""
    info = run.project.class_info(callee.ref)
    if info is None or not is_manager(info):
        return None
    of = args[0] if args else UNKNOWN
    if isinstance(of, Class) and model_of(run.project, of.ref) is not None:
        return Rows(of.ref, "query", origin=Origin(spot, ""), owner=callee.ref, fresh=run.now)
    return Rows("", "manager", owner=callee.ref)


def from_queryset(queryset: Value, of: Value | None) -> Value:
    """`Manager.from_queryset(QS)`: what a call of it gives has the methods of both."""
    refs = [v.ref for v in (of, queryset) if isinstance(v, Class)]
    return Rows("", "manager", owner=_owners(*refs)) if refs else UNKNOWN


QUESTIONS: dict[str, Question[Any]] = {"django_manager": Question("django_manager", _manager, str)}


def bases(project: Project, path: str, written: Any) -> Sequence[tuple[str, Any]] | None:
    """`Manager.from_queryset(QuerySet)` makes a class of two; a name of the file may stand for it."""
    made = written
    bound = project.dotted(path, written) if isinstance(written, str) else None
    if bound is not None and bound.kind == "value" and bound.ref == path:
        made = next((value for value, _ in project.module_values(path, bound.name)), written)
    func = made[1] if isinstance(made, tuple) and made[0] == ir.CALL else None
    if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] == "from_queryset":
        return [(path, func[1]), *((path, argument) for argument in made[2][:1])]
    return None
