"""What a night is run with: home, catalogue, demo or not, which sources, which day. Read from arguments and environment."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from ingest import catalogue
from ingest.snapshots import CITY_TIME
from warehouse.home import Home

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"
ROOMS = ("ingest", "dbt_project", "expectations", "warehouse", "orchestration")

SOURCES_VARIABLE = "BLUE_LEDGER_SOURCES"
DEMO_VARIABLE = "BLUE_LEDGER_DEMO"
ONLY_VARIABLE = "BLUE_LEDGER_ONLY"
TODAY_VARIABLE = "BLUE_LEDGER_TODAY"


@dataclass(frozen=True)
class Settings:
    """One night's settings. ``only``: ids of the sources to look at; empty means all."""

    home: Home
    sources_file: Path
    demo: bool = True
    only: tuple[str, ...] = ()
    today: date = field(default_factory=lambda: datetime.now(UTC).astimezone(CITY_TIME).date())

    @classmethod
    def from_environment(cls, **given: object) -> Settings:
        """Arguments that are not None win over the environment, the environment over the defaults."""
        env = os.environ
        today = env.get(TODAY_VARIABLE)
        values = {
            "home": Home.resolve(),
            "sources_file": Path(env.get(SOURCES_VARIABLE, catalogue.BUNDLED_CATALOGUE)),
            "demo": env.get(DEMO_VARIABLE, "yes") != "no",
            "only": tuple(name for name in env.get(ONLY_VARIABLE, "").split(",") if name),
        } | {name: value for name, value in given.items() if value is not None}
        if today:
            values["today"] = date.fromisoformat(today)
        return cls(**values)

    def to_environment(self) -> None:
        """Hand the settings on to code that can only be reached by name, such as Dagster's code location."""
        os.environ["BLUE_LEDGER_HOME"] = str(self.home.root)
        os.environ[SOURCES_VARIABLE] = str(self.sources_file)
        os.environ[DEMO_VARIABLE] = "yes" if self.demo else "no"
        os.environ[ONLY_VARIABLE] = ",".join(self.only)

    def catalogue(self) -> catalogue.Catalogue:
        return catalogue.load(self.sources_file)


@cache
def project_version() -> str:
    """A hash of all code and tables that decide what a release holds."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((PROJECT / room).rglob("*")):
            if path.suffix in (".py", ".sql", ".yml", ".csv", ".json", ".html") and not _is_made(path):
                digest.update(path.relative_to(PROJECT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _is_made(path: Path) -> bool:
    return any(part in ("target", "logs", "bundled", "__pycache__") for part in path.parts)
