"""Small sound files of every format: what the tests of the readers mutate and write tables with. No tests here."""

import datetime
import gzip
import io
import struct
import zipfile

import docx
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

Rows = list[list[str]]
ROWS: Rows = [["县市区", "生产总值(亿元)", "增速"], ["寿光市", "1,014.2", "6.1%"], ["滨海区", "-", "7.2%"]]


def as_csv(rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Every cell quoted, so that any text may stand in it."""
    lines = (delimiter.join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode(encoding)


def as_xlsx(rows: Rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("表")
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell:
                    sheet.write_string(r, c, cell)
    return buffer.getvalue()


def as_xls(rows: Rows) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell:
                sheet.write(r, c, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_ods(rows: Rows) -> bytes:
    book, table = OpenDocumentSpreadsheet(), Table(name="表")
    book.spreadsheet.addElement(table)
    for row in rows:
        line = TableRow()
        table.addElement(line)
        for cell in row:
            written = TableCell(valuetype="string") if cell else TableCell()
            if cell:
                written.addElement(P(text=cell))
            line.addElement(written)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_html(rows: Rows, encoding: str = "utf-8") -> bytes:
    from html import escape

    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<html><meta charset="{encoding}"><body><table>{table}</table></body></html>'.encode(encoding)


def as_docx(rows: Rows, *paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    table = document.add_table(len(rows), max(map(len, rows)))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            table.cell(r, c).text = cell
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_ruled_pdf(rows: Rows) -> bytes:
    buffer, width = io.BytesIO(), max(map(len, rows))
    page = canvas.Canvas(buffer, pageCompression=0)
    page.setFont(FONT, 9)
    lefts, bottoms = [40 + 110 * c for c in range(width + 1)], [800 - 20 * r for r in range(len(rows) + 1)]
    page.grid(lefts, bottoms)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            page.drawString(lefts[c] + 4, bottoms[r + 1] + 6, cell)
    page.save()
    return buffer.getvalue()


def as_printed_pdf(rows: Rows) -> bytes:
    """Without ruling lines: labels aligned to the left, the other columns to the right."""
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pageCompression=0)
    page.setFont(FONT, 9)
    for r, (label, *values) in enumerate(rows):
        page.drawString(40, 800 - 16 * r, label)
        for c, value in enumerate(values):
            page.drawRightString(200 + 100 * c, 800 - 16 * r, value)
    page.save()
    return buffer.getvalue()


def as_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def record(number: int, body: bytes = b"") -> bytes:
    """A BIFF12 record: number and size seven bits to a byte."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def cell(number: int, column: int, body: bytes, style: int = 0) -> bytes:
    return record(number, struct.pack("<II", column, style) + body)


def row(number: int, hidden: bool = False) -> bytes:
    flags = bytes([0, 0x10 if hidden else 0, 0])
    return record(0, struct.pack("<IIH", number, 0, 255) + flags + struct.pack("<I", 0))


def as_xlsb(cells: bytes, merged: bytes = b"", sheet_name: str = "表") -> bytes:
    """One sheet of those records; style 1 shows a percentage, 2 a date."""
    begin, end = 129, 130
    sheet = (
        record(begin)
        + record(148, struct.pack("<IIII", 0, 100, 0, 10))  # dimension
        + record(145)  # the rows begin
        + cells
        + record(146)
        + merged
        + record(end)
    )
    book = (
        record(131)
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide(sheet_name))
        + record(144)
        + record(132)
    )
    style = [struct.pack("<HHHHH", 0, number_format, 0, 0, 0) + bytes(6) for number_format in (0, 10, 14)]
    styles = record(278) + record(617, struct.pack("<I", 3)) + b"".join(record(47, s) for s in style)
    styles += record(618) + record(279)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    relation = '<Relationship Id="{}" Type="{}/{}" Target="{}"/>'
    relations = f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships">{{}}</Relationships>'
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    return as_zip(
        {
            "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{package}/content-types">'
            f'<Default Extension="bin" ContentType="{kind}"/></Types>',
            "_rels/.rels": relations.format(
                relation.format("rId1", office, "officeDocument", "xl/workbook.bin")
            ),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations.format(
                relation.format("rId1", office, "worksheet", "worksheets/sheet1.bin")
                + relation.format("rId2", office, "styles", "styles.bin")
            ),
            "xl/worksheets/sheet1.bin": sheet,
            "xl/styles.bin": styles,
        }
    )


