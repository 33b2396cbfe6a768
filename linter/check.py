"""One run of the linter as a user means it: this scope of that project, filtered as its settings say.

In: the project, its settings, the rules' codes, and `lint` (the engine with the rules, handed in by the front door).
Out: the result to report. Used by the command line and by the language server.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from . import select
from .config import Settings
from .files import discover
from .model import LintResult
from .source import MARK, decode

ALL: Collection[str] = frozenset({""})


class Lint(Protocol):
    """The engine with its rules: raw findings of the whole project under `root`."""

    def __call__(
        self, root: Path, settings: Settings, *, overlay: Mapping[str, str] | None = None
    ) -> LintResult: ...  # pragma: no cover


def scope(root: Path, targets: Sequence[Path]) -> Collection[str]:
    """The targets relative to the root, with `/`; {""} when the root itself is among them."""
    names = set()
    for target in targets:
        name = os.path.relpath(os.path.abspath(target), root).replace(os.sep, "/")
        names.add("" if name == "." else name)
    return frozenset(names) or ALL


def check(
    root: Path,
    settings: Settings,
    families: select.Families,
    lint: Lint,
    *,
    overlay: Mapping[str, str] | None = None,
    targets: Collection[str] = ALL,
    base: str | None = None,
) -> LintResult:
    """Lint the project under `root` and keep what is wanted. With `base` (a git revision) only what came since.

    Raises SlowlintError (ConfigError, InputError) for what the user can put right.
    """
    select.check_codes(settings, families)
    result = _filtered(root, settings, families, lint, overlay)
    findings = select.within(result.findings, targets)
    if base is not None and findings:
        from . import diff  # git is asked only when wanted

        before = diff.base_overlay(root, base)
        if before is not None:
            old = _filtered(root, settings, families, lint, before)
            findings = diff.brought(findings, old.findings)
        else:
            findings = ()
    return LintResult(findings, result.files, result.unreadable)


def _filtered(
    root: Path, settings: Settings, families: select.Families, lint: Lint, overlay: Mapping[str, str] | None
) -> LintResult:
    raw = lint(root, settings, overlay=overlay)
    return select.apply(raw, settings, families, marked(root, discover(root, settings), overlay or {}))


def marked(root: Path, files: Iterable[str], overlay: Mapping[str, str]) -> dict[str, str]:
    """Text of the files that hold `slowlint:`, unsaved buffers first. Unreadable files are the engine's to report."""
    needle = MARK.encode()
    found = {path: text for path, text in overlay.items() if MARK in text}
    for path in files:
        if path in overlay:
            continue
        try:
            with open(root / path, "rb", buffering=0) as handle:
                data = handle.read()
            if needle in data:
                found[path] = decode(data)
        except (OSError, SyntaxError):
            continue
    return found


def project(
    paths: Sequence[Path],
    families: Mapping[str, str],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    min_confidence: str | None = None,
) -> tuple[Path, Settings]:
    """The root of the project that holds `paths`, and its settings with those of the command line over them.
    `families` of all rules, by code. Raises ConfigError for a code or a framework that there is not."""
    from . import config
    from .select import check_codes

    root = config.find_root(paths or (Path.cwd(),))
    settings = config.load(root)
    if settings.frameworks:
        from .frameworks.registry import FRAMEWORKS

        config.check_frameworks(settings, [framework.name for framework in FRAMEWORKS])
    check_codes(settings, families)
    settings = config.overridden(settings, select, ignore, min_confidence)
    check_codes(settings, families)
    return root, settings
