"""What a release's dictionary says of its tables, in the words a BI tool shows: labels, code words, formats. No Superset."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from warehouse import words
from warehouse.progress import ORIGINS, STATUSES, UNITS
from warehouse.reader import run_query
from warehouse.release import Release
from warehouse.words import chinese

# How a figure is printed, by its unit (d3's notation). A ratio of 0.92 reads 92.0 %.
FORMATS = {"pct": ",.2f", "pp": "+,.2f", "100m_cny": ",.2f", "km2": ",.2f", "count": ",d", "ratio": ".1%"}
FORMATS_BY_TYPE = {"integer": ",d", "bigint": ",d", "double": ",.2~f"}
TYPES = {
    "varchar": "VARCHAR",
    "double": "DOUBLE",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
}
TYPES |= {"date": "DATE", "timestamp": "TIMESTAMP"}

# Code words that the dictionary does not spell out; where it does, its own word stands.
_WORDS = {
    ("*", "data_origin"): ORIGINS,
    ("plan_progress", "status"): {code: word for code, (word, _) in STATUSES.items()},
    ("plan_progress", "tier"): chinese(words.TIERS),
    ("dim_cluster", "highest_tier"): chinese(words.TIERS),
    ("dim_cluster", "status"): chinese(words.CLUSTER_STATUSES),
    ("area_scorecard", "basis"): {
        "municipal": "市级",
        "provincial": "省级",
        "national": "国家级",
        "all": "全部",
        "current": "现价",
        "constant": "可比价",
    },
    ("plan_progress", "operator"): {"unspecified": "未给出"},
    ("*", "severity"): chinese(words.RULE_SEVERITIES) | chinese(words.SEVERITIES),
    ("*", "unit"): {code: word for code, word in UNITS.items() if word},
}

# Tables of the release's own record that people ask for, too; the dictionary holds the marts only.
RECORDS = {
    "release": (
        "本发布的编号、时点与性质,一行",
        {
            "release_id": "发布编号",
            "built_at": "生成时间(UTC)",
            "as_of_date": "数据时点",
            "code_version": "程序版本",
            "plan_version": "方案版本",
            "plan_status": "方案状态代码",
            "banner_zh": "方案状态",
            "includes_demo": "含演示数据",
        },
    ),
    "sources": (
        "数据来源在本发布时的状态,每来源一行",
        {
            "source_id": "来源代码",
            "title_zh": "来源名称",
            "publisher_zh": "发布单位",
            "data_origin": "数据来源性质:demo 演示、submitted 报送、published 公布",
            "state": "状态:fresh 正常、old 沿用旧快照、empty 尚无资料、blocked 不可用",
            "message": "说明",
            "age_days": "距上次核对天数",
            "tolerance_days": "容许天数",
            "is_overdue": "是否逾期",
            "last_look_at": "上次核对时间(UTC)",
            "published_to": "最新公布日期",
            "rows_in": "读入行数",
            "rows_raw": "采用行数",
            "rows_quarantined": "隔离行数",
            "licence": "许可",
        },
    ),
    "checks": (
        "本发布及以往各次发布的检查结果,每次发布、每项检查一行",
        {
            "release_id": "发布编号",
            "suite": "检查套件",
            "subject": "检查对象",
            "check_id": "检查编号",
            "severity": "严重程度",
            "status": "结果:passed 通过、failed 未通过、error 无法执行",
            "description": "检查内容",
            "observed": "观察到的情况",
            "failing_rows": "不合格行数",
        },
    ),
}

# Headings for which the description's first words do not serve.
_LABELS = {
    ("plan_progress", "projected_value"): "外推值",
    ("plan_progress", "reason"): "说明",
    ("plan_progress", "target_value"): "目标值",
    ("area_scorecard", "reason"): "说明",
    ("digital_coverage", "source_row_ids"): "来源行编号",
}

_YES_NO = (("true", "是"), ("false", "否"))
_CODE = re.compile(r"([a-z][a-z0-9_]*) ([^a-z].*)")
_LABEL_ENDS = re.compile(r"[(:;,。((:;,]")
_OF_THIS_COLUMN = "本列:"
_UNIT_WORDS = {unit: word for unit, word in UNITS.items() if word}


@dataclass(frozen=True)
class Column:
    """One column of a table: `label` is what a heading shows, `codes` the Chinese word of each code it may hold."""

    name: str
    type: str
    label: str
    description: str
    unit: str | None = None
    is_key: bool = False
    codes: tuple[tuple[str, str], ...] = ()

    @property
    def is_temporal(self) -> bool:
        return self.type in ("date", "timestamp")

    @property
    def is_measure(self) -> bool:
        """A number that is said of the row, not one that names it."""
        return self.type in ("double", "integer", "bigint") and not self.is_key and not self.is_year

    @property
    def is_year(self) -> bool:
        return self.type == "integer" and self.name.rpartition("_")[2] == "year" and self.unit is None

    @property
    def format(self) -> str | None:
        if self.is_year:
            return "d"
        return FORMATS.get(self.unit or "") or FORMATS_BY_TYPE.get(self.type)


@dataclass(frozen=True)
class Table:
    """A mart, or one of the release's records (`schema` meta)."""

    name: str
    schema: str
    description: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def tables(release: Release) -> list[Table]:
    """Every table of the release that a dictionary describes, by schema and name.

    Raises:
        ValueError: a column has a type that is in no contract, or no description in Chinese.
    """
    listed = run_query(
        release,
        "select table_name, column_name, lower(data_type) as data_type, unit, description_zh, is_key"
        " from meta.columns order by table_name, position",
    )
    comments = dict(
        run_query(
            release, "select table_name, comment from duckdb_tables() where schema_name = 'main'"
        ).iter_rows()
    )
    grouped: dict[str, list[Column]] = {}
    for table, name, kind, unit, description, is_key in listed.iter_rows():
        grouped.setdefault(table, []).append(_column(table, name, kind, unit, description, is_key))
    marts = [
        Table(name, "main", (comments[name] or name).partition(" | ")[0], _told_apart(columns))
        for name, columns in grouped.items()
    ]
    return sorted([*marts, *_records(release)], key=lambda table: (table.schema, table.name))


