"""Fills the tables of `django_shop`: the same number of rows in each, and every row refers to a row of its own.

So no relation is loaded by chance because another row had read it. Imported by `execution.py` only.
"""

from __future__ import annotations


def fill(rows: int) -> None:
    """`rows` of everything; twice as many reviews and lines."""
    from django.contrib.auth.models import User
    from django.contrib.contenttypes.models import ContentType

    from catalog.models import (
        Author,
        Book,
        Category,
        Copy,
        Country,
        Customer,
        Invoice,
        Line,
        Note,
        Order,
        Profile,
        Publisher,
        Review,
        Tag,
        Visit,
    )

    User.objects.create_superuser("admin", "admin@example.org", "admin")
    of_books = ContentType.objects.get_for_model(Book)
    countries = [Country.objects.create(name=f"country {i}") for i in range(3 * rows)]
    tags = [Tag.objects.create(name=f"tag {i}") for i in range(rows)]
    books, orders, customers = [], [], []
    for i in range(rows):
        author = Author.objects.create(name=f"author {i}", bio="long", country=countries[i])
        Profile.objects.create(author=author, website=f"https://{i}.example.org")
        above = Category.objects.create(name=f"shelf {i}")
        above.parent = Category.objects.create(name=f"floor {i}", parent=above)
        above.save()  # so that every category has a parent
        publisher = Publisher.objects.create(name=f"publisher {i}", country=countries[rows + i])
        book = Book.objects.create(
            title=f"book {i}", summary="long", price=i + 1, author=author, publisher=publisher, category=above
        )
        book.tags.set([tags[i], tags[(i + 1) % rows]])
        customer = Customer.objects.create(name=f"customer {i}", email=f"{i}@example.org", country=countries[-1 - i])
        order = Order.objects.create(customer=customer, number=f"N{i}")
        Invoice.objects.create(order=order, total=i)
        Note.objects.create(content_type=of_books, object_id=book.pk, text=f"note {i}")
        Visit.objects.create(customer=customer, page=f"/books/{i}/")
        books.append(book)
        orders.append(order)
        customers.append(customer)
    for i in range(rows):
        for j in (i, (i + 1) % rows):
            Line.objects.create(order=orders[i], book=books[j])
            Review.objects.create(book=books[j], customer=customers[i])
            Copy.objects.create(book=books[j], owner=customers[i])
    for book in books:  # and one order that has as many children as there are rows
        Line.objects.create(order=orders[0], book=book)
