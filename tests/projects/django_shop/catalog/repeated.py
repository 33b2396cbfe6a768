"""Statements sent once per round: looked up, written, asked again although prefetched, or columns left out."""

from django.db import transaction
from django.db.models import Prefetch

from .helpers import find
from .models import Author, Book, Country, Customer, Order, Review, Tag


def looked_up():
    keys = list(Book.objects.values_list("pk", flat=True))
    return [Book.objects.get(pk=pk).title for pk in keys]  # slow: [query-in-loop]


def looked_up_at_once():
    keys = list(Book.objects.values_list("pk", flat=True))
    found = Book.objects.in_bulk(keys)
    return [found[pk].title for pk in keys]


def looked_up_through_helpers():
    return [find(pk).title for pk in list(Book.objects.values_list("pk", flat=True))]


def looked_up_once_per_batch():
    keys = list(Book.objects.values_list("pk", flat=True))
    for start in range(0, len(keys), 1000):
        yield list(Book.objects.filter(pk__in=keys[start : start + 1000]))


def remembered():
    seen = {}
    for review in Review.objects.filter(stars=3):
        if review.stars not in seen:
            seen[review.stars] = Book.objects.filter(price__gte=review.stars).first()
        yield review.pk, seen[review.stars]


def tested_per_row():
    return [author.name for author in Author.objects.all() if Book.objects.filter(author=author).exists()]  # slow: [query-in-loop]


def newest_by_the_manager():
    return [(author.name, Book.objects.newest_of(author)) for author in Author.objects.all()]


def property_that_asks():
    return [(author.name, author.cheapest) for author in Author.objects.all()]


def reread():
    for order in Order.objects.all():
        order.refresh_from_db()  # slow: [query-in-loop]
        yield order.number, order.paid


def invariant():
    for customer in Customer.objects.all():
        home = Country.objects.get(name="country 0")  # slow: [loop-invariant-query]
        yield customer.name, home.pk == customer.country_id


def invariant_hoisted():
    home = Country.objects.get(name="country 0")
    for customer in Customer.objects.all():
        yield customer.name, home.pk == customer.country_id


def constants():
    return [Book.objects.filter(available=available).count() for available in (True, False)]


def prefetch_filtered():
    for author in Author.objects.prefetch_related("books"):
        yield author.name, list(author.books.filter(available=True))  # slow: [prefetch-defeated]


def prefetch_filtered_beforehand():
    books = Prefetch("books", queryset=Book.objects.filter(available=True))
    for author in Author.objects.prefetch_related(books):
        yield author.name, list(author.books.all())


def prefetch_sorted():
    return [author.books.order_by("price").first() for author in Author.objects.prefetch_related("books")]  # slow: [prefetch-defeated]


def prefetch_first():
    return [author.books.first() for author in Author.objects.prefetch_related("books")]  # slow: [prefetch-defeated]


def prefetch_used():
    for author in Author.objects.prefetch_related("books"):
        yield author.name, author.books.count(), author.books.exists(), len(author.books.all())


def saved():
    for order in Order.objects.all():
        order.paid = True
        order.save()  # slow: [write-in-loop]


def saved_at_once():
    orders = list(Order.objects.all())
    for order in orders:
        order.paid = True
    Order.objects.bulk_update(orders, ["paid"])


def created():
    for name in list(Author.objects.values_list("name", flat=True)):
        Tag.objects.create(name=name)  # slow: [write-in-loop]


def created_at_once():
    Tag.objects.bulk_create([Tag(name=name) for name in list(Author.objects.values_list("name", flat=True))])


def removed():
    for review in Review.objects.filter(stars__lt=100):
        review.delete()  # slow: [write-in-loop]


def removed_at_once():
    Review.objects.filter(stars__lt=100).delete()


def committed():
    for order in Order.objects.all():
        with transaction.atomic():  # slow: [commit-in-loop]
            order.paid = True
            order.save()  # slow: [write-in-loop]


def got_or_created():
    for name in list(Author.objects.values_list("name", flat=True)):
        yield Tag.objects.get_or_create(name=name)  # slow: [query-in-loop]


def column_left_out():
    return [(book.title, book.summary) for book in Book.objects.only("title")]  # slow: [deferred-column-load]


def column_put_off():
    return [(book.title, book.summary) for book in Book.objects.defer("summary")]  # slow: [deferred-column-load]


def columns_that_are_read():
    return [(book.title, book.summary) for book in Book.objects.only("title", "summary")]


def key_left_out():
    for author in Author.objects.prefetch_related(Prefetch("books", queryset=Book.objects.only("title"))):  # slow: [deferred-column-load]
        yield author.name, [book.title for book in author.books.all()]


def key_kept():
    for author in Author.objects.prefetch_related(Prefetch("books", queryset=Book.objects.only("title", "author"))):
        yield author.name, [book.title for book in author.books.all()]
