"""Personal data: what of it is masked while parsing, so that it never leaves landing. Columns of persons are not read."""

from __future__ import annotations

import polars as pl

from ingest.layout import Layout
from ingest.normalise.company_names import PARTS
from ingest.normalise.credit_codes import repaired

#: a sole trader's firm name is a person's name: it is a natural person who trades under it
SOLE_TRADER = "个体工商户(名称不留存)"
PERSONAL = "personal data"  # the reason by which a layout names a column of persons
#: fields of names, by the field of the code that they stand beside
_NAMES = {"uscc": ("name", "former_name", "new_name"), "leader_uscc": ("leader_name",)}


def prints_persons(layout: Layout) -> bool:
    """Whether files of this layout carry columns of persons.

    Then no text of a rejected row is kept either: in a shifted row a person stands under any header.
    """
    return any(reason == PERSONAL for table in layout.tables for reason in table.ignored.values())


def sole_traders(rows: pl.DataFrame) -> pl.Series:
    """Whether a row names a sole trader: by the code's kind (92), also of a code that is wrong, by the type that the register
    prints, or by the name itself."""
    signs = [sign for code in _NAMES for sign in _signs(rows, code)]
    return rows.select(is_one=pl.any_horizontal(signs) if signs else pl.repeat(False, pl.len())).to_series()


def mask_sole_traders(rows: pl.DataFrame) -> pl.DataFrame:
    """Replace the names of sole traders, each beside its own code; what they are known by, `sole_traders` says."""
    masked = []
    for code, names in _NAMES.items():
        if not (signs := _signs(rows, code)):
            continue
        is_one = pl.any_horizontal(signs)
        masked += [
            pl.when(is_one & pl.col(column).is_not_null())
            .then(pl.lit(SOLE_TRADER))
            .otherwise(column)
            .alias(column)
            for name in names
            for column in (f"{name}_text", f"{name}_normalised")
            if column in rows.columns
        ]
        # the parts of a name tell it as well
        masked += [
            pl.when(~is_one).then(column).alias(column)
            for name in names
            for column in (f"{name}_{part}" for part in PARTS)
            if column in rows.columns
        ]
    return rows.with_columns(masked)


def _signs(rows: pl.DataFrame, code: str) -> list[pl.Expr]:
    signs = []
    if code in rows.columns:
        # a code that is wrong is kept as it is printed
        signs.append(repaired(pl.coalesce(code, f"{code}_text")).str.starts_with("92"))
    if code == "uscc" and "enterprise_type" in rows.columns:
        signs.append(pl.col("enterprise_type").str.contains("个体"))
    signs += [
        pl.col(f"{name}_text").str.contains("个体工商户")
        for name in _NAMES[code]
        if f"{name}_text" in rows.columns
    ]
    return [sign.fill_null(False) for sign in signs]
