"""Suite of enterprises: the register of enterprises, one row per entry. Its dirt is measured, not denied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import complete, no_duplicates, no_row, no_sole_trader_named, noted, one_of
from expectations.datasets._common import provenance
from expectations.vocabulary import ENTERPRISE_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

#: the printed code and what is wrong with it, where there is none to use
_WITHOUT_CODE = (
    "select source_locator, concat_ws(' ', uscc_text, uscc_fault) as code from {batch} where uscc is null"
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one register against the areas of the reference folder."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    areas = sorted(reference.area_levels(reference_dir))
    return gx.ExpectationSuite(
        name="enterprises",
        expectations=[
            *provenance(),
            complete(
                ["name_text", "status"],
                "Every enterprise has name and status, because lists are linked by the one and counts need the other.",
            ),
            no_sole_trader_named(
                "coalesce(uscc, uscc_text)",
                ["name_text", "name_normalised", "former_name_text", "former_name_normalised"],
                enterprise_type="enterprise_type",
            ),
            one_of(
                "status", ENTERPRISE_STATUSES, "Statuses are the four known, because only in_business counts."
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column="uscc",
                mostly=0.98,
                severity=FailureSeverity.CRITICAL,
                **noted(
                    "uscc_mostly_valid",
                    "At most 2 % of rows have no valid credit code, because real registers have 0.28 %; "
                    "more means that columns have shifted.",
                    samples=_WITHOUT_CODE,
                ),
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column="uscc",
                mostly=0.995,
                severity=FailureSeverity.WARNING,
                **noted(
                    "uscc_usually_valid",
                    "At most 0.5 % of rows have no valid credit code, because real registers have 0.28 %.",
                    samples=_WITHOUT_CODE,
                ),
            ),
            no_duplicates(
                "uscc_mostly_unique",
                ["uscc"],
                where="uscc is not null",
                severity="critical",
                tolerated_share=0.001,
                why=(
                    "At most 0.1 % of rows share a credit code, because a code is one enterprise's for life; "
                    "more means that the file holds the register twice."
                ),
                column="uscc",
            ),
            no_duplicates(
                "uscc_unique",
                ["uscc"],
                where="uscc is not null",
                severity="warning",
                why="No two rows share a credit code, because it is one enterprise's for life.",
                column="uscc",
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column="area_id",
                mostly=0.8,
                severity=FailureSeverity.WARNING,
                **noted(
                    "area_id_mostly_placed",
                    "At most 20 % of rows lie in no known area, because in real registers 7.5 % name no county "
                    "and 12.6 % carry the city's code only.",
                    samples="select source_locator, area_text from {batch} where area_id is null",
                ),
            ),
            one_of("area_id", areas, "An area placed is one of areas.csv, because marts count by area."),
            no_row(
                "established_on_mostly_past",
                "established_on > snapshot_on",
                show=["established_on"],
                severity="critical",
                tolerated_share=0.001,
                why="At most 0.1 % are established after the day of retrieval, because more is no slip of a clerk.",
                column="established_on",
            ),
            no_row(
                "established_on_past",
                "established_on > snapshot_on",
                show=["established_on"],
                severity="warning",
                why="None is established after the day of retrieval, because no register knows the future.",
                column="established_on",
            ),
            no_row(
                "cancelled_on_not_before_establishment",
                "cancelled_on < established_on",
                show=["established_on", "cancelled_on"],
                severity="warning",
                why="None is cancelled before it is established, because it would never have existed.",
                column="cancelled_on",
            ),
            no_row(
                "cancelled_is_not_in_business",
                "cancelled_on <= snapshot_on and status = 'in_business'",
                show=["status", "cancelled_on"],
                severity="warning",
                why="None is cancelled and in business, because it would be counted and not exist.",
                column="cancelled_on",
            ),
        ],
    )
