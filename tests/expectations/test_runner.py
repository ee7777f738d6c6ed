"""The runner: what a result says, and that what could not be evaluated is never taken for a result."""

from __future__ import annotations

import dataclasses
import json
import pickle
import sys
import types
from datetime import date

import polars as pl
import pytest

import expectations
from expectations.checks import between, no_row, noted, one_of
from expectations.runner import (
    CheckResult,
    SuiteCrashed,
    SuiteRequest,
    UnknownSubject,
    declared_checks,
    run_suite,
    run_suites,
    warm,
)

pytestmark = pytest.mark.slow

ROWS = pl.DataFrame(
    {
        "source_locator": ["潍坊市!C7", "潍坊市!C8", "潍坊市!C9", "潍坊市!C10"],
        "value": [17034200.0, 1.5, None, 2.0],
        "unit": ["100m_cny", "pct", "pct", "mu"],
        "seen_on": [date(2025, 1, 1)] * 4,
    }
)


@pytest.fixture
def subject(monkeypatch):
    """Registers a suite of the given expectations under the name "probe", as a dataset."""

    def register(*expectations_made):
        def suite(reference_dir):
            import great_expectations as gx

            return gx.ExpectationSuite(name="probe", expectations=[make() for make in expectations_made])

        module = types.ModuleType("probe_suite")
        module.suite = suite
        monkeypatch.setitem(sys.modules, "probe_suite", module)
        monkeypatch.setitem(expectations.SUITES, "probe", "probe_suite")
        monkeypatch.setitem(expectations.DATASET_SUITES, "probe", "probe_suite")
        return "probe"

    return register


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "行's.parquet"
    ROWS.write_parquet(path)
    return path


def small_values(**changes):
    rule = {"show": ["concat_ws(' ', value, unit) as figure"], "severity": "critical", "why": "Because."}
    return lambda: no_row("value_small", "value > 1000", column="value", **(rule | changes))


def test_a_failed_rule_names_the_rows_and_their_values(subject, file, tmp_path):
    [result] = run_suite(subject(small_values()), [file], tmp_path)
    assert result == CheckResult(
        suite="probe",
        subject="probe",
        subject_kind="dataset",
        check="value_small",
        column="value",
        severity="critical",
        status="failed",
        description="Because.",
        unexpected_count=1,
        element_count=4,
        observed="1 of 4 rows",
        samples=("潍坊市!C7: 17034200.0 100m_cny",),
    )
    assert result.blocks
    assert result.in_one_line == "probe · value_small: Because. — 潍坊市!C7: 17034200.0 100m_cny"


def test_a_failed_expectation_of_the_librarys_own_names_the_rows_too(subject, file, tmp_path):
    [result] = run_suite(
        subject(lambda: one_of("unit", ["pct", "100m_cny"], "Why.", severity="warning")), [file], tmp_path
    )
    assert (result.check, result.column, result.severity) == ("unit_known", "unit", "warning")
    assert (result.observed, result.samples) == ("1 of 4 rows", ("潍坊市!C10: mu",))
    assert not result.blocks


def test_a_sample_of_several_values_names_each(subject, file, tmp_path):
    [result] = run_suite(subject(small_values(show=["seen_on", "unit"])), [file], tmp_path)
    assert result.samples == ("潍坊市!C7: seen_on 2025-01-01, unit 100m_cny",)


def test_a_passed_check_has_no_samples(subject, file, tmp_path):
    [result] = run_suite(
        subject(lambda: between("value", 0, 1e9, "Why.", check="value_possible")), [file], tmp_path
    )
    assert (result.status, result.unexpected_count, result.samples) == ("passed", 0, ())


def test_a_tolerated_share_is_shown_even_where_it_passes(subject, file, tmp_path):
    def mostly_valued():
        import great_expectations.expectations as gxe

        return gxe.ExpectColumnValuesToNotBeNull(column="value", mostly=0.7, **noted("value_mostly", "Why."))

    [result] = run_suite(subject(mostly_valued), [file], tmp_path)
    assert (result.status, result.unexpected_count) == ("passed", 1)
    assert result.observed == "1 of 4 rows (25.00 %)"


def test_at_most_ten_samples_are_kept(subject, tmp_path):
    many = pl.DataFrame(
        {"source_locator": [f"!A{n:02}" for n in range(30)], "value": [5000.0] * 30, "unit": "pct"}
    )
    many.write_parquet(tmp_path / "many.parquet")
    [result] = run_suite(subject(small_values()), [tmp_path / "many.parquet"], tmp_path)
    assert result.unexpected_count == 30
    assert result.samples == tuple(f"!A{n:02}: 5000.0 pct" for n in range(10))


def test_files_of_one_snapshot_are_judged_together(subject, file, tmp_path):
    ROWS.drop("seen_on").write_parquet(tmp_path / "more.parquet")
    [result] = run_suite(subject(small_values()), [file, tmp_path / "more.parquet"], tmp_path)
    assert (result.unexpected_count, result.element_count) == (2, 8)


