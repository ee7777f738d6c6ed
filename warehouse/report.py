"""The night's report: one page that a person reads in the morning, and the same as JSON.

Written whether the night was good or bad. It says what it is told: it asks no database, judges nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Template

from warehouse import pages, words
from warehouse.changes import KINDS, REASONS
from warehouse.progress import ORIGINS, TargetProgress, percent, with_unit
from warehouse.reader import NULL
from warehouse.release import NIGHT_ZONE
from warehouse.words import chinese

KEPT_NIGHTS = 60

Outcome = Literal["published", "unchanged", "blocked", "crashed"]
Severity = Literal["critical", "warning", "metric"]
Status = Literal["passed", "failed", "error"]

# outcome: what happened, what it means for readers, and a short English label
OUTCOMES: dict[str, tuple[str, str, str]] = {
    "published": ("已发布新版本", "全部关键检查通过，读者现在看到的是今晚的版本。", "published"),
    "unchanged": ("资料无变化", "各来源与程序均无变化，没有另行发布。", "nothing new"),
    "blocked": ("未发布：关键检查未通过", "读者看到的仍是上一版本，未受影响。", "blocked by critical checks"),
    "crashed": ("未发布：运行中断", "读者看到的仍是上一版本，未受影响。", "the run crashed"),
}
SEVERITIES, CHECK_STATUSES = chinese(words.SEVERITIES), chinese(words.CHECK_STATUSES)
SOURCE_STATES = chinese(words.SOURCE_STATES)


@dataclass(frozen=True)
class CheckLine:
    """One check of the night. It could not be evaluated where status is "error"."""

    suite: str
    subject: str  # the table or column it looks at
    description: str
    severity: Severity
    status: Status
    observed: str = ""  # what was found, in words
    failing_rows: int | None = None
    samples: tuple[str, ...] = ()  # a few of the rows that failed, one text each


@dataclass(frozen=True)
class SourceLine:
    """One source: what the night stands on. `state` as the night judged it, see SOURCE_STATES."""

    source_id: str
    name_zh: str
    state: Literal["fresh", "old", "empty", "blocked"]
    data_origin: Literal["published", "submitted", "demo"]
    snapshot_on: date | None = None
    age_days: int | None = None
    tolerance_days: int | None = None
    overdue: bool = False  # the publisher's next issue should have come by now
    message: str | None = None  # why it is not fresh


@dataclass(frozen=True)
class QuarantineLine:
    """Rows of one source that could not be placed. `share` is of all its rows, 0 to 1."""

    source_id: str
    dataset: str
    rows: int
    share: float
    allowed_share: float
    reasons: Mapping[str, int] = field(default_factory=dict)  # reason: rows


@dataclass(frozen=True)
class MartLine:
    """One mart of the release, with its rows and, where known, those of the release before."""

    name: str
    title_zh: str
    rows: int
    previous_rows: int | None = None
    demo_rows: int = 0

    @property
    def rows_change(self) -> str:
        if self.previous_rows is None:
            return NULL
        change = self.rows - self.previous_rows
        return f"{change:+,}" if change else "0"


@dataclass(frozen=True)
class StageLine:
    """One stage of the run: fetch, load, build, check, publish."""

    name_zh: str
    name_en: str
    seconds: float


@dataclass(frozen=True)
class ChangeLine:
    """One figure that differs from the release before. label_zh, where_zh: column and row in words."""

    mart: str
    column: str
    key: str
    label_zh: str
    where_zh: str
    kind: Literal["added", "removed", "changed"]
    before: str | None
    after: str | None
    why: str  # see changes.REASONS
    is_critical: bool
    evidence: str = ""


@dataclass(frozen=True)
class ChangeReport:
    """What differs from the release before: how many figures, for what reasons, and the first of them, the critical first.

    note: why nothing was compared. left_out: tables that were not compared.
    """

    previous_id: str | None
    total: int = 0
    critical: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)  # reason: figures
    lines: tuple[ChangeLine, ...] = ()
    note: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class NightReport:
    """All that is said of one night. Times carry their zone; what was not reached stays empty."""

    outcome: Outcome
    started_at: datetime
    finished_at: datetime
    plan_version: str  # "draft_2024-10-11": a draft is announced as one
    code_version: str
    release_id: str | None = None  # what was published tonight
    current_id: str | None = None  # what readers see now
    message: str = ""  # the reason, for a night that published nothing; one sentence
    trace: str = ""  # of a crash
    stages: tuple[StageLine, ...] = ()
    progress: tuple[TargetProgress, ...] = ()
    ratio_note: str = ""  # what the progress ratio means
    checks: tuple[CheckLine, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    quarantine: tuple[QuarantineLine, ...] = ()
    marts: tuple[MartLine, ...] = ()
    warnings: tuple[str, ...] = ()  # what a reader of the release should know; as its manifest lists them
    changes: ChangeReport | None = None  # None where no candidate was compared

    def __post_init__(self) -> None:
        for moment in (self.started_at, self.finished_at):
            if moment.tzinfo is None:
                raise ValueError(f"{moment} does not say in which zone")

    @property
    def is_draft(self) -> bool:
        return self.plan_version.startswith("draft")

    @property
    def demo_targets(self) -> tuple[TargetProgress, ...]:
        return tuple(row for row in self.progress if row.data_origin == "demo")

    @property
    def demo_marts(self) -> tuple[MartLine, ...]:
        return tuple(mart for mart in self.marts if mart.demo_rows)

    @property
    def demo_sources(self) -> tuple[SourceLine, ...]:
        return tuple(
            source for source in self.sources if source.data_origin == "demo" and source.state != "empty"
        )

    @property
    def failed_checks(self) -> tuple[CheckLine, ...]:
        """The worst first: critical before warning, not evaluated before failed."""
        order = [(severity, status) for severity in SEVERITIES for status in ("error", "failed")]
        failed = [check for check in self.checks if check.status != "passed"]
        return tuple(sorted(failed, key=lambda check: order.index((check.severity, check.status))))

    @property
    def uneasy_sources(self) -> tuple[SourceLine, ...]:
        return tuple(s for s in self.sources if s.state in ("old", "blocked") or s.overdue)


@cache
def _page() -> Template:
    """The compiled page; a night writes it twice, and compiling takes longer than writing."""
    filters: dict[str, Callable[..., Any]] = {
        "beijing": _beijing,
        "percent": percent,
        "share": lambda value: f"{value * 100:.2f}%",
        "known": lambda value: NULL if value is None else value,
        "number": _number,
    }
    return pages.environment(filters=filters).get_template("night.html")


def write_report(path: Path, night: NightReport) -> None:
    """Write the page: one file that asks nothing of any host and runs no script."""
    css, style = pages.inlined("night.css")
    page = _page().render(
        night=night,
        css=css,
        policy=pages.policy(style),
        outcome=OUTCOMES[night.outcome],
        severities=SEVERITIES,
        check_statuses=CHECK_STATUSES,
        source_states=SOURCE_STATES,
        origins=ORIGINS,
        with_unit=with_unit,
        kinds=KINDS,
        reasons={why: zh for why, (zh, _) in REASONS.items()},
        duration=_duration(night.finished_at - night.started_at),
    )
    _replace(path, page)


def write_report_json(path: Path, night: NightReport) -> None:
    """Write the same as JSON: the fields of NightReport, with ISO dates."""
    _replace(path, json.dumps(asdict(night), ensure_ascii=False, indent=1, default=_json_value) + "\n")


def keep_night(reports: Path, night: NightReport) -> None:
    """Write the page, and the same as JSON, as last_night and under the night's own time; KEPT_NIGHTS of these are kept."""
    kept = reports / "nights"
    name = night.started_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for page, data in (
        (reports / "last_night.html", reports / "last_night.report.json"),
        (kept / f"{name}.html", kept / f"{name}.json"),
    ):
        write_report(page, night)
        write_report_json(data, night)
    for older in sorted({path.stem for path in kept.glob("[0-9]*")})[:-KEPT_NIGHTS]:
        for path in kept.glob(f"{older}.*"):
            path.unlink()


def _replace(path: Path, text: str) -> None:
    """Whoever has the last report open keeps it; nobody ever sees half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def _beijing(moment: datetime) -> str:
    return moment.astimezone(NIGHT_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _number(value: int | None) -> str:
    return NULL if value is None else f"{value:,}"


def _duration(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒"


def _json_value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
