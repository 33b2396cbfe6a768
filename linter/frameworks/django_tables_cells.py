"""What a table of django-tables2 reads of each row: one cell for each column.

Source: `django_tables2.rows.BoundRow`, `django_tables2.tables.DeclarativeColumnsMetaclass`, `django_tables2.columns`.
A column whose accessor cannot be read is left out. Columns that a page hides at run time count as shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.frozen import replace
from ..project.schema import model_of, relation_of
from ..project.shapes import constant, keyword
from ..project.summaries import self_of
from ..project.templates import template_files
from ..project.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Closure,
    Const,
    Container,
    Function,
    Instance,
    Row,
    Rows,
    Spot,
    Value,
    parts,
)
from . import django_loading
from .class_options import flag, method, model_option, names, option, outside
from .django_choices import filled, shown

if TYPE_CHECKING:
    from ..project.project import Member, Project
    from ..project.run import Run

TABLE = "template.table"
CELL = "template.cell "  # and the column's name
_MAX_COLUMNS = 80
_ACCESSORS = ("A", "Accessor")


def table(run: Run, receiver: Value, given: Value, without: frozenset[str]) -> Value:
    """Each row is shown, column by column, `without` those that this table leaves out."""
    here = run.spot(0, 0)
    rows = run.call_value(Bound(given, "all"), (), {}, here) if isinstance(given, Rows) else given
    columns = {n: owner for n, owner in columns_of(run.project, run.owner).items() if n not in without}
    loaded = _loads(run.project, run.owner)
    computed = ANYTHING in loaded
    if computed:  # the table works out what to load: then from what its columns name, so not what they read besides
        model = next((p.model for p in parts(rows) if isinstance(p, Rows)), "")
        paths = [_accessor(run.project, owner, name) for name, owner in columns.items()]
        paths = [p for p in paths if relation_of(run.project, model, p.partition("__")[0]) is not None]
        loaded |= {p for path in paths for p in django_loading.prefixes(path)}
        loaded -= {ANYTHING}
    for part in parts(rows):
        if not isinstance(part, Rows | Container) or (isinstance(part, Rows) and part.plain):
            continue
        each, many, known = run.iterated(part, here)
        loop = run.open_loop(many, known and not computed, "row", part, run.owner.rpartition("::")[2], 0, 0, "for")
        row = run.refreshed(each)
        if isinstance(row, Row):
            row = replace(row, loaded=row.loaded | loaded)
            for name, owner in columns.items():
                run.perform(f"{owner}#{CELL}{name}", receiver, row, here)
        run.close(loop)
    return UNKNOWN


def columns_of(project: Project, cls: str) -> dict[str, str]:
    """The columns of a table: name → the class that declares it."""
    info = project.class_info(cls)
    out: dict[str, str] = {}
    for ancestor in reversed(info.lineage if info is not None else ()):
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is None:
            continue
        meta = project.class_info(f"{ancestor}.Meta")
        for name in _generated(project, ancestor) if meta is not None else ():
            out.setdefault(name, ancestor)
        for name, member in own.members.items():
            if is_column(project, member):
                out[name] = ancestor
            elif name in out and member.kind == "value":
                del out[name]
        for name in names(project, f"{ancestor}.Meta", "exclude") if meta is not None else ():
            out.pop(name, None)
    return dict(list(out.items())[:_MAX_COLUMNS])


def _generated(project: Project, cls: str) -> tuple[str, ...]:
    """The columns that a table makes of the fields of its model."""
    model = model_of(project, model_option(project, f"{cls}.Meta"))
    if model is None:
        return ()
    if option(project, f"{cls}.Meta", "fields") is not None:
        return names(project, f"{cls}.Meta", "fields")
    return (*(c.name for c in model.columns), *(r.name for r in model.relations if r.kind == "one"))


def is_column(project: Project, member: Member) -> bool:
    call = member.value
    if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
        return False
    return spelled(call[1]).endswith("Column") or _column_class(project, member) != ""


def _column_class(project: Project, member: Member) -> str:
    """The project's own class of a column."""
    bound = project.dotted(member.owner.partition("::")[0], member.value[1])
    info = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    return info.ref if info is not None and outside(info, "Column") else ""


