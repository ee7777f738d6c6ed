"""Suite of above_scale_frame: one row per spell of an industrial enterprise above the reporting threshold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import (
    complete,
    no_duplicates,
    no_row,
    no_sole_trader_named,
    not_in_the_future,
    one_of,
)
from expectations.datasets._common import provenance

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

#: every spell with the first day of the same enterprise's next one
_WITH_NEXT = (
    "(select *, lead(entered_on) over (partition by uscc order by entered_on, source_locator) as next_entry "
    "from arrived)"
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one frame against the areas of the reference folder."""
    import great_expectations as gx

    areas = sorted(reference.area_levels(reference_dir))
    return gx.ExpectationSuite(
        name="above_scale_frame",
        expectations=[
            *provenance(),
            complete(
                ["name_text", "entered_on"],
                "Every spell has name and first day, because the denominator is taken on a day.",
            ),
            no_sole_trader_named("coalesce(uscc, uscc_text)", ["name_text", "name_normalised"]),
            no_row(
                "uscc_mostly_valid",
                "uscc is null",
                show=["uscc_text", "uscc_fault"],
                severity="critical",
                tolerated_share=0.02,
                why="At most 2 % of spells have no valid credit code, because more means that columns have shifted.",
                column="uscc",
            ),
            no_row(
                "uscc_valid",
                "uscc is null",
                show=["uscc_text", "uscc_fault"],
                severity="warning",
                why="Every spell has a valid credit code, because assessments join the frame by it.",
                column="uscc",
            ),
            no_row(
                "exited_on_not_before_entry",
                "exited_on < entered_on",
                show=["entered_on", "exited_on"],
                severity="critical",
                why="No spell ends before it begins, because it would count on no day at all.",
                column="exited_on",
            ),
            not_in_the_future(
                "entered_on",
                None,
                "No spell begins after the day of retrieval, because approvals are recorded when given.",
                severity="warning",
            ),
            no_duplicates(
                "one_open_spell_per_enterprise",
                ["uscc"],
                where="exited_on is null and uscc is not null",
                severity="critical",
                why="An enterprise has one open spell, because a second would count it twice.",
                column="uscc",
            ),
            no_row(
                "spells_do_not_overlap",
                "uscc is not null and next_entry < exited_on",
                show=["uscc", "exited_on", "next_entry"],
                severity="warning",
                why="Spells of an enterprise follow each other, because on a shared day it would count twice.",
                column="exited_on",
                source=_WITH_NEXT,
            ),
            one_of("area_id", areas, "An area placed is one of areas.csv, because marts count by area."),
        ],
    )
