from django.core.management import call_command
from django.core.management.base import BaseCommand

from orders.models import Customer, Order


class Command(BaseCommand):
    def handle(self, *args, **options):
        call_command("migrate", run_syncdb=True, verbosity=0)
        for number in range(4):
            customer = Customer.objects.create(name=f"c{number}")
            Order.objects.create(customer=customer, total=number)
