"""Report writers: findings in, text out. One module per format, each with `write(report) -> str`; the module's name is
the format's name, so a new format is a new file and nothing else. Writers read no files and know no rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from ..model import LintResult


@dataclass(frozen=True, slots=True)
class RulePage:
    """What a rule's page says: the first heading is the code, `summary` one line, `text` all before the first `##`."""

    code: str
    family: str
    summary: str
    text: str
    file: str = ""
    """Where the whole page stands; "" when it has no file."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a writer may use."""

    result: LintResult
    version: str
    sources: Mapping[str, str] = field(default_factory=dict)
    """Text of the files that are shown, by path; one that is missing is shown without its lines."""
    pages: Mapping[str, RulePage] = field(default_factory=dict)
    """By code."""
    prefix: str = ""
    """Leads from where the reader stands to the linted folder ("" or ending in "/"), for `text`, `sarif`, `github`."""
    color: bool = False
    costs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The `cost` objects of the JSON contract by fingerprint, when telemetry has priced them."""


@cache
def formats() -> tuple[str, ...]:
    """Names of the formats there are, sorted; imports none of them."""
    here = Path(__file__).parent
    return tuple(sorted(file.stem for file in here.glob("*.py") if not file.stem.startswith("_")))


def write(name: str, report: Report) -> str:
    """The report in one of `formats()`, ending in a newline unless it is empty."""
    writer = cast("Callable[[Report], str]", import_module(f".{name}", __name__).write)
    return writer(report)
