"""The raw tables: columns, types and fields of every dataset. What a column means to the plan is not said here.

One dataset may be fed by many sources in many shapes; their rows all end in the columns declared below. A *field* is
what a layout points at ("area", "value"); a column is what lands in raw ("area_text", "area_id"). Printed text is kept
beside every parsed value, so that nothing printed is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

TEXT, NUMBER, DATE, FLAG, INTEGER = pl.String, pl.Float64, pl.Date, pl.Boolean, pl.Int64

DUCKDB_TYPES = {TEXT: "VARCHAR", NUMBER: "DOUBLE", DATE: "DATE", FLAG: "BOOLEAN", INTEGER: "BIGINT"}

PROVENANCE: dict[str, type[pl.DataType]] = {
    "row_id": TEXT,  # "<first 12 of sha256>:<locator>", so that a person can read it
    "source_id": TEXT,
    "source_sha256": TEXT,
    "source_locator": TEXT,
    "data_origin": TEXT,
    "published_on": DATE,
    "snapshot_on": DATE,
}


@dataclass(frozen=True)
class Field:
    """One thing that a layout may point a column at.

    kind names the caster in ``parsers.cast``; vocabulary is the word list of kind "word" in ``vocabularies.yml``.
    """

    name: str
    kind: str
    required: bool = False
    vocabulary: str | None = None
    within: tuple[float, float] | None = None  # of a percentage: what it cannot be outside of
    parts: tuple[
        str, ...
    ] = ()  # of a company's name, kept beside it where names are linked: company_names.PARTS


@dataclass(frozen=True)
class Dataset:
    """A raw table: its fields, in the order in which their columns stand."""

    name: str
    fields: tuple[Field, ...]
    located_by: str | None = None  # the field whose cell is the row's address; None: the whole row

    @property
    def columns(self) -> dict[str, type[pl.DataType]]:
        """Every raw column with its type, the row's own first and its provenance last."""
        own: dict[str, type[pl.DataType]] = {}
        for field in self.fields:
            own.update(columns_of(field))
        return {name: dtype for name, dtype in own.items() if name not in PROVENANCE} | PROVENANCE

    @property
    def duckdb_columns(self) -> dict[str, str]:
        return {name: DUCKDB_TYPES[dtype] for name, dtype in self.columns.items()}


def columns_of(field: Field) -> dict[str, type[pl.DataType]]:
    """The raw columns that one field fills."""
    name = field.name
    match field.kind:
        case "text":
            return {name: TEXT}
        case "word":
            return {f"{name}_text": TEXT, name: TEXT}
        case "flag":
            return {name: FLAG}
        case "number":
            return {name: NUMBER}
        case "integer":
            return {name: INTEGER}
        case "percent":
            return {f"{name}_text": TEXT, f"{name}_pct": NUMBER}
        case "quantity":
            return {"value_text": TEXT, "unit_text": TEXT, "operator": TEXT, "value": NUMBER, "unit": TEXT}
        case "date":
            return {name: DATE}
        case "partial_date":
            return {f"{name}_text": TEXT, f"{name}_on": DATE, f"{name}_precision": TEXT}
        case "period":
            return {
                "period_text": TEXT,
                "period_id": TEXT,
                "period_start": DATE,
                "period_end": DATE,
                "period_kind": TEXT,
                "is_cumulative": FLAG,
            }
        case "area":
            return {f"{name}_text": TEXT, f"{name}_id": TEXT, f"{name}_scope_note": TEXT}
        case "company":
            parts: dict[str, type[pl.DataType]] = {f"{name}_{part}": TEXT for part in field.parts}
            return {f"{name}_text": TEXT, f"{name}_normalised": TEXT} | parts
        case "credit_code":
            return {f"{name}_text": TEXT, name: TEXT, f"{name}_fault": TEXT}
        case "indicator":
            return {"indicator_text": TEXT, "indicator_code": TEXT}
        case "ledger_line":
            return {f"{name}_text": TEXT, "body_id": TEXT, "task_id": TEXT, "action_id": TEXT}
    raise ValueError(f"field {name}: no kind {field.kind!r}")


def _dataset(name: str, *fields: Field, located_by: str | None = None) -> Dataset:
    return Dataset(name, fields, located_by)


REGISTER_PARTS = ("core", "form", "places")
LISTED_PARTS = ("plain", "aside", "parent", *REGISTER_PARTS)

