"""Dates as printed, in full or in part. Reference periods of figures are read in ``periods``, not here."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.normalise import NormaliseError
from ingest.normalise.typography import WHITE_SPACE, narrow

_EXPECTED = "a date such as 2024-10-11, 2024年10月11日, 20241011, 2024-10 or 2024, between 1900 and 2100"
_TIME = r"(?:[ T]+(?:[01]?[0-9]|2[0-3])(?::[0-5][0-9]){1,2}(?:\.[0-9]+)?)?"
# 2024.10 is left out: a spreadsheet prints 2024.1 for it
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<y>[0-9]{{4}})(?P<by>[-/.])(?P<m>[0-9]{{1,2}})(?P=by)(?P<d>[0-9]{{1,2}}){_TIME}",
        rf"(?P<y>[0-9]{{4}}) *年 *(?P<m>[0-9]{{1,2}}) *月 *(?P<d>[0-9]{{1,2}}) *日{_TIME}",
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        r"(?P<y>[0-9]{4})[-/](?P<m>[0-9]{1,2})",
        r"(?P<y>[0-9]{4}) *年 *(?P<m>[0-9]{1,2}) *月份?",
        r"(?P<y>[0-9]{4}) *年?",
    )
)


@dataclass(frozen=True)
class PartialDate:
    """A date and how much of it was printed: a month or year alone stands as its last day.

    A figure published some time in a month was surely known at its end, and not surely before.
    """

    date: date
    precision: Literal["day", "month", "year"]


def parse_date(text: str) -> PartialDate:
    """Read a date; a time of day, and a remark in brackets at the end without digits, are dropped.

    Raises:
        NormaliseError: no such day exists, or the form is unknown (a spreadsheet's day number, or nothing).
    """
    printed = narrow(text).strip(WHITE_SPACE)
    printed = re.sub(r"\s*\([^()0-9]*\)\Z", "", printed)
    match = next((found for form in _FORMS if (found := form.fullmatch(printed))), None)
    if not match:
        raise NormaliseError(f"{text!r} is not a date", _EXPECTED)
    parts = match.groupdict()
    year, month, day = int(parts["y"]), parts.get("m"), parts.get("d")
    if not 1900 <= year <= 2100:
        raise NormaliseError(f"{text!r} is out of range", _EXPECTED)
    try:
        if month and day:
            return PartialDate(date(year, int(month), int(day)), "day")
        if month:
            return PartialDate(last_day(year, int(month)), "month")
    except ValueError:
        raise NormaliseError(f"{text!r} is no day of the calendar", _EXPECTED) from None
    return PartialDate(date(year, 12, 31), "year")


def last_day(year: int, month: int) -> date:
    """The last day of a month; raises ValueError where there is no such month."""
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return date(year, month, monthrange(year, month)[1])
