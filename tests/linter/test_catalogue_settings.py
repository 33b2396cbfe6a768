"""`[tool.slowlint.catalogue]`: what a project says about calls of its own libraries, and of its own functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import load
from slowlint.linter.engine import lint
from slowlint.linter.errors import ConfigError
from slowlint.linter.model import Finding

HANDLER = """
    import acme
    from acme.billing import Client
    from . import legacy

    async def pay(client: Client) -> None:
        client.charge(3)
        client.name
        acme.now()

    async def print_it() -> None:
        legacy.spool("bill")

    def in_a_loop(client: Client, orders: list[int]) -> None:
        for order in orders:
            client.charge(order)
"""
SETTINGS = """
    [[tool.slowlint.catalogue.call]]
    match = ["acme.billing.Client.*"]
    kind = "http"
    remote = true
    waits_for = "the billing service"
    batch = "`charge_all(...)`"

    [[tool.slowlint.catalogue.call]]
    match = ["shop.legacy.spool"]
    waits_for = "the printer"

    [tool.slowlint.catalogue.not_blocking]
    match = ["acme.billing.Client.name"]
"""


def project(root: Path, settings: str, source: str = HANDLER) -> Path:
    from textwrap import dedent

    (root / "shop").mkdir()
    (root / "pyproject.toml").write_text(dedent(settings))
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "legacy.py").write_text("import _native\n\ndef spool(text):\n    _native.write(text)\n")
    (root / "shop" / "handlers.py").write_text(dedent(source))
    return root


def findings(root: Path) -> list[Finding]:
    return list(lint(root, load(root), rules.load(set(rules.families()))).findings)


def test_described_calls_block_and_repeat(tmp_path: Path) -> None:
    found = {(f.code, f.place.path, f.place.line): f for f in findings(project(tmp_path, SETTINGS))}
    assert sorted(found) == [
        ("blocking-call-in-async", "shop/handlers.py", 7),
        ("blocking-call-in-async", "shop/handlers.py", 12),
        ("remote-call-in-loop", "shop/handlers.py", 16),
    ]
    assert "the billing service" in found["blocking-call-in-async", "shop/handlers.py", 7].message
    assert "the printer" in found["blocking-call-in-async", "shop/handlers.py", 12].message
    assert found["remote-call-in-loop", "shop/handlers.py", 16].remedy == "use `charge_all(...)`"


def test_without_a_description_nothing_is_known_of_them(tmp_path: Path) -> None:
    assert findings(project(tmp_path, "")) == []


def test_what_a_project_says_goes_before_the_bundled_catalogue(tmp_path: Path) -> None:
    settings = '[tool.slowlint.catalogue.not_blocking]\nmatch = ["time.sleep"]\n'
    assert findings(project(tmp_path, settings, "import time\n\nasync def f():\n    time.sleep(0)\n")) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.slowlint]\ncatalogue = 3", "must be a table"),
        ("[[tool.slowlint.catalogue.call]]\nmatch = ['a.b']", "waits_for must be a text"),
        ("[[tool.slowlint.catalogue.call]]\nmatch = ['a b']\nwaits_for = 'x'", "is not a qualified name"),
        ("[[tool.slowlint.catalogue.call]]\nmatch = ['a.b']\nwaits_for = 'x'\ncolour = 'red'", "unknown key 'colour'"),
        ("[tool.slowlint.catalogue]\ncall = {}", "write [[call]], not [call]"),
        ("[tool.slowlint.catalogue]\nsame_as = 2026-11-25", "texts, lists and tables only"),
    ],
)
def test_a_description_that_cannot_be_understood(tmp_path: Path, settings: str, message: str) -> None:
    root = project(tmp_path, settings)
    with pytest.raises(ConfigError, match=message.replace("[", r"\[").replace("]", r"\]")):
        findings(root)


def test_a_new_description_is_heard_at_once(tmp_path: Path) -> None:
    root = project(tmp_path, "")
    cache = tmp_path / "cache"
    all_rules = rules.load(set(rules.families()))
    assert lint(root, load(root), all_rules, cache=cache).findings == ()
    (root / "pyproject.toml").write_text("[[tool.slowlint.catalogue.call]]\nmatch = ['acme.now']\nwaits_for = 'time'\n")
    assert [f.code for f in lint(root, load(root), all_rules, cache=cache).findings] == ["blocking-call-in-async"]


def test_described_calls_are_waits_in_a_transaction_too(tmp_path: Path) -> None:
    source = """
        from acme.billing import Client
        from django.db import transaction

        def pay(client: Client) -> None:
            with transaction.atomic():
                client.charge(3)
    """
    (found,) = findings(project(tmp_path, SETTINGS, source))
    assert (found.code, found.place.line) == ("remote-call-in-transaction", 7)
    assert "waits for the billing service" in found.message
