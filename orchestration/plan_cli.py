"""`blue-ledger plan`: the plan's versions in the city's folder, what of the folder does not hold, how two versions differ."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.city import Quote
    from ingest.city import Table as CityTable

EXIT_FAULTS = 2

app = typer.Typer(
    help="The plan as data: its versions, checks of the city's folder (BLUE_LEDGER_CITY), differences of two versions.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
def list_versions(as_json: JsonOption = False) -> None:
    """Every version of the plan: its status, whether it is the assessed one, and how many rows each table has of it."""
    from ingest import city
    from orchestration import settings

    settings.require_city()
    folder, tables = settings.city_folder(), settings.city_tables()
    found: list[str | None] = [
        row["parameter_value"]
        for _, row in city.read(folder, tables["plan_parameters"])
        if row["parameter_code"] == city.PLAN_VERSION
    ]
    [assessed] = found or [None]
    versioned = [table for table in tables.values() if table.is_versioned and table.name != "plan_versions"]
    counts = {
        table.name: Counter(row[city.PLAN_VERSION] for _, row in city.read(folder, table))
        for table in versioned
    }
    versions: list[dict[str, Any]] = [
        row
        | {
            "is_assessed": row[city.PLAN_VERSION] == assessed,
            "rows": {name: counted[row[city.PLAN_VERSION]] for name, counted in counts.items()},
        }
        for _, row in city.read(folder, tables["plan_versions"])
    ]
    if as_json:
        print(json.dumps({"folder": str(folder), "versions": versions}, ensure_ascii=False, indent=1))
        return
    for version in versions:
        note = ", assessed" if version["is_assessed"] else ""
        print(f"{version['plan_version']}  {version['status']} {version['status_zh']}{note}")
        print(f"  {version['title_zh']} · {version['issuer_zh']} · {version['issued_on'] or 'not dated'}")
        for name, rows in version["rows"].items():
            print(f"  {name:<24} {rows:>5}")


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Tables, columns, types, keys, references and quotes of the city's folder. Exit 2 where anything does not hold."""
    from ingest import city
    from orchestration import settings

    folder, tables = settings.city_folder(), settings.city_tables()
    faults = city.faults(folder, tables, quotes())
    if as_json:
        content = {"folder": str(folder), "faults": [asdict(fault) for fault in faults]}
        print(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            print(fault)
        print(f"{folder}: {len(tables)} tables, {len(faults) or 'no'} fault{'s' if len(faults) > 1 else ''}")
    if faults:
        raise typer.Exit(EXIT_FAULTS)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A version of the plan.")],
    new: Annotated[str, typer.Argument(help="The version that it is held against.")],
    as_json: JsonOption = False,
) -> None:
    """Rows added and removed and cells changed from one version of the plan to another, table by table."""
    from ingest import city
    from orchestration import settings

    found = city.compare(settings.city_folder(), settings.city_tables(), old, new)
    found.pop("plan_versions", None)  # that two versions are two says nothing
    if as_json:
        print(json.dumps({"old": old, "new": new, "tables": found}, ensure_ascii=False, indent=1))
        return
    if not found:
        print(f"{old} and {new} say the same")
        return
    _print_differences(found, settings.city_tables())


def quotes() -> dict[str, tuple[Quote, ...]]:
    """The columns in the words of the plan, as the suites of the plan's tables know them."""
    from expectations import plan
    from ingest.city import Quote

    return {
        table: tuple(
            Quote(column, (table, column) in plan.BRACKETS_SUPPLIED, table in plan.OF_NOTICE_TOO)
            for column in columns
        )
        for table, columns in plan.QUOTES.items()
    }


def _print_differences(
    found: dict[str, dict[str, list[dict[str, Any]]]], tables: Mapping[str, CityTable]
) -> None:
    from rich.table import Table

    from warehouse.reader import print_table

    shown = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("table", "row", "change", "column", "old", "new"):
        shown.add_column(name, overflow="fold")
    for name, difference in found.items():
        key = [column for column in tables[name].key if column != "plan_version"]
        for kind in ("removed", "added"):
            for row in difference[kind]:
                said = " · ".join(value for column, value in row.items() if value and column not in key)
                cells = (said, "") if kind == "removed" else ("", said)
                shown.add_row(name, " ".join(row[column] for column in key), kind, "", *cells)
        for cell in difference["changed"]:
            where = " ".join(cell["key"].values())
            shown.add_row(name, where, "changed", cell["column"], cell["old"] or "—", cell["new"] or "—")
    print_table(shown)
    totals = {kind: sum(len(d[kind]) for d in found.values()) for kind in ("added", "removed", "changed")}
    print(f"{totals['added']} rows added, {totals['removed']} removed, {totals['changed']} cells changed")
