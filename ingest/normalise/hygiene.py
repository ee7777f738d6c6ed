"""Text that was damaged on its way here (scraped mirrors, lost fonts, rewording machines). Damage is told, never mended."""

import re

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_HEADS = "总值|增加值|产值|收入|投资|达到|达|完成|实现|突破|超过|约"
_MOVES = "增长|下降|上升|回落|提高|恢复到上年的|比重为|占比达?"
_DATE = r"(?:19|20)[0-9]{2}\.[01]?[0-9]\.[0-3]?[0-9](?![0-9.])"
_FAULTS: tuple[tuple[str, str], ...] = (
    (r"[?？]{3,}|\ufffd", "characters were lost (???)"),
    (rf"[(（][a-züê]{{0,5}}[{_TONED}][a-züê]{{0,5}}[)）]|(?<=[一-龥])[a-z]*[{_TONED}][a-z]*", "pinyin stands inside words"),
    ("坐褥总值|出产总值|临蓐总值|添加值|增添值|国民出产", "words were replaced by a rewording machine"),
    (rf"(?:{_HEADS})(?:为|了)?(?:万亿|亿|万|百万)元(?!以|大关|级|俱乐部|企业|项目)", "the digits before a unit are lost"),
    (rf"(?:{_MOVES})(?:为|了)?(?:[%％]|个?百分点)", "the digits before a unit are lost"),
    (rf"(?<![0-9.])(?!{_DATE})[0-9]+\.[0-9]+\.[0-9]", "separators between numbers are lost"),
    (r"(?:由(?:上年的?)?)[0-9]{5,}(?:调整|变化)", "separators between numbers are lost"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), fault) for pattern, fault in _FAULTS)


def damage(text: str) -> str | None:
    """What is wrong with a sentence, with the place that shows it; None for a sound one."""
    for pattern, fault in _COMPILED:
        if found := pattern.search(text):
            return f"{fault}: {found.group()!r}"
    return None