def _kind(project: Project, member: Member) -> str:
    """The library's class that a column is, or is made of."""
    info = project.class_info(_column_class(project, member))
    if info is None:
        return spelled(member.value[1]).rpartition(".")[2]
    return next((a.rpartition(".")[2] for a in info.lineage if a.startswith("ext:") and a.endswith("Column")), "")


def cell(run: Run, name: str, receiver: Value, row: Value) -> Value:
    """One cell: the accessor is followed, then the table's `render_…`, the column's own or its kind shows it."""
    project = run.project
    info = project.class_info(run.owner)
    member = info.members.get(name) if info is not None else None
    call = member.value if member is not None and is_column(project, member) else None
    if not isinstance(row, Row) or not isinstance(receiver, Instance):
        return UNKNOWN
    if call is None or member is None:
        line, column = _meta_place(run)
        spot = run.spot(line, column, line, column + len("fields"))
        _shown(run, receiver, name, row, follow(run, row, name, spot), spot, "", None)
        return UNKNOWN
    spot = run.spot(member.line, member.column, member.line, member.column + len(name))
    if constant(keyword(call, "visible")) is False:
        return UNKNOWN
    accessor = _accessor(project, run.owner, name)
    if not accessor:
        return UNKNOWN
    value = follow(run, row, accessor, spot)
    for path in _paths((ir.SEQUENCE, "list", tuple(v for k, v in call[3] if k != "accessor"), 0, 0), inside=True):
        follow(run, row, path, spot)
    _linked(run, call, row, value, spot)
    _shown(run, receiver, name, row, value, spot, _kind(project, member), member)
    return UNKNOWN


def _accessor(project: Project, owner: str, name: str) -> str:
    """The path that a column reads, with `__`; "" when it is not written."""
    info = project.class_info(owner)
    member = info.members.get(name) if info is not None else None
    call = member.value if member is not None and is_column(project, member) else None
    written = keyword(call, "accessor") if call is not None else None
    return (name if written is None else next(_paths(written), "")).replace(".", "__")


def follow(run: Run, row: Value, accessor: str, spot: Spot) -> Value:
    """`customer__city` or `customer.city`, calling what can be called on the way."""
    value = row
    for name in accessor.replace(".", "__").split("__"):
        value = run.attribute(value, name, spot.line, spot.column)
        for part in parts(value):
            if isinstance(part, Function | Bound) and name not in ("delete", "save"):
                value = run.call_value(part, (), {}, spot)
    return value


def _shown(
    run: Run, receiver: Instance, name: str, row: Row, value: Value, spot: Spot, kind: str, member: Member | None
) -> None:
    given: dict[str, Value] = {"value": value, "record": row, "table": receiver}
    own = method(run.project, receiver.cls, f"render_{name}")
    if own is not None:
        shown(run, run.call_function(Function(own.ref, receiver), (), given, spot), spot)
        return
    cls = _column_class(run.project, member) if member is not None else ""
    own = method(run.project, cls, "render") if cls else None
    if own is not None:
        shown(run, run.call_function(Function(own.ref, self_of(run.project, cls)), (), given, spot), spot)
    elif kind == "TemplateColumn" and member is not None:
        _template(run, member, cls, given, spot)
    else:
        for part in parts(value):
            if isinstance(part, Rows) and kind == "ManyToManyColumn":
                _each(run, part, member, spot)
            else:
                shown(run, part, spot)


def _each(run: Run, rows: Rows, member: Member | None, spot: Spot) -> None:
    """The rows of a many-to-many relation, each as text or through `transform`."""
    transform = keyword(member.value, "transform", 0) if member is not None else None
    each, many, known = run.iterated(run.call_value(Bound(rows, "all"), (), {}, spot), spot)
    loop = run.open_loop(many, known, "item", rows, "…", spot.line, spot.column, "for")
    item = run.refreshed(each)
    if transform is not None:
        shown(run, run.call_value(run.value(transform), (item,), {}, spot), spot)
    else:
        shown(run, item, spot)
    run.close(loop)


