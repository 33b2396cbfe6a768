"""Errors that a user can put right: shown without a traceback, exit status 2."""

from __future__ import annotations


class SlowlintError(Exception):
    """What went wrong, in one sentence, and what to do about it.

    `tip` is one more sentence that names the way out ("" when there is none).
    """

    def __init__(self, message: str, tip: str = "") -> None:
        super().__init__(message)
        self.tip = tip


class ConfigError(SlowlintError):
    """A setting in `[tool.slowlint]` that cannot be used."""


class InputError(SlowlintError):
    """A file or folder named by the user that cannot be read at all."""


class MissingExtraError(SlowlintError):
    """A command needs packages of an optional extra that is not installed."""
