"""Hostile servers and addresses: every one ends in a FetchError that names the source, within its time and its bytes."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import zlib
from contextlib import contextmanager

import pytest
import stamina

from ingest.catalogue import CatalogueError
from ingest.catalogue import load as load_catalogue
from ingest.connectors import FetchError, Places, fetch
from tests.ingest.portal import Catalogue, Reply, Server, portal, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture
def get(source_of, server: Server, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    places = Places(tmp_path, tmp_path, tmp_path, lambda _: None)

    def get(address=None, layout="figures_csv", **settings):
        settings = {"attempts": 1, "read_timeout_s": 2.0, "deadline_s": 5.0} | settings
        source = source_of(
            connector="http",
            location=address or f"{server.address}/gdp.csv",
            layout=layout,
            connection=settings,
        )
        with stamina.set_testing(True, attempts=1):
            return fetch(source, places)

    return get


@contextmanager
def raw_server(answer):
    """A server that sends what a function writes to the socket, byte by byte if it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    answer(connection)
            except OSError:
                pass  # the client hung up, as it should

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/gdp.csv"
        thread.join(20)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"


def endless_body(connection):
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"a" * 65536 + b"\r\n")


def endless_headers(connection):
    connection.sendall(HEAD)
    while True:
        connection.sendall(b"X-Filler: " + b"a" * 1000 + b"\r\n")


def header_of_a_megabyte(connection):
    connection.sendall(HEAD + b"X-Filler: " + b"a" * 1_000_000 + b"\r\nContent-Length: 1\r\n\r\na")


def slow_drops(connection):
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    for _ in range(10_000):
        connection.sendall(b"a")
        threading.Event().wait(0.02)


def length_too_great(connection):
    connection.sendall(HEAD + b"Content-Length: 99999999999999\r\n\r\na,b\n")


def length_too_small(connection):
    connection.sendall(HEAD + b"Content-Length: 900\r\n\r\na,b\n")


def no_http(connection):
    connection.sendall(b"220 mail.example.org ESMTP\r\n" * 10)


def silence(connection):
    connection.recv(1)


RAW = {
    "a body without end": (endless_body, "the answer is larger than 3000000 bytes"),
    "headers without end": (endless_headers, "did not answer"),
    "a header of a megabyte": (header_of_a_megabyte, "did not answer"),
    "a body in drops": (slow_drops, "was not complete within 0.3 seconds"),
    "a length too great": (length_too_great, "the answer is larger than 3000000 bytes"),
    "a length that is never reached": (length_too_small, "did not answer"),
    "an answer that is not HTTP": (no_http, "did not answer"),
    "silence": (silence, "did not answer: timed out"),
}


@pytest.mark.parametrize("name", RAW)
def test_a_server_that_means_ill_ends_in_a_failed_look(name, get):
    answer, says = RAW[name]
    settings = {"max_bytes": 3_000_000, "read_timeout_s": 0.5}
    if name == "a body in drops":
        settings["deadline_s"] = 0.3
    with raw_server(answer) as address, pytest.raises(FetchError, match=says) as refusal:
        get(address, **settings)
    assert str(refusal.value).startswith("county_figures: ")
    assert len(str(refusal.value)) < 500


REDIRECTS = {
    "to a file of this machine": ("file:///etc/passwd", "redirected to another host|did not answer"),
    "to the address of a cloud's secrets": (
        "http://169.254.169.254/latest/meta-data/",
        "redirected to another host, 169.254.169.254",
    ),
    "to this machine by another name": ("http://localhost/admin", "redirected to another host, localhost"),
    "to this machine in another spelling": ("http://2130706433/", "redirected to another host"),
    "to the loopback of IPv6": ("http://[::1]/", "redirected to another host|did not answer"),
    "to a user in the address": ("http://127.0.0.1@evil.example/", "another host, evil.example"),
    "to a program": ("gopher://127.0.0.1/", "another host|did not answer"),
    "to a script": ("javascript:alert(1)", "another host|did not answer"),
    "to data": ("data:text/csv,a,b", "another host|did not answer"),
    "to itself for ever": ("/gdp.csv", "more than 5 redirects"),
    "to an address with line ends": ("/a\tb\x0bc", "did not answer|HTTP 404|redirects"),
}


@pytest.mark.parametrize("name", REDIRECTS)
def test_a_redirect_leads_nowhere_but_to_the_sources_own_hosts(name, get, server):
    place, says = REDIRECTS[name]
    server.gives(Reply(302, {"Location": place}))
    with pytest.raises(FetchError, match=says):
        get()
    assert len(server.asked) <= 5


