"""dbt's seeds and models as assets and its tests as checks, read from the manifest; marts carry their suite as a check too."""

from collections import defaultdict
from typing import Any

import dagster as dg

from orchestration.assets.keys import node_key, raw_key
from orchestration.assets.raw import CHECK
from orchestration.night import describe
from orchestration.resources import NightResource


def models_asset(manifest: dict[str, Any]) -> dg.AssetsDefinition:
    """One asset per seed and model. Which upstream a node has is what dbt says it has."""
    nodes = {id_: n for id_, n in manifest["nodes"].items() if n["resource_type"] in ("model", "seed")}
    keys = {id_: node_key(node) for id_, node in nodes.items()}
    keys |= {id_: raw_key(source["name"]) for id_, source in manifest["sources"].items()}
    specs = [
        dg.AssetSpec(
            keys[id_],
            deps=[keys[parent] for parent in node["depends_on"].get("nodes", []) if parent in keys],
            group_name=node["schema"],
            description=node["description"],
            kinds={"dbt", "duckdb"},
            metadata=_columns(node),
        )
        for id_, node in nodes.items()
    ]
    tests = {
        id_: node["attached_node"]
        for id_, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node.get("attached_node") in nodes
    }
    checks = [
        dg.AssetCheckSpec(manifest["nodes"][id_]["name"], asset=keys[model], description="dbt test")
        for id_, model in tests.items()
    ]
    mart_keys = {node["name"]: keys[id_] for id_, node in nodes.items() if node["schema"] == "marts"}
    checks += [dg.AssetCheckSpec(CHECK, asset=mart_keys[name]) for name in sorted(mart_keys)]

    @dg.multi_asset(specs=specs, check_specs=checks, name="build_and_audit")
    def build_and_audit(night: dg.ResourceParam[NightResource]):
        tonight = night.night
        results = {node.unique_id: node for node in tonight.transform()}
        tonight.audit()
        for id_, node in results.items():  # in the order in which dbt ran them, so parents come first
            if id_ not in nodes:
                continue
            rows = tonight.mart_rows.get(node.name) if nodes[id_]["schema"] == "marts" else None
            yield dg.MaterializeResult(
                asset_key=keys[id_],
                metadata={"seconds": node.seconds}
                | ({"dagster/row_count": rows} if rows is not None else {}),
            )
        for id_, model in tests.items():
            test = results[id_]
            yield dg.AssetCheckResult(
                asset_key=keys[model],
                check_name=test.name,
                passed=test.status == "pass",
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"status": test.status, "failing_rows": test.failures or 0},
            )
        found = defaultdict(list)
        for subject, result in tonight.suite_results:
            if result.subject_kind == "mart" and result.status != "passed":
                found[subject].append(result)
        for name in sorted(mart_keys):
            worst = [result for result in found[name] if result.severity == "critical"]
            yield dg.AssetCheckResult(
                asset_key=mart_keys[name],
                check_name=CHECK,
                passed=not found[name],
                severity=dg.AssetCheckSeverity.ERROR if worst else dg.AssetCheckSeverity.WARN,
                metadata={"failed": [describe(result) for result in found[name]]},
            )

    return build_and_audit


def _columns(node: dict[str, Any]) -> dict[str, Any]:
    columns = [
        dg.TableColumn(c["name"], c.get("data_type") or "", description=c.get("description"))
        for c in node["columns"].values()
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)} if columns else {}
