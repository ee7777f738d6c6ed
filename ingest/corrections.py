"""Corrections: known mistakes of a publisher, as data beside the catalogue. Landing keeps what was printed.

A correction names one cell and the text it expects to find there. Where it finds another, the publisher has changed the
cell: the print then stands as it is, and the night says that the correction has had its day.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import StringConstraints, ValidationError, model_validator

from ingest.datasets import DATASETS
from ingest.declared import Declared
from ingest.parsers.cast import Fault
from ingest.parsers.found import LOCATOR

FILE = "corrections.csv"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class CorrectionError(Exception):
    """The file of corrections is wrong; the message names file, line and field of every fault."""


class Correction(Declared):
    """One cell that a publisher got wrong.

    locator: the cell as `trace` shows it ("海洋生产总值!B7"); field: the field of the dataset that is read from it.
    expects: the print that is wrong; value: what replaces it, empty where the row is withheld.
    """

    correction_id: Text
    source_id: Text
    locator: Text
    field: Text
    expects: Text
    action: Literal["replace", "withhold"]
    value: str = ""
    reason: Text
    evidence: Text
    decided_by: Text
    decided_on: date

    @model_validator(mode="after")
    def _coheres(self) -> Correction:
        if (self.action == "replace") != bool(self.value.strip()):
            raise ValueError(
                "value: what replaces the print stands here, and nothing where a row is withheld"
            )
        if self.value.strip() == self.expects.strip():
            raise ValueError("value: it is what the publisher prints already")
        return self


class Outcome(Declared):
    """What became of a correction in one document; found: the text of its cell, None where there is no such cell."""

    correction_id: str
    locator: str
    field: str
    state: Literal["applied", "outdated", "no such cell"]
    found: str | None
    used: str | None


def load(path: Path, sources: dict[str, str]) -> tuple[Correction, ...]:
    """The corrections of a catalogue; none where there is no such file.

    Args:
        sources: dataset of every source, by its id.

    Raises:
        CorrectionError: naming the line and the field of every fault.
    """
    if not path.exists():
        return ()
    expected = list(Correction.model_fields)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if reader.fieldnames != expected:
                found = ",".join(reader.fieldnames or [])
                raise CorrectionError(f"{path.name}: expected the header {','.join(expected)}, found {found}")
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorrectionError(
            f"{path.name}: expected a CSV file in UTF-8; reading it failed ({error})"
        ) from error
    corrections: list[Correction] = []
    faults: list[str] = []
    for line, row in lines:
        try:
            corrections.append(
                Correction.model_validate({name: text or "" for name, text in row.items() if name})
            )
        except ValidationError as error:
            faults += [
                f"line {line}: {'.'.join(map(str, fault['loc'])) or 'entry'}: {fault['msg'].removeprefix('Value error, ')}"
                for fault in error.errors()
            ]
            continue
        faults += [f"line {line}: {fault}" for fault in _unplaced(corrections[-1], sources)]
    ids = [correction.correction_id for correction in corrections]
    faults += [f"{id_} stands more than once" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    if faults:
        raise CorrectionError(
            f"{path.name} has {len(faults)} fault(s):\n" + "\n".join(f"  {fault}" for fault in faults)
        )
    return tuple(corrections)


def _unplaced(correction: Correction, sources: dict[str, str]) -> list[str]:
    if correction.source_id not in sources:
        return [f"source_id: the catalogue has no source {correction.source_id!r}"]
    dataset = DATASETS[sources[correction.source_id]]
    fields = [field.name for field in dataset.fields]
    if any(field.kind == "quantity" for field in dataset.fields):
        fields.append("unit")
    if correction.field not in fields:
        return [f"field: {dataset.name} has no field {correction.field!r}; it has {', '.join(fields)}"]
    return []


def apply(
    records: pl.DataFrame, corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, list[Fault], tuple[Outcome, ...]]:
    """Text records with the wrong prints replaced, the faults of those withheld, and what became of each correction."""
    faults: list[Fault] = []
    outcomes: list[Outcome] = []
    for correction in corrections:
        rows = (records[LOCATOR] == correction.locator).arg_true().to_list()
        about = {
            "correction_id": correction.correction_id,
            "locator": correction.locator,
            "field": correction.field,
        }
        if not rows or correction.field not in records.columns:
            outcomes.append(Outcome(**about, state="no such cell", found=None, used=None))
            continue
        row = rows[0]
        found = records[correction.field][row]
        if (found or "").strip() != correction.expects.strip():
            outcomes.append(Outcome(**about, state="outdated", found=found, used=found))
            continue
        if correction.action == "withhold":
            reason = f"withheld by correction {correction.correction_id}: {correction.reason}"
            faults.append(Fault(row, correction.field, found, reason, "the publisher's own correction"))
        else:
            corrected = pl.when(pl.int_range(pl.len()) == row).then(pl.lit(correction.value))
            records = records.with_columns(corrected.otherwise(correction.field).alias(correction.field))
        used = correction.value if correction.action == "replace" else None
        outcomes.append(Outcome(**about, state="applied", found=found, used=used))
    return records, faults, tuple(outcomes)


def together(parts: Sequence[Sequence[Outcome]]) -> tuple[Outcome, ...]:
    """What became of each correction in a document, from what became of it in the document's parts: its cell is in one."""
    return tuple(
        next((outcome for outcome in outcomes if outcome.state != "no such cell"), outcomes[0])
        for outcomes in zip(*parts, strict=True)
    )
