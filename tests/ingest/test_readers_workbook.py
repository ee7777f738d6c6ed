"""Workbooks: numbers, dates, merged ranges and hidden parts as a person sees them, and packages that are traps."""

import datetime
import io
import zipfile

import pytest
import xlsxwriter

from ingest.readers import ReadError, archive, read, workbook

pytestmark = pytest.mark.slow


def written(*fill) -> bytes:
    """A workbook with a sheet per function, each named after it and given (workbook, sheet)."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for function in fill:
            function(book, book.add_worksheet(function.__name__))
    return buffer.getvalue()


def grids(content: bytes):
    return read(content, "上报.xlsx", "workbook")


def rewritten(content: bytes, part: str, old: str, new: str) -> bytes:
    """The same workbook with a text replaced in one of its parts."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return buffer.getvalue()


def test_cells_keep_their_addresses_when_the_used_range_does_not_begin_at_a1():
    def 潍坊市(_, sheet):
        sheet.write("C7", "寿光市")
        sheet.write("D9", 812.3)

    [grid] = grids(written(潍坊市))
    assert grid.frame.rows(named=True) == [
        {"row": 7, "A": None, "B": None, "C": "寿光市", "D": None},
        {"row": 8, "A": None, "B": None, "C": None, "D": None},
        {"row": 9, "A": None, "B": None, "C": None, "D": "812.3"},
    ]
    assert (grid.locator(7, "C"), grid.notes) == ("潍坊市!C7", ())


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1703.42, None, "1703.42"),
        (2024, None, "2024"),
        (-0.5, None, "-0.5"),
        (1e20, None, "100000000000000000000"),
        (0.0000001, None, "0.0000001"),
        (0.125, "0.0%", "12.5%"),
        (0.07, "0%", "7%"),
        (1.1, '0.0"%"', "1.1"),
        (datetime.date(2024, 3, 1), "yyyy-mm-dd", "2024-03-01"),
        (datetime.datetime(2024, 3, 1, 5, 6), "yyyy/m/d h:mm", "2024-03-01T05:06:00"),
        (datetime.time(5, 6), "h:mm", "05:06:00"),
        (datetime.timedelta(days=2, hours=1, seconds=30), "[h]:mm:ss", "49:00:30"),
        (True, None, "TRUE"),
        ("007", None, "007"),
        (" 寿光市\n(县级) ", None, " 寿光市\n(县级) "),
    ],
)
def test_a_value_becomes_the_text_a_person_would_write(value, number_format, text):
    def sheet(book, sheet):
        sheet.write(0, 0, value, number_format and book.add_format({"num_format": number_format}))

    [grid] = grids(written(sheet))
    assert grid.frame.rows() == [(1, text)]


def test_a_merged_range_repeats_its_value_even_beyond_the_last_other_value():
    def sheet(_, sheet):
        sheet.merge_range("A1:C1", "单位：亿元")
        sheet.merge_range("A2:A4", "四区")
        sheet.write("B2", "奎文区")

    [grid] = grids(written(sheet))
    assert grid.frame.rows() == [
        (1, "单位：亿元", "单位：亿元", "单位：亿元"),
        (2, "四区", "奎文区", None),
        (3, "四区", None, None),
        (4, "四区", None, None),
    ]
    assert grid.notes == ("2 merged ranges repeated over their cells",)


def test_a_range_merged_over_whole_rows_or_columns_stops_where_the_values_stop():
    def sheet(_, sheet):
        sheet.merge_range("A1:B1", "标题")
        sheet.write("B2", "b")
        sheet.merge_range("C2:C3", "注")

    content = written(sheet)
    for merged, whole in (("A1:B1", "A1:XFD1"), ("C2:C3", "C2:C1048576")):
        content = rewritten(content, "xl/worksheets/sheet1.xml", f'ref="{merged}"', f'ref="{whole}"')
    [grid] = grids(content)
    assert grid.frame.rows() == [(1, "标题", "标题", "标题"), (2, None, "b", "注")]


def test_hidden_sheets_are_noted_and_not_read():
    def 潍坊市(_, sheet):
        sheet.write("A1", "a")

    def 旧表(_, sheet):
        sheet.write("A1", "b")
        sheet.hide()

    def 底稿(_, sheet):
        sheet.very_hidden()

    [grid] = grids(written(潍坊市, 旧表, 底稿))
    assert grid.name == "潍坊市"
    assert grid.notes == ("sheet 旧表 is hidden: not read", "sheet 底稿 is hidden: not read")


def test_a_chart_sheet_is_noted_and_not_read():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("数据")
        sheet.write("A1", 1)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=数据!$A$1:$A$1"})
        book.add_chartsheet("图").set_chart(chart)
        book.add_worksheet("空")
    data, empty = grids(buffer.getvalue())
    assert (data.frame.rows(), data.notes) == ([(1, "1")], ("sheet 图 is not a worksheet: not read",))
    assert (empty.name, empty.frame.columns, empty.frame.height) == ("空", ["row"], 0)


