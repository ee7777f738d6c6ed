"""What changed between two releases, figure by figure, and why. Compares and explains; the night decides what to publish.

A figure is a cell of a mart that the dictionary leads back to prints (`inputs`) or calls an indicator, a number, or a
judgement. Its reasons are sought in what the two releases rest on: prints, corrections, parameters, code, day, decisions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse import words
from warehouse.engine import connect_build, connect_reader, quote_literal, quote_name, write_frame
from warehouse.release import Release
from warehouse.trace import documents_of

#: why a figure changed, in the order in which the reasons are tried; what an official reads, what the command line prints
REASONS: dict[str, tuple[str, str]] = {
    "demo": ("演示数据启用或停用", "demo switched"),
    "restated": ("来源改动原数,未注明新版", "restated under the same date"),
    "new_vintage": ("来源公布了新版数据", "new vintage"),
    "new_source": ("新的来源", "new source"),
    "correction": ("更正生效或撤销", "correction"),
    "withdrawn": ("原资料不再使用", "document withdrawn"),
    "parameter": ("参数变化", "parameter"),
    "code": ("程序变化", "code"),
    "day": ("日期推移", "day"),
    "decision": ("名称认定变化", "link decision"),
    "catalogue": ("来源目录变化", "catalogue"),
    "related": ("所依据的其他资料有变", "other inputs"),
    "unexplained": ("原因不明", "unexplained"),
}
#: reasons for which the figure of a period that was over may change without anybody's being alarmed
HARMLESS = ("demo", "new_vintage", "new_source", "correction", "day", "decision")
KINDS = words.chinese(words.CHANGES)

#: marts that are no series of figures: registers, lists, their links, and logs of prints that only grow
NOT_COMPARED = frozenset(
    (
        "dim_cluster", "dim_enterprise", "fct_cluster_member", "fct_cluster_title", "fct_digital_assessment",
        "fct_digital_status", "fct_enterprise_link", "fct_green_event", "link_candidate", "link_decision", "revisions",
    )
)  # fmt: skip
#: a longer mart is a register, whatever its name
MAX_ROWS = 100_000
SHOWN = 50

#: texts and flags that are judgements of a figure; others are names, notes and ids
JUDGEMENTS = ("is_met", "rag", "result", "status")
#: numbers that are the plan's own words beside a figure, or count them
NO_FIGURES = ("base_year_from", "n_actions", "target_year")
#: columns that age by themselves: a day late more, a colour by the calendar
AGEING = {
    "obligation_calendar": ("days_late", "status"),
    "plan_progress": ("ratio", "rag", "status"),
    "plan_progress_readings": ("ratio", "rag", "status"),
    "task_ledger": ("days_late", "rag", "status"),
}
#: columns that other areas' or other periods' figures move
RELATIVE = frozenset(
    (
        "base_value", "gap", "n_areas", "n_ranked", "projected_gap", "projected_value", "rag", "rank", "rank_change",
        "ratio", "required_per_year", "status",
    )
)  # fmt: skip
_PARAMETER_TABLES = frozenset(("plan_parameters", "plan_target_parameters", "plan_readings"))
#: key, figures and rows of the marts of which not every row is compared by its own key
_SERIES: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None, str]] = {
    "fct_indicator_value": (("area_id", "indicator_code", "period"), ("value",), "headline_rank = 1"),
    "cluster_compliance": (("plan_version", "rule_id", "subject_type", "subject_id"), None, "true"),
    # a period without a value is a place kept open, which moves on with the year
    "plan_progress": (("plan_version", "target_id", "period"), None, "value IS NOT NULL"),
    "plan_progress_readings": (("plan_version", "target_id", "period", "reading"), None, "value IS NOT NULL"),
}
_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT")

SCHEMA = {
    "mart": pl.String,
    "key": pl.String,
    "column_name": pl.String,
    "indicator": pl.String,
    "kind": pl.String,
    "before": pl.String,
    "after": pl.String,
    "why": pl.String,
    "is_critical": pl.Boolean,
    "evidence": pl.String,
    "period_end": pl.Date,
}


#: tables that name what keys hold: table, code, name, and the key columns that hold the code
_NAMED = (
    ("dim_area", "area_id", "name_zh", ("area_id", "subject_id", "body_id")),
    ("dim_department", "dept_id", "short_name_zh", ("body_id",)),
    ("dim_indicator", "indicator_code", "name_zh", ("indicator", "indicator_code")),
    ("dim_cluster", "cluster_id", "cluster_name", ("subject_id",)),
)
_WORDS = {
    ("tier", "national"): "国家级",
    ("tier", "provincial"): "省级",
    ("tier", "municipal"): "市级",
    ("scope", "all"): "全部",
    ("scope", "marine"): "涉海",
    ("scope", "in_cluster"): "集聚区内",
    ("category", "factory"): "绿色工厂",
    ("category", "park"): "绿色工业园区",
    ("category", "supply_chain"): "绿色供应链管理企业",
}


@dataclass(frozen=True)
class Comparison:
    """What changed. rows: one per figure (SCHEMA), the critical first; note: why nothing could be compared, for a person.

    left_out: marts of the candidate that were not compared because the previous release lacks them, or for their length.
    """

    previous_id: str | None
    rows: pl.DataFrame
    note: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Figures by reason, in the order of REASONS; reasons that explain none are left out."""
        counted = Counter(self.rows["why"])
        return {why: counted[why] for why in REASONS if counted[why]}

    @property
    def summary(self) -> str:
        """`12 figures: 9 new vintage, 3 parameter`, or why there is nothing to say."""
        if self.note:
            return self.note
        if self.rows.is_empty():
            return f"no figure differs from {self.previous_id}"
        reasons = ", ".join(f"{n:,} {REASONS[why][1]}" for why, n in self.counts.items())
        critical = self.rows["is_critical"].sum()
        return (
            f"{self.rows.height:,} figure{'s' * (self.rows.height > 1)}: {reasons}"
            + f"; {critical:,} of past periods, critical" * (critical > 0)
        )

    def failures(self) -> list[str]:
        """Past figures that differ although nothing that they rest on does: reasons not to publish."""
        return [
            _sentence(row)
            for row in self.rows.iter_rows(named=True)
            if row["is_critical"] and _is_mystery(row)
        ]

    def warnings(self) -> list[str]:
        """Past figures that changed for another reason than a new print or a decision, one line per reason and mart."""
        found = self.rows.filter(pl.col("is_critical") & (pl.col("why") != "unexplained"))
        lines = [
            f"changes: {len(rows)} figure(s) of past periods in {mart} changed without a new vintage"
            f" ({REASONS[why][1]}), such as {_sentence(rows.row(0, named=True))}"
            for (why, mart), rows in found.group_by("why", "mart", maintain_order=True)
        ]
        mysteries = self.rows.filter(~pl.col("is_critical") & (pl.col("why") == "unexplained"))
        if mysteries.height:
            lines.append(
                f"changes: {mysteries.height} figure(s) of running periods changed and nothing explains it, such as"
                f" {_sentence(mysteries.row(0, named=True))}"
            )
        return lines


