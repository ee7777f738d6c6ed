"""Alerts: what a night or the watchman has to tell, told once and again only for a reason, and kept until it is delivered.

What an alert says leaves the house, to the servers of a messenger: names, counts and places, never a cell's content.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from orchestration.alert_settings import (
    KINDS,
    RUNBOOKS,
    AlertsError,
    AlertSettings,
    Event,
    file_of,
    load,
    missing,
    redacted,
)
from warehouse import freshness
from warehouse.home import Home
from warehouse.release import NIGHT_ZONE

if TYPE_CHECKING:
    from orchestration.alert_channels import Message
    from warehouse.report import ChangeLine, NightReport

State = Literal["raised", "changed", "repeated", "recovered"]
STATES_ZH = {"raised": "", "changed": "（有变化）", "repeated": "（仍未解决）", "recovered": ""}

# The night does not end at the same minute each day; one that ends a little earlier must not wait another day.
EARLY = 0.9
KEPT_UNDELIVERED = timedelta(days=7)
MOST_UNDELIVERED = 100  # for a channel
LINES_SHOWN = 8
LINE_CHARACTERS = 160
LOCK_SECONDS = 60
#: columns of keys that name places, times and things of the plan; others may name a firm
PUBLIC_KEYS = {
    "area_id", "year", "period", "as_of", "indicator", "indicator_code", "target_id", "tier", "category", "scope",
    "plan_version",
}  # fmt: skip
_KEY_COLUMNS = re.compile(r"(?:^|, )(\w+)=")
# What differs each day although nothing happened.
_DAYS = re.compile(r"\d+(?= day)")


@dataclass(frozen=True)
class Alert:
    """Something to tell. subject: what it is about, such as a source; cause: what makes it another alert when it differs."""

    event: Event
    subject: str
    text: str  # Chinese, one line
    cause: str = ""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(_DAYS.sub("n", self.cause or self.text).encode()).hexdigest()[:16]


@dataclass
class Open:
    """An alert that lasts: since when, when it was told last (UTC, ISO), by which run."""

    event: str
    subject: str
    text: str
    fingerprint: str
    since: str
    told_at: str
    run_id: str | None = None


@dataclass
class Undelivered:
    """An alert on its way to a channel."""

    channel: str
    event: str
    subject: str
    state: State
    text: str
    at: str
    since: str
    attempts: int = 0
    last_error: str = ""


@dataclass
class Book:
    """reports/alerts.json: what lasts, and what is still to be delivered."""

    open: list[Open] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)
    damage: str = ""  # why the file could not be read; its place is taken by a new one


# ── what there is to tell ──────────────────────────────────────────────────────────────────────────────────────────


def of_night(night: NightReport) -> tuple[list[Alert], set[Event]]:
    """What a night has to tell, and the events of which it can say that they are over where it does not tell them."""
    changed = _changes(night)
    overdue = [
        Alert("overdue", source.source_id, f"{source.name_zh}（{source.source_id}）", source.source_id)
        for source in night.sources
        if source.overdue
    ]
    looked_at: set[Event] = {"overdue"} if night.sources else set()
    match night.outcome:
        case "published":
            warned = [Alert("warnings", "night", _warnings_text(night), "\n".join(sorted(night.warnings)))]
            over: set[Event] = {"blocked", "crashed", "stale", "warnings", "critical_change"}
            over |= looked_at
            return (warned if night.warnings else []) + changed + overdue, over
        case "unchanged":
            return [], {"blocked", "crashed"}
        case "blocked":
            return [
                Alert("blocked", "night", _blocked_text(night), night.message),
                *changed,
                *overdue,
            ], looked_at
        case _:
            text = _short(night.message.split("\n")[0]) or "运行在各阶段之外结束，原因见报告"
            # half a night knows nothing of sources
            return [Alert("crashed", "night", text, night.message)], set()


def of_release(found: freshness.Freshness, limit: timedelta) -> list[Alert]:
    """What the watchman has to tell of the current release: nothing while it is whole and young enough."""
    reason = found.staleness(limit)
    if reason is None:
        return []
    if found.fault:
        return [Alert("stale", "release", f"没有可用的版本：{_short(reason)}", reason)]
    # only what has a fault has none of these
    assert found.release_id is not None and found.published_at is not None and found.age is not None
    if found.age < timedelta():
        text = f"当前版本 {found.release_id} 的发布时间在未来，服务器时钟现在或当时有误"
        return [Alert("stale", "release", text, found.release_id)]
    when = found.published_at.astimezone(NIGHT_ZONE)
    text = (
        f"当前版本 {found.release_id} 发布于 {when:%Y-%m-%d %H:%M}，已过 {freshness.in_words_zh(found.age)}，"
        f"上限 {freshness.in_words_zh(limit)}"
    )
    return [Alert("stale", "release", text, found.release_id)]


def _changes(night: NightReport) -> list[Alert]:
    changes = night.changes
    if not changes or not changes.critical:
        return []
    lines = [line for line in changes.lines if line.is_critical]
    places = [f"{line.label_zh}（{_place(line)}）" for line in lines[:2]]
    text = f"与 {changes.previous_id} 相比，往期数字变动 {changes.critical} 个：{'、'.join(places)}"
    cause = "\n".join(f"{line.mart} {line.column} {line.key} {line.before} {line.after}" for line in lines)
    return [Alert("critical_change", "release", text + _more(changes.critical, len(places)), cause)]


def _place(line: ChangeLine) -> str:
    """The row in words; only the table where its key may name a firm."""
    return line.where_zh if set(_KEY_COLUMNS.findall(line.key)) <= PUBLIC_KEYS else line.mart


def _blocked_text(night: NightReport) -> str:
    sources = [source.name_zh for source in night.sources if source.state == "blocked"]
    failed = [check for check in night.checks if check.severity == "critical" and check.status == "failed"]
    crashed = [check for check in night.checks if check.status == "error"]
    said = [
        f"{label} {len(found)} 项：{_some(found)}"
        for label, found in (
            ("来源不可用", sources),
            ("关键检查未通过", [check.subject for check in failed]),
            ("检查无法执行", [check.subject for check in crashed]),
        )
        if found
    ]
    return "；".join(said) or _short(night.message.split(" — ")[0])


def _warnings_text(night: NightReport) -> str:
    old = [source.name_zh for source in night.sources if source.state == "old"]
    failed = [c.subject for c in night.checks if c.severity == "warning" and c.status == "failed"]
    said = [f"共 {len(night.warnings)} 条警告"]
    said += [f"沿用旧快照的来源 {len(old)} 个：{_some(old)}"] if old else []
    said += [f"未通过的检查 {len(failed)} 项：{_some(failed)}"] if failed else []
    return "；".join(said)


def _some(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    return "、".join(different[:3]) + _more(len(different), 3)


def _more(total: int, shown: int) -> str:
    return " 等" if total > shown else ""


def _short(text: str, variables: Sequence[str] = ()) -> str:
    line = redacted(text, variables)
    return line if len(line) <= LINE_CHARACTERS else line[: LINE_CHARACTERS - 1] + "…"


# ── telling it ─────────────────────────────────────────────────────────────────────────────────────────────────────


def night_ended(home: Home, night: NightReport, run_id: str | None) -> list[str]:
    """Tell of a night however it ended, and ask the heartbeat's address after a good one.

    Returns what the night's output should say of it: what could not be delivered, and why. Raises nothing, for figures
    that are published matter more than that they are announced.
    """
    variables: tuple[str, ...] = ()
    try:
        settings = load(home)
        if settings is None:
            return []
        variables = settings.variables
        raised, over = of_night(night)
        problems = _tell(home, settings, raised, over, run_id)
        if settings.heartbeat_env and night.outcome in ("published", "unchanged"):
            problems += _beat(settings)
        return problems
    except AlertsError as error:
        return [f"alerts: nobody was told: {' '.join(str(error).split())}"]
    except Exception as error:
        return [f"alerts: nobody was told: {_short(f'{type(error).__name__}: {error}', variables)}"]


def tell(home: Home, raised: Sequence[Alert], over: Iterable[Event], run_id: str | None = None) -> list[str]:
    """Tell what is new, changed or lasting too long, and that what is over is over; then deliver whatever waits.

    over: the events that the teller can judge, so that an alert of them which is not raised any more has ended.
    Returns one line for each channel that was not reached.

    Raises:
        AlertsError: alerts are not declared, or wrongly.
    """
    return _tell(home, require(home), raised, set(over), run_id)


def require(home: Home) -> AlertSettings:
    """What is declared. Raises AlertsError where it is wrong, or nothing is."""
    settings = load(home)
    if settings is None:
        raise AlertsError(
            f"there is no {file_of(home)}: no channel is declared; docs/operations.md shows one"
        )
    return settings


def _tell(
    home: Home, settings: AlertSettings, raised: Sequence[Alert], over: set[Event], run_id: str | None
) -> list[str]:
    now = datetime.now(UTC)
    problems = []
    with _locked(home) as unlocked:
        book = read(home)
        problems += [f"alerts: {text}" for text in (unlocked, book.damage) if text]
        told = _enter(book, settings, raised, over, run_id, now)
        _address(book, settings, told, now)
        # written before anything is sent: who dies while sending sends again, and forgets nothing
        problems += _keep(home, book)
        problems += _deliver(home, book, settings, now)
        problems += _keep(home, book)
    return list(dict.fromkeys(problems))


def _enter(
    book: Book,
    settings: AlertSettings,
    raised: Sequence[Alert],
    over: set[Event],
    run_id: str | None,
    now: datetime,
) -> list[tuple[State, Open]]:
    """Bring the book up to date; what of it is to be told."""
    moment = now.isoformat(timespec="seconds")
    known = {(entry.event, entry.subject): entry for entry in book.open}
    told: list[tuple[State, Open]] = []
    for alert in raised:
        before = known.get((alert.event, alert.subject))
        entry = Open(alert.event, alert.subject, alert.text, alert.fingerprint, moment, moment, run_id)
        state: State | None
        if before is None:
            state = "raised"
        else:
            entry.since = before.since
            # the same night seen twice, from within and from without, is one night
            is_new = before.fingerprint != alert.fingerprint and (run_id is None or run_id != before.run_id)
            elapsed = (now - datetime.fromisoformat(before.told_at)).total_seconds() / 3600
            due = KINDS[alert.event].lasts and elapsed >= EARLY * settings.repeat_after(alert.event)
            state = "changed" if is_new else "repeated" if due else None
        if state is not None:
            told.append((state, entry))
        elif before is not None:
            entry.told_at = before.told_at
        known[alert.event, alert.subject] = entry
    still = {(alert.event, alert.subject) for alert in raised}
    for key, entry in list(known.items()):
        if entry.event in over and key not in still:
            del known[key]
            if KINDS[entry.event].lasts:
                told.append(("recovered", entry))
    book.open = list(known.values())
    return told


def _address(book: Book, settings: AlertSettings, told: Sequence[tuple[State, Open]], now: datetime) -> None:
    """Put what is to be told on its way to every channel that takes it."""
    for channel in settings.channels:
        for state, entry in told:
            if entry.event not in channel.events:
                continue
            if state != "recovered":  # a newer word on the same takes the place of one that was never heard
                book.undelivered = [
                    waiting
                    for waiting in book.undelivered
                    if waiting.state == "recovered"
                    or (waiting.channel, waiting.event, waiting.subject)
                    != (channel.name, entry.event, entry.subject)
                ]
            book.undelivered.append(
                Undelivered(
                    channel=channel.name,
                    event=entry.event,
                    subject=entry.subject,
                    state=state,
                    text=entry.text,
                    at=now.isoformat(timespec="seconds"),
                    since=entry.since,
                )
            )


def _deliver(home: Home, book: Book, settings: AlertSettings, now: datetime) -> list[str]:
    """Send what waits, a message for each channel; what was not taken stays. Returns why, in a line for each channel."""
    problems = _give_up(book, settings, now)
    waiting: dict[str, list[Undelivered]] = {}
    for entry in book.undelivered:
        waiting.setdefault(entry.channel, []).append(entry)
    if not waiting:
        return problems
    from orchestration import alert_channels

    messages = [(settings.channel(name), message_of(entries, home, now)) for name, entries in waiting.items()]
    for (channel, _), reason in zip(messages, alert_channels.deliver_all(messages), strict=True):
        entries = waiting[channel.name]
        if reason is None:
            book.undelivered = [entry for entry in book.undelivered if entry.channel != channel.name]
            continue
        for entry in entries:
            entry.attempts += 1
            entry.last_error = reason
        problems.append(
            f"alerts: {len(entries)} not delivered to {channel.name}, tried again next time: {reason}"
        )
    return problems


def _give_up(book: Book, settings: AlertSettings, now: datetime) -> list[str]:
    """Take out what nobody can or should hear any more; one line for each channel that lost anything."""
    lost: dict[str, int] = {}
    kept: list[Undelivered] = []
    channels = {channel.name for channel in settings.channels}
    for entry in reversed(book.undelivered):  # the newest first
        is_old = now - datetime.fromisoformat(entry.at) > KEPT_UNDELIVERED
        held = sum(other.channel == entry.channel for other in kept)
        if entry.channel not in channels or is_old or held >= MOST_UNDELIVERED:
            lost[entry.channel] = lost.get(entry.channel, 0) + 1
        else:
            kept.insert(0, entry)
    book.undelivered = kept
    return [f"alerts: {number} for {name} given up" for name, number in lost.items()]


def flush(home: Home) -> list[str]:
    """Try once more to deliver what waits. Raises AlertsError as `tell` does."""
    return tell(home, (), ())


def _beat(settings: AlertSettings) -> list[str]:
    from orchestration import alert_channels

    try:
        alert_channels.beat(settings)
    except alert_channels.NotDelivered as error:
        return [f"alerts: the heartbeat was not heard: {error}"]
    return []


# ── as it is said ──────────────────────────────────────────────────────────────────────────────────────────────────


def message_of(entries: Sequence[Undelivered], home: Home, now: datetime) -> Message:
    """One message for all that a channel is to hear: what, where to look, what to do."""
    from orchestration.alert_channels import Message

    order = list(KINDS)
    groups: dict[tuple[bool, int, State], list[Undelivered]] = {}
    for entry in entries:
        groups.setdefault((entry.state == "recovered", order.index(entry.event), entry.state), []).append(
            entry
        )
    lines, heads = [], []
    for key in sorted(groups):
        found = groups[key]
        event, state = found[0].event, found[0].state
        kind = KINDS["recovered"] if state == "recovered" else KINDS[event]
        head = (
            f"已恢复：{KINDS[event].title_zh}" if state == "recovered" else kind.title_zh + STATES_ZH[state]
        )
        heads.append(head)
        lines.append(f"■ {head}" + (f" {len(found)} 项" if len(found) > 1 else ""))
        for entry in found[:LINES_SHOWN]:
            since = f"（自 {_beijing(entry.since)}）" if state in ("repeated", "recovered") else ""
            late = f"（{_beijing(entry.at)} 的提醒，补发）" if entry.attempts else ""
            lines.append(f"· {entry.text}{since}{late}")
        if len(found) > LINES_SHOWN:
            lines.append(f"· 另有 {len(found) - LINES_SHOWN} 项，见报告")
        anchor = "recovered" if state == "recovered" else event
        lines.append(f"处置：{RUNBOOKS}#{anchor}")
    lines.append(f"报告：{home.reports / 'last_night.html'}")
    lines.append(f"时间：{_beijing(now.isoformat())}（北京时间）")
    first = entries[0] if len(groups) == 1 else None
    severities = [KINDS["recovered" if e.state == "recovered" else e.event].severity for e in entries]
    worst = min(severities, key=("failure", "warning", "info", "success").index)
    title = f"【蓝账】{heads[0]}" + ("" if first else f" 等 {len(heads)} 类提醒")
    return Message(title, "\n".join(lines), worst, tuple(_item(entry, home) for entry in entries))


def trial(home: Home) -> Message:
    """What a channel is tried with."""
    from orchestration.alert_channels import Message

    now = datetime.now(UTC).isoformat()
    body = f"这是一条测试消息，收到即说明通道可用，无需处置。\n处置：{RUNBOOKS}#test\n时间：{_beijing(now)}（北京时间）"
    return Message(
        f"【蓝账】{KINDS['test'].title_zh}", body, "info", ({"event": "test", "home": str(home.root)},)
    )


def _item(entry: Undelivered, home: Home) -> dict[str, Any]:
    return {
        "event": entry.event,
        "subject": entry.subject,
        "state": entry.state,
        "title": KINDS[entry.event].title_zh,
        "text": entry.text,
        "at": entry.at,
        "since": entry.since,
        "report": str(home.reports / "last_night.html"),
        "runbook": f"{RUNBOOKS}#{'recovered' if entry.state == 'recovered' else entry.event}",
    }


def _beijing(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(NIGHT_ZONE):%Y-%m-%d %H:%M}"


# ── the book ───────────────────────────────────────────────────────────────────────────────────────────────────────


def file_of_book(home: Home) -> Path:
    return home.reports / "alerts.json"


def read(home: Home) -> Book:
    """The book; an empty one where there is none or it is damaged, which `damage` tells: better told twice than never."""
    path = file_of_book(home)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        book = Book(
            TypeAdapter(list[Open]).validate_python(content["open"]),
            TypeAdapter(list[Undelivered]).validate_python(content["undelivered"]),
        )
        entries: list[Open | Undelivered] = [*book.open, *book.undelivered]
        for entry in entries:
            KINDS[entry.event], datetime.fromisoformat(entry.since)
        for moment in [entry.told_at for entry in book.open] + [entry.at for entry in book.undelivered]:
            if datetime.fromisoformat(moment).tzinfo is None:
                raise ValueError(f"{moment} does not say in which zone")
    except FileNotFoundError:
        return Book()
    except (OSError, ValueError, TypeError, KeyError) as error:
        return Book(
            damage=f"{path.name} could not be read ({type(error).__name__}) and is begun anew; alerts may come twice"
        )
    return book


def _keep(home: Home, book: Book) -> list[str]:
    """Write the book, whole or not at all. Where that fails, such as on a full disk, alerts are sent all the same."""
    from ingest.landing import write_json

    try:
        _folder(home)
        write_json(
            file_of_book(home),
            {"open": [asdict(e) for e in book.open], "undelivered": [asdict(e) for e in book.undelivered]},
        )
    except OSError as error:
        return [
            f"alerts: {file_of_book(home).name} could not be written ({error.strerror}); alerts may come twice"
        ]
    return []


def _folder(home: Home) -> None:
    """The book's folder. A home that is not there is not made: its disk may only not be mounted."""
    home.reports.mkdir(exist_ok=True)


