"""Feeds, the sitemap, and a view whose writes set off signals."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path

from .feeds import JoinedReviewFeed, ReviewFeed
from .sitemaps import BookSitemap, CategorySitemap, JoinedCategorySitemap
from .views import pay

urlpatterns = [
    path("feed/", ReviewFeed()),
    path("feed-joined/", JoinedReviewFeed()),
    path("sitemap/", sitemap, {"sitemaps": {"categories": CategorySitemap}}),
    path("sitemap-joined/", sitemap, {"sitemaps": {"categories": JoinedCategorySitemap}}),
    path("sitemap-keys/", sitemap, {"sitemaps": {"books": BookSitemap}}),
    path("pay/<int:pk>/", pay),
]
