"""The suites of the marts: honest rows pass, and every critical check is seen to fail. Columns are those of the models."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import yaml

from expectations import MART_SUITES
from expectations.runner import SuiteRequest, run_suite, run_suites

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
TYPES = {
    "varchar": pl.String,
    "double": pl.Float64,
    "integer": pl.Int32,
    "bigint": pl.Int64,
    "date": pl.Date,
    "timestamp": pl.Datetime,
    "boolean": pl.Boolean,
}
SUBJECTS = sorted(MART_SUITES)
ALONE = ("every_quantified_target_stands", "not_empty")  # about the table, not about a row

ON_TRACK = {
    "plan_version": "draft_2024-10-11",
    "target_id": "TG01",
    "indicator_code": "gop",
    "operator": "gt",
    "target_value": 2000.0,
    "target_year": 2027,
    "period": "2025",
    "value": 1800.0,
    "value_vintage": "verified",
    "method": "cagr_ratio",
    "ratio": 1.031613,
    "status": "on_track",
    "rag": "green",
}
EXACTLY_2000 = {"period": "2027", "value": 2000.0, "ratio": 1.0, "status": "not_achieved", "rag": "red"}
UNKNOWN = {
    "value": None,
    "value_vintage": None,
    "ratio": None,
    "status": "no_data",
    "rag": "grey",
    "reason": "全市海洋生产总值未公布",
}
MISSED_EFFORT = {
    "target_id": "TG14",
    "operator": "ge",
    "target_value": 1.0,
    "target_year": None,
    "value": 0.0,
    "value_vintage": None,
    "method": "annual_quota",
    "ratio": None,
    "status": "not_achieved",
    "rag": "yellow",
}
REFERENCE_ONLY = {  # before its first year a threshold is shown with its ratio, and not assessed
    "operator": "approx_diff",
    "target_value": 2.0,
    "value": 0.9,
    "method": "annual_threshold",
    "ratio": 0.45,
    "status": "not_assessable",
    "rag": "grey",
    "reason": "早于首个评估年度,仅作参考",
}

RULE = {
    "rule_id": "R04",
    "subject_type": "cluster",
    "subject_id": "c1",
    "modality_zh": "原则上",
    "result": "pass",
    "severity": "warn",
    "is_met": True,
    "observed": "9.8",
}
LEDGER_LINE = {
    "task_id": "T211",
    "body_id": "D01",
    "period": "2026-09",
    "status": "in_progress",
    "rag": "green",
    "planned_pct": 40.0,
    "reported_pct": 41.0,
}
OBLIGATION = {
    "obligation_id": "OB10",
    "period": "2025",
    "status": "done",
    "due_on": date(2025, 12, 31),
    "source_row_ids": "r1",
}
RANKED = {
    "area_id": "shouguang",
    "indicator": "gdp",
    "period": "2025",
    "basis": "current",
    "compared_among": "county",
    "value": 953.6,
    "rank": 1,
    "n_ranked": 11,
    "n_areas": 12,
    "rank_change": 0,
}
REVISION = {
    "indicator": "gdp",
    "area_id": "weifang",
    "period": "2024",
    "published_on": date(2025, 5, 25),
    "value": 8203.2,
    "first_value": 8200.0,
    "latest_value": 8203.2,
    "revision": 3.2,
    "kind": "revised",
}
CLAUSE = {"clause_id": "C003", "kind": "clause", "state": "monitored", "monitored_by": "plan_progress:TG01"}

DEFINED = {
    "definition_zh": "最终成果",
    "source_zh": "主管部门公布",
    "method_zh": "按公布数转录",
    "owner_department": "D05",
    "revision_policy_zh": "各版次均保留",
    "limits_zh": "县级未见公布",
}
GOOD: dict[str, list[dict]] = {
    "plan_progress": [
        ON_TRACK,
        ON_TRACK | EXACTLY_2000,
        ON_TRACK | {"period": "2026"} | UNKNOWN,
        ON_TRACK | {"period": "2024"} | REFERENCE_ONLY,
        ON_TRACK | MISSED_EFFORT,
    ],
    "marine_gdp_share": [
        {
            "area_id": "weifang",
            "year": 2024,
            "gop_100m_cny": 1703.42,
            "gdp_100m_cny": 8203.2,
            "share_pct": 20.7653,
            "published_share_pct": 21.0,
            "gop_growth_pct": 6.8,
            "gdp_growth_pct": 5.9,
            "growth_gap_pp": 0.9,
            "growth_gap_is_proxy": True,
        },
        {"area_id": "weifang", "year": 2023, "gop_100m_cny": 1596.8, "reason": "同年地区生产总值未公布"},
    ],
    "digital_coverage": [
        {
            "area_id": "weifang",
            "as_of": date(2025, 12, 31),
            "scope": "all",
            "frame_count": 4000,
            "assessed_count": 3900,
            "transformed_count": 3720,
            "deep_count": 1500,
            "coverage_pct": 93.0,
            "coverage_low_pct": 93.0,
            "coverage_high_pct": 95.5,
            "published_coverage_pct": 93.0,
        },
        {
            "area_id": "weifang",
            "as_of": date(2025, 12, 31),
            "scope": "marine",
            "reason": "涉海企业认定表未提供",
        },
    ],
    "cluster_counts": [
        {
            "area_id": "weifang",
            "tier": "municipal",
            "year": 2025,
            "stock_titles": 3,
            "stock_exclusive": 2,
            "recognised_in_year": 3,
            "revoked_in_year": 0,
        },
        {"area_id": "kuiwen", "tier": "municipal", "year": 2025, "reason": "名单未公布"},
    ],
    "green_titles": [
        {
            "area_id": "weifang",
            "tier": "national",
            "category": "all",
            "year": 2021,
            "scope": "all",
            "entities": 20,
            "titles": 21,
            "added": 5,
            "removed": 0,
            "renamed": 1,
            "unresolved": 0,
        }
    ],
    "link_candidate": [
        {
            "list_id": "a1b2",
            "uscc": "91370799MA3C000011",
            "rank": 1,
            "tier": "T5",
            "score": 0.93,
            "evidence": "名称相近;县市区相同",
            "enterprise_as": "蓝海化工有限公司|-|in_business|kuiwen",
            "data_origin": "demo",
        }
    ],
    "link_decision": [
        {
            "list_id": "a1b2",
            "choice": "91370799MA3C000011",
            "uscc": "91370799MA3C000011",
            "verdict": "accept",
            "decided_by": "reviewer",
            "decided_at": datetime(2026, 11, 1, 9, 30),
            "is_questioned": False,
        },
        {
            "list_id": "a1b2",
            "choice": "none",
            "verdict": "reject",
            "decided_by": "reviewer",
            "decided_at": datetime(2026, 10, 1, 9, 30),
            "is_questioned": False,
        },
    ],
    "fct_enterprise_link": [
        {
            "list_id": "a1b2",
            "name": "蓝海化工有限公司",
            "state": "accepted",
            "tier": "T1",
            "uscc": "91370799MA3C000011",
            "name_disagrees": False,
            "reason": "与一家企业的现名相同",
            "data_origin": "demo",
        },
        {
            "list_id": "c3d4",
            "name": "碧海化工有限公司",
            "state": "review",
            "tier": "T5",
            "reason": "待人工认定",
        },
    ],
    "data_gaps": [
        {
            "indicator": "gop",
            "area_id": "kuiwen",
            "period": "2024",
            "expected_by": date(2025, 6, 30),
            "reason": "未见公布",
        }
    ],
    "fct_indicator_value": [
        {
            "figure_id": "ab12:!D2:level",
            "value": 1703.42,
            "source_tier": "P",
            "published_on": date(2025, 6, 27),
            "source_id": "gop",
        },
        {
            "figure_id": "cd34:!D2:level",
            "value": 1.0,
            "source_tier": "demo",
            "published_on": date(2025, 6, 27),
            "data_origin": "demo",
        },
    ],
    "fct_green_event": [
        {
            "event_id": "e1",
            "tier": "national",
            "action": "add",
            "effective_on": date(2020, 10, 16),
            "city_area_id": "weifang",
            "evidence_text": "名称内含地名",
            "name_text": "潍柴动力股份有限公司",
        }
    ],
    "fct_cluster_title": [
        {
            "title_id": "t1",
            "tier": "provincial",
            "status": "granted",
            "recognised_on": date(2025, 1, 20),
            "cluster_name": "潍坊海洋化工产业集聚区",
            "data_origin": "submitted",
        },
        {
            "title_id": "t2",
            "tier": "provincial",
            "status": "granted",
            "recognised_on": date(2025, 1, 20),
            "cluster_name": "海洋化工",
            "data_origin": "published",
        },
        {
            "title_id": "t3",
            "tier": "municipal",
            "status": "granted",
            "recognised_on": date(2025, 1, 20),
            "cluster_name": "没有登记的级别",
            "data_origin": "published",
        },
        {
            "title_id": "t4",
            "tier": "provincial",
            "status": "granted",
            "recognised_on": date(2025, 6, 23),
            "cluster_name": "海洋渔业",
            "data_origin": "submitted",
        },
        {
            "title_id": "t5",
            "tier": "provincial",
            "status": "granted",
            "recognised_on": date(2025, 6, 23),
            "cluster_name": "渔业",
            "data_origin": "published",
        },
    ],
    "fct_digital_assessment": [
        {"assessment_id": "a1", "uscc": "91370799MA3C000011", "level": 2, "data_origin": "demo"},
        {"assessment_id": "a2", "uscc": "370700123456789", "level": 0, "data_origin": "demo"},
    ],
    "fct_cluster_member": [
        {
            "member_id": "m1",
            "uscc": "91370799MA3C000011",
            "name": "蓝海化工有限公司",
            "valid_from": date(2020, 1, 1),
            "counts_from": date(2021, 1, 1),
            "valid_to": date(2025, 1, 1),
            "data_origin": "demo",
        }
    ],
    "fct_digital_status": [
        {
            "as_of": date(2025, 12, 31),
            "uscc": "91370799MA3C000011",
            "level": 2,
            "frame_row_id": "ab:!A2:C2",
            "assessment_row_id": "cd:!A2:C2",
            "data_origin": "demo",
        },
        {
            "as_of": date(2025, 12, 31),
            "uscc": "370700123456789",
            "frame_row_id": "ab:!A3:C3",
            "data_origin": "demo",
        },
    ],
    "dim_area": [
        {"area_id": "china", "area_level": "nation", "name_zh": "全国", "name_en": "China"},
        {
            "area_id": "gaoxin",
            "area_level": "zone",
            "name_zh": "高新区",
            "name_en": "High-tech Zone",
            "parent_area_id": "weifang",
        },
    ],
    "dim_enterprise": [
        {
            "uscc": "91370799MA3C000011",
            "name": "蓝海化工有限公司",
            "status": "in_business",
            "data_origin": "demo",
        },
        {
            "uscc": "92370799MA3C000033",
            "name": "个体工商户(名称不留存)",
            "status": "in_business",
            "enterprise_type": "个体工商户",
            "valid_from": date(2020, 1, 1),
            "data_origin": "demo",
        },
    ],
    "dim_cluster": [
        {"cluster_id": "c1", "highest_tier": "municipal", "industry_text": "海洋化工", "land_area_km2": 12.0}
    ],
    "dim_indicator": [
        DEFINED | {"indicator_code": "gop", "unit": "100m_cny", "name_zh": "海洋生产总值"},
        DEFINED | {"indicator_code": "cluster_new", "unit": "count", "name_zh": "海洋特色产业集聚区新增"},
        # an indicator that no target is set on may be defined in part
        {
            "indicator_code": "marine_parks",
            "unit": "count",
            "name_zh": "海洋园区数",
            "definition_zh": "园区个数",
        },
    ],
    "dim_target": [
        {
            "plan_version": "draft_2024-10-11",
            "target_id": "TG01",
            "plan_quote": "全市海洋生产总值超过2000亿元",
            "plan_status": "draft",
            "is_quantified": True,
            "target_value": 2000.0,
        },
        {
            "plan_version": "draft_2024-10-11",
            "target_id": "TG15",
            "plan_quote": "每年按一定比例",
            "plan_status": "draft",
            "is_quantified": False,
        },
    ],
    "dim_industry": [{"industry_code": "C26", "name_zh": "化学原料和化学制品制造业"}],
    "dim_department": [{"plan_version": "draft_2024-10-11", "dept_id": "D05", "short_name_zh": "市海渔局"}],
    "dim_source": [
        {
            "source_id": "gop",
            "title_zh": "海洋生产总值",
            "publisher_zh": "市海渔局",
            "licence": "公开数据",
            "tier": "M",
        },
        {
            "source_id": "demo",
            "title_zh": "演示名录",
            "publisher_zh": "演示",
            "licence": "无",
            "tier": "demo",
            "data_origin": "demo",
        },
    ],
    "plan_progress_readings": [
        {
            "target_id": "TG11",
            "period": "2026",
            "reading": "primary",
            "reading_label_zh": "采用的读法",
            "is_primary": True,
            "status": "on_track",
            "rag": "green",
        },
        {
            "target_id": "TG11",
            "period": "2026",
            "reading": "A02=17",
            "reading_label_zh": "分母另含综合保税区、峡山区、经济区",
            "is_primary": False,
            "status": "acceleration_needed",
            "rag": "yellow",
        },
    ],
    "cluster_compliance": [
        RULE,
        RULE | {"result": "violation", "is_met": False, "observed": "12.6"},
        RULE | {"result": "unknown", "is_met": None, "reason": "未见记录,不知是否符合"},
        RULE
        | {
            "modality_zh": "支持",
            "result": "not_applicable",
            "is_met": False,
            "reason": "未达到只提示,不判违",
        },
    ],
    "task_ledger": [
        LEDGER_LINE,
        LEDGER_LINE | {"status": "overdue", "rag": "red", "days_late": 20},
        LEDGER_LINE | {"status": "not_submitted", "rag": "grey", "planned_pct": None, "reported_pct": None},
    ],
    "obligation_calendar": [
        OBLIGATION,
        OBLIGATION | {"status": "overdue", "days_late": 41, "source_row_ids": None},
        OBLIGATION
        | {"status": "no_record", "due_on": None, "reason": "方案未给出时限", "source_row_ids": None},
    ],
    "area_scorecard": [
        RANKED,
        RANKED | {"value": None, "rank": None, "rank_change": None, "reason": "未公布或未报送"},
    ],
    "revisions": [
        REVISION,
        REVISION | {"kind": "first", "revision": None},
        REVISION | {"kind": "confirmed", "revision": 0.0},
    ],
    "clause_coverage": [
        CLAUSE,
        CLAUSE
        | {
            "kind": "heading",
            "state": "no_content",
            "monitored_by": None,
            "reason": "标题或导语,无可监测事项",
        },
        CLAUSE
        | {"state": "reported", "monitored_by": "task_ledger:T211", "reason": "只有责任单位自报的进度"},
    ],
}

ORIGIN = [
    ("data_origin_present", "critical", {"data_origin": None}, "null"),
    ("data_origin_known", "critical", {"data_origin": "invented"}, "invented"),
]
#: mart -> check, severity, what is wrong with a copy of the first good row, and what the sample says
BROKEN: dict[str, list[tuple[str, str, dict, str]]] = {
    "plan_progress": [
        *ORIGIN,
        ("target_id_present", "critical", {"target_id": None}, "null 2025: null"),
        ("status_present", "critical", {"status": None}, "TG01 2025: null"),
        ("status_known", "critical", {"status": "fine"}, "TG01 2025: fine"),
        ("rag_present", "critical", {"rag": None}, "TG01 2025: null"),
        ("rag_known", "critical", {"rag": "blue"}, "TG01 2025: blue"),
        ("rag_agrees_with_status", "critical", {"rag": "red"}, "TG01 2025: status on_track, rag red"),
        (
            "rag_agrees_with_status",
            "critical",
            MISSED_EFFORT | {"rag": "red"},
            "TG14 2025: status not_achieved, rag red",
        ),
        ("null_value_is_not_judged", "critical", {"value": None, "reason": "未公布"}, "TG01 2025: on_track"),
        ("null_value_says_why", "critical", UNKNOWN | {"reason": " "}, "TG01 2025: no_data"),
        (
            "no_data_has_no_value",
            "critical",
            {"status": "no_data", "ratio": None, "rag": "grey"},
            "TG01 2025: 1800.0",
        ),
        ("value_is_a_number", "critical", {"ratio": float("inf")}, "TG01 2025: value 1800.0, ratio inf"),
        ("value_names_its_vintage", "warning", {"value_vintage": None}, "TG01 2025: 1800.0"),
        ("pace_has_ratio", "critical", {"ratio": None}, "TG01 2025: method cagr_ratio, status on_track"),
        (
            "no_ratio_without_method",
            "critical",
            {"method": "maintain"},
            "TG01 2025: method maintain, status on_track, ratio 1.031613",
        ),
        (
            "no_ratio_without_method",
            "critical",
            {"status": "not_assessable", "rag": "grey"},
            "TG01 2025: method cagr_ratio, status not_assessable, ratio 1.031613",
        ),
        ("pace_agrees_with_ratio", "critical", {"ratio": 0.9248}, "TG01 2025: status on_track, ratio 0.9248"),
        (
            "achieved_agrees_with_operator",
            "critical",
            EXACTLY_2000 | {"status": "achieved", "rag": "green"},
            "TG01 2027: operator gt, value 2000.0, target_value 2000.0",
        ),
        (
            "reached_target_is_achieved",
            "critical",
            EXACTLY_2000 | {"value": 2000.01},
            "TG01 2027: status not_achieved, operator gt, value 2000.01, target_value 2000.0",
        ),
        ("no_pace_once_due", "critical", {"period": "2027"}, "TG01 2027: target_year 2027, status on_track"),
    ],
    "marine_gdp_share": [
        *ORIGIN,
        ("share_pct_possible", "critical", {"share_pct": 2076.53}, "weifang 2024: 2076.53"),
        (
            "share_is_gop_over_gdp",
            "critical",
            {"share_pct": 21.0},
            "weifang 2024: share_pct 21.0, gop_100m_cny 1703.42, gdp_100m_cny 8203.2",
        ),
        (
            "share_needs_both_levels",
            "critical",
            {"gdp_100m_cny": None},
            "weifang 2024: share_pct 20.7653, gop_100m_cny 1703.42, gdp_100m_cny null",
        ),
        ("share_pct_null_says_why", "critical", {"share_pct": None}, "weifang 2024: null"),
        (
            "levels_positive",
            "critical",
            {"gop_100m_cny": 0.0, "share_pct": 0.0},
            "weifang 2024: gop_100m_cny 0.0, gdp_100m_cny 8203.2",
        ),
        (
            "published_share_close",
            "warning",
            {"published_share_pct": 20.2},
            "weifang 2024: share_pct 20.7653, published_share_pct 20.2",
        ),
        (
            "growth_gap_is_the_difference",
            "critical",
            {"growth_gap_pp": 1.0},
            "weifang 2024: growth_gap_pp 1.0, ocean_industry_growth_pct null, gop_growth_pct 6.8, gdp_growth_pct 5.9",
        ),
        (
            "growth_gap_needs_both_rates",
            "critical",
            {"growth_gap_is_proxy": False},
            "weifang 2024: growth_gap_pp 0.9, growth_gap_is_proxy False",
        ),
        (
            "growth_gap_usual",
            "warning",
            {"gop_growth_pct": 25.9, "growth_gap_pp": 20.0},
            "weifang 2024: 20.0",
        ),
    ],
    "digital_coverage": [
        *ORIGIN,
        ("frame_count_not_negative", "critical", {"frame_count": -1}, "weifang 2025-12-31 all: -1"),
        ("assessed_count_not_negative", "critical", {"assessed_count": -1}, "weifang 2025-12-31 all: -1"),
        (
            "transformed_count_not_negative",
            "critical",
            {"transformed_count": -1},
            "weifang 2025-12-31 all: -1",
        ),
        ("deep_count_not_negative", "critical", {"deep_count": -1}, "weifang 2025-12-31 all: -1"),
        ("coverage_pct_possible", "critical", {"coverage_pct": 102.0}, "weifang 2025-12-31 all: 102.0"),
        (
            "counts_are_nested",
            "critical",
            {"assessed_count": 3700},
            "weifang 2025-12-31 all: deep_count 1500, transformed_count 3720, assessed_count 3700, frame_count 4000",
        ),
        (
            "coverage_within_its_bounds",
            "critical",
            {"coverage_pct": 96.0},
            "weifang 2025-12-31 all: coverage_low_pct 93.0, coverage_pct 96.0, coverage_high_pct 95.5",
        ),
        ("known_coverage_has_bounds", "critical", {"coverage_low_pct": None}, "weifang 2025-12-31 all: 93.0"),
        ("coverage_pct_null_says_why", "critical", {"coverage_pct": None}, "weifang 2025-12-31 all: null"),
        (
            "published_coverage_close",
            "warning",
            {"published_coverage_pct": 89.5},
            "weifang 2025-12-31 all: coverage_pct 93.0, published_coverage_pct 89.5",
        ),
    ],
    "cluster_counts": [
        *ORIGIN,
        ("tier_known", "critical", {"tier": "national"}, "weifang national 2025: national"),
        ("stock_titles_not_negative", "critical", {"stock_titles": -1}, "weifang municipal 2025: -1"),
        ("stock_exclusive_not_negative", "critical", {"stock_exclusive": -1}, "weifang municipal 2025: -1"),
        (
            "recognised_in_year_not_negative",
            "critical",
            {"recognised_in_year": -1},
            "weifang municipal 2025: -1",
        ),
        ("revoked_in_year_not_negative", "critical", {"revoked_in_year": -1}, "weifang municipal 2025: -1"),
        ("stock_titles_null_says_why", "critical", {"stock_titles": None}, "weifang municipal 2025: null"),
        (
            "exclusive_within_titles",
            "critical",
            {"stock_exclusive": 4},
            "weifang municipal 2025: stock_exclusive 4, stock_titles 3",
        ),
        (
            "recognised_within_stock_and_revoked",
            "critical",
            {"recognised_in_year": 5, "revoked_in_year": 1},
            "weifang municipal 2025: recognised_in_year 5, stock_titles 3, revoked_in_year 1",
        ),
    ],
    "green_titles": [
        *ORIGIN,
        ("entities_not_negative", "critical", {"entities": -1}, "weifang national all 2021 all: -1"),
        ("titles_not_negative", "critical", {"titles": -1}, "weifang national all 2021 all: -1"),
        ("added_not_negative", "critical", {"added": -1}, "weifang national all 2021 all: -1"),
        ("removed_not_negative", "critical", {"removed": -1}, "weifang national all 2021 all: -1"),
        ("renamed_not_negative", "critical", {"renamed": -1}, "weifang national all 2021 all: -1"),
        ("unresolved_not_negative", "critical", {"unresolved": -1}, "weifang national all 2021 all: -1"),
        (
            "entities_within_titles",
            "critical",
            {"entities": 22},
            "weifang national all 2021 all: entities 22, titles 21",
        ),
        (
            "titles_mean_entities",
            "critical",
            {"entities": 0},
            "weifang national all 2021 all: entities 0, titles 21",
        ),
    ],
    "data_gaps": [
        *ORIGIN,
        ("expected_by_present", "critical", {"expected_by": None}, "gop kuiwen 2024: null"),
        ("reason_present", "critical", {"reason": None}, "gop kuiwen 2024: null"),
        ("reason_says_something", "critical", {"reason": "  "}, "gop kuiwen 2024: 2025-06-30"),
    ],
    "fct_indicator_value": [
        *ORIGIN,
        ("value_present", "critical", {"value": None}, "ab12:!D2:level: null"),
        ("value_finite", "critical", {"value": float("nan")}, "ab12:!D2:level: nan"),
        ("source_tier_known", "critical", {"source_tier": "Q"}, "ab12:!D2:level: Q"),
        (
            "demo_claims_no_source",
            "critical",
            {"data_origin": "demo"},
            "ab12:!D2:level: source_tier P, source_id gop",
        ),
        ("published_on_present", "warning", {"published_on": None}, "ab12:!D2:level: null"),
    ],
    "fct_green_event": [
        *ORIGIN,
        ("effective_on_present", "critical", {"effective_on": None}, "e1: null"),
        ("action_known", "critical", {"action": "merge"}, "e1: merge"),
        (
            "placed_title_has_evidence",
            "warning",
            {"evidence_text": None},
            "e1: name_text 潍柴动力股份有限公司, city_area_id weifang",
        ),
    ],
    "link_candidate": [
        *ORIGIN,
        (
            "demo_uscc_is_nobodys",
            "critical",
            {"uscc": "91370700MA3C000012"},
            "91370700MA3C000012",
        ),
        ("evidence_present", "critical", {"evidence": None}, "null"),
        ("enterprise_as_present", "critical", {"enterprise_as": None}, "null"),
        ("score_possible", "critical", {"score": 1.2}, "1.2"),
        ("similar_name_is_shown_from_the_threshold_on", "critical", {"score": 0.7}, "0.7"),
        ("rank_within_five", "critical", {"rank": 6}, "6"),
    ],
    "link_decision": [
        *ORIGIN,
        ("decided_by_present", "critical", {"decided_by": None}, "null"),
        ("decided_at_present", "critical", {"decided_at": None}, "null"),
        ("acceptance_names_an_enterprise", "critical", {"uscc": None}, "accept"),
        ("questioned_decision_says_why", "critical", {"is_questioned": True}, "reviewer"),
        (
            "decision_is_not_questioned",
            "warning",
            {"is_questioned": True, "questioned_because": "登记数据中已无该代码"},
            "登记数据中已无该代码",
        ),
    ],
    "fct_enterprise_link": [
        *ORIGIN,
        ("state_known", "critical", {"state": "likely"}, "a1b2: likely"),
        ("reason_present", "critical", {"reason": None}, "null"),
        ("settled_name_has_its_enterprise", "critical", {"uscc": None}, "a1b2: accepted"),
        ("open_name_has_no_enterprise", "critical", {"state": "review"}, "a1b2: review"),
        ("no_score_accepts", "critical", {"tier": "T5"}, "a1b2: T5"),
        (
            "demo_is_linked_to_demo",
            "critical",
            {"uscc": "91370700MA3C000012"},
            "a1b2: 91370700MA3C000012",
        ),
        ("name_agrees_with_its_code", "warning", {"name_disagrees": True}, "a1b2: 蓝海化工有限公司"),
    ],
    "fct_cluster_title": [
        *ORIGIN,
        ("tier_known", "critical", {"tier": "national"}, "t1: national"),
        ("status_known", "critical", {"status": "expected"}, "t1: expected"),
        ("granted_title_is_dated", "critical", {"recognised_on": None}, "t1: 潍坊海洋化工产业集聚区"),
        (
            "register_holds_what_is_published",
            "warning",
            [
                {"tier": "municipal"},
                {"tier": "municipal", "title_id": "t2", "data_origin": "published"},
                {"tier": "municipal", "title_id": "t3", "data_origin": "published"},
            ],
            "t2: tier municipal, cluster_name 潍坊海洋化工产业集聚区, listed 2, registered 1",
        ),
    ],
    "fct_digital_assessment": [
        *ORIGIN,
        ("level_possible", "critical", {"level": 5}, "a1: 5"),
        ("demo_uscc_is_nobodys", "critical", {"uscc": "91370700MA3C000012"}, "a1: 91370700MA3C000012"),
    ],
    "fct_cluster_member": [
        *ORIGIN,
        ("name_present", "critical", {"name": None}, "m1: null"),
        ("valid_from_present", "critical", {"valid_from": None}, "m1: null"),
        (
            "counts_from_not_before_entry",
            "critical",
            {"counts_from": date(2019, 1, 1)},
            "m1: valid_from 2020-01-01, counts_from 2019-01-01",
        ),
        (
            "valid_to_not_before_valid_from",
            "warning",
            {"valid_to": date(2019, 1, 1)},
            "m1: valid_from 2020-01-01, valid_to 2019-01-01",
        ),
        ("demo_uscc_is_nobodys", "critical", {"uscc": "91370700MA3C000012"}, "m1: 91370700MA3C000012"),
    ],
    "fct_digital_status": [
        *ORIGIN,
        ("frame_row_id_present", "critical", {"frame_row_id": None}, "2025-12-31 91370799MA3C000011: null"),
        ("level_possible", "critical", {"level": 5}, "2025-12-31 91370799MA3C000011: 5"),
        (
            "level_has_its_assessment",
            "critical",
            {"assessment_row_id": None},
            "2025-12-31 91370799MA3C000011: level 2, assessment_row_id null",
        ),
        (
            "demo_uscc_is_nobodys",
            "critical",
            {"uscc": "91370700MA3C000012"},
            "2025-12-31 91370700MA3C000012: 91370700MA3C000012",
        ),
    ],
    "dim_area": [
        ("area_level_known", "critical", {"area_level": "shire"}, "china: shire"),
        ("name_zh_present", "critical", {"name_zh": None}, "china: null"),
        ("name_en_present", "critical", {"name_en": None}, "china: null"),
        ("area_has_a_parent", "critical", {"area_level": "county"}, "china: county"),
    ],
    "dim_enterprise": [
        *ORIGIN,
        (
            "demo_uscc_is_nobodys",
            "critical",
            {"uscc": "91370700MA3C000012"},
            "91370700MA3C000012: 91370700MA3C000012",
        ),
        (
            "no_sole_trader_named",
            "critical",
            {"uscc": "92370799MA3C000022"},
            "92370799MA3C000022: the name of a sole trader",
        ),
        (
            "no_sole_trader_named",
            "critical",
            {"enterprise_type": "个体工商户"},
            "91370799MA3C000011: the name of a sole trader",
        ),
        ("name_present", "critical", {"name": None}, "91370799MA3C000011: null"),
        ("status_known", "critical", {"status": "asleep"}, "91370799MA3C000011: asleep"),
        (
            "valid_to_not_before_valid_from",
            "warning",
            {"valid_from": date(2020, 1, 1), "valid_to": date(2019, 1, 1)},
            "91370799MA3C000011: valid_from 2020-01-01, valid_to 2019-01-01",
        ),
    ],
    "dim_cluster": [
        *ORIGIN,
        ("highest_tier_known", "critical", {"highest_tier": "national"}, "c1: national"),
        ("land_area_km2_possible", "critical", {"land_area_km2": 1200.0}, "c1: 1200.0"),
        (
            "demo_leader_uscc_is_nobodys",
            "critical",
            {"leader_uscc": "91370700MA3C000012", "data_origin": "demo"},
            "c1: 91370700MA3C000012",
        ),
        ("industry_text_present", "warning", {"industry_text": None}, "c1: null"),
    ],
    "dim_indicator": [
        ("unit_present", "critical", {"unit": None}, "gop: null"),
        ("unit_known", "critical", {"unit": "mu"}, "gop: mu"),
        ("definition_zh_present", "critical", {"definition_zh": None}, "gop: null"),
        ("name_zh_present", "critical", {"name_zh": None}, "gop: null"),
        ("target_indicators_completely_defined", "critical", {"source_zh": None}, "gop: source_zh"),
        (
            "target_indicators_completely_defined",
            "critical",
            {"method_zh": " ", "limits_zh": None},
            "gop: method_zh limits_zh",
        ),
        (
            "target_indicators_completely_defined",
            "critical",
            {"owner_department": None},
            "gop: owner_department",
        ),
        ("target_indicators_completely_defined", "critical", {}, "cluster_new: no row"),
    ],
    "dim_target": [
        ("plan_quote_present", "critical", {"plan_quote": None}, "draft_2024-10-11 TG01: null"),
        ("plan_status_present", "critical", {"plan_status": None}, "draft_2024-10-11 TG01: null"),
        (
            "quantified_means_a_number",
            "critical",
            {"target_value": None},
            "draft_2024-10-11 TG01: is_quantified True, target_value null",
        ),
        ("tolerance_not_negative", "critical", {"tolerance": -1.0}, "draft_2024-10-11 TG01: -1.0"),
    ],
    "dim_industry": [("name_zh_present", "critical", {"name_zh": None}, "C26: null")],
    "dim_department": [
        ("short_name_zh_present", "critical", {"short_name_zh": None}, "draft_2024-10-11 D05: null")
    ],
    "dim_source": [
        *ORIGIN,
        ("title_zh_present", "critical", {"title_zh": None}, "gop: null"),
        ("publisher_zh_present", "critical", {"publisher_zh": None}, "gop: null"),
        ("licence_present", "critical", {"licence": None}, "gop: null"),
        ("demo_source_is_marked", "critical", {"tier": "demo"}, "gop: tier demo, data_origin published"),
    ],
    "plan_progress_readings": [
        *ORIGIN,
        ("status_known", "critical", {"status": "fine"}, "TG11 2026 primary: fine"),
        ("primary_is_named_so", "critical", {"is_primary": False}, "TG11 2026 primary: False"),
        ("reading_says_what_it_is", "critical", {"reading_label_zh": " "}, "TG11 2026 primary:  "),
        ("rag_agrees_with_status", "critical", {"rag": "red"}, "TG11 2026 primary: status on_track, rag red"),
    ],
    "cluster_compliance": [
        *ORIGIN,
        ("result_known", "critical", {"result": "maybe"}, "R04 cluster c1: maybe"),
        ("severity_known", "critical", {"severity": "fatal"}, "R04 cluster c1: fatal"),
        (
            "soft_rules_are_never_broken",
            "critical",
            {"modality_zh": "鼓励", "result": "violation", "is_met": False},
            "R04 cluster c1: modality_zh 鼓励, result violation",
        ),
        (
            "result_follows_what_was_seen",
            "critical",
            {"is_met": None},
            "R04 cluster c1: result pass, is_met null",
        ),
        ("unjudged_says_why", "critical", {"result": "unknown", "is_met": None}, "R04 cluster c1: unknown"),
    ],
    "task_ledger": [
        *ORIGIN,
        ("status_known", "critical", {"status": "fine"}, "T211 D01 2026-09: fine"),
        (
            "rag_agrees_with_status",
            "critical",
            {"rag": "red"},
            "T211 D01 2026-09: status in_progress, rag red",
        ),
        (
            "silence_has_no_progress",
            "critical",
            {"status": "not_submitted", "rag": "grey", "reported_pct": 0.0},
            "T211 D01 2026-09: status not_submitted, reported_pct 0.0, rag grey",
        ),
        (
            "late_has_days",
            "critical",
            {"status": "overdue", "rag": "red"},
            "T211 D01 2026-09: status overdue, days_late null",
        ),
        (
            "progress_is_a_percentage",
            "critical",
            {"reported_pct": 120.0},
            "T211 D01 2026-09: planned_pct 40.0, reported_pct 120.0",
        ),
    ],
    "obligation_calendar": [
        *ORIGIN,
        ("status_known", "critical", {"status": "fine"}, "OB10 2025: fine"),
        ("no_day_says_why", "critical", {"due_on": None}, "OB10 2025: null"),
        ("done_rests_on_something", "critical", {"source_row_ids": None}, "OB10 2025: done"),
        ("late_has_days", "critical", {"status": "overdue"}, "OB10 2025: status overdue, days_late null"),
    ],
    "area_scorecard": [
        *ORIGIN,
        (
            "compared_among_known",
            "critical",
            {"compared_among": "city"},
            "shouguang gdp 2025 current: city",
        ),
        (
            "unknown_has_no_rank",
            "critical",
            {"value": None},
            "shouguang gdp 2025 current: value null, rank 1",
        ),
        (
            "no_rank_says_why",
            "critical",
            {"rank": None, "rank_change": None},
            "shouguang gdp 2025 current: null",
        ),
        (
            "rank_is_one_of_those_ranked",
            "critical",
            {"rank": 12},
            "shouguang gdp 2025 current: rank 12, n_ranked 11, n_areas 12",
        ),
        (
            "change_needs_a_rank",
            "critical",
            {"rank": None, "reason": "约数"},
            "shouguang gdp 2025 current: 0",
        ),
    ],
    "revisions": [
        *ORIGIN,
        ("kind_known", "critical", {"kind": "guess"}, "gdp weifang 2024 2025-05-25: guess"),
        (
            "first_changes_nothing",
            "critical",
            {"kind": "first"},
            "gdp weifang 2024 2025-05-25: kind first, revision 3.2",
        ),
        (
            "revised_is_another",
            "critical",
            {"revision": 0.0},
            "gdp weifang 2024 2025-05-25: kind revised, revision 0.0",
        ),
        (
            "value_is_known",
            "critical",
            {"first_value": None},
            "gdp weifang 2024 2025-05-25: value 8203.2, first_value null, latest_value 8203.2",
        ),
    ],
    "clause_coverage": [
        *ORIGIN,
        ("state_known", "critical", {"state": "fine"}, "C003: fine"),
        (
            "watched_names_its_watcher",
            "critical",
            {"monitored_by": None},
            "C003: state monitored, monitored_by null",
        ),
        (
            "unwatched_says_why",
            "critical",
            {"state": "not_monitorable", "monitored_by": None},
            "C003: not_monitorable",
        ),
        (
            "only_headings_are_empty",
            "critical",
            {"state": "no_content", "monitored_by": None, "reason": "标题"},
            "C003: kind clause, state no_content",
        ),
    ],
}
CASES = [
    pytest.param(subject, check, severity, what, id=f"{subject}-{check}-{n}")
    for subject in SUBJECTS
    for n, (check, severity, _, what) in enumerate(BROKEN[subject], start=1)
]


def schemas() -> dict[str, dict]:
    """Column types of every mart, as its model declares them."""
    models = [
        m for file in MODELS.glob("*.yml") for m in yaml.safe_load(file.read_text("utf-8")).get("models", [])
    ]
    return {m["name"]: {c["name"]: TYPES[c["data_type"]] for c in m["columns"]} for m in models}


def mart(subject: str, rows: list[dict]) -> pl.DataFrame:
    schema = schemas()[subject]
    rows = [{"data_origin": "published"} | row if "data_origin" in schema else row for row in rows]
    assert {name for row in rows for name in row} <= set(schema), subject
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def rows_of(change: dict | list[dict]) -> list[dict]:
    """The rows of one case: one that is false by itself, or several that are so together."""
    return change if isinstance(change, list) else [change]


@pytest.fixture(scope="module")
def judged(reference_dir, tmp_path_factory):
    """Results by check of every mart's good rows, and of the rows in which every rule is broken."""
    folder = tmp_path_factory.mktemp("marts")
    requests = []
    for subject in SUBJECTS:
        changes = [change for case in BROKEN[subject] for change in rows_of(case[2])]
        broken = [GOOD[subject][0] | change for change in changes]
        tables = {
            "good": mart(subject, GOOD[subject]),
            "broken": mart(subject, broken).with_columns(pl.lit("王某").alias("contact_phone")),
        }
        for name, frame in tables.items():
            frame.write_parquet(folder / f"{subject}.{name}.parquet")
            requests.append(SuiteRequest(subject, (folder / f"{subject}.{name}.parquet",)))
    results = iter(run_suites(requests, reference_dir))
    return {
        subject: {name: {result.check: result for result in next(results)} for name in ("good", "broken")}
        for subject in SUBJECTS
    }