def codes_in(description: str) -> tuple[tuple[str, str], ...]:
    """The code words that a description lists as 「名称:code 词、code 词」; nothing unless all of it is such a list."""
    _, colon, listed = description.partition(":")
    pieces = [piece for piece in re.split("[、;]", listed) if piece]
    found = [_CODE.fullmatch(piece) for piece in pieces]
    if not colon or len(found) < 2 or not all(found):
        return ()
    return tuple((match[1], match[2]) for match in found if match)


def label_in(description: str, unit: str | None = None) -> str:
    """The heading: the description up to its first bracket, colon or stop, with the unit in brackets."""
    head = _LABEL_ENDS.split(description, maxsplit=1)[0].strip()
    word = _UNIT_WORDS.get(unit or "")
    return f"{head}({word})" if word and word != "个" else head


def _column(
    table: str, name: str, kind: str, unit: str | None, description: str | None, is_key: bool
) -> Column:
    if kind not in TYPES:
        raise ValueError(f"{table}.{name}: type {kind} is in no contract")
    if not description:
        raise ValueError(f"{table}.{name} has no description in Chinese")
    codes = codes_in(description)
    if kind == "varchar":
        words = _WORDS.get((table, name)) or _WORDS.get(("*", name)) or {}
        codes = tuple((words | dict(codes)).items())
    if kind == "boolean":
        codes = _YES_NO
    label = _LABELS.get((table, name)) or label_in(description, unit)
    return Column(name, kind, label, description, unit, is_key, codes)


def _told_apart(columns: list[Column]) -> tuple[Column, ...]:
    """Columns that would show one heading get what the dictionary says of each: 覆盖率(下界), 覆盖率(上界)."""
    seen = Counter(column.label for column in columns)
    return tuple(
        replace(column, label=_own_label(column)) if seen[column.label] > 1 else column for column in columns
    )


def _own_label(column: Column) -> str:
    _, found, remark = column.description.partition(_OF_THIS_COLUMN)
    if not found:
        return f"{column.label}({column.name})"
    return f"{column.label}·{_LABEL_ENDS.split(remark, maxsplit=1)[0].strip()}"


def _records(release: Release) -> list[Table]:
    present = run_query(
        release,
        "select table_name, column_name, lower(data_type) as data_type"
        " from duckdb_columns() where schema_name = 'meta'",
    )
    types = {(table, column): kind for table, column, kind in present.iter_rows()}
    return [
        Table(
            name,
            "meta",
            title,
            tuple(
                _column(name, column, types[name, column], None, text, False)
                for column, text in columns.items()
                if (name, column) in types
            ),
        )
        for name, (title, columns) in RECORDS.items()
        if any(table == name for table, _ in types)
    ]
