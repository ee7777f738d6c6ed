"""One document to typed rows with provenance, and the rows that could not be placed. Stores nothing, judges nothing."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from ingest import corrections as corrections_of
from ingest import layout as layouts
from ingest import readers
from ingest.catalogue import Source
from ingest.corrections import Correction, Outcome
from ingest.datasets import DATASETS, Dataset
from ingest.landing import Receipt
from ingest.layout import Layout
from ingest.parsers.cast import Fault, Seen, cast
from ingest.parsers.found import LOCATOR, ROW, ROW_TEXT, Records, Unread
from ingest.parsers.records import find
from ingest.privacy import mask_sole_traders, prints_persons
from ingest.reference import Reference

REJECTION = {
    "source_id": pl.String,
    "source_sha256": pl.String,
    "document": pl.String,
    "source_locator": pl.String,
    "field": pl.String,
    "value_text": pl.String,
    "reason": pl.String,
    "expected": pl.String,
    "row_text": pl.String,
}


class Unreadable(Exception):
    """The document as a whole cannot be taken; the message names file, sheet, cell and what was expected."""


@dataclass(frozen=True)
class Parsed:
    """A document's rows, and where each of its input rows went.

    rows, rejected: what stands, and what does not, counted in records (a wide row of five figures is five records).
    Every input row ends in exactly one place: rows_in = rows_raw + rows_quarantined + the sum of furniture. An input row
    is in quarantine as soon as one of its records is. furniture: input rows declared to hold no record, by reason.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    records: int
    rows_in: int
    rows_quarantined: int
    furniture: Mapping[str, int]
    profile: dict[str, Any]
    corrections: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows_raw(self) -> int:
        return self.rows_in - self.rows_quarantined - sum(self.furniture.values())

    @property
    def rejected_records(self) -> int:
        return self.rejected.select(pl.col("source_locator").n_unique()).item() if self.rejected.height else 0


#: parts of a document that are cast beside each other while the next is read
_PARTS_AT_ONCE = 2


def parse(
    path: Path,
    receipt: Receipt,
    source: Source,
    reference: Reference,
    snapshot_on: date,
    corrections: Sequence[Correction] = (),
) -> Iterator[Parsed]:
    """The typed rows of a document, by its source's layout and with the corrections of that source.

    A large register comes in parts of its rows, so that it is never held as a whole; anything else in one. What the parts
    say of the document together is said by `whole`.

    Raises:
        Unreadable: the bytes are no such file, or a header is not the declared one; when the part comes that is at fault.
    """
    layout = layouts.load(source.layout).of_city(reference.city_zh)
    seen: Seen = {}
    try:
        if layout.head_rows is None:
            parts = iter([readers.read(path.read_bytes(), receipt.name, layout.reader)])
        else:
            parts = readers.read_in_parts(path, receipt.name, layout.reader, layout.head_rows)
        with ThreadPoolExecutor(_PARTS_AT_ONCE) as threads:
            begun: deque[Future[Parsed]] = deque()
            for grids in parts:
                begun.append(
                    threads.submit(
                        _parsed, grids, layout, receipt, source, reference, snapshot_on, corrections, seen
                    )
                )
                if len(begun) > _PARTS_AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
    except (readers.ReadError, layouts.LayoutError) as error:
        raise Unreadable(str(error)) from error