def compare(
    previous: Release | None,
    database: Path,
    rests_on: Mapping[str, Any],
    feeds: Mapping[str, frozenset[str]],
    scratch: Path,
) -> Comparison:
    """Compare a candidate's database, with its marts and its provenance, corrections and sources, with the release before.

    rests_on: as_of_date, code_version, parameters, demo and inputs, as they will stand in the candidate's manifest. feeds:
    the raw tables and seeds that each mart is made of; a mart that is not named is taken to be made of all.
    """
    nothing = pl.DataFrame(schema=SCHEMA)
    if previous is None:
        return Comparison(None, nothing, "there is no earlier release to compare with")
    with connect_build(":memory:", scratch=scratch) as connection:
        connection.execute("SET preserve_insertion_order = true")
        for name, file in (("before", previous.database), ("after", database)):
            connection.execute(f"ATTACH {quote_literal(str(file))} AS {name} (READ_ONLY)")
        if lacking := _lacking(connection):
            return Comparison(
                previous.id, nothing, f"{previous.id} is of an older form ({lacking} is not there)"
            )
        return _Comparing(connection, previous, rests_on, feeds).run()


@dataclass(frozen=True)
class Labels:
    """Chinese words for a release's columns, by table and column, and for the values of its keys, by column and value."""

    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, mart: str, column: str) -> str:
        return self.columns.get((mart, column), column)

    def place(self, key: str) -> str:
        """A row's key in words: `潍坊市 · 2024` for `area_id=weifang, year=2024`."""
        pairs = re.findall(r"(?:^|, )(\w+)=(.*?)(?=, \w+=|$)", key)
        return " · ".join(
            self.values.get((column, value), value)
            for column, value in pairs
            if value and column != "plan_version"
        )


