"""Questions to a release and their answers in four formats. Nothing here writes into a release."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

import duckdb
import polars as pl
import polars.selectors as cs
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from warehouse.engine import connect_reader, quote_name
from warehouse.release import Release

Format = Literal["table", "csv", "json", "parquet"]
NULL = "—"

# Types that polars has no counterpart for, wherever they stand in a column's type.
_AS_TEXT = re.compile(r"INTERVAL|UNION|BIT\b|BIGNUM|VARIANT|GEOMETRY|TIME WITH TIME ZONE")
# A spreadsheet takes these, also in their full-width forms, for the start of a formula.
_FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
# A number or a lone dash is what publishers print, and no formula.
_HARMLESS = re.compile(r"^[+\-＋－]?\d[\d,]*(\.\d+)?[%％]?$|^[-－]+$")
# duckdb 1.5 lets this past lock_configuration; pointed at a file, it takes the process down.
_FORBIDDEN = re.compile(r"\benable_logging\b", re.IGNORECASE)


class QueryRefused(Exception):
    """A question that may not be asked, or that the engine cannot answer; the message says why."""


def run_query(release: Release, sql: str, limit: int | None = None) -> pl.DataFrame:
    """The answer to one SELECT (or DESCRIBE, SHOW, SUMMARIZE, EXPLAIN) on a release.

    `limit` cuts the answer to so many rows. Types that polars lacks come as text. Raises
    QueryRefused for more than one statement, for one that is no question, and with the
    engine's own words for whatever it refuses.
    """
    try:
        with connect_reader(release.database) as connection:
            require_one_question(connection, sql)
            answer = connection.sql(sql)
            if limit is not None:
                answer = answer.limit(limit)
            return pl.DataFrame(_readable(answer))
    except (duckdb.Error, pl.exceptions.PolarsError) as error:
        raise QueryRefused(str(error).strip()) from error


def write_result(frame: pl.DataFrame, format: Format, target: IO[Any] | Path) -> None:
    """Write an answer to a path or to an open stream (text, or binary for Parquet).

    table: for people. csv: with a byte order mark in a file, so that Excel reads Chinese; text that
    a spreadsheet would take for a formula gets a leading apostrophe. json: a list of records with
    ISO dates. parquet: as it is.
    """
    if format == "parquet":
        frame.write_parquet(target if isinstance(target, Path) else getattr(target, "buffer", target))
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


def print_table(table: Table, stream: IO[str] | None = None) -> None:
    """Print at the terminal's width, or, into a file or a pipe, as wide as the table needs."""
    console = Console(file=stream, highlight=False)
    if not console.is_terminal:
        console.width = 10_000
        console.width = console.measure(table).maximum
    console.print(table)


def require_one_question(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise QueryRefused for anything but one statement that only reads."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        # duckdb makes two of a PIVOT whose columns it must find out first.
        hint = " (a PIVOT needs its values: PIVOT … ON x IN (…))" if "pivot" in sql.lower() else ""
        raise QueryRefused(f"expected one statement, got {len(statements)}{hint}")
    kind = statements[0].type.name
    if kind not in ("SELECT", "EXPLAIN"):
        raise QueryRefused(f"a release answers questions only; {kind} is not one")
    if _FORBIDDEN.search(sql):
        raise QueryRefused("enable_logging is not for readers")


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
        cs.string().map_elements(_neutralised, return_dtype=pl.String, skip_nulls=True)
    ).rename(_neutralised)


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would compute this text if it were typed in."""
    return bool(_FORMULA.match(text)) and not _HARMLESS.match(text)


def _neutralised(text: str) -> str:
    return f"'{text}" if looks_like_formula(text) else text


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
