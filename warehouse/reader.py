"""Questions to a release and their answers in four formats. Nothing here writes into a release."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal, cast

import duckdb
import polars as pl
import polars.selectors as cs
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from warehouse.engine import OutOfBounds, bounded, connect_reader, quote_name
from warehouse.release import Release
from warehouse.spreadsheets import without_formula
from warehouse.terminal import Visible

Format = Literal["table", "csv", "json", "parquet"]
NULL = "—"
# How long a question of a person may take, where he does not say otherwise.
TIMEOUT_S = 60.0

# Types that polars has no counterpart for, wherever they stand in a column's type.
_AS_TEXT = re.compile(r"INTERVAL|UNION|BIT\b|BIGNUM|VARIANT|GEOMETRY|TIME WITH TIME ZONE")
_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
# Functions that give rows and look at nothing but their arguments and the release's own tables. Every other one is refused:
# those that read files would fail at the engine anyway; others turn logging or profiling on past lock_configuration (a log
# that points at a file takes the process down), or hide a statement in a text (query, json_execute_serialized_sql).
_ROW_FUNCTIONS = frozenset(
    (
        "duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords", "duckdb_schemas",
        "duckdb_tables", "duckdb_types", "duckdb_views", "generate_series", "generate_subscripts", "histogram",
        "histogram_values", "icu_calendar_names", "json_each", "json_tree", "pg_timezone_names", "pragma_table_info",
        "range", "repeat", "repeat_row", "summary", "unnest",
    )
)  # fmt: skip
# What looks out of the database from inside an expression: the environment, the settings with their paths, the log.
_EXPRESSIONS_REFUSED = frozenset(
    (
        "current_setting",
        "getenv",
        "getvariable",
        "json_execute_serialized_sql",
        "query",
        "query_table",
        "write_log",
    )
)
_EXPLAIN = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*explain\b(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:analyze\b|\([^()]*\))?", re.I | re.S
)


class QueryRefused(Exception):
    """A question that may not be asked, or that the engine cannot answer; the message says why."""


def run_query(
    release: Release, sql: str, limit: int | None = None, timeout_s: float | None = None
) -> pl.DataFrame:
    """The answer to one SELECT (or DESCRIBE, SHOW, SUMMARIZE, EXPLAIN) on a release.

    `limit` cuts the answer to so many rows. Types that polars lacks come as text. Raises
    QueryRefused for more than one statement, for one that is no question, for one that is not answered in
    `timeout_s`, and with the engine's own words for whatever it refuses.
    """
    try:
        with connect_reader(release.database) as connection, bounded(connection, timeout_s):
            require_one_question(connection, sql)
            answer = connection.sql(sql)
            if limit is not None:
                answer = answer.limit(limit)
            frame = pl.DataFrame(_readable(answer))
    except OutOfBounds as error:
        raise QueryRefused(f"{error}; ask for less, or export the table and work on the file") from error
    except (duckdb.Error, pl.exceptions.PolarsError) as error:
        raise QueryRefused(str(error).strip()) from error
    _require_years_of_the_calendar(frame)
    return frame


def write_result(frame: pl.DataFrame, format: Format, target: IO[Any] | Path) -> None:
    """Write an answer to a path or to an open stream (text, or binary for Parquet).

    table: for people. csv: with a byte order mark in a file, so that Excel reads Chinese; text that
    a spreadsheet would take for a formula gets a leading apostrophe. json: a list of records with
    ISO dates. parquet: as it is.
    """
    if format == "parquet":
        if not isinstance(target, Path):
            target = getattr(target, "buffer", target)
        frame.write_parquet(target)
    elif isinstance(target, Path):
        encoding = "utf-8-sig" if format == "csv" else "utf-8"
        with target.open("w", encoding=encoding, newline="") as stream:
            write_result(frame, format, stream)
    elif format == "csv":
        target.write(_for_spreadsheets(frame).write_csv())
    elif format == "json":
        # JSON has no word for infinity or "not a number".
        finite = frame.with_columns(pl.when(cs.float().is_finite()).then(cs.float()))
        records = json.dumps(finite.to_dicts(), ensure_ascii=False, indent=1, default=_json_value)
        target.write(records + "\n")
    elif format == "table":
        print_table(_as_table(frame), target)
    else:
        raise ValueError(f"unknown format {format!r}; expected table, csv, json or parquet")


def print_table(table: RenderableType, stream: IO[str] | None = None) -> None:
    """Print at the terminal's width, or, into a file or a pipe, as wide as the table needs; escape sequences as text."""
    stream = sys.stdout if stream is None else stream
    console = Console(file=getattr(stream, "trusted", stream), highlight=False)
    if not console.is_terminal:
        console.width = 10_000
        console.width = console.measure(table).maximum
    console.print(Visible(table))


