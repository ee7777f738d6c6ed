"""The suites that judge what arrives and what leaves, by subject, and their runner. Data is never changed.

Importing this package, or any suite in it, does not import Great Expectations: that takes seconds, and only
``runner`` needs it, when it runs.
"""

from __future__ import annotations

from pathlib import Path

from expectations import plan

_ROOM = Path(__file__).parent


def _modules(kind: str) -> dict[str, str]:
    files = sorted((_ROOM / kind).glob("[a-z]*.py"))
    return {file.stem: f"{__name__}.{kind}.{file.stem}" for file in files}


DATASET_SUITES: dict[str, str] = _modules("datasets")
MART_SUITES: dict[str, str] = _modules("marts")
PLAN_SUITES: dict[str, str] = dict.fromkeys(plan.KEYS, plan.__name__)

#: subject (a raw dataset, a mart or a table of the plan) -> name of the module that holds its suite
SUITES: dict[str, str] = DATASET_SUITES | MART_SUITES | PLAN_SUITES
