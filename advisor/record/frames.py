"""A stack in, the application's place and the framework's hint out.

`locate(frame)` walks from a client span's innermost frame outwards. The first frame that belongs to the application
is the place; frames of the standard library, of installed packages and of this recorder do not count. The walk ends
where a framework or server hands a request to its handler: what stands outside (middleware that passes the request
on, the line that starts the server) did not ask for the query. File names are classified once per process.
Does not touch spans; see `processor.py`.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Final

from .hints import HINTS, Findings, jinja_template

MAX_FRAMES: Final = 600
"""Deeper stacks are recursion; the interesting frames are near the client call."""
_MAX_FILES: Final = 50_000
"""Applications that compile code under ever new names must not make the table of files grow for ever."""

Watch = Callable[[FrameType, Findings], None]


class _Boundary:
    """Marks the function that calls a request's handler: the walk ends there."""


_BOUNDARY: Final = _Boundary()
_LIBRARY: Final[Mapping[str, Watch | _Boundary]] = {}
_APPLICATION: Final = "application"
_TEMPLATE: Final = "template"
_Kind = str | Mapping[str, Watch | _Boundary]

_BOUNDARIES: Final[Mapping[str, frozenset[str]]] = {
    "django/core/handlers/base.py": frozenset({"get_response", "_get_response", "_get_response_async"}),
    "django/core/handlers/exception.py": frozenset({"inner"}),
    "flask/app.py": frozenset({"wsgi_app", "full_dispatch_request", "dispatch_request"}),
    "fastapi/routing.py": frozenset({"app"}),
    "starlette/routing.py": frozenset({"app", "wrapped_app", "handle", "__call__"}),
    "celery/app/trace.py": frozenset({"trace_task"}),
    "gunicorn/workers/base.py": frozenset({"init_process"}),
    "gunicorn/workers/sync.py": frozenset({"handle_request"}),
    "gunicorn/workers/gthread.py": frozenset({"handle_request"}),
    "gunicorn/workers/base_async.py": frozenset({"handle_request"}),
    "uvicorn/server.py": frozenset({"run"}),
    "waitress/task.py": frozenset({"execute"}),
    "asyncio/events.py": frozenset({"_run"}),
    "asyncio/base_events.py": frozenset({"run_until_complete", "run_forever"}),
    "asyncio/runners.py": frozenset({"run"}),
    "socketserver.py": frozenset({"process_request", "finish_request"}),
    "wsgiref/handlers.py": frozenset({"run"}),
}
"""Path ends (standard library or installed packages) and the functions there that call the application's handler."""

_PASSING_ON: Final = frozenset({"__call__", "__acall__", "dispatch"})


def _library_folders() -> tuple[str, ...]:
    """Folders whose files are never the application's: standard library, environment scripts."""
    paths = sysconfig.get_paths()
    folders = {paths.get(key, "") for key in ("stdlib", "platstdlib", "scripts")}
    folders |= {str(Path(folder).resolve()) for folder in folders if folder}
    return tuple(sorted(folder.rstrip("/\\") + sep for folder in folders if folder for sep in ("/", "\\")))


_LIBRARY_FOLDERS: Final = _library_folders()
_RECORDER: Final = str(Path(__file__).parent).replace("\\", "/") + "/"


def installed_applications() -> frozenset[str]:
    """Top-level names of packages installed from a folder of this machine (PEP 610): applications, not libraries.

    Container images usually install the application itself into site-packages.
    """
    names: set[str] = set()
    for distribution in metadata.distributions():
        try:
            origin = distribution.read_text("direct_url.json")
            if not origin or '"dir_info"' not in origin:
                continue
            for file in distribution.files or ():
                if len(file.parts) > 1 and file.suffix == ".py":
                    names.add(file.parts[0])
                elif file.suffix == ".py":
                    names.add(file.stem)
        except (OSError, ValueError):
            continue
    return frozenset(names)


_applications: frozenset[str] | None = None


