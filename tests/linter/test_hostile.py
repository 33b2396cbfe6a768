"""Files that no person wrote: the run ends, says what it could not read and where, and lints the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

GOOD = "import time\n\n\nasync def wait():\n    time.sleep(1)\n"
READABLE = {
    "sum.py": "x = " + " + ".join(f"a{i}" for i in range(1_000)) + "\n",  # 3.12 parses not many more
    "recursion.py": "def f(x):\n    return g(x)\n\n\ndef g(x):\n    return f([x])\n\n\n"
    "class A(B): ...\n\n\nclass B(A): ...\n",
    "itself.py": "from itself import *\nfrom itself import name as name\n",
    "giant.py": "def f(x):\n" + "".join(f"    x{i} = g{i}(x)\n" for i in range(20_000)),
    "deepening.py": "def f(x):\n    for y in x:\n        f({1: [y, f]})\n        f([x])\n        f((x, y))\n",
}
UNREADABLE = {
    "chain.py": b"x = a" + b".b(1)" * 3_000 + b"\n",
    "ladder.py": b"".join(b"if x:\n  y = 1\nel" for _ in range(3_000)) + b"se:\n  pass\n",
    "null.py": b"x = 1\0\n",
    "coding.py": b"\xff\xfe\xfa\n",
    "half.py": b"def f(:\n",
    "unknown.py": b"# coding: no-such-codec\nx = 1\n",
}


@pytest.mark.parametrize("name", [*READABLE, *UNREADABLE])
def test_the_rest_is_linted_whatever_one_file_holds(tmp_path: Path, name: str) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    content = UNREADABLE.get(name)
    (tmp_path / name).write_bytes(content if content is not None else READABLE[name].encode())
    result = lint(tmp_path, Settings(), rules.load())
    assert [(f.code, f.place.path) for f in result.findings] == [("blocking-call-in-async", "good.py")]
    assert [u.place.path for u in result.unreadable] == ([name] if content is not None else [])


SHOP = {
    "models.py": "from django.db import models\n\n\nclass A(models.Model):\n"
    "    b = models.ForeignKey('self', null=True, on_delete=models.CASCADE)\n\n"
    "    def __str__(self):\n        return f'{self.pk}'\n",
    "views.py": "from django.shortcuts import render\n\nfrom models import A\n\n\ndef page(request, name):\n"
    "    return render(request, 'good.html', {'rows': A.objects.all(), 'name': name})\n",
    "templates/good.html": "{% for r in rows %}{{ r.b }}{% endfor %}{% include 'strange.html' %}",
}
STRANGE = {
    "includes itself": "{% for r in rows %}{% include 'strange.html' with rows=r.a_set.all %}{% endfor %}",
    "extends itself": "{% extends 'strange.html' %}{% block a %}{% include 'strange.html' %}{% endblock %}",
    "never ends": "{% for r in rows %}" * 3_000 + "{{ r.pk" * 3_000,
    "a name that is not known": "{% include name %}{% extends name %}{% include '../../../../etc/passwd' %}",
    "no text": "\0\ufffd{%\0%}{{\0}}",
    "macros that call themselves": "{% macro m(x) %}{{ m(m(x)) }}{% endmacro %}{{ m(rows) }}",
}


@pytest.mark.parametrize("name", STRANGE)
def test_the_rest_is_linted_whatever_one_template_holds(tmp_path: Path, name: str) -> None:
    (tmp_path / "templates").mkdir()
    for path, text in {**SHOP, "templates/strange.html": STRANGE[name]}.items():
        (tmp_path / path).write_text(text)
    result = lint(tmp_path, Settings(), rules.load())
    found = [f for f in result.findings if f.place.path == "templates/good.html"]
    assert [(f.code, f.place.line, f.place.column) for f in found] == [("lazy-load-in-template", 1, 25)]
