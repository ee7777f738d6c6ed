"""The one runner of suites: rows from Parquet, checks pushed down to DuckDB, plain results. Repairs nothing.

Great Expectations is imported when a suite runs, never when this module is: see ``warm``.
"""

from __future__ import annotations

import importlib
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from expectations import DATASET_SUITES, PLAN_SUITES, SUITES
from expectations.checks import LOCATOR

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite, ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

MAX_SAMPLES = 10
MEMORY_LIMIT = "1GB"
SPILL_LIMIT = "4GB"
THREADS = 2


class UnknownSubject(Exception):
    """No suite is kept for that name; the message lists the names there are."""


class SuiteCrashed(Exception):
    """An expectation could not be evaluated: no pass, no failure of the data, but an error of the run."""

    def __init__(self, suite: str, expectation: str, message: str) -> None:
        super().__init__(suite, expectation, message)
        self.suite, self.expectation, self.message = suite, expectation, message

    def __str__(self) -> str:
        return f"suite {self.suite}: {self.expectation} could not be evaluated: {self.message}"


@dataclass(frozen=True)
class CheckResult:
    """One check on one subject.

    description: one sentence with the reason of the bound. unexpected_count of element_count rows offend; a
    check on the whole table counts itself, 0 or 1, of 1. samples: at most ten, each "where: what". status "error": it could
    not be evaluated, for the reason in `observed`; that says nothing of the data, for or against.
    """

    suite: str
    subject: str
    subject_kind: Literal["dataset", "mart"]
    check: str
    column: str | None
    severity: Literal["critical", "warning", "info"]
    status: Literal["passed", "failed", "error"]
    description: str
    unexpected_count: int
    element_count: int
    observed: str
    samples: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether the data failed critically: this result alone refuses a snapshot, and a mart's stops the night."""
        return self.status == "failed" and self.severity == "critical"

    @property
    def in_one_line(self) -> str:
        """A failed check in one line: what was expected, and where it was not so."""
        samples = "; ".join(self.samples[:3])
        return f"{self.subject} · {self.check}: {self.description} — {samples or self.observed}"


@dataclass(frozen=True)
class SuiteRequest:
    """A subject and the Parquet files that hold its rows: one snapshot of a dataset, or one mart."""

    subject: str
    files: tuple[Path, ...]


def warm() -> None:
    """Import everything that running a suite imports; the initializer of a worker process."""
    import great_expectations
    import great_expectations.expectations  # noqa: F401

    import expectations.dialect

    expectations.dialect.register()
    for module in SUITES.values():
        importlib.import_module(module)


def run_suite(
    subject: str,
    files: Sequence[Path],
    reference_dir: Path,
    *,
    memory_limit: str = MEMORY_LIMIT,
    threads: int = THREADS,
) -> list[CheckResult]:
    """Every check of a subject's suite on the rows of the files, in the order of the suite.

    Raises:
        UnknownSubject: there is no suite of that name.
        SuiteCrashed: the files cannot be read, or an expectation could not be evaluated.
    """
    request = SuiteRequest(subject, tuple(files))
    [results] = run_suites([request], reference_dir, memory_limit=memory_limit, threads=threads)
    for result in results:
        if result.status == "error":
            raise SuiteCrashed(result.suite, result.check, result.observed)
    return results


def run_suites(
    requests: Sequence[SuiteRequest],
    reference_dir: Path,
    *,
    memory_limit: str = MEMORY_LIMIT,
    threads: int = THREADS,
) -> list[list[CheckResult]]:
    """The results of every request, in the order of the requests; one engine and one context serve them all.

    What could not be evaluated is a result of status "error" (see ``not_evaluated``), and the rest is evaluated all the same.

    Raises:
        UnknownSubject: as ``run_suite``.
    """
    for request in requests:
        if request.subject not in SUITES:
            raise UnknownSubject(f"no suite for {request.subject!r}; there are: {', '.join(SUITES)}")
    warm()
    with _engine(memory_limit, threads) as engine:
        return [
            engine.run(f"subject_{number}", request, reference_dir) for number, request in enumerate(requests)
        ]


def declared_checks(subjects: Sequence[str], reference_dir: Path) -> dict[str, list[str]]:
    """Which checks each subject's suite declares, asked of the suites alone: what must have a result before a release.

    A suite that cannot be built declares nothing; running it says why. Raises UnknownSubject.
    """
    for subject in subjects:
        if subject not in SUITES:
            raise UnknownSubject(f"no suite for {subject!r}; there are: {', '.join(SUITES)}")
    warm()
    declared: dict[str, list[str]] = {}
    for subject in subjects:
        try:
            suite = _suite(subject, reference_dir)
        except Exception:
            declared[subject] = []
        else:
            declared[subject] = [id_of(expectation.meta) for expectation in suite.expectations]
    return declared


