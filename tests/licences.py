"""The licences of everything that the lock pins, written to docs/licences.md by `make licences`; test_licences.py holds it.

    python tests/licences.py [FILE]

What a package says of itself is what its own metadata says; where they say nothing clear, what was read in its files stands
in READ_BY_HAND. Nothing is asked of any host.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "licences.md"

#: what may be in the house, by the beginning of its name; anything else needs a decision
ALLOWED = (
    "0BSD", "Apache", "Artistic", "BSD", "BSL-1.0", "CC0", "CNRI", "EPL", "HPND", "ISC", "MIT", "MPL", "PSF", "Python",
    "The Unlicense", "Unicode", "Unlicense", "ZPL", "Zlib",
)  # fmt: skip
#: weak copyleft: used unchanged, as a library that anybody may exchange; noted in the list
NOTED = ("LGPL",)
REFUSED = re.compile(r"\bA?GPL|\bSSPL|Business Source|Commons Clause|proprietary", re.IGNORECASE)
#: packages whose metadata are silent or unclear, as read in their files
READ_BY_HAND: dict[str, str] = {
    "protobuf": "BSD-3-Clause",
    "pypdfium2": "BSD-3-Clause OR Apache-2.0",  # with PDFium itself, BSD-3-Clause, and its libraries
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
}
_CLASSIFIED = {
    "MIT License": "MIT", "Apache Software License": "Apache-2.0", "BSD License": "BSD", "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0", "The Unlicense (Unlicense)": "Unlicense",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND", "Zope Public License": "ZPL-2.1",
    "GNU General Public License (GPL)": "GPL", "Academic Free License (AFL)": "AFL",
}  # fmt: skip


def pinned() -> dict[str, str]:
    """Name and version of every package of the lock."""
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE))


def licence(name: str) -> str | None:
    """The licence of an installed package in the field's short names; None where it is not installed."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if stated := about.get("License-Expression"):
        return stated
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    classified = [_CLASSIFIED.get(one, one) for one in classified if one != "OSI Approved"]
    if classified:
        return " OR ".join(dict.fromkeys(classified))
    stated = " ".join((about.get("License") or "").split())
    return stated[:60] if stated else "not stated"


def verdict(stated: str) -> str:
    """allowed, noted or refused: of several to choose from the best counts, of several together the worst."""
    if " OR " in stated and " AND " not in stated:
        ranks = [verdict(one) for one in stated.split(" OR ")]
        return min(ranks, key=("allowed", "noted", "refused").index)
    ranks = []
    for one in re.split(r" AND |;|, | WITH ", stated):
        one = one.strip(" ()")
        one = one.removeprefix("The ").removeprefix("the ")
        if one.upper().startswith(NOTED):
            ranks.append("noted")
        elif REFUSED.search(one) or not one.lower().startswith(
            tuple(a.lower().removeprefix("the ") for a in ALLOWED)
        ):
            ranks.append("refused")
        else:
            ranks.append("allowed")
    return max(ranks, key=("allowed", "noted", "refused").index)


def page() -> str:
    """The page: one line per pinned package."""
    lines = [
        "# Licences",
        "",
        "Every package that `requirements.lock` pins, with the licence that its own metadata state. Made by `make licences`;",
        "a test refuses a package whose licence is not allowed (`tests/licences.py`). LGPL packages are used unchanged, as",
        "libraries that anybody may exchange. Blue Ledger itself is under Apache-2.0.",
        "",
        "| package | version | licence | |",
        "|---|---|---|---|",
    ]
    for name, version in sorted(pinned().items()):
        stated = licence(name)
        if stated is None:
            stated, note = "for another platform", ""
        else:
            note = {"allowed": "", "noted": "weak copyleft", "refused": "**to be decided**"}[verdict(stated)]
        lines.append(f"| {name} | {version} | {stated} | {note} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    target.write_text(page(), encoding="utf-8")
    print(f"{len(pinned())} packages: {target}")
