"""The night's report: what a person reads on it, and that it asks nothing of any host."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import html

from warehouse.progress import TargetProgress
from warehouse.report import (
    CheckLine,
    MartLine,
    NightReport,
    QuarantineLine,
    SourceLine,
    StageLine,
    write_report,
    write_report_json,
)

GOP = TargetProgress(
    plan_version="draft_2024-10-11",
    target_id="TG01",
    label_zh="海洋生产总值",
    operator="gt",
    target_value=2000.0,
    unit="100m_cny",
    unit_zh="亿元",
    target_year=2027,
    value=1790.0,
    period="2025",
    base_value=1703.42,
    base_period="2024",
    ratio=0.9248,
    status="acceleration_needed",
    rag="yellow",
    gap=210.0,
    data_origin="published",
    reason=None,
    vintage="preliminary",
    published_on=date(2026, 3, 1),
)
COVERAGE = replace(
    GOP,
    target_id="TG06",
    label_zh="数字化转型覆盖率",
    unit_zh="%",
    value=None,
    ratio=None,
    gap=None,
    status="no_data",
    rag="grey",
    data_origin="demo",
    reason="评估尚未覆盖",
)
NIGHT = NightReport(
    outcome="published",
    started_at=datetime(2026, 11, 22, 18, 0, tzinfo=UTC),
    finished_at=datetime(2026, 11, 22, 18, 1, 35, tzinfo=UTC),
    plan_version="draft_2024-10-11",
    code_version="0.1.0",
    release_id="20261122T180130Z",
    current_id="20261122T180130Z",
    stages=(StageLine("采集", "fetch", 4.2),),
    progress=(GOP,),
    checks=(
        CheckLine(
            "data_gaps", "reason", "缺口都有原因", "warning", "failed", "2 空值", 2, ("gop · <b>奎文区</b>",)
        ),
        CheckLine("plan_progress", "value", "数值在界内", "critical", "passed"),
    ),
    sources=(
        SourceLine(
            "wf_bulletin", "统计公报", "old", "published", date(2026, 3, 1), 266, 400, True, "无法访问"
        ),
    ),
    quarantine=(QuarantineLine("wf_bulletin", "indicator_figures", 3, 0.012, 0.02, {"未知区域": 3}),),
    marts=(MartLine("plan_progress", "目标进度", 1204, 1190),),
)


@pytest.fixture
def page(tmp_path):
    def render(night):
        write_report(tmp_path / "night.html", night)
        return (tmp_path / "night.html").read_text(encoding="utf-8")

    return render


def words(text, path="//body"):
    """What a person reads there."""
    return " ".join(" ".join(html.fromstring(text).xpath(f"{path}//text()")).split())


def rows(text, section):
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("td")]
        for row in html.fromstring(text).xpath(f"//section[h2[contains(., '{section}')]]//tbody/tr")
    ]


def test_the_page_says_what_happened_and_what_readers_see(page):
    text = words(page(NIGHT), "//header")
    assert "已发布新版本" in text and "published" in text
    assert "20261122T180130Z" in words(page(NIGHT), "//dl")
    assert "1 分 35 秒 2026-11-23 02:01:35 结束" in words(page(NIGHT), "//dl")


@pytest.mark.parametrize(
    ("outcome", "zh"),
    [("unchanged", "资料无变化"), ("blocked", "未发布：关键检查未通过"), ("crashed", "未发布：运行中断")],
)
def test_a_night_without_a_release_says_why_and_what_stands(outcome, zh, page):
    night = replace(
        NIGHT, outcome=outcome, release_id=None, current_id="20261121T180130Z", message="原因在此"
    )
    text = words(page(night))
    assert zh in text and "原因在此" in text
    assert "20261121T180130Z 今晚没有发布新版本" in text


def test_a_crash_before_anything_was_done_still_makes_a_page(page):
    night = NightReport(
        "crashed",
        NIGHT.started_at,
        NIGHT.finished_at,
        "draft_2024-10-11",
        "0.1.0",
        message="磁盘已满",
        trace="Traceback\n  OSError: <no space>",
    )
    text = page(night)
    assert words(text).count("本次运行没有到达这一步") == 7
    assert "OSError: <no space>" in words(text, "//pre")
    assert "尚无" in words(text, "//dl") and "还没有可供读者使用的版本" in words(text, "//header")
    assert "0 / 0" not in words(text, "//dl")  # not reached is not none


def test_the_draft_is_announced_and_a_final_plan_is_not(page):
    draft, final = page(NIGHT), page(replace(NIGHT, plan_version="final_2025-03-01"))
    assert "征求意见稿 目标与规则取自方案征求意见稿" in words(draft)
    assert "征求意见稿" not in words(final)
    assert "final_2025-03-01" in words(final)


def test_demo_figures_raise_a_red_banner_that_names_them(page):
    assert "含演示数据" not in page(NIGHT)
    registers = SourceLine("demo_registers", "演示名录", "fresh", "demo")
    text = page(replace(NIGHT, progress=(GOP, COVERAGE), sources=(registers,)))
    [banner] = html.fromstring(text).xpath("//div[@role='alert']")
    assert banner.get("class") == "banner demo"
    said = " ".join(banner.text_content().split())
    assert "演示来源：演示名录。以演示数据计算的指标：数字化转型覆盖率。" in said
    assert "含演示数据" in page(replace(NIGHT, marts=(MartLine("dim_enterprise", "企业", 10, demo_rows=10),)))


def test_progress_is_printed_with_units_and_dashes(page):
    assert rows(page(replace(NIGHT, progress=(GOP, COVERAGE))), "方案目标进度") == [
        [
            "海洋生产总值 TG01 · 基期 1,703.42 (2024)",
            "> 2,000 亿元",
            "2027",
            "1,790 亿元",
            "2025",
            "92.5%",
            "需加快",
            "210 亿元",
            "公布",
        ],
        ["数字化转型覆盖率 TG06 · 评估尚未覆盖", "> 2,000%", "2027", "—", "2025", "—", "无数据", "—", "—"],
    ]


def test_failed_checks_stand_first_with_their_samples_and_all_are_listed(page):
    broken = CheckLine("marts", "share_pct", "占比不超过 100", "critical", "error", "没有这一列")
    text = page(replace(NIGHT, checks=(*NIGHT.checks, broken)))
    issues = html.fromstring(text).xpath("//div[starts-with(@class, 'issue')]")
    assert [" ".join(issue.text_content().split()) for issue in issues] == [
        "关键 占比不超过 100 无法执行 share_pct marts · 没有这一列",
        "警告 缺口都有原因 未通过 reason data_gaps · 2 空值 · 涉及 2 行 gop · <b>奎文区</b>",
    ]
    assert len(rows(text, "检查")) == 3
    assert "1 / 3 通过 关键未通过 1 · 警告未通过 1" in words(text, "//dl")


def test_sources_show_their_age_and_what_they_stand_on(page):
    text = page(NIGHT)
    assert rows(text, "资料来源") == [
        [
            "统计公报 wf_bulletin · 无法访问",
            "2026-03-01",
            "266 天",
            "400 天",
            "公布",
            "沿用旧快照 应更新未更新",
        ]
    ]
    assert "需留意 1 个" in words(text, "//dl")


def test_quarantine_and_marts_are_counted(page):
    text = page(NIGHT)
    assert rows(text, "隔离的行") == [
        ["wf_bulletin", "indicator_figures", "3", "1.20%（2.00%）", "未知区域 3"]
    ]
    assert rows(text, "成果表") == [["目标进度 plan_progress", "1,204", "+14", "0"]]


def test_the_page_asks_nothing_of_any_host_and_runs_nothing(page):
    text = page(replace(NIGHT, message="<script>alert(1)</script>"))
    tree = html.fromstring(text)
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'", policy
    )
    assert tree.xpath("//script | //link | //img | //iframe | //object | //@src | //@href | //@style") == []
    assert "url(" not in text and "@import" not in text and "http" not in text.replace("http-equiv", "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="2026-11-23 02:00:00 does not say in which zone"):
        replace(NIGHT, started_at=datetime(2026, 11, 23, 2, 0))


def test_json_says_the_same(tmp_path):
    write_report_json(tmp_path / "reports" / "night.json", NIGHT)
    said = json.loads((tmp_path / "reports" / "night.json").read_text(encoding="utf-8"))
    assert said["outcome"] == "published"
    assert said["started_at"] == "2026-11-22T18:00:00+00:00"
    assert said["progress"][0]["published_on"] == "2026-03-01"
    assert said["checks"][0]["samples"] == ["gop · <b>奎文区</b>"]
    assert said["quarantine"][0]["reasons"] == {"未知区域": 3}
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["night.json"]
