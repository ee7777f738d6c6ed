"""Decisions of persons about listed names, as the models read them from ``raw.link_decisions``. No rule is applied here."""

import polars as pl

#: one row per decision ever made; uscc null: none of the candidates fits; listed_as, enterprise_as: both as they were then
COLUMNS = {
    "list_id": pl.String,
    "uscc": pl.String,
    "verdict": pl.String,  # accept or reject
    "decided_by": pl.String,
    "decided_at": pl.Datetime,
    "reason": pl.String,
    "listed_as": pl.String,
    "enterprise_as": pl.String,
}


def none() -> pl.DataFrame:
    """No decision."""
    return pl.DataFrame(schema=COLUMNS)
