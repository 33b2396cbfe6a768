"""What Django's settings say of databases: `DATABASES`, as far as it is written.

In: files that set `DATABASES`. Out: a `Database` for each alias whose dict is spelled. Settings of developers and tests
say nothing of what users wait for. Source: docs.djangoproject.com, "Databases", "Persistent connections".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project import shapes
from ..project.databases import Database
from ..project.frozen import replace
from ..project.memo import Question
from ..project.values import Spot
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_ROUTERS = "DATABASE_ROUTERS"
_SERVERS = {
    "postgresql": "PostgreSQL",
    "postgis": "PostgreSQL",
    "mysql": "MySQL",
    "oracle": "Oracle",
    "mssql": "SQL Server",
}
_ASIDE = (  # whose settings: developers', tests', examples
    "dev",
    "local",
    "test",
    "ci",
    "github",
    "gitlab",
    "travis",
    "example",
    "sample",
    "template",
    "docs",
    "demo",
    "migration",
)
_BACKEND = "EMAIL_BACKEND"
_QUEUES = ("celery", "post_office", "queue", "mailer.backend", "django_q", "huey", "dramatiq", "async")
_CACHES, _HERE = "CACHES", ("LocMemCache", "DummyCache")
_AGE = "CONN_MAX_AGE"
_POOLED = {"pool", "DISABLE_SERVER_SIDE_CURSORS"}  # psycopg's pool, or PgBouncer in front of the server


def databases(project: Project) -> Iterator[Database]:
    """Of all files; nothing when one of them sets `CONN_MAX_AGE` in a way of its own."""
    found: list[Database] = []
    aged = False
    for path in project.modules.paths:
        if project.defines(path, "value", "DATABASES") or "settings" in path.rpartition("/")[2]:
            told, ages = project.memo.ask(WRITTEN, path)
            found += told
            aged = aged or ages
    for each in found:
        yield each if not aged else replace(each, reused=None)


def encloses(project: Project, handler: str) -> bool:
    """Whether `ATOMIC_REQUESTS` holds for a view: neither it nor the `dispatch` of its class says otherwise."""
    if not any(database.atomic for database in databases(project)):
        return False
    cls = handler.rpartition(".")[0]
    decorated = [handler, f"{cls}.dispatch"] if "::" in cls else [handler]
    found = [defined for ref in decorated if (defined := project.function(ref)) is not None]
    return not any(last_name(d) == "non_atomic_requests" for f in found for d in f.core[ir.C_DECORATORS])


def queues_mail(project: Project) -> bool:
    """Whether `EMAIL_BACKEND` is one that keeps mails for a worker to send."""
    paths = [path for path in project.modules.paths if project.defines(path, "value", _BACKEND)]
    return any(project.memo.ask(QUEUED, path) for path in paths)


def caches_here(project: Project) -> bool:
    """Whether the default of `CACHES` is memory of the process, or nothing, in all settings that servers run with."""
    paths = [p for p in project.modules.paths if project.defines(p, "value", _CACHES) and not _aside(p)]
    return bool(paths) and all(project.memo.ask(LOCAL, path) for path in paths)


def _local(project: Project, path: str) -> bool:
    """Whether every default cache that a file writes is a local one; settings made up at run time are not known."""
    for value, _ in project.module_values(path, _CACHES):
        default = _item(value, "default")
        if not shapes.string(_item(default, "BACKEND")).endswith(_HERE):
            return False
    pending: list[Any] = [project.file(path).loose]
    while pending:
        part = pending.pop()
        if part in ((ir.INDEX, _CACHES, (ir.CONST, "default"), *part[3:]), (ir.ATTR, _CACHES, "update", *part[3:])):
            return False
        pending.extend(p for p in part if isinstance(p, tuple))
    return True


def scatters(project: Project) -> bool:
    """Whether `DATABASE_ROUTERS` names a router: then models may live in different databases."""
    paths = [path for path in project.modules.paths if project.defines(path, "value", _ROUTERS)]
    return any(project.memo.ask(ROUTED, path) for path in paths)


def _routed(project: Project, path: str) -> bool:
    values = [value for value, _ in project.module_values(path, _ROUTERS)]
    return any(isinstance(v, tuple) and v[0] == ir.SEQUENCE and bool(v[2]) for v in values)


def _item(value: Any, key: str) -> Any:
    """What a written dict holds under a key."""
    if not isinstance(value, tuple) or value[0] != ir.DICT or None in value[1]:
        return None
    return next((v for k, v in zip(value[1], value[2], strict=True) if shapes.string(k) == key), None)


def _aside(path: str) -> bool:
    return any(part.startswith(_ASIDE) for part in path.lower().replace("_", "/").replace(".", "/").split("/"))


def _queued(project: Project, path: str) -> bool:
    pending: list[Any] = [value for value, _ in project.module_values(path, _BACKEND)]
    while pending:
        part = pending.pop()
        if isinstance(part, tuple):
            text = shapes.string(part).lower()
            if any(name in text for name in _QUEUES):
                return True
            pending.extend(part)
    return False


def _written(project: Project, path: str) -> tuple[tuple[Database, ...], bool]:
    """The databases of one file, and whether it says how old a connection may get."""
    aside = _aside(path)
    out: list[Database] = []
    for s in project.file(path).loose if not aside else ():
        if s[0] == ir.ASSIGN and "DATABASES" in s[1] and isinstance(s[2], tuple) and s[2][0] == ir.DICT:
            spot = Spot(f"{path}::", s[4], s[5], s[4], s[5] + len("DATABASES"))
            out += [d for alias, value in zip(s[2][1], s[2][2], strict=True) for d in _database(spot, alias, value)]
    if any(not each.server for each in out):  # the file of a developer, unless a branch names a server
        served = any(_mentions(project.file(path).loose, f"django.db.backends.{name}") for name in _SERVERS)
        out = [replace(each, engine="" if served else each.engine) for each in out]
    return tuple(out), _mentions(project.file(path).loose, _AGE)


def _database(spot: Spot, alias: Any, value: Any) -> Iterator[Database]:
    if not isinstance(value, tuple) or value[0] != ir.DICT or None in value[1]:
        return
    fields = {shapes.string(key): given for key, given in zip(value[1], value[2], strict=True)}
    if "NAME" not in fields:
        return  # another file says which one
    engine = shapes.string(fields.get("ENGINE")).rpartition(".")[2]
    age = fields.get(_AGE)
    reused = False if age is None else None  # whoever writes 0 means it: under ASGI connections cannot be kept so
    if any(_mentions(value, name) for name in _POOLED):
        reused = True
    atomic = shapes.constant(fields.get("ATOMIC_REQUESTS")) is True
    yield Database(spot, shapes.string(alias), _SERVERS.get(engine, ""), reused, atomic, engine)


def _mentions(facts: Any, text: str) -> bool:
    """Whether facts hold a constant with this text."""
    pending = [facts]
    while pending:
        part = pending.pop()
        if part == (ir.CONST, text):
            return True
        if isinstance(part, tuple):
            pending.extend(part)
    return False


LOCAL: Question[bool] = Question("caches_local", _local, bool)
ROUTED: Question[bool] = Question("databases_routed", _routed, bool)
QUEUED: Question[bool] = Question("mail_queued", _queued, bool)
WRITTEN: Question[tuple[tuple[Database, ...], bool]] = Question("databases", _written, lambda: ((), False))
