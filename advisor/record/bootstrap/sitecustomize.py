"""Runs at the start of every Python process of a recorded command, before any code of the application.

This folder stands first on PYTHONPATH while `slowlint record` runs, so the interpreter imports this file instead of
the environment's own `sitecustomize`; that one is imported first, then the recorder is loaded by path (slowlint need
not be installed in the application's environment) and started. Never fails the application: what goes wrong is said
on stderr and the process goes on unrecorded.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = "slowlint_recorder"


def _run_hidden_sitecustomize() -> None:
    """Import the `sitecustomize` that this one hides, if there is one."""
    this = sys.modules.pop(__name__, None)
    kept = list(sys.path)
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    try:
        importlib.import_module("sitecustomize")
    except ModuleNotFoundError as missing:
        if missing.name != "sitecustomize":
            raise
    finally:
        if sys.path == [entry for entry in kept if os.path.abspath(entry or ".") != _HERE]:
            sys.path[:] = kept
        if this is not None:
            sys.modules.setdefault(__name__, this)


def _start(spool: str) -> None:
    folder = os.path.dirname(_HERE)
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        return
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    importlib.import_module(f"{_PACKAGE}.start").start(spool)


if __name__ == "sitecustomize":
    try:
        _run_hidden_sitecustomize()
    finally:
        _spool = os.environ.get("SLOWLINT_RECORD_SPOOL")
        if _spool:
            try:
                _start(_spool)
            except Exception as error:
                _once = os.path.join(_spool, "failed")
                if not os.path.exists(_once):
                    print(
                        f"slowlint record: {sys.executable} runs unrecorded: {type(error).__name__}: {error}\n"
                        f"  put the recorder into that environment: "
                        f"{sys.executable} -m pip install 'slowlint[record]'",
                        file=sys.stderr,
                    )
                    with contextlib.suppress(OSError):
                        open(_once, "x").close()
