"""Backup and restore: what of a home cannot be had again, as a plain archive that anybody can check. No figure is looked at.

A tar, gzipped or plain, of regular files under names of the home, sorted within each part. `BACKUP.json` is first and says
what it is; `SHA256SUMS` is last, so that an archive that was cut off has none: `tar xf FILE && sha256sum -c SHA256SUMS`.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

from warehouse import release
from warehouse.files import all_files, sha256_of, sync
from warehouse.home import Home
from warehouse.release import Release

FORMAT = 1
HEAD, SUMS = "BACKUP.json", "SHA256SUMS"
ENDINGS = (".tar.gz", ".tgz", ".tar")
Releases = Literal["current", "all", "none"]

#: where an archive's files go in a home: nothing else is taken from one
PARTS = (
    "releases",
    "manifests",
    "config",
    "decisions",
    "demo",
    "inbox",
    "landing",
    "reports",
    "withdrawn.json",
    "alerts.yml",  # secrets are not in it
)
#: the head and the sums are held in memory
MOST_BYTES_OF_TEXT = 512 * 1024**2
_OBJECTS = "landing/objects/"
_CHUNK = 1024**2
_HASH = re.compile(r"[0-9a-f]{64}")
_Stream = IO[bytes] | gzip.GzipFile


class BackupError(Exception):
    """The archive cannot be made, trusted or restored; the message says what is the matter and what to do."""


@dataclass(frozen=True)
class Contents:
    """What an archive holds. head: BACKUP.json. damage: files that are not what they should be, in words."""

    file: Path
    head: Mapping[str, Any]
    files: int
    bytes: int
    damage: tuple[str, ...] = ()


@dataclass
class _Entry:
    """One file to be archived: its name in the archive, and where it lies or what it says."""

    name: str
    source: Path | bytes
    expected: str | None = None  # the hash that it must have, where something says it


@dataclass
class _Found:
    """What a walk through an archive found, by name."""

    head: dict[str, Any] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    bytes: int = 0


# --- making one ---------------------------------------------------------------------------------


def write(
    home: Home,
    file: Path,
    about: Mapping[str, Any],
    config: Mapping[str, Path] | None = None,
    releases: Releases = "current",
    now: datetime | None = None,
) -> Contents:
    """Archive a home into `file`, which appears whole or not at all, and read it back.

    about: what BACKUP.json says beside its own (such as the code version). config: files outside the home that are in use,
    by their name under `config/`. Needs no lock: whatever refers to another file is read before it, and landing is only
    added to, so that an archive made while a night runs is of a moment before its end.

    Damage in what is archived is told in the answer and does not stop it: the rest is worth having.

    Raises:
        BackupError: the name has another ending, the file is there already, or a file changed while it was read.
    """
    if not file.name.endswith(ENDINGS):
        raise BackupError(f"{file}: the name of an archive ends in {', '.join(ENDINGS)}")
    if file.exists():
        raise BackupError(f"{file} is there already; a backup never replaces another")
    if not home.landing.is_dir():
        raise BackupError(f"{home.root} is no home: it has no landing/")
    head = {
        "format": FORMAT,
        "made_at": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        **about,
        "releases": releases,
    }
    partial = file.with_name(f".{file.name}.partial")
    damage: list[str] = []
    try:
        with _own(partial), ExitStack() as held:
            chosen = _chosen(home, releases, held)
            current = home.current.resolve().name if home.current.is_symlink() else None
            head["current"] = current if current in chosen else None
            head["holds_releases"] = sorted(chosen)
            damage += [line for id_, folder in sorted(chosen.items()) for line in _lacking(id_, folder)]
            with _writing(partial) as archive:
                sums = _Sums()
                sums.add(archive, _Entry(HEAD, _json(head)))
                for entry in _entries(home, chosen, config or {}):
                    try:
                        found = sums.add(archive, entry)
                    except FileNotFoundError:
                        # the inbox is not ours alone, and old reports are removed; nothing else ever goes
                        if entry.name.startswith(("inbox/", "reports/")):
                            continue
                        raise
                    if entry.expected not in (None, found):
                        damage.append(
                            f"{entry.name} is not what was received or sealed; it is archived as it is"
                        )
                sums.close(archive)
            sync(partial)
            verified = verify(partial)
            os.link(partial, file)  # unlike a rename, refuses a file that came into being meanwhile
            sync(file.parent)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error}") from error
    return Contents(file, head, verified.files, verified.bytes, tuple(damage))


@contextmanager
def _own(partial: Path) -> Iterator[None]:
    """Hold a draft while it is written, and take it away. That of a killed backup, which nobody holds, is taken over."""
    with partial.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(f"{partial}: another backup is being written to the same file") from error
        try:
            yield
        finally:
            partial.unlink(missing_ok=True)


def _chosen(home: Home, which: Releases, held: ExitStack) -> dict[str, Path]:
    """The folders of the releases to be archived, held open so that no night's retention removes one meanwhile."""
    current = home.current.resolve().name if home.current.is_symlink() else None
    chosen = {"none": [], "current": [current] if current else [], "all": release.release_ids(home)}[which]
    folders = {}
    for id_ in chosen:
        folder = home.releases / id_
        if not folder.is_dir():
            raise BackupError(
                f"current leads to release {id_}, which is not there: `blue-ledger releases use ID` of another first,"
                " or --releases none"
            )
        descriptor = os.open(folder, os.O_RDONLY)
        held.callback(os.close, descriptor)
        folders[id_] = folder
    return folders


