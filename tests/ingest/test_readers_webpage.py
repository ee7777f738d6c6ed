"""Web tables: spans, encodings and nested tables as a browser shows them."""

import pytest

from ingest.readers import ReadError, read, webpage


def grids(content: str | bytes):
    return read(content.encode() if isinstance(content, str) else content, "f.html", "html")


def test_each_table_is_a_grid_of_its_cells():
    first, second = grids(
        "<p>表21-1</p><table><tr><th>县市区<th>人口</tr><tr><td>寿光市<td>116.3</table>"
        "<table><tbody><tr><td>注</td><td></td></tr></tbody></table>"
    )
    assert (first.name, first.frame.rows()) == ("table1", [(1, "县市区", "人口"), (2, "寿光市", "116.3")])
    assert (second.name, second.frame.rows()) == ("table2", [(1, "注", None)])
    assert first.locator(2, "B") == "table1!B2"


def test_spanning_cells_are_repeated_and_push_the_others_aside():
    [grid] = grids(
        "<table><thead><tr><th rowspan=2>县市区</th><th colspan='2'>生产总值</th></tr>"
        "<tr><th>本年</th><th>上年</th></tr></thead>"
        "<tr><td>寿光市</td><td>1</td><td>2</td></tr></table>"
    )
    assert grid.frame.rows() == [
        (1, "县市区", "生产总值", "生产总值"),
        (2, "县市区", "本年", "上年"),
        (3, "寿光市", "1", "2"),
    ]
    assert grid.notes == ("encoding utf-8", "2 spanning cells repeated over their span")


def test_a_rowspan_of_zero_reaches_to_the_last_row_and_one_beyond_it_stops_there():
    for span in ("0", "9"):
        [grid] = grids(f"<table><tr><td rowspan={span}>a<td>b<tr><td>c</table>")
        assert grid.frame.rows() == [(1, "a", "b"), (2, "a", "c")]


def test_shorter_rows_are_padded_and_empty_rows_kept():
    [grid] = grids("<table><tr><td>a<td>b</tr><tr></tr><tr><td>c</tr></table>")
    assert grid.frame.rows() == [(1, "a", "b"), (2, None, None), (3, "c", None)]


def test_a_nested_table_is_a_grid_of_its_own_and_not_repeated_around_it():
    outer, inner = grids("<table><tr><td>前<table><tr><td>1<td>2</table>后</td><td>x</td></tr></table>")
    assert (outer.name, outer.frame.rows()) == ("table1", [(1, "前后", "x")])
    assert (inner.name, inner.frame.rows()) == ("table2", [(1, "1", "2")])


def test_white_space_is_as_a_browser_shows_it():
    [grid] = grids(
        "<table><tr><td>\n  总人口<br>\n(万人) </td><td>&nbsp;工&nbsp;业</td><td>　其中</td>"
        "<td>&nbsp;</td><td><p>a</p><p>b</p></td><td>&lt;5&#37;</td><td>x<script>1</script>y</td></tr></table>"
    )
    assert grid.frame.rows() == [
        (1, "总人口 (万人)", "\xa0工\xa0业", "　其中", None, "a b", "<5%", "xy"),
    ]


@pytest.mark.parametrize(
    ("head", "codec", "note"),
    [
        ('<meta charset="utf-8">', "utf-8", "utf-8"),
        ("<META http-equiv=Content-Type content='text/html; charset=GB2312'>", "gbk", "gb18030"),
        ("<meta charset=gbk>", "gb18030", "gb18030"),
        ("", "gb18030", "gb18030"),
        ("<meta charset='utf-8'>", "gb18030", "gb18030"),
        ("<meta charset='iso-8859-1'>", "utf-8", "utf-8"),
        ("<meta charset='gb2312'>", "utf-8-sig", "utf-8 with BOM"),
    ],
)
def test_the_encoding_comes_from_the_mark_the_page_or_the_bytes(head, codec, note):
    [grid] = grids(f"<html>{head}<table><tr><td>镕基路海洋</td></tr></table></html>".encode(codec))
    assert (grid.frame.rows(), grid.notes) == ([(1, "镕基路海洋")], (f"encoding {note}",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<p>正在加载</p>", "expected an HTML page with a table; it has none"),
        (
            "<table><td>寿光市</td></table>",
            "table1: expected every cell in a row; '寿光市' is outside any <tr>",
        ),
        ("<div>" * 300 + "<table><tr><td>x", "line 1: expected an HTML page; .*depth"),
        (" ", "expected an HTML page; reading it failed"),
    ],
    ids=["no table", "no row", "too deep for the parser", "blank"],
)
def test_what_cannot_be_read_whole_is_refused(content, message):
    with pytest.raises(ReadError, match=rf"f\.html: {message}"):
        grids(content)


def test_spans_that_multiply_are_stopped(monkeypatch):
    monkeypatch.setattr(webpage, "MAX_TABLE_CELLS", 500)
    with pytest.raises(ReadError, match="f.html: table1: 1,000 cells, more than the limit of 500"):
        grids("<table><tr><td colspan=999999999>x</table>")
    with pytest.raises(ReadError, match="f.html: table1: 800 cells, more than the limit of 500"):
        grids("<table><tr><td colspan=400>x<tr><td>y</table>")
    with pytest.raises(ReadError, match="f.html: table1: 17,000 columns, more than the limit of 16,384"):
        monkeypatch.setattr(webpage, "MAX_TABLE_CELLS", 20_000)
        grids("<table><tr>" + "<td colspan=1000>x" * 17 + "</table>")
