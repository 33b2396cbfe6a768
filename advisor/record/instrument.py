"""Switches on the OpenTelemetry instrumentations that are installed and fit the libraries beside them.

Out: names switched on, and one sentence for every library in the environment that stays unseen and what to do.
SQLAlchemy is watched by our own hook (`sqlalchemy_hook.py`): the public instrumentation stops below SQLAlchemy 2.1
and repeats what the drivers report; the standard library's sqlite3 by `sqlite3_hook.py`. Django is instrumented when
its middleware chain is built, because only then are the settings known (the public instrumentation would configure
empty ones). Nothing here starts spans.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any, Final

import wrapt
from opentelemetry.instrumentation.dependencies import get_dist_dependency_conflicts

from . import sqlalchemy_hook, sqlite3_hook

_GROUP: Final = "opentelemetry_instrumentor"
_NOT_OURS: Final = frozenset({"sqlalchemy", "sqlite3", "django", "logging", "system_metrics", "asyncio"})
_ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    # One internal span per ASGI message says nothing about code and costs as much as a query's.
    "fastapi": {"exclude_spans": ["receive", "send"]},
    "starlette": {"exclude_spans": ["receive", "send"]},
}

_KNOWN: Final[Mapping[str, str]] = {
    "aiohttp": "aiohttp-client",
    "aiopg": "aiopg",
    "asyncpg": "asyncpg",
    "boto3": "botocore",
    "celery": "celery",
    "django": "django",
    "elasticsearch": "elasticsearch",
    "falcon": "falcon",
    "fastapi": "fastapi",
    "flask": "flask",
    "grpc": "grpc",
    "httpx": "httpx",
    "mysql": "mysql",
    "MySQLdb": "mysqlclient",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
    "pymemcache": "pymemcache",
    "pymongo": "pymongo",
    "pymysql": "pymysql",
    "pyramid": "pyramid",
    "redis": "redis",
    "requests": "requests",
    "starlette": "starlette",
    "tornado": "tornado",
    "urllib3": "urllib3",
}
"""Import name of a library → the public instrumentation's name, for telling what is missing."""


def activate() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Switch on what fits. Returns (names switched on, sentences about what stays unseen), both sorted."""
    disabled = {name.strip() for name in os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")}
    activated: set[str] = set()
    warnings: list[str] = []
    installed = {point.name: point for point in metadata.entry_points(group=_GROUP)}
    for name, point in sorted(installed.items()):
        if name in _NOT_OURS or name in disabled:
            continue
        try:
            if point.dist is not None:
                conflict = get_dist_dependency_conflicts(point.dist)
                if conflict is not None:
                    if conflict.found or conflict.found_any:
                        warnings.append(f"{name} is not watched: {conflict}")
                    continue
            point.load()().instrument(skip_dep_check=True, **_ARGUMENTS.get(name, {}))
            activated.add(name)
        except ModuleNotFoundError:  # the instrumented library is not installed
            continue
        except Exception as error:  # one broken instrumentation must not cost the others
            warnings.append(f"{name} is not watched: {type(error).__name__}: {error}")
    if "sqlite3" not in disabled:
        sqlite3_hook.install()
        activated.add("sqlite3")
    if "django" in installed and "django" not in disabled and _found("django"):
        _when_imported("django.core.handlers.base", lambda module: _django(installed["django"], module))
        activated.add("django")
    if "sqlalchemy" not in disabled and _found("sqlalchemy"):
        _when_imported("sqlalchemy.engine", sqlalchemy_hook.install)
        _when_imported("aiosqlite.core", sqlalchemy_hook.carry_context_into_aiosqlite)
        activated.add("sqlalchemy")
    warnings += [
        f"{library} is installed, its instrumentation is not; see its spans with: "
        f"python -m pip install opentelemetry-instrumentation-{name}"
        for library, name in sorted(_KNOWN.items())
        if name not in installed and name not in disabled and _found(library)
    ]
    return tuple(sorted(activated)), tuple(warnings)


def _found(library: str) -> bool:
    try:
        return importlib.util.find_spec(library) is not None
    except (ImportError, ValueError):
        return False


def _when_imported(module: str, action: Callable[[Any], None]) -> None:
    """Run `action` once the application imports `module`; what it does not import costs nothing."""

    def guarded(imported: Any) -> None:
        try:
            action(imported)
        except Exception:  # inside the application's import statement
            logging.getLogger(__name__).warning("slowlint record: %s is not watched", module, exc_info=True)

    wrapt.register_post_import_hook(guarded, module)


def _django(point: metadata.EntryPoint, base: Any) -> None:
    """Instrument Django just before a handler reads the middleware setting."""
    load = base.BaseHandler.load_middleware

    def load_middleware(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            instrumentor = point.load()()
            if not instrumentor.is_instrumented_by_opentelemetry:
                instrumentor.instrument(skip_dep_check=True)
        except Exception:
            logging.getLogger(__name__).warning("slowlint record: Django is not watched", exc_info=True)
        return load(self, *args, **kwargs)

    base.BaseHandler.load_middleware = load_middleware
