"""Text of others in files for spreadsheets: never a formula. Layout and content of such files are not decided here.

csv: a text that a spreadsheet would take for a formula gets an apostrophe before it, which shows and does no harm.
xlsx: a text stands in a cell of text, as it is; every workbook of the house is made with such options (a test holds that).
"""

from __future__ import annotations

import re

#: for xlsxwriter: a text is never turned into a formula, a link or a number
WORKBOOK_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: characters of a cell; xlsxwriter leaves out a longer text without a word
MAX_CELL_CHARS = 32_767

# What begins a formula, also in full width, and what spreadsheets pass over before it.
_FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n]")
# A number or a lone dash is what publishers print, and no formula.
_HARMLESS = re.compile(r"^\s*[+\-＋－]?\d[\d,]*(\.\d+)?[%％]?\s*$|^\s*[-－]+\s*$")


def without_formula(text: str) -> str:
    """The text for a cell of csv, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.match(text) else text


def cell_text(text: str) -> str:
    """The text for a cell of a workbook, cut visibly where no cell would hold it."""
    return text if len(text) <= MAX_CELL_CHARS else text[: MAX_CELL_CHARS - 1] + "…"
