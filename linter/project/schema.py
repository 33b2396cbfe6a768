"""What the models of a project say: tables, columns, relations, indexes. Frameworks fill it, rules read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .memo import Question
from .values import Spot

if TYPE_CHECKING:
    from .project import Project


COMPUTED = "computed"  # the type of a column that is an expression over others


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name`: the attribute; `column`: the database name; `few`: few distinct values (boolean, choices)."""

    name: str
    column: str
    type: str
    spot: Spot
    indexed: bool = False
    unique: bool = False
    primary: bool = False
    few: bool = False
    foreign_key: str = ""
    """Reference of the model it points to."""
    cascades: bool = False
    """Deleting what it points to deletes or changes the row."""
    deferred: bool = False
    """The mapping leaves it out: it is fetched when it is read, unless the query asks for it."""
    own_index: str = ""
    """Of an index on this column alone that is no constraint: "asked" for, or "given" by the framework."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A way from a row to other rows. `kind`: one (a foreign key or one-to-one: one row), many (a manager or list),
    reverse-one, generic, generic-many, dynamic (reading gives a query). `target` is the other model's reference, ""
    when unknown. `eager`: "" loaded when read; "always" with the rows; "never" reading raises or gives a query.
    """

    name: str
    kind: str
    target: str
    spot: Spot
    column: str = ""
    """The attribute that holds the key (`author_id`)."""
    back: str = ""
    """What the other side calls it; "+" for nothing."""
    back_kind: str = ""
    eager: str = ""
    filters: tuple[str, ...] = ()
    """Columns of the target that a lazy load of it filters."""
    query_name: str = ""
    """What filters call it, where that differs."""
    pair: tuple[str, str] | None = None
    """For a generic relation: the columns that hold the type and the key."""
    back_eager: str = ""
    """`eager` of the other side."""
    through: str = ""
    """The model whose rows join the two sides, when the project has one."""
    null: bool = False
    """A row may have none."""
    assumed: bool = False
    """Only declared, for type checkers: how it is mapped is not known."""
    passive: bool = False
    """Deleting a row leaves what the relation leads to alone, so it is not read for that."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index or constraint. `columns` are attribute names; `partial`: has a condition; `expression`: not plain
    columns."""

    columns: tuple[str, ...]
    unique: bool = False
    partial: bool = False
    expression: bool = False
    method: str = ""
    condition: tuple[str, ...] = ()
    """For a partial one: the columns that its condition mentions."""
    name: str = ""
    descending: tuple[str, ...] = ()
    """Of `columns`, those that are read from the last to the first."""
    include: tuple[str, ...] = ()
    opclasses: tuple[str, ...] = ()
    """Operator classes other than the default one."""
    spot: Spot | None = None
    """Where it is declared; None for what the framework adds."""


@dataclass(frozen=True, slots=True)
class Model:
    """One mapped class. `dialect`: the framework that maps it."""

    ref: str
    dialect: str
    table: str
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...]
    indexes: tuple[Index, ...] = ()
    ordering: tuple[str, ...] = ()
    abstract: bool = False
    primary_key: str = "id"
    label: str = ""
    """`app.Model`, in lower case, as string references spell it."""
    managed: bool = True
    """The project makes the table; otherwise it is a view, or somebody else's."""
    latest_by: tuple[str, ...] = ()
    """The order in which the last row is the latest."""

    @property
    def name(self) -> str:
        return self.ref.rpartition("::")[2]

    def column(self, name: str) -> Column | None:
        for column in self.columns:
            if name in (column.name, column.column):
                return column
        return None

    def relation(self, name: str) -> Relation | None:
        for relation in self.relations:
            if relation.name == name:
                return relation
        return None


def model_of(project: Project, ref: str) -> Model | None:
    """The model a class maps, or None."""
    found: Model | None = project.memo.ask(QUESTIONS["model"], ref)
    return found


def relation_of(project: Project, ref: str, name: str) -> Relation | None:
    """A relation of a model by name, declared on it or on the other side."""
    model = model_of(project, ref)
    if model is None:
        return None
    own = model.relation(name)
    if own is not None and not own.assumed:
        return own
    return reverse_of(project, ref).get(name) or own


def reverse_of(project: Project, ref: str) -> dict[str, Relation]:
    """Relations that other models declare towards this one, by the name they have here."""
    info = project.class_info(ref)
    out: dict[str, Relation] = {}
    every: dict[str, dict[str, Relation]] = project.memo.ask(QUESTIONS["reverse"])
    for ancestor in reversed(info.lineage if info is not None else (ref,)):
        out.update(every.get(ancestor, {}))
    return out