def _below_packages(path: str) -> str:
    """`pkg/module.py` when `path` is in an environment's package folder, else ""."""
    for marker in ("/site-packages/", "/dist-packages/"):
        at = path.rfind(marker)
        if at >= 0:
            return path[at + len(marker) :]
    return ""


def _classify(frame: FrameType) -> _Kind:
    global _applications  # noqa: PLW0603 - read once per process, at the first span
    name = frame.f_code.co_filename
    if "__jinja_template__" in frame.f_globals:
        return _TEMPLATE
    path = name.replace("\\", "/")
    if path.startswith(_RECORDER):  # also where slowlint itself was installed from a folder of this machine
        return _LIBRARY
    installed = _below_packages(path)
    if not installed and not path.startswith("<") and not name.startswith(_LIBRARY_FOLDERS):
        suffix = path.rpartition("/")[2].rpartition(".")[1:]
        return _APPLICATION if suffix[0] == "" or suffix[1].lower() in {"py", "pyw"} else _LIBRARY
    watched: dict[str, Watch | _Boundary] = {}
    for end, functions in _BOUNDARIES.items():
        if path.endswith("/" + end):
            watched.update(dict.fromkeys(functions, _BOUNDARY))
    for end, hints in HINTS.items():
        if path.endswith("/" + end):
            watched.update(hints)
    if watched or not installed:
        return watched or _LIBRARY
    if _applications is None:
        _applications = installed_applications()
    top = installed.partition("/")[0]
    return _APPLICATION if top in _applications or top.removesuffix(".py") in _applications else _LIBRARY


_kinds: dict[str, _Kind] = {}


def _passes_on(frame: FrameType) -> bool:
    """Is this a middleware's own method, which usually only waits for what it wraps?"""
    name = frame.f_code.co_name
    if name not in _PASSING_ON and not name.startswith("process_"):
        return False
    qualified = getattr(frame.f_code, "co_qualname", name)
    return "middleware" in f"{frame.f_globals.get('__name__', '')}.{qualified}".lower()


def _outer(frame: FrameType, follow_greenlets: bool) -> FrameType | None:
    """The calling frame. A greenlet of SQLAlchemy's asyncio bridge continues in the coroutine that awaits it."""
    if frame.f_back is not None or not follow_greenlets:
        return frame.f_back
    current = sys.modules["greenlet"].getcurrent()
    if type(current).__module__.startswith("sqlalchemy") and current.parent is not None:
        awaiting = current.parent.gr_frame
        return awaiting if isinstance(awaiting, FrameType) else None
    return None


def locate(start: FrameType | None) -> Findings:
    """Where the application asked for what `start` is doing, and what a framework was rendering meanwhile."""
    found = Findings()
    passing: FrameType | None = None
    frame = start
    follow_greenlets = "greenlet" in sys.modules
    for _ in range(MAX_FRAMES):
        if frame is None:
            break
        kind = _kinds.get(frame.f_code.co_filename)
        if kind is None:
            kind = _classify(frame)
            if len(_kinds) < _MAX_FILES:
                _kinds[frame.f_code.co_filename] = kind
        if kind is _APPLICATION:
            if found.frame is None:
                if not _passes_on(frame):
                    found.frame = frame
                elif passing is None:
                    passing = frame
        elif kind is _TEMPLATE:
            jinja_template(frame, found)
        elif kind:
            watch = kind.get(frame.f_code.co_name)  # type: ignore[union-attr]  # the two strings are handled above
            if isinstance(watch, _Boundary):
                break
            if watch is not None:
                watch(frame, found)
        if found.hint and found.frame is not None:
            break
        outer = frame.f_back
        if outer is None and follow_greenlets:
            outer = _outer(frame, follow_greenlets)
            follow_greenlets = False
        frame = outer
    if found.frame is None:
        # No handler was crossed, so the middleware asked for this itself (the walk ends at handlers).
        found.frame = passing
    return found
