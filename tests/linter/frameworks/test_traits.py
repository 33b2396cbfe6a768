"""What the traits say of libraries, compared with the libraries themselves where they are installed."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from slowlint.linter.frameworks import catalogue, traits

KNOWN = traits.load()
INSTALLED = ("requests", "httpx", "urllib", "socket", "http", "smtplib", "ftplib", "imaplib", "poplib", "asyncio")


def found(name: str) -> Any:
    """The object of a full name; skips the test when its library is not installed."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            value = import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            assert error.name is not None
            continue
        if getattr(value, "__file__", None) is None and length < len(parts) - 1 and not hasattr(value, parts[length]):
            break  # a namespace of several distributions
        for part in parts[length:]:
            value = getattr(value, part)
        return value
    pytest.skip(f"{name} is not installed")


def endless() -> Iterator[tuple[str, traits.Endless]]:
    for name, trait in KNOWN.named.items():
        if trait.endless is not None and name.startswith(INSTALLED):
            yield name, trait.endless


@pytest.mark.parametrize(("name", "known"), list(endless()))
def test_the_parameter_that_limits_a_wait_stands_where_the_traits_say(name: str, known: traits.Endless) -> None:
    parameters = list(inspect.signature(found(name)).parameters.values())
    names = [p.name for p in parameters if p.name != "self"]
    handed_on = any(p.kind is p.VAR_KEYWORD for p in parameters)  # `requests.get(url, **kwargs)`
    assert known.without in names or handed_on
    if known.position >= 0:
        assert names[known.position] == known.without


@pytest.mark.parametrize(("name", "known"), [(n, e) for n, e in endless() if not n.startswith("requests")])
def test_without_it_the_wait_has_no_limit(name: str, known: traits.Endless) -> None:
    parameter = inspect.signature(found(name)).parameters[known.without]
    unlimited = parameter.default in (None, getattr(socket, "_GLOBAL_DEFAULT_TIMEOUT", None))
    # imaplib and poplib hand the default of sockets on under a name of their own
    assert unlimited != known.only_none or parameter.default is socket._GLOBAL_DEFAULT_TIMEOUT  # type: ignore[attr-defined]
    assert socket.getdefaulttimeout() is None


@pytest.mark.parametrize("name", [n for n, t in KNOWN.named.items() if t.client is not None or t.lock])
def test_what_is_made_exists(name: str) -> None:
    assert callable(found(name))


@pytest.mark.parametrize("name", KNOWN.named)
def test_a_name_is_found_as_it_is_written(name: str) -> None:
    assert traits.of(name) is not None
    assert traits.of(catalogue.load().canonical(name)) is not None


def test_what_is_known_of_a_name_is_known_of_its_aliases() -> None:
    trait = traits.of("requests.sessions.Session.get")
    assert trait is not None
    assert trait.endless is not None
    assert traits.of("requests.codes") is None
    assert traits.of("shop.requests.get") is None


def test_calls_that_change_nothing_are_known_by_their_names() -> None:
    assert all(KNOWN.reads(name) for name in ("httpx.AsyncClient.get", "x.Client.get_item", "redis.Redis.hgetall"))
    assert not any(
        KNOWN.reads(name) for name in ("httpx.AsyncClient.post", "redis.Redis.set", "x.target", "redis.Redis.getset")
    )
