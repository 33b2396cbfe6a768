"""strawberry: fields that are methods or attributes, and one with a loader that collects the keys."""

from __future__ import annotations

import strawberry
import strawberry_django
from strawberry_django.optimizer import DjangoOptimizerExtension

from catalog.models import Author, Book, Customer, Order


@strawberry.type
class Writer:
    name: str


@strawberry.type
class PlainBook:
    """Resolved from rows of `Book`."""

    title: str
    author: Writer  # slow: [lazy-load-in-resolver]

    @strawberry.field
    def house(root: Book) -> str:
        return root.publisher.name  # slow: [lazy-load-in-resolver]


@strawberry.type
class JoinedBook:
    title: str
    author: Writer

    @strawberry.field
    def house(root: Book) -> str:
        return root.publisher.name


@strawberry_django.type(Customer)
class CustomerType:
    name: strawberry.auto


@strawberry_django.type(Order)
class OrderType:
    """The optimizer reads the query and joins what it asks for."""

    number: strawberry.auto
    customer: CustomerType


@strawberry_django.type(Author)
class AuthorType:
    name: strawberry.auto

    @strawberry_django.field(only=["name"])
    def titles(self) -> list[str]:
        return [book.title for book in self.books.all()]  # slow: [lazy-load-in-resolver]

    @strawberry_django.field(prefetch_related=["books"])
    def prefetched_titles(self) -> list[str]:
        return [book.title for book in self.books.all()]


@strawberry.type
class Query:
    orders: list[OrderType] = strawberry_django.field()
    authors: list[AuthorType] = strawberry_django.field()

    @strawberry.field
    def books(self) -> list[PlainBook]:
        return list(Book.objects.all())

    @strawberry.field
    def joined_books(self) -> list[JoinedBook]:
        return list(Book.objects.select_related("author", "publisher"))


schema = strawberry.Schema(query=Query, extensions=[DjangoOptimizerExtension])
