"""The demo registers: repeatable, recognisable as invented, and dirty in the measured proportions."""

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pdfplumber
import polars as pl
import pytest
from lxml import html
from python_calamine import CalamineWorkbook

from ingest.demo import DemoError, codes, generate, naming, renew
from ingest.demo.generator import MIN_COMPANIES
from ingest.demo.places import read_places
from ingest.demo.pools import (
    FIRM_MARKERS,
    PARTNERS,
    PERSON_MARKERS,
    profile,
    read_plan,
    words,
)
from ingest.demo.register import write_register
from ingest.normalise.credit_codes import check, check_series

pytestmark = pytest.mark.slow

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
SEED, REFERENCE = 7, date(2026, 10, 31)
CODE, NAME, FORMER, TYPE, STATUS = "统一社会信用代码", "企业名称", "曾用名", "企业类型", "登记状态"
OWNER, PHONE, MARK, CAPITAL, COUNTY = "法定代表人", "联系电话", "数据性质", "注册资本", "所在县区"
GREEN_HEADER = (
    "年度/批次", "类别", "事项", "状态", "单位名称", "更名后名称", "统一社会信用代码", "县市区", "公布日期",
)  # fmt: skip


def follows_marker_rule(name: str) -> bool:
    """Whether a firm name could have come from the generator: it holds a marker character."""
    return any(character in FIRM_MARKERS for character in name)


@pytest.fixture(scope="module")
def plan():
    return read_plan(SEEDS)


@pytest.fixture(scope="module")
def register(plan, tmp_path_factory) -> pl.DataFrame:
    """A register of 20,000 firms as text; rows with shifted columns are left out."""
    path = tmp_path_factory.mktemp("register") / "register.csv"
    write_register(path, 20_000, SEED, REFERENCE, read_places(plan), 4_950)
    return pl.read_csv(io.BytesIO(path.read_bytes().decode("gb18030").encode()), infer_schema=False)


@pytest.fixture(scope="module")
def straight(register) -> pl.DataFrame:
    return register.filter(pl.col(MARK).is_not_null())


@pytest.fixture(scope="module")
def files(demo_files) -> dict[str, Path]:
    """All files for 2,000 firms."""
    return demo_files


@pytest.fixture(scope="module")
def municipal(files) -> list[list[str]]:
    with pdfplumber.open(files["green_municipal"]) as pdf:
        pages = [page.extract_tables() for page in pdf.pages]
    assert len(pages) > 2 and all(len(tables) == 1 for tables in pages)
    assert all(tuple(table[0]) == GREEN_HEADER for (table,) in pages)
    return [[cell or "" for cell in row] for (table,) in pages for row in table[1:]]


def sheet(path: Path) -> list[list]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def table(path: Path) -> tuple[list[str], list[list[str]]]:
    page = html.fromstring(path.read_bytes())
    rows = [[cell.text or "" for cell in row] for row in page.xpath("//tbody/tr")]
    return [cell.text for cell in page.xpath("//thead/tr/th")], rows


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


# ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_arguments_give_the_same_bytes_also_with_the_fewest_firms(tmp_path):
    once, again = (
        generate(tmp_path / name, MIN_COMPANIES, SEED, REFERENCE, plan_dir=SEEDS) for name in ("1", "2")
    )
    for dataset, path in {**once, "manifest": tmp_path / "1" / "demo.json"}.items():
        digests = {hashlib.sha256((tmp_path / n / path.name).read_bytes()).digest() for n in ("1", "2")}
        assert len(digests) == 1, dataset
    assert list(again) == list(once)


def test_another_seed_gives_other_firms(plan, tmp_path):
    for seed in (1, 2):
        write_register(tmp_path / f"{seed}.csv", 500, seed, REFERENCE, read_places(plan), 100)
    names = [
        {line.split(",")[1] for line in (tmp_path / f"{seed}.csv").read_text("gb18030").splitlines()[1:]}
        for seed in (1, 2)
    ]
    assert len(names[0] & names[1]) < 5


def test_every_file_says_that_it_is_demo_data(files):
    assert all(path.name.startswith("demo_") for path in files.values())
    assert sheet(files["above_scale_frame"])[0][0].startswith("演示数据")
    assert sheet(files["clusters"])[0][0].startswith("演示数据")
    for dataset in ("digital_assessment", "green_provincial"):
        assert "<h1>演示数据" in files[dataset].read_text("utf-8")
    with pdfplumber.open(files["green_municipal"]) as pdf:
        assert pdf.pages[-1].extract_text().endswith(f"演示数据 第{len(pdf.pages)}页")
    for dataset in ("cluster_members", "ledger_returns"):
        assert {row[MARK] for row in rows_of(files[dataset])} == {"演示"}


