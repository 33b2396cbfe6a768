"""Single queries that do too much: what counts here is the statement, not how often it is sent."""

import random

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import JsonResponse

from .models import Book, Customer, Order, Review, Visit


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


def page_by_number(request):
    first = (int(request.GET.get("page", 2)) - 1) * 2
    visits = list(Visit.objects.order_by("at")[first : first + 2])  # slow: [deep-offset]
    return JsonResponse({"pages": [(visit.page, visit.at) for visit in visits]})


def page_after_a_row(request):
    visits = Visit.objects.filter(at__gt=request.GET.get("after", "2000-01-01T00:00Z")).order_by("at")[:2]
    return JsonResponse({"pages": [(visit.page, visit.at) for visit in visits]})


def keys_sent_back():
    ids = list(Customer.objects.filter(name__gt="").values_list("pk", flat=True))  # slow: [large-in-list]
    return [(order.number, order.paid) for order in Order.objects.filter(customer__in=ids)]


def keys_in_a_subquery():
    customers = Customer.objects.filter(name__gt="")
    return [(order.number, order.paid) for order in Order.objects.filter(customer__in=customers)]


def keys_that_are_needed():
    ids = list(Customer.objects.filter(name__gt="").values_list("pk", flat=True))
    return ids, [(order.number, order.paid) for order in Order.objects.filter(customer__in=ids)]


def all_held(write=str):
    for visit in Visit.objects.all():  # slow: [fetchall-in-memory]
        write(f"{visit.page} {visit.at}")


def all_streamed(write=str):
    for visit in Visit.objects.iterator(chunk_size=2):
        write(f"{visit.page} {visit.at}")


def counted_beside_the_paginator(request):
    books = Book.objects.filter(available=True).order_by("title")
    page = Paginator(books, 2).get_page(1)
    number = books.count()  # slow: [cached-count-missing]
    return JsonResponse({"number": number, "titles": [(book.title, book.price) for book in page]})


def counted_by_the_paginator(request):
    page = Paginator(Book.objects.filter(available=True).order_by("title"), 2).get_page(1)
    return JsonResponse({"number": page.paginator.count, "titles": [(book.title, book.price) for book in page]})


def counted_over_two_joins():
    books = Book.objects.annotate(copies_number=Count("copies", distinct=True))
    books = list(books.annotate(reviews_number=Count("reviews", distinct=True)))  # slow: [join-multiplied-distinct]
    return [(book.copies_number, book.reviews_number) for book in books]


def counted_over_one_join():
    books = Book.objects.annotate(number=Count("reviews"), good=Count("reviews", filter=Q(reviews__stars__gt=3)))
    return [(book.number, book.good) for book in books]
