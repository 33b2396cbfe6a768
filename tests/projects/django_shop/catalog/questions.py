"""Single queries that do too much: what counts here is the statement, not how often it is sent."""

import random

from django.http import JsonResponse

from .models import Book, Customer, Order, Review


def counted_to_test():
    return Review.objects.filter(stars=3).count() > 0  # slow: [count-for-existence]


def asked_whether():
    return Review.objects.filter(stars=3).exists()


def tested_for_truth():
    if Review.objects.filter(stars=3):  # slow: [count-for-existence]
        return "reviewed"
    return ""


def rows_used_after_the_test():
    reviews = Review.objects.filter(stars=3)
    if reviews:
        return [(review.pk, review.stars) for review in reviews]
    return []


def fetched_to_count():
    return f"{len(Review.objects.filter(stars=3))} reviews"  # slow: [fetch-to-count]


def counted():
    return f"{Review.objects.filter(stars=3).count()} reviews"


def number_of_rows_that_are_used():
    reviews = Review.objects.filter(stars=3)
    return len(reviews), [(review.pk, review.stars, review.book_id) for review in reviews]


def filtered_here():
    return [(book.title, book.price) for book in Book.objects.all() if book.available]  # slow: [filter-in-python]


def filtered_there():
    return [(book.title, book.price) for book in Book.objects.filter(available=True)]


def summed_here():
    return sum(book.price for book in Book.objects.all() if book.available)  # slow: [filter-in-python]


def evaluated_twice():
    books = Book.objects.filter(available=True)
    titles = [(book.pk, book.title) for book in books.all()]
    prices = [(book.pk, book.price) for book in books.all()]  # slow: [query-evaluated-twice]
    return titles, prices


def evaluated_once():
    books = Book.objects.filter(available=True)
    titles = [(book.pk, book.title) for book in books]
    prices = [(book.pk, book.price) for book in books]
    return titles, prices


def every_row(request):
    return JsonResponse({"orders": [{"number": o.number, "paid": o.paid} for o in Order.objects.all()]})  # slow: [unbounded-query]


def first_rows(request):
    return JsonResponse({"orders": [{"number": o.number, "paid": o.paid} for o in Order.objects.all()[:3]]})


def whole_rows_for_keys():
    return [customer.pk for customer in Customer.objects.filter(name__gt="")]  # slow: [over-fetching]


def keys():
    return list(Customer.objects.filter(name__gt="").values_list("pk", flat=True))


def shuffled():
    return list(Book.objects.order_by("?")[:3])  # slow: [random-order]


def drawn():
    return Book.objects.filter(pk__gte=random.randrange(1, 4)).order_by("pk").first()
