"""Deletes reviews in batches: one statement for a thousand."""

from django.core.management.base import BaseCommand

from catalog.models import Review


class Command(BaseCommand):
    def handle(self, *args, **options):
        keys = list(Review.objects.filter(stars__lt=100).values_list("pk", flat=True))
        while keys:
            batch, keys = keys[:1000], keys[1000:]
            Review.objects.filter(pk__in=batch).delete()
