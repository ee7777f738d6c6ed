"""Tracing: from a figure of a release to the cells behind it, with the formula worked out; and what may not be asked."""

import hashlib
from datetime import date

import polars as pl
import pytest
from rich.console import Console

from warehouse import release as releases
from warehouse.home import Home
from warehouse.reader import QueryRefused
from warehouse.release import ColumnSpec, MartSpec
from warehouse.trace import MAX_ROWS, SHOWN_CELLS, render, trace

pytestmark = pytest.mark.slow

SHA = "ab" * 32
RENAMED = f"{SHA[:12]}.{hashlib.sha256(b'gop_2025.csv').hexdigest()[:8]}"
FORMULA = "100 * gop_100m_cny / gdp_100m_cny"
MART = MartSpec(
    name="shares",
    key=("area_id", "year"),
    description_zh="占比",
    description_en="Shares",
    columns=(
        ColumnSpec("area_id", "varchar", "地区", "Area", inputs="source_row_ids"),
        ColumnSpec("year", "integer", "年份", "Year"),
        ColumnSpec("gop_100m_cny", "double", "海洋生产总值", "GOP", "100m_cny", inputs="gop_id"),
        ColumnSpec("gdp_100m_cny", "double", "地区生产总值", "GDP", "100m_cny", inputs="gdp_id"),
        ColumnSpec("share_pct", "double", "占比", "Share", "pct", FORMULA, "gop_id, gdp_id"),
        ColumnSpec("reason", "varchar", "原因", "Reason"),
        ColumnSpec("data_origin", "varchar", "来源", "Origin"),
        ColumnSpec("gop_id", "varchar", "编号", "Id"),
        ColumnSpec("gdp_id", "varchar", "编号", "Id"),
        ColumnSpec("source_row_ids", "varchar", "编号", "Ids"),
    ),
)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """One mart: a share of two figures, one whose inputs are not known, and a count of many rows."""
    import duckdb

    home = Home(tmp_path_factory.mktemp("trace")).ensure()
    with duckdb.connect(str(home.build_file)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.shares as select * from (values
                ('weifang', 2024::integer, 1703.42::double, 8203.2::double, 20.7653::double, null::varchar,
                 'published', 'p1', 'p2', 'p1;p2;p1'),
                ('weifang', 2023, null, null, null, '未公布', 'published', null, null, null),
                ('shandong', 2024, 1, 1, 1, null, 'demo', 'ffffffffffff:!A1:C1', 'abababababab:表!B2', null),
                ('rizhao', 2024, 1, 1, 1, null, 'demo', '{RENAMED}:表!B2:C2', null, null)
            ) as t (area_id, year, gop_100m_cny, gdp_100m_cny, share_pct, reason, data_origin, gop_id, gdp_id,
                    source_row_ids)
        """)
        connection.execute(
            "insert into marts.shares select 'many', n, 1, 1, 1, null, 'demo', null, null, "
            "(select string_agg('m' || i, ';') from range(40) as t(i)) from range(60) as t(n)"
        )
    candidate = releases.begin(home, "20261123T021503Z")
    releases.copy_marts(candidate, home.build_file, [MART])
    provenance = [
        {"provenance_id": "p1", "source_locator": "!D2", "value_text": "1703.42", "origin_title": "发布会"},
        {"provenance_id": "p2", "source_locator": "!D9", "value_text": "8203.2", "origin_title": "新闻"},
    ]
    about = {
        "source_id": "gop",
        "source_sha256": SHA,
        "unit_text": "亿元",
        "about": "潍坊市 2024",
        "vintage_text": "公报",
        "origin_url": "http://a.cn",
        "published_on": date(2025, 12, 31),
        "published_precision": "year",
        "data_origin": "published",
    }
    correction = {
        "correction_id": "C1",
        "source_sha256": SHA,
        "source_locator": "!D9",
        "printed": "82032",
        "reason": "印错",
        "state": "applied",
    }
    outdated = correction | {"correction_id": "C2", "source_locator": "!D2", "state": "outdated"}
    source = {"source_id": "gop", "title_zh": "公布数", "publisher_zh": "统计局", "is_transcription": True}
    meta = {
        "provenance": pl.DataFrame([about | row for row in provenance]),
        "sources": pl.DataFrame([source]),
        "corrections": pl.DataFrame([correction, outdated]),
    }
    releases.write_meta(candidate, meta)
    manifest = {
        "built_at": "2026-11-23",
        "code_version": "1",
        "checks": {},
        "inputs": [
            {"source": "gop", "document": "gop.csv", "sha256": SHA},
            {"source": "gop", "document": "gop_2025.csv", "sha256": SHA},
        ],
    }
    return releases.seal(candidate, manifest)


def shown(traces) -> str:
    console = Console(width=400)
    with console.capture() as captured:
        console.print(render(traces))
    return captured.get()


def test_a_share_leads_to_its_two_cells_and_the_formula_is_worked_out(release):
    [found] = trace(release, "shares", "share_pct", "area_id = 'weifang' and year = 2024")
    assert (found.value, found.unit, found.key) == (20.7653, "pct", {"area_id": "weifang", "year": 2024})
    assert (found.formula, found.worked) == (FORMULA, "100 * 1703.42 / 8203.2")
    first, second = found.cells
    assert (first.document, first.locator, first.text, first.sha256) == ("gop.csv", "!D2", "1703.42", SHA)
    assert (first.source_title, first.publisher, first.is_transcription) == ("公布数", "统计局", True)
    assert (first.title, first.published_on, first.published_precision) == ("发布会", "2025-12-31", "year")
    assert (second.locator, second.correction) == ("!D9", "C1 for the print “82032”: 印错")
    assert first.correction is None  # what C2 corrected is no longer printed


def test_a_cell_that_is_named_twice_is_shown_once(release):
    [found] = trace(release, "shares", "area_id", "year = 2024 and area_id = 'weifang'")
    assert [cell.provenance_id for cell in found.cells] == ["p1", "p2"]


def test_a_row_that_is_not_listed_is_known_by_its_id(release):
    [found] = trace(release, "shares", "share_pct", "area_id = 'shandong'")
    unknown, known = found.cells
    assert (unknown.source_id, unknown.document, unknown.locator) == (None, None, "!A1:C1")
    assert (known.source_id, known.document, known.locator, known.text) == ("gop", "gop.csv", "表!B2", None)


def test_an_id_that_tells_of_the_files_name_too_leads_to_the_file_of_that_name(release):
    [found] = trace(release, "shares", "gop_100m_cny", "area_id = 'rizhao'")
    [cell] = found.cells
    assert (cell.source_id, cell.document, cell.locator) == ("gop", "gop_2025.csv", "表!B2:C2")


def test_a_figure_that_is_not_known_says_why(release):
    [found] = trace(release, "shares", "share_pct", "year = 2023 and area_id = 'weifang'")
    assert (found.value, found.reason, found.cells) == (None, "未公布", ())
    assert "reason   未公布" in shown([found])


def test_people_read_the_cell_the_publication_and_the_correction(release):
    text = shown(trace(release, "shares", "share_pct", "area_id = 'weifang' and year = 2024"))
    for line in (
        "shares.share_pct = 20.7653 pct",
        "= 100 * 1703.42 / 8203.2",
        "[1] “1703.42” 亿元   潍坊市 2024, 公报",
        "cell       gop.csv !D2",
        "source     公布数 (gop, a transcription), 统计局",
        "printed in 发布会 · 2025-12-31 (known by its year)",
        "corrected  C1 for the print “82032”: 印错",
    ):
        assert line in text


def test_of_many_cells_the_first_are_shown_and_all_are_counted(release):
    text = shown(trace(release, "shares", "area_id", "area_id = 'many' and year = 0"))
    assert "cells    40:" in text
    assert text.count("(text not listed)") == SHOWN_CELLS


@pytest.mark.parametrize(
    ("mart", "column", "where", "message"),
    [
        ("share", "share_pct", "true", "no mart 'share'; there are shares"),
        ("shares", "share", "true", "shares has no column 'share'; it has area_id, year"),
        ("shares", "share_pct", "year = 1900", "no row of shares satisfies year = 1900"),
        ("shares", "share_pct", "true", f"more than {MAX_ROWS} rows of shares satisfy true"),
        ("shares", "share_pct", "yaer = 2024", "yaer"),
        ("shares", "share_pct", "true); select (1", "expected one SQL condition"),
        (
            "shares",
            "share_pct",
            "(select count(*) from read_csv('/etc/passwd')) > 0",
            "read_csv is not for readers",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(release, mart, column, where, message):
    with pytest.raises(QueryRefused, match="(?s).*" + message.replace("(", r"\(").replace(")", r"\)")):
        trace(release, mart, column, where)
