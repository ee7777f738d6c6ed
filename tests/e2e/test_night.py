"""Whole nights, started as a person or cron starts them: what is published, what is not, and what is said of it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from ingest.demo.pools import PERSON_MARKERS
from warehouse.release import open_release, verify

pytestmark = pytest.mark.slow

WORKBOOK = "statistics/national_ocean_economy.xlsx"
META = {"release", "columns", "sources", "checks", "provenance", "corrections", "parameters", "changes"}
DEMO_PHONE = "1540000"


def release_ids(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "releases").iterdir() if not path.name.startswith("."))


def texts(frame: pl.DataFrame) -> str:
    """All text of a frame, cell by cell."""
    return "\n".join("\n".join(column.drop_nulls()) for column in frame.select(pl.col(pl.String)))


def personal(text: str) -> list[str]:
    """The demo's marks of invented persons and their telephones."""
    return re.findall(f"[{PERSON_MARKERS}]|{DEMO_PHONE}", text)


# ── a first night ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_night_publishes_and_its_last_line_names_the_release(demo_home):
    assert demo_home.night.code == 0
    [release_id] = release_ids(demo_home.root)
    assert demo_home.night.last_line == f"release  {demo_home.root / 'releases' / release_id}"
    assert demo_home.current.name == release_id


def test_a_night_says_how_long_each_stage_took_and_nothing_on_standard_error(demo_home):
    stages = re.findall(r"^ {2}(\w+) +[\d.]+ s ", demo_home.night.out, re.MULTILINE)
    assert stages == ["fetch", "take", "build", "audit", "publish"]
    assert demo_home.night.err == ""


def test_a_release_holds_its_marts_twice_with_manifest_and_report(demo_home):
    release = open_release(demo_home.current)
    assert verify(release) == []
    counts = {name: entry["rows"] for name, entry in release.manifest["marts"].items()}
    assert counts["plan_progress"] > 0
    assert counts == {
        path.stem: pl.scan_parquet(path).select(pl.len()).collect().item()
        for path in release.parquet.iterdir()
    }
    tables = demo_home.rows("select table_name from duckdb_tables() where schema_name = 'main'")
    assert {name for (name,) in tables} == set(counts)
    for name, rows in counts.items():
        assert demo_home.rows(f"select count(*) from {name}") == [(rows,)]
    tables = demo_home.rows("select table_name from duckdb_tables() where schema_name = 'meta'")
    assert {name for (name,) in tables} == META
    assert {path.name for path in (demo_home.current / "reports").iterdir()} == {"night.html", "night.json"}
    assert release.manifest["checks"]["failed"] == 0
    assert len(release.manifest["inputs"]) >= 20


def test_the_build_file_is_closed_with_nothing_left_to_be_written_into_it(demo_home):
    left = {path.name for path in (demo_home.root / "build").glob("build.duckdb*")}
    assert left == {"build.duckdb"}


def test_no_file_of_a_release_can_be_written(demo_home):
    files = [path for path in demo_home.current.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}


def test_every_table_and_column_is_described_in_both_languages(demo_home):
    comments = demo_home.rows(
        "select table_name, null, comment from duckdb_tables() where schema_name = 'main' union all"
        " select table_name, column_name, comment from duckdb_columns()"
        " where schema_name = 'main' and not internal"
    )
    both = re.compile(r"^[^|]*[\u4e00-\u9fff][^|]* \| [^|]*[A-Za-z]")
    assert [row for row in comments if not both.match(row[2] or "")] == []
    described = set(demo_home.rows("select table_name, column_name from meta.columns"))
    assert described == {(table, column) for table, column, _ in comments if column}


def test_nothing_personal_leaves_landing(demo_home):
    landed = [path.read_bytes() for path in (demo_home.root / "landing" / "objects").iterdir()]
    assert any(DEMO_PHONE.encode() in content for content in landed)
    assert any(mark.encode("gb18030") in content for content in landed for mark in PERSON_MARKERS)

    tables = [
        path
        for folder in (demo_home.current, demo_home.root / "raw", demo_home.root / "quarantine")
        for path in folder.rglob("*.parquet")
    ]
    assert len(tables) > 30
    found = {str(path): hits for path in tables if (hits := personal(texts(pl.read_parquet(path))))}
    assert found == {}
    for name in META:
        cells = demo_home.rows(f"select to_json(t)::text from meta.{name} as t")
        assert personal("\n".join(text for (text,) in cells)) == []
    for path in [*demo_home.current.rglob("*.html"), *demo_home.current.rglob("*.json")]:
        assert personal(path.read_text(encoding="utf-8")) == []


