"""The site in a real browser, from the file system: every page, both languages, desk and phone, nothing asked of any host."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.test_clients import environment_with
from warehouse.progress import plan_progress
from warehouse.release import open_release

pytestmark = pytest.mark.clients

LOOKER = Path(__file__).with_name("look_at_site.py")
BLOCKING = ("serious", "critical")


@pytest.fixture(scope="session")
def browser_python(tmp_path_factory) -> Path:
    """A Python with Playwright and axe; the browser is the system's."""
    folder = tmp_path_factory.mktemp("browser") / "venv"
    return environment_with("axe-playwright-python==0.1.8", folder) / "python"


@pytest.fixture(scope="session", params=["demo", "real"])
def seen(request, browser_python) -> tuple[Path, dict]:
    """What the browser saw of a release's site."""
    current = request.getfixturevalue(f"{request.param}_home").current
    done = subprocess.run([browser_python, LOOKER, current / "site"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return current, json.loads(done.stdout)


def test_every_page_opens_in_both_languages_and_widths_without_a_word_of_complaint(seen):
    current, looks = seen
    pages = {path.name for path in (current / "site").glob("*.html")}
    for language in ("zh-CN", "en"):
        for width in (375, 1280):
            shown = [
                look for look in looks["looks"] if (look["language"], look["width"]) == (language, width)
            ]
            assert {look["page"] for look in shown} == pages
            assert [look for look in shown if look["complaints"]] == []
            assert [look["page"] for look in shown if look["lang"] != language] == []
    assert looks["asked"] == []  # every request that was no file of the site


def test_no_page_is_wider_than_the_screen_and_every_page_shows_words_of_its_language_only(seen):
    _, looks = seen
    assert [
        (look["page"], look["width"], look["page_width"])
        for look in looks["looks"]
        if look["page_width"] > look["width"]
    ] == []
    assert [look["page"] for look in looks["looks"] if look["other_language_shown"]] == []


def test_every_cards_figure_is_the_marts(seen):
    current, looks = seen
    wanted = {line.target_id: line.value for line in plan_progress(open_release(current))}
    for look in looks["looks"]:
        if look["page"] == "index.html":
            assert look["figures"] == wanted


def test_every_link_leads_to_a_page_and_a_place_on_it(seen):
    assert seen[1]["broken_links"] == []


def test_axe_finds_no_serious_fault(seen):
    faults = [fault for fault in seen[1]["axe"] if fault["impact"] in BLOCKING]
    assert faults == []
    assert {entry["page"] for entry in seen[1]["axe_pages"]} >= {"index.html", "areas.html", "quality.html"}


def test_the_age_of_a_release_turns_red_when_it_is_stale(seen):
    assert seen[1]["age"] == {"fresh": [False, "小时前"], "stale": [True, "已过期"]}


def test_without_its_script_a_page_is_whole_and_in_chinese(seen):
    assert seen[1]["without_script"] == {"language": "zh-CN", "panels_hidden": 0, "buttons_shown": False}
