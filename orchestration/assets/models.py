"""dbt's models as assets and its tests as checks, read from the manifest; marts carry their suite as a check too."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.assets.keys import node_key, raw_key
from orchestration.assets.raw import CHECK
from orchestration.marts import leaves_the_house
from orchestration.resources import NightResource

TESTS = "dbt_tests"


def models_asset(manifest: dict[str, Any]) -> dg.AssetsDefinition:
    """One asset per model and per published table of the plan, its tests as one check. Upstream is what dbt says."""
    models = {
        id_: node
        for id_, node in manifest["nodes"].items()
        if node["resource_type"] == "model" or leaves_the_house(node)
    }
    keys = {id_: node_key(node) for id_, node in _relations(manifest).items()}
    keys |= {id_: raw_key(source["name"]) for id_, source in manifest["sources"].items()}
    specs = [
        dg.AssetSpec(
            keys[id_],
            deps=[keys[parent] for parent in node["depends_on"].get("nodes", ())],
            group_name=node["schema"],
            description=node["description"],
            kinds={"dbt", "duckdb"},
            metadata=_columns(node),
        )
        for id_, node in models.items()
    ]
    tested = sorted(
        {node["attached_node"] for node in manifest["nodes"].values() if node.get("attached_node") in models}
    )
    checks = [dg.AssetCheckSpec(TESTS, asset=keys[id_]) for id_ in tested]
    mart_keys = {node["name"]: keys[id_] for id_, node in models.items() if leaves_the_house(node)}
    checks += [dg.AssetCheckSpec(CHECK, asset=mart_keys[name]) for name in sorted(mart_keys)]

    @dg.multi_asset(specs=specs, check_specs=checks, name="build_and_audit")
    def build_and_audit(
        night: dg.ResourceParam[NightResource],
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        tonight = night.night
        results = {node.unique_id: node for node in tonight.transform()}
        tonight.audit()
        for id_, node in results.items():  # in the order in which dbt ran them, so parents come first
            if id_ in models:
                rows = tonight.mart_rows.get(node.name)
                yield dg.MaterializeResult(
                    asset_key=keys[id_],
                    metadata={"seconds": node.seconds}
                    | ({"dagster/row_count": rows} if rows is not None else {}),
                )
        failed = defaultdict(list)
        for node in results.values():
            if node.is_test and node.status != "pass":
                failed[node.tested].append(f"{node.name}: {node.message or node.status}")
        for id_ in tested:
            yield dg.AssetCheckResult(
                asset_key=keys[id_],
                check_name=TESTS,
                passed=not failed[id_],
                metadata={"failed": failed[id_]},
            )
        found = defaultdict(list)
        for subject, result in tonight.suite_results:
            if result.subject_kind == "mart" and result.status != "passed":
                found[subject].append(result)
        for name, key in sorted(mart_keys.items()):
            worst = [result for result in found[name] if result.severity == "critical"]
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=CHECK,
                passed=not found[name],
                severity=dg.AssetCheckSeverity.ERROR if worst else dg.AssetCheckSeverity.WARN,
                metadata={"failed": [result.in_one_line for result in found[name]]},
            )

    return build_and_audit


def seed_specs(manifest: dict[str, Any]) -> list[dg.AssetSpec]:
    """The city's tables that stay in the house: upstream of the models, written by people and not by the night."""
    return [
        dg.AssetSpec(
            node_key(node), group_name=node["schema"], description=node["description"], kinds={"csv"}
        )
        for node in _relations(manifest).values()
        if node["resource_type"] == "seed" and not leaves_the_house(node)
    ]


def _relations(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        id_: node for id_, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")
    }


def _columns(node: dict[str, Any]) -> dict[str, Any]:
    columns = [
        dg.TableColumn(c["name"], c.get("data_type") or "", description=c.get("description"))
        for c in node["columns"].values()
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)} if columns else {}
