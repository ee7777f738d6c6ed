"""Making raw Parquet and small frames visible inside the build file. No parsing, no business rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from warehouse.engine import quote_literal, quote_name, write_frame


class RawError(Exception):
    """Raw files do not fit the declared columns of their dataset."""


def register_raw(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, Sequence[Path]],
    schemas: Mapping[str, Mapping[str, str]],
) -> None:
    """Rebuild schema `raw`: one relation per dataset of `schemas`, with its columns in their order.

    `files` are a dataset's Parquet files, `schemas` its columns and their DuckDB types. A dataset
    with files is a view over them, cast to those types; one without is an empty table. Raises
    RawError for a dataset that is not declared and for a file that lacks a declared column: a
    column that is missing must never read as one that was published empty.
    """
    if undeclared := sorted(set(files) - set(schemas)):
        raise RawError(f"raw datasets without declared columns: {', '.join(undeclared)}")
    connection.execute("DROP SCHEMA IF EXISTS raw CASCADE")
    connection.execute("CREATE SCHEMA raw")
    for dataset, columns in schemas.items():
        relation = f"raw.{quote_name(dataset)}"
        paths = [str(Path(path).absolute()) for path in files.get(dataset, ())]
        if not paths:
            declared = ", ".join(f"{quote_name(name)} {kind}" for name, kind in columns.items())
            connection.execute(f"CREATE TABLE {relation} ({declared})")
            continue
        _require_columns(dataset, paths, columns)
        cast = ", ".join(f"CAST({quote_name(n)} AS {kind}) AS {quote_name(n)}" for n, kind in columns.items())
        connection.execute(
            f"CREATE VIEW {relation} AS SELECT {cast} FROM read_parquet({_list(paths)}, union_by_name = true)"
        )


def register_tables(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Views over the tables that another engine has left as `<warehouse>/<schema>.db/<table>/*.parquet`."""
    for table in sorted(warehouse.glob("*.db/*")):
        schema = quote_name(table.parent.name.removesuffix(".db"))
        files = quote_literal(f"{table.absolute()}/*.parquet")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"CREATE VIEW {schema}.{quote_name(table.name)} AS FROM read_parquet({files})")


def write_context(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Create or replace the table `raw.<name>`: what models must know of the night itself.

    After `register_raw`, which empties the schema; a name that a dataset bears is refused.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    try:
        write_frame(connection, f"raw.{quote_name(name)}", frame)
    except duckdb.CatalogException as error:
        raise RawError(f"context table {name}: a dataset bears this name") from error


def keep_known(connection: duckdb.DuckDBPyConnection, known_on: Mapping[str, str], day: date) -> None:
    """Leave in each raw relation only the rows that were known on a day.

    `known_on` gives, for each dataset, the SQL expression over the row `r` that says when it became known. The whole of a
    relation stays beside it under the name `<dataset>_all`, so that an expression may look one up.
    """
    names = [name for name in known_on if _is_view(connection, name)]
    for name in names:
        connection.execute(f"ALTER VIEW raw.{quote_name(name)} RENAME TO {quote_name(name + '_all')}")
    for name in names:
        connection.execute(
            f"CREATE VIEW raw.{quote_name(name)} AS SELECT r.* FROM raw.{quote_name(name + '_all')} AS r"
            f" WHERE {known_on[name]} <= DATE {quote_literal(day.isoformat())}"
        )


def _is_view(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_views() WHERE schema_name = 'raw' AND view_name = ?", [name]
    )
    return found.fetchone() == (1,)


def _require_columns(dataset: str, paths: list[str], columns: Mapping[str, str]) -> None:
    for path in paths:
        present = pl.read_parquet_schema(path)
        if missing := [name for name in columns if name not in present]:
            raise RawError(f"raw dataset {dataset}: {path} has no column {', '.join(missing)}")


def _list(paths: list[str]) -> str:
    return "[" + ", ".join(quote_literal(path) for path in paths) + "]"
