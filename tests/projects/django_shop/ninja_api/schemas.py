"""Schemas that read relations of the rows they are filled from. An operation's query decides whether that is slow.

Where a repaired twin must be silent although the first one is not, it has a schema of its own (`Joined…`, `Loaded…`).
"""

from typing import Annotated

from ninja import Field, ModelSchema, Schema
from pydantic import AliasChoices, computed_field

from catalog.models import Book, Order, Review


class NameOut(Schema):
    name: str


class NestedOut(Schema):
    number: str
    customer: NameOut  # slow: [lazy-load-in-serializer]


class JoinedNestedOut(Schema):
    number: str
    customer: NameOut


class LineOut(Schema):
    quantity: int
    title: str = Field(alias="book.title")  # slow: [lazy-load-in-serializer]


class ManyOut(Schema):
    number: str
    lines: "list[LineOut]"  # slow: [lazy-load-in-serializer]


class LoadedLineOut(Schema):
    quantity: int
    title: str = Field(alias="book.title")


class LoadedManyOut(Schema):
    number: str
    lines: list["LoadedLineOut"]


class AliasOut(Schema):
    title: str
    house: Annotated[  # slow: [lazy-load-in-serializer]
        NameOut | None, Field(validation_alias=AliasChoices("imprint", "publisher"))
    ]


class JoinedAliasOut(Schema):
    title: str
    house: Annotated[NameOut | None, Field(validation_alias=AliasChoices("imprint", "publisher"))]


class ResolverOut(Schema):
    title: str
    shelf: str
    author_key: int = Field(alias="author_id")

    @staticmethod
    def resolve_shelf(book, context):
        return book.category.name  # slow: [lazy-load-in-serializer]


class JoinedResolverOut(Schema):
    title: str
    shelf: str

    @staticmethod
    def resolve_shelf(book):
        return book.category.name


class ModelOut(ModelSchema):
    class Meta:
        model = Book
        fields = ["title", "author", "tags"]  # slow: [lazy-load-in-serializer]


class LoadedModelOut(ModelSchema):
    class Meta:
        model = Book
        exclude = ["summary"]


class InheritedOut(LoadedModelOut):
    author: NameOut | None  # slow: [lazy-load-in-serializer]


class KeysOut(ModelSchema):
    class Meta:
        model = Review
        fields = "__all__"


class MethodsOut(Schema):
    number: str
    size: int = Field(alias="lines.count")  # slow: [lazy-load-in-serializer]

    @computed_field
    @property
    def label(self) -> str:
        return f"{self.number} ({self.size})"


class PageOut(Schema):
    title: str
    writer: str = Field(alias="author.name")  # slow: [lazy-load-in-serializer]


class JoinedPageOut(Schema):
    title: str
    writer: str = Field(alias="author.name")


class EarlyOut(Schema):
    stars: int
    book: NameOut = Field(alias="book.publisher")  # slow: [lazy-load-in-serializer]


class JoinedEarlyOut(Schema):
    stars: int
    book: NameOut = Field(alias="book.publisher")


class ControllerOut(Schema):
    order: int = Field(alias="order_id")
    title: str = Field(alias="book.title")  # slow: [lazy-load-in-serializer]


class JoinedControllerOut(Schema):
    order: int = Field(alias="order_id")
    title: str = Field(alias="book.title")


class ErrorOut(Schema):
    detail: str


class OneOut(ModelSchema):
    customer: NameOut

    class Meta:
        model = Order
        fields = ["number", "customer"]