def test_the_manifest_counts_the_rows_of_each_file(files):
    manifest = json.loads((files["clusters"].parent / "demo.json").read_text("utf-8"))
    assert (manifest["seed"], manifest["companies"], manifest["reference_date"]) == (
        SEED,
        2_000,
        "2026-10-31",
    )
    rows = {dataset: entry["rows"] for dataset, entry in manifest["files"].items()}
    assert (
        rows["enterprise_register"]
        == files["enterprise_register"].read_text("gb18030").count("\n") - 1
        == 2_000
    )
    assert rows["digital_assessment"] == len(table(files["digital_assessment"])[1])
    assert rows["ledger_returns"] == len(rows_of(files["ledger_returns"]))


def test_no_date_is_later_than_the_reference_date(tmp_path):
    reference = date(2026, 1, 15)  # before any batch of its own year
    made = generate(tmp_path, MIN_COMPANIES, SEED, reference, plan_dir=SEEDS)
    for path in made.values():
        if path.suffix == ".xlsx":
            days = {cell.isoformat() for row in sheet(path) for cell in row if isinstance(cell, date)}
        elif path.suffix == ".pdf":
            continue
        else:
            text = path.read_bytes().decode("gb18030" if "register" in path.name else "utf-8")
            days = set(re.findall(r"\b\d{4}-\d\d-\d\d\b", text))
        assert days and max(days) <= "2026-01-15", path.name


def test_too_few_companies_are_refused(tmp_path):
    with pytest.raises(DemoError, match="companies=50"):
        generate(tmp_path, 50, plan_dir=SEEDS)


def test_a_missing_plan_table_is_named(tmp_path):
    with pytest.raises(DemoError, match=r"areas\.csv: plan table not found"):
        generate(tmp_path / "out", 2_000, plan_dir=tmp_path)
    assert not (tmp_path / "out").exists()


# ── names and codes ──────────────────────────────────────────────────────────────────────────────────────────


def test_check_characters_agree_with_published_vectors():
    bodies = ["91110000600037341", "91370799MA0000015", "91370799MA0000010", "91370799MA0000066"]
    values = np.array([[codes.ALPHABET.index(symbol) for symbol in body] for body in bodies])
    assert "".join(codes.ALPHABET[value] for value in codes.check_values(values)[:2]) == "LR"


def test_codes_are_valid_but_for_the_measured_share(straight, register):
    checked = check_series(straight[CODE])
    faulty = straight[CODE].filter((checked["kind"] != "uscc") | checked["repaired"]).to_list()
    assert len(faulty) == int(0.0028 * register.height) == 56
    shapes = {
        "old": sum(bool(re.fullmatch(r"370799\d{9}", code)) for code in faulty),
        "lower": sum(code != code.upper() for code in faulty),
        "none": faulty.count("无"),
        "check": sum(check(code).fault == "bad_check_digit" for code in faulty),
    }
    assert sum(shapes.values()) == 56 and min(shapes.values()) >= 3


def test_no_code_can_belong_to_a_real_firm(straight):
    printed = straight[CODE].str.to_uppercase()
    assert printed.filter(printed != "无").str.contains(r"^(9[123])?370799").all()
    assert printed.filter(printed != "无").n_unique() == printed.filter(printed != "无").len()


def test_every_firm_name_holds_a_marker_character(straight):
    assert all(follows_marker_rule(name) for name in straight[NAME])
    assert all(follows_marker_rule(name) for name in straight[FORMER].drop_nulls())


def test_markers_stand_in_no_other_part_of_a_name():
    others = "".join(words().word) + PARTNERS + "".join(cell.form for cell in naming.cells())
    assert not set(others) & set(FIRM_MARKERS + PERSON_MARKERS)
    assert len(set(FIRM_MARKERS + PERSON_MARKERS)) == 24


def test_names_are_distinct_but_for_the_measured_share(register):
    assert register.height - register[NAME].n_unique() == int(0.00006 * register.height) == 1


def test_no_name_repeats_however_far_the_register_runs():
    maker = naming.NameMaker(SEED)
    cores = maker.cores(9_000_000, 9_050_000)
    key = np.column_stack([cores.cell, cores.word, cores.characters])
    assert len(np.unique(key, axis=0)) == 50_000


