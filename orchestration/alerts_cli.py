"""`blue-ledger alerts`: try the channels, see what is open and what was not delivered, deliver it. Rules are in alerts.py."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Annotated, Any

import typer

from orchestration.options import HomeOption, JsonOption, home_at

EXIT_NOT_DELIVERED = 1

app = typer.Typer(
    help="Who is told of a bad night, of overdue sources and of a stale release, and over which channel (alerts.yml).",
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
def test(
    channel: Annotated[str | None, typer.Option("--channel", help="Only this one.")] = None,
    home: HomeOption = None,
) -> None:
    """Send a test message to each channel. Exit 1 where one did not take it."""
    from orchestration import alert_channels, alerts

    place = home_at(home)
    settings = alerts.require(place)
    channels = [settings.channel(channel)] if channel else list(settings.channels)
    message = alerts.trial(place)
    answers = alert_channels.deliver_all([(one, message) for one in channels])
    for one, reason in zip(channels, answers, strict=True):
        print(f"{'failed' if reason else 'delivered':<9} {one.name}" + (f": {reason}" if reason else ""))
    if any(answers):
        raise typer.Exit(EXIT_NOT_DELIVERED)


@app.command("list")
def list_alerts(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The channels with their events, the alerts that last, and what waits for delivery."""
    from orchestration import alerts
    from orchestration.alert_settings import file_of

    place = home_at(home)
    settings = alerts.require(place)
    book = alerts.read(place)
    channels: list[dict[str, Any]] = [
        {
            "name": one.name,
            "type": one.type,
            "events": list(one.events),
            "variables": {name: bool(os.environ.get(name, "").strip()) for name in one.variables},
        }
        for one in settings.channels
    ]
    if as_json:
        content = {
            "file": str(file_of(place)),
            "channels": channels,
            "open": [asdict(entry) for entry in book.open],
            "undelivered": [asdict(entry) for entry in book.undelivered],
            "damage": book.damage,
        }
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return
    for one in channels:
        lacking = [name for name, is_set in one["variables"].items() if not is_set]
        note = f"  not set in this environment: {', '.join(lacking)}" if lacking else ""
        print(f"channel  {one['name']:<16} {one['type']:<9} {', '.join(one['events'])}{note}")
    for entry in book.open:
        print(f"open     {entry.event:<16} since {entry.since}  {entry.text}")
    for late in book.undelivered:
        print(
            f"waiting  {late.channel:<16} {late.event}, {late.attempts} tries: {late.last_error}  {late.text}"
        )
    if book.damage:
        print(f"warning: {book.damage}")
    print(
        f"{len(channels)} channels, {len(book.open)} open, {len(book.undelivered)} not delivered: {file_of(place)}"
    )


@app.command()
def flush(home: HomeOption = None) -> None:
    """Try once more to deliver what no channel took yet. Exit 1 where something still waits."""
    from orchestration import alerts

    place = home_at(home)
    problems = alerts.flush(place)
    for problem in problems:
        print(f"warning: {problem}")
    waiting = len(alerts.read(place).undelivered)
    print(f"{waiting} not delivered" if waiting else "nothing waits")
    if waiting:
        raise typer.Exit(EXIT_NOT_DELIVERED)
