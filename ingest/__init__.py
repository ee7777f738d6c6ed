"""Ingest: from a publisher's bytes to typed rows with their provenance. No SQL models and no scheduler live here."""
