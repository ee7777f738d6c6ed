"""What a workbook's file says of a sheet that the spreadsheet library does not tell, in the same terms for every
format: ooxml.py finds it in xlsx, xlsb.py in xlsb, biff.py in xls, odf.py in ods.
"""

import re
from dataclasses import dataclass, field

from ingest.readers import MAX_COLUMNS

# All sheets of a workbook together: 300,000 enterprises by 30 columns. Cells pass through Python at some 250
# bytes each.
MAX_CELLS = 10_000_000

# Number formats that exist without being written down: "0%" and "0.00%".
BUILT_IN_PERCENTS = {9, 10}
# What is literal in a number format: quoted, or the character after a backslash, "_" (a gap) or "*" (a fill).
_LITERAL = re.compile(r'"[^"]*"|[\\_*].')

# Error values as the binary formats number them.
ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


@dataclass
class Marks:
    """Of one sheet; addresses are (row, column) counted from 0.

    `height` and `width` reach from A1 to the last cells with a value; hidden rows and columns count inside
    that range. `shown` holds the text of cells whose value the library does not give as shown: "#DIV/0!".
    `merged` holds first and last cells of merged ranges where the library does not know them.
    """

    height: int = 0
    width: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] | None = None

    def add_cell(self, row: int, column: int) -> None:
        """Reach to a cell with a value."""
        self.height = max(self.height, row + 1)
        self.width = max(self.width, column + 1)

    def hide_columns(self, first: int, last: int) -> None:
        self.hidden_columns += range(first, min(last, MAX_COLUMNS - 1) + 1)
        if len(self.hidden_columns) > MAX_COLUMNS:
            raise ValueError("columns are hidden more than once")

    def within_range(self) -> "Marks":
        """The same without hidden rows and columns beyond the values."""
        self.hidden_rows = [row for row in self.hidden_rows if row < self.height]
        self.hidden_columns = [column for column in self.hidden_columns if column < self.width]
        return self


def is_percent(number_format: str) -> bool:
    return "%" in _LITERAL.sub("", number_format)
