"""A mirror of a release in PostgreSQL, for tools that speak only ODBC or JDBC. What a release is, `release` says.

The mirror is one schema, made beside the old one and put in its place within one transaction. Two things make every reader's
transaction see one release and never two, nor an empty table: rows are loaded frozen, so that a transaction older than the
swap sees all of them; and the swap takes every table of the old mirror for itself first, so that whoever has read one of them
goes on with the old release until his transaction ends. A reader that does not end holds the swap up, not the other way round:
each try gives up after a moment, and after `wait_seconds` the old mirror stays.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import duckdb
import psycopg
from psycopg import conninfo, errors
from psycopg.sql import SQL, Composed, Identifier, Literal

from warehouse.engine import connect_build, quote_name
from warehouse.release import Release, verify
from warehouse.text import one_line

DEFAULT_SCHEMA = "blue_ledger"
WAIT_SECONDS = 60.0
# How long the tries of a swap wait for a table, in turn. Shorter than PostgreSQL's deadlock_timeout of a second: a try that
# meets readers gives way before the server would end one of them.
LOCK_WAITS_MS = (250, 10, 50)
CONNECT_TIMEOUT_S = 10
BLOCK_BYTES = 1 << 18
INDEX_MEMORY = "256MB"

#: tables of a release's schema meta that go along, as meta_<name>, and what is said of them
META = {
    "release": "本镜像所依据的发布 | The release that this mirror shows",
    "columns": "数据字典,每列一行 | The dictionary: one row per column",
    "sources": "数据来源及其状态,每个来源一行 | Sources and how they stand: one row per source",
}
#: columns that people look rows up by or join on; indexed where a table is large and its key does not begin with them
LOOKED_UP = ("uscc", "area_id", "industry_code", "cluster_id", "indicator_code", "name")
LARGE_TABLE_ROWS = 5_000

_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "UTINYINT": "smallint",
    "SMALLINT": "smallint",
    "USMALLINT": "integer",
    "INTEGER": "integer",
    "UINTEGER": "bigint",
    "BIGINT": "bigint",
    "UBIGINT": "numeric(20)",
    "HUGEINT": "numeric(39)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "UUID": "uuid",
    "BLOB": "bytea",
    "JSON": "jsonb",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_NESTED = re.compile(r".*\[\d*\]|(STRUCT|MAP|UNION)\(.*\)", re.DOTALL)
_SCHEMA_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,47}")
# The mark by which a later mirror knows that the schema may be replaced.
_MARK = re.compile(r"Blue Ledger mirror of release (\S+), manifest ([0-9a-f]{16})")


class MirrorError(Exception):
    """The mirror was not made, and what stood before stands still; the message says why and holds no secret."""


class AddressError(MirrorError):
    """The variable does not hold an address, or the schema has no name that a mirror may have."""


@dataclass(frozen=True)
class Mirrored:
    """What stands in the database now. `is_new` is False where this very release stood there already."""

    release_id: str
    schema: str
    reader_role: str
    is_new: bool
    tables: int = 0
    rows: int = 0
    swap_tries: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Column:
    name: str
    type: str  # PostgreSQL's
    value: str  # DuckDB's expression for what is written
    comment: str | None


@dataclass(frozen=True)
class _Table:
    name: str  # in the mirror
    source: str  # in the release's file, quoted
    columns: tuple[_Column, ...]
    key: tuple[str, ...]
    comment: str | None
    rows: int


def address_from(variable: str) -> str:
    """The address in a variable of the environment: a URL `postgresql://…`, or libpq's `host=… dbname=…`.

    Raises AddressError, without any part of the text that might be a secret.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        raise AddressError(
            "--dsn-env takes the name of a variable that holds the address, not the address itself"
        )
    address = os.environ.get(variable)
    if not address:
        raise AddressError(
            f"--dsn-env: the variable {variable} is not set; expected postgresql://user:password@host/database"
        )
    try:
        conninfo.conninfo_to_dict(address)
    except psycopg.Error:
        # libpq's own words would repeat the text
        raise AddressError(
            f"--dsn-env: {variable} holds no address of PostgreSQL; expected postgresql://user:password@host/database"
            " with special characters of the password percent-encoded"
        ) from None
    return address