def labels(database: Path) -> Labels:
    """The words of a release, from its dictionary and its own tables of areas, indicators and targets."""
    with connect_reader(database) as connection:
        columns = connection.execute(
            "select table_name, column_name, description_zh from meta.columns where description_zh is not null"
        ).fetchall()
        tables = set(
            connection.execute(
                "select table_name, column_name from duckdb_columns() where schema_name = 'main'"
            ).fetchall()
        )
        values: dict[tuple[str, str], str] = {}
        for table, code, name, keys in _NAMED:
            if {(table, code), (table, name)} <= tables:
                for value, text in connection.execute(f"select {code}, {name} from {table}").fetchall():
                    values |= {(key, value): text for key in keys if text}
    return Labels(
        {(mart, name): re.split("[(（:：;；,，。]", text)[0] for mart, name, text in columns}, values | _WORDS
    )


def _lacking(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The first thing that a release must hold to be compared with, and does not."""
    there = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'before' AND schema_name = 'meta'"
    ).fetchall()
    needed = [
        ("columns", "inputs"),
        ("columns", "indicator"),
        ("columns", "is_key"),
        ("provenance", "provenance_id"),
    ]
    needed += [("corrections", "correction_id"), ("sources", "source_id"), ("sources", "tier")]
    return next((f"meta.{table}.{column}" for table, column in needed if (table, column) not in there), None)


class _Comparing:
    """One comparison, on a connection with both releases attached. Tables of its own are temporary."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        previous: Release,
        rests_on: Mapping[str, Any],
        feeds: Mapping[str, frozenset[str]],
    ) -> None:
        self.sql = connection
        self.previous, self.now, self.feeds = previous, rests_on, feeds
        self.then = previous.manifest
        self.left_out: list[str] = []

    def run(self) -> Comparison:
        self.sql.execute(_PERIOD_END)
        self.sql.execute(_TABLES)
        for side, manifest in (("before", self.then), ("after", self.now)):
            self._keep_inputs(side, manifest["inputs"])
        for mart, columns in self._figures().items():
            self._find(mart, columns)
        rows = self._explained()
        return Comparison(self.previous.id, rows, "", tuple(self.left_out))

    # ── which cells differ ─────────────────────────────────────────────────────────────────────────────────────

    def _figures(self) -> dict[str, list[dict[str, Any]]]:
        """The columns to compare, by mart: those that both releases have, with the `inputs` of each."""
        asked = self.sql.execute(
            """
            SELECT c.table_name, c.column_name, c.indicator, b.inputs AS inputs_before, c.inputs AS inputs_after, t.data_type
            FROM after.meta.columns AS c
            INNER JOIN before.meta.columns AS b USING (table_name, column_name)
            INNER JOIN duckdb_columns() AS t
                ON t.database_name = 'after' AND t.schema_name = 'main'
                AND t.table_name = c.table_name AND t.column_name = c.column_name
            INNER JOIN duckdb_columns() AS o
                ON o.database_name = 'before' AND o.schema_name = 'main'
                AND o.table_name = c.table_name AND o.column_name = c.column_name
            WHERE (c.indicator IS NOT NULL OR c.inputs IS NOT NULL) AND NOT c.is_key
            ORDER BY c.table_name, c.position
            """
        )
        names = [column[0] for column in asked.description]
        found: dict[str, list[dict[str, Any]]] = {}
        for row in asked.fetchall():
            column = dict(zip(names, row, strict=True))
            mart = column["table_name"]
            wanted = _SERIES.get(mart, ((), None, ""))[1]
            is_number = column["data_type"].startswith(_NUMBERS) and column["column_name"] not in NO_FIGURES
            is_figure = is_number or column["column_name"] in JUDGEMENTS
            if mart not in NOT_COMPARED and is_figure and (wanted is None or column["column_name"] in wanted):
                found.setdefault(mart, []).append(column)
        return found

    def _find(self, mart: str, columns: list[dict[str, Any]]) -> None:
        """Note every cell of a mart that differs, and the provenance ids behind it on both sides."""
        key = self._key(mart)
        rows = max(
            self.sql.execute(f"SELECT count(*) FROM {side}.main.{quote_name(mart)}").fetchall()[0][0]
            for side in ("before", "after")
        )
        if key is None or rows > MAX_ROWS:
            self.left_out.append(f"{mart} ({rows:,} rows)" if key else f"{mart} (another key)")
            return
        only = _SERIES.get(mart, ((), None, "true"))[2]
        there = {
            side: {
                name for (name, *_) in self.sql.execute(f"DESCRIBE {side}.main.{quote_name(mart)}").fetchall()
            }
            for side in ("before", "after")
        }
        both = there["before"] & there["after"]
        has_origin = "data_origin" in both
        taken = [*(c["column_name"] for c in columns), *(["data_origin"] if has_origin else [])]
        period = _period_of(both, key)
        selects = {
            side: "SELECT true AS there, "
            + ", ".join(f"{quote_name(name)} AS k{n}" for n, name in enumerate(key))
            + f", {period} AS period_end, "
            + ", ".join(f"{quote_name(name)} AS v{n}" for n, name in enumerate(taken))
            + f" FROM {side}.main.{quote_name(mart)} WHERE {only}"
            for side in ("before", "after")
        }
        differs = [_differs(f"b.v{n}", f"a.v{n}", column["data_type"]) for n, column in enumerate(columns)]
        joined = " AND ".join(f"b.k{n} IS NOT DISTINCT FROM a.k{n}" for n in range(len(key)))
        self.sql.execute(
            "CREATE OR REPLACE TEMP TABLE pairs AS SELECT row_number() OVER () AS row_no,"
            + "".join(f" coalesce(a.k{n}, b.k{n}) AS k{n}," for n in range(len(key)))
            + "".join(f" b.v{n} AS b{n}, a.v{n} AS a{n}," for n in range(len(taken)))
            + " coalesce(a.period_end, b.period_end) AS period_end, b.there AS was, a.there AS is_"
            + f" FROM ({selects['before']}) AS b FULL JOIN ({selects['after']}) AS a ON {joined}"
            + f" WHERE {' OR '.join(differs)}"
        )
        if self.sql.execute("SELECT count(*) FROM pairs").fetchall() == [(0,)]:
            return
        text = " || ', ' || ".join(
            f"{quote_literal(name + '=')} || coalesce(k{n}::VARCHAR, '')" for n, name in enumerate(key)
        )
        origins = [f"{side}{len(taken) - 1} = 'demo'" for side in "ba"] if has_origin else ["false"]
        expressions = list(dict.fromkeys((c["inputs_before"], c["inputs_after"]) for c in columns))
        for n, column in enumerate(columns):
            expression = expressions.index((column["inputs_before"], column["inputs_after"]))
            self.sql.execute(
                f"""
                INSERT INTO cells
                SELECT $mart, row_no, {expression}, {text}, $column, $indicator,
                    CASE WHEN b{n} IS NULL THEN 'added' WHEN a{n} IS NULL THEN 'removed' ELSE 'changed' END,
                    b{n}::VARCHAR, a{n}::VARCHAR, period_end, coalesce({" OR ".join(origins)}, false)
                FROM pairs WHERE {_differs(f"b{n}", f"a{n}", column["data_type"])}
                """,
                {"mart": mart, "column": column["column_name"], "indicator": column["indicator"]},
            )
        for n, (before, after) in enumerate(expressions):
            for side, inputs in (("before", before), ("after", after)):
                if inputs:
                    self._keep_ids(mart, side, n, inputs, key, only)

    def _key(self, mart: str) -> tuple[str, ...] | None:
        """The columns that name a row; None where the two releases differ in them."""
        if mart in _SERIES:
            return _SERIES[mart][0]
        before, after = (self._keys.get((side, mart)) for side in ("before", "after"))
        return tuple(after) if after and before == after else None

    @cached_property
    def _keys(self) -> dict[tuple[str, str], list[str]]:
        found = self.sql.execute(
            " UNION ALL ".join(
                f"SELECT '{side}', table_name, list(column_name ORDER BY position) FROM {side}.meta.columns"
                " WHERE is_key GROUP BY table_name"
                for side in ("before", "after")
            )
        ).fetchall()
        return {(side, mart): columns for side, mart, columns in found}

    def _keep_ids(
        self, mart: str, side: str, expression: int, inputs: str, key: Sequence[str], only: str
    ) -> None:
        """The ids behind the rows that differ, as their release's dictionary says them: SQL over the row, called `this`."""
        named = ", ".join(f"this.{quote_name(name)} AS k{n}" for n, name in enumerate(key))
        joined = " AND ".join(
            f"this.{quote_name(name)} IS NOT DISTINCT FROM pairs.k{n}" for n, name in enumerate(key)
        )
        again = " AND ".join(f"found.k{n} IS NOT DISTINCT FROM pairs.k{n}" for n in range(len(key)))
        self.sql.execute(f"USE {side}")  # other marts that the inputs name are those of the same release
        try:
            self.sql.execute(
                f"""
                INSERT INTO temp.ids
                SELECT DISTINCT
                    {quote_literal(mart)}, pairs.row_no, {expression}, '{side}', unnest(string_split(found.ids, ';'))
                FROM (
                    SELECT {named}, concat_ws(';', {inputs}) AS ids FROM {quote_name(mart)} AS this
                    SEMI JOIN temp.pairs ON {joined} WHERE {only}
                ) AS found
                INNER JOIN temp.pairs AS pairs ON {again}
                """
            )
        finally:
            self.sql.execute("USE memory")

    # ── and why ────────────────────────────────────────────────────────────────────────────────────────────────

    def _keep_inputs(self, side: str, inputs: Sequence[Mapping[str, Any]]) -> None:
        rows = [
            (side, beginning, entry["source"], entry["document"], entry["sha256"])
            for beginning, entry in documents_of(inputs).items()
        ]
        columns = ("side", "beginning", "source_id", "document", "sha256")
        frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        write_frame(self.sql, "incoming", frame)
        self.sql.execute("INSERT INTO inputs SELECT * FROM incoming")

    def _explained(self) -> pl.DataFrame:
        self.sql.execute(_PRINTS)
        asked = self.sql.execute(_EVIDENCE)
        names = [column[0] for column in asked.description]
        rows = [self._explain(dict(zip(names, row, strict=True))) for row in asked.fetchall()]
        order = list(REASONS)
        rows.sort(
            key=lambda row: (
                not (row["is_critical"] and _is_mystery(row)),
                not row["is_critical"],
                -order.index(row["why"]) if row["is_critical"] else order.index(row["why"]),
                row["mart"],
                row["key"],
            )
        )
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")

    def _explain(self, cell: dict[str, Any]) -> dict[str, Any]:
        end, then = cell["period_end"], date.fromisoformat(self.then["as_of_date"])
        is_past = end is not None and end < then
        why, evidence = next(
            (why, evidence) for why, evidence in self._reasons(cell, is_past) if evidence is not None
        )
        is_excused = why in HARMLESS or (why == "related" and cell["column_name"] in RELATIVE)
        found = {name: cell[name] for name in SCHEMA if name in cell}
        return found | {"why": why, "evidence": evidence or None, "is_critical": is_past and not is_excused}

    def _reasons(self, cell: dict[str, Any], is_past: bool) -> Iterator[tuple[str, str | None]]:
        """Every reason in order, with its evidence; None where it does not apply."""
        mart = cell["mart"]
        switched = self.then.get("demo") != self.now["demo"] if "demo" in self.then else False
        involved = cell["is_demo"] or cell["demo_print"]
        yield (
            "demo",
            (f"demo {_on(self.then['demo'])} → {_on(self.now['demo'])}" if switched and involved else None),
        )
        for why in ("restated", "new_vintage", "new_source", "correction", "withdrawn"):
            yield why, cell[why]
        yield (
            "parameter",
            self._parameters if self._parameters and self._feeds(mart, _PARAMETER_TABLES) else None,
        )
        codes = (self.then["code_version"], self.now["code_version"])
        yield "code", " → ".join(codes) if codes[0] != codes[1] else None
        days = (self.then["as_of_date"], self.now["as_of_date"])
        ages = not is_past or cell["column_name"] in AGEING.get(mart, ())
        yield (
            "day",
            " → ".join(days) if days[0] != days[1] and ages and self._feeds(mart, {"night"}) else None,
        )
        yield "decision", self._decisions if self._feeds(mart, {"link_decisions"}) else None
        yield "catalogue", self._catalogue if self._feeds(mart, {"sources"}) else None
        documents = [
            document
            for dataset, named in self._documents.items()
            if self._feeds(mart, {dataset})
            for document in named
        ]
        yield "related", ", ".join(documents[:3]) + " …" * (len(documents) > 3) if documents else None
        yield "demo", "demo switched" if switched else None
        yield "unexplained", ""

    def _feeds(self, mart: str, tables: frozenset[str] | set[str]) -> bool:
        return mart not in self.feeds or bool(self.feeds[mart] & tables)

    @cached_property
    def _parameters(self) -> str | None:
        before, after = self.then.get("parameters", {}), self.now["parameters"]
        changed = [code for code in sorted({*before, *after}) if before.get(code) != after.get(code)]
        shown = ", ".join(f"{code}: {before.get(code)} → {after.get(code)}" for code in changed[:3])
        return shown + " …" * (len(changed) > 3) if changed else None

    @cached_property
    def _decisions(self) -> str | None:
        """Decisions on listed names that only one of the releases has."""
        tables = self.sql.execute(
            "SELECT database_name FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'link_decision'"
        ).fetchall()
        if len(tables) < 2:
            return None
        ids = "SELECT concat_ws(' ', list_id, choice, verdict) FROM {}.main.link_decision"
        return self._only_in_one(ids)

    @cached_property
    def _catalogue(self) -> str | None:
        return self._only_in_one(
            "SELECT concat_ws(' ', source_id, dataset, 'tier', tier, data_origin) FROM {}.meta.sources"
        )

    def _only_in_one(self, select: str) -> str | None:
        before, after = select.format("before"), select.format("after")
        found = self.sql.execute(
            f"(({before}) EXCEPT ({after})) UNION (({after}) EXCEPT ({before})) ORDER BY 1 LIMIT 3"
        ).fetchall()
        return ", ".join(text for (text,) in found) or None

    @cached_property
    def _documents(self) -> dict[str, list[str]]:
        """Documents that only one of the releases rests on, by dataset."""
        found = self.sql.execute(
            """
            SELECT sources.dataset, list(DISTINCT changed.document ORDER BY changed.document)
            FROM (
                SELECT source_id, document, sha256 FROM inputs
                GROUP BY ALL HAVING count(DISTINCT side) = 1
            ) AS changed
            INNER JOIN (
                SELECT source_id, dataset FROM before.meta.sources UNION SELECT source_id, dataset FROM after.meta.sources
            ) AS sources USING (source_id)
            GROUP BY ALL
            """
        ).fetchall()
        return dict(found)


