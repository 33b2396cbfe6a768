"""Telemetry files in, rows in a store out. One module per format; `reader` chooses by content."""

from .reader import ingest, ingest_profile

__all__ = ["ingest", "ingest_profile"]
