"""Functions that are handed a row, or rows, by other files."""

from .models import Book


def label(book):
    return f"{book.title} ({book.publisher.name})"  # slow: [lazy-load-in-loop]


def names_of(reviews):
    names = []
    for review in reviews:
        names.append((review.stars, review.customer.name))  # slow: [lazy-load-in-loop]
    return names


def find(pk):
    return fetch(pk)


def fetch(pk):
    return Book.objects.get(pk=pk)  # slow: [query-in-loop]
