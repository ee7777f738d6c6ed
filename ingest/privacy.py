"""Personal data: what of it is masked while parsing, so that it never leaves landing. Columns of persons are not read."""

from __future__ import annotations

import polars as pl

from ingest.layout import Layout
from ingest.normalise.company_names import PARTS
from ingest.normalise.typography import WHITE_SPACE

#: a sole trader's firm name is a person's name: it is a natural person who trades under it
SOLE_TRADER = "个体工商户(名称不留存)"
PERSONAL = "personal data"  # the reason by which a layout names a column of persons
_SOLE_TRADERS_CODE = f"^[{WHITE_SPACE}]*[9９][{WHITE_SPACE}]*[2２]"
#: fields of names, by the field of the code that they stand beside
_NAMES = {"uscc": ("name", "former_name", "new_name"), "leader_uscc": ("leader_name",)}


def prints_persons(layout: Layout) -> bool:
    """Whether files of this layout carry columns of persons.

    Then no text of a rejected row is kept either: in a shifted row a person stands under any header.
    """
    return any(reason == PERSONAL for table in layout.tables for reason in table.ignored.values())


def mask_sole_traders(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The rows with the names of sole traders replaced, each beside its own code, and whether a row named one.

    They are known by the code's kind (92), also of a code that is wrong, by the type that the register prints, or by the
    name itself.
    """
    flags = {
        code: pl.any_horizontal(signs).alias(f"_{code}") for code in _NAMES if (signs := _signs(rows, code))
    }
    if not flags:
        return rows, pl.repeat(False, rows.height, eager=True)
    rows = rows.with_columns(flags.values())
    masked = []
    for code in flags:
        is_one = pl.col(f"_{code}")
        columns = [name for name in _NAMES[code] if f"{name}_text" in rows.columns]
        masked += [
            pl.when(is_one & pl.col(column).is_not_null())
            .then(pl.lit(SOLE_TRADER))
            .otherwise(column)
            .alias(column)
            for name in columns
            for column in (f"{name}_text", f"{name}_normalised")
            if column in rows.columns
        ]
        # the parts of a name tell it as well
        masked += [
            pl.when(~is_one).then(column).alias(column)
            for name in columns
            for column in (f"{name}_{part}" for part in PARTS)
            if column in rows.columns
        ]
    is_any = rows.select(is_any=pl.any_horizontal(f"_{code}" for code in flags)).to_series()
    return rows.with_columns(masked).drop(f"_{code}" for code in flags), is_any


def _signs(rows: pl.DataFrame, code: str) -> list[pl.Expr]:
    signs = []
    if code in rows.columns:
        # a code that is wrong is kept as it is printed
        signs.append(pl.coalesce(code, f"{code}_text").str.contains(_SOLE_TRADERS_CODE))
    if code == "uscc" and "enterprise_type" in rows.columns:
        signs.append(pl.col("enterprise_type").str.contains("个体"))
    signs += [
        pl.col(f"{name}_text").str.contains("个体工商户")
        for name in _NAMES[code]
        if f"{name}_text" in rows.columns
    ]
    return [sign.fill_null(False) for sign in signs]
