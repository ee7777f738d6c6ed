"""Suite of link_decision: decisions of persons about listed names, one row per listed name and choice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, present
from expectations.marts._common import origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("list_id", "choice")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="link_decision",
        expectations=[
            # nobody need have decided anything yet
            *published(empty="info"),
            *origin(),
            present("decided_by", "A decision says who made it, because it outranks every rule."),
            present("decided_at", "A decision says when it was made, because the later one stands."),
            no_row(
                "acceptance_names_an_enterprise",
                "verdict = 'accept' and uscc is null",
                show=["verdict"],
                severity="critical",
                why="An acceptance names an enterprise, because without one it links nothing.",
                key=KEY,
                column="uscc",
            ),
            no_row(
                "questioned_decision_says_why",
                "is_questioned and nullif(trim(questioned_because), '') is null",
                show=["decided_by"],
                severity="critical",
                why="A questioned decision says what has changed, because a person is to look at it again.",
                key=KEY,
                column="questioned_because",
            ),
            no_row(
                "decision_is_not_questioned",
                "is_questioned",
                show=["questioned_because"],
                severity="warning",
                why="No decision is questioned, because the enterprise may be another than the one that was meant.",
                key=KEY,
                column="is_questioned",
            ),
        ],
    )
