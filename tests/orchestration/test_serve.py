"""Serving on loopback: the pages of the current release and nothing else, and an end when Dagster's processes end."""

from __future__ import annotations

import http.client
import signal
import subprocess
import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import pytest

from orchestration import prepare
from orchestration import serve as serving
from warehouse import release as releases

pytestmark = pytest.mark.slow


@pytest.fixture
def get(home):
    """Ask the pages of this test's home."""
    with asking(home) as get:
        yield get


@pytest.fixture(scope="module")
def get_published(published):
    """Ask the pages of a home that nobody changes."""
    with asking(published) as get:
        yield get


@contextmanager
def asking(home):
    """A function that asks for a path exactly as written; it returns status, headers and text."""
    server = ThreadingHTTPServer((serving.LOOPBACK, 0), serving.release_pages(home))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def get(path: str, method: str = "GET", host: str | None = None):
        connection = http.client.HTTPConnection(*server.server_address, timeout=30)
        connection.putrequest(method, path, skip_host=host is not None)
        if host is not None:
            connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    try:
        yield get
    finally:
        server.shutdown()
        server.server_close()


def test_the_first_page_is_the_report_of_the_current_release(get_published):
    status, headers, _ = get_published("/")
    assert (status, headers["Location"]) == (302, "/reports/night.html")
    status, headers, text = get_published("/reports/night.html")
    assert (status, text) == (200, "每夜报告")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_new_release_is_seen_at_once_and_so_is_a_step_back(get, home, publish):
    publish("20261123T021503Z", "二十三日")
    assert get("/reports/night.html")[2] == "二十三日"
    publish("20261124T021503Z", "二十四日")
    assert get("/reports/night.html")[2] == "二十四日"
    releases.use(home, "20261123T021503Z")
    assert get("/reports/night.html?again")[2] == "二十三日"


@pytest.mark.parametrize(
    "path",
    [
        "/marts.duckdb",
        "/manifest.json",
        "/parquet/data_gaps.parquet",
        "/reports/",
        "/reports",
        "/reports/../manifest.json",
        "/reports/%2e%2e/manifest.json",
        "/reports/..%2f..%2f..%2fbuild/build.duckdb",
        "/reports/../../../build/build.duckdb",
        "/site/../../20261123T021503Z/marts.duckdb",
        "//etc/passwd",
        "/reports//../../../../../../../../etc/passwd",
        "/reports/night.html%00.png",
        "/reports/none.html",
    ],
)
def test_nothing_but_pages_is_shown(get_published, path):
    assert get_published(path)[0] == 404


def test_before_the_first_release_there_is_no_page(get):
    assert get("/reports/night.html")[0] == 404


def test_nothing_can_be_sent(get_published):
    for method in ("POST", "PUT", "DELETE"):
        assert get_published("/reports/night.html", method)[0] == 501


class Program:
    """A process that ends when it is asked to, and tells what was done to it."""

    def __init__(self, command, env, cwd):
        self.command, self.env, self.signals = command, env, []
        self.code: int | None = None

    def poll(self):
        return self.code

    def send_signal(self, number):
        self.signals.append(number)
        self.code = -number

    def wait(self, timeout):
        assert timeout > 0


@pytest.fixture
def started(monkeypatch):
    """The programs that `serve` starts, none of them for real."""
    started: list[Program] = []

    def start(*arguments, **named):
        started.append(Program(*arguments, **named))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(prepare, "manifest", lambda home: {})
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    for name in ("BLUE_LEDGER_HOME", "BLUE_LEDGER_SOURCES", "BLUE_LEDGER_DEMO", "BLUE_LEDGER_ONLY"):
        monkeypatch.setenv(name, "")  # what serve sets is set back
    monkeypatch.setattr(serving, "ThreadingHTTPServer", _on_any_port)
    return started


@pytest.fixture
def at_each_look(monkeypatch):
    """Have this done instead of waiting, each time before the processes are looked at again."""

    def instead(do):
        monkeypatch.setattr(serving.time, "sleep", lambda seconds: do())

    return instead


def test_when_one_of_dagsters_processes_ends_all_end_and_it_is_said(settings, started, at_each_look, capsys):
    at_each_look(lambda: setattr(started[0], "code", 1))  # the first is the webserver
    assert serving.serve(settings, 3000) == 1
    webserver, daemon = started
    assert webserver.command[1:] == ["-h", "127.0.0.1", "-p", "3000", "-m", "orchestration.definitions"]
    assert daemon.command[1:] == ["run", "-m", "orchestration.definitions"]
    assert (webserver.signals, daemon.signals) == ([], [signal.SIGINT])
    assert webserver.env["DAGSTER_HOME"] == str(settings.home.dagster)
    assert webserver.env["BLUE_LEDGER_HOME"] == str(settings.home.root)
    assert "one of Dagster's processes ended" in capsys.readouterr().err


