"""Real clients on a real release: old and new DuckDB, pandas, polars, a browser, and Dagster's own server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients

QUESTION = "select value, base_value from plan_progress where target_id = 'TG01' and period = '2024'"
CLIENT = f"""
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps([duckdb.__version__, connection.execute({QUESTION!r}).fetchall()]))
"""


@pytest.fixture(scope="module", params=["1.1.3", "2.0.0"])
def other_duckdb(request, tmp_path_factory) -> tuple[str, Path]:
    """A Python that has another version of DuckDB than ours, in an environment of its own."""
    folder = tmp_path_factory.mktemp("duckdb") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        f"duckdb=={request.param}",
    ]
    subprocess.run(pip, check=True)
    return request.param, python


def test_a_duckdb_client_of_another_version_opens_the_release(real_home, other_duckdb):
    version, python = other_duckdb
    file = real_home.root / "current" / "marts.duckdb"
    done = subprocess.run([python, "-c", CLIENT, file], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [version, [[1703.42, 1596.8]]]


def test_polars_and_the_table_agree_on_every_mart(real_home):
    import polars as pl

    files = sorted((real_home.current / "parquet").glob("*.parquet"))
    assert len(files) == 18
    for file in files:
        [(rows,)] = real_home.rows(f"select count(*) from {file.stem}")
        assert pl.read_parquet(file).height == rows, file.stem


def test_pandas_reads_the_parquet_through_duckdb(real_home):
    import duckdb

    file = real_home.current / "parquet" / "plan_progress.parquet"
    frame = (
        duckdb.connect().execute(f"select * from '{file}' where target_id = 'TG01' and period = '2024'").df()
    )
    assert frame["value"].tolist() == [1703.42]


@pytest.mark.skipif(
    shutil.which("chromium") is None, reason="no chromium on this machine; .ci/run installs it"
)
def test_the_nights_page_opens_in_a_browser(real_home, tmp_path):
    page = real_home.current / "reports" / "night.html"
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        ["chromium", *flags, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "海洋生产总值" in done.stdout
    assert "1,703.42 亿元" in done.stdout
    assert "征求意见稿" in done.stdout


def test_a_run_started_from_dagsters_own_server_publishes_as_the_command_line_does(
    real_home, home_after, start_blue_ledger
):
    root = home_after(real_home)
    before = {path.name for path in (root / "releases").iterdir()}
    port = _free_port()
    with start_blue_ledger("serve", "--port", port, home=root) as server:
        try:
            run = _launch(port, real_home)
            status = _wait(
                lambda: _status(port, run), lambda found: found in ("SUCCESS", "FAILURE", "CANCELED")
            )
            page = urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/", timeout=30).read().decode()
        finally:
            os.killpg(server.pid, 15)
            server.communicate(timeout=60)
    after = {path.name for path in (root / "releases").iterdir()}
    assert status == "SUCCESS"
    [made] = after - before  # demo is on when the server starts, so that there is something new
    assert (root / "current").resolve().name == made
    assert "含演示数据" in page


def _free_port() -> int:
    """A port whose successor is free as well."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _ask(port: int, query: str, variables: dict | None = None) -> dict:
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())["data"]


def _wait(look, is_there, seconds: float = 240):
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = look()
        except OSError:
            found = None
        if found is not None and is_there(found):
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s, last saw {found!r}")
        time.sleep(0.5)  # polls a server of our own; no result depends on the interval


def _launch(port: int, home) -> str:
    query = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"
    nodes = _wait(lambda: _ask(port, query)["repositoriesOrError"].get("nodes"), lambda found: bool(found))
    selector = {
        "repositoryName": nodes[0]["name"],
        "repositoryLocationName": nodes[0]["location"]["name"],
        "jobName": "nightly",
    }
    launch = """
        mutation ($params: ExecutionParams!) {
          launchRun(executionParams: $params) {
            __typename
            ... on LaunchRunSuccess { run { runId } }
            ... on PythonError { message }
          }
        }
    """
    answer = _ask(port, launch, {"params": {"selector": selector, "runConfigData": {}}})["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return answer["run"]["runId"]


def _status(port: int, run: str) -> str:
    query = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
    return _ask(port, query, {"id": run})["runOrError"]["status"]
