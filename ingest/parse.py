"""One document to typed rows with provenance, and the rows that could not be placed. Stores nothing, judges nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from ingest import layout as layouts
from ingest import readers
from ingest.catalogue import Source
from ingest.datasets import DATASETS, Dataset
from ingest.landing import Receipt
from ingest.parsers.cast import Fault, cast
from ingest.parsers.found import LOCATOR, ROW, ROW_TEXT, Unread
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
    notes: tuple[str, ...] = ()

    @property
    def rows_raw(self) -> int:
        return self.rows_in - self.rows_quarantined - sum(self.furniture.values())

    @property
    def rejected_records(self) -> int:
        return self.rejected.select(pl.col("source_locator").n_unique()).item() if self.rejected.height else 0


def parse(
    content: bytes, receipt: Receipt, source: Source, reference: Reference, snapshot_on: date
) -> Parsed:
    """The typed rows of a document, by its source's layout.

    Raises:
        Unreadable: the bytes are no such file, or a header is not the declared one.
    """
    dataset = DATASETS[source.dataset]
    layout = layouts.load(source.layout)
    try:
        grids = readers.read(content, receipt.name, layout.reader)
        found = find(grids, layout, receipt.name, dataset.located_by)
    except (readers.ReadError, layouts.LayoutError) as error:
        raise Unreadable(str(error)) from error
    if found.lost:
        raise Unreadable(
            f"{receipt.name}: {found.lost} of {found.rows_in} rows ended nowhere; expected each to be told of"
        )

    typed, faults = cast(found.frame, dataset, reference)
    typed, faults = mask_sole_traders(typed), _excused(typed, faults)
    rejected = _rejected(found.frame, faults, receipt, found.unread)
    if prints_persons(layout):
        rejected = rejected.with_columns(
            pl.lit(None, pl.String).alias("value_text"), pl.lit(None, pl.String).alias("row_text")
        )
        # a reason quotes the text as Python does: in double quotes where it holds a single one
        rejected = rejected.with_columns(pl.col("reason").str.replace(r"(?s)'.*'|\".*\"", "'…'"))
    faulty = sorted({fault.row for fault in faults})
    stand = ~pl.Series(range(found.frame.height), dtype=pl.Int64).is_in(faulty)
    quarantined = {*found.frame[ROW].gather(faulty), *(unread.row for unread in found.unread)}
    rows = _with_provenance(typed, found.frame, dataset, receipt, source, snapshot_on).filter(stand)
    notes = tuple(note for grid in grids for note in grid.notes)
    records = found.frame.height + len(found.unread)
    return Parsed(rows, rejected, records, found.rows_in, len(quarantined), found.furniture, notes)


def _excused(typed: pl.DataFrame, faults: list[Fault]) -> list[Fault]:
    """A row that its transcriber marked as no actual figure may be odd: that is why it was marked."""
    if "is_actual" not in typed.columns:
        return faults
    withheld = set((typed["is_actual"] == False).fill_null(False).arg_true().to_list())  # noqa: E712
    return [fault for fault in faults if fault.row not in withheld or fault.field in ("area", "is_actual")]


def _with_provenance(
    typed: pl.DataFrame,
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
        (pl.lit(f"{receipt.sha12}:") + locator).alias("row_id"),
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
    return pl.DataFrame(rows, schema=REJECTION)


def profile(rows: pl.DataFrame) -> dict[str, object]:
    """What a snapshot holds, for its record and for comparing it with the next one."""
    seen: dict[str, object] = {"rows": rows.height}
    published = rows["published_on"].drop_nulls()
    seen["published_to"] = str(published.max()) if len(published) else None
    for name in ("area_id", "period_id", "indicator_code"):
        if name in rows.columns:
            seen[name] = rows[name].drop_nulls().n_unique()
    return json.loads(json.dumps(seen, default=str))
