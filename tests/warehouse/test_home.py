"""The home: its folders, and one night at a time."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from warehouse.home import Home, HomeBusy, NightLock, night_holder


def test_the_argument_wins_over_the_environment_and_that_over_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    env = {"BLUE_LEDGER_HOME": "/srv/ledger"}
    assert Home.resolve(Path("/opt/here"), env).root == Path("/opt/here")
    assert Home.resolve(None, env).root == Path("/srv/ledger")
    assert Home.resolve(None, {}).root == tmp_path / "data"


def test_a_home_knows_its_folders(tmp_path):
    home = Home(tmp_path / "new").ensure()
    assert {path.name for path in home.root.iterdir()} == set(
        [
            "inbox",
            "landing",
            "raw",
            "quarantine",
            "build",
            "releases",
            "dagster",
            "decisions",
            "demo",
            "reports",
        ]
    )
    assert home.build_file == tmp_path / "new/build/build.duckdb"
    assert home.current == tmp_path / "new/current"


def test_a_second_night_is_refused_and_told_who_holds_the_first(home):
    with NightLock(home, command="blue-ledger nightly"):
        with pytest.raises(
            HomeBusy, match=rf"process {os.getpid()} \(blue-ledger nightly\) since 20"
        ) as refusal:
            NightLock(home, wait_seconds=0).__enter__()
        assert refusal.value.holder.pid == os.getpid()
        assert night_holder(home).command == "blue-ledger nightly"
    assert night_holder(home) is None
    with NightLock(home):
        pass


def test_a_night_begins_while_somebody_asks_who_holds_the_home(home):
    asked = threading.Thread(target=lambda: [night_holder(home) for _ in range(200)])
    asked.start()
    while asked.is_alive():
        with NightLock(home, wait_seconds=30):
            pass
    asked.join()
    assert night_holder(home) is None


def test_asking_writes_no_name(home):
    (home.build / "night.json").write_text("{}", encoding="utf-8")
    assert night_holder(home) is None
    assert (home.build / "night.json").read_text(encoding="utf-8") == "{}"


def test_the_lock_is_let_go_where_the_holders_name_cannot_be_written(home):
    (home.build / "night.json.new").mkdir()
    with pytest.raises(OSError, match="night.json.new"):
        NightLock(home).__enter__()
    (home.build / "night.json.new").rmdir()
    with NightLock(home):
        pass


def test_the_lock_is_let_go_when_the_night_fails(home):
    with pytest.raises(ZeroDivisionError), NightLock(home):
        raise ZeroDivisionError
    assert night_holder(home) is None


def test_a_dead_holder_never_blocks(home):
    program = (
        "import sys, time, pathlib; from warehouse.home import Home, NightLock\n"
        "with NightLock(Home(pathlib.Path(sys.argv[1]))): print('held', flush=True); time.sleep(60)"
    )
    night = subprocess.Popen(
        [sys.executable, "-c", program, str(home.root)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert night.stdout.readline() == b"held\n"
    with pytest.raises(HomeBusy, match=f"process {night.pid} "):
        NightLock(home, wait_seconds=0).__enter__()

    night.send_signal(signal.SIGKILL)
    night.wait()
    assert (home.build / "night.json").exists()  # it had no chance to clear its name
    with NightLock(home, command="the next"):
        assert night_holder(home).command == "the next"
