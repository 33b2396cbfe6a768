"""What forms ask of the database: the choices of fields that offer rows, and the label of each.

In: a foreign key or many-to-many field of a model, or the queryset of a `ModelChoiceField`. Out: the query, once per
form, and what `__str__` of each row reads.
Source: `django.forms.models` (ModelChoiceIterator), `django.db.models.fields.related` (formfield).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.effects import CHOICES
from ..project.frozen import replace
from ..project.schema import Relation, model_of, relation_of
from ..project.shapes import constant, keyword
from ..project.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Function,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    parts,
)
from . import django_loading, django_managers, django_rows

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run


def declared(project: Project, model: str, name: str) -> Any:
    """The call that declares a field of a model; None when it is declared elsewhere."""
    member = project.lookup(model, name)
    call = member.value if member is not None and member.kind == "value" else None
    return call if isinstance(call, tuple) and call[0] == ir.CALL else None


def offered(project: Project, model: str, name: str) -> Relation | None:
    """A relation of a model for which a form offers all rows of the other side."""
    known = model_of(project, model)
    relation = known.relation(name) if known is not None else None
    if relation is None or not relation.target or relation.kind not in ("one", "many"):
        return None
    call = declared(project, model, name)
    if call is None or constant(keyword(call, "editable")) is False:
        return None
    if relation.kind == "many" and keyword(call, "through") is not None:
        return None
    return relation


def shown(run: Run, value: Value, spot: Spot) -> None:
    """A page shows a value: the text of a row is what its `__str__` gives."""
    for part in parts(value):
        if isinstance(part, Row):
            member = run.project.lookup(part.model, "__str__")
            if member is not None and member.kind == "function":
                run.call_function(Function(f"{member.owner}.__str__", part), (), {}, spot)


def select_of(run: Run, relation: Relation, spot: Spot) -> None:
    """The field that a form makes of a relation: all rows of the other side."""
    rows = django_managers.all_rows(run, relation.target, relation.spot)
    if isinstance(rows, Rows):
        select(run, replace(rows, origin=Origin(relation.spot, CHOICES)), relation.name, spot)


def select(
    run: Run, rows: Value, name: str, spot: Spot, label: Function | None = None, *, asked: Spot | None = None
) -> None:
    """A field that offers rows: one query for each form, and a label for each row. `asked`: where the query stands."""
    outer, run.expression = run.expression, None  # it happens in every form anew, whatever call began it
    _select(run, rows, name, spot, label, asked or spot)
    run.expression = outer


def _select(run: Run, rows: Value, name: str, spot: Spot, label: Function | None, where: Spot) -> None:
    for part in parts(rows):
        if not isinstance(part, Rows) or not part.model or part.plain:
            continue
        asked = django_managers.started(run, part, spot) if part.kind == "manager" else part
        if asked.kind == "query":
            run.query(asked, "SELECT", where, CHOICES)
        loop = run.open_loop(True, True, "choice", asked, name, spot.line, spot.column, "for")
        row = django_rows.row_of(asked, run.now)
        if label is not None:
            shown(run, run.call_function(label, (row,), {}, spot), spot)
        else:
            shown(run, row, spot)
        run.close(loop)


def filled(project: Project, core: Any) -> set[str]:
    """The relation paths that loaders anywhere in a function name, dotted; ANYTHING for those that are not written."""
    out: set[str] = set()
    pending = [core]
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple):
            continue
        if len(part) == 8 and part[0] == ir.CALL:  # the shape of CALL
            func = part[1]
            if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("select_related", "prefetch_related"):
                for argument in part[2]:
                    if argument == (ir.CONST, None):  # forgets what was to be loaded
                        continue
                    written = constant(argument)
                    out |= django_loading.prefixes(written) if isinstance(written, str) else {ANYTHING}
                if not part[2]:
                    out.add(ANYTHING)
        pending.extend(p for p in part if isinstance(p, tuple))
    return out


def fetched(run: Run, value: Value, spot: Spot) -> Value:
    """All rows of a related manager are asked for; what each is."""
    for part in parts(value):
        if not isinstance(part, Rows):
            continue
        if part.model:
            asked = run.call_value(Bound(part, "all"), (), {}, spot)
            return run.iterated(asked, spot)[0] if isinstance(asked, Rows) else UNKNOWN
        parent = part.parent
        relation = relation_of(run.project, parent.model, part.relation) if parent is not None else None
        if parent is not None and relation is not None and not part.cached:  # to a model outside the project
            run.load(parent, relation, spot)
    return UNKNOWN
