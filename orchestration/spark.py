"""A build on Apache Spark: the same models, dbt in Spark's own environment, its tables made visible to the build file.

What runs there is orchestration/spark_worker.py. Where Spark runs, on how many machines and with what memory is Spark's
own configuration (`spark-defaults.conf`, SPARK_CONF_DIR); the house asks for a master and for nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from orchestration import dbt
from orchestration.dbt_results import NodeResult
from orchestration.settings import PROJECT, Settings, SettingsError
from warehouse import build, engine

#: the interpreter of the environment that `make spark` sets up
PYTHON_VARIABLE = "BLUE_LEDGER_SPARK_PYTHON"
#: where Spark runs, in its own words: local[2], spark://host:7077, yarn
MASTER_VARIABLE = "BLUE_LEDGER_SPARK_MASTER"
DEFAULT_PYTHON = PROJECT / ".venv-spark" / "bin" / "python"
DEFAULT_MASTER = "local[*]"
TYPES = {
    "VARCHAR": "string", "DOUBLE": "double", "DATE": "date", "BOOLEAN": "boolean", "BIGINT": "bigint",
    "INTEGER": "int", "TIMESTAMP": "timestamp_ntz",
}  # fmt: skip
LOOPBACK = ("spark.driver.host", "spark.driver.bindAddress")
_LAST_WORDS = 25


def require_engine(settings: Settings) -> None:
    """Raise SettingsError, before anything is begun, where the models are to be built by an engine that is not there."""
    if settings.engine == "spark":
        _interpreter()


def build_models(
    folder: Path,
    connection: Any,
    files: Mapping[str, Sequence[Path]],
    schemas: Mapping[str, Mapping[str, str]],
    context: Mapping[str, pl.DataFrame],
    with_tests: bool,
) -> list[NodeResult]:
    """Build every model in a warehouse of Parquet under `folder`, and let the build file behind `connection` see its tables.

    files, schemas: as for `warehouse.build.register_raw`. context: frames about the night itself, by name.

    Raises:
        SettingsError: there is no such environment.
        DbtFailed: Spark or dbt could not run; their last words are in the message.
    """
    python = _interpreter()
    work = folder / "spark"
    shutil.rmtree(work, ignore_errors=True)  # of an earlier night
    (work / "context").mkdir(parents=True)
    job = work / "job.json"
    told = json.dumps(_job(work, files, schemas, context, with_tests), ensure_ascii=False, indent=1)
    job.write_text(told, encoding="utf-8")
    with (work / "spark.log").open("wb") as log:
        code = subprocess.run(
            [python, "-m", "orchestration.spark_worker", job],
            cwd=PROJECT,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode
    if code:
        words = (work / "spark.log").read_text(encoding="utf-8", errors="replace").splitlines()
        raise dbt.DbtFailed(f"Spark ended with {code}:\n" + "\n".join(words[-_LAST_WORDS:]))
    build.register_tables(connection, work / "warehouse")
    results = json.loads((work / "results.json").read_text(encoding="utf-8"))
    return [NodeResult(**result) for result in results]


def _interpreter() -> Path:
    python = Path(os.environ.get(PYTHON_VARIABLE) or DEFAULT_PYTHON)
    if not python.exists():
        raise SettingsError(
            f"there is no Spark environment: {python} does not exist; `make spark` sets it up"
        )
    return python


def _job(
    work: Path,
    files: Mapping[str, Sequence[Path]],
    schemas: Mapping[str, Mapping[str, str]],
    context: Mapping[str, pl.DataFrame],
    with_tests: bool,
) -> dict[str, Any]:
    """All that the worker is told, as orchestration/spark_worker.py reads it."""
    raw: dict[str, dict[str, Any]] = {
        name: {
            "columns": {column: TYPES[kind] for column, kind in columns.items()},
            "files": [str(Path(file).absolute()) for file in files.get(name, ())],
        }
        for name, columns in schemas.items()
    }
    for name, frame in context.items():
        file = work / "context" / f"{name}.parquet"
        frame.write_parquet(file)
        raw[name] = {"columns": None, "files": [str(file)]}
    master = os.environ.get(MASTER_VARIABLE) or DEFAULT_MASTER
    return {
        "raw": raw,
        "settings": {
            "spark.master": master,
            # executors of this machine are spoken to on loopback alone; those of others must find the driver
            **(dict.fromkeys(LOOPBACK, "127.0.0.1") if master.startswith("local") else {}),
            "spark.driver.memory": f"{engine.memory_budget_bytes() >> 20}m",
            "spark.sql.warehouse.dir": str(work / "warehouse"),
            "spark.local.dir": str(work / "tmp"),
        },
        "dbt": [
            *("--no-use-colors", "--log-level-file", "info"),
            *dbt.build_command(with_tests),
            *("--target", "spark"),
            *dbt.folders(work / "target", work / "logs"),
        ],
        "results": str(work / "results.json"),
    }


def _environment(folder: Path) -> dict[str, str]:
    """This process's environment as dbt's own worker has it, and without what would let other Spark code in."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK_", "DAGSTER_"))
    }
    return kept | dbt.environment(folder) | {"PYTHONPATH": str(PROJECT)}
