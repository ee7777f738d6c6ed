"""Looks at a site with a browser and says what it saw, as JSON. Run by tests/clients/test_site.py in an environment that has
Playwright and axe; asserts nothing itself.

    python look_at_site.py FOLDER
"""

import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LANGUAGES = {"zh-CN": "zh", "en": "en"}
WIDTHS = (1280, 375)
#: axe finds the same in all pages of a template: of units and targets, one with much on it and one with little
AXE_PAGES = r"(index|areas|clusters|enterprises|ledger|quality|indicators|(area-(hanting|zongbao)|target-TG(01|15)))\.html"

AXE_ON_A_PHONE = ("index", "areas")

LOOK = """() => {
  const hidden = document.documentElement.lang === "en" ? ".zh" : ".en";
  const figures = {};
  for (const card of document.querySelectorAll("[data-target]")) {
    const value = card.querySelector("[data-figure] > data");
    figures[card.dataset.target] = value ? Number(value.value) : null;
  }
  return {
    lang: document.documentElement.lang,
    page_width: document.documentElement.scrollWidth,
    other_language_shown: [...document.querySelectorAll(hidden)].some((one) => one.getClientRects().length > 0),
    figures,
    links: [...document.querySelectorAll("a[href]")].map((one) => one.getAttribute("href")),
    ids: [...document.querySelectorAll("[id]")].map((one) => one.id),
  };
}"""


def main(folder: Path) -> dict:
    files = sorted(folder.glob("*.html"))
    found = {"looks": [], "asked": [], "axe": [], "axe_pages": [], "broken_links": []}
    places: dict[str, set[str]] = {}
    links: dict[str, list[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for width in WIDTHS:
            for language, code in LANGUAGES.items():
                page, complaints = open_page(browser, width, found["asked"])
                for file in files:
                    complaints.clear()
                    page.goto(f"{file.as_uri()}?lang={code}")
                    look = page.evaluate(LOOK)
                    links[file.name], places[file.name] = look.pop("links"), set(look.pop("ids"))
                    found["looks"].append(
                        {
                            "page": file.name,
                            "width": width,
                            "language": language,
                            "complaints": list(complaints),
                            **look,
                        }
                    )
                    if (
                        re.fullmatch(AXE_PAGES, file.name)
                        and (width == 1280) == (code == "zh")
                        and (width == 1280 or file.stem in AXE_ON_A_PHONE)
                    ):
                        found["axe_pages"].append({"page": file.name, "width": width})
                        found["axe"] += faults(page, file.name, width)
                page.context.close()
        found["age"] = {name: age(browser, files, days) for name, days in (("fresh", 0), ("stale", 3))}
        found["without_script"] = without_script(browser, folder)
        browser.close()
    for name, listed in links.items():
        for link in listed:
            target, _, place = link.partition("#")
            if not link.startswith(("http://", "https://")) and (
                (target or name) not in places or (place and place not in places[target or name])
            ):
                found["broken_links"].append(f"{name}: {link}")
    return found


def open_page(browser: Browser, width: int, asked: list[str]) -> tuple[Page, list[str]]:
    """A page that may read files and data only, with the list into which its complaints go."""
    context = browser.new_context(viewport={"width": width, "height": 812})
    complaints: list[str] = []

    def route(request) -> None:
        if request.request.url.startswith(("file:", "data:")):
            request.continue_()
        else:
            asked.append(request.request.url)
            request.abort()

    context.route("**/*", route)
    page = context.new_page()
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def faults(page: Page, name: str, width: int) -> list[dict]:
    found = Axe().run(page).response["violations"]
    return [
        {
            "page": name,
            "width": width,
            "id": fault["id"],
            "impact": fault["impact"],
            "nodes": [node["html"][:160] for node in fault["nodes"][:3]],
        }
        for fault in found
    ]


def age(browser: Browser, files: list[Path], days: int) -> list:
    """Whether the age is marked as stale, and its last words, so many days after the release was built."""
    page, _ = open_page(browser, 1280, [])
    index = next(file for file in files if file.name == "index.html")
    page.goto(index.as_uri())
    built = datetime.fromisoformat(page.locator("#built").get_attribute("datetime"))
    page.clock.set_fixed_time(built + timedelta(days=days, hours=1))
    page.goto(f"{index.as_uri()}?lang=zh")
    shown = page.locator("#age")
    words = shown.text_content()
    seen = ["stale" in (shown.get_attribute("class") or ""), re.sub(r"^[\d ]+", "", words.split(" · ")[-1])]
    page.context.close()
    return seen


def without_script(browser: Browser, folder: Path) -> dict:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "areas.html").as_uri())
    seen = {
        "language": page.locator("html").get_attribute("lang"),
        "panels_hidden": sum(not panel.is_visible() for panel in page.locator("[data-panel]").all()),
        "buttons_shown": page.locator("#languages").is_visible(),
    }
    context.close()
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve()), ensure_ascii=False))
