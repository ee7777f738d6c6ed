"""Raw tables as assets: the accepted snapshots of each dataset, and whether each source's newest one was accepted."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ingest.catalogue import Source
from ingest.datasets import DATASETS
from orchestration.assets.keys import raw_key, source_key
from orchestration.night import NightBlocked
from orchestration.resources import NightResource

CHECK = "expectations"
CONTEXT_TABLES = {"night": "One row about this night.", "sources": "The catalogue, as analysts need it."}


def raw_asset(sources: tuple[Source, ...]) -> dg.AssetsDefinition:
    """One asset per dataset, fed by all its sources, with its suite as a check; and the two tables about the night."""
    feeding = {name: [source_key(s.id) for s in sources if s.dataset == name] for name in DATASETS}
    specs = [
        dg.AssetSpec(raw_key(name), deps=feeding[name], group_name="raw", kinds={"polars", "parquet"})
        for name in DATASETS
    ]
    specs += [
        dg.AssetSpec(
            raw_key(name), deps=[source_key(s.id) for s in sources], group_name="raw", description=text
        )
        for name, text in CONTEXT_TABLES.items()
    ]
    checks = [dg.AssetCheckSpec(CHECK, asset=raw_key(name)) for name in DATASETS]

    @dg.multi_asset(specs=specs, check_specs=checks, name="take")
    def take(
        night: dg.ResourceParam[NightResource],
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        tonight = night.night
        blocked = None
        try:
            tonight.take()
        except NightBlocked as error:
            blocked = error
        for name in DATASETS:
            stands = [s for s in tonight.standings if s.source.dataset == name]
            snapshots = [n for s in stands for n in s.snapshots]
            yield dg.MaterializeResult(
                asset_key=raw_key(name),
                metadata={
                    "dagster/row_count": sum(n.rows for n in snapshots),
                    "rejected": sum(n.rejected for n in snapshots),
                    "snapshots": [n.name for n in snapshots],
                    "standing": {s.source.id: s.message or s.state for s in stands},
                },
            )
            troubled = [f"{s.source.id}: {s.message}" for s in stands if s.state in ("old", "blocked")]
            yield dg.AssetCheckResult(
                asset_key=raw_key(name),
                check_name=CHECK,
                passed=not troubled,
                severity=dg.AssetCheckSeverity.ERROR
                if any(s.state == "blocked" for s in stands)
                else dg.AssetCheckSeverity.WARN,
                metadata={"refused": troubled},
            )
        if blocked:
            raise dg.Failure(str(blocked), allow_retries=False) from blocked
        for name in CONTEXT_TABLES:
            yield dg.MaterializeResult(asset_key=raw_key(name))

    return take
