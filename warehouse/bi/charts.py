"""A chart of layout.yml as Superset wants it: one way of drawing per kind. What charts show is in layout.yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from warehouse.bi.datasets import Dataset, only_value

TABLE_ROWS = 1000
RAG_COLOURS = {"红": "#F4B183", "黄": "#FFE699", "绿": "#A9D8C5", "灰": "#E3E5E7"}


class LayoutError(ValueError):
    """layout.yml asks for what the release's dictionary does not have; the message names chart and column."""


def as_yaml(
    name: str, chart: dict[str, Any], dataset: Dataset, uuid: str, dataset_uuid: str
) -> dict[str, Any]:
    """What Superset's importer takes, with the query, so that the chart can be computed without a browser.

    Raises:
        LayoutError: a column, metric or kind that is not there.
    """
    import json

    if chart["kind"] not in _KINDS:
        raise LayoutError(f"chart {name}: no such kind {chart['kind']}; known are {', '.join(_KINDS)}")
    _require(name, chart, dataset)
    viz_type, params, query = _KINDS[chart["kind"]](chart, dataset)
    filters = _filters(chart.get("where", {}))
    params = {
        "viz_type": viz_type,
        "adhoc_filters": [_adhoc(one) for one in filters],
        "row_limit": TABLE_ROWS,
        "extra_form_data": {},
        **params,
    }
    query = {"filters": filters, "row_limit": TABLE_ROWS, "extras": {"having": "", "where": ""}, **query}
    context = {
        "datasource": {"id": 0, "type": "table"},  # the importer puts the id that the dataset got
        "force": False,
        "queries": [query],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": chart["title"],
        "description": chart.get("description") or dataset.table.description,
        "viz_type": viz_type,
        "params": params,
        "query_context": json.dumps(context, ensure_ascii=False, sort_keys=True),
        "uuid": uuid,
        "dataset_uuid": dataset_uuid,
        "version": "1.0.0",
    }


def columns_of(chart: dict[str, Any]) -> list[str]:
    """Every column of its dataset that a chart names, metrics apart."""
    named = [
        *chart.get("columns", ()),
        *chart.get("where", ()),
        chart.get("x"),
        chart.get("by"),
        chart.get("status"),
    ]
    return [name.lstrip("-") for name in [*named, *chart.get("order", ())] if name]


def _require(name: str, chart: dict[str, Any], dataset: Dataset) -> None:
    for column in columns_of(chart):
        if dataset.column(column) is None:
            raise LayoutError(f"chart {name}: {dataset.table.name} has no column {column}")
    for metric in chart.get("metrics", ()):
        if isinstance(metric, str) and dataset.metric(metric) is None:
            raise LayoutError(f"chart {name}: {dataset.table.name} has no metric {metric}")


# ── one kind each ────────────────────────────────────────────────────────────────────────────────────────────────


def _table(chart: dict[str, Any], dataset: Dataset) -> tuple[str, dict[str, Any], dict[str, Any]]:
    columns = chart["columns"]
    order = [(name.lstrip("-"), not name.startswith("-")) for name in chart.get("order", ())]
    config: dict[str, dict[str, Any]] = {}
    for name in columns:
        column = dataset.column(name)
        assert column is not None  # _require has looked
        if column.format:
            config[name] = {"d3NumberFormat": column.format, "d3SmallNumberFormat": column.format}
            config[name] |= {
                "showCellBars": False,
                "alignPositiveNegative": False,
                "colorPositiveNegative": False,
            }
    params = {
        "query_mode": "raw",
        "all_columns": columns,
        "order_by_cols": [_dumped([name, ascending]) for name, ascending in order],
        "table_timestamp_format": "%Y-%m-%d",
        "server_page_length": 10,
        "page_length": 0,
        "include_search": False,  # its Chinese placeholder reads "15 异常" for "15 records"
        "show_cell_bars": False,
        "color_pn": False,
        "allow_rearrange_columns": False,
        "allow_render_html": False,
        "column_config": config,
        "conditional_formatting": [
            {
                "column": chart["status"],
                "operator": "=",
                "targetValue": word,
                "colorScheme": colour,
                "columnFormatting": chart["status"],
                "objectFormatting": "BACKGROUND_COLOR",
                "useGradient": False,
            }
            for word, colour in RAG_COLOURS.items()
            if chart.get("status")
        ],
    }
    return "table", params, {"columns": columns, "orderby": [list(one) for one in order]}


