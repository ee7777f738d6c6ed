"""Suite of fct_indicator_value: every print of every figure, all vintages, one row per figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of, present
from expectations.marts._common import origin, published
from expectations.vocabulary import SOURCE_TIERS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("figure_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the fact by itself: ranges were judged on arrival."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_indicator_value",
        expectations=[
            *published(),
            *origin(),
            present("value", "Every figure has a value, because what is not known is a gap, not a figure."),
            no_row(
                "value_finite",
                "isnan(value) or isinf(value)",
                show=["value"],
                severity="critical",
                why="Values are finite, because no publisher prints a division by nothing.",
                key=KEY,
                column="value",
            ),
            one_of(
                "source_tier",
                (*SOURCE_TIERS, "demo"),
                "Tiers are O, P, M, E or demo, because they rank sources that disagree.",
            ),
            no_row(
                "demo_claims_no_source",
                "data_origin = 'demo' and source_tier in ('O', 'P', 'M')",
                show=["source_tier", "source_id"],
                severity="critical",
                why="A demo figure claims no official page, press or reprint, because nobody published it.",
                key=KEY,
                column="source_tier",
            ),
            present(
                "published_on",
                "A figure has a date of publication, because an undated one cannot be known as of a day.",
                severity="warning",
            ),
        ],
    )
