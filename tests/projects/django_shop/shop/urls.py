"""Where the requests of the cases enter."""

from django.contrib import admin
from django.urls import include, path

from catalog import questions

urlpatterns = [
    path("admin/", admin.site.urls),
    path("catalog/every-row/", questions.every_row),
    path("catalog/first-rows/", questions.first_rows),
    path("pages/", include("pages.urls")),
    path("api/", include("api.urls")),
    path("ninja/", include("ninja_api.urls")),
    path("graph/", include("graph.urls")),
    path("jobs/", include("jobs.urls")),
]
