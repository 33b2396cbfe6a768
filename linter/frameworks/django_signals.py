"""Django's model signals: which functions of the project run when a row is saved, created or deleted.

In: `@receiver(post_save, sender=Model)`, `post_save.connect(function, sender=Model)`. Out: their effects at the place
that saves. Receivers of every model, and signals of the project's own, are left out: nobody can say what they get.
Source: docs.djangoproject.com, "Signals".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.memo import Question
from ..project.schema import find_model
from ..project.shapes import keyword, string
from ..project.values import ANYTHING, ASSIGNED, NAMED, Class, Const, Function, Row, Spot, Value
from .routes import called

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

SAVED = ("pre_save", "post_save")
DELETED = ("pre_delete", "post_delete")


def send(run: Run, signals: Sequence[str], row: Row, spot: Spot, *, created: bool | None = None) -> None:
    """The receivers of these signals run for one row. `created`: whether it is a new one, None when nobody knows."""
    if created is None and not row.loaded & {ANYTHING, ASSIGNED, NAMED}:
        created = False  # a query gave it
    known: dict[tuple[str, str], tuple[str, ...]] = run.project.memo.ask(RECEIVERS)
    given: dict[str, Value] = {"instance": row}
    if created is not None:
        given["created"] = Const(created)
    for signal in signals:
        for ref in known.get((signal, row.model), ()):
            if ref != run.owner:
                run.doubts += 1  # what a receiver does often hangs on what was changed
                run.call_function(Function(ref), (Class(row.model),), given, spot)
                run.doubts -= 1


def _receivers(project: Project) -> dict[tuple[str, str], tuple[str, ...]]:
    """(signal, model) → functions."""
    project.memo.read_input(("tree",))
    out: dict[tuple[str, str], dict[str, None]] = {}
    for path in project.modules.paths:
        for signal, model, ref in project.memo.ask(OF_FILE, path):
            out.setdefault((signal, model), {})[ref] = None
    return {key: tuple(refs) for key, refs in out.items()}


def _of_file(project: Project, path: str) -> tuple[tuple[str, str, str], ...]:
    return tuple([*_decorated(project, path), *_connected(project, path)])


def _decorated(project: Project, path: str) -> Iterator[tuple[str, str, str]]:
    for name, function in project.file(path).functions.items():
        for decorator in function.core[ir.C_DECORATORS]:
            called = isinstance(decorator, tuple) and decorator[0] == ir.CALL and decorator[2]
            if not called or spelled(decorator[1]).rpartition(".")[2] != "receiver":
                continue
            for signal in _signals(decorator[2][0]):
                for model in _senders(project, path, keyword(decorator, "sender")):
                    yield signal, model, f"{path}::{name}"


def _connected(project: Project, path: str) -> Iterator[tuple[str, str, str]]:
    for _, call in called(project, path):
        func = call[1]
        if not isinstance(func, tuple) or func[0] != ir.ATTR or func[2] != "connect":
            continue
        target = keyword(call, "receiver", 0)
        bound = project.dotted(path, target) if target is not None else None
        if bound is not None and bound.kind == "function":
            for signal in _signals(func[1]):
                for model in _senders(project, path, keyword(call, "sender", 1)):
                    yield signal, model, bound.ref


def _signals(expr: Any) -> list[str]:
    every = expr[2] if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE else (expr,)
    names = [spelled(e).rpartition(".")[2] for e in every]
    return [name for name in names if name in (*SAVED, *DELETED)]


def _senders(project: Project, path: str, expr: Any) -> Iterator[str]:
    if expr is None:
        return
    if string(expr):
        found = find_model(project, string(expr), path)
        if found:
            yield found
        return
    bound = project.dotted(path, expr)
    if bound is not None and bound.kind == "class":
        yield bound.ref


RECEIVERS: Question[dict[tuple[str, str], tuple[str, ...]]] = Question("receivers", _receivers, dict)
OF_FILE: Question[tuple[tuple[str, str, str], ...]] = Question("receivers_of_file", _of_file, tuple)
