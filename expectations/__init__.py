"""The suites that judge what arrives and what leaves, by subject, and their runner. Data is never changed.

Importing this package, or any suite in it, does not import Great Expectations: that takes seconds, and only
``runner`` needs it, when it runs.
"""

from __future__ import annotations

from pathlib import Path

_ROOM = Path(__file__).parent


def _modules(kind: str) -> dict[str, str]:
    files = sorted((_ROOM / kind).glob("[a-z]*.py"))
    return {file.stem: f"{__name__}.{kind}.{file.stem}" for file in files}


DATASET_SUITES: dict[str, str] = _modules("datasets")
MART_SUITES: dict[str, str] = _modules("marts")

#: subject (a raw dataset or a mart) -> name of the module that holds its suite
SUITES: dict[str, str] = DATASET_SUITES | MART_SUITES
