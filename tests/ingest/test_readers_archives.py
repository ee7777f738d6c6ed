"""Archives: the files inside, the traps among them, and what cannot be read at all."""

import gzip
import io
import struct
import time
import zipfile

import pytest

from ingest import readers
from ingest.readers import READERS, ReadError, archive, read, sniff
from tests.ingest.readers_samples import (
    ROWS,
    as_csv,
    as_docx,
    as_html,
    as_printed_pdf,
    as_xls,
    as_xlsx,
    as_zip,
    rich_ods,
    rich_xlsb,
)

pytestmark = pytest.mark.slow


def shown(grids):
    return [(grid.member, grid.name, [cells for _, *cells in grid.frame.rows()]) for grid in grids]


def test_the_files_of_a_zip_are_read_in_the_order_of_their_names_and_addressed_by_them():
    content = as_zip({"2024/part2.csv": b"c,d\n", "2024/part1.csv": b"a,b\n"})
    first, second = read(content, "名录.zip", "csv")
    assert shown([first, second]) == [
        ("2024/part1.csv", "", [["a", "b"]]),
        ("2024/part2.csv", "", [["c", "d"]]),
    ]
    assert first.locator(1, "B") == "2024/part1.csv>!B1"


def test_a_workbook_in_a_zip_keeps_its_sheets_and_one_that_is_a_zip_itself_is_no_archive():
    [grid] = read(as_zip({"上报.xlsx": as_xlsx(ROWS)}), "上报.zip", "workbook")
    assert grid.locator(2, "C") == "上报.xlsx>表!C2"
    assert read(as_xlsx(ROWS), "上报.xlsx", "workbook")[0].member == ""


def test_a_gzip_is_the_file_it_holds_under_its_stored_name_or_its_own_without_the_ending():
    buffer = io.BytesIO()
    with gzip.GzipFile("register.csv", "wb", fileobj=buffer) as file:
        file.write(b"a,b\n")
    assert shown(read(buffer.getvalue(), "x.gz", "csv")) == [("register.csv", "", [["a", "b"]])]
    two_parts = gzip.compress(b"a,b\n", mtime=0) + gzip.compress(b"c,d\n")
    assert shown(read(two_parts, "名录.csv.gz", "csv")) == [("名录.csv", "", [["a", "b"], ["c", "d"]])]


def test_what_systems_and_editors_leave_in_a_zip_is_passed_over_and_noted():
    content = as_zip(
        {"__MACOSX/._a.csv": b"\0", "~$a.xlsx": b"\0", "sub/.DS_Store": b"\0", "sub/": b"", "a.csv": b"a,b\n"}
    )
    [grid] = read(content, "a.zip", "csv")
    assert grid.notes[-1] == "3 entries of the archive passed over: __MACOSX/._a.csv, sub/.DS_Store, ~$a.xlsx"


def test_names_in_gbk_are_read_and_paths_that_climb_are_only_names():
    content = as_zip({"abcdef/x.csv": b"a,b\n", "../../etc/passwd": b"c,d\n"})
    content = content.replace(b"abcdef/x.csv", "潍坊市".encode("gbk") + b"/x.csv")
    assert [grid.member for grid in read(content, "a.zip", "csv")] == ["../../etc/passwd", "潍坊市/x.csv"]


def encrypted() -> bytes:
    content = bytearray(as_zip({"a.csv": b"a,b\n"}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    return bytes(content)


def packed_by_lzma() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as target:
        target.writestr("a.csv", b"a,b\n")
    return buffer.getvalue()


DAMAGED = as_zip({"a.csv": b"a,b\n" * 9})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (as_zip({"b.zip": as_zip({"a.csv": b"a"})}), "f.x>b.zip: an archive inside an archive"),
        (gzip.compress(as_zip({"a.csv": b"a"}), mtime=0), "f.x>f.x: an archive inside an archive"),
        (as_zip({"b.csv.gz": gzip.compress(b"a", mtime=0)}), "f.x>b.csv.gz: an archive inside an archive"),
        (encrypted(), "f.x: a.csv is encrypted; send it without a password"),
        (packed_by_lzma(), "f.x: a.csv is packed by lzma; expected deflate"),
        (as_zip({}), "f.x: expected an archive with files in it"),
        (as_zip({".a": b"a"}), "f.x: expected an archive with files in it"),
        (
            DAMAGED.replace(b"a.csv", b"\0.csv"),
            "f.x: expected every entry of the archive to have",
        ),
        (as_zip({"a.csv": b""}), "f.x>a.csv: the file is empty"),
        (gzip.compress(b"a,b\n" * 99, mtime=0)[:-9], "f.x: expected a gzip that is whole; it is cut short"),
        (
            gzip.compress(b"a,b\n", mtime=0) + b"x",
            "f.x: expected a gzip that is whole; after its end come 1 other bytes",
        ),
        (DAMAGED[:-9], "f.x: expected a zip archive or package that is whole"),
        (DAMAGED[:36] + b"\0\0\0" + DAMAGED[39:], "f.x: expected a file that is whole; a.csv is damaged"),
        (gzip.compress(bytes(10**6), mtime=0), "f.x: [0-9,]+ bytes once unpacked, more than the limit"),
        (
            as_zip({"a.csv": bytes(10**6)}),
            "f.x: [0-9,]+ times its size once unpacked, more than the limit of 200",
        ),
    ],
    ids=lambda value: value[5:60] if isinstance(value, str) else "",
)
def test_an_archive_that_is_a_trap_or_damaged_is_refused(content, message):
    with pytest.raises(ReadError, match=message):
        read(content, "f.x", "csv")


