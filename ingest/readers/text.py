"""Running text, such as a statistical bulletin: one grid row per line. Sentences are not looked at."""

import re

from ingest.readers import Grid
from ingest.readers.encoding import to_utf8

EXPECTED = "text"
# A bulletin is some 50 KB and a plan 100 KB; a whole yearbook's text would still fit.
MAX_BYTES = 16 * 1024**2

# The line ends a text editor counts. str.splitlines would also break at form feeds and U+2028.
_LINE_END = re.compile("\r\n|\n|\r")


def read(content: bytes, filename: str) -> list[Grid]:
    """One grid with the column "A": one row per line, blank lines as null so that row is the line number."""
    utf8, encoding = to_utf8(content, filename)
    lines = _LINE_END.split(utf8.decode())
    if not lines[-1]:
        lines.pop()  # the end of the last line, not a line of its own
    return [Grid.of("", [[line] for line in lines], [f"encoding {encoding}"])]