def test_a_body_packed_a_thousand_times_is_not_unpacked(get, server):
    """We ask for nothing packed; what comes packed all the same is unpacked within the limit of bytes, or not at all."""
    bomb = gzip.compress(bytes(20_000_000), 9, mtime=0)
    server.gives(Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FetchError, match="the answer is larger than 1000000 bytes"):
        get(max_bytes=1_000_000)
    server.gives(Reply(body=zlib.compress(bytes(20_000_000)), headers={"Content-Encoding": "deflate"}))
    with pytest.raises(FetchError, match="the answer is larger than 1000000 bytes"):
        get(max_bytes=1_000_000)


NAMES = [
    "../../../../etc/cron.d/x",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\boot.ini",
    "\\\\server\\share\\x.csv",
    "a\x00b.csv",
    "a\nb.csv",
    "-rf.csv",
    "~/.ssh/authorized_keys",
    ".bashrc",
    "CON",
    "x" * 5_000 + ".csv",
    "潍" * 500,
    "..",
    "\u202efdp.exe",
    "<script>.csv",
    "$(reboot).csv",
    "%2e%2e%2fx.csv",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:24]))
def test_a_name_that_a_server_gives_is_one_plain_file(name, get, server):
    header = f'attachment; filename="{name}"'.replace("\n", "%0A").replace("\x00", "%00").encode()
    server.gives(Reply(body="地区,数值\n".encode(), headers={"Content-Disposition": header}))
    [document] = get()
    assert "/" not in document.name and "\\" not in document.name and document.name.isprintable()
    assert document.name and not document.name.startswith(".") and len(document.name.encode()) <= 180
    assert not set(document.name) & set('<>:"|?*')


def portal_source(source_of, server, **settings):
    connection = {"catalogue_id": "3" * 32, "attempts": 1} | settings
    return source_of(connector="portal", location=f"{server.address}/weifang", connection=connection)


PORTALS = {
    "a list nested 100,000 deep": lambda: b"[" * 100_000 + b"]" * 100_000,
    "objects nested 100,000 deep": lambda: b'{"object":' * 100_000 + b"1" + b"}" * 100_000,
    "a list without end": lambda: json.dumps({"object": {"total": 10**9, "records": []}}).encode(),
    "a number of 5,000 digits": lambda: b'{"object": {"total": ' + b"9" * 5_000 + b', "records": []}}',
    "a total that is no number": lambda: b'{"object": {"total": "many", "records": []}}',
    "records that are none": lambda: b'{"object": {"total": 1, "records": [1, null]}}',
    "a time beyond all calendars": lambda: json.dumps(
        {"object": {"total": 1, "records": [{"idInRc": "1", "fileName": "a.csv", "updateTime": 10**18}]}}
    ).encode(),
}


@pytest.mark.parametrize("name", PORTALS)
def test_what_a_portal_lists_is_not_trusted(name, source_of, server, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    sound, listing = portal(Catalogue()), PORTALS[name]()
    server.asked.clear()
    server.answer = lambda asked: (
        Reply(body=listing, headers={"Content-Type": "application/json"})
        if asked.path.endswith("getResourceWithFormat")
        else sound(asked)
    )
    with pytest.raises(FetchError) as refusal:
        fetch(portal_source(source_of, server), Places(tmp_path, tmp_path, tmp_path, lambda _: None))
    assert str(refusal.value).startswith("county_figures: ")
    assert len(str(refusal.value)) < 500
    assert len(server.asked) < 10


CATALOGUES = {
    "a python object": ("sources: !!python/object/apply:os.system ['touch {mark}']", "not readable as YAML"),
    "a python name": ("sources: !!python/name:os.system", "not readable as YAML"),
    "laughs": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "sources: *i\n",
        "aliases counted, or deeper",
    ),
    "a list in itself": ("sources: &a [*a]", "aliases counted, or deeper"),
    "nesting without end": ("sources: " + "[" * 5_000 + "]" * 5_000, "not readable as YAML"),
    "a NUL": ("sources: [\0]", "not readable as YAML"),
    "a list instead": ("- a", "expected a list of entries under"),
    "an unknown field": ("sources: []\nexec: rm", "fault"),
}  # fmt: skip


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_hostile_catalogue_is_told_of_and_nothing_in_it_is_run(name, tmp_path):
    text, says = CATALOGUES[name]
    file = tmp_path / "sources.yml"
    file.write_text(text.replace("{mark}", str(tmp_path / "mark")), encoding="utf-8")
    began = time.monotonic()
    with pytest.raises(CatalogueError, match=says) as refusal:
        load_catalogue(file)
    assert not (tmp_path / "mark").exists()
    assert len(str(refusal.value)) < 20_000
    assert time.monotonic() - began < 60  # laughs would take longer than the sun
