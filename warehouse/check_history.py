"""The table `meta.checks` across releases: tonight's results in full, those of earlier releases in short. Judges nothing.

The rows of a release are those with its `release_id`; a question about the current one must say so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import polars as pl

from warehouse.engine import connect_reader
from warehouse.release import Release

#: how far back results are kept: a year, and some weeks for who compares a month with the same month a year before
KEPT_DAYS = 400
#: what is said of tonight's results only; the check's id leads to its words, and an older release has its own samples
ONLY_TONIGHT = ("description", "samples")


def with_history(
    tonight: pl.DataFrame, release_id: str, built_at: datetime, previous: Release | None
) -> pl.DataFrame:
    """Tonight's results, one row per check and snapshot, followed by those of the releases before, newest release first.

    Adds `release_id` and `built_at` (ISO text) in front. Of earlier rows, what was found is kept where the check did not
    pass. A previous release of the older form, whose results bear neither column, is taken as one release.
    """
    head = [pl.lit(release_id).alias("release_id"), pl.lit(_text(built_at)).alias("built_at")]
    rows = tonight.select(*head, *tonight.columns)
    if previous is None:
        return rows
    before = _read(previous)
    if before is None:
        return rows
    short = {
        name: pl.col(name) if name in before.columns and name not in ONLY_TONIGHT else pl.lit(None)
        for name in rows.columns
    }
    if "observed" in before.columns and "observed" in rows.columns:
        short["observed"] = pl.when(pl.col("status") != "passed").then(pl.col("observed"))
    oldest = _text(built_at - timedelta(days=KEPT_DAYS))
    kept = before.filter(pl.col("built_at") >= oldest).select(
        expression.cast(rows.schema[name], strict=False).alias(name) for name, expression in short.items()
    )
    return pl.concat([rows, kept])


def _read(release: Release) -> pl.DataFrame | None:
    """A release's results, newest release first; None where it has none."""
    try:
        with connect_reader(release.database) as connection:
            rows = pl.DataFrame(connection.sql("from meta.checks"))
    except duckdb.CatalogException:
        return None
    if "release_id" not in rows.columns:
        built_at = _text(datetime.fromisoformat(release.manifest["built_at"]))
        rows = rows.with_columns(release_id=pl.lit(release.id), built_at=pl.lit(built_at))
    return rows


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
