"""Standing: a publisher's bad night is not ours, until what stands is too old to stand on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.landing import Look
from ingest.snapshots import Snapshot
from ingest.standing import Verdict, judge, stand

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def days_ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat(timespec="seconds")


def taken(days: float, rows: int = 10, rejected: int = 0, fault: str | None = None) -> Snapshot:
    return Snapshot(
        name=f"county_figures.{days}",
        source_id="county_figures",
        dataset="indicator_figures",
        document=f"figures_{days}.csv",
        sha256="0" * 64,
        retrieved_at=days_ago(days),
        data_origin="published",
        rows=rows,
        rejected=rejected,
        fault=fault,
    )


def good(days: float) -> Verdict:
    return Verdict(taken(days))


def bad(days: float, why: str = "the header has changed") -> Verdict:
    return Verdict(taken(days), (why,))


LOOKED = Look(days_ago(0), True, None, (), days_ago(0))


def found(*verdicts: Verdict) -> Look:
    """A look that found these documents, and no other."""
    taken = [verdict.snapshot for verdict in verdicts]
    return Look(
        *(days_ago(0), True, None, tuple(one.sha256 for one in taken), days_ago(0)),
        names=tuple(one.document for one in taken),
    )


def missed(good_at: str | None) -> Look:
    return Look(days_ago(0), False, "HTTP 503", (), good_at)


# ── a snapshot is accepted or refused as a whole ─────────────────────────────────────────────────────────────


def test_a_sound_snapshot_is_accepted(source_of):
    verdict = judge(taken(0), source_of(), [])
    assert verdict.accepted and verdict.refusals == ()


def test_a_snapshot_that_could_not_be_read_is_refused_by_its_fault_alone(source_of):
    verdict = judge(taken(0, fault="figures.csv: no header"), source_of(), ["never run"])
    assert verdict.refusals == ("figures.csv: no header",)


def test_every_critical_failure_refuses_with_its_document(source_of):
    verdict = judge(taken(3), source_of(), ["value: 2 below 0", "area_id: 1 null"])
    assert verdict.refusals == ("figures_3.csv: value: 2 below 0", "figures_3.csv: area_id: 1 null")
    assert not verdict.accepted


@pytest.mark.parametrize(
    ("rows", "rejected", "allowed", "accepted"),
    [(98, 2, 0.02, True), (97, 3, 0.02, False), (100, 0, 0.0, True), (0, 0, 0.0, True), (0, 1, 0.5, False)],
)
def test_rejected_rows_are_borne_up_to_the_share_that_the_catalogue_allows(
    source_of, rows, rejected, allowed, accepted
):
    source = source_of(max_rejected_share=allowed)
    assert judge(taken(0, rows, rejected), source, []).accepted is accepted


def test_a_refusal_for_rejected_rows_says_how_many_and_where_they_are(source_of):
    [refusal] = judge(taken(0, 97, 3), source_of(max_rejected_share=0.02), []).refusals
    assert refusal == (
        "figures_0.csv: 3 of 100 rows could not be placed (3.00%, allowed 2.00%);"
        " see quarantine/indicator_figures/county_figures.0.parquet"
    )


# ── which snapshot the night stands on ───────────────────────────────────────────────────────────────────────


def names(standing) -> list[str]:
    return [snapshot.document for snapshot in standing.snapshots]


def test_the_newest_accepted_snapshot_is_fresh_however_long_it_has_not_changed(source_of):
    standing = stand(source_of(), [good(400), good(90)], LOOKED, NOW)
    assert (standing.state, names(standing), standing.age_days, standing.message) == (
        *("fresh", ["figures_90.csv"], 0, None),
    )


def test_a_refused_snapshot_leaves_the_last_accepted_one_standing_with_its_age_and_the_reason(source_of):
    standing = stand(source_of(), [good(20), good(9.5), bad(2), bad(0)], LOOKED, NOW)
    assert (standing.state, names(standing), standing.age_days) == ("old", ["figures_9.5.csv"], 9)
    assert standing.message == "the header has changed; the night stands on the snapshot of 9 day(s) ago"


def test_every_reason_of_the_newest_refusal_is_told(source_of):
    twice = Verdict(taken(0), ("value: 2 below 0", "area_id: 1 null"))
    standing = stand(source_of(), [good(1), bad(0.5, "older"), twice], LOOKED, NOW)
    assert standing.message.startswith("value: 2 below 0; area_id: 1 null; the night stands")
    assert "older" not in standing.message


@pytest.mark.parametrize(("days", "state"), [(30, "old"), (30.9, "old"), (31, "blocked")])
def test_past_its_tolerance_a_source_blocks_the_night(source_of, days, state):
    standing = stand(source_of(tolerance_days=30), [good(days), bad(0)], LOOKED, NOW)
    assert (standing.state, standing.age_days) == (state, int(days))
    if state == "blocked":
        assert standing.message == (
            "the header has changed; the last accepted snapshot is 31 days old, 30 are allowed"
        )


def test_without_an_accepted_snapshot_the_night_is_blocked(source_of):
    standing = stand(source_of(), [bad(1), bad(0, "no table")], LOOKED, NOW)
    assert (standing.state, names(standing), standing.age_days) == ("blocked", [], None)
    assert standing.message == "no table; no accepted snapshot stands"
    assert stand(source_of(), [], LOOKED, NOW).message == (
        "county_figures holds nothing; no accepted snapshot stands"
    )
    assert stand(source_of(), [], missed(None), NOW).message == (
        "county_figures could not be fetched: HTTP 503; no accepted snapshot stands"
    )


def test_an_accepted_snapshot_after_a_refused_one_is_fresh_again(source_of):
    standing = stand(source_of(), [good(9), bad(5), good(0)], LOOKED, NOW)
    assert (standing.state, names(standing), standing.message) == ("fresh", ["figures_0.csv"], None)


# ── sources that cannot be fetched ───────────────────────────────────────────────────────────────────────────


def test_the_age_after_a_failed_fetch_counts_from_the_last_look_that_went_well(source_of):
    standing = stand(source_of(), [good(300)], missed(days_ago(4)), NOW)
    assert (standing.state, standing.age_days, names(standing)) == ("old", 4, ["figures_300.csv"])
    assert standing.message == (
        "county_figures could not be fetched: HTTP 503; the night stands on the snapshot of 4 day(s) ago"
    )


def test_a_source_that_cannot_be_fetched_for_too_long_blocks_the_night(source_of):
    standing = stand(source_of(tolerance_days=30), [good(300)], missed(days_ago(31)), NOW)
    assert (standing.state, standing.age_days) == ("blocked", 31)


def test_a_refused_snapshot_does_not_grow_younger_because_the_next_fetch_failed(source_of):
    standing = stand(source_of(), [good(12), bad(3)], missed(days_ago(1)), NOW)
    assert (standing.state, standing.age_days) == ("old", 12)
    assert standing.message.startswith("the header has changed; ")


# ── sources that may be empty, and sources that add up ───────────────────────────────────────────────────────


def test_an_optional_source_may_hold_nothing(source_of):
    standing = stand(source_of(optional=True), [], LOOKED, NOW)
    assert (standing.state, names(standing), standing.message) == ("empty", [], None)


def test_an_optional_source_of_which_nothing_was_accepted_says_why_and_blocks_nothing(source_of):
    refused = stand(source_of(optional=True), [bad(0)], LOOKED, NOW)
    assert (refused.state, refused.message) == ("empty", "the header has changed")
    unseen = stand(source_of(optional=True), [], missed(None), NOW)
    assert (unseen.state, unseen.message) == ("empty", "county_figures could not be fetched: HTTP 503")


def test_where_files_add_up_the_night_uses_every_accepted_one(source_of):
    adding = source_of(accumulates=True)
    standing = stand(adding, [good(90), good(40), good(0)], LOOKED, NOW)
    assert (standing.state, names(standing), standing.age_days) == (
        *("fresh", ["figures_90.csv", "figures_40.csv", "figures_0.csv"], 0),
    )
    assert stand(source_of(), [good(90), good(0)], LOOKED, NOW).snapshots[0].document == "figures_0.csv"


def test_where_files_add_up_an_earlier_refused_one_is_told_while_it_lies_there(source_of):
    verdicts = [bad(9, "9: no header"), good(0)]
    standing = stand(source_of(accumulates=True), verdicts, found(*verdicts), NOW)
    assert (standing.state, names(standing), standing.message) == (
        *("fresh", ["figures_0.csv"], "9: no header"),
    )


@pytest.mark.parametrize("left", [[good(9)], []], ids=["others lie there", "nothing lies there"])
def test_where_files_add_up_a_refused_one_that_was_taken_away_is_told_no_more(source_of, left):
    standing = stand(source_of(accumulates=True), [good(9), bad(0)], found(*left), NOW)
    assert (standing.state, names(standing), standing.age_days, standing.message) == (
        *("fresh", ["figures_9.csv"], 0, None),
    )


@pytest.mark.parametrize(
    ("verdicts", "look"), [([good(90), bad(0)], found(bad(0))), ([good(90)], missed(days_ago(60)))]
)
def test_where_files_add_up_a_bad_one_never_blocks_the_earlier_ones(source_of, verdicts, look):
    standing = stand(source_of(accumulates=True, optional=True), verdicts, look, NOW)
    assert (standing.state, names(standing)) == ("old", ["figures_90.csv"])
    assert standing.message.startswith(("the header has changed", "county_figures could not be fetched"))


def test_every_refused_document_of_a_source_that_accumulates_is_told(source_of):
    verdicts = [good(9), bad(5, "5: no header"), bad(0, "0: another plan")]
    standing = stand(source_of(accumulates=True), verdicts, found(*verdicts), NOW)
    assert (standing.state, names(standing)) == ("old", ["figures_9.csv"])
    assert standing.message.startswith("5: no header; 0: another plan; the night stands")


# ── files that lie beside each other, and places that were emptied ───────────────────────────────────────────


def test_of_files_that_came_at_once_and_replace_each_other_those_set_aside_are_named(source_of):
    standing = stand(source_of(), [good(3)], found(good(3)), NOW, ["a.csv", "b.csv"])
    assert (standing.state, names(standing), standing.age_days, standing.message) == (
        *("fresh", ["figures_3.csv"], 0),
        "figures_3.csv stands, for each file replaces the one before; set aside: a.csv, b.csv",
    )
    refused = stand(source_of(), [good(3), bad(0)], found(good(3), bad(0)), NOW, ["a.csv"])
    assert (refused.state, refused.message) == (
        "old",
        "the header has changed; figures_3.csv stands, for each file replaces the one before; set aside: a.csv;"
        " the night stands on the snapshot of 3 day(s) ago",
    )


@pytest.mark.parametrize("connector", ["file", "store"])
def test_an_optional_place_that_was_emptied_leaves_what_stood_there_to_grow_old(source_of, connector):
    location = {"file": "gdp_*.csv", "store": "s3://ledger/gdp_*.csv"}[connector]
    source = source_of(optional=True, connector=connector, location=location, tolerance_days=30)
    standing = stand(source, [good(9)], LOOKED, NOW)
    assert (standing.state, names(standing), standing.age_days, standing.message) == (
        *("old", ["figures_9.csv"], 9),
        f"nothing lies at {location} any more; the night stands on the snapshot of 9 day(s) ago",
    )
    assert stand(source, [good(31)], LOOKED, NOW).message == (
        f"nothing lies at {location} any more; the last accepted snapshot is 31 days old, 30 are allowed"
    )
    assert stand(source, [good(31)], LOOKED, NOW).state == "blocked"
    assert stand(source, [good(31)], found(good(31)), NOW).state == "fresh"


def test_an_emptied_place_grows_old_from_the_day_on_which_it_last_held_anything(source_of):
    source = source_of(optional=True, connector="file", location="gdp_*.csv", tolerance_days=30)
    emptied = replace(LOOKED, found_at=(NOW - timedelta(days=1)).isoformat())
    standing = stand(source, [good(200)], emptied, NOW)
    assert (standing.state, standing.age_days) == ("old", 1)
    failed = replace(emptied, ok=False, error="down", found_at=(NOW - timedelta(days=31)).isoformat())
    assert (stand(source, [good(200)], failed, NOW).state) == "blocked"


def test_what_was_handed_in_may_leave_the_inbox_once_it_was_taken(source_of):
    inbox = source_of(optional=True, connector="inbox", data_origin="submitted")
    standing = stand(inbox, [good(90)], LOOKED, NOW)
    assert (standing.state, standing.age_days, standing.message) == ("fresh", 0, None)
