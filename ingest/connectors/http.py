"""HTTP(S): one document at an address, asked for politely and within limits. Nothing here knows what a portal is."""

from __future__ import annotations

import email.header
import email.utils
import hashlib
import re
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from ingest.catalogue import Source
from ingest.connections import Http, without_secrets
from ingest.connectors import FetchError, Places, from_environment, sniff
from ingest.landing import Document
from ingest.layout import load

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS = 5
MAX_RETRY_AFTER_S = 120.0  # a server that wants a longer rest is asked again by the next night
_RETRIED = (429, 500, 502, 503, 504)
_MAX_NAME_BYTES = 180


def fetch(source: Source, places: Places) -> list[Document]:
    """The one document at the source's address; as it stood, where the server says that it is unchanged.

    Raises:
        FetchError: no answer, an answer other than 200, over a limit, from another host, or not what the layout reads.
    """
    settings = source.connection
    assert isinstance(settings, Http)  # the catalogue fits settings to connectors
    before = next(
        (one for one in places.standing(source.id) if one.location == source.location and one.validators),
        None,
    )
    web = Web(source.id, settings, [source.location], lambda name: from_environment(source, name))
    answer = web.ask("GET", source.location, known=before.validators if before else {})
    if answer is None:
        # a server can only hold on to what stands, and what stands is given in bytes
        assert before is not None and isinstance(before.content, bytes)
        document, content = before, before.content
    else:
        name, content = answer.file_name or source.id, answer.content
        document = Document(name, content, source.location, answer.validators)
    sniff.refuse_what_is_no_document(
        source.id,
        content,
        load(source.layout).reader,
        has_login_box=settings.has_login_box,
    )
    return [document]


@dataclass(frozen=True)
class Answer:
    """An answer of status 200, whole."""

    address: str  # the last one, after redirects
    headers: httpx.Headers
    content: bytes

    @property
    def file_name(self) -> str:
        """A safe name of the file: the one that the server gives it, else the end of its address; may be ""."""
        raw = dict((name.lower(), value) for name, value in self.headers.raw)
        given = _given_name(raw.get(b"content-disposition", b""))
        return safe_name(given) or safe_name(_decoded(unquote_to_bytes(urlsplit(self.address).path)))

    @property
    def validators(self) -> dict[str, str]:
        """By what the server knows this version, and of which address: a redirect may lead elsewhere tomorrow."""
        named = {"etag": self.headers.get("etag"), "last_modified": self.headers.get("last-modified")}
        found = {name: value for name, value in named.items() if value}
        return found | {"address_sha256": _hash(self.address)} if found else {}


