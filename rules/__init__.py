"""The rules: two neighbouring files each, `family/name.py` (how it is found) and `family/name.md` (why, and the test).

In: the folders beside this file. Out: `Rule`s for the engine, pages for people. The code is the file's name with
hyphens, the family is the folder: there is no list to keep in step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..linter.engine import Rule


@cache
def files() -> Mapping[str, Path]:
    """The Python file of every rule by its code, sorted; imports none of them."""
    here = Path(__file__).parent
    found = {file.stem.replace("_", "-"): file for file in here.glob("*/*.py") if not file.stem.startswith("_")}
    return dict(sorted(found.items()))


@cache
def families() -> Mapping[str, str]:
    """code -> family of every rule; imports none of them."""
    return {code: file.parent.name for code, file in files().items()}


def page(code: str) -> Path:
    """The Markdown page of a rule. Raises KeyError for an unknown code."""
    return files()[code].with_suffix(".md")


def load(codes: Collection[str] | None = None) -> tuple[Rule, ...]:
    """The rules with these codes (all when None), imported, sorted by code."""
    from ..linter.engine import Rule

    return tuple(
        Rule(
            code=code,
            family=file.parent.name,
            check=import_module(f".{file.parent.name}.{file.stem}", __name__).check,
            page=page(code),
        )
        for code, file in files().items()
        if codes is None or code in codes
    )
