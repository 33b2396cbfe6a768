"""The catalogue of blocking and remote calls: its names exist, patterns mean what they say, bad files fail."""

from __future__ import annotations

import importlib
import sys
import threading

import pytest

from slowlint.linter.frameworks.catalogue import Catalogue, CatalogueError, build, load
from slowlint.linter.frameworks.dbapi import ASYNC_DRIVERS

# Names of the standard library that not every supported Python has.
SINCE = {
    "pathlib.Path.copy": (3, 14),
    "pathlib.Path.copy_into": (3, 14),
    "pathlib.Path.from_uri": (3, 13),
    "pathlib.Path.is_junction": (3, 12),
    "pathlib.Path.move": (3, 14),
    "pathlib.Path.move_into": (3, 14),
    "pathlib.Path.walk": (3, 12),
    "pathlib.Path.with_segments": (3, 12),
}
UNTIL = {"spwd.getspnam": (3, 13)}
# Before 3.13 these are functions that make a lock; their methods are those of the lock.
FACTORIES = {threading.Lock, threading.RLock}

GOOD = """
title = "HTTP clients"
[[call]]
match = ["wire.get", "wire.Client.*"]
kind = "http"
blocks = true
remote = true
waits_for = "the answer"
cost = "1 ms"
instead = "`wire.aio`"
batch = "`get_many`"
[returns]
"wire.Client" = "wire.Client"
"wire.connect" = "wire.Client"
"wire.Client.*" = "wire.Page"
[items]
"wire.Client.pages" = "wire.Page"
[same_as]
"wire.client.Client" = "wire.Client"
[not_blocking]
match = ["wire.Client.url"]
[[work]]
match = ["wire.parse"]
does = "parse"
costly = true
cost = "1 ms"
instead = "parse it once"
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def standard_names() -> list[str]:
    found = load()
    names = {
        *found.calls,
        *found.works,
        *found.exceptions,
        *found.given,
        *found.given.values(),
        *found.iterated,
        *found.aliases,
    }
    standard = {name.removesuffix(".*") for name in names if name.partition(".")[0] in sys.stdlib_module_names}
    return sorted(name for name in standard if "__" not in name)


def exists(name: str) -> bool:
    """Whether `name` can be imported and its attributes followed."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            value = value() if value in FACTORIES and callable(value) else value
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


@pytest.mark.parametrize("name", standard_names())
def test_every_name_of_the_standard_library_exists(name: str) -> None:
    there = SINCE.get(name, (3, 0)) <= sys.version_info[:2] < UNTIL.get(name, (4, 0))
    if there:
        assert exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "builtins.open",
        "time.sleep",
        "requests.get",
        "requests.sessions.Session.post",
        "redis.client.StrictRedis.hgetall",
        "pathlib.PosixPath.read_text",
        "pathlib.Path.walk",
        "subprocess.run",
        "socket.getaddrinfo",
        "sqlite3.Connection.execute",
        "botocore.client.BaseClient.get_object",
        "queue.PriorityQueue.get",
        "concurrent.futures.Future.result",
        "docker.models.containers.Container.restart",
    ],
)
def test_blocks(catalogue: Catalogue, name: str) -> None:
    entry = catalogue.lookup(name)
    assert entry is not None
    assert entry.blocks


@pytest.mark.parametrize(
    "name",
    [
        "pathlib.Path.with_suffix",
        "pathlib.Path.name",
        "pathlib.Path.__truediv__",
        "pathlib.PurePath.read_text",
        "io.StringIO.read",
        "io.BytesIO.write",
        "asyncio.sleep",
        "asyncio.Queue.get",
        "asyncio.Event.wait",
        "asyncio.Task.result",
        "anyio.Path.exists",
        "aiofiles.open",
        "requests.Request",
        "requests.Session",
        "redis.client.Pipeline.get",
        "redis.asyncio.client.Pipeline.execute",
        "boto3.dynamodb.table.BatchWriter.put_item",
        "botocore.client.BaseClient.generate_presigned_url",
        "os.path.join",
        "json.loads",
        "open",
        "",
        ".",
    ],
)
def test_waits_for_nothing(catalogue: Catalogue, name: str) -> None:
    assert catalogue.lookup(name) is None


@pytest.mark.parametrize(
    ("name", "batch"),
    [
        ("httpx.AsyncClient.get", "gather"),
        ("aiohttp.ClientSession.post", "gather"),
        ("redis.asyncio.Redis.get", "mget"),
        ("django.core.cache.cache.aget", "aget_many"),
        ("elasticsearch.AsyncElasticsearch.index", "async_bulk"),
    ],
)
def test_asynchronous_clients_are_remote_but_do_not_block(catalogue: Catalogue, name: str, batch: str) -> None:
    entry = catalogue.lookup(name)
    assert entry is not None
    assert (entry.blocks, entry.remote) == (False, True)
    assert batch in entry.batch


