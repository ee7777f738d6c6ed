"""The SQLAlchemy dialect by which Great Expectations reads DuckDB. Only the runner imports it, as it runs."""

from __future__ import annotations

from typing import Any

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy.pool import StaticPool

NAME = "duckdb+suites"


class SuiteDialect(Dialect):
    """DuckDB without transactions, for reading.

    A DuckDB connection holds one pending result, and ending a transaction discards it. Great Expectations
    ends one between executing a query and fetching from it, and would fetch nothing. Suites only read.
    """

    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Begin nothing."""

    def do_commit(self, connection: Any) -> None:
        """Commit nothing."""

    def do_rollback(self, connection: Any) -> None:
        """Roll nothing back: the result being read would go with it."""


def register() -> None:
    """Make the dialect known to SQLAlchemy under its own name; doing so twice is harmless."""
    sqlalchemy.dialects.registry.register(NAME.replace("+", "."), __name__, SuiteDialect.__name__)


def engine_arguments(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Arguments for ``create_engine`` that make every session of the engine the given open connection."""
    return {"creator": lambda: ConnectionWrapper(connection), "poolclass": StaticPool}
