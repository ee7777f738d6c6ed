"""Records of a bulletin's text: sentences by the layout's grammar, still as text. Nothing is cast here.

A sentence is read by a form that covers all of it, or set aside whole: what is half understood is not read. Where two
forms read it differently, or where a form finds its parts at odds (two names, three figures), no order decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ingest.grammar import MAIN, NO_ACTUAL, OWN, SEPARATOR, SLOTS, TELLING, Form, Prose, Sentence
from ingest.layout import LayoutError
from ingest.normalise import NormaliseError
from ingest.normalise.growth import parse_growth
from ingest.normalise.hygiene import damage
from ingest.normalise.numbers import parse_number
from ingest.normalise.numerals import NUMBER_WORDS, in_digits
from ingest.normalise.periods import parse_period, under_title
from ingest.normalise.typography import Folded, fold
from ingest.parsers.cast import BARE_YI, printed_as
from ingest.parsers.found import LOCATOR, ROW, ROW_TEXT, Records, Unread
from ingest.readers import Grid

#: a sentence of a bulletin has some hundred characters, the list of a city's counties some three hundred
MAX_SENTENCE = 2_000
#: a file in which more sentences than this are damaged is no copy to read single figures from
MAX_DAMAGED_SHARE, MIN_DAMAGED = 0.25, 3

_DIGIT = re.compile(f"[0-9０-９{NUMBER_WORDS}]")
_ORDINALS = "[一二三四五六七八九十]{1,3}"
# what numbers a paragraph or a note is no part of its sentence: 一、 (二) 3. 注1: 注:
_ENUMERATOR = re.compile(
    rf"(?:注[0-9]{{0,2}}[:.、]?)?(?:{_ORDINALS}、|\({_ORDINALS}\)|\([0-9]{{1,2}}\)|[0-9]{{1,2}}[.、)](?![0-9]))?"
)
_WHOLE_AREA = re.compile("(?:全|我|本|该)([国省市区县])")


@dataclass(frozen=True)
class Title:
    """What the title says for every sentence: the period as printed, and the area where the layout looks for it."""

    period: str
    area: str | None


class _Refused(Exception):
    """A form covers the sentence, and its parts are at odds."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(reason)
        self.reason, self.expected = reason, expected


#: a figure: the first and last character of its value in the sentence, and its fields
Read = tuple[int, int, dict[str, str]]
#: where the texts of slots stand in what was matched: (figure, slot) -> first and last character
Spans = dict[tuple[str, str], tuple[int, int]]


def find(grid: Grid, prose: Prose, file: str) -> Records:
    """The figures of a text, and the sentences that no form covers.

    Raises:
        LayoutError: a head line is missing, the title names no period or area, or the text is a damaged copy.
    """
    head, body, furniture = _head(grid, prose, file)
    title = _title(
        next(head[label] for label, name in prose.head.items() if name == "origin_title"), prose, file
    )
    common = prose.constants | {
        name: head[label] for label, name in prose.head.items() if name and label in head
    }
    common |= {"period": title.period} | ({"area": title.area} if title.area else {})

    records: list[dict[str, str | int]] = []
    unread: list[Unread] = []
    n_sentences = n_damaged = n_bare = 0
    for row, text in body:
        said: set[str] = set()
        for offset, sentence in _sentences(text, prose.ends):
            n_sentences += 1
            fault = damage(sentence)
            n_damaged += fault is not None
            if fault is None and (why := _holds_nothing(sentence)):
                furniture[why] += 1
                n_bare += 1
                continue
            try:
                if fault:
                    raise _Refused(fault, "the sentence as its publisher printed it")
                name, found = _read(sentence, prose, title, said)
                said.add(name)
            except _Refused as refused:
                place = f"L{row}:{offset + 1}-{offset + len(sentence)}"
                refusal = (refused.reason, refused.expected)
                unread.append(Unread(n_sentences, place, "sentence", sentence, *refusal, sentence))
                continue
            for start, end, fields in found:
                place = f"L{row}:{offset + start + 1}-{offset + end}"
                records.append({**common, **fields, LOCATOR: place, ROW_TEXT: sentence, ROW: n_sentences})
    if n_damaged >= MIN_DAMAGED and n_damaged > MAX_DAMAGED_SHARE * (n_sentences - n_bare):
        first = next(u for u in unread if damage(u.text))
        raise LayoutError(
            f"{file}: {n_damaged} of {n_sentences - n_bare} sentences with figures are damaged ({first.locator}: "
            f"{first.reason}); expected the text as its publisher printed it"
        )
    names = [LOCATOR, ROW_TEXT, *(name for record in records for name in record)]
    schema = dict.fromkeys(names, pl.String) | {ROW: pl.Int64}
    frame = pl.DataFrame(records, schema=schema)
    if printed_as("growth") in frame.columns:  # where it is no phrase in words, the number is the print
        frame = frame.with_columns(pl.coalesce(printed_as("growth"), "growth").alias(printed_as("growth")))
    if prose.yuan_dropped:
        frame = frame.with_columns(pl.lit(True).alias(BARE_YI))
    rows_in = n_sentences + furniture.total() - n_bare
    return Records(frame, rows_in, +furniture, tuple(unread))


