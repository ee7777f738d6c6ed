"""`blue-ledger ledger`: the forms of the work ledger, and who has not returned his. Commands only parse, call and print."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from orchestration.options import HomeOption, JsonOption, UsageError, home_at, release_of

app = typer.Typer(help="The work ledger: forms to fill in, and who has not returned.", add_completion=False)


@app.command()
def template(
    month: Annotated[str, typer.Option("--month", help="Month of the return, such as 2026-11.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="FILE.xlsx, or with --all a folder.")],
    body: Annotated[
        str | None, typer.Option("--body", help="Department, county or zone, such as D05 or shouguang.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="One form for every body.")] = False,
    plan_version: Annotated[
        str | None, typer.Option("--plan-version", help="Default: the version that is followed.")
    ] = None,
) -> None:
    """The form that a body fills in for a month: its tasks and their actions, with cells that take only what is accepted."""
    from ingest import ledger, ledger_form
    from orchestration import marts
    from orchestration.settings import city_folder

    _require_month(month)
    if every == (body is not None):
        raise UsageError("expected either --body D05 or --all")
    version = plan_version or marts.parameter("plan_version")
    plan = marts.plan_version_row(version)
    owed: dict[str, list[ledger.Line]] = {}
    for line in ledger.lines(city_folder(), version):
        owed.setdefault(line.body_id, []).append(line)
    if body is not None and body not in owed:
        known = ", ".join(f"{id_} {lines[0].body_zh}" for id_, lines in owed.items())
        raise UsageError(f"--body: no such body {body}; the plan has {known}")
    if not every and output.suffix != ".xlsx":
        raise UsageError(f"-o {output}: the form's name ends in .xlsx")
    if every:
        output.mkdir(parents=True, exist_ok=True)
    status = plan["status_zh"] if plan["status"] == "draft" else ""
    for id_, lines in (owed if body is None else {body: owed[body]}).items():
        file = output / f"工作台账_{lines[0].body_zh}_{month}.xlsx" if every else output
        ledger_form.write_form(file, lines, month, plan["title_zh"], status)
        tasks = sum(line.action_id is None for line in lines)
        print(f"{id_} {lines[0].body_zh}: {tasks} tasks, {len(lines) - tasks} actions: {file}")


@app.command()
def missing(
    month: Annotated[
        str | None, typer.Option("--month", help="Such as 2026-10; default: the last one kept.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who has not returned, body by body, in the current release's ledger."""
    from warehouse.reader import run_query, write_result

    release = release_of(home_at(home))
    if month:
        _require_month(month)
    kept = run_query(release, "select distinct period from task_ledger order by 1")["period"].to_list()
    chosen = month or (kept[-1] if kept else None)
    if chosen not in kept:
        raise UsageError(f"--month: the ledger has no {chosen}; it has {', '.join(kept) or 'no month yet'}")
    frame = run_query(
        release,
        "select body_id as body, body_name_zh as 单位, count(*) filter (status = 'not_submitted') as 未报,"
        " count(*) as 应报, string_agg(case when status = 'not_submitted' then task_id end, ' ' order by task_id) as 未报任务,"
        f" case max(data_origin) when 'demo' then '演示' else '' end as 性质 from task_ledger where period = '{chosen}'"
        " group by all having count(*) filter (status = 'not_submitted') > 0 order by 未报 desc, body",
    )
    if as_json:
        print(json.dumps({"month": chosen, "bodies": frame.to_dicts()}, ensure_ascii=False, indent=1))
        return
    import sys

    if frame.height:
        write_result(frame, "table", sys.stdout)
    print(f"{chosen}: {frame.height} bodies have returns missing")


def _require_month(month: str) -> None:
    if not re.fullmatch(r"20\d{2}-(0[1-9]|1[0-2])", month):
        raise UsageError(f"--month {month}: expected a month such as 2026-11")
