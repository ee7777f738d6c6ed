"""The city's folder of tables: what is declared of them, and what of it does not hold. What the tables mean is not known here.

Declared are tables, columns, types, keys and references in the properties of dbt's seeds, so that they are said once. The
bundled city says where in a folder each table stands.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

PLAN_VERSION = "plan_version"
ITEMS = "int_plan_items"  # what clauses.items names lies in several tables at once
_FULL_TEXT = ("plan/plan_clauses.csv", "clause_text_zh")


@dataclass(frozen=True)
class Reference:
    """Columns whose values are to be found in another table; the last may name several, parted by ``separator``."""

    columns: tuple[str, ...]
    table: str
    fields: tuple[str, ...]
    separator: str | None


@dataclass(frozen=True)
class Table:
    """A table as declared. ``file``: its place in a folder; ``columns``: name to type; ``key``: empty where it has none."""

    name: str
    file: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    is_published: bool

    @property
    def is_versioned(self) -> bool:
        return PLAN_VERSION in self.columns


@dataclass(frozen=True)
class Quote:
    """A column that claims to be in the words of the plan.

    without_brackets: what stands in brackets is supplied by the editor. may_be_of_notice: rows of section 0 are named by the
    notice that came with the plan, whose text is not among the clauses.
    """

    column: str
    without_brackets: bool = False
    may_be_of_notice: bool = False


@dataclass(frozen=True)
class TableFault:
    """One thing that does not hold. ``line``: of the file, the header being 1; None where the whole table is meant."""

    file: str
    line: int | None
    column: str | None
    found: str
    expected: str

    def __str__(self) -> str:
        place = self.file + (f", line {self.line}" if self.line else "")
        place += f", column {self.column}" if self.column else ""
        return f"{place}: {self.found}; expected {self.expected}"


class CityError(Exception):
    """A city's folder cannot be used; the message holds every fault, one a line."""

    def __init__(self, faults: Sequence[TableFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


Row = dict[str, str]
#: rows of a table with the line on which each ends
Rows = list[tuple[int, Row]]


def declared(properties: Path, bundled: Path) -> dict[str, Table]:
    """The tables that every city's folder holds, by name; ``bundled``: the city whose folder shows their places."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    places = {path.stem: path.relative_to(bundled).as_posix() for path in bundled.rglob("*.csv")}
    found = {}
    for seed in yaml.load(properties.read_text(encoding="utf-8"), loader)["seeds"]:
        tests = [entry for entry in seed.get("data_tests", ()) if isinstance(entry, dict)]
        keys = [entry["primary_key"]["arguments"] for entry in tests if "primary_key" in entry]
        found[seed["name"]] = Table(
            name=seed["name"],
            file=places[seed["name"]],
            columns=seed["config"]["column_types"],
            key=tuple(keys[0]["columns"]) if keys else (),
            references=tuple(
                _reference(entry["foreign_key"]["arguments"]) for entry in tests if "foreign_key" in entry
            ),
            is_published="keys" in seed["config"].get("meta", {}),
        )
    return found


def structure_faults(folder: Path, tables: Mapping[str, Table]) -> list[TableFault]:
    """Tables that the folder lacks, and columns that a table lacks or has beyond those declared."""
    faults = []
    for table in tables.values():
        try:
            with (folder / table.file).open(encoding="utf-8-sig", newline="") as file:
                header = next(csv.reader(file), [])
        except FileNotFoundError:
            faults.append(
                TableFault(table.file, None, None, f"{folder} has no such table", _columns(table.columns))
            )
            continue
        except UnicodeDecodeError as error:
            faults.append(TableFault(table.file, None, None, f"not UTF-8: {error.reason}", "UTF-8"))
            continue
        faults += [
            TableFault(table.file, 1, name, "the table has no such column", _columns(table.columns))
            for name in table.columns
            if name not in header
        ]
        faults += [
            TableFault(table.file, 1, name, "the column is not declared, or twice", _columns(table.columns))
            for position, name in enumerate(header)
            if name not in table.columns or name in header[:position]
        ]
    return faults


def read(folder: Path, table: Table) -> Rows:
    """A table's rows as text, with their lines. Its structure is known to be good."""
    with (folder / table.file).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return [(reader.line_num, row) for row in reader]


def faults(
    folder: Path, tables: Mapping[str, Table], quotes: Mapping[str, Sequence[Quote]]
) -> list[TableFault]:
    """Everything that does not hold: structure, and where that is good types, keys, references and quotes.

    Quotes: the text of a version is its clauses in order; … parts fragments, each of which stands in that text as it is.
    """
    if found := structure_faults(folder, tables):
        return found
    rows = {name: read(folder, table) for name, table in tables.items()}
    if found := [fault for name, table in tables.items() for fault in _shapes(table, rows[name])]:
        return found
    for name, table in tables.items():
        found += _types(table, rows[name])
        found += _keys(table, rows[name])
        for reference in table.references:
            found += _references(table, rows[name], reference, rows)
        found += _quotes(table, rows[name], quotes.get(name, ()), rows)
    return found + _assessed_version(tables, rows)


def compare(
    folder: Path, tables: Mapping[str, Table], old: str, new: str
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What a version of the plan has beside another, per table: rows added and removed, and cells changed.

    Rows are the same where the rest of their key is; tables without a difference are left out.

    Raises:
        CityError: the folder is not well formed, or has no such version.
    """
    _require(structure_faults(folder, tables))
    known = [row[PLAN_VERSION] for _, row in read(folder, tables["plan_versions"])]
    expected = f"one of {', '.join(known)}"
    _require(
        TableFault(
            tables["plan_versions"].file, None, PLAN_VERSION, f"there is no version {version!r}", expected
        )
        for version in (old, new)
        if version not in known
    )
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for table in tables.values():
        if not table.is_versioned:
            continue
        before, after = (_of_version(table, read(folder, table), version) for version in (old, new))
        difference: dict[str, list[dict[str, Any]]] = {
            "added": [after[key] for key in after if key not in before],
            "removed": [before[key] for key in before if key not in after],
            "changed": [
                {"key": dict(key), "column": column, "old": before[key][column], "new": after[key][column]}
                for key in after
                if key in before
                for column in table.columns
                if column != PLAN_VERSION and before[key][column] != after[key][column]
            ],
        }
        if any(difference.values()):
            found[table.name] = difference
    return found


def _of_version(table: Table, rows: Rows, version: str) -> dict[tuple[tuple[str, str], ...], Row]:
    names = [name for name in table.key or table.columns if name != PLAN_VERSION]
    return {
        tuple((name, row[name]) for name in names): {n: v for n, v in row.items() if n != PLAN_VERSION}
        for _, row in rows
        if row[PLAN_VERSION] == version
    }


def _require(found: Iterable[TableFault]) -> None:
    if found := list(found):
        raise CityError(found)


def _columns(names: Iterable[str]) -> str:
    return "the columns " + ", ".join(names)


def _reference(arguments: dict[str, Any]) -> Reference:
    table = re.fullmatch(r"ref\('(\w+)'\)", arguments["to"])
    if table is None:
        raise ValueError(f"foreign_key, to: expected ref('…'), found {arguments['to']!r}")
    return Reference(
        tuple(arguments["columns"]), table[1], tuple(arguments["fields"]), arguments.get("separator")
    )


def _shapes(table: Table, rows: Rows) -> list[TableFault]:
    return [
        TableFault(
            table.file, line, None, "more or fewer cells than the header", f"{len(table.columns)} cells"
        )
        for line, row in rows
        if None in row or None in row.values()
    ]


def _types(table: Table, rows: Rows) -> list[TableFault]:
    checks: dict[str, tuple[Callable[[str], object], str]] = {
        "integer": (re.compile(r"-?\d+").fullmatch, "a whole number"),
        "double": (_is_number, "a number"),
        "boolean": (("true", "false").__contains__, "true or false"),
        "date": (_is_day, "a day such as 2026-11-23"),
    }
    return [
        TableFault(table.file, line, column, repr(row[column]), expected)
        for column, kind in table.columns.items()
        if kind in checks
        for is_good, expected in [checks[kind]]
        for line, row in rows
        if row[column] and not is_good(row[column])
    ]


def _keys(table: Table, rows: Rows) -> list[TableFault]:
    found: list[TableFault] = []
    first: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        for column in table.key:
            if not row[column]:
                found.append(
                    TableFault(table.file, line, column, "empty", "a value, because it is of the key")
                )
        key = tuple(row[column] for column in table.key)
        if key and all(key) and first.setdefault(key, line) != line:
            found.append(
                TableFault(
                    table.file,
                    line,
                    ", ".join(table.key),
                    f"{' '.join(key)} stands in line {first[key]} already",
                    "each once",
                )
            )
    return found


def _references(
    table: Table, rows: Rows, reference: Reference, all_rows: Mapping[str, Rows]
) -> list[TableFault]:
    known = _items(all_rows) if reference.table == ITEMS else _values(all_rows[reference.table], reference)
    *outer, last = reference.columns
    found = []
    for line, row in rows:
        names = row[last].split(reference.separator) if reference.separator else [row[last]]
        for name in names if row[last] else ():
            if (*(row[column] for column in outer), name) not in known:
                of = f" of {' '.join(row[column] for column in outer)}" if outer else ""
                place = "the plan's tables" if reference.table == ITEMS else reference.table
                found.append(TableFault(table.file, line, last, repr(name), f"what {place} has{of}"))
    return found


def _values(rows: Rows, reference: Reference) -> set[tuple[str, ...]]:
    return {tuple(row[field] for field in reference.fields) for _, row in rows}


def _items(rows: Mapping[str, Rows]) -> set[tuple[str, str]]:
    """What a clause may name, as the model int_plan_items says it."""
    named = {
        "targets": "target_id",
        "rules": "rule_id",
        "tasks": "task_id",
        "task_actions": "action_id",
        "obligations": "obligation_id",
        "industries": "taxonomy_code",
        "area_industries": "area_id",
    }
    return {
        (row[PLAN_VERSION], f"{kind}:{row[column]}")
        for kind, column in named.items()
        for _, row in rows[f"plan_{kind}"]
    }


def _quotes(
    table: Table, rows: Rows, quotes: Sequence[Quote], all_rows: Mapping[str, Rows]
) -> list[TableFault]:
    texts: dict[str, str] = {}
    for _, clause in sorted(all_rows["plan_clauses"], key=lambda numbered: numbered[1]["clause_id"]):
        texts[clause[PLAN_VERSION]] = texts.get(clause[PLAN_VERSION], "") + clause[_FULL_TEXT[1]]
    found = []
    for quote in quotes:
        for line, row in rows:
            if quote.may_be_of_notice and row["plan_section"] == "0":
                continue
            text = texts.get(row[PLAN_VERSION], "")
            words = row[quote.column]
            if quote.without_brackets:
                words = re.sub(r"[((][^()()]*[))]", "", words)
            found += [
                TableFault(
                    table.file, line, quote.column, repr(fragment), "words of the plan, as in plan_clauses"
                )
                for fragment in words.split("…")
                if fragment not in text
            ]
    return found


def _assessed_version(tables: Mapping[str, Table], rows: Mapping[str, Rows]) -> list[TableFault]:
    """The version that the parameters say is assessed is one of those there are."""
    known = [row[PLAN_VERSION] for _, row in rows["plan_versions"]]
    named = [
        (line, row["parameter_value"])
        for line, row in rows["plan_parameters"]
        if row["parameter_code"] == PLAN_VERSION
    ]
    file = tables["plan_parameters"].file
    if not named:
        return [
            TableFault(file, None, "parameter_code", f"no row {PLAN_VERSION}", "the version that is assessed")
        ]
    return [
        TableFault(file, line, "parameter_value", repr(version), f"one of {', '.join(known)}")
        for line, version in named
        if version not in known
    ]


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
