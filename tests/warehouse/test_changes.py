"""What changed between two releases and why: every reason on releases as the house makes them, one figure at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from warehouse import changes
from warehouse import release as releases
from warehouse.changes import MAX_ROWS, REASONS, compare
from warehouse.home import Home
from warehouse.release import ColumnSpec, MartSpec

pytestmark = pytest.mark.slow

FIRST, SECOND = "20261123T021503Z", "20261124T021503Z"
OLD, NEW, OTHER = ("a" * 64, "b" * 64, "c" * 64)

SHARE = MartSpec(
    "marine_gdp_share",
    ("area_id", "year"),
    "海洋生产总值占比",
    "Share",
    (
        ColumnSpec("area_id", "varchar", "区域", "Area"),
        ColumnSpec("year", "integer", "年份", "Year"),
        ColumnSpec(
            "gop", "double", "海洋生产总值(亿元):定义", "Product", inputs="source_row_ids", indicator="gop"
        ),
        ColumnSpec("rank", "integer", "位次", "Rank", inputs="source_row_ids"),
        ColumnSpec("note", "varchar", "说明", "Note", inputs="source_row_ids"),
        ColumnSpec("source_row_ids", "varchar", "来源行", "Rows"),
        ColumnSpec("data_origin", "varchar", "性质", "Origin"),
    ),
)
LEDGER = MartSpec(
    "task_ledger",
    ("task_id", "period"),
    "工作台账",
    "Ledger",
    (
        ColumnSpec("task_id", "varchar", "任务", "Task"),
        ColumnSpec("period", "varchar", "月份", "Month"),
        ColumnSpec("planned_pct", "double", "计划进度", "Planned", inputs="source_row_ids"),
        ColumnSpec("rag", "varchar", "三色", "Colour", inputs="source_row_ids"),
        ColumnSpec("source_row_ids", "varchar", "来源行", "Rows"),
    ),
)
PRINTS = {"sh": ("stats", OLD), "hand_in": ("inbox", OTHER)}


def row_id(sha256: str, locator: str) -> str:
    return f"{sha256[:12]}:{locator}"


@dataclass(frozen=True)
class World:
    """What a release is made of: two years of one city, one task's month, a document of statistics, no correction."""

    figures: tuple = (
        ("weifang", 2023, 1596.8, 1, "按现价", row_id(OLD, "D1"), "published"),
        ("weifang", 2024, 1703.42, 1, "按现价", row_id(OLD, "D2"), "published"),
        ("weifang", 2026, 1800.0, 1, "按现价", row_id(OLD, "D3"), "published"),
    )
    task: tuple = (("T1", "2026-10", 50.0, "yellow", row_id(OLD, "D9")),)
    prints: dict = field(
        default_factory=lambda: {
            row_id(OLD, "D1"): ("stats", OLD, "D1", "1596.8", "published"),
            row_id(OLD, "D2"): ("stats", OLD, "D2", "1703.42", "published"),
            row_id(OLD, "D3"): ("stats", OLD, "D3", "1800", "published"),
        }
    )
    documents: tuple = (("stats", "stats.csv", OLD),)
    corrections: tuple = ()
    tiers: dict = field(default_factory=lambda: {"stats": "M", "inbox": "O"})
    parameters: dict = field(default_factory=lambda: {"A02": "14"})
    code: str = "code-1"
    day: str = "2026-11-23"
    demo: bool = True

    def rests_on(self) -> dict[str, Any]:
        return {
            "as_of_date": self.day,
            "code_version": self.code,
            "parameters": self.parameters,
            "demo": self.demo,
            "inputs": [{"source": s, "document": d, "sha256": sha} for s, d, sha in self.documents],
        }


@pytest.fixture
def between(tmp_path):
    """Seal a release of one world, make a candidate of another, and compare the two."""
    home = Home(tmp_path / "home").ensure()

    def run(before: World, after: World, feeds=None, specs=(SHARE, LEDGER), change=None, first_change=None):
        first = make(home, FIRST, before, (SHARE, LEDGER))
        _apply(first, first_change)
        first = releases.seal(
            first, before.rests_on() | {"built_at": datetime(2026, 11, 23, tzinfo=UTC), "checks": {}}
        )
        candidate = make(home, SECOND, after, specs)
        _apply(candidate, change)
        return compare(first, candidate.database, after.rests_on(), feeds or {}, home.build / "tmp")

    return run


