"""Suite of dim_indicator: the indicators and their definitions, one row per indicator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import one_of, present
from expectations.marts._common import published
from expectations.vocabulary import UNITS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("indicator_code",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_indicator",
        expectations=[
            *published(empty="critical"),
            present(
                "unit", "Every indicator has its unit, because a bare number may be wrong by four digits."
            ),
            one_of(
                "unit", UNITS, "Units are the canonical ones, because columns of marts are named after them."
            ),
            present(
                "definition_zh", "Every indicator is defined, because look-alike names mean different things."
            ),
            present("name_zh", "Every indicator has its Chinese name, because reports show no other."),
        ],
    )
