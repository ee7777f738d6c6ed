"""Snapshots: what a document gave, kept under a name that says which bytes, which code and which entry gave it."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ingest import layout, snapshots
from ingest.landing import Document, Landing, clear_partials
from ingest.parse import REJECTION
from ingest.reference import Reference
from ingest.snapshots import Snapshot, SnapshotStore, code_version

pytestmark = pytest.mark.slow

HEADER = "地区,指标,时期,数值,单位,增速(%),增速口径,版次,标题,网址,发布日期,来源级别,采用,不采用原因,备注\n"
GOOD = "潍坊市,海洋生产总值,2024,1703.42,亿元,6.6,可比价,初步核算,发布会,,2025-06-03,O,是,,\n"
BAD = GOOD.replace("潍坊市", "某市")
EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # two in the morning of the 23rd in Shandong


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing")


@pytest.fixture
def store(tmp_path, landing, reference) -> SnapshotStore:
    return SnapshotStore(tmp_path / "raw", tmp_path / "quarantine", landing, reference)


@pytest.fixture
def received(landing):
    """The receipt of one document of these lines, retrieved that evening."""

    def received(*lines: str, header: str = HEADER, at: datetime = EVENING):
        content = "".join([header, *lines]).encode()
        return landing.receive("county_figures", [Document("figures.csv", content, "figures.csv")], at)[0]

    return received


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# ── what a snapshot is ───────────────────────────────────────────────────────────────────────────────────────


def test_a_snapshot_records_what_became_of_every_row(store, source_of, received):
    receipt = received(GOOD, BAD, GOOD.replace("2024", "2023"), "注:初步数\n")
    snapshot = store.take(source_of(), receipt)
    assert snapshot == Snapshot(
        name=store.name(source_of(), receipt),
        source_id="county_figures",
        dataset="indicator_figures",
        document="figures.csv",
        sha256=receipt.sha256,
        retrieved_at="2026-11-22T18:00:00+00:00",
        data_origin="published",
        rows=2,
        rejected=1,
        rows_in=5,
        rows_raw=2,
        rows_quarantined=1,
        furniture={"header": 1, "note": 1},
        fault=None,
        profile=snapshot.profile,
        notes=("encoding utf-8", "delimiter comma"),
        files={
            f"{path.parent.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (*store.rows_files(snapshot), store.rejected_file(snapshot))
        },
    )
    assert len(snapshot.files) == 2
    assert snapshot.rejected_share == pytest.approx(1 / 3)
    rows = pl.read_parquet(store.rows_files(snapshot)[0])
    assert rows["period_id"].to_list() == ["2024", "2023"]
    rejected = pl.read_parquet(store.rejected_file(snapshot))
    assert dict(rejected.schema) == REJECTION and rejected["source_locator"].to_list() == ["!D3"]
    assert files(store.raw) == [f"{snapshot.name}.json", f"{snapshot.name}.parquet"]
    assert files(store.quarantine) == [f"{snapshot.name}.parquet"]


def test_the_day_of_a_snapshot_is_that_of_the_city(store, source_of, received):
    snapshot = store.take(source_of(), received(GOOD))
    assert pl.read_parquet(store.rows_files(snapshot)[0])["snapshot_on"].to_list() == [date(2026, 11, 23)]


def test_without_rejected_rows_there_is_no_quarantine(store, source_of, received):
    snapshot = store.take(source_of(), received(GOOD))
    assert snapshot.rejected_share == 0.0
    assert not store.rejected_file(snapshot).exists()


def test_a_document_that_cannot_be_read_has_a_record_of_the_fault_and_no_rows(store, source_of, received):
    snapshot = store.take(source_of(), received(GOOD, header=HEADER.replace("数值", "数额")))
    assert "found '数额' in cell !D1" in snapshot.fault
    assert (snapshot.rows, snapshot.rejected, snapshot.rejected_share) == (0, 0, 0.0)
    assert files(store.raw) == [f"{snapshot.name}.json"]
    assert json.loads((store.raw / "indicator_figures" / files(store.raw)[0]).read_text())["fault"]


def test_bytes_that_changed_in_landing_are_a_fault_until_they_come_again(store, source_of, received, landing):
    receipt = received(GOOD)
    (landing.objects / receipt.sha256).unlink()
    lost = store.take(source_of(), receipt)
    assert lost.fault == (
        f"{receipt.name}: landing/objects/{receipt.sha256} was received and is no longer there"
    )
    assert not store.raw.exists()
    received(GOOD)
    assert store.take(source_of(), receipt).rows == 1
    assert store.take(source_of(), receipt).fault is None


@pytest.mark.parametrize("of_the_snapshot", ["record", "rows"])
@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00\xff"])
def test_what_was_damaged_in_raw_is_read_again_from_landing(
    store, source_of, received, reference, landing, of_the_snapshot, damage
):
    receipt = received(GOOD, BAD)
    first = store.take(source_of(), receipt)
    record = store.raw / first.dataset / f"{first.name}.json"
    file = record if of_the_snapshot == "record" else store.rows_files(first)[0]
    file.chmod(0o644)
    file.write_bytes(damage)
    next_night = SnapshotStore(store.raw, store.quarantine, landing, reference)
    assert next_night.take(source_of(), receipt) == first
    assert pl.read_parquet(store.rows_files(first)[0]).height == 1


# ── immutable ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("header", [HEADER, "no header\n"])
def test_a_document_is_parsed_once_and_then_read_from_its_record(
    store, source_of, received, monkeypatch, header
):
    receipt = received(GOOD, BAD, header=header)
    first = store.take(source_of(), receipt)
    monkeypatch.setattr(snapshots, "parse", None)
    assert store.take(source_of(), receipt) == first


def test_a_snapshot_is_named_by_its_source_its_bytes_and_its_receipt(store, source_of, received):
    source, receipt = source_of(), received(GOOD)
    name, sha12, code8 = store.name(source, receipt).split(".")
    assert (name, sha12, len(code8)) == ("county_figures", receipt.sha12, 8)
    assert store.name(source, replace(receipt, size=1)) == f"{name}.{sha12}.{code8}"
    assert store.name(source, replace(receipt, name="b.csv")).split(".")[2] != code8
    assert store.name(source, received(GOOD, GOOD)).split(".")[1] != sha12


def test_a_content_that_came_back_carries_the_day_of_its_return(store, source_of, received):
    receipt = received(GOOD)
    again = replace(receipt, retrieved_at="2027-03-01T02:00:00+00:00")
    first, second = store.take(source_of(), receipt), store.take(source_of(), again)
    assert first.retrieved_at == receipt.retrieved_at
    assert second.retrieved_at == again.retrieved_at
    [file] = store.rows_files(second)
    assert set(pl.read_parquet(file)["snapshot_on"].cast(pl.String)) == {"2027-03-01"}
    assert store.take(source_of(), receipt) == first


@pytest.mark.parametrize("changes", [{"tolerance_days": 31}, {"tier": "O"}, {"max_rejected_share": 0.1}])
def test_another_entry_in_the_catalogue_makes_another_snapshot(store, source_of, received, changes):
    receipt = received(GOOD)
    assert store.name(source_of(), receipt) != store.name(source_of(**changes), receipt)
    assert store.name(source_of(), receipt) == store.name(source_of(), receipt)


def test_other_code_makes_another_snapshot_beside_the_old_one(store, source_of, received, monkeypatch):
    receipt = received(GOOD)
    old = store.take(source_of(), receipt)
    content = store.rows_files(old)[0].read_bytes()
    monkeypatch.setattr(snapshots, "code_version", lambda: "other")
    new = store.take(source_of(), receipt)
    assert new.name != old.name and replace(new, name=old.name, files=old.files) == old
    assert list(new.files.values()) == list(old.files.values())
    assert store.rows_files(old)[0].read_bytes() == content
    assert len(files(store.raw)) == 4


def test_other_names_of_areas_make_another_snapshot(store, source_of, received, tmp_path, reference):
    receipt = received(GOOD, BAD)
    old = store.take(source_of(), receipt)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("areas.csv", "area_aliases.csv", "indicator_aliases.csv"):
        (seeds / name).write_bytes((reference.seeds / name).read_bytes())
    with (seeds / "area_aliases.csv").open("a", encoding="utf-8") as file:
        file.write("某市,weifang,short,administrative,\n")
    with_alias = SnapshotStore(store.raw, store.quarantine, store.landing, Reference(seeds))
    new = with_alias.take(source_of(), receipt)
    assert new.name != old.name
    assert (old.rows, old.rejected, new.rows, new.rejected) == (1, 1, 2, 0)


def test_other_lines_of_the_plan_make_another_snapshot(store, source_of, received, tmp_path, reference):
    receipt = received(GOOD)
    old = store.name(source_of(), receipt)
    seeds = Path(shutil.copytree(reference.seeds, tmp_path / "seeds"))
    same = SnapshotStore(store.raw, store.quarantine, store.landing, Reference(seeds))
    assert same.name(source_of(), receipt) == old
    with (seeds / "plan" / "plan_tasks.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    changed = SnapshotStore(store.raw, store.quarantine, store.landing, Reference(seeds))
    assert changed.name(source_of(), receipt) != old


def test_the_code_version_covers_parsers_layouts_and_vocabularies(monkeypatch, tmp_path):
    parts = ("parsers/cast.py", "layouts/gdp.yml", "normalise/simplified.txt", "vocabularies.yml")
    for name in ("snapshots.py", "sources.yml", *parts):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(snapshots, "__file__", str(tmp_path / "snapshots.py"))
    version = code_version.__wrapped__
    seen = {version()}
    for name in parts:
        (tmp_path / name).write_text("2")
        seen.add(version())
    (tmp_path / "parsers" / "cast.py").rename(tmp_path / "parsers" / "casting.py")
    seen.add(version())
    assert len(seen) == 6
    (tmp_path / "sources.yml").write_text("2")  # entries are in the name one by one
    assert version() in seen


def test_a_night_that_dies_while_writing_leaves_no_record(store, source_of, received, monkeypatch):
    receipt = received(GOOD)

    def die(*_, **__):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk is full"):
        patch.setattr(pl.DataFrame, "write_parquet", die)
        store.take(source_of(), receipt)
    assert [name for name in files(store.raw) if not name.startswith(".")] == []
    assert store.take(source_of(), receipt).rows == 1


def test_two_processes_that_read_one_document_at_the_same_time_take_nothing_from_each_other(
    store, source_of, received, monkeypatch
):
    receipt = received(GOOD, BAD)
    other = SnapshotStore(store.raw, store.quarantine, store.landing, store.reference)
    write, others = pl.DataFrame.write_parquet, []

    def write_while_the_other_reads_it_too(frame, *arguments, **named):
        write(frame, *arguments, **named)
        if not others:
            others.append(None)
            others[0] = other.take(source_of(), receipt)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", write_while_the_other_reads_it_too)
    snapshot = store.take(source_of(), receipt)
    assert others == [snapshot]
    assert (snapshot.rows, snapshot.rejected) == (1, 1)
    assert files(store.raw) == [f"{snapshot.name}.json", f"{snapshot.name}.parquet"]
    assert files(store.quarantine) == [f"{snapshot.name}.parquet"]


def test_what_is_half_written_when_the_disk_is_full_does_not_stay_on_it(
    store, source_of, received, monkeypatch
):
    def fill(frame, path, **_):
        path.write_bytes(b"PAR1")
        raise OSError("the disk is full")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fill)
    with pytest.raises(OSError, match="disk is full"):
        store.take(source_of(), received(GOOD))
    assert files(store.raw) == []


def test_a_half_written_file_of_the_dead_is_one_that_a_night_clears(store, source_of, received, monkeypatch):
    def die(frame, path, **_):
        path.write_bytes(b"PAR1")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(pl.DataFrame, "write_parquet", die)
        patch.setattr(Path, "unlink", lambda path, missing_ok: None)  # who is killed tidies nothing up
        store.take(source_of(), received(GOOD))
    assert len(files(store.raw)) == 1
    clear_partials(store.raw)
    assert files(store.raw) == []


def test_what_was_made_of_a_document_before_goes_once_it_is_read_anew_and_nothing_else_does(
    store, source_of, received
):
    before, now, another = source_of(), source_of(max_rejected_share=0.9), source_of(id="others")
    first, second = received(GOOD, BAD), received(GOOD, BAD, BAD)
    came_back = received(GOOD, BAD, at=EVENING.replace(day=24))  # is read as of another day
    kept = [store.take(before, first), store.take(another, second)]
    old = store.take(before, second)
    (store.raw / old.dataset / f"{old.name}.01234567.checks.json").write_text("{}", encoding="utf-8")
    in_use = [(now, first), (now, second), (now, came_back)]
    assert store.clear_superseded(in_use) == set()  # nothing of this catalogue is read yet

    kept.append(store.take(now, second))
    (store.quarantine / "index.json").write_text("[]", encoding="utf-8")
    assert store.clear_superseded(in_use) == {old.name}
    assert files(store.raw) == sorted(f"{one.name}{end}" for one in kept for end in (".json", ".parquet"))
    assert files(store.quarantine) == sorted([*(f"{one.name}.parquet" for one in kept), "index.json"])

    kept = [*kept[1:], store.take(now, came_back)]
    assert store.clear_superseded(in_use) == {store.name(before, first)}
    kept.append(store.take(now, first))
    assert store.clear_superseded(in_use) == set()
    assert files(store.raw) == sorted(f"{one.name}{end}" for one in kept for end in (".json", ".parquet"))


def test_a_removal_that_is_cut_short_leaves_rows_without_a_record_which_the_next_one_removes(
    store, source_of, received, monkeypatch
):
    receipt, now = received(GOOD), source_of(max_rejected_share=0.9)
    old, new = store.take(source_of(), receipt), store.take(now, receipt)
    unlink, gone = Path.unlink, []

    def stuck(path, **named):
        if gone:
            raise OSError(30, "Read-only file system")
        gone.append(path.name)
        unlink(path, **named)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="Read-only"):
        patch.setattr(Path, "unlink", stuck)
        store.clear_superseded([(now, receipt)])
    assert gone == [f"{old.name}.json"]
    assert store.clear_superseded([(now, receipt)]) == {old.name}
    assert files(store.raw) == [f"{new.name}.json", f"{new.name}.parquet"]


def test_every_layout_that_a_snapshot_depends_on_is_in_the_room():
    assert layout.LAYOUTS.parent.samefile(snapshots.Path(snapshots.__file__).parent)
