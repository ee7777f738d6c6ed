"""Running dbt inside a process that has it imported, and reading its manifest. No model's content is known here.

dagster-dbt would start a dbt process for every command, and takes seconds to import in every process that loads the
definitions; what is needed of it is here and in assets/models.py, a hundred lines.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestration.dbt_results import NodeResult
from orchestration.settings import DBT_PROJECT, SEEDS, city_folder, project_version
from warehouse.engine import GIB, memory_budget_bytes, spill_budget_bytes

TARGET = DBT_PROJECT / "target"
# What dbt made of the project: for us as JSON, for dbt itself in its own form, and of what code both are.
MANIFEST, PARSED, STAMP = "manifest.json", "partial_parse.msgpack", "manifest.version"
# The memory that dbt's connection may take, unless the machine has less or its owner says otherwise. Chosen by measurement:
# linking and writing ten million firms does not fit 4 GiB, and with 6 the whole night stays under 8 (docs/performance.md).
MEMORY_VARIABLE, SPILL_VARIABLE = "BLUE_LEDGER_MEMORY_LIMIT", "BLUE_LEDGER_MAX_TEMP"
MOST_MEMORY = 6 * GIB


class DbtFailed(Exception):
    """dbt could not run at all: the project does not parse, or the build file is not there."""


def warm() -> None:
    """Import dbt."""
    import dbt.cli.main  # noqa: F401


def environment(home_build: Path) -> dict[str, str]:
    """The variables that profiles.yml and dbt_project.yml read."""
    scratch = home_build / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        "BLUE_LEDGER_SEEDS": _seeds_path().relative_to(DBT_PROJECT).as_posix(),
        "BLUE_LEDGER_BUILD_FILE": str(home_build / "build.duckdb"),
        "BLUE_LEDGER_TEMP": str(scratch),
        SPILL_VARIABLE: os.environ.get(SPILL_VARIABLE) or f"{spill_budget_bytes(scratch)}B",
        MEMORY_VARIABLE: os.environ.get(MEMORY_VARIABLE) or f"{memory_budget_bytes(MOST_MEMORY)}B",
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
    }


def _target() -> Path:
    """Where dbt keeps what it made of the project: a place for each city, so that nights of two cities do not meet."""
    folder = city_folder()
    if folder == SEEDS:
        return TARGET
    return TARGET / "cities" / hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def _seeds_path() -> Path:
    """The city's folder by a path inside the project: dbt writes copies to wherever that path leads from its target."""
    if _target() == TARGET:
        return SEEDS
    link = _target() / "seeds"
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(city_folder())
    return link


def parse(home_build: Path) -> None:
    """Write the manifest anew, unless another process has done so meanwhile; runs in the dbt worker."""
    _target().mkdir(parents=True, exist_ok=True)
    with FileLock(_target() / "parse.lock"):  # nights of two homes share one project
        if manifest_is_current():
            return
        # whoever dies here leaves nothing that is trusted; and files that may not be written are taken away, as dbt cannot
        for name in (STAMP, MANIFEST, PARSED):
            (_target() / name).unlink(missing_ok=True)
        _invoke(["parse"], home_build)
        (_target() / STAMP).write_text(_stamp(), encoding="utf-8")


def build(home_build: Path, with_tests: bool = True) -> list[NodeResult]:
    """Seeds, models and data tests, in order of dependency; runs in the dbt worker."""
    if not manifest_is_current():
        parse(home_build)
    try:
        answer = _invoke(build_command(with_tests), home_build, _parsed())
    finally:
        _close_build_file()
    return [NodeResult.of(result) for result in answer.result.results]


def _close_build_file() -> None:
    """dbt-duckdb keeps the file open until its process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager.env().close()
        DuckDBConnectionManager.close_all_connections()


def build_command(with_tests: bool) -> list[str]:
    """What dbt is asked for a build; unit tests prove the code, not the night's data: they run in the test suite."""
    left_out = ["unit_test"] if with_tests else ["unit_test", "test"]
    options = [option for kind in left_out for option in ("--exclude-resource-type", kind)]
    return ["build", "--no-write-json", *options]


def manifest_is_current() -> bool:
    try:
        return (_target() / STAMP).read_bytes() == _stamp().encode()
    except OSError:  # not there, or not to be read
        return False


def _stamp() -> str:
    """Of what code the manifest is, where that lies, and its bytes: a damaged one is made anew."""
    hashes = [hashlib.sha256((_target() / name).read_bytes()).hexdigest() for name in (MANIFEST, PARSED)]
    return f"{project_version()} {DBT_PROJECT} {' '.join(hashes)}"


def load_manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((_target() / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def declared_tests(manifest: dict[str, Any]) -> dict[str, str]:
    """Name of every data test that a build must have run, by unique id; unit tests prove the code, not the night's data."""
    return {id_: node["name"] for id_, node in manifest["nodes"].items() if node["resource_type"] == "test"}


def _parsed() -> Any:
    """The project as dbt read it. Given it, dbt parses nothing, which it else does anew (5 s) for every other home."""
    from dbt.contracts.graph.manifest import Manifest

    return Manifest.from_msgpack((_target() / PARSED).read_bytes())


def _invoke(command: list[str], home_build: Path, manifest: Any = None) -> Any:
    """dbt's answer; of what kind its result is depends on the command."""
    from dbt.cli.main import dbtRunner

    os.environ.update(environment(home_build))
    logs = home_build / "dbt_logs"
    answer = dbtRunner(manifest=manifest).invoke(
        [
            "--quiet",
            "--no-use-colors",
            "--log-level-file", "info",
            *command,
            *folders(_target(), logs),
        ]
    )  # fmt: skip
    if answer.exception is not None:
        raise DbtFailed(f"dbt {command[0]}: {answer.exception}")
    if getattr(answer, "result", None) is None:
        raise DbtFailed(f"dbt {command[0]} gave no result; see {logs / 'dbt.log'}")
    return answer


def folders(target: Path, logs: Path) -> list[str]:
    """Options that say where the project lies, and where dbt writes."""
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    return [*project, "--target-path", str(target), "--log-path", str(logs)]
