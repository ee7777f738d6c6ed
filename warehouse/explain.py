"""One target in full, on a release alone: clause, definition, method, base, history, sources. Nothing is judged anew here.

Definitions come from the release (`dim_indicator`, `meta.parameters`, `meta.columns`), cells from `trace`. Only the words of
the methods stand here, beside the codes that `plan_progress` prints.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from warehouse import trace as tracing
from warehouse.engine import quote_literal, quote_name
from warehouse.progress import OPERATORS as SIGNS
from warehouse.progress import ORIGINS, STATUSES, UNITS, percent, with_unit
from warehouse.reader import NULL, QueryRefused, run_query
from warehouse.release import Release
from warehouse.trace import Cell

UNKNOWN = "未知 not known"
SHOWN_CELLS = 6


@dataclass(frozen=True)
class Method:
    """A method of assessment in words. parameters: what it takes from the plan's parameters, by code."""

    name_zh: str
    words_zh: str
    parameters: tuple[str, ...] = ()


_BANDS = ("ratio_on_track", "ratio_acceleration")
METHODS = {
    "cagr_ratio": Method(
        "年均增速比",
        "进度比 R =(基期至当期的年均增速)÷(基期至目标年所需的年均增速);先按比较方式判是否达到,再按 R 分级",
        _BANDS,
    ),
    "linear_pace": Method(
        "线性进度比",
        "进度比 R =(当期值-基期值)÷ 已过年数,再除以(目标值-基期值)÷ 总年数;先判是否达到,再按 R 分级",
        _BANDS,
    ),
    "maintain": Method(
        "保持型",
        "基期值与目标相差很小,比值没有意义:超过目标即已实现;比基期没有明显回落为进度正常,否则需加快",
        ("maintain_band_pp", "maintain_tolerance_pp"),
    ),
    "level_or_linear_pace": Method(
        "水平或线性进度",
        "超过目标即已实现;基期值与目标相差较大时按线性进度比,相差很小时按保持型",
        ("maintain_band_pp", "maintain_tolerance_pp", *_BANDS),
    ),
    "annual_threshold": Method(
        "逐年比较",
        "每年的值与目标值相比:达到即已实现,在容差内为基本实现,否则按当年值÷目标值分级;不设基期",
        ("A09_first_assessed_year", *_BANDS),
    ),
    "coverage_all": Method(
        "单元覆盖率",
        "有1个以上集聚区的单元数 ÷ 全部单元数,以100%为目标,按线性进度比分级;有一个单元情况不明即不计算",
        _BANDS,
    ),
    "annual_quota": Method(
        "年度配额",
        "当年数与配额相比:达到即已实现,在容差内为基本实现,否则未实现;评选决定日之前未到期,不按月折算",
        ("A18_first_quota_year",),
    ),
    "not_quantified": Method("不作评估", "方案没有给出数值,只列情况,不判是否达到"),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of the plan as the release publishes it."""

    code: str
    value: str | None
    question_zh: str | None
    reading_zh: str | None


@dataclass(frozen=True)
class Input:
    """A figure that the value is computed from: column of a mart, the indicator it shows, and the cells behind it."""

    column: str
    name_zh: str
    value: Any
    unit_zh: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Period:
    """One period of the history. cells: what stands behind the value and behind no input."""

    period: str | None
    value: float | None
    published_value: float | None
    data_origin: str | None
    vintage: str | None
    published_on: date | None
    ratio: float | None
    status: str
    status_zh: str
    reason: str | None
    is_proxy: bool
    inputs: tuple[Input, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Proxy:
    """What the clause asks for, what stands in for it, and why."""

    clause_zh: str
    asked_zh: str
    stands_in_zh: str
    why_zh: str | None
    periods: tuple[str, ...]


@dataclass(frozen=True)
class Base:
    """The base that progress is measured from. is_by_hand: set in the plan's parameters, not taken from the figures."""

    value: float | None
    period: str | None
    is_by_hand: bool
    reason_zh: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything that a release knows of one target; what it does not know is None or empty."""

    release: str
    plan_version: str
    plan_status: str
    banner_zh: str
    target: dict[str, Any]
    unit_zh: str
    indicator: dict[str, Any]
    formula_zh: str | None
    owner_zh: str | None
    method: str
    method_zh: str
    method_words_zh: str
    thresholds_version: str | None
    parameters: tuple[Parameter, ...]
    base: Base
    proxy: Proxy | None
    history: tuple[Period, ...]
    readings: tuple[dict[str, Any], ...]


def explain(release: Release, target_id: str, plan_version: str | None = None) -> Explanation:
    """What the release says of one target of a plan version; by default of the version that it judges by.

    Raises:
        QueryRefused: no such plan version or target; the message lists those there are.
    """
    target = _target(release, target_id, plan_version)
    version = target["plan_version"]
    mine = f"plan_version = {quote_literal(version)} and target_id = {quote_literal(target_id)}"
    rows = _rows(release, f"select * from plan_progress where {mine} order by period nulls last")
    latest = rows[-1] if rows else {}
    code = target["indicator_code"]
    indicators = {row["indicator_code"]: row for row in _rows(release, "select * from dim_indicator")}
    indicator = indicators.get(code, {})
    method = latest.get("method") or target["method"]
    known = _parameters(release)
    own = _own_parameters(known, version, target_id)
    formula = _Formula.of(release, code, target)
    history = tuple(_period(release, row, mine, formula) for row in rows)
    # a target may be measured in another unit than it is worded in, as a share of units is
    unit = latest.get("unit") or target["unit_code"]
    return Explanation(
        release=release.id,
        plan_version=version,
        plan_status=target["plan_status"],
        banner_zh=target["plan_status_zh"],
        target=target,
        unit_zh=target["unit_zh"] if unit == target["unit_code"] else UNITS.get(unit, unit or ""),
        indicator=indicator,
        formula_zh=_in_words(indicator.get("formula"), indicators),
        owner_zh=_department(release, version, indicator.get("owner_department")),
        method=method,
        method_zh=METHODS[method].name_zh if method in METHODS else method,
        method_words_zh=METHODS[method].words_zh if method in METHODS else UNKNOWN,
        thresholds_version=latest.get("thresholds_version"),
        parameters=tuple(_chosen(known, method, indicator) + list(own.values())),
        base=_base(release, rows, mine, own),
        proxy=_proxy(target, history, formula, own),
        history=history,
        readings=tuple(_readings(release, mine)),
    )


def as_json(found: Explanation) -> dict[str, Any]:
    """The whole explanation with all its cells."""
    return asdict(found)


def _target(release: Release, target_id: str, plan_version: str | None) -> dict[str, Any]:
    targets = _rows(release, "select * from dim_target order by plan_version, target_id")
    versions = sorted({row["plan_version"] for row in targets})
    if plan_version is None:
        [judged] = _rows(release, "select plan_version from meta.release")
        plan_version = judged["plan_version"]
    if plan_version not in versions:
        raise QueryRefused(f"no plan version {plan_version!r}; there are {', '.join(versions)}")
    of_version = {row["target_id"]: row for row in targets if row["plan_version"] == plan_version}
    if target_id not in of_version:
        listed = ", ".join(f"{id_} {row['indicator_name_zh']}" for id_, row in of_version.items())
        raise QueryRefused(f"no target {target_id!r} in plan {plan_version}; there are {listed}")
    return of_version[target_id]


def _in_words(formula: str | None, indicators: dict[str, dict[str, Any]]) -> str | None:
    """A formula with the names of the indicators in place of their codes."""
    if not formula:
        return None
    return re.sub(
        r"[a-z][a-z0-9_]*",
        lambda word: indicators[word[0]]["name_zh"] if word[0] in indicators else word[0],
        formula,
    )


def _department(release: Release, plan_version: str, dept_id: str | None) -> str | None:
    if not dept_id:
        return None
    rows = _rows(
        release,
        f"select short_name_zh from dim_department where dept_id = {quote_literal(dept_id)}"
        f" and plan_version = {quote_literal(plan_version)}",
    )
    return rows[0]["short_name_zh"] if rows else None


# --- parameters and base ------------------------------------------------------------------------------


def _parameters(release: Release) -> dict[str, Parameter]:
    if not _has(release, "meta", "parameters"):
        return {}
    rows = _rows(release, "select parameter_code, value, question, reading from meta.parameters")
    return {row["parameter_code"]: Parameter(*row.values()) for row in rows}


def _own_parameters(known: dict[str, Parameter], version: str, target_id: str) -> dict[str, Parameter]:
    """The target's own parameters by column; a table that tells plan versions apart names the version before the target."""
    found: dict[str, Parameter] = {}
    for prefix in (f"{target_id}.", f"{version}:{target_id}."):
        found |= {code.removeprefix(prefix): p for code, p in known.items() if code.startswith(prefix)}
    return found


def _chosen(known: dict[str, Parameter], method: str, indicator: dict[str, Any]) -> list[Parameter]:
    """Parameters that the method takes, that the indicator's own texts name, or that are called after its subject."""
    texts = " ".join(indicator.get(name) or "" for name in ("method_zh", "limits_zh"))
    prefixes = [f"{code}_" for code in re.findall(r"A\d\d", texts)]
    if subject := indicator.get("subject"):
        prefixes.append(f"{subject}_")
    taken = METHODS[method].parameters if method in METHODS else ()
    return [p for code, p in known.items() if code in taken or code.startswith(tuple(prefixes))]


def _base(release: Release, rows: list[dict[str, Any]], mine: str, own: dict[str, Parameter]) -> Base:
    row = next((row for row in reversed(rows) if row["base_value"] is not None), None)
    if row is None:
        return Base(None, None, False, None, ())
    where = f"{mine} and period = {quote_literal(row['period'])}"
    return Base(
        value=row["base_value"],
        period=row["base_period"],
        is_by_hand="base_value" in own if own else row.get("base_reason") is not None,
        reason_zh=row.get("base_reason"),
        cells=_cells(release, "plan_progress", "base_value", where),
    )


# --- history and what stands behind it ----------------------------------------------------------------


@dataclass(frozen=True)
class _Formula:
    """The mart whose column computes the indicator, and the columns that its formula names. A column is a code: its name."""

    mart: str
    keys: tuple[str, ...]
    text: str
    columns: dict[str, str]
    city: str
    tier: str | None

    @classmethod
    def of(cls, release: Release, indicator_code: str, target: dict[str, Any]) -> _Formula | None:
        """None where no mart computes the indicator by a formula, or the release does not say which."""
        if not _has(release, "meta", "columns", "indicator"):
            return None
        columns = _rows(
            release,
            "select columns.*, dim_indicator.name_zh from meta.columns as columns"
            " left join dim_indicator on columns.indicator = dim_indicator.indicator_code"
            " order by table_name, position",
        )
        for column in columns:
            if column["indicator"] != indicator_code or not column["formula"]:
                continue
            same = [other for other in columns if other["table_name"] == column["table_name"]]
            named = set(re.findall(r"[a-z][a-z0-9_]*", column["formula"]))
            inputs = {
                other["column_name"]: other["name_zh"] or other["description_zh"]
                for other in same
                if other["column_name"] in named - {column["column_name"]} and not other["is_key"]
            }
            if inputs:
                [city] = _rows(release, "select area_id from dim_area where area_level = 'city'")
                keys = tuple(other["column_name"] for other in same if other["is_key"])
                return cls(
                    column["table_name"], keys, column["formula"], inputs, city["area_id"], target["tier"]
                )
        return None

    def where(self, period: str | None) -> str | None:
        """The condition of the row that computes a period; None where the mart has no row of such a period."""
        wanted = {"area_id": self.city, "scope": "all", "tier": self.tier}
        if period and re.fullmatch(r"\d{4}", period):
            wanted["year"] = period
        elif period and re.fullmatch(r"\d{4}-\d\d-\d\d", period):
            wanted["as_of"] = period
        known = {key: value for key in self.keys if (value := wanted.get(key)) is not None}
        if len(known) < len(self.keys):
            return None
        return " and ".join(
            f"cast({key} as varchar) = {quote_literal(value)}" for key, value in known.items()
        )


def _period(release: Release, row: dict[str, Any], mine: str, formula: _Formula | None) -> Period:
    where = f"{mine} and period is not distinct from {_literal(row['period'])}"
    inputs = _inputs(release, formula, row) if row["value"] is not None else ()
    told = {cell.provenance_id for given in inputs for cell in given.cells}
    return Period(
        period=row["period"],
        value=row["value"],
        published_value=row.get("published_value"),
        data_origin=row["data_origin"] if row["value"] is not None else None,
        vintage=row["value_vintage"],
        published_on=row["value_published_on"],
        ratio=row["ratio"],
        status=row["status"],
        status_zh=STATUSES.get(row["status"], (row["status"],))[0],
        reason=row["reason"],
        is_proxy=bool(row.get("is_proxy")),
        inputs=inputs,
        cells=tuple(
            cell
            for cell in _cells(release, "plan_progress", "value", where)
            if cell.provenance_id not in told
        ),
    )


def _inputs(release: Release, formula: _Formula | None, row: dict[str, Any]) -> tuple[Input, ...]:
    if formula is None:
        return ()
    where = formula.where(row["period"])
    # a value may have been printed for a day of which the mart that computes it has no row
    if where is None or not _rows(release, f"select 1 from {quote_name(formula.mart)} where {where}"):
        return ()
    found = []
    for column, name in formula.columns.items():
        [traced] = tracing.trace(release, formula.mart, column, where)
        cells = traced.cells if traced.value is not None else ()
        found.append(
            Input(column, name, traced.value, UNITS.get(traced.unit or "", traced.unit or ""), cells)
        )
    return tuple(found)


def _cells(release: Release, mart: str, column: str, where: str) -> tuple[Cell, ...]:
    return tuple(cell for found in tracing.trace(release, mart, column, where) for cell in found.cells)


def _proxy(
    target: dict[str, Any],
    history: tuple[Period, ...],
    formula: _Formula | None,
    own: dict[str, Parameter],
) -> Proxy | None:
    """What stands in where the clause's own figure is missing; the formula says which for which: `x (else y)`."""
    periods = tuple(row.period for row in history if row.is_proxy and row.period)
    if not periods:
        return None
    text, columns = (formula.text, formula.columns) if formula else ("", {})
    swap = re.search(r"([a-z]\w*) \(else ([a-z]\w*)\)", text)
    asked, stands_in = (columns.get(name, name) for name in swap.groups()) if swap else (None, None)
    why = own.get("no_data_reason_zh")
    return Proxy(
        clause_zh=target["plan_quote"],
        asked_zh=asked or target["indicator_name_zh"],
        stands_in_zh=stands_in or UNKNOWN,
        why_zh=why.value if why else None,
        periods=periods,
    )


def _readings(release: Release, mine: str) -> list[dict[str, Any]]:
    """Other readings of the clause, where the release has them."""
    if not _has(release, "main", "plan_progress_readings"):
        return []
    return _rows(
        release,
        "select period, reading, reading_label_zh, is_primary, cast(value as double) as value,"
        " cast(ratio as double) as ratio, status from plan_progress_readings"
        f" where {mine} order by period nulls last, is_primary desc, reading",
    )


def _has(release: Release, schema: str, table: str, column: str | None = None) -> bool:
    """Whether the release has a table (or a column of it): older releases have fewer."""
    condition = f" and column_name = {quote_literal(column)}" if column else ""
    rows = _rows(
        release,
        f"select 1 from duckdb_columns() where schema_name = {quote_literal(schema)}"
        f" and table_name = {quote_literal(table)}{condition} limit 1",
    )
    return bool(rows)


def _rows(release: Release, sql: str) -> list[dict[str, Any]]:
    return list(run_query(release, sql).iter_rows(named=True))


def _literal(text: str | None) -> str:
    return "null" if text is None else quote_literal(text)


# --- for people -----------------------------------------------------------------------------------------


def render(found: Explanation) -> Group:
    """What `blue-ledger explain` prints; of long lists of cells the first few."""
    target, indicator = found.target, found.indicator
    demand = _demand(found) if target["is_quantified"] else "方案未给出数值 not quantified"
    return Group(
        Text(
            f"{target['target_id']} {target['indicator_name_zh']} {target['indicator_name_en']}", style="bold"
        ),
        Text(
            f"{found.banner_zh} {found.plan_status} · {found.plan_version} · {found.release}", style="yellow"
        ),
        _section(
            "目标 target",
            ("条文 clause", f"“{target['plan_quote']}” (方案 {_section_zh(target['plan_section'])})"),
            ("范围 scope", target["scope_zh"]),
            ("要求 demand", demand),
            ("说明 note", target["note_zh"]),
        ),
        _section(
            f"指标 indicator · {target['indicator_code']}",
            ("名称 name", f"{indicator.get('name_zh') or UNKNOWN} {indicator.get('name_en') or ''}".rstrip()),
            ("定义 definition", indicator.get("definition_zh")),
            ("公式 formula", found.formula_zh or "无,为公布数或统计数 none"),
            ("单位 unit", UNITS.get(indicator.get("unit") or "", indicator.get("unit"))),
            ("价格口径 price basis", _basis(indicator.get("price_basis"))),
            ("来源 source", indicator.get("source_zh")),
            ("取数方法 method", indicator.get("method_zh")),
            ("责任部门 owner", found.owner_zh and f"{found.owner_zh} {indicator['owner_department']}"),
            ("修订 revision", indicator.get("revision_policy_zh")),
            ("限制 limits", indicator.get("limits_zh")),
        ),
        _section(
            f"评估方法 method · {found.method}",
            ("方法 name", found.method_zh),
            ("算法 formula", found.method_words_zh),
            ("容差 tolerance", _tolerance(found)),
            ("阈值版本 thresholds", found.thresholds_version),
            *(
                (
                    f"{p.code} = {p.value}",
                    "".join([p.question_zh or "", p.reading_zh and f":{p.reading_zh}" or ""]),
                )
                for p in found.parameters
            ),
        ),
        _section("基期 base", *_base_lines(found)),
        *_proxy_lines(found),
        Text("\n历年 history", style="bold"),
        _history(found),
        *_reading_lines(found),
        Text("来源 sources", style="bold"),
        *_source_lines(found),
    )


def _section(title: str, *lines: tuple[str, str | None]) -> Group:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in lines:
        table.add_row(Text(f"  {label}"), Text(text or UNKNOWN))
    return Group(Text(f"\n{title}", style="bold"), table)


def _section_zh(section: str) -> str:
    """The plan's own numbering: 2.1.2 is 二(一)2."""
    numerals = "一二三四五六七八九"
    first, *rest = section.split(".")
    parts = [numerals[int(first) - 1], *(f"({numerals[int(n) - 1]})" for n in rest[:1]), *rest[1:]]
    return "".join(parts)


def _demand(found: Explanation) -> str:
    target = found.target
    year = f"{target['target_year']}年" if target["target_year"] else "每年"
    if found.method == "annual_threshold":
        year = f"至{year}逐年"
    sign = SIGNS.get(target["operator_code"], target["operator_code"])
    return (
        f"{year} {sign} {with_unit(target['target_value'], target['unit_zh'])}(原文“{target['operator_zh']}”)"
    )


def _tolerance(found: Explanation) -> str:
    tolerance = found.target["tolerance"]
    # two percentages differ by percentage points
    unit = "个百分点" if found.unit_zh == "%" else found.unit_zh
    return "无 none" if tolerance is None else f"{tolerance:g} {unit}(“左右”的宽度,本库自定)"


def _basis(basis: str | None) -> str | None:
    return {"current": "现价 current", "constant": "可比价 constant", "n/a": "不涉及 n/a"}.get(
        basis or "", basis
    )


def _base_lines(found: Explanation) -> list[tuple[str, str | None]]:
    base = found.base
    if found.method in ("annual_threshold", "annual_quota", "not_quantified"):
        return [("基期值 value", "不设基期 none")]
    if base.value is None:
        return [("基期值 value", None)]
    how = "人工设定 set by hand" if base.is_by_hand else "定基年份起第一个有值时点 first known value"
    lines: list[tuple[str, str | None]] = [
        ("基期值 value", f"{with_unit(base.value, found.unit_zh)}({base.period}),{how}"),
        ("依据 reason", base.reason_zh or ("" if base.is_by_hand else "取自下列数据 from the figures below")),
    ]
    for cell in base.cells[:SHOWN_CELLS]:
        lines.append(("出处 cell", _cell_text(cell)))
    return lines


def _proxy_lines(found: Explanation) -> list[Group]:
    if found.proxy is None:
        return []
    proxy = found.proxy
    figures = [
        (
            f"{row.period} {given.name_zh}",
            with_unit(given.value, given.unit_zh) if given.value is not None else "未公布 not published",
        )
        for row in found.history
        if row.is_proxy
        for given in row.inputs
    ]
    return [
        _section(
            "代用 proxy",
            ("条文 clause", f"“{proxy.clause_zh}”"),
            ("条文所指 asked", proxy.asked_zh),
            ("代用指标 stands in", proxy.stands_in_zh),
            ("原因 why", proxy.why_zh),
            *figures,
        )
    ]


def _history(found: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for name in (
        "期别 period",
        "值 value",
        "来源 origin",
        "版次 vintage",
        "公布 published",
        "进度比 ratio",
        "状态 status",
        "说明 reason",
    ):
        table.add_column(name, overflow="fold")
    for row in found.history:
        value = with_unit(row.value, found.unit_zh)
        if row.value is not None and row.published_value not in (None, row.value):
            value += f"(公布 {with_unit(row.published_value, found.unit_zh)})"
        table.add_row(
            *(
                Text(text)
                for text in (
                    row.period or NULL,
                    value,
                    ORIGINS.get(row.data_origin or "", NULL),
                    row.vintage or NULL,
                    str(row.published_on or NULL),
                    percent(row.ratio),
                    row.status_zh,
                    row.reason or "",
                )
            )
        )
    return table


def _reading_lines(found: Explanation) -> list[Text | Table]:
    if not found.readings:
        return []
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for name in ("期别 period", "读法 reading", "采用 primary", "值 value", "进度比 ratio", "状态 status"):
        table.add_column(name, overflow="fold")
    for row in found.readings:
        table.add_row(
            *(
                Text(text)
                for text in (
                    row["period"] or NULL,
                    f"{row['reading_label_zh'] or ''} {row['reading']}".strip(),
                    "是" if row["is_primary"] else "否",
                    with_unit(row["value"], found.unit_zh),
                    percent(row["ratio"]),
                    STATUSES.get(row["status"], (row["status"],))[0] or NULL,
                )
            )
        )
    return [Text("其他读法 alternative readings", style="bold"), table]


def _source_lines(found: Explanation) -> list[Text]:
    lines = []
    for row in found.history:
        if row.value is None:
            continue
        lines.append(Text(f"  {row.period} {with_unit(row.value, found.unit_zh)}"))
        for given in row.inputs:
            value = "未公布 not published" if given.value is None else with_unit(given.value, given.unit_zh)
            lines.append(Text(f"    {given.name_zh} {given.column} = {value}"))
            lines += _listed(given.cells)
        if row.inputs and row.cells:
            lines.append(Text("    同表其他数据 beside it"))
        lines += _listed(row.cells)
        if not row.cells and not any(given.cells for given in row.inputs):
            lines.append(Text("    没有可列的来源行 no source row stands behind it"))
    return lines or [Text("  没有数值,因此没有来源 no value, hence no source")]


def _listed(cells: tuple[Cell, ...]) -> list[Text]:
    lines = [Text(f"      {_cell_text(cell)}") for cell in cells[:SHOWN_CELLS]]
    if len(cells) > SHOWN_CELLS:
        lines.append(Text(f"      … 共 {len(cells):,} 处,--json 列出全部 all of them"))
    return lines


def _cell_text(cell: Cell) -> str:
    """Print, publication, day, address, file and cell in one line."""
    origin = ORIGINS.get(cell.data_origin or "", cell.data_origin)
    parts = [
        f"“{cell.text}” {cell.unit_text or ''}".rstrip() if cell.text else None,
        cell.about,
        cell.title or cell.source_title,
        cell.published_on or "未注明日期 not dated",
        cell.url or ("网址未注明 no address" if cell.data_origin != "demo" else None),
        f"{cell.document or cell.source_id} {cell.locator}",
        f"更正 corrected: {cell.correction}" if cell.correction else None,
        origin if cell.data_origin not in (None, "published") else None,
    ]
    return " · ".join(part for part in parts if part)
