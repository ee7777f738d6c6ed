"""One dataset per table of a release: its columns, Chinese words beside codes, names beside ids, metrics. Plain dicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from warehouse.bi.dictionary import TYPES, Column, Table
from warehouse.engine import quote_literal, quote_name
from warehouse.progress import ORIGINS

ROWS = "rows"
_ONLY = "__value"  # a metric must not bear a column's name: Superset would then sort a table by the metric, and group it

# What may be added up over any rows of the table. Most counts and all amounts may not: the marts hold a city beside its
# counties, a year's end beside the next one's, a scope beside the wider one, and one firm under several titles.
ADDITIVE = {("dim_cluster", "land_area_km2")}

# A release may hold several versions of the plan; a count over all of them would count everything as often.
FOLLOWED = "t.plan_version = (select plan_version from meta.release)"


def _period_end(period: str) -> str:
    """As `warehouse.progress.period_end`, in SQL: periods are compared by their ends, for their texts sort otherwise."""
    last = f"regexp_extract({period}, '[^.]+$')"
    return f"""coalesce(try_cast({last} as date), last_day(make_date(
                try_cast(left({last}, 4) as integer),
                coalesce(try_cast(regexp_extract({last}, '^....-(\\d{{2}})', 1) as integer),
                         try_cast(regexp_extract({last}, 'Q(\\d)$', 1) as integer) * 3,
                         try_cast(regexp_extract({last}, 'H(\\d)$', 1) as integer) * 6, 12), 1)))"""


# Which rows of a series are the ones to look at: in words, and in SQL. Tests compare: for plan_progress it is the very row
# that `blue-ledger status` takes, for area_scorecard the period that site and workbook take.
LATEST = {
    "plan_progress": (
        "最近有数的一期为真;无数者为最近到期的一期",
        f"""{FOLLOWED}
        and row_number() over (
            partition by t.plan_version, t.target_id
            order by
                case when t.value is not null then 2 when t.status <> 'not_due' then 1 else 0 end desc,
                case when t.value is null and t.status = 'not_due' then -1 else 1 end * epoch({_period_end("t.period")}) desc,
                t.period desc
        ) = 1""",
    ),
    # as `warehouse.progress.newest_full`: a period that two counties of twelve have published compares nobody
    "area_scorecard": (
        "半数以上单位有数值的最近一期为真;各期均不过半者为有数最全的一期",
        f"""t.period = (
            select peers.period
            from main.area_scorecard as peers
            where peers.indicator = t.indicator and peers.basis = t.basis
            group by peers.period
            order by
                case when 2 * count(peers.value) > count(*) then 1 else count(peers.value) / count(*) end desc,
                {_period_end("peers.period")} desc,
                peers.period
            limit 1
        )""",
    ),
    "digital_coverage": (
        "最近有数的一期为真;无数者为最近一期",
        """row_number() over (
            partition by t.area_id, t.scope
            order by t.coverage_low_pct is not null desc, t.as_of desc
        ) = 1""",
    ),
    # the ledger has a line for every month that has ended, and of the last one mostly nothing has come in yet
    "task_ledger": (
        "已有报送的最近一月为真;各月均无报送时为最近一月",
        """t.period = coalesce(
            max(case when t.source_row_ids is not null then t.period end) over (partition by t.plan_version),
            max(t.period) over (partition by t.plan_version)
        )""",
    ),
    "checks": ("本次发布为真", "t.release_id = (select release_id from meta.release)"),
}

# The code that makes the series of a chart where demo rows stand beside real ones: its word says which is which.
SERIES = {
    "cluster_compliance": "result",
    "cluster_counts": "tier",
    "green_titles": "tier",
    "task_ledger": "rag",
}
DEMO_MARK = f"({ORIGINS['demo']})"


@dataclass(frozen=True)
class Reference:
    """A column that names a row of a dimension: what of that row is shown beside it."""

    column: str
    table: str
    key: str
    shown: tuple[tuple[str, str], ...]  # (column of the dimension, name in the dataset)
    is_versioned: bool = False


REFERENCES = (
    Reference("area_id", "dim_area", "area_id", (("name_zh", "area_name_zh"), ("area_level", "area_level"))),
    Reference("indicator", "dim_indicator", "indicator_code", (("name_zh", "indicator_name_zh"),)),
    Reference("indicator_code", "dim_indicator", "indicator_code", (("name_zh", "indicator_name_zh"),)),
    Reference(
        "target_id",
        "dim_target",
        "target_id",
        (("indicator_name_zh", "target_name_zh"), ("target_group_zh", "target_group_zh")),
        is_versioned=True,
    ),
    Reference("source_id", "dim_source", "source_id", (("title_zh", "source_title_zh"),)),
    Reference("cluster_id", "dim_cluster", "cluster_id", (("cluster_name", "cluster_name"),)),
)


@dataclass(frozen=True)
class Metric:
    """`value` is shown where exactly one row stands behind a mark; it is null, never a sum, where several do."""

    name: str
    label: str
    expression: str
    description: str
    format: str | None


@dataclass(frozen=True)
class Dataset:
    table: Table
    columns: tuple[Column, ...]
    metrics: tuple[Metric, ...]
    sql: str

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def metric(self, name: str) -> Metric | None:
        """The metric of that name, or the one that shows the column of that name."""
        return next((metric for metric in self.metrics if metric.name in (name, name + _ONLY)), None)


def datasets(tables: list[Table]) -> dict[str, Dataset]:
    """A dataset per table, by the table's name."""
    known = {table.name: table for table in tables}
    return {table.name: _dataset(table, known) for table in tables}


