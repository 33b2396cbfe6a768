"""Costs paid again and again."""
