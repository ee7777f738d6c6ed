"""Credit codes (统一社会信用代码, GB 32100-2015): check and lossless repair. No register is asked here.

Characters 3 to 8 name the place of first registration, not where the enterprise is: they are not read here.
"""

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ingest.normalise import NormaliseError
from ingest.normalise.typography import NARROW, WHITE_SPACE

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
MISSING = ("", "无", "暂无", "-", "--", "—", "——", "–", "/", "N/A", "NA", "NULL", "NONE")

_CHARACTERS = f"^[{ALPHABET}]*$"
_USCC = f"^[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}$"
_LEGACY = "^[0-9]{15}$"

# Repairs that lose nothing: narrow, upper case, no white space. One table, so that both checkers agree.
_REPAIRS = {
    **{space: "" for space in WHITE_SPACE},
    **{wide: ascii_.upper() for wide, ascii_ in NARROW.items()},
    **{chr(code): chr(code).upper() for code in range(ord("a"), ord("z") + 1)},
}
_REPAIR_TABLE = str.maketrans(_REPAIRS)
# The code counts in base 31 with gaps among its letters; with the gaps closed, it parses as an integer.
_CLOSE_GAPS = dict(zip(ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTU", strict=True))

_NO_TEXT = pl.lit(None, dtype=pl.String)


@dataclass(frozen=True)
class CreditCode:
    """A credit code as checked.

    code: the 18 characters, or the 15 digits of an old licence number; None unless it may be used as a key.
    repaired: the print differed in case, width or white space.
    fault: bad_length, bad_charset, bad_region_code (3 to 8 are not digits), bad_check_digit, or None.
    """

    code: str | None
    kind: Literal["uscc", "legacy15", "invalid", "missing"]
    repaired: bool
    fault: str | None


def check(text: str | None) -> CreditCode:
    """Check one printed code; never raises, since a wrong code is a finding, not a failure."""
    printed = text or ""
    code = printed.translate(_REPAIR_TABLE)
    if code in MISSING:
        return CreditCode(None, "missing", False, None)
    if re.fullmatch(_LEGACY, code):
        return CreditCode(code, "legacy15", code != printed, None)
    if fault := _fault(code):
        return CreditCode(None, "invalid", False, fault)
    return CreditCode(code, "uscc", code != printed, None)


def _fault(code: str) -> str | None:
    if len(code) != 18:
        return "bad_length"
    if not re.fullmatch(_CHARACTERS, code):
        return "bad_charset"
    if not re.fullmatch(_USCC, code):
        return "bad_region_code"
    return None if check_character(code[:17]) == code[17] else "bad_check_digit"


def check_character(first17: str) -> str:
    """The 18th character that belongs to the first 17.

    Raises:
        NormaliseError: these are not 17 characters of the code's alphabet.
    """
    if len(first17) != 17 or any(character not in ALPHABET for character in first17):
        raise NormaliseError(f"{first17!r} is no beginning of a credit code", f"17 characters of {ALPHABET}")
    total = sum(ALPHABET.index(first17[place]) * WEIGHTS[place] for place in range(17))
    return ALPHABET[-total % 31]


def check_characters(first17: pl.Series) -> pl.Series:
    """``check_character`` for every row; null where the row is not 17 characters of the alphabet."""
    beginnings = first17.cast(pl.String).alias("first17").to_frame()
    closed = pl.col("first17").str.replace_many(_CLOSE_GAPS)
    halves = (
        beginnings.select(  # 17 digits of base 31 do not fit 64 bits; made columns, so as to be parsed once
            "first17",
            head=closed.str.slice(0, 9).str.to_integer(base=31, strict=False),
            tail=closed.str.slice(9).str.to_integer(base=31, strict=False),
        )
    )
    head = [pl.col("head") // 31 ** (8 - place) % 31 for place in range(9)]
    tail = [pl.col("tail") // 31 ** (7 - place) % 31 for place in range(8)]
    total = sum(digit * weight for digit, weight in zip(head + tail, WEIGHTS, strict=True))
    character = pl.lit(ALPHABET).str.slice((31 - total % 31) % 31, 1)
    well_formed = pl.col("first17").str.contains(f"^[{ALPHABET}]{{17}}$")
    return halves.select(pl.when(well_formed).then(character).alias("check_character")).to_series()


def check_series(texts: pl.Series) -> pl.DataFrame:
    """``check`` for every row: columns code, kind, repaired, fault. A million codes take a second or two."""
    frame = texts.cast(pl.String).fill_null("").alias("printed").to_frame()
    frame = frame.with_columns(code=pl.col("printed").str.replace_many(_REPAIRS))
    frame = frame.with_columns(right_end=check_characters(frame["code"].str.slice(0, 17)))
    code = pl.col("code")
    fault = (
        pl.when(code.is_in(MISSING) | code.str.contains(_LEGACY))
        .then(_NO_TEXT)
        .when(code.str.len_chars() != 18)
        .then(pl.lit("bad_length"))
        .when(~code.str.contains(_CHARACTERS))
        .then(pl.lit("bad_charset"))
        .when(~code.str.contains(_USCC))
        .then(pl.lit("bad_region_code"))
        .when(code.str.slice(17) != pl.col("right_end"))
        .then(pl.lit("bad_check_digit"))
    )
    kind = (
        pl.when(code.is_in(MISSING))
        .then(pl.lit("missing"))
        .when(code.str.contains(_LEGACY))
        .then(pl.lit("legacy15"))
        .when(pl.col("fault").is_null())
        .then(pl.lit("uscc"))
        .otherwise(pl.lit("invalid"))
    )
    usable = pl.col("kind").is_in(["uscc", "legacy15"])
    return (
        frame.with_columns(fault=fault)
        .with_columns(kind=kind)
        .select(
            code=pl.when(usable).then(code),
            kind=pl.col("kind"),
            repaired=usable & (code != pl.col("printed")),
            fault=pl.col("fault"),
        )
    )
