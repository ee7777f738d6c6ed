"""Landing: bytes as received, append-only, named by their sha256, with where and when. Nothing here reads a cell.

landing/objects/<sha256>                    the bytes, written once, never changed
landing/<source_id>/<time>-<sha12>.json     a receipt: when a source's content became this document
landing/<source_id>/last_retrieval.json     the last look, also when nothing had changed or the look failed
landing/corrupt/                            what was damaged since and could be had again, under its name and the time

A damaged file stops nobody: it is named, and mended by the next look that brings the same bytes. Nothing is deleted.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

LAST = "last_retrieval.json"
PARTIAL = ".partial"


@dataclass(frozen=True)
class Document:
    """What a connector brought: one file as received, its bytes or where they lie on this machine."""

    name: str
    content: bytes | Path
    location: str
    #: by what its server knows this version of it, to be asked whether it still stands
    validators: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what the connector had to decide, for the warnings of the night


@dataclass(frozen=True)
class Receipt:
    """One document of one source as it came in. ``retrieved_at`` is UTC, ISO 8601."""

    source_id: str
    sha256: str
    name: str
    location: str
    size: int
    retrieved_at: str
    #: the name under which the same bytes came before and do not stand any more, where names tell them apart: a file renamed
    replaces: str | None = None

    @property
    def sha12(self) -> str:
        return self.sha256[:12]


@dataclass(frozen=True)
class Look:
    """The last look at a source: when, whether it went well, and the documents that stood there."""

    at: str
    ok: bool
    error: str | None
    sha256s: tuple[str, ...]
    good_at: str | None  # the last look that went well
    validators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of documents, by their sha256
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # of the documents in sha256s, as their receipts say
    found_at: str | None = None  # the last look that went well and found anything

    @property
    def found(self) -> list[tuple[str, str]]:
        """The documents that stood there by bytes and name, in the order in which the connector gave them."""
        return list(zip(self.sha256s, self.names, strict=True))


def document_key(sha256: str, name: str, *, by_name: bool) -> tuple[str, str]:
    """What makes a document of a source the same one: its bytes and, where the name tells what they mean, its name."""
    return sha256, name if by_name else ""


class Landing:
    """The snapshot store of one home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = root / "objects"
        self.corrupt = root / "corrupt"
        self.mended: list[str] = []  # what was found damaged and is whole again, in words

    def receive(
        self, source_id: str, documents: list[Document], now: datetime, *, by_name: bool = False
    ) -> list[Receipt]:
        """Keep the documents that a look at a source brought; an unchanged one is not stored twice.

        Returns the receipts of all of them, in the order given. Two documents of the same bytes have one receipt; by_name:
        where the name tells what the bytes mean, only if they have the same name too, so that a renamed one is a new one.

        Raises:
            UnreadableDocument: one could not be read to its end, or changed meanwhile; none of them has a receipt then.
        """
        before = self.last_look(source_id)
        receipted, damaged = self._read_receipts(source_id)

        key = functools.partial(document_key, by_name=by_name)
        stood = {key(*document) for document in before.found} if before else set()
        # one dated after now comes of a wrong clock: what still stands there gets another, of tonight
        standing = {
            key(r.sha256, r.name): r
            for r in receipted
            if key(r.sha256, r.name) in stood and r.retrieved_at <= _iso(now)
        }
        receipts: list[Receipt] = []
        kept = [self._keep(document) for document in documents]
        here = {key(sha256, document.name) for document, (sha256, _) in zip(documents, kept, strict=True)}
        for nth, (document, (sha256, size)) in enumerate(zip(documents, kept, strict=True)):
            this = key(sha256, document.name)
            names = [r.name for r in receipted if r.sha256 == sha256 and key(sha256, r.name) not in here]
            replaces = names[-1] if names else None
            for path in [path for path in damaged if path.stem.endswith(f"-{sha256[:12]}")]:
                if this in standing and any(bytes_ == sha256 for bytes_, _ in here - {this}):
                    break  # it may be the receipt of the same bytes under their other name
                damaged.remove(path)
                standing[this] = self._rewrite_receipt(path, source_id, sha256, size, document, replaces)
            last = standing.get(this)
            if last is None:
                last = standing[this] = Receipt(
                    source_id,
                    sha256,
                    document.name,
                    document.location,
                    size,
                    _iso(now),
                    replaces,
                )
                # a microsecond apart: two may be of the same bytes, and files of receipts sort as the look found them
                moment = now.astimezone(UTC) + timedelta(microseconds=nth)
                stamp = moment.strftime("%Y%m%dT%H%M%S%fZ")
                write_json(self.root / source_id / f"{stamp}-{last.sha12}.json", _of_receipt(last))
            receipts.append(last)
        found = list(zip(receipts, documents, strict=True))
        look = Look(
            _iso(now),
            True,
            None,
            tuple(receipt.sha256 for receipt in receipts),
            _iso(now),
            {receipt.sha256: dict(document.validators) for receipt, document in found if document.validators},
            tuple(note for document in documents for note in document.notes),
            tuple(receipt.name for receipt in receipts),
            _iso(now) if receipts else _found_at(before, now) if before else None,
        )
        self._write_look(source_id, look)
        return receipts

    def missed(self, source_id: str, now: datetime, error: str) -> None:
        """Note that a look at a source failed; what stood before still stands."""
        before = self.last_look(source_id) or Look("", False, None, (), None)
        # a good look dated after now comes of a wrong clock: it was just now at the latest
        good_at = before.good_at and min(before.good_at, _iso(now))
        missed = replace(
            before, at=_iso(now), ok=False, error=error, good_at=good_at, found_at=_found_at(before, now)
        )
        self._write_look(source_id, missed)

    def standing(self, source_id: str) -> list[Document]:
        """The documents of the last look that their server can be asked about, instead of sending them again."""
        look = self.last_look(source_id)
        last_of = {receipt.sha256: receipt for receipt in self.receipts(source_id)}
        documents = []
        for sha256, validators in look.validators.items() if look else ():
            receipt = last_of.get(sha256)
            if receipt is None:  # it is damaged; the document is fetched anew
                continue
            with suppress(CorruptLanding):  # as is one that is damaged itself
                documents.append(Document(receipt.name, self.content(sha256), receipt.location, validators))
        return documents

    def receipts(self, source_id: str) -> list[Receipt]:
        """Every receipt of a source that can be read, oldest first; `damaged` names the others."""
        return self._read_receipts(source_id)[0]

    def damaged(self, source_id: str) -> list[str]:
        """The receipts of a source that cannot be read, and what that means, in words."""
        return [
            f"landing/{source_id}/{path.name} cannot be read, its document is not used until it is fetched again"
            " or the file is put back"
            for path in self._read_receipts(source_id)[1]
        ]

    def last_look(self, source_id: str) -> Look | None:
        """The last look at a source, None before the first; one whose file is damaged is inferred from the receipts."""
        path = self.root / source_id / LAST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if "names" not in content:  # a look that was kept before names were
                name_of = {receipt.sha256: receipt.name for receipt in self.receipts(source_id)}
                content["names"] = [name_of.get(sha256, "") for sha256 in content["sha256s"]]
            tuples = {name: tuple(content.get(name, ())) for name in ("sha256s", "notes", "names")}
            if len(tuples["names"]) != len(tuples["sha256s"]):
                raise ValueError("a name for each document")
            return Look(**content | tuples)
        except FileNotFoundError:
            return None
        except _DAMAGE:
            newest = {receipt.name: receipt for receipt in self.receipts(source_id)}
            at = max((receipt.retrieved_at for receipt in newest.values()), default=None)
            error = f"landing/{source_id}/{LAST} cannot be read"
            sha256s = tuple(receipt.sha256 for receipt in newest.values())
            return Look(at or "", False, error, sha256s, at, names=tuple(newest), found_at=at)

    def content(self, sha256: str) -> bytes:
        """The bytes of a document.

        Raises:
            CorruptLanding: the stored bytes no longer have the hash that names them, or are gone.
        """
        return self.path(sha256).read_bytes()

    def path(self, sha256: str) -> Path:
        """The file with the bytes of a document.

        Raises:
            CorruptLanding: the stored bytes no longer have the hash that names them, or are gone.
        """
        path = self.objects / sha256
        if damage := self._damage(sha256):
            raise CorruptLanding(f"landing/objects/{sha256} {damage}")
        return path

    def _damage(self, sha256: str) -> str | None:
        """What is wrong with a document's file, None where it holds what its name says."""
        try:
            found = file_hash(self.objects / sha256)
        except FileNotFoundError:
            return "was received and is no longer there"
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        return None if found == sha256 else "no longer holds the bytes that were received"

    def _keep(self, document: Document) -> tuple[str, int]:
        """Store a document's bytes, once; returns their hash and number. A file is copied, never held as a whole.

        Raises:
            UnreadableDocument: as `receive` says.
        """
        content = document.content
        if isinstance(content, bytes):
            sha256 = hashlib.sha256(content).hexdigest()
            if not self._is_kept(sha256):
                write_bytes(self.objects / sha256, content, 0o444)
            return sha256, len(content)
        location = document.location
        began = _size_and_time(location, content)
        sha256 = _hash_of(_pieces(location, content))
        if self._is_kept(sha256):
            _require_same(location, began, _size_and_time(location, content))
        else:
            with _partial(self.objects) as partial:
                with partial.open("wb") as copy:
                    copied = _hash_of(_pieces(location, content), copy)
                _require_same(location, (sha256, began), (copied, _size_and_time(location, content)))
                _put(partial, self.objects / sha256, 0o444)
        return sha256, began[0]

    def _is_kept(self, sha256: str) -> bool:
        """Whether a document is there, whole; what lies damaged under its name makes room for the bytes just fetched."""
        path = self.objects / sha256
        if not path.exists():
            return False
        if damage := self._damage(sha256):
            self._set_aside(path, f"landing/objects/{sha256} {damage}")
        return not damage

    def _set_aside(self, path: Path, damage: str) -> None:
        """Move a damaged file to landing/corrupt, where nothing reads it and nothing deletes it."""
        self.corrupt.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        place = self.corrupt / f"{path.parent.name}.{path.name}.{stamp}"
        with suppress(FileNotFoundError):  # two sources of the same bytes may be looked at at the same time
            os.rename(path, place)
            self.mended.append(
                f"{damage}; it was set aside as landing/corrupt/{place.name} and written anew from its source"
            )

    def _read_receipts(self, source_id: str) -> tuple[list[Receipt], list[Path]]:
        """The receipts of a source, oldest first, and the files of those that cannot be read."""
        folder = self.root / source_id
        receipts, damaged = [], []
        for path in sorted(folder.glob("*.json")) if folder.exists() else ():
            if path.name == LAST:
                continue
            try:
                receipts.append(Receipt(**json.loads(path.read_text(encoding="utf-8"))))
            except _DAMAGE:
                damaged.append(path)
        return receipts, damaged

    def _rewrite_receipt(
        self, path: Path, source_id: str, sha256: str, size: int, document: Document, replaces: str | None
    ) -> Receipt:
        """A damaged receipt made anew: its name holds the time, the document that came again the rest."""
        at = datetime.strptime(path.name.split("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
        receipt = Receipt(source_id, sha256, document.name, document.location, size, _iso(at), replaces)
        self._set_aside(path, f"landing/{source_id}/{path.name} could not be read")
        write_json(path, _of_receipt(receipt))
        return receipt

    def _write_look(self, source_id: str, look: Look) -> None:
        path = self.root / source_id / LAST
        before = self.last_look(source_id)
        if before and before.error == f"landing/{source_id}/{LAST} cannot be read":
            self._set_aside(path, before.error)
        write_json(path, asdict(look))


def _of_receipt(receipt: Receipt) -> dict[str, object]:
    """What is written of a receipt: as code wrote it before receipts knew of renaming, unless it knows of one."""
    return {name: value for name, value in asdict(receipt).items() if value is not None}


def _found_at(look: Look, now: datetime) -> str | None:
    """When anything was last found, of a look kept before that was noted as well; a wrong clock's is now at the latest."""
    found_at = look.found_at or (look.good_at if look.sha256s else None)
    return found_at and min(found_at, _iso(now))


#: how reading a small file of ours goes wrong when it was cut off, overwritten or locked away
_DAMAGE = (OSError, ValueError, TypeError, AttributeError, KeyError)


class CorruptLanding(Exception):
    """Stored bytes changed after they were received."""


class UnreadableDocument(Exception):
    """A file could not be read where it stands, or changed meanwhile; names it. What goes wrong in landing is none such."""


_PIECE_BYTES = 1 << 20


def _pieces(location: str, path: Path) -> Iterator[bytes]:
    """The bytes of a file that stands elsewhere. What its reader does with them goes wrong outside of `_reading`."""
    with _reading(location):
        file = path.open("rb", buffering=0)
    with file:
        while True:
            with _reading(location):
                piece = file.read(_PIECE_BYTES)
            if not piece:
                return
            yield piece


def _hash_of(pieces: Iterator[bytes], copy: BinaryIO | None = None) -> str:
    """The hash of bytes that are copied on the way."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        if copy:
            copy.write(piece)
    return digest.hexdigest()


def _size_and_time(location: str, path: Path) -> tuple[int, int]:
    with _reading(location):
        stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _require_same(location: str, before: object, after: object) -> None:
    """So that half of a table, which somebody is still copying, is not taken for the whole."""
    if before != after:
        raise UnreadableDocument(
            f"{location} changed while it was read; the next night takes it once it is whole"
        )


@contextmanager
def _reading(location: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # it was taken away or locked, or its network folder is gone
        raise UnreadableDocument(f"{location} cannot be read: {error.strerror}") from error


def file_hash(path: Path) -> str:
    """The hash of a file's bytes, read in pieces: stored documents may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    with _partial(path.parent) as partial:
        partial.write_bytes(content)
        _put(partial, path, mode)


@contextmanager
def _partial(folder: Path) -> Iterator[Path]:
    """An empty file to write into; gone afterwards, unless it was put in its place or the process was killed.

    Its name is nobody else's: two sources of the same bytes may be looked at at the same time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(PARTIAL, ".", folder)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _put(partial: Path, path: Path, mode: int) -> None:
    """Move a file to its place, safe against a power cut: its bytes first, then its name."""
    partial.chmod(mode)
    _sync(partial)
    os.replace(partial, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_partials(*folders: Path) -> None:
    """Remove what a killed night was about to write, for it may be what fills the disk. Only for who holds the home."""
    for folder in folders:
        for path in folder.rglob(f".*{PARTIAL}"):
            path.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write JSON so that it is there whole or not at all."""
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
    # half of a character, as a stranger's JSON may hold it, has no form in UTF-8; it is written as a question mark
    write_bytes(path, text.encode("utf-8", "replace"))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
