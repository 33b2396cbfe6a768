"""Debian's and Ubuntu's packages without installing them: downloaded by apt, unpacked into the user's cache.

In: names of packages. Out: a folder with their files. Needs no rights, only apt's lists and a network the first time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs

from slowlint.tests.servers.process import UnavailableError

_SECONDS = 120


def unpacked(*names: str) -> Path:
    """The files of packages, as below `/`. Raises `UnavailableError`: no apt, no network, no such package."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise UnavailableError("no apt here to get packages with")
    versions = [f"{name}_{candidate(name)}" for name in names]
    home = platformdirs.user_cache_path("slowlint") / "test-servers"
    wanted = home / "+".join(versions).replace(":", ".").replace("/", ".")
    if wanted.is_dir():
        return wanted
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as work:
        tree = Path(work) / "tree"
        for name in names:
            _run(["apt-get", "download", name], Path(work))
        for package in Path(work).glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), str(tree)], Path(work))
        try:
            tree.rename(wanted)
        except OSError:  # another session was faster
            if not wanted.is_dir():
                raise
    return wanted


def candidate(name: str) -> str:
    """The version that would be installed."""
    said = _run(["apt-cache", "policy", name], Path("/"))
    for line in said.splitlines():
        key, _, value = line.strip().partition(": ")
        if key == "Candidate" and value != "(none)":
            return value
    raise UnavailableError(f"apt knows no package {name} (its lists may be missing: apt-get update)")


def _run(command: list[str], place: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=place, capture_output=True, text=True, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{' '.join(command)} took longer than {_SECONDS} s") from None
    if done.returncode:
        raise UnavailableError(f"{' '.join(command)}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout
