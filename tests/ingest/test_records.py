"""Records: headers are matched by name, what is no data is counted, and every record knows its cell."""

from __future__ import annotations

import pytest

from ingest.layout import Layout, LayoutError, load
from ingest.parsers.found import LOCATOR, ROW_TEXT
from ingest.parsers.found import ROW as NUMBER
from ingest.parsers.records import find
from ingest.readers import Grid

TITLE = ["规上工业企业名录", "规上工业企业名录", "规上工业企业名录", None]
UPPER = ["企业", "企业", "所在\n县区", "入库"]
LOWER = ["统一社会信用代码", "名称", "所在县区", "入库 日期"]
FRAME = {
    "header_rows": [2, 3],
    "columns": {
        "企业/统一社会信用代码": "uscc",
        "企业/名称": "name",
        "所在县区": "area",
        "入库/入库日期": "entered_on",
    },
}
ROW = ["91370700MA3C0A1B2X", "潍坊澥鑫机械有限公司", "寿光市", "2024-01-31"]


def frame_of(grids, located_by=None, file="名录.xlsx", dataset="above_scale_frame", **table):
    grids = grids if isinstance(grids, list) else [grids]
    return find(grids, Layout(dataset=dataset, reader="workbook", tables=(table,)), file, located_by)


def sheet(*rows, name="名录") -> Grid:
    return Grid.of(name, [TITLE, UPPER, LOWER, *rows])


def refusal(*args, **kwargs) -> str:
    with pytest.raises(LayoutError) as error:
        frame_of(*args, **kwargs)
    return str(error.value)


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_header_of_two_levels_is_joined_and_a_repeated_name_stands_once():
    found = frame_of(sheet(ROW), **FRAME)
    assert found.frame.rows(named=True) == [
        {
            "uscc": "91370700MA3C0A1B2X",
            "name": "潍坊澥鑫机械有限公司",
            "area": "寿光市",
            "entered_on": "2024-01-31",
            LOCATOR: "名录!A4:D4",
            ROW_TEXT: "91370700MA3C0A1B2X | 潍坊澥鑫机械有限公司 | 寿光市 | 2024-01-31",
            NUMBER: 3,
        }
    ]
    assert (found.rows_in, found.furniture, found.unread) == (4, {"header": 3}, ())


def test_columns_are_found_by_name_in_whatever_order_they_stand():
    turned = Grid.of("名录", [row[::-1] for row in (TITLE, UPPER, LOWER, ROW)])
    assert frame_of(turned, **FRAME).frame["uscc"].to_list() == ["91370700MA3C0A1B2X"]


def test_a_renamed_header_is_shown_beside_the_expected_one_with_its_cell():
    renamed = Grid.of("名录", [TITLE, UPPER, [*LOWER[:1], "企业名称", *LOWER[2:]], ROW])
    assert refusal(renamed, **FRAME).splitlines() == [
        "名录.xlsx: the header of 名录 (row 3) does not fit its layout",
        "  expected '企业/名称', which is not there",
        "  found '企业/企业名称' in cell 名录!B3, which is not expected",
        "  expected               found                  cell",
        "  企业/统一社会信用代码  企业/统一社会信用代码  名录!A3",
        "  企业/名称              企业/企业名称          名录!B3",
        "  所在县区               所在县区               名录!C3",
        "  入库/入库日期          入库/入库日期          名录!D3",
    ]


def test_a_new_column_is_not_passed_over():
    wider = Grid.of("名录", [TITLE, [*UPPER, "备注"], [*LOWER, None], [*ROW, "迁入"]])
    assert "found '备注' in cell 名录!E3, which is not expected" in refusal(wider, **FRAME)
    ignored = frame_of(wider, **FRAME, ignored={"备注": "not used"})
    assert ignored.frame.columns == ["uscc", "name", "area", "entered_on", LOCATOR, ROW_TEXT, NUMBER]


def test_a_column_that_is_gone_and_one_that_stands_twice_are_named():
    narrower = Grid.of("名录", [row[:3] for row in (TITLE, UPPER, LOWER, ROW)])
    assert "expected '入库/入库日期', which is not there" in refusal(narrower, **FRAME)
    twice = Grid.of("名录", [[*row, row[2]] for row in (TITLE, UPPER, LOWER, ROW)])
    assert "found '所在县区' more than once" in refusal(twice, **FRAME)


