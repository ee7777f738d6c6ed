"""The release as an asset, downstream of every mart. What a release is, warehouse/release.py says."""

from typing import Any

import dagster as dg

from orchestration.assets.keys import RELEASE
from orchestration.night import NightBlocked
from orchestration.resources import NightResource


def release_asset(mart_keys: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """Sealed only when nothing critical failed in this run, whatever the scheduler made of it."""

    @dg.asset(
        key=RELEASE,
        deps=mart_keys,
        group_name="release",
        kinds={"duckdb", "parquet"},
        description="The marts as readers get them: marts.duckdb, Parquet twins, manifest and reports.",
    )
    def publish(night: dg.ResourceParam[NightResource]) -> dg.MaterializeResult[Any]:
        try:
            published = night.night.publish()
        except NightBlocked as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={
                "release": published.id,
                "path": dg.MetadataValue.path(published.path),
                "report": dg.MetadataValue.path(published.path / "reports" / "night.html"),
                "warnings": len(published.manifest["warnings"]),
                "marts": len(published.manifest["marts"]),
            }
        )

    return publish
