"""List views: the query of the rows here, the reads in the serializers."""

from django.db.models import Prefetch
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from catalog.models import Author, Book, Line, Order, Publisher, Review

from . import serializers


class Pages(PageNumberPagination):
    page_size = 50


class NestedList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = serializers.NestedSerializer


class NestedListLoaded(generics.ListAPIView):
    queryset = Order.objects.select_related("customer")
    serializer_class = serializers.JoinedNestedSerializer


class ManyList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = serializers.ManySerializer


class ManyListLoaded(generics.ListAPIView):
    serializer_class = serializers.LoadedManySerializer

    def get_queryset(self):
        return Order.objects.prefetch_related(Prefetch("lines", queryset=Line.objects.select_related("book")))


class DottedList(generics.ListAPIView):
    queryset = Book.objects.select_related("publisher")
    serializer_class = serializers.DottedSerializer


class DottedListJoined(generics.ListAPIView):
    queryset = Book.objects.select_related("publisher__country")
    serializer_class = serializers.JoinedDottedSerializer


class StarredList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.StarredSerializer


class StarredListJoined(generics.ListAPIView):
    queryset = Book.objects.with_author()
    serializer_class = serializers.JoinedStarredSerializer


class MethodList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.MethodSerializer


class MethodListLoaded(generics.ListAPIView):
    queryset = Book.objects.select_related("author").prefetch_related("reviews")
    serializer_class = serializers.LoadedMethodSerializer


class StringList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.StringSerializer


class StringListLoaded(generics.ListAPIView):
    queryset = Book.objects.select_related("author").prefetch_related("copies__owner")
    serializer_class = serializers.LoadedStringSerializer


class SlugList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.SlugSerializer


class SlugListLoaded(generics.ListAPIView):
    queryset = Book.objects.select_related("publisher").prefetch_related("tags")
    serializer_class = serializers.LoadedSlugSerializer


class KeyList(generics.ListAPIView):
    queryset = Author.objects.all()
    serializer_class = serializers.KeySerializer


class KeyListLoaded(generics.ListAPIView):
    queryset = Author.objects.prefetch_related("books")
    serializer_class = serializers.LoadedKeySerializer


class LinkList(generics.ListAPIView):
    """A link needs only the key, which the row has."""

    queryset = Line.objects.all()
    serializer_class = serializers.LinkSerializer


class PropertyList(generics.ListAPIView):
    queryset = Book.objects.select_related("publisher")
    serializer_class = serializers.PropertySerializer


class PropertyListJoined(generics.ListAPIView):
    queryset = Book.objects.select_related("publisher__country")
    serializer_class = serializers.PropertySerializer


class DeepList(generics.ListAPIView):
    queryset = Review.objects.all()
    serializer_class = serializers.DeepSerializer


class DeepListLoaded(generics.ListAPIView):
    queryset = Review.objects.select_related("customer")
    serializer_class = serializers.LoadedDeepSerializer


class InheritedList(generics.ListAPIView):
    queryset = Book.objects.select_related("author")
    serializer_class = serializers.InheritedSerializer


class RedeclaredList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.RedeclaredSerializer


class ShownList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.ShownSerializer


class ShownListJoined(generics.ListAPIView):
    queryset = Book.objects.select_related("category")
    serializer_class = serializers.JoinedShownSerializer


class TwiceList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.TwiceSerializer


class TwiceListJoined(generics.ListAPIView):
    queryset = Book.objects.select_related("author")
    serializer_class = serializers.TwiceSerializer


class PagedList(generics.ListAPIView):
    """The key of a relation, and plain columns: nothing is read beyond the row, with a page or a filter or not."""

    queryset = Publisher.objects.order_by("pk")
    filter_backends = (DjangoFilterBackend,)
    filterset_fields = ("name",)
    pagination_class = Pages
    serializer_class = serializers.PublisherSerializer


class OneBook(generics.RetrieveAPIView):
    queryset = Book.objects.all()
    serializer_class = serializers.OneBookSerializer


class ReviewViewSet(viewsets.ModelViewSet):
    queryset = Review.objects.order_by("pk")
    pagination_class = Pages
    serializer_class = serializers.ReviewSerializer


class JoinedReviewViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Review.objects.order_by("pk")
    serializer_class = serializers.JoinedReviewSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("customer")


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    """A serializer per action: the list reads keys, one order reads its customer once."""

    queryset = Order.objects.all()

    def get_serializer_class(self):
        if self.action == "list":
            return serializers.OrderListSerializer
        if self.action == "unpaid":
            return serializers.OpenOrderSerializer
        return serializers.OrderDetailSerializer

    @action(detail=False)
    def unpaid(self, request):
        orders = self.get_queryset().filter(paid=False)
        return Response(self.get_serializer(orders, many=True).data)


class BookViewSet(viewsets.ReadOnlyModelViewSet):
    """A query per action: the list is joined, the action is not."""

    serializer_class = serializers.ActionSerializer

    def get_queryset(self):
        if self.action == "list":
            return Book.objects.select_related("category")
        return Book.objects.all()

    @action(detail=False)
    def cheap(self, request):
        return Response(self.get_serializer(self.get_queryset().filter(price__lt=100), many=True).data)

    @action(detail=False)
    def shelves(self, request):
        return Response(serializers.ShelfSerializer(Author.objects.all(), many=True).data)

    @action(detail=False, url_path="loaded-shelves")
    def loaded_shelves(self, request):
        authors = Author.objects.prefetch_related("books")
        return Response(serializers.ShelfSerializer(authors, many=True).data)