@pytest.mark.parametrize("subject", SUBJECTS)
def test_honest_rows_pass_every_check(judged, subject):
    assert {check: r.samples for check, r in judged[subject]["good"].items() if r.status == "failed"} == {}
    assert {(r.subject, r.subject_kind) for r in judged[subject]["good"].values()} == {(subject, "mart")}


@pytest.mark.parametrize(("subject", "check", "severity", "sample"), CASES)
def test_a_false_row_is_found_and_named(judged, subject, check, severity, sample):
    result = judged[subject]["broken"][check]
    assert (result.status, result.severity) == ("failed", severity)
    assert sample in result.samples or any(shown.endswith(f": {sample}") for shown in result.samples)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_column_about_a_person_is_found(judged, subject):
    result = judged[subject]["broken"]["no_personal_column"]
    assert (result.severity, result.samples) == ("critical", ("column contact_phone",))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_critical_check_is_seen_to_fail(judged, subject):
    critical = {c: r.status for c, r in judged[subject]["broken"].items() if r.severity == "critical"}
    assert {check for check, status in critical.items() if status == "passed"} <= set(ALONE)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_check_gives_its_reason_in_one_sentence(judged, subject):
    for result in judged[subject]["good"].values():
        assert result.description.endswith(".") and len(result.description) > 30, result.check


def test_a_quantified_target_without_a_row_is_missed(reference_dir, tmp_path):
    mart("plan_progress", [ON_TRACK]).write_parquet(tmp_path / "progress.parquet")
    failed = [
        r for r in run_suite("plan_progress", [tmp_path / "progress.parquet"], reference_dir) if r.blocks
    ]
    assert [(r.check, r.samples) for r in failed] == [
        ("every_quantified_target_stands", ("draft_2024-10-11 TG14: no row",))
    ]


@pytest.mark.parametrize(
    ("subject", "severity"), [("plan_progress", "critical"), ("green_titles", "warning")]
)
def test_an_empty_mart_blocks_only_where_officials_act_on_it(reference_dir, tmp_path, subject, severity):
    mart(subject, []).write_parquet(tmp_path / "empty.parquet")
    results = {r.check: r for r in run_suite(subject, [tmp_path / "empty.parquet"], reference_dir)}
    assert (results["not_empty"].status, results["not_empty"].severity) == ("failed", severity)