def _differs(before: str, after: str, kind: str) -> str:
    """Numbers are the same up to their ninth digit: sums of many threads differ in the last."""
    if kind.startswith(("DOUBLE", "FLOAT")):
        return (
            f"({before} IS DISTINCT FROM {after} AND coalesce(abs({before} - {after})"
            f" > 1e-9 * greatest(abs({before}), abs({after})), true))"
        )
    return f"{before} IS DISTINCT FROM {after}"


def _period_of(columns: set[str], key: Sequence[str]) -> str:
    """SQL for the last day of the period that a row speaks of, null where it speaks of none."""
    if "period_end" in columns:
        return "period_end"
    name = next((name for name in ("period", "year", "as_of") if name in key), None)
    return f"period_end_of({quote_name(name)}::VARCHAR)" if name else "NULL::DATE"


def _is_mystery(row: Mapping[str, Any]) -> bool:
    return bool(row["why"] == "unexplained")


def _sentence(row: Mapping[str, Any]) -> str:
    return (
        f"{row['mart']}.{row['column_name']} ({row['key']}): {_shown(row['before'])} → {_shown(row['after'])},"
        f" {REASONS[row['why']][1]}" + (f" {row['evidence']}" if row["evidence"] else "")
    )


def _shown(value: str | None) -> str:
    return "nothing" if value is None else value