def _entries(home: Home, chosen: Mapping[str, Path], config: Mapping[str, Path]) -> Iterator[_Entry]:
    """Every file, each after those that refer to it: releases before decisions and landing; looks, receipts, objects."""
    for id_, folder in sorted(chosen.items()):
        yield from _release_entries(f"releases/{id_}", folder)
    for id_, text in sorted(_manifests(home).items()):
        yield _Entry(f"manifests/{id_}.json", text)
    for name, path in sorted(config.items()):
        yield _Entry(f"config/{name}", path)
    for path in (home.withdrawn, home.root / "alerts.yml", home.demo / "demo.json"):
        if path.is_file():
            yield _Entry(path.relative_to(home.root).as_posix(), path)
    for folder in (home.reports, home.decisions, home.inbox):
        yield from (_Entry(path.relative_to(home.root).as_posix(), path) for path in _files(folder))
    notes = [path for path in _files(home.landing) if path.parent != home.landing / "objects"]
    for path in sorted(notes, key=lambda path: (path.name != "last_retrieval.json", path)):
        yield _Entry(path.relative_to(home.root).as_posix(), path)
    for path in _files(home.landing / "objects"):
        yield _Entry(path.relative_to(home.root).as_posix(), path, expected=path.name)


def _lacking(id_: str, folder: Path) -> list[str]:
    """What a release should hold and does not: what is not there cannot be archived, and is told all the same."""
    try:
        sealed = release.open_release(folder).manifest["files"]
    except (release.ReleaseError, KeyError) as error:
        return [f"releases/{id_} cannot be restored from this: {error}"]
    return [
        f"releases/{id_}/{name} is not there; the release cannot be restored from this"
        for name in sorted(sealed)
        if not (folder / name).is_file()
    ]


def _release_entries(name: str, folder: Path) -> Iterator[_Entry]:
    try:
        sealed = release.open_release(folder).manifest["files"]
    except (release.ReleaseError, KeyError):
        sealed = {}
    for path in _files(folder):
        inner = path.relative_to(folder).as_posix()
        yield _Entry(f"{name}/{inner}", path, sealed.get(inner, {}).get("sha256"))


def _manifests(home: Home) -> dict[str, bytes]:
    """The manifests of every release that is here, or was where this home was restored from."""
    found = {path.stem: path.read_bytes() for path in sorted(home.manifests.glob("*.json"))}
    for id_ in release.release_ids(home):
        with contextlib.suppress(OSError):
            found[id_] = (home.releases / id_ / "manifest.json").read_bytes()
    return found


def _files(folder: Path) -> list[Path]:
    """Regular files that are nobody's draft; links are not followed, for they lead out of the home."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not (path.name.startswith(".") and path.name.endswith(".partial"))
    )


class _Sums:
    """The hash of everything that was put into an archive, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, archive: tarfile.TarFile, entry: _Entry) -> str:
        if re.search(r"[\n\\]", entry.name):
            raise BackupError(
                f"{entry.name!r}: a name with a line end or a backslash cannot be archived; rename it"
            )
        info = tarfile.TarInfo(entry.name)
        info.mode = 0o644
        if isinstance(entry.source, bytes):
            info.size = len(entry.source)
            reading: _Hashing = _Hashing(io.BytesIO(entry.source))
            archive.addfile(info, reading)
        else:
            with entry.source.open("rb") as file:
                state = os.fstat(file.fileno())
                info.size, info.mtime = state.st_size, int(state.st_mtime)
                reading = _Hashing(file)
                try:
                    archive.addfile(info, reading)
                except OSError as error:
                    if error.errno is None:  # tarfile's own: fewer bytes than there were
                        raise BackupError(
                            f"{entry.source} shrank while it was read; run the backup again"
                        ) from error
                    raise
        found = reading.digest.hexdigest()
        self.lines.append(f"{found}  {entry.name}\n")
        return found

    def close(self, archive: tarfile.TarFile) -> None:
        text = "".join(self.lines).encode(errors="surrogateescape")
        info = tarfile.TarInfo(SUMS)
        info.size, info.mode = len(text), 0o644
        archive.addfile(info, io.BytesIO(text))


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


