"""Telemetry in, prices out: ingest, store, evidence, replay, rank, verify. Sees of the linter only its model."""
