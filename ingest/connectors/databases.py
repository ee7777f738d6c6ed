"""SQL databases (PostgreSQL, MySQL): one query, given as CSV. The query stands in the catalogue and only ever reads.

The CSV is one for one answer, byte for byte: UTF-8, a line feed after each row, the columns' names first. NULL is an
empty cell and an empty text is "". Dates and times are ISO 8601, with an offset as in the city where they have one;
decimals are printed with all the places that the database gives; true and false are words. A cell is in quotes only
where it must be.
"""

from __future__ import annotations

import json
import math
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from datetime import time as clock_time
from decimal import Decimal
from typing import TYPE_CHECKING

from ingest.catalogue import Source
from ingest.connections import Database
from ingest.connectors import FetchError, Places, from_environment
from ingest.landing import Document

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_BATCH = 2_000
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def fetch(source: Source, places: Places) -> list[Document]:
    """The answer to the source's query, as one CSV file that bears the source's name.

    Raises:
        FetchError: the database cannot be reached, refuses the query, or answers too much or too slowly.
    """
    import sqlalchemy

    settings = source.connection
    assert isinstance(settings, Database)  # the catalogue fits settings to connectors
    try:
        url = sqlalchemy.make_url(from_environment(source, settings.url_env))
        driver = _DRIVERS[url.drivername]
    except (sqlalchemy.exc.ArgumentError, KeyError):
        kinds = "postgresql:// or mysql://"
        raise FetchError(
            f"{source.id}: {settings.url_env} holds no address that begins with {kinds}"
        ) from None
    waits = math.ceil(settings.connect_timeout_s)
    arguments: dict[str, int | str] = {"connect_timeout": waits}
    if driver.startswith("mysql"):
        arguments |= {"read_timeout": math.ceil(settings.timeout_s), "charset": "utf8mb4"}
    engine = sqlalchemy.create_engine(
        url.set(drivername=driver),
        poolclass=sqlalchemy.NullPool,
        connect_args=arguments,
        hide_parameters=True,
    )
    return [Document(f"{source.id}.csv", read(source, engine), source.location)]


def read(source: Source, engine: Engine) -> bytes:
    """The answer to the source's query, streamed from the server and kept as CSV.

    Raises:
        FetchError: as `fetch` says.
    """
    import sqlalchemy

    settings = source.connection
    assert isinstance(settings, Database)  # the catalogue fits settings to connectors
    try:
        with engine.connect() as connection:
            _only_read(connection, settings.timeout_s)
            connection = connection.execution_options(
                stream_results=True, max_row_buffer=_BATCH, no_parameters=True
            )
            with connection.exec_driver_sql(settings.query) as result:
                return _csv(source, list(result.keys()), result.partitions(_BATCH))
    except (sqlalchemy.exc.SQLAlchemyError, OSError, UnicodeError) as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        raise FetchError(f"{source.id}: the database did not answer the query: {said}") from error


def _only_read(connection: Connection, timeout_s: float) -> None:
    """Make the transaction refuse to write, end what takes too long, and show times as the city's clocks do."""
    milliseconds = math.ceil(timeout_s * 1000)
    match connection.dialect.name:
        case "postgresql":
            statements = [
                "SET TRANSACTION READ ONLY",
                f"SET LOCAL statement_timeout = {milliseconds}",
                "SET LOCAL TIME ZONE 'Asia/Shanghai'",
            ]
        case "mysql":
            limit = f"max_execution_time = {milliseconds}"
            if connection.dialect.is_mariadb:  # type: ignore[attr-defined]  # MySQL's dialect alone has it
                limit = f"max_statement_time = {timeout_s}"
            statements = [
                f"SET SESSION {limit}",
                "SET SESSION time_zone = '+08:00'",
                "START TRANSACTION READ ONLY",
            ]
        case _:
            statements = []
    for statement in statements:
        connection.exec_driver_sql(statement)


def _csv(source: Source, columns: list[str], batches: Iterator[Sequence[Sequence[object]]]) -> bytes:
    settings = source.connection
    assert isinstance(settings, Database)  # the catalogue fits settings to connectors
    if unnamed := [name for name in columns if not name or name == "?column?" or columns.count(name) > 1]:
        raise FetchError(f"{source.id}: every column of the query needs a name of its own, not {unnamed}")
    if missing := [name for name in settings.order_by if name not in columns]:
        raise FetchError(f"{source.id}: order_by names {missing}, the query gives {columns}")
    keys = [columns.index(name) for name in settings.order_by]
    begun, size = time.monotonic(), 0
    lines: list[tuple[tuple[str, ...], str]] = []
    for batch in batches:
        for row in batch:
            try:
                cells = [_cell(value) for value in row]
            except _NoText as error:
                raise FetchError(f"{source.id}: row {len(lines) + 1} of the query: {error}") from None
            line = ",".join(cells)
            size += len(line.encode()) + 1
            lines.append((tuple(cells[key] for key in keys), line))
        if len(lines) > settings.max_rows:
            raise FetchError(f"{source.id}: the query gives more than {settings.max_rows} rows")
        if size > settings.max_bytes:
            raise FetchError(f"{source.id}: the query gives more than {settings.max_bytes} bytes")
        if time.monotonic() - begun > settings.timeout_s:
            raise FetchError(f"{source.id}: the query was not answered within {settings.timeout_s:g} seconds")
    if keys:
        lines.sort()  # by the keys, then by the whole row: no two databases sort text alike
    header = ",".join(map(_quoted, columns))
    return "".join(f"{line}\n" for line in [header, *(line for _, line in lines)]).encode()


class _NoText(Exception):
    """A value that has no one form as text."""


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return _quoted(value) if value else '""'
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case Decimal():
            return format(value, "f")
        case datetime() | date() | clock_time():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case dict() | list():
            return _quoted(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    raise _NoText(f"a {type(value).__name__} cannot be written as text; cast it in the query")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]|^\s|\s$', text) else text
