"""Files and folders: of the catalogue, the inbox and the demo. Nothing here leaves this machine."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path

from ingest.catalogue import Source
from ingest.connections import MAX_FILE_BYTES
from ingest.connectors import FetchError, Places
from ingest.landing import Document


def fetch(source: Source, places: Places) -> list[Document]:
    """The files of a location, in order of name; those of an inbox as they were handed in, the last written last.

    Raises:
        FetchError: a file is missing, cannot be read or is too large; a glob finds none and the source is not optional.
    """
    if source.connector == "demo":
        places.make_demo(places.demo)
    base = {"file": places.catalogue, "inbox": places.inbox, "demo": places.demo}[source.connector]
    try:
        if source.connector == "inbox":  # whoever hands a file in finds the folder for it
            _folder(source.location, base).mkdir(parents=True, exist_ok=True)
        paths = _paths(source.location, base)
        if source.connector == "inbox":
            paths.sort(key=lambda path: path.stat().st_mtime_ns)
        documents = [_document(source, path, base) for path in paths]
    except OSError as error:
        place = _legible(Path(error.filename).name) if error.filename else source.location
        raise FetchError(f"{source.id}: {place} cannot be read: {error.strerror}") from error
    if not documents and not source.optional:
        raise FetchError(f"{source.id}: expected files named {source.location}, there is none")
    return documents


def is_passed_over(name: str) -> bool:
    """Whether a glob passes over a file: hidden files, and the locks of open workbooks (~$)."""
    return name.startswith((".", "~$"))


def _legible(name: str) -> str:
    """A file's name as whoever gave it reads it: a Chinese Windows, and what unpacks its archives, may write GBK."""
    try:
        name.encode()
    except UnicodeEncodeError:
        # bytes that are no UTF-8 reach Python as halves of characters, which nothing can write
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def _document(source: Source, path: Path, base: Path) -> Document:
    name = _legible(path.name)
    if not path.is_file():
        raise FetchError(f"{source.id}: expected a file at {source.location}, there is none")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise FetchError(f"{source.id}: {name} is larger than {MAX_FILE_BYTES} bytes")
    # what people drop into a folder stays in it; where a catalogue's own files stand is for its author to say
    if source.connector != "file" and not path.resolve().is_relative_to(base.resolve()):
        raise FetchError(f"{source.id}: {name} is a link, or a path, that leads out of its folder")
    place = path.relative_to(base) if path.is_relative_to(base) else path
    with path.open("rb"):  # one that cannot be read is told of here, by its name
        return Document(name, path, os.path.join(*map(_legible, place.parts)))


def _folder(location: str, base: Path) -> Path:
    """The folder of a location, as far as no glob stands in it."""
    return base.joinpath(*takewhile(lambda part: not _is_glob(part), Path(location).parts[:-1]))


def _is_glob(text: str) -> bool:
    return any(character in text for character in "*?[")


def _paths(location: str, base: Path) -> list[Path]:
    if not _is_glob(location):
        return [base / location]
    if Path(location).is_absolute():
        base = Path(Path(location).anchor)
        location = str(Path(location).relative_to(base))
    return sorted(path for path in base.glob(location) if path.is_file() and not is_passed_over(path.name))
