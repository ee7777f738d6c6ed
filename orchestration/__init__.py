"""Orchestration: the Dagster definitions of the night, and the command line. What can be tested without them lives elsewhere."""