def _head(grid: Grid, prose: Prose, file: str) -> tuple[dict[str, str], list[tuple[int, str]], Counter[str]]:
    """The head's texts by label, the lines below with their numbers, and how many lines hold nothing."""
    head: dict[str, str] = {}
    body: list[tuple[int, str]] = []
    furniture: Counter[str] = Counter()
    lines = grid.frame.select("row", "A").iter_rows() if "A" in grid.frame.columns else ()
    for row, text in lines:
        if not text or not text.strip():
            furniture["blank"] += 1
            continue
        label, separator, value = text.strip().replace("：", ":", 1).partition(":")
        if separator and label.strip() in prose.head:
            head[label.strip()] = value.strip()
            furniture["head"] += 1
        else:
            body.append((row, text))
    of_title = next(label for label, name in prose.head.items() if name == "origin_title")
    if prose.needs_head and (missing := [label for label in prose.head if label not in head]):
        raise LayoutError(f"{file}: expected head lines {missing}, which are not there")
    if of_title not in head:
        if not body:
            raise LayoutError(f"{file}: expected a first line that is the title; the text is empty")
        _, text = body.pop(0)
        head[of_title] = text.strip()
        furniture["title"] += 1
    return head, body, furniture


def _title(printed: str, prose: Prose, file: str) -> Title:
    period = re.search(prose.period_from, fold(printed).text)
    if not period:
        raise LayoutError(f"{file}: the title {printed!r} names no period ({prose.period_from})")
    if not prose.area_from:
        return Title(period["period"], None)
    area = re.search(prose.area_from, fold(printed).text)
    if not area:
        raise LayoutError(f"{file}: the title {printed!r} names no area ({prose.area_from})")
    return Title(period["period"], area["area"])


def _sentences(text: str, ends: str) -> list[tuple[int, str]]:
    """The sentences of a line without the white space around them, each with the characters before it."""
    ends = re.escape(ends + "｡" + ("；" if ";" in ends else ""))
    found = [(match.start(), match.group()) for match in re.finditer(rf"[^{ends}]+[{ends}]?", text)]
    return [(start + len(s) - len(s.lstrip()), s.strip()) for start, s in found if s.strip()]


def _begin(folded: str) -> int:
    """Where a sentence begins behind what numbers it."""
    numbering = _ENUMERATOR.match(folded)
    assert numbering is not None  # none at all matches too
    return numbering.end()


def _holds_nothing(sentence: str) -> str | None:
    """Why a sentence can hold no figure; None where it may: a number in words counts, 第一 too."""
    folded = fold(sentence).text
    if not _DIGIT.search(folded):
        return "no figure"
    bare = folded[_begin(folded) :]
    return None if _DIGIT.search(bare) else "heading"


