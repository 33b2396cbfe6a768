from django.http import JsonResponse
from django.shortcuts import render
from rest_framework import serializers, viewsets

from .models import Customer, Order


class OrderSerializer(serializers.ModelSerializer):
    customer_name = serializers.CharField(source="customer.name")

    class Meta:
        model = Order
        fields = ("id", "customer_name", "total")


class CustomerSerializer(serializers.ModelSerializer):
    orders = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Customer
        fields = ("name", "orders")


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.order_by("id")
    serializer_class = OrderSerializer


class CustomerViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Customer.objects.order_by("id")
    serializer_class = CustomerSerializer


def plain(request):
    names = []
    for order in Order.objects.order_by("id"):  # the list
        names.append(order.customer.name)  # N+1
    return JsonResponse({"names": names})


def labels(request):
    return JsonResponse({"labels": [order.label for order in Order.objects.all()]})


def page(request):
    return render(request, "orders.html", {"orders": Order.objects.order_by("id")})
