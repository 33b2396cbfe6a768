"""The API with its router and its controller."""

from django.urls import path
from ninja_extra import NinjaExtraAPI

from .controllers import LineController
from .operations import router

api = NinjaExtraAPI(docs_url=None, openapi_url=None)
api.add_router("", router)
api.register_controllers(LineController)

urlpatterns = [path("", api.urls)]
