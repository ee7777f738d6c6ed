"""Marts of an earlier day: what is read for them, who may write meanwhile, and which of them are kept."""

from __future__ import annotations

import os
from concurrent.futures import Future
from datetime import UTC, date, datetime

import pytest

from expectations.runner import CheckResult
from ingest.landing import Document
from orchestration import as_of, workers
from orchestration.night import Night
from warehouse.home import HomeBusy, NightLock
from warehouse.release import Candidate

pytestmark = pytest.mark.slow

SOURCE = "county_gdp_other"
PASSED = CheckResult(SOURCE, SOURCE, "dataset", "any", None, "critical", "passed", "Why.", 0, 34, "")


class Suites:
    """Finds everything good, at once."""

    def start(self) -> None: ...
    def stop(self) -> None: ...

    def submit(self, function, *arguments) -> Future:
        future: Future = Future()
        future.set_result([[PASSED]])
        return future


@pytest.fixture
def asked(settings, monkeypatch):
    """Settings of a home that holds one document, of which marts are made at once: an empty file, named by their day."""

    def build_marts(night: Night, id_: str, folder, with_tests: bool = True) -> Candidate:
        (folder / "parquet").mkdir(parents=True)
        (folder / "marts.duckdb").write_text(id_, encoding="utf-8")
        night.build_folder.mkdir(exist_ok=True)
        night.build_file.touch()
        return Candidate(night.home, id_, folder)

    monkeypatch.setattr(workers, "SUITES", Suites())
    monkeypatch.setattr(as_of, "build_marts", build_marts)
    monkeypatch.setattr("warehouse.release.write_meta", lambda candidate, meta: None)
    monkeypatch.setattr(Night, "origins", lambda night: {})
    night = Night(settings, workers.DBT, workers.SUITES)
    night.sources = tuple(source for source in night.sources if source.id == SOURCE)
    monkeypatch.setattr(workers.DBT, "start", lambda: None)
    night.fetch()
    return settings


def read(settings) -> list[str]:
    return sorted(path.suffix for path in settings.home.raw.rglob("*") if path.is_file())


def test_a_question_about_a_day_stands_on_what_stood_there_then_whatever_stands_there_today(settings):
    night = Night(settings, workers.DBT, workers.SUITES, known_by=date(2026, 6, 15))
    source = night.sources[0]
    versions = [(b"v1", (2026, 5, 10)), (b"v2", (2026, 6, 10)), (b"v1", (2026, 7, 10))]
    for content, day in versions:
        night.landing.receive(
            source.id, [Document("figures.csv", content, "here")], datetime(*day, tzinfo=UTC)
        )
    assert [night.landing.content(receipt.sha256) for receipt in night._receipts(source)] == [b"v1", b"v2"]
    today = Night(settings, workers.DBT, workers.SUITES)
    assert [today.landing.content(receipt.sha256) for receipt in today._receipts(source)] == [b"v2", b"v1"]


def test_nothing_is_read_for_a_question_while_a_night_may_clear_what_is_half_written(asked):
    with NightLock(asked.home), pytest.raises(HomeBusy):
        as_of.known_on(asked, asked.today)
    assert read(asked) == []
    assert as_of.known_on(asked, asked.today).id == f"as-of-{asked.today}"
    assert read(asked) == [".json", ".json", ".parquet"]  # the record, the checks and the rows


def test_an_answer_that_is_there_is_had_while_a_night_runs_and_delays_none(asked):
    made = as_of.known_on(asked, asked.today)
    with NightLock(asked.home):
        again = as_of.known_on(asked, asked.today)
    assert again.path == made.path
    assert (again.path / "marts.duckdb").read_text(encoding="utf-8") == f"as-of-{asked.today}"


def test_an_answer_of_which_the_rows_are_gone_is_made_from_what_landing_holds(asked):
    made = as_of.known_on(asked, asked.today)
    for path in asked.home.raw.rglob("*.parquet"):
        path.unlink()
    assert as_of.known_on(asked, asked.today).path == made.path
    assert read(asked) == [".json", ".json", ".parquet"]


def test_the_answers_asked_for_last_are_kept_and_no_half_of_one_that_was_killed(asked):
    asked.home.as_of.mkdir()
    for n in range(1, as_of.KEPT_ANSWERS + 1):
        other = asked.home.as_of / f"2025-01-{n:02}-0123456789ab"
        other.mkdir()
        os.utime(other, (n, n))
    half = asked.home.as_of / ".2025-02-01-0123456789ab.partial" / "parquet"
    half.mkdir(parents=True)
    os.utime(asked.home.as_of / "2025-01-01-0123456789ab")  # asked for again

    made = as_of.known_on(asked, asked.today).path
    names = {path.name for path in asked.home.as_of.iterdir()} - {"build"}
    assert names == {
        made.name,
        "2025-01-01-0123456789ab",
        *(f"2025-01-{n:02}-0123456789ab" for n in range(3, as_of.KEPT_ANSWERS + 1)),
    }
    os.utime(made, (0, 0))
    as_of.known_on(asked, asked.today)
    assert made.stat().st_mtime > as_of.KEPT_ANSWERS