def test_what_rests_on_demo_never_says_that_it_was_published(demo_home, real_home):
    """A figure that calls itself published is in the release made without demo, cell by cell."""
    keys = dict(
        demo_home.rows("select table_name, list(column_name) from meta.columns where is_key group by 1")
    )
    checked = 0
    for path in sorted((demo_home.current / "parquet").iterdir()):
        frame = pl.read_parquet(path)
        if "data_origin" not in frame.columns:
            continue
        figures = [
            name
            for name, kind in frame.schema.items()
            if (kind.is_numeric() or kind == pl.Boolean) and name not in keys[path.stem]
        ]
        published = frame.filter(pl.col("data_origin") == "published")
        if figures:
            published = published.filter(pl.any_horizontal(pl.col(figures).is_not_null()))
        without = pl.read_parquet(real_home.current / "parquet" / path.name)
        extra = published.join(without, on=published.columns, how="anti", nulls_equal=True)
        assert extra.rows() == [], path.name
        if "source_id" in frame.columns:
            made_up = frame.filter(pl.col("source_id").str.starts_with("demo_"))
            assert set(made_up["data_origin"]) <= {"demo"}, path.name
        checked += published.height
    assert checked > 3_000
    assert demo_home.rows("select includes_demo from meta.release") == [(True,)]


def test_every_mart_can_be_asked_from_the_command_line(demo_home, blue_ledger):
    from typer.testing import CliRunner

    from orchestration.cli import app

    for (name,) in demo_home.rows("select distinct table_name from meta.columns"):
        answer = CliRunner().invoke(
            app, ["query", f"select * from {name}", "--home", str(demo_home.root), "--format", "json"]
        )
        assert answer.exit_code == 0, answer.output
        assert len(json.loads(answer.stdout)) == demo_home.rows(f"select count(*) from {name}")[0][0]
    asked = blue_ledger(
        "query",
        "select share_pct from marine_gdp_share where area_id = 'weifang' and year = 2024",
        "--format",
        "json",
        home=demo_home.root,
    )
    assert (asked.code, asked.json()) == (0, [{"share_pct": 20.7653}])


def test_status_and_sources_speak_of_the_current_release(demo_home, blue_ledger):
    status = blue_ledger("status", "--json", home=demo_home.root)
    assert status.code == 0
    assert status.json()["release"] == demo_home.current.name
    assert [row["target_id"] for row in status.json()["targets"]] == [f"TG{n:02}" for n in range(1, 16)]
    sources = blue_ledger("sources", "--json", home=demo_home.root)
    assert sources.code == 0
    states = {row["source_id"]: row["state"].split(",")[0] for row in sources.json()}
    inboxes = [name for name in states if name.startswith("inbox_")]
    assert len(inboxes) == 11
    assert {states.pop(name) for name in inboxes} == {"empty"}
    assert set(states.values()) == {"fresh"}


def test_a_second_night_with_nothing_new_publishes_nothing(demo_home, home_after, blue_ledger):
    home = home_after(demo_home)
    night = blue_ledger("nightly", home=home)
    assert night.code == 0, night.err
    current = home / "releases" / demo_home.current.name
    assert night.last_line.startswith("nothing new: ")
    assert night.last_line.endswith(f"the current release stays: {current}")
    assert release_ids(home) == [demo_home.current.name]
    assert (home / "current").resolve() == current
    assert json.loads((home / "reports" / "last_night.json").read_text("utf-8"))["outcome"] == "unchanged"


