"""Pages whose templates read relations per row, each beside one whose rows' query loads them."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.views.generic import DetailView, ListView, TemplateView

from catalog.models import Author, Book, Category, Order, Review

from .tables import BookTable, JoinedBookTable


def orders(request):
    return render(request, "pages/orders.html", {"orders": Order.objects.all()})


def orders_joined(request):
    return render(request, "pages/orders_joined.html", {"orders": Order.objects.select_related("customer")})


def lines(request):
    return render(request, "pages/lines.html", {"orders": Order.objects.all()})


def lines_prefetched(request):
    return render(request, "pages/lines_prefetched.html", {"orders": Order.objects.prefetch_related("lines__book")})


def included(request):
    return render(request, "pages/included.html", {"orders": Order.objects.all()})


def included_joined(request):
    return render(request, "pages/included_joined.html", {"orders": Order.objects.select_related("customer")})


def extended(request):
    return render(request, "pages/extended.html", {"books": Book.objects.all()})


def extended_joined(request):
    return render(request, "pages/extended_joined.html", {"books": Book.objects.select_related("author")})


def named(request):
    return render(request, "pages/named.html", {"orders": Order.objects.all()})


def named_joined(request):
    return render(request, "pages/named.html", {"orders": Order.objects.select_related("customer")})


def tested(request):
    return render(request, "pages/tested.html", {"orders": Order.objects.all()})


def tested_joined(request):
    return render(request, "pages/tested_joined.html", {"orders": Order.objects.select_related("invoice")})


def regrouped(request):
    return render(request, "pages/regrouped.html", {"books": Book.objects.order_by("author_id")})


def regrouped_joined(request):
    books = Book.objects.select_related("author").order_by("author_id")
    return render(request, "pages/regrouped_joined.html", {"books": books})


def filters(request):
    return render(request, "pages/filters.html", {"authors": Author.objects.all(), "books": Book.objects.all()})


def filters_prefetched(request):
    context = {"authors": Author.objects.prefetch_related("books"), "books": Book.objects.prefetch_related("tags")}
    return render(request, "pages/filters_prefetched.html", context)


def first(request):
    return render(request, "pages/first.html", {"authors": Author.objects.all()})


def methods(request):
    return render(request, "pages/methods.html", {"authors": Author.objects.all()})


def properties(request):
    return render(request, "pages/properties.html", {"books": Book.objects.all()})


def properties_joined(request):
    return render(request, "pages/properties.html", {"books": Book.objects.select_related("author")})


def strings(request):
    return render(request, "pages/strings.html", {"reviews": Review.objects.all()})


def strings_joined(request):
    return render(request, "pages/strings.html", {"reviews": Review.objects.select_related("book")})


def cards(request):
    return render(request, "pages/cards.html", {"books": Book.objects.all()})


def cards_joined(request):
    return render(request, "pages/cards_joined.html", {"books": Book.objects.select_related("author")})


def stock(request):
    return render(request, "pages/stock.html", {"books": Book.objects.all()})


def rated(request):
    return render(request, "pages/rated.html", {"books": Book.objects.all()})


def rated_loaded(request):
    return render(request, "pages/rated.html", {"books": Book.objects.prefetch_related("reviews")})


class ReviewList(ListView):
    model = Review
    template_name = "pages/review_list.html"


class ReviewListJoined(ListView):
    template_name = "pages/review_list_joined.html"

    def get_queryset(self):
        return Review.objects.select_related("customer")


class NamedReviewList(ListView):
    queryset = Review.objects.order_by("pk")
    context_object_name = "written"
    template_name = "pages/review_list_named.html"


class NamedReviewListJoined(NamedReviewList):
    queryset = Review.objects.select_related("customer").order_by("pk")


class PagedReviewList(ListView):
    queryset = Review.objects.select_related("customer").order_by("pk")
    paginate_by = 50
    template_name = "pages/review_list_paged.html"


class OrderDetail(DetailView):
    model = Order
    template_name = "pages/order_detail.html"


class OrderDetailLoaded(DetailView):
    queryset = Order.objects.select_related("customer").prefetch_related("lines__book")
    template_name = "pages/order_detail_loaded.html"


class Shelf(TemplateView):
    template_name = "pages/shelf.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["books"] = Book.objects.all()
        context["joined"] = Book.objects.select_related("publisher")
        return context


def steps(request):
    context = {}
    context["title"] = "reviews"
    context.update(reviews=Review.objects.all())
    if request.GET.get("best"):
        context["title"] = "best reviews"
    return render(request, "pages/steps.html", context)


def steps_joined(request):
    reviews = Review.objects.filter(stars__gt=0)
    context = {"title": "reviews"}
    context["reviews"] = reviews.select_related("customer")
    return render(request, "pages/steps.html", context)


def local(request):
    reviews = Review.objects.all()
    joined = Review.objects.select_related("customer")
    return render(request, "pages/local.html", locals())


def response(request):
    return TemplateResponse(request, "pages/response.html", {"books": Book.objects.all()})


def response_joined(request):
    response = TemplateResponse(request, "pages/response.html", {})
    response.context_data["books"] = Book.objects.select_related("category")
    return response


def rendered(request):
    return HttpResponse(render_to_string("pages/rendered.html", {"books": Book.objects.all()}, request))


def rendered_joined(request):
    books = Book.objects.select_related("category")
    return HttpResponse(render_to_string("pages/rendered.html", {"books": books}, request))


def with_menu(request):
    return render(request, "pages/menu.html")


def with_menu_of_its_own(request):
    """What the view says takes the place of what the context processor says."""
    return render(request, "pages/menu.html", {"menu": Category.objects.select_related("parent")})


def table(request):
    return render(request, "pages/table.html", {"table": BookTable(Book.objects.all())})


def table_joined(request):
    books = JoinedBookTable(Book.objects.select_related("author", "publisher"))
    return render(request, "pages/table.html", {"table": books})


def constant(request):
    return render(request, "pages/constant.html", {"orders": Order.objects.all()})


def plain(request):
    return render(request, "pages/plain.html", {"rows": Book.objects.values("title", "author__name")})


class ReviewForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ("stars", "customer")


def formset(request):
    forms_of_all = forms.modelformset_factory(Review, form=ReviewForm, extra=0)
    return render(request, "pages/formset.html", {"formset": forms_of_all(queryset=Review.objects.all())})


def both(request):
    """Several rows of one template: only those of the second query were not joined."""
    context = {"joined": Book.objects.select_related("category"), "books": Book.objects.all()}
    return render(request, "pages/both.html", context)
