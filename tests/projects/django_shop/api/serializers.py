"""Serializers that read relations of the rows they are given. A view's query decides whether that is slow.

Where a repaired twin must be silent although the first one is not, it has a serializer of its own (`Joined…`).
"""

from rest_framework import serializers

from catalog.models import Author, Book, Customer, Line, Order, Publisher, Review


class CustomerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Customer
        fields = ("name", "email", "country")


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ("name", "country")


class NestedSerializer(serializers.ModelSerializer):
    customer = CustomerSerializer()  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Order
        fields = ("number", "customer")


class JoinedNestedSerializer(serializers.ModelSerializer):
    customer = CustomerSerializer(read_only=True)

    class Meta:
        model = Order
        fields = ("number", "customer")


class LineSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="book.title")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Line
        fields = ("quantity", "title")


class ManySerializer(serializers.ModelSerializer):
    lines = LineSerializer(many=True)  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Order
        fields = ("number", "lines")


class JoinedLineSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="book.title")

    class Meta:
        model = Line
        fields = ("quantity", "title")


class LoadedManySerializer(serializers.ModelSerializer):
    lines = JoinedLineSerializer(many=True)

    class Meta:
        model = Order
        fields = ("number", "lines")


class DottedSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="publisher.country.name")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "country")


class JoinedDottedSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="publisher.country.name")

    class Meta:
        model = Book
        fields = ("title", "country")


class BylineSerializer(serializers.Serializer):
    writer = serializers.CharField(source="author.name")  # slow: [lazy-load-in-serializer]


class StarredSerializer(serializers.ModelSerializer):
    byline = BylineSerializer(source="*")

    class Meta:
        model = Book
        fields = ("title", "byline")


class JoinedBylineSerializer(serializers.Serializer):
    writer = serializers.CharField(source="author.name")


class JoinedStarredSerializer(serializers.ModelSerializer):
    byline = JoinedBylineSerializer(source="*")

    class Meta:
        model = Book
        fields = ("title", "byline")


class MethodSerializer(serializers.ModelSerializer):
    best = serializers.SerializerMethodField()
    writer = serializers.SerializerMethodField(method_name="name_of_author")

    class Meta:
        model = Book
        fields = ("title", "best", "writer")

    def get_best(self, book):
        return max((review.stars for review in book.reviews.all()), default=0)  # slow: [lazy-load-in-serializer]

    def name_of_author(self, book):
        return book.author.name  # slow: [lazy-load-in-serializer]


class LoadedMethodSerializer(serializers.ModelSerializer):
    best = serializers.SerializerMethodField()
    writer = serializers.SerializerMethodField(method_name="name_of_author")

    class Meta:
        model = Book
        fields = ("title", "best", "writer")

    def get_best(self, book):
        return max((review.stars for review in book.reviews.all()), default=0)

    def name_of_author(self, book):
        return book.author.name


class StringSerializer(serializers.ModelSerializer):
    copies = serializers.StringRelatedField(many=True)  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "copies")


class LoadedStringSerializer(serializers.ModelSerializer):
    author = serializers.StringRelatedField()
    copies = serializers.StringRelatedField(many=True)

    class Meta:
        model = Book
        fields = ("title", "author", "copies")


class SlugSerializer(serializers.ModelSerializer):
    publisher = serializers.SlugRelatedField(slug_field="name", read_only=True)  # slow: [lazy-load-in-serializer]
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "publisher", "tags")


class LoadedSlugSerializer(serializers.ModelSerializer):
    publisher = serializers.SlugRelatedField(slug_field="name", read_only=True)
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)

    class Meta:
        model = Book
        fields = ("title", "publisher", "tags")


class KeySerializer(serializers.ModelSerializer):
    books = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # slow: [lazy-load-in-serializer]
    country = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Author
        fields = ("name", "country", "books")


class LoadedKeySerializer(serializers.ModelSerializer):
    books = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    country = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Author
        fields = ("name", "country", "books")


class LinkSerializer(serializers.ModelSerializer):
    order = serializers.HyperlinkedRelatedField(view_name="order-detail", read_only=True)

    class Meta:
        model = Line
        fields = ("quantity", "order")


class PropertySerializer(serializers.ModelSerializer):
    origin = serializers.ReadOnlyField()
    key_of_author = serializers.ReadOnlyField()

    class Meta:
        model = Book
        fields = ("title", "origin", "key_of_author")


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ("name", "shelf")


class DeepSerializer(serializers.ModelSerializer):
    class Meta:
        model = Review
        depth = 1
        fields = ("stars", "customer")  # slow: [lazy-load-in-serializer]


class LoadedDeepSerializer(serializers.ModelSerializer):
    class Meta:
        model = Review
        depth = 1
        fields = ("stars", "customer")


class BaseBookSerializer(serializers.ModelSerializer):
    house = serializers.CharField(source="publisher.name")  # slow: [lazy-load-in-serializer]
    writer = serializers.CharField(source="author.name")

    class Meta:
        model = Book
        fields = ("title", "house", "writer")


class InheritedSerializer(BaseBookSerializer):
    pass


class RedeclaredSerializer(BaseBookSerializer):
    house = serializers.IntegerField(source="publisher_id")
    writer = serializers.IntegerField(source="author_id")


class ShownSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("title",)

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        shown["category"] = instance.category.name  # slow: [lazy-load-in-serializer]
        return shown


class JoinedShownSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("title",)

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        shown["category"] = instance.category.name
        return shown


class TwiceSerializer(serializers.ModelSerializer):
    writer = AuthorSerializer(source="author")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "writer")


class ReviewSerializer(serializers.ModelSerializer):
    reviewer = serializers.CharField(source="customer.name")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Review
        fields = ("stars", "reviewer")


class JoinedReviewSerializer(serializers.ModelSerializer):
    reviewer = serializers.CharField(source="customer.name")

    class Meta:
        model = Review
        fields = ("stars", "reviewer")


class OrderListSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ("number", "customer")


class OrderDetailSerializer(serializers.ModelSerializer):
    buyer = serializers.CharField(source="customer.name")

    class Meta:
        model = Order
        fields = ("number", "buyer")


class OpenOrderSerializer(serializers.ModelSerializer):
    buyer = serializers.CharField(source="customer.email")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Order
        fields = ("number", "buyer")


class ActionSerializer(serializers.ModelSerializer):
    category = serializers.CharField(source="category.name")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "category")


class FunctionSerializer(serializers.ModelSerializer):
    shelf = serializers.CharField(source="category.name")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "shelf")


class JoinedFunctionSerializer(serializers.ModelSerializer):
    shelf = serializers.CharField(source="category.name")

    class Meta:
        model = Book
        fields = ("title", "shelf")


class LoopedSerializer(serializers.ModelSerializer):
    house = serializers.CharField(source="publisher.name")  # slow: [lazy-load-in-serializer]

    class Meta:
        model = Book
        fields = ("title", "house")


class OneBookSerializer(serializers.ModelSerializer):
    writer = serializers.CharField(source="author.name")
    tags = serializers.StringRelatedField(many=True)

    class Meta:
        model = Book
        fields = ("title", "writer", "tags")


class PublisherSerializer(serializers.ModelSerializer):
    class Meta:
        model = Publisher
        fields = "__all__"
