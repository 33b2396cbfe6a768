"""Prints the reviews of each book; the customers were forgotten."""

from django.core.management.base import BaseCommand

from catalog.models import Book


class Command(BaseCommand):
    def handle(self, *args, **options):
        for book in Book.objects.prefetch_related("reviews"):
            for review in book.reviews.all():
                self.stdout.write(f"{book.title}: {review.customer.name}")  # slow: [lazy-load-in-loop]
