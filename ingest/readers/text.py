"""Running text, such as a statistical bulletin, from plain text, docx, HTML or PDF: one grid row per line or
paragraph. Sentences are not looked at, and the text of tables is left to the readers of tables.
"""

import re

from ingest.readers import Grid, ReadError, check_limit
from ingest.readers.encoding import to_utf8
from ingest.readers.sniffing import identify

EXPECTED = "text, or a docx, HTML or PDF document with text"
KINDS = {"text", "html", "docx", "pdf"}
# A bulletin is some 50 KB as text and 10 MB as a document with pictures; a yearbook's text would still fit.
MAX_BYTES = 64 * 1024**2
MAX_TEXT_BYTES = 16 * 1024**2

# The line ends a text editor counts. str.splitlines would also break at form feeds and U+2028.
_LINE_END = re.compile("\r\n|\n|\r")


def read(content: bytes, filename: str) -> list[Grid]:
    """One grid with the column "A". Plain text: one row per line, blank lines as null so that row is the line
    number. A docx gives a row per paragraph, HTML one per block of text, both without blank ones and without
    tables; a PDF gives one per printed line, page marks included, counted through all its pages.

    Raises ReadError for what has no text, and what the reader of that format raises.
    """
    kind = identify(content, filename).name
    if kind == "text":
        check_limit(filename, len(content), MAX_TEXT_BYTES, "bytes of text")
        utf8, encoding = to_utf8(content, filename)
        lines, notes = _LINE_END.split(utf8.decode()), [f"encoding {encoding}"]
        if not lines[-1]:
            lines.pop()  # the end of the last line, not a line of its own
    else:
        lines, notes = _document_lines(content, filename, kind)
        if not lines:
            raise ReadError(f"{filename}: expected {EXPECTED}; there is no text outside of tables")
    return [Grid.of("", [[line] for line in lines], notes)]


def _document_lines(content: bytes, filename: str, kind: str) -> tuple[list[str], list[str]]:
    """Imported here: reading a plain text should not pay for three libraries."""
    if kind == "html":
        from ingest.readers import webpage

        return webpage.lines(content, filename)
    if kind == "docx":
        from ingest.readers import document

        return document.paragraphs(content, filename)
    from ingest.readers import pdf

    return pdf.lines(content, filename)
