"""Which snapshot of a source the night stands on: the newest accepted one, or a reason why there is none.

A publisher's bad night is not ours: a refused snapshot leaves the last accepted one standing, with a warning and its
age; without one, or past the tolerance that the catalogue states, the night is blocked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ingest.catalogue import Source
from ingest.landing import Look
from ingest.snapshots import Snapshot


@dataclass(frozen=True)
class Verdict:
    """A snapshot judged: accepted, or refused with every reason."""

    snapshot: Snapshot
    refusals: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.refusals


@dataclass(frozen=True)
class Standing:
    """What the night uses of one source.

    state: fresh (the newest is accepted), old (stands on an earlier one, or on what its publisher no longer shows), empty (an
    optional source holds nothing), blocked. age_days: since the source last gave a document that stands.
    """

    source: Source
    state: Literal["fresh", "old", "empty", "blocked"]
    snapshots: tuple[Snapshot, ...]
    age_days: int | None
    message: str | None


def judge(snapshot: Snapshot, source: Source, critical_failures: list[str]) -> Verdict:
    """Accept or refuse a snapshot as a whole: by its layout, its rejected share and its suite's critical checks."""
    if snapshot.fault:
        return Verdict(snapshot, (snapshot.fault,))
    refusals = [f"{snapshot.document}: {failure}" for failure in critical_failures]
    if snapshot.rejected_share > source.max_rejected_share:
        refusals.append(
            f"{snapshot.document}: {snapshot.rejected} of {snapshot.rows + snapshot.rejected} rows could not be placed"
            f" ({snapshot.rejected_share:.2%}, allowed {source.max_rejected_share:.2%});"
            f" see quarantine/{snapshot.dataset}/{snapshot.name}.parquet"
        )
    return Verdict(snapshot, tuple(refusals))


def stand(
    source: Source, verdicts: list[Verdict], look: Look | None, now: datetime, beside: Sequence[str] = ()
) -> Standing:
    """Where a source stands, from the verdicts on its documents, oldest first, and the last look at it.

    beside: names of documents that came in one look with the one that stands, and that it replaces.
    """
    accepted = [verdict.snapshot for verdict in verdicts if verdict.accepted]
    failed = f"{source.id} could not be fetched: {look.error}" if look and not look.ok else None
    if not verdicts and source.optional and not failed:
        return Standing(source, "empty", (), None, None)
    refused = [verdict for verdict in verdicts if not verdict.accepted]
    if source.accumulates and look:
        # each stands for itself: one that was mended or taken away since asks nothing of anybody any more
        refused = [v for v in refused if (v.snapshot.sha256, v.snapshot.document) in look.found]
    newest_refused = bool(refused) and refused[-1] is verdicts[-1]
    # where none of them replaced another, each is told
    told = refused if source.accumulates else refused[-1:] if newest_refused else []
    why = "; ".join(reason for verdict in told for reason in verdict.refusals) or failed
    if not accepted:
        if source.optional:
            return Standing(source, "empty", (), None, why)
        return Standing(
            source, "blocked", (), None, f"{why or source.id + ' holds nothing'}; no accepted snapshot stands"
        )
    used = tuple(accepted) if source.accumulates else (accepted[-1],)
    emptied = _is_emptied(source, look)
    if emptied and not (newest_refused or failed):
        why = f"nothing lies at {source.location} any more"
    if beside:
        aside = f"{used[-1].document} stands, for each file replaces the one before; set aside: {', '.join(beside)}"
        why = f"{why}; {aside}" if why else aside
    if not (newest_refused or failed or emptied):
        return Standing(source, "fresh", used, 0, why)
    # A refused document was good to fetch: what stands was last known to be the publisher's word when it was retrieved.
    last_good = accepted[-1].retrieved_at
    if look and not newest_refused:
        last_good = look.found_at or (None if emptied else look.good_at) or last_good
    age = (now - datetime.fromisoformat(last_good)).days
    if age > source.tolerance_days and not source.accumulates:  # a later file takes nothing from earlier ones
        message = f"{why}; the last accepted snapshot is {age} days old, {source.tolerance_days} are allowed"
        return Standing(source, "blocked", used, age, message)
    return Standing(source, "old", used, age, f"{why}; the night stands on the snapshot of {age} day(s) ago")


def _is_emptied(source: Source, look: Look | None) -> bool:
    """Whether a publisher has taken away what stood. What was handed in may leave the inbox once it was taken."""
    may_leave = source.accumulates or source.connector == "inbox"
    return source.optional and not may_leave and look is not None and not look.found
