"""Suite of dim_department: the bodies that the plan names, one row per plan version and body."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import present
from expectations.marts._common import published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("plan_version", "dept_id")


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_department",
        expectations=[
            *published(empty="critical"),
            present("short_name_zh", "Every body has its Chinese name, because pages show no other."),
        ],
    )
