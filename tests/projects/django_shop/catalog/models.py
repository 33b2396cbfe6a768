"""What a book shop keeps. Each `__str__` and property that follows a relation is read by the cases of one app only."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from .managers import BookManager


class Country(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Publisher(models.Model):
    name = models.CharField(max_length=100)
    country = models.ForeignKey(Country, on_delete=models.CASCADE)

    def __str__(self):  # the labels of the admin's selects
        return f"{self.name} ({self.country.name})"  # slow: [lazy-load-in-admin]


class Author(models.Model):
    name = models.CharField(max_length=100)
    bio = models.TextField(default="")
    country = models.ForeignKey(Country, null=True, on_delete=models.SET_NULL)

    def __str__(self):
        return self.name

    def newest_title(self):  # called by a template, without parentheses
        newest = self.books.order_by("-pk").first()  # slow: [lazy-load-in-template]
        return newest.title if newest else ""

    @property
    def cheapest(self):
        return self.books.filter(available=True).order_by("price").first()  # slow: [query-in-loop]

    @property
    def shelf(self):
        return ", ".join(book.title for book in self.books.all())  # slow: [lazy-load-in-serializer]


class Profile(models.Model):
    author = models.OneToOneField(Author, related_name="profile", on_delete=models.CASCADE)
    website = models.CharField(max_length=100)


class Tag(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Category(models.Model):
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, related_name="children", on_delete=models.SET_NULL)

    def __str__(self):
        return self.name

    def get_absolute_url(self):  # read by the sitemap
        return f"/{self.parent.name}/{self.name}/"  # slow: [lazy-load-in-loop]


class Book(models.Model):
    title = models.CharField(max_length=100)
    summary = models.TextField(default="")
    price = models.IntegerField(default=0)
    available = models.BooleanField(default=True)
    author = models.ForeignKey(Author, related_name="books", on_delete=models.CASCADE)
    publisher = models.ForeignKey(Publisher, null=True, related_name="books", on_delete=models.SET_NULL)
    category = models.ForeignKey(Category, related_name="books", on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag, related_name="books")

    objects = BookManager()

    def __str__(self):
        return self.title

    @property
    def byline(self):  # read by Python code
        return f"{self.title} by {self.author.name}"  # slow: [lazy-load-in-loop]

    @property
    def credit(self):  # read by a template
        return f"{self.title} by {self.author.name}"  # slow: [lazy-load-in-template]

    @property
    def origin(self):  # read by a serializer
        return self.publisher.country.name  # slow: [lazy-load-in-serializer]

    @property
    def key_of_author(self):
        return f"author-{self.author_id}"


class Customer(models.Model):
    name = models.CharField(max_length=100)
    email = models.CharField(max_length=100)
    country = models.ForeignKey(Country, on_delete=models.CASCADE)

    def __str__(self):
        return self.name


class Order(models.Model):
    customer = models.ForeignKey(Customer, related_name="orders", on_delete=models.CASCADE)
    number = models.CharField(max_length=20)
    paid = models.BooleanField(default=False)

    def __str__(self):  # read by Python code, and as the label of a choice
        return f"{self.number} of {self.customer.name}"  # slow: [lazy-load-in-loop, lazy-load-in-admin]


class Line(models.Model):
    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    book = models.ForeignKey(Book, related_name="lines", on_delete=models.CASCADE)
    quantity = models.IntegerField(default=1)

    def __str__(self):
        return f"{self.quantity} pieces"


class Copy(models.Model):
    book = models.ForeignKey(Book, related_name="copies", on_delete=models.CASCADE)
    owner = models.ForeignKey(Customer, related_name="copies", on_delete=models.CASCADE)

    def __str__(self):  # read by a serializer
        return f"copy of {self.owner.name}"  # slow: [lazy-load-in-serializer]


class Invoice(models.Model):
    order = models.OneToOneField(Order, related_name="invoice", on_delete=models.CASCADE)
    total = models.IntegerField(default=0)

    def __str__(self):  # read by the admin
        return f"invoice of {self.order.number}"  # slow: [lazy-load-in-admin]


class Review(models.Model):
    book = models.ForeignKey(Book, related_name="reviews", on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, related_name="reviews", on_delete=models.CASCADE)
    stars = models.IntegerField(default=3)

    def __str__(self):  # read by a template
        return f"{self.stars} stars for {self.book.title}"  # slow: [lazy-load-in-template]


class Visit(models.Model):
    """Grows by the minute."""

    customer = models.ForeignKey(Customer, related_name="+", on_delete=models.DO_NOTHING)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    page = models.CharField(max_length=100)


class Note(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()
    text = models.CharField(max_length=100)
