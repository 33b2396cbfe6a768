"""What the project says about itself: `[tool.slowlint]` of the nearest pyproject.toml.

In: the files and folders named on the command line. Out: the project's root and its `Settings`.
Rule codes are only checked for their type here; `select.check_codes` compares them with the rules that exist.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from .errors import ConfigError, InputError
from .model import CONFIDENCES, Confidence

FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, already checked. Globs are gitignore patterns relative to the root."""

    select: tuple[str, ...] = ()
    """Codes and families to report; empty means all."""
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(glob, codes and families)."""
    exclude: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()
    """Folders that imports start from, relative to the root, with `/`; empty means: find them."""
    min_confidence: Confidence = "likely"
    frameworks: tuple[str, ...] = ()
    """Frameworks that are asked about the code; empty means all."""
    catalogue: str = ""
    """Calls of the project's own libraries, in the tables of the bundled catalogue, as JSON; they are checked where
    they are read."""


def find_root(targets: Sequence[Path]) -> Path:
    """The folder that is linted as a whole when these files or folders are asked for.

    The nearest folder at or above all of them that holds a pyproject.toml; without one the repository (a `.git`),
    and without that the folder named (for files: the working folder, when it is above them). The search stops at a
    repository's top and at the home folder: settings of somebody else's project never apply.
    Raises InputError for a target that does not exist.
    """
    absolute = [Path(os.path.abspath(target)) for target in targets] or [Path.cwd()]
    for target, resolved in zip(targets, absolute, strict=False):
        if not resolved.exists():
            raise InputError(f"{target} does not exist.", "Name a file or folder of the project to lint.")
    folders = [str(target if target.is_dir() else target.parent) for target in absolute]
    try:
        start = Path(os.path.commonpath(folders))
    except ValueError:  # two drives
        raise InputError("The paths have no folder in common.", "Lint one project at a time.") from None
    home = Path.home()
    for folder in (start, *start.parents):
        if folder == home and folder != start:
            break
        if (folder / FILE).is_file() or (folder / ".git").exists():
            return folder
    working = Path.cwd()
    only_folders = all(target.is_dir() for target in absolute)
    return working if working in start.parents and not only_folders else start


def load(root: Path) -> Settings:
    """Settings of `root`'s pyproject.toml; the defaults when it has none. Raises ConfigError."""
    file = root / FILE
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}.", "Correct the file, then run again.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from None
    tool = document.get("tool", {})
    table = tool.get("slowlint", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: tool.slowlint must be a table.", 'Write it as "[tool.slowlint]".')
    return parse(table, str(file), root)


def parse(table: Mapping[str, object], origin: str, root: Path) -> Settings:
    """Turn the table into settings; `origin` is named in errors. Raises ConfigError."""
    values: dict[str, object] = {}
    for key, value in table.items():
        read = _READERS.get(key)
        if read is None:
            raise ConfigError(f"{origin}: [tool.slowlint] has no setting {key!r}.", nearest(key, _READERS))
        values[key.replace("-", "_")] = read(value, f"{origin}: tool.slowlint.{key}")
    settings = Settings(**values)  # type: ignore[arg-type]
    for source_root in settings.source_roots:
        if not (root / source_root).is_dir():
            raise ConfigError(
                f"{origin}: tool.slowlint.source-roots names {source_root!r}, which is no folder of the project.",
                "Name folders relative to the file, such as 'src'.",
            )
    return settings


def overridden(
    settings: Settings, select: Sequence[str], ignore: Sequence[str], min_confidence: str | None
) -> Settings:
    """The settings with those of a command line over them: `select` replaces, `ignore` adds. Codes may be listed
    with commas or blanks."""
    chosen, left_out = _words(select), _words(ignore)
    return replace(
        settings,
        select=chosen or settings.select,
        ignore=(*settings.ignore, *left_out),
        min_confidence=_confidence(min_confidence, "--min-confidence") if min_confidence else settings.min_confidence,
    )


def check_frameworks(settings: Settings, known: Sequence[str]) -> None:
    """Raise ConfigError when a setting names a framework that is not known."""
    for name in settings.frameworks:
        if name not in known:
            raise ConfigError(f"tool.slowlint.frameworks names {name!r}, which is not known.", nearest(name, known))


def _words(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for value in values for word in value.replace(",", " ").split())


def nearest(word: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """A tip that names the likeliest of the known words, or all of them when none is near."""
    names = sorted(known)
    close = get_close_matches(word.lower().replace("_", "-"), names, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(names)}."


def _strings(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where} must be a list of strings.", 'For example: ["one", "two"].')
    return tuple(cast("list[str]", value))


def _confidence(value: object, where: str) -> Confidence:
    for known in CONFIDENCES:
        if value == known:
            return known
    raise ConfigError(f"{where} cannot be {value!r}.", nearest(str(value), CONFIDENCES))


def _ignores(value: object, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table of globs.", 'For example: "tests/*" = ["query-in-loop"].')
    return tuple((str(glob), _strings(codes, f"{where}.{glob!r}")) for glob, codes in value.items())


def _folders(value: object, where: str) -> tuple[str, ...]:
    folders = tuple(os.path.normpath(folder).replace(os.sep, "/") for folder in _strings(value, where))
    for folder in folders:
        if os.path.isabs(folder) or folder == ".." or folder.startswith("../"):
            raise ConfigError(f"{where} names {folder!r}, which is outside the project.", "Use relative folders.")
    return folders


def _tables(value: object, where: str) -> str:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table.", "For example: [[tool.slowlint.catalogue.call]].")
    try:
        return json.dumps(value, sort_keys=True)
    except TypeError as error:  # a date
        raise ConfigError(f"{where} can hold texts, lists and tables only: {error}.") from None


_READERS: Mapping[str, Callable[[object, str], object]] = {
    "select": _strings,
    "ignore": _strings,
    "per-file-ignores": _ignores,
    "exclude": _strings,
    "source-roots": _folders,
    "min-confidence": _confidence,
    "frameworks": _strings,
    "catalogue": _tables,
}
