"""Telemetry as a command line names it, made one open store.

In: files, folders and profiles, or a store that is there already. Out: the store to ask, closed when done. The folder
`.slowlint` beside the code holds what is kept between commands; git is told to leave it alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..linter.errors import InputError
from .ingest import ingest, ingest_profile
from .model import Ingested
from .store import Store

FOLDER = ".slowlint"
_MAGIC = b"DUCK"  # bytes 8-12 of a DuckDB file: duckdb.org, "Storage Versions and Format"
_SPOOLED = "*.otlp.pb"

Tell = Callable[[Ingested], None]
Progress = Callable[[int], None]


def default_store(root: Path) -> Path:
    """Where a project's telemetry is kept: `.slowlint/telemetry.duckdb` under its root."""
    return root / FOLDER / "telemetry.duckdb"


def prepare(store: Path) -> None:
    """Make the folder of a store; one called `.slowlint` gets a `.gitignore` that keeps it out of repositories.

    Raises InputError when that is not possible.
    """
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        ignore = store.parent / ".gitignore"
        if store.parent.name == FOLDER and not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{store.parent} cannot be written: {error.strerror}") from None


def add(store: Store, files: Sequence[Path], profiles: Sequence[Path], tell: Tell, progress: Progress) -> None:
    """Read every file into the store, telling of each. Raises InputError for one that cannot be read at all."""
    for file in files:
        tell(ingest(store, file, progress=progress))
    for file in profiles:
        tell(ingest_profile(store, file))


@contextmanager
def opened(
    files: Sequence[Path],
    profiles: Sequence[Path],
    store: Path | None,
    kept: Path,
    *,
    tell: Tell,
    progress: Progress,
    empty: bool = False,
) -> Iterator[Store]:
    """The store that answers for these files.

    With `store` they are added to it. Without, files alone are read into a temporary store, so that the answer is
    about them and nothing older; a single file that is a store is used as it is; without files it is `kept`.
    Raises InputError when there is nothing to ask; with `empty` that is a store without anything in it.
    """
    if store is not None:
        prepare(store)
        with Store.open(store) as chosen:
            add(chosen, files, profiles, tell, progress)
            yield chosen
        return
    stores = [file for file in files if is_store(file)]
    if stores and (len(files) > 1 or profiles):
        raise InputError(f"{stores[0]} is a store and cannot be read together with other files", "name it with --store")
    if stores or not (files or profiles):
        path = stores[0] if stores else kept
        if empty and not path.exists():
            with Store.open() as nothing:
                yield nothing
            return
        if not path.exists():
            raise InputError(
                "there is no telemetry yet",
                "name files with --telemetry, or record some: slowlint record -- python app.py",
            )
        with Store.open(path, read_only=True) as chosen:
            yield chosen
        return
    folder = Path(tempfile.mkdtemp(prefix="slowlint-"))
    try:
        with Store.open(folder / "telemetry.duckdb") as temporary:
            add(temporary, files, profiles, tell, progress)
            yield temporary
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def told(done: Ingested) -> str:
    """What reading one file did, for people: one line, and one for each damaged record that is described."""
    parts = []
    if done.spans or not done.samples:
        parts.append(_count(done.spans, "span"))
    if done.samples:
        parts.append(_count(done.samples, "stack"))
    if done.duplicates:
        parts.append(f"{done.duplicates:,} already in the store")
    if done.damaged_count:
        parts.append(f"{done.damaged_count:,} damaged")
    lines = [f"{done.source}: {done.format}, {', '.join(parts)}"]
    lines += [f"  damaged: {text}" for text in done.damaged]
    if done.damaged_count > len(done.damaged):
        lines.append(f"  and {done.damaged_count - len(done.damaged):,} more")
    lines += [f"  {note}" for note in done.notes]
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def is_store(path: Path) -> bool:
    """Whether a file is a DuckDB database, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == _MAGIC
    except OSError:
        return False


@contextmanager
def spool_beside(store: Path) -> Iterator[Path]:
    """A folder of this process for spans on their way to the store; removed at the end when it holds none."""
    spool = store.parent / f"{store.stem}-spool" / f"{time.time_ns()}-{os.getpid()}"
    try:
        yield spool
    finally:
        if not any(spool.glob(_SPOOLED)):
            shutil.rmtree(spool, ignore_errors=True)
        with suppress(OSError):
            spool.parent.rmdir()


def collect(store: Path, spool: Path, say: Callable[[str], None], progress: Progress) -> int:
    """Move the spans of `spool` into the store, and those that a killed recording left beside it; how many were new.

    A spool is removed only when all of it is stored, so being killed here loses nothing. Says what was damaged.
    """
    prepare(store)
    left = [folder for folder in sorted(spool.parent.glob("*-*")) if folder == spool or not _alive(folder)]
    spans = 0
    with Store.open(store) as target:
        for folder in left:
            for file in sorted(file for file in folder.glob(_SPOOLED) if file.stat().st_size):
                done = ingest(target, file, progress=progress)
                spans += done.spans
                if done.damaged_count:
                    say(told(done))
            shutil.rmtree(folder, ignore_errors=True)
    return spans


def _alive(spool: Path) -> bool:
    """Whether the process that made a spool still runs; a name we do not understand is left alone."""
    _, _, number = spool.name.partition("-")
    if not number.isdigit():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