def test_a_sheet_without_cells_has_no_header():
    assert "the header of 名录 (row 3) does not fit" in refusal(Grid.of("名录", []), **FRAME)


def test_where_columns_of_persons_are_expected_a_row_that_is_no_header_is_not_printed():
    register = {"columns": {"企业名称": "name"}, "ignored": {"法定代表人": "personal data"}}
    bare = Grid.of("", [["潍坊澥鑫机械有限公司", "张玘"], ["潍坊滃鑫机械有限公司", "李翾"]])
    message = refusal(bare, file="登记.csv", dataset="enterprises", **register)
    assert message == (
        "登记.csv: the header of the table (row 1) has none of the expected names\n"
        "  expected: 企业名称 | 法定代表人"
    )
    renamed = Grid.of("", [["企业名称", "法人"], ["潍坊澥鑫机械有限公司", "张玘"]])
    assert "found '法人' in cell !B1" in refusal(renamed, dataset="enterprises", **register)


# ── grids ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_sheet_is_named_with_those_that_are_there():
    message = refusal([sheet(name="说明"), sheet(name="目录")], **FRAME, grid="名录")
    assert message == "名录.xlsx: expected a sheet or table named '名录', found 说明、目录"


def test_every_grid_that_matches_gives_its_records():
    pages = [sheet(ROW, name="page1/table1"), sheet(ROW, ROW, name="page2/table1")]
    found = frame_of(pages, **FRAME, grid=r"page\d+/table1")
    assert found.frame[LOCATOR].to_list() == [
        "page1/table1!A4:D4",
        "page2/table1!A4:D4",
        "page2/table1!A5:D5",
    ]
    assert (found.rows_in, found.furniture) == (9, {"header": 6})
    assert found.frame[NUMBER].to_list() == [3, 7, 8]


def test_a_sheet_that_the_layout_does_not_tell_of_stops_the_file():
    message = refusal([sheet(ROW), sheet(ROW, name="附表")], **FRAME, grid="名录")
    assert message == ("名录.xlsx: the layout says nothing of 附表; expected every sheet or table declared")


# ── what is no data ──────────────────────────────────────────────────────────────────────────────────────────


def test_notes_blank_rows_and_furniture_are_counted_and_not_read():
    rows = [
        ["一、市区"],
        ROW,
        [None, None],
        [" ", None, "　"],
        ["注:本表不含个体。", None],
        ["　注：截至年底。"] * 4,
        ["说明：见附件"],
    ]
    found = frame_of(sheet(*rows), **FRAME, furniture=["一、"])
    assert found.frame[LOCATOR].to_list() == ["名录!A5:D5"]
    assert (found.rows_in, found.furniture) == (10, {"header": 3, "declared": 1, "blank": 2, "note": 3})


def test_a_row_that_only_mentions_a_note_is_data():
    found = frame_of(sheet([ROW[0], "注:潍坊澥鑫机械有限公司", *ROW[2:]]), **FRAME)
    assert found.frame["name"].to_list() == ["注:潍坊澥鑫机械有限公司"]


def test_other_words_may_begin_the_notes():
    rows = [["资料来源:市统计局"], ["注:仍是数据"]]
    found = frame_of(sheet(*rows), **FRAME, notes_begin=["资料来源"])
    assert found.frame["uscc"].to_list() == ["注:仍是数据"]


def test_a_header_printed_anew_is_no_data():
    found = frame_of(sheet(ROW, UPPER, LOWER, ROW), **FRAME, repeated_header=True)
    assert found.frame[LOCATOR].to_list() == ["名录!A4:D4", "名录!A7:D7"]
    assert (found.rows_in, found.furniture) == (7, {"header": 5})
    assert frame_of(sheet(ROW, UPPER, LOWER, ROW), **FRAME).frame.height == 4


def test_a_row_longer_than_its_header_is_set_aside_whole():
    found = frame_of(sheet(ROW, [*ROW[:1], "潍坊澥鑫", "机械有限公司", *ROW[2:]], [*ROW, " "]), **FRAME)
    assert found.frame[LOCATOR].to_list() == ["名录!A4:E4", "名录!A6:E6"]
    [unread] = found.unread
    assert (unread.locator, unread.kind, unread.text) == ("名录!A5:E5", "row", "2024-01-31")
    assert (unread.reason, unread.expected) == (
        "text under no header",
        "a row of 4 cells, as the header has",
    )
    assert unread.row_text == "91370700MA3C0A1B2X | 潍坊澥鑫 | 机械有限公司 | 寿光市 | 2024-01-31"
    assert (found.rows_in, found.furniture, found.lost) == (6, {"header": 3}, 0)


