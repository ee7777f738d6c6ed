"""How old the release is that readers see, and whether it may still be believed. Looks only; who is told of it is said above.

Quick on purpose, for it is asked every hour: files are looked for, not hashed. `release.verify` and the doctor do that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from warehouse.home import Home
from warehouse.release import Release, ReleaseError, current_release, published_at

STALE_AFTER = timedelta(hours=36)  # a night and a half: one missed night shows
# A clock that runs ahead makes a release look young for as long as it was ahead; more than this is no rounding.
CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Freshness:
    """The current release as a watchman sees it. fault: why there is none that can be read; then nothing else is known.

    release_id, published_at (UTC) and age are None where there is no release or its manifest says nothing.
    """

    release_id: str | None = None
    published_at: datetime | None = None
    age: timedelta | None = None
    fault: str | None = None

    def staleness(self, limit: timedelta = STALE_AFTER) -> str | None:
        """Why readers should not rely on it, in one sentence; None while it is whole and younger than the limit."""
        if self.fault:
            return self.fault
        assert self.age is not None  # only what has a fault has no age
        if self.age < -CLOCK_TOLERANCE:
            return (
                f"release {self.release_id} lies {in_words(-self.age)} in the future: a clock is or was wrong"
            )
        if self.age > limit:
            return f"release {self.release_id} is {in_words(self.age)} old, {in_words(limit)} are allowed"
        return None


def look(home: Home, now: datetime | None = None) -> Freshness:
    """The current release's age, or what is wrong with it. Raises nothing: a home that cannot be read is a finding too."""
    try:
        release = current_release(home)
        if release is None:
            return Freshness(fault=f"there is no release in {home.root}")
        published = published_at(release.id)
        age = (now or datetime.now(UTC)) - published
        return Freshness(release.id, published, age, _damage(release))
    except ReleaseError as error:
        return Freshness(fault=f"the current release is damaged: {error}")
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:  # no permission, or a manifest of another form
        return Freshness(fault=f"the current release cannot be read: {error}")


def in_words(span: timedelta) -> str:
    """`45 minutes`, `6.5 hours`, `3 days 4 hours`."""
    return " ".join(f"{number} {unit}" for number, unit in _parts(span))


def in_words_zh(span: timedelta) -> str:
    """`45 分钟`, `6.5 小时`, `3 天 4 小时`."""
    words = {"minutes": "分钟", "hours": "小时", "days": "天"}
    return " ".join(f"{number} {words[unit]}" for number, unit in _parts(span))


def _parts(span: timedelta) -> list[tuple[str, str]]:
    hours = span / timedelta(hours=1)
    if hours < 1:
        return [(f"{hours * 60:.0f}", "minutes")]
    if hours < 48:
        return [(f"{round(hours, 1):g}", "hours")]
    return [(f"{hours // 24:.0f}", "days"), (f"{hours % 24 // 1:.0f}", "hours")]


def _damage(release: Release) -> str | None:
    """Files that are missing or of another size than sealed."""
    declared = release.manifest.get("files")
    if not isinstance(declared, dict) or not declared:
        return f"release {release.id} is damaged: its manifest names no files"
    wrong = []
    for name, seal in declared.items():
        try:
            is_whole = (release.path / name).stat().st_size == seal["bytes"]
        except FileNotFoundError:
            is_whole = False
        if not is_whole:
            wrong.append(name)
    if not wrong:
        return None
    return f"release {release.id} is damaged: {', '.join(wrong[:3])} {'…' * (len(wrong) > 3)}".rstrip()
