"""Background work and commands: tasks of Celery, RQ, Dramatiq, Huey, arq, Taskiq; consumers; click and typer commands;
coroutines that a program runs itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.entries import Entry
from ..project.memo import Question
from ..project.summaries import module_value
from ..project.values import ExternalInstance
from .base import Framework
from .routes import called
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_TASKS = {
    "task",
    "shared_task",
    "actor",
    "periodic_task",
    "db_task",
    "db_periodic_task",
    "job",
    "background",
    "on_after_configure",
    "flow",
    "celery_task",
}
# Huey's decorators make a task of a function: calling it puts it into the queue, other than with Celery or RQ
_QUEUES = "huey."
_QUEUING = {"task", "db_task", "periodic_task", "db_periodic_task", "on_commit_task"}
_DECORATING = 3  # functions inside functions of a decorator
_CONSUMERS = {"subscriber", "agent", "consumer", "listen_to", "on_message", "message_handler"}
_COMMANDS = {"command", "callback", "cli_command"}
_RUNS = {"asyncio.run", "asyncio.create_task", "run_until_complete", "trio.run", "anyio.run", "curio.run", "uvloop.run"}


class Tasks(Framework):
    name = "tasks"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (STARTED, QUEUED)

    def queues(self, project: Project, ref: str) -> bool:
        return project.memo.ask(QUEUED, ref)

    def entries(self, project: Project) -> Iterator[Entry]:
        for path in project.modules.paths:
            entries, runs = project.memo.ask(STARTED, path)
            yield from entries
            for target in runs:
                bound = project.dotted(path, target)
                if bound is not None and bound.kind == "function":
                    yield Entry("command", bound.ref, hot=False)
        for ref in project.classes():
            info = project.class_info(ref)
            if info is not None and any(a.startswith("ext:celery.") and a.endswith("Task") for a in info.lineage):
                yield Entry("task", ref)


def _started(project: Project, path: str) -> tuple[tuple[Entry, ...], tuple[Any, ...]]:
    """Tasks and commands of a file, and the coroutines that it runs, as spelled."""
    runs = tuple(_run(project, path))
    found: list[Entry] = []
    for name, function in project.file(path).functions.items():
        for decorator in function.core[ir.C_DECORATORS]:
            entry = _kind(decorator) or ("command" if _default_command(project, path, decorator) else "")
            if entry:
                found.append(Entry(entry, f"{path}::{name}", hot=entry != "command"))
    return tuple(found), runs


def _kind(decorator: Any) -> str:
    name = last_name(decorator)
    called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
    attribute = isinstance(decorator[1] if called else decorator, tuple)
    if name in _TASKS and (attribute or name != "task" or called):
        return "task"
    if name in _CONSUMERS and attribute:
        return "consumer"
    return "command" if name in _COMMANDS and attribute else ""


def _default_command(project: Project, path: str, decorator: Any) -> bool:
    """`@app.default` of cyclopts: what a program does that is called without a command."""
    return last_name(decorator) == "default" and _of(project, path, decorator, "cyclopts.")


def _of(project: Project, path: str, expr: Any, library: str) -> bool:
    """Whether this is an attribute of an object of a library that a module holds."""
    base = project.dotted(path, expr[1]) if isinstance(expr, tuple) and expr[0] == ir.ATTR else None
    if base is None or base.kind != "value":
        return False
    held = module_value(project, base.ref, base.name)
    return isinstance(held, ExternalInstance) and held.cls.startswith(library)


def _queued(project: Project, ref: str) -> bool:
    """Whether a decorator of a function is one that queues, or a function of the project that returns such a one."""
    defined = project.function(ref)
    path = ref.partition("::")[0]
    for decorator in defined.core[ir.C_DECORATORS] if defined is not None else ():
        if _queuing(project, path, decorator):
            return True
        bound = project.dotted(path, decorator[1] if decorator[0] == ir.CALL else decorator)
        maker = bound.ref if bound is not None and bound.kind == "function" else ""
        made = project.function(maker) if maker else None
        if made is not None and _returns_queuing(project, maker.partition("::")[0], made.core, _DECORATING):
            return True
    return False


def _returns_queuing(project: Project, path: str, core: Any, depth: int) -> bool:
    for s in core[ir.C_BODY]:
        if s[0] == ir.RETURN and _queuing(project, path, s[1]):
            return True
        if s[0] == ir.FUNCTION and depth and _returns_queuing(project, path, s[3], depth - 1):
            return True
    return False


def _queuing(project: Project, path: str, expr: Any) -> bool:
    """`db_task()`, `huey.task(retries=2)(function)`."""
    while isinstance(expr, tuple) and expr[0] == ir.CALL:
        expr = expr[1]
    if last_name(expr) not in _QUEUING:
        return False
    bound = project.dotted(path, expr)
    if bound is not None and bound.kind == "external":
        return bound.ref.startswith(_QUEUES)
    return _of(project, path, expr, _QUEUES)


def _run(project: Project, path: str) -> Iterator[Any]:
    """Coroutines that a file starts: `asyncio.run(main())`."""
    for _, call in called(project, path):
        func = call[1]
        if not isinstance(func, tuple) or func[0] != ir.ATTR or not call[2]:
            continue
        spelled = f"{last_name(func[1])}.{func[2]}"
        if spelled not in _RUNS and func[2] not in _RUNS:
            continue
        inner = call[2][0]
        target = inner[1] if isinstance(inner, tuple) and inner[0] == ir.CALL else inner
        if target is not None:
            yield target


STARTED: Question[tuple[tuple[Entry, ...], tuple[Any, ...]]] = Question("started", _started, lambda: ((), ()))
QUEUED: Question[bool] = Question("queued", _queued, bool)
