"""Suite of digital_assessments: one row per assessment of an enterprise's digital maturity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import (
    between,
    complete,
    no_duplicates,
    no_row,
    no_sole_trader_named,
    not_in_the_future,
    one_of,
)
from expectations.datasets._common import provenance
from expectations.vocabulary import DIGITAL_LEVELS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

#: the level that a score earns on the national scale, where 20, 40, 60 and 80 points begin a level
_EARNED = """case
    when score < 20 then 0
    when score < 40 then 1
    when score < 60 then 2
    when score < 80 then 3
    else 4
end"""
_MISMATCH = f"score is not null and level <> ({_EARNED})::varchar"


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one table of assessments; its reading needs no reference table."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="digital_assessments",
        expectations=[
            *provenance(),
            complete(
                ["level", "assessed_on"],
                "Every assessment has level and day, because coverage counts level 1 and above while it is valid.",
            ),
            no_sole_trader_named("coalesce(uscc, uscc_text)", ["name_text", "name_normalised"]),
            no_row(
                "uscc_mostly_valid",
                "uscc is null",
                show=["uscc_text", "uscc_fault"],
                severity="critical",
                tolerated_share=0.02,
                why="At most 2 % have no valid credit code, because more means that columns have shifted.",
                column="uscc",
            ),
            no_row(
                "uscc_valid",
                "uscc is null",
                show=["uscc_text", "uscc_fault"],
                severity="warning",
                why="Every assessment has a valid credit code, because it joins the frame by it.",
                column="uscc",
            ),
            one_of(
                "level",
                DIGITAL_LEVELS,
                "Levels run from 0 to 4, because the national scale has four and none.",
            ),
            between(
                "score",
                0,
                100,
                "Scores run from 0 to 100, because the national scale does.",
                check="score_possible",
            ),
            no_row(
                "score_mostly_earns_its_level",
                _MISMATCH,
                show=["level", "score"],
                severity="critical",
                tolerated_share=0.05,
                why=(
                    "At most 5 % of scores contradict their level, because a level begins at 20, 40, 60 and 80; "
                    "more means another scale."
                ),
                column="level",
            ),
            no_row(
                "score_earns_its_level",
                _MISMATCH,
                show=["level", "score"],
                severity="warning",
                why="No score contradicts its level, because a level begins at 20, 40, 60 and 80 points.",
                column="level",
            ),
            not_in_the_future(
                "assessed_on",
                None,
                "Nothing is assessed after the day of retrieval, because it would stay valid too long.",
            ),
            no_duplicates(
                "assessed_once_a_day",
                ["uscc", "assessed_on", "scheme_text"],
                where="uscc is not null",
                severity="warning",
                why="An enterprise is assessed once a day by a scheme, because it is unclear which of two stands.",
                column="assessed_on",
            ),
        ],
    )
