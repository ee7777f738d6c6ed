"""How old the current release is, and every reason not to believe it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from warehouse.freshness import Freshness, in_words, in_words_zh, look

SEALED = datetime(2026, 11, 23, 2, 15, 3, tzinfo=UTC)


@pytest.fixture
def release_of(home):
    """A folder that is a release as far as a watchman looks: a manifest, and one file of three bytes."""

    def make(**changed):
        folder = home.releases / "20261123T021503Z"
        folder.mkdir()
        (folder / "marts.duckdb").write_bytes(b"abc")
        manifest = {"id": folder.name, "files": {"marts.duckdb": {"sha256": "", "bytes": 3}}} | changed
        (folder / "manifest.json").write_text(json.dumps(manifest))
        home.current.symlink_to(folder)
        return folder

    return make


def test_a_whole_release_has_the_age_that_its_id_says(home, release_of):
    release_of()
    found = look(home, SEALED + timedelta(hours=25))
    assert found == Freshness("20261123T021503Z", SEALED, timedelta(hours=25), None)
    assert found.staleness(timedelta(hours=25)) is None
    assert found.staleness(timedelta(hours=24)) == (
        "release 20261123T021503Z is 25 hours old, 24 hours are allowed"
    )


def test_no_release_and_no_home_are_stale(home, tmp_path):
    assert look(home).staleness() == f"there is no release in {home.root}"
    from warehouse.home import Home

    assert look(Home(tmp_path / "none")).fault.startswith("there is no release in ")
    assert not (tmp_path / "none").exists()


def test_a_pointer_to_nowhere_and_a_manifest_that_is_none_are_damage(home, release_of):
    folder = release_of()
    (folder / "manifest.json").write_text("{")
    assert look(home).fault.startswith("the current release is damaged: ")
    (folder / "manifest.json").unlink()
    assert "there is no release in" in look(home).fault


@pytest.mark.parametrize("id_", ["tonight", 7, None])
def test_a_manifest_that_names_no_moment_is_damage(home, release_of, id_):
    release_of(id=id_)
    assert look(home).fault is not None


def test_a_file_that_is_gone_or_cut_short_is_damage(home, release_of):
    folder = release_of()
    (folder / "marts.duckdb").write_bytes(b"ab")
    assert look(home).fault == "release 20261123T021503Z is damaged: marts.duckdb"
    (folder / "marts.duckdb").unlink()
    assert look(home).fault == "release 20261123T021503Z is damaged: marts.duckdb"


@pytest.mark.parametrize("files", [{}, None, ["marts.duckdb"], {"marts.duckdb": 3}])
def test_a_manifest_that_lists_no_files_is_damage(home, release_of, files):
    release_of(files=files)
    assert look(home).fault is not None


def test_a_release_from_the_future_is_not_fresh_for_a_clock_was_wrong(home, release_of):
    release_of()
    found = look(home, SEALED - timedelta(days=3))
    assert found.staleness() == (
        "release 20261123T021503Z lies 3 days 0 hours in the future: a clock is or was wrong"
    )
    assert look(home, SEALED - timedelta(minutes=2)).staleness() is None


@pytest.mark.parametrize(
    ("span", "words", "words_zh"),
    [
        (timedelta(minutes=5), "5 minutes", "5 分钟"),
        (timedelta(hours=6, minutes=30), "6.5 hours", "6.5 小时"),
        (timedelta(hours=36), "36 hours", "36 小时"),
        (timedelta(days=3, hours=4, minutes=59), "3 days 4 hours", "3 天 4 小时"),
    ],
)
def test_an_age_in_words(span, words, words_zh):
    assert (in_words(span), in_words_zh(span)) == (words, words_zh)