# ── tidy and wide tables of figures ──────────────────────────────────────────────────────────────────────────

TIDY = {"columns": {"地区": "area", "指标": "indicator", "数值": "value"}, "constants": {"unit": "亿元"}}


def test_a_record_is_addressed_by_the_cell_of_its_figure():
    grid = Grid.of("", [["地区", "指标", "数值"], ["潍坊市", "海洋生产总值", "1703.42"]])
    assert frame_of(grid, "value", dataset="indicator_figures", **TIDY).frame.rows(named=True) == [
        {
            "area": "潍坊市",
            "indicator": "海洋生产总值",
            "value": "1703.42",
            "unit": "亿元",
            LOCATOR: "!C2",
            ROW_TEXT: "潍坊市 | 海洋生产总值 | 1703.42",
            NUMBER: 1,
        }
    ]


def test_a_constant_of_the_layout_holds_for_all_tables_but_those_that_have_their_own():
    plain = {"columns": {"地区": "area", "数值": "value"}, "constants": {"unit": "亿元"}}
    declared = Layout(
        dataset="indicator_figures",
        reader="workbook",
        constants={"unit": "万元", "period": "2024"},
        tables=(plain | {"grid": "a"}, plain | {"grid": "b", "constants": {}}),
    )
    grids = [Grid.of(name, [["地区", "数值"], ["潍坊市", "1"]]) for name in ("a", "b")]
    found = find(grids, declared, "f.xlsx", "value").frame
    assert found.select("unit", "period", LOCATOR).rows() == [
        ("亿元", "2024", "a!B2"),
        ("万元", "2024", "b!B2"),
    ]


WIDE = {
    "header_rows": [1, 2],
    "columns": {"时期": "period"},
    "measures": {
        "海洋生产总值/总量": {"indicator": "海洋生产总值", "growth": "海洋生产总值/增速"},
        "海洋生产总值/占比(%)": {"indicator": "海洋生产总值占国内生产总值比重"},
        "企业数": {"indicator": "规模以上工业企业数", "unit": "家"},
    },
    "constants": {"area": "全国"},
}
WIDE_ROWS = [
    ["时期", "海洋生产总值", "海洋生产总值", "海洋生产总值", "企业数"],
    [None, "总量", "增速", "占比(%)", None],
    [None, "亿元", "%", None, None],
    ["2023", "99097", "6.0", "7.9", None],
    ["2024", "105438", None, "—", "512"],
    ["2025", None, "5.5", None, None],
    ["注:2025年为预计数"],
]


def test_a_wide_table_gives_one_record_per_printed_figure_with_the_figures_cell():
    found = frame_of(Grid.of("全国", WIDE_ROWS), "value", dataset="indicator_figures", **WIDE, unit_row=3)
    fields = ("period", "indicator", "value", "unit", "growth", LOCATOR)
    assert found.frame.select(fields).rows() == [
        ("2023", "海洋生产总值", "99097", "亿元", "6.0", "全国!B4"),
        ("2024", "海洋生产总值", "105438", "亿元", None, "全国!B5"),
        ("2025", "海洋生产总值", None, "亿元", "5.5", "全国!B6"),
        ("2023", "海洋生产总值占国内生产总值比重", "7.9", "%", None, "全国!D4"),
        ("2024", "海洋生产总值占国内生产总值比重", "—", "%", None, "全国!D5"),
        ("2024", "规模以上工业企业数", "512", "家", None, "全国!E5"),
    ]
    assert set(found.frame["area"]) == {"全国"}
    assert found.frame[ROW_TEXT][1] == "2024 | 105438 |  | — | 512"
    assert (found.rows_in, found.furniture) == (7, {"header": 3, "note": 1})


def test_the_unit_row_is_no_data_and_without_it_the_header_speaks():
    rows = [*WIDE_ROWS[:2], ["2023", "99097", "6.0", "7.9", "512"]]
    found = frame_of(Grid.of("全国", rows), "value", dataset="indicator_figures", **WIDE)
    assert found.frame["unit"].to_list() == [None, "%", "家"]


