"""Asset keys: how sources, raw tables, models and the release are named. Keys of raw tables are dbt's source names."""

from typing import Any

import dagster as dg

RELEASE = dg.AssetKey(["release"])


def source_key(source_id: str) -> dg.AssetKey:
    return dg.AssetKey(["source", source_id])


def raw_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", table])


def node_key(node: dict[str, Any]) -> dg.AssetKey:
    """Seeds and models stand under the schema they are built in."""
    return dg.AssetKey([node["schema"], node["name"]])
