"""Reference periods: the time that a figure is about. When it was published is a date, read in ``dates``."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.normalise import NormaliseError
from ingest.normalise.dates import last_day
from ingest.normalise.typography import squeeze

Kind = Literal["year", "half", "quarter", "month", "day", "range"]

_EXPECTED = "a period such as 2024, 2024年上半年, 2024Q1-Q3, 2024年1-9月, 2024年7月, 2024年末 or 2025年7月4日"
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "两": 2}
_NAMED_SPANS: dict[tuple[int, int], tuple[str, Kind]] = {
    (1, 12): ("", "year"),
    (1, 6): ("H1", "half"),
    (7, 12): ("H2", "half"),
    (1, 3): ("Q1", "quarter"),
    (4, 6): ("Q2", "quarter"),
    (7, 9): ("Q3", "quarter"),
    (10, 12): ("Q4", "quarter"),
    (1, 9): ("Q1-Q3", "range"),
}
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
_TO = r"(?:-|–|—|~|～|至|到)"
_QUARTER = "[一二三四1-4]"

_MONTH_SPANS = tuple(
    re.compile(_YEAR + form)
    for form in (
        rf"年(?P<first>[0-9]{{1,2}})月?{_TO}(?P<last>[0-9]{{1,2}})月份?",
        r"-(?P<first>[0-9]{2})\.\.(?P=year)-(?P<last>[0-9]{2})",
    )
)
_QUARTER_SPAN = re.compile(
    rf"{_YEAR}(?:Q(?P<q>[1-4])|年第?(?P<q_zh>{_QUARTER})季度|Q1-Q(?P<to>[23])|年前(?P<to_zh>[二两三23])个?季度"
    rf"|年(?:一|1)(?:季度)?{_TO}(?P<to_list>[二三23])季度)"
)
_HALF = re.compile(rf"{_YEAR}(?:H(?P<half>[12])|年(?P<half_zh>[上下])半年)")
_WHOLE_YEAR = re.compile(rf"{_YEAR}(?:年|年度|年?全年)?")
_MONTH = re.compile(rf"{_YEAR}(?:-(?P<month>[0-9]{{2}})|年(?P<month_zh>[0-9]{{1,2}})月份?)")
_DAY = re.compile(
    rf"(?:截[至止])?{_YEAR}(?:-(?P<m>[0-9]{{2}})-(?P<d>[0-9]{{2}})|年(?P<m_zh>[0-9]{{1,2}})月(?P<d_zh>[0-9]{{1,2}})日)"
)
_END = re.compile(rf"(?:截[至止])?{_YEAR}年?(?:(?P<month>[0-9]{{1,2}})月份?)?[末底]")
# A part of a year as sentences name it, and the spans that are refused where they are read, with their own reason.
_PART = (
    r"(?:1-[本上]月|本月|全年|[上下]半年|前[两二三23]个?季度|一至[二三]季度|1-[23]季度|第?[一二三四1-4]季度"
    rf"|[0-9]{{1,2}}月?{_TO}[0-9]{{1,2}}月份?|[0-9]{{1,2}}月[末底]|[0-9]{{1,2}}月份?(?![0-9])|年[末底])"
)
#: a period inside a sentence, with or without its year
IN_SENTENCE = (
    rf"(?:(?:19|20)[0-9]{{2}}年?{_TO}(?:19|20)[0-9]{{2}}|十[一二三四五]五(?:期间|时期|以来|末)"
    rf"|(?:截[至止])?(?:19|20)[0-9]{{2}}年(?:[末底]|[0-9]{{1,2}}月[0-9]{{1,2}}日|{_PART})"
    rf"|(?<![0-9])(?:19|20)[0-9]{{2}}(?=年)|(?:截[至止])?{_PART})"
)


@dataclass(frozen=True)
class Period:
    """A reference period; the same time has the same id however it was printed (1-9月 is 前三季度, Q1-Q3).

    is_cumulative: several months counted from January: H1, Q1-Q3, 1-n月. The first quarter (1-3月 too) and
    the year are the same figure either way, and are not marked.
    end: the last day inside the period.
    """

    period_id: str
    kind: Kind
    start: date
    end: date
    is_cumulative: bool


def parse_period(text: str) -> Period:
    """Read a period id or a printed period of one year; an end of year or month (年末, 月底) is its last day.

    Raises:
        NormaliseError: no definite period is named (未注明, 每年, 长期), or no such month or day exists.
    """
    printed = squeeze(text).upper()
    try:
        period = _read(printed)
    except ValueError:
        raise NormaliseError(f"{text!r} names a month or day that does not exist", _EXPECTED) from None
    if period is None:
        raise NormaliseError(f"{text!r} is no definite period", _EXPECTED)
    return period


def under_title(text: str, title: str) -> str:
    """A period as printed below a title, with the title's year and month: 前三季度 under 2024年 is 2024年前三季度,
    1-本月 under 2024年4月 is 2024年1-4月. One that names its year stands as printed.

    Raises:
        NormaliseError: the title names no year, or no month where 本月 or 上月 needs one.
    """
    printed = squeeze(text)
    if re.search("(?:19|20)[0-9]{2}|五(?:期间|时期|以来|末)", printed):
        return text
    told = parse_period(title)
    year, month = told.end.year, told.end.month
    if month_of := re.search("[本上]月", printed):
        if told.kind not in ("month", "day") and not told.is_cumulative:
            raise NormaliseError(f"{text!r} under a title of {title!r}", "a title that names a month")
        month -= month_of.group() == "上月"
        if not month:
            raise NormaliseError(f"{text!r} under a title of {title!r}", "a month of the title's own year")
        printed = printed.replace(month_of.group(), f"{month}月").replace("1-1月", "1月")
    limit = re.match("截[至止]", printed)
    part = printed.removeprefix(limit.group()) if limit else printed
    return f"{limit.group() if limit else ''}{year}{'' if part.startswith('年') else '年'}{part}"


def _read(printed: str) -> Period | None:
    if found := _WHOLE_YEAR.fullmatch(printed):
        return _span(int(found["year"]), 1, 12)
    if found := _HALF.fullmatch(printed):
        first = 1 if found["half"] == "1" or found["half_zh"] == "上" else 7
        return _span(int(found["year"]), first, first + 5)
    if found := _QUARTER_SPAN.fullmatch(printed):
        if single := found["q"] or found["q_zh"]:
            return _span(int(found["year"]), 3 * _digit(single) - 2, 3 * _digit(single))
        return _span(int(found["year"]), 1, 3 * _digit(found["to"] or found["to_zh"] or found["to_list"]))
    for form in _MONTH_SPANS:
        if found := form.fullmatch(printed):
            first, last = int(found["first"]), int(found["last"])
            return _span(int(found["year"]), first, last) if first < last else None
    if found := _MONTH.fullmatch(printed):
        month = int(found["month"] or found["month_zh"])
        return _span(int(found["year"]), month, month)
    if found := _END.fullmatch(printed):
        return _day(last_day(int(found["year"]), int(found["month"] or 12)))
    if found := _DAY.fullmatch(printed):
        month, day = int(found["m"] or found["m_zh"]), int(found["d"] or found["d_zh"])
        return _day(date(int(found["year"]), month, day))
    return None


def _span(year: int, first: int, last: int) -> Period:
    start, end = date(year, first, 1), last_day(year, last)
    if first == last:
        return Period(f"{year}-{first:02}", "month", start, end, False)
    name, kind = _NAMED_SPANS.get((first, last), (f"-{first:02}..{year}-{last:02}", "range"))
    return Period(f"{year}{name}", kind, start, end, first == 1 and last not in (3, 12))


def _day(day: date) -> Period:
    return Period(day.isoformat(), "day", day, day, False)


def _digit(text: str) -> int:
    return _DIGITS.get(text) or int(text)
