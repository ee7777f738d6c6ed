"""Casting: text records to the typed columns of a dataset, a column at a time. Rows that cannot be cast are named, not
dropped: each goes to quarantine with the field, the text, the reason and what was expected.

Casters work on the distinct texts of a column, so that a million rows of a few hundred words cost a few hundred calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import polars as pl

from ingest.datasets import Dataset, Field, columns_of
from ingest.normalise import NormaliseError, company_names, credit_codes
from ingest.normalise.dates import parse_date
from ingest.normalise.numbers import MISSING, parse_number
from ingest.normalise.periods import parse_period
from ingest.normalise.typography import cut_marks
from ingest.normalise.units import parse_unit, to_canonical
from ingest.reference import Reference

_PERCENT = parse_unit("%")

#: prints that say "nothing reported"; any other text must be understood
NOTHING = (*sorted(MISSING), "－", "／")
NOTHING_PRINTED = pl.lit(None, pl.String)
#: columns beside the fields: how this publisher prints, the same in every row
DECIMAL_MARK, BARE_YI = "__decimal_mark", "__bare_yi"


def printed_as(field: str) -> str:
    """The column with a field's text as printed, where the field itself holds what that text stands for."""
    return f"__printed_{field}"


@dataclass(frozen=True)
class Fault:
    """Why a row was rejected: one per row and field. ``row`` counts within the records."""

    row: int
    field: str
    text: str | None
    reason: str
    expected: str


#: the values of a field's columns
Values = tuple[Any, ...]
#: what each printed text of a field was cast to, or why it was refused
Seen = dict[str, dict[str, Values | NormaliseError]]


def cast(
    records: pl.DataFrame, dataset: Dataset, reference: Reference, seen: Seen | None = None
) -> tuple[pl.DataFrame, list[Fault]]:
    """The dataset's own columns (provenance apart) for every record, and the faults of those that cannot stand.

    Rows with faults are kept in the frame, so that positions agree; the caller sets them aside. `seen` is kept by who
    casts a document in parts: most of its words stand in each of them.
    """
    seen = {} if seen is None else seen
    columns: dict[str, pl.Series] = {}
    faults: list[Fault] = []
    texts = _texts(records, [*(field.name for field in dataset.fields), "unit"])
    how = _How.of(records)
    for field in dataset.fields:
        text = texts[field.name]
        unit = texts["unit"] if field.kind == "quantity" else None
        made, wrong = _cast_field(field, text, unit, reference, how, seen.setdefault(field.name, {}))
        columns |= made | _as_printed(field, records)
        faults += wrong
        if field.required:
            missing = _missing(field, text, made).arg_true().to_list()
            faults += [Fault(row, field.name, None, f"{field.name} is missing", "a value") for row in missing]
    if "period_end" in columns:
        for field in dataset.fields:
            if field.kind == "area":
                faults += _in_its_year(field.name, texts[field.name], columns, reference)
    return pl.DataFrame(columns), faults


def _in_its_year(
    name: str, text: pl.Series, columns: dict[str, pl.Series], reference: Reference
) -> list[Fault]:
    """What the year of a figure says of the name of its area: a note, or that the name meant another area then."""
    placed = pl.DataFrame(
        {"text": text, "year": columns["period_end"].dt.year(), "id": columns[f"{name}_id"]}
    )
    known = placed.filter(pl.col("id").is_not_null() & pl.col("year").is_not_null())
    dated = [printed for printed in known["text"].unique() if reference.areas.is_dated(printed)]
    notes: dict[tuple[str, int], str | None] = {}
    refused: dict[tuple[str, int], NormaliseError] = {}
    for key in known.filter(pl.col("text").is_in(dated)).select("text", "year").unique().iter_rows():
        try:
            note = reference.areas.find(*key).scope_note
            if note != reference.areas.find(key[0]).scope_note:
                notes[key] = note
        except NormaliseError as error:
            refused[key] = error
    if not notes and not refused:
        return []
    noted = columns[f"{name}_scope_note"].to_list()
    faults: list[Fault] = []
    for row, key in enumerate(placed.select("text", "year").iter_rows()):
        noted[row] = notes.get(key, noted[row])
        if key in refused:
            faults.append(Fault(row, name, key[0], refused[key].reason, refused[key].expected))
    columns[f"{name}_scope_note"] = pl.Series(noted, dtype=pl.String)
    return faults


