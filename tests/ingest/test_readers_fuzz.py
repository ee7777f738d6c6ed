"""Damaged files and random bytes: a reader returns grids or raises ReadError, nothing else, within bounds.

Longer runs: tests/benchmarks/fuzz_readers.py.
"""

import time

import pytest

from ingest.readers import READERS
from tests.benchmarks import fuzz_readers
from tests.ingest.readers_samples import samples


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_two_hundred_damaged_files_give_grids_or_a_read_error_each_within_seconds(reader):
    outcomes = set()
    for content in fuzz_readers.inputs(samples(reader), 200, seed=3):
        began = time.monotonic()
        outcomes.add(fuzz_readers.outcome(content, reader) == "grids")
        assert time.monotonic() - began < fuzz_readers.MAX_SECONDS
    assert outcomes == {True, False}  # both sides of the door were tried
