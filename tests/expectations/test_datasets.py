"""The suites of the raw datasets: one document of good rows passes, and every critical check is seen to fail."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from expectations import DATASET_SUITES
from expectations.runner import SuiteRequest, run_suite, run_suites
from ingest.datasets import DATASETS

pytestmark = pytest.mark.slow

RETRIEVED = date(2025, 11, 20)
LATER = date(2026, 1, 5)


def provenance(n: int) -> dict:
    return {
        "row_id": f"ab12cd34ef56:表!A{n:03}",
        "source_id": "probe",
        "source_sha256": "ab12cd34ef56" * 5 + "7890",
        "source_locator": f"表!A{n:03}",
        "data_origin": "submitted",
        "published_on": date(2025, 3, 1),
        "published_precision": "day",
        "snapshot_on": RETRIEVED,
    }


def good(subject: str, n: int) -> dict:
    """The nth row of a document without fault; no two rows describe the same thing."""
    company = {
        "name_text": f"蓝海第{n}号有限公司",
        "name_normalised": f"蓝海第{n}号有限公司",
        "uscc": f"CODE{n:014}",
    }
    rows = {
        "indicator_figures": {
            "area_id": "weifang",
            "indicator_text": "海洋生产总值",
            "indicator_code": "gop",
            "period_id": "2024",
            "period_start": date(2024, 1, 1),
            "period_end": date(2024, 12, 31),
            "period_kind": "year",
            "value_text": "1703.42",
            "value": 1703.42,
            "unit": "100m_cny",
            "operator": "eq",
            "growth_pct": 6.8,
            "growth_basis": "constant",
            "vintage": "press",
            "source_tier": "P",
            "is_actual": True,
        },
        "green_list_entries": {
            "tier": "national",
            "category": "factory",
            "batch": "5",
            "action": "add",
            "status": "granted",
            "effective_on": date(2020, 10, 16),
            **company,
        },
        "green_notices": {"category": "factory", "batch": str(n), "origin_url": "https://example.org/notice"},
        "green_attributions": {
            "tier": "national",
            "category": "factory",
            "batch": "5",
            "city_area_id": "weifang",
            "county_area_id": "kuiwen",
            "evidence_text": "名称内含地名",
            "evidence_grade": "place_name",
            **company,
        },
        "cluster_titles": {
            "cluster_code": f"C{n:03}",
            "cluster_name": "潍坊滨海海洋化工产业集聚区",
            "tier": "municipal",
            "batch": "1",
            "city_text": "潍坊市",
            "area_id": "gaoxin",
            "status": "granted",
            "recognised_on": date(2025, 12, 31),  # a year alone stands as its last day
            "recognised_text": "2025",
            "recognised_precision": "year",
            "land_area_km2": 12.0,
            "management_body": "管委会",
        },
        "cluster_members": {
            "cluster_code": "C001",
            "valid_from": date(2025, 1, 1),
            "evidence_text": "名册",
            **company,
        },
        "enterprises": {
            "status": "in_business",
            "area_id": "kuiwen",
            "established_on": date(2010, 5, 1),
            **company,
        },
        "above_scale_frame": {"area_id": "kuiwen", "entered_on": date(2020, 1, 1), **company},
        "digital_assessments": {"assessed_on": date(2025, 6, 1), "level": "2", "score": 40.0, **company},
        "plan_records": {
            "subject_code": f"C{n:03}",
            "item": "outfalls",
            "item_text": "排污口数",
            "value_text": "3",
            "effective_on": date(2025, 6, 1),
        },
        "programme_entries": {
            "programme": "key_project",
            "entry_code": f"P{n:03}",
            "year": 2025,
            "dated_on": date(2025, 6, 1),
        },
        "ledger_returns": {
            "line_text": f"D05-T{n:03}",
            "body_id": "D05",
            "task_id": f"T{n:03}",
            "period_text": "2025-10",
            "period_id": "2025-10",
            "period_kind": "month",
            "period_start": date(2025, 10, 1),
            "is_cumulative": False,
            "stamp": "draft_2024-10-11 D05 2025-10",
            "planned_pct": 80.0,
            "reported_pct": 100.0,
            "submitted_on": date(2025, 11, 3),
            "remark": "已完成,文号潍海渔发〔2025〕12号,统一社会信用代码 91370799MA3C000011",
        },
    }
    return provenance(n) | rows[subject]


def document(subject: str, rows: list[dict], **more: pl.Series) -> pl.DataFrame:
    columns = DATASETS[subject].columns
    whole = [{name: row.get(name) for name in columns} for row in rows]
    return pl.DataFrame(whole, schema=columns).with_columns(**more)


ANY = "any"
#: subject -> check, severity, what is wrong with a row, and what the sample says after the row's place
BROKEN: dict[str, list[tuple[str, str, dict, str]]] = {
    ANY: [
        (
            "provenance_present",
            "critical",
            {"source_sha256": None, "data_origin": None},
            "no source_sha256, data_origin",
        ),
        ("row_id_unique", "critical", {"row_id": "ab12cd34ef56:表!A000"}, "ab12cd34ef56:表!A000"),
        ("data_origin_known", "critical", {"data_origin": "invented"}, "invented"),
        (
            "published_on_not_after_retrieval",
            "critical",
            {"published_on": LATER},
            "published_on 2026-01-05, snapshot_on 2025-11-20",
        ),
    ],
    "indicator_figures": [
        ("required_columns_present", "critical", {"source_tier": None}, "no source_tier"),
        ("actual_figure_is_placed", "critical", {"period_id": None}, "no period_id"),
        ("area_id_known", "critical", {"area_id": "atlantis"}, "atlantis"),
        ("indicator_code_known", "critical", {"indicator_code": "happiness"}, "happiness"),
        (
            "period_runs_forward",
            "critical",
            {"period_end": date(2023, 12, 31)},
            "period_id 2024, period_start 2024-01-01, period_end 2023-12-31",
        ),
        ("value_in_plausible_range", "critical", {"value": 17034200.0}, "17034200.0 100m_cny"),
        ("value_in_plausible_range", "critical", {"area_id": "gaoxin", "value": 901.0}, "901.0 100m_cny"),
        ("unit_is_the_indicators_own", "critical", {"unit": "pct", "value": 300.0}, "300.0 pct"),
        ("unit_is_the_indicators_own", "critical", {"unit": None}, "1703.42 without unit"),
        ("growth_pct_possible", "critical", {"growth_pct": 106.8}, "106.8"),
        ("growth_pct_usual", "warning", {"growth_pct": -15.1}, "-15.1"),
        (
            "withheld_figure_says_why",
            "critical",
            {"is_actual": False, "withheld_reason": " "},
            "indicator_text 海洋生产总值, value_text 1703.42",
        ),
        ("actual_figure_is_no_wish", "critical", {"vintage": "target"}, "indicator_code gop, vintage target"),
        (
            "actual_figure_is_no_wish",
            "critical",
            {"vintage": "proposed"},
            "indicator_code gop, vintage proposed",
        ),
        ("actual_figure_is_no_bound", "info", {"operator": "gt"}, "operator gt, value 1703.42"),
        ("actual_figure_is_dated", "warning", {"published_on": None, "published_precision": None}, "null"),
        ("unit_known", "critical", {"unit": "mu", "is_actual": False, "withheld_reason": "suspect"}, "mu"),
        ("operator_known", "critical", {"operator": "about"}, "about"),
        ("vintage_known", "critical", {"vintage": "rumour"}, "rumour"),
        ("source_tier_known", "critical", {"source_tier": "Q"}, "Q"),
        ("growth_basis_known", "critical", {"growth_basis": "nominal"}, "nominal"),
    ],
    "green_list_entries": [
        ("no_sole_trader_named", "critical", {"uscc": "92370799MA3C000011"}, "the name of a sole trader"),
        ("required_columns_present", "critical", {"batch": None}, "no batch"),
        ("tier_known", "critical", {"tier": "global"}, "global"),
        ("category_known", "critical", {"category": "product"}, "product"),
        ("action_known", "critical", {"action": "merge"}, "merge"),
        ("status_known", "critical", {"status": "expected"}, "expected"),
        ("name_text_whole", "critical", {"name_text": "山东省"}, "山东省"),
        (
            "rename_gives_the_new_name",
            "critical",
            {"action": "rename", "name_text": "旧名有限公司"},
            "旧名有限公司",
        ),
        (
            "effective_on_not_after_retrieval",
            "warning",
            {"effective_on": LATER},
            "effective_on 2026-01-05, snapshot_on 2025-11-20",
        ),
        (
            "entry_listed_once",
            "warning",
            {"name_text": "蓝海第0号有限公司"},
            "national factory 5 蓝海第0号有限公司 add",
        ),
    ],
    "green_notices": [
        ("required_columns_present", "critical", {"published_on": None}, "no published_on"),
        ("category_known", "critical", {"category": "product"}, "product"),
        ("origin_url_present", "warning", {"origin_url": None}, "null"),
        ("one_notice_per_batch", "critical", {"batch": "0"}, "factory 0"),
    ],
    "green_attributions": [
        ("required_columns_present", "critical", {"evidence_text": None}, "no evidence_text"),
        ("tier_known", "critical", {"tier": "global"}, "global"),
        ("category_known", "critical", {"category": "product"}, "product"),
        ("city_area_id_known", "critical", {"city_area_id": "atlantis"}, "atlantis"),
        ("county_area_id_known", "critical", {"county_area_id": "atlantis"}, "atlantis"),
        ("evidence_grade_known", "critical", {"evidence_grade": "hearsay"}, "hearsay"),
        (
            "unverified_place_is_none",
            "info",
            {"evidence_grade": "unverified", "name_text": "某厂"},
            "name_text 某厂, county_area_id kuiwen",
        ),
        (
            "title_attributed_once",
            "critical",
            {"name_normalised": "蓝海第0号有限公司"},
            "national factory 5 蓝海第0号有限公司",
        ),
    ],
    "cluster_titles": [
        (
            "no_sole_trader_named",
            "critical",
            {
                "leader_uscc": "92370799MA3C000011",
                "leader_name_text": "某店",
                "leader_name_normalised": "某店",
            },
            "the name of a sole trader",
        ),
        ("required_columns_present", "critical", {"city_text": None}, "no city_text"),
        ("tier_known", "critical", {"tier": "national"}, "national"),
        ("status_known", "critical", {"status": "expected"}, "expected"),
        ("area_id_known", "critical", {"area_id": "atlantis"}, "atlantis"),
        ("cluster_name_present", "warning", {"cluster_name": None}, "null"),
        ("title_registered_once", "critical", {"cluster_code": "C000"}, "C000 municipal 1 granted"),
        (
            "granted_title_is_dated",
            "critical",
            {"recognised_on": None, "recognised_text": "近日"},
            "cluster_name 潍坊滨海海洋化工产业集聚区, recognised_text 近日",
        ),
        (
            "recognised_on_not_after_retrieval",
            "critical",
            {"recognised_precision": "month"},
            "recognised_on 2025-12-31, snapshot_on 2025-11-20",
        ),
        (
            "revoked_on_not_before_recognition",
            "critical",
            {"revoked_on": date(2025, 1, 1)},
            "recognised_on 2025-12-31, revoked_on 2025-01-01",
        ),
        ("revoked_title_says_when", "critical", {"status": "revoked"}, "潍坊滨海海洋化工产业集聚区"),
        ("land_area_km2_possible", "critical", {"land_area_km2": 1200.0}, "1200.0"),
    ],
    "cluster_members": [
        ("no_sole_trader_named", "critical", {"uscc": "92370799MA3C000011"}, "the name of a sole trader"),
        ("required_columns_present", "critical", {"valid_from": None}, "no valid_from"),
        (
            "valid_to_not_before_valid_from",
            "critical",
            {"valid_to": date(2024, 12, 31)},
            "valid_from 2025-01-01, valid_to 2024-12-31",
        ),
        (
            "member_is_identified",
            "warning",
            {"uscc": None, "uscc_text": "无"},
            "name_text 蓝海第{n}号有限公司, uscc_text 无",
        ),
        (
            "member_entered_once",
            "warning",
            {"uscc": "CODE00000000000000"},
            "C001 CODE00000000000000 2025-01-01",
        ),
        ("evidence_text_present", "warning", {"evidence_text": None}, "null"),
    ],
    "enterprises": [
        ("no_sole_trader_named", "critical", {"uscc": "92370799MA3C000011"}, "the name of a sole trader"),
        ("required_columns_present", "critical", {"name_text": None}, "no name_text"),
        ("status_known", "critical", {"status": "asleep"}, "asleep"),
        (
            "uscc_mostly_valid",
            "critical",
            {"uscc": None, "uscc_text": "370700123", "uscc_fault": "bad_length"},
            "370700123 bad_length",
        ),
        ("uscc_usually_valid", "warning", {"uscc": None, "uscc_text": "无"}, "无"),
        ("uscc_mostly_unique", "critical", {"uscc": "CODE00000000000000"}, "CODE00000000000000"),
        ("uscc_unique", "warning", {"uscc": "CODE00000000000000"}, "CODE00000000000000"),
        ("area_id_known", "critical", {"area_id": "atlantis"}, "atlantis"),
        ("established_on_mostly_past", "critical", {"established_on": LATER}, "2026-01-05"),
        ("established_on_past", "warning", {"established_on": LATER}, "2026-01-05"),
        (
            "cancelled_on_not_before_establishment",
            "warning",
            {"cancelled_on": date(2009, 1, 1), "status": "cancelled"},
            "established_on 2010-05-01, cancelled_on 2009-01-01",
        ),
        (
            "cancelled_is_not_in_business",
            "warning",
            {"cancelled_on": date(2020, 1, 1)},
            "status in_business, cancelled_on 2020-01-01",
        ),
    ],
    "above_scale_frame": [
        ("no_sole_trader_named", "critical", {"uscc": "92370799MA3C000011"}, "the name of a sole trader"),
        ("required_columns_present", "critical", {"entered_on": None}, "no entered_on"),
        (
            "uscc_mostly_valid",
            "critical",
            {"uscc": None, "uscc_text": "3707", "uscc_fault": "bad_length"},
            "uscc_text 3707, uscc_fault bad_length",
        ),
        (
            "uscc_valid",
            "warning",
            {"uscc": None, "uscc_text": "3707", "uscc_fault": "bad_length"},
            "uscc_text 3707, uscc_fault bad_length",
        ),
        (
            "exited_on_not_before_entry",
            "critical",
            {"exited_on": date(2019, 12, 31)},
            "entered_on 2020-01-01, exited_on 2019-12-31",
        ),
        (
            "entered_on_not_after_retrieval",
            "warning",
            {"entered_on": LATER},
            "entered_on 2026-01-05, snapshot_on 2025-11-20",
        ),
        ("one_open_spell_per_enterprise", "critical", {"uscc": "CODE00000000000000"}, "CODE00000000000000"),
        (
            "spells_do_not_overlap",
            "warning",
            {"uscc": "CODE00000000000000", "entered_on": date(2018, 1, 1), "exited_on": date(2021, 1, 1)},
            "uscc CODE00000000000000, exited_on 2021-01-01, next_entry 2020-01-01",
        ),
        ("area_id_known", "critical", {"area_id": "atlantis"}, "atlantis"),
    ],
    "digital_assessments": [
        ("no_sole_trader_named", "critical", {"uscc": "92370799MA3C000011"}, "the name of a sole trader"),
        ("required_columns_present", "critical", {"level": None}, "no level"),
        (
            "uscc_mostly_valid",
            "critical",
            {"uscc": None, "uscc_text": "3707", "uscc_fault": "bad_length"},
            "uscc_text 3707, uscc_fault bad_length",
        ),
        ("uscc_valid", "warning", {"uscc": None}, "uscc_text null, uscc_fault null"),
        ("level_known", "critical", {"level": "5", "score": None}, "5"),
        ("score_possible", "critical", {"score": 400.0, "level": "4"}, "400.0"),
        ("score_mostly_earns_its_level", "critical", {"score": 39.9}, "level 2, score 39.9"),
        ("score_earns_its_level", "warning", {"score": 60.0}, "level 2, score 60.0"),
        (
            "assessed_on_not_after_retrieval",
            "critical",
            {"assessed_on": LATER},
            "assessed_on 2026-01-05, snapshot_on 2025-11-20",
        ),
        ("assessed_once_a_day", "warning", {"uscc": "CODE00000000000000"}, "CODE00000000000000 2025-06-01"),
    ],
    "plan_records": [
        ("required_columns_present", "critical", {"effective_on": None}, "no effective_on"),
        (
            "a_number_is_a_number",
            "critical",
            {"value_text": "三个"},
            "item_text 排污口数, value_text 三个",
        ),
        (
            "an_answer_is_yes_or_no",
            "critical",
            {"item": "has_central_sewage", "item_text": "污水集中处理设施", "value_text": "在建"},
            "item_text 污水集中处理设施, value_text 在建",
        ),
        (
            "until_not_before_effective",
            "critical",
            {"until_on": date(2025, 5, 31)},
            "effective_on 2025-06-01, until_on 2025-05-31",
        ),
        (
            "a_share_is_a_share",
            "critical",
            {"item": "central_gas_heat_rate_pct", "value_text": "120"},
            "120",
        ),
        ("said_once_a_day", "warning", {"subject_code": "C000"}, "C000 outfalls 2025-06-01"),
    ],
    "programme_entries": [
        (
            "no_sole_trader_named",
            "critical",
            {
                "uscc": None,
                "uscc_text": "９2 370799MA3C000011",
                "name_text": "某店",
                "name_normalised": "某店",
            },
            "the name of a sole trader",
        ),
        ("required_columns_present", "critical", {"entry_code": None}, "no entry_code"),
        ("a_year_or_a_day_stands", "critical", {"year": None, "dated_on": None}, "P{n:03}"),
        ("year_agrees_with_day", "warning", {"year": 2024}, "year 2024, dated_on 2025-06-01"),
        ("year_possible", "critical", {"year": 1925, "dated_on": None}, "1925"),
        ("entered_once", "warning", {"entry_code": "P000"}, "key_project P000"),
    ],
    "ledger_returns": [
        ("required_columns_present", "critical", {"task_id": None}, "no task_id"),
        (
            "month_is_a_month",
            "critical",
            {"period_text": "2025年", "period_kind": "year"},
            "2025年",
        ),
        (
            "month_not_after_retrieval",
            "warning",
            {"period_start": date(2025, 12, 1)},
            "period_text 2025-10, snapshot_on 2025-11-20",
        ),
        (
            "form_is_of_this_plan",
            "critical",
            {"stamp": "draft_2020-01-01 D05 2025-10"},
            "draft_2020-01-01 D05 2025-10",
        ),
        (
            "form_is_of_its_lines",
            "critical",
            {"stamp": "draft_2024-10-11 D01 2025-10"},
            "stamp draft_2024-10-11 D01 2025-10, line_text D05-T{n:03}, period_text 2025-10",
        ),
        (
            "no_personal_number_in_evidence_text",
            "critical",
            {"evidence_text": "电话 13800138000"},
            "a telephone or identity number",
        ),
        ("planned_pct_possible", "critical", {"planned_pct": 180.0}, "180.0"),
        ("reported_pct_possible", "critical", {"reported_pct": -1.0}, "-1.0"),
        (
            "submitted_on_not_after_retrieval",
            "critical",
            {"submitted_on": LATER},
            "submitted_on 2026-01-05, snapshot_on 2025-11-20",
        ),
        ("task_returned_once_a_month", "warning", {"task_id": "T000"}, "D05 T000 2025-10"),
        (
            "no_personal_number_in_remark",
            "critical",
            {"remark": "联系 13800138000 张"},
            "a telephone or identity number",
        ),
        (
            "no_personal_number_in_remark",
            "critical",
            {"remark": "370702198001011234"},
            "a telephone or identity number",
        ),
    ],
}
SUBJECTS = sorted(DATASET_SUITES)
CASES = [
    pytest.param(subject, check, severity, f"表!A{n:03}: {what.format(n=n)}", id=f"{subject}-{check}-{n}")
    for subject in SUBJECTS
    for n, (check, severity, _, what) in enumerate(BROKEN[ANY] + BROKEN[subject], start=1)
]


@pytest.fixture(scope="module")
def judged(reference_dir, tmp_path_factory):
    """Results by check of every subject's good document, and of the one in which every rule is broken once."""
    folder = tmp_path_factory.mktemp("documents")
    requests = []
    for subject in SUBJECTS:
        broken = BROKEN[ANY] + BROKEN[subject]
        documents = {
            "good": document(subject, [good(subject, n) for n in range(3)]),
            "broken": document(
                subject,
                [good(subject, 0), *(good(subject, n) | case[2] for n, case in enumerate(broken, start=1))],
                legal_representative=pl.lit("王某"),
            ),
        }
        for name, frame in documents.items():
            frame.write_parquet(folder / f"{subject}.{name}.parquet")
            requests.append(SuiteRequest(subject, (folder / f"{subject}.{name}.parquet",)))
    results = iter(run_suites(requests, reference_dir))
    return {
        subject: {name: {result.check: result for result in next(results)} for name in ("good", "broken")}
        for subject in SUBJECTS
    }


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_good_document_passes_every_check(judged, subject):
    assert {check: r.samples for check, r in judged[subject]["good"].items() if r.status == "failed"} == {}


