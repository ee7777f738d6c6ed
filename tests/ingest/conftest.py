"""What the tests of ingest share: the city's reference tables, a source to vary, and one set of demo files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.catalogue import Source
from ingest.landing import Receipt
from ingest.parse import Parsed, parse
from ingest.reference import Reference

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
FIGURES = {
    "id": "county_figures",
    "title_zh": "各县市区指标",
    "title_en": "Figures of counties",
    "publisher_zh": "潍坊市统计局",
    "dataset": "indicator_figures",
    "connector": "file",
    "location": "figures.csv",
    "layout": "figures_csv",
    "cadence": "irregular",
    "licence": "公开数据",
    "tier": "M",
    "data_origin": "published",
    "owner_department": "D01",
}


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference(SEEDS)


@pytest.fixture(scope="session")
def source_of() -> Callable[..., Source]:
    """A source of county figures, changed as told."""
    return lambda **changes: Source(**FIGURES | changes)


@pytest.fixture(scope="session")
def read_as(source_of, reference, tmp_path_factory) -> Callable[..., Parsed]:
    """Parse bytes or text as one document of a source of county figures, changed as told."""

    def read(
        content: bytes | str, name: str = "figures.csv", on=date(2026, 11, 23), corrections=(), **changes
    ) -> Parsed:
        content = content.encode() if isinstance(content, str) else content
        source = source_of(**changes)
        sha256 = hashlib.sha256(content).hexdigest()
        at = datetime(2026, 11, 23, tzinfo=UTC).isoformat()
        receipt = Receipt(source.id, sha256, name, name, len(content), at)
        file = folder / sha256
        file.write_bytes(content)
        [parsed] = parse(file, receipt, source, reference, on, corrections)
        return parsed

    folder = tmp_path_factory.mktemp("read_as")
    return read


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory) -> dict[str, Path]:
    """The demo registers of 2,000 companies; not to be written to."""
    from ingest import demo

    return demo.generate(tmp_path_factory.mktemp("demo"), 2_000, 7, date(2026, 10, 31), plan_dir=SEEDS)
