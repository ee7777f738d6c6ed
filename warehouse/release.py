"""Publishing: marts out of the build file into a sealed folder, and the pointer to it.

The order of a night: `begin`, `copy_marts`, `write_meta`, any reports or pages put into the
candidate's folder, `seal`. Whatever happens before the last step of `seal`, readers keep what
they have. Whoever publishes holds the NightLock. Queries on a release live in `reader`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from warehouse.engine import connect_build, quote_literal, quote_name, write_frame
from warehouse.files import all_files, sha256_of, sync
from warehouse.home import Home

# Every DuckDB client since 1.0 opens this; the default of 2.0 is opened by no 1.x.
STORAGE_VERSION = "v1.0.0"
REQUIRED_IN_MANIFEST = ("built_at", "code_version", "inputs", "checks")
# The clock of the city and its readers: printed moments, and the months of "every month's last release", are by it.
NIGHT_ZONE = ZoneInfo("Asia/Shanghai")
# How long a release that has been superseded stays, whatever else: for readers that cannot be seen from here.
GRACE = timedelta(hours=24)

_RELEASE_ID = re.compile(r"\d{8}T\d{6}Z(-\d{2})?")
_TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARTIAL = ".partial"
_REMOVED = ".removed"


class ReleaseError(Exception):
    """A release cannot be made, found or trusted."""


@dataclass(frozen=True)
class ColumnSpec:
    """A mart's column as the dictionary describes it. `type` is DuckDB's, None where not declared.

    inputs: SQL expressions over the row (`this`) that give the provenance ids behind the figure, several joined by ";".
    indicator: code of the indicator that the column shows, None where it shows none.
    """

    name: str
    type: str | None = None
    description_zh: str = ""
    description_en: str = ""
    unit: str | None = None
    formula: str | None = None
    inputs: str | None = None
    indicator: str | None = None


@dataclass(frozen=True)
class MartSpec:
    """A mart that leaves the house: its key (one row per …), every column it has, and its schema in the build file."""

    name: str
    key: tuple[str, ...]
    description_zh: str
    description_en: str
    columns: tuple[ColumnSpec, ...]
    schema: str = "marts"


@dataclass
class Candidate:
    """A release in the making. Only `seal` turns it into one."""

    home: Home
    id: str
    path: Path
    marts: list[str] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.path / "marts.duckdb"


@dataclass(frozen=True)
class Release:
    """A published release. `path` is its real folder, never the `current` link."""

    path: Path
    id: str
    manifest: dict[str, Any]

    @property
    def database(self) -> Path:
        return self.path / "marts.duckdb"

    @property
    def parquet(self) -> Path:
        return self.path / "parquet"


# --- making one ---------------------------------------------------------------------------------


def new_release_id(home: Home, now: datetime) -> str:
    """An id such as 20261123T021503Z, with -02 and so on for further ones in the same second."""
    base = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for release_id in (base, *(f"{base}-{n:02}" for n in range(2, 100))):
        if not (home.releases / release_id).exists() and not _partial(home, release_id).exists():
            return release_id
    raise ReleaseError(f"more than 99 releases in the second {base}")


def begin(home: Home, release_id: str) -> Candidate:
    """An empty candidate. Removes what a night that died, or a removal cut short, left behind."""
    if not _RELEASE_ID.fullmatch(release_id):
        raise ReleaseError(f"{release_id!r} is not a release id; expected such as 20261123T021503Z")
    if (home.releases / release_id).exists():
        raise ReleaseError(f"release {release_id} exists; a release never changes")
    home.releases.mkdir(parents=True, exist_ok=True)
    clear_leftovers(home)
    candidate = Candidate(home, release_id, _partial(home, release_id))
    (candidate.path / "parquet").mkdir(parents=True)
    return candidate


def clear_leftovers(home: Home) -> None:
    """Remove what a night that died, or a removal cut short, left behind: it may be what fills the disk."""
    for suffix in (_PARTIAL, _REMOVED):
        for leftover in home.releases.glob(f".*{suffix}"):
            shutil.rmtree(leftover)


def copy_marts(candidate: Candidate, build_file: Path, marts: Sequence[MartSpec]) -> dict[str, int]:
    """Copy marts out of the build file as tables and as Parquet; return their row counts.

    Rows are ordered by the mart's key, or by all columns where it has none. Comments are
    "Chinese | English"; the dictionary goes into meta.columns. Raises ReleaseError where the table
    and its specification differ in a column or a type. Nobody may have the build file open for writing.
    """
    if not build_file.exists():
        raise ReleaseError(f"there is no build file {build_file}")
    rows: dict[str, int] = {}
    with _workbench(candidate) as connection:
        try:
            connection.execute(f"ATTACH {quote_literal(str(build_file))} AS build (READ_ONLY)")
        except duckdb.Error as error:
            raise ReleaseError(f"{build_file} cannot be read, is it still open? {error}") from error
        for mart in marts:
            _require_declared_columns(connection, mart)
            table = f"marts.main.{quote_name(mart.name)}"
            names = ", ".join(quote_name(column.name) for column in mart.columns)
            order = ", ".join(f"{quote_name(name)} NULLS LAST" for name in mart.key) or "ALL NULLS LAST"
            source = f"build.{quote_name(mart.schema)}.{quote_name(mart.name)}"
            connection.execute(f"CREATE TABLE {table} AS SELECT {names} FROM {source} ORDER BY {order}")
            _comment(connection, f"TABLE {table}", mart.description_zh, mart.description_en)
            for column in mart.columns:
                target = f"COLUMN {table}.{quote_name(column.name)}"
                _comment(connection, target, column.description_zh, column.description_en)
            twin = candidate.path / "parquet" / f"{mart.name}.parquet"
            connection.execute(
                f"COPY {table} TO {quote_literal(str(twin))} (FORMAT parquet, COMPRESSION zstd)"
            )
            [(rows[mart.name],)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            candidate.marts.append(mart.name)
        _write_meta_table(connection, "columns", column_dictionary(marts))
    return rows


def column_dictionary(marts: Sequence[MartSpec]) -> pl.DataFrame:
    """One row per column of a mart, with its unit, definition and formula."""
    return pl.DataFrame(
        [
            (mart.name, position, column.name, column.type, column.unit)
            + (
                column.description_zh,
                column.description_en,
                column.formula,
                column.inputs,
                column.name in mart.key,
                column.indicator,
            )
            for mart in marts
            for position, column in enumerate(mart.columns, start=1)
        ],
        schema={
            "table_name": pl.String,
            "position": pl.Int32,
            "column_name": pl.String,
            "data_type": pl.String,
            "unit": pl.String,
            "description_zh": pl.String,
            "description_en": pl.String,
            "formula": pl.String,
            "inputs": pl.String,
            "is_key": pl.Boolean,
            "indicator": pl.String,
        },
        orient="row",
    )


def write_meta(candidate: Candidate, meta: Mapping[str, pl.DataFrame]) -> None:
    """Write frames as tables of schema `meta`; one that is there already is replaced."""
    with _workbench(candidate) as connection:
        for name, frame in meta.items():
            _write_meta_table(connection, name, frame)


def contents(candidate: Candidate) -> dict[str, dict[str, Any]]:
    """`rows` and `row_hash` of every mart of a candidate, as its manifest will state them."""
    with _workbench(candidate) as connection:
        found = {name: content_of(connection, f"marts.main.{quote_name(name)}") for name in candidate.marts}
        connection.execute("CHECKPOINT marts")
    return found


def seal(candidate: Candidate, manifest: Mapping[str, Any]) -> Release:
    """Hash, freeze and publish a candidate; readers that open `current` from now on see it.

    `manifest` says at least when it was built, from what code and which inputs, and what was
    checked (REQUIRED_IN_MANIFEST); id, marts and files are added here. Raises ReleaseError,
    with `current` as it was, when that is not so or there is no mart. A night that dies in the
    instant between the folder's last name and the link leaves a sealed release that nobody uses.
    """
    if missing := [name for name in REQUIRED_IN_MANIFEST if name not in manifest]:
        raise ReleaseError(f"manifest of {candidate.id} lacks {', '.join(missing)}")
    if reserved := {"id", "marts", "files"} & set(manifest):
        raise ReleaseError(f"manifest of {candidate.id}: {', '.join(sorted(reserved))} are filled in by seal")
    if not candidate.marts:
        raise ReleaseError(f"release {candidate.id} holds no mart")
    marts = contents(candidate)

    files: dict[str, dict[str, Any]] = {}
    for path in all_files(candidate.path):
        path.chmod(0o444)
        sync(path)
        files[path.relative_to(candidate.path).as_posix()] = {
            "sha256": sha256_of(path),
            "bytes": path.stat().st_size,
        }
    manifest_file = candidate.path / "manifest.json"
    manifest_file.write_text(
        json.dumps(
            {"id": candidate.id, **manifest, "marts": marts, "files": files},
            ensure_ascii=False,
            indent=2,
            default=_json_value,
        )
        + "\n",
        encoding="utf-8",
    )
    manifest_file.chmod(0o444)
    sync(manifest_file)
    for folder in [*(p for p in candidate.path.rglob("*") if p.is_dir()), candidate.path]:
        sync(folder)

    final = candidate.home.releases / candidate.id
    os.rename(candidate.path, final)
    sync(candidate.home.releases)
    return use(candidate.home, candidate.id)


def use(home: Home, release_id: str) -> Release:
    """Point `current` at a sealed release, in one step; this is also how to go back to an older one."""
    release = open_release(home.releases / release_id)
    if home.current.is_symlink() and (before := home.current.resolve().name) != release_id:
        # the time of this file is when readers were last led to it, which no id tells of one that was gone back to
        _superseded(home).mkdir(exist_ok=True)
        (_superseded(home) / before).touch()
    link = home.root / ".current.new"
    link.unlink(missing_ok=True)
    # Relative, so that a home may be moved or mounted elsewhere.
    link.symlink_to(Path(home.releases.name) / release_id)
    os.replace(link, home.current)
    sync(home.root)
    return release


# --- finding and trusting them ------------------------------------------------------------------


def open_release(path: Path) -> Release:
    """The release in this folder. Raises ReleaseError if there is none, or its manifest cannot be read."""
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        return Release(path.resolve(), manifest["id"], manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise ReleaseError(f"there is no release in {path}") from None
    except OSError as error:
        raise ReleaseError(f"{path / 'manifest.json'} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path / 'manifest.json'} is no manifest: {error}") from error


def current_release(home: Home) -> Release | None:
    """What readers see; None before the first release. ReleaseError if `current` leads nowhere.

    `current` is resolved once: whoever reads all its files under the `path` given reads one release, whatever is
    published meanwhile. Through the link itself, two files may be of two releases.
    """
    return open_release(home.current.resolve()) if home.current.is_symlink() else None


def last_whole(home: Home) -> tuple[Release | None, list[str]]:
    """The release to compare the next one with, and what is wrong with those passed over, in words.

    That which `current` leads to; where it is damaged, the newest of the others in which every file is as it was sealed.
    """
    problems: list[str] = []
    names = release_ids(home)[::-1]
    if home.current.is_symlink():
        current = home.current.resolve().name
        names = [current, *(name for name in names if name != current)]
    elif names:
        problems.append("there is no link `current`")
    for name in names:
        try:
            found = open_release(home.releases / name)
            faults = verify(found)
        except (ReleaseError, KeyError, OSError) as error:
            faults = [str(error)]
        if not faults:
            return found, problems
        problems.append(f"release {name} is damaged: {'; '.join(faults[:3])}")
    return None, problems


def list_releases(home: Home) -> list[Release]:
    """Every sealed release, oldest first."""
    return [open_release(home.releases / id_) for id_ in release_ids(home)]


def release_ids(home: Home) -> list[str]:
    """Every sealed release, oldest first; a second one of the same second sorts behind the first."""
    if not home.releases.exists():
        return []
    return sorted(path.name for path in home.releases.iterdir() if _RELEASE_ID.fullmatch(path.name))


def releases_in_use(home: Home) -> set[str]:
    """The releases of which a process of this machine has a file open or mapped, its own folder, or an open folder.

    Only on Linux, and only processes that this user may look into.
    """
    folder = f"{home.releases.resolve()}/"
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        places = []
        # a process may end, or close a file, while it is looked at
        for link in (process / "cwd", *_listed(process / "fd")):
            with suppress(OSError):
                places.append(os.readlink(link))
        with suppress(OSError):
            # fields of fixed number, then the path, which may hold spaces
            lines = os.fsdecode((process / "maps").read_bytes()).splitlines()
            places += [line.split(maxsplit=5)[5] for line in lines if folder in line]
        found |= {place.removeprefix(folder).split("/")[0] for place in places if place.startswith(folder)}
    return found


def verify(release: Release) -> list[str]:
    """What differs from the manifest, in words; empty if every file is as it was sealed."""
    problems = []
    declared = release.manifest["files"]
    present = {path.relative_to(release.path).as_posix(): path for path in all_files(release.path)}
    present.pop("manifest.json", None)
    for name in sorted(set(declared) | set(present)):
        if name not in present:
            problems.append(f"{name} is missing")
        elif name not in declared:
            problems.append(f"{name} is not in the manifest")
        elif sha256_of(present[name]) != declared[name]["sha256"]:
            problems.append(f"{name} has changed")
    return problems


def verify_rows(release: Release) -> list[str]:
    """Marts whose rows are not those of the manifest, in the database or in the Parquet twin; empty if all are.

    Tells what `verify` cannot: that what was sealed says the same in both files, and still reads. Takes a second or so.
    """
    problems = []
    with connect_build(":memory:", scratch=release.path.parent.parent / "build" / "tmp") as connection:
        try:
            connection.execute(f"ATTACH {quote_literal(str(release.database))} AS marts (READ_ONLY)")
            attached = True
        except duckdb.Error as error:
            problems.append(f"marts.duckdb cannot be read: {_first_line(error)}")
            attached = False
        for mart, sealed in release.manifest["marts"].items():
            twin = f"parquet/{mart}.parquet"
            places = {twin: f"read_parquet({quote_literal(str(release.path / twin))})"}
            if attached:
                places[f"marts.duckdb, table {mart}"] = f"marts.main.{quote_name(mart)}"
            for place, relation in places.items():
                try:
                    found = content_of(connection, f"(FROM {relation})")
                except duckdb.Error as error:
                    problems.append(f"{place} cannot be read: {_first_line(error)}")
                    continue
                if found != sealed:
                    problems.append(
                        f"{place} holds other rows than were sealed:"
                        f" {found['rows']} ({found['row_hash'][:12]}),"
                        f" sealed {sealed['rows']} ({sealed['row_hash'][:12]})"
                    )
    return problems


def retain(home: Home, nights: int = 14, now: datetime | None = None) -> list[str]:
    """Remove old releases; return the ids removed, oldest first.

    Kept: of each of the last `nights` nights, and of every month, the last release (days and months in NIGHT_ZONE);
    what `current` points at; what was superseded less than GRACE ago; and what a process of this machine holds open,
    as far as /proc lets it be seen. Releases dated after `now` come of a wrong clock: they are kept and count for nothing.
    """
    if nights < 1:
        raise ValueError(f"nights must be at least 1, not {nights}")
    now = now or datetime.now(UTC)
    past = [id_ for id_ in release_ids(home) if published_at(id_) <= now]
    local = {id_: published_at(id_).astimezone(NIGHT_ZONE) for id_ in past}
    last_of_night = {at.date(): id_ for id_, at in local.items()}
    last_of_month = {(at.year, at.month): id_ for id_, at in local.items()}
    keep = {*list(last_of_night.values())[-nights:], *last_of_month.values()}
    keep |= {id_ for id_, next_id in pairwise(past) if published_at(next_id) > now - GRACE}
    if home.current.is_symlink():
        keep.add(home.current.resolve().name)
    for mark in _superseded(home).glob("*"):
        at = datetime.fromtimestamp(mark.stat().st_mtime, UTC)
        if now - GRACE < at <= now:
            keep.add(mark.name)
        elif at <= now:
            mark.unlink()
    removed = [id_ for id_ in past if id_ not in keep]
    in_use = releases_in_use(home) if removed else set()
    removed = [id_ for id_ in removed if id_ not in in_use]
    for id_ in removed:
        # Out of sight first: a removal that is cut short must not leave half a release.
        os.rename(home.releases / id_, home.releases / f".{id_}{_REMOVED}")
    clear_leftovers(home)
    return removed


def published_at(release_id: str) -> datetime:
    """The time in a release id."""
    return datetime.strptime(release_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


# --- inside -------------------------------------------------------------------------------------


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _superseded(home: Home) -> Path:
    return home.root / ".superseded"


def _partial(home: Home, release_id: str) -> Path:
    return home.releases / f".{release_id}{_PARTIAL}"


@contextmanager
def _workbench(candidate: Candidate) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the candidate's database attached as `marts`; it is written out on leaving."""
    with connect_build(":memory:", scratch=candidate.home.build / "tmp") as connection:
        connection.execute("SET preserve_insertion_order = true")  # the Parquet twin has the table's order
        connection.execute(
            f"ATTACH {quote_literal(str(candidate.database))} AS marts (STORAGE_VERSION '{STORAGE_VERSION}')"
        )
        yield connection
        connection.execute("DETACH marts")


