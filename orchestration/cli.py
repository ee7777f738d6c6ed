"""The command line `blue-ledger`. Commands only parse, call and print; slow libraries are imported where they are needed."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration import alerts_cli, bi_cli, keep_cli, ledger_cli, plan_cli, publish_cli, review_cli
from orchestration.options import (
    EngineOption,
    HomeOption,
    JsonOption,
    SourcesOption,
    UsageError,
    fail,
    home_at,
    release_of,
    settings_of,
)
from warehouse.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from ingest.quarantine import Entry
    from orchestration.night import Ending
    from orchestration.settings import Settings
    from warehouse.freshness import Freshness
    from warehouse.home import Home
    from warehouse.release import Release

EXIT_CRASHED, EXIT_USAGE, EXIT_BLOCKED, EXIT_STALE = 1, 2, 3, 4

app = typer.Typer(
    name="blue-ledger",
    help="Blue Ledger (蓝账): the ledger of a city's marine-economy plan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
sources_app = typer.Typer(
    help="The catalogue: what is fetched, how old it is, what is overdue.", add_completion=False
)
app.add_typer(sources_app, name="sources")
app.add_typer(review_cli.app, name="review")
app.add_typer(ledger_cli.app, name="ledger")
app.add_typer(plan_cli.app, name="plan")
app.add_typer(bi_cli.app, name="bi")
app.add_typer(alerts_cli.app, name="alerts")
app.add_typer(publish_cli.app, name="publish")
keep_cli.register(app)

AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="What was known on that day, built from landing."),
]


class QueryFormat(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class ExportFormat(StrEnum):
    xlsx = "xlsx"
    csv = "csv"
    parquet = "parquet"
    bulletin = "bulletin"
    bulletin_template = "bulletin-template"
    targets_pdf = "targets-pdf"


def main() -> None:
    """Entry point: errors that a person can act on are printed without a traceback."""
    from ingest.catalogue import CatalogueError
    from ingest.city import CityError
    from ingest.corrections import CorrectionError
    from ingest.linkage.decisions import DecisionError
    from orchestration.alert_settings import AlertsError
    from orchestration.settings import SettingsError
    from warehouse.backup import BackupError
    from warehouse.home import HomeBusy
    from warehouse.reader import QueryRefused
    from warehouse.release import ReleaseError
    from warehouse.review import ReviewError
    from warehouse.terminal import VisibleStream

    # messages repeat what publishers and submitters wrote: it is shown, never obeyed by the terminal
    sys.stdout, sys.stderr = VisibleStream(sys.stdout), VisibleStream(sys.stderr)

    bad_usage = (
        AlertsError, CatalogueError, CityError, CorrectionError, DecisionError, SettingsError, UsageError, QueryRefused,
        ReviewError,
    )  # fmt: skip
    try:
        app()
    except bad_usage as error:
        fail(str(error), EXIT_USAGE)
    # of the last: a full disk, a folder that cannot be written
    except (BackupError, HomeBusy, ReleaseError, OSError) as error:
        fail(str(error), EXIT_CRASHED)


@app.command()
def nightly(
    home: HomeOption = None,
    sources: SourcesOption = None,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Only what is really published or submitted.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Look only at this source; repeatable.")
    ] = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch, take, build, audit, publish.

    Exit 0: published, or nothing new. 3: blocked by critical checks. 1: crashed. 2: bad usage or configuration.
    The last line of standard output names the release, or the reason.
    """
    from ingest.linkage import decisions as link_decisions
    from orchestration.run import run_nightly
    from orchestration.settings import Settings, require_city
    from orchestration.spark import require_engine

    settings = Settings.from_environment(
        home=home_at(home) if home else None,
        sources_file=sources.absolute() if sources else None,
        demo=False if no_demo else None,
        only=tuple(only) if only else None,
        engine=engine,
    )
    # faults of what is declared and decided are told before anything is begun
    require_engine(settings)
    require_city()
    settings.corrections()
    link_decisions.load(settings.home.decisions)
    known = {source.id for source in settings.catalogue().enabled(demo=settings.demo)}
    if unknown := sorted(set(settings.only) - known):
        raise UsageError(
            f"--only: no such source {', '.join(unknown)}; the catalogue has {', '.join(sorted(known))}"
        )

    display = _StageDisplay(quiet=as_json)
    ending = run_nightly(settings, display)
    from warehouse.release import current_release

    release = current_release(settings.home) if ending.outcome in ("published", "unchanged") else None
    if as_json:
        print(json.dumps(asdict(ending), ensure_ascii=False, indent=1))
    else:
        for warning in ending.warnings:
            print(f"warning: {one_line(warning)}")
        if release:
            _print_progress(release)
        if ending.changes:
            print(f"changes  {one_line(ending.changes)}")
        _print_ending(ending, settings.home, release)
    code = {"published": 0, "unchanged": 0, "blocked": EXIT_BLOCKED}.get(ending.outcome, EXIT_CRASHED)
    raise typer.Exit(code)