# ── without demo ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_demo_no_table_holds_anything_made_up(real_home):
    assert real_home.rows("select includes_demo from meta.release") == [(False,)]
    assert real_home.rows("select count(*) from meta.sources where data_origin = 'demo'") == [(0,)]
    for path in (real_home.current / "parquet").iterdir():
        frame = pl.read_parquet(path)
        if "data_origin" in frame.columns:
            assert "demo" not in frame["data_origin"], path.name
    assert not list((real_home.root / "demo").iterdir())


def test_without_demo_what_nobody_published_is_unknown_and_says_why(real_home):
    unknown = real_home.rows(
        "select target_id, max(value), bool_and(reason is not null) from plan_progress"
        " where target_id in ('TG05', 'TG07', 'TG08', 'TG10', 'TG11', 'TG12') group by target_id order by target_id"
    )
    assert {row[0] for row in unknown} == {"TG05", "TG07", "TG08", "TG10", "TG11", "TG12"}
    assert [row for row in unknown if row[1:] != (None, True)] == []


# ── a night that must not publish ──────────────────────────────────────────────────────────────────────────────────


def test_a_first_night_on_a_spoiled_workbook_is_blocked_and_names_the_cell(
    tmp_path, catalogue, blue_ledger, edit_workbook
):
    """A renamed header, another unit in the unit row, and values ten thousand times too large: three sources, one night."""
    spoiled = {
        "renamed_header": {"texts": {"总量": "总额"}},
        "other_unit": {"texts": {"亿元": "万元"}},
        "values_times_10000": {"factor": ("B", 10_000)},
    }
    [entry] = [
        entry
        for entry in yaml.safe_load(catalogue.file.read_text("utf-8"))["sources"]
        if entry["id"] == "national_ocean_economy"
    ]
    entries = []
    for name, change in spoiled.items():
        workbook = Path(shutil.copy(catalogue.path(WORKBOOK), catalogue.path(f"{name}.xlsx")))
        edit_workbook(workbook, **change)
        entries.append(entry | {"id": name, "location": f"bundled/{name}.xlsx"})
    catalogue.file.write_text(yaml.safe_dump({"sources": entries}, allow_unicode=True), encoding="utf-8")

    home = tmp_path / "home"
    night = blue_ledger("nightly", "--sources", catalogue.file, home=home)
    assert night.code == 3, night.err
    assert night.last_line.startswith("blocked, nothing published: ")
    assert not (home / "current").exists()
    assert release_ids(home) == []
    said = dict(re.findall(r"(\w+): (\1\.xlsx.*?)(?=; \w+: \w+\.xlsx|$)", night.last_line))
    assert set(said) == set(spoiled)
    sheet = "海洋生产总值"
    assert f"the header of {sheet} (row 4) does not fit its layout" in said["renamed_header"]
    assert f"expected '{sheet}/总量', which is not there" in said["renamed_header"]
    assert f"found '{sheet}/总额' in cell {sheet}!B4" in said["renamed_header"]
    for name, printed in {"other_unit": "8.001", "values_times_10000": "800100000.0"}.items():
        assert "An actual figure lies in the range that indicators.csv gives" in said[name]
        assert f"{sheet}!B10: {printed} 100m_cny" in said[name]
    report = (home / "reports" / "last_night.html").read_text(encoding="utf-8")
    for name in spoiled:
        assert f"{name}.xlsx" in report
    ending = json.loads((home / "reports" / "last_night.json").read_text("utf-8"))
    assert (ending["outcome"], ending["release_id"]) == ("blocked", None)


