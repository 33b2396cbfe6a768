"""Report writers: advice in, text out. One module per format, each with `write(report) -> str`; the module's name is
the format's name. Writers read no files. `verification` holds the same for what `verify` found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from ..database.model import DatabaseAdvice
from ..model import Advice


@dataclass(frozen=True, slots=True)
class AdviceReport:
    """Everything a writer may use."""

    advice: Advice
    version: str
    sources: Mapping[str, str] = field(default_factory=dict)
    """Text of the files that are shown, by path; one that is missing is shown without its lines."""
    prefix: str = ""
    """Leads from where the reader stands to the linted folder ("" or ending in "/"), for `text` and `sarif`."""
    color: bool = False
    database: DatabaseAdvice | None = None
    """What a live database says, when one was asked."""
    limit: int = 20
    """`text` shows so many findings and counts the rest; the other formats show all."""


@cache
def formats() -> tuple[str, ...]:
    """Names of the formats there are, sorted; imports none of them."""
    here = Path(__file__).parent
    return tuple(sorted(file.stem for file in here.glob("*.py") if not file.stem.startswith("_")))


def write(name: str, report: AdviceReport) -> str:
    """The report in one of `formats()`, ending in a newline."""
    writer = cast("Callable[[AdviceReport], str]", import_module(f".{name}", __name__).write)
    return writer(report)
