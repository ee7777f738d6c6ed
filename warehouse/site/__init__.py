"""The site: one self-contained page per view, built into a release. It reads what the release says and judges nothing.

A page needs nothing beside it: it opens from a folder by a double click, asks no host for anything, and its policy forbids
it to. Without its script it is whole, in Chinese; the script switches the language and tells the release's age.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment

from warehouse import pages, words
from warehouse.changes import REASONS
from warehouse.explain import explain
from warehouse.freshness import STALE_AFTER
from warehouse.progress import OPERATORS, percent
from warehouse.release import Release
from warehouse.site import pictures, text, views
from warehouse.site.facts import Facts, opened

#: page: its name in the navigation
VIEWS = {
    "index": ("驾驶舱", "Cockpit"),
    "areas": ("县市区", "Counties and zones"),
    "clusters": ("集聚区", "Clusters"),
    "enterprises": ("企业与绿色名单", "Firms and green lists"),
    "ledger": ("工作台账", "Ledger"),
    "quality": ("数据质量", "Data quality"),
    "indicators": ("指标字典", "Dictionary"),
}


def build(release: Release, folder: Path) -> list[Path]:
    """Write every page of the site of a release (or of one about to be sealed: its folder, id and manifest) into a folder.

    Returns the pages, the first of them `index.html`. A mart that the release lacks leaves its part empty, and says so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with opened(release) as facts:
        site = _Site(facts, folder)
        cards = views.cards(facts)
        overview = pictures.overview([card.line for card in cards])
        site.write("index", views.cockpit(cards) | {"picture": overview})
        areas = views.areas(facts)
        site.write("areas", areas | {"pictures": _bounded(facts, areas["rankings"])})
        site.write("clusters", views.clusters(facts, cards))
        site.write("enterprises", views.enterprises(facts))
        ledger = views.ledger(facts)
        drawn = pictures.ledger(ledger["departments"], ledger["period"], ledger["is_demo"])
        site.write("ledger", ledger | {"picture": drawn})
        site.write("quality", views.quality(facts))
        site.write("indicators", views.indicators(facts))
        for area_id, shown in views.area_pages(facts).items():
            site.write("area", shown, f"area-{area_id}")
        for card in cards:
            found = explain(release, card.line.target_id)
            site.write("target", {"card": card, "found": found}, f"target-{card.line.target_id}")
        return site.pages


def _bounded(facts: Facts, rankings: list[views.Ranking]) -> dict[str, pictures.Picture]:
    """A picture for each ranking whose values have bounds, by its key."""
    drawn = {}
    for ranking in rankings:
        if ranking.indicator["indicator_code"] == "digital_coverage" and (
            picture := pictures.ranking(facts, ranking, views.coverage_bounds(facts, ranking))
        ):
            drawn[ranking.key] = picture
    return drawn


def prepare() -> None:
    """Do ahead what the first page waits for and what needs no release: compile the templates, start the chart library.

    It takes seconds, which a night has to spare while its models are built by another process.
    """
    made = _templates()
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)
    pictures.prepare()


class _Site:
    """Writes pages that all share frame, style and script."""

    def __init__(self, facts: Facts, folder: Path) -> None:
        self._folder = folder
        self._facts = facts
        css, style = pages.inlined("site/site.css")
        script, script_hash = pages.inlined("site/site.js")
        self._templates = _templates()
        self._shared = {
            "css": css,
            "script": script,
            "policy": pages.policy(style, script_hash, images=True),
            "facts": facts,
            "about": facts.about,
            "plan": facts.plan,
            "views": VIEWS,
            "stale_hours": STALE_AFTER // timedelta(hours=1),
        }
        self.pages: list[Path] = []

    def write(self, template: str, shown: dict[str, Any], name: str | None = None) -> None:
        page = name or template
        view = template if template in VIEWS else {"area": "areas", "target": "index"}[template]
        html = self._templates.get_template(f"{template}.html").render(
            **self._shared, **shown, page=page, view=view
        )
        path = self._folder / f"{page}.html"
        path.write_text(html, encoding="utf-8")
        self.pages.append(path)


@cache
def _templates() -> Environment:
    made = pages.environment(
        "site",
        filters={
            "number": text.number,
            "percent": percent,
            "beijing": text.beijing,
            "dash": text.dash,
            "address": address,
        },
        both=text.both,
        word=text.word,
        figure=text.figure,
        unit=text.unit,
        words=words,
        operators=OPERATORS,
        reasons=REASONS,
    )
    made.globals["m"] = made.get_template("macros.html").module
    return made


def address(url: str | None) -> str | None:
    """An address that a page may link to; None for anything but the web's own."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