def test_owners_names_begin_anew_where_they_run_out_and_those_of_companies_do_not():
    maker = naming.NameMaker(SEED)
    shop = next(
        n for n, cell in enumerate(maker.cells) if (cell.form, cell.kind) == ("部", naming.INDIVIDUAL)
    )
    [(first, _)], [(again, _)] = (
        maker._cell(shop, maker.cells[shop], start, start + 10) for start in (0, 131_072)
    )
    assert (first == again).all()
    late = maker.cores(189_950_000, 190_000_000)
    companies = np.isin(
        late.cell, [n for n, cell in enumerate(maker.cells) if cell.kind != naming.INDIVIDUAL]
    )
    key = np.column_stack([late.cell, late.word, late.characters])[companies]
    assert len(np.unique(key, axis=0)) == len(key) > 45_000


def test_names_have_the_lengths_of_real_names(straight):
    lengths = straight[NAME].str.len_chars()
    for quantile, wanted in profile()["weifang_name_len_quantiles"].items():
        tolerance = 3 if float(quantile) == 1 else 1
        assert abs(lengths.quantile(float(quantile)) - wanted) <= tolerance, quantile


def test_names_have_the_legal_forms_of_real_names(straight):
    shares = {form: count / 9_811 for form, count in profile()["weifang_name_suffix"] if form != "other"}
    by_length = sorted(shares, key=len, reverse=True)
    ends = [next((form for form in by_length if name.endswith(form)), "other") for name in straight[NAME]]
    for form, share in shares.items():
        assert ends.count(form) / len(ends) == pytest.approx(share, abs=0.004), form


def test_four_in_five_brackets_are_ascii(straight):
    bracketed = straight[NAME].filter(straight[NAME].str.contains("[(（]"))
    assert bracketed.len() > 300
    assert bracketed.str.contains("(", literal=True).mean() == pytest.approx(0.79, abs=0.06)


# ── the register's other columns ─────────────────────────────────────────────────────────────────────────────


def test_an_eighth_is_registered_with_the_city_and_some_name_no_county(straight):
    assert (straight["登记机关代码"] == "370700").mean() == pytest.approx(0.126, abs=0.01)
    assert straight[COUNTY].is_null().mean() == pytest.approx(0.075, abs=0.008)
    assert {"寿光市", "高新区", "潍坊滨海经济技术开发区"} <= set(straight[COUNTY].drop_nulls())


def test_capital_is_printed_in_the_measured_patterns(straight):
    patterns = straight[CAPITAL].str.replace(r"^[0-9]+(\.[0-9]+)?", "#")
    shares = patterns.value_counts(normalize=True)
    shares = dict(zip(shares[CAPITAL], shares["proportion"], strict=True))
    for pattern, count in profile()["weifang_capital_patterns"][:4]:
        assert shares[pattern] == pytest.approx(count / 9_811, abs=0.015), pattern
    assert {"万人民币", "1E-06万人民币"} <= set(straight[CAPITAL])


