"""Units as printed, and their exact conversion to canonical ones. Which indicator has which is not said."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ingest.normalise import NormaliseError
from ingest.normalise.numbers import parse_number
from ingest.normalise.typography import BRACKETS, squeeze


@dataclass(frozen=True)
class Unit:
    """A canonical unit and what one printed unit is worth in it.

    code: 100m_cny (亿元), cny, count, pct, pp, km2 or ratio. factor: a Decimal, so that conversion is exact.
    """

    code: str
    factor: Decimal


def _table(code: str, **factors: str) -> dict[str, Unit]:
    return {name: Unit(code, Decimal(factor)) for name, factor in factors.items()}


_COUNTED = "家个户种项人件条批"

UNITS: dict[str, Unit] = {
    **_table("100m_cny", 亿元="1", 万亿元="10000", 百万元="0.01", 万元="0.0001", 千元="0.00001"),
    "trillionCNY": Unit("100m_cny", Decimal("10000")),
    "billionCNY": Unit("100m_cny", Decimal("10")),
    **_table("cny", **{"元": "1", "元/人": "1", "万元/人": "10000"}),
    **{name: Unit("count", Decimal(1)) for name in _COUNTED},
    **{f"万{name}": Unit("count", Decimal(10000)) for name in _COUNTED},
    "%": Unit("pct", Decimal(1)),
    "‰": Unit("pct", Decimal("0.1")),
    **_table("pp", 百分点="1", 个百分点="1"),
    **_table("km2", 平方公里="1", 平方千米="1", 公顷="0.01"),
    **_table("ratio", 比例="1"),
    **{code: Unit(code, Decimal(1)) for code in ("100m_cny", "cny", "count", "pct", "pp", "km2", "ratio")},
}
# Units that bulletins print and no indicator has: known, so as to be refused with the reason.
_FOREIGN = tuple(f"{many}{money}" for many in ("亿", "万", "") for money in ("美元", "欧元", "日元", "港元"))
_OTHER = (
    *("吨", "万吨", "亿吨", "千瓦时", "亿千瓦时", "万千瓦时", "万千瓦", "立方米", "万立方米", "亿立方米", "标箱", "万标箱"),
    *("平方米", "万平方米", "亩", "万亩", "人次", "万人次", "亿人次", "公里", "千米", "度", "倍"),
    *("天", "辆", "万辆", "艘", "座"),
)  # fmt: skip
#: every unit that may stand after a number in a text, the narrow print
PRINTED = (
    *(name for name in UNITS if not re.search("[a-z]", name) and name != "比例"),
    *("亿家", "亿户", "亿人", "亿个"),
    *_FOREIGN,
    *_OTHER,
)
_TRADITIONAL = str.maketrans("億萬個戶種項條點﹪", "亿万个户种项条点%")
_BARE_YI = ("亿", "万亿")
_KNOWN = "one of " + "、".join(UNITS)


def parse_unit(text: str, *, bare_yi_is_money: bool = False) -> Unit:
    """Read one printed unit, in brackets or not: 亿元, (万元), ％.

    bare_yi_is_money: read 亿 and 万亿 as 亿元 and 万亿元, for a source known to drop 元. Otherwise they are
    refused, since 亿 alone also counts people or kilowatt-hours.

    Raises:
        NormaliseError: the unit is not known; lists those that are.
    """
    name = _name(text)
    if name in _BARE_YI:
        if not bare_yi_is_money:
            raise NormaliseError(f"unit {text!r} does not say 亿 of what", "亿元, 万亿元")
        name += "元"
    if name in _FOREIGN:
        raise NormaliseError(f"unit {text!r} is foreign money, which is never converted", _KNOWN)
    if name in _OTHER:
        raise NormaliseError(f"unit {text!r} is of no indicator here", _KNOWN)
    try:
        return UNITS[name]
    except KeyError:
        raise NormaliseError(f"unknown unit {text!r}", _KNOWN) from None


def unit_in_text(text: str) -> str | None:
    """The unit that a title or header states, as printed (单位:亿元, 增加值(亿元)); None where there is none.

    Brackets that hold no unit, such as (GDP), and the 单位 that is a body (填报单位:), are passed over.

    Raises:
        NormaliseError: 单位: is followed by an unknown unit, or the text names two different units.
    """
    printed = "".join(BRACKETS.get(character, character) for character in text)
    words = [word for word in re.findall(r"\(([^()]*)\)", printed) if _name(word) in UNITS]
    for before, stated in re.findall(r"(\w*?)\s*单\s*位\s*[:：]\s*([^\s()。]+)", printed):
        listed = re.split("[,，、;；]", stated)
        if not before or before.endswith("计量") or any(_name(word) in UNITS for word in listed):
            words += listed
    found = {parse_unit(word): word.strip() for word in words}
    if len(found) > 1:
        raise NormaliseError(f"{text!r} names two units", "one unit")
    return next(iter(found.values()), None)


def to_canonical(value: float | Decimal | str | None, unit: Unit) -> float | None:
    """The value in the unit's canonical form, exact for a printed decimal: 1001.5 万元 is 0.10015.

    A float stands for the shortest decimal that reads back as it, which is the print for up to 15 digits.

    Raises:
        NormaliseError: the value is not a finite number.
    """
    if isinstance(value, str):
        value = parse_number(value).value
    if value is None:
        return None
    try:
        exact = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise NormaliseError(f"{value!r} is not a number", "a finite number") from None
    converted = float(exact * unit.factor) if exact.is_finite() else float("inf")
    if converted in (float("inf"), float("-inf")):
        raise NormaliseError(f"{value!r} is not finite", "a finite number")
    return converted


def _name(text: str) -> str:
    name = squeeze(text).translate(_TRADITIONAL)
    return name[1:-1] if name[:1] == "(" and name[-1:] == ")" else name
