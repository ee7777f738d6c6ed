"""The code location: all assets, the job, its schedule and sensor, for the catalogue that the environment names."""

import dagster as dg

from orchestration.assets.keys import node_key
from orchestration.assets.models import models_asset, seed_specs
from orchestration.assets.raw import raw_asset
from orchestration.assets.release import release_asset
from orchestration.assets.sources import sources_asset
from orchestration.jobs import every_night, inbox, nightly
from orchestration.marts import leaves_the_house
from orchestration.prepare import manifest
from orchestration.resources import NightResource
from orchestration.settings import Settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """One graph from the sources' locations to the release."""
    sources = settings.catalogue().enabled(demo=settings.demo)
    found = manifest(settings.home)
    marts = [node_key(node) for node in found["nodes"].values() if leaves_the_house(node)]
    return dg.Definitions(
        assets=[
            sources_asset(sources),
            raw_asset(sources),
            models_asset(found),
            release_asset(marts),
            *seed_specs(found),
        ],
        jobs=[nightly],
        schedules=[every_night],
        sensors=[inbox],
        resources={"night": NightResource()},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions(Settings.from_environment())
