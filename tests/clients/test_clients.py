"""Real clients on a real release: old and new DuckDB, pandas, polars, a browser, and Dagster's own server."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from warehouse.release import open_release, verify

pytestmark = pytest.mark.clients

QUESTION = "select value, base_value from plan_progress where target_id = 'TG01' and period = '2024'"
CLIENT = f"""
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps([duckdb.__version__, connection.execute({QUESTION!r}).fetchall()]))
"""


def environment_with(requirement: str, folder: Path) -> Path:
    """The programs of an environment of its own that has one package from the index that pip is set up with."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, requirement], check=True)
    return folder / "bin"


def environment_of(pins: Path, folder: Path) -> Path:
    """The programs of an environment of its own that has the pinned packages and no other."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    programs = folder / "bin"
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "uv"], check=True)  # installs in seconds what takes pip minutes
    into = ["pip", "install", "--quiet", "--python", programs / "python", "--no-deps", "-r", pins]
    subprocess.run([programs / "uv", *into], check=True)
    return programs


@pytest.fixture(scope="module", params=["1.1.3", "2.0.0"])
def other_duckdb(request, tmp_path_factory) -> tuple[str, Path]:
    """A Python that has another version of DuckDB than ours."""
    folder = tmp_path_factory.mktemp("duckdb") / "venv"
    return request.param, environment_with(f"duckdb=={request.param}", folder) / "python"


def test_a_duckdb_client_of_another_version_opens_the_release(real_home, other_duckdb):
    version, python = other_duckdb
    file = real_home.root / "current" / "marts.duckdb"
    done = subprocess.run([python, "-c", CLIENT, file], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [version, [[1703.42, 1596.8]]]


def test_duckdbs_own_command_line_reads_the_release_with_its_comments(real_home, tmp_path):
    program = environment_with("duckdb-cli==1.5.6", tmp_path / "venv") / "duckdb"

    def ask(sql: str) -> list[dict]:
        command = [program, "-readonly", "-json", real_home.root / "current" / "marts.duckdb", sql]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert ask(QUESTION) == [{"value": 1703.42, "base_value": 1596.8}]
    [table] = ask("select comment from duckdb_tables() where table_name = 'marine_gdp_share'")
    assert table["comment"].startswith("海洋生产总值、地区生产总值及占比")


def test_polars_and_the_table_agree_on_every_mart(real_home):
    import polars as pl

    files = sorted((real_home.current / "parquet").glob("*.parquet"))
    tables = real_home.rows("select table_name from duckdb_tables() where schema_name = 'main' order by 1")
    assert [(file.stem,) for file in files] == tables
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


@pytest.fixture
def dom(tmp_path):
    """Open a page in headless Chromium; returns the document as the browser made it."""
    if shutil.which("chromium") is None:
        pytest.skip("no chromium on this machine; .ci/run installs it")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}"]

    def dom(page: Path) -> str:
        command = ["chromium", *flags, "--dump-dom", page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    return dom


def test_the_nights_page_opens_in_a_browser(real_home, dom):
    shown = dom(real_home.current / "reports" / "night.html")
    assert "海洋生产总值" in shown
    assert "1,703.42 亿元" in shown
    assert "征求意见稿" in shown


def test_the_page_of_lineage_draws_itself_in_a_browser(real_home, dom):
    """dbt's page under the policy that we put into it: its scripts run, and its front is ours."""
    shown = dom(real_home.current / "lineage" / "index.html")
    assert "蓝账数据血缘" in re.sub(r"<script\b.*?</script>", "", shown, flags=re.DOTALL)
    assert "Superset 仪表板" in re.sub(r"<script\b.*?</script>", "", shown, flags=re.DOTALL)


def test_the_nights_page_cannot_send_anything_anywhere(real_home, dom, tmp_path):
    """Whatever got into the page: its policy lets no request out. Without the policy the same page would send four."""
    page = (real_home.current / "reports" / "night.html").read_text(encoding="utf-8")
    [policy] = re.findall(r'<meta http-equiv="Content-Security-Policy"[^>]*>', page)
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: what was asked is kept above."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_address[1]}"
        smuggled = (
            f'<img src="{place}/img"><link rel="stylesheet" href="{place}/css">'
            f'<script src="{place}/js"></script><iframe src="{place}/frame"></iframe></body>'
        )
        assert page.count("</body>") == 1
        for name, text in {"open": page.replace(policy, ""), "guarded": page}.items():
            file = tmp_path / f"{name}.html"
            file.write_text(text.replace("</body>", smuggled), encoding="utf-8")
            assert "1,703.42 亿元" in dom(file)
            sent, asked = sorted(asked), []
            assert sent == (["/css", "/frame", "/img", "/js"] if name == "open" else [])
        server.shutdown()


def test_a_run_started_from_dagsters_own_server_publishes_what_the_command_line_does(
    real_home, home_after, start_blue_ledger, tmp_path
):
    root = home_after(real_home)
    (root / "current").unlink()  # as before the first release, on the very same inputs
    shutil.rmtree(root / "releases")
    port, log = _free_port(), tmp_path / "serve.log"
    without_demo = {"BLUE_LEDGER_DEMO": "no"}
    with start_blue_ledger("serve", "--port", port, home=root, variables=without_demo, log=log) as server:
        try:
            run = _launch(port)
            status = _wait(
                lambda: _status(port, run), lambda found: found in ("SUCCESS", "FAILURE", "CANCELED")
            )
            automations = _automations(port)
            page = urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/", timeout=30).read().decode()
        finally:
            server.terminate()
            server.wait(timeout=60)
            _wait(lambda: _is_alive(server.pid), lambda alive: not alive, seconds=120)
    assert status == "SUCCESS", log.read_text()
    assert automations == {"every_night": "RUNNING", "inbox": "RUNNING"}
    made = open_release(root / "current")
    assert verify(made) == []
    assert made.manifest["marts"] == open_release(real_home.current).manifest["marts"]
    assert '<data value="1703.42">1,703.42</data>' in page  # the site, to which the server's root leads


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


def _launch(port: int) -> str:
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


def _automations(port: int) -> dict[str, str]:
    """What starts runs by itself, and whether it is on."""
    query = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
        schedules { name scheduleState { status } } sensors { name sensorState { status } } } } } }"""
    [node] = _ask(port, query)["repositoriesOrError"]["nodes"]
    schedules = {one["name"]: one["scheduleState"]["status"] for one in node["schedules"]}
    return schedules | {one["name"]: one["sensorState"]["status"] for one in node["sensors"]}


def _is_alive(group: int) -> bool:
    """Whether any process of a group that this test started is still there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
