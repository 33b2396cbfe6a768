"""Background work that is named, not decorated: schedulers and queues that are handed a function, workers that list
theirs, consumers with a callback or a loop over messages, gRPC servicers, functions of AWS Lambda.

In: the facts of a project. Out: entries. Sources: the documentation of arq (`WorkerSettings`), APScheduler (`add_job`),
RQ (`enqueue`), schedule (`do`), pika (`basic_consume`), Airflow (`python_callable`), grpcio, AWS Lambda's handlers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.entries import Entry
from ..project.memo import Question
from ..project.shapes import keyword
from .base import Framework
from .routes import called
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_HANDED = {  # what is called: (kind of entry, keyword, position) of the function it is handed
    "add_job": ("task", "func", 0), "add_schedule": ("task", "func_or_task_id", 0), "enqueue": ("task", "f", 0),
    "enqueue_call": ("task", "func", 0), "enqueue_at": ("task", "f", 1), "enqueue_in": ("task", "f", 1),
    "do": ("task", "job_func", 0), "run_repeating": ("task", "callback", 0), "run_daily": ("task", "callback", 0),
    "basic_consume": ("consumer", "on_message_callback", 1), "add_consumer": ("consumer", "callback", 0),
    "PythonOperator": ("task", "python_callable", -1), "ShortCircuitOperator": ("task", "python_callable", -1),
}  # fmt: skip
_LISTS = ("functions", "cron_jobs", "tasks")
_STREAMS = {"listen", "consume", "subscribe"}
_DECORATING = ("prefect.", "airflow.", "dagster.", "huey.", "dramatiq.", "taskiq.", "procrastinate.", "celery.")
_COMMANDS = ("click.command", "click.decorators.command", "typer.command")
_DEPTH = 5  # statements inside statements

Named = tuple[str, Any, str]
"""(kind of entry, what is handed, the function or class around it)."""


class Workers(Framework):
    name = "workers"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (NAMED,)

    def entries(self, project: Project) -> Iterator[Entry]:
        for path in project.modules.paths:
            own, named = project.memo.ask(NAMED, path)
            yield from own
            for kind, target, owner in named:
                ref = _resolved(project, path, target, owner)
                if ref:
                    yield Entry(kind, ref, hot=kind != "command")
        for ref in project.classes():
            info = project.class_info(ref)
            if info is not None and any(a.rpartition("::")[2].endswith("Servicer") for a in info.lineage[1:]):
                yield Entry("request", ref)
            if info is not None and info.name.rpartition(".")[2].endswith("WorkerSettings"):
                yield from _listed(project, ref)


def _listed(project: Project, ref: str) -> Iterator[Entry]:
    """arq: `class WorkerSettings: functions = [f, func(g, …)]; cron_jobs = [cron(h, …)]`."""
    info = project.class_info(ref)
    for name in _LISTS:
        member = info.members.get(name) if info is not None else None
        value = member.value if member is not None else None
        for item in value[2] if isinstance(value, tuple) and value[0] == ir.SEQUENCE else ():
            inner = item[2][0] if isinstance(item, tuple) and item[0] == ir.CALL and item[2] else item
            found = _resolved(project, ref.partition("::")[0], inner, "")
            if found:
                yield Entry("task", found)


def _resolved(project: Project, path: str, target: Any, owner: str) -> str:
    """The function that is handed; a method of `self` is looked up in the class around."""
    if isinstance(target, tuple) and target[0] == ir.ATTR and target[1] == "self":
        member = project.lookup(owner.rpartition(".")[0], target[2])
        return f"{member.owner}.{member.name}" if member is not None and member.kind == "function" else ""
    bound = project.dotted(path, target)
    return bound.ref if bound is not None and bound.kind == "function" else ""


def _named(project: Project, path: str) -> tuple[tuple[Entry, ...], tuple[Named, ...]]:
    """What a file says by itself, and the functions that it hands to something, as spelled."""
    found: list[Entry] = []
    handed: list[Named] = []
    for name, function in project.file(path).functions.items():
        ref = f"{path}::{name}"
        kind = _decorated(project, path, function.core[ir.C_DECORATORS])
        if kind:
            found.append(Entry(kind, ref, hot=kind != "command"))
        if "." not in name and [p[0] for p in function.core[ir.C_PARAMETERS][:2]] == ["event", "context"]:
            found.append(Entry("task", ref))
        if _goes_through_messages(function.core[ir.C_BODY]):
            found.append(Entry("consumer", ref))
    for owner, call in called(project, path):
        kind, word, position = _HANDED.get(last_name(call), ("", "", -1))
        target = keyword(call, word, position) if kind else None
        if target is not None:
            handed.append((kind, target, f"{path}::{owner}" if "::" not in owner else owner))
    return tuple(found), tuple(handed)


def _decorated(project: Project, path: str, decorators: Any) -> str:
    """`@task`, `@flow`, `@asset` by the library that the name is imported from."""
    for decorator in decorators:
        name = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
        bound = project.dotted(path, name) if isinstance(name, str) else None
        if bound is not None and bound.kind == "external":
            if bound.ref.startswith(_DECORATING):
                return "task"
            if bound.ref in _COMMANDS:
                return "command"
    return ""


def _goes_through_messages(body: Any, depth: int = 0) -> bool:
    """`async for message in consumer:`, `for message in pubsub.listen():`."""
    for s in body if depth < _DEPTH else ():
        if s[0] == ir.FOR:
            iterable = s[2]
            called = isinstance(iterable, tuple) and iterable[0] == ir.CALL
            last = last_name(iterable).lower()
            if (called and last in _STREAMS) or (not called and last.endswith("consumer")):
                return True
        inner = {ir.FOR: (3,), ir.WHILE: (2,), ir.IF: (2, 3), ir.WITH: (2,), ir.TRY: (1, 3, 4)}.get(s[0], ())
        if any(_goes_through_messages(s[i], depth + 1) for i in inner):
            return True
    return False


NAMED: Question[tuple[tuple[Entry, ...], tuple[Named, ...]]] = Question("workers", _named, lambda: ((), ()))
