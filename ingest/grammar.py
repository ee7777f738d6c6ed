"""The grammar of bulletins: which sentences a layout knows, declared in YAML. Nothing here reads a text.

A sentence form is written as the sentence is printed, with slots for what changes:

    "[{vintage},]{period},{area}{indicator}{is}{bound?}{value}{unit}[,按{basis}计算][,{growth}]"

{slot} is one of SLOTS, of the layout's own `words`, or of the sentence's `lists`; {slot?} may be missing; {name.slot}
belongs to the sentence's figure of that name. [...] may be missing, <a|b> is one of several, and both may hold the
other. A comma stands for 、 too. Width, white space, footnote marks and the full stop never matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import model_validator

from ingest.declared import Declared, Pattern
from ingest.normalise import growth
from ingest.normalise.periods import IN_SENTENCE
from ingest.normalise.typography import fold
from ingest.normalise.units import PRINTED


@dataclass(frozen=True)
class Slot:
    """What a slot stands for, in folded text.

    pattern: the characters that are its text; before and after: words around it that are not. field: the field of the
    dataset that it fills; None for what is covered but not read.
    """

    pattern: str
    field: str | None = None
    before: str = ""
    after: str = ""


def _longest_first(words: tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


NUMBER = r"(?<![0-9.])-?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?![0-9.])"
_HAN = "[一-龥]"
#: vintage words that say that a figure is no actual one
NO_ACTUAL = ("预计", "预期", "预测", "力争", "目标", "计划")
_VINTAGES = (
    *(
        "初步核算",
        "初步统计",
        "初步测算",
        "统一核算",
        "最终核实",
        "核实后",
        "核实",
        "修订后",
        "修订",
        "自然资源部反馈",
    ),
    *("普查修订", "经济普查修订"),
    *NO_ACTUAL,
)
_BOUNDS = (
    *("首次突破", "突破", "超过", "超", "逾", "高于", "大于", "不低于", "不少于", "至少", "不足", "不到", "低于", "少于"),
    *("小于", "原则上不超过", "不超过", "不高于", "至多", "大约", "约", "近"),
    *("以上", "以下", "以内", "左右", "上下", "余", "多"),
)  # fmt: skip
#: how far something moved or differs in points, which is never a growth rate
_POINTS = "高于|低于|快于|慢于|高出|低出|提高|提升|回落|回升|上升|下降|加快|放缓|扩大|收窄|增加|减少"
_UNIT = _longest_first(PRINTED)

SLOTS: dict[str, Slot] = {
    # words that stand between an area and its figure are never part of its name
    "area": Slot(
        f"(?:(?!(?:地区|国内)生产|[去今明前本上]年|人均|总值|增加|产值|收入|达到|实现|完成|其中|海洋){_HAN}){{2,24}}?",
        "area",
    ),
    "scope": Slot(
        r"\((?:含|不含|包括|不包括|包含|不包含|不计|扣除|剔除)[^()]{1,24}\)"
    ),  # becomes part of the area
    "period": Slot(IN_SENTENCE, "period", after="年?"),
    "value": Slot(NUMBER, "value"),
    "unit": Slot(_UNIT, "unit"),
    "bound": Slot(_longest_first(_BOUNDS), before="(?:已|成功|再次|历史性)*"),  # becomes part of the value
    "growth": Slot(growth.PHRASE, "growth"),
    "rate": Slot(NUMBER, "growth"),  # a growth rate in a list below one word: 分别增长{rates}
    "basis": Slot(
        "可比价|不变价|现价|当年价|当年价格|名义|可比口径",
        "growth_basis",
        before="(?:(?:19|20)[0-9]{2}年)?",
        after="格?",
    ),
    "vintage": Slot(
        _longest_first(_VINTAGES),
        "vintage",
        before="(?:(?:根据|经|据)(?:[一-龥]{2,16})??)?",
        after="(?:数|结果|反馈)?的?",
    ),
    # covered, not read
    "is": Slot("(?:(?:共?实现|共?完成|累计|共有|拥有|达到|达|为|是|有|计)*)"),
    "count": Slot(
        "[0-9]{1,2}|[一二两三四五六七八九十]{1,3}"
    ),  # how many items its lists have, which is checked
    "number": Slot(NUMBER),
    "milestone": Slot(rf"(?:{NUMBER})(?:{_UNIT}|万亿|亿)(?:大关|关口)?"),
    "relative": Slot(rf"{_HAN}{{0,12}}?(?:{_POINTS}){_HAN}{{0,12}}?(?:{NUMBER})个?百分点"),
    "increment": Slot(
        rf"(?:(?:比|较|同比)(?:上年|去年|(?:19|20)[0-9]{{2}}年)?)?(?:增量|增加|新增|净增)了?(?:{NUMBER})(?:{_UNIT})"
    ),
    "rank": Slot(
        rf"(?:总量|规模)?(?:连续{_HAN}{{1,3}}年)?(?:位居|居|位列|列|位于|排名|排|在{_HAN}{{2,12}}(?:、{_HAN}{{2,8}})?中?排名?)"
        rf"{_HAN}{{0,8}}?(?:第[0-9一二三四五六七八九十]+位?|首位)"
    ),
}
#: a figure with its bound before or behind it, and its unit; {quantity} is short for it
QUANTITY = "<{bound}{value}{unit}|{value}{unit}{bound?}>"
#: what stands between the items of a list, double punctuation too
SEPARATOR = "(?:[,、;]+(?:以及|和|及|与)?|以及|和|及|与)"
MAIN = ""  # the name of a sentence's first figure, whose slots have no prefix
#: slots of one figure alone: other figures of a sentence share the rest
OWN = frozenset({"value", "unit", "bound", "growth", "rate", "basis", "indicator"})
TELLING = frozenset({"value", "growth", "rate"})  # slots without which a figure says nothing


@dataclass(frozen=True)
class Form:
    """A sentence form made ready to match; `groups` says of each of its groups which figure's slot it is."""

    pattern: str
    groups: Mapping[str, tuple[str, str]]
    is_folded: bool = True  # false for a raw pattern, which is matched against the print
    lists: Mapping[str, Form] = field(default_factory=dict)  # the form of one item, by the list's name

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when a text is read: the catalogue checks every form, and a night reads few bulletins."""
        return re.compile(self.pattern)

    def texts(self) -> set[tuple[str, str]]:
        return set(self.groups.values()) | {
            slot for item in self.lists.values() for slot in item.groups.values()
        }


class Sentence(Declared):
    """A sentence that the prose grammar knows: a form with slots, or a regular expression on the print.

    form: see above. lists: the form of one item of each list that the form names; lists of one sentence are joined by
    position. figures: for each named figure the fields that it does not print. constants: fields of the first figure,
    or of all; they may quote slots: "{level}绿色工厂(累计)". adds_to: what the figures of a sentence must add up to.
    after: sentences of which one must have been read earlier in the same paragraph, for it says what this is about.
    pattern: named groups are fields; items: the pattern of one item inside its group "items".
    """

    name: str
    form: str | None = None
    lists: dict[str, str] = {}
    figures: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    adds_to: float | None = None
    after: tuple[str, ...] = ()
    pattern: Pattern | None = None
    items: Pattern | None = None

    def compiled(self, words: Mapping[str, tuple[str, ...]], *, yuan_dropped: bool = False) -> Form:
        """The form ready to match.

        Raises:
            ValueError: a slot is not known, a bracket is not closed, or a list or figure is missing.
        """
        if self.pattern is not None:
            items = {"items": _raw(self.items)} if self.items else {}
            form = _raw(self.pattern)
            return Form(form.pattern, form.groups, False, items)
        slots = SLOTS | {name: _of_words(name, listed) for name, listed in words.items()}
        if yuan_dropped:
            unit = rf"(?:{_UNIT})|(?:万亿|亿)(?!元)"
            slots |= {"unit": Slot(unit, "unit")}
        items = {name: _Template(text, slots, {}).form() for name, text in self.lists.items()}
        assert self.form is not None  # _is_of_one_kind: where there is no pattern, there is a form
        form = _Template(self.form, slots, {name: item.pattern for name, item in items.items()}).form()
        if missing := sorted(set(items) - {slot for _, slot in form.groups.values()}):
            raise ValueError(f"form: it has no list {{{missing[0]}}}")
        return Form(form.pattern, form.groups, True, items)

    def fields(self, form: Form) -> set[str]:
        """Every field that one of its records may have."""
        filled = set(self.constants) | {name for figure in self.figures.values() for name in figure}
        for _, slot in form.texts():
            if slot in form.lists:
                continue
            if not form.is_folded:
                filled.add(slot)
            elif (known := SLOTS.get(slot)) is None:
                filled |= {slot} & {"indicator"}
            elif known.field:
                filled.add(known.field)
        if form.is_folded and "growth" in filled:
            filled.add("growth_basis")  # a phrase may say its prices
        if form.is_folded and "vintage" in filled:
            filled |= {"is_actual", "withheld_reason"}
        return filled

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Sentence:
        if (self.form is None) == (self.pattern is None):
            raise ValueError("a sentence has either a form or a pattern")
        if self.form is not None and self.items:
            raise ValueError("items: they belong to a pattern; a form has lists")
        if self.pattern is None:
            return self
        if self.lists or self.figures or self.adds_to is not None:
            raise ValueError("lists, figures and adds_to belong to a form")
        if self.items and "items" not in re.compile(self.pattern).groupindex:
            raise ValueError("pattern: a sentence with items has them in its group 'items'")
        if "value" not in re.compile(self.items or self.pattern).groupindex:
            raise ValueError(f"{'items' if self.items else 'pattern'}: it has no group 'value'")
        return self


class Prose(Declared):
    """A bulletin text: head lines `label:value`, then sentences.

    words: what may stand in a slot of this layout, such as its indicators. area_from: a pattern with the group "area",
    looked up in the title, for 全市 and for sentences that name no area. ends: the characters that end a sentence.
    yuan_dropped: this publisher writes 亿 for 亿元. needs_head: false where a file may be the bare text, whose first
    line is then the title, and whose origin stays unknown.
    """

    head: dict[str, str]  # label -> field, or "" for furniture
    needs_head: bool = True
    period_from: Pattern = rf"(?P<period>{IN_SENTENCE})年?"
    area_from: Pattern | None = None
    ends: str = "。"
    yuan_dropped: bool = False
    words: dict[str, tuple[str, ...]] = {}
    sentences: tuple[Sentence, ...]
    constants: dict[str, str] = {}

    @cached_property
    def forms(self) -> tuple[tuple[Sentence, Form], ...]:
        return tuple(
            (known, known.compiled(self.words, yuan_dropped=self.yuan_dropped)) for known in self.sentences
        )

    @property
    def common(self) -> set[str]:
        """The fields that every record has, whatever its sentence says."""
        of_title = {"period", "area"} if self.area_from else {"period"}
        return {name for name in self.head.values() if name} | set(self.constants) | of_title

    @property
    def fields(self) -> set[str]:
        """Every field that a record may have."""
        return self.common.union(*(known.fields(form) for known, form in self.forms))

    @model_validator(mode="after")
    def _can_be_read(self) -> Prose:
        if "origin_title" not in self.head.values():
            raise ValueError("head: no label holds the origin_title, in which the period is looked up")
        if "period" not in re.compile(self.period_from).groupindex:
            raise ValueError("period_from: it has no group 'period'")
        if self.area_from and "area" not in re.compile(self.area_from).groupindex:
            raise ValueError("area_from: it has no group 'area'")
        if "。" not in self.ends:
            raise ValueError("ends: a sentence ends at least at 。")
        names = {known.name for known in self.sentences}
        for known in self.sentences:
            if unknown := sorted(set(known.after) - names):
                raise ValueError(f"sentence {known.name!r}: after: no sentence is called {unknown[0]!r}")
            try:
                _check_figures(known, known.compiled(self.words, yuan_dropped=self.yuan_dropped))
            except ValueError as error:
                raise ValueError(f"sentence {known.name!r}: {error}") from None
        return self


def _check_figures(known: Sentence, form: Form) -> None:
    if not form.is_folded:
        return
    printed: dict[str, set[str]] = {}
    for figure, slot in form.texts():
        printed.setdefault(figure, set()).add(slot)
    if unknown := sorted(set(printed) - set(known.figures) - {MAIN}):
        raise ValueError(f"figures: it says nothing of {unknown[0]!r}")
    if silent := sorted(name for name in known.figures if not TELLING & printed.get(name, set())):
        raise ValueError(f"form: it has neither {{{silent[0]}.value}} nor {{{silent[0]}.growth}}")
    if not any(TELLING & slots for slots in printed.values()):
        raise ValueError("form: it has neither {value} nor {growth}")


def _of_words(name: str, listed: tuple[str, ...]) -> Slot:
    """The slot of a layout's own words; one that is shared keeps its field."""
    pattern = _longest_first(tuple(fold(word).text for word in listed))
    shared = SLOTS.get(name, Slot(""))
    return Slot(pattern, name if name == "indicator" else shared.field)