@pytest.mark.parametrize(("subject", "check", "severity", "sample"), CASES)
def test_a_broken_row_is_found_and_named(judged, subject, check, severity, sample):
    result = judged[subject]["broken"][check]
    assert (result.status, result.severity) == ("failed", severity)
    assert sample in result.samples


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_column_about_a_person_is_found(judged, subject):
    result = judged[subject]["broken"]["no_personal_column"]
    assert (result.severity, result.samples) == ("critical", ("column legal_representative",))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_critical_check_is_seen_to_fail(judged, subject):
    critical = {c: r.status for c, r in judged[subject]["broken"].items() if r.severity == "critical"}
    assert {check for check, status in critical.items() if status == "passed"} == {"not_empty"}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_check_gives_its_reason_in_one_sentence(judged, subject):
    for result in judged[subject]["good"].values():
        assert result.description.endswith(".") and len(result.description) > 40, result.check


def test_a_document_without_a_row_fails_as_empty_and_in_nothing_else(reference_dir, tmp_path):
    document("cluster_members", []).write_parquet(tmp_path / "empty.parquet")
    failed = [
        r for r in run_suite("cluster_members", [tmp_path / "empty.parquet"], reference_dir) if r.blocks
    ]
    assert [(r.check, r.observed, r.unexpected_count) for r in failed] == [("not_empty", "0 rows", 1)]


