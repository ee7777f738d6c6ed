"""One night: fetch, take, build, audit, publish, report. Only wires the rooms together; every rule is theirs.

The unit of audit is the whole release: marts are copied into a candidate, the suites read the candidate's own Parquet
files, and only a candidate without a critical failure is sealed. A night that stops anywhere leaves `current` as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from expectations import SUITES, personal, runner
from expectations.runner import CheckResult, SuiteRequest
from expectations.version import suites_version
from ingest import connectors, drift, layout, quarantine, standing
from ingest.catalogue import Source
from ingest.datasets import DATASETS
from ingest.landing import Landing, Receipt, UnreadableDocument, clear_partials, document_key, write_json
from ingest.linkage import decisions as link_decisions
from ingest.reference import Reference
from ingest.snapshots import Snapshot, SnapshotStore, Unread, city_day
from ingest.standing import Standing, Verdict
from orchestration import alerts, dbt, lineage, marts, prepare, spark
from orchestration.dbt_results import NodeResult
from orchestration.settings import Settings, city_folder, project_version
from orchestration.workers import Worker
from warehouse import build, changes, engine, progress, release, report, rollback, site
from warehouse.changes import Comparison
from warehouse.check_history import with_history
from warehouse.home import Home
from warehouse.release import Candidate, Release

Outcome = Literal["published", "unchanged", "blocked", "crashed"]


# The SQL that says, over the row `r` of a raw relation, when it became known: published, or else fetched. The national green
# lists carry no date of their own; their notices do, and which titles are the city's is known as soon as the lists are.
_NOTICE = (
    "coalesce(r.published_on, (select min(n.published_on) from raw.green_notices_all as n"
    " where n.category = r.category and n.batch = r.batch), r.snapshot_on)"
)
KNOWN_ON = {name: "coalesce(r.published_on, r.snapshot_on)" for name in DATASETS} | {
    "green_list_entries": _NOTICE,
    "green_attributions": _NOTICE,
}


#: documents from this size on are parsed beside the others: most of their time is not Python's
LARGE_BYTES = 16 << 20


class NightBlocked(Exception):
    """Critical checks failed: nothing is published and `current` stays."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Ending:
    """How a night ended, as other processes read it in reports/last_night.json."""

    outcome: Outcome
    message: str
    release_id: str | None
    warnings: tuple[str, ...]
    run_id: str | None
    finished_at: str
    changes: str = (
        ""  # what differs from the release before, in one line; empty where no candidate was compared
    )


