"""What the hostile cases share: a source to vary, the city's reference tables, and a server that counts who asks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.catalogue import Source
from ingest.reference import Reference
from tests.ingest.conftest import FIGURES, SEEDS


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference(SEEDS)


@pytest.fixture(scope="session")
def source_of() -> Callable[..., Source]:
    """A source of county figures, changed as told."""
    return lambda **changes: Source(**FIGURES | changes)
