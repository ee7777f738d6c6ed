"""Orchestration: Dagster's definitions of the night, and the command line. What can be tested alone lives elsewhere."""
