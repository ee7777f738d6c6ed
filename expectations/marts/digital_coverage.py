"""Suite of digital_coverage: coverage of the above-scale frame with its bounds, per area, day and scope."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import between, no_row
from expectations.marts._common import never_negative, null_says_why, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("area_id", "as_of", "scope")
COUNTS = ("frame_count", "assessed_count", "transformed_count", "deep_count")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by its own arithmetic."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="digital_coverage",
        expectations=[
            *published(),
            *origin(),
            *never_negative(COUNTS, KEY),
            between(
                "coverage_pct",
                0,
                100,
                "Coverage lies within 0 to 100 %, because the covered are part of the frame.",
                check="coverage_pct_possible",
            ),
            no_row(
                "counts_are_nested",
                "deep_count > transformed_count or transformed_count > assessed_count "
                "or assessed_count > frame_count",
                show=["deep_count", "transformed_count", "assessed_count", "frame_count"],
                severity="critical",
                why=(
                    "Deep are transformed, transformed assessed, assessed in the frame, because each is "
                    "found there."
                ),
                key=KEY,
                column="transformed_count",
            ),
            no_row(
                "coverage_within_its_bounds",
                "coverage_pct < coverage_low_pct - 1e-9 or coverage_pct > coverage_high_pct + 1e-9 "
                "or coverage_low_pct > coverage_high_pct + 1e-9",
                show=["coverage_low_pct", "coverage_pct", "coverage_high_pct"],
                severity="critical",
                why="Coverage lies between its bounds, because they count the unassessed as none and as all.",
                key=KEY,
                column="coverage_pct",
            ),
            no_row(
                "known_coverage_has_bounds",
                "coverage_pct is not null and (coverage_low_pct is null or coverage_high_pct is null)",
                show=["coverage_pct"],
                severity="critical",
                why=(
                    "A coverage is shown with its bounds, because unassessed is not the same as "
                    "untransformed."
                ),
                key=KEY,
                column="coverage_low_pct",
            ),
            null_says_why("coverage_pct", KEY),
            no_row(
                "published_coverage_close",
                # invented assessments need not agree with a real figure
                "abs(coverage_pct - published_coverage_pct) > 3 and data_origin <> 'demo'",
                show=["coverage_pct", "published_coverage_pct"],
                severity="warning",
                why=(
                    "The published coverage lies within 3 points of the computed one, because the "
                    "province's rose by "
                    "some 4 a year and dates differ by months; further off, the definitions differ."
                ),
                key=KEY,
                column="published_coverage_pct",
            ),
        ],
    )
