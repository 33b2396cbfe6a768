"""Change lists and forms of the admin: columns are read per row, labels per choice, selects per inline row."""

from django.contrib import admin

from catalog.models import Author, Book, Category, Country, Customer, Invoice, Line, Note, Order, Profile, Publisher


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    """A callable column that follows the relation, and no column that would make the admin join it.

    Without actions there is no checkbox, whose label would be the `__str__` of the row.
    """

    actions = None
    list_display = ("number", "buyer")

    @admin.display(ordering="customer__name")
    def buyer(self, order):
        return order.customer.name  # slow: [lazy-load-in-admin]


class LineInline(admin.TabularInline):
    model = Line
    extra = 0
    fields = ("quantity", "title")
    readonly_fields = ("title",)

    def title(self, line):
        return line.book.title  # slow: [lazy-load-in-admin]


class CheckedOrder(Order):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(CheckedOrder)
class CheckedOrderAdmin(admin.ModelAdmin):
    """The same column over a joined query; the inline's rows are not joined."""

    list_display = ("number", "buyer")
    list_select_related = ("customer",)
    fields = ("number", "paid")
    inlines = (LineInline,)

    def buyer(self, order):
        return order.customer.name


class PackedLineInline(admin.TabularInline):
    model = Line
    extra = 0
    fields = ("quantity", "title")
    readonly_fields = ("title",)

    def title(self, line):
        return line.book.title

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("book")


class PackedOrder(Order):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(PackedOrder)
class PackedOrderAdmin(admin.ModelAdmin):
    """`get_queryset` loads what the column reads, in the list as well as in the inline."""

    actions = None
    list_display = ("number", "titles")
    fields = ("number", "paid")
    inlines = (PackedLineInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("lines__book")

    def titles(self, order):
        return ", ".join(line.book.title for line in order.lines.all())


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):
    """`__str__` follows the relation."""

    list_display = ("__str__", "total")


class LabelledInvoice(Invoice):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(LabelledInvoice)
class LabelledInvoiceAdmin(admin.ModelAdmin):
    """`__str__` is no column, but the label of the checkbox of each row."""

    list_display = ("total",)


class JoinedInvoice(Invoice):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(JoinedInvoice)
class JoinedInvoiceAdmin(admin.ModelAdmin):
    list_display = ("__str__", "total")
    list_select_related = ("order",)


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """A key that cannot be NULL, named as a column, is joined by the admin itself."""

    list_display = ("name", "country")


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    """The admin's own join leaves out keys that may be NULL."""

    list_display = ("name", "country")  # slow: [lazy-load-in-admin]


class JoinedAuthor(Author):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(JoinedAuthor)
class JoinedAuthorAdmin(admin.ModelAdmin):
    list_display = ("name", "country")
    list_select_related = ("country",)


@admin.register(Profile)
class ProfileAdmin(admin.ModelAdmin):
    """A column across the relation is not joined by the admin."""

    list_display = ("website", "author__name")  # slow: [lazy-load-in-admin]


class JoinedProfile(Profile):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(JoinedProfile)
class JoinedProfileAdmin(admin.ModelAdmin):
    list_display = ("website", "author__name")
    list_select_related = True


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    """The form has a select of publishers, whose labels follow a relation; a column counts per row."""

    list_display = ("title", "reviewed")
    fields = ("title", "publisher")

    @admin.display(boolean=True)
    def reviewed(self, book):
        return book.reviews.exists()  # slow: [lazy-load-in-admin]


class LoadedBook(Book):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(LoadedBook)
class LoadedBookAdmin(admin.ModelAdmin):
    """The choices of the select come from a query that joins what the labels read."""

    list_display = ("title", "reviewed")
    fields = ("title", "publisher")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("reviews")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "publisher":
            kwargs["queryset"] = Publisher.objects.select_related("country")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(boolean=True)
    def reviewed(self, book):
        return book.reviews.exists()


def shelf_of(category):
    return category.parent.name  # slow: [lazy-load-in-admin]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """A column that is a function of the module; the form shows the parent's key only."""

    list_display = ("name", shelf_of)
    fields = ("name", "parent")
    raw_id_fields = ("parent",)


class JoinedCategory(Category):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(JoinedCategory)
class JoinedCategoryAdmin(admin.ModelAdmin):
    list_display = ("name", "shelf")
    list_select_related = ("parent",)

    def shelf(self, category):
        return category.parent.name


class RawLineInline(admin.TabularInline):
    """One more query for each row's label."""

    model = Line
    extra = 0
    fields = ("quantity", "book")
    raw_id_fields = ("book",)  # slow: [lazy-load-in-admin]


class RawOrder(Order):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(RawOrder)
class RawOrderAdmin(admin.ModelAdmin):
    actions = None
    list_display = ("number",)
    fields = ("number",)
    inlines = (RawLineInline,)


class SelectLineInline(admin.TabularInline):
    """A select per row, and each of them fetches all books."""

    model = Line
    extra = 0
    fields = ("quantity", "book")  # slow: [lazy-load-in-admin]


class SelectOrder(Order):
    class Meta:
        proxy = True
        app_label = "backoffice"


@admin.register(SelectOrder)
class SelectOrderAdmin(admin.ModelAdmin):
    actions = None
    list_display = ("number",)
    fields = ("number",)
    inlines = (SelectLineInline,)


@admin.register(Country)
class CountryAdmin(admin.ModelAdmin):
    list_display = ("name",)


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    """The content types are kept in memory, and the key is a column."""

    list_display = ("text", "kind", "object_id")

    def kind(self, note):
        return note.content_type_id
