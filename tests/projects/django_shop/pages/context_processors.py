"""What every page is given."""

from catalog.models import Category


def menu(request):
    return {"menu": Category.objects.filter(parent__isnull=False)}
