"""Charts that site, workbook and bulletin share, and their pictures. Rows come from marts; no figure is computed here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from warehouse.progress import TargetProgress

if TYPE_CHECKING:
    import altair as alt

# Okabe and Ito's palette: told apart with every kind of colour blindness, and in grey print by the symbols below.
BLUE, SKY, INK, PALE = "#0072B2", "#56B4E9", "#333333", "#D9D9D9"
#: the three-colour roll-up and what has no colour
COLOURS = {"green": "#009E73", "yellow": "#E69F00", "red": "#D55E00", "grey": "#8C8C8C"}
COLOURS_ZH = {"green": "绿", "yellow": "黄", "red": "红", "grey": "灰"}
#: pale forms of the same colours, for the ground behind dark text
TINTS = {"green": "#CCECE3", "yellow": "#FAECCC", "red": "#F7DFCC", "grey": "#E8E8E8"}
#: one mark per colour, for what has only a colour
MARKS = {"green": "●", "yellow": "▲", "red": "■", "grey": "○"}
#: one symbol per status of a target: a status is never told by its colour alone
SYMBOLS = {
    "achieved": "★",
    "basically_achieved": "☆",
    "on_track": "●",
    "acceleration_needed": "▲",
    "limited_progress": "◆",
    "deterioration": "▼",
    "not_achieved": "■",
    "not_due": "○",
    "not_assessable": "◇",
    "no_data": "□",
}
#: families in the order in which they are looked for; the last one is what every system has
FONTS = (
    "Noto Sans CJK SC, Source Han Sans SC, Noto Sans SC, Microsoft YaHei, PingFang SC, Hiragino Sans GB, "
    "WenQuanYi Micro Hei, SimHei, sans-serif"
)
#: a folder of font files for a machine that has no Chinese ones installed
FONTS_VARIABLE = "BLUE_LEDGER_FONTS"
NO_CHINESE_FONT = (
    "no Chinese font is installed, so charts cannot be drawn as pictures: install one (Debian: fonts-noto-cjk), "
    f"or name a folder of font files in {FONTS_VARIABLE}"
)
DEMO = "演示数据,非真实"
_WIDTH = 560


class FontMissing(Exception):
    """A picture would show boxes instead of Chinese; the message says what to do."""


def svg(chart: alt.TopLevelMixin) -> str:
    """The chart as SVG. Its text stays text: whoever shows it has the fonts, so none are asked for here."""
    import vl_convert

    return vl_convert.vegalite_to_svg(chart.to_dict())


def png(chart: alt.TopLevelMixin, scale: float = 2) -> bytes:
    """The chart as a picture, `scale` pixels to a point.

    Raises:
        FontMissing: this machine can draw no Chinese.
    """
    import vl_convert

    if not has_chinese_font():
        raise FontMissing(NO_CHINESE_FONT)
    return vl_convert.vegalite_to_png(chart.to_dict(), scale=scale)


@cache
def has_chinese_font() -> bool:
    """Whether pictures drawn here show Chinese: two different characters must not come out as the same box."""
    import vl_convert

    if folder := os.environ.get(FONTS_VARIABLE):
        if not Path(folder).is_dir():
            raise FontMissing(f"{FONTS_VARIABLE}={folder}: there is no such folder")
        vl_convert.register_font_directory(folder)
    return _drawn_apart("蓝", "账")


def targets_overview(targets: Sequence[TargetProgress]) -> alt.LayerChart:
    """One bar per target that has a ratio: progress made over progress due; the line is where it should be today.

    Targets without a ratio keep their line, with their status in words and no bar.
    """
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "target": f"{one.target_id} {_short(one.label_zh)}{'(演示)' if one.data_origin == 'demo' else ''}",
            "ratio": None if one.ratio is None else one.ratio * 100,
            "colour": one.colour,
            "text": f"{SYMBOLS.get(one.status, '')} {one.status_zh}"
            + ("" if one.ratio is None else f" {one.ratio * 100:.1f}%"),
        }
        for one in targets
    ]
    frame = pl.DataFrame(
        rows, schema={"target": pl.String, "ratio": pl.Float64, "colour": pl.String, "text": pl.String}
    )
    order = frame["target"].to_list()
    largest = max((row["ratio"] for row in rows if row["ratio"] is not None), default=100)
    base = alt.Chart(_rows(frame)).encode(
        y=alt.Y("target:N", sort=order, title=None, axis=alt.Axis(labelLimit=330, ticks=False, domain=False))
    )
    x = alt.X(
        "ratio:Q",
        title="进度比(%):实际进度 ÷ 应有进度",
        scale=alt.Scale(domain=[min(0, *(row["ratio"] or 0 for row in rows)) if rows else 0, largest * 1.35]),
    )
    bars = base.mark_bar(height=14).encode(x=x, color=_by_colour())
    texts = base.transform_calculate(at="isValid(datum.ratio) ? max(datum.ratio, 0) : 0").mark_text(
        align="left", dx=5, color=INK, fontSize=11
    )
    due = (
        alt.Chart(_rows(pl.DataFrame({"ratio": [100.0]}))).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=x)
    )
    return _finish(
        alt.layer(bars, due, texts.encode(x="at:Q", text="text:N")),
        "目标进度比",
        subtitle="虚线为应有进度(100%);无进度比的目标只写状态",
        width=300,
        height=max(len(rows), 1) * 22,
    )


def area_ranking(rows: pl.DataFrame, *, title: str, unit_zh: str, demo: bool) -> alt.LayerChart:
    """One bar per area, best first; bounds where the rows have them; an area without a value has its line and a dash.

    rows: `name_zh`, `value`, `rank`, and, where a value has bounds, `low` and `high`, all in `unit_zh`.
    """
    import altair as alt

    ordered = rows.sort("rank", "name_zh", nulls_last=True).with_columns(
        label=pl.when(pl.col("value").is_null())
        .then(pl.lit("—"))
        .otherwise(pl.col("value").map_elements(_figure, return_dtype=pl.String))
    )
    bounded = {"low", "high"} <= set(rows.columns)
    base = alt.Chart(_rows(ordered)).encode(
        y=alt.Y("name_zh:N", sort=ordered["name_zh"].to_list(), title=None)
    )
    x = alt.X("value:Q", title=unit_zh or None, scale=alt.Scale(zero=True))
    layers = [base.mark_bar(color=SKY, height=13).encode(x=x)]
    end = "value"
    if bounded:
        layers.append(base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q"))
        layers += [
            base.mark_tick(color=INK, size=9, thickness=1.5).encode(x=f"{name}:Q") for name in ("low", "high")
        ]
        end = "high"
    texts = base.transform_calculate(at=f"isValid(datum.{end}) ? datum.{end} : 0").mark_text(
        align="left", dx=5, color=INK, fontSize=11
    )
    layers.append(texts.encode(x="at:Q", text="label:N"))
    return _finish(
        alt.layer(*layers),
        title,
        subtitle="细线为上下界:未评估企业全未转型至全已转型" if bounded else None,
        demo=demo,
        height=max(rows.height, 1) * 20,
    )


def ledger(rows: pl.DataFrame, *, title: str, demo: bool) -> alt.LayerChart:
    """Tasks of each department (or area) by colour, stacked. rows: `body_name_zh`, `rag`, `tasks`, one per body and colour."""
    import altair as alt

    order = ["red", "yellow", "green", "grey"]
    worst = (
        rows.group_by("body_name_zh")
        .agg(
            red=pl.col("tasks").filter(pl.col("rag") == "red").sum(),
            yellow=pl.col("tasks").filter(pl.col("rag") == "yellow").sum(),
            every=pl.col("tasks").sum(),
        )
        .sort(["red", "yellow", "every", "body_name_zh"], descending=[True, True, True, False])
    )
    named = rows.with_columns(
        pl.col("rag").replace_strict({code: order.index(code) for code in order}, default=3).alias("at"),
        (pl.col("rag").replace_strict(MARKS, default="○") + pl.col("tasks").cast(pl.String)).alias("label"),
    )
    base = alt.Chart(_rows(named)).encode(
        y=alt.Y("body_name_zh:N", sort=worst["body_name_zh"].to_list(), title=None),
        order=alt.Order("at:Q"),
    )
    x = alt.X("tasks:Q", stack="zero", title="项", axis=alt.Axis(tickMinStep=1))
    bars = base.mark_bar(height=14).encode(x=x, color=_by_colour("rag", legend=True))
    texts = base.mark_text(color="white", fontSize=9, fontWeight="bold").encode(
        x=alt.X("tasks:Q", stack="zero", bandPosition=0.5), text="label:N", detail="rag:N"
    )
    return _finish(alt.layer(bars, texts), title, demo=demo, width=400, height=max(worst.height, 1) * 20)


def _by_colour(field: str = "colour", legend: bool = False) -> alt.Color:
    import altair as alt

    order = ["red", "yellow", "green", "grey"]
    label = (
        "{" + ",".join(f"'{code}':'{MARKS[code]} {COLOURS_ZH[code]}'" for code in order) + "}[datum.label]"
    )
    return alt.Color(
        f"{field}:N",
        title=None,
        scale=alt.Scale(domain=order, range=[COLOURS[code] for code in order]),
        legend=alt.Legend(orient="top", labelExpr=label) if legend else None,
    )


def _finish(
    chart: alt.LayerChart | alt.FacetChart,
    title: str | None,
    *,
    subtitle: str | None = None,
    demo: bool = False,
    width: int = _WIDTH,
    height: int,
) -> alt.LayerChart:
    """The look that all charts share, and the mark of demo data, which no chart goes without."""
    import altair as alt

    assert isinstance(chart, alt.LayerChart)  # none of the layers is a facet
    lines = [*([subtitle] if subtitle else []), *([f"【{DEMO}】"] if demo else [])]
    chart = chart.properties(width=width, height=height)
    if title:
        chart = chart.properties(
            title=alt.TitleParams(
                title, subtitle=lines, anchor="start", subtitleColor=COLOURS["red"] if demo else "#555555"
            )
        )
    finished: alt.LayerChart = (
        chart.configure(font=FONTS, background="white", padding=8 if title else 0)
        .configure_view(stroke=None)
        .configure_title(fontSize=14, subtitleFontSize=11, color=INK)
        .configure_axisY(titleAngle=0, titleAlign="right", titleY=-8)
        .configure_axis(labelFontSize=11, titleFontSize=11, labelColor=INK, titleColor=INK, gridColor="#EEEEEE")
    )  # fmt: skip
    return finished


def _figure(value: float) -> str:
    return f"{round(value, 2) + 0.0:,.2f}".rstrip("0").rstrip(".")


def _short(label: str) -> str:
    return label if len(label) <= 22 else label[:21] + "…"


def _rows(frame: pl.DataFrame) -> alt.Data:
    """Rows inline in the chart, so that it needs nothing beside it."""
    import altair as alt

    return alt.Data(values=frame.to_dicts())  # type: ignore[no-untyped-call]  # altair left it untyped


def _drawn_apart(one: str, other: str) -> bool:
    """Whether two characters come out as different pictures: without a glyph both are the same box, or nothing."""
    import vl_convert

    page = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        f'<text x="4" y="30" font-size="28" font-family="{FONTS}">%s</text></svg>'
    )
    return vl_convert.svg_to_png(page % one) != vl_convert.svg_to_png(page % other)
