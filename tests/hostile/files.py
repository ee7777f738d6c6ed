"""Hostile files, made when they are needed, each with what must be said of it. Nothing is read here.

Every one is handed to the snapshot store as a document that a publisher sent (test_files.py). Where the store must refuse the
document, `says` is in the reason; where single rows are at fault, it is in the reason of their quarantine.
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.ingest.readers_samples import (
    as_docx,
    as_html,
    as_ods,
    as_xls,
    as_xlsb,
    as_xlsx,
    cell,
    record,
    row,
)

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注\n"
GOOD = "潍坊市,海洋生产总值,2024,1703.42,亿元,6.6,可比价,初步核算,发布会,,2025-06-03,O,是,,\n"
TABLE = [line.split(",") for line in (HEADER + GOOD).splitlines()]
SOUND = (HEADER + GOOD).encode()
MILLION = 1_000_000


@dataclass(frozen=True)
class Hostile:
    """A file and what becomes of it. outcome: refused as a whole, quarantined by row, or taken without what nobody sees.

    memory_mb: by how much reading it may let the process grow.
    """

    make: Callable[[], bytes]
    says: str
    outcome: str = "refused"
    filename: str = "figures.csv"
    layout: str = "figures_table"
    memory_mb: int = 300


# ── archives ─────────────────────────────────────────────────────────────────────────────────────────────────


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, content in entries:
            target.writestr(name, content)
    return buffer.getvalue()


def zeros(megabytes: int) -> bytes:
    """A zip with one file of so many megabytes of zeros: one packed block again and again."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = kernel.compress(bytes(MILLION)) + kernel.flush(zlib.Z_FULL_FLUSH)
    packed, size = block * megabytes + b"\3\0", MILLION * megabytes
    about = struct.pack("<HHHIIIHH", 8, 0, 0, 0, len(packed), size, 5, 0)
    local = b"PK\3\4" + struct.pack("<HH", 20, 0) + about + b"a.csv"
    directory = (
        b"PK\1\2" + struct.pack("<HHH", 20, 20, 0) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.csv"
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(local) + len(packed), 0)
    return local + packed + directory + end


def nested_zip(depth: int) -> bytes:
    content = SOUND
    for level in range(depth):
        content = zipped((f"{level}.zip", content))
    return content


def overlapping_zip() -> bytes:
    """Many entries that are all the same bytes (as in Fifield's bomb): small, and large once unpacked."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = b"1," * 100_000 + b"\n"
    packed = kernel.compress(plain) + kernel.flush()
    crc, names = zlib.crc32(plain), [f"{n:04}.csv" for n in range(1500)]
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), len(plain), 8, 0)
    body = local + names[0].encode() + packed
    directory = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), len(plain), 8, 0, 0, 0, 0, 0, 0)
        + name.encode()
        for name in names
    )  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(names), len(names), len(directory), len(body), 0)
    return body + directory + end


def with_size(content: bytes, size: int) -> bytes:
    """A zip of one file that claims another size once unpacked, in both places."""
    changed = bytearray(content)
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        place = changed.index(mark) + at
        changed[place : place + 4] = size.to_bytes(4, "little")
    return bytes(changed)


def encrypted_zip() -> bytes:
    changed = bytearray(zipped(("a.csv", SOUND)))
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed[changed.index(mark) + flags] |= 1
    return bytes(changed)


def symlink_zip(target: str) -> bytes:
    link = zipfile.ZipInfo("a.csv")
    link.create_system, link.external_attr = 3, (0o120777 << 16)
    return zipped((link, target.encode()))


def many_entries() -> bytes:
    return zipped(*((f"{n}.csv", b"a") for n in range(2_001)), method=zipfile.ZIP_STORED)


def gzip_members(count: int) -> bytes:
    """Many small members one after another, each within the ratio by itself."""
    return gzip.compress(bytes(5 * MILLION), 9, mtime=0) * count


# ── packages of documents ────────────────────────────────────────────────────────────────────────────────────


def repacked(package: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(package))
    parts = [(name, source.read(name)) for name in source.namelist()]
    assert any(name == part for name, _ in parts), part
    return zipped(*((name, change(content) if name == part else content) for name, content in parts))


def with_doctype(xml: bytes, doctype: str, use: str = "", place: bytes = b"") -> bytes:
    """An XML part with a document type declaration, and a reference to an entity at a place."""
    head, _, rest = xml.partition(b"?>")
    if place:
        assert place in rest, place
        rest = rest.replace(place, place + use.encode(), 1)
    return head + b"?>" + doctype.encode() + rest


LAUGHS = "<!DOCTYPE z [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
) + "]>"  # fmt: skip
PASSWD = "<!DOCTYPE z [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"


def xlsx_part(part: str, change: Callable[[bytes], bytes]) -> bytes:
    return repacked(as_xlsx(TABLE), part, change)


def xlsx_sheet(data: str, dimension: str = "A1", declared: str = "") -> bytes:
    """A workbook whose one sheet holds this sheet data."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{space}"{declared}><dimension ref="{dimension}"/>'
        f"<sheetData>{data}</sheetData></worksheet>"
    )
    return repacked(as_xlsx(TABLE), "xl/worksheets/sheet1.xml", lambda _: xml.encode())


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def wide_sheet(columns: int) -> bytes:
    return as_xlsx([[f"列{n}" for n in range(columns)], ["1"] * columns])


