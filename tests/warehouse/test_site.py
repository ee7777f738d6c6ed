"""What the site's pages are made of: figures, words, order, places, pictures. Whole sites are built in tests/e2e."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from warehouse import pages, words
from warehouse.progress import TargetProgress
from warehouse.site import address, sparkline, text, views
from warehouse.site.sparkline import Reached

LINE = TargetProgress(
    plan_version="draft_2024-10-11",
    target_id="TG01",
    label_zh="海洋生产总值",
    operator="gt",
    target_value=2000.0,
    unit="cny_100m",
    unit_zh="亿元",
    target_year=2027,
    value=1703.42,
    period="2024",
    base_value=1596.8,
    base_period="2023",
    ratio=1.15,
    status="on_track",
    rag="green",
    gap=-296.58,
    data_origin="published",
    reason=None,
    vintage="press",
    published_on=date(2025, 12, 31),
)


def card(target_id, status="on_track", rag="green", ratio=1.0, value=1.0, year=2027, quantified=True):
    line = replace(
        LINE, target_id=target_id, status=status, rag=rag, ratio=ratio, value=value, target_year=year
    )
    return views.Card(line, {}, {"is_quantified": quantified}, None, None, ())


@pytest.mark.parametrize(
    ("subject_type", "subject_id", "is_of"),
    [
        ("cluster", "YS1", True),
        ("cluster_year", "YS1:2025", True),
        ("enterprise", "YS1:9137", True),
        ("cluster", "YS10", False),
        ("cluster", "a1b2:!A2:L2", True),
        ("area", "shouguang", True),
        ("area_industry", "shouguang:IF02", True),
        ("area_industry", "binhai:IF02", False),
        ("city_year", "weifang:2026", False),
    ],
)
def test_a_rule_broken_in_a_county_or_in_one_of_its_clusters_stands_on_its_page(
    subject_type, subject_id, is_of
):
    row = {"subject_type": subject_type, "subject_id": subject_id}
    assert views._is_of(row, "shouguang", {"YS1", "a1b2:!A2:L2"}) is is_of


# --- figures and words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (1703.42, "1,703.42"),
        (93.0, "93"),
        (0.0, "0"),
        (-0.001, "0"),
        (12345678.9, "12,345,678.9"),
        (None, "—"),
    ],
)
def test_a_figure_is_printed_with_at_most_two_decimals_and_never_zero_for_nothing(value, printed):
    assert text.number(value) == printed


def test_a_figure_carries_its_exact_value_and_nothing_carries_its_reason():
    assert '<data value="20.765264286522">20.77</data>' in text.figure(20.765264286522, "pct")
    nothing = text.figure(None, "pct", 'not "published"')
    assert nothing == '<span class="none" title="not &#34;published&#34;">—</span>'


def test_words_are_escaped_in_both_languages():
    shown = text.both("<b>蓝</b>", "<script>")
    assert "&lt;b&gt;蓝&lt;/b&gt;" in shown and "&lt;script&gt;" in shown
    assert text.word("<i>", words.ORIGINS) == "&lt;i&gt;"  # a code that no table knows
    assert text.word(None, words.ORIGINS) == "—"


def test_every_status_and_colour_has_words_in_both_languages():
    from warehouse.progress import ORIGINS, STATUSES

    assert set(words.STATUSES) == set(STATUSES)
    assert {code: zh for code, (zh, _) in words.STATUSES.items()} == {
        c: zh for c, (zh, _) in STATUSES.items()
    }
    assert {code: zh for code, (zh, _) in words.ORIGINS.items()} == ORIGINS
    assert {colour for _, colour in STATUSES.values()} == set(words.RAG)
    assert len({mark for mark, *_ in words.RAG.values()}) == len(
        words.RAG
    )  # no colour without a mark of its own


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//example.org", False),
        ("http://[", False),
        ("网址未注明", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_become_links(url, linked):
    assert (address(url) == url) is linked or url is None
    assert (address(url) is not None) is linked


# --- what needs attention -----------------------------------------------------------------------


def test_attention_goes_to_red_then_yellow_then_what_cannot_be_judged_and_by_ratio_within_a_colour():
    cards = [
        card("TG01"),
        card("TG02", "not_assessable", "grey", None, 3.0),
        card("TG03", "no_data", "grey", None, None),
        card("TG04", "acceleration_needed", "yellow", 0.75),
        card("TG05", "limited_progress", "red", 0.4),
        card("TG06", "deterioration", "red", -0.2),
    ]
    assert [c.line.target_id for c in views.attention(cards)] == ["TG06", "TG05", "TG04"]
    assert [c.line.target_id for c in views.attention(cards[:3])] == ["TG03", "TG02"]


def test_what_is_on_track_not_due_or_without_a_number_in_the_plan_needs_no_attention():
    cards = [
        card("TG01"),
        card("TG12", "not_due", "grey", None),
        card("TG15", "not_assessable", "grey", None, 50.0, None, quantified=False),
    ]
    assert views.attention(cards) == []


# --- counties and zones -------------------------------------------------------------------------


def test_every_unit_has_a_place_of_its_own_on_the_map_and_a_stranger_follows_below():
    units = [{"area_id": id_} for id_ in [*views.tiles(), "newtown", "newport"]]
    placed = views.placed(units)
    assert len(set(placed.values())) == len(units)
    assert placed["newtown"] == (6, 1) and placed["newport"] == (6, 2)
    assert views.placed([{"area_id": "elsewhere"}]) == {"elsewhere": (1, 1)}


def test_shades_go_from_low_to_high_and_nothing_has_none():
    rows = [{"area_id": n, "value": v} for n, v in (("a", 0.0), ("b", 5.0), ("c", 10.0), ("d", None))]
    assert views._shades(rows) == {"a": 1, "b": 3, "c": 5}
    assert views._shades([{"area_id": "a", "value": 0.0}]) == {"a": 1}
    assert views._shades([{"area_id": "a", "value": None}]) == {}


def test_gaps_of_one_reason_are_one_line_with_all_their_periods():
    rows = [
        {
            "indicator": "gdp",
            "area_id": "kuiwen",
            "period": p,
            "expected_by": p,
            "reason": r,
            "last_known_period": "2021",
        }
        for p, r in (("2022", "x"), ("2023", "x"), ("2024", "y"))
    ]
    assert [(span.periods, span.expected_by) for span in views.gap_spans(rows)] == [
        (("2022", "2023"), "2023"),
        (("2024",), "2024"),
    ]


# --- the picture of a target --------------------------------------------------------------------


def test_the_picture_has_a_point_for_every_value_and_says_them_in_words():
    drawn = sparkline.draw(LINE, [Reached("2023", 1596.8), Reached("2024", 1703.42)], "cagr_ratio")
    assert drawn.count("<circle") == 2
    assert 'aria-label="历年数值 values by period: 2023: 1,596.8; 2024: 1,703.42"' in drawn
    assert "style=" not in drawn


def test_the_path_required_ends_at_the_target_year_and_bends_only_where_growth_is_compared():
    curve = sparkline._required(LINE, compound=True)
    assert curve[0] == (2023.0, 1596.8) and curve[-1][0] == 2027.0
    assert curve[-1][1] == pytest.approx(2000.0)
    assert curve[4][1] < (1596.8 + 2000) / 2  # below the straight line half-way
    assert sparkline._required(LINE, compound=False) == [(2023.0, 1596.8), (2027.0, 2000.0)]
    assert sparkline._required(replace(LINE, base_value=None), compound=False) == []


def test_a_yearly_quota_is_drawn_as_bars_and_no_value_as_no_picture():
    drawn = sparkline.draw(LINE, [Reached("2025", 3.0), Reached("2026", 4.0)], "annual_quota")
    assert drawn.count("<rect") == 2 and "<circle" not in drawn
    assert sparkline.draw(LINE, [], "linear_pace") is None


@pytest.mark.parametrize("value", [0.0, -3.0, 1e9])
def test_one_value_without_a_target_is_still_a_picture_within_its_frame(value):
    line = replace(LINE, target_value=None, base_value=None)
    for size in (sparkline.SMALL, sparkline.LARGE):
        drawn = sparkline.draw(line, [Reached("2025-07", value)], "not_quantified", size)
        [(x, y)] = re.findall(r'<circle cx="([\d.-]+)" cy="([\d.-]+)"', drawn)
        assert 0 <= float(x) <= size.width and 0 <= float(y) <= size.height


# --- the policy ---------------------------------------------------------------------------------


def test_a_policy_allows_only_what_it_names():
    assert pages.policy("sha256-a") == (
        "default-src 'none'; style-src 'sha256-a'; base-uri 'none'; form-action 'none'"
    )
    assert pages.policy("sha256-a", "sha256-b", images=True) == (
        "default-src 'none'; style-src 'sha256-a'; script-src 'sha256-b'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_templates_escape_and_a_missing_name_is_an_error():
    from jinja2 import UndefinedError

    made = pages.environment()
    assert made.from_string("{{ x }}").render(x="<script>") == "&lt;script&gt;"
    with pytest.raises(UndefinedError):
        made.from_string("{{ missing }}").render()
