"""Every kind of damage to what is kept is found, and a whole home has none."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from ingest import integrity
from ingest.landing import Document, Landing, write_json
from ingest.quarantine import INDEX
from ingest.snapshots import Snapshot

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CONTENT = "潍坊市,1703.42\n".encode()
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def home(tmp_path):
    """landing with two sources of one document each, raw with one snapshot that rejected a row, and its quarantine."""
    landing = Landing(tmp_path / "landing")
    landing.receive("gdp", [Document("gdp.csv", CONTENT, "inbox")], NOW)
    landing.receive("gop", [Document("gop.csv", b"1\n", "inbox")], NOW)
    landing.missed("other", NOW, "no answer")
    files = {}
    for room, name in (("raw", "gdp.a.b.parquet"), ("quarantine", "gdp.a.b.parquet")):
        (tmp_path / room / "figures").mkdir(parents=True)
        (tmp_path / room / "figures" / name).write_bytes(room.encode())
        files[f"{room}/{name}"] = hashlib.sha256(room.encode()).hexdigest()
    snapshot = Snapshot(
        "gdp.a.b",
        "gdp",
        "figures",
        "gdp.csv",
        SHA,
        "2026-11-23T02:00:00+00:00",
        "published",
        rejected=1,
        files=files,
    )
    write_json(tmp_path / "raw" / "figures" / "gdp.a.b.json", asdict(snapshot))
    write_json(tmp_path / "raw" / "figures" / "gdp.a.b.suite.checks.json", [])
    entry = {
        "source_id": "gdp", "title_zh": "t", "publisher_zh": "p", "data_origin": "published", "document": "gdp.csv",
        "retrieved_at": "x", "state": "in use", "refusals": [], "rows_in": 2, "rows_raw": 1, "rows_quarantined": 1,
        "rows_furniture": 0, "file": "figures/gdp.a.b.parquet",
    }  # fmt: skip
    write_json(tmp_path / "quarantine" / INDEX, [entry])
    return tmp_path


def looked(home):
    return (
        integrity.landing(home / "landing"),
        integrity.raw(home / "raw", home / "quarantine", home / "landing"),
        integrity.quarantine(home / "quarantine"),
    )


def faults(home):
    return [fault for seen in looked(home) for fault in seen.faults]


def overwrite(path, content):
    path.chmod(0o644)
    path.write_bytes(content)


def receipt(home):
    [path] = (home / "landing" / "gdp").glob("2026*.json")
    return path


def test_a_whole_home_has_no_fault_and_says_how_much_was_looked_at(home):
    assert faults(home) == []
    assert [seen.told for seen in looked(home)] == [
        "2 documents as received, 2 receipts of 3 sources",
        "1 snapshots, 2 files of rows as they were written",
        "1 documents of the last night, 1 with rejected rows",
    ]


def test_before_the_first_night_there_is_nothing_to_find(tmp_path):
    assert faults(tmp_path) == []


def test_what_a_night_that_died_leaves_is_no_fault(home):
    (home / "landing" / "objects" / f".{SHA}.partial").write_bytes(b"half")
    (home / "landing" / "gdp" / ".last_retrieval.json.partial").write_bytes(b"{")
    (home / "raw" / "figures" / ".x.000.partial").write_bytes(b"half")
    (home / "landing" / "objects" / hashlib.sha256(b"no receipt yet").hexdigest()).write_bytes(
        b"no receipt yet"
    )
    assert faults(home) == []


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    overwrite(path, bytes(content))


def other_size(home):
    content = json.loads(receipt(home).read_text())
    write_json(receipt(home), content | {"size": 3})


DAMAGE = {
    "a bit of a document": (
        lambda home: flip(home / "landing" / "objects" / SHA),
        f"landing/objects/{SHA} no longer holds the bytes received; bring the file back",
    ),
    "a document cut off": (
        lambda home: overwrite(home / "landing" / "objects" / SHA, CONTENT[:5]),
        f"landing/objects/{SHA} no longer holds",
    ),
    "a document gone": (
        lambda home: (home / "landing" / "objects" / SHA).unlink(),
        f"landing/objects/{SHA} is gone: landing/gdp/20261123T020000000000Z-{SHA[:12]}.json says that gdp.csv",
    ),
    "a receipt cut off": (
        lambda home: overwrite(receipt(home), b'{"source_id": "g'),
        f"landing/gdp/20261123T020000000000Z-{SHA[:12]}.json cannot be read, its document is not used",
    ),
    "a receipt of another form": (lambda home: overwrite(receipt(home), b"[1]"), "cannot be read"),
    "a receipt under another's name": (
        lambda home: receipt(home).rename(
            receipt(home).with_name("20261123T020000000000Z-000000000000.json")
        ),
        "tells of another document than its name",
    ),
    "a receipt of another size": (other_size, "says another size than its document has"),
    "a look cut off": (
        lambda home: overwrite(home / "landing" / "gdp" / "last_retrieval.json", b"{"),
        "landing/gdp/last_retrieval.json cannot be read; the next night's look writes it anew",
    ),
    "a receipt gone": (lambda home: receipt(home).unlink(), "names a document without a readable receipt"),
    "a record cut off": (
        lambda home: overwrite(home / "raw" / "figures" / "gdp.a.b.json", b"{"),
        "raw/figures/gdp.a.b.json is no record of a snapshot; remove it",
    ),
    "a record of another form": (
        lambda home: overwrite(home / "raw" / "figures" / "gdp.a.b.json", b'{"name": "gdp.a.b"}'),
        "raw/figures/gdp.a.b.json is no record of a snapshot",
    ),
    "rows flipped": (
        lambda home: flip(home / "raw" / "figures" / "gdp.a.b.parquet"),
        "raw/figures/gdp.a.b.parquet is not as it was written; the next night",
    ),
    "rows gone": (
        lambda home: (home / "raw" / "figures" / "gdp.a.b.parquet").unlink(),
        "raw/figures/gdp.a.b.parquet is gone or cannot be read; the next night",
    ),
    "rejected rows flipped": (
        lambda home: flip(home / "quarantine" / "figures" / "gdp.a.b.parquet"),
        "quarantine/figures/gdp.a.b.parquet is not as it was written",
    ),
    "results of checks cut off": (
        lambda home: overwrite(home / "raw" / "figures" / "gdp.a.b.suite.checks.json", b"[{"),
        "gdp.a.b.suite.checks.json cannot be read; remove it",
    ),
    "the list of quarantine cut off": (
        lambda home: overwrite(home / "quarantine" / INDEX, b"[{"),
        "quarantine/index.json cannot be read; the next night writes it anew",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_kind_of_damage_is_found_and_says_what_to_do(home, kind):
    damage, told = DAMAGE[kind]
    damage(home)
    assert any(told in fault for fault in faults(home)), faults(home)


def test_rejected_rows_that_are_gone_are_missed_in_raw_and_in_the_list(home):
    (home / "quarantine" / "figures" / "gdp.a.b.parquet").unlink()
    assert len(faults(home)) == 2