class Night:
    """The state of one night. Stages are called once each, in order, by whoever runs the night."""

    def __init__(
        self,
        settings: Settings,
        dbt_worker: Worker,
        suite_worker: Worker,
        on_stage: Callable[[str, str, float | None], None] = lambda name, text, seconds: None,
        run_id: str | None = None,
        known_by: date | None = None,
    ) -> None:
        self.settings = settings
        self.home: Home = settings.home.ensure()
        self.run_id = run_id
        self.known_by = known_by  # only what was known on that day, where an earlier one is asked about
        self.engine = "duckdb" if known_by else settings.engine
        self.build_folder = self.home.as_of / "build" if known_by else self.home.build
        self.started_at = datetime.now(UTC)
        self._dbt, self._suites = dbt_worker, suite_worker
        self._on_stage = on_stage
        self.city = city_folder()
        self.landing = Landing(self.home.landing)
        self.corrections = settings.corrections()
        # read once: what is decided while the night runs is the next night's
        self.decisions = [
            decision
            for decision in link_decisions.load(self.home.decisions)
            if known_by is None or city_day(decision.decided_at.replace(tzinfo=UTC).isoformat()) <= known_by
        ]
        self.store = SnapshotStore(
            self.home.raw, self.home.quarantine, self.landing, Reference(self.city), self.corrections
        )
        self.sources: tuple[Source, ...] = settings.catalogue().enabled(demo=settings.demo)
        self.previous, self.damage = release.last_whole(self.home)

        self.outcome: Outcome = "crashed"
        self.message = ""  # stays empty where the night ends outside its stages
        self.trace = ""
        self.cut_off: list[str] = []  # why a night that has published did not get to its end, in words
        self.stages: list[report.StageLine] = []
        self.standings: list[Standing] = []
        self.quarantined: list[quarantine.Entry] = []
        self.suite_results: list[tuple[str, CheckResult]] = []  # (snapshot or mart, result)
        self.not_evaluated: dict[Path, list[CheckResult]] = {}  # of snapshots; never kept for another night
        self.declared: dict[str, list[str]] = {}  # checks that each mart's suite declares
        self.declared_tests: dict[str, str] = {}
        self.nodes: list[NodeResult] = []
        self.candidate: Candidate | None = None
        self.mart_rows: dict[str, int] = {}
        self.comparison: Comparison | None = None
        self.release: Release | None = None

    # ── stages ─────────────────────────────────────────────────────────────────────────────────────────────────

    def fetch(self) -> bool:
        """Look at every source and land what it holds; True when there is anything to build."""
        with self._stage("fetch", "获取") as told:
            release.clear_leftovers(self.home)
            clear_partials(self.home.landing, self.home.raw, self.home.quarantine)
            looked = [s for s in self.sources if not self.settings.only or s.id in self.settings.only]
            places = connectors.Places(
                self.settings.sources_file.parent,
                self.home.inbox,
                self.home.demo,
                self._make_demo,
                self.landing.standing,
            )
            if any(source.connector == "demo" for source in looked):
                self._make_demo(self.home.demo)  # once, before threads ask for its files
            with ThreadPoolExecutor(4) as threads:
                list(threads.map(lambda source: self._look(source, places), looked))
            anything_new = (
                self.previous is None
                or bool(self.damage)  # readers see it until the next release
                or self.previous.manifest.get("fingerprint") != self.fingerprint()
            )
            looks = ((s.id, self.landing.last_look(s.id)) for s in looked)
            failed = [id_ for id_, look in looks if not (look and look.ok)]
            told(f"{len(looked)} sources" + (f", {len(failed)} could not be fetched" if failed else ""))
        if not anything_new:
            self.outcome, self.message = "unchanged", "no source, no code and no day has changed"
            return False
        if self.engine != "spark":  # else dbt runs in Spark's own environment
            self._dbt.start()
        self._suites.start()
        return True

    def take(self) -> list[Standing]:
        """Parse what is new, judge it by its suite, and say on which snapshots the night stands."""
        with self._stage("take", "解析与验收") as told:
            newest = [(source, receipt) for source in self.sources for receipt in self._receipts(source)[-1:]]
            # a register is parsed beside all others, and each document is judged in the other process while the next is parsed
            with ThreadPoolExecutor(1) as aside:
                large = [
                    aside.submit(self.store.take, source, receipt)
                    for source, receipt in newest
                    if receipt.size >= LARGE_BYTES
                ]
                judged = [
                    self._begin_judging(self.store.take(source, receipt))
                    for source, receipt in newest
                    if receipt.size < LARGE_BYTES
                ]
                judged += [self._begin_judging(parsing.result()) for parsing in large]
            for keep_results in judged:
                keep_results()
            self.standings = [self._stand(source) for source in self.sources]
            quarantine.write_index(self.home.quarantine, self.quarantined)
            for stands in self.standings:
                self.suite_results += self._drift(stands) if stands.snapshots else []
            rows = sum(snapshot.rows for s in self.standings for snapshot in s.snapshots)
            rejected = sum(snapshot.rejected for s in self.standings for snapshot in s.snapshots)
            told(f"{rows:,} rows" + (f", {rejected:,} in quarantine" if rejected else ""))
            blocked = [f"{s.source.id}: {s.message}" for s in self.standings if s.state == "blocked"]
            if blocked or self._errors():
                raise NightBlocked(blocked + self._errors())
        return self.standings

    def transform(self, with_tests: bool = True) -> list[NodeResult]:
        """Build the models and run their tests, in a build file made anew from raw."""
        with self._stage("build", "建模") as told:
            # with its log, where it was killed
            for leftover in self.build_folder.glob(f"{self.build_file.name}*"):
                leftover.unlink()
            connection = engine.connect_build(self.build_file)
            try:
                files: dict[str, list[Path]] = {}
                for stands in self.standings:
                    for snapshot in stands.snapshots:
                        files.setdefault(stands.source.dataset, []).extend(self.store.rows_files(snapshot))
                schemas = {name: dataset.duckdb_columns for name, dataset in DATASETS.items()}
                context = {
                    "sources": self._catalogue_frame(),
                    "night": self._night_frame(),
                    "link_decisions": link_decisions.frame(self.decisions),
                }
                if self.engine == "spark":
                    self.nodes = spark.build_models(
                        self.build_folder, connection, files, schemas, context, with_tests
                    )
                else:
                    build.register_raw(connection, files, schemas)
                    if self.known_by:
                        build.keep_known(connection, KNOWN_ON, self.known_by)
                    for name, frame in context.items():
                        build.write_context(connection, name, frame)
            finally:
                connection.close()
            if self.engine != "spark":
                building = self._dbt.submit(dbt.build, self.build_folder, with_tests)
                if with_tests and not self.known_by:
                    site.prepare()  # while the other process builds
                self.nodes = building.result()
                self._dbt.stop()
            models = [node for node in self.nodes if node.resource_type == "model"]
            tests = [node for node in self.nodes if node.is_test]
            told(f"{len(models)} models, {len(tests)} tests")
            if wrong := [node for node in self.nodes if node.status in ("error", "fail", "skipped")]:
                told(f"{len(wrong)} of {len(self.nodes)} nodes failed")
            crashed = [node for node in wrong if node.status == "error" and not node.is_test]
            if crashed:
                raise dbt.DbtFailed("; ".join(f"{node.name}: {node.message}" for node in crashed))
        return self.nodes

    def audit(self) -> list[CheckResult]:
        """Copy the marts into a candidate, judge what would leave the house, and compare it with the last release.

        Every check that a suite declares, and every test that dbt's manifest holds, must have a result; `critical_failures`
        names those without one.
        """
        with self._stage("audit", "出库检查") as told:
            manifest = dbt.load_manifest()
            self.declared_tests = dbt.declared_tests(manifest)
            if [node for node in self.nodes if node.status == "skipped" and not node.is_test]:
                raise NightBlocked(self.critical_failures())  # a test failed, and dbt builds nothing after it
            specs = marts.specs(manifest)
            self.candidate = release.begin(self.home, release.new_release_id(self.home, datetime.now(UTC)))
            self.mart_rows = release.copy_marts(self.candidate, self.build_file, specs)
            requests = [
                SuiteRequest(spec.name, (self.candidate.path / "parquet" / f"{spec.name}.parquet",))
                for spec in specs
                if spec.name in SUITES
            ]
            asked = self._suites.submit(
                runner.declared_checks, [request.subject for request in requests], self.city
            )
            judged = self._submit_suites(requests)
            release.write_meta(self.candidate, self._evidence())
            self.comparison = changes.compare(
                self.previous,
                self.candidate.database,
                self.rests_on(),
                marts.feeds(manifest),
                self.home.build / "tmp",
            )
            results = _results_of(judged, requests)
            for request, found in zip(requests, results, strict=True):
                self.suite_results += [(request.subject, result) for result in found]
            # what is not a mart leaves the house too: the tables that say where figures come from
            private = personal.result(personal.scan_tables(self.candidate.database, self._person_markers))
            self.suite_results.append((personal.SUBJECT, private))
            self.declared = _or_nothing(asked)
            self._suites.stop()
            told(f"{len(specs)} marts, {sum(map(len, results))} checks")
        return [result for found in results for result in found]

    def publish(self) -> Release:
        """Seal the candidate, unless anything critical failed anywhere in this night."""
        with self._stage("publish", "发布") as told:
            if failures := self.critical_failures():
                raise NightBlocked(failures)
            assert self.candidate is not None  # the audit has begun it
            published = f"release {self.candidate.id}"
            built_at = datetime.now(UTC)
            release.write_meta(self.candidate, self._meta(built_at))
            manifest = {
                "built_at": built_at.isoformat(timespec="seconds"),
                **self.rests_on(),
                "fingerprint": self.fingerprint(),
                "checks": self._check_counts(),
                "warnings": self.warnings(),
            }
            # who reads it reads it in a release; that this night has published is true once `current` leads there
            night = replace(self._report(self.candidate.id), outcome="published", message=published)
            report.write_report(self.candidate.path / "reports" / "night.html", night)
            report.write_report_json(self.candidate.path / "reports" / "night.json", night)
            site.build(
                release.Release(self.candidate.path, self.candidate.id, manifest),
                self.candidate.path / "site",
            )
            project = dbt.load_manifest()
            lineage.write_lineage(
                self.candidate.path / "lineage",
                self.candidate.id,
                project,
                marts.specs(project),
                self.mart_rows,
            )
            self._require_nothing_personal()
            self.release = release.seal(self.candidate, manifest)
            self.outcome, self.message = "published", published
            told(self.release.id)
            for words, remove in (
                ("old releases", lambda: release.retain(self.home)),
                ("superseded snapshots", self._clear_superseded),
            ):
                try:
                    if removed := remove():
                        told(f"{len(removed)} {words} removed")
                except OSError as error:  # readers have the new release whatever becomes of what is old
                    told(f"{words} could not be removed: {error}")
        return self.release

    def stand(self) -> list[Standing]:
        """On which snapshots the house stood, without looking at any source: what a question about an earlier day asks.

        Raises:
            Unread: a document would have to be parsed or judged, and the store is read only.
        """
        self.standings = [self._stand(source) for source in self.sources]
        return self.standings

    # ── what the stages found ──────────────────────────────────────────────────────────────────────────────────

    def critical_failures(self) -> list[str]:
        """Every reason not to publish: what could not be evaluated, what failed, and figures that changed for no reason."""
        failures = self._errors()
        failures += [
            f"test {node.name}: {node.message or node.status} ({node.failures} rows)"
            for node in self.nodes
            if node.status in ("fail", "error", "skipped")
        ]
        ran = {node.unique_id for node in self.nodes}
        failures += [
            f"test {name} did not run: no release without it"
            for id_, name in sorted(self.declared_tests.items())
            if id_ not in ran
        ]
        audited = {subject for subject, result in self.suite_results if result.subject_kind == "mart"}
        failures += [f"mart {name}: its suite did not run" for name in sorted(set(self.mart_rows) - audited)]
        found = {(subject, result.check) for subject, result in self.suite_results}
        failures += [
            f"mart {name}: its check {check} has no result"
            for name, checks in sorted(self.declared.items())
            for check in checks
            if (name, check) not in found and (name, "suite") not in found and name in audited
        ]
        failures += [
            result.in_one_line
            for _, result in self.suite_results
            if result.subject_kind == "mart" and result.blocks
        ]
        if self.candidate and (bad := rollback.withdrawn_like(self.home, self.rests_on())):
            failures.append(
                f"{bad}, and nothing but the day has changed since: tonight's figures would be the same. Mend what was wrong"
                f" (code, correction, decision, source), or take it back: blue-ledger releases use {bad.release_id}"
            )
        if self.comparison and (silent := self.comparison.failures()):
            failures.append(
                f"{len(silent)} figure(s) of past periods differ from {self.comparison.previous_id} though code, parameters"
                f" and inputs are the same: {'; '.join(silent[:5])}" + "; …" * (len(silent) > 5)
            )
        return failures

    def _errors(self) -> list[str]:
        """What could not be evaluated: errors of the run, that say nothing of the data."""
        return [
            f"could not be evaluated: {result.in_one_line}"
            for _, result in self.suite_results
            if result.status == "error"
        ]

    def warnings(self) -> list[str]:
        """What a reader of the release should know: sources that stand on old snapshots, checks that warned."""
        found = [f"{problem}; it is compared with none of these" for problem in self.damage]
        found += [f"{s.source.id}: {s.message}" for s in self.standings if s.message]
        found += [
            f"{s.source.id}: {text}" for s in self.standings for text in self.landing.damaged(s.source.id)
        ]
        found += self.landing.mended + prepare.damaged_histories(self.home)
        looks = [(s.source.id, self.landing.last_look(s.source.id)) for s in self.standings]
        found += [f"{id_}: {note}" for id_, look in looks if look for note in look.notes]
        document_of = {n.name: f"{n.document}: " for s in self.standings for n in s.snapshots}
        document_of |= {name: "" for name in self.mart_rows}
        found += [
            document_of[subject] + result.in_one_line
            for subject, result in self.suite_results
            if result.status != "passed" and result.severity == "warning" and subject in document_of
        ]
        found += self._outdated_corrections()
        with contextlib.suppress(
            release.ReleaseError
        ):  # a damaged file of withdrawals has ended the night already
            found += [
                f"releases: {one}; {one.instead} was in use until this one: make sure that the reason is gone"
                for one in rollback.withdrawals(self.home)
                if self.previous and one.instead == self.previous.id
            ]
        found += self.comparison.warnings() if self.comparison else []
        return found

    def finish(self) -> Ending:
        """Write how the night ended, for the UI, for cron and for the next process; always the last call."""
        self._notice_swap()
        release_id = self.release.id if self.release else None
        ending = Ending(
            self.outcome,
            self.message,
            release_id,
            tuple(self._told_warnings()),
            self.run_id,
            datetime.now(UTC).isoformat(timespec="seconds"),
            self.comparison.summary if self.comparison else "",
        )
        try:
            night = self._report(release_id)
        except Exception:  # what a crash left half made must not cost the page that tells of it
            night = _bare_report(self.settings, ending, self.started_at, self.trace or traceback.format_exc())
        return _write(self.home, night, ending)

    def _notice_swap(self) -> None:
        """A night that was cut off has published all the same where `current` leads to its release: readers have it."""
        if self.outcome != "crashed" or self.candidate is None:
            return
        with contextlib.suppress(release.ReleaseError):
            current = release.current_release(self.home)
            if current and current.id == self.candidate.id:
                self.cut_off = [f"the release is in use; what follows it was cut off: {self.message}"]
                self.release, self.outcome, self.message = current, "published", f"release {current.id}"

    def _told_warnings(self) -> list[str]:
        """Tonight's warnings; on a night without anything new, those of the release that stays and what was mended."""
        if self.outcome == "unchanged" and self.previous:
            return [
                *self.previous.manifest["warnings"],
                *self.landing.mended,
                *prepare.damaged_histories(self.home),
            ]
        return self.warnings() + self.cut_off

    def fingerprint(self) -> str:
        """Everything that decides what a release holds: code, catalogue, day, decisions, and each source's documents."""
        looks = {source.id: self.landing.last_look(source.id) for source in self.sources}
        parts = [
            project_version(),
            self.engine,
            self.settings.today.isoformat(),
            *(entry.model_dump_json() for entry in [*self.sources, *self.corrections]),
            *(f"{id_}:{look.ok}:{look.found}" for id_, look in looks.items() if look),
            *(repr(decision) for decision in link_decisions.in_force(self.decisions)),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def catalogue_version(self) -> str:
        """A hash of what the catalogue and its corrections say of the sources that are in use."""
        declared = "".join(entry.model_dump_json() for entry in [*self.sources, *self.corrections])
        return hashlib.sha256(declared.encode()).hexdigest()[:16]

    @property
    def build_file(self) -> Path:
        return self.build_folder / self.home.build_file.name

    @property
    def plan_version(self) -> str:
        return marts.parameter("plan_version")

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _outdated_corrections(self) -> list[str]:
        """Corrections that no document in use needs: the publisher has changed the cell, or it is not there."""
        found = []
        for stands in self.standings:
            outcomes = [outcome for snapshot in stands.snapshots for outcome in snapshot.corrections]
            applied = {outcome["correction_id"] for outcome in outcomes if outcome["state"] == "applied"}
            expected = {correction.correction_id: correction.expects for correction in self.corrections}
            found += [
                f"{stands.source.id}: correction {id_} is {outcome['state']}: it expects {expected[id_]!r} in"
                f" {outcome['locator']}, the publisher prints {outcome['found']!r}; take it out of corrections.csv"
                for outcome in outcomes
                if (id_ := outcome["correction_id"]) not in applied
            ]
        return found

    def _drift(self, stands: Standing) -> Iterator[tuple[str, CheckResult]]:
        """What a publisher changed since the document that was accepted before, as results of checks that warn."""
        for before, now, differences in self._compared(stands):
            for change in differences:
                yield (
                    now.name,
                    CheckResult(
                        suite="drift",
                        subject=now.dataset,
                        subject_kind="dataset",
                        check=f"drift_{change.check}",
                        column=None,
                        severity=change.severity,
                        status="failed",
                        description=f"As in {before.document}, the document accepted before it.",
                        unexpected_count=1,
                        element_count=1,
                        observed=change.observed,
                    ),
                )

    def _compared(self, stands: Standing) -> Iterator[tuple[Snapshot, Snapshot, list[drift.Change]]]:
        """The documents of a source that are compared, the earlier first, and what differs."""
        newest, accumulates = stands.snapshots[-1], stands.source.accumulates
        before = next((s for s in self._accepted_before(stands) if s.sha256 != newest.sha256), None)
        if before is None:
            return
        # what was accepted was parsed, and so has a profile
        assert before.profile is not None and newest.profile is not None
        yield before, newest, drift.compare(before.profile, newest.profile, accumulates=accumulates)
        whole = [(s, s.profile) for s in stands.snapshots if s.profile and drift.is_whole(s.profile)]
        whole.sort(
            key=lambda one: max(one[1].get("register_on") or [""])
        )  # an older one may be handed in later
        if accumulates and len(whole) > 1:
            (before, then), (newest, now) = whole[-2:]
            yield before, newest, drift.rows(then, now)

    def _accepted_before(self, stands: Standing) -> Iterator[Snapshot]:
        """Accepted snapshots of a source before the one that stands, newest first; read by the code of this night."""
        if stands.source.accumulates:
            yield from reversed(stands.snapshots[:-1])
            return
        newest = stands.snapshots[-1]
        for receipt in reversed(self._receipts(stands.source)):
            if receipt.retrieved_at >= newest.retrieved_at:
                continue
            snapshot = self.store.take(stands.source, receipt)
            if self._verdict(stands.source, snapshot).accepted:
                yield snapshot

    def _look(self, source: Source, places: connectors.Places) -> None:
        now = datetime.now(UTC)
        by_name = layout.load(source.layout).reads_name
        try:
            self.landing.receive(source.id, connectors.fetch(source, places), now, by_name=by_name)
        except connectors.FetchError as error:
            self.landing.missed(source.id, now, str(error))
        except UnreadableDocument as error:
            self.landing.missed(source.id, now, f"{source.id}: {error}")

    def _make_demo(self, folder: Path) -> None:
        from ingest import demo

        demo.renew(folder, plan_dir=self.city)

    def _receipts(self, source: Source) -> list[Receipt]:
        """A source's documents, oldest first; a content that came back after another is as new as its return.

        What the last look found is newer than what it did not find, whatever the clock said when either came; of what came
        in one look, the later is newer. Where a file's name tells of its rows, the same bytes under two names are two
        documents, unless the file was renamed.
        """
        by_name = layout.load(source.layout).reads_name
        look = None if self.known_by else self.landing.last_look(source.id)
        key = partial(document_key, by_name=by_name)
        places = {key(*document): place for place, document in enumerate(look.found)} if look else {}

        def rank(receipt: Receipt) -> tuple[bool, str, int]:
            place = places.get(key(receipt.sha256, receipt.name), -1)
            return place >= 0, receipt.retrieved_at, place

        held = [receipt for receipt in self.landing.receipts(source.id) if self._was_held(receipt)]
        last_of = {key(receipt.sha256, receipt.name): receipt for receipt in held}
        for receipt in held:
            if by_name and receipt.replaces is not None:
                renamed = last_of.get(key(receipt.sha256, receipt.replaces))
                if renamed and renamed.retrieved_at <= receipt.retrieved_at:
                    del last_of[key(receipt.sha256, receipt.replaces)]
        return sorted(last_of.values(), key=rank)

    def _was_held(self, receipt: Receipt) -> bool:
        """Whether a document lay in the house on the day asked about; before the house began, publication alone decides."""
        return (
            self.known_by is None
            or self.known_by < self._began
            or city_day(receipt.retrieved_at) <= self.known_by
        )

    @cached_property
    def _began(self) -> date:
        held = [
            receipt.retrieved_at for source in self.sources for receipt in self.landing.receipts(source.id)
        ]
        return city_day(min(held)) if held else date.max

    def _stand(self, source: Source) -> Standing:
        receipts = self._receipts(source)
        verdicts: list[Verdict] = []
        for receipt in reversed(receipts):
            verdicts.insert(0, self._judge(source, self.store.take(source, receipt)))
            if verdicts[0].accepted and not source.accumulates:
                break  # what an accepted snapshot replaced is not asked again
        look = self.landing.last_look(source.id)
        beside = [
            receipt.name
            for receipt in receipts[: len(receipts) - len(verdicts)]
            if look and (receipt.sha256, receipt.name) in look.found
            if receipt.retrieved_at == verdicts[0].snapshot.retrieved_at
        ]
        stands = standing.stand(source, verdicts, look, datetime.now(UTC), beside)
        used = {snapshot.name for snapshot in stands.snapshots}
        for verdict in verdicts:
            name = verdict.snapshot.name
            state = "in use" if name in used else "set aside" if verdict.accepted else "refused"
            self.quarantined.append(
                quarantine.entry(source, verdict.snapshot, state, verdict.refusals, self.store)
            )
        return stands

    def _judge(self, source: Source, snapshot: Snapshot) -> Verdict:
        if snapshot.fault:
            return standing.judge(snapshot, source, [])
        self.suite_results += [(snapshot.name, result) for result in self._snapshot_results(snapshot)]
        return self._verdict(source, snapshot)

    def _verdict(self, source: Source, snapshot: Snapshot) -> Verdict:
        if snapshot.fault:
            return standing.judge(snapshot, source, [])
        critical = [result for result in self._snapshot_results(snapshot) if result.blocks]
        return standing.judge(snapshot, source, [result.in_one_line for result in critical])

    def _snapshot_results(self, snapshot: Snapshot) -> list[CheckResult]:
        """A snapshot's suite results: read where this very suite judged it before, else run now."""
        self._begin_judging(snapshot)()
        results = self._kept_results(snapshot)
        assert results is not None  # they have just been kept
        return results

    def _kept_results(self, snapshot: Snapshot) -> list[CheckResult] | None:
        """Results that this very suite gave before; None where there are none or their file is damaged."""
        if (file := self._results_file(snapshot)) in self.not_evaluated:
            return self.not_evaluated[file]
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            if kept["sha256"] != _hash_of(kept["results"]):
                return None
            return [CheckResult(**item | {"samples": tuple(item["samples"])}) for item in kept["results"]]
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _begin_judging(self, snapshot: Snapshot) -> Callable[[], None]:
        """Have a snapshot judged, unless it is unreadable or this very suite judged it before.

        Returns what waits for the results and keeps them; where any could not be evaluated, for this night only.
        """
        file = self._results_file(snapshot)
        if snapshot.fault or self._kept_results(snapshot) is not None:
            return lambda: None
        if self.store.read_only:
            raise Unread(snapshot.name)
        requests = [SuiteRequest(snapshot.dataset, self.store.rows_files(snapshot))]
        running = self._submit_suites(requests)

        def keep() -> None:
            [results] = _results_of(running, requests)
            if any(result.status == "error" for result in results):
                self.not_evaluated[file] = results
            else:
                items = json.loads(json.dumps([asdict(result) for result in results], default=str))
                write_json(file, {"sha256": _hash_of(items), "results": items})

        return keep

    def _results_file(self, snapshot: Snapshot) -> Path:
        return (
            self.home.raw / snapshot.dataset / f"{snapshot.name}.{suites_version(self.city)[:8]}.checks.json"
        )

    def _submit_suites(self, requests: list[SuiteRequest]) -> Future[list[list[CheckResult]]]:
        return self._suites.submit(runner.run_suites, requests, self.city)

    def _require_nothing_personal(self) -> None:
        """Whatever was put into the candidate since its audit, tables and pages, names no person either."""
        assert self.candidate is not None  # it is being published
        found = personal.scan_tables(self.candidate.database, schemas=("meta",))
        found += personal.scan_files(self.candidate.path)
        if found:
            raise NightBlocked([f"personal data in the release: {'; '.join(found)}"])

    @property
    def _person_markers(self) -> str:
        """Characters that only invented persons' names hold, where demo data is part of the night."""
        from ingest.demo.pools import PERSON_MARKERS

        return PERSON_MARKERS if self.settings.demo else ""

    def _catalogue_frame(self) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {
                    "source_id": s.id,
                    "title_zh": s.title_zh,
                    "title_en": s.title_en,
                    "publisher_zh": s.publisher_zh,
                    "dataset": s.dataset,
                    "cadence": s.cadence,
                    "expected_by": max(s.expected_by, default=None),
                    "licence": s.licence,
                    "tier": s.tier,
                    "owner_department": s.owner_department,
                    "data_origin": s.data_origin,
                }
                for s in self.sources
            ]
        )

    def _night_frame(self) -> pl.DataFrame:
        return pl.DataFrame({"as_of_date": [self.settings.today], "plan_version": [self.plan_version]})

    def _check_counts(self) -> dict[str, int]:
        counts = {"passed": 0, "warned": 0, "failed": 0}
        for _, result in self.suite_results:
            key = (
                "passed"
                if result.status == "passed"
                else "warned"
                if result.severity != "critical"
                else "failed"
            )
            counts[key] += 1
        counts["passed"] += sum(node.is_test and node.status == "pass" for node in self.nodes)
        return counts

    def rests_on(self) -> dict[str, object]:
        """What decides a release's figures, as its manifest records it and the next release is compared by."""
        return {
            "code_version": project_version(),
            "engine": self.engine,
            "plan_version": self.plan_version,
            "parameters": dict(self._parameters.select("parameter_code", "value").iter_rows()),
            "as_of_date": self.settings.today.isoformat(),
            "demo": self.settings.demo,
            "catalogue_version": self.catalogue_version,
            # lines are only added to the file: the first so many of them
            "decisions": len(self.decisions),
            "inputs": [
                {
                    "source": s.source.id,
                    "document": n.document,
                    "sha256": n.sha256,
                    "retrieved_at": n.retrieved_at,
                }
                for s in self.standings
                for n in s.snapshots
            ],
        }

    @cached_property
    def _parameters(self) -> pl.DataFrame:
        """As the build read them, so that what is published is what the figures were judged by."""
        with contextlib.closing(engine.connect_build(self.build_file, read_only=True)) as connection:
            return marts.parameters(
                pl.DataFrame(connection.sql("select * from seeds.plan_parameters")),
                pl.DataFrame(connection.sql("select * from seeds.plan_target_parameters")),
            )

    def _evidence(self) -> dict[str, pl.DataFrame]:
        """The tables of `meta` that say where figures come from; a comparison with the last release asks them."""
        return {
            **self.origins(),
            "corrections": self._corrections_frame(),
            "parameters": self._beside_before(self._parameters),
        }

    def origins(self) -> dict[str, pl.DataFrame]:
        """`meta.sources` and `meta.provenance`: what the figures of the build file were made of."""
        with contextlib.closing(engine.connect_build(self.build_file, read_only=True)) as connection:
            provenance = pl.DataFrame(
                connection.sql("select * from intermediate.int_provenance order by provenance_id")
            )
        return {"sources": self._sources_frame(), "provenance": provenance}

    def _meta(self, built_at: datetime) -> dict[str, pl.DataFrame]:
        """The tables of `meta` about the release itself."""
        assert self.candidate is not None and self.comparison is not None  # the audit has made both
        status, status_zh = marts.plan_status(self.plan_version)
        return {
            "release": pl.DataFrame(
                {
                    "release_id": [self.candidate.id],
                    "built_at": [built_at.isoformat(timespec="seconds")],
                    "as_of_date": [self.settings.today],
                    "code_version": [project_version()],
                    "plan_version": [self.plan_version],
                    "plan_status": [status],
                    "banner_zh": [status_zh],
                    "includes_demo": [
                        any(s.source.data_origin == "demo" and s.snapshots for s in self.standings)
                    ],
                }
            ),
            "checks": with_history(self._checks_frame(), self.candidate.id, built_at, self.previous),
            "changes": self.comparison.rows,
        }

    def _beside_before(self, parameters: pl.DataFrame) -> pl.DataFrame:
        """The parameters, each with its value in the release before, so that a change of reading is seen as one."""
        before = self.previous.manifest.get("parameters", {}) if self.previous else {}
        return parameters.with_columns(
            pl.Series(
                "value_before", [before.get(code) for code in parameters["parameter_code"]], dtype=pl.String
            )
        )

    def _corrections_frame(self) -> pl.DataFrame:
        """Every correction of a source that is in use, and what became of it in each document."""
        declared = {correction.correction_id: correction for correction in self.corrections}
        columns = (
            "correction_id", "source_id", "document", "source_sha256", "source_locator", "field", "state",
            "printed", "used", "action", "reason", "evidence", "decided_by", "decided_on",
        )  # fmt: skip
        rows = [
            (
                correction.correction_id,
                snapshot.source_id,
                snapshot.document,
                snapshot.sha256,
                outcome["locator"],
                outcome["field"],
                outcome["state"],
                outcome["found"],
                outcome["used"],
                correction.action,
                correction.reason,
                correction.evidence,
                correction.decided_by,
                correction.decided_on.isoformat(),
            )  # fmt: skip
            for stands in self.standings
            for snapshot in stands.snapshots
            for outcome in snapshot.corrections
            for correction in [declared[outcome["correction_id"]]]
        ]
        return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")

    def _sources_frame(self) -> pl.DataFrame:
        rows = []
        for stands in self.standings:
            source, look = stands.source, self.landing.last_look(stands.source.id)
            newest = _published_to(stands)
            rows.append(
                {
                    "source_id": source.id,
                    "title_zh": source.title_zh,
                    "title_en": source.title_en,
                    "publisher_zh": source.publisher_zh,
                    "dataset": source.dataset,
                    "data_origin": source.data_origin,
                    "is_transcription": source.transcription,
                    "tier": source.tier,
                    "licence": source.licence,
                    "state": stands.state,
                    "message": stands.message,
                    "age_days": stands.age_days,
                    "tolerance_days": source.tolerance_days,
                    "is_overdue": source.is_overdue(newest, self.settings.today),
                    "last_look_at": look.at if look else None,
                    "documents": ";".join(n.document for n in stands.snapshots) or None,
                    "sha256": ";".join(n.sha256 for n in stands.snapshots) or None,
                    "retrieved_at": max((n.retrieved_at for n in stands.snapshots), default=None),
                    "published_to": newest,
                    "rows": sum(n.rows for n in stands.snapshots),
                    "rejected": sum(n.rejected for n in stands.snapshots),
                    "rows_in": sum(n.rows_in for n in stands.snapshots),
                    "rows_raw": sum(n.rows_raw for n in stands.snapshots),
                    "rows_quarantined": sum(n.rows_quarantined for n in stands.snapshots),
                    "rows_furniture": sum(sum(n.furniture.values()) for n in stands.snapshots),
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    def _checks_frame(self) -> pl.DataFrame:
        rows = [
            {
                "suite": line.suite,
                "subject": line.subject,
                "snapshot": snapshot,
                "check_id": result.check if result else line.subject,
                "severity": line.severity,
                "status": line.status,
                "description": line.description,
                "observed": line.observed,
                "failing_rows": line.failing_rows,
                "samples": "\n".join(line.samples) or None,
            }
            for line, snapshot, result in self._check_lines()
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def _check_lines(self) -> Iterator[tuple[report.CheckLine, str | None, CheckResult | None]]:
        for subject, result in self.suite_results:
            severity: report.Severity = "metric" if result.severity == "info" else result.severity
            yield (
                report.CheckLine(
                    # a dataset's suite is told of by the source whose snapshot it judged
                    suite=subject.split(".")[0] if result.subject_kind == "dataset" else result.suite,
                    subject=f"{result.subject}.{result.column}" if result.column else result.subject,
                    description=result.description,
                    severity=severity,
                    status=result.status,
                    observed=result.observed,
                    failing_rows=result.unexpected_count,
                    samples=tuple(result.samples),
                ),
                subject if result.subject_kind == "dataset" else None,
                result,
            )
        for node in self.nodes:
            if node.is_test:
                words: dict[str, report.Status] = {"pass": "passed", "fail": "failed"}
                status = words.get(node.status, "error")
                yield (
                    report.CheckLine(
                        "dbt", node.name, "test of a model", "critical", status, failing_rows=node.failures
                    ),
                    None,
                    None,
                )

    def _report(self, release_id: str | None) -> report.NightReport:
        source_lines = [
            report.SourceLine(
                source_id=s.source.id,
                name_zh=s.source.title_zh,
                state=s.state,
                data_origin=s.source.data_origin,
                snapshot_on=city_day(s.snapshots[-1].retrieved_at) if s.snapshots else None,
                age_days=s.age_days,
                tolerance_days=s.source.tolerance_days,
                overdue=s.source.is_overdue(_published_to(s), self.settings.today),
                message=s.message,
            )
            for s in self.standings
        ]
        quarantine_lines = [
            report.QuarantineLine(
                s.source.id,
                n.dataset,
                n.rejected,
                n.rejected_share,
                s.source.max_rejected_share,
                self._reasons(n),
            )
            for s in self.standings
            for n in s.snapshots
            if n.rejected
        ]
        titles = (
            {spec.name: spec.description_zh for spec in marts.specs(dbt.load_manifest())}
            if self.mart_rows
            else {}
        )
        before = self.previous.manifest["marts"] if self.previous else {}
        mart_lines = [
            report.MartLine(name, titles[name], rows, before.get(name, {}).get("rows"), self._demo_rows(name))
            for name, rows in self.mart_rows.items()
        ]
        # while it is being published, the release is still the candidate
        readable = self.release or self.previous
        if release_id and not self.release:
            assert self.candidate is not None
            readable = release.Release(self.candidate.path, self.candidate.id, self.rests_on())
        current = release_id or (self.previous.id if self.previous else None)
        return report.NightReport(
            outcome=self.outcome,
            started_at=self.started_at,
            finished_at=datetime.now(UTC),
            plan_version=self.plan_version,
            code_version=project_version(),
            release_id=release_id,
            current_id=current,
            message=self.message,
            trace=self.trace,
            stages=tuple(self.stages),
            progress=tuple(progress.plan_progress(readable)) if readable else (),
            ratio_note=progress.bands_zh(readable.manifest.get("parameters", {})) if readable else "",
            checks=tuple(line for line, _, _ in self._check_lines()),
            sources=tuple(source_lines),
            quarantine=tuple(quarantine_lines),
            marts=tuple(mart_lines),
            warnings=tuple(self._told_warnings()),
            changes=self._change_report(),
        )

    def _change_report(self) -> report.ChangeReport | None:
        if self.comparison is None:
            return None
        shown = self.comparison.rows.head(changes.SHOWN)
        labels = changes.labels(self._files / "marts.duckdb") if shown.height else changes.Labels()
        return report.ChangeReport(
            previous_id=self.comparison.previous_id,
            note=self.comparison.note,
            total=self.comparison.rows.height,
            critical=int(self.comparison.rows["is_critical"].sum()),
            counts=self.comparison.counts,
            left_out=self.comparison.left_out,
            lines=tuple(
                report.ChangeLine(
                    mart=row["mart"],
                    column=row["column_name"],
                    key=row["key"],
                    label_zh=labels.of(row["mart"], row["column_name"]),
                    where_zh=labels.place(row["key"]),
                    kind=row["kind"],
                    before=row["before"],
                    after=row["after"],
                    why=row["why"],
                    is_critical=row["is_critical"],
                    evidence=row["evidence"] or "",
                )
                for row in shown.iter_rows(named=True)
            ),
        )

    @property
    def _files(self) -> Path:
        """The folder of what this night made, sealed or not."""
        made = self.release or self.candidate
        assert made is not None  # the audit has begun the candidate
        return made.path

    def _clear_superseded(self) -> set[str]:
        return self.store.clear_superseded(
            (source, receipt) for source in self.sources for receipt in self.landing.receipts(source.id)
        )

    def _reasons(self, snapshot: Snapshot) -> dict[str, int]:
        rejected = pl.read_parquet(self.store.rejected_file(snapshot))
        counted = rejected.group_by("field", "reason").len().sort("len", "field", descending=[True, False])
        return {f"{field}: {reason}": n for field, reason, n in counted.head(5).iter_rows()}

    def _demo_rows(self, mart: str) -> int:
        path = self._files / "parquet" / f"{mart}.parquet"
        frame = pl.scan_parquet(path)
        if "data_origin" not in frame.collect_schema():
            return 0
        return int(frame.filter(pl.col("data_origin") == "demo").select(pl.len()).collect().item())

    @contextmanager
    def _stage(self, name: str, name_zh: str) -> Iterator[Callable[[str], None]]:
        """Time a stage, tell of it, and note why the night ended if it ends here."""
        began = time.perf_counter()
        said: list[str] = []
        self._on_stage(name, name_zh, None)
        try:
            yield said.append
        except NightBlocked as error:
            self.outcome, self.message = "blocked", "; ".join(error.reasons)
            raise
        except Exception as error:
            self.outcome, self.message = "crashed", f"{name}: {type(error).__name__}: {error}"
            self.trace = traceback.format_exc()
            raise
        except BaseException as error:  # SIGINT and SIGTERM, which Dagster makes an exception of its own
            self.outcome, self.message = "crashed", f"{name}: interrupted ({type(error).__name__})"
            raise
        finally:
            seconds = time.perf_counter() - began
            self.stages.append(report.StageLine(name_zh, name, seconds))
            self._on_stage(name, "; ".join(said), seconds)


def write_crash(settings: Settings, run_id: str | None, error: BaseException | str) -> Ending:
    """Tell of a night that ended before its first stage, or outside all of them, where a night's end is told."""
    moment = datetime.now(UTC)
    message = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    trace = "" if isinstance(error, str) else "".join(traceback.format_exception(error))
    ending = Ending("crashed", message, None, (), run_id, moment.isoformat(timespec="seconds"))
    return _write(settings.home, _bare_report(settings, ending, moment, trace), ending)


def _bare_report(settings: Settings, ending: Ending, started_at: datetime, trace: str) -> report.NightReport:
    """What can be said of a night of which nothing but its end is known."""
    plan_version, current = "未知", None
    with contextlib.suppress(Exception):  # the very thing that is broken may be what is asked here
        plan_version = marts.parameter("plan_version")
    with contextlib.suppress(Exception):
        current = release.current_release(settings.home)
    return report.NightReport(
        outcome=ending.outcome,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        plan_version=plan_version,
        code_version=project_version(),
        release_id=ending.release_id,
        current_id=current.id if current else None,
        message=ending.message,
        trace=trace,
        warnings=ending.warnings,
    )


def _write(home: Home, night: report.NightReport, ending: Ending) -> Ending:
    """The page, the same as JSON, and the ending; the ending last, since other processes wait for it. Then who is to be told.

    Every night passes here, however it was started and wherever it ended. Where the page cannot be written, the night has
    ended as it has: whoever called is told, and so is whoever is to be told of nights.
    """
    file = home.reports / "last_night.json"
    problems = []
    try:
        report.keep_night(home.reports, night)
        write_json(file, asdict(ending))
    except OSError as error:
        problems.append(f"the report of this night cannot be written: {error}")
        print(problems[0], file=sys.stderr)
    problems += alerts.night_ended(home, night, ending.run_id)
    if problems:
        ending = replace(ending, warnings=(*ending.warnings, *problems))
        with contextlib.suppress(OSError):  # told above
            write_json(file, asdict(ending))
    return ending


def _results_of(
    running: Future[list[list[CheckResult]]], requests: list[SuiteRequest]
) -> list[list[CheckResult]]:
    """Results of every request; where the process that evaluates them gave none, one for each that says so."""
    try:
        return running.result()
    except Exception as error:
        reason = f"the process that evaluates it gave no answer: {type(error).__name__}: {error}"
        return [[runner.not_evaluated(request.subject, "suite", reason)] for request in requests]


def _published_to(stands: Standing) -> str | None:
    """The latest day on which something in a source's documents was published; None where none is dated."""
    days = [snapshot.profile["published_to"] for snapshot in stands.snapshots if snapshot.profile]
    return max(filter(None, days), default=None)


def _hash_of(items: list[dict[str, Any]]) -> str:
    """So that a result that was lost or changed since is not taken for one that was never asked for, or for a good one."""
    return hashlib.sha256(json.dumps(items, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _or_nothing(running: Future[dict[str, list[str]]]) -> dict[str, list[str]]:
    """What the suites declare; nothing where their process is gone, which its results tell."""
    with contextlib.suppress(Exception):
        return running.result()
    return {}
