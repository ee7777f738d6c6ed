"""Superset on loopback, in an environment of its own: state under home, the bundle of the current release, the server."""

import json
import os
import secrets
import subprocess
from pathlib import Path

from warehouse.bi import bundle
from warehouse.home import Home
from warehouse.release import Release

LOOPBACK = "127.0.0.1"
BI = Path(bundle.__file__).parent
PASSWORD = "SUPERSET_ADMIN_PASSWORD"
_WORKERS, _THREADS, _TIMEOUT_S = 1, 8, 120  # a worker takes some 300 MB; metadata in SQLite takes one writer


class SupersetError(Exception):
    """Superset could not be set up; the message says what to do."""


def prepare(home: Home, release: Release, programs: Path) -> dict[str, object]:
    """Set up or bring up to date: key, metadata, first user, bundle. Returns what was imported.

    `programs` is the bin folder of Superset's environment. The first user's password is that of SUPERSET_ADMIN_PASSWORD
    or a new one, told under `password` when the user was made, and kept nowhere.

    Raises:
        SupersetError: there is no such environment, or Superset refused; its last words are in the message.
    """
    if not (programs / "python").exists():
        raise SupersetError(f"{programs.parent} has no Superset; `make superset` sets it up")
    state = home.superset
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    _keep_secret(state / "secret_key")
    file = state / "bundle.zip"
    file.write_bytes(bundle.make(release, home))
    password = os.environ.get(PASSWORD) or secrets.token_urlsafe(12)
    done = subprocess.run(
        [programs / "python", BI / "superset_setup.py", file],
        env=environment(home) | {PASSWORD: password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SupersetError("Superset could not be set up:\n" + "\n".join(done.stderr.splitlines()[-15:]))
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told | ({"password": password} if told["is_first"] else {})


def server(home: Home, programs: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The command that serves, and its environment."""
    command = [str(programs / "python"), "-m", "gunicorn", "--bind", f"{LOOPBACK}:{port}"]
    command += ["--workers", str(_WORKERS), "--worker-class", "gthread", "--threads", str(_THREADS)]
    command += ["--timeout", str(_TIMEOUT_S), "--log-level", "warning", "superset.app:create_app()"]
    return command, environment(home)


def environment(home: Home) -> dict[str, str]:
    """This process's environment with our settings for Superset, and without what would let other code in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SUPERSET", "FLASK", "PYTHONPATH"))
    }
    return kept | {
        "BLUE_LEDGER_HOME": str(home.root),
        "SUPERSET_CONFIG_PATH": str(BI / "superset_config.py"),
    }


def _keep_secret(file: Path) -> None:
    """A key of this installation, made once; only its owner may read it."""
    try:
        with open(
            os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as stream:
            stream.write(secrets.token_urlsafe(48))
    except FileExistsError:
        file.chmod(0o600)
