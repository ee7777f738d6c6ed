"""Connectors: fetch the documents of a source. What is in them is not looked at beyond telling a failure from a file."""

from __future__ import annotations

import codecs
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from ingest.catalogue import Source
from ingest.landing import Document

MAX_BYTES = 2 * 1024**3  # a document above this is a mistake of the catalogue, not a county's table
HTTP_TIMEOUT_S = 30.0
HTTP_ATTEMPTS = 3


class FetchError(Exception):
    """A source could not be fetched; the message names the source, the place and what went wrong."""


@dataclass(frozen=True)
class Places:
    """Where relative locations begin: the catalogue's folder, the inbox, and the folder of demo files."""

    catalogue: Path
    inbox: Path
    demo: Path
    make_demo: Callable[[Path], None]  # fills the demo folder when it is empty


def fetch(source: Source, places: Places) -> list[Document]:
    """The documents that now stand at a source's location.

    Raises:
        FetchError: nothing is there, it is not a file, it is too large, or the publisher answered with an error.
    """
    match source.connector:
        case "file":
            return _files(source, places.catalogue)
        case "inbox":
            return _files(source, places.inbox)
        case "demo":
            places.make_demo(places.demo)
            return _files(source, places.demo)
        case "http":
            return [_http(source)]
    raise FetchError(f"{source.id}: no connector {source.connector!r}")


def _files(source: Source, base: Path) -> list[Document]:
    try:
        paths = _paths(source.location, base)
        documents = []
        for path in paths:
            if not path.is_file():
                raise FetchError(f"{source.id}: expected a file at {source.location}, there is none")
            if path.stat().st_size > MAX_BYTES:
                raise FetchError(f"{source.id}: {path.name} is larger than {MAX_BYTES} bytes")
            place = path.relative_to(base) if path.is_relative_to(base) else path
            documents.append(Document(path.name, path.read_bytes(), str(place)))
    except OSError as error:
        place = Path(error.filename).name if error.filename else source.location
        raise FetchError(f"{source.id}: {place} cannot be read: {error.strerror}") from error
    if not documents and not source.optional:
        raise FetchError(f"{source.id}: expected files named {source.location}, there is none")
    return documents


def _paths(location: str, base: Path) -> list[Path]:
    """The files of a location, in order of name; hidden files and the locks of open workbooks (~$) are passed over."""
    if not any(character in location for character in "*?["):
        return [base / location]
    if Path(location).is_absolute():
        base = Path(Path(location).anchor)
        location = str(Path(location).relative_to(base))
    found = (path for path in base.glob(location) if path.is_file())
    return sorted(path for path in found if not path.name.startswith((".", "~$")))


def _http(source: Source) -> Document:
    """One GET with time-outs, three tries, a size limit, and no redirect to another host."""
    import httpx
    import stamina

    host = urlsplit(source.location).hostname

    @stamina.retry(
        on=(httpx.TransportError, _Unavailable), attempts=HTTP_ATTEMPTS, wait_initial=0.2, wait_max=5.0
    )
    def get() -> Document:
        with httpx.Client(verify=_certificates(), timeout=HTTP_TIMEOUT_S, follow_redirects=False) as client:
            address = source.location
            for _ in range(5):
                with client.stream("GET", address) as answer:
                    if answer.has_redirect_location:
                        following = answer.next_request.url
                        if following.host != host:
                            raise FetchError(f"{source.id}: redirected to another host, {following.host}")
                        address = str(following)
                        continue
                    if answer.status_code >= 500 or answer.status_code == 429:
                        raise _Unavailable(f"HTTP {answer.status_code}")
                    if answer.status_code != 200:
                        raise FetchError(f"{source.id}: HTTP {answer.status_code} from {source.location}")
                    content = bytearray()
                    for chunk in answer.iter_bytes():
                        content += chunk
                        if len(content) > MAX_BYTES:
                            raise FetchError(f"{source.id}: the answer is larger than {MAX_BYTES} bytes")
                    name = Path(urlsplit(address).path).name or source.id
                    return Document(name, bytes(content), source.location)
            raise FetchError(f"{source.id}: more than five redirects from {source.location}")

    try:
        document = get()
    except (httpx.HTTPError, httpx.InvalidURL, _Unavailable) as error:
        raise FetchError(
            f"{source.id}: {source.location} did not answer: {error or type(error).__name__}"
        ) from error
    _refuse_error_pages(source, document)
    return document


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities we trust: read once, for it takes longer than a small document."""
    import httpx

    return httpx.create_ssl_context()


def _refuse_error_pages(source: Source, document: Document) -> None:
    """A login page or a JSON error in place of a file is a failure, and must never replace a good snapshot."""
    from ingest.layout import load

    reader = load(source.layout).reader
    start = document.content[:512].removeprefix(codecs.BOM_UTF8).lstrip()
    markup = start.startswith((b"<", b"{", b"["))
    if not document.content or (markup and reader != "html"):
        shown = document.content[:80].decode("utf-8", "replace")
        raise FetchError(f"{source.id}: expected a {reader} file, received {shown!r}")


class _Unavailable(Exception):
    """The publisher's server is busy or broken for now: worth another try."""
