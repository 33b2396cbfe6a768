"""Paths as telemetry reports them in, paths of the repository out.

A service reports `/opt/netbox/netbox/ipam/models.py`, `./mealie/repos/x.py`, `ipam/models.py` or (a package installed
into its image) `…/site-packages/mealie/repos/x.py`. The file meant is the one that shares the longest ending; which
folder of the image is which folder of the repository is learned from the unambiguous ones and decides the others.
Never looks at a disk: libraries are told apart by what their paths say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_SURE_PARTS: Final = 2
_MAX_KNOWN: Final = 200_000
_DRIVE: Final = re.compile(r"^(?:file://)?(?:[A-Za-z]:)?")
_LIBRARY: Final = re.compile(r"(?:^|/)(?:site-packages|dist-packages)/|(?:^|/)lib/python\d(?:\.\d+)?t?/")

Parts = tuple[str, ...]


class PlaceMapper:
    """Maps reported paths to files of one repository.

    `map` gets better while it is used: what is ambiguous at first may be clear after other paths of the same root
    have been seen. `learn` shows it many paths beforehand, so that the answers do not depend on the order.
    """

    def __init__(self, repository_files: Iterable[str]) -> None:
        self._files: set[Parts] = set()
        self._by_ending: dict[Parts, Parts | None] = {}
        for file in repository_files:
            self._index(_parts(file))
        self._learned: dict[Parts, Counter[Parts]] = {}
        self._known: dict[str, str | None] = {}

    def learn(self, paths: Iterable[str]) -> None:
        """Note which folders correspond, from the paths among `paths` that are unambiguous."""
        for path in paths:
            self.map(path)
        self._known.clear()

    def map(self, path: str) -> str | None:
        """The repository-relative path (with `/`) of a reported one; None when it is no file of the repository, or
        cannot be told from others."""
        if path in self._known:
            return self._known[path]
        answer = self._map(path)
        if answer is not None or len(self._learned) == 0:
            # A None may turn into an answer once a folder has been learned, so only answers are kept for good.
            if len(self._known) > _MAX_KNOWN:
                self._known.clear()
            if answer is not None:
                self._known[path] = answer
        return answer

    def _index(self, file: Parts) -> None:
        self._files.add(file)
        for start in range(len(file)):
            ending = file[start:]
            self._by_ending[ending] = file if ending not in self._by_ending else None

    def _map(self, path: str) -> str | None:
        if path.startswith("<") or not path:
            return None
        library = _LIBRARY.search(path.replace("\\", "/"))
        absolute = path.startswith(("/", "\\")) or _DRIVE.match(path.replace("\\", "/"))[0] != ""  # type: ignore[index]
        parts = _parts(path)
        if not absolute and parts in self._files:
            return self._found(parts, parts)
        start = next((at for at in range(len(parts)) if parts[at:] in self._by_ending), None)
        if start is None:
            return None
        if library is not None:
            imported = _parts(path[library.end() :])
            return self._installed(parts, imported)
        ending = parts[start:]
        file = self._by_ending[ending] if ending not in self._files or self._by_ending[ending] else ending
        whole = file is not None and (len(ending) == len(file) or not absolute and start == 0)
        if file is not None and len(ending) >= _SURE_PARTS and self._agrees(parts, file, len(ending), whole):
            return self._found(parts, file)
        return self._by_folder(parts)

    def _installed(self, parts: Parts, imported: Parts) -> str | None:
        """A file below site-packages: ours only when the whole import path is a file of the repository."""
        if len(imported) < _SURE_PARTS:
            return None
        file = self._by_ending.get(imported)
        if imported in self._files:
            file = imported
        return self._found(parts, file) if file is not None else None

    def _agrees(self, parts: Parts, file: Parts, shared: int, whole: bool) -> bool:
        """Whether the folders before the shared ending may correspond: nothing learned says otherwise."""
        root, folder = parts[: len(parts) - shared], file[: len(file) - shared]
        if whole and not self._learned:
            return True
        better = self._by_folder(parts)
        if better is not None:
            return better == "/".join(file)
        seen = self._learned.get(root)
        return seen is None or folder in seen or whole

    def _by_folder(self, parts: Parts) -> str | None:
        """The file by a learned pair of folders, the longest first."""
        for length in range(len(parts) - 1, -1, -1):
            folders = self._learned.get(parts[:length])
            if folders is None:
                continue
            found = [folder for folder, _ in folders.most_common() if (*folder, *parts[length:]) in self._files]
            if len(found) == 1:
                return "/".join((*found[0], *parts[length:]))
        return None

    def _found(self, parts: Parts, file: Parts) -> str:
        shared = 0
        while shared < min(len(parts), len(file)) and parts[-1 - shared] == file[-1 - shared]:
            shared += 1
        root, folder = parts[: len(parts) - shared], file[: len(file) - shared]
        self._learned.setdefault(root, Counter())[folder] += 1
        return "/".join(file)


def _parts(path: str) -> Parts:
    path = _DRIVE.sub("", path.replace("\\", "/"), count=1)
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)
