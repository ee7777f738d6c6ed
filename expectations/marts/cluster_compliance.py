"""Suite of cluster_compliance: rules are judged as strongly as the plan words them, and never by what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published
from expectations.vocabulary import COMPLIANCE_RESULTS, RULE_SEVERITIES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = (
    "rule_id",
    "subject_type",
    "subject_id",
)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="cluster_compliance",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "result",
                COMPLIANCE_RESULTS,
                "A rule is kept, broken, unknown or does not apply: there is no fifth.",
            ),
            one_of(
                "severity",
                RULE_SEVERITIES,
                "Severities are those of the plan tables.",
            ),
            no_row(
                "soft_rules_are_never_broken",
                "result = 'violation' and modality_zh in ('支持', '鼓励', '优先')",
                show=["modality_zh", "result"],
                severity="critical",
                why="What the plan only supports, encourages or prefers is told and never a violation.",
                key=KEY,
                column="result",
            ),
            no_row(
                "result_follows_what_was_seen",
                "result = 'pass' and is_met is distinct from true"
                " or result = 'violation' and is_met is distinct from false"
                " or result = 'unknown' and is_met is not null",
                show=["result", "is_met"],
                severity="critical",
                why="A pass was seen to be met and a violation seen not to be; what was not seen is unknown.",
                key=KEY,
                column="result",
            ),
            no_row(
                "unjudged_says_why",
                "result in ('unknown', 'not_applicable') and nullif(trim(reason), '') is null",
                show=["result"],
                severity="critical",
                why="What is not judged gives its reason, because a blank reads as kept.",
                key=KEY,
                column="reason",
            ),
        ],
    )
