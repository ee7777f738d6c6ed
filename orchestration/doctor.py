"""The doctor: is the installation whole, is the home usable, is the last release fresh. Looks only, mends nothing."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from ingest.catalogue import CatalogueError
from orchestration import alerts, dbt
from orchestration.settings import Settings
from warehouse import freshness, release
from warehouse.home import night_holder

PINNED = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "polars", "great-expectations")
LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at. bad: a night would fail, or readers are misled; warn: worth a look."""

    state: Literal["ok", "warn", "bad"]
    subject: str
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Everything the doctor looks at, in order."""
    return [
        _python(),
        *_libraries(),
        _catalogue(settings),
        _manifest(),
        _fonts(),
        *_home(settings),
        _lock(settings),
        *_release(settings),
        *(Finding(state, "alerts", text) for state, text in alerts.findings(settings.home)),
    ]


def _python() -> Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info[:2] == (3, 11)
    return Finding("ok" if good else "bad", "python", here if good else f"{here}; 3.11 is needed")


def _libraries() -> list[Finding]:
    found = []
    for name in PINNED:
        try:
            found.append(Finding("ok", name, version(name)))
        except PackageNotFoundError:
            found.append(Finding("bad", name, "not installed; run `make setup`"))
    return found


def _catalogue(settings: Settings) -> Finding:
    try:
        sources = settings.catalogue().enabled(demo=settings.demo)
    except CatalogueError as error:
        return Finding("bad", "catalogue", str(error))
    demo = sum(source.data_origin == "demo" for source in sources)
    return Finding("ok", "catalogue", f"{len(sources)} sources, {demo} of them demo")


def _manifest() -> Finding:
    if dbt.manifest_is_current():
        return Finding("ok", "dbt manifest", "fits this code")
    return Finding("warn", "dbt manifest", "is made anew by the next night")


def _fonts() -> Finding:
    # the bulletin's charts are pictures made here; the site's and the workbook's are drawn where they are read
    from warehouse import charts

    try:
        found = charts.has_chinese_font()
    except charts.FontMissing as error:
        return Finding("bad", "fonts", str(error))
    return Finding("ok", "fonts", "Chinese") if found else Finding("warn", "fonts", charts.NO_CHINESE_FONT)


def _home(settings: Settings) -> list[Finding]:
    root = settings.home.root
    if not root.exists():
        return [Finding("warn", "home", f"{root} does not exist yet; the first night makes it")]
    free = shutil.disk_usage(root).free
    enough = free >= LEAST_FREE_BYTES
    writable = os.access(root, os.W_OK)
    return [
        Finding("ok" if writable else "bad", "home", f"{root}" if writable else f"{root} cannot be written"),
        Finding("ok" if enough else "bad", "disk", f"{free / 1024**3:.1f} GiB free"),
    ]


def _lock(settings: Settings) -> Finding:
    holder = night_holder(settings.home) if settings.home.root.exists() else None
    return (
        Finding("warn", "lock", f"a night is running: {holder}") if holder else Finding("ok", "lock", "free")
    )


def _release(settings: Settings) -> list[Finding]:
    try:
        current = release.current_release(settings.home) if settings.home.root.exists() else None
    except release.ReleaseError as error:
        return [Finding("bad", "release", f"current leads nowhere: {error}; go back: `blue-ledger releases`")]
    if current is None:
        return [Finding("warn", "release", "none yet")]
    faults = release.verify(current)
    found = freshness.look(settings.home)
    stale = found.staleness()
    if stale:
        age = Finding("warn", "age", stale)
    else:
        assert found.age is not None  # what has none is stale
        age = Finding("ok", "age", freshness.in_words(found.age))
    return [
        Finding("bad", "release", f"{current.id}: {'; '.join(faults)}")
        if faults
        else Finding("ok", "release", f"{current.id}, every file as sealed"),
        age,
    ]