def test_hidden_rows_and_columns_are_read_and_noted():
    def sheet(_, sheet):
        for row in range(3):
            sheet.write_row(row, 0, [f"a{row}", f"b{row}"])
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column("B:XFD", None, None, {"hidden": True})

    [grid] = grids(written(sheet))
    assert grid.frame.rows() == [(1, "a0", "b0"), (2, "a1", "b1"), (3, "a2", "b2")]
    assert grid.notes == ("1 hidden rows, read like the others", "1 hidden columns, read like the others")


def test_an_error_is_the_text_the_sheet_shows():
    def sheet(_, sheet):
        sheet.write("B2", "x")
        sheet.write_formula("C3", "=1/0", value="#DIV/0!")

    [grid] = grids(written(sheet))
    assert grid.frame.rows() == [(2, None, "x", None), (3, None, None, "#DIV/0!")]


def test_a_formula_counts_by_its_stored_result():
    def sheet(_, sheet):
        sheet.write_formula("A1", "=B1*2", value=4.5)
        sheet.write_formula("A2", '=IF(B1="","",B1)', value="none")
        sheet.write("A3", "end")

    # xlsxwriter cannot store an empty text as the result, as spreadsheet programs do.
    [grid] = grids(rewritten(written(sheet), "xl/worksheets/sheet1.xml", "<v>none</v>", "<v></v>"))
    assert grid.frame["A"].to_list() == ["4.5", None, "end"]


@pytest.mark.parametrize("stored", ["", "<v></v>", "<v/>"])
def test_a_formula_saved_without_its_result_is_refused_rather_than_read_as_empty(stored):
    def 上报(_, sheet):
        sheet.write("A1", "x")
        sheet.write_formula("B7", "=A1*2", value=4.5)

    content = rewritten(written(上报), "xl/worksheets/sheet1.xml", "<v>4.5</v>", stored)
    with pytest.raises(ReadError, match=r"上报\.xlsx: 上报!B7: expected a value, but the formula"):
        grids(content)


def test_cells_that_do_not_say_where_they_are_stand_side_by_side():
    def sheet(_, sheet):
        sheet.write("A1", 1)
        sheet.write("B1", 0.5)

    content = written(sheet)
    for reference in (' r="A1"', ' r="B1"', ' r="1"'):
        content = rewritten(content, "xl/worksheets/sheet1.xml", reference, "")
    assert grids(content)[0].frame.rows() == [(1, "1", "0.5")]


def two_cells(_, sheet):
    sheet.write("A1", 1)
    sheet.write("B2", 2)


def test_a_far_away_cell_is_refused_before_room_is_made_for_the_sheet():
    content = rewritten(written(two_cells), "xl/worksheets/sheet1.xml", '"B2"', '"XFD1048576"')
    with pytest.raises(
        ReadError, match=r"上报\.xlsx: 17,179,869,184 cells, more than the limit of 10,000,000"
    ):
        grids(content)


def test_merged_ranges_count_towards_the_limit_of_cells(monkeypatch):
    def 表(_, sheet):
        sheet.merge_range("A1:Z100", "x")

    content = written(表)
    monkeypatch.setattr(workbook, "MAX_CELLS", 2_599)
    with pytest.raises(ReadError, match=r"上报\.xlsx: 表: 2,600 cells with its merged ranges, more than"):
        grids(content)


def test_more_sheets_than_the_limit_are_refused(monkeypatch):
    def another(_, sheet):
        sheet.write("A1", 1)

    monkeypatch.setattr(workbook, "MAX_SHEETS", 1)
    with pytest.raises(ReadError, match=r"上报\.xlsx: 2 sheets, more than the limit of 1"):
        grids(written(two_cells, another))


def test_a_decompression_bomb_is_refused_unopened(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", b"")
        package.writestr("xl/workbook.xml", b"")
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    with pytest.raises(
        ReadError, match=r"上报\.xlsx: [\d,]+ times its size once unpacked, more than the limit"
    ):
        grids(buffer.getvalue())
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(ReadError, match=r"上报\.xlsx: 2,000,000 bytes once unpacked, more than the limit"):
        grids(buffer.getvalue())


def test_an_archive_that_understates_its_sizes_is_refused():
    content = bytearray(written(two_cells))
    entry = content.index(b"PK\x01\x02")  # the directory's first entry; its unpacked size is at 24
    content[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    with pytest.raises(ReadError, match="is damaged"):
        grids(bytes(content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n", "it is plain text"),
        (b"<table><tr><td>1</table>", r"it is an HTML page \(the layout's reader for those is html\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is a file of an old Office program"),
    ],
)
def test_what_is_no_workbook_is_refused(content, message):
    with pytest.raises(ReadError, match=rf"上报\.xlsx: .*{message}"):
        grids(content)


def test_a_sheet_with_a_document_type_declaration_is_refused():
    content = rewritten(
        written(two_cells),
        "xl/worksheets/sheet1.xml",
        "<worksheet",
        '<!DOCTYPE x [<!ENTITY a "b">]><worksheet',
    )
    with pytest.raises(ReadError, match="its XML has a document type declaration"):
        grids(content)