ORIGIN = (
    Field("origin_title", "text"),
    Field("origin_url", "text"),
    Field("published", "partial_date"),
)

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        _dataset(
            "indicator_figures",
            Field("area", "area", required=True),
            Field("indicator", "indicator", required=True),
            Field("period", "period"),
            Field("value", "quantity"),
            Field("growth", "percent"),
            Field("growth_basis", "word", vocabulary="growth_basis"),
            Field("vintage", "word", vocabulary="vintage"),
            Field("source_tier", "word", required=True, vocabulary="source_tier"),
            Field("is_actual", "flag", required=True),
            Field("withheld_reason", "text"),
            Field("note", "text"),
            *ORIGIN,
            located_by="value",
        ),
        _dataset(
            "green_list_entries",
            Field("list_title", "text"),
            Field("tier", "word", required=True, vocabulary="green_tier"),
            Field("category", "word", required=True, vocabulary="green_category"),
            Field("batch", "text", required=True),
            Field("seq_text", "text"),
            Field("action", "word", required=True, vocabulary="green_action"),
            Field("status", "word", required=True, vocabulary="grant_status"),
            Field("effective", "partial_date"),
            Field("region_text", "text"),
            Field("county_area", "area"),
            Field("name", "company", required=True, parts=LISTED_PARTS),
            Field("new_name", "company", parts=("plain",)),
            Field("uscc", "credit_code"),
            Field("industry_text", "text"),
            Field("assessor_text", "text"),
            *ORIGIN,
        ),
        _dataset(
            "green_notices",
            Field("category", "word", required=True, vocabulary="green_category"),
            Field("batch", "text", required=True),
            *ORIGIN,
        ),
        _dataset(
            "green_attributions",
            Field("category", "word", required=True, vocabulary="green_category"),
            Field("tier", "word", required=True, vocabulary="green_tier"),
            Field("batch", "text", required=True),
            Field("name", "company", required=True),
            Field("city_area", "area", required=True),
            Field("county_area", "area"),
            Field("evidence_text", "text", required=True),
            Field("evidence_grade", "word", required=True, vocabulary="evidence_grade"),
        ),
        _dataset(
            "cluster_titles",
            Field("cluster_code", "text"),
            Field("cluster_name", "text"),
            Field("tier", "word", required=True, vocabulary="cluster_tier"),
            Field("batch", "text"),
            Field("city_text", "text", required=True),
            Field(
                "county_text", "text"
            ),  # as a list of the whole province prints it, counties of other cities too
            Field("area", "area"),
            Field("industry_text", "text"),
            Field("status", "word", required=True, vocabulary="grant_status"),
            Field("recognised", "partial_date"),
            Field("revoked_on", "date"),
            Field("land_area_km2", "number"),
            Field("carrier_text", "text"),
            Field("management_body", "text"),
            Field("leader_name", "company", parts=LISTED_PARTS),
            Field("leader_uscc", "credit_code"),
            Field("has_alliance", "flag"),
            Field("note", "text"),
            *ORIGIN,
        ),
        _dataset(
            "cluster_members",
            Field("cluster_code", "text", required=True),
            Field("uscc", "credit_code"),
            Field("name", "company", required=True, parts=LISTED_PARTS),
            Field("valid_from", "date", required=True),
            Field("valid_to", "date"),
            Field("evidence_text", "text"),
        ),
        _dataset(
            "enterprises",
            Field(
                "register", "partial_date"
            ),  # the day of which a hand-in speaks; without it, that of its retrieval
            Field("extent", "word", vocabulary="register_extent"),
            Field("uscc", "credit_code"),
            Field("name", "company", required=True, parts=REGISTER_PARTS),
            Field("former_name", "company", parts=REGISTER_PARTS),
            Field("enterprise_type", "text"),
            Field("status", "word", required=True, vocabulary="enterprise_status"),
            Field("established_on", "date"),
            Field("cancelled_on", "date"),
            Field("capital_text", "text"),
            Field("authority_code", "text"),
            Field("area", "area"),
            Field("industry_code", "text"),
            Field("is_two_high", "flag"),
            Field("successor", "credit_code"),
        ),
        _dataset(
            "above_scale_frame",
            Field("uscc", "credit_code", required=True),
            Field("name", "company", required=True),
            Field("area", "area"),
            Field("industry_code", "text"),
            Field("entered_on", "date", required=True),
            Field("exited_on", "date"),
        ),
        _dataset(
            "digital_assessments",
            Field("uscc", "credit_code", required=True),
            Field("name", "company", required=True),
            Field("assessed_on", "date", required=True),
            Field("level", "word", required=True, vocabulary="digital_level"),
            Field("score", "number"),
            Field("scheme_text", "text"),
        ),
        _dataset(
            "plan_records",
            Field("subject_code", "text", required=True),
            Field("item", "word", required=True, vocabulary="plan_record_item"),
            Field("value_text", "text"),
            Field("effective_on", "date", required=True),
            Field("until_on", "date"),
            Field("document_no", "text"),
            Field("document_on", "date"),
            Field("note", "text"),
        ),
        _dataset(
            "programme_entries",
            Field("programme", "word", required=True, vocabulary="programme"),
            Field("entry_code", "text", required=True),
            Field("title", "text"),
            Field("year", "integer"),
            Field("dated_on", "date"),
            Field("stage", "word", vocabulary="project_stage"),
            Field("cluster_code", "text"),
            Field("area", "area"),
            Field("industry_text", "text"),
            Field("name", "company"),
            Field("uscc", "credit_code"),
            Field("is_eligible", "flag"),
            Field("library_no", "text"),
            Field("note", "text"),
        ),
        _dataset(
            "ledger_returns",
            Field("line", "ledger_line", required=True),
            Field("body_text", "text"),
            Field("period", "period", required=True),
            Field("planned", "percent", within=(0, 100)),
            Field("reported", "percent", within=(0, 100)),
            Field("due_on", "date"),
            Field("submitted_on", "date"),
            Field("evidence_text", "text"),
            Field("remark", "text"),
            Field("stamp", "text"),  # what a form says of itself: plan version, body and month
        ),
    )
}
