"""The doctor: every fault that would spoil a night or mislead a reader is found, and nothing is mended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration import doctor
from orchestration.settings import Settings
from warehouse.home import Home, NightLock

pytestmark = pytest.mark.slow


def states(settings: Settings) -> dict[str, str]:
    return {finding.subject: finding.state for finding in doctor.examine(settings)}


def found(settings: Settings, subject: str) -> tuple[str, str]:
    [finding] = [finding for finding in doctor.examine(settings) if finding.subject == subject]
    return finding.state, finding.text


def today_id(age: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) - age).strftime("%Y%m%dT%H%M%SZ")


def test_a_sound_home_has_nothing_bad(settings, publish):
    publish(today_id())
    answer = states(settings)
    assert "bad" not in answer.values()
    assert {name: answer[name] for name in ("catalogue", "home", "lock", "release", "age")} == {
        "catalogue": "ok",
        "home": "ok",
        "lock": "ok",
        "release": "ok",
        "age": "ok",
    }


def test_every_pinned_library_is_looked_for(settings, monkeypatch):
    monkeypatch.setattr(doctor, "PINNED", ("polars", "no-such-library"))
    assert found(settings, "polars")[0] == "ok"
    assert found(settings, "no-such-library") == ("bad", "not installed; run `make setup`")


def test_before_the_first_night_there_is_no_release_and_that_is_no_fault(tmp_path):
    settings = Settings.from_environment(home=Home(tmp_path / "home"))
    assert found(settings, "release") == ("warn", "none yet")
    assert found(settings, "home")[0] == "warn"
    assert not settings.home.root.exists()


def test_a_release_that_changed_after_it_was_sealed_is_bad(settings, publish):
    release = publish(today_id())
    page = release.path / "reports" / "night.html"
    page.chmod(0o644)
    page.write_text("改过", encoding="utf-8")
    assert found(settings, "release") == ("bad", f"{release.id}: reports/night.html has changed")


def test_a_current_that_leads_nowhere_is_bad(settings, publish):
    release = publish(today_id())
    (release.path / "manifest.json").unlink()
    state, text = found(settings, "release")
    assert (state, text.split(":")[0]) == ("bad", "current leads nowhere")


def test_a_release_of_two_nights_ago_is_worth_a_look(settings, publish):
    release = publish(today_id(timedelta(hours=50)))
    assert found(settings, "age") == (
        "warn",
        f"release {release.id} is 2 days 2 hours old, 36 hours are allowed",
    )


def test_alerts_that_nobody_would_get_are_worth_a_look_and_alerts_wrongly_declared_are_bad(
    settings, monkeypatch
):
    assert found(settings, "alerts") == ("warn", "no alerts.yml: nobody is told when a night fails")
    file = settings.home.root / "alerts.yml"
    file.write_text("channels:\n  - {name: duty, type: wecom, url_env: BLUE_LEDGER_ALERT_WECOM}\n")
    monkeypatch.delenv("BLUE_LEDGER_ALERT_WECOM", raising=False)
    assert found(settings, "alerts") == ("warn", "not set in this environment: BLUE_LEDGER_ALERT_WECOM")
    monkeypatch.setenv("BLUE_LEDGER_ALERT_WECOM", "https://example.org/send?key=abcdef")
    assert found(settings, "alerts") == ("ok", "1 channels, 0 alerts open")
    file.write_text("channels: []\n")
    assert found(settings, "alerts")[0] == "bad"


def test_a_night_that_is_running_is_named(settings):
    with NightLock(settings.home, command="blue-ledger nightly"):
        state, text = found(settings, "lock")
    assert state == "warn"
    assert text.startswith("a night is running: process ") and "(blue-ledger nightly)" in text
    assert found(settings, "lock") == ("ok", "free")


def test_a_broken_catalogue_is_bad_and_says_where(home, tmp_path):
    path = tmp_path / "sources.yml"
    path.write_text("sources:\n  - id: gdp\n", encoding="utf-8")
    state, text = found(Settings.from_environment(home=home, sources_file=path), "catalogue")
    assert state == "bad"
    assert "entry gdp, field dataset" in text


def test_a_full_disk_is_bad(settings, monkeypatch):
    usage = type("Usage", (), {"free": 1024**3})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert found(settings, "disk") == ("bad", "1.0 GiB free")


def test_the_command_ends_with_one_when_something_is_bad(home, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from orchestration.cli import app

    ask = ["doctor", "--home", str(home.root), "--json"]
    sound = CliRunner().invoke(app, ask)
    assert sound.exit_code == 0, sound.output
    assert {"state", "subject", "text"} == set(json.loads(sound.stdout)[0])
    monkeypatch.setenv("BLUE_LEDGER_SOURCES", str(Path(tmp_path / "none.yml")))
    assert CliRunner().invoke(app, ask).exit_code == 1


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in ("BLUE_LEDGER_SOURCES", "BLUE_LEDGER_DEMO", "BLUE_LEDGER_TODAY", "BLUE_LEDGER_ALERTS"):
        monkeypatch.delenv(name, raising=False)