def _read(sentence: str, prose: Prose, title: Title, said: set[str]) -> tuple[str, list[Read]]:
    """The name of the form that reads a sentence, and its figures; said: forms read before it in its paragraph.

    Raises:
        _Refused: no form covers it, two read it differently, or a form finds its parts at odds.
    """
    if len(sentence) > MAX_SENTENCE:
        raise _Refused(f"{len(sentence)} characters without an end", f"sentences of at most {MAX_SENTENCE}")
    folded = fold(sentence)
    bare = folded.text.rstrip("。｡;,!")
    begin = _begin(bare)
    readings: list[tuple[str, list[Read]]] = []
    for known, form in prose.forms:
        if known.after and not said & set(known.after):
            continue
        if form.is_folded:
            whole = form.regex.fullmatch(bare, begin)
            source = folded
        else:
            whole = form.regex.fullmatch(sentence)
            source = Folded(sentence, sentence, tuple(range(len(sentence))), frozenset())
        if whole is None:
            continue
        rows = _rows(whole, form)
        if rows is None:
            continue
        if form.is_folded:
            found = list(_figures(known, rows, source, title))
            _check_sum(known, found)
        else:
            found = [_raw_figure(known, spans, source) for spans in rows]
        if all(found != other for _, other in readings):
            readings.append((known.name, found))
    if not readings:
        raise _Refused("no declared sentence covers this text", "a sentence that the layout declares")
    if len(readings) > 1:
        names = ", ".join(name for name, _ in readings)
        raise _Refused(
            f"declared sentences read this differently: {names}", "one declared sentence for each text"
        )
    return readings[0]


