"""Reference periods and dates as they are printed."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.dates import PartialDate, parse_date
from ingest.normalise.periods import Period, parse_period


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", Period("2024", "year", date(2024, 1, 1), date(2024, 12, 31), False)),
        ("2024H1", Period("2024H1", "half", date(2024, 1, 1), date(2024, 6, 30), True)),
        ("2024H2", Period("2024H2", "half", date(2024, 7, 1), date(2024, 12, 31), False)),
        ("2024Q1", Period("2024Q1", "quarter", date(2024, 1, 1), date(2024, 3, 31), False)),
        ("2024Q4", Period("2024Q4", "quarter", date(2024, 10, 1), date(2024, 12, 31), False)),
        ("2024Q1-Q3", Period("2024Q1-Q3", "range", date(2024, 1, 1), date(2024, 9, 30), True)),
        ("2024-02", Period("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29), False)),
        (
            "2022-01..2022-11",
            Period("2022-01..2022-11", "range", date(2022, 1, 1), date(2022, 11, 30), True),
        ),
        ("2022-04..2022-05", Period("2022-04..2022-05", "range", date(2022, 4, 1), date(2022, 5, 31), False)),
        ("2024-12-31", Period("2024-12-31", "day", date(2024, 12, 31), date(2024, 12, 31), False)),
    ],
)
def test_a_period_id_reads_as_itself(text, expected):
    assert parse_period(text) == expected


@pytest.mark.parametrize(
    ("text", "period_id"),
    [
        ("2024年", "2024"),
        ("２０２４年", "2024"),
        ("2024年度", "2024"),
        ("2024年全年", "2024"),
        ("2024年1-12月", "2024"),
        ("2024年上半年", "2024H1"),
        ("2024年下半年", "2024H2"),
        ("2024年1-6月", "2024H1"),
        ("2024年前三季度", "2024Q1-Q3"),
        ("2024年前3季度", "2024Q1-Q3"),
        ("2024年一至三季度", "2024Q1-Q3"),
        ("2024年1-9月", "2024Q1-Q3"),
        ("2024年1—9月份", "2024Q1-Q3"),
        ("2024年1月至9月", "2024Q1-Q3"),
        ("2024年前两季度", "2024H1"),
        ("2024年一季度", "2024Q1"),
        ("2024年第四季度", "2024Q4"),
        ("2024年1-3月", "2024Q1"),
        ("2022年1至11月份", "2022-01..2022-11"),
        ("2024年1～2月", "2024-01..2024-02"),
        ("2024年7月", "2024-07"),
        ("2024 年 7 月份", "2024-07"),
        ("2024年末", "2024-12-31"),
        ("2024年底", "2024-12-31"),
        ("截至2024年底", "2024-12-31"),
        ("2024年2月末", "2024-02-29"),
        ("2025年7月4日", "2025-07-04"),
    ],
)
def test_a_printed_period_has_one_id_however_it_is_worded(text, period_id):
    assert parse_period(text).period_id == period_id
    assert parse_period(text) == parse_period(period_id)


@pytest.mark.parametrize(
    "text",
    [
        "未注明", "每年", "长期", "", "-", "2024Q5", "2024-13", "2024年13月", "2024年9-1月", "2024年1-13月",
        "2021-2024", "2020 to 2021", "2025年2月29日", "2024Q2-Q3", "1-9月", "上半年", "24年", "1824",
        "2024年1-本月", "十四五",
    ],
)  # fmt: skip
def test_a_text_without_a_definite_period_is_refused(text):
    with pytest.raises(NormaliseError, match="expected a period such as 2024"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-10-11", date(2024, 10, 11)),
        ("2024/10/11", date(2024, 10, 11)),
        ("2024.10.11", date(2024, 10, 11)),
        ("2024年10月11日", date(2024, 10, 11)),
        ("20241011", date(2024, 10, 11)),
        ("2024-1-5", date(2024, 1, 5)),
        ("２０２４－１０－１１", date(2024, 10, 11)),
        ("2024-10-11 14:30", date(2024, 10, 11)),
        ("2024-10-11T00:00:00", date(2024, 10, 11)),
        ("2024年10月11日(星期五)", date(2024, 10, 11)),
        (" 2024 年 2 月 29 日 ", date(2024, 2, 29)),
    ],
)
def test_a_full_date_is_read(text, day):
    assert parse_date(text) == PartialDate(day, "day")


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2024-02", date(2024, 2, 29), "month"),
        ("2024/10", date(2024, 10, 31), "month"),
        ("2024年10月", date(2024, 10, 31), "month"),
        ("2024", date(2024, 12, 31), "year"),
        ("2024年", date(2024, 12, 31), "year"),
        ("2025 (page shows a relative time only)", date(2025, 12, 31), "year"),
    ],
)
def test_a_date_given_in_part_stands_as_its_last_day(text, day, precision):
    assert parse_date(text) == PartialDate(day, precision)


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "2024116", "202410", "45576", "2024.10", "2024-13", "2023-02-29", "20240230", "2024-10/11",
        "24-10-11", "1850-01-01", "9999-12-31", "2024-10-11 25:00", "2024-10-11(更正为12日)",
        "10月11日", "长期",
    ],
)  # fmt: skip
def test_an_impossible_or_ambiguous_date_is_refused(text):
    with pytest.raises(NormaliseError, match="expected a date such as"):
        parse_date(text)


@settings(max_examples=25, deadline=None)
@given(
    day=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    form=st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]),
)
def test_a_date_printed_in_any_accepted_form_reads_back(day, form):
    assert parse_date(day.strftime(form)) == PartialDate(day, "day")


@settings(max_examples=25, deadline=None)
@given(year=st.integers(1900, 2099), months=st.lists(st.integers(1, 12), min_size=2, max_size=2, unique=True))
def test_a_span_of_months_begins_and_ends_where_it_says(year, months):
    first, last = sorted(months)
    period = parse_period(f"{year}年{first}-{last}月")
    assert (period.start, period.end.month, period.end.year) == (date(year, first, 1), last, year)
    assert parse_period(period.period_id) == period


@settings(max_examples=25, deadline=None)
@given(text=st.text() | st.text("0123456789年月日季度前上半末底截至-/.HQ", max_size=12))
def test_any_text_is_a_time_or_is_refused(text):
    for read in (parse_period, parse_date):
        try:
            assert isinstance(read(text), Period | PartialDate)
        except NormaliseError as refusal:
            assert refusal.reason and refusal.expected
