"""A home in a temporary folder, and a build file with two small marts as dbt would leave them."""

import shutil
from datetime import UTC, datetime

import duckdb
import polars as pl
import pytest

from warehouse import release as releases
from warehouse.home import Home
from warehouse.release import ColumnSpec, MartSpec

NIGHT = datetime(2026, 11, 23, 2, 15, 3, tzinfo=UTC)

SHARE = MartSpec(
    name="marine_gdp_share",
    key=("area_id", "year"),
    description_zh="海洋生产总值占比",
    description_en="Share of gross ocean product in GDP",
    columns=(
        ColumnSpec("area_id", "varchar", "区域", "Area"),
        ColumnSpec("year", "integer", "年份", "Year"),
        ColumnSpec("gop_100m_cny", "double", "海洋生产总值", "Gross ocean product", "100m_cny"),
        ColumnSpec("share_pct", "double", "占比", "Share", "pct", "gop_100m_cny / gdp_100m_cny * 100"),
    ),
)
GAPS = MartSpec(
    name="data_gaps",
    key=(),
    description_zh="数据缺口",
    description_en="What is not published",
    columns=(ColumnSpec("indicator_code"), ColumnSpec("area_id"), ColumnSpec("expected_by")),
)
MANIFEST = {
    "built_at": NIGHT,
    "code_version": "0.1.0",
    "inputs": {"wf_bulletin": "ab12"},
    "checks": {"passed": 12, "warned": 1},
}


@pytest.fixture(scope="session")
def share():
    return SHARE


@pytest.fixture(scope="session")
def gaps():
    return GAPS


@pytest.fixture(scope="session")
def manifest():
    return MANIFEST


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").ensure()


@pytest.fixture(scope="session")
def made_build_file(tmp_path_factory):
    return make_build_file(Home(tmp_path_factory.mktemp("made")).ensure())


@pytest.fixture
def build_file(home, made_build_file):
    """A build file of the test's own; a copy, for making one takes as long as three of these."""
    shutil.copyfile(made_build_file, home.build_file)
    return home.build_file


@pytest.fixture
def publish(home, build_file):
    """Publish the two marts (or other specs) under an id; without `seal`, stop just before it."""
    return lambda *args, **kwargs: make_release(home, *args, **kwargs)


@pytest.fixture(scope="session")
def publish_in():
    """Publish the two marts under an id in this home, which has a build file."""
    return make_release


@pytest.fixture(scope="session")
def sealed(tmp_path_factory):
    """A release for tests that only look."""
    home = Home(tmp_path_factory.mktemp("sealed")).ensure()
    make_build_file(home)
    checks = pl.DataFrame({"suite": ["marine_gdp_share"], "samples": [None]})
    return make_release(home, meta={"checks": checks, "release": pl.DataFrame({"id": ["20261123T021503Z"]})})


def make_build_file(home):
    with duckdb.connect(str(home.build_file)) as connection:
        connection.execute("""
            create schema marts;
            create schema raw;
            create table raw.enterprises as select '张三' as name_text;
            create table marts.marine_gdp_share as
            select * from (values
                ('weifang', 2024::integer, 1703.42::double, 20.77::double),
                ('china', 2024, 105438.0, 7.8),
                ('weifang', 2023, null, null)
            ) as t (area_id, year, gop_100m_cny, share_pct);
            create table marts.data_gaps as
            select 'gop' as indicator_code, 'kuiwen' as area_id, date '2025-12-31' as expected_by;
        """)
    return home.build_file


def make_release(home, release_id="20261123T021503Z", meta=None, seal=True, specs=(SHARE, GAPS)):
    candidate = releases.begin(home, release_id)
    releases.copy_marts(candidate, home.build_file, specs)
    if meta:
        releases.write_meta(candidate, meta)
    return releases.seal(candidate, MANIFEST) if seal else candidate
