"""Reported paths find their file in the repository, or nothing."""

from __future__ import annotations

import pytest

from slowlint.advisor.places import PlaceMapper

NETBOX = [
    "netbox/ipam/models.py",
    "netbox/ipam/api/serializers_/ip.py",
    "netbox/dcim/models/devices.py",
    "netbox/dcim/models/__init__.py",
    "netbox/ipam/__init__.py",
    "netbox/netbox/middleware.py",
    "netbox/manage.py",
    "scripts/middleware.py",
]


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/opt/netbox/netbox/ipam/models.py", "netbox/ipam/models.py"),
        ("/app/ipam/api/serializers_/ip.py", "netbox/ipam/api/serializers_/ip.py"),
        ("ipam/models.py", "netbox/ipam/models.py"),
        ("./netbox/ipam/models.py", "netbox/ipam/models.py"),
        ("netbox/../netbox/ipam/models.py", "netbox/ipam/models.py"),
        ("C:\\srv\\netbox\\ipam\\models.py", "netbox/ipam/models.py"),
        ("file:///srv/netbox/ipam/models.py", "netbox/ipam/models.py"),
        ("/usr/lib/python3.12/site-packages/django/db/models.py", None),
        ("/usr/lib/python3.12/manage.py", None),
        ("/opt/venv/lib/python3.12/site-packages/ipam/models.py", "netbox/ipam/models.py"),
        ("gunicorn/app/base.py", None),
        ("models.py", None),
        ("<frozen importlib._bootstrap>", None),
        ("<string>", None),
        ("", None),
        ("/", None),
    ],
)
def test_one_path(path, file):
    assert PlaceMapper(NETBOX).map(path) == file


def test_what_is_ambiguous_is_decided_by_its_folder():
    files = ["shop/a/models.py", "shop/b/views.py", "old/a/models.py", "shop/main.py", "old/main.py"]
    mapper = PlaceMapper(files)
    assert mapper.map("/srv/a/models.py") is None
    assert mapper.map("/srv/main.py") is None
    assert mapper.map("/srv/b/views.py") == "shop/b/views.py"
    assert mapper.map("/srv/a/models.py") == "shop/a/models.py"
    assert mapper.map("/srv/main.py") == "shop/main.py"


def test_learning_first_makes_the_order_irrelevant():
    files = ["shop/a/models.py", "shop/b/views.py", "old/a/models.py"]
    paths = ["/srv/a/models.py", "/srv/b/views.py"]
    for order in (paths, paths[::-1]):
        mapper = PlaceMapper(files)
        mapper.learn(order)
        assert [mapper.map(path) for path in paths] == ["shop/a/models.py", "shop/b/views.py"]


def test_a_library_is_not_taken_for_the_application_because_of_one_name():
    mapper = PlaceMapper(["utils/urls.py", "core/base.py", "manage.py"])
    reported = ["manage.py", "core/base.py", "rest_framework/utils/urls.py"]
    reported += [f"rest_framework/{name}.py" for name in ("views", "fields", "serializers", "mixins")]
    mapper.learn(reported)
    assert [path for path in reported if mapper.map(path)] == ["manage.py", "core/base.py"]


def test_flat_applications():
    mapper = PlaceMapper(["app.py", "models.py"])
    assert mapper.map("/tmp/demo/models.py") == "models.py"
    assert mapper.map("./app.py") == "app.py"
    assert mapper.map("/tmp/demo/other.py") is None


def test_many_files_and_look_ups_are_fast_enough_to_do_per_frame():
    files = [f"pkg{a}/mod{b}/__init__.py" for a in range(100) for b in range(100)]
    mapper = PlaceMapper(files)
    assert mapper.map("/app/pkg3/mod4/__init__.py") == "pkg3/mod4/__init__.py"
    assert mapper.map("/app/__init__.py") is None
    for _ in range(200_000):
        mapper.map("/app/pkg3/mod4/__init__.py")
