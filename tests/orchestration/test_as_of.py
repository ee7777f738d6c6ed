"""Marts of an earlier day: what is read for them, who may write meanwhile, and which of them are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ingest.landing import Document
from orchestration import workers
from orchestration.night import Night

pytestmark = pytest.mark.slow


def test_a_question_about_a_day_stands_on_what_stood_there_then_whatever_stands_there_today(settings):
    night = Night(settings, workers.DBT, workers.SUITES, known_by=date(2026, 6, 15))
    source = night.sources[0]
    versions = [(b"v1", (2026, 5, 10)), (b"v2", (2026, 6, 10)), (b"v1", (2026, 7, 10))]
    for content, day in versions:
        night.landing.receive(
            source.id, [Document("figures.csv", content, "here")], datetime(*day, tzinfo=UTC)
        )
    assert [night.landing.content(receipt.sha256) for receipt in night._receipts(source)] == [b"v1", b"v2"]
    today = Night(settings, workers.DBT, workers.SUITES)
    assert [today.landing.content(receipt.sha256) for receipt in today._receipts(source)] == [b"v2", b"v1"]
