"""Makes ``name_similarity`` known to the connection on which dbt builds. Loaded by dbt alone (profiles.yml)."""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from ingest.linkage.similarity import name_similarity


class Plugin(BasePlugin):
    """dbt-duckdb looks for a class of this name."""

    def configure_connection(self, conn: Any) -> None:
        conn.create_function("name_similarity", name_similarity, ["VARCHAR", "VARCHAR"], "DOUBLE")
