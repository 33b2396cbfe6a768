"""slowlint's own commands, as subprocesses: exactly what a user would type.

The demo knows the tool only through its front door. In: arguments. Out: stdout, or SlowlintError with the end of what
the command said.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..linter.errors import SlowlintError

SLOWLINT: Final = (sys.executable, "-m", "slowlint")
TIMEOUT_S: Final = 120
SPOOLED: Final = "*.otlp.pb"


def shown(command: Sequence[str], folder: Path) -> str:
    """The command as a user would type it inside `folder`."""
    words = ["slowlint" if word == "\0" else word for word in command]
    return shlex.join(word.replace(f"{folder}/", "").replace(sys.executable, "python") for word in words)


def slowlint(*arguments: str, folder: Path, accept: Sequence[int] = (0,)) -> str:
    """Run one slowlint command in `folder`; its stdout. Raises SlowlintError for exit statuses not in `accept`."""
    finished = subprocess.run(
        [*SLOWLINT, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if finished.returncode not in accept:
        said = "\n".join(finished.stderr.strip().splitlines()[-15:])
        raise SlowlintError(
            f"`slowlint {arguments[0]}` ended with status {finished.returncode}", said or "it said nothing"
        )
    return finished.stdout


def check(application: Path, folder: Path) -> Mapping[str, Any]:
    """The linter's findings: the documented JSON contract."""
    return _json(slowlint("check", str(application), "--output-format", "json", "--exit-zero", folder=folder))


def advise(application: Path, telemetry: Sequence[Path], folder: Path) -> Mapping[str, Any]:
    """The same, ranked and priced with what was recorded."""
    files = [word for path in telemetry for word in ("--telemetry", str(path))]
    report = slowlint("advise", str(application), *files, "--output-format", "json", "--exit-zero", folder=folder)
    return _json(report)


def verify(application: Path, before: Sequence[Path], after: Sequence[Path], folder: Path) -> str:
    """What the tool says about the fix, as text (exit status 1, a promise not kept, is an answer too)."""
    files = [word for path in before for word in ("--before", str(path))]
    files += [word for path in after for word in ("--after", str(path))]
    return slowlint("verify", *files, str(application), folder=folder, accept=(0, 1))


def telemetry_of(store: Path) -> list[Path]:
    """Files that `slowlint record --store STORE` left: the spans of each process, else the store itself."""
    spooled = sorted(path for path in store.parent.rglob(SPOOLED) if path.stat().st_size)
    return spooled or [store]


def _json(text: str) -> Mapping[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise SlowlintError("the report is not a JSON object")
    return found
