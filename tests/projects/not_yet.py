"""What the linter gets wrong in `django_shop` today. All lists are strict: they can only shrink."""

from __future__ import annotations

from .cases import ADMIN, DEFERRED, LOOP, RESOLVER, SERIALIZER, TEMPLATE, WRITE

NOT_YET: dict[str, tuple[str, ...]] = {
    "catalog.loops/manager_that_does_not_load": (LOOP,),
    "catalog.loops/grouped": (LOOP,),
    "catalog.repeated/column_left_out": (DEFERRED,),
    "catalog.repeated/column_put_off": (DEFERRED,),
    "catalog.repeated/key_left_out": (DEFERRED,),
    "catalog.questions/filtered_here": ("filter-in-python",),
    "catalog.questions/summed_here": ("filter-in-python",),
    "catalog.questions/evaluated_twice": ("query-evaluated-twice",),
    "catalog/every-row": ("unbounded-query",),
    "catalog.questions/shuffled": ("random-order",),
    "pages/orders": (TEMPLATE,),
    "pages/lines": (
        TEMPLATE,
        TEMPLATE,
    ),
    "pages/included": (TEMPLATE,),
    "pages/extended": (TEMPLATE,),
    "pages/named": (TEMPLATE,),
    "pages/tested": (TEMPLATE,),
    "pages/regrouped": (TEMPLATE,),
    "pages/filters": (
        TEMPLATE,
        TEMPLATE,
    ),
    "pages/first": (TEMPLATE,),
    "pages/methods": (TEMPLATE,),
    "pages/properties": (TEMPLATE,),
    "pages/strings": (TEMPLATE,),
    "pages/cards": (TEMPLATE,),
    "pages/stock": (TEMPLATE,),
    "pages/rated": (TEMPLATE,),
    "pages/list": (TEMPLATE,),
    "pages/list-named": (TEMPLATE,),
    "pages/detail/1": (TEMPLATE,),
    "pages/shelf": (TEMPLATE,),
    "pages/steps": (TEMPLATE,),
    "pages/local": (TEMPLATE,),
    "pages/response": (TEMPLATE,),
    "pages/rendered": (TEMPLATE,),
    "pages/menu": (TEMPLATE,),
    "pages/table": (
        TEMPLATE,
        TEMPLATE,
    ),
    "pages/formset": (TEMPLATE,),
    "pages/both": (TEMPLATE,),
    "api/nested": (SERIALIZER,),
    "api/many": (
        SERIALIZER,
        SERIALIZER,
    ),
    "api/dotted": (SERIALIZER,),
    "api/starred": (SERIALIZER,),
    "api/methods": (
        SERIALIZER,
        SERIALIZER,
    ),
    "api/strings": (
        SERIALIZER,
        SERIALIZER,
    ),
    "api/slugs": (
        SERIALIZER,
        SERIALIZER,
    ),
    "api/keys": (SERIALIZER,),
    "api/properties": (SERIALIZER,),
    "api/deep": (SERIALIZER,),
    "api/inherited": (SERIALIZER,),
    "api/shown": (SERIALIZER,),
    "api/twice": (SERIALIZER,),
    "api/function": (SERIALIZER,),
    "api/looped": (SERIALIZER,),
    "api/reviews": (SERIALIZER,),
    "api/orders/unpaid": (SERIALIZER,),
    "api/books/cheap": (SERIALIZER,),
    "api/books/shelves": (SERIALIZER,),
    "admin/catalog/order": (ADMIN,),
    "admin/backoffice/checkedorder/1/change": (ADMIN,),
    "admin/catalog/invoice": (ADMIN,),
    "admin/backoffice/labelledinvoice": (ADMIN,),
    "admin/catalog/author": (ADMIN,),
    "admin/catalog/profile": (ADMIN,),
    "admin/catalog/book": (ADMIN,),
    "admin/catalog/book/1/change": (ADMIN,),
    "admin/catalog/category": (ADMIN,),
    "admin/backoffice/raworder/1/change": (ADMIN,),
    "admin/backoffice/selectorder/1/change": (ADMIN,),
    "graphene/books-title-writer": (RESOLVER,),
    "graphene/books-stars": (RESOLVER,),
    "graphene/books-house-name": (RESOLVER,),
    "graphene/orders-number-lines-quantity": (RESOLVER,),
    "graphene/reviews-stars-book-title": (RESOLVER,),
    "strawberry/books-title-author-name-house": (
        RESOLVER,
        RESOLVER,
    ),
    "strawberry/authors-name-titles": (RESOLVER,),
    "jobs.tasks/charge_all": (WRITE,),
    "jobs/sitemap": (LOOP,),
}
"""Case -> codes of its marks that are missed alarms."""

FALSE_ALARMS: set[tuple[str, str, str]] = {
    ("catalog/repeated.py", "column_left_out", LOOP),
    ("catalog/repeated.py", "column_put_off", LOOP),
}
"""(path, symbol, code) of findings on lines that are not slow, or not by that name."""

IN_VAIN = {"catalog.loops/nested"}
"""Cases that stay slow when all remedies are followed: `select_related` on children that another finding has
prefetched asks for them again."""
