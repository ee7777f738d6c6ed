"""Marts of a release as files that others read: CSV for spreadsheets, Parquet for engines. Nothing is computed here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from warehouse.engine import quote_name
from warehouse.reader import run_query, write_result
from warehouse.release import Release

DICTIONARY = "dictionary"


class ExportError(Exception):
    """What was asked for is not in the release, or cannot be written."""


def export_marts(
    release: Release, folder: Path, as_format: Literal["csv", "parquet"], marts: tuple[str, ...] = ()
) -> list[Path]:
    """One file per mart, and the dictionary of their columns; returns the files.

    CSV carries a byte order mark, and text that a spreadsheet would take for a formula an apostrophe.

    Raises:
        ExportError: the release has no such mart, or the folder cannot be made.
    """
    tables = run_query(
        release, "select table_name from duckdb_tables() where schema_name = 'main' order by table_name"
    )
    known = tables["table_name"].to_list()
    if unknown := sorted(set(marts) - set(known)):
        raise ExportError(f"no such mart {', '.join(unknown)}; release {release.id} has {', '.join(known)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise ExportError(
            f"-o {folder}: expected a folder that can be written to ({error.strerror})"
        ) from error
    chosen = [name for name in known if not marts or name in marts]
    listed = ", ".join(f"'{name}'" for name in chosen)
    questions = {name: f"select * from {quote_name(name)}" for name in chosen}
    questions[DICTIONARY] = (
        f"select * from meta.columns where table_name in ({listed}) order by table_name, position"
    )
    files = []
    for name, question in questions.items():
        files.append(folder / f"{name}.{as_format}")
        write_result(run_query(release, question), as_format, files[-1])
    return files