@app.command()
def status(
    home: HomeOption = None,
    as_of: AsOfOption = None,
    fail_stale: Annotated[
        float | None,
        typer.Option(
            "--fail-stale", min=0, help="Exit 4 unless the release is whole and younger than so many hours."
        ),
    ] = None,
    alert: Annotated[
        bool,
        typer.Option(
            "--alert", help="With --fail-stale: tell the channels of alerts.yml, and when it is over."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Progress of the plan in the current release: target, value, period, ratio, status, gap, origin; and its age.

    With --fail-stale, exit 4: the release is too old, damaged, or there is none.
    """
    from warehouse import freshness
    from warehouse.progress import plan_progress

    if alert and fail_stale is None:
        raise UsageError("--alert needs --fail-stale HOURS")
    if as_of and fail_stale is not None:
        raise UsageError("--fail-stale is about the current release, --as-of about an earlier day: not both")
    found = freshness.look(home_at(home))
    limit = freshness.STALE_AFTER if fail_stale is None else timedelta(hours=fail_stale)
    stale = found.staleness(limit)
    if fail_stale is not None:
        _watch(home_at(home), found, limit, alert)
    release = _release(home, as_of)
    # a release whose id tells no time is of no known age
    hours = None if found.age is None else round(found.age / timedelta(hours=1), 1)
    age = {} if as_of else {"age_hours": hours, "stale": stale}
    if as_json:
        rows = [asdict(row) for row in plan_progress(release)]
        content = {"release": release.id, **age, "targets": rows}
        print(json.dumps(content, ensure_ascii=False, indent=1, default=str))
        return
    _print_progress(release)
    print(f"release {release.id}: {release.path}")
    if found.age is None and not as_of:
        print(f"age     unknown 不详: {stale}")
    elif found.age is not None and not as_of:
        words, words_zh = freshness.in_words(found.age), freshness.in_words_zh(found.age)
        print(f"age     {words} 版本已发布 {words_zh}" + (f" · STALE 版本过旧: {stale}" if stale else ""))


def _watch(home: Home, found: Freshness, limit: timedelta, alert: bool) -> None:
    """The dead man's switch: say on standard error that the release is stale, tell the channels, and end with 4."""
    stale = found.staleness(limit)
    if alert:
        from orchestration import alerts

        try:
            problems = alerts.tell(home, alerts.of_release(found, limit), {"stale"})
        except Exception as error:
            if not stale:
                raise
            problems = [f"alerts: nobody was told: {error}"]  # and yet the answer is that it is stale
        for problem in problems:
            print(f"warning: {one_line(problem)}", file=sys.stderr)
    if stale:
        fail(f"stale: {one_line(stale)}", EXIT_STALE)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SQL statement that reads the current release.")],
    home: HomeOption = None,
    as_of: AsOfOption = None,
    as_format: Annotated[
        QueryFormat, typer.Option("--format", help="How rows are written.")
    ] = QueryFormat.table,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File instead of standard output.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.001, help="Seconds after which the question is given up.")
    ] = 60.0,
) -> None:
    """Read-only SQL on the current release. No other file can be read and nothing can be written by it."""
    from warehouse.reader import run_query, write_result

    frame = run_query(_release(home, as_of), sql, timeout_s=timeout)
    if as_format is QueryFormat.parquet and output is None and sys.stdout.isatty():
        raise UsageError("--format parquet needs -o FILE")
    # a terminal shows text; a pipe takes the data as they are
    text = sys.stdout if sys.stdout.isatty() else getattr(sys.stdout, "trusted", sys.stdout)
    stream = sys.stdout.buffer if as_format is QueryFormat.parquet else text
    write_result(frame, as_format.value, output or stream)


