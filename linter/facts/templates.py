"""A template's text in, facts out (see `ir`): Django's syntax or Jinja2's.

A file becomes a function `template` and one function for each of its blocks. Nothing is looked up here: no other
file, no tag library. Damage is no error as long as there is something to read. What reads the two languages is loaded
when it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import ir

PARAMETERS = (("context", ir.P_CONTEXT, None, None),)


class TemplateDamage(ValueError):
    """The file cannot be read as a template at all. `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def lower_template(text: str) -> tuple[ir.Stmt, ...]:
    """Lower a template in Django's syntax. Does not raise."""
    if "{{" not in text and "{%" not in text:
        return (template_function(()),)
    from .template_blocks import lower

    return lower(text)


def lower_jinja(text: str) -> tuple[ir.Stmt, ...]:
    """Lower a template in Jinja2's syntax. Raises `TemplateDamage` where too little of it can be parsed."""
    if "{{" not in text and "{%" not in text:
        return (template_function(()),)
    from .jinja import lower

    return lower(text)


def template_function(body: Sequence[ir.Stmt]) -> ir.Stmt:
    return (ir.FUNCTION, 0, 0, core("template", body))


def core(name: str, body: Sequence[ir.Stmt], parameters: tuple[Any, ...] = PARAMETERS) -> tuple[Any, ...]:
    return (name, parameters, (), None, False, False, tuple(body), ())
