"""A controller of django-ninja-extra, whose operations are methods."""

from ninja_extra import ControllerBase, api_controller, http_get, route

from .operations import lines
from .schemas import ControllerOut, JoinedControllerOut


@api_controller("/lines")
class LineController(ControllerBase):
    @route.get("/", response=list[ControllerOut])
    def every(self):
        return self.rows()

    @http_get("/joined/", response=list[JoinedControllerOut])
    def joined(self):
        return self.rows().select_related("book")

    def rows(self):
        return lines().filter(quantity__gt=0)
