"""Sitemaps: `location` is called once per item, and by itself it asks for `get_absolute_url`."""

from django.contrib.sitemaps import Sitemap

from catalog.models import Book, Category


class CategorySitemap(Sitemap):
    def items(self):
        return Category.objects.order_by("pk")

    def get_domain(self, site=None):
        return "example.org"


class JoinedCategorySitemap(CategorySitemap):
    def items(self):
        return super().items().select_related("parent")


class BookSitemap(Sitemap):
    def items(self):
        return Book.objects.order_by("pk")

    def location(self, item):
        return f"/authors/{item.author_id}/books/{item.pk}/"

    def get_domain(self, site=None):
        return "example.org"
