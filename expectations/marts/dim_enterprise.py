"""Suite of dim_enterprise: the enterprises of the registers, one row per credit code and state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, no_sole_trader_named, one_of, present
from expectations.marts._common import demo_code_is_nobodys, origin, published
from expectations.vocabulary import ENTERPRISE_STATUSES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("uscc",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_enterprise",
        expectations=[
            *published(),
            *origin(),
            demo_code_is_nobodys("uscc", KEY),
            no_sole_trader_named("uscc", ["name", "former_name"], enterprise_type="enterprise_type", key=KEY),
            present("name", "Every enterprise has a name, because readers know it by nothing else."),
            one_of(
                "status", ENTERPRISE_STATUSES, "Statuses are the four known, because pages explain these."
            ),
            no_row(
                "valid_to_not_before_valid_from",
                "valid_to < valid_from",
                show=["valid_from", "valid_to"],
                severity="warning",
                why="No state ends before it begins, because the firm would be found on no day at all.",
                key=KEY,
                column="valid_to",
            ),
        ],
    )