def test_a_few_rows_are_shifted_by_one_column(register):
    shifted = register.filter(pl.col(MARK).is_null())
    assert shifted.height == 2
    assert shifted[PHONE].to_list() == ["演示", "演示"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", text) for text in shifted[STATUS])


def test_statuses_and_dates_agree(straight):
    assert set(straight[STATUS]) == {"在营", "注销", "吊销", "迁出"}
    assert ((straight[STATUS] == "注销") == straight["注销日期"].is_not_null()).all()
    ended = straight.filter(pl.col("注销日期").is_not_null())
    assert (ended["注销日期"] > ended["成立日期"]).all()


def test_invented_persons_can_be_found_by_their_markers(straight):
    assert straight[OWNER].str.contains(f"[{PERSON_MARKERS}]").all()
    assert straight[PHONE].drop_nulls().str.contains(r"^1540000\d{4}$").all()
    assert straight[PHONE].is_not_null().mean() > 0.7


def test_an_individual_business_bears_its_owners_name(straight):
    own = straight.filter(pl.col(TYPE) == "个体工商户")
    assert own.height == pytest.approx(0.0514 * straight.height, rel=0.05)
    assert own.select(pl.col(NAME).str.contains(pl.col(OWNER), literal=True).all()).item()
    assert own[NAME].str.contains(r"[(（]个体工商户[)）]$").sum() > 200
    rest = straight.filter(pl.col(TYPE) != "个体工商户")
    assert not rest[NAME].str.contains(f"[{PERSON_MARKERS}]").any()


# ── the other files ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_frame_has_a_header_of_two_rows(files):
    rows = sheet(files["above_scale_frame"])
    assert rows[1][0] == "单位:家 截至:2026-10-31"
    assert rows[2] == ["序号", "企业", "", "所在县区", "行业代码", "入退库", ""]
    assert rows[3] == ["", CODE, "名称", "", "", "入库日期", "退库日期"]
    assert rows[4][0] == 1 and rows[-3][0] == 495 and rows[-1][0].startswith("注:")


def test_the_frame_is_dated_and_industrial(files, plan):
    firms = sheet(files["above_scale_frame"])[4:-2]
    assert sum(row[6] == "" for row in firms) == 470
    assert all(check(row[1]).code == row[1] and "06" <= row[4][:2] <= "46" for row in firms)
    assert all(row[6] == "" or row[5] < row[6] for row in firms)
    assert {row[3] for row in firms} <= {area["name_zh"] for area in plan.areas}


def test_digital_assessment_reaches_the_reported_rates(files):
    current = {row[1] for row in sheet(files["above_scale_frame"])[4:-2] if row[6] == ""}
    header, rows = table(files["digital_assessment"])
    assert header == [CODE, NAME, "评估日期", "等级", "得分", "评估依据"]
    latest = {row[0]: row for row in rows if row[0] in current}  # rows stand in order of date
    levels = [("未达级", "一级", "二级", "三级", "四级").index(row[3]) for row in latest.values()]
    assert len(latest) / len(current) == pytest.approx(0.88, abs=0.04)
    assert np.mean([level >= 1 for level in levels]) == pytest.approx(0.935, abs=0.03)
    assert np.mean([level >= 3 for level in levels]) == pytest.approx(0.40, abs=0.06)
    by_year = [len({row[0] for row in rows if row[2][:4] <= str(year)}) for year in range(2023, 2027)]
    assert by_year == sorted(by_year) and by_year[0] < by_year[-1] / 2


def test_scores_agree_with_levels(files):
    floors = {"未达级": 0, "一级": 20, "二级": 40, "三级": 60, "四级": 80}
    rows = table(files["digital_assessment"])[1]
    assert any(row[4] == "—" for row in rows)
    assert all(floors[row[3]] <= float(row[4]) < floors[row[3]] + 20 for row in rows if row[4] != "—")


def test_clusters_stand_where_the_plan_assigns_their_industry(files, plan):
    rows = sheet(files["clusters"])
    assert rows[1][0] == "单位:平方公里"
    assert [cell for cell in rows[2] if cell] == [
        "集聚区代码", "名称", "级别", "批次", "认定", "区位", "产业", "运营"
    ]  # fmt: skip
    assert rows[3][4:] == [
        "认定日期", "状态", "撤销日期", "县市区", "陆域面积", "载体类型", "主导产业",
        "管理机构", "链主企业", "链主企业信用代码", "产业联盟",
    ]  # fmt: skip
    names = {area["area_id"]: area["name_zh"] for area in plan.areas}
    assigned = {(names[row["area_id"]], row["industry_raw_zh"]) for row in plan.area_industries}
    placed = [(row[7], row[10]) for row in rows[4:] if row[2] == "市级"]
    assert set(placed) <= assigned and len(set(placed)) == len(placed) == 10


def test_clusters_climb_the_ladder_and_one_of_each_fate_is_there(files):
    rows = sheet(files["clusters"])[4:]
    municipal, provincial = ([row for row in rows if row[2] == tier] for tier in ("市级", "省级"))
    assert [row[5] for row in municipal].count("公布") == 8
    assert [row[5] for row in municipal].count("公示") == [row[5] for row in municipal].count("撤销") == 1
    recognised = {row[0]: row[4] for row in municipal}
    assert len(provincial) == 2 and all(recognised[row[0]] < row[4] for row in provincial)
    years = [row[4].year for row in municipal if isinstance(row[4], datetime | date)]
    assert [years.count(year) for year in (2024, 2025, 2026)] == [2, 3, 4]


def test_leaders_are_members_of_their_cluster(files):
    members = {(row["集聚区代码"], row[CODE]) for row in rows_of(files["cluster_members"])}
    led = [(row[0], row[13]) for row in sheet(files["clusters"])[4:] if row[13]]
    assert len(led) >= 8 and set(led) <= members


def test_a_firm_is_in_one_cluster_and_leaves_after_it_came(files):
    raw = files["cluster_members"].read_bytes()
    rows = rows_of(files["cluster_members"])
    assert raw.startswith("\ufeff集聚区代码,".encode())
    assert len({row[CODE] for row in rows}) == len(rows) > 100
    assert all(not row["退出日期"] or row["入区日期"] <= row["退出日期"] for row in rows)


def test_the_municipal_list_wraps_long_names_and_keeps_its_counts(files, municipal):
    manifest = json.loads((files["clusters"].parent / "demo.json").read_text("utf-8"))
    assert manifest["files"]["green_municipal"]["rows"] == len(municipal)
    assert any("\n" in cell for row in municipal for cell in row)
    rows = [[cell.replace("\n", "") for cell in row] for row in municipal]
    events = [(row[2], row[3]) for row in rows]
    assert len(rows) == pytest.approx(150, abs=5)
    assert events.count(("新增", "公示")) == 9 and events.count(("移出", "公布")) == 8
    assert events.count(("新增", "公布")) - events.count(("移出", "公布")) == 120
    assert all(follows_marker_rule(row[4]) for row in rows)
    assert 0.1 < sum(not row[6] for row in rows) / len(rows) < 0.4


def test_a_third_of_the_municipal_green_units_is_in_clusters(files, municipal):
    members = {row[CODE] for row in rows_of(files["cluster_members"]) if not row["退出日期"]}
    coded = [row[6] for row in municipal if row[2:4] == ["新增", "公布"] and row[6]]
    assert 20 <= len(set(coded) & members) <= 35


def test_the_provincial_list_renames_and_removes_what_it_added(files):
    header, rows = table(files["green_provincial"])
    assert tuple(header) == GREEN_HEADER and len(rows) == 45
    added = {
        row[4].replace(" ", "").replace("（", "(").replace("）", ")") for row in rows if row[2] == "新增"
    }
    changed = [row for row in rows if row[2] != "新增"]
    assert {row[2] for row in changed} == {"更名", "移出"}
    assert all(row[4].replace("（", "(").replace("）", ")") in added for row in changed)
    assert all(bool(row[5]) == (row[2] == "更名") for row in rows)


def test_ledger_returns_cover_six_months_with_gaps(files, plan):
    rows = rows_of(files["ledger_returns"])
    assert list(rows[0]) == [
        "行编号", "填报单位", "月份", "计划进度(%)", "完成进度(%)", "完成时限", "填报日期", "佐证材料", "备注", MARK,
    ]  # fmt: skip
    tasks = {row["task_id"] for row in plan.task_departments}
    departments = {
        f"{row['dept_id']}-{row['task_id']}"
        for row in plan.task_departments
        if row["dept_id"].startswith("D")
    }
    local = {area["area_id"] for area in plan.areas} - {"zongbao", "xiashan", "jingji"}
    owed = departments | {f"{area}-{task}" for area in local for task in tasks}
    assert {row["行编号"] for row in rows} == owed
    assert sorted({row["月份"] for row in rows}) == [f"2026-{month:02d}" for month in range(5, 11)]
    assert len(rows) == 6 * len(owed) - round(0.08 * 6 * len(owed))
    assert len({(row["行编号"], row["月份"]) for row in rows}) == len(rows)


def test_records_plant_each_broken_rule_once_and_leave_one_cluster_silent(files):
    rows = rows_of(files["plan_records"])
    of = {item: [row for row in rows if row["事项"] == item] for item in {row["事项"] for row in rows}}
    assert [row["内容"] for row in of["出水执行标准"]].count("一级A") == 1
    assert [row["内容"] for row in of["污水集中处理设施"]].count("否") == 1
    assert [bool(row["失效日期"]) for row in of["招商图谱"]].count(True) == 1
    assert len(of["核准陆域面积"]) == len(of["招商图谱"]) + 1
    assert [(row["文号"] != "", row["文件日期"]) for row in of["退出"]] == [(True, "")]
    assert {row[MARK] for row in rows} == {"演示"}


def test_a_folder_of_an_older_generator_or_with_a_file_lost_is_made_anew_as_it_was_asked_for(tmp_path):
    generate(tmp_path, MIN_COMPANIES, SEED, REFERENCE, plan_dir=SEEDS)
    manifest = json.loads((tmp_path / "demo.json").read_text("utf-8"))
    (tmp_path / "demo.json").write_text(json.dumps(manifest | {"generator_version": "0"}), "utf-8")
    (tmp_path / "demo_clusters.xlsx").unlink()

    renew(tmp_path, plan_dir=SEEDS)

    assert json.loads((tmp_path / "demo.json").read_text("utf-8")) == manifest
    assert (tmp_path / "demo_clusters.xlsx").exists()

    (tmp_path / "demo_clusters.xlsx").unlink()  # a home restored from a backup has demo.json alone
    renew(tmp_path, plan_dir=SEEDS)
    assert json.loads((tmp_path / "demo.json").read_text("utf-8")) == manifest
    assert (tmp_path / "demo_clusters.xlsx").exists()
