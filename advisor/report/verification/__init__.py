"""Writers of what `verify` found: one module per format, each with `write(report) -> str`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from ...model import Verification


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """Everything a writer may use."""

    verification: Verification
    version: str
    prefix: str = ""
    """Leads from where the reader stands to the linted folder ("" or ending in "/")."""
    color: bool = False


@cache
def formats() -> tuple[str, ...]:
    """Names of the formats there are, sorted; imports none of them."""
    here = Path(__file__).parent
    return tuple(sorted(file.stem for file in here.glob("*.py") if not file.stem.startswith("_")))


def write(name: str, report: VerificationReport) -> str:
    """The report in one of `formats()`, ending in a newline."""
    writer = cast("Callable[[VerificationReport], str]", import_module(f".{name}", __name__).write)
    return writer(report)
