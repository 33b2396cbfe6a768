"""Work in the background."""

from celery import shared_task
from django.db.models import F

from catalog.models import Book, Customer, Order, Review

from .models import Entry, Payment


@shared_task
def remind():
    return [order.customer.email for order in Order.objects.filter(paid=False)]  # slow: [lazy-load-in-loop]


@shared_task
def remind_joined():
    return [order.customer.email for order in Order.objects.filter(paid=False).select_related("customer")]


@shared_task
def charge_all():
    for order in Order.objects.filter(paid=False):
        Payment.objects.create(order=order, amount=1)  # slow: [write-in-loop]


@shared_task
def charge_at_once():
    Payment.objects.bulk_create([Payment(order=order, amount=1) for order in Order.objects.filter(paid=False)])


@shared_task
def log_all():
    for customer in Customer.objects.all():
        entry = Entry(text=f"{customer.pk} {customer.name}")
        entry.save()  # slow: [write-in-loop]


@shared_task
def raise_prices():
    for book in Book.objects.all():
        Book.objects.filter(pk=book.pk).update(price=F("price") + book.price)  # slow: [write-in-loop]


@shared_task
def raise_prices_at_once():
    Book.objects.update(price=F("price") * 2)


@shared_task
def one_review(pk):
    """A unit of work for one row: its relations are read once."""
    review = Review.objects.get(pk=pk)
    return review.customer.name, review.book.title


def dispatch():
    """Each row is a task of its own, run later by a worker."""
    return [one_review.s(pk) for pk in Review.objects.values_list("pk", flat=True)]


def one():
    return one_review(1)
