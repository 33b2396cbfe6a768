"""Sync I/O in hot paths."""
