"""How sure the rules of waits and of repeated costs are: what was met in real code, and turned out to be less sure."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

HEAD = """
    import boto3
    import httpx
    import requests
    from celery import shared_task
    from django.core.mail import send_mail
    from django.db import transaction
    from flask import Flask

    app = Flask(__name__)
"""
CASES = {
    "a host that is written": (
        "no-connection-reuse",
        "likely",
        """
        def load(names):
            for name in names:
                url = f"https://a.example/{name}"
                requests.get(url, timeout=3)
        """,
    ),
    "a host that the object knows": (
        "no-connection-reuse",
        "likely",
        """
        class Api:
            def __init__(self, base):
                self.base = base

            def load(self, names):
                for name in names:
                    requests.get(self.base + name, timeout=3)
        """,
    ),
    "an address out of data": (
        "no-connection-reuse",
        "possible",
        """
        def load(pages):
            for page in pages:
                requests.get(page["url"], timeout=3)
        """,
    ),
    "the first argument of a static method is no object": (
        "no-connection-reuse",
        "possible",
        """
        class Api:
            @staticmethod
            def ask(url):
                return requests.get(f"{url}/status", timeout=3)

            def load(self, urls):
                for url in urls:
                    self.ask(url)
        """,
    ),
    "one after another until one succeeds": (
        "client-per-call",
        "possible",
        """
        def load(servers):
            for server in servers:
                with httpx.Client() as client:
                    answer = client.get(server)
                if answer.is_success:
                    return answer
        """,
    ),
    "a client that costs much, in the handler": (
        "client-per-call",
        "certain",
        """
        @app.route("/")
        def index():
            return boto3.client("s3").list_buckets()
        """,
    ),
    "a client that costs a connection": (
        "client-per-call",
        "likely",
        """
        @app.route("/")
        def index():
            return requests.Session().get("https://a.example/", timeout=3).text
        """,
    ),
    "a client that is made for somebody": (
        "client-per-call",
        "possible",
        """
        @app.route("/<key>")
        def index(key):
            return boto3.client("s3", aws_access_key_id=key).list_buckets()
        """,
    ),
    "a client for each task": (
        "client-per-call",
        "possible",
        """
        @shared_task
        def clean():
            boto3.client("s3").list_buckets()
        """,
    ),
    "a wait far below a transaction": (
        "remote-call-in-transaction",
        "likely",
        """
        def save():
            with transaction.atomic():
                a()

        def a():
            b()

        def b():
            c()

        def c():
            d()

        def d():
            requests.get("https://a.example/", timeout=3)
        """,
    ),
    "a limit that somebody switched off": (
        "missing-timeout",
        "likely",
        """
        def load():
            return httpx.get("https://a.example/", timeout=None)
        """,
    ),
    "a limit that somebody may pass": (
        "missing-timeout",
        "possible",
        """
        def load():
            return ask(None)

        def ask(timeout):
            return httpx.get("https://a.example/", timeout=timeout)
        """,
    ),
    "mail": (
        "sync-io-in-request",
        "likely",
        """
        @app.route("/")
        def index():
            send_mail("a", "b", "c", ["d"])
            return "done"
        """,
    ),
    "mail that is tried out": (
        "sync-io-in-request",
        "possible",
        """
        @app.route("/")
        def send_test_mail():
            send_mail("a", "b", "c", ["d"])
            return "done"
        """,
    ),
}


@pytest.mark.parametrize(("code", "confidence", "source"), CASES.values(), ids=CASES)
def test_confidence(tmp_path: Path, code: str, confidence: str, source: str) -> None:
    folder = tmp_path / "app"  # what stands in a folder of tests is cold, but the root's own name does not count
    folder.mkdir()
    (folder / "app.py").write_text(dedent(HEAD) + dedent(source))
    found = [f for f in lint(folder, Settings(), rules.load()).findings if f.code == code]
    assert [f.confidence for f in found] == [confidence]


def test_what_developers_run_is_told_with_less_force(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    source = 'import requests\n\n\ndef load():\n    return requests.get("https://a.example/")\n'
    (tmp_path / "scripts" / "load.py").write_text(source)
    (tmp_path / "shop.py").write_text(source)
    found = {f.place.path: f.confidence for f in lint(tmp_path, Settings(), rules.load()).findings}
    assert found == {"scripts/load.py": "possible", "shop.py": "certain"}
