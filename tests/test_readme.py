"""README.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from slowlint import cli, rules
from slowlint.linter.config import parse

from .readme import FAMILIES, FILE, rendered

TEXT = FILE.read_text(encoding="utf-8")


def test_made_parts_are_fresh() -> None:
    assert rendered(TEXT) == TEXT, "run: python -m tests.readme"


def test_every_family_has_its_words() -> None:
    assert set(rules.families().values()) <= set(FAMILIES)


def test_the_second_command_is_what_ci_runs() -> None:
    commands = re.findall(r"```sh\n(python3 -m venv [^\n]*)\n```", TEXT)
    assert len(commands) == 2
    assert commands[0].endswith("slowlint demo")
    assert commands[1] in (FILE.parent / ".ci" / "run").read_text()


def test_the_settings_shown_are_accepted(tmp_path: Path) -> None:
    import tomllib

    from slowlint.linter.frameworks.catalogue import extended

    settings, catalogue = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "src").mkdir()
    read = parse(tomllib.loads(settings)["tool"]["slowlint"], "README.md", tmp_path)
    assert read.per_file_ignores == (("tests/", ("orm",)),)
    read = parse(tomllib.loads(catalogue)["tool"]["slowlint"], "README.md", tmp_path)
    described = extended(read.catalogue).lookup("acme.billing.Client.charge")
    assert described is not None
    assert described.remote


SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))


@pytest.mark.parametrize("line", re.findall(r"^slowlint [^\n#]*", SHELL, re.MULTILINE))
def test_the_commands_shown_exist_with_their_options(line: str) -> None:
    _, name, *arguments = line.split()
    command = cli.cli.commands[name]
    options = {
        option for parameter in command.params for option in parameter.opts if isinstance(parameter, click.Option)
    }
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    assert {word for word in before if word.startswith("--")} <= options


def test_the_section_on_databases_names_every_flag() -> None:
    section = TEXT.partition("### With a live database\n")[2].partition("\n### ")[0]
    advise, verify = ({option for one in cli.cli.commands[name].params for option in one.opts} for name in COMMANDS)
    named = set(re.findall(r"--[a-z][a-z-]+", section))
    assert named <= advise | verify
    telemetry = {"--telemetry", "--profile", "--store"}
    general = {"--output-format", "--output-file", "--no-cache", "--no-color", "--exit-zero", "--help"}
    assert {one for one in advise | verify if one.startswith("--")} - telemetry - general == named
    variables = {one.envvar for one in cli.cli.commands["advise"].params if one.envvar}
    assert variables == set(re.findall(r"SLOWLINT_\w+", section))


COMMANDS = ("advise", "verify")


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", TEXT):
        assert (FILE.parent / target).exists(), target
