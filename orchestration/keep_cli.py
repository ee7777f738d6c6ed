"""Commands that keep what the house has: `releases`, `backup`, `restore`, `rebuild`. They parse, call and print."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.options import (
    EngineOption,
    HomeOption,
    JsonOption,
    SourcesOption,
    UsageError,
    home_at,
    no_release,
    settings_of,
)
from warehouse.text import one_line

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from warehouse.backup import Contents

releases_app = typer.Typer(
    help="The releases that are kept, and which one readers see.", add_completion=False
)

EXIT_FOUND = 1  # a rebuild differs, a backup holds damaged files


class Releases(StrEnum):
    current = "current"
    all = "all"
    none = "none"


def register(app: typer.Typer) -> None:
    """Put the commands into the house's command line."""
    app.add_typer(releases_app, name="releases")
    for command in (backup, restore, rebuild):
        app.command()(command)


@releases_app.callback(invoke_without_command=True)
def releases(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every release: day, plan version, checks, size; which is current, in use, damaged, withdrawn."""
    if context.invoked_subcommand is None:
        list_releases(home, as_json)


@releases_app.command("list")
def list_releases(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every release, newest first, each compared with its manifest."""
    from warehouse import rollback

    settings = settings_of(home)
    lines = rollback.lines(settings.home)
    if as_json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=1))
        return
    if not lines:
        print(no_release(settings.home))
        return
    from rich.table import Table

    from warehouse.reader import print_table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("release", "built at (UTC)", "as of", "plan version", "demo", "checks", "MB", "state"):
        table.add_column(heading, justify="right" if heading == "MB" else "left", overflow="fold")
    for line in lines:
        told = [
            "current" if line.is_current else "",
            "in use" if line.is_in_use else "",
            "withdrawn" if line.withdrawn else "",
            f"damaged: {'; '.join(line.faults[:3])}" if line.faults else "",
        ]
        checks = "—" if line.passed is None else f"{line.passed} passed, {line.warned or 0} warned"
        table.add_row(
            line.id,
            (line.built_at or "—")[:19].replace("T", " "),
            line.as_of_date or "—",
            line.plan_version or "—",
            {True: "demo", False: "no", None: "—"}[line.demo],
            checks,
            f"{line.bytes / 1e6:,.1f}",
            ", ".join(part for part in told if part) or "whole",
        )
    print_table(table)
    for line in lines:
        if line.withdrawn:
            print(line.withdrawn)


@releases_app.command("use")
def use_release(
    release_id: Annotated[str, typer.Argument(help="A release, as `blue-ledger releases` lists it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for those who come after.")] = "",
    home: HomeOption = None,
) -> None:
    """Let readers see this release, in one step, after every file and row of it was verified.

    Going back withdraws what was current: no night publishes the same again until something other than the day changes.
    """
    from warehouse import rollback

    settings = settings_of(home)
    was, noted = rollback.use(settings.home, release_id, one_line(reason))
    print(f"current was {was or 'nothing'}")
    if noted:
        print(
            f"{noted}: a night that rests on the same is blocked (exit 3) until what was wrong is mended;"
            f" `blue-ledger releases use {noted.release_id}` takes it back"
        )
    elif was and release_id < was:
        print(f"{was} is damaged and so is not withdrawn: the next night builds its figures anew")
    print(f"current is {release_id}")


def backup(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A new file: .tar.gz, or .tar.")
    ] = None,
    releases: Annotated[
        Releases, typer.Option("--releases", help="Which releases go in; manifests always do.")
    ] = Releases.current,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="Only read this archive and compare every file with its hash."),
    ] = None,
    home: HomeOption = None,
    sources: SourcesOption = None,
) -> None:
    """What cannot be had again, as a plain archive: landing, decisions, inbox, configuration, reports, releases.

    May run at any time, also during a night. Exit 1 where something that was archived is damaged.
    """
    from warehouse import backup as archive

    if (output is None) == (verify is None):
        raise UsageError("backup: expected either -o FILE or --verify FILE")
    if verify:
        held = archive.verify(verify)
        print(f"{_told(held)}; every file as its hash says: {verify}")
        return
    assert output is not None  # either of the two was given
    settings = settings_of(home, sources)
    held = archive.write(
        settings.home, output.absolute(), _about(settings), _config(settings), releases.value
    )
    for fault in held.damage:
        print(f"damaged: {fault}")
    print(f"{_told(held)}; verified: {output}")
    if held.damage:
        raise typer.Exit(EXIT_FOUND)


