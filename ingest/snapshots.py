"""Snapshots: a document parsed once, kept as Parquet under raw/ beside a record of how it went. Immutable: a snapshot is
named by its bytes, its receipt and the code that read them, so new code makes new snapshots and never edits old ones.

    raw/<dataset>/<source>.<sha12>.<code8>.parquet      the rows; of a large document <code8>.000.parquet and on
    raw/<dataset>/<source>.<sha12>.<code8>.json         the record
    quarantine/<dataset>/<source>.<sha12>.<code8>.parquet   rows that could not be placed, with the reason

A snapshot goes when newer code has read the same document: landing is what is kept, and no release reads raw.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import polars as pl

from ingest.catalogue import Source
from ingest.corrections import Correction
from ingest.landing import PARTIAL, CorruptLanding, Landing, Receipt, file_hash, write_json
from ingest.parse import Parsed, Unreadable, parse, whole
from ingest.reference import Reference

CITY_TIME = ZoneInfo("Asia/Shanghai")
#: how every file of a snapshot begins, also its checks
_OF_SNAPSHOT = re.compile(r"(?P<snapshot>(?P<document>[^.]+\.[0-9a-f]{12})\.[0-9a-f]{8})\.")


@dataclass(frozen=True)
class Snapshot:
    """The record of one parsed document. ``fault`` says why it could not be read at all; None where it could."""

    name: str
    source_id: str
    dataset: str
    document: str
    sha256: str
    retrieved_at: str
    data_origin: str
    rows: int = 0  # records, as are the rejected; the input rows that they came from follow
    rejected: int = 0
    rows_in: int = 0
    rows_raw: int = 0
    rows_quarantined: int = 0
    furniture: Mapping[str, int] = field(default_factory=dict)
    fault: str | None = None
    profile: dict[str, Any] | None = None
    corrections: tuple[dict[str, Any], ...] = ()  # what became of each, as corrections.Outcome
    notes: tuple[str, ...] = ()
    parts: int = 1  # files of rows
    files: Mapping[str, str] = field(default_factory=dict)  # sha256 of each Parquet file, by its name

    @property
    def rejected_share(self) -> float:
        records = self.rows + self.rejected
        return self.rejected / records if records else 0.0


class Unread(Exception):
    """A document that is still to be parsed or judged, asked for by who may not write."""


class SnapshotStore:
    """raw/ and quarantine/ of one home. Whoever writes there holds the home, for nights clear what is half written."""

    def __init__(
        self,
        raw: Path,
        quarantine: Path,
        landing: Landing,
        reference: Reference,
        corrections: Sequence[Correction] = (),
    ) -> None:
        self.raw, self.quarantine = raw, quarantine
        self.landing, self.reference = landing, reference
        self.corrections = corrections
        self.read_only = False  # of who does not hold the home
        self._whole: set[str] = set()

    def name(self, source: Source, receipt: Receipt) -> str:
        """The receipt is in it, since the rows carry its day: a content that came back would else keep the day on which
        it was first read here, and two homes with one landing would hold different rows."""
        declared = "".join(entry.model_dump_json() for entry in [source, *self._corrections_of(source)])
        came = f"{receipt.name}\n{receipt.retrieved_at}"
        code = hashlib.sha256((code_version() + self._reference_version() + declared + came).encode())
        return f"{source.id}.{receipt.sha12}.{code.hexdigest()[:8]}"

    def rows_files(self, snapshot: Snapshot) -> tuple[Path, ...]:
        """The Parquet files with a snapshot's rows, in the order of the document."""
        endings = [f".{part:03d}" for part in range(snapshot.parts)] if snapshot.parts > 1 else [""]
        return tuple(self.raw / snapshot.dataset / f"{snapshot.name}{ending}.parquet" for ending in endings)

    def rejected_file(self, snapshot: Snapshot) -> Path:
        return self.quarantine / snapshot.dataset / f"{snapshot.name}.parquet"

    def take(self, source: Source, receipt: Receipt) -> Snapshot:
        """The snapshot of a document: read from raw/ where it was parsed before by this very code, else parsed now.

        Where raw/ was damaged, and where its bytes in landing were, it is read anew; a document that cannot be had from
        either has a fault, of which no record is kept: the next look may bring its bytes again.

        Raises:
            Unread: it would have to be parsed, and the store is read only.
        """
        name = self.name(source, receipt)
        if known := self._known(source, name):
            return known
        if self.read_only:
            raise Unread(name)
        try:
            snapshot = self._parse(name, source, receipt)
        except CorruptLanding as error:
            return replace(self._about(name, source, receipt), fault=f"{receipt.name}: {error}")
        write_json(self.raw / source.dataset / f"{name}.json", asdict(snapshot))
        return snapshot

    def clear_superseded(self, received: Iterable[tuple[Source, Receipt]]) -> set[str]:
        """Remove what other code or another catalogue made of documents that this one has read; returns their names.

        received: every receipt of the sources in use, for a question about an earlier day stands on older ones. Only for who
        holds the home.
        """
        mine = {self.name(source, receipt): source for source, receipt in received}
        read = {
            name.rpartition(".")[0]
            for name, source in mine.items()
            if (self.raw / source.dataset / f"{name}.json").exists()
        }
        files = [*self.raw.glob("*/[!.]*"), *self.quarantine.glob("*/[!.]*")]
        removed = set()
        # records first: rows without a record are nobody's, a record without its rows is a damage
        for path in sorted(files, key=lambda path: path.suffix != ".json"):
            found = _OF_SNAPSHOT.match(path.name)
            if found and found["document"] in read and found["snapshot"] not in mine:
                path.unlink()
                removed.add(found["snapshot"])
        return removed

    def _known(self, source: Source, name: str) -> Snapshot | None:
        """The snapshot of this name as its record tells it; None where record or rows are lost or damaged."""
        record = self.raw / source.dataset / f"{name}.json"
        try:
            content = json.loads(record.read_text(encoding="utf-8"))
            known = Snapshot(**content | {field: tuple(content[field]) for field in ("notes", "corrections")})
            if known.name != name or not (known.fault or self._is_whole(known)):
                return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return known

    def _is_whole(self, snapshot: Snapshot) -> bool:
        """Whether the Parquet files are as they were written; asked once a night, for a register's rows are many."""
        if snapshot.name not in self._whole:
            if self._hashes(self._files(snapshot)) != snapshot.files:
                return False
            self._whole.add(snapshot.name)
        return True

    def _files(self, snapshot: Snapshot) -> list[Path]:
        return [*self.rows_files(snapshot), *([self.rejected_file(snapshot)] if snapshot.rejected else [])]

    @staticmethod
    def _hashes(files: Sequence[Path]) -> dict[str, str]:
        return {f"{path.parent.parent.name}/{path.name}": file_hash(path) for path in files}

    @staticmethod
    def _about(name: str, source: Source, receipt: Receipt) -> Snapshot:
        """What is known of a snapshot before its document is read."""
        return Snapshot(
            name=name,
            source_id=source.id,
            dataset=source.dataset,
            document=receipt.name,
            sha256=receipt.sha256,
            retrieved_at=receipt.retrieved_at,
            data_origin=source.data_origin,
        )

    def _parse(self, name: str, source: Source, receipt: Receipt) -> Snapshot:
        about = self._about(name, source, receipt)
        rows = 0
        snapshot_on = city_day(receipt.retrieved_at)
        folder = self.raw / source.dataset
        written: list[Path] = []
        parts: list[Parsed] = []
        with ExitStack() as drafts:
            try:
                path = self.landing.path(receipt.sha256)
                for part in parse(
                    path, receipt, source, self.reference, snapshot_on, self._corrections_of(source)
                ):
                    written.append(drafts.enter_context(_draft(folder / f"{name}.{len(written):03d}")))
                    part.rows.write_parquet(written[-1], compression="zstd")
                    # what follows needs of the rows only how many there are
                    parts.append(replace(part, rows=pl.DataFrame(schema=part.rows.schema)))
                    rows += part.rows.height
            except Unreadable as error:
                return replace(about, fault=str(error))
            parsed = whole(parts)
            snapshot = replace(
                about,
                rows=rows,
                rejected=parsed.rejected_records,
                rows_in=parsed.rows_in,
                rows_raw=parsed.rows_raw,
                rows_quarantined=parsed.rows_quarantined,
                furniture=dict(parsed.furniture),
                profile=parsed.profile,
                corrections=tuple(outcome.model_dump() for outcome in parsed.corrections),
                notes=parsed.notes,
                parts=len(parts),
            )
            for draft, file in zip(written, self.rows_files(snapshot), strict=True):
                draft.replace(file)
        if parsed.rejected.height:
            rejected = self.rejected_file(snapshot)
            with _draft(rejected) as draft:
                parsed.rejected.write_parquet(draft, compression="zstd")
                draft.replace(rejected)
        return replace(snapshot, files=self._hashes(self._files(snapshot)))

    def _corrections_of(self, source: Source) -> list[Correction]:
        return [correction for correction in self.corrections if correction.source_id == source.id]

    @cache  # noqa: B019  one store lives for one night
    def _reference_version(self) -> str:
        seeds = sorted(self.reference.seeds.rglob("*.csv"))
        return hashlib.sha256(b"".join(path.read_bytes() for path in seeds)).hexdigest()


def city_day(moment: str) -> date:
    """The day on the city's clock at a moment in ISO 8601."""
    return datetime.fromisoformat(moment).astimezone(CITY_TIME).date()


@cache
def code_version() -> str:
    """A hash of everything in this room that decides how bytes become rows."""
    room = Path(__file__).parent
    tables = [*(room / "layouts").glob("*.yml"), *(room / "normalise").glob("*.txt")]
    files = [*room.rglob("*.py"), *tables, room / "vocabularies.yml"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(room).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file to write into until it is whole; gone afterwards, unless it was put in its place or the process was killed.

    Its name is nobody else's: two processes that read one document would else take each other's from under them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}{PARTIAL}")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