@app.command()
def export(
    what: Annotated[
        ExportFormat,
        typer.Argument(
            help="xlsx: the workbook. csv, parquet: a file for every mart. bulletin: the monthly bulletin (docx)."
            " bulletin-template: the template it is made from, to be edited in Word. targets-pdf: one page of targets."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="The file; for csv and parquet a folder, made where it is missing."
        ),
    ],
    mart: Annotated[
        list[str] | None, typer.Option("--mart", help="csv, parquet, xlsx: only this mart; repeatable.")
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(
            "--month",
            help="bulletin: YYYY-MM; default the month of the release. Past ones as known at their end.",
        ),
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="bulletin: another template instead of the bundled one.")
    ] = None,
    home: HomeOption = None,
    as_of: AsOfOption = None,
) -> None:
    """A release as others read it: marts as files, the workbook, the monthly bulletin, the page of targets."""
    from warehouse.export import copy_template, export_marts, export_targets_pdf, export_workbook
    from warehouse.papers import ExportError

    kind, marts = what.value, tuple(mart or ())
    for option, given, takes in (
        ("--mart", mart, ("xlsx", "csv", "parquet")),
        ("--month", month, ("bulletin",)),
        ("--template", template, ("bulletin",)),
        ("--as-of", as_of, ("xlsx", "csv", "parquet", "bulletin", "targets-pdf")),
    ):
        if given and kind not in takes:
            raise UsageError(f"{option} is for {', '.join(takes)}, not for {kind}")
    try:
        match kind:
            case "bulletin":
                _export_bulletin(output, month, template, home, as_of)
            case "bulletin-template":
                print(f"template: {copy_template(output)}")
            case "xlsx":
                sheets = export_workbook(_release(home, as_of), output, marts)
                print(f"{sum(bool(sheet.name) for sheet in sheets) + 1} sheets: {output}")
                for sheet in sheets:
                    if not sheet.name:
                        print(f"left out {sheet.title}: {sheet.rows:,} rows; --mart asks for it")
            case "targets-pdf":
                export_targets_pdf(_release(home, as_of), output)
                print(f"1 page: {output}")
            case "csv" | "parquet":
                files = export_marts(_release(home, as_of), output, kind, marts)
                print(f"{len(files)} files: {output}")
    except ExportError as error:
        raise UsageError(str(error)) from error


def _export_bulletin(
    output: Path, month: str | None, template: Path | None, home: Path | None, as_of: datetime | None
) -> None:
    """A month that is past is told as it was known on its last day, unless another day is asked for."""
    from warehouse.export import export_bulletin
    from warehouse.papers import ExportError, Papers, parse_month

    current = release_of(home_at(home))
    known_to = Papers(current).head["as_of"]
    told = parse_month(month or f"{known_to:%Y-%m}")
    if told.first > known_to:
        raise ExportError(f"--month {told.text}: the month lies ahead; the release knows up to {known_to}")
    if as_of is not None and as_of.date() < told.first:
        raise ExportError(f"--as-of {as_of.date()}: the day lies before {told.text} begins")
    if as_of is None and told.last < known_to:
        as_of = datetime.combine(told.last, datetime.min.time())
    written = export_bulletin(_release(home, as_of), told, output, template)
    for note in written.notes:
        print(f"warning: {note}", file=sys.stderr)
    as_known = as_of.date() if as_of else known_to
    print(
        f"bulletin of {told.text} as known on {as_known}, {written.figures} figures with a footnote: {output}"
    )


