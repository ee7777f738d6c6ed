"""When a publisher is overdue: by the days of its own calendar, however late or early its issues came."""

from __future__ import annotations

from datetime import date

import pytest

from ingest import catalogue


@pytest.fixture(scope="module")
def source():
    return next(s for s in catalogue.load().sources if s.id == "gdp_city_province")


@pytest.mark.parametrize(
    ("days", "newest", "today", "expected"),
    [
        pytest.param(("03-31",), "2025-03-20", date(2026, 3, 31), False, id="the publisher has all of its day"),
        pytest.param(("03-31",), "2025-03-20", date(2026, 4, 1), True, id="the day has passed without an issue"),
        pytest.param(("03-31",), "2026-03-31", date(2026, 4, 1), False, id="it came on the day"),
        pytest.param(("03-31",), "2026-01-10", date(2026, 4, 1), False, id="it came months before the day"),
        pytest.param(("03-31",), "2025-05-20", date(2026, 4, 1), True, id="last year's, late, is not this year's"),
        pytest.param(("03-31",), "2025-05-20", date(2026, 3, 1), False, id="late last year, and not yet due again"),
        pytest.param(
            ("01-20", "04-20", "07-20", "10-20"), "2026-05-05", date(2026, 7, 21), True, id="a quarter's, late"
        ),
        pytest.param(
            ("01-20", "04-20", "07-20", "10-20"), "2026-07-18", date(2026, 7, 21), False, id="a quarter's, in time"
        ),
        pytest.param(("03-31",), None, date(2026, 4, 1), True, id="nothing dated stands"),
        pytest.param((), None, date(2026, 4, 1), False, id="nothing is expected"),
    ],
)  # fmt: skip
def test_a_source_is_overdue(source, days, newest, today, expected):
    assert source.model_copy(update={"expected_by": days}).is_overdue(newest, today) is expected
