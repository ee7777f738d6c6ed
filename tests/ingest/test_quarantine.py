"""The quarantine as its submitters get it: every rejected row with its place, its fault and room for its correction."""

import pytest
from python_calamine import CalamineWorkbook

from ingest import quarantine
from ingest.quarantine import Entry

pytestmark = pytest.mark.slow

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注\n"
GOOD = "潍坊市,海洋生产总值,2024,1703.42,亿元,,,,某公报,http://a.cn/1,2025-06-03,O,是,,\n"
BAD = GOOD.replace("潍坊市", "某地").replace("亿元", "亿")


@pytest.fixture
def entries(tmp_path, read_as):
    """Of one source a document in use with a bad row, and one refused whole; of another nothing is wrong."""
    rejected = read_as(HEADER + GOOD + BAD).rejected
    (tmp_path / "indicator_figures").mkdir()
    rejected.write_parquet(tmp_path / "indicator_figures" / "a.parquet")
    about = {
        "publisher_zh": "寿光市统计局",
        "data_origin": "submitted",
        "retrieved_at": "2026-11-23T02:00:00+00:00",
    }
    counts = {"rows_in": 3, "rows_raw": 1, "rows_quarantined": 1, "rows_furniture": 1}
    none = dict.fromkeys(counts, 0)
    mine = about | {"source_id": "a", "title_zh": "寿光市指标:季报", "refusals": ()}
    refused = ("old.xls: the file is empty (0 bytes)",)
    return [
        Entry(**mine | counts, document="figures.csv", state="in use", file="indicator_figures/a.parquet"),
        Entry(**mine | none | {"refusals": refused}, document="old.xls", state="refused", file=None),
        Entry(
            **about | counts | {"rows_quarantined": 0, "rows_raw": 2},
            source_id="b",
            title_zh="另一来源",
            document="b.csv",
            state="in use",
            refusals=(),
            file=None,
        ),
    ]


def test_the_index_says_what_it_was_told(tmp_path, entries):
    assert quarantine.read_index(tmp_path) is None
    quarantine.write_index(tmp_path, entries)
    assert quarantine.read_index(tmp_path) == entries


def test_every_fault_of_a_row_is_told(tmp_path, entries):
    told = quarantine.rejections(tmp_path, entries)
    assert told.select("source_locator", "field", "value_text").rows() == [
        ("!D3", "area", "某地"),
        ("!D3", "value", "1703.42 亿"),
    ]


def test_the_workbook_is_in_chinese_with_room_for_the_correction(tmp_path, entries):
    path = tmp_path / "退回.xlsx"
    assert quarantine.write_workbook(path, tmp_path, entries) == 3
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["汇总", "寿光市指标 季报"]
    rows = book.get_sheet_by_name("寿光市指标 季报").to_python()
    assert rows[0][0] == "寿光市指标:季报:未能采用的行"
    assert rows[3] == ["序号", "文件", "位置", "项目", "填报内容", "问题", "应当是", "整行内容", "更正"]
    whole, area, value = rows[4:]
    assert whole[:3] == [1.0, "old.xls", "整份文件"]
    assert area[2:6] == ["!D3", "地区", "某地", "不认识的地区名称“某地”"]
    assert area[6].startswith("已登记的 ")
    assert value[3:7] == ["数值", "1703.42 亿", "单位“亿”未写明“亿”什么", "亿元、万亿元"]
    assert value[7].startswith("某地 | 海洋生产总值 | 2024 | 1703.42 | 亿 |")
    assert value[8] == ""


def test_the_summary_accounts_for_every_input_row(tmp_path, entries):
    path = tmp_path / "退回.xlsx"
    quarantine.write_workbook(path, tmp_path, entries)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("汇总").to_python()[4:]
    assert [row[5:] for row in rows] == [
        ["采用", 3.0, 1.0, 1.0, 1.0],
        ["整份退回", 0.0, 0.0, 0.0, 0.0],
        ["采用", 3.0, 2.0, 0.0, 1.0],
    ]


def test_demo_rows_say_that_they_are_demo(tmp_path, entries):
    from dataclasses import replace

    path = tmp_path / "退回.xlsx"
    quarantine.write_workbook(path, tmp_path, [replace(entries[0], data_origin="demo")])
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(1).to_python()
    assert rows[0][0].startswith("【演示数据】")


def test_titles_that_begin_alike_get_sheets_of_their_own():
    taken = {"汇总"}
    names = [quarantine._sheet_name("很长" * 20 + str(n), taken) for n in range(3)]
    assert len(set(names)) == 3 and max(map(len, names)) <= 31
