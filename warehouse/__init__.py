"""Warehouse: the build file, published releases and their readers. No parsing and no business rules live here."""
