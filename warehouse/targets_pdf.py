"""The page for whoever has one minute: every target on one A4 page, as PDF. Its rows are those of workbook and bulletin.

Drawn as SVG and turned into PDF with its font inside: a PDF that leaves the Chinese font to its reader opens as an empty page
where the reader has none.
"""

from __future__ import annotations

import unicodedata
from html import escape
from pathlib import Path

from warehouse import charts
from warehouse.charts import COLOURS, TINTS
from warehouse.papers import DEMO_MARK, DEMO_WARNING, ExportError, Papers, Standing
from warehouse.progress import percent
from warehouse.reader import NULL
from warehouse.release import Release

_WIDTH, _HEIGHT, _MARGIN = 842.0, 595.0, 26.0  # A4 across, in points
_LEADING = 1.24
#: sizes of text, and of source and remark, the largest that fits the page
_SIZES = ((9.0, 7.0), (8.4, 6.4), (7.6, 5.8), (6.8, 5.2), (6.0, 4.6))
#: header, share of the width, where the text stands
_COLUMNS = (
    ("目标", 142, "start"), ("目标值", 66, "end"), ("目标年", 32, "middle"), ("当期值", 84, "end"), ("期别", 38, "middle"),
    ("版次", 40, "middle"), ("公布(认定)", 52, "middle"), ("进度比", 38, "end"), ("状态", 58, "start"), ("缺口", 66, "end"),
    ("性质", 26, "middle"), ("来源与说明", 148, "start"),
)  # fmt: skip
_STATUS, _VALUE, _TOLD = 8, 3, 11
_TOLD_LINES = 4


def write_targets_pdf(release: Release, path: Path) -> None:
    """Write the page. Same release and same fonts, same page; its bytes differ in the order of the fonts.

    Raises:
        ExportError: this machine can draw no Chinese, or the page cannot hold all targets.
    """
    import vl_convert

    try:
        if not charts.has_chinese_font():
            raise charts.FontMissing(charts.NO_CHINESE_FONT)
    except charts.FontMissing as error:
        raise ExportError(str(error)) from error
    path.write_bytes(vl_convert.svg_to_pdf(page(Papers(release))))


def page(papers: Papers) -> str:
    """The page as SVG, in the largest type that leaves it one page."""
    for sizes in _SIZES:
        drawn, end = _drawn(papers, *sizes)
        if end <= _HEIGHT - 14:
            break
    else:
        raise ExportError("the plan has more targets than one page holds; export xlsx holds them all")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="{charts.FONTS}"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>{"".join(drawn.shapes)}</svg>'
    )


def _drawn(papers: Papers, size: float, small: float) -> tuple[_Page, float]:
    """The page in one size of type, and where it ends."""
    head = papers.head
    demo = any(one.demo for one in papers.standings)
    drawn = _Page()
    if demo:
        drawn.shapes.append(
            f'<text transform="translate({_WIDTH / 2} {_HEIGHT / 2 + 40}) rotate(-28)" font-size="112" fill="#F0F0F0"'
            f' text-anchor="middle">{DEMO_MARK}数据</text>'
        )
    line = 38.0
    drawn.text(
        _WIDTH / 2, line, f"{head['city']}现代海洋特色产业集聚区目标完成情况表", 18, "middle", bold=True
    )
    if head["banner"]:
        drawn.box(_WIDTH - _MARGIN - 84, 22, 84, 19, stroke=COLOURS["red"])
        drawn.text(_WIDTH - _MARGIN - 42, 35.5, head["banner"], 11, "middle", COLOURS["red"], bold=True)
    for text in papers.lines:
        line += 12.5
        drawn.text(_WIDTH / 2, line, text, 8.5, "middle", "#444444")
    if demo:
        line += 6
        drawn.box(_MARGIN, line, _WIDTH - 2 * _MARGIN, 14, fill=COLOURS["red"])
        drawn.text(_WIDTH / 2, line + 10.3, f"【{DEMO_WARNING}】", 9, "middle", "#FFFFFF", bold=True)
        line += 14
    line = _table(drawn, papers, line + 5, size, small)
    return drawn, _feet(drawn, papers, line)


class _Page:
    def __init__(self) -> None:
        self.shapes: list[str] = []

    def text(
        self, x: float, y: float, text: str, size: float, anchor: str = "start", colour: str = "#000000", *, bold: bool = False
    ) -> None:  # fmt: skip
        weight = ' font-weight="bold"' if bold else ""
        self.shapes.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
            f"{escape(text)}</text>"
        )

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str = "none", stroke: str = "none"
    ) -> None:
        self.shapes.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}" stroke="{stroke}"'
            ' stroke-width="0.6"/>'
        )


