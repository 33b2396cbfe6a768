"""graphene: a field is resolved once per parent. Each root field has types of its own, so that their lines differ."""

import graphene
from graphene_django import DjangoListField, DjangoObjectType

from catalog.models import Author, Book, Line, Order, Publisher, Review


class PublisherType(DjangoObjectType):
    class Meta:
        model = Publisher
        fields = ("name",)


class AuthorType(DjangoObjectType):
    class Meta:
        model = Author
        fields = ("name",)


class BookType(DjangoObjectType):
    """A resolver per parent, one that follows the key and one that asks for the children."""

    writer = graphene.String()
    stars = graphene.List(graphene.Int)
    house = graphene.Field(PublisherType)
    key = graphene.Int()

    class Meta:
        model = Book
        fields = ("title",)

    def resolve_writer(self, info):
        return self.author.name  # slow: [lazy-load-in-resolver]

    def resolve_stars(self, info):
        return [review.stars for review in self.reviews.all()]  # slow: [lazy-load-in-resolver]

    def resolve_house(parent, info):
        return Publisher.objects.get(pk=parent.publisher_id)  # slow: [lazy-load-in-resolver]

    def resolve_key(self, info):
        return self.author_id


class LoadedBookType(graphene.ObjectType):
    stars = graphene.List(graphene.Int)

    def resolve_stars(self, info):
        return [review.stars for review in self.reviews.all()]


class JoinedBookType(graphene.ObjectType):
    title = graphene.String()
    writer = graphene.String()

    def resolve_writer(self, info):
        return self.author.name


class LineType(DjangoObjectType):
    class Meta:
        model = Line
        fields = ("quantity",)


class OrderType(DjangoObjectType):
    """A list of children per parent."""

    lines = DjangoListField(LineType)  # slow: [lazy-load-in-resolver]

    class Meta:
        model = Order
        fields = ("number",)


class ReviewType(graphene.ObjectType):
    """No resolver: graphene reads the attribute, and that is a relation."""

    stars = graphene.Int()
    book = graphene.Field(lambda: ReviewedBookType)  # slow: [lazy-load-in-resolver]


class ReviewedBookType(graphene.ObjectType):
    title = graphene.String()


class JoinedReviewType(graphene.ObjectType):
    stars = graphene.Int()
    book = graphene.Field(lambda: ReviewedBookType)


class Query(graphene.ObjectType):
    books = graphene.List(BookType)
    loaded_books = graphene.List(LoadedBookType)
    joined_books = graphene.List(JoinedBookType)
    orders = graphene.List(OrderType)
    reviews = graphene.List(ReviewType)
    joined_reviews = graphene.List(JoinedReviewType)

    def resolve_books(self, info):
        return Book.objects.all()

    def resolve_loaded_books(self, info):
        return Book.objects.prefetch_related("reviews")

    def resolve_joined_books(self, info):
        return Book.objects.select_related("author")

    def resolve_orders(self, info):
        return Order.objects.all()

    def resolve_reviews(self, info):
        return Review.objects.all()

    def resolve_joined_reviews(self, info):
        return Review.objects.select_related("book")


schema = graphene.Schema(query=Query)