def require_one_question(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise QueryRefused for anything but one statement that only reads, and only the release."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        # duckdb makes two of a PIVOT whose columns it must find out first.
        hint = " (a PIVOT needs its values: PIVOT … ON x IN (…))" if "pivot" in sql.lower() else ""
        raise QueryRefused(f"expected one statement, got {len(statements)}{hint}")
    kind = statements[0].type.name
    # one kind to the engine, two words to a person
    if kind == "LOAD" and "install" in sql.lower().split()[:2]:
        kind = "INSTALL"
    if kind not in ("SELECT", "EXPLAIN"):
        raise QueryRefused(f"a release answers questions only; {kind} is not one")
    if kind == "EXPLAIN":
        explained = _EXPLAIN.match(sql)
        tree = _tree(connection, sql[explained.end() :]) if explained else None
        what = "EXPLAIN of anything but a SELECT"
    else:
        tree, what = _tree(connection, sql), "PRAGMA, IMPORT and the like"
    if tree is None:
        raise QueryRefused(
            f"a release answers questions only; {what} is not one (DESCRIBE and SHOW TABLES are)"
        )
    _require_known_functions(tree)


def require_condition(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Raise QueryRefused for a text that is not one SQL expression: one that would end the brackets around it."""
    tree = _tree(connection, f"select (\n{condition}\n)")
    node = tree["statements"][0]["node"] if tree and len(tree["statements"]) == 1 else {}
    is_alone = (
        node.get("type") == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not any(
            node.get(name) for name in ("where_clause", "group_expressions", "having", "qualify", "modifiers")
        )
    )
    if tree is None or not is_alone:
        raise QueryRefused(f"expected one SQL condition, found {condition!r}")
    _require_known_functions(tree)


def _tree(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any] | None:
    """How the engine itself reads a SELECT; None for what is none. Quotes, comments and capitals are out of it."""
    if "\0" in sql:
        raise QueryRefused("the statement holds a NUL character; the engine would stop reading there")
    [(text,)] = connection.execute("select json_serialize_sql($1::varchar)", [sql]).fetchall()
    try:
        tree: dict[str, Any] = json.loads(text)
    except RecursionError:
        raise QueryRefused("the statement is nested too deeply") from None
    return None if tree["error"] else tree


def _require_known_functions(tree: dict[str, Any]) -> None:
    for node in _nodes(tree):
        function = node.get("function")
        if node.get("type") == "TABLE_FUNCTION" and isinstance(function, dict):
            name = str(function.get("function_name", "")).lower()
            if name not in _ROW_FUNCTIONS:
                raise QueryRefused(
                    f"{name or 'this table function'} is not for readers: a question reads the release and nothing"
                    " else, no file, no setting and no statement that stands in a text"
                )
        elif str(node.get("function_name", "")).lower() in _EXPRESSIONS_REFUSED:
            raise QueryRefused(
                f"{node['function_name']} is not for readers: a question reads the release and nothing else"
            )


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield node
            left += node.values()
        elif isinstance(node, list):
            left += node


def _require_years_of_the_calendar(frame: pl.DataFrame) -> None:
    """Raise QueryRefused for a date that this program cannot print; the engine knows many more years, and infinity."""
    first, last = ((day - date(1970, 1, 1)).days for day in (date.min, date.max))
    for column in frame.select(cs.date() | cs.datetime()):
        per_day = _PER_DAY[column.dtype.time_unit] if isinstance(column.dtype, pl.Datetime) else 1
        physical = column.drop_nulls().to_physical()
        if physical.is_empty():
            continue
        # what stands behind days and moments are whole numbers
        lowest, highest = cast(int, physical.min()), cast(int, physical.max())
        if not (first * per_day <= lowest and highest < (last + 1) * per_day):
            raise QueryRefused(
                f"column {column.name} holds a date outside the years 1 to 9999; cast it to varchar"
            )


def _readable(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    kinds = [str(kind) for kind in answer.types]
    if not any(_AS_TEXT.search(kind) for kind in kinds):
        return answer
    return answer.project(
        ", ".join(
            f"CAST({quote_name(name)} AS VARCHAR) AS {quote_name(name)}"
            if _AS_TEXT.search(kind)
            else quote_name(name)
            for name, kind in zip(answer.columns, kinds, strict=True)
        )
    )


def _for_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    plain = frame.with_columns(
        pl.Series(name, [_json_text(value) for value in frame[name].to_list()], dtype=pl.String)
        for name in nested
    )
    return plain.with_columns(
        cs.string().map_elements(without_formula, return_dtype=pl.String, skip_nulls=True)
    ).rename(without_formula)


def _as_table(frame: pl.DataFrame) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for name, kind in frame.schema.items():
        table.add_column(Text(name), justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        # Text, not str: what a publisher printed in square brackets is no mark-up.
        table.add_row(*(Text(NULL if value is None else _plain(value)) for value in row))
    return table


def _plain(value: object) -> str:
    if isinstance(value, list | dict):
        return _json_text(value) or NULL
    return str(value)


def _json_text(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_json_value)


def _json_value(value: object) -> object:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
