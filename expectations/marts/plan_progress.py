"""Suite of plan_progress: what officials act on. Status, colour and ratio must follow from the figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations import reference
from expectations.checks import Severity, listed, no_row, one_of, present
from expectations.marts._common import origin, published
from expectations.vocabulary import PROGRESS_STATUSES, RAG_OF_STATUS

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

KEY = ("target_id", "period")

#: statuses that state no progress
_SILENT = "('no_data', 'not_due', 'not_assessable')"
#: statuses that are nothing but a class of the ratio
_PACED = "('on_track', 'acceleration_needed', 'limited_progress', 'deterioration')"
#: methods that give a ratio wherever there is a base, and methods that never do
_WITH_RATIO = "('cagr_ratio', 'linear_pace', 'coverage_all', 'annual_threshold')"
_WITHOUT_RATIO = "('annual_quota', 'maintain', 'not_quantified')"
#: a ratio is rounded to six decimals after it was classed: one this near to a limit may be of either class
_ROUNDING = 1e-6
_REACHED = """case
    when operator = 'gt' then value > target_value
    when operator in ('ge', 'approx', 'approx_diff', 'all_ge') then value >= target_value
    when operator = 'lt' then value < target_value
    when operator = 'le' then value <= target_value
end"""


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the progress table against the targets of the reference folder."""
    import great_expectations as gx

    targets = reference.quantified_targets(reference_dir)
    return gx.ExpectationSuite(
        name="plan_progress",
        expectations=[
            *published(empty="critical"),
            *origin(),
            present("target_id", "Every row names its target, because it is about nothing else."),
            no_row(
                "every_quantified_target_stands",
                "(plan_version, target_id) not in (select (plan_version, target_id) from arrived)",
                show=["'no row' as found"],
                severity="critical",
                why=(
                    "Every target that carries a number has a row, because a missing one looks like a met "
                    "one."
                ),
                key=("plan_version", "target_id"),
                column="target_id",
                tables=f",\ntargets(plan_version, target_id) as ({listed(targets)})",
                source="targets",
            ),
            present("status", "Every row has a status, because no_data and not_due are statuses too."),
            one_of(
                "status",
                PROGRESS_STATUSES,
                "Statuses are the ten of the method, because pages explain these.",
            ),
            *_colours(reference.effort_targets(reference_dir)),
            *_silence(),
            *_ratio(
                reference.parameter(reference_dir, "ratio_on_track"),
                reference.parameter(reference_dir, "ratio_acceleration"),
            ),
            *_reaching(),
        ],
    )


def _colours(efforts: list[str]) -> list[Expectation]:
    colours = listed(sorted(RAG_OF_STATUS.items()))
    is_effort = f"target_id in ({', '.join(repr(target) for target in efforts)})" if efforts else "false"
    return [
        present("rag", "Every row has a colour, because grey is one too."),
        one_of(
            "rag",
            sorted(set(RAG_OF_STATUS.values())),
            "Colours are green, yellow, red and grey: no fifth one.",
        ),
        _row(
            "rag_agrees_with_status",
            f"rag <> case when status = 'not_achieved' and {is_effort} then 'yellow' else own_colour end",
            show=["status", "rag"],
            why=(
                "The colour is the one of the status, because bulletins show the one and tables the other; "
                "a target that is only striven for turns yellow, not red."
            ),
            column="rag",
            tables=f",\ncolours(status, own_colour) as ({colours})",
            source="arrived join colours using (status)",
        ),
    ]


def _silence() -> list[Expectation]:
    return [
        _row(
            "null_value_is_not_judged",
            f"value is null and status not in {_SILENT}",
            show=["status"],
            why=(
                "Without a value the status is no_data, not_due or not_assessable, because nothing can be "
                "judged."
            ),
            column="value",
        ),
        _row(
            "null_value_says_why",
            "value is null and nullif(trim(reason), '') is null",
            show=["status"],
            why="Where the value is unknown a reason stands, because a blank reads as zero.",
            column="reason",
        ),
        _row(
            "no_data_has_no_value",
            "status = 'no_data' and value is not null",
            show=["value"],
            why="A row of status no_data has no value, because one of the two would be false.",
            column="value",
        ),
        _row(
            "value_is_a_number",
            "isnan(value) or isinf(value) or isnan(ratio) or isinf(ratio)",
            show=["value", "ratio"],
            why="Values and ratios are finite, because a division by nothing is not progress.",
            column="value",
        ),
        _row(
            "value_names_its_vintage",
            "value is not null and value_vintage is null and data_origin = 'published' "
            "and method in ('cagr_ratio', 'maintain', 'annual_threshold')",
            show=["value"],
            severity="warning",
            why="A published figure names its vintage, because one said in public and a verified one differ.",
            column="value_vintage",
        ),
    ]


def _ratio(on_track: float, acceleration: float) -> list[Expectation]:
    def classed(ratio: str) -> str:
        return (
            f"case when {ratio} >= {on_track} then 'on_track' when {ratio} >= {acceleration} then "
            f"'acceleration_needed' when {ratio} >= 0 then 'limited_progress' else 'deterioration' end"
        )

    below, above = classed(f"(ratio - {_ROUNDING})"), classed(f"(ratio + {_ROUNDING})")
    return [
        _row(
            "pace_has_ratio",
            f"ratio is null and method in {_WITH_RATIO} and status in {_PACED}",
            show=["method", "status"],
            why="A status of pace stands on a ratio, because it is nothing but a class of the ratio.",
            column="ratio",
        ),
        _row(
            "no_ratio_without_method",
            # A threshold missed or met before its first year is shown for reference, and not assessed.
            f"ratio is not null and (method in {_WITHOUT_RATIO} "
            f"or status in {_SILENT} and method <> 'annual_threshold')",
            show=["method", "status", "ratio"],
            why="A quota, and what cannot be assessed, has no ratio, because the method gives none.",
            column="ratio",
        ),
        _row(
            "pace_agrees_with_ratio",
            f"method in {_WITH_RATIO} and status in {_PACED} and status not in ({below}, {above})",
            show=["status", "ratio"],
            why=(
                f"Classes of pace begin at {on_track:g}, {acceleration:g} and 0, as plan_parameters.csv says, because "
                "a status that its own ratio contradicts cannot be explained."
            ),
            column="status",
        ),
    ]


def _reaching() -> list[Expectation]:
    return [
        _row(
            "achieved_agrees_with_operator",
            f"status = 'achieved' and ({_REACHED}) is distinct from true",
            show=["operator", "value", "target_value"],
            why="An achieved target's value satisfies its operator, and 超过 excludes the number itself.",
            column="status",
        ),
        _row(
            "reached_target_is_achieved",
            f"({_REACHED}) and method <> 'not_quantified' "
            "and status not in ('achieved', 'not_due', 'not_assessable')",
            show=["status", "operator", "value", "target_value"],
            why="A value that satisfies the operator is achieved, because that is asked before any pace.",
            column="status",
        ),
        _row(
            "no_pace_once_due",
            f"try_cast(left(period, 4) as integer) >= target_year and status in {_PACED}",
            show=["target_year", "status"],
            why=(
                "In the target's own year nothing is on the way any more, because it was reached or it was "
                "not."
            ),
            column="status",
        ),
    ]


def _row(check: str, where: str, *, severity: Severity = "critical", **rule: Any) -> Expectation:
    return no_row(check, where, key=KEY, severity=severity, **rule)
