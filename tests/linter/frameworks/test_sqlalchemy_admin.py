"""Flask-AppBuilder's lists; those of SQLAdmin and Flask-Admin stand on the rule's page and among the executed cases."""

from __future__ import annotations

from pathlib import Path

from .projects import check

MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Chart(Base):
    __tablename__ = "chart"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    editor: Mapped[User] = relationship(foreign_keys=[editor_id])

    @property
    def owner_name(self):
        return self.owner.name

    @property
    def editor_name(self):
        return self.editor.name  # error: lazy-load-in-serializer

    def edited(self):
        return self.editor.name  # error: lazy-load-in-admin
"""
VIEWS = """
from flask_appbuilder import ModelRestApi, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from models import Chart

class Api(ModelRestApi):
    base_order = ("id", "desc")

class Charts(Api):
    datamodel = SQLAInterface(Chart)
    list_columns = ["id", "owner.name", "owner_name", "editor_name"]

class Selected(Api):
    datamodel = SQLAInterface(Chart)
    list_columns = ["id", "owner_name", "editor_name"]
    list_select_columns = [*list_columns, "owner.name", "editor.name"]

class ChartView(ModelView):
    datamodel = SQLAInterface(Chart)
    list_columns = ["id", "owner", "owner_name", "edited"]

class Unlisted(ModelView):
    datamodel = SQLAInterface(Chart)
"""


def test_properties_in_lists_of_flask_appbuilder(tmp_path: Path) -> None:
    check(tmp_path, {"models.py": MODELS, "views.py": VIEWS})
