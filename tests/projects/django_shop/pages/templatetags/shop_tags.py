"""Tags and filters of the shop."""

from django import template

from catalog.models import Line

register = template.Library()


@register.inclusion_tag("pages/_card.html")
def card(book):
    return {"book": book}


@register.inclusion_tag("pages/_card_joined.html")
def joined_card(book):
    return {"book": book}


@register.simple_tag
def sold(book):
    return sum(line.quantity for line in Line.objects.filter(book=book))  # slow: [lazy-load-in-template]


@register.filter
def stars(book):
    reviews = [review.stars for review in book.reviews.all()]  # slow: [lazy-load-in-template]
    return sum(reviews) / max(len(reviews), 1)
