"""From a figure of a mart back to the cells it came from, on a release alone. Nothing is computed anew here.

Which provenance ids stand behind a column is said beside the column's definition (`inputs`, in the dictionary); which cell
an id means is said by `meta.provenance`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
from rich.console import Group
from rich.text import Text

from warehouse.engine import OutOfBounds, bounded, connect_reader, quote_name
from warehouse.reader import NULL, TIMEOUT_S, QueryRefused, require_condition
from warehouse.release import Release

#: a question that meets more rows than this was meant for a narrower one
MAX_ROWS = 50
SHOWN_CELLS = 12


@dataclass(frozen=True)
class Cell:
    """One cell, list row or sentence that a figure came from.

    document, sha256, locator: the file as received and the place in it. text: as printed. title, url, published_on: the
    publication; where the source is a transcription, the one that it was typed in from.
    """

    provenance_id: str
    source_id: str
    source_title: str | None
    publisher: str | None
    is_transcription: bool | None
    data_origin: str | None
    document: str | None
    sha256: str | None
    locator: str
    text: str | None
    unit_text: str | None
    about: str | None
    vintage_text: str | None
    title: str | None
    url: str | None
    published_on: str | None
    published_precision: str | None
    correction: str | None


@dataclass(frozen=True)
class Trace:
    """One figure with everything behind it. worked: the formula with the row's own values in it."""

    release: str
    mart: str
    column: str
    key: dict[str, Any]
    value: Any
    unit: str | None
    description_zh: str
    description_en: str
    formula: str | None
    worked: str | None
    reason: str | None
    data_origin: str | None
    cells: tuple[Cell, ...]


def trace(release: Release, mart: str, column: str, where: str) -> list[Trace]:
    """Every row of a mart that satisfies a condition, with the cells behind one of its columns.

    Raises:
        QueryRefused: no such mart or column, a condition that the engine refuses, no row, or more than MAX_ROWS.
    """
    try:
        with connect_reader(release.database) as connection, bounded(connection, TIMEOUT_S):
            return _trace(connection, release, mart, column, where)
    except (duckdb.Error, OutOfBounds) as error:
        raise QueryRefused(str(error).strip()) from error


def _trace(
    connection: duckdb.DuckDBPyConnection, release: Release, mart: str, column: str, where: str
) -> list[Trace]:
    columns = _records(
        connection, "select * from meta.columns where table_name = $mart order by position", {"mart": mart}
    )
    if not columns:
        known = connection.execute("select distinct table_name from meta.columns order by 1").fetchall()
        raise QueryRefused(f"no mart {mart!r}; there are {', '.join(name for (name,) in known)}")
    about = {entry["column_name"]: entry for entry in columns}
    if column not in about:
        raise QueryRefused(f"{mart} has no column {column!r}; it has {', '.join(about)}")
    chosen = about[column]
    require_condition(connection, where)
    inputs = f"concat_ws(';', {chosen['inputs']})" if chosen["inputs"] else "null"
    question = (
        f"select this.*, {inputs} as __inputs from {quote_name(mart)} as this where (\n{where}\n)"
        f" order by all limit {MAX_ROWS + 1}"
    )
    rows = _records(connection, question)
    if not rows:
        raise QueryRefused(f"no row of {mart} satisfies {where}")
    if len(rows) > MAX_ROWS:
        raise QueryRefused(f"more than {MAX_ROWS} rows of {mart} satisfy {where}; say which one is meant")
    documents = documents_of(release.manifest["inputs"])
    return [
        Trace(
            release=release.id,
            mart=mart,
            column=column,
            key={name: row[name] for name, entry in about.items() if entry["is_key"]},
            value=row[column],
            unit=chosen["unit"] or row.get("unit"),
            description_zh=chosen["description_zh"],
            description_en=chosen["description_en"],
            formula=chosen["formula"],
            worked=_worked(chosen["formula"], row),
            reason=row.get("reason"),
            data_origin=row.get("data_origin"),
            cells=cells(connection, (row["__inputs"] or "").split(";"), documents),
        )
        for row in rows
    ]


