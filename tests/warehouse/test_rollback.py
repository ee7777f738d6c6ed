"""Going back to an earlier release: whole or not at all, told, and not undone by the next night."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from warehouse import release, rollback
from warehouse.home import Home, HomeBusy, NightLock
from warehouse.release import ReleaseError

pytestmark = pytest.mark.slow

FIRST, SECOND = "20261122T021503Z", "20261123T021503Z"
LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made_two(tmp_path_factory, made_build_file, publish_in):
    """A home with two releases; copied for each test, since sealing takes longer."""
    home = Home(tmp_path_factory.mktemp("two")).ensure()
    shutil.copyfile(made_build_file, home.build_file)
    publish_in(home, FIRST)
    publish_in(home, SECOND)
    return home


@pytest.fixture
def two(home, made_two):
    shutil.copytree(made_two.root, home.root, symlinks=True, dirs_exist_ok=True)
    return home


def spoil(home, id_):
    file = home.releases / id_ / "parquet" / "data_gaps.parquet"
    file.chmod(0o644)
    file.write_bytes(b"rot")


def test_a_list_says_of_each_release_what_a_person_chooses_by(two):
    spoil(two, FIRST)
    newest, oldest = rollback.lines(two)
    assert (newest.id, newest.is_current, newest.faults, newest.passed, newest.warned) == (
        SECOND, True, (), 12, 1,
    )  # fmt: skip
    assert newest.bytes == sum(p.stat().st_size for p in (two.releases / SECOND).rglob("*") if p.is_file())
    assert (oldest.id, oldest.is_current, oldest.faults) == (
        FIRST, False, ("parquet/data_gaps.parquet has changed",),
    )  # fmt: skip


def test_a_release_whose_manifest_is_lost_is_listed_as_damaged(two):
    (two.releases / FIRST / "manifest.json").unlink()
    (two.releases / SECOND / "manifest.json").chmod(0o644)
    (two.releases / SECOND / "manifest.json").write_text('{"id": "x"}')
    newest, oldest = rollback.lines(two)
    assert "there is no release" in oldest.faults[0]
    assert newest.faults == ("its manifest is damaged ('files')",)


def test_a_release_that_a_process_reads_is_in_use(two):
    with (two.releases / FIRST / "manifest.json").open():
        assert [line.is_in_use for line in rollback.lines(two)] == [False, True]


def test_going_back_swaps_current_and_withdraws_what_was_left(two):
    was, noted = rollback.use(two, FIRST, "占比算错", now=LATER)
    assert was == SECOND
    assert (noted.release_id, noted.instead, noted.at) == (SECOND, FIRST, "2026-11-23T09:00:00+00:00")
    assert release.current_release(two).id == FIRST
    assert str(noted) == f"release {SECOND} was withdrawn on 2026-11-23 (占比算错)"
    assert rollback.withdrawals(two) == [noted]
    assert rollback.lines(two)[0].withdrawn == str(noted)


def test_what_rests_on_the_same_as_a_withdrawn_release_is_known_whatever_its_day(two):
    _, noted = rollback.use(two, FIRST)
    same = release.open_release(two.releases / SECOND).manifest
    assert rollback.withdrawn_like(two, same | {"as_of_date": "2026-12-01", "built_at": "later"}) == noted
    for name, other in {
        "code_version": "0.2.0", "parameters": {"A02": "17"}, "inputs": ["wf_bulletin", "cd"], "decisions": 4,
        "demo": True, "catalogue_version": "x",
    }.items():  # fmt: skip
        assert rollback.withdrawn_like(two, same | {name: other}) is None, name


def test_a_document_received_again_is_the_same_document(two):
    entry = {"source": "s", "document": "d.csv", "sha256": "ab", "retrieved_at": "2026-11-23"}
    again = entry | {"retrieved_at": "2026-11-24"}
    assert rollback.basis({"inputs": [entry]}) == rollback.basis({"inputs": [again]})
    assert rollback.basis({"inputs": [entry]}) != rollback.basis({"inputs": [entry | {"sha256": "cd"}]})


def test_using_the_withdrawn_release_takes_the_withdrawal_back(two):
    rollback.use(two, FIRST)
    was, noted = rollback.use(two, SECOND)
    assert (was, noted) == (FIRST, None)
    assert rollback.withdrawals(two) == []


def test_what_was_left_for_damage_is_not_withdrawn(two):
    spoil(two, SECOND)
    assert rollback.use(two, FIRST) == (SECOND, None)
    assert rollback.withdrawals(two) == []


@pytest.mark.parametrize("id_", [FIRST, "20200101T000000Z", "../../etc"])
def test_a_damaged_or_unknown_release_is_refused_with_those_that_are_whole(two, id_):
    spoil(two, FIRST)
    with pytest.raises(ReleaseError, match=rf"(is damaged|there is no release).*Whole are: {SECOND}"):
        rollback.use(two, id_)
    assert release.current_release(two).id == SECOND


def test_nobody_goes_back_while_a_night_runs(two):
    with NightLock(two), pytest.raises(HomeBusy):
        rollback.use(two, FIRST)
    assert release.current_release(two).id == SECOND


def test_a_damaged_list_of_withdrawals_is_said_and_not_taken_for_an_empty_one(two):
    two.withdrawn.write_text("[{")
    with pytest.raises(ReleaseError, match="cannot be read"):
        rollback.withdrawals(two)
    two.withdrawn.write_text(json.dumps([{"who": "x"}]))
    with pytest.raises(ReleaseError, match="cannot be read"):
        rollback.use(two, FIRST)
