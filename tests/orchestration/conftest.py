"""A home in a temporary folder, and releases of one small mart with a report, as a night would seal them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import pytest

from orchestration.settings import Settings
from warehouse import release as releases
from warehouse.home import Home
from warehouse.release import ColumnSpec, MartSpec, Release

GAPS = MartSpec(
    "data_gaps", ("area_id",), "数据缺口", "Gaps", (ColumnSpec("area_id", "varchar", "区域", "Area"),)
)
MANIFEST = {"built_at": "2026-11-23T02:15:03+00:00", "code_version": "x", "inputs": [], "checks": {}}


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path / "home").ensure()


@pytest.fixture
def settings(home) -> Settings:
    return Settings.from_environment(home=home)


@pytest.fixture
def publish(home) -> Callable[..., Release]:
    """Seal a release of this id whose report, and whose site's first page if it is to have one, have these texts.

    sources: whose documents its manifest names.
    """
    return lambda release_id, report="每夜报告", site=None, sources=(): _publish(
        home, release_id, report, site, sources
    )


@pytest.fixture(scope="session")
def publish_in() -> Callable[..., Release]:
    """Seal a release of this id in this home."""
    return lambda home, release_id, report="每夜报告": _publish(home, release_id, report)


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Home:
    """A home with a release of 23 November 2026; not to be written to."""
    home = Home(tmp_path_factory.mktemp("published") / "home").ensure()
    _publish(home, "20261123T021503Z", "每夜报告")
    return home


def _publish(
    home: Home, release_id: str, report: str, site: str | None = None, sources: Sequence[str] = ()
) -> Release:
    home.build_file.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_file)) as connection:
        connection.execute("create schema marts; create table marts.data_gaps as select 'kuiwen' as area_id")
    candidate = releases.begin(home, release_id)
    releases.copy_marts(candidate, home.build_file, [GAPS])
    (candidate.path / "reports").mkdir()
    (candidate.path / "reports" / "night.html").write_text(report, encoding="utf-8")
    if site:
        (candidate.path / "site").mkdir()
        (candidate.path / "site" / "index.html").write_text(site, encoding="utf-8")
    inputs = [{"source": source, "document": f"{source}.csv", "sha256": "ab12"} for source in sources]
    return releases.seal(candidate, MANIFEST | {"inputs": inputs})
