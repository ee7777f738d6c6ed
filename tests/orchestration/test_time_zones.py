"""Which day a night belongs to: the city's, wherever the server stands and whatever its clock does in spring and autumn."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingest.snapshots import CITY_TIME, city_day
from orchestration import settings
from warehouse import release
from warehouse.home import Home


@pytest.fixture
def at(monkeypatch):
    """Let it be a moment of UTC, on a server in a zone; returns the day of a night that starts then."""

    def at(moment: str, zone: str = "UTC"):
        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(tz)

        monkeypatch.setenv("TZ", zone)
        time.tzset()
        monkeypatch.setattr(settings, "datetime", Clock)
        return settings.Settings(Home("nowhere"), "none").today.isoformat()

    yield at
    monkeypatch.undo()
    time.tzset()


def test_a_night_at_half_past_eleven_utc_belongs_to_the_next_day_of_the_city(at):
    assert at("2026-11-22T23:30:00") == "2026-11-23"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_the_day_turns_at_sixteen_hundred_utc_whatever_zone_the_server_is_in(at, zone):
    assert at("2026-11-22T15:59:59", zone) == "2026-11-22"
    assert at("2026-11-22T16:00:00", zone) == "2026-11-23"
    assert city_day("2026-11-22T15:59:59+00:00") == date(2026, 11, 22)
    assert city_day("2026-11-22T16:00:00+00:00") == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-08T07:00:00", "2026-03-08"),  # New York's clock jumps from 2 to 3
        ("2026-11-01T05:30:00", "2026-11-01"),  # half past one in New York, the first time
        ("2026-11-01T06:30:00", "2026-11-01"),  # and the second time
    ],
)
def test_a_clock_that_is_put_forward_or_back_neither_skips_a_day_nor_has_one_twice(at, moment, day):
    assert at(moment, "America/New_York") == day


def test_the_city_has_no_daylight_saving_so_two_in_the_morning_is_always_eighteen_hundred_utc():
    first = datetime(2026, 1, 1, 2, tzinfo=CITY_TIME)
    nights = [first + timedelta(days=n) for n in range(3 * 366)]
    assert {night.astimezone(UTC).strftime("%H:%M") for night in nights} == {"18:00"}
    assert CITY_TIME == release.NIGHT_ZONE == ZoneInfo("Asia/Shanghai")


def test_releases_are_named_in_utc_and_counted_by_the_citys_nights(tmp_path):
    home = Home(tmp_path).ensure()
    assert release.new_release_id(home, datetime(2026, 11, 23, 2, tzinfo=CITY_TIME)) == "20261122T180000Z"
    # one UTC day, two nights of the city; then a second release of the later night
    before, after, again = "20261122T153000Z", "20261122T163000Z", "20261123T010000Z"
    for id_ in (before, after, again):
        (home.releases / id_).mkdir()
    assert release.retain(home, nights=2, now=datetime(2026, 11, 30, tzinfo=UTC)) == [after]
