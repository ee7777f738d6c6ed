"""Corrections: each finds its cell by the text it expects, and says so when the publisher has changed it."""

from datetime import date

import pytest

from ingest import corrections
from ingest.corrections import Correction, CorrectionError

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注\n"
ROW = "潍坊市,海洋生产总值,2024,17034.2,亿元,6.0,可比价,公报,某公报,http://a.cn/1,2025-06-03,O,是,,\n"
ENTRY = {
    "correction_id": "C001",
    "source_id": "county_figures",
    "locator": "!D2",
    "field": "value",
    "expects": "17034.2",
    "action": "replace",
    "value": "1703.42",
    "reason": "小数点印错一位",
    "evidence": "次日勘误",
    "decided_by": "D05",
    "decided_on": "2026-11-01",
}
FILE_HEADER = ",".join(ENTRY)


@pytest.fixture
def read(read_as):
    """Parse one printed row with a correction, changed as told."""

    def read(content=HEADER + ROW, **changes):
        return read_as(content, corrections=[Correction.model_validate(ENTRY | changes)])

    return read


def load(tmp_path, *lines, header=FILE_HEADER):
    path = tmp_path / "corrections.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return corrections.load(path, {"county_figures": "indicator_figures"})


def line(**changes):
    return ",".join((ENTRY | changes).values())


# ── what they do ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wrong_print_is_replaced_and_the_record_says_by_what(read):
    parsed = read()
    assert parsed.rows.select("value", "value_text", "source_locator").rows() == [(1703.42, "1703.42", "!D2")]
    [outcome] = parsed.corrections
    assert outcome.model_dump() == {
        "correction_id": "C001",
        "locator": "!D2",
        "field": "value",
        "state": "applied",
        "found": "17034.2",
        "used": "1703.42",
    }


def test_a_cell_that_the_publisher_changed_stands_as_it_is_printed(read):
    parsed = read(HEADER + ROW.replace("17034.2", "1703.5"))
    assert parsed.rows["value"].to_list() == [1703.5]
    assert [(o.state, o.found, o.used) for o in parsed.corrections] == [("outdated", "1703.5", "1703.5")]


def test_a_correction_of_a_cell_that_is_not_there_is_told_and_changes_nothing(read):
    parsed = read(locator="!D9")
    assert parsed.rows["value"].to_list() == [17034.2]
    assert [(o.state, o.found) for o in parsed.corrections] == [("no such cell", None)]


def test_a_row_withheld_goes_to_quarantine_with_the_reason(read):
    parsed = read(action="withhold", value="")
    assert parsed.rows.height == 0
    [row] = parsed.rejected.rows(named=True)
    assert row["reason"] == "withheld by correction C001: 小数点印错一位"
    assert (row["value_text"], parsed.rows_quarantined, parsed.rows_raw) == ("17034.2", 1, 0)


def test_a_correction_saves_a_row_that_could_not_be_placed(read):
    parsed = read(
        HEADER + ROW.replace("潍坊市", "潍方市"),
        locator="!D2",
        field="area",
        expects="潍方市",
        value="潍坊市",
    )
    assert parsed.rows.select("area_id", "area_text").rows() == [("weifang", "潍坊市")]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_catalogue_without_corrections_has_none(tmp_path):
    assert corrections.load(tmp_path / "corrections.csv", {}) == ()


def test_a_file_of_corrections_is_read(tmp_path):
    [correction] = load(tmp_path, line())
    assert (correction.expects, correction.value) == ("17034.2", "1703.42")
    assert correction.decided_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "line 2: reason: "),
        ({"action": "drop"}, "line 2: action: "),
        ({"value": ""}, "line 2: entry: value: what replaces the print stands here"),
        ({"value": "17034.2"}, "line 2: entry: value: it is what the publisher prints already"),
        ({"source_id": "none"}, "line 2: source_id: the catalogue has no source 'none'"),
        ({"field": "share"}, "line 2: field: indicator_figures has no field 'share'; it has area, indicator"),
        ({"decided_on": "soon"}, "line 2: decided_on: "),
    ],
)
def test_a_fault_is_named_by_its_line_and_field(tmp_path, changes, message):
    with pytest.raises(CorrectionError) as error:
        load(tmp_path, line(**changes))
    assert "corrections.csv has 1 fault(s):" in str(error.value)
    assert message in str(error.value)


def test_two_corrections_of_one_name_are_refused(tmp_path):
    with pytest.raises(CorrectionError, match="C001 stands more than once"):
        load(tmp_path, line(), line(locator="!D3"))


def test_another_header_is_refused_and_both_are_shown(tmp_path):
    with pytest.raises(CorrectionError, match=f"expected the header {FILE_HEADER}, found id,source"):
        load(tmp_path, header="id,source")