def _apply(candidate, sql: str | None) -> None:
    if sql:
        with duckdb.connect(str(candidate.database)) as connection:
            connection.execute(sql)


def make(home: Home, release_id: str, world: World, specs):
    home.build_file.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_file)) as connection:
        connection.execute("create schema marts")
        for spec, rows in ((SHARE, world.figures), (LEDGER, world.task)):
            columns = ", ".join(f"{column.name} {column.type}" for column in spec.columns)
            connection.execute(f"create table marts.{spec.name} ({columns})")
            if rows:
                marks = ", ".join("?" * len(spec.columns))
                connection.executemany(f"insert into marts.{spec.name} values ({marks})", list(rows))
    candidate = releases.begin(home, release_id)
    releases.copy_marts(candidate, home.build_file, specs)
    releases.write_meta(candidate, meta(world))
    return candidate


def meta(world: World) -> dict[str, pl.DataFrame]:
    text = pl.String
    prints = [
        (id_, source, sha, place, value, None, "潍坊市 海洋生产总值", None, None, date(2025, 3, 1), origin)
        for id_, (source, sha, place, value, origin) in world.prints.items()
    ]
    return {
        "provenance": pl.DataFrame(
            prints,
            schema={
                "provenance_id": text, "source_id": text, "source_sha256": text, "source_locator": text,
                "value_text": text, "unit_text": text, "about": text, "vintage_text": text, "origin_title": text,
                "published_on": pl.Date, "data_origin": text,
            },
            orient="row",
        ),
        "corrections": pl.DataFrame(
            list(world.corrections),
            schema=dict.fromkeys(
                ("correction_id", "source_sha256", "source_locator", "field", "state", "used"), text
            ),
            orient="row",
        ),
        "sources": pl.DataFrame(
            [(name, "figures", tier, "published") for name, tier in world.tiers.items()],
            schema=dict.fromkeys(("source_id", "dataset", "tier", "data_origin"), text),
            orient="row",
        ),
    }  # fmt: skip


def figure(
    world: World, year: int, value: float | None, id_: str | None = None, rank: int = 1, **kept
) -> World:
    """The world with another product of a year, from another row of a file where one is named."""
    rows = [
        (area, of, value, rank, note, id_ or ids, kept.get("origin", origin))
        if of == year
        else (area, of, *rest[:-2], *rest[-2:])
        for area, of, *rest in world.figures
        for note, ids, origin in [rest[-3:]]
    ]
    return replace(world, figures=tuple(rows))


def printed(
    world: World, sha256: str, source: str, place: str, text: str, origin: str = "published"
) -> World:
    """The world with one more print, and the document that it stands in."""
    return replace(
        world,
        prints=world.prints | {row_id(sha256, place): (source, sha256, place, text, origin)},
        documents=(*world.documents, (source, f"{source}.csv", sha256)),
    )


def only(comparison):
    [row] = comparison.rows.rows(named=True)
    return row


def why(comparison) -> dict[tuple[str, str], tuple[str, bool]]:
    return {
        (row["key"].split("year=")[-1], row["column_name"]): (row["why"], row["is_critical"])
        for row in comparison.rows.iter_rows(named=True)
    }


NOW = World()
REVISED = figure(printed(NOW, NEW, "stats", "D2", "1720"), 2024, 1720.0, row_id(NEW, "D2"))


def test_a_first_release_has_nothing_to_be_compared_with(tmp_path):
    found = compare(None, tmp_path / "none.duckdb", {}, {}, tmp_path)
    assert found.rows.is_empty()
    assert found.summary == "there is no earlier release to compare with"
    assert (found.failures(), found.warnings()) == ([], [])


def test_two_releases_of_the_same_world_do_not_differ(between):
    found = between(NOW, NOW)
    assert found.rows.is_empty()
    assert found.summary == f"no figure differs from {FIRST}"


def test_a_later_document_of_the_same_source_is_a_new_vintage(between):
    found = between(NOW, REVISED)
    assert only(found) == {
        "mart": "marine_gdp_share",
        "key": "area_id=weifang, year=2024",
        "column_name": "gop",
        "indicator": "gop",
        "kind": "changed",
        "before": "1703.42",
        "after": "1720.0",
        "why": "new_vintage",
        "is_critical": False,
        "evidence": "stats.csv D2 “1720” 潍坊市 海洋生产总值 2025-03-01",
        "period_end": date(2024, 12, 31),
    }
    assert found.summary == "1 figure: 1 new vintage"
    assert (found.failures(), found.warnings()) == ([], [])


