"""One route in every spelling."""

from __future__ import annotations

import pytest

from slowlint.advisor.routes import canonical


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("api/ipam/prefixes/$", "/api/ipam/prefixes"),
        ("^api/ipam/prefixes/$", "/api/ipam/prefixes"),
        ("GET /api/ipam/prefixes/", "/api/ipam/prefixes"),
        (r"api/dcim/devices/(?P<pk>[^/.]+)/$", "/api/dcim/devices/{}"),
        (r"^users/(?P<name>(?:a|b)[)(]+)/posts/?$", "/users/{}/posts"),
        (r"api/v1\.0/x/(\d+)/", "/api/v1.0/x/{}"),
        ("/users/<int:pk>", "/users/{}"),
        ("projects/<uuid:code>/checks/", "/projects/{}/checks"),
        ("/users/{user_id}", "/users/{}"),
        ("/files/{path:path}", "/files/{}"),
        ("/users/:id/posts/:post", "/users/{}/posts/{}"),
        ("", "/"),
        ("/", "/"),
        ("^$", "/"),
        ("//a///b//", "/a/b"),
        ("(((((", "/"),
    ],
)
def test_spellings(spelling: str, expected: str) -> None:
    assert canonical(spelling) == expected


def test_other_routes_stay_apart() -> None:
    routes = ["/users/{id}", "/users", "/users/{id}/posts", "/user/{id}", "/v1/users/{id}"]
    assert len({canonical(route) for route in routes}) == len(routes)
