"""The cases of `web_shop` that concern what renders rows outside Django: schemas of all libraries, models' own."""

from __future__ import annotations

from .cases import ADMIN, SERIALIZER, Case, silent, slow

FASTAPI = [
    slow("/api/orders", SERIALIZER, SERIALIZER, repaired="/api/orders/joined"),
    silent("/api/orders/joined"),
    slow("/api/orders/half", SERIALIZER, repaired="/api/orders/joined"),
    slow("/api/orders/excluded", SERIALIZER, SERIALIZER, repaired="/api/orders/joined"),
    silent("/api/numbers"),
    slow("/api/annotated", SERIALIZER, SERIALIZER, repaired="/api/annotated/loaded"),
    silent("/api/annotated/loaded"),
    silent("/api/unread"),
    silent("/api/overruled"),
    silent("/api/unvalidated"),
    slow("/api/enveloped", SERIALIZER, SERIALIZER, repaired="/api/enveloped/joined"),
    silent("/api/enveloped/joined"),
    slow("/api/aliased", SERIALIZER, repaired="/api/aliased/joined"),
    silent("/api/aliased/joined"),
    slow("/api/tagged", SERIALIZER, repaired="/api/tagged/loaded"),
    silent("/api/tagged/loaded"),
    slow("/api/buyers", SERIALIZER),
    slow("/api/flat", SERIALIZER),
    silent("/api/one"),
    slow("/api/paged", SERIALIZER, SERIALIZER, repaired="/api/paged/joined"),
    silent("/api/paged/joined"),
    silent("/api/asynchronous"),
    silent("/api/asynchronous/paged"),
    slow("/api/heroes", SERIALIZER, repaired="/api/heroes/joined"),
    silent("/api/heroes/joined"),
    slow("api.routes:validated", SERIALIZER, SERIALIZER, repaired="api.routes:validated_joined"),
    silent("api.routes:validated_joined"),
    slow("api.routes:adapted", SERIALIZER, SERIALIZER, repaired="api.routes:adapted_joined"),
    silent("api.routes:adapted_joined"),
    slow("api.routes:constructed", SERIALIZER, SERIALIZER, repaired="api.routes:constructed_joined"),
    silent("api.routes:constructed_joined"),
]
MARSHMALLOW = [
    slow("api.dumps:orders", SERIALIZER, repaired="api.dumps:joined_orders"),
    silent("api.dumps:joined_orders"),
    silent("api.dumps:orders_without_customers"),
    silent("api.dumps:numbers"),
    slow("api.dumps:whole_orders", *[SERIALIZER] * 4, repaired="api.dumps:whole_orders_loaded"),
    silent("api.dumps:whole_orders_loaded"),
    silent("api.dumps:one_whole_order"),
    slow("api.dumps:names_of_customers", SERIALIZER, repaired="api.dumps:joined_names_of_customers"),
    silent("api.dumps:joined_names_of_customers"),
    slow("api.dumps:code", SERIALIZER, SERIALIZER),
    slow("api.dumps:tags", SERIALIZER, SERIALIZER, repaired="api.dumps:tags_loaded"),
    silent("api.dumps:tags_loaded"),
    silent("api.dumps:columns"),
    slow("api.dumps:prepared", SERIALIZER),
    silent("api.dumps:shelves"),
]
RESTX = [
    slow("/restx/orders", SERIALIZER, SERIALIZER),
    silent("/restx/numbers"),
    slow("/restx/lines", SERIALIZER, SERIALIZER, repaired="/restx/lines/loaded"),
    silent("/restx/lines/loaded"),
    slow("api.resources:marshalled", SERIALIZER),
    silent("api.resources:marshalled_numbers"),
]
PAGES = [
    slow("/admin/orders/", ADMIN),
    silent("/admin/joined/"),
    slow("/admin/lines/", ADMIN),
    silent("/admin/plain/"),
]
CASES: list[Case] = [*FASTAPI, *MARSHMALLOW, *RESTX, *PAGES]
