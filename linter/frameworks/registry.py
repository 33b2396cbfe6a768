"""The frameworks, in the order in which they are asked."""

from __future__ import annotations

from .base import Framework
from .django import Django
from .sqlalchemy import SQLAlchemy

FRAMEWORKS: tuple[Framework, ...] = (SQLAlchemy(), Django())
