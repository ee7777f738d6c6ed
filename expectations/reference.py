"""The reference tables that bounds are taken from: areas, indicators and targets. Nothing is checked here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

#: the level whose bounds an area's figures are held against; a zone is of a county's size
BOUNDS_OF_LEVEL = {
    "nation": "nation",
    "province": "province",
    "city": "city",
    "county": "county",
    "zone": "county",
}


class ReferenceFault(Exception):
    """A reference table is missing or wrong; the message names file, row and column and what was expected."""


@dataclass(frozen=True)
class Bound:
    """The plausible range of an indicator at one level, in its canonical unit; None leaves a side open."""

    indicator_code: str
    level: str
    low: float | None
    high: float | None


def rows(reference_dir: Path, name: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a reference table as text.

    Raises:
        ReferenceFault: there is no such file, or it lacks a needed column.
    """
    path = reference_dir / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            content = list(reader)
    except FileNotFoundError:
        raise ReferenceFault(f"{path}: there is no such file") from None
    if missing := [column for column in needed if column not in (reader.fieldnames or [])]:
        raise ReferenceFault(f"{path}: expected columns {missing}, found {reader.fieldnames}")
    return content


def area_levels(reference_dir: Path) -> dict[str, str]:
    """Area id to the level whose bounds hold for it."""
    levels: dict[str, str] = {}
    for line, row in enumerate(rows(reference_dir, "areas.csv", ("area_id", "area_level")), start=2):
        level = row["area_level"]
        if level not in BOUNDS_OF_LEVEL:
            known = ", ".join(BOUNDS_OF_LEVEL)
            raise ReferenceFault(
                f"areas.csv, line {line}, column area_level: {level!r}; expected one of {known}"
            )
        levels[row["area_id"]] = BOUNDS_OF_LEVEL[level]
    return levels


def bounds(reference_dir: Path) -> list[Bound]:
    """The bounds of every indicator at every level that has any; an empty cell leaves that side open."""
    levels = tuple(dict.fromkeys(BOUNDS_OF_LEVEL.values()))
    columns = tuple(f"{level}_{side}" for level in levels for side in ("min", "max"))
    found = []
    for line, row in enumerate(rows(reference_dir, "indicators.csv", ("indicator_code", *columns)), start=2):
        for level in levels:
            low, high = (_number(row, f"{level}_{side}", line) for side in ("min", "max"))
            if low is not None or high is not None:
                found.append(Bound(row["indicator_code"], level, low, high))
    return found


def indicator_units(reference_dir: Path) -> dict[str, str]:
    """Indicator code to its canonical unit, for those that state one."""
    table = rows(reference_dir, "indicators.csv", ("indicator_code", "unit"))
    return {row["indicator_code"]: row["unit"] for row in table if row["unit"]}


def quantified_targets(reference_dir: Path) -> list[tuple[str, str]]:
    """Plan version and id of every target that carries a number, in the plan's order."""
    table = rows(reference_dir, "plan/plan_targets.csv", ("plan_version", "target_id", "is_quantified"))
    return [
        (row["plan_version"], row["target_id"])
        for row in table
        if row["is_quantified"].strip().lower() == "true"
    ]


def target_indicators(reference_dir: Path) -> list[str]:
    """Codes of the indicators that the plan's targets are set on, in order of code."""
    table = rows(reference_dir, "plan/plan_targets.csv", ("indicator_code",))
    return sorted({row["indicator_code"] for row in table})


def effort_targets(reference_dir: Path) -> list[str]:
    """Ids of the targets that the plan only strives for: missing one once is a warning, not a failure."""
    table = rows(reference_dir, "plan_target_parameters.csv", ("target_id", "is_effort"))
    return [row["target_id"] for row in table if row["is_effort"].strip().lower() == "true"]


def text_parameter(reference_dir: Path, code: str) -> str:
    """A value of the parameter table as it stands there.

    Raises:
        ReferenceFault: no such parameter.
    """
    table = rows(reference_dir, "plan_parameters.csv", ("parameter_code", "parameter_value"))
    texts = [row["parameter_value"] for row in table if row["parameter_code"] == code]
    if len(texts) != 1:
        raise ReferenceFault(f"plan_parameters.csv: expected one row for {code!r}, found {len(texts)}")
    return texts[0]


def parameter(reference_dir: Path, code: str) -> float:
    """A number of the parameter table.

    Raises:
        ReferenceFault: no such parameter, or it is not a number.
    """
    table = rows(reference_dir, "plan_parameters.csv", ("parameter_code", "parameter_value"))
    texts = [row["parameter_value"] for row in table if row["parameter_code"] == code]
    try:
        return float(texts[0])
    except (IndexError, ValueError):
        raise ReferenceFault(
            f"plan_parameters.csv: expected one number for {code!r}, found {texts}"
        ) from None


def _number(row: dict[str, str], column: str, line: int) -> float | None:
    text = (row[column] or "").strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise ReferenceFault(
            f"indicators.csv, line {line}, column {column}: {text!r} is not a number"
        ) from None
