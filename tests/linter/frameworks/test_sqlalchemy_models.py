"""What mapped classes say: tables, columns, indexes, relations in every style of declaration."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint.linter.project.project import Project
from slowlint.linter.project.schema import Model, Relation, model_of, relation_of

from .projects import check, project

DECLARATIVE = """
from enum import Enum
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, UniqueConstraint, func
from sqlalchemy.ext.declarative import declarative_base, declared_attr
from sqlalchemy.orm import backref, relationship

Base = declarative_base()


class State(Enum):
    OPEN = 1


class Owned:
    @declared_attr
    def owner_id(cls):
        return Column(Integer, ForeignKey("crm.users.id"))

    @declared_attr
    def owner(cls):
        return relationship("User", backref=backref("things", uselist=False))


class User(Base):
    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("email", "tenant"), {"schema": "crm"})
    id = Column(Integer, primary_key=True)
    email = Column("mail", String, index=True)
    tenant = Column(Integer)
    name = Column(String)
    active = Column(Boolean)


class Thing(Owned, Base):
    __tablename__ = "things"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("things.id"))
    parent = relationship("Thing", remote_side=[id])
    children = relationship("Thing")
    checked_by_id = Column(ForeignKey(User.id))
    checked_by = relationship("User", foreign_keys=[checked_by_id])


class Pair(Base):
    __tablename__ = "pairs"
    left = Column(ForeignKey("users.id"), primary_key=True)
    right = Column(ForeignKey("things.id"), primary_key=True)


Index("ix_lower_name", func.lower(User.name))
Index("ix_tenant_live", User.tenant, postgresql_where=User.active)
"""


PYDANTIC = """
from pydantic import BaseModel, Field


class User(BaseModel):
    name: str = Field(max_length=3)
"""


def _model(made: Project, ref: str) -> Model:
    found = model_of(made, ref)
    assert found is not None
    return found


def _relation(made: Project, ref: str, name: str) -> Relation:
    found = relation_of(made, ref, name)
    assert found is not None
    return found


def test_declarative_columns_and_indexes() -> None:
    user = _model(project({"models.py": DECLARATIVE}), "models.py::User")
    assert (user.dialect, user.table, user.primary_key, user.abstract) == ("sqlalchemy", "users", "id", False)
    email = user.column("mail")
    assert email is not None
    assert (email.name, email.column, email.indexed, email.unique) == ("email", "mail", True, False)
    assert [c.name for c in user.columns if c.few] == ["active"]
    assert {(i.columns, i.unique, i.partial, i.expression) for i in user.indexes} == {
        (("email", "tenant"), True, False, False),
        (("name",), False, False, True),
        (("tenant",), False, True, False),
    }


def test_direction_of_relations() -> None:
    made = project({"models.py": DECLARATIVE})
    thing = "models.py::Thing"
    assert _relation(made, thing, "owner").kind == "one"
    assert _relation(made, thing, "owner").column == "owner_id"
    assert _relation(made, thing, "parent").kind == "one"
    assert (_relation(made, thing, "children").kind, _relation(made, thing, "children").filters) == (
        "many",
        ("parent_id",),
    )
    assert _relation(made, thing, "checked_by").column == "checked_by_id"
    assert _relation(made, "models.py::User", "things").kind == "reverse-one"
    owner = _model(made, thing).column("owner_id")
    assert owner is not None
    assert owner.foreign_key == "models.py::User"


def test_only_the_first_column_of_a_composite_key_is_served() -> None:
    pair = _model(project({"models.py": DECLARATIVE}), "models.py::Pair")
    assert [(c.name, c.indexed, c.primary) for c in pair.columns] == [("left", True, False), ("right", False, False)]
    assert [(i.columns, i.unique) for i in pair.indexes] == [(("left", "right"), True)]


def test_annotated_declarations() -> None:
    made = project(
        {
            "base.py": """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    __abstract__ = True
""",
            "models.py": """
from __future__ import annotations
from typing import Optional, TYPE_CHECKING
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DynamicMapped, Mapped, WriteOnlyMapped, mapped_column, relationship
from base import Base

if TYPE_CHECKING:
    from other import Log


class Team(Base):
    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Optional[str]]
    active: Mapped[bool]
    members: Mapped[list["Member"]] = relationship(lazy="selectin")
    lead: Mapped["Member | None"] = relationship(lazy="joined")
    logs: WriteOnlyMapped["Log"] = relationship()
    past: DynamicMapped["Member"] = relationship()


class Member(Base):
    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
""",
            "other.py": """
from sqlalchemy.orm import Mapped, mapped_column
from base import Base