def test_a_file_that_comes_again_with_the_same_print_is_no_new_vintage(between):
    again = printed(NOW, NEW, "stats", "E7", "1703.42")
    assert why(between(NOW, figure(again, 2024, 1720.0, row_id(NEW, "E7")))) == {
        ("2024", "gop"): ("related", True)
    }


def test_a_print_that_the_new_document_no_longer_holds_is_a_new_vintage_too(between):
    gone = replace(NOW, documents=(("stats", "stats.csv", NEW),), prints={})
    found = between(NOW, figure(gone, 2024, None, "none"))
    assert why(found) == {("2024", "gop"): ("new_vintage", False)}
    assert only(found)["kind"] == "removed"
    assert only(found)["evidence"].endswith("is no longer printed")


def test_a_number_put_in_anothers_place_under_the_same_date_is_told_as_critical(between):
    """A publisher that corrects a past figure in its file without a word: the file is new, the vintage is not."""
    restated = printed(
        replace(NOW, documents=(), prints={k: v for k, v in NOW.prints.items() if v[2] != "D2"}),
        NEW, "stats", "D2", "1720",
    )  # fmt: skip
    found = between(NOW, figure(restated, 2024, 1720.0, row_id(NEW, "D2")))
    assert why(found) == {("2024", "gop"): ("restated", True)}
    assert only(found)["evidence"] == "“1703.42” → stats.csv D2 “1720” 潍坊市 海洋生产总值 2025-03-01"
    assert found.failures() == []  # it is the publisher's word: told, and published
    assert found.warnings()[0].startswith("changes: 1 figure(s) of past periods in marine_gdp_share changed")


def test_a_print_that_still_stands_in_a_renewed_file_is_not_called_gone(between):
    """Another source outdid it; the file that came again for another reason still prints it."""
    renewed = replace(NOW, documents=(("stats", "stats.csv", NEW),))
    renewed = replace(
        renewed,
        prints={
            row_id(NEW, place): ("stats", NEW, place, *rest) for _, (_, _, place, *rest) in NOW.prints.items()
        },
    )
    found = between(
        NOW, figure(printed(renewed, OTHER, "inbox", "B4", "1710"), 2024, 1710.0, row_id(OTHER, "B4"))
    )
    assert {key: reason for key, (reason, _) in why(found).items()} == {("2024", "gop"): "new_source"}


def test_another_source_is_a_new_source(between):
    handed_in = printed(NOW, OTHER, "inbox", "B4", "1710")
    assert why(between(NOW, figure(handed_in, 2024, 1710.0, row_id(OTHER, "B4")))) == {
        ("2024", "gop"): ("new_source", False)
    }


def test_a_row_of_a_register_is_known_by_its_id_alone(between):
    renewed = replace(NOW, documents=(*NOW.documents, ("stats", "register.csv", NEW)))
    assert why(between(NOW, figure(renewed, 2024, 1720.0, row_id(NEW, "77")))) == {
        ("2024", "gop"): ("new_vintage", False)
    }


@pytest.mark.parametrize(("before", "after"), [((), (0,)), ((0,), ())], ids=["newly applied", "retired"])
def test_a_correction_of_the_cell_explains_it_and_one_of_another_cell_does_not(between, before, after):
    def corrected(place):
        lines = (("C1", OLD, place, "value", "applied", "1710"),)
        return (
            replace(NOW, corrections=tuple(lines[n] for n in before)),
            replace(figure(NOW, 2024, 1710.0), corrections=tuple(lines[n] for n in after)),
        )

    found = between(*corrected("D2"))
    assert why(found) == {("2024", "gop"): ("correction", False)}
    assert only(found)["evidence"].startswith("C1 is ")


def test_a_correction_explains_a_row_whose_id_tells_of_its_files_name_too(between):
    named = f"{OLD[:12]}.{hashlib.sha256(b'stats.csv').hexdigest()[:8]}:表!D7"
    lines = (("C1", OLD, "表!D7", "value", "applied", "1710"),)
    found = between(
        figure(NOW, 2024, 1703.42, named), replace(figure(NOW, 2024, 1710.0, named), corrections=lines)
    )
    assert why(found) == {("2024", "gop"): ("correction", False)}


