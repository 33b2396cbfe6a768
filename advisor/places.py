"""Paths as telemetry reports them in, paths of the repository out.

A service reports `/opt/netbox/netbox/ipam/models.py`, `./mealie/repos/x.py`, `ipam/models.py`, or (a package installed
into its image) `…/site-packages/mealie/repos/x.py`. The file meant is the one that shares the longest ending. Which
reported folder is which folder of the repository is learned on the way: it decides what the ending leaves open, and
a folder most of whose files are not of the repository (a library) is not taken for one because of a few.
Never looks at a disk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_SURE_PARTS: Final = 2
_MAX_KNOWN: Final = 200_000
_DRIVE: Final = re.compile(r"(?:file://)?(?:[A-Za-z]:(?=/))?")
_LIBRARY: Final = re.compile(r"(?<![^/])(?:(?:site|dist)-packages|lib/python\d[\d.]*t?)/")

Parts = tuple[str, ...]


class PlaceMapper:
    """Maps reported paths to files of one repository; each look-up takes time only for the depth of the path.

    What is ambiguous at first may become clear after other paths of the same root. `learn` shows the mapper many
    paths beforehand, so that no answer depends on their order.
    """

    def __init__(self, repository_files: Iterable[str]) -> None:
        self._files = {_parts(file) for file in repository_files}
        self._by_ending: dict[Parts, Parts | None] = {}
        """File by each of its endings; None where several files end so."""
        for file in sorted(self._files):
            for start in range(len(file)):
                ending = file[start:]
                self._by_ending[ending] = None if ending in self._by_ending else file
        self._seen: Counter[Parts] = Counter()
        """How many different reported paths lie below each folder, libraries left out."""
        self._pairs: dict[Parts, Counter[Parts]] = {}
        """Reported folder → folders of the repository it may be, with the number of files that say so."""
        self._answers: dict[str, str | None] = {}

    def learn(self, paths: Iterable[str]) -> None:
        """Find out which folders correspond from all of `paths` before the first is mapped."""
        unknown = [path for path in dict.fromkeys(paths) if path not in self._answers]
        for path in unknown:
            self.map(path)
        for path in unknown:
            self._answers[path] = self._map(path)

    def map(self, path: str) -> str | None:
        """The repository's path (with `/`) of a reported one; None when it is no file of the repository, or it cannot
        be told which."""
        answer = self._answers.get(path)
        if answer is not None:
            return answer
        if path not in self._answers:
            if len(self._answers) > _MAX_KNOWN:
                self._answers.clear()
            self._count(path)
        answer = self._answers[path] = self._map(path)
        return answer

    def _count(self, path: str) -> None:
        parts = _parts(path)
        file, shared = self._longest(parts)
        if _imported(path) is None and (file is not None or not shared):  # what is ambiguous says nothing
            self._seen.update(parts[:length] for length in range(len(parts)))
        if file is not None and self._sure(path, parts, file, shared):
            pair = self._pairs.setdefault(parts[: len(parts) - shared], Counter())
            pair[file[: len(file) - shared]] += 1

    def _map(self, path: str) -> str | None:
        if not path or path.startswith("<"):
            return None
        parts = _parts(path)
        if parts in self._files and not _absolute(path):
            return "/".join(parts)
        file, shared = self._longest(parts)
        if _imported(path) is None:
            learned = self._by_folder(parts)
            if learned is not None:
                return learned
        sure = file is not None and self._sure(path, parts, file, shared)
        if not sure or file is None or not self._trusted(parts[: len(parts) - shared]):
            return None
        return "/".join(file)

    def _longest(self, parts: Parts) -> tuple[Parts | None, int]:
        """The file with the longest common ending, None when there are several, and the ending's length in parts."""
        for start in range(len(parts)):
            if parts[start:] in self._by_ending:
                return self._by_ending[parts[start:]], len(parts) - start
        return None, 0

    def _sure(self, path: str, parts: Parts, file: Parts, shared: int) -> bool:
        """Whether the common ending is long enough to say that this file is meant."""
        imported = _imported(path)
        if imported is not None:  # installed: the whole import path has to be there
            return shared >= max(_SURE_PARTS, len(imported))
        if shared == len(file):
            return True
        return shared >= _SURE_PARTS and (_absolute(path) or shared == len(parts))

    def _trusted(self, root: Parts) -> bool:
        """Whether at least half of what was seen below a reported folder is of the repository."""
        pairs = self._pairs.get(root)
        return not root or pairs is None or 2 * sum(pairs.values()) >= self._seen[root]

    def _by_folder(self, parts: Parts) -> str | None:
        """The file by a learned pair of folders, the longest reported one first."""
        for length in range(len(parts) - 1, -1, -1):
            root, rest = parts[:length], parts[length:]
            if root in self._pairs and self._trusted(root):
                found = [folder for folder in self._pairs[root] if (*folder, *rest) in self._files]
                if len(found) == 1:
                    return "/".join((*found[0], *rest))
        return None


def _imported(path: str) -> Parts | None:
    """What follows the folder of installed packages; None for a path that is not in one."""
    path = path.replace("\\", "/")
    ends = [match.end() for match in _LIBRARY.finditer(path)]
    return _parts(path[ends[-1] :]) if ends else None


def _absolute(path: str) -> bool:
    path = path.replace("\\", "/")
    drive = _DRIVE.match(path)
    return path.startswith("/") or (drive is not None and drive.end() > 0)


def _parts(path: str) -> Parts:
    parts: list[str] = []
    for part in _DRIVE.sub("", path.replace("\\", "/"), count=1).split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)
