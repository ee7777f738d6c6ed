"""Suite of dim_source: the sources behind the figures, one row per source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, present
from expectations.marts._common import origin, published

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("source_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="dim_source",
        expectations=[
            *published(empty="critical"),
            *origin(),
            present("title_zh", "Every source has its Chinese title, because reports cite it."),
            present("publisher_zh", "Every source names its publisher, because a figure is somebody's word."),
            present("licence", "Every source states its licence, because releases pass its data on."),
            no_row(
                "demo_source_is_marked",
                "(data_origin = 'demo') <> (tier = 'demo')",
                show=["tier", "data_origin"],
                severity="critical",
                why=(
                    "A demo source has tier demo and no other has, because it must never pass for a "
                    "publisher."
                ),
                key=KEY,
                column="tier",
            ),
        ],
    )