def _on(demo: bool) -> str:
    return "on" if demo else "off"


# 2024, 2024-06, 2024-06-30, 2024H1, 2024Q1-Q3, 2022-01..2022-11
_PERIOD_END = r"""
CREATE TEMP MACRO period_end_of(p) AS CASE
    WHEN regexp_full_match(p, '\d{4}') THEN try_cast(p || '-12-31' AS DATE)
    WHEN regexp_full_match(p, '\d{4}-\d{2}-\d{2}') THEN try_cast(p AS DATE)
    WHEN regexp_full_match(p, '(\d{4}-\d{2}\.\.)?\d{4}-\d{2}') THEN last_day(try_cast(right(p, 7) || '-01' AS DATE))
    WHEN regexp_full_match(p, '\d{4}H[12]')
        THEN last_day(try_cast(left(p, 4) || '-' || (right(p, 1)::INTEGER * 6)::VARCHAR || '-1' AS DATE))
    WHEN regexp_full_match(p, '\d{4}Q([1-4]-Q)?[1-4]')
        THEN last_day(try_cast(left(p, 4) || '-' || (right(p, 1)::INTEGER * 3)::VARCHAR || '-1' AS DATE))
END
"""

_TABLES = """
CREATE TEMP TABLE cells (
    mart VARCHAR, row_no BIGINT, expression INTEGER, key VARCHAR, column_name VARCHAR, indicator VARCHAR, kind VARCHAR,
    before VARCHAR, after VARCHAR, period_end DATE, is_demo BOOLEAN
);
CREATE TEMP TABLE ids (mart VARCHAR, row_no BIGINT, expression INTEGER, side VARCHAR, id VARCHAR);
CREATE TEMP TABLE inputs (side VARCHAR, beginning VARCHAR, source_id VARCHAR, document VARCHAR, sha256 VARCHAR)
"""

