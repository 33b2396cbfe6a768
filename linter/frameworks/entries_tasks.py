"""Background work and commands: tasks of Celery, RQ, Dramatiq, Huey, arq, Taskiq; consumers; click and typer commands;
coroutines that a program runs itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.entries import Entry
from ..project.memo import Question
from .base import Framework
from .routes import bodies, calls
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
_CONSUMERS = {"subscriber", "agent", "consumer", "listen_to", "on_message", "message_handler"}
_COMMANDS = {"command", "callback", "cli_command"}
_RUNS = {"asyncio.run", "asyncio.create_task", "run_until_complete", "trio.run", "anyio.run", "curio.run", "uvloop.run"}


class Tasks(Framework):
    name = "tasks"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (STARTED,)

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
            entry = _kind(decorator)
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


def _run(project: Project, path: str) -> Iterator[Any]:
    """Coroutines that a file starts: `asyncio.run(main())`."""
    for _, body in bodies(project, path):
        for call in calls(body):
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
