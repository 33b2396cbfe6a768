"""Feeds: Django calls the `item_…` methods once per item."""

from django.contrib.syndication.views import Feed

from catalog.models import Review


class ReviewFeed(Feed):
    title = "reviews"
    link = "/reviews/"
    description = "what customers say"

    def items(self):
        return Review.objects.order_by("-pk")

    def item_title(self, item):
        return item.customer.name  # slow: [lazy-load-in-loop]

    def item_description(self, item):
        return f"{item.stars} stars"

    def item_link(self, item):
        return f"/reviews/{item.pk}/"


class JoinedReviewFeed(Feed):
    title = "reviews"
    link = "/reviews/"
    description = "what customers say"

    def items(self):
        return Review.objects.select_related("customer").order_by("-pk")

    def item_title(self, item):
        return item.customer.name

    def item_description(self, item):
        return f"{item.stars} stars"

    def item_link(self, item):
        return f"/reviews/{item.pk}/"