def not_evaluated(subject: str, check: str, reason: str, **known: Any) -> CheckResult:
    """The result of a check, or of a whole suite (check "suite"), that gave none: critical, and no word on the data."""
    about = {
        "suite": subject,
        "subject_kind": "dataset" if subject in DATASET_SUITES else "mart",
        "column": None,
        "description": "Every declared check is evaluated, because what was not looked at is not known to be right.",
    }
    return CheckResult(
        **about | known,
        subject=subject,
        check=check,
        severity="critical",
        status="error",
        unexpected_count=0,
        element_count=0,
        observed=reason,
    )


def _suite(subject: str, reference_dir: Path) -> ExpectationSuite:
    module = importlib.import_module(SUITES[subject])
    suite: ExpectationSuite = (
        module.suite(subject, reference_dir) if subject in PLAN_SUITES else module.suite(reference_dir)
    )
    return suite


@contextmanager
def _engine(memory_limit: str, threads: int) -> Iterator[_Engine]:
    with tempfile.TemporaryDirectory(prefix="suites-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": spill,
            "max_temp_directory_size": SPILL_LIMIT,
        }
        with duckdb.connect(":memory:", config=config) as connection:
            # Twenty checks read the same file: its footer need be parsed but once.
            connection.execute("set parquet_metadata_cache = true")
            yield _Engine(connection)


