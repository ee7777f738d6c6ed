"""Hostile files end in a clear refusal or in quarantine, within a limit of memory, and the next file is read as ever."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from tests.hostile import worker
from tests.hostile.files import FILES

pytestmark = pytest.mark.slow

TIMEOUT_S = 300  # no case takes five seconds; one that never ends must not hold the suite


@pytest.fixture(scope="module")
def take() -> Callable[[str], dict]:
    """Take a file in a process of its own that serves all of them; one that ends it fails, and the next has a new one."""
    pools: list[ProcessPoolExecutor] = []

    def start() -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        pools.append(ProcessPoolExecutor(1, mp_context=context, initializer=worker.limit))
        return pools[-1]

    start()

    def take(name: str) -> dict:
        try:
            return pools[-1].submit(worker.take, name).result(TIMEOUT_S)
        except (BrokenProcessPool, TimeoutError):
            for process in list(pools[-1]._processes.values()):
                process.kill()
            start()
            raise

    yield take
    for pool in pools:
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends_in_a_clear_refusal_or_in_quarantine(name, take):
    hostile, taken = FILES[name], take(name)
    if hostile.outcome == "refused":
        assert taken["fault"] is not None, taken
        assert taken["fault"].startswith((f"{hostile.filename}: ", f"{hostile.filename}>"))
        assert re.search(hostile.says, taken["fault"]), taken["fault"]
        assert "MemoryError" not in taken["fault"]
        assert len(taken["fault"]) < 12_000  # a page, whatever the file
        assert (taken["rows"], taken["reasons"]) == (0, [])
    elif hostile.outcome == "taken":
        assert (taken["fault"], taken["rows"], taken["reasons"]) == (None, 2, [])
    else:
        assert taken["fault"] is None
        assert any(re.search(hostile.says, reason) for reason in taken["reasons"]), taken
    assert "root:" not in repr(taken)  # of /etc/passwd
    assert taken["grown_mb"] < hostile.memory_mb
