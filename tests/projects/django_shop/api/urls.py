"""One route per view; the view sets through a router."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from . import functions, views

router = DefaultRouter()
router.register("reviews", views.ReviewViewSet)
router.register("reviews-joined", views.JoinedReviewViewSet, basename="joined-review")
router.register("orders", views.OrderViewSet, basename="order")
router.register("books", views.BookViewSet, basename="book")

urlpatterns = [
    path("", include(router.urls)),
    path("nested/", views.NestedList.as_view()),
    path("nested-loaded/", views.NestedListLoaded.as_view()),
    path("many/", views.ManyList.as_view()),
    path("many-loaded/", views.ManyListLoaded.as_view()),
    path("dotted/", views.DottedList.as_view()),
    path("dotted-joined/", views.DottedListJoined.as_view()),
    path("starred/", views.StarredList.as_view()),
    path("starred-joined/", views.StarredListJoined.as_view()),
    path("methods/", views.MethodList.as_view()),
    path("methods-loaded/", views.MethodListLoaded.as_view()),
    path("strings/", views.StringList.as_view()),
    path("strings-loaded/", views.StringListLoaded.as_view()),
    path("slugs/", views.SlugList.as_view()),
    path("slugs-loaded/", views.SlugListLoaded.as_view()),
    path("keys/", views.KeyList.as_view()),
    path("keys-loaded/", views.KeyListLoaded.as_view()),
    path("links/", views.LinkList.as_view()),
    path("properties/", views.PropertyList.as_view()),
    path("properties-joined/", views.PropertyListJoined.as_view()),
    path("deep/", views.DeepList.as_view()),
    path("deep-loaded/", views.DeepListLoaded.as_view()),
    path("inherited/", views.InheritedList.as_view()),
    path("redeclared/", views.RedeclaredList.as_view()),
    path("shown/", views.ShownList.as_view()),
    path("shown-joined/", views.ShownListJoined.as_view()),
    path("twice/", views.TwiceList.as_view()),
    path("twice-joined/", views.TwiceListJoined.as_view()),
    path("paged/", views.PagedList.as_view()),
    path("one/<int:pk>/", views.OneBook.as_view()),
    path("function/", functions.function),
    path("function-joined/", functions.function_joined),
    path("looped/", functions.looped),
]