def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `blue-ledger backup` wrote.")],
    home: HomeOption = None,
) -> None:
    """Bring a backup back as a new home. Verified before, verified on the disk, put in place at the end."""
    from warehouse import backup as archive

    place = home_at(home)
    held = archive.restore(file, place)
    print(f"{_told(held)}: {place.root}")
    print(f"current is {held.head.get('current') or 'nothing yet: `blue-ledger nightly` builds it'}")
    print("next: blue-ledger doctor --deep; blue-ledger rebuild --from-landing")


def rebuild(
    from_landing: Annotated[
        bool,
        typer.Option(
            "--from-landing", help="From the documents in landing, read anew; there is no other way."
        ),
    ] = False,
    release: Annotated[
        str | None, typer.Option("--release", help="Another release than the current one.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="A new folder that keeps what was built.")
    ] = None,
    engine: EngineOption = None,
    home: HomeOption = None,
    sources: SourcesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build a release once more from landing alone and compare every mart's rows with its manifest.

    Exit 0: all are identical. 1: one differs, or the documents are not to be had. Nothing is fetched, the home stays as it is.
    """
    from orchestration import rebuild as again
    from orchestration.settings import require_city
    from orchestration.spark import require_engine

    if not from_landing:
        raise UsageError("rebuild: say --from-landing")
    settings = settings_of(home, sources, engine)
    require_engine(settings)
    require_city()
    target = again.sealed(settings.home, release)
    if not as_json:
        print(
            f"rebuilding {target.id}, as of {target.manifest['as_of_date']}, from {settings.home.landing}",
            flush=True,
        )
    done = again.rebuild(settings, target, into.absolute() if into else None)
    if as_json:
        print(again.as_json(done))
    else:
        width = max(len(line.mart) for line in done.lines)
        for line in done.lines:
            rows = f"{line.rows:,}" if line.rows == line.rows_sealed else f"{line.rows_sealed} → {line.rows}"
            print(f"{line.state:<9}  {line.mart:<{width}}  {rows:>15} rows  {(line.hash or '—')[:12]}")
        for told in done.other:
            print(f"not as then: {told}")
        print(again.summary(done))
    if not done.is_identical:
        raise typer.Exit(EXIT_FOUND)


def _about(settings: Settings) -> dict[str, object]:
    from orchestration.settings import SEEDS, city_folder, project_version

    return {
        "code_version": project_version(),
        "demo": settings.demo,
        "catalogue": settings.sources_file.name,
        "bundled_city": city_folder() == SEEDS,
    }


def _config(settings: Settings) -> dict[str, Path]:
    """The catalogue, its corrections and the city's tables that are in use, by their name in the archive."""
    from ingest import corrections
    from orchestration.settings import city_folder

    beside = settings.sources_file.parent
    found = {f"catalogue/{settings.sources_file.name}": settings.sources_file}
    if (file := beside / corrections.FILE).is_file():
        found[f"catalogue/{file.name}"] = file
    city = city_folder()
    return found | {f"city/{path.relative_to(city).as_posix()}": path for path in city.rglob("*.csv")}


def _told(held: Contents) -> str:
    ids = held.head.get("holds_releases") or []
    which = f"releases {', '.join(ids)}" if ids else "no release"
    return f"backup of {held.head['made_at']}: {held.files:,} files, {held.bytes / 1e6:,.1f} MB, {which}"
