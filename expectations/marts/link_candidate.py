"""Suite of link_candidate: what listed names may mean, one row per listed name and enterprise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, present
from expectations.marts._common import demo_code_is_nobodys, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("list_id", "uscc")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="link_candidate",
        expectations=[
            # where every name is settled or no register is known, there is nothing to choose from
            *published(empty="info"),
            *origin(),
            demo_code_is_nobodys("uscc", KEY),
            present("evidence", "Every candidate says what speaks for it, because a person chooses by that."),
            present(
                "enterprise_as", "The enterprise's text is there, because a decision is held against it."
            ),
            no_row(
                "score_possible",
                "score < 0 or score > 1",
                show=["score"],
                severity="critical",
                why="A score lies between 0 and 1, because the queue is ordered by it.",
                key=KEY,
                column="score",
            ),
            no_row(
                "similar_name_is_shown_from_the_threshold_on",
                "tier = 'T5' and score < 0.8",
                show=["score"],
                severity="critical",
                why="A similar name scores 0.80 or more, because below that reviewers were shown nothing but noise.",
                key=KEY,
                column="score",
            ),
            no_row(
                "rank_within_five",
                "rank < 1 or rank > 5",
                show=["rank"],
                severity="critical",
                why="At most five enterprises stand beside a name, because a person is to choose.",
                key=KEY,
                column="rank",
            ),
        ],
    )