@contextmanager
def _writing(path: Path) -> Iterator[tarfile.TarFile]:
    with path.open("wb") as file, ExitStack() as opened:
        stream: _Stream = file
        if path.name.removesuffix(".partial").endswith("gz"):
            # no name and no time in the header: the same home gives the same bytes
            stream = opened.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0))
        yield opened.enter_context(tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT))


# --- trusting one -------------------------------------------------------------------------------


def verify(file: Path) -> Contents:
    """Read an archive to its end and compare every file with its hash.

    Raises:
        BackupError: it is no whole archive of ours, or a file is not what its hash says; every fault is named.
    """
    found = _walk(file, lambda info: None)
    return Contents(file, found.head, len(found.hashes), found.bytes)


def _walk(file: Path, place: Callable[[tarfile.TarInfo], Path | None]) -> _Found:
    """Go through an archive once; `place` gives the path that a member is written to, or None to only read it.

    Raises:
        BackupError: as `verify`.
    """
    found, sums = _Found(), None
    try:
        with _unpacked(file) as stream_of_all, tarfile.open(fileobj=stream_of_all, mode="r|") as archive:
            for info in archive:
                _require_plain(file, info, found.hashes)
                if sums is not None:
                    raise BackupError(
                        f"{file}: {info.name} stands behind {SUMS}, which is the last file of a backup"
                    )
                if not found.hashes and info.name != HEAD:
                    raise BackupError(f"{file} is no backup: it begins with {info.name}, not with {HEAD}")
                stream = archive.extractfile(info)
                assert stream is not None  # _require_plain lets only regular files through
                if info.name in (HEAD, SUMS):
                    if info.size > MOST_BYTES_OF_TEXT:
                        raise BackupError(
                            f"{file}: {info.name} has {info.size:,} bytes; that is no backup of ours"
                        )
                    text = stream.read()
                    if info.name == SUMS:
                        sums = _read_sums(file, text)
                        continue
                    found.head = _read_head(file, text)
                    found.hashes[HEAD] = hashlib.sha256(text).hexdigest()
                    continue
                found.hashes[info.name] = _copy(stream, place(info))
                found.bytes += info.size
            for chunk in _chunks(stream_of_all):  # to the end, where gzip has its own sum
                if chunk.strip(b"\0"):
                    raise BackupError(f"{file}: something stands behind the archive's end")
    except FileNotFoundError:
        raise BackupError(f"there is no file {file}") from None
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise BackupError(f"{file}: {error}") from error
        raise BackupError(f"{file} is cut off or damaged: {error}") from error
    if sums is None:
        raise BackupError(f"{file} is cut off: it has no {SUMS}, the last file of a backup")
    _require_same(f"{file}", sums, found.hashes)
    return found


@contextmanager
def _unpacked(file: Path) -> Iterator[_Stream]:
    with file.open("rb") as packed:
        is_gzip = packed.read(2) == b"\x1f\x8b"
        packed.seek(0)
        if not is_gzip:
            yield packed
            return
        with gzip.GzipFile(fileobj=packed) as stream:
            yield stream


def _require_plain(file: Path, info: tarfile.TarInfo, seen: Mapping[str, str]) -> None:
    """A regular file under a name of a home, once; no link, no device, nothing that leads elsewhere."""
    name = PurePosixPath(info.name)
    if not info.isreg() or info.issparse():
        raise BackupError(f"{file}: {info.name} is no regular file; a backup holds nothing else")
    if (
        name.is_absolute()
        or ".." in name.parts
        or "\\" in info.name
        or "\0" in info.name
        or name.as_posix() != info.name
    ):
        raise BackupError(f"{file}: {info.name!r} leads out of the home")
    if info.name not in (HEAD, SUMS) and name.parts[0] not in PARTS:
        raise BackupError(f"{file}: {info.name!r} is no part of a home; expected one of {', '.join(PARTS)}")
    if info.name in seen:
        raise BackupError(f"{file}: {info.name} is in it twice")


def _read_head(file: Path, text: bytes) -> dict[str, Any]:
    try:
        head: dict[str, Any] = json.loads(text)
        form = head["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} is no backup: {HEAD} cannot be read") from error
    if form != FORMAT:
        raise BackupError(
            f"{file} has format {form}; this code reads {FORMAT}: restore it with the code that made it"
        )
    return head


def _read_sums(file: Path, text: bytes) -> dict[str, str]:
    sums = {}
    for line in text.decode(errors="surrogateescape").split("\n")[:-1]:
        sha256, _, name = line.partition("  ")
        if not _HASH.fullmatch(sha256) or not name:
            raise BackupError(f"{file}: {SUMS} cannot be read: {line[:100]!r}")
        sums[name] = sha256
    return sums


