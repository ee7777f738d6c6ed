"""What a night is run with: home, catalogue, demo or not, which sources, which day. Read from arguments and environment."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ingest import catalogue, city, corrections
from ingest.snapshots import CITY_TIME
from warehouse.home import Home

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"  # the bundled city: what is read is city_folder()
CITY_TABLES = DBT_PROJECT / "models" / "_seeds.yml"
ROOMS = ("ingest", "dbt_project", "expectations", "warehouse", "orchestration")

CITY_VARIABLE = "BLUE_LEDGER_CITY"
SOURCES_VARIABLE = "BLUE_LEDGER_SOURCES"
DEMO_VARIABLE = "BLUE_LEDGER_DEMO"
ONLY_VARIABLE = "BLUE_LEDGER_ONLY"
TODAY_VARIABLE = "BLUE_LEDGER_TODAY"
ENGINE_VARIABLE = "BLUE_LEDGER_ENGINE"
ENGINES = ("duckdb", "spark")


class SettingsError(Exception):
    """A variable of the environment, or the home, cannot be used; the message names it and what was expected."""


@dataclass(frozen=True)
class Settings:
    """One night's settings. ``only``: ids of the sources to look at; empty means all. ``engine``: what builds the models."""

    home: Home
    sources_file: Path
    demo: bool = True
    only: tuple[str, ...] = ()
    engine: str = "duckdb"
    today: date = field(default_factory=lambda: datetime.now(UTC).astimezone(CITY_TIME).date())

    @classmethod
    def from_environment(cls, **given: object) -> Settings:
        """Arguments that are not None win over the environment, the environment over the defaults.

        Raises:
            SettingsError: a variable does not say what it is for, or the home or the city is not a folder.
        """
        env = os.environ
        city_folder()
        today = env.get(TODAY_VARIABLE)
        values: dict[str, Any] = {
            "home": Home.resolve(),
            "sources_file": Path(env.get(SOURCES_VARIABLE) or catalogue.BUNDLED_CATALOGUE),
            "demo": _yes_or_no(DEMO_VARIABLE, env.get(DEMO_VARIABLE) or "yes"),
            "only": tuple(name for name in env.get(ONLY_VARIABLE, "").split(",") if name),
            "engine": env.get(ENGINE_VARIABLE) or ENGINES[0],
        } | {name: value for name, value in given.items() if value is not None}
        if today:
            values["today"] = _day(TODAY_VARIABLE, today)
        if values["engine"] not in ENGINES:
            raise SettingsError(f"engine: expected {' or '.join(ENGINES)}, not {values['engine']!r}")
        root = values["home"].root
        if root.exists() and not root.is_dir():
            raise SettingsError(f"home {root} is not a folder")
        return cls(**values)

    def to_environment(self) -> None:
        """Hand the settings on to code that can only be reached by name, such as Dagster's code location."""
        os.environ[CITY_VARIABLE] = str(city_folder())
        os.environ["BLUE_LEDGER_HOME"] = str(self.home.root)
        os.environ[SOURCES_VARIABLE] = str(self.sources_file)
        os.environ[DEMO_VARIABLE] = "yes" if self.demo else "no"
        os.environ[ONLY_VARIABLE] = ",".join(self.only)
        os.environ[ENGINE_VARIABLE] = self.engine

    def catalogue(self) -> catalogue.Catalogue:
        return catalogue.load(self.sources_file)

    def corrections(self) -> tuple[corrections.Correction, ...]:
        """The corrections that stand beside the catalogue."""
        datasets = {source.id: source.dataset for source in self.catalogue().sources}
        return corrections.load(self.sources_file.parent / corrections.FILE, datasets)


def _yes_or_no(variable: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise SettingsError(f"{variable}: expected yes or no, not {text!r}")
    return text == "yes"


def _day(variable: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{variable}: {text!r} is not a day such as 2026-11-23") from error


def city_folder() -> Path:
    """The folder of all that belongs to the city: areas, names, indicators, the plan. Every process asks the environment.

    Raises:
        SettingsError: the variable names no folder.
    """
    folder = Path(os.environ.get(CITY_VARIABLE) or SEEDS).absolute()
    if not folder.is_dir():
        raise SettingsError(f"{CITY_VARIABLE}: there is no folder {folder}")
    return folder


def city_tables() -> dict[str, city.Table]:
    """The tables that a city's folder holds, as they are declared."""
    return city.declared(CITY_TABLES, SEEDS)


def require_city() -> None:
    """Told before anything is begun: a table or a column that the city's folder lacks.

    Raises:
        CityError: every such fault, with its file and column.
    """
    if faults := city.structure_faults(city_folder(), city_tables()):
        raise city.CityError(faults)


def project_version() -> str:
    """A hash of all code and of the city's tables, which together with the inputs decide what a release holds."""
    return _version_with(city_folder())


@cache
def _version_with(folder: Path) -> str:
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((PROJECT / room).rglob("*")):
            if path.suffix in (
                ".py",
                ".sql",
                ".yml",
                ".csv",
                ".json",
                ".html",
                ".css",
                ".js",
                ".txt",
            ) and not _is_made(path):
                digest.update(path.relative_to(PROJECT).as_posix().encode() + path.read_bytes())
    for path in sorted(folder.rglob("*.csv")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _is_made(path: Path) -> bool:
    """Whether a file is an input, or made by a run, and so no part of the code; the bundled city is hashed as a city is."""
    return path.is_relative_to(SEEDS) or any(
        part in ("target", "logs", "bundled", "__pycache__") for part in path.parts
    )
