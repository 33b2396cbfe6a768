"""What Django itself does with classes whose methods it calls per item: syndication feeds and sitemaps.

Source: docs.djangoproject.com, "The syndication feed framework" and "The sitemap framework".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..project.values import UNKNOWN, Function, Value, parts

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

FEED = "feed"
SITEMAP = "sitemap"
_PER_ITEM = {
    FEED: (
        "item_title", "item_description", "item_link", "item_guid", "item_author_name", "item_author_email",
        "item_author_link", "item_pubdate", "item_updateddate", "item_categories", "item_copyright", "item_comments",
        "item_enclosures", "item_extra_kwargs",
    ),
    SITEMAP: ("location", "lastmod", "changefreq", "priority", "alternates"),
}  # fmt: skip
_BASES = {FEED: "django.contrib.syndication.views.Feed", SITEMAP: "django.contrib.sitemaps.Sitemap"}
_DEFAULT = {FEED: ("item_link", "get_absolute_url"), SITEMAP: ("location", "get_absolute_url")}


def drives(project: Project, info: ClassInfo) -> Sequence[str]:
    if project.lookup(info.ref, "items") is None:
        return ()
    return [kind for kind, base in _BASES.items() if info.inherits(base)]


def per_item(run: Run, kind: str, receiver: Value) -> Value:
    """Call `items`, then the others once for each item that came back."""
    cls = run.owner
    here = run.spot(0, 0)
    member = run.project.lookup(cls, "items")
    if member is None or member.kind != "function":
        return UNKNOWN
    items = run.call_function(Function(f"{member.owner}.items", receiver), (), {}, here)
    for part in parts(items):
        each, many, known = run.iterated(part, here)
        loop = run.open_loop(many, known, "item", part, None, 0, 0, "for")
        for name in _PER_ITEM[kind]:
            found = run.project.lookup(cls, name)
            if found is not None and found.kind == "function":
                run.call_function(Function(f"{found.owner}.{name}", receiver), (run.refreshed(each),), {}, here)
        own, instead = _DEFAULT[kind]
        if run.project.lookup(cls, own) is None:
            made = run.attribute(run.refreshed(each), instead, 0, 0)
            if isinstance(made, Function):
                run.call_function(made, (), {}, here)
        run.close(loop)
    return UNKNOWN
