"""Operations of a router. Each names the schema that its rows fill."""

from ninja import Router
from ninja.pagination import paginate
from ninja.responses import Status

from catalog.models import Book, Line, Order, Review

from .schemas import (
    AliasOut,
    EarlyOut,
    ErrorOut,
    InheritedOut,
    JoinedAliasOut,
    JoinedEarlyOut,
    JoinedNestedOut,
    JoinedPageOut,
    JoinedResolverOut,
    KeysOut,
    LoadedManyOut,
    LoadedModelOut,
    ManyOut,
    MethodsOut,
    ModelOut,
    NestedOut,
    OneOut,
    PageOut,
    ResolverOut,
)

router = Router()


@router.get("/nested/", response=list[NestedOut])
def nested(request):
    return Order.objects.all()


@router.get("/nested-joined/", response=list[JoinedNestedOut])
def nested_joined(request):
    return Order.objects.select_related("customer")


@router.get("/many/", response={200: list[ManyOut], 404: ErrorOut})
def many(request, number: str = ""):
    if number == "none":
        return Status(404, {"detail": "no such order"})
    return Status(200, Order.objects.exclude(number=number))


@router.get("/many-loaded/", response={200: list[LoadedManyOut], 404: ErrorOut})
def many_loaded(request):
    return Order.objects.prefetch_related("lines__book")


@router.get("/alias/", response=list[AliasOut])
def alias(request):
    return list(Book.objects.available())


@router.get("/alias-joined/", response=list[JoinedAliasOut])
def alias_joined(request):
    return list(Book.objects.select_related("publisher"))


@router.get("/resolver/", response=list[ResolverOut])
def resolver(request):
    return Book.objects.available()


@router.get("/resolver-joined/", response=list[JoinedResolverOut])
def resolver_joined(request):
    return Book.objects.select_related("category")


@router.get("/model/", response=list[ModelOut])
def model(request):
    return Book.objects.all()


@router.get("/model-loaded/", response=list[LoadedModelOut])
def model_loaded(request):
    return Book.objects.prefetch_related("tags")


@router.get("/inherited/", response=list[InheritedOut])
def inherited(request):
    return Book.objects.prefetch_related("tags")


@router.get("/keys/", response=list[KeysOut])
def keys(request):
    return Review.objects.all()


@router.get("/methods/", response=list[MethodsOut])
def methods(request):
    return Order.objects.all()


@router.get("/paged/", response=list[PageOut])
@paginate
def paged(request):
    return Book.objects.order_by("title")


@router.get("/paged-joined/", response=list[JoinedPageOut])
@paginate
def paged_joined(request):
    return Book.objects.select_related("author")


@router.get("/early/")
def early(request):
    return [EarlyOut.from_orm(review).dict() for review in Review.objects.select_related("book")]


@router.get("/early-joined/")
def early_joined(request):
    return [
        JoinedEarlyOut.model_validate(review).dict() for review in Review.objects.select_related("book__publisher")
    ]


@router.get("/one/{order_id}/", response=OneOut)
def one(request, order_id: int):
    return Order.objects.get(pk=order_id)


def lines():
    return Line.objects.all()
