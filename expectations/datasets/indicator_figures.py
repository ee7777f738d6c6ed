"""Suite of indicator_figures: published and submitted figures, one row per figure as printed.

Rows that are not actual (targets, lower bounds, doubtful prints) are kept, and held only to say why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations import reference
from expectations.checks import between, complete, listed, no_row, one_of
from expectations.datasets._common import provenance
from expectations.vocabulary import GROWTH_BASES, OPERATORS, SOURCE_TIERS, UNITS, VINTAGES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one document's figures against the areas and indicators of the reference folder."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="indicator_figures",
        expectations=[
            *provenance("published_precision"),
            complete(
                ["is_actual", "source_tier"],
                "Every row says whether it counts and how good its source is, because both decide what stands.",
            ),
            *_placed(reference_dir),
            *_plausible(reference_dir),
            *_honest(),
            one_of("unit", UNITS, "Units are the canonical ones, because columns are named after them."),
            one_of(
                "operator", OPERATORS, "Operators are the six of the targets, because the two are compared."
            ),
            one_of(
                "vintage", VINTAGES, "Vintages are the known ones, because their order says which stands."
            ),
            one_of(
                "source_tier", SOURCE_TIERS, "Tiers are O, P, M or E, because better sources win conflicts."
            ),
            one_of("growth_basis", GROWTH_BASES, "Price bases are the three known, because they do not mix."),
        ],
    )


def _placed(reference_dir: Path) -> list[Expectation]:
    areas = sorted(reference.area_levels(reference_dir))
    indicators = sorted(reference.indicator_units(reference_dir))
    return [
        complete(
            ["area_id", "indicator_code", "period_id"],
            "An actual figure has area, indicator and period, because without one of them it joins nothing.",
            check="actual_figure_is_placed",
            where="is_actual",
        ),
        one_of("area_id", areas, "Every area placed is one of areas.csv, because marts join on it."),
        one_of(
            "indicator_code", indicators, "Every indicator is one of indicators.csv, where its bounds stand."
        ),
        no_row(
            "period_runs_forward",
            "period_end < period_start",
            show=["period_id", "period_start", "period_end"],
            severity="critical",
            why="A period ends no earlier than it begins, because years are taken from its ends.",
            column="period_end",
        ),
    ]


def _plausible(reference_dir: Path) -> list[Expectation]:
    levels = listed(sorted(reference.area_levels(reference_dir).items()))
    bounds = listed([(b.indicator_code, b.level, b.low, b.high) for b in reference.bounds(reference_dir)])
    units = listed(sorted(reference.indicator_units(reference_dir).items()))
    return [
        no_row(
            "value_in_plausible_range",
            "is_actual and (value < low or value > high)",
            show=["concat_ws(' ', value, unit) as figure"],
            severity="critical",
            why=(
                "An actual figure lies in the range that indicators.csv gives for its indicator at its area's level, "
                "because one that is off by powers of ten is 万元 read as 亿元 or the like."
            ),
            column="value",
            tables=f",\nlevels(area_id, level) as ({levels}),\nbounds(indicator_code, level, low, high) as ({bounds})",
            source="arrived join levels using (area_id) join bounds using (indicator_code, level)",
        ),
        no_row(
            "unit_is_the_indicators_own",
            "is_actual and value is not null and unit is distinct from own_unit",
            show=["concat_ws(' ', value, coalesce(unit, 'without unit')) as figure"],
            severity="critical",
            why="An actual figure is in its indicator's unit of indicators.csv, because a count is no percentage.",
            column="unit",
            tables=f",\nunits(indicator_code, own_unit) as ({units})",
            source="arrived join units using (indicator_code)",
        ),
        between(
            "growth_pct",
            -50,
            60,
            "A growth rate lies within -50 to 60 %, because none of these areas ever came near either end; "
            "beyond them a level or an index stands in the growth column.",
            check="growth_pct_possible",
        ),
        between(
            "growth_pct",
            -15,
            30,
            "A growth rate lies within -15 to 30 %, because published ones run from -5.3 to 15.7 %.",
            check="growth_pct_usual",
            severity="warning",
        ),
    ]


def _honest() -> list[Expectation]:
    return [
        no_row(
            "withheld_figure_says_why",
            "is_actual is distinct from true and nullif(trim(withheld_reason), '') is null",
            show=["indicator_text", "value_text"],
            severity="critical",
            why="A figure that is not used says why, because readers are shown what is left out.",
            column="withheld_reason",
        ),
        no_row(
            "actual_figure_is_no_wish",
            "is_actual and (vintage in ('target', 'doubtful') "
            "or vintage = 'proposed' and indicator_code not like '%_proposed')",
            show=["indicator_code", "vintage"],
            severity="critical",
            why="A target, a doubtful print or a proposal is no actual figure, because it would be judged as one.",
            column="vintage",
        ),
        no_row(
            "actual_figure_is_no_bound",
            "is_actual and operator in ('gt', 'ge', 'lt', 'le')",
            show=["operator", "value"],
            severity="info",
            why="An actual figure is no bound such as 突破, because the true value is then unknown.",
            column="operator",
        ),
        no_row(
            "actual_figure_is_dated",
            "is_actual and published_on is null and published_precision is null",
            show=["origin_title"],
            severity="warning",
            why="An actual figure has a date of publication, because undated ones stand in no order of vintage.",
            column="published_on",
        ),
    ]
