"""A release as files that others read: CSV, Parquet, workbook, bulletin, page of targets. Where they go, not what they say."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from warehouse.engine import quote_name
from warehouse.papers import ExportError, Month
from warehouse.reader import run_query, write_result
from warehouse.release import Release

if TYPE_CHECKING:
    from warehouse.bulletin import Written
    from warehouse.workbook import Sheet

DICTIONARY = "dictionary"


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
    _require_known(release, marts, known)
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


def export_workbook(release: Release, path: Path, marts: Sequence[str] = ()) -> list[Sheet]:
    """The workbook; returns its sheets, and what was left out of it (a sheet without a name).

    Raises:
        ExportError: the release has no such mart, or the file cannot be written.
    """
    from warehouse.workbook import write_workbook

    known = run_query(release, "select table_name from duckdb_tables() where schema_name = 'main' order by 1")
    _require_known(release, marts, known["table_name"].to_list())
    with _whole_file(path, ".xlsx") as partial:
        return write_workbook(release, partial, marts)


def export_bulletin(release: Release, month: Month, path: Path, template: Path | None = None) -> Written:
    """The bulletin of a month.

    Raises:
        ExportError: the month lies ahead of the release, the template cannot be used, or the file cannot be written.
    """
    from warehouse.bulletin import write_bulletin

    with _whole_file(path, ".docx") as partial:
        return write_bulletin(release, month, partial, template)


def export_targets_pdf(release: Release, path: Path) -> None:
    """The page of targets.

    Raises:
        ExportError: the file cannot be written.
    """
    from warehouse.targets_pdf import write_targets_pdf

    with _whole_file(path, ".pdf") as partial:
        write_targets_pdf(release, partial)


def copy_template(path: Path) -> Path:
    """The bundled template of the bulletin, to be edited in Word; never over a file that is there.

    Raises:
        ExportError: the file is there, or cannot be written.
    """
    from warehouse.bulletin_template import TEMPLATE

    if path.exists():
        raise ExportError(f"-o {path}: there is such a file; an edited template is not written over")
    with _whole_file(path, ".docx") as partial:
        shutil.copyfile(TEMPLATE, partial)
    return path


def _require_known(release: Release, marts: Sequence[str], known: Sequence[str]) -> None:
    if unknown := sorted(set(marts) - set(known)):
        raise ExportError(f"no such mart {', '.join(unknown)}; release {release.id} has {', '.join(known)}")


@contextlib.contextmanager
def _whole_file(path: Path, suffix: str) -> Iterator[Path]:
    """A path beside the target to write to; the target gets it whole, or stays as it was."""
    if path.suffix.lower() != suffix:
        raise ExportError(f"-o {path}: the file's name ends in {suffix}")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial{suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()  # whoever writes it later says less well why it cannot
        yield partial
        partial.replace(path)
    except OSError as error:
        raise ExportError(f"-o {path}: cannot be written ({error.strerror or error})") from error
    finally:
        partial.unlink(missing_ok=True)
