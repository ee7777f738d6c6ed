"""Company names made comparable: print folded, words kept; and the parts that linkage compares. Which links: SQL.

``normalise``, in this order:

1. footnote marks at the end go (they must: NFKC would turn ① into a 1 of the name);
2. Unicode NFKC: full-width letters and digits become narrow, compatibility characters plain;
3. all white space goes, inner too; Latin letters become upper case; every kind of bracket becomes ( or );
4. marks that only now stand at the end go.

Normalising twice changes nothing more. ``parts`` takes a normalised name apart; ``PARTS`` says into what.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
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
#: what ``parts`` makes of a name:
#: core    less places, legal form and brackets, in simplified characters; what is left of it when nothing is
#: form    class of the legal form: limited, joint_stock, partnership, cooperative, plant, branch or other
#: places  areas that the name begins with or has in brackets, as "province/city/county", each slot may be empty
#: plain   the normalised name without a number before it and a former name in brackets behind it
#: aside   the former name that brackets tell: (原…)
#: parent  the company whose branch or plant the name is
PARTS = ("core", "form", "places", "plain", "aside", "parent")

_LEVELS = {"province": 0, "city": 1, "county": 2, "zone": 2}
_FORMS = {
    "股份有限公司": "joint_stock",
    "股份公司": "joint_stock",
    "有限责任公司": "limited",
    "有限公司": "limited",
    "总公司": "limited",
    "公司": "limited",  # what an old 公司 became; where both stand, neither is the only one
    "合伙企业": "partnership",
    "专业合作社联合社": "cooperative",
    "专业合作社": "cooperative",
    "合作社": "cooperative",
    "厂": "plant",
}
_FORM = f"(?:{'|'.join(_FORMS)})$"  # leftmost, so that the longest ending wins
_LEGAL_BRACKET = r"\((?:有限合伙|普通合伙|特殊普通合伙|个人独资|个体工商户)\)$"
_SERIAL = r"^\(?[0-9]{1,4}[.、)](.*[^0-9.].*)$"
_ASIDE = r"\((?:原名称|原名|原|曾用名|前身|更名前)[::]?((?:[^()]|\([^()]*\))+)\)"
# 公司 must stand before what is named after a place or by a number, so that 化工厂 alone is no branch of anything
_BRANCH = r"^(.+?公司)(.{0,12}?)(分公司|分厂|工厂|厂|分部|分店)$"

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


@dataclass(frozen=True)
class Regions:
    """Places as names begin with them: an area's levels by every word for it. The words are rows of a table."""

    slots: dict[str, tuple[int, str]]  # word -> level (0 province, 1 city, 2 county) and area

    @classmethod
    def from_rows(cls, aliases: Iterable[dict[str, str]], areas: Iterable[dict[str, str]]) -> "Regions":
        """Words of ``area_aliases.csv`` that a name can begin with; 全市 and codes are none."""
        levels = {row["area_id"]: _LEVELS.get(row["area_level"]) for row in areas}
        slots = {}
        for row in aliases:
            word, level = normalise(row["alias"]), levels.get(row["area_id"])
            if (
                level is not None
                and len(word) > 1
                and "全" not in word
                and not re.search(r"[0-9A-Z()]", word)
            ):
                slots[word] = (level, row["area_id"])
        # 山东省潍坊市 is two words, each of which says its own
        whole = {word for word in slots if not _is_made_of(word, set(slots) - {word})}
        return cls({word: slot for word, slot in slots.items() if word in whole})

    @cached_property
    def pattern(self) -> str:
        """One word or more; the longest first, since the first that fits is taken."""
        return f"(?:{'|'.join(sorted(map(re.escape, self.slots), key=len, reverse=True))})"

    def places(self, text: str) -> str:
        """The areas of a run of words, as "province/city/county"."""
        found = ["", "", ""]
        for word in re.findall(self.pattern, text):
            level, area_id = self.slots[word]
            found[level] = found[level] or area_id
        return "/".join(found)


def _is_made_of(text: str, words: set[str]) -> bool:
    return any(
        text.startswith(word) and (text == word or _is_made_of(text[len(word) :], words)) for word in words
    )


def parts(names: pl.Series, regions: Regions, wanted: Iterable[str] = PARTS) -> pl.DataFrame:
    """The wanted parts of normalised names, a column each; null where there is no name or no such part."""
    place = regions.pattern if regions.slots else "(?:\u0000)"
    plain = pl.col("name").str.replace(_SERIAL, "${1}").str.replace(_ASIDE, "").str.strip_chars(",，、;；.。")
    frame = (
        names.cast(pl.String)
        .alias("name")
        .to_frame()
        .with_columns(
            plain=pl.when(plain != "").then(plain).otherwise("name"), aside=pl.col("name").str.extract(_ASIDE)
        )
    )
    frame = frame.with_columns(parent=pl.col("plain").str.extract(_BRANCH))
    # one character less of a word in a thousand, and only inside the core, where both sides have the same
    simple = pl.col("plain").str.replace_many(_simplified()).str.replace(_LEGAL_BRACKET, "")
    frame = frame.with_columns(simple=simple)
    ending = pl.col("simple").str.extract(f"({_FORM})")
    bracket = rf"\((?:{place}|省|市|区|县)+\)"
    stem = (
        pl.when(pl.col("parent").is_null())
        .then(pl.col("simple").str.replace(_FORM, ""))
        .otherwise(pl.col("simple").str.replace(r"(?:股份|责任)*有限(?:责任)?公司|公司", ""))
    )
    frame = frame.with_columns(
        form=pl.when(pl.col("parent").is_not_null())
        .then(pl.lit("branch"))
        .when(pl.col("simple").is_not_null())
        .then(ending.replace_strict(_FORMS, default="other", return_dtype=pl.String)),
        stem=stem,
        inside=pl.when(pl.col("simple").str.contains("(", literal=True)).then(
            pl.col("simple").str.extract_all(bracket).list.join("")
        ),
    ).with_columns(bare=pl.col("stem").str.replace_all(bracket, ""))
    frame = frame.with_columns(
        before=pl.col("bare").str.extract(f"^({place}+).{{2,}}$"),
        core=pl.col("bare")
        .str.replace(f"^{place}+(.{{2,}})$", "${1}")
        .str.replace_all(r"[()\-·・.,，、]", ""),
    )
    told = pl.col("before").fill_null("") + pl.col("inside").fill_null("")
    frame = frame.with_columns(told=pl.when(pl.col("name").is_not_null()).then(told))
    known = {text: regions.places(text) for text in frame["told"].unique().drop_nulls()}
    frame = frame.with_columns(
        core=pl.when(pl.col("core") != "").then("core").otherwise("simple"),
        places=pl.col("told").replace_strict(known, default=None, return_dtype=pl.String),
    )
    return frame.select(wanted)


@cache
def _simplified() -> dict[str, str]:
    lines = (Path(__file__).parent / "simplified.txt").read_text(encoding="utf-8").splitlines()
    return {line[0]: line[1] for line in lines if not line.startswith("#")}


def _without_end_marks(text: str) -> str:
    return re.sub(_END_MARKS.removesuffix("$") + r"\Z", "", text)