def _template(run: Run, member: Member, cls: str, given: dict[str, Value], spot: Spot) -> None:
    """A `TemplateColumn` shows a template that is written in the code, or a file."""
    path = member.owner.partition("::")[0]
    named = keyword(member.value, "context_object_name", 3)
    record = constant(named) if isinstance(constant(named), str) else "record"
    context = Container("dict", UNKNOWN, UNKNOWN, True, fields=(("value", given["value"]), (record, given["record"])))
    text = _text(run.project, path, keyword(member.value, "template_code", 0))
    if text is None and cls:
        found = option(run.project, cls, "template_code")
        text = _text(run.project, found.owner.partition("::")[0], found.value) if found is not None else None
    if text is not None:
        run.render_text(text, context, spot)
        return
    name = constant(keyword(member.value, "template_name", 1)) or (
        flag(run.project, cls, "template_name") if cls else ""
    )
    for file in template_files(run.project, Const(name), path) if isinstance(name, str) else ():
        run.render(file, context, spot)


def _text(project: Project, path: str, expr: Any) -> str | None:
    """A string, or the name of one at module level."""
    written = constant(expr)
    if isinstance(written, str):
        return written
    bound = project.dotted(path, expr) if expr is not None else None
    if bound is None or bound.kind != "value":
        return None
    found = [constant(value) for value, _ in project.module_values(bound.ref, bound.name)]
    return found[0] if found and isinstance(found[0], str) else None


def _linked(run: Run, call: Any, row: Row, value: Value, spot: Spot) -> None:
    """`linkify=True` asks the value, or the row, for its address; a function is called."""
    asked = keyword(call, "linkify")
    if constant(asked) is True:
        target = next((p for p in parts(value) if isinstance(p, Row)), row)
        own = method(run.project, target.model, "get_absolute_url")
        if own is not None:
            run.call_function(Function(own.ref, target), (), {}, spot)
    elif isinstance(asked, tuple) and asked[0] == ir.LAMBDA:
        made = run.value(asked)
        if isinstance(made, Closure):
            run.call_value(made, (), {"record": row, "value": value}, spot)


def _paths(expr: Any, *, inside: bool = False) -> Iterator[str]:
    """Accessors: a string, `A("customer.city")`; `inside`: only the latter, anywhere in an expression."""
    if not inside and isinstance(constant(expr), str):
        yield constant(expr)
    pending = [expr]
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple):
            continue
        if len(part) == 8 and part[0] == ir.CALL and spelled(part[1]).rpartition(".")[2] in _ACCESSORS and part[2]:
            path = constant(part[2][0])
            if isinstance(path, str) and path:
                yield path
        pending.extend(p for p in part if isinstance(p, tuple))


def _meta_place(run: Run) -> tuple[int, int]:
    """Line and column of `Meta.fields`, from the table's own `class` line."""
    path, _, name = run.owner.partition("::")
    member = option(run.project, f"{run.owner}.Meta", "fields")
    if member is None or member.owner != f"{run.owner}.Meta":
        return 0, 0
    base = run.project.base_line(path, f"{name}.Meta") - run.project.base_line(path, name)
    return base + member.line, member.column


def _loads(project: Project, cls: str) -> frozenset[str]:
    """What the table's own methods load with the rows that it is given."""
    info = project.class_info(cls)
    out: set[str] = set()
    for ancestor in info.lineage if info is not None else ():
        own = None if ancestor.startswith("ext:") else project.class_def(ancestor)
        for name in own.methods if own is not None else ():
            defined = project.function(f"{ancestor}.{name}")
            if defined is not None:
                out |= filled(project, defined.core[ir.C_BODY])
    return frozenset(out)
