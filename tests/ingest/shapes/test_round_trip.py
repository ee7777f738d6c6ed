"""Any table of figures, written in each shape and read back, gives the same rows: shapes are print, not content."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import docx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ingest import layout
from ingest.layout import Layout
from tests.ingest.shapes import builders

pytestmark = pytest.mark.slow

AREAS = ["潍坊市", "寿光市", "奎文区", "寒亭区(含经济开发区)", "高新区"]
INDICATORS = ["海洋生产总值", "地区生产总值", "海洋产业增加值"]
PERIODS = ["2024年4月", "2024年1-4月"]
CONSTANTS = {"source_tier": "O", "is_actual": "是"}
UNIT = "亿元"


@dataclass(frozen=True)
class Figure:
    value: str
    growth: str


Figures = dict[tuple[str, str, str], Figure]


def declared(**table) -> Layout:
    constants = CONSTANTS | table.pop("layout_constants", {})
    return Layout(dataset="indicator_figures", reader="any", constants=constants, tables=(table,))


# ── the shapes: each makes of figures a document, and declares the layout that reads it ──────────────────────────

TIDY_HEADER = ["地区", "指标", "时期", "数值", "单位", "增速(%)"]
TIDY = declared(
    continues=True,
    columns=dict(zip(TIDY_HEADER, ["area", "indicator", "period", "value", "unit", "growth"], strict=True)),
)


def tidy_rows(figures: Figures) -> list[list[str]]:
    printed = [(*key, f.value, UNIT, f.growth) for key, f in figures.items() if f.value or f.growth]
    return [TIDY_HEADER, *map(list, printed)]


def tidy_csv(figures: Figures) -> tuple[bytes, str]:
    lines = [",".join(f'"{cell}"' for cell in row) for row in tidy_rows(figures)]
    return "\n".join(lines).encode("gb18030"), "figures.csv"


def tidy_pdf(figures: Figures) -> tuple[bytes, str]:
    return builders.ruled_pdf(tidy_rows(figures), [45, 40, 30, 25, 15, 25]), "figures.pdf"


WIDE = declared(
    header_rows=[3],
    unit_in=2,
    columns={"地区": "area", "时期": "period"},
    measures={name: {"indicator": name, "growth": f"{name}增速(%)"} for name in INDICATORS},
)


def wide_xlsx(figures: Figures) -> tuple[bytes, str]:
    rows = [
        [builders.MARK],
        ["单位:亿元"],
        ["地区", "时期", *(header for name in INDICATORS for header in (name, f"{name}增速(%)"))],
    ]
    for area in dict.fromkeys(area for area, _, _ in figures):
        for period in PERIODS:
            own = [figures[area, name, period] for name in INDICATORS]
            rows.append([area, period, *(text for f in own for text in (f.value, f.growth))])
    return builders.xlsx(rows), "figures.xlsx"


LEVELS = declared(
    title={"row": 1, "pattern": r"(?P<year>\d{4})年(?P<month>\d+)月", "such_as": "2024年3月"},
    header_rows=[2, 3, 4],
    unit_row=5,
    columns={"地区": "area"},
    measures={
        f"{name}/{column}/总量": {
            "indicator": name,
            "growth": f"{name}/{column}/增速",
            "sets": {"period": period},
        }
        for name in INDICATORS
        for column, period in (("本月", "{year}年{month}月"), ("累计", "{year}年1-{month}月"))
    },
)


def three_levels(figures: Figures) -> tuple[list[list[str]], list[builders.Merged]]:
    n = len(INDICATORS)
    rows = [
        [f"2024年4月{builders.MARK}"],
        ["地区", *(name for name in INDICATORS for _ in range(4))],
        ["地区", *["本月", "本月", "累计", "累计"] * n],
        ["地区", *["总量", "增速"] * 2 * n],
        ["", *[UNIT, "%"] * 2 * n],
    ]
    for area in dict.fromkeys(area for area, _, _ in figures):
        own = [figures[area, name, period] for name in INDICATORS for period in PERIODS]
        rows.append([area, *(text for f in own for text in (f.value, f.growth))])
    merged = [(1, 0, 3, 0), *((1, 1 + 4 * i, 1, 4 + 4 * i) for i in range(n))]
    merged += [(2, 1 + 2 * i, 2, 2 + 2 * i) for i in range(2 * n)]
    return rows, merged


def levels_xlsx(figures: Figures) -> tuple[bytes, str]:
    return builders.xlsx(*three_levels(figures)), "figures.xlsx"


def levels_html(figures: Figures) -> tuple[bytes, str]:
    return builders.html(*three_levels(figures), charset="gb2312"), "figures.html"


MONTHLY = declared(
    title={"row": 1, "pattern": r"主要指标\s*\((?P<month>\d+)月\)", "such_as": "主要指标(3月)"},
    file_name={"pattern": r"(?P<year>\d{4})", "such_as": "2024.pdf"},
    header_rows=[2],
    continues=True,
    groups="^(?P<area>[^0-9(]+(?:[(].*[)])?)$",
    columns={"指标": "indicator", "单位": "unit"},
    measures={
        "本月": {"growth": "同比增长(%)", "sets": {"period": "{year}年{month}月"}},
        "1-本月": {"growth": "同比增长(%)@2", "sets": {"period": "{year}年1-{month}月"}},
    },
)


def monthly_rows(figures: Figures) -> list[list[str]]:
    rows = [["指标", "单位", "本月", "同比增长(%)", "1-本月", "同比增长(%)"]]
    for area in dict.fromkeys(area for area, _, _ in figures):
        rows.append([area, *[""] * 5])
        for name in INDICATORS:
            own = [figures[area, name, period] for period in PERIODS]
            rows.append([name, UNIT, *(text for f in own for text in (f.value, f.growth))])
    return rows


def monthly_xlsx(figures: Figures) -> tuple[bytes, str]:
    return builders.xlsx([["主要指标 (4月)"], *monthly_rows(figures)]), "2024.xlsx"


def monthly_pdf(figures: Figures) -> tuple[bytes, str]:
    rows = monthly_rows(figures)
    pages = [rows[i : i + 30] for i in range(0, len(rows), 30)]
    return builders.placed_pdf(pages, [15, 75, 95, 115, 143, 170], "主要指标 (4月)"), "2024.pdf"


SHAPES = {
    tidy_csv: TIDY,
    wide_xlsx: WIDE,
    levels_xlsx: LEVELS,
    levels_html: LEVELS,
    monthly_xlsx: MONTHLY,
}
PRINTED = {tidy_pdf: TIDY, monthly_pdf: MONTHLY}

# ── the property ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def read_shape(read_as):
    """Read figures back from the document that a shape makes of them: rows by area, indicator and period."""
    shapes = SHAPES | PRINTED
    known = {make.__name__: declared_layout for make, declared_layout in shapes.items()}
    load = layout.load

    def read(make, figures):
        content, name = make(figures)
        parsed = read_as(content, name, layout=make.__name__)
        assert parsed.rejected.rows(named=True) == []
        assert parsed.rows_in == parsed.rows_raw + sum(parsed.furniture.values())
        key = ("area_text", "area_id", "indicator_code", "period_id")
        told = ("value_text", "value", "operator", "unit", "growth_text", "growth_pct")
        rows = [row for row in parsed.rows.select(*key, *told).rows()]
        return sorted(tuple(cell or "" if cell != 0 else 0.0 for cell in row) for row in map(tuple, rows))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "load", lambda name, *rest: known.get(name) or load(name, *rest))
        yield read


numbers = st.decimals("0.01", 99_999, places=2).map(lambda n: f"{n:,f}")
values = st.one_of(
    numbers,
    numbers.map(lambda text: text.replace(",", " ")),
    st.tuples(numbers, st.sampled_from(["*", "①", "[2]"])).map("".join),
    numbers.map("-{}".format),
    st.sampled_from(["", "0", "-", "…", "—"]),
)
growth = st.decimals(-20, 40, places=1).map(str) | st.sampled_from(["", "0", "-", "5.3%"])


@st.composite
def tables(draw) -> Figures:
    areas = draw(st.lists(st.sampled_from(AREAS), min_size=1, max_size=len(AREAS), unique=True))
    return {
        (area, name, period): Figure(draw(values), draw(growth))
        for area in areas
        for name in INDICATORS
        for period in PERIODS
    }


def check(read_shape, shapes, figures) -> None:
    first, *others = [read_shape(make, figures) for make in shapes]
    assert len(first) == sum(bool(figure.value or figure.growth) for figure in figures.values())
    for other in others:
        assert other == first


#: one figure of every kind of print
SAMPLE = dict(
    zip(
        [(area, name, period) for area in AREAS[:2] for name in INDICATORS for period in PERIODS],
        [
            *(Figure("1,703.42", "6.6"), Figure("19 278.10", "-0.4"), Figure("91.30[2]", "5.3%")),
            *(Figure("0", "0"), Figure("-", ""), Figure("…", "-"), Figure("", "7.5"), Figure("", "")),
            *(Figure("-12.50", "1.0"), Figure("8.00①", ""), Figure("—", "3"), Figure("0.01*", "-20.0")),
        ],
        strict=True,
    )
)


def test_a_table_gives_the_same_rows_tidy_and_below_three_header_levels(read_shape):
    check(read_shape, [tidy_csv, levels_xlsx], SAMPLE)


def test_a_table_gives_the_same_rows_in_every_shape(read_shape):
    check(read_shape, [*SHAPES, *PRINTED], SAMPLE)


# not shrunk: a table is read as fast as it would be made shorter
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(figures=tables())
def test_any_table_gives_the_same_rows_in_every_shape(read_shape, figures):
    if any(figure.value or figure.growth for figure in figures.values()):
        check(read_shape, [*SHAPES, *PRINTED], figures)


# ── the same table handed in through the inbox, in whatever format ───────────────────────────────────────────────

HANDED_IN = [
    "地区",
    "指标",
    "时期",
    "数值",
    "单位",
    "增速(%)",
    "增速口径",
    "版次",
    "标题",
    "网址",
    "发布日期",
]
HANDED_IN += ["来源级别", "采用", "不采用原因", "备注"]


def handed_in(figures: Figures) -> list[list[str]]:
    cited = ["可比价", "初步核算", builders.MARK, "http://example.org/1", "2024-05-20", "O", "是", "", ""]
    return [HANDED_IN, *([*row, *cited] for row in tidy_rows(figures)[1:])]


def separated(rows: list[list[str]], by: str) -> bytes:
    return "\n".join(by.join(f'"{cell}"' for cell in row) for row in rows).encode()


def zipped(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", separated(rows[:6], ","))
        archive.writestr("b.xlsx", builders.xlsx([rows[0], *rows[6:]]))
    return out.getvalue()


def document(rows: list[list[str]]) -> bytes:
    made = docx.Document()
    made.add_paragraph(builders.MARK)
    table = made.add_table(len(rows), len(HANDED_IN))
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FORMATS = {
    "figures.tsv": lambda rows: separated(rows, "\t"),
    "figures.xlsx": builders.xlsx,
    "figures.html": builders.html,
    "figures.zip": zipped,
}
SLOW_FORMATS = {
    "figures.docx": document,
    "figures.pdf": lambda rows: builders.ruled_pdf(rows, [12.5] * 15, repeat_header=True),
}


@pytest.mark.parametrize(
    ("name", "make"),
    [*FORMATS.items(), *SLOW_FORMATS.items()],
)
def test_figures_are_handed_in_in_any_format(read_as, name, make):
    def told(parsed):
        assert parsed.rejected.rows(named=True) == []
        return parsed.rows.drop("row_id", "source_sha256", "source_locator").rows()

    rows = handed_in(SAMPLE)
    expected = told(read_as(separated(rows, ","), "figures.csv", layout="figures_table"))
    assert len(expected) == 11
    assert told(read_as(make(rows), name, layout="figures_table")) == expected
