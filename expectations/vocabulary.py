"""The words that columns may hold. How they are printed, and recognised in print, is settled in ingest."""

from __future__ import annotations

from warehouse.words import RAG_OF_STATUS as RAG_OF_STATUS

DATA_ORIGINS = ("published", "submitted", "demo")

UNITS = ("100m_cny", "cny", "count", "pct", "pp", "km2", "ratio")
OPERATORS = ("eq", "gt", "ge", "lt", "le", "approx")
VINTAGES = (
    "census_revised",
    "verified",
    "yearbook",
    "feedback",
    "preliminary",
    "press",
    "secondary",
    "estimate",
    "target",
    "proposed",
    "doubtful",
)
SOURCE_TIERS = ("O", "P", "M", "E")
GROWTH_BASES = ("constant", "current", "unstated")

GREEN_TIERS = ("national", "provincial", "municipal")
GREEN_CATEGORIES = ("factory", "park", "supply_chain")
GREEN_ACTIONS = ("add", "rename", "remove", "restore")
CLUSTER_TIERS = ("provincial", "municipal")
GRANT_STATUSES = ("granted", "proposed", "revoked")
LINK_STATES = ("by_code", "accepted", "decided", "review", "unmatched", "no_register", "rejected")
EVIDENCE_GRADES = ("register", "place_name", "page", "unverified")
ENTERPRISE_STATUSES = ("in_business", "cancelled", "revoked", "moved_out")
#: what stands for a sole trader's name, which is a person's
SOLE_TRADER_MASK = "个体工商户(名称不留存)"
DIGITAL_LEVELS = ("0", "1", "2", "3", "4")

PROGRESS_STATUSES = (
    "achieved",
    "basically_achieved",
    "on_track",
    "acceleration_needed",
    "limited_progress",
    "deterioration",
    "not_achieved",
    "not_due",
    "not_assessable",
    "no_data",
)

COMPLIANCE_RESULTS = ("pass", "violation", "unknown", "not_applicable")
RULE_SEVERITIES = ("error", "warn", "info")
LEDGER_STATUSES = (
    "done",
    "in_progress",
    "done_late",
    "due_soon",
    "behind",
    "overdue",
    "not_submitted",
    "not_assessable",
    "not_assignable",
)
OBLIGATION_STATUSES = ("done", "due_soon", "not_due", "overdue", "no_record")
CLAUSE_STATES = ("monitored", "reported", "not_monitorable", "no_content")
