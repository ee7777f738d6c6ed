"""Numbers as Chinese statistics print them. Units and signs given in words (下降) are not read here."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from ingest.normalise import NormaliseError
from ingest.normalise.typography import WHITE_SPACE, cut_marks, narrow

Operator = Literal["eq", "gt", "ge", "lt", "le", "approx"]

#: prints that say "nothing reported"; a lone 0 is a value
MISSING = frozenset({"", "-", "--", "—", "——", "–", "−", "─", "…", "……", "...", "/", "N/A", "n/a"})

# Words for a bound. By the Chinese rule 以上 and 以下 include the number itself.
# 预计 and 力争 are absent on purpose: they say that a figure is no actual, which an operator would hide.
_BEFORE: dict[str, Operator] = {
    **dict.fromkeys(("超过", "首次突破", "突破", "超", "逾", "高于", "大于", ">"), "gt"),
    **dict.fromkeys(("不低于", "不少于", "至少", "≥", ">="), "ge"),
    **dict.fromkeys(("不足", "不到", "低于", "少于", "小于", "<"), "lt"),
    **dict.fromkeys(("原则上不超过", "不超过", "不高于", "至多", "≤", "<="), "le"),
    **dict.fromkeys(("大约", "约", "近", "≈", "~"), "approx"),
}
_AFTER: dict[str, Operator] = {
    "以上": "ge", "以下": "le", "以内": "le", "左右": "approx", "上下": "approx", "余": "gt", "多": "gt",
}  # fmt: skip
_THOUSANDS = ", \xa0\u2009\u202f\u3000"  # no line break: it may stand between two numbers
_BEFORE_PATTERN = "|".join(sorted(map(re.escape, _BEFORE), key=len, reverse=True))
_AFTER_PATTERN = "|".join(_AFTER)


@dataclass(frozen=True)
class Number:
    """A printed number.

    value: None where nothing is reported. marks: the footnote marks glued to it, in the order printed.
    """

    value: float | None
    operator: Operator = "eq"
    marks: str = ""


def parse_number(
    text: str | None, *, percent: bool = False, decimal_mark: Literal[".", "、", ","] = "."
) -> Number:
    """Read one printed number; an empty cell (None) and a missing token give the value None.

    percent: a % sign at the end is allowed, and dropped (5.3% is 5.3).
    decimal_mark: the mark that this source prints before decimals; no other is then accepted.

    Raises:
        NormaliseError: the print can be read in two ways, or is no number.
    """
    printed = text or ""
    body, marks = cut_marks(narrow(printed).strip(WHITE_SPACE))
    body = body.strip(WHITE_SPACE)
    if body in MISSING and not (marks and not body):
        return Number(None, "eq", marks)

    operators: set[Operator] = set()
    if found := re.match(_BEFORE_PATTERN, body):
        operators.add(_BEFORE[found.group()])
        body = body[found.end() :].lstrip(WHITE_SPACE)
    if found := re.search(rf"(?:{_AFTER_PATTERN})\Z", body):
        operators.add(_AFTER[found.group()])
        body = body[: found.start()].rstrip(WHITE_SPACE)
    if percent and body.endswith("%"):
        body = body[:-1].rstrip(WHITE_SPACE)
    body, inner_marks = cut_marks(body)  # 21[2]%
    if len(operators) > 1:
        raise NormaliseError(f"{printed!r} has two bounds that disagree", "one bound, such as 超过 or 以上")

    value = _value(body.rstrip(WHITE_SPACE), printed, decimal_mark, percent)
    return Number(value, operators.pop() if operators else "eq", inner_marks + marks)


def _value(body: str, printed: str, decimal_mark: str, percent: bool) -> float:
    separators = _THOUSANDS.replace(decimal_mark, "")
    plain = r"0|[1-9][0-9]*"
    grouped = rf"[1-9][0-9]{{0,2}}(?P<by>[{separators}])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*"
    decimals = rf"{re.escape(decimal_mark)}(?P<decimals>[0-9]+)"
    found = re.fullmatch(rf"(?P<sign>[-+−]?)(?P<whole>{grouped}|{plain})(?:{decimals})?", body)
    if not found:
        sign = "an optional %" if percent else "no unit or %"
        raise NormaliseError(
            f"{printed!r} is not one certain number", f"digits such as 1703.42 or 19,278.1, with {sign}"
        )
    whole = re.sub("[^0-9]", "", found["whole"])
    value = float(f"{whole}.{found['decimals'] or '0'}")
    if not math.isfinite(value):
        raise NormaliseError(f"{printed[:20]!r}… is too large", "a number below 1e308")
    return -value if found["sign"] and found["sign"] != "+" else value
