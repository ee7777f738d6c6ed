"""Running the nightly job in this process, and what is said of sources outside a night. Stages are in night.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from orchestration import prepare, workers
from orchestration.night import Ending, write_crash
from orchestration.settings import Settings, project_version
from warehouse.home import HomeBusy, night_holder


def run_nightly(settings: Settings, listener: Callable[[str, str, float | None], None]) -> Ending:
    """Execute the Dagster job on the home's own instance, so that the run is seen in the UI; return how it ended.

    However it ends, a report of it stands in the home.

    Raises:
        HomeBusy: another night is running in this home.
    """
    settings.home.ensure()
    if holder := night_holder(settings.home):
        raise HomeBusy(settings.home, holder)
    try:
        return _run(settings, listener)
    except Exception as error:
        # outside Dagster's run, or before it had one: the reason must stand where every night's does
        write_crash(settings, None, error)
        raise


def _run(settings: Settings, listener: Callable[[str, str, float | None], None]) -> Ending:
    settings.to_environment()
    os.environ["DAGSTER_HOME"] = prepare.instance_folder(settings.home)

    if _will_build(settings):
        workers.SUITES.start()  # what takes longest to import begins before anything else is imported

    import dagster as dg
    import sqlalchemy

    from orchestration import resources
    from orchestration.definitions import build_definitions

    resources.stage_listeners.append(listener)
    try:
        definitions = build_definitions(settings)
        with dg.DagsterInstance.get() as instance:
            prepare.end_dead_runs(settings.home, instance)
            result = definitions.resolve_job_def("nightly").execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
    except (
        sqlalchemy.exc.OperationalError
    ) as error:  # such as on a full disk; of other faults the trace is worth keeping
        raise OSError(
            f"Dagster's history in {settings.home.dagster} cannot be written: {error.orig}"
        ) from error
    finally:
        resources.stage_listeners.remove(listener)
        workers.stop_all()
    return _ending(settings, result)


def _will_build(settings: Settings) -> bool:
    """Whether a release is due whatever the sources hold: for new code, for a new day, or because there is none."""
    from warehouse.release import ReleaseError, current_release

    try:
        current = current_release(settings.home)
    except ReleaseError:
        return True
    return current is None or (current.manifest.get("code_version"), current.manifest.get("as_of_date")) != (
        project_version(),
        settings.today.isoformat(),
    )


def _ending(settings: Settings, result: Any) -> Ending:
    """How the night says it ended; where it could not say, what Dagster saw."""
    from orchestration import resources

    told = resources.endings.pop(result.run_id, None)
    if told and not (told.outcome == "crashed" and not told.message):
        return told
    failures = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    failures += [event.job_failure_data.error for event in result.all_events if event.is_job_failure]
    message = "; ".join(error.to_string() for error in failures if error) or "the night ended before it began"
    if night_holder(settings.home):  # the other night tells of itself
        return Ending("crashed", message, None, (), result.run_id, "")
    return write_crash(settings, result.run_id, message)


def describe_sources(settings: Settings) -> list[dict[str, Any]]:
    """One row per source of the catalogue: its last look, how much stands, and whether its publisher is overdue."""
    from ingest.landing import Landing
    from warehouse.reader import run_query
    from warehouse.release import current_release

    landing = Landing(settings.home.landing)
    release = current_release(settings.home)
    standing = {}
    if release:
        frame = run_query(release, "select source_id, state, message, published_to, rows from meta.sources")
        standing = {row["source_id"]: row for row in frame.iter_rows(named=True)}
    rows = []
    for source in settings.catalogue().sources:
        look = landing.last_look(source.id)
        known = standing.get(source.id, {})
        state = known.get("state") or ("not in the current release" if source.enabled else "disabled")
        newest = known.get("published_to")
        if known and source.is_overdue(newest, settings.today):
            state += ", overdue"
        if look and not look.ok:
            state += f", last look failed: {look.error}"
        rows.append(
            {
                "source_id": source.id,
                "title_zh": source.title_zh,
                "publisher_zh": source.publisher_zh,
                "dataset": source.dataset,
                "data_origin": source.data_origin,
                "is_transcription": source.transcription,
                "enabled": source.enabled,
                "cadence": source.cadence,
                "last_look": look.at if look else None,
                "documents": len(look.sha256s) if look else 0,
                "rows": known.get("rows"),
                "published_to": newest,
                "state": state,
                "message": known.get("message"),
            }
        )
    return rows
