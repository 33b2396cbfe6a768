"""Queries that multiply."""
