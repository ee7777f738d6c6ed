"""The processes that a night starts beside itself: what they answer, and that nothing of them stays."""

from __future__ import annotations

import math
import os
import signal

import pytest

from orchestration.workers import Worker

pytestmark = pytest.mark.slow


@pytest.fixture
def worker():
    worker = Worker(os.getpid)  # nothing slow to import
    yield worker
    worker.stop()


def test_tasks_run_one_after_another_in_one_process_of_their_own(worker):
    first, second = worker.submit(os.getpid), worker.submit(os.getpid)
    assert first.result() == second.result() != os.getpid()
    assert worker.submit(math.gcd, 12, 18).result() == 6


def test_what_a_task_raises_reaches_whoever_waits_for_it(worker):
    with pytest.raises(ValueError, match="math domain error"):
        worker.submit(math.sqrt, -1).result()


@pytest.mark.parametrize(
    ("task", "ended"), [((math.gcd, 1, 2), 0), ((signal.pause,), -signal.SIGTERM)], ids=["done", "at work"]
)
def test_a_stopped_worker_goes_by_itself_where_its_work_is_done_and_is_ended_else(worker, task, ended):
    pid = worker.submit(os.getpid).result()
    [process] = worker._pool._processes.values()
    submitted = worker.submit(*task)
    if not ended:
        submitted.result()
    worker.stop()
    process.join()
    assert process.exitcode == ended
    assert worker.submit(os.getpid).result() != pid  # and the next task has a new one
