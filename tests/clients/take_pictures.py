"""Takes the pictures of the site that the documents show, from a release's site. Run by `make images`.

python take_pictures.py SITE FOLDER
"""

import sys
from pathlib import Path

from look_at_site import CHROMIUM, SWITCHES
from playwright.sync_api import sync_playwright

#: picture: page, width, height
PICTURES = {
    "cockpit": ("index", 1280, 1500),
    "cockpit-phone": ("index", 375, 1400),
    "areas": ("areas", 1280, 1300),
    "unit": ("area-hanting", 1280, 1500),
    "target": ("target-TG01", 1280, 1300),
    "ledger": ("ledger", 1280, 1300),
    "quality": ("quality", 1280, 1300),
}


def main(site: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for name, (page_name, width, height) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto((site / f"{page_name}.html").as_uri())
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
