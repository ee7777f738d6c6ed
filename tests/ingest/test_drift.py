"""Drift: every difference between two documents of one source is said, and how bad it may be."""

import pytest

from ingest.drift import Change, compare, is_whole

PROFILE = {
    "rows": 100,
    "published_to": "2025-01-01",
    "headers": {"表1": ["地区", "数值", "单位"]},
    "kinds": {"area": "words", "value": "number"},
    "filled": {"area_id": 1.0, "value": 0.9, "note": 0.1},
    "area_id": ["hanting", "weicheng"],
    "period_id": ["2023", "2024"],
    "indicator_code": ["gdp"],
}


def changes(accumulates=False, **now):
    return compare(PROFILE, PROFILE | now, accumulates=accumulates)


def test_two_documents_alike_have_not_drifted():
    assert changes() == []


@pytest.mark.parametrize(
    ("now", "check", "severity", "observed"),
    [
        ({"headers": {"表1": ["地区", "数值"]}}, "header", "warning", "表1: column 单位 gone"),
        ({"headers": {"表1": ["地区", "数值", "单位", "备注"]}}, "header", "warning", "表1: column 备注 new"),
        (
            {"headers": {"表1": ["数值", "地区", "单位"]}},
            "header",
            "warning",
            "the columns of 表1 stand in another order",
        ),
        ({"headers": {"表2": ["地区", "数值", "单位"]}}, "header", "warning", "表1 is gone; 表2 is new"),
        (
            {"kinds": {"area": "words", "value": "words"}},
            "kinds",
            "warning",
            "value: number before, words now",
        ),
        ({"rows": 149}, "rows", "info", "100 rows before, 149 now"),
        ({"rows": 151}, "rows", "warning", "100 rows before, 151 now"),
        ({"rows": 75}, "rows", "info", "100 rows before, 75 now"),
        ({"rows": 74}, "rows", "warning", "100 rows before, 74 now"),
        ({"filled": {"area_id": 1.0, "value": 0.6}}, "filled", "warning", "value 90% before, 60% now"),
        ({"area_id": ["hanting"]}, "area_id", "warning", "no longer there: weicheng"),
        ({"area_id": ["hanting", "weicheng", "zhucheng"]}, "area_id", "info", "new: zhucheng"),
        ({"period_id": ["2023", "2024", "2025"]}, "period_id", "info", "new: 2025"),
        ({"indicator_code": []}, "indicator_code", "warning", "no longer there: gdp"),
    ],
)
def test_a_change_is_said_with_how_bad_it_may_be(now, check, severity, observed):
    assert changes(**now) == [Change(check, severity, observed)]


def test_a_little_less_of_a_column_is_no_drift():
    assert changes(filled={"area_id": 1.0, "value": 0.75, "note": 0.0}) == []


def test_documents_that_stand_beside_each_other_are_compared_by_their_form_only():
    assert changes(accumulates=True, rows=1, area_id=[], period_id=["2025"]) == []
    assert [c.check for c in changes(accumulates=True, kinds={"value": "words"})] == ["kinds"]


@pytest.mark.parametrize(
    ("extent", "whole"), [(["full"], True), (["delta"], False), (["delta", "full"], False), ([], False)]
)
def test_a_document_is_the_whole_of_a_register_where_it_says_so_of_every_row(extent, whole):
    assert is_whole(PROFILE | {"extent": extent}) is whole
    assert not is_whole(PROFILE)


def test_of_many_values_a_few_are_named_and_the_rest_counted():
    [change] = changes(area_id=["hanting", "weicheng", *(f"z{n}" for n in range(9))])
    assert change.observed == "new: z0、z1、z2、z3、z4、z5 and 3 more"
