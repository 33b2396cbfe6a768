"""A shop in SQLAlchemy, whose rows schemas of every library render."""

from __future__ import annotations

from pathlib import Path

from .projects import check

MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Order(Base):
    __tablename__ = "order_"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id])
    payer: Mapped[Customer] = relationship(foreign_keys=[payer_id])
    lines: Mapped[list["Line"]] = relationship(back_populates="order")

    def to_dict(self):
        return {"customer": self.customer.name}

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), index=True)
    order: Mapped[Order] = relationship(back_populates="lines")
"""
START = """
from typing import Annotated, Generic, List, Optional, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Field, computed_field
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from shop.models import *

class CustomerOut(BaseModel):
    class Config:
        orm_mode = True
    name: str
"""
FASTAPI = """
from fastapi import APIRouter, Depends, FastAPI

router = APIRouter()
"""
MARSHMALLOW = """
from marshmallow import Schema, fields, post_dump, pre_dump
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from shop.models import *
"""


def shop(folder: Path, source: str, **more: str) -> None:
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/app.py": source}
    check(folder, {**files, **{f"shop/{name}.py": text for name, text in more.items()}})
