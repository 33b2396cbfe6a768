"""A log that numbers its own entries: each save asks first."""

from django.db import models


class Entry(models.Model):
    text = models.CharField(max_length=100)
    number = models.IntegerField(default=0)

    def save(self, *args, **kwargs):
        self.number = Entry.objects.filter(text=self.text).count()  # slow: [query-in-loop]
        super().save(*args, **kwargs)


class Mark(models.Model):
    """Written by the signal of a payment."""

    order = models.ForeignKey("catalog.Order", on_delete=models.CASCADE)


class Payment(models.Model):
    amount = models.IntegerField(default=0)
    order = models.ForeignKey("catalog.Order", related_name="payments", on_delete=models.CASCADE)
