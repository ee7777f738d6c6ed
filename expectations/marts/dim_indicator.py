"""Suite of dim_indicator: the indicators and their definitions, one row per indicator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import listed, no_row, one_of, present
from expectations.marts._common import published
from expectations.vocabulary import UNITS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("indicator_code",)

#: what must be said of an indicator before officials are judged by it
DEFINITION = (
    "definition_zh",
    "source_zh",
    "method_zh",
    "owner_department",
    "revision_policy_zh",
    "limits_zh",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the dimension by itself."""
    import great_expectations as gx

    targets = reference.target_indicators(reference_dir)
    missing = [f"case when nullif(trim({name}), '') is null then '{name}' end" for name in DEFINITION]
    lacking = f"nullif(concat_ws(' ', {', '.join(missing)}), '')"
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
            no_row(
                "target_indicators_completely_defined",
                "known.indicator_code is null or lacking is not null",
                show=["coalesce(known.lacking, 'no row') as lacking"],
                severity="critical",
                why=(
                    "The indicator of every target is there with definition, source, method, owner, revision policy and "
                    "limits, because nobody can answer for a figure that is not defined."
                ),
                key=("wanted.indicator_code",),
                tables=(
                    f",\nwanted(indicator_code) as ({listed([[code] for code in targets])})"
                    f",\nknown as (select indicator_code, {lacking} as lacking from arrived)"
                ),
                source="wanted left join known on wanted.indicator_code = known.indicator_code",
            ),
            present("name_zh", "Every indicator has its Chinese name, because reports show no other."),
        ],
    )
