"""What must be there before anything runs: dbt's manifest for this code, and Dagster's instance in the home."""

from __future__ import annotations

from typing import Any

from orchestration import dbt, workers
from warehouse.home import Home

INSTANCE = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: {skipped: 7, success: 90, failure: 90}
"""


def manifest(home: Home) -> dict[str, Any]:
    """dbt's manifest, parsed anew only when the project has changed."""
    if not dbt.manifest_is_current():
        home.ensure()
        workers.DBT.submit(dbt.parse, home.build).result()
    return dbt.load_manifest()


def instance_folder(home: Home) -> str:
    """Dagster's own folder under the home, with its configuration: no telemetry, one run at a time."""
    home.ensure()
    file = home.dagster / "dagster.yaml"
    if not file.exists() or file.read_text(encoding="utf-8") != INSTANCE:
        file.write_text(INSTANCE, encoding="utf-8")
    return str(home.dagster)