def _require_same(what: str, sums: Mapping[str, str], found: Mapping[str, str]) -> None:
    faults = [
        f"{name} is missing"
        if name not in found
        else f"{name} is not in {SUMS}"
        if name not in sums
        else f"{name} is damaged"
        for name in sorted(sums.keys() | found.keys())
        if sums.get(name) != found.get(name)
    ]
    if faults:
        more = f"; and {len(faults) - 10} more" if len(faults) > 10 else ""
        raise BackupError(f"{what}: {'; '.join(faults[:10])}{more}. Take another backup")


# --- bringing one back --------------------------------------------------------------------------


def restore(file: Path, home: Home) -> Contents:
    """Bring an archive back as a home that is not there yet, or is an empty folder.

    The archive is verified, then written aside, then verified on the disk, and only then put in place; what is cut off leaves
    a folder `.restoring-…` that nobody reads and anybody may delete, and no home. `current` is set last.

    Raises:
        BackupError: the home holds something, the disk is too small, or the archive or what was written is not whole.
    """
    if home.root.is_symlink() or (
        home.root.exists() and (not home.root.is_dir() or any(home.root.iterdir()))
    ):
        raise BackupError(f"{home.root} is not empty; a backup is restored into a new home only")
    contents = verify(file)
    # a home that is a place of its own on the disk (a mounted volume) cannot be renamed: there the parts are moved in
    is_place = home.root.exists() and os.path.ismount(home.root)
    beside = home.root if is_place else home.root.parent
    beside.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(beside).free < contents.bytes:
        raise BackupError(
            f"{beside} has not the {contents.bytes / 1024**3:.1f} GiB free that the backup needs"
        )
    aside = Home(Path(tempfile.mkdtemp(prefix=".restoring-", dir=beside)))
    try:
        _extract(file, aside)
        aside.ensure()
        if current := contents.head.get("current"):
            _require_whole(aside, current)
            release.use(aside, current)
        _put_in_place(aside.root, home.root, by_part=is_place)
    except OSError as error:
        raise BackupError(f"{home.root} cannot be restored: {error}") from error
    finally:
        shutil.rmtree(aside.root, ignore_errors=True)
    return Contents(file, contents.head, contents.files, contents.bytes)


def _extract(file: Path, aside: Home) -> None:
    """Write the files of an archive, and compare what then lies on the disk with its hashes."""

    def place(info: tarfile.TarInfo) -> Path:
        # the standard filter, on top of our own: it resolves the place and refuses what lies outside
        checked = tarfile.data_filter(info, str(aside.root))
        path = aside.root / checked.name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    found = _walk(file, place)
    on_disk = {HEAD: found.hashes[HEAD]}
    for path in all_files(aside.root):
        name = path.relative_to(aside.root).as_posix()
        path.chmod(0o444 if name.startswith((_OBJECTS, "releases/")) else 0o644)
        on_disk[name] = sha256_of(path)
    _require_same(f"{aside.root}, as written", found.hashes, on_disk)


def _require_whole(home: Home, release_id: str) -> None:
    try:
        faults = release.verify(release.open_release(home.releases / release_id))
    except release.ReleaseError:
        faults = ["it has no manifest that can be read"]
    if faults:
        raise BackupError(
            f"release {release_id} in the backup is damaged: {'; '.join(faults)}. Take another backup"
        )


def _put_in_place(aside: Path, root: Path, by_part: bool) -> None:
    if by_part:
        for path in sorted(aside.iterdir(), key=lambda path: path.name == "current"):
            os.rename(path, root / path.name)
        sync(root)
        return
    aside.chmod(0o755)
    os.rename(aside, root)  # onto an empty folder, or where nothing is
    sync(root.parent)


def kept_manifests(home: Home) -> dict[str, Release]:
    """The manifests that a backup brought of releases which it did not hold, as releases without files."""
    found = {}
    for path in sorted(home.manifests.glob("*.json")):
        with contextlib.suppress(ValueError, KeyError, OSError):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found[manifest["id"]] = Release(path, manifest["id"], manifest)
    return found


# --- inside -------------------------------------------------------------------------------------


def _copy(stream: IO[bytes], path: Path | None) -> str:
    """Read a stream to its end, into a file where there is one; returns the hash of what was read."""
    digest = hashlib.sha256()
    with ExitStack() as opened:
        file = opened.enter_context(path.open("xb")) if path else None
        for chunk in _chunks(stream):
            digest.update(chunk)
            if file:
                file.write(chunk)
        if file:
            file.flush()
            os.fsync(file.fileno())
    return digest.hexdigest()


def _chunks(stream: _Stream) -> Iterable[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
