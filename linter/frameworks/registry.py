"""The frameworks, in the order in which they are asked."""

from __future__ import annotations

from .alembic import Alembic
from .base import Framework
from .beanie import Beanie
from .dbapi import DbApi
from .django import Django
from .django_admin import DjangoAdmin
from .django_exports import DjangoExports
from .django_filtersets import DjangoFilterSets
from .django_forms import DjangoForms
from .django_formsets import DjangoFormsets
from .django_tables import DjangoTables
from .django_templates import DjangoTemplates
from .django_views import DjangoViews
from .drf import RestFramework
from .entries_tasks import Tasks
from .entries_workers import Workers
from .fastapi import FastAPI
from .fastapi_responses import Responses
from .flask_login import FlaskLogin
from .graphene import Graphene
from .jinja import Jinja
from .json_encoders import JsonEncoders
from .marshmallow import Marshmallow
from .mongoengine import MongoEngine
from .ninja import Ninja
from .peewee import Peewee
from .pydantic import Pydantic
from .pyramid import PyramidViews
from .restx import Restx
from .route_tables import RouteTables
from .schema_wrappers import Wrappers
from .sqlalchemy import SQLAlchemy
from .sqlalchemy_admin import SQLAlchemyAdmin
from .strawberry import Strawberry
from .tortoise import Tortoise

FRAMEWORKS: tuple[Framework, ...] = (
    Peewee(),  # before SQLAlchemy, as it has some operators of its own, and before Django, which knows fields by name
    MongoEngine(),
    Beanie(),
    Tortoise(),  # before Django, too
    DjangoFormsets(),  # before SQLAlchemy, which takes every other term for its own
    SQLAlchemyAdmin(),  # before SQLAlchemy, which takes any method of what may be a session
    SQLAlchemy(),
    Alembic(),
    RestFramework(),
    Ninja(),
    Pydantic(),
    Responses(),
    Marshmallow(),
    Restx(),
    Wrappers(),
    JsonEncoders(),
    DjangoAdmin(),  # before Django: `super().get_queryset` of an admin class
    Django(),
    DjangoViews(),
    PyramidViews(),
    Jinja(),  # before Django's templates, which take every `render` for their own
    DjangoTemplates(),
    DjangoForms(),
    DjangoExports(),
    DjangoTables(),
    DjangoFilterSets(),
    Graphene(),
    Strawberry(),
    DbApi(),
    FastAPI(),
    FlaskLogin(),
    RouteTables(),
    Tasks(),
    Workers(),
)