class Web:
    """A source's way out: its hosts, limits, tries and headers.

    addresses: their hosts are the source's own; beside them stand the allowed hosts of the settings.
    secret: gives the value of an environment variable that the settings name.
    """

    def __init__(
        self, source_id: str, settings: Http, addresses: Iterable[str], secret: Callable[[str], str]
    ) -> None:
        own = [urlsplit(address) for address in addresses]
        self._who, self._settings = source_id, settings
        self._hosts = {address.hostname for address in own} | set(settings.allowed_hosts)
        self._origins = {(address.scheme, address.netloc.lower()) for address in own}
        # as sent, and not compressed: what is checked against Content-Length is what is kept
        self._headers = {"User-Agent": "blue-ledger", "Accept-Encoding": "identity"} | settings.headers
        self._secrets = {header: secret(name) for header, name in settings.headers_env.items()}

    def ask(
        self,
        method: str,
        address: str,
        *,
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        known: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """The answer to a request; None where the server says that the version that is known still stands.

        Transport errors and answers of a server that is busy or broken for now are tried again with jitter; a rest that
        the server asks for is kept.

        Raises:
            FetchError: as `fetch` says.
        """
        import httpx

        begun = time.monotonic()
        try:
            asked = httpx.URL(address).copy_merge_params(parameters) if parameters else httpx.URL(address)
            # without arguments: the library writes those of a call that it repeats into the log
            return self._retrying(lambda: self._once(method, asked, form, known or {}, begun))()
        except _Busy as error:
            raise FetchError(f"{self._who}: {without_secrets(address)} did not answer: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = without_secrets(str(error)) or type(error).__name__
            raise FetchError(f"{self._who}: {without_secrets(address)} did not answer: {what}") from error

    def _retrying(self, once: Callable[[], Answer | None]) -> Callable[[], Answer | None]:
        import stamina

        # by its own choice it would write to standard output, which belongs to the command
        stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.LoggingOnRetryHook])
        return stamina.retry(
            on=_wait_before_another_try,
            attempts=self._settings.attempts,
            timeout=self._settings.deadline_s,
            wait_initial=0.5,
            wait_max=10.0,
        )(once)

    def _once(
        self,
        method: str,
        address: httpx.URL,
        form: Mapping[str, str] | None,
        known: Mapping[str, str],
        begun: float,
    ) -> Answer | None:
        import httpx

        settings = self._settings
        timeout = httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s)
        with httpx.Client(verify=_certificates(), timeout=timeout, follow_redirects=False) as client:
            request = client.build_request(method, address, headers=self._headers, data=form)
            for _ in range(MAX_REDIRECTS):
                asks_whether_known = known.get("address_sha256") == _hash(str(request.url))
                request.headers.update(self._headers_for(request.url, known if asks_whether_known else {}))
                answer = client.send(request, stream=True)
                try:
                    if answer.has_redirect_location:
                        assert answer.next_request is not None  # the library has made it of the location
                        request = self._followed(request.url, answer.next_request)
                        continue
                    if answer.status_code == 304 and asks_whether_known:
                        return None
                    if answer.status_code in _RETRIED:
                        raise _Busy(f"HTTP {answer.status_code}", answer.headers.get("retry-after"))
                    if answer.status_code != 200:
                        place = without_secrets(str(address))
                        raise FetchError(f"{self._who}: HTTP {answer.status_code} from {place}")
                    return Answer(str(request.url), answer.headers, self._body(answer, begun))
                finally:
                    answer.close()
            raise FetchError(
                f"{self._who}: more than {MAX_REDIRECTS} redirects from {without_secrets(str(address))}"
            )

    def _headers_for(self, address: httpx.URL, known: Mapping[str, str]) -> dict[str, str]:
        conditions = {
            "If-None-Match": known.get("etag"),
            "If-Modified-Since": known.get("last_modified"),
        }
        own = (address.scheme, address.netloc.decode().lower()) in self._origins
        return {name: value for name, value in conditions.items() if value} | (self._secrets if own else {})

    def _followed(self, address: httpx.URL, following: httpx.Request) -> httpx.Request:
        """The request that a redirect asks for, if it may be made; without what was secret or conditional."""
        target = following.url
        shown = f"{target.scheme}://{target.netloc.decode()}{target.path}"
        if sniff.is_login_place(target.host, target.path):
            raise FetchError(f"{self._who}: redirected to a login, {without_secrets(shown)}")
        if target.host not in self._hosts:
            raise FetchError(f"{self._who}: redirected to another host, {target.host}")
        if address.scheme == "https" and target.scheme != "https":
            raise FetchError(
                f"{self._who}: redirected from https to {target.scheme}, {without_secrets(shown)}"
            )
        for name in ("If-None-Match", "If-Modified-Since", *self._secrets):
            following.headers.pop(name, None)
        return following

    def _body(self, answer: httpx.Response, begun: float) -> bytes:
        limit = self._settings.max_bytes
        too_large = FetchError(f"{self._who}: the answer is larger than {limit} bytes")
        told = answer.headers.get("content-length", "")
        if told.isdigit() and int(told) > limit:
            raise too_large
        content = bytearray()
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > limit:
                raise too_large
            if time.monotonic() - begun > self._settings.deadline_s:
                raise FetchError(
                    f"{self._who}: the answer was not complete within {self._settings.deadline_s:g} seconds"
                )
        return bytes(content)


class _Busy(Exception):
    """The publisher's server is busy or broken for now: worth another try, after the rest that it asks for."""

    def __init__(self, what: str, retry_after: str | None) -> None:
        self.rest_s = _rest(retry_after)
        super().__init__(what if self.rest_s is None else f"{what}, to be asked again in {self.rest_s:.0f} s")


def _wait_before_another_try(error: Exception) -> bool | float:
    """Whether to try again, or after how many seconds."""
    import httpx

    if isinstance(error, _Busy) and error.rest_s is not None:
        return error.rest_s if error.rest_s <= MAX_RETRY_AFTER_S else False
    return isinstance(error, _Busy | httpx.TransportError)


def _rest(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None where it holds neither."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after)
        return max(0.0, until.timestamp() - time.time())
    except ValueError:
        return None


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities we trust: read once, for it takes longer than a small document."""
    import httpx

    return httpx.create_ssl_context()


def _hash(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()


# ── names of files ───────────────────────────────────────────────────────────────────────────────────────────


def _given_name(disposition: bytes) -> str:
    """The file name of a Content-Disposition header: RFC 5987's form first, else the plain one however it is encoded."""
    if found := re.search(rb"filename\*\s*=\s*\"?([\w-]+)'[^']*'([^\";]+)", disposition, re.I):
        try:
            return unquote_to_bytes(found[2]).decode(found[1].decode())
        except (LookupError, UnicodeDecodeError):
            pass  # an unknown or a wrong encoding: the plain form may still be right
    if found := re.search(rb"filename\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;]+))", disposition, re.I):
        plain = (found[1] if found[1] is not None else found[2]).strip()
        if plain.startswith(b"=?"):
            return str(email.header.make_header(email.header.decode_header(plain.decode("ascii", "replace"))))
        return _decoded(unquote_to_bytes(plain))
    return ""


def _decoded(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")


def safe_name(name: str) -> str:
    """A name that is one visible file in one folder, its suffix kept; "" where nothing is left of it."""
    name = PurePosixPath(name.replace("\\", "/")).name
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*').strip().lstrip(".").strip()
    stem, dot, suffix = name.rpartition(".")
    if len(name.encode()) > _MAX_NAME_BYTES:
        suffix = dot + suffix if len(suffix.encode()) <= 10 else ""
        name = (stem or name).encode()[: _MAX_NAME_BYTES - len(suffix)].decode("utf-8", "ignore") + suffix
    return name
