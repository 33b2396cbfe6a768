"""Command-line options that take several values: `--telemetry a.json b.json` as a shell's `*.json` writes it.

In: arguments. Out: the same with the option repeated, which is what click reads. And options that commands share.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import click

from .errors import MissingExtraError

_JSON = "simdjson" if sys.version_info < (3, 14) else "orjson"
ADVISOR = ("duckdb", "pyarrow", "google.protobuf", "opentelemetry.proto", _JSON, "zstandard", "sqlglot")
RECORD = ("opentelemetry.sdk", "opentelemetry.instrumentation", "wrapt")
DATABASE = ("sqlalchemy", "sqlglot")
"""Modules of the extras of these names, for `needs`."""

Command = TypeVar("Command", bound=Callable[..., Any])


def report_options(formats: Sequence[str]) -> Callable[[Command], Command]:
    """The options that every command with a report has."""

    def add(command: Command) -> Command:
        kinds = click.Choice(formats)
        for option in (
            click.option("--no-color", is_flag=True, help="Plain text; NO_COLOR in the environment does the same."),
            click.option("--no-cache", is_flag=True, help="Neither read nor write the linter's cache."),
            click.option(
                "--output-file",
                type=click.Path(path_type=Path),
                help="Write the report here instead of to stdout.",
            ),
            click.option("--output-format", type=kinds, default="text", show_default=True),
        ):
            command = option(command)
        return command

    return add


def database_options(command: Command) -> Command:
    """The options of `advise` that name a live database."""
    for option in (
        click.option(
            "--save-statistics",
            type=click.Path(path_type=Path),
            help="Keep the database's figures of statements here, for `verify --before/--after`.",
        ),
        click.option(
            "--explain-analyze",
            is_flag=True,
            help="Also run SELECTs that are proved to only read, under a timeout, to time plans.",
        ),
        click.option(
            "--database-url",
            envvar="SLOWLINT_DATABASE_URL",
            show_envvar=True,
            help="Ask this database, too: PostgreSQL, MySQL, MariaDB or SQLite. Reads only.",
        ),
    ):
        command = option(command)
    return command


class ListsCommand(click.Command):
    """After a repeatable path option, further arguments that are existing files belong to it too.

    A folder does not, so that `--before a.json b.json .` ends with the path to lint.
    """

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        listed = [
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and parameter.multiple and isinstance(parameter.type, click.Path)
            for name in parameter.opts
        ]
        return super().parse_args(context, list(_spread(args, listed)))


def _spread(arguments: Sequence[str], listed: Sequence[str]) -> Iterator[str]:
    option = ""
    waiting = False  # for the option's first value, whatever it is
    for place, argument in enumerate(arguments):
        if argument == "--":
            yield from arguments[place:]
            return
        if argument.startswith("-"):
            option, waiting = (argument, True) if argument in listed else ("", False)
            if "=" in argument and argument.split("=", 1)[0] in listed:
                option = argument.split("=", 1)[0]
            yield argument
        elif option and not waiting and os.path.isfile(argument):
            yield option
            yield argument
        else:
            if not waiting:
                option = ""
            waiting = False
            yield argument


def needs(extra: str, *modules: str) -> None:
    """Raise MissingExtraError, with the line that installs it, unless all of the extra's modules are there."""
    for module in modules:
        try:
            found = find_spec(module) is not None
        except ModuleNotFoundError:  # the package around it
            found = False
        if not found:
            raise MissingExtraError(
                f"This command needs {module.partition('.')[0]}, which is not installed.",
                f"pip install 'slowlint[{extra}]'",
            )
