"""Text of a printed page by position: characters to segments, lines and columns. Nothing here knows PDF beyond
the characters' boxes, and nothing knows what a cell means.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ingest.readers import ReadError, check_limit

# Sizes are multiples of the font's. Two characters further apart than this stand in two cells; a thousands
# separator printed as a space, "19 278.1", is a quarter to a half.
_CELL_GAP = 0.8
# A gap that a person sees as a space; justified text and kerning stay below.
_SPACE_GAP = 0.2
# One ideographic space inside a label, as in a spread "工　业", is a cell's own; two are a gap between cells.
_IDEOGRAPHIC_GAP = 1.5
# Labels of two characters are spread over the width of four.
_SPREAD_GAP = 2.5
# A leading space of a label's indentation, two to a Chinese character.
_INDENT = 0.5
# Bold print is often the same character printed twice, shifted by less than this.
_OVERPRINT = 0.15
# A dense page has 60 lines of 20 cells. Columns are found by comparing each segment with each line.
MAX_SEGMENTS = 3_000

_PAGE_MARK = re.compile(r"[—–―\-－]+ ?(\d{1,4}) ?[—–―\-－]+")
_IDEOGRAPHIC_SPACE = "\u3000"


@dataclass
class Segment:
    """Words of a line that stand together, and where from left to right."""

    text: str
    left: float
    right: float
    size: float

    def overlaps(self, left: float, right: float) -> bool:
        return self.left < right and left < self.right


def lines(chars: list[dict[str, Any]], where: str) -> list[list[Segment]]:
    """The page's lines from top to bottom, each from left to right; a page mark as "— 1 —" is one segment.

    `chars` are pdfplumber's. Upright text only: rotated characters are watermarks and stamps.
    Raises ReadError above the limit of segments.
    """
    visible = [
        char
        for char in chars
        if char["upright"] and (char["text"] == _IDEOGRAPHIC_SPACE or not char["text"].isspace())
    ]
    visible.sort(key=lambda char: (char["top"], char["x0"]))
    rows: list[list[dict[str, Any]]] = []
    top = bottom = 0.0
    for char in visible:
        height = min(char["bottom"] - char["top"], bottom - top) or 1.0
        if rows and min(bottom, char["bottom"]) - max(top, char["top"]) > height / 2:
            rows[-1].append(char)
            # A superscript begins its line higher than the rest of it.
            if char["bottom"] - char["top"] > bottom - top:
                top, bottom = char["top"], char["bottom"]
        else:
            rows.append([char])
            top, bottom = char["top"], char["bottom"]
    found = [segments for row in rows if (segments := _segments(row))]
    check_limit(where, sum(map(len, found)), MAX_SEGMENTS, "separate pieces of text")
    return found


def table(chars: list[dict[str, Any]], where: str) -> tuple[list[list[str | None]], list[str]]:
    """Rows of cells in columns, and notes. A missing cell is null and shifts nothing.

    Columns are where the segments of lines with two or more of them stand, by their whole extents, for
    numbers are aligned to the right and labels to the left. A segment that lies over several segments of
    another line (a title, a header over columns) makes no column and stands in the first that it lies over.
    The only segment of a line stands in the column that it lies over; a title or page mark in the first.
    A label of the first column that begins further right than the others keeps its indentation as spaces.
    """
    printed_lines = lines(chars, where)
    columns = _columns(printed_lines)
    margin = _margin(printed_lines, columns)
    crowded = 0
    rows = []
    for line in printed_lines:
        row: list[str | None] = [None] * max(len(columns), 1)
        for segment in line:
            place = _column(segment, columns, alone=len(line) == 1)
            text = segment.text
            if place == 0 and margin is not None and segment.right <= columns[0][1] and not _is_number(text):
                text = " " * round((segment.left - margin) / (_INDENT * segment.size)) + text
            if row[place] is not None:
                crowded += 1
                text = f"{row[place]}  {text}"
            row[place] = text
        rows.append(row)
    notes = ["cells by the places of words: the page has no ruled table"]
    if crowded:
        notes.append(f"{crowded} pieces of text share a cell with another")
    if rotated := sum(not char["upright"] for char in chars):
        notes.append(f"{rotated} rotated characters not read")
    if not rows:
        raise ReadError(f"{where}: expected upright text; all of it is rotated")
    return rows, notes


def _segments(chars: list[dict[str, Any]]) -> list[Segment]:
    segments: list[Segment] = []
    previous = None
    ideographic_spaces = 0
    for char in sorted(chars, key=lambda char: (char["x0"], char["x1"])):
        text, left, right = char["text"], char["x0"], char["x1"]
        if text == _IDEOGRAPHIC_SPACE:
            ideographic_spaces += 1
            continue
        size = max(char["size"], 1.0)
        if previous and text == previous["text"] and abs(left - previous["x0"]) < _OVERPRINT * size:
            continue
        gap = (left - segments[-1].right) / max(size, segments[-1].size) if segments else _CELL_GAP
        spread = bool(segments) and ideographic_spaces == 1 and _SPACE_GAP <= gap < _IDEOGRAPHIC_GAP
        if gap >= _CELL_GAP and not spread:
            segments.append(Segment(text, left, right, size))
        else:
            space = _IDEOGRAPHIC_SPACE if spread else " " if gap >= _SPACE_GAP else ""
            segments[-1] = _joined(segments[-1], Segment(text, left, right, size), space)
        previous, ideographic_spaces = char, 0

    whole = " ".join(segment.text for segment in segments)
    spread_title = len(segments) > 2 and all(_is_spread(*pair) for pair in pairwise(segments))
    if len(segments) > 1 and (spread_title or _PAGE_MARK.fullmatch(whole)):
        first, last = segments[0], segments[-1]
        return [Segment(whole, first.left, last.right, first.size)]
    if len(segments) > 2 and _is_spread(*segments[:2]):
        segments[:2] = [_joined(segments[0], segments[1], " ")]
    return segments


def _joined(one: Segment, other: Segment, space: str) -> Segment:
    text = f"{one.text}{space}{other.text}"
    return Segment(text, one.left, max(one.right, other.right), max(one.size, other.size))


def _is_spread(one: Segment, other: Segment) -> bool:
    """Whether they are single Chinese characters near each other, as titles and short labels are spread into."""
    single = all(len(segment.text) == 1 and "\u4e00" <= segment.text <= "\u9fff" for segment in (one, other))
    return single and other.left - one.right < _SPREAD_GAP * one.size


def _is_number(text: str) -> bool:
    return not any(character.isalpha() for character in text)


def _margin(printed_lines: list[list[Segment]], columns: list[tuple[float, float]]) -> float | None:
    """Where the labels of the first column begin; None where fewer than two begin there, so that it is not
    known to be aligned to the left.
    """
    starts = [
        (s.left, s.size)
        for line in printed_lines
        if len(line) > 1
        for s in line
        if s.overlaps(*columns[0]) and not _is_number(s.text)
    ]
    if not starts:
        return None
    margin, size = min(starts)
    return margin if sum(left - margin < _OVERPRINT * size for left, _ in starts) > 1 else None


def _columns(printed_lines: list[list[Segment]]) -> list[tuple[float, float]]:
    """Extents of the columns from left to right; no two overlap."""
    several = [line for line in printed_lines if len(line) > 1]
    extents = sorted(
        (segment.left, segment.right)
        for line in several
        for segment in line
        if not any(_lies_over_several(segment, other) for other in several if other is not line)
    )
    columns: list[tuple[float, float]] = []
    for left, right in extents:
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _lies_over_several(segment: Segment, line: list[Segment]) -> bool:
    return sum(segment.overlaps(other.left, other.right) for other in line) > 1


def _column(segment: Segment, columns: list[tuple[float, float]], *, alone: bool) -> int:
    """The first column that the segment lies over, or the nearest. Alone in its line it is a title or a page
    mark, which stands in the first, unless it lies over one column and not beyond it on both sides.
    """
    under = [index for index, column in enumerate(columns) if segment.overlaps(*column)]
    if alone:
        if len(under) != 1 or _PAGE_MARK.fullmatch(segment.text):
            return 0
        left, right = columns[under[0]]
        return 0 if segment.left < left and segment.right > right else under[0]
    if under:
        return under[0]
    return min(
        range(len(columns)), key=lambda i: max(columns[i][0] - segment.right, segment.left - columns[i][1])
    )
