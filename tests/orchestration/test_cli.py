"""The command line as a person meets it: what it says of bad usage, of a broken catalogue, and before the first night."""

from __future__ import annotations

import json
import sys

import polars as pl
import pytest

from ingest import catalogue
from ingest.catalogue import BUNDLED_CATALOGUE
from orchestration import cli

pytestmark = pytest.mark.slow


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Run the entry point in this process; returns the exit code, standard output and standard error."""
    for name in ("BLUE_LEDGER_SOURCES", "BLUE_LEDGER_DEMO", "BLUE_LEDGER_ONLY", "BLUE_LEDGER_TODAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BLUE_LEDGER_HOME", str(tmp_path / "home"))

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["blue-ledger", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def broken(tmp_path):
    """A copy of the bundled catalogue with two entries that are wrong."""
    text = BUNDLED_CATALOGUE.read_text(encoding="utf-8")
    text = text.replace("cadence: once", "cadence: sometimes", 1)
    text = text.replace("layout: provincial_clusters", "layout: none_such", 1)
    path = tmp_path / "sources.yml"
    path.write_text(text, encoding="utf-8")
    return path


# ── bad usage ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nigthly",), "nigthly"),
        (("nightly", "--demo-only"), "--demo-only"),
        (("query",), "sql"),
        (("query", "select 1", "--format", "xml"), "xml"),
        (("demo", "--companies", "many"), "companies"),
        (("serve", "--port", "next"), "port"),
    ],
)
def test_bad_usage_ends_with_two_and_names_what_is_wrong(call, arguments, named):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert named in err


def test_a_source_that_is_not_in_the_catalogue_is_named_and_nothing_is_begun(call, tmp_path):
    code, out, err = call("nightly", "--only", "gdp_of_mars")
    assert (code, out) == (2, "")
    assert "--only: no such source gdp_of_mars; the catalogue has county_gdp_2021, " in err
    assert not (tmp_path / "home").exists()


def test_a_demo_source_is_no_source_of_a_night_without_demo(call):
    code, _, err = call("nightly", "--no-demo", "--only", "demo_clusters")
    assert code == 2
    assert "no such source demo_clusters" in err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "BLUE_LEDGER_TODAY",
            "23.11.2026",
            "BLUE_LEDGER_TODAY: '23.11.2026' is not a day such as 2026-11-23",
        ),
        ("BLUE_LEDGER_DEMO", "false", "BLUE_LEDGER_DEMO: expected yes or no, not 'false'"),
    ],
)
def test_a_variable_that_cannot_be_read_is_bad_usage(call, monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)
    code, _, err = call("sources")
    assert (code, err.strip()) == (2, said)


def test_a_home_that_is_a_file_is_bad_usage(call, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = call("nightly", "--home", tmp_path / "file")
    assert code == 2
    assert f"home {tmp_path / 'file'} is not a folder" in err


# ── the catalogue ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_whole_catalogue_is_said_to_have_no_fault(call):
    code, out, err = call("sources", "check")
    assert (code, err) == (0, "")
    count = len(catalogue.load().sources)
    assert out.strip() == f"sources.yml: {count} sources, {count} enabled, 0 corrections, no fault"


@pytest.mark.parametrize("command", [("sources", "check"), ("nightly",)])
def test_a_broken_catalogue_is_bad_usage_and_every_entry_and_field_is_named(call, tmp_path, broken, command):
    code, out, err = call(*command, "--sources", broken)
    assert (code, out) == (2, "")
    assert "sources.yml has 2 fault(s):" in err
    assert "entry county_gdp_2021, field cadence" in err and "(given: 'sometimes')" in err
    assert "entry provincial_clusters: layout: " in err and "none_such" in err
    assert not (tmp_path / "home").exists()


def test_a_catalogue_that_is_not_there_is_bad_usage(call, tmp_path):
    code, _, err = call("sources", "check", "--sources", tmp_path / "other.yml")
    assert (code, err.strip()) == (2, f"{tmp_path / 'other.yml'}: there is no such catalogue")


def test_sources_are_listed_before_the_first_night(call):
    code, out, _ = call("sources", "--json")
    assert code == 0
    rows = {row["source_id"]: row for row in json.loads(out)}
    assert list(rows) == [source.id for source in catalogue.load().sources]
    assert rows["provincial_clusters"]["last_look"] is None
    assert rows["provincial_clusters"]["state"] == "not in the current release"
    code, out, _ = call("sources")
    assert code == 0
    assert "山东省省级现代海洋特色产业集聚区(已知部分)" in out


# ── without and with a release ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", [("status",), ("status", "--json"), ("query", "select 1")])
def test_before_the_first_night_the_reader_is_told_what_to_do(call, tmp_path, command):
    code, out, err = call(*command)
    assert (code, out) == (2, "")
    assert err.strip() == f"{tmp_path / 'home'} holds no release yet; run `blue-ledger nightly` first"


def test_a_current_that_leads_nowhere_is_an_error_and_no_empty_answer(call, home, publish):
    release = publish("20261123T021503Z")
    release.path.rename(release.path.with_name("elsewhere"))
    code, out, err = call("query", "select 1", "--home", home.root)
    assert (code, out) == (1, "")
    assert "there is no release in" in err


def test_the_home_given_by_hand_wins_over_the_environment(call, published):
    code, out, _ = call(
        "query", "select area_id from data_gaps", "--home", published.root, "--format", "json"
    )
    assert (code, json.loads(out)) == (0, [{"area_id": "kuiwen"}])


@pytest.mark.parametrize(
    "command",
    [("status",), ("query", "select 1"), ("export", "csv", "-o", "marts")],
    ids=lambda words: words[0],
)
def test_an_earlier_day_is_not_told_by_a_catalogue_without_the_sources_of_the_release(
    call, home, publish, command
):
    publish("20261123T021503Z", sources=["lanwan_gdp", "lanwan_gop", "provincial_clusters"])
    code, out, err = call(*command, "--as-of", "2026-11-01", "--home", home.root)
    assert (code, out) == (2, "")
    assert err.strip() == (
        f"--as-of: {BUNDLED_CATALOGUE} is not the catalogue of the current release: it uses no source"
        " lanwan_gdp, lanwan_gop. BLUE_LEDGER_SOURCES names the one that the nights use; after a change run a night first"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "create table t as select 1",
        "select 1; select 2",
        "select * from read_text('pyproject.toml')",
        "copy data_gaps to 'gaps.csv'",
        "select no_such_column from data_gaps",
    ],
)
def test_what_a_reader_may_not_ask_is_refused_with_the_engines_words(call, published, sql):
    code, out, err = call("query", sql, "--home", published.root)
    assert (code, out) == (2, "")
    assert err.strip() and "Traceback" not in err


def test_an_answer_is_written_to_a_file_in_its_format(call, published, tmp_path):
    question = ("query", "select area_id, null as n from data_gaps", "--home", published.root)
    assert call(*question, "--format", "parquet", "-o", tmp_path / "a.parquet")[0] == 0
    assert pl.read_parquet(tmp_path / "a.parquet")["area_id"].to_list() == ["kuiwen"]
    assert call(*question, "--format", "csv", "-o", tmp_path / "a.csv")[0] == 0
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines() == ["area_id,n", "kuiwen,"]


def test_demo_registers_can_be_made_anywhere_and_say_how_large_they_are(call, tmp_path):
    code, out, _ = call("demo", "--companies", 300, "--seed", 7, "--out", tmp_path / "demo")
    assert code == 0
    assert out.rstrip().endswith(f"300 companies, seed 7: {tmp_path / 'demo'}")
    assert json.loads((tmp_path / "demo" / "demo.json").read_text("utf-8"))["companies"] == 300
    assert not (tmp_path / "home").exists()


def test_too_few_companies_are_bad_usage(call, tmp_path):
    code, out, err = call("demo", "--companies", 3, "--out", tmp_path / "demo")
    assert (code, out) == (2, "")
    assert err.startswith("companies=3: at least ")
    assert not (tmp_path / "demo").exists()
