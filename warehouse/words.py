"""The words for codes that the marts print, in both languages, for whoever shows them: a code has one word. No judgement.

The dictionary of the marts and the seeds have words of their own, which must be these; `tests/warehouse/test_words.py` sees
to that.
"""

from __future__ import annotations

from collections.abc import Mapping

Both = tuple[str, str]  # Chinese, English


def chinese(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The Chinese words of a table, by code and in its order; marks that stand before them are left out."""
    return {code: words[-2] for code, words in table.items()}


STATUSES: dict[str, Both] = {
    "achieved": ("已实现", "Achieved"),
    "basically_achieved": ("基本实现", "Basically achieved"),
    "on_track": ("进度正常", "On track"),
    "acceleration_needed": ("需加快", "Acceleration needed"),
    "limited_progress": ("进展有限", "Limited progress"),
    "deterioration": ("倒退", "Deterioration"),
    "not_achieved": ("未实现", "Not achieved"),
    "not_due": ("未到期", "Not due"),
    "not_assessable": ("无法评估", "Not assessable"),
    "no_data": ("无数据", "No data"),
}
#: the three-colour roll-up of the monthly bulletin, by status
RAG_OF_STATUS = {
    "achieved": "green",
    "basically_achieved": "green",
    "on_track": "green",
    "acceleration_needed": "yellow",
    "limited_progress": "red",
    "deterioration": "red",
    "not_achieved": "red",
    "not_due": "grey",
    "not_assessable": "grey",
    "no_data": "grey",
}
# colour: its mark (never colour alone), and what it means for a target
RAG: dict[str, tuple[str, str, str]] = {
    "green": ("●", "进度正常或已实现", "on track or achieved"),
    "yellow": ("▲", "需加快", "acceleration needed"),
    "red": ("■", "落后", "behind"),
    "grey": ("○", "未评估", "not assessed"),
}
COLOURS: dict[str, Both] = {
    "red": ("红", "red"),
    "yellow": ("黄", "yellow"),
    "green": ("绿", "green"),
    "grey": ("灰", "grey"),
}
# what the colours mean for a task of the ledger
TASK_RAG: dict[str, Both] = {
    "red": ("红：逾期", "red: overdue"),
    "yellow": ("黄：滞后或逾期后完成", "yellow: behind, or done late"),
    "green": ("绿：正常或完成", "green: in time or done"),
    "grey": ("灰：未报送", "grey: nothing submitted"),
}
# in the order in which papers count them
TASK_STATUSES: dict[str, Both] = {
    "done": ("已完成", "done"),
    "done_late": ("逾期后完成", "done late"),
    "in_progress": ("推进中", "in progress"),
    "due_soon": ("临期", "due soon"),
    "behind": ("滞后", "behind"),
    "overdue": ("逾期", "overdue"),
    "not_submitted": ("未报送", "not submitted"),
    "not_assessable": ("无法评估", "not assessable"),
    "not_assignable": ("未落实到单位", "no such body"),
}
OBLIGATION_STATUSES: dict[str, Both] = {
    "done": ("已完成", "done"),
    "due_soon": ("临期", "due soon"),
    "not_due": ("未到期", "not due"),
    "overdue": ("逾期", "overdue"),
    "no_record": ("无记录", "no record"),
}
ROLES: dict[str, Both] = {
    "lead": ("牵头", "lead"),
    "joint_lead": ("共同牵头", "joint lead"),
    "joint": ("按职责分工", "joint"),
    "cooperate": ("配合", "cooperate"),
    "implement": ("落实", "implement"),
}
ORIGINS: dict[str, Both] = {
    "published": ("公布", "published"),
    "submitted": ("报送", "submitted"),
    "demo": ("演示", "DEMO"),
}
TIERS: dict[str, Both] = {
    "national": ("国家级", "national"),
    "provincial": ("省级", "provincial"),
    "municipal": ("市级", "municipal"),
    "provincial_or_above": ("省级以上", "provincial or above"),
    "any": ("任一级别", "any tier"),
}
CATEGORIES: dict[str, Both] = {
    "all": ("三类合计", "all three"),
    "factory": ("绿色工厂", "green factory"),
    "park": ("绿色工业园区", "green industrial park"),
    "supply_chain": ("绿色供应链管理企业", "green supply chain"),
}
ACTIONS: dict[str, Both] = {
    "add": ("新增", "added"),
    "remove": ("移出", "removed"),
    "rename": ("更名", "renamed"),
    "restore": ("恢复", "restored"),
}
SCOPES: dict[str, Both] = {
    "all": ("全部", "all"),
    "in_cluster": ("集聚区内", "in clusters"),
    "marine": ("涉海", "marine"),
}
BASES: dict[str, Both] = {
    **TIERS,
    "current": ("现价", "current prices"),
    "constant": ("可比价", "constant prices"),
    "all": ("全部规上工业企业", "all above-scale firms"),
}
CLUSTER_STATUSES: dict[str, Both] = {
    "granted": ("有效", "valid"),
    "proposed": ("拟认定", "proposed"),
    "revoked": ("已撤销", "revoked"),
}
RESULTS: dict[str, tuple[str, str, str]] = {
    "violation": ("✕", "不符合", "violation"),
    "unknown": ("?", "情况不明", "unknown"),
    "pass": ("✓", "符合", "pass"),
    "not_applicable": ("–", "不适用", "not applicable"),
}
#: what a rule asks for where that is no number
RULE_THRESHOLDS: dict[str, Both] = {
    "approval_record": ("有批准变更记录", "an approval on record"),
    "area_industries": ("在本地培育清单内", "on the area's list"),
    "emerging": ("新兴产业", "emerging industries"),
    "exit|rezone": ("退出或调区", "exit or another zone"),
    "municipal>provincial": ("先市级、后省级", "municipal before provincial"),
    "param": ("由参数给定", "given by a parameter"),
    "relaxed": ("放宽标准", "the relaxed standard"),
    "一级A→地表水准Ⅳ类": ("一级A提升至地表水准Ⅳ类", "from class 1A to surface water class IV"),
    "开发区|产业园区|功能区": ("开发区、产业园区或功能区", "a development zone or park"),
}
RULE_SEVERITIES: dict[str, Both] = {
    "error": ("严重", "serious"),
    "warn": ("警告", "warning"),
    "info": ("提示", "information"),
}
SEVERITIES: dict[str, Both] = {
    "critical": ("关键", "critical"),
    "warning": ("警告", "warning"),
    "metric": ("计量", "metric"),
}
CHECK_STATUSES: dict[str, Both] = {
    "passed": ("通过", "passed"),
    "failed": ("未通过", "failed"),
    "error": ("无法执行", "not evaluated"),
}
SOURCE_STATES: dict[str, Both] = {
    "fresh": ("正常", "fresh"),
    "old": ("沿用旧快照", "older snapshot"),
    "empty": ("尚无资料", "nothing yet"),
    "blocked": ("不可用", "unusable"),
}
CLAUSE_STATES: dict[str, Both] = {
    "monitored": ("有指标或规则监测", "watched by a figure or rule"),
    "reported": ("由工作台账报告", "reported in the ledger"),
    "no_content": ("标题或导语", "heading or preamble"),
    "not_monitorable": ("无法监测", "cannot be watched"),
}
REVISIONS: dict[str, Both] = {
    "first": ("首次公布", "first release"),
    "revised": ("修订", "revised"),
    "confirmed": ("再次公布，数值未变", "confirmed"),
}
VINTAGES: dict[str, Both] = {
    "census_revised": ("普查修订", "revised after a census"),
    "verified": ("最终核实", "verified"),
    "yearbook": ("年鉴", "yearbook"),
    "feedback": ("部反馈", "fed back by the ministry"),
    "preliminary": ("初步核算", "preliminary"),
    "press": ("会议或新闻口径", "said in public"),
    "secondary": ("二手转述", "second hand"),
    "estimate": ("预计", "estimate"),
    "target": ("目标", "target"),
    "proposed": ("拟定", "proposed"),
    "doubtful": ("存疑", "doubtful"),
}
UNITS: dict[str, Both] = {
    "100m_cny": ("亿元", "100m CNY"),
    "cny_100m": ("亿元", "100m CNY"),
    "cny": ("元", "CNY"),
    "count": ("个", ""),
    "pct": ("%", "%"),
    "percent": ("%", "%"),
    "pp": ("个百分点", "pp"),
    "km2": ("平方公里", "km²"),
}
SUBJECTS: dict[str, Both] = {
    "ocean": ("海洋经济", "Ocean economy"),
    "gdp": ("地区生产总值", "Gross domestic product"),
    "cluster": ("集聚区", "Clusters"),
    "green": ("绿色制造", "Green manufacturing"),
    "digital": ("数字化转型", "Digital transformation"),
    "industry": ("工业企业", "Industry"),
}
OPERATORS_EN = {"approx_diff": "≈", "all_ge": "all ≥"}
CHANGES: dict[str, Both] = {
    "added": ("新增", "added"),
    "removed": ("消失", "removed"),
    "changed": ("改变", "changed"),
}