def test_a_year_alone_is_not_in_the_future_although_it_stands_as_its_last_day(reference_dir, tmp_path):
    row = good("indicator_figures", 1) | {"published_on": date(2025, 12, 31), "published_precision": "year"}
    document("indicator_figures", [row]).write_parquet(tmp_path / "year.parquet")
    results = run_suite("indicator_figures", [tmp_path / "year.parquet"], reference_dir)
    assert [result.check for result in results if result.status == "failed"] == []


def test_a_proposal_may_be_actual_where_proposals_are_what_is_counted(reference_dir, tmp_path):
    row = good("indicator_figures", 1) | {
        "indicator_code": "green_factory_municipal_proposed",
        "value": 29.0,
        "unit": "count",
        "vintage": "proposed",
    }
    document("indicator_figures", [row]).write_parquet(tmp_path / "proposed.parquet")
    results = run_suite("indicator_figures", [tmp_path / "proposed.parquet"], reference_dir)
    assert [result.check for result in results if result.status == "failed"] == []


def test_a_register_as_dirty_as_real_ones_warns_and_is_not_refused(reference_dir, tmp_path):
    rows = [good("enterprises", n) for n in range(1000)]
    for n in range(10):
        rows[n] |= {"uscc": None, "uscc_text": "无"}
    rows[500] |= {"established_on": LATER}
    for n in range(201):
        rows[100 + n] |= {"area_id": None, "area_text": "潍坊市"}
    document("enterprises", rows).write_parquet(tmp_path / "register.parquet")
    results = {r.check: r for r in run_suite("enterprises", [tmp_path / "register.parquet"], reference_dir)}
    failed = {check: result.observed for check, result in results.items() if result.status == "failed"}
    assert failed == {
        "uscc_usually_valid": "10 of 1000 rows (1.00 %)",
        "established_on_past": "1 of 1000 rows",
        "area_id_mostly_placed": "201 of 1000 rows (20.10 %)",
    }
    assert results["uscc_mostly_valid"].observed == "10 of 1000 rows (1.00 %)"
    assert results["area_id_mostly_placed"].samples[0] == "表!A100: 潍坊市"
    assert not any(result.blocks for result in results.values())
