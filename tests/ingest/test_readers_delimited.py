"""Delimited text: encodings, quotes, ragged rows and line numbers, all as the strict csv module reads them."""

import codecs

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import ReadError, delimited, encoding, read
from ingest.readers import text as text_reader


def rows(content: bytes | str, **options) -> list[tuple]:
    [grid] = read(content.encode() if isinstance(content, str) else content, "f.csv", "csv", **options)
    assert grid.name == ""
    assert grid.frame.schema["row"] == pl.UInt32
    return grid.frame.rows()


def test_every_cell_stays_the_text_it_was():
    assert rows("县市区,值\n寿光市,0812.30\n滨海区,-\n 昌邑市 ,812.3*\n") == [
        (1, "县市区", "值"),
        (2, "寿光市", "0812.30"),
        (3, "滨海区", "-"),
        (4, " 昌邑市 ", "812.3*"),
    ]


def test_an_empty_cell_is_null_quoted_or_not_and_a_space_is_not_empty():
    assert rows('a,"", \n,b,\n') == [(1, "a", None, " "), (2, None, "b", None)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row_and_the_last_row_needs_none(line_end):
    assert rows(line_end.join(["a,b", "c,d"])) == [(1, "a", "b"), (2, "c", "d")]
    assert rows(line_end.join(["a,b", "c,d", ""])) == [(1, "a", "b"), (2, "c", "d")]


def test_a_shorter_row_is_padded_with_null():
    assert rows("a,b,c\nd\n") == [(1, "a", "b", "c"), (2, "d", None, None)]


def test_a_longer_row_keeps_all_its_cells():
    assert rows("标题\na,b\nc,d,e,\n") == [
        (1, "标题", None, None, None),
        (2, "a", "b", None, None),
        (3, "c", "d", "e", None),
    ]


def test_blank_lines_are_rows_of_nulls_wherever_they_stand():
    assert rows("\n\na,b\n\nc,d\n\n") == [
        (1, None, None),
        (2, None, None),
        (3, "a", "b"),
        (4, None, None),
        (5, "c", "d"),
        (6, None, None),
    ]


@pytest.mark.parametrize("tail", ["", "x,y,z\n"], ids=["rectangular", "ragged"])
def test_a_row_is_numbered_by_the_line_on_which_it_starts(tail):
    found = rows(f'a,"line 1\nline 2\r\nline 3"\nb,"说 ""海洋"", 即 GOP"\nc,d\n{tail}')
    assert [cells[:3] for cells in found[:3]] == [
        (1, "a", "line 1\nline 2\r\nline 3"),
        (4, "b", '说 "海洋", 即 GOP'),
        (5, "c", "d"),
    ]


def test_quotes_inside_an_unquoted_cell_are_text():
    assert rows('5" 管,a\nb,c\n') == [(1, '5" 管', "a"), (2, "b", "c")]


@pytest.mark.parametrize(
    ("content", "line"),
    [('a,b\n"c,d\n', 2), ('a,b\nc,d\n"e"f,g\n', 3), ('"a"b"\n', 1), ('a\n""b""', 2)],
    ids=["never closed", "text after the quote", "text between two cells", "last line without its end"],
)
def test_broken_quoting_is_refused_with_its_line(content, line):
    with pytest.raises(ReadError, match=rf"f\.csv: line {line}: expected delimited text"):
        rows(content)


def test_the_delimiter_can_be_chosen():
    assert rows("a,1\tb\n", delimiter="\t") == [(1, "a,1", "b")]
    with pytest.raises(ReadError, match="delimiter '，' is not one ASCII character"):
        rows("a，b\n", delimiter="，")


@pytest.mark.parametrize(
    ("content", "found", "note"),
    [
        ("县\t值,元\n寿光\t1\n", [("县", "值,元"), ("寿光", "1")], "delimiter tab"),
        ("县;值\n\n寿光;1,5\n", [("县", "值"), (None, None), ("寿光", "1,5")], "delimiter semicolon"),
        ("县|值\r\n寿光|1\r\n", [("县", "值"), ("寿光", "1")], "delimiter vertical bar"),
        ('县;"a;b\nc"\n寿光;1\n', [("县", "a;b\nc"), ("寿光", "1")], "delimiter semicolon"),
        (
            "县,值;元\n寿光,1;2\n",
            [("县", "值;元"), ("寿光", "1;2")],
            "delimiter comma (semicolon would do as well)",
        ),
        (
            "a;b|c\nd;e|f\n",
            [("a;b|c",), ("d;e|f",)],
            "delimiter comma (semicolon or vertical bar would do as well)",
        ),
        ("表1\n县\t值\n寿光\t1\n", [("表1",), ("县\t值",), ("寿光\t1",)], "delimiter comma"),
        ("县|值\n", [("县|值",)], "delimiter comma"),
    ],
    ids=["tab", "semicolon", "bar", "quoted", "two fit", "two others fit", "a title line", "one line"],
)
def test_the_delimiter_is_taken_only_on_strict_evidence_and_noted(content, found, note):
    [grid] = read(content.encode(), "f.csv", "csv")
    assert ([cells for _, *cells in grid.frame.rows()], grid.notes[1]) == ([list(row) for row in found], note)


def test_a_delimiter_that_fails_further_down_than_the_first_lines_is_not_taken(monkeypatch):
    monkeypatch.setattr(delimited, "_SAMPLE_BYTES", 8)
    content = "a|b\n" * 10
    assert rows(content)[0] == (1, "a", "b")
    assert rows(content + "c\n")[0] == (1, "a|b")
    monkeypatch.setattr(delimited, "_SAMPLE_BYTES", 25)  # ends inside quotes
    assert rows('"a"|"b\n"\n' * 10)[1] == (3, "a", "b\n")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("县,值\n".encode(), "encoding utf-8"),
        ("县,值\n".encode("utf-8-sig"), "encoding utf-8 with BOM"),
        (codecs.BOM_UTF16_LE + "县,值\n".encode("utf-16-le"), "encoding utf-16-le with BOM"),
        (codecs.BOM_UTF16_BE + "县,值\n".encode("utf-16-be"), "encoding utf-16-be with BOM"),
        ("县,值\n".encode("gb18030"), "encoding gb18030"),
        ("县,值\n".encode("utf-16-le"), "encoding utf-16-le without BOM"),
        ("县,值\n".encode("utf-16-be"), "encoding utf-16-be without BOM"),
    ],
)
def test_the_encoding_is_found_and_noted(content, note):
    [grid] = read(content, "f.csv", "csv")
    assert (grid.frame.rows(), grid.notes) == (
        [(1, "县", "值")],
        (note, "delimiter comma"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\nc,\xff\n", "expected text in utf-8 or gb18030; line 2 has a byte that gb18030 does not"),
        (codecs.BOM_UTF8 + b"\xff", "expected text in utf-8; line 1"),
        ("县,值".encode("utf-16-le"), "expected text"),  # no line end tells the byte order
        (b"a,b\nc\0,d\n", "expected text, but line 2 has a NUL character"),
        (codecs.BOM_UTF8, "the file is empty"),
    ],
)
def test_bytes_in_no_known_encoding_are_refused(content, message):
    with pytest.raises(ReadError, match=rf"f\.csv: {message}"):
        read(content, "f.csv", "csv")