def test_a_header_that_states_two_units_stops_the_file_with_its_cell():
    measures = {"总量(亿元)(单位:万元)": {"indicator": "海洋生产总值"}}
    grid = Grid.of("全国", [["时期", "总量(亿元)(单位:万元)"], ["2024", "105438"]])
    message = refusal(
        grid, dataset="indicator_figures", file="年鉴.xlsx", columns={"时期": "period"}, measures=measures
    )
    assert message.startswith("年鉴.xlsx: the unit of '总量(亿元)(单位:万元)' in cell 全国!B1: ")
    assert "names two units" in message


# ── what a title tells ───────────────────────────────────────────────────────────────────────────────────────

FIGURES = {"dataset": "indicator_figures"}
MONTHS = {
    "title": {"row": 1, "pattern": r"(?P<year>\d{4})年(?P<month>\d+)月", "such_as": "2024年3月"},
    "header_rows": [2],
    "columns": {"指标": "indicator"},
    "labels": {"header": "指标", "names": {"利润(1-上月)": {"name": "利润", "lag_months": 1}}},
    "measures": {
        "本月(亿元)": {"sets": {"period": "{year}年{month}月"}},
        "累计(亿元)": {"growth": "增速", "sets": {"period": "{year}年1-{month}月"}},
        "{year-1}年同月(亿元)": {"sets": {"period": "{year-1}年{month}月"}},
    },
    "constants": {"area": "潍坊市"},
}


def months(title="2024年3月", *rows):
    header = ["指标", "本月(亿元)", "累计(亿元)", "增速", f"{int(title[:4]) - 1}年同月(亿元)"]
    return Grid.of("月报", [[title], header, *rows])


def test_a_title_fills_headers_and_periods_and_a_lagging_label_is_of_earlier_months():
    grid = months("2024年3月", ["产值", "10", "28.5", "5.1", "9"], ["利润(1-上月)", None, "2.5", "1.0", None])
    found = frame_of(grid, "value", **FIGURES, **MONTHS).frame
    assert found.select("indicator", "period", "value", "growth", LOCATOR).rows() == [
        ("产值", "2024年3月", "10", None, "月报!B3"),
        ("产值", "2024年1-3月", "28.5", "5.1", "月报!C3"),
        ("利润", "2024年1-2月", "2.5", "1.0", "月报!C4"),
        ("产值", "2023年3月", "9", None, "月报!E3"),
    ]
    assert set(found["__printed_indicator"]) == {"产值", "利润(1-上月)"}


def test_what_is_cumulated_to_january_is_january_and_lags_into_the_year_before():
    grid = months("2024年1月", ["产值", None, "28.5", None, None], ["利润(1-上月)", None, "2.5", None, None])
    found = frame_of(grid, "value", **FIGURES, **MONTHS).frame
    assert found.select("indicator", "period").rows() == [("产值", "2024年1月"), ("利润", "2023年1-12月")]


def test_a_title_that_does_not_tell_all_is_named_with_its_cell():
    grid = Grid.of("月报", [["主要指标(3月)"], *months().frame.drop("row").rows()[1:]])
    assert refusal(grid, **FIGURES, **MONTHS) == (
        "名录.xlsx: the title in cell 月报!A1 is '主要指标(3月)'; expected one such as '2024年3月'"
    )


def test_a_row_in_the_place_of_a_title_is_not_printed_where_it_may_hold_a_person():
    table = {
        "title": {"pattern": "(?P<year>[0-9]{4})年", "such_as": "2024年名录"},
        "columns": {"企业名称": "name"},
        "header_rows": [2],
    }
    grid = Grid.of("", [["潍坊澥鑫机械有限公司", "张玘"], ["企业名称", "法定代表人"]])
    message = refusal(grid, dataset="enterprises", **table, ignored={"法定代表人": "personal data"})
    assert message.startswith("名录.xlsx: the title in cell !A1 is '…'; expected one such as '2024年名录'")


