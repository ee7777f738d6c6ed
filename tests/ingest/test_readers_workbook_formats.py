"""xls, xlsb and ods: the same cells and marks as in xlsx, and their traps."""

import io
import struct
import zipfile

import pytest
import xlwt

from ingest.readers import ReadError, marks, read
from tests.ingest.readers_samples import (
    ROWS,
    as_ods,
    as_xls,
    as_xlsb,
    cell,
    rich_ods,
    rich_xls,
    rich_xlsb,
    row,
    wide,
)

pytestmark = pytest.mark.slow


def grids(content):
    return read(content, "上报.x", "workbook")


def test_an_xls_is_read_with_its_merged_ranges_formats_and_hidden_parts():
    [grid] = grids(rich_xls())
    assert grid.frame.rows() == [
        (1, "单位:亿元", "单位:亿元", "单位:亿元"),
        (2, "寿光市", "21%", "2024-03-01"),
        (3, "1234.5", "007", "TRUE"),
    ]
    assert grid.notes == (
        "sheet 底稿 is hidden: not read",
        "1 merged ranges repeated over their cells",
        "1 hidden rows, read like the others",
        "1 hidden columns, read like the others",
        "1 percentages written as they are shown",
    )


def test_an_xlsb_is_read_with_its_merged_ranges_formats_and_hidden_parts():
    [grid] = grids(rich_xlsb())
    assert (grid.name, grid.frame.rows()) == (
        "海核1表",
        [
            (1, "单位:亿元", "单位:亿元", "单位:亿元"),
            (2, "寿光市", "21%", "2024-03-01"),
            (3, "1234.5", "007", "#DIV/0!"),
        ],
    )
    assert grid.notes == (
        "1 merged ranges repeated over their cells",
        "1 hidden rows, read like the others",
        "1 percentages written as they are shown",
    )


def test_an_ods_is_read_with_its_merged_ranges_formats_and_hidden_parts():
    [grid] = grids(rich_ods())
    assert grid.frame.rows() == [
        (1, "单位:亿元", "单位:亿元"),
        (2, "21%", "1234.5"),
        (3, "2024-03-01", "007"),
        (4, None, None),
        (5, None, None),
        (6, None, None),
        (7, "49:00:30", "x"),
    ]
    assert grid.notes == (
        "1 merged ranges repeated over their cells",
        "1 hidden rows, read like the others",
        "1 percentages written as they are shown",
    )


FAR = {
    "xls": as_xls([["a"], *[[]] * 99, ["", "b"]]),
    "xlsb": as_xlsb(row(0) + cell(6, 0, wide("a")) + row(100) + cell(6, 1, wide("b"))),
    "ods": as_ods([["a"], *[[""]] * 99, ["", "b"]]),
}


@pytest.mark.parametrize("kind", FAR)
def test_a_sheet_over_the_limit_is_refused_before_room_is_made_for_it(kind, monkeypatch):
    [grid] = grids(FAR[kind])
    assert (grid.frame.height, grid.frame.rows()[100]) == (101, (101, None, "b"))
    for module in ("biff", "odf", "workbook"):
        monkeypatch.setattr(f"ingest.readers.{module}.MAX_CELLS", 201)
    with pytest.raises(ReadError, match=r"上报\.x: 202 cells, more than the limit of 201"):
        grids(FAR[kind])


@pytest.mark.parametrize("kind", FAR)
def test_cells_keep_their_addresses_when_the_used_range_does_not_begin_at_a1(kind):
    content = {
        "xls": as_xls([[], [], ["", "", "寿光市"], ["", "", "", "x"]]),
        "xlsb": as_xlsb(row(2) + cell(6, 2, wide("寿光市")) + row(3) + cell(6, 3, wide("x"))),
        "ods": as_ods([[""], [""], ["", "", "寿光市"], ["", "", "", "x"]]),
    }[kind]
    assert grids(content)[0].frame.rows() == [(3, None, None, "寿光市", None), (4, None, None, None, "x")]


def test_a_row_of_an_ods_that_repeats_millions_of_times_is_refused_unread():
    content, buffer = as_ods(ROWS), io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            repeated = b'<table:table-row table:number-rows-repeated="9000000">'
            target.writestr(
                name, part.replace(b"<table:table-row>", repeated) if name == "content.xml" else part
            )
    with pytest.raises(ReadError, match=r"上报\.x: \d+,000,000 cells, more than the limit of 10,000,000"):
        grids(buffer.getvalue())


def test_percent_signs_that_a_format_prints_as_text_are_no_percentages():
    assert [marks.is_percent(code) for code in ("0.0%", '0.0"%"', "0\\%", "#,##0", "[Red]0%;-0%")] == [
        *(True, False, False, False, True)
    ]


def formula(result: bytes) -> bytes:
    """An xls with a formula in A1 and its result as stored."""
    book = xlwt.Workbook()
    book.add_sheet("表").write(0, 0, xlwt.Formula("B1*2"))
    buffer = io.BytesIO()
    book.save(buffer)
    as_written_by_xlwt = b"\x03\0\0\0\0\0\xff\xff"
    assert buffer.getvalue().count(as_written_by_xlwt) == 1
    return buffer.getvalue().replace(as_written_by_xlwt, result)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (struct.pack("<d", 4.5), "4.5"),
        (b"\x02\0\x07\0\0\0\xff\xff", "#DIV/0!"),
        (b"\x01\0\x01\0\0\0\xff\xff", "TRUE"),
    ],
)
def test_a_formula_of_an_xls_counts_by_its_stored_result(result, text):
    assert grids(formula(result))[0].frame.rows() == [(1, text)]


def test_a_formula_of_an_xls_whose_text_is_not_stored_is_refused():
    with pytest.raises(
        ReadError, match=r"上报\.x: cell A1: expected a value, but the formula there was saved"
    ):
        grids(formula(b"\0\0\0\0\0\0\xff\xff"))


@pytest.mark.parametrize("cut", [100, 600, 2_000, 4_000])
def test_an_xls_cut_short_is_refused(cut):
    with pytest.raises(ReadError, match=r"上报\.x: "):
        grids(as_xls(ROWS)[:cut])


def test_a_workbook_with_a_password_is_refused_with_that_reason():
    content = bytearray(as_xls(ROWS))
    # The second record of the stream (after its beginning, of 4 + 16 bytes) becomes FILEPASS.
    at = content.index(b"\x09\x08\x10\x00") + 20
    content[at : at + 2] = b"\x2f\x00"
    with pytest.raises(ReadError, match="the workbook has a password; send it without"):
        grids(bytes(content))


def test_a_cell_beyond_the_last_column_a_sheet_can_have_is_refused():
    with pytest.raises(ReadError, match=r"上报\.x: 表: 65,537 columns, more than the limit of 16,384"):
        grids(as_xlsb(row(0) + cell(6, 65_536, wide("a"))))
