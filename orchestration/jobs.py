"""The job, its schedule and the sensor on the inbox. What a run does is said by the assets."""

import hashlib

import dagster as dg

from orchestration.settings import Settings

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Fetch, take, build, audit, publish.",
    executor_def=dg.in_process_executor,
    tags={"dagster/max_retries": "0"},
)

every_night = dg.ScheduleDefinition(
    name="every_night",
    job=nightly,
    cron_schedule="0 2 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


@dg.sensor(job=nightly, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A run whenever the files in the inbox are others than last time; files still being written are left for later."""
    folder = Settings.from_environment().home.inbox
    now = context.cursor or ""
    files = sorted(
        path for path in folder.glob("**/*") if path.is_file() and not path.name.startswith((".", "~$"))
    )
    seen = [(path.relative_to(folder).as_posix(), path.stat()) for path in files]
    text = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in seen)
    # a name need not be UTF-8: that of a file of a Chinese Windows is read by whoever takes the file
    state = hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest() if seen else ""
    settled, _, waiting = now.partition("|")
    if state == settled:
        return dg.SkipReason("the inbox is as it was")
    if state != waiting:  # seen for the first time: look once more, so that no half-copied file is taken
        context.update_cursor(f"{settled}|{state}")
        return dg.SkipReason("the inbox is changing")
    context.update_cursor(state)
    return dg.RunRequest()