def mirror(
    release: Release,
    address: str,
    schema: str = DEFAULT_SCHEMA,
    *,
    force: bool = False,
    wait_seconds: float = WAIT_SECONDS,
) -> Mirrored:
    """Put a release into a schema of a PostgreSQL database, all of it or nothing.

    Every mart and the tables of META with comments, types, keys and indexes; a role `<schema>_reader` that may read them and
    nothing else. Does nothing where the release stands there already, unless `force`. Row counts are compared with the
    manifest before anything is swapped. Raises MirrorError, with the old mirror as it was: the release is damaged, the schema
    is not a mirror's, the server refuses, or readers did not let go of the old tables within `wait_seconds`.
    """
    if not _SCHEMA_NAME.fullmatch(schema) or schema in ("public", "information_schema"):
        raise AddressError(
            f"--schema: {schema!r} cannot be a mirror's; expected such as {DEFAULT_SCHEMA}, at most 48 characters"
        )
    if problems := verify(release):
        raise MirrorError(f"release {release.id} is damaged, nothing was mirrored: {'; '.join(problems[:3])}")
    began = time.perf_counter()
    with _speaking_plainly(address), _connected(address) as target, target.transaction():
        return _mirror(release, target, schema, force, wait_seconds, began)


def _mirror(
    release: Release, target: psycopg.Connection, schema: str, force: bool, wait_seconds: float, began: float
) -> Mirrored:
    """All of it, inside the transaction of the caller."""
    role, staging = f"{schema}_reader", f"{schema}_next"
    stamp = hashlib.sha256((release.path / "manifest.json").read_bytes()).hexdigest()[:16]
    _require_utf8(target)
    _require_alone(target, schema)
    standing = _standing(target, schema)
    if standing == (release.id, stamp) and not force:
        return Mirrored(release.id, schema, role, is_new=False)
    old_tables = _old_tables(target, schema) if standing else []
    _ensure_reader(target, role)

    notes: list[str] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        connect_build(release.database, read_only=True, scratch=Path(scratch)) as source,
    ):
        tables = _tables(source, release)
        _run(target, "create schema {}", Identifier(staging))
        for table in tables:
            _create(target, staging, table)
            _copy(source, target, staging, table)
            _require_rows(target, staging, table, release)
    _run(target, "set local maintenance_work_mem = {}", Literal(INDEX_MEMORY))
    for table in tables:
        notes += _add_key_and_indexes(target, staging, table)
        _run(target, "analyze {}", Identifier(staging, table.name))
    _run(
        target,
        "comment on schema {} is {}",
        Identifier(staging),
        Literal(_mark(target, staging, release.id, stamp)),
    )
    _run(target, "grant usage on schema {} to {}", Identifier(staging), Identifier(role))
    _run(target, "grant select on all tables in schema {} to {}", Identifier(staging), Identifier(role))
    tries = _swap(target, schema, staging, old_tables if standing else None, wait_seconds)
    rows = sum(table.rows for table in tables)
    seconds = time.perf_counter() - began
    return Mirrored(release.id, schema, role, True, len(tables), rows, tries, seconds, tuple(notes))


# --- what is to be mirrored ---------------------------------------------------------------------


def _tables(source: duckdb.DuckDBPyConnection, release: Release) -> list[_Table]:
    keys: dict[str, tuple[str, ...]] = dict(
        source.execute(
            "select table_name, list(column_name order by position) from meta.columns where is_key group by table_name"
        ).fetchall()
    )
    found = []
    for schema, prefix, names in (("main", "", release.manifest["marts"]), ("meta", "meta_", META)):
        for name in names:
            path = f"{schema}.{quote_name(name)}"
            [(comment, rows)] = source.execute(
                f"select any_value(comment), (select count(*) from {path}) from duckdb_tables()"
                " where schema_name = ? and table_name = ?",
                [schema, name],
            ).fetchall()
            comments = dict(
                source.execute(
                    "select column_name, comment from duckdb_columns() where schema_name = ? and table_name = ?",
                    [schema, name],
                ).fetchall()
            )
            columns = tuple(
                _column(f"{name}.{column}", column, kind, comments.get(column))
                for column, kind, *_ in source.execute(f"describe {path}").fetchall()
            )
            key = tuple(keys.get(name, ())) if schema == "main" else ()
            found.append(
                _Table(prefix + name, path, columns, key, comment if schema == "main" else META[name], rows)
            )
    return found