class Log(Base):
    __tablename__ = "log"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
        }
    )
    base, team = _model(made, "base.py::Base"), _model(made, "models.py::Team")
    assert base.abstract
    assert [c.name for c in team.columns] == ["id", "name", "active"]
    assert {(r.name, r.kind, r.target, r.eager) for r in team.relations} == {
        ("members", "many", "models.py::Member", "always"),
        ("lead", "one", "models.py::Member", "always"),
        ("logs", "dynamic", "other.py::Log", ""),
        ("past", "dynamic", "models.py::Member", ""),
    }


def test_flask_sqlalchemy_and_sqlmodel() -> None:
    made = project(
        {
            "flask_models.py": """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class BlogPost(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    comments = db.relationship("BlogComment", back_populates="post")


class BlogComment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    post_id = db.Column(db.Integer, db.ForeignKey("blog_post.id"), index=True)
    post = db.relationship("BlogPost", back_populates="comments")
""",
            "sql_models.py": """
from typing import Optional
from sqlmodel import Field, Relationship, SQLModel


class HeroBase(SQLModel):
    name: str = Field(index=True)


class Hero(HeroBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    team_id: Optional[int] = Field(default=None, foreign_key="team.id")
    team: Optional["Team"] = Relationship(back_populates="heroes")


class Team(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    heroes: list["Hero"] = Relationship(back_populates="team", sa_relationship_kwargs={"lazy": "selectin"})


class HeroRead(HeroBase):
    id: int
""",
        }
    )
    post = _model(made, "flask_models.py::BlogPost")
    assert post.table == "blog_post"
    assert _relation(made, post.ref, "comments").kind == "many"
    assert _relation(made, "flask_models.py::BlogComment", "post").column == "post_id"
    hero = _model(made, "sql_models.py::Hero")
    assert (hero.table, [(c.name, c.indexed) for c in hero.columns]) == (
        "hero",
        [("name", True), ("id", True), ("team_id", False)],
    )
    assert _relation(made, hero.ref, "team").kind == "one"
    assert _relation(made, "sql_models.py::Team", "heroes").eager == "always"
    assert model_of(made, "sql_models.py::HeroRead") is None
    assert model_of(made, "sql_models.py::HeroBase") is None


def test_pydantic_schemas_are_no_models() -> None:
    made = project({"schemas.py": PYDANTIC})
    assert model_of(made, "schemas.py::User") is None


@pytest.mark.parametrize("maps", ["mapper_registry.map_imperatively", "mapper"])
def test_imperative_mapping(tmp_path: Path, maps: str) -> None:
    check(
        tmp_path,
        {
            "domain.py": """
            class Customer:
                def __init__(self, name):
                    self.name = name

            class Order:
                def label(self):
                    return self.customer.name  # error: lazy-load-in-loop
            """,
            "tables.py": f"""
            from sqlalchemy import Column, ForeignKey, Integer, String, Table
            from sqlalchemy.orm import mapper, registry, relationship

            from domain import Customer, Order

            mapper_registry = registry()
            customers = Table(
                "customers",
                mapper_registry.metadata,
                Column("id", Integer, primary_key=True),
                Column("name", String(50)),
            )
            orders = Table(
                "orders",
                mapper_registry.metadata,
                Column("id", Integer, primary_key=True),
                Column("customer_id", ForeignKey("customers.id"), index=True),
            )

            def start_mappers():
                {maps}(Customer, customers)
                {maps}(Order, orders, properties={{"customer": relationship(Customer, backref="orders")}})
            """,
            "service.py": """
            from sqlalchemy import select
            from sqlalchemy.orm import Session, joinedload

            from domain import Customer, Order

            def labels(session: Session):
                return [order.label() for order in session.scalars(select(Order))]

            def joined(session: Session):
                return [order.label() for order in session.scalars(select(Order).options(joinedload(Order.customer)))]

            def counts(session: Session):
                return [len(customer.orders) for customer in session.query(Customer)]  # error: lazy-load-in-loop
            """,
        },
    )


def test_models_inherit_what_the_database_object_was_given(tmp_path: Path) -> None:
    """`SQLAlchemy(model_class=…)` of Flask-SQLAlchemy, and a base that `declarative_base` wraps."""
    check(
        tmp_path,
        {
            "base.py": """
            class Model:
                @classmethod
                def find(cls, key):
                    return cls.query.get(key)  # error: query-in-loop
            """,
            "app.py": """
            from flask_sqlalchemy import SQLAlchemy
            from sqlalchemy.orm import declarative_base

            from base import Model

            db = SQLAlchemy(model_class=declarative_base(cls=Model))

            class Tag(db.Model):
                __tablename__ = "tag"
                id = db.Column(db.Integer, primary_key=True)
                name = db.Column(db.String)

            def names(keys):
                return [Tag.find(key).name for key in keys]
            """,
        },
    )