def relations_named(project: Project, name: str) -> Iterator[tuple[str, Relation]]:
    """(the model it starts from, the relation) of every relation of this name, declared there or on the other side."""
    for model in models(project):
        own = model.relation(name)
        if own is not None:
            yield model.ref, own
    every: dict[str, dict[str, Relation]] = project.memo.ask(QUESTIONS["reverse"])
    for ref, back in every.items():
        if name in back:
            yield ref, back[name]


def models(project: Project) -> list[Model]:
    """Every concrete model, in a stable order."""
    found: list[Model] = project.memo.ask(QUESTIONS["models"])
    return found


def find_model(project: Project, spelled: str, near: str = "") -> str:
    """The reference of the model that a string names: `app.Model`, `Model`, `package.module.Model`; "" for none.

    A bare name prefers a model of the same file, then of the same folder, then the only one of that name.
    """
    by_name: dict[str, list[tuple[str, str]]] = project.memo.ask(QUESTIONS["model_names"])
    last = spelled.rpartition(".")[2]
    found = by_name.get(last.lower(), [])
    if not found:
        return ""
    label = spelled.rpartition(".")[0].rpartition(".")[2].lower()
    if label:
        for ref, app in found:
            if app == label:
                return ref
    path = near.partition("::")[0]
    folder = path.rpartition("/")[0]
    for ref, _ in found:
        if ref.partition("::")[0] == path:
            return ref
    for ref, _ in found:
        if ref.startswith(folder + "/") or folder.startswith(ref.partition("::")[0].rpartition("/")[0]):
            return ref
    return found[0][0] if len(found) == 1 or label else ""


def _model(project: Project, ref: str) -> Model | None:
    info = project.class_info(ref)
    if info is None:
        return _of_script(project, ref)
    for framework in project.frameworks:
        found = framework.model(project, info)
        if found is not None:
            return found
    return None


def _of_script(project: Project, ref: str) -> Model | None:
    """The table that a script makes."""
    if not ref.partition("::")[0].endswith(".sql"):
        return None
    from .scripts import script_models

    return script_models(project).get(ref)


def _models(project: Project) -> list[Model]:
    out = []
    for ref in project.classes():
        model = model_of(project, ref)
        if model is not None and not model.abstract:
            out.append(model)
    if project.scripts:
        from .scripts import script_models

        mapped = {model.table.lower() for model in out}
        out += [model for model in script_models(project).values() if model.table.lower() not in mapped]
    return out


def _names(project: Project) -> dict[str, list[tuple[str, str]]]:
    """Class name in lower case → (reference, app label), without asking what the models contain."""
    out: dict[str, list[tuple[str, str]]] = {}
    for ref in project.classes():
        info = project.class_info(ref)
        for framework in project.frameworks:
            if info is not None and framework.is_model(project, info):
                path = ref.partition("::")[0]
                out.setdefault(info.name.rpartition(".")[2].lower(), []).append((ref, app_label(path)))
                break
    return out


def app_label(path: str) -> str:
    """Django's label of the app a models file belongs to: the folder that holds models.py or models/."""
    folders = path.split("/")[:-1]
    while folders and folders[-1] in ("models", "model"):
        folders.pop()
    for i in range(len(folders) - 1, -1, -1):
        if folders[i] == "models":
            folders = folders[:i]
            break
    return folders[-1].lower() if folders else ""


def _reverse(project: Project) -> dict[str, dict[str, Relation]]:
    out: dict[str, dict[str, Relation]] = {}
    for model in models(project):
        for relation in model.relations:
            if relation.target and relation.back and relation.back != "+":
                kind = relation.back_kind or "many"
                known = model.column(relation.column)
                filters = (known.column,) if known is not None else ()
                out.setdefault(relation.target, {})[relation.back] = Relation(
                    relation.back, kind, model.ref, relation.spot, filters=filters, back=relation.name,
                    eager=relation.back_eager, query_name=relation.query_name, through=relation.through,
                )  # fmt: skip
    return out


def _nothing() -> Any:
    return None


QUESTIONS: dict[str, Question[Any]] = {
    "model": Question("model", _model, _nothing),
    "models": Question("models", _models, list),
    "model_names": Question("model_names", _names, dict),
    "reverse": Question("reverse", _reverse, dict),
}