def test_a_publishers_bad_night_is_not_ours(real_home, home_after, catalogue, blue_ledger, edit_workbook):
    """A source whose new file is refused, and one that cannot be fetched, stand on what was accepted before."""
    home = home_after(real_home)
    edit_workbook(catalogue.path(WORKBOOK), texts={"总量": "总额"})
    catalogue.path("statistics/county_gdp_other.csv").unlink()
    night = blue_ledger("nightly", "--no-demo", "--sources", catalogue.file, home=home)
    assert night.code == 0, night.out + night.err
    assert len(release_ids(home)) == 2
    [refused] = [line for line in night.out.splitlines() if "national_ocean_economy:" in line]
    assert refused.startswith("warning: ") and "总量" in refused
    assert refused.endswith("the night stands on the snapshot of 0 day(s) ago")
    [missed] = [line for line in night.out.splitlines() if "county_gdp_other:" in line]
    assert "expected a file at bundled/statistics/county_gdp_other.csv, there is none" in missed

    asked = blue_ledger(
        "query",
        "select source_id, age_days, rows from meta.sources where state = 'old' order by 1",
        "--format",
        "json",
        home=home,
    )
    before = dict(real_home.rows("select source_id, rows from meta.sources"))
    assert asked.json() == [
        {"source_id": name, "age_days": 0, "rows": before[name]}
        for name in ("county_gdp_other", "national_ocean_economy")
    ]
    rows = {name: entry["rows"] for name, entry in open_release(real_home.current).manifest["marts"].items()}
    again = open_release(home / "current").manifest["marts"]
    assert {name: entry["rows"] for name, entry in again.items()} == rows
    sources = {row["source_id"]: row for row in blue_ledger("sources", "--json", home=home).json()}
    assert sources["county_gdp_other"]["state"].startswith("old")
    assert "last look failed" in sources["county_gdp_other"]["state"]


def test_past_its_tolerance_an_old_snapshot_blocks_the_night(
    real_home, home_after, catalogue, blue_ledger, edit_workbook
):
    home = home_after(real_home)
    spoil_and_age(home, catalogue, edit_workbook, days=10)
    night = blue_ledger("nightly", "--no-demo", "--sources", catalogue.file, home=home)
    assert night.code == 3, night.out + night.err
    for source in ("national_ocean_economy", "county_gdp_other"):
        assert f"{source}: " in night.last_line
    assert night.last_line.count("the last accepted snapshot is 10 days old, 0 are allowed") == 2
    assert (home / "current").resolve().name == real_home.current.name
    assert release_ids(home) == [real_home.current.name]
    assert "10 days old" in (home / "reports" / "last_night.html").read_text(encoding="utf-8")


def spoil_and_age(home: Path, catalogue, edit_workbook, days: int) -> None:
    """Two sources with nothing new to stand on, whose last good look was so many days ago, and no tolerance."""
    entries = yaml.safe_load(catalogue.file.read_text("utf-8"))
    names = ("national_ocean_economy", "county_gdp_other")
    for entry in entries["sources"]:
        if entry["id"] in names:
            entry["tolerance_days"] = 0
    catalogue.file.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    edit_workbook(catalogue.path(WORKBOOK), texts={"总量": "总额"})
    catalogue.path("statistics/county_gdp_other.csv").unlink()
    for name in names:
        for path in (home / "landing" / name).glob("*.json"):
            kept = json.loads(path.read_text(encoding="utf-8"))
            for field in ("retrieved_at", "at", "good_at", "found_at"):
                if field in kept:
                    moment = datetime.fromisoformat(kept[field]) - timedelta(days=days, hours=1)
                    kept[field] = moment.isoformat()
            path.write_text(json.dumps(kept), encoding="utf-8")


def test_bytes_that_changed_in_landing_are_set_aside_and_had_again_from_their_source(
    real_home, home_after, blue_ledger
):
    home = home_after(real_home)
    shutil.rmtree(home / "raw")  # may be deleted at any time: it is read again from landing
    [receipt] = [
        path
        for path in (home / "landing" / "county_gdp_other").iterdir()
        if path.name != "last_retrieval.json"
    ]
    stored = home / "landing" / "objects" / json.loads(receipt.read_text("utf-8"))["sha256"]
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes().replace("奎文区".encode(), "潍城区".encode()))
    (home / "inbox" / "more_figures.csv").write_text("地区,指标\n", encoding="utf-8")
    night = blue_ledger("nightly", "--no-demo", home=home)
    assert night.code == 0, night.out + night.err
    [told] = [line for line in night.out.splitlines() if stored.name in line]
    assert "no longer holds the bytes that were received; it was set aside as landing/corrupt/" in told
    [aside] = (home / "landing" / "corrupt").iterdir()
    assert "潍城区" in aside.read_text(encoding="utf-8")
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == stored.name
    rows = [entry["rows"] for entry in open_release(home / "current").manifest["marts"].values()]
    assert rows == [entry["rows"] for entry in open_release(real_home.current).manifest["marts"].values()]