def documents_of(inputs: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """A manifest's inputs by what the ids of their rows begin with: the hash of the bytes and, where the file's name tells of
    its rows, of the name.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for entry in inputs:
        sha12 = entry["sha256"][:12]
        found.setdefault(sha12, entry)
        found[f"{sha12}.{hashlib.sha256(entry['document'].encode()).hexdigest()[:8]}"] = entry
    return found


def cells(
    connection: duckdb.DuckDBPyConnection, ids: list[str], documents: Mapping[str, Mapping[str, Any]]
) -> tuple[Cell, ...]:
    """The cells that provenance ids mean, in their order, each once. documents: as `documents_of` gives them."""
    ids = list(dict.fromkeys(filter(None, ids)))
    found = _records(
        connection,
        """
        select
            provenance.*,
            sources.title_zh as source_title,
            sources.publisher_zh as publisher,
            sources.is_transcription,
            corrections.correction_id || ' for the print “' || corrections.printed || '”: ' || corrections.reason
                as correction
        from meta.provenance as provenance
        left join meta.sources as sources using (source_id)
        left join meta.corrections as corrections
            on provenance.source_sha256 = corrections.source_sha256
            and provenance.source_locator = corrections.source_locator
            -- one whose cell the publisher has changed since is told every night, but corrects nothing
            and corrections.state = 'applied'
        where provenance_id in (select unnest($ids))
        """,
        {"ids": ids},
    )
    known = {row["provenance_id"]: row for row in found}
    return tuple(_cell(known.get(id_) or _by_its_id(id_, documents), documents) for id_ in ids)


def _by_its_id(provenance_id: str, documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A row that is not listed (registers are too long for it) is known by its id: the document and the place."""
    beginning, _, locator = provenance_id.partition(":")
    document = documents.get(beginning, {})
    return {
        "provenance_id": provenance_id,
        "source_id": document.get("source"),
        "source_sha256": document.get("sha256"),
        "source_locator": locator,
    }


def _cell(row: dict[str, Any], documents: Mapping[str, Mapping[str, Any]]) -> Cell:
    published = row.get("published_on")
    sha12 = (row["source_sha256"] or "")[:12]
    document = documents.get(row["provenance_id"].partition(":")[0]) or documents.get(sha12, {})
    return Cell(
        provenance_id=row["provenance_id"],
        source_id=row["source_id"],
        source_title=row.get("source_title"),
        publisher=row.get("publisher"),
        is_transcription=row.get("is_transcription"),
        data_origin=row.get("data_origin"),
        document=document.get("document"),
        sha256=row["source_sha256"],
        locator=row["source_locator"],
        text=row.get("value_text"),
        unit_text=row.get("unit_text"),
        about=row.get("about"),
        vintage_text=row.get("vintage_text"),
        title=row.get("origin_title"),
        url=row.get("origin_url"),
        published_on=published.isoformat() if published else None,
        published_precision=row.get("published_precision"),
        correction=row.get("correction"),
    )


def _worked(formula: str | None, row: dict[str, Any]) -> str | None:
    """The formula with the row's own figures in place of the columns it names; None where it names none."""
    if not formula:
        return None

    def figure(name: re.Match[str]) -> str:
        value = row.get(name.group())
        return (
            f"{value:g}"
            if isinstance(value, float)
            else str(value)
            if isinstance(value, int)
            else name.group()
        )

    worked = re.sub(r"[a-z][a-z0-9_]*", figure, formula)
    return worked if worked != formula else None


def _records(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    answer = connection.execute(sql, parameters)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


# --- for people -----------------------------------------------------------------------------------


def as_json(traces: list[Trace]) -> list[dict[str, Any]]:
    """Every figure with all its cells; dates of keys stay dates."""
    return [asdict(found) for found in traces]


def render(traces: list[Trace]) -> Group:
    """What `blue-ledger trace` prints: the figure, its formula, and each cell; of long lists the first few."""
    return Group(*(line for found in traces for line in [*_lines(found), Text()]))


def _lines(found: Trace) -> list[Text]:
    key = ", ".join(f"{name} = {value}" for name, value in found.key.items())
    value = NULL if found.value is None else str(found.value)
    lines = [
        Text(f"{found.mart}.{found.column} = {value}{f' {found.unit}' if found.unit else ''}", style="bold"),
        Text(f"  row      {key}"),
        Text(f"  meaning  {found.description_zh} | {found.description_en}"),
    ]
    if found.formula:
        lines.append(Text(f"  formula  {found.formula}"))
    if found.worked:
        lines.append(Text(f"         = {found.worked}"))
    if found.reason:
        lines.append(Text(f"  reason   {found.reason}"))
    if found.data_origin:
        lines.append(
            Text(f"  origin   {found.data_origin}", style="red" if found.data_origin == "demo" else "")
        )
    if not found.cells:
        lines.append(
            Text(
                "  no source cell stands behind it: nothing was printed, or it is a table of the plan itself"
            )
        )
    if len(found.cells) > SHOWN_CELLS:
        per_document = Counter(cell.document or cell.source_id for cell in found.cells)
        counted = ", ".join(f"{n:,} in {document}" for document, n in per_document.items())
        lines.append(
            Text(
                f"  cells    {len(found.cells):,}: {counted}; the first {SHOWN_CELLS} follow, --json has all"
            )
        )
    for nth, cell in enumerate(found.cells[:SHOWN_CELLS], start=1):
        lines += _cell_lines(nth, cell)
    return lines


def _cell_lines(nth: int, cell: Cell) -> list[Text]:
    printed = f"“{cell.text}”" if cell.text else "(text not listed)"
    vintage = f", {cell.vintage_text}" if cell.vintage_text else ""
    lines = [
        Text(
            f"  [{nth}] {printed} {cell.unit_text or ''}".rstrip()
            + f"   {cell.about or ''}{vintage}".rstrip()
        ),
        Text(f"      cell       {cell.document or cell.source_id} {cell.locator}"),
    ]
    if cell.sha256:
        lines.append(Text(f"      sha256     {cell.sha256}"))
    if cell.source_title:
        typed = ", a transcription" if cell.is_transcription else ""
        lines.append(
            Text(f"      source     {cell.source_title} ({cell.source_id}{typed}), {cell.publisher}")
        )
    if cell.title or cell.url:
        day = (cell.published_on or "not dated") + (
            f" (known by its {cell.published_precision})"
            if cell.published_precision not in (None, "day")
            else ""
        )
        lines.append(Text(f"      printed in {cell.title or ''} · {day}"))
    if cell.url:
        lines.append(Text(f"      address    {cell.url}"))
    if cell.correction:
        lines.append(Text(f"      corrected  {cell.correction}", style="yellow"))
    return lines
