"""What exports and search indexes read of each row: django-import-export, django-elasticsearch-dsl, Haystack.

In: a resource, document or index class. Out: its rows, gone through; of each the methods that it calls for a field, and
the attribute paths that its fields name.
Source: `import_export.resources`, `import_export.fields` (Field.get_value), `django_elasticsearch_dsl.documents`,
`haystack.indexes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import model_of
from ..project.shapes import constant, keyword
from ..project.values import UNKNOWN, Class, Function, Instance, Row, Rows, Value, parts
from .base import Framework
from .class_options import method, method_spot, model_option, names
from .django_choices import fetched
from .django_managers import all_rows
from .django_tables_cells import follow

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

ROWS = "export"


@dataclass(frozen=True, slots=True)
class _Kind:
    """`base`: a library's class; `meta`: its inner class; `rows`: methods that give the rows; `method`: prefix of the
    methods called for each row; `path`: the argument of a field that names what it reads; `generated`: fields are made
    of `Meta.fields` too."""

    base: tuple[str, ...]
    meta: str
    rows: tuple[str, ...]
    method: str
    path: str
    generated: bool


_KINDS = (
    _Kind(("import_export.resources.ModelResource",), "Meta", ("get_queryset",), "dehydrate_", "attribute", True),
    _Kind(
        ("django_elasticsearch_dsl.Document", "django_elasticsearch_dsl.DocType", "django_opensearch_dsl.Document"),
        "Django", ("get_queryset", "get_indexing_queryset"), "prepare_", "attr", False,
    ),
    _Kind(("haystack.indexes.SearchIndex",), "", ("index_queryset", "build_queryset"), "prepare_", "model_attr", False),
)  # fmt: skip


class DjangoExports(Framework):
    name = "django"

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        return (ROWS,) if _kind(info) is not None else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        info = run.project.class_info(run.owner)
        kind = _kind(info) if info is not None else None
        if name != ROWS or kind is None or not isinstance(receiver, Instance):
            return None
        _all(run, kind, receiver)
        return UNKNOWN


def _kind(info: ClassInfo) -> _Kind | None:
    return next((k for k in _KINDS if info.inherits(*k.base)), None)


def _all(run: Run, kind: _Kind, receiver: Instance) -> None:
    """Every row is exported."""
    model = _model(run, kind, receiver)
    here = run.spot(0, 0)
    own = next((m for name in kind.rows if (m := method(run.project, run.owner, name)) is not None), None)
    rows = all_rows(run, model, here) if model else UNKNOWN
    if own is not None:
        spot = method_spot(run, own.ref.rpartition(".")[2])
        made = run.call_function(Function(own.ref, receiver), (), {}, spot)
        rows = made if isinstance(made, Rows) else UNKNOWN
    for part in parts(rows):
        if not isinstance(part, Rows) or not part.model:
            continue
        each, many, known = run.iterated(part, here)
        loop = run.open_loop(many, known, "row", part, run.owner.rpartition("::")[2], 0, 0, "for")
        row = run.refreshed(each)
        if isinstance(row, Row):
            _one(run, kind, receiver, row)
        run.close(loop)


def _model(run: Run, kind: _Kind, receiver: Instance) -> str:
    if kind.meta:
        return model_option(run.project, f"{run.owner}.{kind.meta}")
    own = method(run.project, run.owner, "get_model")
    made = run.call_function(Function(own.ref, receiver), (), {}, run.spot(0, 0)) if own is not None else UNKNOWN
    return made.ref if isinstance(made, Class) and model_of(run.project, made.ref) is not None else ""


def _one(run: Run, kind: _Kind, receiver: Instance, row: Row) -> None:
    """The fields of one row: those that a method makes, those that name a path, those of the model."""
    project = run.project
    made: set[str] = set()
    for name, ref in _methods(project, run.owner, kind.method):
        made.add(name.removeprefix(kind.method))
        run.call_function(Function(ref, receiver), (row,), {}, method_spot(run, name))
    for name, path, line, column in _written(project, run.owner, kind.path):
        if name not in made:
            made.add(name)
            spot = run.spot(line, column, line, column + len(name))
            if path:
                fetched(run, follow(run, row, path, spot), spot)
    known = model_of(project, row.model)
    wanted = names(project, f"{run.owner}.Meta", "fields")
    left_out = {*names(project, f"{run.owner}.Meta", "exclude"), *made}
    for relation in known.relations if known is not None and kind.generated else ():
        if relation.name in left_out or (wanted and relation.name not in wanted) or relation.kind == "generic-many":
            continue
        fetched(run, follow(run, row, relation.name, run.spot(0, 0)), run.spot(0, 0))
    for path in wanted if kind.generated else ():
        if "__" in path and path not in left_out:
            follow(run, row, path, run.spot(0, 0))


def _methods(project: Project, cls: str, prefix: str) -> Iterator[tuple[str, str]]:
    """(name, reference) of the methods with this prefix, of a class and its ancestors."""
    info = project.class_info(cls)
    seen: set[str] = set()
    for ancestor in info.lineage if info is not None else ():
        own = None if ancestor.startswith("ext:") else project.class_def(ancestor)
        for name in own.methods if own is not None else ():
            if name.startswith(prefix) and name not in seen:
                seen.add(name)
                yield name, f"{ancestor}.{name}"


def _written(project: Project, cls: str, argument: str) -> Iterator[tuple[str, str, int, int]]:
    """(name, path that it reads, line, column) of the fields in a class's own body."""
    info = project.class_info(cls)
    for member in info.members.values() if info is not None else ():
        call: Any = member.value
        if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
            continue
        if spelled(call[1]).endswith("Field"):
            path = constant(keyword(call, argument, 0 if argument == "attribute" else -1))
            yield member.name, path.replace(".", "__") if isinstance(path, str) else "", member.line, member.column
