"""The frameworks, in the order in which they are asked."""

from __future__ import annotations

from .base import Framework
from .django import Django

FRAMEWORKS: tuple[Framework, ...] = (Django(),)