def huge_shared_strings() -> bytes:
    """Thirty megabytes of text in one shared string, packed within the ratio that sound files have."""
    block = "".join(random.Random(3).choices("海洋生产总值地区", k=4_000)) * 2_500
    return xlsx_part("xl/sharedStrings.xml", lambda xml: xml.replace("地区".encode(), block.encode(), 1))


def xls_claiming(rows: int) -> bytes:
    """An xls whose last cell lies as far out as its format can say: 65,536 rows by 65,536 columns."""
    content = as_xls([["a", "b"], ["1", "2"]])
    return content.replace(struct.pack("<HH", 1, 1), struct.pack("<HH", rows - 1, 0xFFFF))


def xlsb_claiming_rows() -> bytes:
    text = struct.pack("<I", 1) + "a".encode("utf-16-le")
    cells = row(0) + cell(6, 0, text) + row(2**31 - 1) + cell(6, 16_383, text)
    return as_xlsb(cells, b"", "表")


def xlsb_dimension() -> bytes:
    """A dimension of four billion rows before three cells."""
    text = struct.pack("<I", 1) + "a".encode("utf-16-le")
    dimension = record(148, struct.pack("<IIII", 0, 2**32 - 1, 0, 2**32 - 1))
    return as_xlsb(dimension + row(0) + cell(6, 0, text), b"", "表")


def ods_part(change: Callable[[bytes], bytes]) -> bytes:
    return repacked(as_ods(TABLE), "content.xml", change)


def repeated_ods(rows: int, columns: int) -> bytes:
    return ods_part(
        lambda xml: xml.replace(
            b"<table:table-row>",
            b'<table:table-row table:number-rows-repeated="%d">' % rows,
            1,
        ).replace(
            b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="%d" ' % columns, 1
        )
    )


def docx_part(change: Callable[[bytes], bytes]) -> bytes:
    return repacked(as_docx(TABLE), "word/document.xml", change)


def nested_docx(depth: int) -> bytes:
    begin, end = b"<w:tbl><w:tr><w:tc>", b"<w:p/></w:tc></w:tr></w:tbl>"
    return docx_part(lambda xml: xml.replace(b"<w:body>", b"<w:body>" + begin * depth + end * depth, 1))


