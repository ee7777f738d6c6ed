"""Times the suites of marts as the house runs them, pushed down into DuckDB, against the same suites on pandas frames.

    python tests/benchmarks/suites.py --home HOME [--marts dim_enterprise,plan_progress] [--repeats 3]

The same expectations on the same Parquet; each way in a process of its own, with its memory watched. What an expectation
cannot do on pandas (a rule that is a query) is left out of both and counted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

from _measure import watch


def pushed_down(subject: str, file: Path) -> tuple[float, int]:
    """Seconds and number of checks of a suite as a night runs it, the library's import left out."""
    from expectations import runner
    from orchestration.settings import SEEDS

    runner.warm()
    began = time.perf_counter()
    results = runner.run_suite(subject, [file], SEEDS)
    return time.perf_counter() - began, len(results)


def in_pandas(subject: str, file: Path) -> tuple[float, int]:
    """The same through Great Expectations' own pandas engine: the frame read, then validated."""
    import duckdb
    import great_expectations as gx

    from expectations import runner
    from orchestration.settings import SEEDS

    runner.warm()
    suite = runner._suite(subject, SEEDS)
    suite.expectations = [one for one in suite.expectations if not hasattr(one, "unexpected_rows_query")]
    context = gx.get_context(mode="ephemeral")
    began = time.perf_counter()
    frame = duckdb.sql(f"from read_parquet('{file}')").df()
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset(subject)
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
    )
    batch.validate(suite, result_format="BOOLEAN_ONLY")
    return time.perf_counter() - began, len(suite.expectations)


WAYS = {"pushed down": pushed_down, "pandas": in_pandas}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True, help="a home with a release")
    parser.add_argument("--marts", default="dim_enterprise,fct_digital_status,plan_progress")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "MART"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    parquet = given.home / "current" / "parquet"
    if given.one:
        way, mart = given.one
        seconds, checks = WAYS[way](mart, parquet / f"{mart}.parquet")
        print(f"{seconds:.3f} {checks}")
        return
    print("| mart | way | checks | s | ms a check | peak MB | ratio of ms |")
    print("|---|---|---|---|---|---|---|")
    for mart in given.marts.split(","):
        first = None
        for way in WAYS:
            seconds, checks, peaks = [], 0, []
            for _ in range(given.repeats):
                command = [sys.executable, __file__, "--home", str(given.home), "--one", way, mart]
                watched = watch(command)
                told = watched.lines[-1][1].split()
                seconds.append(float(told[0]))
                checks = int(told[1])
                peaks.append(watched.peak().tree / 1e6)
            each = 1000 * statistics.median(seconds) / checks
            first = first or each
            print(
                f"| {mart} | {way} | {checks} | {statistics.median(seconds):.2f} | {each:.1f} "
                f"| {statistics.median(peaks):,.0f} | {each / first:.2f} |"
            )


if __name__ == "__main__":
    main()
