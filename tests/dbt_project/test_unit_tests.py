"""dbt's own unit tests, run against a build file that a night left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestration.settings import DBT_PROJECT

pytestmark = pytest.mark.slow


def declared() -> set[str]:
    files = (DBT_PROJECT / "models").rglob("*_unit_tests.yml")
    return {test["name"] for file in files for test in yaml.safe_load(file.read_text("utf-8"))["unit_tests"]}


def test_every_declared_unit_test_runs_and_passes(real_home, tmp_path):
    shutil.copytree(real_home.root / "build", tmp_path / "build")
    command = [str(Path(sys.executable).parent / "dbt"), "test", "--select", "test_type:unit"]
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    made = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    variables = {
        "BLUE_LEDGER_BUILD_FILE": str(tmp_path / "build" / "build.duckdb"),
        "BLUE_LEDGER_TEMP": str(tmp_path),
    }
    done = subprocess.run(
        [*command, *folders, *made], env=os.environ | variables, capture_output=True, text=True, check=False
    )
    results = json.loads((tmp_path / "target" / "run_results.json").read_text("utf-8"))["results"]
    assert {result["unique_id"].split(".")[-1]: result["status"] for result in results} == dict.fromkeys(
        declared(), "pass"
    ), done.stdout
    assert len(declared()) >= 15
