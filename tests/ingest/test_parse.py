"""Parsing: a document's rows with their provenance, nothing lost on the way, and no person in what comes out."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from html import escape

import polars as pl
import pytest
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ingest import catalogue, layout
from ingest.datasets import DATASETS
from ingest.demo.pools import PERSON_MARKERS
from ingest.parse import REJECTION, Unreadable
from ingest.privacy import SOLE_TRADER, mask_sole_traders

pytestmark = pytest.mark.slow

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注"
ROW = {
    "地区": "潍坊市",
    "指标": "海洋生产总值",
    "时期": "2024",
    "数值": "1703.42",
    "单位": "亿元",
    "增速(%)": "6.6",
    "增速口径": "可比价",
    "版次": "初步核算",
    "标题": "新闻发布会",
    "网址": "http://example.org/1",
    "发布日期": "2025-06-03",
    "来源级别": "O",
    "采用": "是",
    "不采用原因": "",
    "备注": "",
}
BUNDLED = {source.id: source for source in catalogue.load().sources}


def as_csv(*changes: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ROW, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROW | change for change in changes)
    return out.getvalue()


@pytest.fixture(scope="session")
def read_bundled(read_as, demo_files):
    """Parse what stands at the location of a source of the bundled catalogue."""
    demo = demo_files["clusters"].parent

    def read(source_id):
        source = BUNDLED[source_id]
        base = demo if source.connector == "demo" else catalogue.BUNDLED_CATALOGUE.parent
        path = base / source.location
        return read_as(path.read_bytes(), path.name, **source.model_dump())

    return read


HANDED_IN = (
    "统一社会信用代码,企业名称,曾用名,企业类型,登记状态,成立日期,注销日期,注册资本,登记机关代码,所在县区,行业代码,两高,"
    "合并后承继企业信用代码,法定代表人,联系电话\n"
    "91370783MA3C000007,潍坊甲有限公司,,有限责任公司,在营,2010-05-01,,,370783,寿光市,C2511,否,,,\n"
)


def test_the_same_bytes_under_two_names_are_rows_of_two_documents_where_the_name_tells_of_them(read_as):
    handed_in = BUNDLED["inbox_registers"].model_dump()
    september, october, delta = (
        read_as(HANDED_IN, f"企业登记_{told}.csv", **handed_in)
        for told in ("全量_2026-09-30", "全量_2026-10-31", "增量_2026-10-31")
    )
    assert [parsed.profile["extent"] for parsed in (september, october, delta)] == [
        *(["full"], ["full"], ["delta"])
    ]
    assert [parsed.rows["register_on"].to_list() for parsed in (september, october)] == [
        *([date(2026, 9, 30)], [date(2026, 10, 31)])
    ]
    ids = [parsed.rows["row_id"].item() for parsed in (september, october, delta)]
    assert len(set(ids)) == 3 and {id_.partition(":")[2] for id_ in ids} == {"!A2:O2"}
    assert {id_[:12] for id_ in ids} == {september.rows["source_sha256"].item()[:12]}


def test_where_the_name_tells_nothing_the_same_bytes_are_the_same_rows(read_as):
    ids = [read_as(as_csv(ROW), name).rows["row_id"].item() for name in ("a.csv", "b.csv")]
    assert ids[0] == ids[1] and ids[0][12] == ":"


# ── nothing is lost ──────────────────────────────────────────────────────────────────────────────────────────

BUNDLED_ROWS = {
    "weifang_shandong_gop": 54,
    "national_ocean_economy": 47,
    "gdp_city_province": 19,
    "county_gdp_2021": 17,
    "county_gdp_other": 34,
    "digital_and_industry": 42,
    "green_and_cluster_counts": 69,
    "national_green_factories": 2783,
    "national_green_parks": 224,
    "national_green_supply_chains": 296,
    "national_green_notices": 18,
    "weifang_green_attributions": 21,
    "provincial_clusters": 8,
}


@pytest.mark.parametrize(("source_id", "rows"), BUNDLED_ROWS.items())
def test_of_the_bundled_files_every_row_is_placed(read_bundled, source_id, rows):
    parsed = read_bundled(source_id)
    assert (parsed.records, parsed.rows.height, parsed.rejected.height) == (rows, rows, 0)
    assert dict(parsed.rows.schema) == DATASETS[BUNDLED[source_id].dataset].columns
    assert parsed.rows["row_id"].n_unique() == rows


def test_the_bundled_files_are_all_of_the_catalogues_files():
    assert {source.id for source in BUNDLED.values() if source.connector == "file"} == set(BUNDLED_ROWS)


@pytest.mark.parametrize(
    ("source_id", "rows", "rejected", "furniture"),
    [
        ("demo_enterprise_register", 1998, 2, {"header": 1}),
        ("demo_above_scale_frame", 495, 0, {"header": 4, "note": 2}),
        ("demo_digital_assessment", 671, 0, {"header": 1}),
        ("demo_clusters", 12, 0, {"header": 4}),
        ("demo_cluster_members", 224, 0, {"header": 1}),
        ("demo_green_provincial", 45, 0, {"header": 1}),
        ("demo_green_municipal", 151, 0, {"header": 7}),
        ("demo_ledger_returns", 1827, 0, {"header": 1}),
    ],
)
def test_of_the_demo_files_every_row_is_placed_or_rejected(
    read_bundled, source_id, rows, rejected, furniture
):
    parsed = read_bundled(source_id)
    assert (parsed.rows.height, parsed.rejected_records) == (rows, rejected)
    assert parsed.furniture == furniture
    assert parsed.rows_in == parsed.rows_raw + parsed.rows_quarantined + sum(furniture.values())
    assert parsed.records == rows + rejected
    assert set(parsed.rows["data_origin"]) == {"demo"}


def test_records_are_rows_and_rejected_records_however_many_faults_a_row_has(read_as):
    parsed = read_as(as_csv({}, {"地区": "某地", "指标": "某数", "采用": ""}, {"时期": "近年"}, {}))
    assert (parsed.records, parsed.rows.height, parsed.rejected_records) == (4, 2, 2)
    assert parsed.rejected.select("source_locator", "field").rows() == [
        ("!D3", "area"),
        ("!D3", "indicator"),
        ("!D4", "period"),
        ("!D3", "is_actual"),
    ]
    assert parsed.rows["source_locator"].to_list() == ["!D2", "!D5"]


def test_a_rejected_row_says_where_it_stands_what_is_wrong_and_how_it_was_printed(read_as):
    parsed = read_as(as_csv({"数值": "17O3.42"}))
    assert dict(parsed.rejected.schema) == REJECTION
    assert parsed.rejected.row(0, named=True) == {
        "source_id": "county_figures",
        "source_sha256": parsed.rejected["source_sha256"][0],
        "document": "figures.csv",
        "source_locator": "!D2",
        "field": "value",
        "value_text": "17O3.42 亿元",
        "reason": "'17O3.42' is not one certain number",
        "expected": "digits such as 1703.42 or 19,278.1, with no unit or %",
        "row_text": " | ".join((ROW | {"数值": "17O3.42"}).values()),
    }
    assert parsed.rows.height == 0


@pytest.mark.parametrize(
    ("note", "fault"),
    [
        ("转载", ("!A3:P3", "row", "转载", "text under no header")),
        ("", ("!D3", "value", "1 703.42", "unknown unit '703.42'")),
    ],
)
def test_a_figure_whose_comma_for_thousands_was_not_quoted_never_becomes_1(read_as, note, fault):
    line = ",".join((ROW | {"数值": "1,703.42", "备注": note}).values())
    parsed = read_as(as_csv({}) + line + "\n")
    assert (parsed.records, parsed.rows["value"].to_list(), parsed.rejected_records) == (2, [1703.42], 1)
    assert fault in parsed.rejected.select("source_locator", "field", "value_text", "reason").rows()


def test_a_file_that_is_none_or_has_another_header_is_unreadable_as_a_whole(read_as):
    with pytest.raises(Unreadable, match=r"figures\.csv: the file is empty"):
        read_as("")
    with pytest.raises(Unreadable, match=r"expected '数值', which is not there\n  found '数额' in cell !D1"):
        read_as(as_csv({}).replace("数值", "数额", 1))


# ── what a row says ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_figure_carries_its_print_its_meaning_and_its_source(read_as):
    parsed = read_as(as_csv({"地区": "寒亭区(含经济开发区)", "备注": "转载"}), name="海洋.csv")
    sha256 = parsed.rows["source_sha256"][0]
    assert parsed.rows.row(0, named=True) == {
        "area_text": "寒亭区(含经济开发区)",
        "area_id": "hanting",
        "area_scope_note": "含经济开发区",
        "indicator_text": "海洋生产总值",
        "indicator_code": "gop",
        "period_text": "2024",
        "period_id": "2024",
        "period_start": date(2024, 1, 1),
        "period_end": date(2024, 12, 31),
        "period_kind": "year",
        "is_cumulative": False,
        "value_text": "1703.42",
        "unit_text": "亿元",
        "operator": "eq",
        "value": 1703.42,
        "unit": "100m_cny",
        "growth_text": "6.6",
        "growth_pct": 6.6,
        "growth_basis_text": "可比价",
        "growth_basis": "constant",
        "vintage_text": "初步核算",
        "vintage": "preliminary",
        "source_tier_text": "O",
        "source_tier": "O",
        "is_actual": True,
        "withheld_reason": None,
        "note": "转载",
        "origin_title": "新闻发布会",
        "origin_url": "http://example.org/1",
        "published_text": "2025-06-03",
        "published_precision": "day",
        "row_id": f"{sha256[:12]}:!D2",
        "source_id": "county_figures",
        "source_sha256": sha256,
        "source_locator": "!D2",
        "data_origin": "published",
        "published_on": date(2025, 6, 3),
        "snapshot_on": date(2026, 11, 23),
    }


def test_figures_in_trillions_stand_in_hundred_millions(read_as):
    rows = read_as(as_csv({"数值": "1.49", "单位": "万亿元"}, {"数值": "5.4", "单位": "trillionCNY"})).rows
    assert rows["value"].to_list() == [14900.0, 54000.0]
    assert rows["value_text"].to_list() == ["1.49", "5.4"]
    assert set(rows["unit"]) == {"100m_cny"}


def test_a_dash_is_not_reported_rather_than_zero(read_as):
    rows = read_as(as_csv({"数值": "—", "增速(%)": "-"}, {"数值": "0", "增速(%)": "0"})).rows
    assert rows["value"].to_list() == [None, 0.0]
    assert rows["growth_pct"].to_list() == [None, 0.0]


WITHHELD = {"采用": "否", "不采用原因": "undated"}


def test_a_row_that_its_transcriber_withheld_may_be_odd(read_as):
    odd = {"时期": "未注明", "数值": "1/10", "指标": "某数", "单位": "亿", "来源级别": "Z"}
    parsed = read_as(as_csv(odd | WITHHELD, odd))
    assert (parsed.rows.height, parsed.rejected_records) == (1, 1)
    row = parsed.rows.row(0, named=True)
    assert (row["is_actual"], row["withheld_reason"]) == (False, "undated")
    assert (row["value_text"], row["value"], row["period_id"], row["indicator_code"]) == (
        *("1/10", None, None, None),
    )
    assert set(parsed.rejected["source_locator"]) == {"!D3"}


def test_a_withheld_row_must_still_say_where_it_belongs(read_as):
    parsed = read_as(as_csv({"地区": "某地"} | WITHHELD, {"采用": ""}))
    assert parsed.rejected.select("source_locator", "field").rows() == [("!D2", "area"), ("!D3", "is_actual")]


@pytest.mark.parametrize(
    ("printed", "on", "published_on", "precision"),
    [
        ("2025-06-03", date(2026, 11, 23), date(2025, 6, 3), "day"),
        ("2026-11", date(2026, 11, 23), date(2026, 11, 23), "month"),
        ("2026-10", date(2026, 11, 23), date(2026, 10, 31), "month"),
        ("2026", date(2026, 11, 23), date(2026, 11, 23), "year"),
        ("2025", date(2026, 11, 23), date(2025, 12, 31), "year"),
        ("2026-12-01", date(2026, 11, 23), date(2026, 12, 1), "day"),  # a wrong day is for the suite to find
        ("", date(2026, 11, 23), None, None),
    ],
)
def test_a_date_known_in_part_is_no_later_than_the_day_it_was_retrieved(
    read_as, printed, on, published_on, precision
):
    rows = read_as(as_csv({"发布日期": printed}), on=on).rows
    assert rows.select("published_on", "published_precision").row(0) == (published_on, precision)
    assert rows["snapshot_on"][0] == on


def test_a_profile_counts_what_a_snapshot_holds(read_as):
    profile = read_as(as_csv({}, {"时期": "2023"}, {"地区": "寿光市", "发布日期": "2025-07"})).profile
    assert profile["rows"] == 3
    assert profile["published_to"] == "2025-07-31"
    assert profile["area_id"] == ["shouguang", "weifang"]
    assert profile["period_id"] == ["2023", "2024"]
    assert profile["indicator_code"] == ["gop"]
    assert profile["filled"]["value"] == 1.0 and profile["filled"]["withheld_reason"] == 0.0
    assert profile["kinds"] | {"value": "number", "published": "date", "area": "words"} == profile["kinds"]


# ── persons ──────────────────────────────────────────────────────────────────────────────────────────────────

REGISTER = {"dataset": "enterprises", "layout": "enterprise_register"}
REGISTER_HEADER = (
    "统一社会信用代码,企业名称,曾用名,企业类型,登记状态,成立日期,注销日期,法定代表人,联系电话,注册资本,"
    "登记机关代码,所在县区,行业代码,两高,数据性质\n"
)


@pytest.fixture(scope="module")
def read_register(read_as):
    def read(*lines):
        return read_as(REGISTER_HEADER + "".join(f"{line}\n" for line in lines), "登记.csv", **REGISTER)

    return read


def words(frame: pl.DataFrame) -> str:
    """Every text of a frame."""
    return "\n".join(
        "\n".join(frame[name].drop_nulls()) for name in frame.columns if frame[name].dtype == pl.String
    )


def test_no_person_and_no_telephone_of_the_demo_register_leaves_landing(read_bundled, demo_files):
    text = demo_files["enterprise_register"].read_bytes().decode("gb18030")
    printed = list(csv.DictReader(io.StringIO(text)))
    owners = {row["法定代表人"] for row in printed} - {""}
    assert len(owners) > 1000 and sum(marker in text for marker in PERSON_MARKERS) == 8

    parsed = read_bundled("demo_enterprise_register")
    left = words(parsed.rows) + words(parsed.rejected)
    assert [marker for marker in PERSON_MARKERS if marker in left] == []
    assert "1540000" in text and "1540000" not in left
    masked = sum(row["企业类型"] == "个体工商户" for row in printed if row["数据性质"])
    assert masked == (parsed.rows["name_text"] == SOLE_TRADER).sum() > 80


def test_a_sole_trader_is_known_by_its_code_its_type_or_its_name(read_register):
    tail = "在营,2020-01-01,,张玘,15400001234,5万元,370700,寿光市,5211,否,演示"
    rows = read_register(
        f"92370700MA3C0A1B2X,寿光市张玘百货店,张玘店,,{tail}",
        f",寿光市李翾百货店,,个体工商户,{tail}",
        f",寿光市赵奣百货店（个体工商户）,,,{tail}",
        f",寿光市溔鑫百货有限公司,溔鑫百货,有限责任公司,{tail}",
    ).rows
    assert rows["name_text"].to_list() == [SOLE_TRADER] * 3 + ["寿光市溔鑫百货有限公司"]
    assert rows["name_normalised"].to_list() == [SOLE_TRADER] * 3 + ["寿光市溔鑫百货有限公司"]
    assert rows["former_name_text"].to_list() == [SOLE_TRADER, None, None, "溔鑫百货"]
    assert not any(marker in words(rows) for marker in PERSON_MARKERS)


MEMBERS = {"dataset": "cluster_members", "layout": "cluster_members"}
MEMBERS_HEADER = "集聚区代码,统一社会信用代码,企业名称,入区日期,退出日期,认定依据,数据性质\n"


@pytest.mark.parametrize("code", ["92370799MA00000001", "９２370799ma00000001", "92 370799MA00000001"])
def test_a_sole_trader_is_known_by_a_code_that_is_wrong_too(read_as, code):
    rows = read_as(f"{MEMBERS_HEADER}WF01,{code},张玘水产店,2025-01-01,,,演示\n", "m.csv", **MEMBERS).rows
    assert rows["uscc"].to_list() == [None]  # its check digit is not right
    assert rows["name_text"].to_list() == [SOLE_TRADER]
    assert "玘" not in words(rows)


def test_a_rejected_row_of_a_sole_trader_keeps_no_text_and_others_keep_theirs(read_as):
    parsed = read_as(
        f"{MEMBERS_HEADER}WF01,92370799MA00000001,张玘水产店,2025年某日,,,演示\n"
        "WF01,,溔鑫海工有限公司,2025年某日,,,演示\n",
        "m.csv",
        **MEMBERS,
    )
    assert parsed.rejected["value_text"].to_list() == [None, "2025年某日"]
    assert parsed.rejected["row_text"].is_null().to_list() == [True, False]
    assert "玘" not in words(parsed.rejected) and "溔鑫海工有限公司" in words(parsed.rejected)


def test_a_sole_trader_who_leads_a_cluster_is_masked_beside_its_own_code():
    leaders = pl.DataFrame({
        "leader_name_text": ["张玘水产店", "溔鑫有限公司", "李翾店（个体工商户）"],
        "leader_name_core": ["张玘", "溔鑫", "李翾"],
        "leader_uscc": ["92370799MA00000001", None, None],
        "leader_uscc_text": ["92370799MA00000001", "91370700MA3C0A1B2X", None],
    })  # fmt: skip
    masked, named = mask_sole_traders(leaders)
    assert named.to_list() == [True, False, True]
    assert masked.columns == leaders.columns
    assert masked["leader_name_text"].to_list() == [SOLE_TRADER, "溔鑫有限公司", SOLE_TRADER]
    assert masked["leader_name_core"].to_list() == [None, "溔鑫", None]


@pytest.mark.parametrize("person", ["张玘", "O'翾", 'J"翾', "A'翾\"昳", "张\n玘"])
def test_no_text_of_a_rejected_row_is_kept_where_columns_of_persons_are(read_register, person):
    quoted = '"' + person.replace('"', '""') + '"'
    shifted = f",寿光市溔鑫有限公司,,有限责任公司,{quoted},{quoted},,,15400001234,5万元,370700,{quoted},5211,否,演示"
    parsed = read_register(shifted)
    assert (parsed.rows.height, parsed.rejected_records) == (0, 1)
    assert set(parsed.rejected["field"]) == {"status", "established_on", "area"}
    assert parsed.rejected["value_text"].null_count() == parsed.rejected["row_text"].null_count() == 3
    assert not any(character in words(parsed.rejected) for character in "张玘翾昳奣")
    assert parsed.rejected["reason"][0] == "unknown word '…' for enterprise_status"


def test_a_register_longer_than_its_header_names_no_person_either(read_register):
    parsed = read_register(
        ",寿光市溔,鑫有限公司,,有限责任公司,在营,2020-01-01,,张玘,15400001234,5万元,370700,寿光市,5211,否,演示"
    )
    assert parsed.rejected["reason"].to_list() == ["text under no header"]
    assert "玘" not in words(parsed.rejected) and "15400001234" not in words(parsed.rejected)


def test_a_register_without_its_header_names_no_person_in_its_fault(read_as):
    line = "91370700MA3C0A1B2X,寿光市溔鑫有限公司,,,在营,2020-01-01,,张玘,15400001234,,,寿光市,5211,否,演示\n"
    with pytest.raises(Unreadable) as error:
        read_as(line, "登记.csv", **REGISTER)
    assert "has none of the expected names" in str(error.value)
    assert "玘" not in str(error.value) and "1540000" not in str(error.value)


# ── one table, whatever it is printed in ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def with_xlsx(tmp_path_factory):
    """The layout figures_xlsx: figures_csv in a workbook."""
    folder = tmp_path_factory.mktemp("layouts")
    (folder / "figures_csv.yml").write_bytes((layout.LAYOUTS / "figures_csv.yml").read_bytes())
    (folder / "figures_xlsx.yml").write_text("extends: figures_csv\nreader: workbook\n", encoding="utf-8")
    load = layout.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "load", lambda n: load(n, folder) if n == "figures_xlsx" else load(n))
        yield


def cells(rows: list[dict[str, str]]) -> list[list[str]]:
    return [list(ROW), *([row[header] for header in ROW] for row in rows)]


def as_html(rows: list[dict[str, str]]) -> str:
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in line) for line in cells(rows)]
    return f'<meta charset="utf-8"><table>{"".join(f"<tr>{line}</tr>" for line in lines)}</table>'


def as_xlsx(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("指标")
        for number, line in enumerate(cells(rows)):
            for column, cell in enumerate(line):
                if re.fullmatch(NUMBER, cell) and list(ROW)[column] in ("数值", "增速(%)"):
                    page.write_number(number, column, float(cell))
                else:
                    page.write_string(number, column, cell)
    return out.getvalue()


NUMBER = r"0|[1-9][0-9]{0,6}(\.[0-9]{0,2}[1-9])?"
numbers = st.from_regex(NUMBER, fullmatch=True, alphabet=st.characters(max_codepoint=127))
figures = st.fixed_dictionaries(
    {
        "地区": st.sampled_from(["潍坊市", "寿光市", "寒亭区（含经济开发区）", "全国", "某地"]),
        "指标": st.sampled_from(["海洋生产总值", "地区生产总值", "规上工业企业数字化转型覆盖率"]),
        "时期": st.sampled_from(["2024", "2024年1-9月", "2025Q1", "未注明"]),
        "数值": numbers | st.sampled_from(["", "—", "超过2000", "1,703.42", "0", "17O3"]),
        "单位": st.sampled_from(["亿元", "万元", "万亿元", "%", "家", ""]),
        "增速(%)": numbers | st.sampled_from(["", "-0.4", "6.6%"]),
        "增速口径": st.sampled_from(["", "可比价"]),
        "版次": st.sampled_from(["初步核算", "公报(第三页)", ""]),
        "标题": st.text("海洋统计公报,\"'<&>;=+(（）)@", max_size=8),
        "网址": st.just("http://example.org/?a=1&b=2"),
        "发布日期": st.sampled_from(["2025-06-03", "2025-06", "2025", ""]),
        "来源级别": st.sampled_from("OPME"),
        "采用": st.sampled_from(["是", "否"]),
        "不采用原因": st.just(""),
        "备注": st.text("转载,注:", max_size=5),
    }
)


def check_formats(read_as, rows):
    text = as_csv(*rows)
    documents = [
        (text.encode(), "f.csv", "figures_csv"),
        (text.encode("gb18030"), "f.csv", "figures_csv"),
        (as_html(rows), "f.html", "figures_html"),
        (as_xlsx(rows), "f.xlsx", "figures_xlsx"),
    ]
    first, *others = [read_as(content, name, layout=used) for content, name, used in documents]
    assert first.records == len(rows) == first.rows.height + first.rejected_records
    for other in others:
        for one, same in ((first.rows, other.rows), (first.rejected, other.rejected)):
            assert told(same) == told(one)


# not shrunk: a table is read as fast as it would be made shorter
UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]


@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
@given(rows=st.lists(figures, min_size=1, max_size=12))
def test_many_tables_give_the_same_rows_in_every_format(read_as, with_xlsx, rows):
    check_formats(read_as, rows)


def told(frame: pl.DataFrame) -> list[dict]:
    """Rows without what names the document; of the address, the cell."""
    cell = pl.col("source_locator").str.extract(r"!(\w+)$")
    return frame.with_columns(cell).drop("row_id", "source_sha256", "document", strict=False).rows(named=True)