@contextlib.contextmanager
def _locked(home: Home) -> Iterator[str]:
    """One teller at a time, a night or the watchman. Yields why there is no lock where none can be had, and goes on."""
    lock = FileLock(home.reports / "alerts.lock", timeout=LOCK_SECONDS, fallback_to_soft=False)
    reason = ""
    try:
        _folder(home)
        lock.acquire()
    except Timeout:
        reason = f"another process tells alerts for more than {LOCK_SECONDS} seconds"
    except OSError as error:
        reason = f"{home.reports} cannot be written ({error.strerror})"
    try:
        yield reason
    finally:
        if lock.is_locked:
            lock.release()


# ── what the doctor and the list say ───────────────────────────────────────────────────────────────────────────────


def findings(home: Home) -> list[tuple[Literal["ok", "warn", "bad"], str]]:
    """How alerts stand, for the doctor: declared or not, variables that are not set here, what is not delivered."""
    try:
        settings = load(home)
    except AlertsError as error:
        return [("bad", str(error))]
    if settings is None:
        return [("warn", f"no {file_of(home).name}: nobody is told when a night fails")]
    found: list[tuple[Literal["ok", "warn", "bad"], str]] = []
    if lacking := missing(settings):
        found.append(("warn", f"not set in this environment: {', '.join(lacking)}"))
    book = read(home)
    if book.damage:
        found.append(("warn", book.damage))
    if book.undelivered:
        names = ", ".join(sorted({entry.channel for entry in book.undelivered}))
        found.append(("warn", f"{len(book.undelivered)} not delivered to {names}; `blue-ledger alerts list`"))
    return found or [("ok", f"{len(settings.channels)} channels, {len(book.open)} alerts open")]
