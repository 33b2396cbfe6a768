"""Connects the signals when Django starts."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self):
        from . import signals  # noqa: F401
