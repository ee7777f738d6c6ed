"""The short version of `make faults` and `make soak`: kills at a few exact points, damages that share a night, a few swaps."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from tests.faults import damages, soak, steps
from tests.faults.harness import Report, kill_at_stage, require_gone
from tests.faults.world import Broken, World, end_group
from warehouse.home import Home
from warehouse.release import current_release

pytestmark = pytest.mark.slow

SUBMITTED = """\
地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注
昌邑市,地区生产总值,2025,512.34,亿元,,,初步核算,昌邑市统计局报送,,2026-03-10,O,是,,
"""


@pytest.fixture
def world(real_home, home_after, tmp_path) -> World:
    """The home after a first night, with a figure handed in since."""
    home = home_after(real_home)
    (home / "inbox" / "changyi_figures.csv").write_text(SUBMITTED, encoding="utf-8")
    world = World(tmp_path)
    world.require_whole(real_home.current.name)
    return world


def test_killed_and_damaged_nights_harm_nobody_and_the_next_one_mends_all(world, blue_ledger):
    before, home = world.current, world.home
    kill_at_stage(world, "fetch")
    assert world.require_whole(before) == "old"

    first = world.start()
    try:
        assert any(line.startswith("  take ") for line in first.stdout)  # from here dbt is at work
        second = blue_ledger("nightly", "--no-demo", home=home.root)
        assert second.code == 1
        assert f"{home.root} is held by process {first.pid} (" in second.err
        seen = blue_ledger("doctor", "--json", home=home.root)
        [lock] = [finding for finding in seen.json() if finding["subject"] == "lock"]
        assert lock["state"] == "warn" and f"process {first.pid} (" in lock["text"]
        first.send_signal(signal.SIGKILL)
        first.wait()
        require_gone(first)
    finally:
        end_group(first)
        first.stdout.close()
    assert world.require_whole(before) == "old"

    for damage in damages.ANY_CITY:
        assert damage.do(world), damage.what
    told = world.plain_night().out
    assert world.require_whole(before) == "new"
    assert f"release {before} is damaged: marts.duckdb has changed" in told
    assert "the history of runs was damaged" in told
    assert "set aside as landing/corrupt/" in told
    asked = blue_ledger(
        "query",
        "select value, data_origin from fct_indicator_value where area_id = 'changyi' and indicator_code = 'gdp'"
        " and period = '2025'",
        "--format",
        "json",
        home=home.root,
    )
    assert asked.json() == [{"value": 512.34, "data_origin": "submitted"}]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_killed_while_the_pointer_is_moved_or_a_document_is_copied_all_is_whole(tmp_path):
    report = Report(None)
    steps.run(tmp_path / "publish", report, calls=("symlink",), full=(), steps=("publish",))
    steps.run(tmp_path / "land", report, calls=("write",), full=(), steps=("land",))
    assert [row.broken for row in report.rows.values() if row.broken] == []
    counted = {kind: (row.faults, row.nights) for kind, row in report.rows.items()}
    assert counted == {
        "SIGKILL at every `symlink` of publishing alone": (1, 1),
        "SIGKILL at every `write` of landing alone": (5, 5),  # two documents, their receipts, the look
    }
    assert report.text().splitlines()[-1].endswith("not survived: 0.")


def test_readers_under_swaps_meet_no_error_no_torn_and_no_stale_read(tmp_path):
    result = soak.run(Home(tmp_path), readers=4, swaps=10, threads=1)
    assert result.is_good, result.told
    assert set(result.queries) >= {kind.__name__ for kind in soak.KINDS}
    assert min(result.queries.values()) >= 10
    assert result.removed > 0  # so that removal was tried under readers
    assert current_release(Home(tmp_path)).manifest["number"] == 10


# ── the harness itself finds what it is for ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small(tmp_path) -> World:
    """A home with one small release and a landed document; no night has run in it."""
    steps.prepare(tmp_path / "home")
    world = World(tmp_path)
    world.require_landing()
    return world


def test_a_whole_home_passes(small):
    assert small.require_whole(small.current) == "old"
    assert small.require_whole("20261001T021503Z") == "new"


def test_a_changed_byte_of_a_release_is_found(small):
    damages.flip(small.home.current.resolve() / "parquet" / "data_gaps.parquet")
    with pytest.raises(Broken, match=r"data_gaps\.parquet has changed"):
        small.require_whole(small.current)


def test_a_lost_document_is_found_and_one_set_aside_is_not_lost(small):
    [document] = (small.home.landing / "objects").iterdir()
    (small.home.landing / "corrupt").mkdir()
    aside = document.rename(small.home.landing / "corrupt" / "objects.x")
    small.require_landing()
    aside.unlink()
    with pytest.raises(Broken, match=f"landing/objects/{document.name} is lost"):
        small.require_landing()


def test_a_release_pointer_that_is_gone_is_found(small):
    before = small.current
    os.unlink(small.home.current)
    with pytest.raises(Broken, match="current is gone"):
        small.require_whole(before)