def _table(drawn: _Page, papers: Papers, top: float, size: float, small: float) -> float:
    """Every target a line, as high as its longest cell; returns where the table ends."""
    scale = (_WIDTH - 2 * _MARGIN) / sum(width for _, width, _ in _COLUMNS)
    widths = [width * scale for _, width, _ in _COLUMNS]
    lefts = [_MARGIN + sum(widths[:at]) for at in range(len(widths))]

    def row(cells: list[str], top: float, *, head: bool = False, one: Standing | None = None) -> float:
        sizes = [small if at == _TOLD and not head else size for at in range(len(cells))]
        lines = [wrap(text, widths[at] - 6, sizes[at]) for at, text in enumerate(cells)]
        lines[_TOLD] = _cut(lines[_TOLD])
        height = max(len(found) * sizes[at] * _LEADING for at, found in enumerate(lines)) + 5
        for at, found in enumerate(lines):
            ground = "#DCE6F1" if head else TINTS[one.target.colour] if one and at == _STATUS else "none"
            drawn.box(lefts[at], top, widths[at], height, fill=ground, stroke="#999999")
            anchor = "middle" if head else _COLUMNS[at][2]
            x = {
                "start": lefts[at] + 3,
                "middle": lefts[at] + widths[at] / 2,
                "end": lefts[at] + widths[at] - 3,
            }[anchor]
            first = top + (height - len(found) * sizes[at] * _LEADING) / 2 + sizes[at] * 0.98
            red = one is not None and one.demo and at == _VALUE
            for nth, text in enumerate(found):
                colour = COLOURS["red"] if red else "#444444" if at == _TOLD and not head else "#000000"
                drawn.text(x, first + nth * sizes[at] * _LEADING, text, sizes[at], anchor, colour, bold=head)
        return top + height

    top = row([name for name, _, _ in _COLUMNS], top, head=True)
    for one in papers.standings:
        target = one.target
        known = target.value is not None
        told = ";".join(part for part in (one.source if known else "", target.reason) if part)
        cells = [
            f"{target.target_id} {target.label_zh}", target.target_text, str(target.target_year or "每年"),
            (f"【{DEMO_MARK}】" if one.demo else "") + target.value_text, (known and target.period) or NULL, one.vintage_zh,
            one.news_zh, percent(target.ratio), one.status_text, target.gap_text, target.origin_zh, told or NULL,
        ]  # fmt: skip
        top = row(cells, top, one=one)
    return top


def _feet(drawn: _Page, papers: Papers, top: float) -> float:
    worst = sorted(
        (one for one in papers.standings if one.target.colour in ("red", "yellow")),
        key=lambda one: one.target.ratio if one.target.ratio is not None else 9,
    )
    said = ";".join(
        f"{one.target.target_id}{one.target.label_zh}({one.target.status_zh},进度比{percent(one.target.ratio)},"
        f"缺口{one.target.gap_text}{',演示' if one.demo else ''})"
        for one in worst[:3]
    )
    line = top + 13
    for text in wrap(f"最需关注:{said or '没有黄、红两色的目标'}。", _WIDTH - 2 * _MARGIN, 8.5):
        drawn.text(_MARGIN, line, text, 8.5, bold=True)
        line += 11
    for note in papers.targets().notes:
        for text in wrap(f"注:{note}", _WIDTH - 2 * _MARGIN, 7):
            drawn.text(_MARGIN, line, text, 7, colour="#444444")
            line += 9
    return line


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines of at most a width in points: a Chinese character is as wide as it is high, a Latin word is not torn."""
    lines, line, used = [], "", 0.0
    for word in _words(text):
        needs = sum(_em(sign) for sign in word) * size
        if used + needs > width and line:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + word, used + needs
    return [*lines, line.rstrip()] if line else lines or [""]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for sign in text:
        joins = (
            bool(words) and not _is_wide(sign) and not _is_wide(words[-1][-1]) and words[-1][-1] not in " ;)-"
        )
        # a line does not begin with a mark that closes
        if joins or (words and sign in ")】》〉”’,。、;:!?%"):
            words[-1] += sign
        else:
            words.append(sign)
    return words


def _cut(lines: list[str]) -> list[str]:
    return (
        lines
        if len(lines) <= _TOLD_LINES
        else [*lines[: _TOLD_LINES - 1], lines[_TOLD_LINES - 1][:-2] + "……"]
    )


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WFA"


def _em(sign: str) -> float:
    return 1.0 if _is_wide(sign) else 0.66 if sign.isupper() else 0.3 if sign in " .,;:()[]-'" else 0.57
