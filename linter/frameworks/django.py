"""Django, as the interpreter asks it: models, managers, querysets, rows, and where requests enter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..project.databases import Database
from ..project.effects import Effect
from ..project.entries import Entry
from ..project.frozen import replace
from ..project.memo import Question
from ..project.migrations import Change, Migration
from ..project.schema import Model, find_model, model_of, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    MADE,
    UNKNOWN,
    Awaitable,
    Bound,
    Class,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
)
from . import (
    django_costs,
    django_entries,
    django_feeds,
    django_joins,
    django_loading,
    django_lookups,
    django_managers,
    django_migrations,
    django_models,
    django_order,
    django_remedies,
    django_rows,
    django_settings,
    django_signals,
)
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_ATOMIC = ("django.db.transaction.atomic", "django.db.transaction.Atomic")
_GETS = {"get_object_or_404", "aget_object_or_404"}


class Django(Framework):
    name = "django"
    attributes_of = (Row, Rows, Class, External, Container, ExternalInstance)
    calls_of = (Bound, Rows, Class, External)

    def bases(self, project: Project, path: str, written: Any) -> Sequence[tuple[str, Any]] | None:
        return django_managers.bases(project, path, written)

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        mine = django_remedies.is_mine(project, effect)
        return django_remedies.remedy(project, effect, where) if mine else ""

    @property
    def questions(self) -> Sequence[Question[Any]]:
        questions = (*django_models.QUESTIONS.values(), *django_managers.QUESTIONS.values())
        return (
            *questions,
            django_signals.RECEIVERS,
            django_signals.OF_FILE,
            django_settings.WRITTEN,
            django_settings.QUEUED,
            django_settings.ROUTED,
            django_settings.LOCAL,
        )

    def databases(self, project: Project) -> Iterator[Database]:
        return django_settings.databases(project)

    def migration(self, project: Project, path: str) -> Migration | None:
        return django_migrations.migration(project, path)

    def safer(self, migration: Migration, change: Change) -> str:
        return django_migrations.safer(change) if migration.dialect == self.name else ""

    def hands_on(self, project: Project) -> Sequence[str]:
        return ("django.core.mail.",) if django_settings.queues_mail(project) else ()

    def stays_here(self, project: Project) -> Sequence[str]:
        return ("django.core.cache.cache.",) if django_settings.caches_here(project) else ()

    def scatters(self, project: Project) -> bool:
        return django_settings.scatters(project)

    def encloses(self, project: Project, handler: str) -> bool:
        return django_settings.encloses(project, handler)

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        return django_models.is_model(project, info)

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        return django_models.model(project, info)

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        return django_feeds.drives(project, info)

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name in (django_feeds.FEED, django_feeds.SITEMAP):
            return django_feeds.per_item(run, name, receiver)
        return None

    def entries(self, project: Project) -> Iterator[Entry]:
        return django_entries.entries(project)

    # Attributes -------------------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Row):
            return self._of_row(run, value, name, spot)
        if isinstance(value, Rows):
            if name == "through" and value.parent is not None:
                joined = relation_of(run.project, value.parent.model, value.relation)
                return Class(joined.through) if joined is not None and joined.through else UNKNOWN
            if name == "_prefetch_done" and value.kind == "related":
                return Const(value.cached) if value.parent is not None else UNKNOWN
            return Bound(value, name) if value.dialect == "django" else None
        if isinstance(value, Class):
            return self._of_class(run, value, name, spot)
        if isinstance(value, External) and value.name == "builtins.super" and value.of is not None:
            return self._of_super(run, value.of, name)
        if isinstance(value, Container) and value.kind == "state" and name == "adding":
            return value.of
        if isinstance(value, ExternalInstance) and value.cls.rpartition(".")[2] == "HttpRequest" and name == "user":
            model = django_models.user_model(run.project)
            return Row(model, frozenset({ANYTHING})) if model else None
        return None

    def _of_row(self, run: Run, row: Row, name: str, spot: Spot) -> Value | None:
        for alias, held in row.aliases:
            if alias == name:
                return django_loading.held_value(row, name, held)
        model = model_of(run.project, row.model)
        if model is None or model.dialect != "django":
            return None
        relation = relation_of(run.project, row.model, name)
        if relation is not None:
            return django_rows.relation_value(run, row, relation, spot)
        saved = ANYTHING not in row.loaded
        if name in ("pk", model.primary_key):
            return Const(1) if saved else UNKNOWN  # a row that a query gave has a key
        if name == "_prefetched_objects_cache":
            return django_loading.prefetch_cache(row) if saved else UNKNOWN
        if name == "_state":
            return Container("state", Const(not saved)) if saved else UNKNOWN
        column = model.column(name)
        if column is not None:
            return django_rows.column_value(run, row, column, spot)
        if name in django_rows.SAVES or name in django_rows.FRESH_ROWS:
            return Bound(row, name)
        if name.startswith("get_") and name.endswith("_display"):
            return UNKNOWN
        return None

    def _of_class(self, run: Run, value: Class, name: str, spot: Spot) -> Value | None:
        model = model_of(run.project, value.ref)
        if model is None or model.dialect != "django":
            return None
        if name in ("DoesNotExist", "MultipleObjectsReturned"):
            return UNKNOWN
        member = run.project.lookup(value.ref, name)
        if member is not None and member.kind == "value":
            made = run.class_value(member, value.ref)
            owner = django_managers.manager_class(run.project, made)
            if owner is not None or name in ("objects", "_default_manager"):
                return django_managers.manager(value.ref, spot, owner or "", fresh=run.now)
            return None
        if (name.endswith("objects") or name in ("_default_manager", "_base_manager")) and member is None:
            which = "base" if name == "_base_manager" else "default"
            own = name in ("_default_manager", "_base_manager")
            default = django_managers.default_manager(run.project, value.ref, which) if own else ""
            return django_managers.manager(value.ref, spot, default, fresh=run.now)
        return None

    def _of_super(self, run: Run, of: Value, name: str) -> Value | None:
        """`super().name` in a model, manager or any class: what the next class up defines."""
        cls = (
            of.model
            if isinstance(of, Row)
            else of.owner
            if isinstance(of, Rows)
            else getattr(of, "cls", getattr(of, "ref", ""))
        )
        if (
            isinstance(of, Rows)
            and name in django_rows.KNOWN
            and run.project.lookup(cls, name, after=run.above or run.cls) is None
        ):
            return Bound(replace(of, owner=""), name)
        for start in str(cls).split("|"):
            member = run.project.lookup(start, name, after=run.above or run.cls)
            if member is not None and member.kind == "function":
                return Function(f"{member.owner}.{name}", of)
        if isinstance(of, Row) and name in django_rows.SAVES and run.owner.rpartition(".")[2] == name:
            return UNKNOWN  # the write is told where the method is called: that loop is the one to change
        if isinstance(of, Row) and name in django_rows.SAVES:
            return Bound(of, name)
        return run.inherited(str(cls), name, of) if isinstance(of, Instance) else UNKNOWN

    # Calls ------------------------------------------------------------------------------------------------

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound):
            if isinstance(callee.of, Rows) and callee.of.dialect == "django":
                return self._on_rows(run, callee.of, callee.name, args, keywords, spot)
            if isinstance(callee.of, Row) and callee.name in (*django_rows.SAVES, *django_rows.FRESH_ROWS):
                return self._on_row(run, callee.of, callee.name, spot)
            return None
        if isinstance(callee, Rows) and callee.dialect == "django":
            return callee
        if isinstance(callee, Class):
            model = model_of(run.project, callee.ref)
            if model is not None and model.dialect == "django":
                return Row(callee.ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, MADE), fresh=run.now)
            return django_managers.made(run, callee, args, spot)
        if isinstance(callee, External):
            return self._external(run, callee, args, keywords, spot)
        return None

    def _on_rows(
        self, run: Run, rows: Rows, name: str, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        if rows.owner and name not in ("all",):
            found = django_rows.custom(run, rows, name, args, keywords, spot)
            if found is not None and (found != UNKNOWN or name not in django_rows.BUILDS):
                return found  # a `filter()` of the project's own still gives a queryset
        if rows.kind == "related" and not rows.owner and name not in django_rows.KNOWN:
            owner = django_managers.default_manager(run.project, rows.model)
            if owner:
                found = django_rows.custom(run, replace(rows, owner=owner), name, args, keywords, spot)
                if found is not None:
                    return found
        found = django_rows.method(run, rows, name, args, keywords, spot)
        if name in django_rows.CREATES:
            made = found.of if isinstance(found, Awaitable) else found
            made = made.of if isinstance(made, Container) else made
            if isinstance(made, Row):
                new = None if name.endswith("update_or_create") else True
                django_signals.send(run, django_signals.SAVED, made, spot, created=new)
        return found or (UNKNOWN if rows.model else None)

    def _on_row(self, run: Run, row: Row, name: str, spot: Spot) -> Value | None:
        member = run.project.lookup(row.model, name)
        rows = Rows(row.model, "query", frozenset(), row.origin, row.path)
        if member is not None and member.kind == "function" and run.owner != f"{member.owner}.{name}":
            run.call_function(Function(f"{member.owner}.{name}", row), (), {}, spot)
        blocks = not name.startswith("a")
        if name in django_rows.FRESH_ROWS:
            run.query(rows, "SELECT", spot, name, blocks=blocks)
            django_loading.forgotten(run, row)
        else:
            locked = any(key == django_loading.LOCKED for key, _ in row.aliases)
            new = row.origin is not None and row.origin.text == MADE
            verb = "DELETE" if name.endswith("delete") else "INSERT" if new else "UPDATE"
            run.query(rows, verb, spot, name, blocks=blocks, meant=locked)
            signals = django_signals.DELETED if verb == "DELETE" else django_signals.SAVED
            django_signals.send(run, signals, row, spot)
        return UNKNOWN

    def _external(self, run: Run, callee: External, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        name = callee.name
        last = name.rpartition(".")[2]
        if name.startswith("django.shortcuts.") or last in ("get_object_or_404", "get_list_or_404"):
            if last in _GETS and args:
                rows = self._rows_of(run, args[0], spot)
                return django_rows.method(run, rows, "get", args[1:], keywords, spot) if rows is not None else UNKNOWN
            if last == "get_list_or_404" and args:
                found = self._rows_of(run, args[0], spot)
                return django_rows.method(run, found, "filter", args[1:], keywords, spot) if found is not None else None
            return None
        if last in ("Q", "FilteredRelation") and name.startswith("django."):
            django_costs.compared(run, "", keywords)
            return django_lookups.q_object(args, keywords) if last == "Q" else UNKNOWN
        if name in _ATOMIC:
            return ExternalInstance(_ATOMIC[1])
        if last in ("Prefetch", "GenericPrefetch") and args:
            inner = keywords.get("queryset", args[1] if len(args) > 1 else UNKNOWN)
            alias = keywords.get("to_attr", args[2] if len(args) > 2 else None)  # third argument
            return Container("prefetch", inner, args[0], items=(alias,) if alias is not None else ())
        if last == "prefetch_related_objects" and args:
            django_loading.prefetch_objects(run, args, spot)
            return UNKNOWN
        if last == "from_queryset" and args:
            return django_managers.from_queryset(args[0], callee.of)
        if last == "as_manager":
            owner = callee.of.ref if isinstance(callee.of, Class) else ""
            return Rows("", "manager", owner=owner)
        if last in django_joins.AGGREGATES and name.startswith("django."):
            return django_joins.aggregate(args, keywords)
        if last == "get_model" and name in ("django.apps.apps.get_model", "django.apps.registry.apps.get_model"):
            spelled = ".".join(str(a.value) for a in args[:2] if isinstance(a, Const))
            model = find_model(run.project, spelled) if spelled else ""
            return Class(model) if model else UNKNOWN
        if last == "get_user_model":
            model = django_models.user_model(run.project)
            return Class(model) if model else UNKNOWN
        if callee.of is not None and name.startswith(("django.db.models.", "django.contrib.auth.models.")):
            return self._inherited(run, callee, last, args, keywords, spot)
        return None

    def _inherited(
        self, run: Run, callee: External, last: str, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        """A method that a manager, queryset or model class of the project has from Django itself."""
        of = callee.of
        if isinstance(of, Rows):
            return django_rows.method(run, of, last, args, keywords, spot)
        if isinstance(of, Row) and last in django_rows.SAVES:
            return self._on_row(run, of, last, spot)
        return None

    def _rows_of(self, run: Run, value: Value, spot: Spot) -> Rows | None:
        if isinstance(value, Rows):
            return value
        if isinstance(value, Class) and model_of(run.project, value.ref) is not None:
            owner = django_managers.default_manager(run.project, value.ref)
            return django_managers.manager(value.ref, spot, owner, fresh=run.now)
        return None

    # Evaluation -------------------------------------------------------------------------------------------

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if not isinstance(value, Rows) or value.dialect != "django":
            return None
        if value.kind == "manager":
            return UNKNOWN
        django_rows.evaluate(run, value, spot)
        return UNKNOWN if value.plain or not value.model else django_rows.row_of(value, value.fresh)

    def truth(self, run: Run, value: Value, spot: Spot) -> bool:
        if not isinstance(value, Rows) or value.dialect != "django":
            return False
        if value.kind in ("query", "related"):
            django_rows.evaluate(run, value, spot, "truth")
        return True

    def asks_anew(self, rows: Rows, name: str) -> bool:
        return rows.dialect == "django" and name in django_rows.ANEW

    def operation(self, run: Run, operator: str, values: Arguments) -> Value | None:
        return django_lookups.combined(operator, values)

    def item(self, run: Run, value: Rows, spot: Spot) -> Value | None:
        if value.dialect != "django":
            return None
        if value.kind in ("query", "related") and not value.cached:
            order, limit = django_order.asked(run.project, value, "index")
            run.query(value, "SELECT", spot, "index", order=order, limit=limit)
        return UNKNOWN if value.plain else django_rows.row_of(value, run.now)

    def enter(self, run: Run, context: object, value: Value) -> Spot | None:
        name = value.name if isinstance(value, External) else value.cls if isinstance(value, ExternalInstance) else ""
        return run.context_spot(context) if name in _ATOMIC else None