def _series(
    chart: dict[str, Any], dataset: Dataset, viz_type: str
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    metrics = [_metric(one, dataset) for one in chart["metrics"]]
    by = [chart["by"]] if chart.get("by") else []
    flat = chart.get("horizontal", False)
    by_count = flat and not by
    params = {
        "x_axis": chart["x"],
        "xAxisForceCategorical": True,
        "x_axis_sort_asc": not flat,
        **({"x_axis_sort": metrics[0]} if by_count else {}),
        "x_axis_time_format": "%Y-%m-%d",
        "metrics": metrics,
        "groupby": by,
        "order_desc": True,
        "truncate_metric": True,
        "show_empty_columns": True,
        "orientation": "horizontal" if flat else "vertical",
        "stack": "Stack" if chart.get("stacked") else None,
        "show_value": viz_type != "echarts_timeseries_line",
        "only_total": False,
        "percentage_threshold": 6,  # a stacked bar prints no 0 where a kind is missing
        "show_legend": bool(by) or len(metrics) > 1,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "markerEnabled": True,
        "markerSize": 7,
        "seriesType": "line",
        "connectNulls": False,
        "y_axis_format": chart.get("format") or _format_of(chart, dataset),
        "y_axis_bounds": [None, None],
        "truncateYAxis": False,
        "xAxisLabelRotation": 0,
        "xAxisLabelInterval": "0",
        "sort_series_type": "name",
        "color_scheme": "supersetColors",
        "comparison_type": "values",
    }
    axis = {
        "columnType": "BASE_AXIS",
        "expressionType": "SQL",
        "label": chart["x"],
        "sqlExpression": chart["x"],
    }
    query = {
        "columns": [axis, *by],
        "metrics": metrics,
        "orderby": [[chart["x"], True], *([by[0], True] for _ in by)],
        "series_columns": by,
    }
    return viz_type, params, query


def _line(chart: dict[str, Any], dataset: Dataset) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return _series(chart, dataset, "echarts_timeseries_line")


def _bar(chart: dict[str, Any], dataset: Dataset) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return _series(chart, dataset, "echarts_timeseries_bar")


def _pie(chart: dict[str, Any], dataset: Dataset) -> tuple[str, dict[str, Any], dict[str, Any]]:
    [metric] = [_metric(one, dataset) for one in chart["metrics"]]
    params = {
        "metric": metric,
        "groupby": [chart["by"]],
        "sort_by_metric": True,
        "donut": True,
        "innerRadius": 40,
        "outerRadius": 62,
        "label_type": "key_value",
        "labels_outside": True,
        "label_line": True,
        "show_labels": True,
        "show_labels_threshold": 0,
        "show_legend": False,
        "number_format": ",d",
        "color_scheme": "supersetColors",
    }
    return "pie", params, {"columns": [chart["by"]], "metrics": [metric], "orderby": [[metric, False]]}


_KINDS: dict[str, Callable[..., tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "table": _table,
    "line": _line,
    "bar": _bar,
    "pie": _pie,
}


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _metric(metric: str | dict[str, str], dataset: Dataset) -> str | dict[str, Any]:
    """A metric of the dataset by its name, or the value of one row under a label of the chart's own."""
    if isinstance(metric, str):
        found = dataset.metric(metric)
        assert found is not None  # _require has looked
        return found.name
    return {
        "expressionType": "SQL",
        "sqlExpression": only_value(metric["value"]),
        "label": metric["label"],
        "hasCustomLabel": True,
        "optionName": f"metric_{metric['label']}",
    }


def _format_of(chart: dict[str, Any], dataset: Dataset) -> str:
    first = chart["metrics"][0]
    found = dataset.metric(first) if isinstance(first, str) else None
    return (found.format if found else None) or ",.2f"


def _filters(where: dict[str, Any]) -> list[dict[str, Any]]:
    return [_filter(column, wanted) for column, wanted in where.items()]


def _filter(column: str, wanted: Any) -> dict[str, Any]:
    if wanted == "not_null":
        return {"col": column, "op": "IS NOT NULL"}
    if isinstance(wanted, bool):
        return {"col": column, "op": "IS TRUE" if wanted else "IS FALSE"}
    if isinstance(wanted, list):
        return {"col": column, "op": "IN", "val": wanted}
    return {"col": column, "op": "==", "val": wanted}


def _adhoc(one: dict[str, Any]) -> dict[str, Any]:
    operators = {
        "IS NOT NULL": "IS_NOT_NULL",
        "IS TRUE": "IS_TRUE",
        "IS FALSE": "IS_FALSE",
        "IN": "IN",
        "==": "EQUALS",
    }
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": one["col"],
        "operator": one["op"],
        "operatorId": operators[one["op"]],
        "comparator": one.get("val"),
        "filterOptionName": f"filter_{one['col']}",
        "isExtra": False,
        "isNew": False,
        "sqlExpression": None,
    }


def _dumped(value: object) -> str:
    import json

    return json.dumps(value)