@pytest.mark.parametrize(
    ("expectation", "named", "message"),
    [
        (lambda: one_of("colour", ["red"], "Why."), "colour_known", "colour"),
        (
            lambda: no_row("rule", "colour = 'red'", show=["colour"], severity="info", why="Why."),
            "rule",
            'Referenced column "colour" not found',
        ),
        (lambda: between("unit", 0, 1, "Why.", check="unit_small"), "unit_small", "Cannot compare values"),
        (
            lambda: no_row("unit_small", "unit::integer > 1", show=["unit"], severity="info", why="Why."),
            "unit_small",
            "Could not convert string",
        ),
    ],
    ids=[
        "no such column",
        "a rule on no such column",
        "a column of another type",
        "a query that fails on a row",
    ],
)
def test_an_expectation_that_cannot_be_evaluated_is_neither_pass_nor_failure(
    subject, file, tmp_path, expectation, named, message
):
    with pytest.raises(SuiteCrashed) as crashed:
        run_suite(subject(small_values(), expectation), [file], tmp_path)
    assert crashed.value.suite == "probe"
    assert crashed.value.expectation.startswith(named)
    assert message in crashed.value.message


def test_files_that_cannot_be_read_crash_the_suite(subject, tmp_path):
    with pytest.raises(SuiteCrashed, match="missing.parquet"):
        run_suite(subject(small_values()), [tmp_path / "missing.parquet"], tmp_path)
    with pytest.raises(SuiteCrashed, match="reading no files"):
        run_suite(subject(small_values()), [], tmp_path)


def test_two_checks_of_one_id_crash_the_suite(subject, file, tmp_path):
    with pytest.raises(SuiteCrashed, match="value_small"):
        run_suite(subject(small_values(), small_values()), [file], tmp_path)


def test_a_check_that_cannot_be_evaluated_leaves_the_others_of_its_suite_their_results(
    subject, file, tmp_path
):
    name = subject(
        small_values(),
        lambda: one_of("colour", ["red"], "Why.", severity="warning"),
        lambda: between("value", 0, 1e9, "W.", check="value_possible"),
    )
    [[failed, error, passed]] = run_suites([SuiteRequest(name, (file,))], tmp_path)
    assert (failed.status, passed.status) == ("failed", "passed")
    assert (error.check, error.column, error.status, error.severity) == (
        "colour_known",
        "colour",
        "error",
        "critical",
    )
    assert "colour" in error.observed and error.unexpected_count == 0
    assert not error.blocks  # it is no failure of the data


def test_a_suite_that_crashes_leaves_the_other_subjects_their_results(subject, file, tmp_path):
    name = subject(small_values())
    requests = [SuiteRequest(name, (tmp_path / "missing.parquet",)), SuiteRequest(name, (file,))]
    [error], [failed] = run_suites(requests, tmp_path)
    assert (error.check, error.status, error.severity) == ("suite", "error", "critical")
    assert "missing.parquet" in error.observed
    assert failed.status == "failed"


def test_a_suite_that_cannot_be_built_says_so_and_declares_nothing(subject, file, tmp_path):
    def broken():
        raise KeyError("gop")

    [[error]] = run_suites([SuiteRequest(subject(broken), (file,))], tmp_path)
    assert (error.check, error.status, error.observed) == ("suite", "error", "KeyError: 'gop'")
    assert declared_checks(["probe"], tmp_path) == {"probe": []}


def test_a_declared_check_without_a_result_is_an_error(subject, file, tmp_path, monkeypatch):
    from great_expectations.datasource.fluent.interfaces import Batch

    whole = Batch.validate

    def without_the_last(self, *args, **kwargs):
        validated = whole(self, *args, **kwargs)
        validated.results = validated.results[:-1]
        return validated

    monkeypatch.setattr(Batch, "validate", without_the_last)
    name = subject(lambda: between("value", 0, 1e9, "W.", check="value_possible"), small_values())
    [[passed, error]] = run_suites([SuiteRequest(name, (file,))], tmp_path)
    assert declared_checks([name], tmp_path) == {name: ["value_possible", "value_small"]}
    assert (passed.check, passed.status) == ("value_possible", "passed")
    assert (error.check, error.status) == ("value_small", "error")
    assert error.observed == "the run gave no result for it"


def test_an_unknown_subject_is_named_with_those_there_are(tmp_path):
    with pytest.raises(UnknownSubject, match="'gdp'.*indicator_figures"):
        run_suite("gdp", [tmp_path / "x.parquet"], tmp_path)


def test_many_requests_are_answered_in_their_order(subject, file, tmp_path):
    ROWS.filter(pl.col("value") < 1000).write_parquet(tmp_path / "small.parquet")
    name = subject(small_values())
    requests = [SuiteRequest(name, (file,)), SuiteRequest(name, (tmp_path / "small.parquet",))]
    first, second = run_suites(requests, tmp_path, memory_limit="256MB", threads=1)
    assert [first[0].status, second[0].status] == ["failed", "passed"]


def test_results_and_crashes_travel_between_processes_and_into_json(subject, file, tmp_path):
    [result] = run_suite(subject(small_values()), [file], tmp_path)
    assert pickle.loads(pickle.dumps(result)) == result
    assert json.loads(json.dumps(dataclasses.asdict(result)))["samples"] == ["潍坊市!C7: 17034200.0 100m_cny"]
    crash = pickle.loads(pickle.dumps(SuiteCrashed("figures", "value_small", "no such column")))
    assert str(crash) == "suite figures: value_small could not be evaluated: no such column"


def test_warming_up_imports_the_library_once_and_for_all():
    warm()
    warm()
    assert "great_expectations.expectations" in sys.modules
