"""Personal data: what of it is masked while parsing, so that it never leaves landing. Columns of persons are not read."""

from __future__ import annotations

import polars as pl

from ingest.layout import Layout
from ingest.normalise.company_names import PARTS

#: a sole trader's firm name is a person's name: it is a natural person who trades under it
SOLE_TRADER = "个体工商户(名称不留存)"
PERSONAL = "personal data"  # the reason by which a layout names a column of persons
_NAMES = ("name", "former_name", "new_name")


def prints_persons(layout: Layout) -> bool:
    """Whether files of this layout carry columns of persons.

    Then no text of a rejected row is kept either: in a shifted row a person stands under any header.
    """
    return any(reason == PERSONAL for table in layout.tables for reason in table.ignored.values())


def mask_sole_traders(rows: pl.DataFrame) -> pl.DataFrame:
    """Replace the names of sole traders: by the code's kind (92), or by the type that the register prints."""
    signs = []
    if "uscc" in rows.columns:
        signs.append(pl.coalesce("uscc", "uscc_text").str.to_uppercase().str.starts_with("92"))
    if "enterprise_type" in rows.columns:
        signs.append(pl.col("enterprise_type").str.contains("个体"))
    signs += [
        pl.col(f"{name}_text").str.contains("个体工商户") for name in _NAMES if f"{name}_text" in rows.columns
    ]
    if not signs:
        return rows
    is_sole_trader = pl.any_horizontal(sign.fill_null(False) for sign in signs)
    masked = [
        pl.when(is_sole_trader & pl.col(column).is_not_null())
        .then(pl.lit(SOLE_TRADER))
        .otherwise(column)
        .alias(column)
        for name in _NAMES
        for column in (f"{name}_text", f"{name}_normalised")
        if column in rows.columns
    ]
    # the parts of a name tell it as well
    parts = [
        pl.when(~is_sole_trader).then(column).alias(column)
        for name in _NAMES
        for column in (f"{name}_{part}" for part in PARTS)
        if column in rows.columns
    ]
    return rows.with_columns(masked + parts)
