"""Tables of django-tables2: a column is read once per row."""

import django_tables2 as tables

from catalog.models import Book


class BookTable(tables.Table):
    title = tables.Column()
    writer = tables.Column(accessor="author__name")  # slow: [lazy-load-in-template]
    publisher = tables.TemplateColumn("{{ record.publisher.name }}")  # slow: [lazy-load-in-template]

    class Meta:
        model = Book
        fields = ("title",)


class JoinedBookTable(tables.Table):
    title = tables.Column()
    writer = tables.Column(accessor="author__name")
    publisher = tables.TemplateColumn("{{ record.publisher.name }}")

    class Meta:
        model = Book
        fields = ("title",)
