"""Where telemetry waits for questions: a DuckDB file or memory. Whole traces and weighted totals come out."""

from .store import Store

__all__ = ["Store"]
