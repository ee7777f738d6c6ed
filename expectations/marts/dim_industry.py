"""Suite of dim_industry: the national classification of industries, one row per class at any level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import present
from expectations.marts._common import published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("industry_code",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_industry",
        expectations=[
            *published(empty="critical"),
            present("name_zh", "Every class has its Chinese name, because pages show no other."),
        ],
    )
