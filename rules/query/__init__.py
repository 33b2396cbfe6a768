"""Queries that do too much."""
