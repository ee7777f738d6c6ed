"""What Spark is asked for, and what is said where there is none; Spark itself is among the clients."""

import json
from dataclasses import replace

import polars as pl
import pytest

from orchestration import dbt, spark, spark_worker
from orchestration.settings import Settings, SettingsError
from warehouse import build, engine
from warehouse.home import Home

SCHEMAS = {"firms": {"uscc": "VARCHAR", "founded_on": "DATE"}, "lists": {"name_text": "VARCHAR"}}


@pytest.fixture
def failing_spark(tmp_path, monkeypatch) -> None:
    """An interpreter that says one line and fails."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no memory for the driver'\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setenv(spark.PYTHON_VARIABLE, str(python))


def test_without_sparks_environment_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setenv(spark.PYTHON_VARIABLE, str(tmp_path / "none"))
    settings = Settings.from_environment(home=Home(tmp_path / "home"), engine="spark")
    with pytest.raises(SettingsError, match=r"no Spark environment: .*none does not exist; `make spark`"):
        spark.require_engine(settings)
    spark.require_engine(replace(settings, engine="duckdb"))


def test_a_worker_that_fails_is_told_with_its_last_words(tmp_path, failing_spark):
    with pytest.raises(dbt.DbtFailed, match="Spark ended with 3:\nno memory for the driver"):
        spark.build_models(tmp_path, None, {}, SCHEMAS, {}, True)


def test_the_job_names_every_file_and_the_types_in_sparks_words(tmp_path, monkeypatch, failing_spark):
    monkeypatch.setenv(spark.MASTER_VARIABLE, "spark://host:7077")
    night = pl.DataFrame({"as_of_date": ["2026-11-23"]})
    with pytest.raises(dbt.DbtFailed):
        spark.build_models(
            tmp_path, None, {"firms": [tmp_path / "a.parquet"]}, SCHEMAS, {"night": night}, False
        )
    job = json.loads((tmp_path / "spark" / "job.json").read_text(encoding="utf-8"))
    assert job["raw"]["firms"] == {
        "columns": {"uscc": "string", "founded_on": "date"},
        "files": [str(tmp_path / "a.parquet")],
    }
    assert pl.read_parquet(job["raw"]["night"]["files"][0]).equals(night)
    assert job["settings"]["spark.master"] == "spark://host:7077"
    assert "spark.driver.host" not in job["settings"]  # another machine's executors must find the driver
    assert job["dbt"][job["dbt"].index("--target") + 1] == "spark"
    assert job["dbt"].count("--exclude-resource-type") == 2


def test_a_raw_relation_is_all_its_files_cast_to_the_declared_types():
    columns = {"uscc": "string", "founded_on": "date"}
    assert spark_worker.select({"columns": columns, "files": ["/raw/a.parquet", "/raw/b.parquet"]}) == (
        "select cast(uscc as string) as uscc, cast(founded_on as date) as founded_on from parquet.`/raw/a.parquet`"
        " union all "
        "select cast(uscc as string) as uscc, cast(founded_on as date) as founded_on from parquet.`/raw/b.parquet`"
    )


def test_a_raw_relation_without_a_file_has_its_columns_and_no_row():
    assert spark_worker.select({"columns": {"uscc": "string"}, "files": []}) == (
        "select cast(null as string) as uscc where false"
    )


def test_the_build_file_sees_the_tables_that_spark_left(tmp_path):
    for part, codes in enumerate((["A", "B"], ["C"])):
        file = tmp_path / "warehouse" / "marts.db" / "dim_enterprise" / f"part-{part}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"uscc": codes}).write_parquet(file)
    with engine.connect_build(tmp_path / "build.duckdb") as connection:
        build.register_tables(connection, tmp_path / "warehouse")
        found = connection.execute("select uscc from marts.dim_enterprise order by uscc").fetchall()
    assert found == [("A",), ("B",), ("C",)]


def test_an_engine_that_is_not_known_is_refused(monkeypatch):
    monkeypatch.setenv("BLUE_LEDGER_ENGINE", "flink")
    with pytest.raises(SettingsError, match="engine: expected duckdb or spark, not 'flink'"):
        Settings.from_environment()