class _Engine:
    """An in-memory DuckDB under one ephemeral context; a view per subject over its files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        from expectations import dialect

        self.connection = connection
        nothing_kept = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        )
        context = gx.get_context(mode="ephemeral", project_config=nothing_kept)
        self.source = context.data_sources.add_sql(
            "duckdb",
            connection_string=f"{dialect.NAME}:///:memory:",
            kwargs=dialect.engine_arguments(connection),  # type: ignore[call-arg]  # its stub leaves it out
        )

    def run(self, table: str, request: SuiteRequest, reference_dir: Path) -> list[CheckResult]:
        """A result for every check that the suite declares; where the suite as a whole gave none, one that says so."""
        try:
            return self._run(table, request, reference_dir)
        except SuiteCrashed as crash:
            return [not_evaluated(request.subject, "suite", f"{crash.expectation}: {crash.message}")]
        except (
            Exception
        ) as error:  # a fault of a suite, or of the library: no suite may take the others with it
            return [not_evaluated(request.subject, "suite", f"{type(error).__name__}: {error}")]

    def _run(self, table: str, request: SuiteRequest, reference_dir: Path) -> list[CheckResult]:
        subject = request.subject
        module = importlib.import_module(SUITES[subject])
        kind = "dataset" if subject in DATASET_SUITES else "mart"
        key = LOCATOR if kind == "dataset" else module.KEYS[subject] if subject in PLAN_SUITES else module.KEY
        n_rows = self._open(table, request)
        suite = _suite(subject, reference_dir)
        # A verdict and the query of the offending rows is all that is asked for. They are counted and shown here,
        # where they are wanted: the library computes both for every check, passed ones too, in twice the time.
        wanted = {
            "result_format": "BOOLEAN_ONLY",
            "unexpected_index_column_names": list(key),
            "return_unexpected_index_query": True,
        }
        with _quiet():
            batch = (
                self.source.add_table_asset(table, table_name=table)
                .add_batch_definition_whole_table("all")
                .get_batch()
            )
            validated = batch.validate(suite, result_format=wanted)
        outcomes = {id_of(_config(outcome).meta): outcome for outcome in validated.results}
        about = {"suite": suite.name, "subject": subject, "subject_kind": kind}
        return [
            self._result(about, outcomes[check], table, len(key), n_rows)
            if check in outcomes
            else not_evaluated(subject, check, "the run gave no result for it", suite=suite.name)
            for check in _ids(suite)
        ]

    def _open(self, table: str, request: SuiteRequest) -> int:
        files = [str(file) for file in request.files]
        try:
            paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
            self.connection.execute(
                f"create view {table} as select * from read_parquet([{paths}], union_by_name = true)"
            )
            [(rows,)] = self.connection.execute(f"select count(*) from {table}").fetchall()
            return int(rows)
        except duckdb.Error as error:
            raise SuiteCrashed(request.subject, f"reading {files or 'no files'}", str(error)) from error

    def _result(
        self,
        about: dict[str, Any],
        outcome: ExpectationValidationResult,
        table: str,
        n_keys: int,
        n_rows: int,
    ) -> CheckResult:
        config = _config(outcome)
        fault = _crash(outcome.exception_info)
        if fault is None:
            try:
                return self._verdict(about, outcome, table, n_keys, n_rows)
            except duckdb.Error as error:
                fault = f"showing what failed: {error}"
        return not_evaluated(
            about["subject"],
            id_of(config.meta),
            f"{config.type}: {fault}",
            suite=about["suite"],
            column=config.meta.get("column") or config.kwargs.get("column"),
            description=_sentence(config.notes),
        )

    def _verdict(
        self,
        about: dict[str, Any],
        outcome: ExpectationValidationResult,
        table: str,
        n_keys: int,
        n_rows: int,
    ) -> CheckResult:
        config = _config(outcome)
        check, kwargs = id_of(config.meta), config.kwargs
        passed = bool(outcome.success)
        samples: tuple[str, ...] = ()
        if config.type.startswith("expect_table_"):
            unexpected, elements, observed = int(not passed), 1, f"{n_rows} rows"
        else:
            unexpected, elements = 0, n_rows
            is_share = kwargs.get("mostly", 1) < 1 and n_rows > 0
            if is_share or not passed:
                query = kwargs.get("unexpected_rows_query") or outcome.result["unexpected_index_query"]
                unexpected = self._count(query, table)
            observed = f"{unexpected} of {n_rows} rows"
            if is_share:
                observed += f" ({100 * unexpected / n_rows:.2f} %)"
            if not passed:
                samples = self._samples(
                    config.meta.get("samples") or query, table, config.meta.get("n_keys", n_keys)
                )
        return CheckResult(
            **about,
            check=check,
            column=config.meta.get("column") or kwargs.get("column"),
            severity=config.severity.value,
            status="passed" if passed else "failed",
            description=_sentence(config.notes),
            unexpected_count=unexpected,
            element_count=elements,
            observed=observed,
            samples=samples,
        )

    def _count(self, query: str, table: str) -> int:
        [(rows,)] = self.connection.execute(f"select count(*) from ({_on(query, table)})").fetchall()
        return int(rows)

    def _samples(self, query: str, table: str, n_keys: int) -> tuple[str, ...]:
        cursor = self.connection.execute(
            f"select * from ({_on(query, table)}) order by all limit {MAX_SAMPLES}"
        )
        names = [column[0] for column in cursor.description]
        return tuple(_sample(row, names, n_keys) for row in cursor.fetchall())


def _on(query: str, table: str) -> str:
    """A rule's query put to a table; a query of the library's own names the table already."""
    return query.format(batch=table) if "{batch}" in query else query.rstrip("; \n")


def _config(outcome: ExpectationValidationResult) -> ExpectationConfiguration:
    assert (
        outcome.expectation_config is not None
    )  # only an outcome that was read back from a file may lack it
    return outcome.expectation_config


def id_of(meta: Mapping[str, Any] | None) -> str:
    """The check id that an expectation's meta carries."""
    check: str = (meta or {})["check"]
    return check


def _ids(suite: ExpectationSuite) -> list[str]:
    ids = [id_of(expectation.meta) for expectation in suite.expectations]
    if twice := sorted({check for check in ids if ids.count(check) > 1}):
        raise SuiteCrashed(suite.name, "the suite", f"checks that are declared twice: {', '.join(twice)}")
    return ids


def _sentence(notes: str | list[str] | None) -> str:
    return " ".join(notes) if isinstance(notes, list) else notes or ""


def _crash(info: Mapping[str, Any] | None) -> str | None:
    """The library's message where evaluation raised; it is kept flat, or under the metrics that raised."""
    if not info:
        return None
    nested = [value for value in info.values() if isinstance(value, Mapping)]
    for one in nested or [info]:
        if one.get("raised_exception", True) and one.get("exception_message"):
            return str(one["exception_message"])
    return None if not nested and not info.get("raised_exception") else json.dumps(info, default=str)[:2000]


def _sample(row: Sequence[object], names: Sequence[str], n_keys: int) -> str:
    where = " ".join(_print(value) for value in row[:n_keys])
    values = row[n_keys:]
    if len(values) == 1:
        what = _print(values[0])
    else:
        what = ", ".join(
            f"{name} {_print(value)}" for name, value in zip(names[n_keys:], values, strict=True)
        )
    return f"{where}: {what}" if where else what


def _print(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's own remarks: what went wrong is in the results, and raised from there."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
