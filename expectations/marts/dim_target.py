"""Suite of dim_target: the plan's targets as worded, one row per plan version and target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, present
from expectations.marts._common import published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("plan_version", "target_id")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_target",
        expectations=[
            *published(empty="critical"),
            present(
                "plan_quote", "Every target quotes its clause, because readers must find it in the plan."
            ),
            present(
                "plan_status", "Every target says whether its plan is adopted, because a draft binds nobody."
            ),
            no_row(
                "quantified_means_a_number",
                "is_quantified <> (target_value is not null)",
                show=["is_quantified", "target_value"],
                severity="critical",
                why=(
                    "A target carries a number exactly if it is called quantified, because only those are "
                    "assessed."
                ),
                key=KEY,
                column="target_value",
            ),
            no_row(
                "tolerance_not_negative",
                "tolerance < 0",
                show=["tolerance"],
                severity="critical",
                why="A tolerance is not negative, because it widens a target and never tightens it.",
                key=KEY,
                column="tolerance",
            ),
        ],
    )