def _column(told_as: str, name: str, kind: str, comment: str | None) -> _Column:
    value = quote_name(name)
    if _NESTED.fullmatch(kind):
        return _Column(name, "jsonb", f"to_json({value})", comment)
    if kind.startswith("ENUM("):
        return _Column(name, "text", value, comment)
    if decimal := _DECIMAL.fullmatch(kind):
        return _Column(name, f"numeric({decimal[1]},{decimal[2]})", value, comment)
    if kind not in _TYPES:
        raise MirrorError(f"{told_as} is {kind}, which has no type of its own in PostgreSQL")
    return _Column(name, _TYPES[kind], rf"'\x' || hex({value})" if kind == "BLOB" else value, comment)


# --- loading ------------------------------------------------------------------------------------


def _create(target: psycopg.Connection, schema: str, table: _Table) -> None:
    name = Identifier(schema, table.name)
    columns = SQL(", ").join(
        SQL("{} " + column.type).format(Identifier(column.name)) for column in table.columns
    )
    # loaded frozen, analysed and never changed: nothing is left for autovacuum, whose lock would hold up the next swap
    _run(target, "create table {} ({}) with (autovacuum_enabled = false)", name, columns)
    if table.comment:
        _run(target, "comment on table {} is {}", name, Literal(table.comment))
    for column in table.columns:
        if column.comment:
            where = Identifier(schema, table.name, column.name)
            _run(target, "comment on column {} is {}", where, Literal(column.comment))


def _copy(source: duckdb.DuckDBPyConnection, target: psycopg.Connection, schema: str, table: _Table) -> None:
    r"""Rows as CSV from engine to engine through a pipe: no file, no row of Python, a block in memory at a time.

    Everything but null is quoted: an empty text is not null, and a text of `\.` does not end the copy.
    """
    reading, writing = os.pipe()

    def write() -> None:
        values = ", ".join(column.value for column in table.columns)
        try:
            source.execute(
                f"copy (select {values} from {table.source}) to '/dev/fd/{writing}'"
                r" (format csv, header false, nullstr '\N', force_quote *, use_tmp_file false)"
            )
        finally:
            os.close(writing)

    command = SQL(r"copy {} from stdin (format csv, null '\N', freeze)").format(
        Identifier(schema, table.name)
    )
    # left in reverse: the pipe is closed first, which ends a writer that nobody listens to
    with ThreadPoolExecutor(1) as thread, open(reading, "rb", buffering=0) as stream:
        written = thread.submit(write)
        with target.cursor() as cursor, cursor.copy(command) as copy:
            while block := stream.read(BLOCK_BYTES):
                copy.write(block)
            written.result()  # raised in here, it ends the copy as failed


def _require_rows(target: psycopg.Connection, schema: str, table: _Table, release: Release) -> None:
    [(rows,)] = _run(target, "select count(*) from {}", Identifier(schema, table.name)).fetchall()
    sealed = release.manifest["marts"].get(table.name, {"rows": table.rows})["rows"]
    if rows != sealed:
        raise MirrorError(
            f"{table.name}: {rows:,} rows arrived, the manifest has {sealed:,}; nothing was mirrored"
        )