def test_the_files_name_may_tell_too():
    table = {
        "file_name": {"pattern": r"(?P<year>20\d\d)", "such_as": "2023年鉴.csv"},
        "columns": {"地区": "area", "数值": "value"},
        "constants": {"period": "{year}年"},
    }
    grid = Grid.of("", [["地区", "数值"], ["潍坊市", "1"]])
    assert frame_of(grid, **FIGURES, file="2023年鉴.csv", **table).frame["period"].to_list() == ["2023年"]
    message = refusal(grid, **FIGURES, file="年鉴.csv", **table)
    assert message == "年鉴.csv: expected a file name such as '2023年鉴.csv'; rename the file"
    named = table | {
        "file_name": {"pattern": "(?P<year>..)年", "such_as": "2023年.csv"},
        "constants": {"period": "{year-1}年"},
    }
    message = refusal(grid, **FIGURES, file="去本年鉴.csv", **named)
    assert "{year-1} of '{year-1}年': the title tells '去本', which is no number" in message


# ── units ────────────────────────────────────────────────────────────────────────────────────────────────────


def counties(*head, **table):
    rows = [
        *head,
        ["地区", "总量", "企业(家)", "单位"],
        ["寿光市", "5", "7", None],
        ["奎文区", "6", "8", "万元"],
    ]
    declared = {
        "header_rows": [len(head) + 1],
        "columns": {"地区": "area"},
        "ignored": {"单位": "not used"},
        "measures": {
            "总量": {"indicator": "地区生产总值"},
            "企业(家)": {"indicator": "规模以上工业企业数"},
        },
    }
    return Grid.of("表", rows), FIGURES | declared | table


@pytest.mark.parametrize("unit_in", [2, r"单位[:：](?P<unit>\S+)"])
def test_a_unit_above_the_header_holds_for_measures_without_their_own(unit_in):
    grid, table = counties(["各县市"], [None, None, "单位:亿元"], unit_in=unit_in)
    assert frame_of(grid, **table).frame["unit"].to_list() == ["亿元", "亿元", "家", "家"]


def test_a_unit_that_should_stand_above_the_header_and_does_not_stops_the_file():
    grid, table = counties(["各县市"], unit_in=1)
    assert refusal(grid, **table) == (
        "名录.xlsx: 表: expected the unit of all figures, such as 单位:亿元, in row 1: '各县市'"
    )


def test_a_rows_own_unit_comes_before_that_of_the_table():
    grid, table = counties(["单位:亿元"], unit_in=1, columns={"地区": "area", "单位": "unit"}, ignored={})
    assert frame_of(grid, **table).frame["unit"].to_list() == ["亿元", "万元", "家", "万元"]


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────

LABELLED = {
    "columns": {"指标": "indicator"},
    "labels": {
        "header": "指标",
        "children": ["#", "其中:", "\u3000"],
        "grandchildren": ["##", "\u3000\u3000"],
        "names": {"产值/工业": "工业产值", "产值/工业/轻工业": "轻工业产值"},
        "ignored_rows": {"产值/建筑业": "not kept here", "粮食": "not kept here"},
    },
    "measures": {"2024年(亿元)": {"sets": {"period": "2024"}}},
    "constants": {"area": "潍坊市"},
}


def test_children_stand_below_their_parent_whatever_marks_them():
    labels = [
        *("产 值[2]", "  其中: 工 业①", "##轻工业", "#建筑业", "粮食"),
        *("产值", "\u3000工业", "\u3000\u3000轻工业", "\u3000其他"),
    ]
    grid = Grid.of("", [["指标", "2024年(亿元)"], *([label, "1"] for label in labels)])
    found = frame_of(grid, **FIGURES, **LABELLED)
    assert found.frame["indicator"].to_list() == [
        *("产值", "工业产值", "轻工业产值", "产值", "工业产值", "轻工业产值", "产值/其他"),
    ]
    assert found.frame["__printed_indicator"].to_list()[:2] == ["产 值[2]", "  其中: 工 业①"]
    assert (found.rows_in, found.furniture, found.lost) == (10, {"header": 1, "not kept": 2}, 0)


def test_a_parent_may_have_no_figure_of_its_own_and_white_space_is_none():
    grid = Grid.of("", [["指标", "2024年(亿元)"], ["产值", " "], ["#工业", "5"], ["#其他", "\u3000"]])
    found = frame_of(grid, **FIGURES, **LABELLED)
    assert found.frame.select("indicator", "value").rows() == [("工业产值", "5")]
    assert found.furniture == {"header": 1, "no figure": 2}


# ── tables that run on ───────────────────────────────────────────────────────────────────────────────────────

