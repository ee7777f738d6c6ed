"""Suite of fct_digital_assessment: assessments of enterprises' digital maturity, one row per assessment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import between
from expectations.marts._common import demo_code_is_nobodys, origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("assessment_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the fact by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="fct_digital_assessment",
        expectations=[
            *published(),
            *origin(),
            between(
                "level",
                0,
                4,
                "Levels run from 0 to 4, because the national scale has four and none.",
                check="level_possible",
            ),
            demo_code_is_nobodys("uscc", KEY),
        ],
    )
