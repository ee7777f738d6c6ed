"""The recipes of docs/reading.md, run as they stand there: each block that says so, and what it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.clients.test_clients import environment_with
from tests.conftest import PROJECT, TIMEOUT_S, environment

pytestmark = pytest.mark.clients

PAGE = PROJECT / "docs" / "reading.md"
BLOCK = re.compile(
    r"<!-- run -->\n```(?P<language>sh|python)\n(?P<code>.*?)```\n(?:```text\n(?P<printed>.*?)```\n)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Recipe:
    heading: str
    language: str
    code: str
    printed: str


def recipes() -> list[Recipe]:
    text = PAGE.read_text(encoding="utf-8")
    found = []
    for block in BLOCK.finditer(text):
        heading = re.findall(r"^## (.*)$", text[: block.start()], re.MULTILINE)[-1]
        found.append(Recipe(heading, block["language"], block["code"], block["printed"] or ""))
    return found


def test_every_block_that_says_it_is_run_is_found_and_the_others_say_they_are_not_tried():
    text = PAGE.read_text(encoding="utf-8")
    found = recipes()
    assert len(found) == text.count("<!-- run -->") >= 10
    assert {recipe.heading for recipe in found} == {
        "DuckDB's command line", "Python", "Excel and WPS", "PostgreSQL, ODBC and JDBC",
    }  # fmt: skip
    fenced = len(re.findall(r"^```\w+$", text, re.MULTILINE))
    printed = len(re.findall(r"^```text$", text, re.MULTILINE))
    assert fenced - printed - len(found) == 1  # R
    assert "**Not tried**" in text.partition("## R\n")[2].partition("## ")[0]


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    """DuckDB's own program, in an environment of its own."""
    return environment_with("duckdb-cli==1.5.6", tmp_path_factory.mktemp("cli") / "venv")


@pytest.fixture(scope="module")
def place(real_home, tmp_path_factory) -> Path:
    """A folder in which `current` is the release, as in the home, and which may be written to."""
    folder = tmp_path_factory.mktemp("reading")
    (folder / "current").symlink_to(real_home.current)
    return folder


@pytest.fixture(scope="module")
def run(real_home, place, programs, postgres):
    """Run a recipe and return what it printed; the server is left as it was."""
    address = urlsplit(postgres.address)
    variables = environment(real_home.root) | {
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(PROJECT),
        "LEDGER_MIRROR": postgres.address,
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(address.port),
        "DB_NAME": address.path.strip("/"),
        "BI_PASSWORD": "only-for-this-test",
    }

    def run(recipe: Recipe) -> str:
        command = ["bash", "-euo", "pipefail", "-c"] if recipe.language == "sh" else [sys.executable, "-c"]
        done = subprocess.run(
            [*command, recipe.code],
            cwd=place,
            env=variables,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run
    with psycopg.connect(postgres.address, autocommit=True) as connection:
        connection.execute("drop schema if exists blue_ledger cascade")
        for role in ("bi", "blue_ledger_reader"):
            connection.execute(f"drop role if exists {role}")


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.heading.split()[0].strip(","))
def test_a_recipe_prints_what_the_page_says(run, recipe):
    if "isql" in recipe.code and shutil.which("isql") is None:
        pytest.fail("unixODBC is not installed (no isql); .ci/run installs it")
    assert run(recipe) == recipe.printed


def test_an_exported_csv_is_read_by_a_spreadsheet_with_its_chinese_and_its_figures(run, place, tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice on this machine; .ci/run installs it")
    [recipe] = [recipe for recipe in recipes() if "export csv" in recipe.code]
    run(recipe)
    file = place / "导出" / "plan_progress.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")  # what tells Excel that this is UTF-8
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--infilter=CSV:44,34,UTF8", "--convert-to", "ods"]
    subprocess.run([*command, "--outdir", tmp_path, file], check=True, capture_output=True, timeout=TIMEOUT_S)
    from python_calamine import CalamineWorkbook

    header, *rows = (
        CalamineWorkbook.from_path(tmp_path / "plan_progress.ods").get_sheet_by_index(0).to_python()
    )
    table = [dict(zip(header, row, strict=True)) for row in rows]
    [row] = [row for row in table if row["target_id"] == "TG01" and str(row["period"]).startswith("2024")]
    assert row["value"] == 1703.42
    assert "市级集聚区名单未公布" in {row["reason"] for row in table}
