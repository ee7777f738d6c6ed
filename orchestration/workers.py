"""Two worker processes that import the slow libraries while the night does other work: one for dbt, one for the suites.

Imports of dbt and Great Expectations take seconds and hold Python's lock; in processes of their own they overlap with fetching
and parsing. A process ends with its work, and with it any hold on the build file.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor


class Worker:
    """One process that starts on demand and runs one task at a time."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Start the process now, so that it is ready when its first task comes; nothing where it runs already."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=self._warm)
            self._pool.submit(_ready)

    def submit(self, function: Callable, *arguments: object) -> Future:
        self.start()
        return self._pool.submit(function, *arguments)

    def stop(self) -> None:
        """End the process and with it whatever it holds. Its tasks are done or no longer wanted: nobody waits for it."""
        if self._pool is not None:
            processes = list(self._pool._processes.values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
                process.join()
            self._pool = None


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
