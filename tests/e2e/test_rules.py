"""A register of clusters in which each checkable rule of the plan is broken once: found out rule by rule, no more, no less."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from ingest.demo.clusters import COLUMNS, SHEET
from ingest.demo.sheets import write_workbook
from tests.e2e.registers import code, line, put

pytestmark = pytest.mark.slow

GRANTED = date(2025, 6, 1)
RECORDS = (
    "对象代码",
    "对象名称",
    "事项",
    "内容",
    "生效日期",
    "失效日期",
    "文号",
    "文件日期",
    "备注",
    "数据性质",
)
ENTRIES = (
    "类别", "编号", "名称", "年度", "日期", "阶段", "集聚区代码", "县市区", "产业", "单位名称", "统一社会信用代码",
    "符合入库条件", "项目库编号", "备注", "数据性质",
)  # fmt: skip
MEMBERS = ("集聚区代码", "统一社会信用代码", "企业名称", "入区日期", "退出日期", "认定依据", "数据性质")

#: cluster -> area, leading industry, and what is unlike the others
CLUSTERS: dict[str, tuple[str, str, dict[str, object]]] = {
    "OK": ("滨海区", "海洋高端化工产业", {}),
    "SAME1": ("寿光市", "现代海洋渔业", {}),
    "SAME2": ("寿光市", "现代海洋渔业", {}),
    "TWO": ("诸城市", "现代海洋渔业、海洋生物医药", {}),
    "NOLEADER": ("昌邑市", "海洋高端化工产业", {"leader": None}),
    "LARGE": ("昌邑市", "现代海洋渔业", {"land": 10.01}),
    "STREET": ("奎文区", "海洋信息产业", {"carrier": "商业街"}),
    "FOREIGN": ("奎文区", "现代海洋渔业", {}),
    "NOBODY": ("坊子区", "海洋信息产业", {"management": None}),
    "GREW": ("坊子区", "海洋高端服务业", {}),
    "GREWWELL": ("坊子区", "海工装备制造业", {}),
    "LEFT": ("寒亭区", "现代海洋渔业", {}),
    "RELAXED": ("临朐县", "冷水鱼产业", {}),
    "RELAXEDWELL": ("临朐县", "海洋生物医药产业", {}),
    "JUMPED": ("青州市", "海洋新能源产业", {"tiers": ("省级",)}),
    "DIRTY": ("高新区", "海洋信息产业", {}),
    "NOMAP": ("高新区", "海洋生物医药产业", {}),
    "LAND": ("滨海区", "海洋交通运输业", {}),
    "EXPIRED": ("滨海区", "海洋高端服务业", {}),
}
PLANTED = {
    ("R01", "shouguang:IF01"),
    ("R02", "TWO"),
    ("R04", "LARGE"),
    ("R05", "STREET"),
    ("R08", "LAND"),
    ("R09", "GREW"),
    ("R10", "LAND"),
    ("R11", "LEFT"),
    ("R13", "RELAXED"),
    ("R16", "JUMPED"),
    ("R17", "FOREIGN"),
    ("R18", "DIRTY"),
    ("R19", "DIRTY"),
    ("R21", f"OK:{code(2)}"),
    ("R22", "DIRTY"),
    ("R23", "NOMAP"),
    ("R24", "NOMAP:2025"),
    ("R28", "P2"),
    ("R29", "NOBODY"),
}


def write_csv(path: Path, header: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_register(path: Path) -> None:
    rows = []
    for name, (area, industry, unlike) in CLUSTERS.items():
        for tier in unlike.get("tiers", ("市级", "省级") if name == "OK" else ("市级",)):
            day = date(2025, 9, 1) if tier == "省级" else GRANTED
            rows.append(
                (
                    name, f"潍坊{area}{industry}集聚区", tier, "2025年第一批", day, "公布", None, area,
                    unlike.get("land", 5.0),
                    unlike.get("carrier", "开发区"), industry, unlike.get("management", "管理服务中心"),
                    unlike.get("leader", "潍坊蓝海链主有限公司"), None, "是",
                )
            )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(
        path, SHEET, "海洋特色产业集聚区名录", "单位:平方公里", COLUMNS, rows, [], date(2026, 1, 1)
    )


def records() -> list[dict[str, str]]:
    def fact(cluster: str, item: str, value: str, day: str = "2025-06-01", **more: str) -> dict[str, str]:
        return {"对象代码": cluster, "事项": item, "内容": value, "生效日期": day} | more

    found = []
    for name in CLUSTERS:
        ordinary = {
            "申报标准版本": "申报标准(2025)",
            "符合国民经济和社会发展规划": "是", "符合国土空间规划": "是", "符合专项规划": "是",
            "管理机构明确": "是", "区域界限清晰": "是", "主导产业鲜明": "是", "基础设施较完善": "是",
            "核准陆域面积": "5", "出水执行标准": "地表水准Ⅳ类", "污水集中处理设施": "是", "排污口数": "2",
            "在线监测排污口数": "1",
            "集中供气供热覆盖率": "100", "招商图谱": "第一版", "基站数": "12",
        }  # fmt: skip
        unlike = {
            "DIRTY": {"出水执行标准": "一级A", "污水集中处理设施": "否", "集中供气供热覆盖率": "80"},
            "NOMAP": {"招商图谱": "无"},
            "LAND": {
                "符合国土空间规划": "否", "扩区申请": "申请扩区", "核准面积和用途已基本建成": "否",
                "达到合理集约用地标准": "是",
            },
            "RELAXED": {"申报标准版本": "放宽标准"},
            "RELAXEDWELL": {"申报标准版本": "放宽标准"},
        }.get(name, {})  # fmt: skip
        found += [fact(name, item, value) for item, value in (ordinary | unlike).items()]
        score = "" if name == "NOMAP" else "80"
        found.append(fact(name, "综合评价招商引资得分", score, "2025-12-20"))
    found.append(fact("GREW", "核准陆域面积", "6", "2025-11-01"))
    found.append(
        fact("GREWWELL", "核准陆域面积", "6", "2025-11-01", 文号="潍政字〔2025〕9号", 文件日期="2025-10-30")
    )
    found.append(fact("LEFT", "退出", "申请退出", "2026-03-01", 文号="申〔2026〕1号"))
    found.append(fact(code(3), "两高企业进驻说明", "配套项目,已核准", "2025-07-01"))
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory, real_home, blue_ledger):
    """A home whose inbox holds the planted register, after its night."""
    import shutil

    home = Path(shutil.copytree(real_home.root, tmp_path_factory.mktemp("rules") / "home", symlinks=True))
    inbox = home / "inbox"
    write_register(inbox / "clusters" / "名录.xlsx")
    write_csv(inbox / "records" / "记录.csv", RECORDS, records())
    firms = [
        {"集聚区代码": "OK", "统一社会信用代码": code(n), "企业名称": f"潍坊蓝海第{n}有限公司"}
        for n in (1, 2, 3)
    ]
    firms = [firm | {"入区日期": "2025-07-01", "认定依据": "入驻协议"} for firm in firms]
    write_csv(inbox / "cluster_members" / "成员.csv", MEMBERS, firms)
    lines = [line(code(n), f"潍坊蓝海第{n}有限公司", two_high="是" if n > 1 else "否") for n in (1, 2, 3)]
    put(home, "企业登记_全量_2026-10-31.csv", *lines)
    project = {"类别": "重点项目", "年度": "2026", "集聚区代码": "OK"}
    write_csv(
        inbox / "programmes" / "项目.csv",
        ENTRIES,
        [
            project | {"编号": "P1", "符合入库条件": "是", "项目库编号": "HY001"},
            project | {"编号": "P2", "符合入库条件": "是"},
            project | {"编号": "P3", "符合入库条件": "否"},
        ],
    )
    night = blue_ledger("nightly", "--no-demo", home=home)
    assert night.code == 0, night.out + night.err
    return type(real_home)(home, night)


def test_every_planted_violation_is_found_and_no_other(judged):
    found = judged.rows("select rule_id, subject_id from cluster_compliance where result = 'violation'")
    assert set(found) == PLANTED
    assert len(found) == len(PLANTED)


def test_what_is_only_supported_is_told_and_never_a_violation(judged):
    told = judged.rows(
        "select rule_id, subject_id, result, is_met from cluster_compliance where not is_met and result <> 'violation'"
        " and is_met is not null order by 1"
    )
    assert told == [("R03", "NOLEADER", "not_applicable", False)]


def test_the_like_case_that_keeps_the_rule_passes(judged):
    kept = judged.rows(
        "select rule_id, subject_id from cluster_compliance where result = 'pass' and (rule_id, subject_id) in"
        f" (('R09', 'GREWWELL'), ('R13', 'RELAXEDWELL'), ('R16', 'OK'), ('R21', 'OK:{code(1)}'), ('R21', 'OK:{code(3)}'),"
        " ('R28', 'P1'), ('R04', 'OK'), ('R24', 'OK:2025')) order by all"
    )
    assert len(kept) == 8


def test_what_nobody_recorded_is_unknown_and_not_kept(real_home):
    published = real_home.rows(
        "select distinct result from cluster_compliance"
        " where subject_type = 'cluster' and data_origin = 'published' and rule_id in ('R04', 'R19', 'R23', 'R29')"
    )
    assert published == [("unknown",)]


def test_a_real_register_ends_the_demo_clusters_and_each_rule_says_its_clause(judged):
    assert judged.rows("select count(*) from cluster_compliance where data_origin = 'demo'") == [(0,)]
    # nor is the province's list looked at beside it, which tells of the same clusters
    assert judged.rows(
        "select count(*) from cluster_compliance where subject_type = 'cluster' and data_origin = 'published'"
    ) == [(0,)]
    assert judged.rows(
        "select distinct modality_zh, severity, plan_quote from cluster_compliance where rule_id = 'R04'"
    ) == [("原则上", "warn", "陆域面积原则上不超过10平方公里")]
