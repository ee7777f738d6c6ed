"""The examples for a server: every way to start the program sets the same, and what is run by a shell is run here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from orchestration.settings import PROJECT

EXAMPLES = PROJECT / "docs" / "examples"
SERVICES = sorted(EXAMPLES.glob("*.service"))
PLACES = ("/opt/blue-ledger", "/srv/ledger-home", "/etc/blue-ledger", "/var/log/blue-ledger")
#: tells what it was asked and in which environment
PROGRAM = """#!/bin/sh
echo "$@" "$BLUE_LEDGER_HOME" "$BLUE_LEDGER_ALERTS" "$BLUE_LEDGER_ALERT_WEBHOOK" "$HOME"
"""
#: as the system's, but for the account
RUNUSER = """#!/bin/sh
[ "$1 $2 $3" = "-u blue-ledger --" ] || exit 9
shift 3
exec "$@"
"""


@pytest.fixture
def server(tmp_path) -> Path:
    """A folder with the places of a server in it, a program that tells its environment, and secrets."""
    for place in PLACES:
        (tmp_path / place.lstrip("/")).mkdir(parents=True)
    executable(tmp_path / "opt/blue-ledger/.venv/bin/blue-ledger", PROGRAM)
    executable(tmp_path / "bin/runuser", RUNUSER)
    (tmp_path / "etc/blue-ledger/alerts.env").write_text(
        "BLUE_LEDGER_ALERT_WEBHOOK='https://x.example/?a=b c'\n"
    )
    return tmp_path


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def moved(text: str, server: Path) -> str:
    """An example with the server's places in that folder."""
    for place in PLACES:
        text = text.replace(place, f"{server}{place}")
    return text


def shell(text: str, server: Path, variables: dict[str, str]) -> subprocess.CompletedProcess:
    env = {"PATH": f"{server / 'bin'}:{os.environ['PATH']}", "HOME": "/root-of-nobody"} | variables
    return subprocess.run(["/bin/sh", "-c", text], env=env, cwd=server, capture_output=True, text=True)


def cron(server: Path) -> tuple[dict[str, str], list[str]]:
    """The crontab's variables and commands."""
    lines = moved((EXAMPLES / "crontab").read_text(encoding="utf-8"), server).splitlines()
    variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    return variables, [line.split(maxsplit=5)[5] for line in lines if re.match(r"[0-9]", line)]


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_every_unit_names_the_home_the_alerts_and_the_file_of_secrets(service):
    text = service.read_text(encoding="utf-8")
    for line in (
        "Environment=BLUE_LEDGER_HOME=/srv/ledger-home",
        "Environment=BLUE_LEDGER_ALERTS=/etc/blue-ledger/alerts.yml",
        "EnvironmentFile=-/etc/blue-ledger/alerts.env",
    ):
        assert f"\n{line}\n" in text


@pytest.mark.parametrize("secret", ["https://x.example/?a=b c", ""], ids=["with secrets", "without the file"])
def test_the_lines_of_cron_start_the_program_with_home_alerts_and_the_secrets_that_there_are(server, secret):
    if not secret:
        (server / "etc/blue-ledger/alerts.env").unlink()
    variables, [night, watch] = cron(server)
    assert shell(night, server, variables).returncode == 0
    alerts = server / "etc/blue-ledger/alerts.yml"
    said = (server / "var/log/blue-ledger/nightly.log").read_text(encoding="utf-8")
    assert said == f"nightly {server / 'srv/ledger-home'} {alerts} {secret} /root-of-nobody\n"
    assert " status --fail-stale 26 --alert >" in watch
    assert shell(watch, server, variables).returncode == 0
    assert (server / "var/log/blue-ledger/watch.log").read_text(encoding="utf-8") == ""


def test_by_hand_the_program_runs_as_the_services_run_it(server):
    executable(server / "bin/blue-ledger", moved((EXAMPLES / "blue-ledger").read_text("utf-8"), server))
    done = shell('blue-ledger alerts test --channel "duty group"', server, {})
    alerts = server / "etc/blue-ledger/alerts.yml"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"alerts test --channel duty group {server / 'srv/ledger-home'} {alerts} https://x.example/?a=b c /nonexistent\n"
    )


def test_every_folder_that_the_crontab_writes_to_is_made_by_the_steps_of_operations():
    written = set(re.findall(r">> (/[\w/-]+)/\w+\.log", (EXAMPLES / "crontab").read_text(encoding="utf-8")))
    steps = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    made = " ".join(re.findall(r"^    install -d (.*)$", steps, re.MULTILINE)).split()
    assert written == {"/var/log/blue-ledger"}
    assert written <= set(made)
