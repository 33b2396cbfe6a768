"""The frameworks, in the order in which they are asked."""

from __future__ import annotations

from .base import Framework
from .dbapi import DbApi
from .django import Django
from .django_admin import DjangoAdmin
from .django_exports import DjangoExports
from .django_forms import DjangoForms
from .django_formsets import DjangoFormsets
from .django_tables import DjangoTables
from .django_templates import DjangoTemplates
from .django_views import DjangoViews
from .drf import RestFramework
from .entries_tasks import Tasks
from .fastapi import FastAPI
from .fastapi_responses import Responses
from .graphene import Graphene
from .marshmallow import Marshmallow
from .ninja import Ninja
from .pydantic import Pydantic
from .restx import Restx
from .sqlalchemy import SQLAlchemy
from .sqlalchemy_admin import SQLAlchemyAdmin
from .strawberry import Strawberry

FRAMEWORKS: tuple[Framework, ...] = (
    DjangoFormsets(),  # before SQLAlchemy, which takes every other term for its own
    SQLAlchemyAdmin(),  # before SQLAlchemy, which takes any method of what may be a session
    SQLAlchemy(),
    RestFramework(),
    Ninja(),
    Pydantic(),
    Responses(),
    Marshmallow(),
    Restx(),
    DjangoAdmin(),  # before Django: `super().get_queryset` of an admin class
    Django(),
    DjangoViews(),
    DjangoTemplates(),
    DjangoForms(),
    DjangoExports(),
    DjangoTables(),
    Graphene(),
    Strawberry(),
    DbApi(),
    FastAPI(),
    Tasks(),
)