def test_two_files_of_one_path_and_too_many_files_are_refused(monkeypatch):
    content = as_zip({"a.csv": b"a,b\n", "b.csv": b"c,d\n"})
    with pytest.raises(ReadError, match="every file of the archive to have a path of its own"):
        read(content.replace(b"b.csv", b"a.csv"), "f.x", "csv")
    monkeypatch.setattr(archive, "MAX_ENTRIES", 1)
    with pytest.raises(ReadError, match="f.x: 2 entries in the archive, more than the limit of 1"):
        read(content, "f.x", "csv")


def test_the_cells_of_all_files_count_towards_one_limit(monkeypatch):
    monkeypatch.setattr(readers, "MAX_CELLS", 5)
    with pytest.raises(ReadError, match="f.x>b.csv: 6 cells with those of the files before it, more than"):
        read(as_zip({"a.csv": b"a,b\n", "b.csv": b"c,d\n"}), "f.x", "csv")


def test_reading_stops_between_files_when_its_time_is_up(monkeypatch):
    ticks = iter(range(0, 10_000, 400))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(ticks)))
    with pytest.raises(
        ReadError, match="f.x>b.csv: reading the file takes longer than the limit of 600 seconds"
    ):
        read(as_zip({"a.csv": b"a,b\n", "b.csv": b"c,d\n"}), "f.x", "csv")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def ole_entry(name: str) -> bytes:
    return OLE + name.encode("utf-16-le").ljust(64, b"\0") + bytes(64)


@pytest.mark.parametrize(
    ("content", "filename", "reader"),
    [
        (as_csv(ROWS), "a.xlsx", "csv"),
        ("一、综合\n全市7010.6亿元\n".encode("gbk"), "公报.txt", "text"),
        (b"a|b\n1|2\n", "a.txt", "csv"),
        (as_xlsx(ROWS), "a.csv", "workbook"),
        (as_xls(ROWS), "a.doc", "workbook"),
        (rich_ods(), "a", "workbook"),
        (rich_xlsb(), "a", "workbook"),
        (as_html(ROWS), "a.xls", "html"),
        (b"\xef\xbb\xbf <!-- x -->\n<TABLE><tr><td>1</table>", "a.xls", "html"),
        (as_printed_pdf(ROWS), "a", "pdf"),
        (as_docx(ROWS), "a.zip", "docx"),
        (as_zip({"a.csv": as_html(ROWS)}), "a.zip", "html"),
        (gzip.compress(b"a,b\n", mtime=0), "a", "csv"),
    ],
)
def test_the_content_says_which_reader_it_calls_for_and_any_is_that_reader(content, filename, reader):
    assert sniff(content, filename) == reader
    assert shown(read(content, filename, "any")) == shown(read(content, filename, reader))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "it is a PNG picture: a picture or scan has no text layer"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "it is a JPEG picture: "),
        (b"GIF89a" + bytes(9), "it is a GIF picture: "),
        (b"II*\0" + bytes(9), "it is a TIFF picture: "),
        (b"BM" + struct.pack("<IIII", 70, 0, 54, 40), "it is a BMP picture: "),
        (b"RIFF" + bytes(4) + b"WEBPVP8 ", "it is a WebP picture: "),
        (
            as_zip({"OFD.xml": b"<x/>", "Doc_0/Document.xml": b""}),
            "it is an OFD document: OFD pages are not read",
        ),
        (ole_entry("WordDocument"), r"it is an old Word document \(.doc\): save it as docx"),
        (ole_entry("EncryptedPackage"), "with a password: send it without the password"),
        (b"{\\rtf1 a}", "it is an RTF document: save it as docx"),
        (b'{"code":401,"msg":"x"}', "it is JSON: probably a server's answer in place of the file"),
        (b"Rar!\x1a\x07\x00" + bytes(9), "it is an archive: send its files in a zip"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "it is an XML spreadsheet of Excel 2003: open it in the program that made it and save it as xlsx",
        ),
    ],
    ids=lambda value: value[8:30] if isinstance(value, str) else "",
)
def test_what_no_reader_takes_is_refused_by_all_with_the_reason_and_what_to_send(reader, content, message):
    with pytest.raises(ReadError, match=rf"f\.x: expected .*{message}"):
        read(content, "f.x", reader)


def test_bytes_of_no_kind_are_refused_by_any():
    with pytest.raises(ReadError, match="f.x: expected text in utf-8 or gb18030; line 1 has a byte"):
        read(b"\x01\xff\xfe\x80", "f.x", "any")
    with pytest.raises(ReadError, match="f.x: the file is empty"):
        sniff(b"", "f.x")
