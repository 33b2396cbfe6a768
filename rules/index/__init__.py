"""Missing indexes."""
