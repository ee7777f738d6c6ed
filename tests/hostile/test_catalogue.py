"""The hostile inputs that docs/security.md lists are those that are run. `python -m tests.hostile.test_catalogue` writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.hostile import files, test_network, test_texts
from tests.warehouse import test_query_lockdown

pytestmark = pytest.mark.slow  # imports what it lists
PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- catalogue: begin -->", "<!-- catalogue: end -->"


def cases() -> dict[str, list[str]]:
    """Every case by the test that runs it."""
    return {
        "files, through landing and the snapshot store (`tests/hostile/test_files.py`)": list(files.FILES),
        "servers (`tests/hostile/test_network.py`)": list(test_network.RAW),
        "redirects (`tests/hostile/test_network.py`)": list(test_network.REDIRECTS),
        "names that a server gives (`tests/hostile/test_network.py`)": [
            ascii(n)[:40] for n in test_network.NAMES
        ],
        "answers of a portal (`tests/hostile/test_network.py`)": list(test_network.PORTALS),
        "catalogues of sources (`tests/hostile/test_network.py`)": list(test_network.CATALOGUES),
        "formulas, in csv and workbooks (`tests/hostile/test_texts.py`)": list(
            map(ascii, test_texts.FORMULAS)
        ),
        "scripts, on the night's page (`tests/hostile/test_texts.py`)": test_texts.SCRIPTS,
        "escape sequences, on a terminal (`tests/hostile/test_texts.py`)": list(
            map(ascii, test_texts.SEQUENCES)
        ),
        "questions in SQL (`tests/warehouse/test_query_lockdown.py`)": list(test_query_lockdown.REFUSED),
    }


def section() -> str:
    lines = [f"{sum(map(len, cases().values()))} cases, each a test of its own:", ""]
    for what, names in cases().items():
        shown = ", ".join(f"`{name.replace('`', '')}`" for name in names)
        lines.append(f"- **{len(names)} {what}**: {shown}")
    return "\n".join(lines)


def test_the_page_lists_the_cases_that_are_run_and_they_are_many():
    text = PAGE.read_text(encoding="utf-8")
    [listed] = re.findall(f"{BEGIN}\n(.*?)\n{END}", text, re.DOTALL)
    assert listed == section()
    assert sum(map(len, cases().values())) >= 200
    assert len(files.FILES) >= 60


if __name__ == "__main__":
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{section()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
