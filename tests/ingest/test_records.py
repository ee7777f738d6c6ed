"""Records: headers are matched by name, what is no data is counted, and every record knows its cell."""

from __future__ import annotations

import pytest

from ingest.layout import Layout, LayoutError
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