def _raw(pattern: str) -> Form:
    return Form(pattern, {name: (MAIN, name) for name in re.compile(pattern).groupindex}, False)


class _Template:
    """One form on its way to a regular expression."""

    def __init__(self, text: str, slots: Mapping[str, Slot], lists: Mapping[str, str]) -> None:
        self.text = text
        self.slots = slots
        self.lists = lists
        self.groups: dict[str, tuple[str, str]] = {}
        self.place = 0

    def form(self) -> Form:
        pattern, _ = self._sequence("")
        return Form(pattern, self.groups)

    def _sequence(self, closed_by: str) -> tuple[str, set[tuple[str, str]]]:
        """What stands before `closed_by`, alternatives included, and the slots that may be filled by it."""
        alternatives: list[str] = []
        parts: list[str] = []
        before: set[tuple[str, str]] = set()  # of the alternatives that are complete
        filled: set[tuple[str, str]] = set()
        while True:
            sign = self.text[self.place : self.place + 1]
            self.place += 1
            if sign == closed_by:
                alternatives.append("".join(parts))
                return "|".join(alternatives), before | filled
            if sign == "":
                raise ValueError(f"form: {closed_by!r} is missing in {self.text!r}")
            if sign == "|" and closed_by:
                alternatives.append("".join(parts))
                before, filled, parts = before | filled, set(), []
                continue
            pattern, slots = self._part(sign)
            if twice := sorted(slots & filled):
                raise ValueError(f"form: {{{'.'.join(twice[0]).lstrip('.')}}} stands in it twice")
            filled |= slots
            parts.append(pattern)

    def _part(self, sign: str) -> tuple[str, set[tuple[str, str]]]:
        if sign == "[":
            inner, slots = self._sequence("]")
            return f"(?:{inner})?", slots
        if sign == "<":
            inner, slots = self._sequence(">")
            return f"(?:{inner})", slots
        if sign == "{":
            end = self.text.find("}", self.place)
            if end < 0:
                raise ValueError(f"form: '}}' is missing in {self.text!r}")
            name, self.place = self.text[self.place : end], end + 1
            return self._slot(name)
        if sign in "]>}|":
            raise ValueError(f"form: {sign!r} was never opened in {self.text!r}")
        printed = fold(sign).text
        if printed == ",":
            return "[,、]", set()
        return ("" if printed in ("", "。") else re.escape(printed)), set()

    def _slot(self, printed: str) -> tuple[str, set[tuple[str, str]]]:
        figure, _, name = printed.removesuffix("?").rpartition(".")
        is_optional = "?" if printed.endswith("?") else ""
        group = f"s{len(self.groups)}"
        if name in self.lists:
            item = re.sub(r"\(\?P<s[0-9]+>", "(?:", self.lists[name])
            self.groups[group] = (figure, name)
            return f"(?P<{group}>(?:{item})(?:{SEPARATOR}(?:{item}))*){is_optional}", {(figure, name)}
        if name == "quantity" and not is_optional:
            return self._inner(QUANTITY.replace("{", f"{{{figure}." if figure else "{"))
        if name not in self.slots:
            if name == "indicator":
                raise ValueError("words: {indicator} needs the list of indicators that may stand in it")
            known = ", ".join(sorted({*self.slots, *self.lists, "quantity"}))
            raise ValueError(f"form: no slot is called {{{name}}}; expected one of {known}")
        slot = self.slots[name]
        if name in SLOTS and slot.field is None and name not in ("scope", "bound", "count"):
            return f"(?:{slot.before}(?:{slot.pattern}){slot.after}){is_optional}", set()
        self.groups[group] = (figure, name)
        return f"(?:{slot.before}(?P<{group}>{slot.pattern}){slot.after}){is_optional}", {(figure, name)}

    def _inner(self, text: str) -> tuple[str, set[tuple[str, str]]]:
        """A form inside this one."""
        outer = self.text, self.place
        self.text, self.place = text, 0
        pattern, slots = self._sequence("")
        self.text, self.place = outer
        return f"(?:{pattern})", slots
