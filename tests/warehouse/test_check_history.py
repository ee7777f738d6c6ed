"""The checks' history: tonight's rows in full, earlier ones in short, none past their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from warehouse.check_history import KEPT_DAYS, with_history

pytestmark = pytest.mark.slow

NIGHT = datetime(2026, 11, 23, 2, 15, 3, tzinfo=UTC)
IDS = ("20261123T021503Z", "20261124T021503Z", "20271229T021503Z")


def checks(**changes) -> pl.DataFrame:
    row = {
        "suite": "marts",
        "check_id": "share_possible",
        "status": "passed",
        "description": "Because.",
        "observed": "0 of 3 rows",
        "samples": None,
    }
    return pl.DataFrame([row | changes], schema=dict.fromkeys(row, pl.String))


def test_a_first_release_holds_its_own_results_and_no_others():
    [row] = with_history(checks(), IDS[0], NIGHT, None).rows(named=True)
    assert (row["release_id"], row["built_at"], row["description"]) == (
        IDS[0],
        "2026-11-23T02:15:03+00:00",
        "Because.",
    )


def test_earlier_results_are_carried_over_without_their_words(publish):
    failed = checks(status="failed", observed="1 of 3 rows", samples="weifang: 20.77")
    both = pl.concat([checks(), failed])
    first = publish(IDS[0], {"checks": with_history(both, IDS[0], NIGHT, None)})
    rows = with_history(checks(), IDS[1], NIGHT + timedelta(days=1), first)
    assert rows.select("release_id", "status", "description", "observed", "samples").rows() == [
        (IDS[1], "passed", "Because.", "0 of 3 rows", None),
        (IDS[0], "passed", None, None, None),
        (IDS[0], "failed", None, "1 of 3 rows", None),
    ]


def test_a_release_of_the_older_form_is_taken_as_one(publish):
    rows = with_history(checks(), IDS[1], NIGHT + timedelta(days=1), publish(IDS[0], {"checks": checks()}))
    assert rows.select("release_id", "built_at").rows() == [
        (IDS[1], "2026-11-24T02:15:03+00:00"),
        (IDS[0], "2026-11-23T02:15:03+00:00"),
    ]


def test_a_release_without_results_adds_none(publish):
    assert with_history(checks(), IDS[1], NIGHT, publish(IDS[0])).height == 1


def test_results_of_more_than_four_hundred_days_ago_are_dropped(publish):
    first = publish(IDS[0], {"checks": with_history(checks(), IDS[0], NIGHT, None)})
    last_day, next_day = (NIGHT + timedelta(days=KEPT_DAYS + late) for late in (0, 1))
    assert with_history(checks(), IDS[2], last_day, first)["release_id"].to_list() == [IDS[2], IDS[0]]
    assert with_history(checks(), IDS[2], next_day, first)["release_id"].to_list() == [IDS[2]]
