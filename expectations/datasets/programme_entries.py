"""Suite of programme_entries: projects, pilots and lists that the plan follows, one row per entry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import complete, no_duplicates, no_row, no_sole_trader_named
from expectations.datasets._common import provenance

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one hand-in of programme entries; its reading needs no reference table."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="programme_entries",
        expectations=[
            *provenance(),
            complete(
                ["programme", "entry_code"],
                "Every entry says of which programme it is and bears a code, because it is counted by both.",
            ),
            no_sole_trader_named("coalesce(uscc, uscc_text)", ["name_text", "name_normalised"]),
            no_row(
                "a_year_or_a_day_stands",
                "year is null and dated_on is null",
                show=["entry_code"],
                severity="critical",
                why="An entry says of which year it is, because quotas are counted by year.",
                column="year",
            ),
            no_row(
                "year_agrees_with_day",
                "year <> extract(year from dated_on)",
                show=["year", "dated_on"],
                severity="warning",
                why="The year of an entry is that of its day, because one of the two would count it wrongly.",
                column="year",
            ),
            no_row(
                "year_possible",
                "year not between 2000 and 2100",
                show=["year"],
                severity="critical",
                why="Years lie between 2000 and 2100, because anything else was typed wrongly.",
                column="year",
            ),
            no_duplicates(
                "entered_once",
                ["programme", "entry_code", "stage"],
                severity="warning",
                why="An entry stands once at a stage, because the second line would be counted as another project.",
                column="entry_code",
            ),
        ],
    )