# What stands behind each figure: a print is what was printed, wherever in whichever file it stands now, so that a file that
# comes again with its rows moved brings no new print. A register's rows are not listed: there the file's row is the print.
_PRINTS = """
CREATE TEMP TABLE known AS
SELECT side, provenance_id AS id, source_id, source_sha256, source_locator, data_origin, value_text,
    concat_ws(' ', '“' || value_text || '”', unit_text, about, vintage_text, published_on::VARCHAR, origin_title) AS said,
    CASE WHEN about IS NOT NULL THEN concat_ws(' ', about, vintage_text, published_on::VARCHAR, origin_title) END AS heading
FROM (
    SELECT 'before' AS side, * FROM before.meta.provenance
    UNION ALL BY NAME
    SELECT 'after' AS side, * FROM after.meta.provenance
);

-- what a source printed and prints no more, under which heading: another number there now was put in its place in silence
CREATE TEMP TABLE gone AS
SELECT source_id, said, heading, value_text FROM known AS old
ANTI JOIN (SELECT source_id, said FROM known WHERE side = 'after') AS new
    ON old.source_id = new.source_id AND old.said = new.said
WHERE old.side = 'before';

CREATE TEMP TABLE prints AS
SELECT ids.mart, ids.row_no, ids.expression, ids.side,
    coalesce(known.source_id, inputs.source_id) AS source_id,
    coalesce(known.source_sha256, inputs.sha256) AS sha256,
    coalesce(known.source_locator, substring(ids.id, strpos(ids.id, ':') + 1)) AS locator,
    coalesce(known.data_origin = 'demo', false) AS is_demo,
    coalesce(known.said, ids.id) AS said,
    known.heading,
    inputs.document
FROM ids
LEFT JOIN known ON ids.side = known.side AND ids.id = known.id
LEFT JOIN inputs ON ids.side = inputs.side AND split_part(ids.id, ':', 1) = inputs.beginning
WHERE ids.id <> '';

CREATE TEMP TABLE differing AS
SELECT mine.*,
    other.source_id IS NOT NULL AS source_on_both,
    held.sha256 IS NOT NULL AS is_held_on_both,
    renewed.source_id IS NOT NULL AS is_renewed,
    -- of a print that the provenance does not list, only its document can be said to be gone
    mine.heading IS NULL OR EXISTS (
        SELECT 1 FROM gone WHERE gone.source_id = mine.source_id AND gone.said = mine.said
    ) AS is_gone,
    restated.was
FROM prints AS mine
LEFT JOIN (SELECT DISTINCT mart, row_no, expression, side, source_id FROM prints) AS other
    ON mine.mart = other.mart AND mine.row_no = other.row_no AND mine.expression = other.expression
    AND mine.side <> other.side AND mine.source_id = other.source_id
LEFT JOIN (SELECT DISTINCT side, sha256 FROM inputs) AS held ON mine.side <> held.side AND mine.sha256 = held.sha256
LEFT JOIN (
    SELECT DISTINCT source_id FROM inputs AS newer
    WHERE side = 'after' AND sha256 NOT IN (SELECT sha256 FROM inputs WHERE side = 'before')
) AS renewed ON mine.source_id = renewed.source_id
LEFT JOIN (
    SELECT source_id, heading, string_agg(DISTINCT value_text, ' / ' ORDER BY value_text) AS was FROM gone
    WHERE heading IS NOT NULL GROUP BY ALL
) AS restated ON mine.side = 'after' AND mine.source_id = restated.source_id AND mine.heading = restated.heading
ANTI JOIN prints AS same
    ON mine.mart = same.mart AND mine.row_no = same.row_no AND mine.expression = same.expression
    AND mine.side <> same.side AND mine.said = same.said AND mine.source_id IS NOT DISTINCT FROM same.source_id;

CREATE TEMP TABLE corrected AS
SELECT source_sha256, source_locator, correction_id || ' ' || min(turned) AS turned
FROM (
    SELECT source_sha256, source_locator, correction_id, 'is no longer applied' AS turned
    FROM before.meta.corrections AS old
    ANTI JOIN after.meta.corrections AS new
        ON new.state = 'applied' AND old.correction_id = new.correction_id AND old.used IS NOT DISTINCT FROM new.used
    WHERE old.state = 'applied'
    UNION ALL
    SELECT source_sha256, source_locator, correction_id, 'is newly applied'
    FROM after.meta.corrections AS new
    ANTI JOIN before.meta.corrections AS old
        ON old.state = 'applied' AND old.correction_id = new.correction_id AND old.used IS NOT DISTINCT FROM new.used
    WHERE new.state = 'applied'
) GROUP BY source_sha256, source_locator, correction_id
"""

