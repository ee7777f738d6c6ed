"""Records of a bulletin's text: sentences by the layout's grammar, still as text. Nothing is cast here."""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from ingest.grammar import Prose, Sentence
from ingest.layout import LayoutError
from ingest.parsers.found import LOCATOR, ROW, ROW_TEXT, Records, Unread
from ingest.readers import Grid


def find(grid: Grid, prose: Prose, file: str) -> Records:
    head: dict[str, str] = {}
    body: list[tuple[int, str]] = []
    furniture = Counter()
    for row, text in grid.frame.select("row", "A").iter_rows():
        if not text or not text.strip():
            furniture["blank"] += 1
            continue
        label, separator, value = text.strip().replace("：", ":", 1).partition(":")
        if separator and label in prose.head:
            head[label] = value.strip()
            furniture["head"] += 1
        else:
            body.append((row, text))
    if missing := [label for label in prose.head if label not in head]:
        raise LayoutError(f"{file}: expected head lines {missing}, which are not there")
    title = next(head[label] for label, field in prose.head.items() if field == "origin_title")
    period = re.search(prose.period_from, title)
    if not period:
        raise LayoutError(f"{file}: the title {title!r} names no period ({prose.period_from})")
    common = {field: head[label] for label, field in prose.head.items() if field} | prose.constants
    common["period"] = period["period"]

    records: list[dict[str, str | int | None]] = []
    unread: list[Unread] = []
    n_sentences = 0
    for row, text in body:
        for offset, sentence in _sentences(text):
            n_sentences += 1
            matched = _match(sentence, prose)
            if matched is None:
                place = f"L{row}:{offset + 1}-{offset + len(sentence)}"
                reason = "no declared sentence covers this text"
                expected = "a sentence that the layout declares"
                unread.append(Unread(n_sentences, place, "sentence", sentence, reason, expected, sentence))
                continue
            for start, end, groups in matched:
                place = f"L{row}:{offset + start + 1}-{offset + end}"
                records.append(common | groups | {LOCATOR: place, ROW_TEXT: sentence, ROW: n_sentences})
    names = [LOCATOR, ROW_TEXT, *(name for record in records for name in record)]
    schema = dict.fromkeys(names, pl.String) | {ROW: pl.Int64}
    rows_in = n_sentences + furniture.total()
    return Records(pl.DataFrame(records, schema=schema), rows_in, furniture, tuple(unread))


def _sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a line without the white space around them, each with the characters before it."""
    found = [(match.start(), match.group()) for match in re.finditer(r"[^。]+。?", text)]
    return [(start + len(s) - len(s.lstrip()), s.strip()) for start, s in found if s.strip()]


def _match(sentence: str, prose: Prose) -> list[tuple[int, int, dict[str, str | None]]] | None:
    """Places and fields of what a sentence says; None where no declared sentence covers all of it."""
    for known in prose.sentences:
        whole = re.fullmatch(known.pattern, sentence)
        if whole and (found := _values(whole, known)):
            return found
    return None


def _values(whole: re.Match, known: Sentence) -> list[tuple[int, int, dict[str, str | None]]] | None:
    """The one value of a sentence, or one per item of its list; None where an item is not understood."""
    if not known.items:
        return [(*whole.span("value"), known.constants | whole.groupdict())]
    common = known.constants | {name: text for name, text in whole.groupdict().items() if name != "items"}
    separated = re.compile(rf"(?:{known.items})(?:[,，、;；]|\Z)")
    place, end = whole.span("items")
    found = []
    while place < end:
        item = separated.match(whole.string, place, end)
        if not item or item.end() == place:
            return None
        found.append((*item.span("value"), common | item.groupdict()))
        place = item.end()
    return found
