"""Connectors of files: what stands in a folder, and every way in which that is not a document."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.connectors import FetchError, Places, databases, fetch, files
from ingest.landing import Document

pytestmark = pytest.mark.slow


def no_demo(folder):
    raise AssertionError("the demo generator was asked")


@pytest.fixture
def places(tmp_path) -> Places:
    for name in ("catalogue", "inbox", "demo"):
        (tmp_path / name).mkdir()
    return Places(tmp_path / "catalogue", tmp_path / "inbox", tmp_path / "demo", no_demo)


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(name.encode())


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_found_from_the_catalogues_folder(source_of, places):
    put(places.catalogue, "statistics/gdp.csv")
    assert fetch(source_of(location="statistics/gdp.csv"), places) == [
        Document("gdp.csv", places.catalogue / "statistics/gdp.csv", "statistics/gdp.csv")
    ]


def test_a_file_may_stand_anywhere_by_its_whole_path(source_of, places, tmp_path):
    put(tmp_path / "share", "gdp_2025.csv", "gdp_2026.csv")
    whole = str(tmp_path / "share" / "gdp_2026.csv")
    assert fetch(source_of(location=whole), places) == [Document("gdp_2026.csv", Path(whole), whole)]
    found = fetch(source_of(location=str(tmp_path / "share" / "*.csv")), places)
    assert [(document.name, document.location) for document in found] == [
        ("gdp_2025.csv", str(tmp_path / "share" / "gdp_2025.csv")),
        ("gdp_2026.csv", whole),
    ]


def test_a_missing_file_is_named_with_its_source(source_of, places):
    with pytest.raises(FetchError, match=r"county_figures: expected a file at gdp\.csv, there is none"):
        fetch(source_of(location="gdp.csv"), places)


def test_a_folder_is_no_file(source_of, places):
    put(places.catalogue, "gdp/a.csv")
    with pytest.raises(FetchError, match="county_figures: expected a file at gdp, there is none"):
        fetch(source_of(location="gdp"), places)


def test_a_file_above_the_limit_is_refused_unread(source_of, places, monkeypatch):
    put(places.catalogue, "gdp.csv")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 6)
    with pytest.raises(FetchError, match=r"county_figures: gdp\.csv is larger than 6 bytes"):
        fetch(source_of(location="gdp.csv"), places)
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 7)
    assert len(fetch(source_of(location="gdp.csv"), places)) == 1


@pytest.mark.parametrize("call", ["open", "stat"])
def test_a_file_that_cannot_be_read_is_a_failed_look_and_not_a_crash(source_of, places, monkeypatch, call):
    put(places.catalogue, "gdp.csv")
    source = source_of(location="gdp.csv")

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, call, refuse)
    with pytest.raises(FetchError, match=r"county_figures: gdp\.csv cannot be read: Permission denied"):
        fetch(source, places)


# ── the inbox ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def inbox(source_of):
    """An inbox source of files that match."""
    return lambda location="*figures*.csv", **changes: source_of(
        connector="inbox", location=location, data_origin="submitted", **changes
    )


def test_the_inbox_gives_every_file_that_matches_the_last_written_last(inbox, places):
    written = {
        "b_figures.csv": 2,
        "c_figures.csv": 1,
        "a_figures_2026.csv": 2,
        "figures.xlsx": 3,
        "other.csv": 3,
    }
    put(places.inbox, *written)
    for name, at in written.items():
        os.utime(places.inbox / name, (at, at))
    assert [document.name for document in fetch(inbox(), places)] == [
        *("c_figures.csv", "a_figures_2026.csv", "b_figures.csv")
    ]


GBK_NAME = os.fsdecode("指标_figures.csv".encode("gbk"))


def test_a_file_whose_name_is_gbk_is_handed_in_under_the_name_that_its_writer_gave_it(inbox, places):
    put(places.inbox / "区县", "潍坊_figures.csv")
    (places.inbox / "区县" / GBK_NAME).write_bytes(b"1")
    found = fetch(inbox("*/*figures*.csv"), places)
    assert sorted((document.name, document.location) for document in found) == [
        ("指标_figures.csv", "区县/指标_figures.csv"),
        ("潍坊_figures.csv", "区县/潍坊_figures.csv"),
    ]


def test_a_file_whose_name_is_gbk_is_named_so_that_it_can_be_read(inbox, places, monkeypatch):
    (places.inbox / GBK_NAME).write_bytes(b"1")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 0)
    with pytest.raises(FetchError, match=r"county_figures: 指标_figures\.csv is larger than 0 bytes"):
        fetch(inbox(), places)


def test_hidden_files_locks_of_open_workbooks_and_folders_are_passed_over(inbox, places):
    put(places.inbox, ".figures.csv", "~$figures.csv", "figures.csv", "old_figures.csv/kept")
    assert [document.name for document in fetch(inbox(), places)] == ["figures.csv"]


def test_a_glob_may_reach_into_the_folders_of_departments(inbox, places):
    put(places.inbox, "D01/figures.csv", "D05/figures.csv", "figures.csv")
    found = fetch(inbox("*/figures.csv"), places)
    assert [(document.name, document.location) for document in found] == [
        ("figures.csv", os.path.join("D01", "figures.csv")),
        ("figures.csv", os.path.join("D05", "figures.csv")),
    ]


def test_an_empty_inbox_is_nothing_where_the_source_may_be_empty_and_else_a_failure(inbox, places):
    assert fetch(inbox(optional=True), places) == []
    with pytest.raises(FetchError, match=r"expected files named \*figures\*\.csv, there is none"):
        fetch(inbox(), places)


# ── demo ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_demo_files_are_made_before_they_are_read(source_of, places):
    made = []

    def make(folder):
        made.append(folder)
        put(folder, "demo_figures.csv")

    source = source_of(connector="demo", data_origin="demo", tier="demo", location="demo_figures.csv")
    [document] = fetch(source, Places(places.catalogue, places.inbox, places.demo, make))
    assert made == [places.demo]
    assert document == Document("demo_figures.csv", places.demo / "demo_figures.csv", "demo_figures.csv")


# ── what all connectors share ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_no_library_of_a_connector_is_loaded_before_a_source_needs_it():
    program = "import sys, ingest.connectors\nprint(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    slow = {"httpx", "stamina", "fsspec", "s3fs", "paramiko", "sqlalchemy", "psycopg", "pymysql"}
    assert set(loaded.split()) & slow == set()


def test_a_message_holds_no_secret_of_the_environment(source_of, places, monkeypatch):
    monkeypatch.setenv("STATISTICS_DB", "oracle://li:hunter2@host/db")
    connection = {"url_env": "STATISTICS_DB", "query": "select 1 as a order by 1"}
    source = source_of(connector="database", location="统计库", connection=connection)
    with pytest.raises(FetchError) as failure:
        fetch(source, places)
    assert str(failure.value) == (
        "county_figures: STATISTICS_DB holds no address that begins with postgresql:// or mysql://"
    )

    def tell(*_):
        raise FetchError("no way to oracle://li:hunter2@host/db with hunter2, http://a:b@c/?token=xyz&n=1")

    monkeypatch.setattr(databases, "fetch", tell)
    with pytest.raises(FetchError) as failure:
        fetch(source, places)
    assert str(failure.value) == "no way to *** with ***, http://c/?token=***&n=1"
    assert failure.value.__suppress_context__  # a traceback shows no address either


def test_a_variable_that_is_not_set_is_named(source_of, places, monkeypatch):
    monkeypatch.delenv("STATISTICS_DB", raising=False)
    connection = {"url_env": "STATISTICS_DB", "query": "select 1 as a order by 1"}
    source = source_of(connector="database", location="统计库", connection=connection)
    with pytest.raises(FetchError, match="county_figures: the environment variable STATISTICS_DB is not set"):
        fetch(source, places)
