"""Function views that call serializers themselves."""

from rest_framework.decorators import api_view
from rest_framework.response import Response

from catalog.models import Book

from .serializers import FunctionSerializer, JoinedFunctionSerializer, LoopedSerializer


@api_view(["GET"])
def function(request):
    return Response(FunctionSerializer(Book.objects.all(), many=True).data)


@api_view(["GET"])
def function_joined(request):
    return Response(JoinedFunctionSerializer(Book.objects.select_related("category"), many=True).data)


@api_view(["GET"])
def looped(request):
    return Response([LoopedSerializer(book).data for book in Book.objects.available()])