def _add_key_and_indexes(target: psycopg.Connection, schema: str, table: _Table) -> list[str]:
    """The declared key as primary key; where it does not hold, a plain index, and a note that says so."""
    name, notes = Identifier(schema, table.name), []
    if table.key:
        columns = SQL(", ").join(map(Identifier, table.key))
        try:
            with target.transaction():
                _run(target, "alter table {} add primary key ({})", name, columns)
        except (errors.UniqueViolation, errors.NotNullViolation) as error:
            why = "holds nulls" if isinstance(error, errors.NotNullViolation) else "is not unique"
            notes.append(
                f"{table.name}: its key ({', '.join(table.key)}) {why}; it has an index instead of a primary key"
            )
            _run(target, "create index on {} ({})", name, columns)
    if table.rows >= LARGE_TABLE_ROWS:
        for column in table.columns:
            if column.name in LOOKED_UP and column.name not in table.key[:1]:
                _run(target, "create index on {} ({})", name, Identifier(column.name))
    return notes


# --- the swap -----------------------------------------------------------------------------------


def _swap(
    target: psycopg.Connection, schema: str, staging: str, old_tables: list[str] | None, wait_seconds: float
) -> int:
    """Put the new schema in the old one's place; how many tries it took. old_tables: None where there is no old one.

    A table that could not be had in time is the first to be asked for in the next try: locks are then taken in the order in
    which readers take theirs, and whoever comes new waits at his first table, holding nothing that this swap still needs.
    """
    deadline = time.monotonic() + wait_seconds
    order = list(old_tables or ())
    for tries in count(1):
        try:
            with target.transaction():  # a savepoint: a try that fails gives its locks back
                _run(
                    target, "set local lock_timeout = {}", Literal(LOCK_WAITS_MS[tries % len(LOCK_WAITS_MS)])
                )
                for name in order:
                    asked = name
                    _run(target, "lock table {} in access exclusive mode", Identifier(schema, name))
                if order:
                    _run(target, "drop table {}", SQL(", ").join(Identifier(schema, name) for name in order))
                if old_tables is not None:
                    _run(target, "drop schema {}", Identifier(schema))
                _run(target, "alter schema {} rename to {}", Identifier(staging), Identifier(schema))
            return tries
        except errors.LockNotAvailable:
            if time.monotonic() >= deadline:
                raise MirrorError(
                    f"readers held {schema} for {wait_seconds:g} s, the old mirror stays: {_holders(target, schema)}"
                ) from None
            order.remove(asked)
            order.insert(0, asked)
        except errors.DependentObjectsStillExist as error:
            raise MirrorError(
                f"the old mirror stays, for something that is not of it hangs on it: {one_line(error.diag.message_detail)}."
                " Views and tables of your own belong into another schema, and a view there would keep its first release"
            ) from None
        time.sleep(random.uniform(0.02, 0.2))  # never in step with a dashboard's refresh
    raise AssertionError("tries have no end")


def _holders(target: psycopg.Connection, schema: str) -> str:
    found = target.execute(
        "select distinct a.pid, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), '?'),"
        " coalesce(a.state, '?')"
        " from pg_locks as l join pg_stat_activity as a using (pid) join pg_class as c on c.oid = l.relation"
        " join pg_namespace as n on n.oid = c.relnamespace where n.nspname = %s and a.pid <> pg_backend_pid() order by 1",
        [schema],
    ).fetchall()
    return (
        "; ".join(f"process {pid} of {user} ({program}, {state})" for pid, user, program, state in found)
        or "they are gone by now"
    )


# --- what must hold first -----------------------------------------------------------------------


def _require_utf8(target: psycopg.Connection) -> None:
    [(encoding,)] = target.execute("show server_encoding").fetchall()
    if encoding != "UTF8":
        raise MirrorError(
            f"the database's encoding is {encoding}; a mirror needs one made with ENCODING 'UTF8'"
        )


def _require_alone(target: psycopg.Connection, schema: str) -> None:
    """One mirror at a time; the lock ends with the transaction, however that ends."""
    [(is_ours,)] = target.execute(
        "select pg_try_advisory_xact_lock(hashtext(%s))", [f"blue-ledger mirror {schema}"]
    ).fetchall()
    if not is_ours:
        raise MirrorError(f"another process is putting a release into {schema} just now")


