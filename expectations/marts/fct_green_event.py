"""Suite of fct_green_event: additions, renames and removals of green titles, one row per event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of, present
from expectations.marts._common import origin, published
from expectations.vocabulary import GREEN_ACTIONS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("event_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the fact by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_green_event",
        expectations=[
            *published(),
            *origin(),
            present("effective_on", "Every event has a day, because stocks are counted at year ends."),
            one_of("action", GREEN_ACTIONS, "Actions are the four that the state of a title is folded from."),
            no_row(
                "placed_title_has_evidence",
                "tier = 'national' and city_area_id is not null and evidence_text is null",
                show=["name_text", "city_area_id"],
                severity="warning",
                why=(
                    "A national title placed in the city shows its evidence, because the list prints "
                    "provinces only."
                ),
                key=KEY,
                column="evidence_text",
            ),
        ],
    )
