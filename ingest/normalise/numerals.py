"""Numbers written in Chinese numerals (百分之八点五). Numbers in digits are read in ``numbers``, never here."""

import re

from ingest.normalise import NormaliseError

_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_ONE = "[一二两三四五六七八九]"
_WHOLE = re.compile(
    rf"(?:(?P<thousands>{_ONE})千)?(?:(?P<hundreds>{_ONE})百)?(?P<skipped>[零〇])?"
    rf"(?:(?P<tens>{_ONE}?)(?P<ten>十))?(?P<ones>{_ONE})?"
)

#: a whole number below ten thousand, or one with decimals after 点
NUMERAL = "[〇零一二两三四五六七八九十百千]+(?:点[〇零一二三四五六七八九]+)?"
#: any sign of a number in words: a text with none of these and no digit states no number
NUMBER_WORDS = "〇零一二两三四五六七八九十百千万亿半倍"


def in_digits(text: str) -> str:
    """The number in digits: 八点五 is "8.5", 一百零三 is "103".

    Raises:
        NormaliseError: the numerals are not in the order of a number (十百, 三四).
    """
    whole, point, decimals = text.partition("点")
    value = 0 if whole in ("〇", "零") else _whole(whole)
    if value is None or (point and not (decimals and all(digit in _DIGITS for digit in decimals))):
        raise NormaliseError(
            f"{text!r} is not one certain number", "Chinese numerals such as 八, 十二 or 八点五"
        )
    return str(value) + point.replace("点", ".") + "".join(str(_DIGITS[digit]) for digit in decimals)


def _whole(text: str) -> int | None:
    found = _WHOLE.fullmatch(text)
    if not found or not any(found[name] for name in ("thousands", "hundreds", "ten", "ones")):
        return None
    higher, ones = bool(found["thousands"] or found["hundreds"]), bool(found["ones"])
    # 一百五 is said for 150: only 零 makes ones of what follows a hundred directly
    if ones and higher and not found["ten"] and not found["skipped"]:
        return None
    if found["skipped"] and not (higher and (found["ten"] or ones)):
        return None
    tens = _DIGITS.get(found["tens"], 1) if found["ten"] else 0
    of = {name: _DIGITS.get(found[name], 0) for name in ("thousands", "hundreds", "ones")}
    return of["thousands"] * 1000 + of["hundreds"] * 100 + tens * 10 + of["ones"]
