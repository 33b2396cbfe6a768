"""Where the requests of the cases enter."""

from django.contrib import admin
from django.urls import include, path

from catalog import questions

urlpatterns = [
    path("admin/", admin.site.urls),
    path("catalog/every-row/", questions.every_row),
    path("catalog/first-rows/", questions.first_rows),
    path("catalog/page-by-number/", questions.page_by_number),
    path("catalog/page-after-a-row/", questions.page_after_a_row),
    path("catalog/counted-twice/", questions.counted_beside_the_paginator),
    path("catalog/counted-once/", questions.counted_by_the_paginator),
    path("pages/", include("pages.urls")),
    path("api/", include("api.urls")),
    path("ninja/", include("ninja_api.urls")),
    path("graph/", include("graph.urls")),
    path("jobs/", include("jobs.urls")),
]