_EVIDENCE = """
WITH shown AS (
    SELECT *, concat_ws(' ', document, locator, CASE WHEN said NOT LIKE '%:%' OR said LIKE '“%' THEN said END) AS place
    FROM differing
),
reasons AS (
    SELECT mart, row_no, expression,
        bool_or(is_demo) AS demo_print,
        coalesce(
            min(place) FILTER (side = 'after' AND NOT is_held_on_both AND sha256 IS NOT NULL AND source_on_both),
            min(place || ' is no longer printed')
                FILTER (side = 'before' AND NOT is_held_on_both AND sha256 IS NOT NULL AND is_renewed AND is_gone)
        ) AS new_vintage,
        min('“' || was || '” → ' || place)
            FILTER (side = 'after' AND NOT is_held_on_both AND sha256 IS NOT NULL AND source_on_both) AS restated,
        min(place) FILTER (side = 'after' AND NOT is_held_on_both AND sha256 IS NOT NULL AND NOT source_on_both) AS new_source,
        min(place) FILTER (side = 'before' AND NOT is_held_on_both AND sha256 IS NOT NULL AND NOT is_renewed) AS withdrawn
    FROM shown GROUP BY ALL
),
corrections AS (
    SELECT prints.mart, prints.row_no, prints.expression, min(corrected.turned) AS correction
    FROM prints
    INNER JOIN corrected ON prints.sha256 = corrected.source_sha256 AND prints.locator = corrected.source_locator
    GROUP BY ALL
)
SELECT cells.mart, cells.key, cells.column_name, cells.indicator, cells.kind, cells.before, cells.after,
    cells.period_end, cells.is_demo, coalesce(reasons.demo_print, false) AS demo_print,
    reasons.restated, reasons.new_vintage, reasons.new_source, corrections.correction, reasons.withdrawn
FROM cells
LEFT JOIN reasons USING (mart, row_no, expression)
LEFT JOIN corrections USING (mart, row_no, expression)
ORDER BY cells.mart, cells.key, cells.column_name
"""
