"""Querysets with names: one that loads the relation, one that does not."""

from django.db import models


class BookQuerySet(models.QuerySet):
    def available(self):
        return self.filter(available=True)

    def with_author(self):
        return self.select_related("author")


class BookManager(models.Manager.from_queryset(BookQuerySet)):
    def newest_of(self, author):
        return self.filter(author=author).order_by("-pk").first()  # slow: [query-in-loop]
