"""Any table of short texts, written in each format and read back, is the same cells."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import read
from tests.ingest import readers_samples as samples

# What officials type: Chinese and ASCII, marks of delimiters and markup among it. No spaces at the ends, which
# HTML drops, and none in a row.
ALPHABET = "寿光市海洋亿元镕①…·%aZ019.,;|-#*()&<>'\"[]（），：、"
CELLS = st.text(ALPHABET, min_size=0, max_size=6)
TABLES = (
    st.integers(1, 4)
    .flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5))
    .filter(lambda table: all(table[0]) and all(table[-1]))
)
# A ruled page is read by the boxes of its characters, in a font that has these.
PRINTED = (
    st.integers(2, 4)
    .flatmap(
        lambda width: st.lists(
            st.lists(st.text("寿光市海洋亿元aZ019.,-%()", max_size=6), min_size=width, max_size=width),
            min_size=1,
            max_size=5,
        )
    )
    .filter(lambda table: any(map(any, table)))
)


def zipped(table):
    return samples.as_zip({"part1.csv": samples.as_csv(table)})


WRITERS = {
    "csv in UTF-8": ("csv", samples.as_csv),
    "csv in GB18030, tabs": ("csv", lambda table: samples.as_csv(table, "\t", "gb18030")),
    "csv in UTF-16, semicolons": ("csv", lambda table: samples.as_csv(table, ";", "utf-16")),
    "csv in UTF-8 with BOM, bars": ("csv", lambda table: samples.as_csv(table, "|", "utf-8-sig")),
    "xlsx": ("workbook", samples.as_xlsx),
    "xls": ("workbook", samples.as_xls),
    "ods": ("workbook", samples.as_ods),
    "html": ("html", samples.as_html),
    "html in GBK": ("html", lambda table: samples.as_html(table, "gb18030")),
    "docx": ("docx", samples.as_docx),
    "zip": ("csv", zipped),
    "gz": ("csv", lambda table: gzip.compress(samples.as_csv(table))),
}
DELIMITERS = {
    "csv in GB18030, tabs": "\t",
    "csv in UTF-16, semicolons": ";",
    "csv in UTF-8 with BOM, bars": "|",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
@given(table=TABLES)
@settings(max_examples=40, deadline=None)
def test_a_table_is_read_back_cell_by_cell(kind, table):
    reader, write = WRITERS[kind]
    [grid] = read(write(table), "f.x", reader, delimiter=DELIMITERS.get(kind, ","))
    assert [cells for _, *cells in grid.frame.rows()] == [[cell or None for cell in row] for row in table]


@pytest.mark.slow
@given(table=PRINTED)
@settings(max_examples=40, deadline=None)
def test_a_ruled_page_is_read_back_cell_by_cell(table):
    [grid] = read(samples.as_ruled_pdf(table), "f.pdf", "pdf")
    assert [cells for _, *cells in grid.frame.rows()] == [[cell or None for cell in row] for row in table]


@pytest.mark.slow
@given(table=PRINTED.filter(lambda table: all(map(all, table))))
@settings(max_examples=30, deadline=None)
def test_a_printed_page_without_rules_is_read_back_cell_by_cell(table):
    table = [[f"指标{label}", *values] for label, *values in table]
    [grid] = read(samples.as_printed_pdf(table), "f.pdf", "pdf")
    assert [cells for _, *cells in grid.frame.rows()] == table
