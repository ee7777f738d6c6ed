"""Landing alone gives the release again: in a home restored elsewhere, in another zone, to the same row of every mart."""

from __future__ import annotations

import json

import pytest

from warehouse.home import Home
from warehouse.release import current_release

pytestmark = pytest.mark.slow

#: what may be otherwise on another machine, and must decide no figure
ELSEWHERE = {
    "TZ": "America/Los_Angeles",
    "PYTHONHASHSEED": "4711",
    "LC_ALL": "C",
    "BLUE_LEDGER_TODAY": "2027-03-14",
    "BLUE_LEDGER_DEMO": "no",
}


def test_a_restored_home_builds_the_release_again_from_landing_to_the_last_row(
    demo_home, blue_ledger, start_blue_ledger, tmp_path
):
    """The home holds no raw, no build file and no demo files: documents are read anew and nothing is fetched."""
    archive, place = tmp_path / "ledger.tar.gz", tmp_path / "another machine" / "账本"
    made = blue_ledger("backup", "-o", archive, home=demo_home.root)
    assert made.code == 0, made.err + made.out
    restored = blue_ledger("restore", archive, home=place)
    assert restored.code == 0, restored.err
    assert [path.name for path in (place / "demo").iterdir()] == ["demo.json"]
    landing = {path: path.stat().st_mtime_ns for path in (place / "landing").rglob("*")}

    into = tmp_path / "again"
    with start_blue_ledger(
        "rebuild", "--from-landing", "--into", into, "--json", home=place, variables=ELSEWHERE
    ) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err + out

    told = json.loads(out)
    sealed = current_release(Home(demo_home.root)).manifest["marts"]
    assert {line["mart"]: line["hash"] for line in told["marts"]} == {
        name: mart["row_hash"] for name, mart in sealed.items()
    }
    assert (told["identical"], told["other_conditions"], len(told["marts"]) > 40) == (True, [], True)
    assert {line["state"] for line in told["marts"]} == {"identical"}
    assert sorted(path.name for path in into.iterdir()) == ["marts.duckdb", "parquet", "rebuild.json"]
    assert {path: path.stat().st_mtime_ns for path in (place / "landing").rglob("*")} == landing
    assert list((place / "raw").iterdir()) == []

    deep = blue_ledger("doctor", "--deep", "--json", home=place)
    found = json.loads(deep.out)
    assert [one for one in found if one["state"] == "bad"] == []
    assert {"landing", "raw", "quarantine", "decisions", "releases"} <= {one["subject"] for one in found}
