"""Company names made comparable: print folded, words kept. Legal forms and branches are linkage's business.

The steps, in this order:

1. footnote marks at the end go (they must: NFKC would turn ① into a 1 of the name);
2. Unicode NFKC: full-width letters and digits become narrow, compatibility characters plain;
3. all white space goes, inner too; Latin letters become upper case; every kind of bracket becomes ( or );
4. marks that only now stand at the end go.

Normalising twice changes nothing more.
"""

import re
import unicodedata
from string import ascii_lowercase

import polars as pl

from ingest.normalise import NormaliseError
from ingest.normalise.typography import BRACKETS, MARK, WHITE_SPACE

_FOLDS = {
    **{space: "" for space in WHITE_SPACE},
    **{letter: letter.upper() for letter in ascii_lowercase},
    **{printed: folded for printed, folded in BRACKETS.items() if printed != folded},
}
_FOLD_TABLE = str.maketrans(_FOLDS)
_END_MARKS = rf"(?:[{WHITE_SPACE}]|{MARK})+$"


def normalise(text: str) -> str:
    """The name as it is compared.

    Raises:
        NormaliseError: nothing is left, so that there is no name.
    """
    name = unicodedata.normalize("NFKC", _without_end_marks(text)).translate(_FOLD_TABLE)
    # again, since taking a space away can bring a letter and its accent together
    name = _without_end_marks(unicodedata.normalize("NFKC", name))
    if not name:
        raise NormaliseError(f"{text!r} is no name", "the name of an enterprise or park")
    return name


def normalise_series(texts: pl.Series) -> pl.Series:
    """``normalise`` for every row, by expressions; null where there is no name."""
    name = (
        pl.col("name")
        .str.replace(_END_MARKS, "")
        .str.normalize("NFKC")
        .str.replace_many(_FOLDS)
        .str.normalize("NFKC")
        .str.replace(_END_MARKS, "")
    )
    names = texts.cast(pl.String).alias("name").to_frame().select(name)
    return names.select(pl.when(pl.col("name") != "").then("name")).to_series().alias(texts.name)


def _without_end_marks(text: str) -> str:
    return re.sub(_END_MARKS.removesuffix("$") + r"\Z", "", text)
