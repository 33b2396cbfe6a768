"""The parts of README.md that are made from the program: `python -m tests.readme` writes them, a test compares them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from slowlint import cli, rules
from slowlint.linter import pages

FILE = Path(__file__).parent.parent / "README.md"
FAMILIES = {
    "orm": "queries that multiply",
    "io": "waiting in hot paths",
    "index": "missing indexes",
    "query": "queries that do too much",
    "loop": "CPU in hot paths",
    "resource": "costs paid again and again",
}


def rules_table() -> str:
    """One table row for each rule, by family."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield "| rule | family | what it finds |"
    yield "|---|---|---|"
    order = list(FAMILIES)
    for code, family in sorted(rules.families().items(), key=lambda item: (order.index(item[1]), item[0])):
        page = pages.parse(rules.page(code).read_text(encoding="utf-8"), code, family)
        link = rules.page(code).relative_to(FILE.parent).as_posix()
        summary = page.summary.replace("|", "\\|")
        yield f"| [`{code}`]({link}) | {family}: {FAMILIES[family]} | {summary} |"


def help_text() -> str:
    """`slowlint --help` and the help of its main command, as a terminal 100 columns wide shows them."""
    asked = [("slowlint", cli.cli), ("slowlint check", cli.check)]
    shown = []
    for name, command in asked:
        context = click.Context(command, info_name=name, terminal_width=100, help_option_names=["-h", "--help"])
        shown.append(f"```console\n$ {name} --help\n{command.get_help(context)}\n```\n")
    return "\n".join(shown)


def rendered(text: str) -> str:
    """The README with its made parts made anew."""
    for name, body in (("rules", rules_table()), ("help", help_text())):
        part = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text, count = part.subn(lambda found, body=body: f"{found[1]}\n{body}\n{found[2]}", text)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"README.md has {count} parts named {name!r}")
    return text


if __name__ == "__main__":
    FILE.write_text(rendered(FILE.read_text(encoding="utf-8")), encoding="utf-8")
