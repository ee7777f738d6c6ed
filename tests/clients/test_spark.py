"""A real Spark: the same models, the same rows to the bit as DuckDB's, and a night that publishes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration import spark
from tests.clients.test_clients import environment_of
from tests.conftest import PROJECT, Done
from warehouse.release import open_release, verify

pytestmark = pytest.mark.clients

ENVIRONMENT = "BLUE_LEDGER_TEST_SPARK"  # names a ready environment, so that repeated runs need not make one
TIMEOUT_S = 1800


@pytest.fixture(scope="module")
def on_spark(start_blue_ledger, tmp_path_factory):
    """Run a command whose models are built by Spark, on the master that is named."""
    ready = os.environ.get(ENVIRONMENT)
    programs = (
        Path(ready) / "bin"
        if ready
        else environment_of(
            PROJECT / "dbt_project" / "spark-requirements.txt", tmp_path_factory.mktemp("spark") / "venv"
        )
    )

    def run(*arguments: object, home: Path, master: str) -> Done:
        variables = {spark.PYTHON_VARIABLE: str(programs / "python"), spark.MASTER_VARIABLE: master}
        with start_blue_ledger(*arguments, "--engine", "spark", home=home, variables=variables) as process:
            out, err = process.communicate(timeout=TIMEOUT_S)
        return Done(process.returncode, out, err)

    return run


def test_a_night_on_spark_publishes_the_rows_that_duckdb_published(on_spark, demo_home, home_after):
    before = open_release(demo_home.current)
    home = home_after(demo_home)

    night = on_spark("nightly", home=home, master="local[2]")

    assert night.code == 0, night.out + night.err
    now = open_release((home / "current").resolve())
    assert (before.manifest["engine"], now.manifest["engine"]) == ("duckdb", "spark")
    assert now.id != before.id and verify(now) == []
    assert now.manifest["marts"] == before.manifest["marts"]  # rows and row hashes of every mart
    assert now.manifest["checks"] == before.manifest["checks"]  # dbt's tests among them, run on Spark


def test_two_executors_that_shuffle_between_processes_build_the_same_rows(on_spark, real_home):
    done = on_spark(
        "rebuild", "--from-landing", "--json", home=real_home.root, master="local-cluster[2,1,1024]"
    )

    assert done.code == 0, done.out + done.err
    marts = done.json()["marts"]
    assert {line["state"] for line in marts} == {"identical"}
    assert len(marts) == len(open_release(real_home.current).manifest["marts"])