def _require_declared_columns(connection: duckdb.DuckDBPyConnection, mart: MartSpec) -> None:
    try:
        actual = dict(_columns(connection, f"build.{quote_name(mart.schema)}.{quote_name(mart.name)}"))
    except duckdb.CatalogException as error:
        raise ReleaseError(f"mart {mart.name}: the build file has no {mart.schema}.{mart.name}") from error
    declared = {column.name: column.type for column in mart.columns}
    if undescribed := [name for name in actual if name not in declared]:
        raise ReleaseError(f"mart {mart.name}: columns without a description: {', '.join(undescribed)}")
    if absent := [name for name in (*declared, *mart.key) if name not in actual]:
        raise ReleaseError(f"mart {mart.name}: columns described but not built: {', '.join(absent)}")
    for name, kind in declared.items():
        # Through the engine, because one type has many names: text, string, varchar.
        if kind and (expected := _type_name(connection, kind)) != actual[name]:
            raise ReleaseError(f"mart {mart.name}: {name} is {actual[name]}, declared as {expected}")


def _type_name(connection: duckdb.DuckDBPyConnection, kind: str) -> str:
    [(name,)] = connection.execute(f"SELECT typeof(CAST(NULL AS {kind}))").fetchall()
    return str(name)


def _comment(connection: duckdb.DuckDBPyConnection, target: str, zh: str, en: str) -> None:
    if text := " | ".join(part for part in (zh.strip(), en.strip()) if part):
        connection.execute(f"COMMENT ON {target} IS {quote_literal(text)}")