def _rows(whole: re.Match[str], form: Form) -> list[Spans] | None:
    """For each record of a sentence where its slots stand; None where a list is not made of its items.

    Raises:
        _Refused: lists that belong together differ in length, or the sentence counts otherwise.
    """
    common: Spans = {}
    items: dict[str, list[Spans]] = {}
    for group, key in form.groups.items():
        if whole[group] is None:
            continue
        if key[1] not in form.lists:
            common[key] = whole.span(group)
            continue
        found = _items(whole.string, *whole.span(group), form.lists[key[1]])
        if found is None:
            return None
        items[key[1]] = _carried(found, form.lists[key[1]], whole.string)
    if not items:
        return [common]
    lengths = {name: len(listed) for name, listed in items.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{count} {name}" for name, count in lengths.items())
        raise _Refused(f"lists of different length: {said}", "as many figures as names")
    if len(items) > 1 and any("," in _text(whole, spans, "value") for row in items.values() for spans in row):
        raise _Refused(
            "a comma inside a list may part figures or thousands", "figures without thousands separators"
        )
    rows = [
        {key: span for part in parts for key, span in part.items()}
        for parts in zip(*items.values(), strict=True)
    ]
    if count := common.pop((MAIN, "count"), None):
        printed = whole.string[slice(*count)]
        if int(printed if printed.isdecimal() else _numeral(printed)) != len(rows):
            raise _Refused(f"{printed!r} are announced and {len(rows)} listed", "as many items as announced")
    return [common | row for row in rows]


def _items(text: str, place: int, end: int, item: Form) -> list[Spans] | None:
    separated = re.compile(rf"(?:{item.pattern})(?:{SEPARATOR if item.is_folded else '[,，、;；]'}|\Z)")
    found: list[Spans] = []
    while place < end:
        one = separated.match(text, place, end)
        if not one or one.end() == place:
            return None
        found.append({key: one.span(group) for group, key in item.groups.items() if one[group] is not None})
        place = one.end()
    return found or None


def _carried(found: list[Spans], item: Form, text: str) -> list[Spans]:
    """The items, with what is printed once for several: a unit behind the last, a layout's own word before the first of
    those between two semicolons (省级绿色工厂20家、绿色工业园区1家;市级绿色工厂118家)."""
    if not item.is_folded:
        return found
    units = [key for key in item.groups.values() if key[1] == "unit"]
    for unit in units:
        if unit in found[-1] and not any(unit in spans for spans in found[:-1]):
            found = [spans | {unit: found[-1][unit]} for spans in found]
    own = [key for key in item.groups.values() if key[1] not in SLOTS]
    carried: list[Spans] = []
    for spans in found:
        before = carried[-1] if carried else {}
        if before and ";" in text[max(e for _, e in before.values()) : min(s for s, _ in spans.values())]:
            before = {}
        carried.append({key: before[key] for key in own if key in before} | spans)
    return carried


def _figures(known: Sentence, rows: list[Spans], source: Folded, title: Title) -> Iterator[Read]:
    done: list[Read] = []  # what stands outside the lists is in each of their rows, and is one figure
    for spans in rows:
        words = {slot: source.print_of(*span) for (figure, slot), span in spans.items() if figure == MAIN}
        for figure in (MAIN, *known.figures):
            own = {slot: span for (name, slot), span in spans.items() if name == figure}
            if not TELLING & own.keys():
                continue
            shared = {slot: span for (name, slot), span in spans.items() if name == MAIN and slot not in OWN}
            constants = known.constants | (known.figures[figure] if figure else {})
            fields = {name: _quoted(text, words) for name, text in constants.items()}
            fields |= _fields(shared | own, source, title)
            place = next(own[slot] for slot in ("value", "growth", "rate") if slot in own)
            if (found := (*source.span(*place), fields)) not in done:
                done.append(found)
                yield found


def _fields(spans: dict[str, tuple[int, int]], source: Folded, title: Title) -> dict[str, str]:
    """The fields of one figure as the casters take them."""
    texts = {slot: source.print_of(*span) for slot, span in spans.items()}
    folded = {slot: source.text[slice(*span)] for slot, span in spans.items()}
    shared = {slot: name for slot in texts if slot in SLOTS and (name := SLOTS[slot].field)}
    fields = {name: texts[slot] for slot, name in shared.items()}
    if "indicator" in texts:
        fields["indicator"] = texts["indicator"]
    if "bound" in texts and "value" in texts:
        comes_first = spans["bound"] < spans["value"]
        fields["value"] = (
            folded["bound"] + texts["value"] if comes_first else texts["value"] + folded["bound"]
        )
    if "unit" in texts:
        fields["unit"] = texts["unit"]
    if "area" in texts:
        fields["area"] = _area(folded["area"], texts["area"], title) + texts.get("scope", "")
    try:
        if "period" in texts:
            fields["period"] = under_title(texts["period"], title.period)
        if "growth" in texts:
            fields |= _growth(folded["growth"], texts["growth"], fields, title)
    except NormaliseError as error:
        raise _Refused(error.reason, error.expected) from None
    if "vintage" in texts and folded["vintage"] in NO_ACTUAL:
        fields |= {"is_actual": "否", "withheld_reason": f"原文称“{texts['vintage']}”，不是实际数"}
    return fields


def _growth(phrase: str, printed: str, fields: dict[str, str], title: Title) -> dict[str, str]:
    rate = parse_growth(phrase)
    if rate.base_year is not None:
        year = parse_period(fields.get("period") or title.period).start.year
        if rate.base_year != year - 1:
            raise _Refused(
                f"growth over {rate.base_year} in a figure of {year}", "growth over the year before"
            )
    found = {"growth": rate.number}
    if rate.basis and "growth_basis" not in fields:
        found["growth_basis"] = rate.basis
    if rate.is_worded:
        found[printed_as("growth")] = printed
    return found


def _area(folded: str, printed: str, title: Title) -> str:
    """The area as printed, or the title's for 全市, 全区 and the like."""
    whole = _WHOLE_AREA.fullmatch(folded)
    if not whole or title.area is None or whole[1] == "国":
        return printed
    if title.area[-1] != whole[1]:
        raise _Refused(f"{printed!r} in a bulletin of {title.area!r}", "the area of the title, or a name")
    return title.area


def _quoted(text: str, words: dict[str, str]) -> str:
    def word(slot: re.Match[str]) -> str:
        if slot[1] not in words:
            raise _Refused(f"it does not say which {slot[1]}", "a word for it before each group")
        return words[slot[1]]

    return re.sub(r"\{(\w+)\}", word, text)


def _raw_figure(known: Sentence, spans: Spans, source: Folded) -> Read:
    texts = {slot: source.printed[slice(*span)] for (_, slot), span in spans.items()}
    return *spans[MAIN, "value"], known.constants | texts


def _check_sum(known: Sentence, found: list[Read]) -> None:
    if known.adds_to is None:
        return
    try:
        total = sum(parse_number(fields["value"]).value or 0 for _, _, fields in found)
    except NormaliseError as error:
        raise _Refused(error.reason, error.expected) from None
    if abs(total - known.adds_to) > 0.1 * len(found):  # each is rounded, to one decimal at the coarsest
        raise _Refused(f"the parts add up to {total:g}", f"{known.adds_to:g}, give or take their rounding")


def _numeral(text: str) -> str:
    try:
        return in_digits(text)
    except NormaliseError as error:
        raise _Refused(error.reason, error.expected) from None


def _text(whole: re.Match[str], spans: Spans, slot: str) -> str:
    return " ".join(whole.string[slice(*span)] for (_, name), span in spans.items() if name == slot)
