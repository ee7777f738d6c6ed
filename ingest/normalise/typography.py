"""Typography: width, white space and footnote marks, as every normaliser treats them. No meanings here."""

import re
from dataclasses import dataclass

#: white space as printed, the invisible characters of scraped pages included
WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)

#: full-width forms of ASCII. Unicode's NFKC would do more: it makes ① a 1 and ² a 2, and so changes figures
NARROW = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}

#: bracket pairs that publishers use for one another
BRACKETS = {**dict.fromkeys("([{〔【〖﹝（［｛", "("), **dict.fromkeys(")]}〕】〗﹞）］｝", ")")}

#: a footnote mark, without anchors: a star, a circled or raised digit, [2], (注1); plain (2) may be text
MARK = (
    r"[*＊﹡※†‡\u2460-\u249b\u2776-\u2793¹²³⁰⁴-⁹]"
    r"|[\[［【〔](?:注|注释)?[0-9０-９]{1,2}[\]］】〕]"
    r"|[(（]注[0-9０-９]{0,2}[)）]"
)

_NARROW = str.maketrans(NARROW)
_NO_SPACE = str.maketrans("", "", WHITE_SPACE)


def narrow(text: str) -> str:
    """The text with full-width ASCII made narrow; nothing else changes."""
    return text.translate(_NARROW)


def squeeze(text: str) -> str:
    """The text made narrow and without any white space."""
    return narrow(text).translate(_NO_SPACE)


def cut_marks(text: str) -> tuple[str, str]:
    """The text without the footnote marks at its end, and those marks in the order printed."""
    marks = re.search(rf"(?:(?:{MARK})[{WHITE_SPACE}]*)*\Z", text)
    assert marks is not None  # none at all match too
    start = marks.start()
    return text[:start], text[start:].translate(_NO_SPACE)


_FOLD = str.maketrans(
    NARROW | BRACKETS | dict.fromkeys("∶︰﹕", ":") | {"﹪": "%", "−": "-", "“": "", "”": ""}
)


@dataclass(frozen=True)
class Folded:
    """A text as grammars compare it, and where each of its characters stands in the print.

    text: narrow, without white space, quotation marks and footnote marks; one space where any of them stood inside a
    number, so that 91[2]3 and 20 21 never become a number that nobody printed.
    """

    text: str
    printed: str
    places: tuple[int, ...]
    marked: frozenset[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where folded characters stand in the print."""
        return self.places[start], self.places[end - 1] + 1

    def print_of(self, start: int, end: int) -> str:
        """Those characters as printed, footnote marks left out."""
        first, last = self.span(start, end)
        return "".join(self.printed[place] for place in range(first, last) if place not in self.marked)


def fold(text: str) -> Folded:
    """The text made ready for a grammar; the print stays beside it."""
    marked = frozenset(place for mark in re.finditer(MARK, text) for place in range(*mark.span()))
    folded: list[str] = []
    places: list[int] = []
    gap: int | None = None
    for place, character in enumerate(text):
        compared = "" if place in marked or character in WHITE_SPACE else character.translate(_FOLD)
        if not compared:
            gap = place if gap is None else gap
            continue
        if gap is not None and folded and _in_number(folded[-1]) and _in_number(compared):
            folded.append(" ")
            places.append(gap)
        gap = None
        folded.append(compared)
        places.append(place)
    return Folded("".join(folded), text, tuple(places), marked)


def _in_number(character: str) -> bool:
    return character in "0123456789."
