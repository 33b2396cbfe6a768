"""What happens after a payment is saved, per payment."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from .models import Mark, Payment


@receiver(post_save, sender=Payment)
def mark(sender, instance, created, **kwargs):
    Mark.objects.create(order_id=instance.order_id)  # slow: [write-in-loop]
