"""No personal data in a release: every text of its tables and pages is looked at before it is sealed. Nothing is masked here.

What is searched for is what identifies a person by itself: a mainland mobile number, a resident identity number whose check
digit is right, a name that is announced as a person's. What was found is never repeated, only where.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import duckdb

from expectations.runner import CheckResult
from warehouse.engine import connect_reader, quote_literal, quote_name

SUBJECT, CHECK = "release", "no_personal_data"

_NUMBER = re.compile(
    r"(?<![0-9A-Za-z_.])(1[3-9][0-9]{9}|[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9Xx])"
    r"(?![0-9A-Za-z_]|\.[0-9])"
)
_ANNOUNCED = re.compile(
    r"(法定代表人|法人代表|联系人|经办人|户主|身份证号?码?|手机号?码?)\s*[:：]\s*([一-鿿]{2,4}|[0-9Xx]{11,18})"
)
#: an address may hold any number
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
#: a first look for the engine, that passes nothing over and is cheap over millions of cells
_SUSPECT = (
    r"\b(1[3-9][0-9]{9}|[1-8][0-9]{16}[0-9Xx])\b"
    r"|(法定代表人|法人代表|联系人|经办人|户主|身份证号?码?|手机号?码?)\s*[:：]"
)
#: columns that hold a figure as it was printed: a cell that is nothing but a number is one, not a telephone
_FIGURES = frozenset(
    ("after", "before", "growth_text", "printed", "unit_text", "used", "value", "value_before", "value_text")
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: hits of one column that are looked at one by one; where so many only look like identity numbers, they are serial numbers
_LOOKED_AT = 10_000
_PAGES = (".html", ".json", ".txt", ".csv", ".js", ".md", ".svg")
_PACKAGES = (".xlsx", ".docx")


def scan_tables(database: Path, markers: str = "", schemas: tuple[str, ...] = ("main", "meta")) -> list[str]:
    """Columns of a release's tables that hold personal data, each with how many cells; empty where none does.

    markers: characters that only invented persons' names hold; looked for in rows whose origin is demo.
    """
    found = []
    with connect_reader(database) as connection:
        for schema, table, columns, has_origin in _text_columns(connection, schemas):
            found += _of_table(connection, schema, table, columns, markers if has_origin else "")
    return found


def scan_files(folder: Path) -> list[str]:
    """Pages, texts, workbooks and documents below a folder that hold personal data, each with how many places."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in (*_PAGES, *_PACKAGES)):
        hits = sum(len(personal(text)) for text in _texts(path))
        if hits:
            found.append(f"{path.relative_to(folder).as_posix()}: {hits} places")
    return found


def result(found: list[str]) -> CheckResult:
    """The same as a check of the release, for its table of checks."""
    return CheckResult(
        suite=SUBJECT,
        subject=SUBJECT,
        subject_kind="mart",
        check=CHECK,
        column=None,
        severity="critical",
        status="failed" if found else "passed",
        description="No text of the release holds a mobile number, a resident identity number or a person's name that is"
        " announced as one, because personal data stays in landing.",
        unexpected_count=len(found),
        element_count=1,
        observed=f"{len(found)} columns or pages with personal data",
        samples=tuple(found[:10]),
    )


def personal(text: str) -> list[str]:
    """What of a text identifies a person. For looking at here only: it goes into no message."""
    text = _ADDRESS.sub(" ", text)
    numbers = [number for number in _NUMBER.findall(text) if len(number) == 11 or is_identity_number(number)]
    return numbers + [match[0] for match in _ANNOUNCED.finditer(text)]


def is_identity_number(number: str) -> bool:
    """Whether the last character of eighteen is the check digit of the others (GB 11643)."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def _text_columns(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...]
) -> list[tuple[str, str, list[str], bool]]:
    rows = connection.execute(
        "select schema_name, table_name, list(column_name order by column_index) filter (where data_type like '%VARCHAR%'),"
        " bool_or(column_name = 'data_origin') from duckdb_columns() where not internal and schema_name in "
        f"({', '.join(map(quote_literal, schemas))}) group by all order by all"
    ).fetchall()
    return [(schema, table, columns, origin) for schema, table, columns, origin in rows if columns]


def _of_table(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, columns: list[str], markers: str
) -> list[str]:
    """One pass over the table's rows as one text each; only where one is suspect are its columns looked at."""
    relation = f"{quote_name(schema)}.{quote_name(table)}"
    row = f"concat_ws(chr(10), {', '.join(f'{quote_name(column)}::varchar' for column in columns)})"
    suspect = f"regexp_matches({row}, {quote_literal(_SUSPECT)})"
    if markers:
        suspect += f" or (data_origin = 'demo' and regexp_matches({row}, {quote_literal(f'[{markers}]')}))"
    if not connection.execute(f"select exists (from {relation} where {suspect})").fetchall()[0][0]:
        return []
    counts = connection.execute(
        f"select {', '.join(f'count(*) filter (where {_suspect(column, markers)})' for column in columns)} from {relation}"
    ).fetchall()[0]
    found = []
    for column, count in zip(columns, counts, strict=True):
        if count and (real := _looked_at(connection, relation, column, count, markers)):
            found.append(f"{schema}.{table}.{column}: {real} cells")
    return found


def _suspect(column: str, markers: str) -> str:
    text = f"{quote_name(column)}::varchar"
    suspect = f"regexp_matches({text}, {quote_literal(_SUSPECT)})"
    if column in _FIGURES:
        suspect += f" and not regexp_full_match({text}, '[0-9]+')"
    parts = [f"({suspect})"]
    if markers:
        parts.append(f"(data_origin = 'demo' and regexp_matches({text}, {quote_literal(f'[{markers}]')}))")
    return " or ".join(parts)


def _looked_at(
    connection: duckdb.DuckDBPyConnection, relation: str, column: str, count: int, markers: str
) -> int:
    """How many of the suspect cells hold personal data; of very many, how many of the first."""
    rows = connection.execute(
        f"select {quote_name(column)}::varchar from {relation} where {_suspect(column, markers)} limit {_LOOKED_AT}"
    ).fetchall()
    marked = re.compile(f"[{markers}]") if markers else None
    real = sum(bool(personal(text) or (marked and marked.search(text))) for (text,) in rows)
    return count if real == len(rows) else real


def _texts(path: Path) -> Iterator[str]:
    if path.suffix.lower() in _PACKAGES:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if name.endswith(".xml"):
                    yield unescape(re.sub(r"<[^>]*>", " ", package.read(name).decode("utf-8", "replace")))
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix.lower() == ".json":
        yield from _strings(json.loads(text))  # numbers of JSON are figures
    else:
        yield unescape(text)


def _strings(content: object) -> Iterator[str]:
    left = [content]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            left += one
