"""Serving on loopback: Dagster's UI, its scheduler, and the current release's pages. Ends all it started when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from orchestration import prepare, workers
from orchestration.settings import PROJECT, Settings
from warehouse.home import Home
from warehouse.release import NIGHT_ZONE, published_at, release_ids
from warehouse.text import one_line

LOOPBACK = "127.0.0.1"
DEAD_RUNS_EVERY_S = 300
MODULE = "orchestration.definitions"
NAMES = (LOOPBACK, "localhost")
SHOWN = ("reports", "site")  # folders of a release that are pages; the rest is for readers of files
FIRST_PAGES = ("site/index.html", "reports/night.html")
HEADERS = {
    "Cache-Control": "no-store",
    # a page's own policy allows it what it carries; this one forbids what a page cannot forbid about itself
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def serve(settings: Settings, port: int) -> int:
    """Run until interrupted; returns the exit code."""
    settings.to_environment()
    environment = os.environ | {
        "DAGSTER_HOME": prepare.instance_folder(settings.home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    prepare.manifest(settings.home)
    workers.stop_all()
    programs = Path(sys.executable).parent
    commands = [
        [programs / "dagster-webserver", "-h", LOOPBACK, "-p", str(port), "-m", MODULE],
        [programs / "dagster-daemon", "run", "-m", MODULE],
    ]
    pages = ThreadingHTTPServer((LOOPBACK, port + 1), release_pages(settings.home))
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    started = [
        subprocess.Popen([str(c) for c in command], env=environment, cwd=PROJECT) for command in commands
    ]
    print(f"Dagster   http://{LOOPBACK}:{port}   schedule every_night 02:00 Asia/Shanghai")
    print(f"site      http://{LOOPBACK}:{port + 1}   older releases /releases/", flush=True)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        looked = time.monotonic()
        while all(process.poll() is None for process in started):
            time.sleep(0.5)
            if time.monotonic() - looked > DEAD_RUNS_EVERY_S:
                _look_for_dead_runs(settings.home)
                looked = time.monotonic()
        print("one of Dagster's processes ended; see its messages above", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in started:
            _wait_for_end(process)
        pages.shutdown()


def _wait_for_end(process: subprocess.Popen[bytes]) -> None:
    """One that does not end when it is asked to must not keep the others from being waited for."""
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _look_for_dead_runs(home: Home) -> None:
    """A full disk or a busy history is told, and looked at again the next time: it ends neither scheduler nor pages."""
    try:
        _end_dead_runs(home)
    except Exception as error:
        print(
            f"dead runs could not be looked for: {type(error).__name__}: {one_line(str(error))}",
            file=sys.stderr,
        )


def _end_dead_runs(home: Home) -> None:
    """A night that was killed must not keep the scheduler's queue waiting for it."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        for run_id in prepare.end_dead_runs(home, instance):
            print(f"run {run_id} had ended without a word; it is marked as failed", file=sys.stderr)


def release_pages(home: Home) -> type[SimpleHTTPRequestHandler]:
    """A handler that shows the pages of releases and nothing else.

    `/site/…` and `/reports/…` are of whatever release is current when it is asked, `/releases/<id>/…` of that one, and
    `/releases/` lists them all. Whoever asks under another name than this machine's is turned away: a page of a stranger
    whose name was bent to loopback must not read what is here.
    """

    class Pages(SimpleHTTPRequestHandler):
        server_version, sys_version = "blue-ledger", ""

        def do_GET(self) -> None:
            self._answer(super().do_GET)

        def do_HEAD(self) -> None:
            self._answer(super().do_HEAD)

        def _answer(self, send_file: Callable[[], None]) -> None:
            path = urlsplit(self.path).path
            if not _is_asked_as_loopback(self.headers.get("Host")):
                self.send_error(
                    HTTPStatus.MISDIRECTED_REQUEST, "this server answers to 127.0.0.1 and localhost only"
                )
            elif path == "/":
                self.send_response(HTTPStatus.FOUND)
                self.send_header("Location", _first_page(home))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif path == "/releases/":
                page = release_list(home).encode()
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(page)
            else:
                send_file()

        def translate_path(self, path: str) -> str:
            parts = [part for part in unquote(urlsplit(path).path).split("/") if part]
            folder: Path | None = home.current
            if parts[:1] == ["releases"]:
                folder, parts = _named_release(home, parts), parts[2:]
            try:
                shown = [(folder / name).resolve() for name in SHOWN] if folder else []
                wanted = folder.joinpath(*parts).resolve() if folder else home.root
                is_page = wanted.is_file() and any(wanted.is_relative_to(place) for place in shown)
            except (
                OSError,
                ValueError,
            ):  # a null byte is in no file's name, and a name may be too long for one
                is_page = False
            return str(wanted if is_page else home.root / "no-such-page")

        def end_headers(self) -> None:
            for name, value in HEADERS.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Requests are not logged: who reads what is nobody's business."""

    return Pages


def release_list(home: Home) -> str:
    """The page that lists every release, the newest first, each with its site and its night's report."""
    from warehouse import pages

    css, style = pages.inlined("site/site.css")
    current = home.current.resolve().name if home.current.is_symlink() else None
    rows = [
        {
            "id": id_,
            "at": published_at(id_).astimezone(NIGHT_ZONE).strftime("%Y-%m-%d %H:%M"),
            "is_current": id_ == current,
            "site": (home.releases / id_ / FIRST_PAGES[0]).is_file(),
            "report": (home.releases / id_ / FIRST_PAGES[1]).is_file(),
        }
        for id_ in reversed(release_ids(home))
    ]
    page = pages.environment().get_template("releases.html")
    return page.render(css=css, policy=pages.policy(style), releases=rows)


def _first_page(home: Home) -> str:
    """The site of the current release, or, of one that has none, its night's report."""
    found = [page for page in FIRST_PAGES if (home.current / page).is_file()]
    return f"/{found[0] if found else FIRST_PAGES[0]}"


def _named_release(home: Home, parts: list[str]) -> Path | None:
    """The folder of a release that is named in a path; None for anything that is not the id of one."""
    return home.releases / parts[1] if len(parts) > 1 and parts[1] in release_ids(home) else None


def _is_asked_as_loopback(host: str | None) -> bool:
    return host is None or host.rpartition(":")[0] in NAMES or host in NAMES


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
