"""Suite of plan_records: one fact a line about a subject of the plan, with its day and its document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import complete, no_duplicates, no_row
from expectations.datasets._common import provenance

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

#: items whose value is a number, and items that are answered with yes or no
NUMBERS = (
    "boundary_area_km2", "outfalls", "outfalls_online", "cod_mg_l", "bod5_mg_l", "nh3n_mg_l", "tp_mg_l", "tn_mg_l",
    "central_gas_heat_rate_pct", "evaluation_investment_score", "base_stations",
)  # fmt: skip
ANSWERS = (
    "conforms_economic_plan", "conforms_land_plan", "conforms_special_plan", "has_management", "has_clear_boundary",
    "has_distinct_industry", "has_infrastructure", "is_built_out", "is_land_intensive", "has_central_sewage",
    "future_cluster_planned",
)  # fmt: skip


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of one hand-in of records; its reading needs no reference table."""
    import great_expectations as gx

    numbers, answers = (", ".join(f"'{item}'" for item in items) for items in (NUMBERS, ANSWERS))
    return gx.ExpectationSuite(
        name="plan_records",
        expectations=[
            *provenance(),
            complete(
                ["subject_code", "item", "effective_on"],
                "Every record says of whom, what and from which day, because rules are judged on a day.",
            ),
            no_row(
                "a_number_is_a_number",
                f"item in ({numbers}) and value_text is not null"
                " and try_cast(replace(value_text, ',', '') as double) is null",
                show=["item_text", "value_text"],
                severity="critical",
                why="What is counted or measured is a bare number, because a text beside it would read as unknown.",
                column="value_text",
            ),
            no_row(
                "an_answer_is_yes_or_no",
                f"item in ({answers}) and value_text is not null"
                " and value_text not in ('是', '否', '有', '无', '已', '未')",
                show=["item_text", "value_text"],
                severity="critical",
                why="What is asked with yes or no is answered so, because any other word would read as unknown.",
                column="value_text",
            ),
            no_row(
                "until_not_before_effective",
                "until_on < effective_on",
                show=["effective_on", "until_on"],
                severity="critical",
                why="No record ends before it begins, because it would hold on no day at all.",
                column="until_on",
            ),
            no_row(
                "a_share_is_a_share",
                "item = 'central_gas_heat_rate_pct' and try_cast(value_text as double) not between 0 and 100",
                show=["value_text"],
                severity="critical",
                why="A share lies between 0 and 100 percent, because it is a part of the whole.",
                column="value_text",
            ),
            no_duplicates(
                "said_once_a_day",
                ["subject_code", "item", "effective_on"],
                where="item not in ('obligation_done', 'two_high_explanation')",
                severity="warning",
                why="A subject has one value of an item on a day, because the second one contradicts or repeats it.",
                column="item",
            ),
        ],
    )