def whole(parts: Sequence[Parsed]) -> Parsed:
    """What the parts of a document say of it together, not of their rows."""
    if len(parts) == 1:
        return parts[0]
    furniture = sum((Counter(part.furniture) for part in parts), Counter())
    return Parsed(
        parts[0].rows,
        pl.concat([part.rejected for part in parts]),
        sum(part.records for part in parts),
        sum(part.rows_in for part in parts),
        sum(part.rows_quarantined for part in parts),
        furniture,
        _profile_of([part.profile for part in parts]),
        corrections_of.together([part.corrections for part in parts]),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _parsed(
    grids: list[readers.Grid],
    layout: Layout,
    receipt: Receipt,
    source: Source,
    reference: Reference,
    snapshot_on: date,
    corrections: Sequence[Correction],
    seen: Seen,
) -> Parsed:
    dataset = DATASETS[source.dataset]
    found = find(grids, layout, receipt.name, dataset.located_by)
    if found.lost:
        raise Unreadable(
            f"{receipt.name}: {found.lost} of {found.rows_in} rows ended nowhere; expected each to be told of"
        )

    records, withheld, outcomes = corrections_of.apply(found.frame, corrections)
    typed, faults = cast(records, dataset, reference, seen)
    faults = [*_excused(typed, faults), *withheld]
    typed, persons = mask_sole_traders(typed)
    rejected = _rejected(found.frame, faults, receipt, found.unread)
    anyone = prints_persons(layout)
    rejected = _without_persons(rejected, [anyone or persons[fault.row] for fault in faults], anyone)
    faulty = sorted({fault.row for fault in faults})
    stand = ~pl.Series(range(found.frame.height), dtype=pl.Int64).is_in(faulty)
    quarantined = {*found.frame[ROW].gather(faulty), *(unread.row for unread in found.unread)}
    # the same bytes under two names are then two documents, and an id leads back to one cell only
    named = f".{hashlib.sha256(receipt.name.encode()).hexdigest()[:8]}" if layout.reads_name else ""
    row_ids = pl.lit(f"{receipt.sha12}{named}:") + found.frame.get_column(LOCATOR)
    rows = _with_provenance(typed, row_ids, found.frame, dataset, receipt, source, snapshot_on).filter(stand)
    notes = tuple(note for grid in grids for note in grid.notes)
    return Parsed(
        rows,
        rejected,
        found.frame.height + len(found.unread),
        found.rows_in,
        len(quarantined),
        found.furniture,
        _profile(found, rows, dataset),
        outcomes,
        notes,
    )


def _without_persons(rejected: pl.DataFrame, of_faults: list[bool], of_others: bool) -> pl.DataFrame:
    """Rejected rows without the text of those that may name a person; faults come first in them."""
    hidden = pl.Series("hidden", [*of_faults, *[of_others] * (rejected.height - len(of_faults))], pl.Boolean)
    shown = pl.when(~pl.col("hidden"))
    return (
        rejected.with_columns(hidden)
        .with_columns(
            shown.then("value_text").alias("value_text"),
            shown.then("row_text").alias("row_text"),
            # a reason quotes the text as Python does: in double quotes where it holds a single one
            shown.then("reason")
            .otherwise(pl.col("reason").str.replace(r"(?s)'.*'|\".*\"", "'…'"))
            .alias("reason"),
        )
        .drop("hidden")
    )


def _excused(typed: pl.DataFrame, faults: list[Fault]) -> list[Fault]:
    """A row that its transcriber marked as no actual figure may be odd: that is why it was marked."""
    if "is_actual" not in typed.columns:
        return faults
    withheld = set((typed["is_actual"] == False).fill_null(False).arg_true().to_list())  # noqa: E712
    return [fault for fault in faults if fault.row not in withheld or fault.field in ("area", "is_actual")]


def _with_provenance(
    typed: pl.DataFrame,
    row_ids: pl.Expr,
    records: pl.DataFrame,
    dataset: Dataset,
    receipt: Receipt,
    source: Source,
    snapshot_on: date,
) -> pl.DataFrame:
    locator = records.get_column(LOCATOR)
    published = pl.lit(None, dtype=pl.Date)
    if "published_on" in typed.columns:
        # a date known only by its month or year stands at its last day, but never after the day we held it in hand
        partial = pl.col("published_precision") != "day"
        published = (
            pl.when(partial)
            .then(pl.min_horizontal("published_on", pl.lit(snapshot_on)))
            .otherwise("published_on")
        )
    return typed.with_columns(
        row_ids.alias("row_id"),
        pl.lit(source.id).alias("source_id"),
        pl.lit(receipt.sha256).alias("source_sha256"),
        locator.alias("source_locator"),
        pl.lit(source.data_origin).alias("data_origin"),
        published.alias("published_on"),
        pl.lit(snapshot_on).alias("snapshot_on"),
    ).select([pl.col(name).cast(dtype) for name, dtype in dataset.columns.items()])


def _rejected(
    records: pl.DataFrame, faults: list[Fault], receipt: Receipt, unread: tuple[Unread, ...]
) -> pl.DataFrame:
    common = {"source_id": receipt.source_id, "source_sha256": receipt.sha256, "document": receipt.name}
    locators, texts = records.get_column(LOCATOR), records.get_column(ROW_TEXT)
    rows = [
        common
        | {
            "source_locator": locators[fault.row],
            "field": fault.field,
            "value_text": fault.text,
            "reason": fault.reason,
            "expected": fault.expected,
            "row_text": texts[fault.row],
        }
        for fault in faults
    ]
    rows += [
        common
        | {
            "source_locator": text.locator,
            "field": text.kind,
            "value_text": text.text,
            "reason": text.reason,
            "expected": text.expected,
            "row_text": text.row_text,
        }
        for text in unread
    ]
    rejected = pl.DataFrame(rows, schema=REJECTION)
    return rejected.with_columns(_cut(name) for name in ("value_text", "reason", "expected", "row_text"))


def _cut(column: str) -> pl.Expr:
    """A text as far as a person reads it; a cell of megabytes is in landing, and would fill every report that quotes it."""
    text = pl.col(column)
    return (
        pl.when(text.str.len_chars() <= _KEPT_CHARS)
        .then(text)
        .otherwise(text.str.slice(0, _KEPT_CHARS) + pl.format("…(共 {} 字)", text.str.len_chars()))
    )


#: characters of a rejected row's texts that quarantine keeps
_KEPT_CHARS = 4_000


def _profile(found: Records, rows: pl.DataFrame, dataset: Dataset) -> dict[str, Any]:
    """What a document holds, for its record and for comparing it with the next one.

    headers: of each table, as printed; kinds: what most texts of a field look like; filled: share of the rows in which
    a column is not null; area_id, period_id, indicator_code and extent: the values that occur.
    """
    published = rows["published_on"].drop_nulls()
    seen: dict[str, Any] = {
        "rows": rows.height,
        "published_to": str(published.max()) if len(published) else None,
        "headers": {name: list(header) for name, header in found.headers.items()},
        "kinds": _kinds(found.frame, [field.name for field in dataset.fields]),
        "filled": dict(
            zip(rows.columns, rows.select(pl.all().is_not_null().mean().round(4)).row(0), strict=True)
        ),
    }
    for name in _LISTED:
        if name in rows.columns:
            seen[name] = rows[name].drop_nulls().unique().sort().cast(pl.String).to_list()
    return seen


#: columns of which a profile lists the values that occur
_LISTED = ("area_id", "period_id", "indicator_code", "extent", "register_on")


def _profile_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The profile of a document from those of its parts; what texts look like is the first part's word."""
    rows = sum(part["rows"] for part in parts)
    seen = parts[0] | {
        "rows": rows,
        "published_to": max((part["published_to"] for part in parts if part["published_to"]), default=None),
        "filled": {
            name: round(sum(part["filled"][name] * part["rows"] for part in parts if part["rows"]) / rows, 4)
            if rows
            else None
            for name in parts[0]["filled"]
        },
    }
    for name in _LISTED:
        if name in seen:
            seen[name] = sorted({value for part in parts for value in part[name]})
    return seen


#: rows from which the looks of a column are taken: enough to tell, and a register of a million costs no more
_LOOKED_AT = 10_000
#: what a text looks like, most telling first; the rest is words
_LOOKS = {
    "number": r"^[-+−]?[0-9][0-9,. \u00a0]*[%％‰]?$",
    "date": r"^[0-9]{4}[-年/][0-9]{1,2}([-月/][0-9]{1,2}日?)?$",
}


def _kinds(records: pl.DataFrame, fields: list[str]) -> dict[str, str]:
    """What most of the texts of each field look like: number, date or words; fields without any text are left out."""
    fields = [name for name in fields if name in records.columns]
    text = {name: pl.col(name).str.strip_chars().replace("", None).drop_nulls() for name in fields}
    shares = records.head(_LOOKED_AT).select(
        text[name].str.contains(look).mean().alias(f"{name}/{kind}")
        for name in fields
        for kind, look in _LOOKS.items()
    )
    kinds = {}
    for name in fields:
        share = {kind: shares[f"{name}/{kind}"][0] for kind in _LOOKS}
        if share["number"] is not None:
            kinds[name] = next((kind for kind in ("date", "number") if share[kind] > 0.5), "words")
    return kinds