def _write_meta_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    if not _TABLE_NAME.fullmatch(name):
        raise ReleaseError(f"{name!r} is not a table name for schema meta")
    connection.execute("CREATE SCHEMA IF NOT EXISTS marts.meta")
    write_frame(connection, f"marts.meta.{name}", frame)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Names and types of a table's columns. DESCRIBE, since duckdb_columns() lists every table there is first."""
    return [(name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]


def content_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """`rows` and `row_hash` of a relation: a hash of its content that depends on neither its order nor a file's bytes.

    Every value as text, a row as a JSON list of them, and the sum over rows of its MD5 in two
    halves: sums do not depend on order, and unlike exclusive or they see a row that stands twice.
    """
    columns = _columns(connection, table)
    values = ", ".join(f"CAST({quote_name(name)} AS VARCHAR)" for name, _ in columns)
    [(rows, *halves)] = connection.execute(
        # one MD5 for both halves: asked for each by its own function, the engine computes it twice
        f"SELECT count(*), sum(CAST(n >> 64 AS HUGEINT)), sum(CAST(n & {2**64 - 1}::UHUGEINT AS HUGEINT))"
        f" FROM (SELECT md5_number(CAST(to_json([{values}]) AS VARCHAR)) AS n FROM {table})"
    ).fetchall()
    content = json.dumps([columns, rows, [str(half) for half in halves]], ensure_ascii=False)
    return {"rows": rows, "row_hash": hashlib.sha256(content.encode()).hexdigest()}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _json_value(value: object) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a manifest cannot hold {value!r}")
