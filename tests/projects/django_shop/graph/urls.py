"""Both schemas, without their consoles."""

from django.urls import path
from graphene_django.views import GraphQLView
from strawberry.django.views import GraphQLView as StrawberryView

from . import schema, strawberry_schema

urlpatterns = [
    path("graphene/", GraphQLView.as_view(schema=schema.schema)),
    path("strawberry/", StrawberryView.as_view(schema=strawberry_schema.schema)),
]
