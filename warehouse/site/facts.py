"""What the site asks of a release: rows as the marts have them, on one connection. Choosing and wording is for `views`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb

from warehouse import trace as tracing
from warehouse.engine import connect_reader, quote_name
from warehouse.release import Release
from warehouse.trace import Cell

Row = dict[str, Any]

#: where provenance ids stand that a page resolves to cells; all others are told by the command that traces them
_CITED = {
    "area_scorecard": "source_row_ids",
    "cluster_compliance": "case when result = 'violation' then evidence end",
    "cluster_counts": "source_row_ids",
    "fct_cluster_title": "title_id",
    "fct_indicator_value": "figure_id",
    "green_titles": "source_row_ids",
    "marine_gdp_share": "source_row_ids",
    "revisions": "source_row_ids",
    "obligation_calendar": "source_row_ids",
    "task_ledger": "case when rag = 'red' then source_row_ids end",
}


@dataclass
class Facts:
    """A release under the eyes of the site. A mart that the release does not have is an empty one."""

    release: Release
    connection: duckdb.DuckDBPyConnection
    columns: dict[str, list[str]] = field(default_factory=dict)  # "main.plan_progress": its columns

    def rows(self, mart: str, where: str = "true", order: str = "all") -> list[Row]:
        """Rows of a mart; none where the release has no such mart."""
        schema, _, table = mart.rpartition(".")
        if f"{schema or 'main'}.{table}" not in self.columns:
            return []
        relation = f"{quote_name(schema or 'main')}.{quote_name(table)}"
        return self.ask(f"select * from {relation} where {where} order by {order}")

    def ask(self, sql: str) -> list[Row]:
        answer = self.connection.execute(sql)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    @cached_property
    def about(self) -> Row:
        """The one row of meta.release."""
        [row] = self.rows("meta.release")
        return row

    @cached_property
    def plan(self) -> Row:
        """The plan's version that the release judges by; what the release does not say of it is None."""
        version = self.about["plan_version"]
        found = [row for row in self.rows("plan_versions") if row["plan_version"] == version]
        return found[0] if found else {"plan_version": version, "title_zh": None, "issuer_zh": None}

    def of_plan(self, mart: str, where: str = "true", order: str = "all") -> list[Row]:
        """Rows of the plan version that the release judges by."""
        version = self.about["plan_version"]
        return [row for row in self.rows(mart, where, order) if row["plan_version"] == version]

    @cached_property
    def areas(self) -> dict[str, Row]:
        """Every area by its id, in the order in which areas are listed."""
        return {row["area_id"]: row for row in self.rows("dim_area", order="display_order, area_id")}

    @property
    def units(self) -> list[Row]:
        """The counties, then the zones."""
        listed = [row for row in self.areas.values() if row["area_level"] in ("county", "zone")]
        return sorted(listed, key=lambda row: row["area_level"] == "zone")

    @cached_property
    def city(self) -> str | None:
        """The id of the one area that the plan is of."""
        return next((id_ for id_, row in self.areas.items() if row["area_level"] == "city"), None)

    @cached_property
    def indicators(self) -> dict[str, Row]:
        return {row["indicator_code"]: row for row in self.rows("dim_indicator")}

    @cached_property
    def sources(self) -> dict[str, Row]:
        return {row["source_id"]: row for row in self.rows("meta.sources", order="rowid")}

    @cached_property
    def _cells(self) -> dict[str, Cell]:
        """The cells that pages cite, by provenance id: asked for at once, for pages cite thousands."""
        cited = " union all ".join(
            f"select {ids} as ids from {quote_name(mart)} as this"
            for mart, ids in _CITED.items()
            if f"main.{mart}" in self.columns
        )
        if not cited or "meta.provenance" not in self.columns:
            return {}
        ids = self.ask(
            f"select distinct unnest(string_split(ids, ';')) as id from ({cited}) where ids is not null order by 1"
        )
        documents = tracing.documents_of(self.release.manifest["inputs"])
        found = tracing.cells(self.connection, [row["id"] for row in ids], documents)
        return {cell.provenance_id: cell for cell in found}

    def cells(self, ids: str | None) -> list[Cell]:
        """The cells behind a figure, in order, each once."""
        listed = dict.fromkeys(filter(None, (ids or "").split(";")))
        return [self._cells[id_] for id_ in listed if id_ in self._cells]


@contextmanager
def opened(release: Release) -> Iterator[Facts]:
    """The facts of a release, on one connection that all who ask it meanwhile share."""
    connection = connect_reader(release.database)
    try:
        columns: dict[str, list[str]] = defaultdict(list)
        for schema, table, column in connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() order by all"
        ).fetchall():
            columns[f"{schema}.{table}"].append(column)
        yield Facts(release, connection, dict(columns))
    finally:
        connection.close()
