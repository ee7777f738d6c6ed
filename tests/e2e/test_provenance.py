"""Whole nights seen from their figures: each leads back to its cells, every input row is accounted for, changes are told."""

from __future__ import annotations

import json

import pytest
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.slow

GOP = "bundled/statistics/gop_weifang_shandong.csv"
CORRECTIONS = (
    "correction_id,source_id,locator,field,expects,action,value,reason,evidence,decided_by,decided_on\n"
    "C001,weifang_shandong_gop,!D2,value,{expects},replace,1703.43,更正的末位,来函,D05,2026-11-01\n"
)


@pytest.fixture
def trace(blue_ledger):
    """What `trace` says in JSON of one figure."""

    def trace(home, mart, column, where):
        done = blue_ledger("trace", mart, column, "--where", where, "--json", home=home.root)
        assert done.code == 0, done.err
        [found] = json.loads(done.out)
        return found

    return trace


# ── from a figure to its cells ───────────────────────────────────────────────────────────────────────────────


def test_the_share_of_the_city_leads_to_two_cells_and_the_formula(real_home, trace):
    found = trace(real_home, "marine_gdp_share", "share_pct", "area_id = 'weifang' and year = 2024")
    assert found["value"] == 20.7653
    assert found["formula"] == "100 * gop_100m_cny / gdp_100m_cny"
    assert found["worked"] == "100 * 1703.42 / 8203.2"
    cells = [(cell["document"], cell["locator"], cell["text"], cell["unit_text"]) for cell in found["cells"]]
    assert cells == [
        ("gop_weifang_shandong.csv", "!D2", "1703.42", "亿元"),
        ("gdp_city_province.csv", "!D15", "8203.2", "亿元"),
    ]
    assert all(cell["is_transcription"] and cell["title"] and cell["url"] for cell in found["cells"])
    assert all(len(cell["sha256"]) == 64 for cell in found["cells"])


def test_a_county_leads_to_its_words_in_the_bulletins_sentence(real_home, trace):
    found = trace(real_home, "marine_gdp_share", "gdp_100m_cny", "area_id = 'shouguang' and year = 2021")
    [cell] = found["cells"]
    assert (found["value"], cell["text"], cell["document"]) == (
        953.6,
        "953.6",
        "county_gdp_2021_bulletin.txt",
    )
    assert cell["locator"].startswith("L9:")


def test_a_coverage_rate_leads_to_every_firm_that_it_counts(demo_home, trace):
    where = "area_id = 'shouguang' and scope = 'all' and as_of = '2025-12-31'"
    found = trace(demo_home, "digital_coverage", "coverage_pct", where)
    [(frame, assessed)] = demo_home.rows(
        f"select frame_count, assessed_count from digital_coverage where {where}"
    )
    documents = [cell["document"] for cell in found["cells"]]
    assert documents.count("demo_above_scale_frame.xlsx") == frame > 0
    assert documents.count("demo_digital_assessment.html") == assessed > 0
    assert found["data_origin"] == "demo"


def test_a_count_of_green_titles_leads_to_its_lines_on_the_lists(real_home, trace):
    where = "area_id = 'weifang' and tier = 'national' and category = 'supply_chain' and year = 2022 and scope = 'all'"
    found = trace(real_home, "green_titles", "titles", where)
    names = {cell["text"] for cell in found["cells"]}
    assert found["value"] == len(found["cells"]) == len(names)
    assert "潍柴动力股份有限公司" in names


def test_every_value_of_the_plans_progress_leads_somewhere(demo_home, blue_ledger):
    for target, period in demo_home.rows(
        "select target_id, period from plan_progress where value is not null order by all"
    ):
        where = f"target_id = '{target}' and period = '{period}'"
        done = blue_ledger("trace", "plan_progress", "value", "--where", where, "--json", home=demo_home.root)
        [found] = json.loads(done.out)
        assert found["cells"] or found["value"] == 0, (target, period)


# ── every row is accounted for ───────────────────────────────────────────────────────────────────────────────


def test_every_input_row_of_the_bundled_night_is_accounted_for(demo_home):
    rows = demo_home.rows(
        "select source_id, rows_in, rows_raw, rows_quarantined, rows_furniture from meta.sources"
    )
    filled = [row for row in rows if row[1]]
    assert len(filled) == 23
    for source, rows_in, raw, quarantined, furniture in filled:
        assert rows_in == raw + quarantined + furniture, source
    assert sum(quarantined for _, _, _, quarantined, _ in filled) == 2


def test_the_quarantine_of_a_night_goes_back_as_a_workbook(demo_home, blue_ledger, tmp_path):
    done = blue_ledger("quarantine", home=demo_home.root)
    assert done.code == 0 and "demo_enterprise_register" in done.out
    assert done.out.splitlines()[-1].endswith(" headers, notes, blanks and other furniture")
    path = tmp_path / "back.xlsx"
    done = blue_ledger("quarantine", "--source", "demo_enterprise_register", "-o", path, home=demo_home.root)
    assert done.out == f"8 faults, one a line: {path}\n"
    assert len(CalamineWorkbook.from_path(path).sheet_names) == 2


def test_a_source_that_the_night_did_not_look_at_has_no_quarantine(real_home, blue_ledger):
    done = blue_ledger("quarantine", "--source", "demo_clusters", home=real_home.root)
    assert done.code == 2
    assert "the last night looked at no demo_clusters" in done.err


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_correction_is_applied_traced_and_questioned_once_the_publisher_prints_anew(
    real_home, home_after, catalogue, blue_ledger, tmp_path
):
    home = home_after(real_home)
    folder = catalogue.file.parent
    (folder / "corrections.csv").write_text(CORRECTIONS.format(expects="1703.42"), encoding="utf-8")
    night = ("nightly", "--no-demo", "--sources", catalogue.file)
    first = blue_ledger(*night, home=home)
    assert first.code == 0, first.out + first.err
    where = ("--where", "area_id = 'weifang' and year = 2024")
    told = blue_ledger("trace", "marine_gdp_share", "gop_100m_cny", *where, home=home).out
    assert "gop_100m_cny = 1703.43 100m_cny" in told
    assert "corrected  C001 for the print “1703.42”: 更正的末位" in told

    file = folder / GOP
    file.write_text(file.read_text(encoding="utf-8").replace("1703.42", "1703.5", 1), encoding="utf-8")
    second = blue_ledger(*night, home=home)
    assert second.code == 0, second.out + second.err
    assert (
        "correction C001 is outdated: it expects '1703.42' in !D2, the publisher prints '1703.5'"
        in second.out
    )
    assert (
        "gop_100m_cny = 1703.5 "
        in blue_ledger("trace", "marine_gdp_share", "gop_100m_cny", *where, home=home).out
    )


def test_what_a_publisher_changed_is_told_beside_the_figures(real_home, home_after, catalogue, blue_ledger):
    home = home_after(real_home)
    file = catalogue.path("statistics/county_gdp_other.csv")
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:12]), encoding="utf-8")
    night = blue_ledger("nightly", "--no-demo", "--sources", catalogue.file, home=home)
    assert night.code == 0, night.out + night.err
    assert "drift_rows" in night.out and "34 rows before, 11 now" in night.out


def test_a_broken_file_of_corrections_stops_the_night_before_it_begins(catalogue, blue_ledger, tmp_path):
    (catalogue.file.parent / "corrections.csv").write_text("id\n1\n", encoding="utf-8")
    done = blue_ledger("nightly", "--sources", catalogue.file, home=tmp_path / "home")
    assert done.code == 2
    assert "corrections.csv: expected the header correction_id,source_id," in done.err
