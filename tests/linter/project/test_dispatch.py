"""Calls of which only a base class or a protocol is known: what the methods that may run do reaches the caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.project.summaries import summary

from ..frameworks.projects import check, project

STORES = """
import abc
import asyncio
import time
from typing import Protocol


class Store(abc.ABC):
    @abc.abstractmethod
    def load(self, key): ...

    def name(self):
        return "store"


class Disk(Store):
    def load(self, key):
        time.sleep(1)  # error: blocking-call-reachable


class Memory(Store):
    def load(self, key):
        return None

    def name(self):
        time.sleep(2)  # error: blocking-call-reachable
        return "memory"


class Exact:
    def name(self):
        return "exact"


class Below(Exact):
    def name(self):
        time.sleep(3)
        return "below"


class Sized(Protocol):
    def measure(self): ...
    def shrink(self): ...


class Crate:
    def measure(self):
        time.sleep(4)  # error: blocking-call-reachable

    def shrink(self):
        return 1


class Half:
    def measure(self):
        time.sleep(5)


async def abstract(store: Store):
    store.load("a")


async def overridden(store: Store | None):
    if store is not None:
        store.name()


async def made_here():
    Exact().name()  # this very class


async def structural(sized: Sized):
    sized.measure()
"""


def _confidence(folder: Path, source: str) -> dict[str, str]:
    """The confidence of each finding by the text of its line."""
    (folder / "app.py").write_text(source)
    found = lint(folder, Settings(), rules.load()).findings
    lines = source.splitlines()
    return {lines[f.place.line - 1].partition("#")[0].strip(): f.confidence for f in found if f.family == "io"}


def test_overriding_methods_are_what_is_called(tmp_path: Path) -> None:
    check(tmp_path, {"app.py": STORES}, family="io")


def test_what_only_some_do_is_likely_and_what_all_do_is_certain(tmp_path: Path) -> None:
    found = _confidence(tmp_path, STORES)
    assert found["time.sleep(1)"] == "likely"
    assert found["time.sleep(4)"] == "certain"  # the only class that has the methods
    both = STORES.replace("        return None\n", "        time.sleep(6)\n")
    assert _confidence(tmp_path, both)["time.sleep(1)"] == "certain"


@pytest.mark.parametrize(("count", "reported"), [(3, True), (9, False)])
def test_too_many_candidates_say_nothing(tmp_path: Path, count: int, reported: bool) -> None:
    source = "import time\n\n\nclass Base:\n    def run(self):\n        raise NotImplementedError\n\n\n"
    for number in range(count):
        source += f"class Job{number}(Base):\n    def run(self):\n        time.sleep({number})\n\n\n"
    source += "async def handle(job: Base):\n    job.run()\n"
    assert bool(_confidence(tmp_path, source)) is reported


def test_methods_that_one_call_reaches_are_one_finding(tmp_path: Path) -> None:
    source = """
import time


class Base:
    def run(self):
        raise NotImplementedError


class One(Base):
    def run(self):
        time.sleep(1)


class Two(Base):
    def run(self):
        time.sleep(2)


async def handle(job: Base):
    job.run()
"""
    (tmp_path / "app.py").write_text(source)
    found = [f for f in lint(tmp_path, Settings(), rules.load()).findings if f.family == "io"]
    assert len(found) == 1
    assert any("also here" in because.message for because in found[0].because)
    assert any("perhaps" in because.message for because in found[0].because)


def test_a_loop_over_objects_of_many_classes(tmp_path: Path) -> None:
    """What one of three classes does is not done in every round; what the same object does in every round is."""
    check(
        tmp_path,
        {
            "app.py": """
            import requests

            class Channel:
                def send(self, text):
                    return None

            class Web(Channel):
                def send(self, text):
                    requests.post("https://example.com", data=text, timeout=5)  # error: remote-call-in-loop

            class Log(Channel):
                def send(self, text):
                    print(text)

            class Sink:
                def put(self, text):
                    return None

            class Remote(Sink):
                def put(self, text):
                    requests.put("https://example.com", data=text, timeout=5)

            def one(channel: Channel, texts):
                for text in texts:
                    channel.send(text)

            def many(sinks: list[Sink], text):
                for sink in sinks:
                    sink.put(text)
            """
        },
        family="io",
    )


def test_an_argument_is_no_other_class_than_its_parameter_takes(tmp_path: Path) -> None:
    made = project(
        {
            "app.py": """
            class Repo:
                def rows(self):
                    raise NotImplementedError

            class Near(Repo):
                def rows(self):
                    return near()

            class Far(Repo):
                def rows(self):
                    return far()

            def near(): ...
            def far(): ...

            def use(repo: Near):
                return repo.rows()

            def start(repo: Repo):
                use(repo)
            """
        }
    )
    (used,) = [context for ref, context in summary(made, "app.py::start", None).calls if ref == "app.py::use"]
    assert [ref for ref, _ in summary(made, "app.py::use", used).calls] == ["app.py::Near.rows"]