def _standing(target: psycopg.Connection, schema: str) -> tuple[str, str] | None:
    """Release and stamp of the mirror that stands in the schema; None where there is no such schema."""
    found = target.execute(
        "select obj_description(oid, 'pg_namespace'), pg_has_role(nspowner, 'usage') from pg_namespace where nspname = %s",
        [schema],
    ).fetchall()
    if not found:
        return None
    [(comment, is_owner)] = found
    mark = _MARK.search(comment or "")
    if mark is None:
        raise MirrorError(
            f"schema {schema} was not made by blue-ledger and is left alone; --schema names another"
        )
    if not is_owner:
        raise MirrorError(f"schema {schema} belongs to another role than the one that the address names")
    return mark[1], mark[2]


def _old_tables(target: psycopg.Connection, schema: str) -> list[str]:
    """The tables of the mirror that stands: what its own dictionary names, and the tables of META."""
    meta = [f"meta_{name}" for name in META]
    try:
        with target.transaction():
            listed = _run(
                target, "select distinct table_name from {}", Identifier(schema, "meta_columns")
            ).fetchall()
    except errors.UndefinedTable:
        listed = []
    wanted = {*meta, *(name for (name,) in listed)}
    there = target.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r' order by 1",
        [schema],
    ).fetchall()
    return [name for (name,) in there if name in wanted]


def _ensure_reader(target: psycopg.Connection, role: str) -> None:
    """The role that readers are given: it cannot log in, and owns nothing."""
    found = target.execute(
        "select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls from pg_roles where rolname = %s",
        [role],
    ).fetchall()
    if not found:
        try:
            with target.transaction():
                _run(target, "create role {} nologin", Identifier(role))
        except errors.InsufficientPrivilege:
            raise MirrorError(
                f"there is no role {role}, and this login may not make one; an administrator runs once:"
                f" CREATE ROLE {role} NOLOGIN"
            ) from None
    elif found[0][0]:
        raise MirrorError(
            f"role {role} may do more than read (superuser, createrole, createdb …); a mirror's readers may not"
        )


def _mark(target: psycopg.Connection, staging: str, release_id: str, stamp: str) -> str:
    """The schema's comment: what a person browsing the database reads, and the mark for the next mirror."""
    [(banner, demo)] = _run(
        target, "select plan_status = 'draft', includes_demo from {}", Identifier(staging, "meta_release")
    ).fetchall()
    zh = f"蓝账发布 {release_id} 的镜像,只读,下次镜像时整体替换"
    zh += "。含演示数据,见各表 data_origin" if demo else ""
    zh += "。方案为征求意见稿" if banner else ""
    en = f"Blue Ledger mirror of release {release_id}, manifest {stamp}; replaced as a whole by the next"
    en += "; holds demo data, see data_origin" if demo else ""
    en += "; the plan is a draft" if banner else ""
    return f"{zh} | {en}"


# --- the connection -----------------------------------------------------------------------------


@contextmanager
def _connected(address: str) -> Iterator[psycopg.Connection]:
    wanted: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "blue-ledger",
        **conninfo.conninfo_to_dict(address),
    }
    # nothing is prepared: a pooler in between may not know of it
    with psycopg.connect(
        conninfo.make_conninfo(**wanted), client_encoding="utf-8", prepare_threshold=None, autocommit=True
    ) as connection:
        yield connection


@contextmanager
def _speaking_plainly(address: str) -> Iterator[None]:
    """The server's errors as MirrorError, without the password, wherever a server might repeat it."""
    try:
        yield
    except psycopg.Error as error:
        text = one_line(str(error))
        if password := conninfo.conninfo_to_dict(address).get("password"):
            text = text.replace(str(password), "***")
        raise MirrorError(f"PostgreSQL: {text}; the old mirror, if there is one, stays") from None
    except duckdb.Error as error:
        raise MirrorError(
            f"the release could not be read: {one_line(str(error))}; the old mirror stays"
        ) from error


def _run(
    target: psycopg.Connection, statement: LiteralString, *parts: Identifier | Literal | Composed
) -> psycopg.Cursor:
    return target.execute(SQL(statement).format(*parts))
