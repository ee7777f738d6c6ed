"""Growth rates as sentences say them (比上年下降5.3%). Levels, increments and differences in points are no growth."""

import re
from dataclasses import dataclass
from decimal import Decimal

from ingest.normalise import NormaliseError
from ingest.normalise.numerals import NUMERAL, in_digits

_RISES = "负增长|增长|增幅(?:达到|达|为)?|增速(?:达到|达|为)?|上升"
_FALLS = "下降|下滑|减少|降低"
_BASE = (
    "(?:(?:比|较|与|同)(?:上年|去年)(?:同期)?(?:相比)?,?"
    "|(?:比|较|与|同)(?:19|20)[0-9]{2}年(?:同期)?(?:相比)?,?|同比)"
)
_KIND = "(?:可比|名义|实际|同口径|不变价|现价)"
_BOUND = "(?:超过|突破|约|近|不低于)?"
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
_AFTER = "(?:以上|左右|以内)?"
_RATIO = rf"恢复到?(?:上年|去年)(?:同期)?(?:水平)?的{_NUMBER}%"

#: one phrase that states one growth rate, in folded text
PHRASE = rf"(?:{_RATIO}|{_BASE}?{_KIND}?(?:{_RISES}|{_FALLS}){_BOUND}(?:{_NUMBER}%(?!以?[外内])|百分之{NUMERAL}){_AFTER})"
_READ = re.compile(
    rf"(?P<ratio>{_RATIO})|(?P<base>{_BASE})?(?P<kind>{_KIND})?(?P<verb>{_RISES}|{_FALLS})"
    rf"(?P<bound>{_BOUND})(?:(?P<number>{_NUMBER})%|百分之(?P<numeral>{NUMERAL}))(?P<after>{_AFTER})"
)
#: kinds of growth that say which prices they are at; 实际 is growth without the change of prices
_BASES = {"可比": "可比", "不变价": "不变价", "实际": "可比", "名义": "名义", "现价": "现价"}


@dataclass(frozen=True)
class Growth:
    """A growth rate in words.

    number: in %, with its sign, as text: what was printed where the print is a plain rise. basis: the word for the
    prices, None where none is said (同口径 is about scope). base_year: the year it is said against, None for the year
    before. is_worded: the number is not the print, so that the phrase must be kept beside it.
    """

    number: str
    basis: str | None
    base_year: int | None
    is_worded: bool


def parse_growth(phrase: str) -> Growth:
    """Read one phrase: 比上年增长9.7%, 下降5.3%, 增长百分之八, 恢复到上年的98.10% (-1.90: what is missing to 100 %).

    Raises:
        NormaliseError: the phrase is no growth rate, or its sign is printed twice.
    """
    found = _READ.fullmatch(phrase)
    if not found:
        raise NormaliseError(f"{phrase!r} states no growth rate", "a phrase such as 增长5.8% or 下降5.3%")
    if found["ratio"]:
        ratio = re.search(rf"({_NUMBER})%", phrase)
        assert ratio is not None  # _READ has found it
        return Growth(str(Decimal(ratio[1]) - 100), None, None, True)
    number = found["number"] or in_digits(found["numeral"])
    falls = bool(re.fullmatch(_FALLS, found["verb"])) or found["verb"] == "负增长"
    if falls and number[0] in "+-":
        raise NormaliseError(f"{phrase!r} states its sign twice", "a rate without sign after 下降")
    number = f"{found['bound']}{'-' if falls else ''}{number}{found['after']}"
    year = re.search("(?:19|20)[0-9]{2}", found["base"] or "")
    basis = _BASES.get(found["kind"] or "")
    return Growth(number, basis, int(year[0]) if year else None, falls or not found["number"])
