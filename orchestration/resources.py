"""The one resource: a night, which holds the lock of its home for as long as the run lasts."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from orchestration import workers
from orchestration.night import Ending, Night, write_crash
from orchestration.settings import Settings
from warehouse.home import NightLock

#: told of every stage's beginning (seconds None) and end; the command line puts its display here
stage_listeners: list[Callable[[str, str, float | None], None]] = []
#: how the nights of this process ended, by run, None outside of any; the command line asks, for a full disk keeps no report
endings: dict[str | None, Ending] = {}


class NightResource(dg.ConfigurableResource["NightResource"]):
    """One night per run. Settings come from the environment, so that every way of starting a run is the same."""

    _night: Night = PrivateAttr()

    @property
    def night(self) -> Night:
        return self._night

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["NightResource", None, None]:
        def tell(name: str, text: str, seconds: float | None) -> None:
            for listener in stage_listeners:
                listener(name, text, seconds)

        settings = Settings.from_environment()
        with NightLock(settings.home, wait_seconds=1.0):
            try:
                self._night = Night(settings, workers.DBT, workers.SUITES, tell, context.run_id)
            except Exception as error:
                write_crash(settings, context.run_id, error)
                raise
            try:
                yield self
            finally:
                workers.stop_all()
                endings[context.run_id] = self._night.finish()
