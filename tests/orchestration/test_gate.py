"""What must have been looked at before anything is published, and the page that every night leaves, however it ends."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from expectations import personal
from expectations.runner import CheckResult, not_evaluated
from ingest import layout
from ingest.snapshots import Snapshot
from ingest.standing import Standing, Verdict
from orchestration import run
from orchestration.dbt import declared_tests
from orchestration.dbt_results import NodeResult
from orchestration.night import Night, NightBlocked, write_crash
from tests.orchestration.conftest import GAPS
from warehouse.changes import SCHEMA, Comparison
from warehouse.report import KEPT_NIGHTS

pytestmark = pytest.mark.slow

PASSED = CheckResult(
    "plan_progress", "plan_progress", "mart", "value_possible", "value", "critical", "passed", "Why.", 0, 3, "0 of 3 rows"
)  # fmt: skip
CRASHED = not_evaluated("plan_progress", "suite", "KeyError: 'gop'")


class InlineWorker:
    """Answers with what it was given, as a process would; an exception is one that the process died of."""

    def __init__(self, *answers: object) -> None:
        self.answers, self.asked = list(answers), 0

    def submit(self, function, *arguments) -> Future:
        self.asked += 1
        future, answer = Future(), self.answers.pop(0)
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    def start(self) -> None: ...
    def stop(self) -> None: ...


@pytest.fixture
def night(settings):
    return Night(settings, InlineWorker(), InlineWorker())


@pytest.fixture
def audited(night):
    """A night after its audit: one mart, its one check passed, its one test too."""
    night.mart_rows = {"plan_progress": 3}
    night.suite_results = [("plan_progress", PASSED)]
    night.declared = {"plan_progress": ["value_possible"]}
    night.declared_tests = {"test.a": "not_null_a"}
    night.nodes = [NodeResult("test.a", "not_null_a", "test", "pass", None, 0, 0.1, "model.a")]
    return night


def test_a_night_of_which_everything_was_looked_at_may_publish(audited):
    assert audited.critical_failures() == []


def test_a_page_that_names_a_person_blocks_the_release(audited, tmp_path):
    candidate = tmp_path / "candidate"
    (candidate / "reports").mkdir(parents=True)
    with duckdb.connect(str(candidate / "marts.duckdb")) as connection:
        connection.execute("create schema meta; create table meta.checks as select '—' as observed")
    audited.candidate = SimpleNamespace(path=candidate, database=candidate / "marts.duckdb")
    audited._require_nothing_personal()
    (candidate / "reports" / "night.html").write_text("<li>来源电话 13905361234</li>", encoding="utf-8")
    with pytest.raises(NightBlocked, match="personal data in the release: reports/night.html: 1 places"):
        audited._require_nothing_personal()


def test_a_table_that_names_a_person_blocks_the_release(audited):
    audited.suite_results.append((personal.SUBJECT, personal.result(["main.firms.note: 2 cells"])))
    [failure] = audited.critical_failures()
    assert failure.startswith("release · no_personal_data: No text of the release holds a mobile number")
    assert failure.endswith("main.firms.note: 2 cells")


def test_a_suite_that_crashed_blocks_as_an_error_of_the_run(audited):
    audited.suite_results = [("plan_progress", CRASHED)]
    [failure] = audited.critical_failures()
    assert failure.startswith("could not be evaluated: plan_progress · suite: ")
    assert failure.endswith("KeyError: 'gop'")


def test_a_check_that_warns_blocks_where_it_could_not_be_evaluated(audited):
    audited.suite_results.append(
        ("plan_progress", not_evaluated("plan_progress", "value_dated", "no such column"))
    )
    assert len(audited.critical_failures()) == 1


def test_a_declared_check_without_a_result_blocks(audited):
    audited.declared["plan_progress"].append("value_dated")
    assert audited.critical_failures() == ["mart plan_progress: its check value_dated has no result"]


def test_a_mart_without_any_check_blocks(audited):
    audited.mart_rows["dim_area"] = 20
    assert audited.critical_failures() == ["mart dim_area: its suite did not run"]


def test_a_test_of_dbt_that_was_skipped_blocks(audited):
    audited.nodes = [replace(audited.nodes[0], status="skipped")]
    assert audited.critical_failures() == ["test not_null_a: skipped (0 rows)"]


def test_a_test_of_dbt_that_never_ran_blocks(audited):
    audited.declared_tests["test.b"] = "unique_b"
    assert audited.critical_failures() == ["test unique_b did not run: no release without it"]


def test_only_data_tests_must_have_run():
    nodes = {
        id_: {"resource_type": kind, "name": id_}
        for id_, kind in (("t", "test"), ("m", "model"), ("s", "seed"))
    }
    assert declared_tests({"nodes": nodes, "unit_tests": {"u": {}}}) == {"t": "t"}


def test_a_past_figure_that_nothing_explains_blocks_and_is_named(audited):
    import polars as pl

    row = dict.fromkeys(SCHEMA) | {
        "mart": "marine_gdp_share", "key": "year=2024", "column_name": "gop", "before": "1", "after": "2",
        "why": "unexplained", "is_critical": True,
    }  # fmt: skip
    audited.comparison = Comparison("20261123T021503Z", pl.DataFrame([row], schema=SCHEMA))
    assert audited.critical_failures() == [
        "1 figure(s) of past periods differ from 20261123T021503Z though code, parameters and inputs are the same:"
        " marine_gdp_share.gop (year=2024): 1 → 2, unexplained"
    ]
    explained = pl.DataFrame([row | {"why": "code"}], schema=SCHEMA)
    audited.comparison = Comparison("20261123T021503Z", explained)
    assert audited.critical_failures() == []
    assert len(audited.warnings()) == 1


# ── snapshots ──────────────────────────────────────────────────────────────────────────────────────────────────────

SNAPSHOT_ERROR = not_evaluated("green_notices", "suite", "MemoryError: ")
SNAPSHOT_PASSED = replace(PASSED, suite="green_notices", subject="green_notices", subject_kind="dataset")


@pytest.fixture
def snapshot(night, monkeypatch):
    monkeypatch.setattr(night.store, "rows_files", lambda snapshot: ())
    (night.home.raw / "green_notices").mkdir(parents=True)
    return SimpleNamespace(
        fault=None, dataset="green_notices", name="aa11", rejected_share=0.0, document="notices.csv"
    )


@pytest.fixture
def source(night):
    return next(source for source in night.sources if source.dataset == "green_notices")


def test_what_could_not_be_evaluated_is_no_verdict_on_a_snapshot_and_is_not_kept(night, snapshot, source):
    night._suites = InlineWorker([[SNAPSHOT_ERROR]])
    verdict = night._judge(source, snapshot)
    assert verdict.accepted  # its data were not found bad
    assert not night._results_file(snapshot).exists()
    assert night._errors() == [
        "could not be evaluated: green_notices · suite: Every declared check is evaluated, because what was not"
        " looked at is not known to be right. — MemoryError: "
    ]
    assert night._judge(source, snapshot).accepted
    assert night._suites.asked == 1  # asked once a night


def test_the_next_night_evaluates_it_again_and_keeps_what_it_finds(settings, night, snapshot, source):
    night._suites = InlineWorker([[SNAPSHOT_ERROR]])
    night._judge(source, snapshot)
    again = Night(settings, InlineWorker(), InlineWorker([[SNAPSHOT_PASSED]]))
    again.store.rows_files = lambda snapshot: ()
    assert again._judge(source, snapshot).accepted
    assert again._errors() == []
    kept = json.loads(again._results_file(snapshot).read_text("utf-8"))
    assert [entry["status"] for entry in kept["results"]] == ["passed"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept | {"results": []},
        lambda kept: kept | {"results": [kept["results"][0] | {"status": "passed"}]},
        lambda kept: kept["results"],
        lambda kept: None,
    ],
    ids=["a result lost", "a verdict changed", "no hash", "nothing"],
)
def test_kept_results_that_were_damaged_are_asked_for_again(night, snapshot, source, damage):
    failed = replace(SNAPSHOT_PASSED, status="failed", samples=("第5行",))
    night._suites = InlineWorker([[failed]], [[failed]])
    assert not night._judge(source, snapshot).accepted
    file = night._results_file(snapshot)
    assert [result.samples for result in night._kept_results(snapshot)] == [("第5行",)]
    file.write_text(json.dumps(damage(json.loads(file.read_text("utf-8")))), encoding="utf-8")
    assert not night._judge(source, snapshot).accepted
    assert night._suites.asked == 2


def test_a_process_that_dies_leaves_an_error_for_what_it_was_evaluating(night, snapshot, source):
    night._suites = InlineWorker(RuntimeError("terminated abruptly"))
    assert night._judge(source, snapshot).accepted
    [error] = night._errors()
    assert error.endswith("the process that evaluates it gave no answer: RuntimeError: terminated abruptly")


def test_a_snapshot_that_could_not_be_evaluated_blocks_the_night(night, monkeypatch):
    night.sources = ()
    night.suite_results = [("aa11", SNAPSHOT_ERROR)]
    with pytest.raises(NightBlocked, match="could not be evaluated: green_notices"):
        night.take()
    ending = night.finish()
    assert (ending.outcome, ending.release_id) == ("blocked", None)
    page = (night.home.reports / "last_night.html").read_text(encoding="utf-8")
    assert "could not be evaluated: green_notices" in page
    assert "无法执行" in page


@pytest.mark.parametrize("large_from", [1, 1 << 40], ids=["beside the others", "one after another"])
def test_documents_stand_alike_wherever_they_are_parsed(night, monkeypatch, large_from):
    monkeypatch.setattr("orchestration.night.LARGE_BYTES", large_from)
    parsed_here, take = {}, night.store.take

    def watched(source, receipt):  # later ones read what the first has parsed
        parsed_here.setdefault(source.id, threading.current_thread() is threading.main_thread())
        return take(source, receipt)

    monkeypatch.setattr(night.store, "take", watched)
    night.sources = tuple(s for s in night.sources if s.id in ("county_gdp_other", "gdp_city_province"))
    night._suites = InlineWorker([[SNAPSHOT_PASSED]], [[SNAPSHOT_PASSED]])
    night.fetch()
    found = {
        stands.source.id: (stands.state, [(one.rows, one.rejected) for one in stands.snapshots])
        for stands in night.take()
    }
    assert found == {"county_gdp_other": ("fresh", [(34, 0)]), "gdp_city_province": ("fresh", [(19, 0)])}
    assert parsed_here == dict.fromkeys(found, large_from > 1)
    assert night._suites.asked == 2


# ── the page of every night ────────────────────────────────────────────────────────────────────────────────────────


def endings(home) -> tuple[dict, dict]:
    return tuple(
        json.loads((home.reports / name).read_text(encoding="utf-8"))
        for name in ("last_night.json", "last_night.report.json")
    )


def test_a_night_that_ends_before_its_first_stage_leaves_page_and_json(settings):
    ending = write_crash(settings, "run-1", ValueError("current leads nowhere"))
    told, whole = endings(settings.home)
    assert ending.message == "ValueError: current leads nowhere"
    assert (told["outcome"], told["run_id"], told["message"]) == ("crashed", "run-1", ending.message)
    assert (whole["outcome"], whole["current_id"], whole["message"]) == ("crashed", None, ending.message)
    page = (settings.home.reports / "last_night.html").read_text(encoding="utf-8")
    assert "未发布：运行中断" in page and "ValueError: current leads nowhere" in page


def test_a_night_that_cannot_be_constructed_leaves_a_page(settings, monkeypatch):
    import dagster as dg

    from orchestration.resources import NightResource

    settings.to_environment()
    (settings.home.decisions / "links.csv").write_text("cut off", encoding="utf-8")
    with (
        pytest.raises(Exception, match="the last line is cut off"),
        NightResource().yield_for_execution(dg.build_init_resource_context()),
    ):
        pass
    told, whole = endings(settings.home)
    assert (told["outcome"], whole["outcome"]) == ("crashed", "crashed")
    assert told["message"].startswith("DecisionError: ")
    assert "the last line is cut off" in (settings.home.reports / "last_night.html").read_text(
        encoding="utf-8"
    )


def test_what_fails_outside_dagsters_run_leaves_a_page_and_goes_on_to_who_called(settings, monkeypatch):
    monkeypatch.setattr(run, "_run", lambda settings, listener: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.run_nightly(settings, lambda name, text, seconds: None)
    assert endings(settings.home)[0]["message"] == "ZeroDivisionError: division by zero"


def test_a_page_that_cannot_be_made_in_full_is_made_short(night, monkeypatch):
    monkeypatch.setattr(night, "_report", lambda release_id: 1 / 0)
    night.message = "fetch: OSError: disk full"
    assert night.finish().message == "fetch: OSError: disk full"
    told, whole = endings(night.home)
    assert (told["message"], whole["message"]) == ("fetch: OSError: disk full",) * 2


def test_a_copy_of_every_night_is_kept_up_to_a_bound(night):
    start = datetime(2026, 1, 1, 18, tzinfo=UTC)
    for n in range(KEPT_NIGHTS + 3):
        night.started_at = start + timedelta(days=n)
        night.finish()
    names = sorted(path.name for path in (night.home.reports / "nights").iterdir())
    assert len(names) == 2 * KEPT_NIGHTS
    assert names[:2] == ["20260104T180000Z.html", "20260104T180000Z.json"]


def test_a_night_without_anything_new_repeats_the_warnings_of_the_release_that_stays(night):
    night.previous = SimpleNamespace(
        id="20261123T021503Z", manifest={"warnings": ["county_gdp_other: 3 days old"], "marts": {}}
    )
    night.outcome, night.message = "unchanged", "no source, no code and no day has changed"
    night.finish()
    told, whole = endings(night.home)
    assert told["warnings"] == whole["warnings"] == ["county_gdp_other: 3 days old"]
    page = (night.home.reports / "last_night.html").read_text(encoding="utf-8")
    assert "county_gdp_other: 3 days old" in page
    assert "本次没有构建新版本，没有可比较的内容。" in page


# ── full disks, wrong clocks, damaged releases ─────────────────────────────────────────────────────────────────────


def test_a_night_whose_page_cannot_be_written_has_ended_as_it_has(night, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.report.keep_night", full)
    night.outcome, night.message = "published", "release 20261123T021503Z"
    assert night.finish().outcome == "published"
    assert "the report of this night cannot be written: [Errno 28]" in capsys.readouterr().err


@pytest.fixture
def publishing(audited, publish, monkeypatch):
    """A night after its audit, with a release before it; it can publish, with pages and papers left out."""
    from warehouse import release

    audited.previous = publish("20261123T021503Z")
    audited.candidate = release.begin(audited.home, "20261124T021503Z")
    release.copy_marts(audited.candidate, audited.home.build_file, [GAPS])
    monkeypatch.setattr(audited, "rests_on", lambda: {"code_version": "x", "inputs": []})
    monkeypatch.setattr(audited, "fingerprint", lambda: "f")
    monkeypatch.setattr(audited, "_meta", lambda built_at: {})
    monkeypatch.setattr(audited, "_require_nothing_personal", lambda: None)
    monkeypatch.setattr("warehouse.progress.plan_progress", lambda made: [])
    monkeypatch.setattr("warehouse.progress.bands_zh", lambda parameters: "")
    monkeypatch.setattr(audited, "mart_rows", {})
    monkeypatch.setattr("orchestration.lineage.write_lineage", lambda *arguments: None)
    monkeypatch.setattr("warehouse.site.build", lambda made, folder: [])
    monkeypatch.setattr("orchestration.dbt.load_manifest", lambda: {"nodes": {}})
    return audited


def current_of(home) -> str:
    return home.current.resolve().name


def test_old_releases_that_cannot_be_removed_take_nothing_from_the_new_one(publishing, monkeypatch):
    def stuck(home):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("warehouse.release.retain", stuck)
    assert publishing.publish().id == "20261124T021503Z"
    assert publishing.outcome == "published"


def test_the_report_inside_a_release_says_that_it_was_published(publishing):
    folder = publishing.publish().path
    told = json.loads((folder / "reports" / "night.json").read_text(encoding="utf-8"))
    assert (told["outcome"], told["message"]) == ("published", "release 20261124T021503Z")
    assert (told["release_id"], told["current_id"]) == ("20261124T021503Z",) * 2
    ending = publishing.finish()
    assert (ending.outcome, ending.release_id, ending.warnings) == ("published", "20261124T021503Z", ())


def test_a_night_that_has_published_removes_what_was_read_before_its_code_and_says_so(
    publishing, monkeypatch
):
    from ingest.landing import Document

    source = publishing.sources[0]
    [receipt] = publishing.landing.receive(
        source.id,
        [Document("figures.csv", b"nobody can read this", "here")],
        datetime(2026, 11, 24, tzinfo=UTC),
    )
    with monkeypatch.context() as patch:
        patch.setattr("ingest.snapshots.code_version", lambda: "of yesterday")
        publishing.store.take(source, receipt)
    tonight = publishing.store.take(source, receipt).name
    said = []
    publishing._on_stage = lambda name, text, seconds: said.append(text)
    publishing.publish()
    assert said[-1] == "20261124T021503Z; 1 superseded snapshots removed"
    assert [path.name for path in publishing.home.raw.rglob("*.*")] == [f"{tonight}.json"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("while_", ["warehouse.site.build", "warehouse.release.seal"])
def test_a_night_interrupted_while_it_publishes_has_crashed_and_names_no_release(
    publishing, settings, monkeypatch, while_, number
):
    import dagster as dg

    from orchestration import resources
    from orchestration.assets.release import release_asset

    def interrupted(*arguments):
        os.kill(os.getpid(), number)
        return []

    def tonight(settings, dbt, suites, tell, run_id):
        publishing.run_id = run_id
        return publishing

    monkeypatch.setattr(while_, interrupted)
    monkeypatch.setattr(resources, "Night", tonight)
    for name in ("BLUE_LEDGER_HOME", "BLUE_LEDGER_SOURCES", "BLUE_LEDGER_DEMO", "BLUE_LEDGER_ONLY"):
        monkeypatch.setenv(name, "")  # what is set for Dagster is set back
    settings.to_environment()
    result = dg.materialize(
        [release_asset([])], resources={"night": resources.NightResource()}, raise_on_error=False
    )
    ending = run._ending(settings, result)
    assert (ending.outcome, ending.release_id) == ("crashed", None)
    assert ending.message == "publish: interrupted (DagsterExecutionInterruptedError)"
    assert current_of(settings.home) == "20261123T021503Z"
    told, whole = endings(settings.home)
    assert (told["outcome"], told["release_id"], whole["current_id"]) == ("crashed", None, "20261123T021503Z")


@pytest.mark.parametrize("after", ["retain", "seal"])
def test_a_night_interrupted_after_the_swap_has_published_and_says_what_was_cut_off(
    publishing, monkeypatch, after
):
    from warehouse import release

    def interrupted(*arguments):
        raise KeyboardInterrupt

    if after == "retain":
        monkeypatch.setattr("warehouse.release.retain", interrupted)
    else:  # the link leads there, and nobody has been told yet
        sync = release.sync
        monkeypatch.setattr(
            "warehouse.release.sync",
            lambda path: interrupted() if path == publishing.home.root else sync(path),
        )
    with pytest.raises(KeyboardInterrupt):
        publishing.publish()
    ending = publishing.finish()
    assert current_of(publishing.home) == "20261124T021503Z"
    assert (ending.outcome, ending.release_id) == ("published", "20261124T021503Z")
    assert ending.message == "release 20261124T021503Z"
    assert ending.warnings == (
        "the release is in use; what follows it was cut off: publish: interrupted (KeyboardInterrupt)",
    )


def test_what_the_last_look_found_stands_whatever_the_clock_said_of_what_came_before(night, source):
    from ingest.landing import Document

    def look(content: bytes, at: datetime):
        night.landing.receive(source.id, [Document("notices.csv", content, "notices.csv")], at)

    look(b"old", datetime(2099, 1, 1, tzinfo=UTC))
    look(b"new", datetime(2026, 11, 23, tzinfo=UTC))
    newest = night._receipts(source)[-1]
    assert night.landing.content(newest.sha256) == b"new"
    look(b"new", datetime(2026, 11, 24, tzinfo=UTC))
    assert night._receipts(source)[-1].sha256 == newest.sha256


def test_a_file_that_goes_away_while_it_is_copied_is_a_bad_look_and_not_the_nights_end(
    night, source, monkeypatch
):
    from ingest.landing import Document

    gone = Document("notices.csv", night.home.root / "gone.csv", "gone.csv")
    monkeypatch.setattr("ingest.connectors.fetch", lambda source, places: [gone])
    night._look(source, None)
    look = night.landing.last_look(source.id)
    assert not look.ok and look.error.endswith("gone.csv cannot be read: No such file or directory")


@pytest.mark.parametrize("name", ["notices.csv", os.fsdecode("公告.csv".encode("gbk"))], ids=["", "GBK"])
def test_a_network_inbox_that_drops_out_is_a_bad_look_of_its_source(night, source, monkeypatch, name):
    from ingest import connectors

    inbox = source.model_copy(update={"connector": "inbox", "location": "*.csv"})
    file = night.home.inbox / name
    file.write_text("notices", encoding="utf-8")
    places = connectors.Places(night.home.root, night.home.inbox, night.home.demo, lambda folder: None)
    opened = Path.open

    def drop_out(path, *arguments, **options):
        if path == file and options:  # opened to be received
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
        return opened(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", drop_out)
        night._look(inbox, places)
    told = {"notices.csv": "notices.csv"}.get(name, "公告.csv")
    look = night.landing.last_look(source.id)
    assert (look.ok, look.error) == (False, f"{source.id}: {told} cannot be read: Stale file handle")
    night._look(inbox, places)
    assert night.landing.last_look(source.id).found == [(night._receipts(source)[-1].sha256, told)]


@pytest.fixture
def handed_in(night):
    """Look at an inbox of registers, or another source, on that day of November; it holds the bytes under the names given."""
    from ingest.landing import Document

    def look(day: int, documents: dict[str, bytes], id_: str = "inbox_registers"):
        source = next(source for source in night.sources if source.id == id_)
        night.landing.receive(
            source.id,
            [Document(name, content, name) for name, content in documents.items()],
            datetime(2026, 11, day, tzinfo=UTC),
            by_name=layout.load(source.layout).reads_name,
        )
        return [receipt.name for receipt in night._receipts(source)]

    return look


def test_a_renamed_file_stands_under_its_new_name_only_and_the_night_is_another(night, handed_in):
    assert handed_in(1, {"登记.csv": b"1"}) == ["登记.csv"]
    before = night.fingerprint()
    assert handed_in(2, {"登记_增量_2026-10.csv": b"1"}) == ["登记_增量_2026-10.csv"]
    assert night.fingerprint() != before
    assert handed_in(3, {"登记_全量_2026-10.csv": b"1"}) == ["登记_全量_2026-10.csv"]
    assert handed_in(4, {}) == ["登记_全量_2026-10.csv"]
    assert handed_in(5, {"登记_增量_2026-10.csv": b"1"}) == ["登记_增量_2026-10.csv"]


def test_files_of_the_same_bytes_stand_beside_each_other_where_their_names_tell_something(night, handed_in):
    both = {"登记_全量_2026-10.csv": b"1", "登记_全量_2026-09.csv": b"1"}
    assert handed_in(1, both) == list(both)
    assert handed_in(2, {}) == list(both)
    assert handed_in(1, both, "inbox_figures") == [
        "登记_全量_2026-10.csv"
    ]  # where they tell nothing they are copies


def test_of_files_of_the_same_bytes_none_is_lost_when_the_inbox_is_cleared_or_an_earlier_day_is_asked_about(
    night, handed_in
):
    september, october = "登记_全量_2026-09-30.csv", "登记_全量_2026-10-31.csv"
    assert handed_in(1, {september: b"1"}) == [september]
    assert handed_in(2, {september: b"1", october: b"1"}) == [september, october]
    assert handed_in(3, {}) == [september, october]
    [source] = [source for source in night.sources if source.id == "inbox_registers"]
    night.known_by = date(2026, 11, 2)
    assert [receipt.name for receipt in night._receipts(source)] == [september, october]
    night.known_by = date(2026, 11, 1)
    assert [receipt.name for receipt in night._receipts(source)] == [september]


@pytest.mark.parametrize("first", [b"0", b"1", b"2", b"3"])
def test_of_files_that_came_at_once_the_last_of_the_look_stands(night, handed_in, first):
    assert handed_in(1, {"old.csv": first, "new.csv": b"a"}, "inbox_clusters") == ["old.csv", "new.csv"]
    assert handed_in(2, {"new.csv": b"a", "old.csv": first}, "inbox_clusters") == ["new.csv", "old.csv"]


def test_of_files_that_came_at_once_those_set_aside_are_named_while_they_lie_there(
    night, handed_in, monkeypatch
):
    source = next(source for source in night.sources if source.id == "inbox_clusters")
    monkeypatch.setattr(night.store, "take", lambda source, receipt: night.store._about("s", source, receipt))
    monkeypatch.setattr(night, "_judge", lambda source, snapshot: Verdict(snapshot))
    handed_in(1, {"a.csv": b"a", "b.csv": b"b", "c.csv": b"c"}, source.id)
    assert night._stand(source).message == (
        "c.csv stands, for each file replaces the one before; set aside: a.csv, b.csv"
    )
    handed_in(2, {"b.csv": b"b", "c.csv": b"c"}, source.id)
    assert night._stand(source).message.endswith("; set aside: b.csv")
    handed_in(3, {"c.csv": b"c"}, source.id)
    assert night._stand(source).message is None
    handed_in(
        4, {"c.csv": b"c", "d.csv": b"d"}, source.id
    )  # which replaces the one before, as it is meant to
    assert [night._stand(source).message, night._stand(source).snapshots[0].document] == [None, "d.csv"]


def test_a_register_handed_in_whole_that_lost_rows_warns_whatever_came_between(night):
    source = next(source for source in night.sources if source.id == "inbox_registers")
    about = {"headers": {}, "kinds": {}}

    def snapshot(name, extent, rows, day=None):
        return Snapshot(
            name, source.id, source.dataset, name, name, "2026-11-01", "submitted",
            profile=about | {"rows": rows, "extent": [extent], "register_on": [day] if day else []},
        )  # fmt: skip

    def drift(*snapshots):
        found = night._drift(Standing(source, "fresh", snapshots, 0, None))
        return [
            (name, result.check, result.severity, result.observed, result.description)
            for name, result in found
        ]

    september, delta = snapshot("september", "full", 300), snapshot("delta", "delta", 3)
    assert drift(september, delta, snapshot("october", "full", 200), snapshot("later", "delta", 1)) == [
        (
            "october", "drift_rows", "warning", "300 rows before, 200 now",
            "As in september, the document accepted before it.",
        )
    ]  # fmt: skip
    assert [severity for _, _, severity, *_ in drift(september, snapshot("october", "full", 290))] == ["info"]
    assert drift(september, delta) == drift(delta, september) == []
    ordered = [snapshot("october", "full", 300, "2026-10-31"), snapshot("march", "full", 200, "2026-03-31")]
    assert [severity for _, _, severity, *_ in drift(*ordered)] == ["info"]  # 200 rows, and then 300


def test_a_full_disk_is_no_bad_look_of_a_source(night, source, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device", "notices.csv")

    monkeypatch.setattr("ingest.connectors.fetch", full)
    with pytest.raises(OSError, match="No space left"):
        night._look(source, None)


def test_a_damaged_release_is_named_and_the_night_goes_on_without_it(settings, publish):
    release = publish("20261123T021503Z")
    (release.path / "manifest.json").chmod(0o644)
    (release.path / "manifest.json").write_text("{", encoding="utf-8")
    night = Night(settings, InlineWorker(), InlineWorker())
    assert night.previous is None
    [told] = night.warnings()
    assert told.startswith("release 20261123T021503Z is damaged: ")