def test_a_declared_encoding_that_does_not_fit_is_not_believed():
    assert encoding.to_utf8("潍坊市海洋".encode(), "f", declared="gb18030") == (
        "潍坊市海洋".encode(),
        "utf-8",
    )


def test_limits_hold_for_rectangular_and_ragged_files(monkeypatch):
    monkeypatch.setattr(delimited, "MAX_CELLS", 5)
    for content in ("a,b\nc,d\ne,f\n", "a\nc,d\ne\n"):
        with pytest.raises(ReadError, match=r"f\.csv: 6 cells, more than the limit of 5"):
            rows(content)
    monkeypatch.setattr(delimited, "MAX_COLUMNS", 2)
    with pytest.raises(ReadError, match=r"f\.csv: line 2: 3 columns, more than the limit of 2"):
        rows("a\nb,c,d\n")


def test_a_ragged_file_is_read_in_chunks_without_losing_a_row(monkeypatch):
    monkeypatch.setattr(delimited, "_CHUNK_RECORDS", 2)
    monkeypatch.setattr(delimited, "_by_polars", lambda *_, **__: None)
    assert rows("a\nb\nc,1\nd,2,3\ne\n") == [
        (1, "a", None, None),
        (2, "b", None, None),
        (3, "c", "1", None),
        (4, "d", "2", "3"),
        (5, "e", None, None),
    ]


# Any character that text files hold. A NUL is refused, and a leading U+FEFF is a byte order mark.
CELLS = st.one_of(
    st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=5),
    st.text('",\n\r\t "县a', max_size=6),
)


def written(table: list[list[str]], line_end: str, always_quoted: bool) -> str:
    # Not the csv module's writer: before Python 3.13 it left a lone CR unquoted.
    def cell(text: str) -> str:
        needs_quotes = always_quoted or any(mark in text for mark in ',"\r\n')
        return '"{}"'.format(text.replace('"', '""')) if needs_quotes else text

    return "".join(",".join(map(cell, row)) + line_end for row in table)


@given(
    table=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6),
    codec=st.sampled_from(["utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    always_quoted=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_back_cell_by_cell(table, codec, line_end, always_quoted):
    width = max(map(len, table))
    expected = [[cell or None for cell in row] + [None] * (width - len(row)) for row in table]
    found = rows(written(table, line_end, always_quoted).encode(codec), delimiter=",")
    assert [list(cells) for _, *cells in found] == expected


@given(text=st.text('ab,"\n\r', min_size=1, max_size=14).filter(lambda text: text.strip("\r\n")))
@settings(max_examples=25, deadline=None)
def test_a_text_reads_as_the_strict_csv_module_says_or_is_refused_as_there(text):
    try:
        expected = delimited._by_csv(text.encode(), "f.csv", ",").rows()
    except ReadError:
        with pytest.raises(ReadError, match="expected delimited text"):
            rows(text, delimiter=",")
    else:
        assert rows(text, delimiter=",") == expected


def test_running_text_is_one_row_per_line_with_blank_lines_kept():
    [grid] = read("一、综合\r\n\r\n　全市实现生产总值7010.6亿元 \n".encode(), "公报.txt", "text")
    assert grid.frame.rows() == [(1, "一、综合"), (2, None), (3, "　全市实现生产总值7010.6亿元 ")]
    assert (grid.notes, grid.locator(3, "A")) == (("encoding utf-8",), "!A3")


def test_only_line_ends_end_a_line_of_running_text():
    content = "a\fb\u2028c\rd\n".encode()
    assert text_reader.read(content, "f.txt")[0].frame["A"].to_list() == ["a\fb\u2028c", "d"]


def test_a_few_chinese_characters_in_gb18030_are_not_taken_for_another_script():
    [grid] = read("元,家\n".encode("gb18030"), "units.csv", "csv")
    assert grid.frame.row(0) == (1, "元", "家")
    [grid] = read("km²,é\n".encode(), "units.csv", "csv")
    assert grid.frame.row(0) == (1, "km²", "é")
