"""The commands that keep what the house has, and the parts of a rebuild that need no night. Whole rebuilds are in e2e."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from filelock import FileLock
from typer.testing import CliRunner

from ingest.landing import Document, Landing
from ingest.linkage.decisions import Decision
from orchestration import inspection, rebuild, workers
from orchestration.cli import app
from orchestration.night import Night
from orchestration.options import UsageError
from orchestration.rebuild import MartLine, Rebuild, RebuildError
from warehouse import release
from warehouse.backup import BackupError
from warehouse.home import Home
from warehouse.release import ReleaseError

pytestmark = pytest.mark.slow

FIRST, SECOND = "20261122T021503Z", "20261123T021503Z"


@pytest.fixture(scope="module")
def made_two(tmp_path_factory, publish_in) -> Home:
    """A home with a document and two releases; copied for each test, since sealing takes longer."""
    home = Home(tmp_path_factory.mktemp("two") / "home").ensure()
    Landing(home.landing).receive(
        "gdp", [Document("gdp.csv", b"1\n", "x")], datetime(2026, 11, 22, tzinfo=UTC)
    )
    publish_in(home, FIRST)
    publish_in(home, SECOND)
    return home


@pytest.fixture
def two(home, made_two) -> Home:
    shutil.copytree(made_two.root, home.root, symlinks=True, dirs_exist_ok=True)
    return home


def run(*arguments: object, home: Home):
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home.root)])


# --- releases


def test_releases_are_listed_newest_first_with_or_without_the_word_list(two):
    plain = run("releases", home=two)
    assert plain.exit_code == 0, plain.output
    assert plain.output == run("releases", "list", home=two).output
    lines = [line for line in plain.output.splitlines() if line.startswith("2026")]
    assert [line.split()[0] for line in lines] == [SECOND, FIRST]
    assert lines[0].rstrip().endswith("current") and lines[1].rstrip().endswith("whole")
    told = json.loads(run("releases", "list", "--json", home=two).output)
    assert [(one["id"], one["is_current"], one["faults"]) for one in told] == [
        (SECOND, True, []),
        (FIRST, False, []),
    ]


def test_before_the_first_night_there_is_no_release_to_list(tmp_path):
    done = run("releases", home=Home(tmp_path / "home"))
    assert (done.exit_code, done.output.count("holds no release yet")) == (0, 1)


def test_use_says_what_was_current_what_is_and_what_the_next_night_does(two):
    done = run("releases", "use", FIRST, "--reason", "占比 算错", home=two)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == f"current was {SECOND}"
    assert lines[-1] == f"current is {FIRST}"
    assert "占比 算错" in lines[1] and f"`blue-ledger releases use {SECOND}` takes it back" in lines[1]
    assert release.current_release(two).id == FIRST
    assert "withdrawn" in run("releases", home=two).output
    assert f"current was {FIRST}" in run("releases", "use", SECOND, home=two).output


def test_an_unknown_release_is_refused_with_the_list(two):
    refused = run("releases", "use", "20200101T000000Z", home=two)
    assert isinstance(refused.exception, ReleaseError)
    assert str(refused.exception).endswith(f"Whole are: {SECOND}, {FIRST}")


@pytest.fixture
def night(two, settings, monkeypatch):
    """A night after its build, in a home that went back from the second release: with a basis that a test may change."""
    run("releases", "use", FIRST, "--reason", "占比算错", home=two)
    night = Night(settings, workers.DBT, workers.SUITES)
    night.candidate = release.begin(two, "20261124T021503Z")
    rests_on = dict(release.open_release(two.releases / SECOND).manifest) | {"as_of_date": "2026-11-24"}
    monkeypatch.setattr(night, "rests_on", lambda: rests_on)
    return night, rests_on


def test_the_next_night_does_not_publish_again_what_was_withdrawn(night):
    [failure] = night[0].critical_failures()
    assert failure.startswith(f"release {SECOND} was withdrawn on ")
    assert "(占比算错), and nothing but the day has changed since" in failure
    assert failure.endswith(f"take it back: blue-ledger releases use {SECOND}")


def test_once_something_was_mended_it_is_published_with_a_warning(night):
    night, rests_on = night
    rests_on["code_version"] = "mended"
    assert night.critical_failures() == []
    [warning] = [text for text in night.warnings() if text.startswith("releases: ")]
    assert f"release {SECOND} was withdrawn" in warning
    assert warning.endswith(f"{FIRST} was in use until this one: make sure that the reason is gone")


def test_a_damaged_file_of_withdrawals_ends_the_night_and_the_page_can_still_be_written(night, two):
    two.withdrawn.write_text("[{", encoding="utf-8")
    with pytest.raises(ReleaseError, match="withdrawn.json cannot be read"):
        night[0].critical_failures()
    assert night[0].warnings() == []


def test_a_night_without_a_withdrawal_says_nothing_of_it(two, settings):
    night = Night(settings, workers.DBT, workers.SUITES)
    night.candidate = release.begin(two, "20261124T021503Z")
    night.rests_on = lambda: release.open_release(two.releases / SECOND).manifest
    assert (night.critical_failures(), night.warnings()) == ([], [])


# --- backup and restore


def test_a_backup_is_written_verified_restored_and_deeply_whole(two, tmp_path):
    file = tmp_path / "b.tar.gz"
    written = run("backup", "-o", file, home=two)
    assert written.exit_code == 0, written.output
    assert f"releases {SECOND}; verified" in written.output
    assert "every file as its hash says" in run("backup", "--verify", file, home=two).output
    place = Home(tmp_path / "other")
    restored = run("restore", file, home=place)
    assert f"current is {SECOND}" in restored.output
    deep = run("doctor", "--deep", home=place)
    assert deep.exit_code == 0, deep.output
    assert (place.root / "config" / "catalogue" / "sources.yml").is_file()
    assert (place.root / "config" / "city" / "plan" / "plan_targets.csv").is_file()


def test_a_backup_of_damaged_files_ends_with_one(two, tmp_path):
    [document] = (two.landing / "objects").iterdir()
    document.chmod(0o644)
    document.write_bytes(b"2\n")
    done = run("backup", "-o", tmp_path / "b.tar.gz", home=two)
    assert done.exit_code == 1
    assert f"damaged: landing/objects/{document.name}" in done.output


def test_a_backup_needs_a_file_to_write_or_one_to_verify(two, tmp_path):
    for arguments in ((), ("-o", tmp_path / "a.tar.gz", "--verify", tmp_path / "b.tar.gz")):
        assert isinstance(run("backup", *arguments, home=two).exception, UsageError)
    assert isinstance(
        run("restore", tmp_path / "none.tar.gz", home=Home(tmp_path / "x")).exception, BackupError
    )


# --- the deep look


def bad(settings) -> list[str]:
    return [finding.text for finding in inspection.examine(settings) if finding.state == "bad"]


def test_a_whole_home_has_nothing_bad(two, settings):
    assert {finding.subject: finding.state for finding in inspection.examine(settings)} == {
        "landing": "ok", "raw": "ok", "quarantine": "ok", "decisions": "ok", "releases": "ok",
    }  # fmt: skip


def test_a_damaged_release_is_bad_though_it_is_not_current_and_says_what_to_do(two, settings):
    page = two.releases / FIRST / "reports" / "night.html"
    page.chmod(0o644)
    page.write_text("改过", encoding="utf-8")
    [told] = bad(settings)
    assert told.startswith(f"{FIRST}: reports/night.html has changed; remove its folder, or")
    done = run("doctor", "--deep", home=two)
    assert done.exit_code == 1
    assert run("doctor", home=two).exit_code == 0  # the quick look asks of the current one only


def test_a_current_that_leads_nowhere_a_lost_manifest_and_bad_decisions_are_bad(two, settings):
    (two.releases / FIRST / "manifest.json").unlink()
    two.current.unlink()
    two.current.symlink_to("releases/20200101T000000Z")
    two.decisions.joinpath("links.csv").write_text("nth", encoding="utf-8")
    two.withdrawn.write_text("{", encoding="utf-8")
    told = "\n".join(bad(settings))
    assert "current leads nowhere; go back with `blue-ledger releases use ID`" in told
    assert f"{FIRST}: there is no release in" in told
    assert "links.csv: the last line is cut off" in told
    assert "withdrawn.json cannot be read" in told


def test_a_withdrawn_release_is_worth_a_look(two, settings):
    run("releases", "use", FIRST, home=two)
    assert [finding.text for finding in inspection.examine(settings) if finding.state == "warn"] == [
        f"release {SECOND} was withdrawn on {datetime.now(UTC).date()} (no reason was given)"
    ]


# --- rebuild


def test_the_current_release_is_rebuilt_and_another_where_it_is_named(two):
    assert rebuild.sealed(two, None).id == SECOND
    assert rebuild.sealed(two, FIRST).id == FIRST
    with pytest.raises(RebuildError, match=f"no release x; there are: {FIRST}, {SECOND}"):
        rebuild.sealed(two, "x")


def test_without_releases_the_newest_manifest_of_the_backup_is_what_to_compare_with(two, tmp_path):
    run("backup", "-o", tmp_path / "b.tar.gz", "--releases", "none", home=two)
    place = Home(tmp_path / "other")
    run("restore", tmp_path / "b.tar.gz", home=place)
    assert rebuild.sealed(place, None).manifest["marts"] == release.current_release(two).manifest["marts"]
    with pytest.raises(RebuildError, match="no release to compare with; there are: none"):
        rebuild.sealed(Home(tmp_path / "nothing").ensure(), None)


def test_a_mart_is_identical_only_if_rows_and_hash_are_and_none_is_left_out():
    was = {
        "a": {"rows": 1, "row_hash": "x"},
        "b": {"rows": 1, "row_hash": "x"},
        "c": {"rows": 1, "row_hash": "x"},
    }
    now = {
        "a": {"rows": 1, "row_hash": "x"},
        "b": {"rows": 1, "row_hash": "y"},
        "d": {"rows": 0, "row_hash": "z"},
    }
    assert [(line.mart, line.state) for line in rebuild._lines(was, now)] == [
        ("a", "identical"), ("b", "differs"), ("c", "missing"), ("d", "new"),
    ]  # fmt: skip


def test_what_differs_is_explained_by_other_code_or_else_is_a_fault(tmp_path):
    line = MartLine("a", "differs", 1, 1, "x", "y")
    done = Rebuild(FIRST, tmp_path, (line,), ("code: the release has c1, here is c2",))
    assert "they may, because the conditions differ: code" in rebuild.summary(done)
    assert "one of the two is wrong" in rebuild.summary(replace(done, other=()))
    assert not done.is_identical
    same = replace(done, lines=(replace(line, state="identical"),))
    assert rebuild.summary(same) == f"1 marts identical with {FIRST}, row by row"


def test_only_the_decisions_that_the_release_knew_are_used():
    def decided(day):
        return Decision("ab", None, "reject", "p", datetime(2026, 11, day), "r", None, None, "command")

    all_ = [decided(1), decided(2), decided(3)]
    assert rebuild._decisions_then(all_, {"decisions": 2}) == all_[:2]
    assert rebuild._decisions_then(all_, {"built_at": "2026-11-02T12:00:00+00:00"}) == all_[:2]
    with pytest.raises(RebuildError, match="knew 4 decisions .* has 3"):
        rebuild._decisions_then(all_, {"decisions": 4})


def test_a_rebuild_removes_what_killed_ones_left_and_nothing_else(two, settings):
    places = {name: two.build / f"rebuild-{FIRST}-{name}" for name in ("killed", "at_work", "differs")}
    for place in places.values():
        place.mkdir(parents=True)
    (places["differs"] / "rebuild.json").write_text("{}")  # kept to be looked at
    (places["killed"] / ".lock").touch()
    with FileLock(places["at_work"] / ".lock"):
        fresh = rebuild._fresh(two, release.open_release(two.releases / FIRST), None)
        assert set(two.build.glob("rebuild-*")) == {places["at_work"], places["differs"], fresh}


def test_a_rebuild_says_from_what_and_goes_into_a_new_folder(two, settings, tmp_path):
    assert isinstance(run("rebuild", home=two).exception, UsageError)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(RebuildError, match="expected a folder that is new or empty"):
        rebuild.rebuild(settings, release.current_release(two), tmp_path / "full")


def test_documents_that_landing_lacks_or_no_catalogue_has_are_all_named(two, settings, tmp_path):
    target = release.current_release(two)
    wanted = [
        {"source": "gone", "document": "a.csv", "sha256": "0" * 64, "retrieved_at": "x"},
        {"source": "county_gdp_other", "document": "b.csv", "sha256": "1" * 64, "retrieved_at": "x"},
    ]
    about = {"as_of_date": "2026-11-23", "demo": False, "decisions": 0, "inputs": wanted}
    with pytest.raises(RebuildError) as refused:
        rebuild.rebuild(settings, replace(target, manifest=target.manifest | about), tmp_path / "new")
    assert "2 of 2 documents of the release cannot be used" in str(refused.value)
    assert "gone: the catalogue has no such source" in str(refused.value)
    assert (
        "county_gdp_other: b.csv (111111111111, retrieved x): landing/county_gdp_other/ holds no receipt of it"
        in str(refused.value)
    )
    assert not (tmp_path / "new").exists()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in ("BLUE_LEDGER_HOME", "BLUE_LEDGER_SOURCES", "BLUE_LEDGER_DEMO", "BLUE_LEDGER_TODAY"):
        monkeypatch.delenv(name, raising=False)
