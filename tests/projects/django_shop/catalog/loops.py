"""Relations read per row by Python code: what the rows' query did not load is asked for again and again."""

from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Prefetch, prefetch_related_objects

from .helpers import label, names_of
from .models import Author, Book, Line, Note, Order, Review


def foreign_key():
    return [order.customer.name for order in Order.objects.all()]  # slow: [lazy-load-in-loop]


def foreign_key_joined():
    return [order.customer.name for order in Order.objects.select_related("customer")]


def one_hop_short():
    orders = Order.objects.select_related("customer")
    return [(order.customer.name, order.customer.country.name) for order in orders]  # slow: [lazy-load-in-loop]


def both_hops():
    orders = Order.objects.select_related("customer__country")
    return [(order.customer.name, order.customer.country.name) for order in orders]


def sorted_across_the_relation():
    for order in Order.objects.filter(customer__name__gt="").order_by("customer__name"):
        yield order.number, order.customer.name  # slow: [lazy-load-in-loop]


def reverse():
    return {author.name: [book.title for book in author.books.all()] for author in Author.objects.all()}  # slow: [lazy-load-in-loop]


def reverse_prefetched():
    authors = Author.objects.prefetch_related("books")
    return {author.name: [book.title for book in author.books.all()] for author in authors}


def many_to_many():
    shelf = []
    for book in Book.objects.all():
        shelf.append((book.title, [tag.name for tag in book.tags.all()]))  # slow: [lazy-load-in-loop]
    return shelf


def many_to_many_prefetched():
    shelf = []
    for book in Book.objects.prefetch_related("tags"):
        shelf.append((book.title, [tag.name for tag in book.tags.all()]))
    return shelf


def reverse_one_to_one():
    return [(author.name, author.profile.website) for author in Author.objects.all()]  # slow: [lazy-load-in-loop]


def reverse_one_to_one_joined():
    return [(author.name, author.profile.website) for author in Author.objects.select_related("profile")]


def nested():
    for order in Order.objects.all():
        for line in order.lines.all():  # slow: [lazy-load-in-loop]
            yield order.number, line.book.title  # slow: [lazy-load-in-loop]


def nested_half_loaded():
    for order in Order.objects.prefetch_related("lines"):
        for line in order.lines.all():
            yield order.number, line.book.title  # slow: [lazy-load-in-loop]


def nested_loaded():
    for order in Order.objects.prefetch_related("lines__book"):
        for line in order.lines.all():
            yield order.number, line.book.title


def nested_prefetch_of_a_join():
    for order in Order.objects.prefetch_related(Prefetch("lines", queryset=Line.objects.select_related("book"))):
        for line in order.lines.all():
            yield order.number, line.book.title


def property_of_the_row():
    return [book.byline for book in Book.objects.all()]


def property_of_the_row_joined():
    return [book.byline for book in Book.objects.with_author()]


def str_of_the_row():
    return "\n".join(str(order) for order in Order.objects.all())


def str_of_the_row_joined():
    return "\n".join(str(order) for order in Order.objects.select_related("customer"))


def manager_that_does_not_load():
    return [(book.title, book.author.name) for book in Book.objects.available()]  # slow: [lazy-load-in-loop]


def manager_that_loads():
    return [(book.title, book.author.name) for book in Book.objects.available().with_author()]


def helper_of_another_file():
    return [label(book) for book in Book.objects.all()]


def helper_of_another_file_joined():
    return [label(book) for book in Book.objects.select_related("publisher")]


def rows_handed_to_a_helper():
    return names_of(Review.objects.all())


def rows_handed_to_a_helper_joined():
    return names_of(Review.objects.select_related("customer"))


def sort_key():
    return sorted(Book.objects.all(), key=lambda book: book.author.name)  # slow: [lazy-load-in-loop]


def grouped():
    reviews = Review.objects.order_by("customer_id")
    groups = groupby(reviews, key=lambda review: review.customer.name)  # slow: [lazy-load-in-loop]
    return [(name, len(list(rows))) for name, rows in groups]


def grouped_joined():
    reviews = Review.objects.select_related("customer").order_by("customer_id")
    groups = groupby(reviews, key=lambda review: review.customer.name)
    return [(name, len(list(rows))) for name, rows in groups]


def join_taken_back():
    for book in Book.objects.select_related("author").select_related(None):
        yield book.title, book.author.name  # slow: [lazy-load-in-loop]


def streamed():
    for book in Book.objects.prefetch_related("tags").iterator(chunk_size=1000):
        yield book.title, book.author.name, [tag.name for tag in book.tags.all()]  # slow: [lazy-load-in-loop]


def streamed_loaded():
    for book in Book.objects.select_related("author").prefetch_related("tags").iterator(chunk_size=1000):
        yield book.title, book.author.name, [tag.name for tag in book.tags.all()]


def prefetched_under_another_name():
    books = Prefetch("books", queryset=Book.objects.available(), to_attr="in_stock")
    for author in Author.objects.prefetch_related(books):
        yield author.name, [book.title for book in author.books.all()]  # slow: [lazy-load-in-loop]


def prefetched_and_read_under_another_name():
    books = Prefetch("books", queryset=Book.objects.available(), to_attr="in_stock")
    for author in Author.objects.prefetch_related(books):
        yield author.name, [book.title for book in author.in_stock]


def prefetched_afterwards():
    authors = list(Author.objects.all())
    prefetch_related_objects(authors, "books")
    return [(author.name, [book.title for book in author.books.all()]) for author in authors]


def generic_target():
    return [(note.text, note.target) for note in Note.objects.all()]  # slow: [lazy-load-in-loop]


def generic_target_prefetched():
    return [(note.text, note.target) for note in Note.objects.prefetch_related("target")]


def counted_per_row():
    return {author.name: author.books.count() for author in Author.objects.all()}  # slow: [lazy-load-in-loop]


def counted_by_the_database():
    return {author.name: author.amount for author in Author.objects.annotate(amount=Count("books"))}


def key_only():
    return [(book.title, book.author_id, book.key_of_author) for book in Book.objects.all()]


def plain_values():
    return [(row["title"], row["author__name"]) for row in Book.objects.values("title", "author__name")]


def assigned():
    book = Book.objects.get(pk=1)
    for review in Review.objects.filter(stars__gt=0):
        review.book = book
        yield review.stars, review.book.title


def children_know_their_parent():
    order = Order.objects.get(pk=1)
    return [(line.quantity, line.order.number) for line in order.lines.all()]


def first_round_only():
    heading = ""
    for index, order in enumerate(Order.objects.all()):
        if index == 0:
            heading = order.customer.name
        yield heading, order.number


def content_types():
    return [(note.text, ContentType.objects.get_for_model(Book).pk) for note in Note.objects.all()]
