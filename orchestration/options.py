"""What the commands share: options, the home, the release that readers see, how they refuse. Nothing slow is imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from warehouse.home import Home
    from warehouse.release import Release

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of all state; default BLUE_LEDGER_HOME, else ./data.")
]
SourcesOption = Annotated[
    Path | None, typer.Option("--sources", help="Another catalogue instead of the bundled one.")
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine", help="What builds the models: duckdb (default), or spark, which `make spark` sets up."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


class UsageError(Exception):
    """What was asked for does not exist, contradicts itself or makes no sense: `main` prints it and ends with 2."""


def home_at(path: Path | None) -> Home:
    """The home of --home; without it the environment's."""
    from warehouse.home import Home

    return Home.resolve(path)


def settings_of(home: Path | None, sources: Path | None = None, engine: str | None = None) -> Settings:
    """The environment's settings; options that were given win over it.

    Raises:
        SettingsError: as `Settings.from_environment`.
    """
    from orchestration.settings import Settings

    return Settings.from_environment(
        home=home_at(home) if home else None,
        sources_file=sources.absolute() if sources else None,
        engine=engine,
    )


def no_release(home: Home) -> str:
    """What is said where a home has had no good night yet."""
    return f"{home.root} holds no release yet; run `blue-ledger nightly` first"


def release_of(home: Home) -> Release:
    """The release that readers see.

    Raises:
        UsageError: there is none yet.
    """
    from warehouse.release import current_release

    release = current_release(home)
    if release is None:
        raise UsageError(no_release(home))
    return release


def fail(message: str, code: int) -> NoReturn:
    """End with a code, and one message on standard error instead of a traceback."""
    print(message, file=sys.stderr)
    sys.exit(code)
