"""Suite of fct_enterprise_link: which enterprise each listed name means, one row per listed name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of, present
from expectations.marts._common import origin, published
from expectations.vocabulary import LINK_STATES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("list_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_enterprise_link",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "state",
                LINK_STATES,
                "The state is one of the seven, because the review queue is made of them.",
            ),
            present("reason", "Every link says why it stands, because it decides whose title a title is."),
            no_row(
                "settled_name_has_its_enterprise",
                "state in ('by_code', 'accepted', 'decided') and uscc is null",
                show=["state"],
                severity="critical",
                why="A settled name has its enterprise's code, because that is what settled means.",
                key=KEY,
                column="uscc",
            ),
            no_row(
                "open_name_has_no_enterprise",
                "state not in ('by_code', 'accepted', 'decided') and uscc is not null",
                show=["state"],
                severity="critical",
                why="A name that is not settled carries no code, because a likely enterprise must not pass for the right one.",
                key=KEY,
                column="uscc",
            ),
            no_row(
                "no_score_accepts",
                "state = 'accepted' and tier not in ('T1', 'T2', 'T3', 'T4')",
                show=["tier"],
                severity="critical",
                why="No link rests on a score, because at 0.98 a score was wrong one time in five.",
                key=KEY,
                column="tier",
            ),
            no_row(
                "demo_is_linked_to_demo",
                "uscc is not null and length(uscc) = 18 and (data_origin = 'demo') <> (substr(uscc, 3, 6) = '370799')",
                show=["uscc"],
                severity="critical",
                why="Demo is linked to demo and real to real, because demo must not pass for real.",
                key=KEY,
                column="uscc",
            ),
            no_row(
                "name_agrees_with_its_code",
                "name_disagrees",
                show=["name"],
                severity="warning",
                why="A printed code is of an enterprise that bore the name, because one of the two is misprinted otherwise.",
                key=KEY,
                column="name_disagrees",
            ),
        ],
    )
