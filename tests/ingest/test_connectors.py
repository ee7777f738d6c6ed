"""Connectors: what stands at a source's location, and every way in which that is not a document."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import stamina

from ingest import connectors
from ingest.connectors import FetchError, Places, fetch
from ingest.landing import Document

CSV = "地区,数值\n奎文区,361.7\n".encode()


def no_demo(folder):
    raise AssertionError("the demo generator was asked")


@pytest.fixture
def places(tmp_path) -> Places:
    for name in ("catalogue", "inbox", "demo"):
        (tmp_path / name).mkdir()
    return Places(tmp_path / "catalogue", tmp_path / "inbox", tmp_path / "demo", no_demo)


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(name.encode())


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_found_from_the_catalogues_folder(source_of, places):
    put(places.catalogue, "statistics/gdp.csv")
    assert fetch(source_of(location="statistics/gdp.csv"), places) == [
        Document("gdp.csv", b"statistics/gdp.csv", "statistics/gdp.csv")
    ]


def test_a_file_may_stand_anywhere_by_its_whole_path(source_of, places, tmp_path):
    put(tmp_path / "share", "gdp_2025.csv", "gdp_2026.csv")
    whole = str(tmp_path / "share" / "gdp_2026.csv")
    assert fetch(source_of(location=whole), places) == [Document("gdp_2026.csv", b"gdp_2026.csv", whole)]
    found = fetch(source_of(location=str(tmp_path / "share" / "*.csv")), places)
    assert [(document.name, document.location) for document in found] == [
        ("gdp_2025.csv", str(tmp_path / "share" / "gdp_2025.csv")),
        ("gdp_2026.csv", whole),
    ]


def test_a_missing_file_is_named_with_its_source(source_of, places):
    with pytest.raises(FetchError, match=r"county_figures: expected a file at gdp\.csv, there is none"):
        fetch(source_of(location="gdp.csv"), places)


def test_a_folder_is_no_file(source_of, places):
    put(places.catalogue, "gdp/a.csv")
    with pytest.raises(FetchError, match="county_figures: expected a file at gdp, there is none"):
        fetch(source_of(location="gdp"), places)


def test_a_file_above_the_limit_is_refused_unread(source_of, places, monkeypatch):
    put(places.catalogue, "gdp.csv")
    monkeypatch.setattr(connectors, "MAX_BYTES", 6)
    with pytest.raises(FetchError, match=r"county_figures: gdp\.csv is larger than 6 bytes"):
        fetch(source_of(location="gdp.csv"), places)
    monkeypatch.setattr(connectors, "MAX_BYTES", 7)
    assert len(fetch(source_of(location="gdp.csv"), places)) == 1


@pytest.mark.parametrize("call", ["read_bytes", "stat"])
def test_a_file_that_cannot_be_read_is_a_failed_look_and_not_a_crash(source_of, places, monkeypatch, call):
    put(places.catalogue, "gdp.csv")
    source = source_of(location="gdp.csv")

    def refuse(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, call, refuse)
    with pytest.raises(FetchError, match=r"county_figures: gdp\.csv cannot be read: Permission denied"):
        fetch(source, places)


# ── the inbox ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def inbox(source_of):
    """An inbox source of files that match."""
    return lambda location="*figures*.csv", **changes: source_of(
        connector="inbox", location=location, data_origin="submitted", **changes
    )


def test_the_inbox_gives_every_file_that_matches_in_order_of_name(inbox, places):
    put(places.inbox, "b_figures.csv", "a_figures_2026.csv", "figures.xlsx", "other.csv")
    assert [document.name for document in fetch(inbox(), places)] == ["a_figures_2026.csv", "b_figures.csv"]


def test_hidden_files_locks_of_open_workbooks_and_folders_are_passed_over(inbox, places):
    put(places.inbox, ".figures.csv", "~$figures.csv", "figures.csv", "old_figures.csv/kept")
    assert [document.name for document in fetch(inbox(), places)] == ["figures.csv"]


def test_a_glob_may_reach_into_the_folders_of_departments(inbox, places):
    put(places.inbox, "D01/figures.csv", "D05/figures.csv", "figures.csv")
    found = fetch(inbox("*/figures.csv"), places)
    assert [(document.name, document.location) for document in found] == [
        ("figures.csv", os.path.join("D01", "figures.csv")),
        ("figures.csv", os.path.join("D05", "figures.csv")),
    ]


def test_an_empty_inbox_is_nothing_where_the_source_may_be_empty_and_else_a_failure(inbox, places):
    assert fetch(inbox(optional=True), places) == []
    with pytest.raises(FetchError, match=r"expected files named \*figures\*\.csv, there is none"):
        fetch(inbox(), places)


# ── demo ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_demo_files_are_made_before_they_are_read(source_of, places):
    made = []

    def make(folder):
        made.append(folder)
        put(folder, "demo_figures.csv")

    source = source_of(connector="demo", data_origin="demo", tier="demo", location="demo_figures.csv")
    [document] = fetch(source, Places(places.catalogue, places.inbox, places.demo, make))
    assert made == [places.demo]
    assert document == Document("demo_figures.csv", b"demo_figures.csv", "demo_figures.csv")


# ── http ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server():
    """A publisher on this machine. ``answers`` are given in turn, the last again and again; ``asked`` are the paths."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """A test's output is its own."""

    answers, asked = [], []
    publisher = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.answers, publisher.asked = answers, asked
    thread = Thread(target=publisher.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield publisher
    publisher.shutdown()
    publisher.server_close()
    thread.join()


@pytest.fixture
def get(source_of, places, server, monkeypatch):
    """Fetch a document of the publisher, who gives these answers: (status, headers, body)."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def get(*answers, path="/gdp.csv", **changes):
        server.answers[:], server.asked[:] = answers, []
        location = f"http://127.0.0.1:{server.server_port}{path}"
        with stamina.set_testing(True, attempts=connectors.HTTP_ATTEMPTS):  # tries again without waiting
            return fetch(source_of(connector="http", location=location, **changes), places)

    return get


def test_a_document_is_fetched_once_and_named_by_its_address(get, server):
    [document] = get((200, {}, CSV), path="/2024/gdp.csv?format=1")
    assert (document.name, document.content) == ("gdp.csv", CSV)
    assert document.location == f"http://127.0.0.1:{server.server_port}/2024/gdp.csv?format=1"
    assert server.asked == ["/2024/gdp.csv?format=1"]
    assert get((200, {}, CSV), path="/")[0].name == "county_figures"


@pytest.mark.parametrize("status", [500, 429])
def test_a_busy_server_is_asked_again(get, server, status):
    [document] = get((status, {}, b"busy"), (200, {}, CSV))
    assert document.content == CSV
    assert len(server.asked) == 2


def test_a_server_that_stays_broken_is_asked_three_times(get, server):
    with pytest.raises(FetchError, match=r"county_figures: http://127.* did not answer: HTTP 500"):
        get((500, {}, b""))
    assert len(server.asked) == 3


def test_an_answer_that_breaks_off_is_asked_for_again(get, server):
    [document] = get((200, {"Content-Length": "999"}, CSV[:9]), (200, {}, CSV))
    assert document.content == CSV and len(server.asked) == 2
    with pytest.raises(FetchError, match="did not answer"):
        get((200, {"Content-Length": "999"}, CSV))


@pytest.mark.parametrize("status", [404, 206, 304])
def test_any_other_answer_than_200_is_a_failure_and_not_asked_again(get, server, status):
    with pytest.raises(FetchError, match=rf"county_figures: HTTP {status} from http://127"):
        get((status, {"Content-Length": "0"}, b""))
    assert len(server.asked) == 1


def test_a_redirect_on_the_same_host_is_followed(get, server):
    [document] = get((302, {"Location": "/files/gdp_2024.csv"}, b""), (200, {}, CSV))
    assert (document.name, document.content) == ("gdp_2024.csv", CSV)
    assert document.location.endswith("/gdp.csv")
    assert server.asked == ["/gdp.csv", "/files/gdp_2024.csv"]


def test_a_redirect_to_another_host_is_refused_and_not_followed(get, server):
    with pytest.raises(FetchError, match="county_figures: redirected to another host, localhost"):
        get((302, {"Location": f"http://localhost:{server.server_port}/gdp.csv"}, b""), (200, {}, CSV))
    assert len(server.asked) == 1


def test_redirects_without_end_are_refused(get, server):
    with pytest.raises(FetchError, match="more than five redirects"):
        get((302, {"Location": "/gdp.csv"}, b""))
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><title>login</title>",
        b"\r\n  <HTML><body>login",
        b"\xef\xbb\xbf<html>login",
        b"<?xml version='1.0'?><html>login",
        b"<!-- portal --><html>login",
        b'{"code": 401, "message": "login"}',
        b'[{"error": "login"}]',
        b"",
    ],
)
def test_a_login_page_or_an_error_in_place_of_a_table_is_refused(get, body):
    with pytest.raises(FetchError, match="county_figures: expected a csv file, received "):
        get((200, {}, body))


def test_a_page_is_what_a_source_of_pages_gives(get):
    page = b"<!DOCTYPE html><table><tr><td>1</td></tr></table>"
    assert get((200, {}, page), layout="figures_html", path="/gdp.html")[0].content == page


def test_an_answer_above_the_limit_is_refused(get, monkeypatch):
    monkeypatch.setattr(connectors, "MAX_BYTES", len(CSV))
    assert get((200, {}, CSV))[0].content == CSV
    with pytest.raises(FetchError, match=f"county_figures: the answer is larger than {len(CSV)} bytes"):
        get((200, {}, CSV + b"x"))


def test_a_publisher_that_does_not_listen_is_a_failed_look(source_of, places, server, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        port = closed.server_port
    source = source_of(connector="http", location=f"http://127.0.0.1:{port}/gdp.csv")
    with stamina.set_testing(True, attempts=1), pytest.raises(FetchError, match="did not answer: "):
        fetch(source, places)


def test_an_address_that_is_none_is_a_failed_look(source_of, places):
    source = source_of(connector="http", location="http://127.0.0.1:port/gdp.csv")
    with pytest.raises(FetchError, match="county_figures: http://127.0.0.1:port/gdp.csv did not answer: "):
        fetch(source, places)
