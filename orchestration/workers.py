"""Two worker processes that import the slow libraries while the night does other work: one for dbt, one for the suites.

Imports of dbt and Great Expectations take seconds and hold Python's lock; in processes of their own they overlap with fetching
and parsing. What a task opened it closes: nobody waits for a process to go.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """One process that starts on demand and runs one task at a time."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._pool: ProcessPoolExecutor | None = None
        self._tasks: list[Future[Any]] = []

    def start(self) -> None:
        """Start the process now, so that it is ready when its first task comes; nothing where it runs already."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, mp_context=context, initializer=_begin, initargs=(self._warm,)
            )
            self._tasks = [self._pool.submit(_ready)]

    def submit(self, function: Callable[..., T], *arguments: object) -> Future[T]:
        self.start()
        assert self._pool is not None  # it has just been started
        task = self._pool.submit(function, *arguments)
        self._tasks.append(task)
        return task

    def stop(self) -> None:
        """Let the process go; one that is still at work is no longer wanted and ended.

        One that is done puts its libraries away, which takes most of a second, while the night goes on.
        """
        if self._pool is not None:
            at_work = not all(task.done() for task in self._tasks)
            if at_work:
                for process in list(self._pool._processes.values()):
                    process.terminate()
            self._pool.shutdown(wait=at_work, cancel_futures=True)
            self._pool, self._tasks = None, []


def _begin(warm: Callable[[], None]) -> None:
    """A killed night takes its workers with it: nobody else would ever end them, and one of them has the build file open."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warm()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a worker
    parent.join()
    os._exit(1)


def _warm_suites() -> None:
    from expectations import runner

    runner.warm()


def _warm_dbt() -> None:
    from orchestration import dbt

    dbt.warm()


#: the workers of this process; a night starts them and stops them
DBT, SUITES = Worker(_warm_dbt), Worker(_warm_suites)


def stop_all() -> None:
    DBT.stop()
    SUITES.stop()


def _ready() -> None:
    """Nothing: its being asked for starts the process."""
