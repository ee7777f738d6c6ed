"""Suite of clause_coverage: every clause is watched, or says that nothing watches it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.checks import no_row, one_of
from expectations.marts._common import origin, published
from expectations.vocabulary import CLAUSE_STATES

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

KEY = ("clause_id",)


def suite(reference_dir: Path) -> ExpectationSuite:
    """Checks of the mart by itself."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="clause_coverage",
        expectations=[
            *published(),
            *origin(),
            one_of(
                "state",
                CLAUSE_STATES,
                "States are monitored, reported, not_monitorable and no_content.",
            ),
            no_row(
                "watched_names_its_watcher",
                "(state in ('monitored', 'reported')) <> (monitored_by is not null)",
                show=["state", "monitored_by"],
                severity="critical",
                why="What is watched names what watches it.",
                key=KEY,
                column="monitored_by",
            ),
            no_row(
                "unwatched_says_why",
                "state <> 'monitored' and nullif(trim(reason), '') is null",
                show=["state"],
                severity="critical",
                why="What no figure watches gives the reason.",
                key=KEY,
                column="reason",
            ),
            no_row(
                "only_headings_are_empty",
                "state = 'no_content' and kind not in ('heading', 'preamble')",
                show=["kind", "state"],
                severity="critical",
                why="A working clause is never put away as a heading.",
                key=KEY,
                column="state",
            ),
        ],
    )