LIST = {"columns": {"统一社会信用代码": "uscc", "名称": "name"}, "continues": True}
HEAD = ["统一社会信用代码", "名称"]


def test_a_table_runs_on_with_its_header_without_it_and_below_a_mark():
    pages = [
        Grid.of("page1", [HEAD, ["A", "甲"], ["— 1 —", None]]),
        Grid.of("page2", [["B", "乙"], [" ", "第 2 页 共 3 页"]]),
        Grid.of("page3", [["续表", "续表"], HEAD, ["C", "丙"]]),
    ]
    found = frame_of(pages, **LIST, dataset="enterprises")
    assert found.frame.select("uscc", LOCATOR, NUMBER).rows() == [
        ("A", "page1!A2:B2", 1),
        ("B", "page2!A1:B1", 3),
        ("C", "page3!A3:B3", 7),
    ]
    assert (found.rows_in, found.furniture, found.lost) == (8, {"header": 2, "page mark": 3}, 0)


def test_a_page_of_another_width_is_no_continuation():
    pages = [Grid.of("page1", [HEAD, ["A", "甲"]]), Grid.of("page2", [["B", "乙", "x"]])]
    assert refusal(pages, **LIST, dataset="enterprises") == (
        "名录.xlsx: page2 has 3 columns and not the header of page1, which it continues; expected its 2 columns"
    )


def test_each_file_of_an_archive_begins_its_own_table_and_so_does_each_title():
    members = [
        Grid("s", Grid.of("s", [HEAD, ["A", "甲"]]).frame, member="1.xlsx"),
        Grid("s", Grid.of("s", [["B", "乙"]]).frame, member="2.xlsx"),
    ]
    assert "the header of s (row 1) does not fit" in refusal(members, **LIST, dataset="enterprises")
    sheets = [months("2024年3月", ["产值", "1"]), months("2023年3月", ["产值", "2"])]
    found = frame_of(sheets, **FIGURES, **MONTHS, continues=True)
    assert found.frame.select("period", "value").rows() == [("2024年3月", "1"), ("2023年3月", "2")]


def test_rows_that_head_others_say_what_they_are_across_pages():
    grouped = {
        "continues": True,
        "groups": "(?P<tier>省级|市级)",
        "columns": {"名称": "name", "县": "county_area"},
    }
    pages = [
        Grid.of("page1", [["名称", "县"], ["一、省级", "一、省级"], ["甲", "寿光市"]]),
        Grid.of("page2", [["乙", "寿光市"], ["二、市级", None], ["丙", "奎文区"]]),
    ]
    found = frame_of(pages, **grouped, dataset="green_list_entries")
    assert found.frame.select("name", "tier").rows() == [("甲", "省级"), ("乙", "省级"), ("丙", "市级")]
    assert found.furniture == {"header": 1, "group": 2}


def test_all_below_the_footer_is_footer():
    rows = [ROW, ["单位负责人:演示"], ["填表人"], [None], ["报出日期"]]
    found = frame_of(sheet(*rows), **FRAME, footer_begins=["单位负责人"])
    assert (found.frame.height, found.furniture) == (1, {"header": 3, "footer": 4})


# ── headers that are alike, missing, or another layout's ─────────────────────────────────────────────────────


def test_columns_of_one_name_are_told_apart_by_their_number_and_one_without_is_nameless():
    grid = Grid.of("", [[None, "总量", "增速", "均量", "增速"], ["寿光市", "1", "2", "3", "4"]])
    table = {
        "columns": {"": "area"},
        "measures": {
            "总量": {"indicator": "a", "growth": "增速"},
            "均量": {"indicator": "b", "growth": "增速@2"},
        },
    }
    found = frame_of(grid, **FIGURES, **table).frame
    assert found.select("area", "indicator", "value", "growth").rows() == [
        ("寿光市", "a", "1", "2"),
        ("寿光市", "b", "3", "4"),
    ]


def test_the_nearest_layouts_of_the_dataset_are_named_with_the_share_that_fits():
    header = [name for name in load("figures_csv").tables[0].columns if name != "不采用原因"]
    message = refusal(Grid.of("", [header]), **FIGURES, **TIDY, file="f.csv")
    assert message.splitlines()[-3:] == [
        "  layout figures_csv fits 14 of 15 headers",
        "  layout figures_html fits 14 of 15 headers",
        "  layout figures_table fits 14 of 15 headers",
    ]
