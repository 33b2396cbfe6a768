"""Ready texts of findings: short ones are shown, longer ones named, and the JSON report has all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema

from slowlint.linter import report
from slowlint.linter.model import Finding, LintResult, Place, Snippet

FINDING = Finding(
    "unindexed-filter",
    "index",
    "no index",
    Place("a.py", 1),
    "warning",
    "likely",
    fingerprint="0" * 16,
    remedy="add one",
)
SHORT = Snippet("SQL", "", "sql", "CREATE INDEX i ON t (a);\x1b[31m\n")
LONG = Snippet("migration", "shop/migrations/0002_i.py", "python", "a\nb\nc\nd\n")
SCHEMA = Path(report.__file__).parent / "findings.schema.json"


def written(name: str, *snippets: Snippet) -> str:
    found = LintResult((replace(FINDING, snippets=snippets),), 1)
    return report.write(name, report.Report(found, "1.0"))


def test_text_shows_what_is_short() -> None:
    lines = [line.strip() for line in written("text", SHORT).splitlines()]
    at = lines.index("fix      add one")
    assert lines[at + 1] == "SQL:"
    assert lines[at + 2].startswith("CREATE INDEX i ON t (a);")
    assert "\x1b" not in "".join(lines)
    lines = [line.strip() for line in written("text", SHORT, LONG).splitlines()]  # the migration runs the statement
    assert lines[at + 1] == "migration (shop/migrations/0002_i.py): text in --output-format json"


def test_json_has_all() -> None:
    document = json.loads(written("json", SHORT, LONG))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [one["text"] for one in document["findings"][0]["snippets"]] == [SHORT.text, LONG.text]