def rich_xlsx() -> bytes:
    """With what a statistical form has: merged headers, percentages, dates, formulas, hidden parts."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("海核1表")
        sheet.merge_range("A1:C1", "单位:亿元")
        sheet.merge_range("A2:A3", "指标")
        sheet.write("B4", 0.21, book.add_format({"num_format": "0.0%"}))
        sheet.write("C4", datetime.date(2024, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_formula("B5", "=1/0", value="#DIV/0!")
        sheet.set_row(4, None, None, {"hidden": True})
        book.add_worksheet("底稿").hide()
    return buffer.getvalue()


def rich_xls() -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("海核1表")
    sheet.write_merge(0, 0, 0, 2, "单位:亿元")
    sheet.write(1, 0, "寿光市")
    sheet.write(1, 1, 0.21, xlwt.easyxf(num_format_str="0%"))
    sheet.write(1, 2, datetime.date(2024, 3, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(2, 0, 1234.5, xlwt.easyxf(num_format_str="#,##0.0"))
    sheet.write(2, 1, "007")
    sheet.write(2, 2, True)
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True
    book.add_sheet("底稿").visibility = 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rich_ods() -> bytes:
    book, table = OpenDocumentSpreadsheet(), Table(name="海核1表")
    book.spreadsheet.addElement(table)

    def line(*cells: object, **attributes: object) -> None:
        made = TableRow(**attributes)
        table.addElement(made)
        for one in cells:
            made.addElement(one)

    def value(text: str, **attributes: object) -> TableCell:
        made = TableCell(**attributes)
        made.addElement(P(text=text))
        return made

    merged = value("单位:亿元", valuetype="string", numbercolumnsspanned=2, numberrowsspanned=1)
    line(merged, CoveredTableCell())
    line(value("21%", valuetype="percentage", value=0.21), value("1,234.5", valuetype="float", value=1234.5))
    line(value("2024-03-01", valuetype="date", datevalue="2024-03-01"), value("007", valuetype="string"))
    line(TableCell(numbercolumnsrepeated=2), numberrowsrepeated=3)
    line(
        value("49:00:30", valuetype="time", timevalue="PT49H00M30S"),
        value("x", valuetype="string"),
        visibility="collapse",
    )
    line(TableCell(numbercolumnsrepeated=1000), numberrowsrepeated=1_000_000, visibility="collapse")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rich_xlsb() -> bytes:
    cells = row(0) + cell(6, 0, wide("单位:亿元")) + row(1) + cell(6, 0, wide("寿光市"))
    cells += cell(5, 1, struct.pack("<d", 0.21), style=1) + cell(5, 2, struct.pack("<d", 45352.0), style=2)
    cells += row(2, hidden=True) + cell(5, 0, struct.pack("<d", 1234.5)) + cell(6, 1, wide("007"))
    cells += cell(3, 2, b"\x07")
    merged = record(177, struct.pack("<I", 1)) + record(176, struct.pack("<IIII", 0, 0, 0, 2)) + record(178)
    return as_xlsb(cells, merged, "海核1表")


def samples(reader: str) -> list[bytes]:
    """Sound files for a reader, each of a few kilobytes."""
    csvs = [
        as_csv(ROWS, delimiter, encoding)
        for delimiter in ",\t;"
        for encoding in ("utf-8-sig", "gb18030", "utf-16")
    ]
    plain = [
        "\n".join(",".join(cells) for cells in ROWS).encode(code) for code in ("utf-8", "gbk", "utf-16-le")
    ]
    bulletin = "一、综合\n全市实现生产总值7010.6亿元,比上年增长9.7%。\n"
    spans = '<table><tr><th rowspan="2">指标<th colspan="2">本年<tr><td>当期<td>累计<tr><td>a<table><tr><td>b</table>'
    by_reader = {
        "csv": [
            *csvs,
            *plain,
            as_zip({"part1.csv": plain[0], "part2.csv": plain[1]}),
            gzip.compress(plain[0]),
        ],
        "workbook": [rich_xlsx(), rich_xls(), rich_ods(), rich_xlsb(), as_zip({"a.xlsx": as_xlsx(ROWS)})],
        "html": [as_html(ROWS), as_html(ROWS, "gbk"), spans.encode()],
        "pdf": [as_ruled_pdf(ROWS), as_printed_pdf(ROWS)],
        "docx": [as_docx(ROWS, "一、综合")],
    }
    by_reader["text"] = [
        bulletin.encode(),
        bulletin.encode("gb18030"),
        f"<html><p>{bulletin}</p></html>".encode(),
        as_docx(ROWS, bulletin),
        as_printed_pdf(ROWS),
    ]
    return by_reader.get(reader) or [sample for made in by_reader.values() for sample in made]
