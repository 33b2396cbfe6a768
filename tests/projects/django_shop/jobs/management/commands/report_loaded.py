"""Prints the reviews of each book, loaded whole."""

from django.core.management.base import BaseCommand

from catalog.models import Book


class Command(BaseCommand):
    def handle(self, *args, **options):
        for book in Book.objects.prefetch_related("reviews__customer"):
            for review in book.reviews.all():
                self.stdout.write(f"{book.title}: {review.customer.name}")
