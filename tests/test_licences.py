"""Licences and advisories: no pinned package has a licence that is not allowed; the audit never claims what it did not do."""

from __future__ import annotations

import json

import pytest

from tests import audit, licences


def test_every_pinned_package_has_an_allowed_licence():
    stated = {name: licences.licence(name) for name in licences.pinned()}
    wrong = {name: text for name, text in stated.items() if text and licences.verdict(text) == "refused"}
    assert wrong == {}
    assert sum(text is not None for text in stated.values()) > 100


def test_the_page_names_every_pinned_package_with_its_version():
    page = licences.PAGE.read_text(encoding="utf-8")
    listed = {
        tuple(cell.strip() for cell in line.split("|")[1:3])
        for line in page.splitlines()
        if line.startswith("| ")
    }
    assert set(licences.pinned().items()) - listed == set()


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        ("MIT", "allowed"),
        ("Apache-2.0 AND BSD-3-Clause", "allowed"),
        ("LGPL-3.0-only", "noted"),
        ("MIT AND LGPL-2.1-only", "noted"),
        ("Artistic-1.0-Perl OR GPL-2.0-or-later", "allowed"),
        ("GPL-3.0-only", "refused"),
        ("AGPL-3.0-only", "refused"),
        ("MIT AND AGPL-3.0-only", "refused"),
        ("SSPL-1.0", "refused"),
        ("Business Source License 1.1", "refused"),
        ("not stated", "refused"),
    ],
)
def test_a_licence_is_judged(stated, verdict):
    assert licences.verdict(stated) == verdict


def package(name: str, **more) -> dict:
    return {"name": name, "version": "1.0", "vulns": []} | more


@pytest.mark.parametrize(
    ("packages", "says", "code"),
    [
        ([package("a"), package("b")], "2 packages audited, 0 known vulnerabilities", 0),
        (
            [package("a", vulns=[{"id": "PYSEC-1", "fix_versions": ["1.1"]}])],
            "a 1.0: PYSEC-1, mended in 1.1\n1 packages audited, 1 known vulnerabilities",
            1,
        ),
        (
            [package("a"), package("b", skip_reason="not found")],
            "1 packages audited, 0 known vulnerabilities\nnot audited: b",
            0,
        ),
        ([package("a", skip_reason="not found")], "not audited: no advisory service knows any of the 1 packages", 0),
        ([], "not audited: no advisory service knows any of the 0 packages", 0),
    ],
)  # fmt: skip
def test_the_audit_says_what_was_audited(packages, says, code):
    assert audit.summed_up(json.dumps({"dependencies": packages})) == (says, code)


def test_an_audit_without_an_answer_says_so():
    assert audit.summed_up("ERROR: no route") == ("not audited: no advisory service answered", 0)