@dataclass(frozen=True)
class _How:
    """How a publisher prints figures."""

    decimal_mark: Literal[".", "、", ","] = "."
    bare_yi_is_money: bool = False

    @classmethod
    def of(cls, records: pl.DataFrame) -> _How:
        told = {DECIMAL_MARK, BARE_YI} & set(records.columns)
        if not told or not records.height:
            return cls()
        return cls(
            records[DECIMAL_MARK][0] if DECIMAL_MARK in told else ".",
            records[BARE_YI][0] if BARE_YI in told else False,
        )


def _as_printed(field: Field, records: pl.DataFrame) -> dict[str, pl.Series]:
    """The text beside a value, where it is not what the value was cast from: a dash or …, a label that was looked up."""
    column = f"{field.name}_text"
    if printed_as(field.name) in records.columns:
        return {column: records[printed_as(field.name)].alias(column)}
    if field.kind not in ("quantity", "percent") or field.name not in records.columns:
        return {}
    text = records.select(pl.col(field.name).str.strip_chars().alias(column)).to_series()
    return {column: text.set(text == "", None)}


def _texts(records: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """The printed texts of the columns named, trimmed; null where nothing is reported and where a column is not there."""
    names = list(dict.fromkeys(names))
    text = {
        name: pl.col(name).str.strip_chars() if name in records.columns else NOTHING_PRINTED for name in names
    }
    return records.with_columns(
        pl.when(text[name].is_in(NOTHING)).then(None).otherwise(text[name]).alias(name) for name in names
    ).select(names)


def _missing(field: Field, text: pl.Series, made: dict[str, pl.Series]) -> pl.Series:
    """Where nothing is printed, or only what stands for nothing: a footnote mark for a name, 无 for a code."""
    match field.kind:
        case "company":
            return made[f"{field.name}_normalised"].is_null()
        case "credit_code":  # a code with a fault is kept as printed, its fault beside it
            return made[field.name].is_null() & made[f"{field.name}_fault"].is_null()
    return text.is_null()


def _cast_field(
    field: Field,
    text: pl.Series,
    unit: pl.Series | None,
    reference: Reference,
    how: _How,
    seen: dict[str, Values | NormaliseError],
) -> tuple[dict[str, pl.Series], list[Fault]]:
    name, kind = field.name, field.kind
    match kind:
        case "text":
            return {name: text.alias(name)}, []
        case "company":
            made = {f"{name}_text": text, f"{name}_normalised": company_names.normalise_series(text)}
            if field.parts:
                parts = company_names.parts(made[f"{name}_normalised"], reference.regions, field.parts)
                made |= {f"{name}_{part}": parts[part] for part in field.parts}
            return made, []
        case "credit_code":
            checked = credit_codes.check_series(text)
            return {f"{name}_text": text, name: checked["code"], f"{name}_fault": checked["fault"]}, []
        case "quantity":
            assert unit is not None  # a quantity comes with its unit's column
            return _quantity(text, unit, how)
    caster = _caster(field, reference, how)
    return _by_distinct_text(field, text, caster, seen)


def _caster(field: Field, reference: Reference, how: _How) -> Callable[[str], Values]:
    """A function from one text to the values of the field's columns, the printed text itself left out."""
    match field.kind:
        case "word":
            vocabulary = field.vocabulary
            assert vocabulary is not None  # every field of words names its list
            return lambda text: (reference.word(vocabulary, text),)
        case "flag":
            return lambda text: (reference.word("flag", text) == "true",)
        case "number":
            return lambda text: (_figure(text),)
        case "integer":
            return lambda text: (_whole(text),)
        case "percent":
            return lambda text: (
                _within(field, text, _figure(text, percent=True, decimal_mark=how.decimal_mark)),
            )
        case "date":
            return lambda text: (_full_date(text),)
        case "partial_date":
            return lambda text: ((found := parse_date(text)).date, found.precision)
        case "period":
            return lambda text: (
                (p := parse_period(_unmarked(text))).period_id,
                p.start,
                p.end,
                p.kind,
                p.is_cumulative,
            )
        case "area":
            return lambda text: ((found := reference.areas.find(_unmarked(text))).area_id, found.scope_note)
        case "indicator":
            return lambda text: (reference.indicator(_unmarked(text)),)
        case "ledger_line":
            return lambda text: reference.ledger_line(text)
    raise ValueError(f"no caster for {field.kind!r}")


def _by_distinct_text(
    field: Field, text: pl.Series, caster: Callable[[str], Values], seen: dict[str, Values | NormaliseError]
) -> tuple[dict[str, pl.Series], list[Fault]]:
    schema = columns_of(field)
    keeps_text = f"{field.name}_text" in schema
    if text.null_count() == len(text):  # most fields of a small document
        return {
            name: pl.repeat(None, len(text), dtype=dtype, eager=True).alias(name)
            for name, dtype in schema.items()
        }, []
    made_columns = [name for name in schema if not (keeps_text and name == f"{field.name}_text")]
    values: dict[str, list[Any]] = {"__text": [], **{name: [] for name in made_columns}}
    refused: dict[str, NormaliseError] = {}
    for printed in text.drop_nulls().unique().to_list():
        made = seen.get(printed)
        if made is None:
            try:
                made = caster(printed)
            except NormaliseError as error:
                made = error.with_traceback(None)  # which would hold the whole part
            seen[printed] = made
        if isinstance(made, NormaliseError):
            refused[printed] = made
            continue
        values["__text"].append(printed)
        for name, value in zip(made_columns, made, strict=True):
            values[name].append(value)
    lookup = pl.DataFrame(
        values, schema={"__text": pl.String, **{name: schema[name] for name in made_columns}}
    )
    placed = text.alias("__text").to_frame().join(lookup, on="__text", how="left", maintain_order="left")
    columns = {name: placed[name] for name in made_columns}
    if keeps_text:
        columns = {f"{field.name}_text": text.alias(f"{field.name}_text"), **columns}
    return columns, _faults(field.name, text, refused)


def _faults(name: str, text: pl.Series, refused: dict[str, NormaliseError]) -> list[Fault]:
    if not refused:
        return []
    rows = text.is_in(list(refused)).fill_null(False).arg_true().to_list()
    return [
        Fault(row, name, text[row], refused[text[row]].reason, refused[text[row]].expected) for row in rows
    ]


def _quantity(text: pl.Series, unit: pl.Series, how: _How) -> tuple[dict[str, pl.Series], list[Fault]]:
    """Value and unit together: the value in the unit's canonical form, both prints kept."""

    @lru_cache(maxsize=65_536)  # most prints come again and again
    def read(printed: str, printed_unit: str | None) -> tuple[str, float | None, str]:
        if printed_unit is None:
            raise NormaliseError("the figure has no unit", "a unit in the row, the header or a unit row")
        found = parse_unit(printed_unit, bare_yi_is_money=how.bare_yi_is_money)
        # 12.5% under a unit of %
        number = parse_number(printed, percent=found == _PERCENT, decimal_mark=how.decimal_mark)
        return number.operator, to_canonical(number.value, found), found.code

    operators, values, units = [], [], []
    faults: list[Fault] = []
    for row, (printed, printed_unit) in enumerate(zip(text, unit, strict=True)):
        operator = value = code = None
        if printed is not None:
            try:
                operator, value, code = read(printed, printed_unit)
            except NormaliseError as error:
                wrong = f"{printed} {printed_unit or ''}".strip()
                faults.append(Fault(row, "value", wrong, error.reason, error.expected))
        operators.append(operator)
        values.append(value)
        units.append(code)
    return {
        "value_text": text,
        "unit_text": unit,
        "operator": pl.Series(operators, dtype=pl.String),
        "value": pl.Series(values, dtype=pl.Float64),
        "unit": pl.Series(units, dtype=pl.String),
    }, faults


def _unmarked(text: str) -> str:
    """A name or period without the footnote marks glued to it."""
    return cut_marks(text)[0]


def _figure(text: str, *, percent: bool = False, decimal_mark: Literal[".", "、", ","] = ".") -> float | None:
    """A number that stands without its operator, so that a bound (超过5%) would pass for the figure itself."""
    number = parse_number(text, percent=percent, decimal_mark=decimal_mark)
    if number.operator != "eq":
        raise NormaliseError(f"{text!r} is a bound or an approximation", "the figure itself")
    return number.value


def _within(field: Field, text: str, value: float | None) -> float | None:
    if value is None or field.within is None or field.within[0] <= value <= field.within[1]:
        return value
    low, high = field.within
    raise NormaliseError(f"{text!r} lies outside its range", f"a number from {low:g} to {high:g}")


def _whole(text: str) -> int:
    value = _figure(text)
    if value is None or value != int(value):
        raise NormaliseError(f"{text!r} is not a whole number", "a whole number")
    return int(value)


def _full_date(text: str) -> date:
    found = parse_date(text)
    if found.precision != "day":
        raise NormaliseError(f"{text!r} is not a full date", "year, month and day, such as 2024-10-11")
    return found.date