@app.command()
def trace(
    mart: Annotated[str, typer.Argument(help="A mart of the current release.")],
    column: Annotated[str, typer.Argument(help="The column whose figure is asked about.")],
    where: Annotated[str, typer.Option("--where", help="SQL condition that says which row.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every source cell behind a figure: file, cell, text as printed, publication; and the formula."""
    from warehouse import trace as tracing
    from warehouse.reader import print_table

    found = tracing.trace(release_of(home_at(home)), mart, column, where)
    if as_json:
        print(json.dumps(tracing.as_json(found), ensure_ascii=False, indent=1, default=str))
    else:
        print_table(tracing.render(found))


@app.command()
def explain(
    target_id: Annotated[str, typer.Argument(help="A target of the plan, such as TG03.")],
    plan_version: Annotated[
        str | None, typer.Option("--plan-version", help="Another version of the plan than the one in force.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """One target: clause, definition, method, base, history, sources; what stands in for what, and why."""
    from warehouse import explain as explaining
    from warehouse.reader import print_table

    found = explaining.explain(release_of(home_at(home)), target_id, plan_version)
    if as_json:
        print(json.dumps(explaining.as_json(found), ensure_ascii=False, indent=1, default=str))
    else:
        print_table(explaining.render(found))


@app.command()
def quarantine(
    source: Annotated[str | None, typer.Option("--source", help="Only this source.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Workbook in Chinese, to send back to the submitters."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rows of the last night that could not be placed: where they stand, what is wrong, what was expected."""
    from ingest import quarantine as store

    folder = home_at(home).quarantine
    entries = store.read_index(folder)
    if entries is None:
        raise UsageError(f"{folder.parent} has seen no night yet; run `blue-ledger nightly` first")
    known = sorted({entry.source_id for entry in entries})
    if source and source not in known:
        raise UsageError(f"--source: the last night looked at no {source}; it looked at {', '.join(known)}")
    entries = [entry for entry in entries if source in (None, entry.source_id)]
    if output:
        if output.suffix != ".xlsx":
            raise UsageError(f"-o {output}: the workbook's name ends in .xlsx")
        told = store.write_workbook(output, folder, entries)
        print(f"{told} faults, one a line: {output}")
        return
    _print_quarantine(store.rejections(folder, entries), entries, as_json)


@sources_app.callback(invoke_without_command=True)
def list_sources(
    context: typer.Context,
    home: HomeOption = None,
    sources: SourcesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every source: last retrieval, freshness, what is overdue."""
    if context.invoked_subcommand:
        return
    from orchestration.run import describe_sources

    settings = settings_of(home, sources)
    rows = describe_sources(settings)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    from rich.table import Table

    from warehouse.reader import print_table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("source", "来源", "origin", "last look", "documents", "newest figure", "state"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(
            row["source_id"],
            row["title_zh"],
            row["data_origin"],
            row["last_look"] or "never",
            str(row["documents"]),
            row["published_to"] or "—",
            row["state"],
        )
    print_table(table)


@sources_app.command("check")
def check_sources(sources: SourcesOption = None) -> None:
    """Validate the catalogue; names every entry and field that is wrong."""
    settings = settings_of(None, sources)
    catalogue = settings.catalogue()
    enabled = sum(source.enabled for source in catalogue.sources)
    corrections = len(settings.corrections())
    print(
        f"{settings.sources_file.name}: {len(catalogue.sources)} sources, {enabled} enabled,"
        f" {corrections} corrections, no fault"
    )


@app.command()
def demo(
    companies: Annotated[int, typer.Option("--companies", help="Companies in the register.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same files.")] = 20241011,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; default: the home's, for the next night.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Synthetic registers at any scale, for trials and benchmarks. Never real: every file says 演示."""
    from ingest import demo as generator
    from orchestration.settings import city_folder

    folder = out or settings_of(home).home.ensure().demo
    try:
        files = generator.generate(folder, companies=companies, seed=seed, plan_dir=city_folder())
    except generator.DemoError as error:
        raise UsageError(str(error)) from error
    for name, path in files.items():
        print(f"{name:<24} {path.stat().st_size / 1e6:>9.2f} MB  {path.name}")
    print(f"{companies:,} companies, seed {seed}: {folder}")


@app.command()
def serve(
    home: HomeOption = None,
    sources: SourcesOption = None,
    port: Annotated[
        int, typer.Option("--port", help="Dagster's UI; the release is served on the next port.")
    ] = 3000,
) -> None:
    """Dagster's UI and scheduler with the nightly schedule on, and the current release, on loopback only."""
    from orchestration.serve import serve as run
    from orchestration.settings import require_city

    settings = settings_of(home, sources)
    require_city()
    settings.catalogue()
    raise typer.Exit(run(settings, port))


@app.command()
def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Also every document, snapshot and release against its hash; reads all of them."
        ),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the installation, the home, versions, locks, free disk and the age of the last release."""
    from orchestration.doctor import examine

    settings = settings_of(home)
    findings = examine(settings)
    if deep:
        from orchestration import inspection

        findings += inspection.examine(settings)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            print(f"{finding.state:<5} {finding.subject:<14} {finding.text}")
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(EXIT_CRASHED)


class _StageDisplay:
    """One line per stage on a terminal or in a log."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet

    def __call__(self, name: str, text: str, seconds: float | None) -> None:
        if self._quiet:
            return
        if seconds is None:
            if sys.stdout.isatty():
                print(f"  {name:<8} …", end="\r", flush=True)
            return
        print(f"  {name:<8} {seconds:>6.1f} s  {text}", flush=True)


def _print_quarantine(rows: pl.DataFrame, entries: Sequence[Entry], as_json: bool) -> None:
    if as_json:
        documents = [asdict(entry) for entry in entries]
        print(json.dumps({"documents": documents, "rows": rows.to_dicts()}, ensure_ascii=False, indent=1))
        return
    from warehouse.reader import write_result

    if rows.height:
        shown = ("source_id", "document", "source_locator", "field", "value_text", "reason", "expected")
        write_result(rows.select(shown), "table", sys.stdout)
    for entry in entries:
        for refusal in entry.refusals:
            print(f"refused: {entry.source_id}: {one_line(refusal)}")
    counts = {
        name: sum(getattr(entry, name) for entry in entries)
        for name in ("rows_in", "rows_raw", "rows_quarantined", "rows_furniture")
    }
    print(
        f"{counts['rows_in']:,} input rows = {counts['rows_raw']:,} in raw"
        f" + {counts['rows_quarantined']:,} in quarantine"
        f" + {counts['rows_furniture']:,} headers, notes, blanks and other furniture"
    )


def _print_progress(release: Release) -> None:
    from warehouse.progress import plan_progress, render
    from warehouse.reader import print_table, run_query

    print_table(render(plan_progress(release)))
    [(version, title, status, day)] = run_query(release, _BANNER).rows()
    print(f"{title} ({version}){f'【{status}】' if status else ''} · as known on {day}")


# the plan's name, and while it is a draft that it is one
_BANNER = """
    select plan_version, versions.title_zh, case when status = 'draft' then versions.status_zh end, as_of_date::varchar
    from meta.release inner join plan_versions as versions using (plan_version)
"""


def _print_ending(ending: Ending, home: Home, release: Release | None) -> None:
    match ending.outcome:
        case "published":
            assert release is not None  # the night has just published it
            print(f"report   {release.path / 'reports' / 'night.html'}")
            print(f"release  {release.path}")
        case "unchanged":
            assert release is not None  # nothing is new beside it
            print(f"nothing new: {ending.message}; the current release stays: {release.path}")
        case "blocked":
            print(f"report   {home.reports / 'last_night.html'}")
            print(f"blocked, nothing published: {one_line(ending.message)}")
        case _:
            print(f"report   {home.reports / 'last_night.html'}")
            print(f"crashed, nothing published: {one_line(ending.message)}")


def _release(home: Path | None, as_of: datetime | None) -> Release:
    """The current release, or the marts as they were known on a day, with demo or without as the release is."""
    release = release_of(home_at(home))
    if as_of is None:
        return release
    from orchestration.as_of import AsOfError, known_on
    from orchestration.settings import Settings

    settings = Settings.from_environment(home=home_at(home), demo=release.manifest.get("demo"))
    _require_catalogue_of(release, settings)
    try:
        return known_on(settings, as_of.date())
    except AsOfError as error:
        raise UsageError(str(error)) from error


def _require_catalogue_of(release: Release, settings: Settings) -> None:
    """Landing is read by a catalogue's entries: by one without the release's sources a day is told without their figures."""
    known = {source.id for source in settings.catalogue().enabled(demo=settings.demo)}
    missing = sorted({document["source"] for document in release.manifest["inputs"]} - known)
    if missing:
        raise UsageError(
            f"--as-of: {settings.sources_file} is not the catalogue of the current release: it uses no source"
            f" {', '.join(missing)}. BLUE_LEDGER_SOURCES names the one that the nights use; after a change run a night first"
        )


os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")

if __name__ == "__main__":
    main()
