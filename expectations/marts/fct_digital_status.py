"""Suite of fct_digital_status: what coverage counts, one row per day and firm of the frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import between, no_row, present
from expectations.marts._common import demo_code_is_nobodys, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("as_of", "uscc")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the fact by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_digital_status",
        expectations=[
            *published(),
            *origin(),
            present(
                "frame_row_id",
                "Every firm names the row that puts it in the frame, because coverage is traced to it.",
            ),
            between(
                "level",
                0,
                4,
                "Levels run from 0 to 4, because the national scale has four and none.",
                check="level_possible",
            ),
            no_row(
                "level_has_its_assessment",
                "(level is null) <> (assessment_row_id is null)",
                show=["level", "assessment_row_id"],
                severity="critical",
                why="A level comes of an assessment and of nothing else, because the unassessed are unknown.",
                key=KEY,
                column="level",
            ),
            demo_code_is_nobodys("uscc", KEY),
        ],
    )
