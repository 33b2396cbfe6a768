"""What one run leaves for the next: facts by content, answers with their dependencies, the findings of the last tree.

One folder per linted root under the user's cache folder. Files are written beside and moved into place, so that a
reader sees an old one or a new one, never a half; several processes may do so at once and the last one wins. Every
file carries a digest: a damaged or foreign one counts as absent. The folder's name holds a digest of this program's
own sources and of the Python version, so nothing ever reads what another version wrote.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .model import LintResult, Unreadable

_RACY_NS = 2_000_000_000  # a file changed this shortly before the cache was written may change again unseen
_DIGEST = 16
_KEEP_DAYS = 60
_KEEP_ROOTS = 24  # some tens of megabytes each


@cache
def program() -> str:
    """A digest of this program's sources and Python's version."""
    digest = hashlib.blake2b(repr((sys.version_info[:3], sys.implementation.name)).encode(), digest_size=8)
    package = Path(__file__).resolve().parent.parent
    for folder in ("linter", "rules"):
        for file in sorted((package / folder).rglob("*")):
            if file.suffix in (".py", ".toml", ".md"):
                known = file.stat()
                digest.update(f"{file.relative_to(package)}\0{known.st_mtime_ns}\0{known.st_size}\n".encode())
    return digest.hexdigest()


def content_hash(data: bytes | str | OSError) -> bytes:
    """What a file holds, as a digest; of one that cannot be read, why."""
    raw = (
        data
        if isinstance(data, bytes)
        else data.encode("utf-8", "replace")
        if isinstance(data, str)
        else str(data).encode()
    )
    kind = "text" if isinstance(data, str) else ""  # a buffer's coding line means nothing
    return hashlib.blake2b(raw, digest_size=_DIGEST, person=kind.encode()).digest()


@dataclass(slots=True)
class FileState:
    """What is known of one file: its stat, content hash, what it defines, and why it could not be read."""

    mtime: int
    size: int
    content: bytes
    defined: tuple[tuple[str, str], ...] = ()
    unreadable: Unreadable | None = None


@dataclass(slots=True)
class State:
    """The last run's files. `written`: when, in ns since the epoch."""

    files: dict[str, FileState] = field(default_factory=dict)
    written: int = 0


class Cache:
    """The folder of one root. Every method answers "absent" rather than raise."""

    def __init__(self, folder: Path, root: Path) -> None:
        name = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=10).hexdigest()
        self.folder = folder / program() / name
        self._pack: bytes | None = None
        self._index: dict[bytes, tuple[int, int]] | None = None

    # State and findings -----------------------------------------------------------------------------------

    def state(self) -> State:
        found = self._read("state")
        return found if isinstance(found, State) else State()

    def result(self, key: bytes) -> LintResult | None:
        found = self._read("result")
        if isinstance(found, tuple) and len(found) == 2 and found[0] == key and isinstance(found[1], LintResult):
            return found[1]
        return None

    def memo(self, key: bytes) -> bytes | None:
        found = self._bytes("memo")
        return found[_DIGEST:] if found is not None and found[:_DIGEST] == key else None

    def write(
        self,
        state: State,
        facts: Mapping[bytes, Callable[[], bytes]],
        memo_key: bytes,
        memo: bytes,
        key: bytes,
        result: LintResult,
    ) -> None:
        """Keep everything of a run; a folder that cannot be written is left alone."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            state.written = time.time_ns()
            self._write_pack(facts)
            self._replace("memo", memo_key + memo)
            self._replace("state", pickle.dumps(state, pickle.HIGHEST_PROTOCOL))
            self.write_result(key, result)
            self._forget_old()
        except OSError:
            return

    def write_state(self, state: State) -> None:
        """Keep new stats of the same files."""
        state.written = time.time_ns()
        try:
            self._replace("state", pickle.dumps(state, pickle.HIGHEST_PROTOCOL))
        except OSError:
            return

    def write_result(self, key: bytes, result: LintResult) -> None:
        try:
            self._replace("result", pickle.dumps((key, result), pickle.HIGHEST_PROTOCOL))
        except OSError:
            return

    # Facts ------------------------------------------------------------------------------------------------

    def facts(self, content: bytes) -> Any | None:
        """The facts of a file with this content, or None."""
        packed = self.packed(content)
        if packed is None:
            return None
        try:
            return marshal.loads(packed)
        except (ValueError, EOFError, TypeError):
            return None

    def packed(self, content: bytes) -> bytes | None:
        if self._index is None:
            self._load_pack()
        place = (self._index or {}).get(content)
        return self._pack[place[0] : place[0] + place[1]] if place is not None and self._pack is not None else None

    def _load_pack(self) -> None:
        self._index = {}
        whole = self._bytes("facts")
        if whole is None or len(whole) < 8:  # the length of the index
            return
        size = int.from_bytes(whole[:8], "big")
        try:
            index = marshal.loads(whole[8 : 8 + size])
        except (ValueError, EOFError, TypeError):
            return
        self._pack = whole[8 + size :]
        self._index = index

    def _write_pack(self, facts: Mapping[bytes, Callable[[], bytes]]) -> None:
        index: dict[bytes, tuple[int, int]] = {}
        blobs: list[bytes] = []
        at = 0
        for content, packed in facts.items():
            blob = packed()
            index[content] = (at, len(blob))
            blobs.append(blob)
            at += len(blob)
        head = marshal.dumps(index)
        self._replace("facts", b"".join([len(head).to_bytes(8, "big"), head, *blobs]))

    # Files ------------------------------------------------------------------------------------------------

    def _bytes(self, name: str) -> bytes | None:
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            return None
        body = memoryview(data)[_DIGEST:]
        return bytes(body) if hashlib.blake2b(body, digest_size=_DIGEST).digest() == data[:_DIGEST] else None

    def _read(self, name: str) -> Any:
        data = self._bytes(name)
        if data is None:
            return None
        try:
            return pickle.loads(data)
        except Exception:  # whatever a stale or foreign pickle raises, the answer is "absent"
            return None

    def _replace(self, name: str, body: bytes) -> None:
        handle, temporary = tempfile.mkstemp(prefix=f".{name}-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.blake2b(body, digest_size=_DIGEST).digest())
                file.write(body)
            os.replace(temporary, self.folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _forget_old(self) -> None:
        """Roots beyond the most recent ones, folders of other versions of the program that have not been used for
        long, and halves that a killed run left."""
        limit = time.time() - _KEEP_DAYS * 86_400
        for old in self.folder.parent.parent.iterdir():
            if old != self.folder.parent and old.is_dir() and old.stat().st_mtime < limit:
                shutil.rmtree(old, ignore_errors=True)
        roots = sorted(self.folder.parent.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for old in roots[_KEEP_ROOTS:]:
            shutil.rmtree(old, ignore_errors=True)
        hour = time.time() - 3_600
        for file in self.folder.glob(".*"):
            if file.stat().st_mtime < hour:
                file.unlink(missing_ok=True)


def unchanged(known: FileState, path: Path, written: int) -> bool:
    """Whether a file is certainly what it was, by its stat alone."""
    try:
        now = path.stat()
    except OSError:
        return False
    return known.mtime == now.st_mtime_ns and known.size == now.st_size and now.st_mtime_ns < written - _RACY_NS


def tree_key(parts: Iterable[object]) -> bytes:
    """One digest of everything that findings depend on."""
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.digest()
