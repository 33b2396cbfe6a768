"""SQL without a database: tables and indexes, what a statement asks of them, and what a B-tree would serve.

Plain values in and out. Knows neither Python sources nor telemetry, so the linter and the advisor share it.
"""
