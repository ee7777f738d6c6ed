"""Serving on loopback: Dagster's UI, its scheduler, and the current release's pages. Ends all it started when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from orchestration import prepare, workers
from orchestration.settings import PROJECT, Settings
from warehouse.home import Home

LOOPBACK = "127.0.0.1"
DEAD_RUNS_EVERY_S = 300
MODULE = "orchestration.definitions"
SHOWN = ("reports", "site")  # folders of a release that are pages; the rest is for readers of files


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
    print(f"release   http://{LOOPBACK}:{port + 1}", flush=True)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        looked = time.monotonic()
        while all(process.poll() is None for process in started):
            time.sleep(0.5)
            if time.monotonic() - looked > DEAD_RUNS_EVERY_S:
                _end_dead_runs(settings.home)
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
            process.wait(timeout=30)
        pages.shutdown()


def _end_dead_runs(home: Home) -> None:
    """A night that was killed must not keep the scheduler's queue waiting for it."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        for run_id in prepare.end_dead_runs(home, instance):
            print(f"run {run_id} had ended without a word; it is marked as failed", file=sys.stderr)


def release_pages(home: Home) -> type[SimpleHTTPRequestHandler]:
    """A handler that shows the pages of whatever release is current when it is asked, and nothing else."""

    class Pages(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if urlsplit(self.path).path == "/":
                self.send_response(HTTPStatus.FOUND)
                self.send_header("Location", "/reports/night.html")
                self.end_headers()
                return
            super().do_GET()

        def translate_path(self, path: str) -> str:
            parts = [part for part in unquote(urlsplit(path).path).split("/") if part]
            shown = [(home.current / folder).resolve() for folder in SHOWN]
            try:
                wanted = home.current.joinpath(*parts).resolve()
            except ValueError:  # a null byte is in no file's name
                return str(home.root / "no-such-page")
            if wanted.is_file() and any(wanted.is_relative_to(folder) for folder in shown):
                return str(wanted)
            return str(home.root / "no-such-page")

        def end_headers(self) -> None:
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            super().end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Requests are not logged: who reads what is nobody's business."""

    return Pages


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
