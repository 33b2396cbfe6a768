"""The frameworks, in the order in which they are asked."""

from __future__ import annotations

from .base import Framework
from .dbapi import DbApi
from .django import Django
from .django_templates import DjangoTemplates
from .django_views import DjangoViews
from .drf import RestFramework
from .entries_tasks import Tasks
from .fastapi import FastAPI
from .sqlalchemy import SQLAlchemy

FRAMEWORKS: tuple[Framework, ...] = (
    SQLAlchemy(),
    RestFramework(),
    Django(),
    DjangoViews(),
    DjangoTemplates(),
    DbApi(),
    FastAPI(),
    Tasks(),
)
