"""Readers as one: grids and their addresses, limits, and no bytes that crash the night."""

import gzip
import io

import docx
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen import canvas

from ingest import readers
from ingest.readers import READERS, Grid, ReadError, column_letters, read


def test_a_grid_gives_each_cell_the_address_a_person_would_write():
    grid = Grid.of("潍坊市", [["县市区", "生产总值"], ["寿光市"]], addresses=[3, 7])
    assert grid.frame.rows(named=True) == [
        {"row": 3, "A": "县市区", "B": "生产总值"},
        {"row": 7, "A": "寿光市", "B": None},
    ]
    assert grid.locator(7, "A") == "潍坊市!A7"


def test_a_grid_without_a_name_has_addresses_without_one():
    assert Grid.of("", [["x"]]).locator(1, "A") == "!A1"


def test_columns_are_lettered_as_in_a_spreadsheet():
    assert [column_letters(i) for i in (0, 25, 26, 51, 701, 702, 16_383)] == [
        *("A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD")
    ]


def test_an_unknown_reader_is_named_with_the_known_ones():
    with pytest.raises(
        ReadError, match=r"名单\.doc: no reader is called 'doc'; expected one of csv, workbook"
    ):
        read(b"x", "名单.doc", "doc")


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_file_is_refused(reader):
    with pytest.raises(ReadError, match=r"f\.x: the file is empty \(0 bytes\)"):
        read(b"", "f.x", reader)


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "any"])
def test_a_file_over_the_size_limit_is_refused_with_both_sizes(reader, monkeypatch):
    module = readers.import_module(f"ingest.readers.{readers._MODULES[reader]}")
    monkeypatch.setattr(module, "MAX_BYTES", 9)
    with pytest.raises(ReadError, match=r"f\.x: 10 bytes, more than the limit of 9"):
        read(b"0123456789", "f.x", reader)


def test_a_library_that_panics_is_a_read_error_and_an_interrupt_is_not(monkeypatch):
    from ingest.readers import text

    class PanicException(BaseException):
        """What a Rust library raises: no Exception."""

    def stop_with(error):
        def stop(*_):
            raise error

        monkeypatch.setattr(text, "read", stop)

    stop_with(PanicException("index out of bounds"))
    with pytest.raises(ReadError, match="f.txt: expected text.*; reading it failed .*index out of bounds"):
        read(b"x", "f.txt", "text")
    stop_with(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        read(b"x", "f.txt", "text")


def _workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        workbook.add_worksheet("潍坊市").write_row("A1", ["寿光市", 812.3])
    return buffer.getvalue()


def _pdf() -> bytes:
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer)
    page.grid([50, 100, 150], [700, 720, 740])
    page.drawString(55, 705, "812.3")
    page.save()
    return buffer.getvalue()


def _document() -> bytes:
    document, buffer = docx.Document(), io.BytesIO()
    document.add_paragraph("一、综合")
    document.add_table(1, 2).cell(0, 0).text = "寿光市"
    document.save(buffer)
    return buffer.getvalue()


SOUND = {
    "csv": b'a,"b\nc"\n1,2,3\n',
    "workbook": _workbook(),
    "html": b'<meta charset="gbk"><table><tr><td rowspan=2>a<td>b<tr><td>c</table>',
    "pdf": _pdf(),
    "docx": _document(),
    "text": "一、综合\n".encode(),
    "any": gzip.compress(b"a,b\n1,2\n"),
}


@pytest.mark.parametrize("reader", READERS)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_any_bytes_give_grids_or_a_read_error(reader, data):
    sound = SOUND[reader]
    start = data.draw(st.integers(0, len(sound)))
    cut = data.draw(st.integers(0, 20))
    content = data.draw(
        st.one_of(
            st.binary(min_size=1, max_size=60),
            st.binary(max_size=20).map(lambda noise: sound[:start] + noise + sound[start + cut :]),
        )
    )
    try:
        grids = read(content, "f.x", reader)
    except ReadError as error:
        assert str(error).startswith(("f.x: ", "f.x>"))
    else:
        assert all(isinstance(grid, Grid) for grid in grids)