def test_the_batched_forms_are_not_remote_calls_per_item(catalogue: Catalogue) -> None:
    for name in ("redis.Redis.mget", "django.core.cache.cache.get_many", "botocore.client.BaseClient.delete_objects"):
        entry = catalogue.lookup(name)
        assert entry is not None
        assert (entry.blocks, entry.remote) == (True, False), name


def test_every_remote_call_names_its_batched_form(catalogue: Catalogue) -> None:
    assert [name for name, entry in catalogue.calls.items() if entry.remote and not entry.batch] == []


def test_values_resolve_through_calls_attributes_and_items(catalogue: Catalogue) -> None:
    assert catalogue.returns("builtins.open") == "io.TextIOWrapper"
    assert catalogue.returns("pathlib.PosixPath.with_name") == "pathlib.Path"
    assert catalogue.returns("redis.client.Redis.from_url") == "redis.Redis"
    database = catalogue.returns("pymongo.MongoClient.app")
    assert database is not None
    assert catalogue.returns(f"{database}.events") == "pymongo.collection.Collection"
    assert catalogue.returns("pymongo.MongoClient.server_info") is None
    assert catalogue.returns("json.loads") is None
    assert catalogue.items("pathlib.Path.iterdir") == "pathlib.Path"


def test_what_a_call_gives_has_methods_or_gives_more(catalogue: Catalogue) -> None:
    """A class that `[returns]` names but nothing else mentions would be a slip of the pen."""
    spoken_of = {*catalogue.calls, *catalogue.works, *catalogue.exceptions, *catalogue.given}
    used = {name.rpartition(".")[0] for name in spoken_of} | {
        name[: len(value)] for value in catalogue.given.values() for name in spoken_of if name.startswith(value + ".")
    }
    quiet = {"boto3.dynamodb.table.BatchWriter", "pathlib.PurePath", "redis.asyncio.client.Pipeline"}
    read = {name for name in catalogue.given.values() if name.startswith(ASYNC_DRIVERS)}  # by what their calls send
    assert set(catalogue.given.values()) - used - quiet - read == set()


def test_patterns_exceptions_and_aliases() -> None:
    found = build({"http.toml": GOOD})
    work = found.work("wire.parse")
    assert work is not None
    assert (work.does, work.costly, work.argument) == ("parse", True, 0)
    assert found.work("wire.get") is None
    assert found.lookup("wire.client.Client.fetch") == found.lookup("wire.get")
    assert found.lookup("wire.Client.url") is None
    assert found.lookup("wire.Client._private") is None
    assert found.lookup("wire.Client.fetch.deeper") is None
    assert found.lookup("wire.Client") is None
    assert found.returns("wire.Client.fetch") == "wire.Page"
    assert found.items("wire.client.Client.pages") == "wire.Page"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "HTTP clients"', "", "http.toml: title must be a text"),
        ('kind = "http"', 'kind = "htp"', "http.toml: call 1: kind 'htp' is none of http, dns"),
        ("blocks = true", 'blocks = "yes"', "http.toml: call 1: blocks must be true or false"),
        ("blocks = true\nremote = true", "blocks = false\nremote = false", "call 1: neither blocks nor remote"),
        ('cost = "1 ms"\n', "", "http.toml: call 1: cost must be a text"),
        ("batch =", "batched =", "http.toml: call 1: unknown key 'batched'"),
        ("[items]", "[item]", "http.toml: unknown key 'item'"),
        ('"wire.get", ', '"wire get", ', "http.toml: call 1: match: 'wire get' is not a qualified name"),
        ('"wire.get", ', '"wire.Client.*", ', "wire.Client.* is described twice"),
        ('["wire.get", "wire.Client.*"]', "[]", "http.toml: call 1: match must be a list of names"),
        ("[[call]]", "[call]", "http.toml: write [[call]], not [call]"),
        ('does = "parse"', 'does = "pars"', "http.toml: work 1: does 'pars' is none of parse, copy"),
        ("costly = true", "costly = 1", "http.toml: work 1: costly must be true or false"),
        ("[[work]]", "[work]", "http.toml: write [[work]], not [work]"),
        ('"wire.get"', '"wire.client.Client.get"', "can never be found: it is looked up as wire.Client.get"),
        ("title", "title title", "http.toml: Expected '='"),
        ('match = ["wire.Client.url"]', 'names = ["wire.Client.url"]', "[not_blocking]: unknown key 'names'"),
        ('"wire.connect" = "wire.Client"', '"wire.connect" = 1', "[returns]: 1 is not a qualified name"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError) as caught:
        build({"http.toml": GOOD.replace(old, new, 1)})
    assert message in str(caught.value)


def test_two_files_may_not_disagree() -> None:
    other = 'title = "Other"\n[returns]\n"wire.connect" = "wire.Server"\n'
    with pytest.raises(CatalogueError, match=r"elsewhere it is wire[.]Client"):
        build({"http.toml": GOOD, "other.toml": other})
