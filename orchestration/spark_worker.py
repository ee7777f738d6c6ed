"""The whole of a build on Spark, in the interpreter of Spark's own environment: raw views, dbt, results. Nothing else.

    python spark_worker.py JOB.json

Started by orchestration/spark.py, which says what the job holds. Of the house it may import only what needs no library
that Spark's environment lacks.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestration.dbt_results import NodeResult

# dbt's tables and Spark's answers must not depend on the machine's zone, nor quotes on the dialect
SETTINGS = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def main(job_file: Path) -> int:
    threading.Thread(target=_end_with_parent, args=[os.getppid()], daemon=True).start()
    job = json.loads(job_file.read_text(encoding="utf-8"))
    session = start(job)
    try:
        for name, relation in job["raw"].items():
            session.sql(f"create or replace view raw.{name} as {select(relation)}")
        results = build(job)
    finally:
        session.stop()
    Path(job["results"]).write_text(json.dumps(results, ensure_ascii=False), encoding="utf-8")
    return 0


def _end_with_parent(parent: int) -> None:
    """A killed night takes its Spark with it: the next one begins in the same folder. Java ends with this process."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def start(job: dict[str, Any]) -> Any:
    """A session with our settings, the house's one function of its own, and the schemas."""
    from pyspark.sql import SparkSession

    from ingest.linkage.similarity import name_similarity

    # Python on the executors is this one, too
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("blue_ledger")
    for name, value in {**SETTINGS, **job["settings"]}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.udf.register("name_similarity", name_similarity, "double")
    session.sql("create database if not exists raw")
    return session


def select(relation: dict[str, Any]) -> str:
    """SQL over the files of a raw relation, each cast to the declared types; over no row where there is no file."""
    if relation["columns"] is None:
        return f"select * from parquet.`{relation['files'][0]}`"
    columns = relation["columns"].items()
    if not relation["files"]:
        return (
            "select "
            + ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns)
            + " where false"
        )
    casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in columns)
    return " union all ".join(f"select {casts} from parquet.`{file}`" for file in relation["files"])


def build(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Run dbt in this process, on the session that is there; one result per seed, model and test."""
    from dbt.cli.main import dbtRunner

    answer = dbtRunner().invoke(job["dbt"])
    if answer.exception is not None:
        raise SystemExit(f"dbt: {answer.exception}")
    of_build: Any = answer.result  # what its type is depends on the command
    return [asdict(NodeResult.of(result)) for result in of_build.results]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
