from django.urls import include, path
from orders import api
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
router.register("orders", api.OrderViewSet)
router.register("customers", api.CustomerViewSet)
urlpatterns = [
    path("api/", include(router.urls)),
    path("plain/", api.plain),
    path("labels/", api.labels),
    path("page/", api.page),
]
