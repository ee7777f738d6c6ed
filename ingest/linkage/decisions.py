"""Decisions of persons about listed names: the file that keeps them. What they mean for a link is SQL (int_link_decisions).

One line per decision in decisions/links.csv of the home, oldest first, numbered. Lines are only ever added: what is taken
back is a line of its own, so that the file says at any time who decided what, when and why.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ingest.landing import write_bytes

FILE = "links.csv"
#: raw.link_decisions, one row per decision in force; uscc null: none of the candidates fits
COLUMNS = {
    "list_id": pl.String,
    "uscc": pl.String,
    "verdict": pl.String,  # accept or reject
    "decided_by": pl.String,
    "decided_at": pl.Datetime,
    "reason": pl.String,
    "listed_as": pl.String,
    "enterprise_as": pl.String,
}
#: how long a command waits for another that is writing; writing takes a tenth of a second
WAIT_SECONDS = 10.0

Verdict = Literal["accept", "reject", "withdraw"]
VERDICTS: tuple[Verdict, ...] = ("accept", "reject", "withdraw")

_HOW = ("decided_at", "source")
_LIST_ID = re.compile(r"[0-9a-f]{16}")
_USCC = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}")


class DecisionError(Exception):
    """The file of decisions is wrong, or busy; the message names it, and line and expectation of every fault."""


@dataclass(frozen=True)
class Decision:
    """What a person said of a listed name.

    uscc: the enterprise it was said of; None for "none of the candidates", and for all that was said of the name where
    verdict is withdraw. listed_as, enterprise_as: name and enterprise as they were then. source: "command", or the export
    whose workbook it came in. decided_at is in UTC and, in the file, later than that of the line before.
    """

    list_id: str
    uscc: str | None
    verdict: Verdict
    decided_by: str
    decided_at: datetime
    reason: str
    listed_as: str | None
    enterprise_as: str | None
    source: str

    def says_the_same(self, other: Decision) -> bool:
        """Whether only the moment and the way it came in differ, and white space, which a workbook may change."""
        mine, others = (
            [(getattr(one, field.name) or "").split() for field in fields(one) if field.name not in _HOW]
            for one in (self, other)
        )
        return mine == others


@dataclass(frozen=True)
class Standing:
    """What stands of a name: the enterprise that was accepted, or that none fits, and the enterprises ruled out."""

    accepted: Decision | None
    none_fits: Decision | None
    rejected: Mapping[str, Decision]

    @property
    def decisions(self) -> tuple[Decision, ...]:
        single = tuple(decision for decision in (self.accepted, self.none_fits) if decision)
        return (*single, *self.rejected.values())


NOTHING = Standing(None, None, {})
HEADER = ("nth", *(field.name for field in fields(Decision)))


def load(folder: Path) -> tuple[Decision, ...]:
    """All decisions ever made, oldest first; none where there is no file yet.

    Raises:
        DecisionError: naming the line of every fault, and what was expected.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        # the end of every line is written with it: without one, the rest of the file is lost
        if not text.endswith("\n"):
            raise DecisionError(f"{path}: the last line is cut off; expected a line end. {_REPAIR}")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(reader)
        lines = [(reader.line_num, cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DecisionError(
            f"{path}: expected a CSV file in UTF-8; reading it failed ({error}). {_REPAIR}"
        ) from error
    if tuple(header) != HEADER:
        raise DecisionError(
            f"{path}: line 1: expected the header {','.join(HEADER)}, found {','.join(header)}"
        )
    decisions: list[Decision] = []
    faults: list[str] = []
    for nth, (line, cells) in enumerate(lines, start=1):
        before = decisions[-1].decided_at if decisions else None
        found = _fault(nth, cells, before)
        if found:
            faults.append(f"line {line}: {found}")
            continue
        values: dict[str, Any] = dict(zip(HEADER[1:], (cell or None for cell in cells[1:]), strict=True))
        decisions.append(Decision(**values | {"decided_at": datetime.fromisoformat(cells[_AT])}))
    if faults:
        told = "\n".join(f"  {fault}" for fault in faults[:20])
        more = f"\n  and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise DecisionError(f"{path} has {len(faults)} fault(s):\n{told}{more}\n{_REPAIR}")
    return tuple(decisions)


_REPAIR = (
    "Bring back the file from a backup, or mend the line; the file is written by `blue-ledger review` only."
)
_AT = HEADER.index("decided_at")


def _fault(nth: int, cells: Sequence[str], before: datetime | None) -> str | None:
    """What is wrong with a line, with what was expected; None where nothing is."""
    if len(cells) != len(HEADER):
        return f"expected {len(HEADER)} fields, found {len(cells)}"
    line = dict(zip(HEADER, cells, strict=True))
    if line["nth"] != str(nth):
        return f"nth: expected {nth}, found {line['nth']!r}: a line was taken out, put in or moved"
    if not _LIST_ID.fullmatch(line["list_id"]):
        return f"list_id: expected 16 characters of 0-9 and a-f, found {line['list_id']!r}"
    if line["verdict"] not in VERDICTS:
        return f"verdict: expected {', '.join(VERDICTS)}, found {line['verdict']!r}"
    if line["uscc"] and not _USCC.fullmatch(line["uscc"]):
        return f"uscc: expected a credit code of 18 characters or 15 digits, found {line['uscc']!r}"
    if line["verdict"] == "accept" and not line["uscc"]:
        return "uscc: expected the enterprise that was accepted, found nothing"
    for name in ("decided_by", "reason", "source"):
        if not line[name].strip():
            return f"{name}: expected a text, found nothing"
    try:
        at = datetime.fromisoformat(line["decided_at"])
    except ValueError:
        at = None
    if at is None or at.utcoffset() != timedelta(0):
        return (
            f"decided_at: expected a moment such as 2026-11-23T02:15:03+00:00, found {line['decided_at']!r}"
        )
    if before and at <= before:
        expected = f"a moment after that of the line before ({before.isoformat()})"
        return f"decided_at: expected {expected}, found {line['decided_at']!r}"
    return None


def append(folder: Path, drafts: Iterable[Decision], now: datetime) -> list[Decision]:
    """Add what is not in the file yet, and return that, as written; `decided_at` of a draft is replaced.

    A draft that says what stands already adds nothing, nor does one that came in before with the same export, whatever
    became of it since: handing in a workbook twice is no second decision. Raises DecisionError when another process
    holds the file for more than WAIT_SECONDS, and where the file itself is wrong.
    """
    with _writing(folder):
        decisions = list(load(folder))
        known = len(decisions)
        for draft in drafts:
            if not is_repeat(draft, decisions):
                decisions.append(replace(draft, decided_at=_next_moment(decisions, now)))
        if len(decisions) > known:
            write_bytes(folder / FILE, _written(decisions))
    return decisions[known:]


def is_repeat(draft: Decision, decisions: Sequence[Decision]) -> bool:
    """Whether a draft adds nothing to these decisions."""
    about = [decision for decision in decisions if decision.list_id == draft.list_id]
    if draft.source != "command" and any(
        decision.source == draft.source and decision.says_the_same(draft) for decision in about
    ):
        return True
    if draft.verdict == "withdraw":
        return not any(draft.uscc in (None, decision.uscc) for decision in in_force(about))
    return any(
        decision.says_the_same(draft) for decision in standing(about).get(draft.list_id, NOTHING).decisions
    )


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions that were not taken back, oldest first; a later one may still outrank an earlier."""
    kept: list[Decision] = []
    for decision in decisions:
        if decision.verdict == "withdraw":
            kept = [
                one
                for one in kept
                if one.list_id != decision.list_id or decision.uscc not in (None, one.uscc)
            ]
        else:
            kept.append(decision)
    return kept


def standing(decisions: Iterable[Decision]) -> dict[str, Standing]:
    """What stands of each name, read as the model int_link_decisions reads it: the later word counts."""
    by_name: dict[str, dict[str | None, Decision]] = {}
    last_accepted: dict[str, Decision] = {}
    for decision in in_force(decisions):
        by_name.setdefault(decision.list_id, {})[decision.uscc] = decision
        if decision.verdict == "accept":
            last_accepted[decision.list_id] = decision
    stands: dict[str, Standing] = {}
    for list_id, said in by_name.items():
        accepted, none_fits = last_accepted.get(list_id), said.get(None)
        if accepted and none_fits:
            if accepted.decided_at > none_fits.decided_at:
                none_fits = None
            else:
                accepted = None
        if accepted and said[accepted.uscc] is not accepted:
            accepted = None  # ruled out since
        rejected = {code: one for code, one in said.items() if code and one.verdict == "reject"}
        stands[list_id] = Standing(accepted, none_fits, rejected)
    return stands


def frame(decisions: Iterable[Decision]) -> pl.DataFrame:
    """Decisions that are in force, as the models read them from raw.link_decisions: moments in UTC, without a zone."""
    rows = [
        tuple(
            value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
            for value in (getattr(decision, name) for name in COLUMNS)
        )
        for decision in in_force(decisions)
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _next_moment(decisions: Sequence[Decision], now: datetime) -> datetime:
    """Now, or just after the last decision: the order of the lines is the order in time, whatever the clock does."""
    if decisions and decisions[-1].decided_at >= now:
        return decisions[-1].decided_at + timedelta(microseconds=1)
    return now


def _written(decisions: Sequence[Decision]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for nth, decision in enumerate(decisions, start=1):
        cells = (value.isoformat() if isinstance(value, datetime) else value for value in astuple(decision))
        writer.writerow((nth, *("" if cell is None else cell for cell in cells)))
    return text.getvalue().encode()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "links.lock", timeout=WAIT_SECONDS, fallback_to_soft=False)
    try:
        with lock:
            yield
    except Timeout:
        raise DecisionError(
            f"{folder / FILE}: another command has been writing for {WAIT_SECONDS:.0f} seconds; try again"
        ) from None