def test_a_correction_of_another_cell_explains_nothing(between):
    lines = (("C1", OLD, "D1", "value", "applied", "1600"),)
    assert why(between(NOW, replace(figure(NOW, 2024, 1710.0), corrections=lines))) == {
        ("2024", "gop"): ("unexplained", True)
    }


def test_a_document_that_is_gone_is_told_and_is_critical(between):
    two = printed(NOW, OTHER, "inbox", "B4", "1710")
    found = between(figure(two, 2024, 1710.0, row_id(OTHER, "B4")), NOW)
    assert why(found) == {("2024", "gop"): ("withdrawn", True)}
    assert found.failures() == []


def test_a_parameter_explains_the_marts_that_read_it_critically_and_no_others(between):
    changed = replace(figure(NOW, 2024, 1710.0), parameters={"A02": "17"})
    feeds = {"marine_gdp_share": frozenset({"plan_parameters"})}
    found = between(NOW, changed, feeds)
    assert why(found) == {("2024", "gop"): ("parameter", True)}
    assert only(found)["evidence"] == "A02: 14 → 17"
    assert found.failures() == []
    [warning] = found.warnings()
    assert warning.startswith(
        "changes: 1 figure(s) of past periods in marine_gdp_share changed without a new vintage (parameter), such as"
    )


def test_a_parameter_of_another_mart_explains_nothing(between):
    changed = replace(figure(NOW, 2024, 1710.0), parameters={"A02": "17"})
    assert why(between(NOW, changed, {"marine_gdp_share": frozenset({"indicator_figures"})})) == {
        ("2024", "gop"): ("unexplained", True)
    }


def test_other_code_explains_critically_and_does_not_stop_a_night(between):
    found = between(NOW, replace(figure(NOW, 2024, 1710.0), code="code-2"))
    assert why(found) == {("2024", "gop"): ("code", True)}
    assert only(found)["evidence"] == "code-1 → code-2"
    assert found.failures() == []
    assert len(found.warnings()) == 1


def test_the_day_explains_running_periods_and_what_ages_and_nothing_else(between):
    later = replace(
        figure(figure(NOW, 2024, 1710.0), 2026, 1810.0),
        day="2026-12-24",
        task=(("T1", "2026-10", 60.0, "red", row_id(OLD, "D9")),),
    )
    found = between(
        NOW, later, {"marine_gdp_share": frozenset({"night"}), "task_ledger": frozenset({"night"})}
    )
    assert {
        (row["column_name"], row["after"]): (row["why"], row["is_critical"])
        for row in found.rows.rows(named=True)
    } == {
        ("gop", "1710.0"): ("unexplained", True),
        ("planned_pct", "60.0"): ("unexplained", True),
        ("gop", "1810.0"): ("day", False),
        ("rag", "red"): ("day", False),
    }


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("'reject'", ("decision", False)),
        ("'accept'", ("unexplained", True)),
    ],
    ids=["decided since", "decided before"],
)
def test_a_decision_on_a_name_explains_what_rests_on_names(between, before, expected):
    table = "create table link_decision as select 'x1' as list_id, '1' as choice, {} as verdict"
    feeds = {"marine_gdp_share": frozenset({"link_decisions"})}
    found = between(
        NOW,
        figure(NOW, 2024, 1710.0),
        feeds,
        change=table.format("'accept'"),
        first_change=table.format(before),
    )
    assert why(found) == {("2024", "gop"): expected}


def test_another_tier_in_the_catalogue_is_told_and_is_critical(between):
    found = between(NOW, replace(figure(NOW, 2024, 1710.0), tiers={"stats": "O", "inbox": "O"}))
    assert why(found) == {("2024", "gop"): ("catalogue", True)}
    assert "stats figures tier O published" in only(found)["evidence"]


def test_a_rank_that_anothers_new_print_moves_is_no_alarm_but_a_value_is(between):
    ranked = figure(REVISED, 2023, 1600.0, rank=2)
    found = between(NOW, ranked, {"marine_gdp_share": frozenset({"figures"})})
    assert why(found) == {
        ("2023", "gop"): ("related", True),
        ("2023", "rank"): ("related", False),
        ("2024", "gop"): ("new_vintage", False),
    }
    assert found.failures() == []


def test_switching_demo_off_explains_what_rested_on_demo(between):
    demo = figure(
        printed(NOW, OTHER, "inbox", "B4", "1710", "demo"), 2024, 1710.0, row_id(OTHER, "B4"), origin="demo"
    )
    found = between(demo, replace(NOW, demo=False))
    assert why(found) == {("2024", "gop"): ("demo", False)}
    assert only(found)["evidence"] == "demo on → off"


