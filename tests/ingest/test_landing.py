"""Landing: bytes are kept once, under their hash, with a receipt for each time they became what a source holds."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingest.landing import (
    LAST,
    CorruptLanding,
    Document,
    Landing,
    Look,
    UnreadableDocument,
    clear_partials,
    write_bytes,
    write_json,
)

FIRST = datetime(2026, 11, 20, 18, 0, 0, 250_000, tzinfo=UTC)
A, B = b"area,value\nkuiwen,361.7\n", b"area,value\nkuiwen,380.2\n"
SHA_A, SHA_B = hashlib.sha256(A).hexdigest(), hashlib.sha256(B).hexdigest()


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing")


@pytest.fixture
def receive(landing):
    """Receive one document per content, on that night after the first."""

    def receive(night: int, *contents: bytes):
        documents = [Document(f"gdp{n}.csv", content, f"in/gdp{n}.csv") for n, content in enumerate(contents)]
        return landing.receive("gdp", documents, FIRST + timedelta(days=night))

    return receive


def stored(landing) -> list[str]:
    return sorted(path.name for path in landing.objects.iterdir())


def test_a_document_is_stored_under_its_hash_with_where_and_when(landing, receive):
    [receipt] = receive(0, A)
    assert stored(landing) == [SHA_A]
    assert landing.content(SHA_A) == A
    assert (receipt.source_id, receipt.sha256, receipt.sha12) == ("gdp", SHA_A, SHA_A[:12])
    assert (receipt.name, receipt.location, receipt.size) == ("gdp0.csv", "in/gdp0.csv", 24)
    assert receipt.retrieved_at == "2026-11-20T18:00:00+00:00"
    assert [path.name for path in (landing.root / "gdp").iterdir() if path.name[:2] == "20"] == [
        f"20261120T180000250000Z-{SHA_A[:12]}.json"
    ]


def test_times_are_kept_in_utc_whatever_the_clocks_zone(landing):
    shandong = datetime(2026, 11, 21, 2, 0, tzinfo=timezone(timedelta(hours=8)))
    [receipt] = landing.receive("gdp", [Document("a.csv", A, "a.csv")], shandong)
    assert receipt.retrieved_at == landing.last_look("gdp").at == "2026-11-20T18:00:00+00:00"


def test_an_unchanged_document_is_neither_stored_nor_receipted_again(landing, receive):
    first = receive(0, A)
    stamp = (landing.objects / SHA_A).stat().st_mtime_ns
    assert receive(1, A) == first == landing.receipts("gdp")
    assert (landing.objects / SHA_A).stat().st_mtime_ns == stamp
    assert landing.last_look("gdp").at == "2026-11-21T18:00:00+00:00"


def test_a_content_that_comes_back_has_a_receipt_of_its_return(landing, receive):
    for night, content in enumerate([A, B, A]):
        receive(night, content)
    assert [(r.sha256, r.retrieved_at[:10]) for r in landing.receipts("gdp")] == [
        (SHA_A, "2026-11-20"),
        (SHA_B, "2026-11-21"),
        (SHA_A, "2026-11-22"),
    ]
    assert stored(landing) == sorted([SHA_A, SHA_B])
    assert receive(3, A)[0].retrieved_at == "2026-11-22T18:00:00+00:00"


def test_two_sources_share_the_bytes_and_not_the_receipts(landing, receive):
    receive(0, A)
    landing.receive("gdp_copy", [Document("x.csv", A, "x.csv")], FIRST)
    assert stored(landing) == [SHA_A]
    assert [receipt.name for receipt in landing.receipts("gdp_copy")] == ["x.csv"]
    assert [receipt.name for receipt in landing.receipts("gdp")] == ["gdp0.csv"]


def test_one_look_may_bring_many_documents(landing, receive):
    assert [receipt.sha256 for receipt in receive(0, A, B)] == [SHA_A, SHA_B]
    assert landing.last_look("gdp").sha256s == (SHA_A, SHA_B)


def test_two_documents_of_the_same_bytes_have_one_receipt(landing, receive):
    first, second = receive(0, A, A)
    assert first == second
    assert [receipt.name for receipt in landing.receipts("gdp")] == ["gdp0.csv"]


def test_a_look_that_found_nothing_is_a_look(landing, receive):
    assert receive(0) == []
    assert landing.last_look("gdp") == Look(
        "2026-11-20T18:00:00+00:00", True, None, (), "2026-11-20T18:00:00+00:00"
    )


def test_a_missed_look_keeps_what_stood_and_when_it_was_last_seen(landing, receive):
    receive(0, A)
    landing.missed("gdp", FIRST + timedelta(days=1), "gdp: HTTP 503")
    assert landing.last_look("gdp") == Look(
        *("2026-11-21T18:00:00+00:00", False, "gdp: HTTP 503", (SHA_A,), "2026-11-20T18:00:00+00:00"),
        names=("gdp0.csv",),
        found_at="2026-11-20T18:00:00+00:00",
    )
    landing.missed("gdp", FIRST + timedelta(days=2), "gdp: HTTP 500")
    assert landing.last_look("gdp").good_at == "2026-11-20T18:00:00+00:00"
    receive(3, A)
    assert len(landing.receipts("gdp")) == 1  # the document had stood all the time
    assert landing.last_look("gdp").good_at == "2026-11-23T18:00:00+00:00"


def test_a_source_that_was_never_seen_has_neither_receipts_nor_a_look(landing):
    assert landing.receipts("gdp") == []
    assert landing.last_look("gdp") is None
    landing.missed("gdp", FIRST, "no such host")
    assert landing.last_look("gdp").sha256s == () and landing.last_look("gdp").good_at is None


def test_stored_bytes_that_changed_are_never_read(landing, receive):
    receive(0, A)
    path = landing.objects / SHA_A
    assert path.stat().st_mode & 0o777 == 0o444
    path.chmod(0o644)
    path.write_bytes(B)
    with pytest.raises(CorruptLanding, match=f"{SHA_A} no longer holds the bytes that were received"):
        landing.content(SHA_A)


def test_stored_bytes_that_are_gone_are_named_and_come_back_with_the_next_look(landing, receive):
    receive(0, A)
    (landing.objects / SHA_A).unlink()
    with pytest.raises(CorruptLanding, match=f"{SHA_A} was received and is no longer there"):
        landing.content(SHA_A)
    receive(1, A)
    assert landing.content(SHA_A) == A
    assert len(landing.receipts("gdp")) == 1


def test_what_is_half_written_is_never_seen(landing, receive, monkeypatch):
    receive(0, A)

    def die(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk is full"):
        patch.setattr(os, "fsync", die)
        receive(1, B)
    assert SHA_B not in stored(landing)
    assert [receipt.sha256 for receipt in landing.receipts("gdp")] == [SHA_A]
    assert landing.last_look("gdp").sha256s == (SHA_A,)
    assert receive(2, B)[0].retrieved_at == "2026-11-22T18:00:00+00:00"
    assert landing.content(SHA_B) == B and stored(landing) == sorted([SHA_A, SHA_B])


def test_the_partial_file_of_a_receipt_is_no_receipt(landing, receive):
    receive(0, A)
    (landing.root / "gdp" / ".20261121T180000000000Z-0123456789ab.json.partial").write_text("{")
    assert [receipt.sha256 for receipt in landing.receipts("gdp")] == [SHA_A]


def test_json_is_written_for_people_too(tmp_path):
    write_json(tmp_path / "deep" / "a.json", {"名称": "潍坊市", "at": FIRST.date()})
    text = (tmp_path / "deep" / "a.json").read_text(encoding="utf-8")
    assert "潍坊市" in text and json.loads(text) == {"名称": "潍坊市", "at": "2026-11-20"}
    write_bytes(tmp_path / "deep" / "a.json", b"{}")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.json"]


def test_a_file_is_landed_by_its_bytes_without_being_held(landing, tmp_path):
    file = tmp_path / "register.csv"
    file.write_bytes(A)
    [receipt] = landing.receive("a", [Document("register.csv", file, "register.csv")], FIRST)
    file.write_bytes(B)
    assert (receipt.sha256, receipt.size) == (SHA_A, len(A))
    assert landing.content(SHA_A) == A
    [again] = landing.receive("a", [Document("register.csv", file, "register.csv")], FIRST)
    assert again.sha256 == SHA_B and stored(landing) == sorted([SHA_A, SHA_B])


# ── names that tell something ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def receive_named(landing):
    """Receive these bytes under these names, on that night after the first; what the name tells is told."""

    def receive(night: int, *names: str, by_name: bool = True):
        documents = [Document(name, A, f"in/{name}") for name in names]
        return landing.receive("gdp", documents, FIRST + timedelta(days=night), by_name=by_name)

    return receive


def told(landing) -> list[tuple[str, str]]:
    return [(receipt.name, receipt.retrieved_at[:10]) for receipt in landing.receipts("gdp")]


def test_a_renamed_file_has_a_receipt_of_its_new_name_where_the_name_tells_something(landing, receive_named):
    receive_named(0, "登记.csv")
    [receipt] = receive_named(1, "登记_全量.csv")
    assert (receipt.name, receipt.retrieved_at[:10]) == ("登记_全量.csv", "2026-11-21")
    assert receive_named(2, "登记_全量.csv") == [receipt]
    assert told(landing) == [("登记.csv", "2026-11-20"), ("登记_全量.csv", "2026-11-21")]
    assert landing.last_look("gdp").found == [(SHA_A, "登记_全量.csv")]


def test_a_renamed_file_is_the_one_that_stood_where_the_name_tells_nothing(landing, receive_named):
    receive_named(0, "登记.csv", by_name=False)
    [receipt] = receive_named(1, "登记_全量.csv", by_name=False)
    assert told(landing) == [("登记.csv", "2026-11-20")]
    assert landing.last_look("gdp").found == [(SHA_A, "登记.csv")]


def test_two_files_of_the_same_bytes_have_a_receipt_each_where_the_names_tell_something(
    landing, receive_named
):
    names = ["登记_全量_2026-09.csv", "登记_全量_2026-08.csv"]
    receipts = receive_named(0, *names)
    assert [receipt.name for receipt in receipts] == names
    assert receive_named(1, *names) == receipts == landing.receipts("gdp")
    assert len(list((landing.root / "gdp").glob("2*.json"))) == 2
    assert stored(landing) == [SHA_A]


def test_receipts_of_one_look_are_in_the_order_of_the_look(landing, receive):
    contents = [f"figure {n}".encode() for n in range(6)]
    receipts = receive(0, *contents)
    assert landing.receipts("gdp") == receipts
    assert [receipt.sha256 for receipt in receipts] != sorted(receipt.sha256 for receipt in receipts)


def test_a_look_that_was_kept_before_names_were_has_those_of_its_receipts(landing, receive):
    receive(0, A, B)
    path = landing.root / "gdp" / "last_retrieval.json"
    look = json.loads(path.read_text(encoding="utf-8"))
    del look["names"]
    write_json(path, look)
    assert landing.last_look("gdp").found == [(SHA_A, "gdp0.csv"), (SHA_B, "gdp1.csv")]


# ── files that cannot be read where they stand ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def reading(tmp_path, monkeypatch):
    """A file to receive; what is given happens at its nth piece that is read."""
    file = tmp_path / "inbox.csv"
    file.write_bytes(A)

    def reading(happens, nth: int):
        opened, pieces = Path.open, iter(range(1, 100))

        class Watched:
            def __init__(self, raw):
                self.raw = raw

            def __enter__(self):
                return self

            def __exit__(self, *_):
                self.raw.close()

            def read(self, size):
                if next(pieces) == nth:
                    happens(file)
                return self.raw.read(size)

        def watch(path, *arguments, **options):
            raw = opened(path, *arguments, **options)
            return Watched(raw) if path == file else raw

        monkeypatch.setattr(Path, "open", watch)
        return [Document("inbox.csv", file, "D01/inbox.csv")]

    return reading


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
@pytest.mark.parametrize("nth", [1, 3], ids=["while its hash is taken", "while it is copied"])
def test_a_network_folder_that_drops_out_is_no_fault_of_landing(landing, receive, reading, code, nth):
    receive(0, B)

    def drop_out(file):
        raise OSError(code, os.strerror(code))

    with pytest.raises(UnreadableDocument) as failure:
        landing.receive("gdp", [Document("c.csv", b"c", "c.csv"), *reading(drop_out, nth)], FIRST)
    assert str(failure.value) == f"D01/inbox.csv cannot be read: {os.strerror(code)}"
    assert [receipt.sha256 for receipt in landing.receipts("gdp")] == [SHA_B]  # nor of what came before it
    assert list(landing.objects.glob(".*")) == []


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_look(landing, reading, nth):
    def grow(file):
        os.utime(file, ns=(0, 0))
        with open(file, "ab") as more:
            more.write(b"hanting,1\n")

    with pytest.raises(UnreadableDocument) as failure:
        landing.receive("gdp", reading(grow, nth), FIRST)
    assert str(failure.value) == (
        "D01/inbox.csv changed while it was read; the next night takes it once it is whole"
    )
    assert landing.receipts("gdp") == [] and stored(landing) == []


@pytest.mark.parametrize("nth", [3, 4])
def test_a_file_that_is_replaced_under_the_same_size_and_time_is_left_for_the_next_look(
    landing, reading, tmp_path, nth
):
    def replace(file):  # on a disk whose clock goes by two seconds
        stat = file.stat()
        with open(file, "r+b") as same:
            same.write(B)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    documents = reading(replace, nth)
    if nth == 3:
        with pytest.raises(UnreadableDocument, match="changed while it was read"):
            landing.receive("gdp", documents, FIRST)
    else:  # after its last piece
        assert landing.receive("gdp", documents, FIRST)[0].sha256 == SHA_A
    assert [landing.content(sha256) for sha256 in stored(landing)] == [A][: nth - 3]


def test_a_full_disk_is_told_as_what_it_is_also_while_a_file_is_copied(landing, tmp_path, monkeypatch):
    file, opened = tmp_path / "inbox.csv", Path.open
    file.write_bytes(A)

    class Full(io.BytesIO):
        def write(self, content):
            raise OSError(errno.ENOSPC, "No space left on device")

    def open_full(path, mode="r", *arguments, **options):
        return Full() if mode == "wb" else opened(path, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(OSError, match="No space left"):
        landing.receive("gdp", [Document("inbox.csv", file, "inbox.csv")], FIRST)


def test_half_a_character_in_what_a_stranger_says_ends_no_look(landing):
    landing.missed("gdp", FIRST, "gdp: the portal answers '\ud800'")
    assert landing.last_look("gdp").error == "gdp: the portal answers '?'"
    document = Document("a\ud800.csv", A, "http://portal/\ud800", notes=("of \udfff one was taken",))
    landing.receive("gdp", [document], FIRST)
    [receipt] = landing.receipts("gdp")
    assert (receipt.name, receipt.location) == ("a?.csv", "http://portal/?")
    assert landing.last_look("gdp").notes == ("of ? one was taken",)
    assert landing.last_look("gdp").found == [(SHA_A, "a?.csv")]


# ── kills, full disks, wrong clocks ────────────────────────────────────────────────────────────────────────────────


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(tmp_path, monkeypatch):
    file = tmp_path / "look.json"
    write_json(file, {"ok": True})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_json(file, {"ok": False})
    assert json.loads(file.read_text(encoding="utf-8")) == {"ok": True}
    assert list(tmp_path.iterdir()) == [file]


def test_a_document_is_never_seen_under_its_hash_in_a_form_that_can_be_written(landing, receive, monkeypatch):
    seen = []
    replace = os.replace

    def look_first(source, target):
        seen.append((target.parent.name, source.stat().st_mode & 0o777))
        replace(source, target)

    monkeypatch.setattr(os, "replace", look_first)
    receive(0, A)
    assert ("objects", 0o444) in seen


def test_what_a_killed_night_was_writing_is_cleared_and_nothing_else(landing, receive):
    receive(0, A)
    for path in (landing.objects / ".x1.partial", landing.root / "gdp" / ".x2.partial"):
        write_bytes(path, b"half", 0o444)
    before = {path for path in landing.root.rglob("*") if not path.name.startswith(".")}
    clear_partials(landing.root)
    assert {path for path in landing.root.rglob("*")} == before


def test_what_stands_with_a_receipt_of_a_wrong_clock_gets_one_of_tonight(landing, receive):
    receive(27_000, A)  # seventy years ahead
    [receipt] = receive(1, A)
    assert receipt.retrieved_at == "2026-11-21T18:00:00+00:00"
    assert stored(landing) == [SHA_A]
    assert len(landing.receipts("gdp")) == 2


def test_a_good_look_of_a_wrong_clock_was_just_now_at_the_latest(landing, receive):
    receive(27_000, A)
    landing.missed("gdp", FIRST, "no answer")
    assert landing.last_look("gdp").good_at == "2026-11-20T18:00:00+00:00"


def test_a_look_whose_names_do_not_fit_its_documents_is_inferred_from_the_receipts(landing, receive):
    receive(0, A)
    path = landing.root / "gdp" / LAST
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"names": []}), "utf-8")
    look = landing.last_look("gdp")
    assert (look.ok, look.found) == (False, [(SHA_A, "gdp0.csv")])


def test_a_damaged_receipt_of_bytes_that_stand_under_two_names_is_not_made_one_of_the_other_name(
    landing, receive_named
):
    first, second = "登记_全量_2026-09.csv", "登记_全量_2026-10.csv"
    receive_named(0, first)
    receive_named(1, first, second)
    [path] = [path for path in (landing.root / "gdp").glob("20261121*.json")]
    path.write_text("{", encoding="utf-8")
    receive_named(2, first, second)
    assert told(landing) == [(first, "2026-11-20"), (second, "2026-11-21")]
