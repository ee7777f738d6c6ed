"""Sources as assets: what stands at each publisher's location, landed. Nothing here reads what is in a file."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ingest.catalogue import Source
from orchestration.assets.keys import source_key
from orchestration.resources import NightResource


def sources_asset(sources: tuple[Source, ...]) -> dg.AssetsDefinition:
    """One asset per source. When nothing anywhere has changed, none is materialised and all that follows is skipped."""
    specs = [
        dg.AssetSpec(
            source_key(source.id),
            group_name="sources",
            description=f"{source.title_zh}\n\n{source.title_en}",
            skippable=True,
            kinds={source.connector},
            tags={"data_origin": source.data_origin, "cadence": source.cadence},
            metadata={
                "publisher": source.publisher_zh,
                "location": source.location,
                "licence": source.licence,
                "tier": source.tier,
            },
        )
        for source in sources
    ]

    @dg.multi_asset(specs=specs, name="fetch")
    def fetch(
        context: dg.AssetExecutionContext, night: dg.ResourceParam[NightResource]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        tonight = night.night
        if not tonight.fetch():
            context.log.info("nothing new: no source, no code and no day has changed")
            return
        for source in tonight.sources:
            look = tonight.landing.last_look(source.id)
            yield dg.MaterializeResult(
                asset_key=source_key(source.id),
                metadata={
                    "looked_at": look.at if look else "never",
                    "fetched": bool(look and look.ok),
                    "error": (look.error if look else None) or "none",
                    "documents": list(look.sha256s) if look else [],
                },
            )

    return fetch