def test_the_same_inputs_and_another_past_figure_is_a_reason_not_to_publish(between):
    found = between(NOW, figure(NOW, 2024, 1710.0))
    assert why(found) == {("2024", "gop"): ("unexplained", True)}
    assert found.failures() == [
        "marine_gdp_share.gop (area_id=weifang, year=2024): 1703.42 → 1710.0, unexplained"
    ]


def test_the_same_inputs_and_another_running_figure_is_a_warning(between):
    found = between(NOW, figure(NOW, 2026, 1810.0))
    assert why(found) == {("2026", "gop"): ("unexplained", False)}
    assert found.failures() == []
    assert found.warnings() == [
        "changes: 1 figure(s) of running periods changed and nothing explains it, such as"
        " marine_gdp_share.gop (area_id=weifang, year=2026): 1800.0 → 1810.0, unexplained"
    ]


def test_a_row_more_is_added_and_a_row_less_removed(between):
    more = replace(
        NOW, figures=(*NOW.figures, ("weifang", 2022, 1500.0, None, "", row_id(OLD, "D1"), "published"))
    )
    assert [
        (row["kind"], row["before"], row["after"]) for row in between(NOW, more).rows.rows(named=True)
    ] == [("added", None, "1500.0")]


def test_a_row_that_is_gone_loses_each_of_its_figures(between):
    less = replace(NOW, figures=NOW.figures[1:])
    found = between(NOW, less)
    assert [(row["column_name"], row["kind"], row["before"]) for row in found.rows.rows(named=True)] == [
        ("gop", "removed", "1596.8"),
        ("rank", "removed", "1"),
    ]
    assert len(found.failures()) == 2


def test_the_last_digits_of_a_sum_and_texts_that_judge_nothing_are_no_change(between):
    rows = [(*row[:2], row[2] + 1e-10, row[3], "另一说明", *row[5:]) for row in NOW.figures]
    assert between(NOW, replace(NOW, figures=tuple(rows))).rows.is_empty()


def test_a_long_mart_is_left_out_and_named(between, monkeypatch):
    monkeypatch.setattr(changes, "MAX_ROWS", 2)
    found = between(NOW, figure(NOW, 2024, 1710.0))
    assert found.rows.is_empty()
    assert found.left_out == ("marine_gdp_share (3 rows)",)
    assert MAX_ROWS == 100_000


def test_a_mart_that_only_one_release_has_is_no_change_of_a_figure(between):
    assert between(NOW, NOW, specs=(SHARE,)).rows.is_empty()


def test_a_release_of_an_older_form_is_not_compared_and_says_so(between, monkeypatch):
    plain = {"sources": pl.DataFrame({"source_id": ["stats"]})}
    real = meta(NOW)
    calls = iter([plain, real])
    monkeypatch.setattr(f"{__name__}.meta", lambda world: next(calls))
    found = between(NOW, figure(NOW, 2024, 1710.0))
    assert found.rows.is_empty()
    assert found.summary == f"{FIRST} is of an older form (meta.provenance.provenance_id is not there)"


def test_the_worst_stands_first(between):
    worse = figure(figure(REVISED, 2023, 1.0), 2026, 1810.0)
    found = between(NOW, replace(worse, code="code-2"))
    assert [(row["why"], row["is_critical"]) for row in found.rows.rows(named=True)] == [
        ("code", True),
        ("new_vintage", False),
        ("code", False),
    ]
    assert found.summary == "3 figures: 1 new vintage, 2 code; 1 of past periods, critical"


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2024-06-30", date(2024, 6, 30)),
        ("2024H1", date(2024, 6, 30)),
        ("2024H2", date(2024, 12, 31)),
        ("2025Q1", date(2025, 3, 31)),
        ("2023Q1-Q3", date(2023, 9, 30)),
        ("2022-01..2022-11", date(2022, 11, 30)),
        ("continuous", None),
        ("2024-13", None),
    ],
)
def test_the_last_day_of_a_period(period, end):
    with duckdb.connect() as connection:
        connection.execute(changes._PERIOD_END)
        assert connection.execute("select period_end_of(?)", [period]).fetchall() == [(end,)]


def test_every_reason_has_its_words():
    assert all(zh and en for zh, en in REASONS.values())
    assert set(changes.HARMLESS) < set(REASONS)