def test_dead_runs_that_cannot_be_looked_for_are_told_in_a_line_and_end_nothing(
    settings, started, at_each_look, monkeypatch, capsys
):
    looks = []

    def full(home):
        looks.append(home)
        raise OSError(28, "No space left\non device")

    def interrupt_after_two_looks():
        if len(looks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(serving, "_end_dead_runs", full)
    monkeypatch.setattr(serving, "DEAD_RUNS_EVERY_S", 0)
    at_each_look(interrupt_after_two_looks)
    assert serving.serve(settings, 3000) == 0
    line = "dead runs could not be looked for: OSError: [Errno 28] No space left on device"
    assert capsys.readouterr().err.splitlines() == [line, line]
    assert [program.signals for program in started] == [[signal.SIGINT], [signal.SIGINT]]


def test_a_process_that_does_not_end_when_asked_is_killed_and_the_other_waited_for(
    settings, started, at_each_look, monkeypatch
):
    waited: list[Program] = []

    def wait(program, timeout=None):
        waited.append(program)
        if program is started[0] and program.code != -signal.SIGKILL:
            raise subprocess.TimeoutExpired("dagster-webserver", timeout)

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(Program, "wait", wait)
    monkeypatch.setattr(Program, "kill", lambda program: program.send_signal(signal.SIGKILL), raising=False)
    at_each_look(interrupted)
    assert serving.serve(settings, 3000) == 0
    webserver, daemon = started
    assert webserver.signals == [signal.SIGINT, signal.SIGKILL]
    assert daemon.signals == [signal.SIGINT]
    assert waited == [webserver, webserver, daemon]


def _on_any_port(address, handler):
    assert address == ("127.0.0.1", 3001)
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def test_the_first_page_is_the_site_where_the_release_has_one(get, home, publish):
    publish("20261123T021503Z", "二十三日", site="驾驶舱")
    assert get("/")[1]["Location"] == "/site/index.html"
    assert get("/site/index.html")[2] == "驾驶舱"


def test_an_older_release_is_shown_under_its_id_and_all_are_listed(get, home, publish):
    publish("20261123T021503Z", "二十三日", site="旧")
    publish("20261124T021503Z", "二十四日", site="新")
    assert get("/site/index.html")[2] == "新"
    assert get("/releases/20261123T021503Z/site/index.html")[2] == "旧"
    status, headers, listed = get("/releases/")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert listed.index("20261124T021503Z") < listed.index("20261123T021503Z")
    assert listed.count("当前 current") == 1
    assert 'href="/releases/20261123T021503Z/site/index.html"' in listed


@pytest.mark.parametrize(
    "path",
    [
        "/releases/20261123T021503Z/marts.duckdb",
        "/releases/20261123T021503Z/manifest.json",
        "/releases/20261123T021503Z/site/../manifest.json",
        "/releases/20261123T021503Z/reports/../../../build/build.duckdb",
        "/releases/../releases/20261123T021503Z/reports/night.html",
        "/releases/.20261123T021503Z.partial/reports/night.html",
        "/releases/20261122T021503Z/reports/night.html",
        "/releases/20261123T021503Z",
        "/releases/..%2f..%2fbuild%2fbuild.duckdb",
        "/releases/" + "x" * 5000,
        "/reports/" + "x" * 5000,
    ],
)
def test_nothing_but_pages_is_shown_of_any_release(get_published, path):
    assert get_published(path)[0] == 404


def test_a_link_out_of_a_release_is_not_followed(get, home, publish):
    release = publish("20261123T021503Z", "每夜报告", site="驾驶舱")
    (release.path / "site" / "out.html").symlink_to(release.path / "manifest.json")
    assert get("/site/out.html")[0] == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:3001", 200),
        ("localhost:3001", 200),
        ("evil.example", 421),
        ("evil.example:3001", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_only_who_asks_for_this_machine_is_answered(get_published, host, status):
    assert get_published("/reports/night.html", host=host)[0] == status
    assert get_published("/releases/", host=host)[0] == status


def test_every_answer_forbids_frames_referrers_and_guessing_of_types(get_published):
    for path in ("/reports/night.html", "/releases/", "/", "/reports/none.html"):
        headers = get_published(path)[1]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Server"].strip() == "blue-ledger"


def test_a_head_request_has_no_body(get_published):
    for path in ("/reports/night.html", "/releases/"):
        status, headers, text = get_published(path, "HEAD")
        assert (status, text) == (200, "") and int(headers["Content-Length"]) > 0
