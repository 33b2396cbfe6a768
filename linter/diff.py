"""What a change brings: the project as it was at a git revision, laid over the one on disk.

In: the root and a revision. Out: an overlay that turns today's tree into the old one, and the findings that are new.
Asks git, writes nothing, checks nothing out.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from .errors import InputError
from .files import is_source
from .model import Finding
from .source import decode

_TIMEOUT = 120  # seconds for one git command


def base_overlay(root: Path, revision: str) -> Mapping[str, str] | None:
    """Old text of every source file that differs; "" for one that did not exist. None when nothing differs.

    Compared is the work tree (with untracked files) with the merge base of `revision` and HEAD, so that what happened
    on the other branch meanwhile does not count. A renamed file's old text stands at both its names: the new one so
    that its findings are recognised, the old one so that imports of it still resolve.
    Raises InputError when `root` is no git repository or the revision is unknown.
    """
    base = _base(root, revision)
    texts: dict[str, str] = {}
    wanted: dict[str, str] = {}
    for old, new in _changes(root, base):
        if is_source(new):
            texts[new] = ""
        if is_source(old):
            wanted[old] = old
            if is_source(new):
                wanted[new] = old
    for path in _split(_git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")):
        if is_source(path):
            texts.setdefault(path, "")
    blobs = _blobs(root, base, sorted(set(wanted.values())))
    texts.update({path: blobs[old] for path, old in wanted.items() if old in blobs})
    return texts or None


def brought(now: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that are not among the old ones, by fingerprint; as many of a kind as have been added."""
    old = Counter(finding.fingerprint for finding in before)
    new = []
    for finding in now:
        if old[finding.fingerprint] > 0:
            old[finding.fingerprint] -= 1
        else:
            new.append(finding)
    return tuple(new)


def _base(root: Path, revision: str) -> str:
    try:
        _git(root, "rev-parse", "--is-inside-work-tree")
    except InputError as error:
        if "not a git repository" not in str(error):
            raise
        raise InputError(
            f"--diff-base needs a git repository, and {root} is in none.", "Run it in a checkout."
        ) from None
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    except InputError:
        raise InputError(
            f"git knows no revision {revision!r}.",
            "Fetch it first (a shallow clone may lack it), or name a branch, tag or commit.",
        ) from None
    try:
        return _git(root, "merge-base", commit.decode().strip(), "HEAD").decode().strip()
    except InputError:  # unrelated or shallow histories
        return commit.decode().strip()


def _changes(root: Path, base: str) -> Iterator[tuple[str, str]]:
    """(old path, new path) of what differs; "" for the side on which a file does not exist."""
    raw = _git(root, "diff", "--relative", "--name-status", "-z", "-M", "--no-ext-diff", base, "--", ".")
    fields = iter(_split(raw))
    for status in fields:
        if status[0] in "RC":
            old, new = next(fields), next(fields)
            yield (old if status[0] == "R" else "", new)
        else:
            path = next(fields)
            yield ("" if status[0] == "A" else path, "" if status[0] == "D" else path)


def _blobs(root: Path, base: str, paths: list[str]) -> dict[str, str]:
    """Text of files at a commit; one that is no decodable text is left out."""
    if not paths:
        return {}
    asked = b"".join(f"{base}:./{path}\n".encode(errors="surrogateescape") for path in paths if "\n" not in path)
    output = _git(root, "cat-file", "--batch", stdin=asked)
    texts: dict[str, str] = {}
    at = 0
    for path in (path for path in paths if "\n" not in path):
        end = output.index(b"\n", at)
        header = output[at:end].split(b" ")
        at = end + 1
        if header[-1] == b"missing" or len(header) != 3 or header[1] != b"blob":
            continue
        size = int(header[2])
        with suppress(SyntaxError):
            texts[path] = decode(output[at : at + size])
        at += size + 1
    return texts


def _split(raw: bytes) -> list[str]:
    return [part.decode(errors="surrogateescape") for part in raw.split(b"\0") if part]


def _git(root: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    command = ["git", "-C", str(root), "-c", "core.quotepath=off", *arguments]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=_TIMEOUT, check=False)
    except FileNotFoundError:
        raise InputError("--diff-base needs git, which is not installed.", "Install git.") from None
    except subprocess.TimeoutExpired:
        raise InputError(f"git {arguments[0]} gave no answer in {_TIMEOUT} s.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(f"git {arguments[0]} failed: {said[-1] if said else 'no reason given'}.")
    return done.stdout
