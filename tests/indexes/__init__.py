"""Executed ground truth: index advice on tables of a million rows, each one built and timed, each silence proved."""