def only_value(expression: str) -> str:
    """The value of the one row behind a mark. A chart that groups too coarsely shows nothing instead of a wrong figure."""
    return f"CASE WHEN COUNT(*) = 1 THEN MAX({expression}) END"


def as_yaml(dataset: Dataset, uuid: str, database_uuid: str) -> dict[str, Any]:
    """What Superset's importer takes."""
    return {
        "table_name": dataset.table.name,
        "main_dttm_col": next((one.name for one in dataset.columns if one.is_temporal and one.is_key), None),
        "description": dataset.table.description,
        "schema": dataset.table.schema,
        "sql": dataset.sql,
        "filter_select_enabled": True,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": uuid,
        "database_uuid": database_uuid,
        "version": "1.0.0",
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": metric.label,
                "expression": metric.expression,
                "description": metric.description,
                "d3format": metric.format,
            }
            for metric in dataset.metrics
        ],
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": column.label,
                "description": column.description,
                "type": TYPES[column.type],
                "is_dttm": column.is_temporal,
                "is_active": True,
                "groupby": True,
                "filterable": True,
            }
            for column in dataset.columns
        ],
    }


def _dataset(table: Table, known: dict[str, Table]) -> Dataset:
    columns, shown, joins = list(table.columns), [f"t.{quote_name(c.name)}" for c in table.columns], []
    taken = {column.name for column in columns}

    def add(column: Column, expression: str) -> None:
        if column.name not in taken:
            taken.add(column.name)
            columns.append(column)
            shown.append(f"{expression} as {quote_name(column.name)}")

    for place, column in enumerate(columns):
        if column.codes:
            columns[place] = replace(column, label=f"{column.label.removesuffix('代码')}(代码)")
            cases = " ".join(
                f"when {quote_literal(code)} then {quote_literal(word)}" for code, word in column.codes
            )
            name = f"t.{quote_name(column.name)}"
            if column.type == "boolean":
                name = f"cast({name} as varchar)"
            label = column.label.removesuffix("代码")
            worded = replace(
                column, name=f"{column.name}_zh", type="varchar", label=label, codes=(), is_key=False
            )
            word = f"case {name} {cases} else {name} end"
            add(worded, word)
            if SERIES.get(table.name) == column.name:
                series = replace(worded, name="series_zh", label=f"{label}(注明演示)")
                mark = f"case when t.data_origin = 'demo' then {quote_literal(DEMO_MARK)} else '' end"
                add(series, f"{word} || {mark}")
    at = {column.name: place for place, column in enumerate(columns)}
    for place, reference in enumerate(REFERENCES):
        target, asked = known.get(reference.table), table.column(reference.column)
        if target is None or target is table or asked is None:
            continue
        alias = f"r{place}"
        on = f"{alias}.{reference.key} = t.{quote_name(reference.column)}"
        if reference.is_versioned:
            if table.column("plan_version") is None:
                continue
            on += f" and {alias}.plan_version = t.plan_version"
        joins.append(f"left join {target.schema}.{target.name} as {alias} on {on}")
        heading = asked.label.removesuffix("代码").removesuffix("编号")
        for there, here in reference.shown:
            if (found := target.column(there)) is None:
                continue
            is_name = (there, here) == reference.shown[0]
            if is_name and heading == asked.label:  # two columns of one heading cannot be told apart
                columns[at[reference.column]] = replace(asked, label=f"{heading}(代码)")
            label = heading if is_name else found.label
            joined = replace(found, name=here, label=label, is_key=False, codes=())
            add(joined, f"{alias}.{quote_name(there)}")
    if table.name in LATEST:
        said, expression = LATEST[table.name]
        add(Column("is_latest", "boolean", "是否最近一期", said), expression)
    if table.schema == "main" and table.column("plan_version"):
        add(Column("is_followed", "boolean", "是否采用的方案版本", "本次发布采用的方案版本为真"), FOLLOWED)
    sql = "\n".join(
        ["select", "    " + ",\n    ".join(shown), f"from {table.schema}.{table.name} as t", *joins]
    )
    return Dataset(table, tuple(columns), tuple(_metrics(table)), sql)


def _metrics(table: Table) -> list[Metric]:
    found = [Metric(ROWS, "行数", "COUNT(*)", "行数", ",d")]
    for column in table.columns:
        if (table.name, column.name) in ADDITIVE:
            found.append(
                Metric(
                    f"{column.name}_total",
                    f"{column.label}合计",
                    f"SUM({column.name})",
                    column.description,
                    column.format,
                )
            )
        if column.is_measure:
            found.append(
                Metric(
                    column.name + _ONLY,
                    column.label,
                    only_value(column.name),
                    f"{column.description}(只在一行时显示,不作加总)",
                    column.format,
                )
            )
    return found