def spanned_docx() -> bytes:
    span = b'<w:tc><w:tcPr><w:gridSpan w:val="99999999"/></w:tcPr><w:p/></w:tc>'
    rows = (b"<w:tr>" + span + b"</w:tr>") * 2_000
    return docx_part(lambda xml: xml.replace(b"<w:tbl>", b"<w:tbl>" + rows, 1))


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────


def page(body: str, head: str = "") -> bytes:
    return f'<html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'.encode()


# ── PDF ──────────────────────────────────────────────────────────────────────────────────────────────────────


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1."""
    body, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        len(body),
    )
    return body + table + trailer


def stream(data: bytes, extra: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), extra) + data + b"\nendstream"


def one_page(contents: bytes, *more: bytes, page_extra: bytes = b"", kids: bytes = b"[3 0 R]") -> bytes:
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids %s /Count 1 >>" % kids,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R %s >>" % page_extra,
        contents,
        *more,
    )


def pdf_stream_bomb(layers: int = 1) -> bytes:
    data = b" " * 40 * MILLION
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return one_page(stream(data, b"/Filter [" + b"/FlateDecode " * layers + b"]"))


def recursive_form() -> bytes:
    form = stream(
        b"/X Do " * 10,
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>",
    )
    return one_page(
        stream(zlib.compress(b"/X Do")), form, page_extra=b"/Resources << /XObject << /X 5 0 R >> >>"
    )  # fmt: skip


FILES: dict[str, Hostile] = {
    # archives
    "zip of 4 GB of zeros": Hostile(lambda: zeros(4_000), "more than the limit of 1,073,741,824"),
    "zip of 800 MB of zeros": Hostile(lambda: zeros(800), "times its size once unpacked"),
    "zip in a zip in a zip": Hostile(lambda: nested_zip(3), "an archive inside an archive"),
    "zip nested 200 deep": Hostile(lambda: nested_zip(200), "an archive inside an archive"),
    "zip of overlapping entries": Hostile(overlapping_zip, "times its size|Overlapped|damaged|overlap"),
    "zip that claims too little": Hostile(
        lambda: with_size(zipped(("a.csv", SOUND * 50)), 10), "a.csv is damaged|is damaged"
    ),
    "zip that claims four gigabytes": Hostile(
        lambda: with_size(zipped(("a.csv", SOUND)), 0xFFFFFFF0), "bytes once unpacked, more than the limit"
    ),
    "zip with a password": Hostile(encrypted_zip, "a.csv is encrypted; send it without a password"),
    "zip of 2,001 files": Hostile(many_entries, "2,001 entries in the archive, more than the limit of 2,000"),
    "zip with one name twice": Hostile(
        lambda: zipped(("a.csv", SOUND), ("b.csv", SOUND)).replace(b"b.csv", b"a.csv"),
        "to have a path of its own",
    ),
    "zip with a name of a NUL": Hostile(
        lambda: zipped(("a\x01.csv", SOUND)).replace(b"a\x01.csv", b"\0\0.csv"), "to have a name"
    ),
    "zip without files": Hostile(lambda: zipped(("a/", b"")), "it has none to read"),
    "zip packed by bzip2": Hostile(
        lambda: zipped(("a.csv", SOUND), method=zipfile.ZIP_BZIP2), "is packed by bzip2; expected deflate"
    ),
    "zip with a link to a file": Hostile(lambda: symlink_zip("/etc/passwd"), "a link"),
    "gzip of 20 MB of zeros": Hostile(
        lambda: gzip.compress(bytes(20 * MILLION), 9, mtime=0), "bytes once unpacked, more than the limit"
    ),
    "gzip of many bombs": Hostile(lambda: gzip_members(20), "bytes once unpacked, more than the limit"),
    "gzip in a gzip": Hostile(
        lambda: gzip.compress(gzip.compress(SOUND, mtime=0), mtime=0), "an archive inside an archive"
    ),
    "gzip that is cut": Hostile(lambda: gzip.compress(SOUND, mtime=0)[:-12], "it is cut short"),
    "7z": Hostile(lambda: b"7z\xbc\xaf\x27\x1c" + bytes(64), "it is an archive: send its files in a zip"),
    "tar": Hostile(lambda: b"a.csv".ljust(257, b"\0") + b"ustar" + bytes(300), "it is a tar archive"),
    # workbooks
    "xlsx with laughs in its strings": Hostile(
        lambda: xlsx_part("xl/sharedStrings.xml", lambda xml: with_doctype(xml, LAUGHS, "&a9;", b"<t>")), "document type"
    ),
    "xlsx with laughs in its sheet": Hostile(
        lambda: xlsx_part("xl/worksheets/sheet1.xml", lambda xml: with_doctype(xml, LAUGHS)), "document type"
    ),
    "xlsx with laughs in its workbook": Hostile(
        lambda: xlsx_part("xl/workbook.xml", lambda xml: with_doctype(xml, LAUGHS, "&a9;", b"<sheets>")), "document type"
    ),
    "xlsx with an external entity": Hostile(
        lambda: xlsx_part("xl/sharedStrings.xml", lambda xml: with_doctype(xml, PASSWD, "&x;", b"<t>")), "document type"
    ),
    "xlsx with an external entity in its styles": Hostile(
        lambda: xlsx_part("xl/styles.xml", lambda xml: with_doctype(xml, PASSWD, "&x;", b"<fonts")), "document type"
    ),
    "xlsx with 60 MB of shared strings": Hostile(huge_shared_strings, "bytes in one cell, more than the limit", memory_mb=900),
    "xlsx of 10,000 columns": Hostile(lambda: wide_sheet(10_000), "unknown columns|expected", memory_mb=400),
    "xlsx beyond the last column": Hostile(
        lambda: xlsx_sheet(f'<row r="1">{inline("ZZZZ1", "a")}</row>'), "columns|expected a workbook|cells"
    ),
    "xlsx with three cells in the far corners": Hostile(
        lambda: xlsx_sheet(
            f'<row r="1">{inline("A1", "a")}{inline("XFD1", "b")}</row><row r="1048576">{inline("A1048576", "c")}</row>',
            "A1:XFD1048576",
        ),
        "17,179,869,184 cells, more than the limit of 10,000,000",
    ),
    "xlsx that claims all rows and has three cells": Hostile(
        lambda: xlsx_sheet(f'<row r="1">{inline("A1", "a")}</row>', "A1:XFD1048576"), "expected"
    ),
    "xlsx with a negative row": Hostile(
        lambda: xlsx_sheet(f'<row r="-5">{inline("A-5", "a")}</row>'), "expected"
    ),
    "xlsx with a row of twenty digits": Hostile(
        lambda: xlsx_sheet(f'<row r="99999999999999999999">{inline("A99999999999999999999", "a")}</row>'), "expected|cells"
    ),
    "xlsx with a formula and no result": Hostile(
        lambda: xlsx_sheet('<row r="1"><c r="A1"><f>WEBSERVICE("http://127.0.0.1/")</f></c></row>'),
        "the formula there was saved without its result",
    ),
    "xlsx whose sheet lies outside the package": Hostile(
        lambda: xlsx_part(
            "xl/_rels/workbook.xml.rels",
            lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd"),
        ),
        "expected a workbook",
    ),
    "xlsx nested 100,000 deep": Hostile(
        lambda: xlsx_sheet("<a>" * 100_000 + "</a>" * 100_000), "expected|limit|depth"
    ),
    "xls of billions of cells": Hostile(lambda: xls_claiming(65_536), "4,294,967,296 cells, more than the limit"),
    "xls whose chain bites its tail": Hostile(
        lambda: (made := bytearray(as_xls(TABLE))).__setitem__(slice(512, 1024), struct.pack("<I", 0) * 128) or bytes(made),
        "expected",
    ),
    "xlsb of two billion rows": Hostile(xlsb_claiming_rows, "cells, more than the limit|columns"),
    "xlsb with a dimension of four billion": Hostile(xlsb_dimension, "expected"),
    "ods with laughs": Hostile(
        lambda: ods_part(lambda xml: with_doctype(xml, LAUGHS, "&a9;", b"<text:p>")), "document type"
    ),
    "ods with an external entity": Hostile(
        lambda: ods_part(lambda xml: with_doctype(xml, PASSWD, "&x;", b"<text:p>")), "document type"
    ),
    "ods that repeats a billion cells": Hostile(
        lambda: repeated_ods(1_000_000, 1_000), "cells, more than the limit of 10,000,000"
    ),
    # documents
    "docx with laughs": Hostile(
        lambda: docx_part(lambda xml: with_doctype(xml, LAUGHS, "&a9;", b"<w:t>")), "document type"
    ),
    "docx with an external entity": Hostile(
        lambda: docx_part(lambda xml: with_doctype(xml, PASSWD, "&x;", b"<w:t>")), "document type"
    ),
    "docx with tables 1,000 deep": Hostile(lambda: nested_docx(1_000), "expected"),
    "docx with a span of 99,999,999": Hostile(spanned_docx, "cells, more than the limit|columns"),
    # pages
    "page nested 100,000 deep": Hostile(
        lambda: page("<div>" * 100_000 + as_html(TABLE).decode() + "</div>" * 100_000), "expected an HTML page"
    ),
    "page of tables 5,000 deep": Hostile(lambda: page("<table><tr><td>" * 5_000), "expected|limit"),
    "page with a colspan of a million": Hostile(
        lambda: page('<table>' + '<tr><td colspan="1000000">a</td></tr>' * 1_001 + "</table>"),
        "cells, more than the limit of 1,000,000",
    ),
    "page with rowspans of a million": Hostile(
        lambda: page('<table>' + ('<tr>' + '<td rowspan="1000000">a</td>' * 20 + "</tr>") * 400 + "</table>"),
        "cells, more than the limit of 1,000,000|columns",
    ),
    "page with an entity of a file": Hostile(
        lambda: PASSWD.encode() + page("<table><tr><td>&x;</td></tr></table>"), "expected"
    ),
    "page with laughs": Hostile(lambda: LAUGHS.encode() + page("<table><tr><td>&a9;</td></tr></table>"), "expected"),
    "page that includes a file": Hostile(
        lambda: page(
            '<table xmlns:xi="http://www.w3.org/2001/XInclude"><tr><td>'
            '<xi:include href="file:///etc/passwd" parse="text"/></td></tr></table>'
        ),
        "expected",
    ),
    # PDF
    "pdf with a page of 40 MB": Hostile(pdf_stream_bomb, "bytes of drawing commands|limit|page"),
    "pdf packed twice": Hostile(lambda: pdf_stream_bomb(2), "bytes of drawing commands|limit|more than"),
    "pdf whose form draws itself": Hostile(recursive_form, "page|expected"),
    "pdf whose pages are their own child": Hostile(
        lambda: one_page(stream(zlib.compress(b" ")), kids=b"[2 0 R 2 0 R]"), "expected"
    ),
    "pdf whose page is its own content": Hostile(
        lambda: one_page(b"[4 0 R 4 0 R]"), "expected"
    ),
    "pdf of one page two thousand times": Hostile(
        lambda: one_page(stream(zlib.compress(b" ")), kids=b"[" + b"3 0 R " * 2_000 + b"]"), "pages|scanned|limit"
    ),
    "pdf without an end": Hostile(lambda: b"%PDF-1.5\n" + b"1 0 obj\n" * 10_000, "its end is missing"),
    # delimited text
    "csv of one line of 100 MB": Hostile(
        lambda: HEADER.encode() + b"x" * 100 * MILLION, "bytes in one cell, more than the limit", memory_mb=900
    ),
    "csv with a cell of 50 MB": Hostile(
        lambda: SOUND + GOOD.replace("1703.42", "9" * 50 * MILLION).encode(),
        "!D3: 50,000,000 bytes in one cell, more than the limit of 300,000",
        memory_mb=900,
    ),
    "csv with a quote that is never closed": Hostile(
        lambda: SOUND + '潍坊市,"海洋'.encode() + SOUND * 100, "expected delimited text"
    ),
    "csv of 100,000 columns": Hostile(lambda: b"a," * 100_000 + b"\n", "columns, more than the limit of 16,384"),
    "csv with a NUL": Hostile(lambda: SOUND + b"a\0b\n", "has a NUL character"),
    "csv of nothing but NULs": Hostile(lambda: bytes(10_000), "NUL|expected"),
    "csv in two encodings": Hostile(
        lambda: SOUND + GOOD.encode("gb18030"), "expected text in utf-8 or gb18030"
    ),
    "csv in UTF-16 with half a character": Hostile(
        lambda: b"\xff\xfe" + (HEADER + GOOD).encode("utf-16-le") + b"\x3d\xd8\n\0", "utf-16-le does not allow"
    ),
    "csv with a byte that no encoding has": Hostile(lambda: SOUND + b"\xff\xff\n", "expected text in utf-8 or"),
    "csv of quotes only": Hostile(lambda: b'"' * MILLION, "expected"),
    "csv of line ends only": Hostile(lambda: b"\n" * 3 * MILLION, "expected", memory_mb=600),
    "json in place of a table": Hostile(lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "JSON"),
    "a picture": Hostile(lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture or scan has no text layer"),
    "nothing": Hostile(lambda: b"", "the file is empty"),
    "a program": Hostile(lambda: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, "NUL|expected"),
    # rows at fault
    "a byte order mark in the middle": Hostile(
        lambda: SOUND + ("\ufeff" + GOOD.replace("2024", "2023")).encode(), "", "taken"
    ),
    "a direction turned around in a name": Hostile(
        lambda: SOUND + GOOD.replace("潍坊市", "潍\u202e坊市").encode(), "area", "quarantined"
    ),
    "a character of no width in a name": Hostile(
        lambda: SOUND + GOOD.replace("潍坊市", "潍\u200b坊\u2060市").encode(), "", "taken"
    ),
    "digits of another script": Hostile(
        lambda: SOUND + GOOD.replace("1703.42", "١٧٠٣.٤٢").encode(), "value", "quarantined"
    ),
    "letters that look like digits": Hostile(
        lambda: SOUND + GOOD.replace("1703.42", "17О3.42").encode(), "value", "quarantined"
    ),
    "a number in powers": Hostile(lambda: SOUND + GOOD.replace("1703.42", "1e999").encode(), "value", "quarantined"),
    "a number of 400 digits": Hostile(
        lambda: SOUND + GOOD.replace("1703.42", "9" * 400).encode(), "value", "quarantined"
    ),
    "infinity and not a number": Hostile(
        lambda: SOUND + GOOD.replace("1703.42", "inf").encode() + GOOD.replace("1703.42", "NaN").encode(),
        "value",
        "quarantined",
    ),
    "sql in a name": Hostile(
        lambda: SOUND + GOOD.replace("潍坊市", "'; drop table dim_area; --").encode(), "area", "quarantined"
    ),
    "a template in a name": Hostile(
        lambda: SOUND + GOOD.replace("潍坊市", "{{ 7 * 7 }}{% raw %}").encode(), "area", "quarantined"
    ),
    "a year that was never": Hostile(
        lambda: SOUND + GOOD.replace("2025-06-03", "99999-99-99").encode(), "published", "quarantined"
    ),
    "a year before the calendar": Hostile(
        lambda: SOUND + GOOD.replace(",2024,", ",0000,").encode(), "period", "quarantined"
    ),
}  # fmt: skip
