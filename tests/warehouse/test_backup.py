"""Backup and restore: all that cannot be had again is in it, damage is found, nothing leads out of the home."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse import backup, release
from warehouse.backup import HEAD, SUMS, BackupError
from warehouse.home import Home

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
RELEASE = "20261123T021503Z"


def put(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def receive(home: Home, source: str, content: bytes) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    put(home.landing / source / f"20261123T020000000000Z-{sha256[:12]}.json", json.dumps({"sha256": sha256}))
    put(home.landing / source / "last_retrieval.json", json.dumps({"sha256s": [sha256]}))
    return put(home.landing / "objects" / sha256, content)


def seal(home: Home, id_: str = RELEASE) -> Path:
    """A release's folder as `seal` leaves it, of one page, without a database: what an archive sees of one."""
    folder = home.releases / id_
    page = put(folder / "reports" / "night.html", f"每夜报告 {id_}")
    files = {"reports/night.html": {"sha256": hashlib.sha256(page.read_bytes()).hexdigest(), "bytes": 1}}
    put(folder / "manifest.json", json.dumps({"id": id_, "files": files, "marts": {}}))
    return folder


@pytest.fixture
def home(tmp_path) -> Home:
    """A home with a document, a decision, a file in the inbox, two releases, and what a backup leaves out."""
    made = Home(tmp_path / "home").ensure()
    receive(made, "county_gdp", "潍坊市,1703.42\n".encode())
    put(made.decisions / "links.csv", "nth,list_id\n1,ab\n")
    put(made.inbox / "ledger" / "11月 台账.xlsx", b"PK")
    put(made.reports / "last_night.json", "{}")
    put(made.demo / "demo.json", '{"seed": 7}')
    put(made.root / "alerts.yml", "channels: {}")
    put(made.raw / "figures" / "x.parquet", b"rows")
    put(made.build_file, b"build")
    put(made.landing / "objects" / ".half.partial", b"half")
    seal(made, "20261122T021503Z")
    seal(made)
    release.use(made, RELEASE)
    return made


@pytest.fixture
def archive(home, tmp_path) -> Path:
    file = tmp_path / "b.tar.gz"
    backup.write(home, file, {"code_version": "c1"}, now=NOW)
    return file


def names(file: Path) -> list[str]:
    with tarfile.open(file) as opened:
        return opened.getnames()


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


# --- what is in it


def test_what_cannot_be_had_again_is_in_it_and_what_can_is_not(home, tmp_path):
    config = {"catalogue/sources.yml": put(tmp_path / "sources.yml", "sources: []")}
    held = backup.write(home, tmp_path / "b.tar.gz", {"code_version": "c1"}, config, now=NOW)

    tops = {name.split("/")[0] for name in names(tmp_path / "b.tar.gz")}
    assert tops == {
        HEAD, SUMS, "alerts.yml", "releases", "manifests", "config", "decisions", "demo", "inbox", "landing", "reports",
    }  # fmt: skip
    assert not [name for name in names(tmp_path / "b.tar.gz") if "partial" in name]
    assert held.damage == ()
    assert held.head["current"] == RELEASE
    assert held.head["code_version"] == "c1"
    assert held.head["made_at"] == "2026-11-24T01:30:00+00:00"


@pytest.mark.parametrize(
    ("which", "ids"), [("current", {RELEASE}), ("all", {"20261122T021503Z", RELEASE}), ("none", set())]
)
def test_releases_go_in_as_asked_and_every_manifest_always(home, tmp_path, which, ids):
    backup.write(home, tmp_path / "b.tar", {}, releases=which)
    found = names(tmp_path / "b.tar")
    assert {name.split("/")[1] for name in found if name.startswith("releases/")} == ids
    assert {name for name in found if name.startswith("manifests/")} == {
        "manifests/20261122T021503Z.json",
        f"manifests/{RELEASE}.json",
    }


def test_what_refers_to_another_file_is_read_before_it(archive):
    found = names(archive)
    assert (found[0], found[-1]) == (HEAD, SUMS)

    def last(start):
        return max(n for n, name in enumerate(found) if name.startswith(start))

    objects = min(n for n, name in enumerate(found) if name.startswith("landing/objects/"))
    look = found.index("landing/county_gdp/last_retrieval.json")
    receipt = next(n for n, name in enumerate(found) if name.startswith("landing/county_gdp/2026"))
    assert last("releases/") < last("decisions/") < look < receipt < objects


def test_the_same_home_gives_the_same_bytes(home, archive, tmp_path):
    backup.write(home, tmp_path / "again.tar.gz", {"code_version": "c1"}, now=NOW)
    assert (tmp_path / "again.tar.gz").read_bytes() == archive.read_bytes()


def test_anybody_can_check_it_with_tar_and_sha256sum(archive, tmp_path):
    (tmp_path / "plain").mkdir()
    subprocess.run(["tar", "xzf", str(archive)], cwd=tmp_path / "plain", check=True)
    subprocess.run(["sha256sum", "--quiet", "-c", SUMS], cwd=tmp_path / "plain", check=True)


def test_a_document_that_arrives_meanwhile_does_not_disturb_it(home, tmp_path, monkeypatch):
    """A night that lands a document after the receipts were listed: its object alone may be in the archive."""
    files = backup._files

    def listing(folder):
        found = files(folder)
        if folder == home.landing:
            receive(home, "county_gdp", b"new\n")
        return found

    monkeypatch.setattr(backup, "_files", listing)
    backup.write(home, tmp_path / "b.tar.gz", {})
    backup.restore(tmp_path / "b.tar.gz", Home(tmp_path / "other"))
    kept = Home(tmp_path / "other").landing
    for receipt in kept.glob("county_gdp/*.json"):
        content = json.loads(receipt.read_text())
        for sha256 in content.get("sha256s") or [content["sha256"]]:
            assert (kept / "objects" / sha256).exists()


def test_a_link_in_the_inbox_is_not_followed(home, tmp_path):
    (home.inbox / "leads_out").symlink_to(put(tmp_path / "secret", "x"))
    backup.write(home, tmp_path / "b.tar.gz", {})
    assert "inbox/leads_out" not in names(tmp_path / "b.tar.gz")


def test_damage_in_the_home_is_told_and_the_rest_is_kept(home, tmp_path):
    put(next((home.landing / "objects").glob("[!.]*")), b"flipped")
    put(home.current / "reports" / "night.html", "changed")
    held = backup.write(home, tmp_path / "b.tar.gz", {})
    assert [fault.split(" ")[0].split("/")[0] for fault in held.damage] == ["releases", "landing"]
    assert (tmp_path / "b.tar.gz").exists()


@pytest.mark.parametrize(
    ("spoil", "told", "refused"),
    [
        (
            lambda folder: (folder / "reports" / "night.html").unlink(),
            "reports/night.html is not there",
            "reports/night.html is missing",
        ),
        (
            lambda folder: put(folder / "manifest.json", "{"),
            "cannot be restored from this",
            "it has no manifest that can be read",
        ),
    ],
    ids=["a file is missing", "the manifest is damaged"],
)
def test_a_release_that_lacks_something_is_told_when_it_is_archived(home, tmp_path, spoil, told, refused):
    spoil(home.current.resolve())
    [damage] = backup.write(home, tmp_path / "b.tar.gz", {}).damage
    assert damage.startswith(f"releases/{RELEASE}") and told in damage
    with pytest.raises(BackupError, match=refused):
        backup.restore(tmp_path / "b.tar.gz", Home(tmp_path / "other"))


def test_a_backup_that_another_is_writing_is_left_to_it(home, tmp_path):
    draft = put(tmp_path / ".b.tar.gz.partial", b"half")
    with draft.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="another backup is being written"):
            backup.write(home, tmp_path / "b.tar.gz", {})
        assert draft.read_bytes() == b"half"
    backup.write(home, tmp_path / "b.tar.gz", {})  # nobody holds it any more
    assert backup.verify(tmp_path / "b.tar.gz").files > 5 and not draft.exists()


def test_no_backup_replaces_another_and_a_failed_one_leaves_nothing(home, archive, tmp_path, monkeypatch):
    with pytest.raises(BackupError, match="is there already"):
        backup.write(home, archive, {})
    with pytest.raises(BackupError, match="ends in"):
        backup.write(home, tmp_path / "b.zip", {})
    with pytest.raises(BackupError, match="is no home"):
        backup.write(Home(tmp_path / "nowhere"), tmp_path / "c.tar.gz", {})
    monkeypatch.setattr(backup, "verify", lambda file: (_ for _ in ()).throw(BackupError("cut off")))
    with pytest.raises(BackupError, match="cut off"):
        backup.write(home, tmp_path / "d.tar.gz", {})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.tar.gz", "home"]


def test_a_current_that_leads_nowhere_is_said_and_can_be_left_out(home, tmp_path):
    home.current.unlink()
    home.current.symlink_to("releases/20200101T000000Z")
    with pytest.raises(BackupError, match="current leads to release 20200101T000000Z, which is not there"):
        backup.write(home, tmp_path / "b.tar.gz", {})
    assert backup.write(home, tmp_path / "b.tar.gz", {}, releases="none").head["current"] is None


# --- trusting one


def test_a_whole_archive_is_verified(archive):
    held = backup.verify(archive)
    assert held.files == len(names(archive)) - 1
    assert held.head["holds_releases"] == [RELEASE]


def test_every_byte_cut_off_or_flipped_is_found(archive, tmp_path):
    whole = archive.read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 20, len(whole) - 1):
        with pytest.raises(BackupError, match="cut off|damaged|no backup"):
            backup.verify(put(tmp_path / "cut.tar.gz", whole[:length]))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    with pytest.raises(BackupError):
        backup.verify(put(tmp_path / "flipped.tar.gz", bytes(flipped)))
    with pytest.raises(BackupError, match="there is no file"):
        backup.verify(tmp_path / "none.tar.gz")


def hostile(path: Path, *members: tarfile.TarInfo | tuple[str, bytes], head: bytes | None = None) -> Path:
    """An archive of ours in form, with members put in by somebody else; its sums fit."""
    sums = []
    with tarfile.open(path, "w:gz") as opened:
        head = head or json.dumps({"format": 1, "made_at": "x", "current": None}).encode()
        for member in ((HEAD, head), *members):
            if isinstance(member, tuple):
                name, content = member
                member = tarfile.TarInfo(name)
                member.size = len(content)
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
                opened.addfile(member, io.BytesIO(content))
            else:
                opened.addfile(member)
        text = "".join(sums).encode()
        info = tarfile.TarInfo(SUMS)
        info.size = len(text)
        opened.addfile(info, io.BytesIO(text))
    return path


def special(name: str, kind: bytes, leads_to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, leads_to
    return info


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (("../evil", b"x"), "leads out"),
        (("landing/../../evil", b"x"), "leads out"),
        (("/etc/evil", b"x"), "leads out"),
        (("landing//objects/x", b"x"), "leads out"),
        (("landing/./x", b"x"), "leads out"),
        (("landing\\..\\x", b"x"), "leads out"),
        (("current/marts.duckdb", b"x"), "no part of a home"),
        (("build/build.duckdb", b"x"), "no part of a home"),
        (("dagster/dagster.yaml", b"x"), "no part of a home"),
        (special("inbox/link", tarfile.SYMTYPE, "/etc/passwd"), "no regular file"),
        (special("inbox/link", tarfile.LNKTYPE, "BACKUP.json"), "no regular file"),
        (special("inbox/device", tarfile.CHRTYPE), "no regular file"),
        (special("inbox/block", tarfile.BLKTYPE), "no regular file"),
        (special("inbox/pipe", tarfile.FIFOTYPE), "no regular file"),
        (special("inbox/folder", tarfile.DIRTYPE), "no regular file"),
        ((HEAD, b"{}"), "twice"),
    ],
)
def test_an_archive_that_leads_out_of_the_home_is_refused_and_nothing_is_written(tmp_path, member, message):
    file = hostile(tmp_path / "h.tar.gz", member)
    with pytest.raises(BackupError, match=message):
        backup.verify(file)
    with pytest.raises(BackupError, match=message):
        backup.restore(file, Home(tmp_path / "place" / "home"))
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["h.tar.gz"]


def test_an_archive_of_another_form_is_refused(tmp_path):
    with pytest.raises(BackupError, match="format 2; this code reads 1"):
        backup.verify(hostile(tmp_path / "a.tar.gz", head=b'{"format": 2}'))
    with pytest.raises(BackupError, match="cannot be read"):
        backup.verify(hostile(tmp_path / "b.tar.gz", head=b"[]"))
    with tarfile.open(tmp_path / "c.tar", "w") as opened:
        opened.addfile(tarfile.TarInfo("landing/x"))
    with pytest.raises(BackupError, match="is no backup"):
        backup.verify(tmp_path / "c.tar")


# --- bringing one back


def test_a_restored_home_holds_what_was_there_and_reads_the_same_release(home, archive, tmp_path):
    place = Home(tmp_path / "far" / "away" / "home")
    backup.restore(archive, place)

    for part in ("decisions", "inbox", "reports", f"releases/{RELEASE}"):
        assert tree(place.root / part) == tree(home.root / part)
    assert tree(place.landing) == {
        name: content for name, content in tree(home.landing).items() if "partial" not in name
    }
    assert release.current_release(place).id == RELEASE
    assert os.readlink(place.current) == f"releases/{RELEASE}"
    assert release.verify(release.current_release(place)) == []
    assert not os.access(place.current / "manifest.json", os.W_OK) or os.geteuid() == 0
    assert {p.stat().st_mode & 0o777 for p in (place.landing / "objects").iterdir()} == {0o444}
    assert set(backup.kept_manifests(place)) == {"20261122T021503Z", RELEASE}
    assert place.raw.is_dir()


def test_without_releases_there_is_no_current_and_the_manifests_are_known(home, tmp_path):
    backup.write(home, tmp_path / "b.tar.gz", {}, releases="none")
    place = Home(tmp_path / "other")
    backup.restore(tmp_path / "b.tar.gz", place)
    assert release.current_release(place) is None
    assert backup.kept_manifests(place)[RELEASE].manifest["id"] == RELEASE
    backup.write(place, tmp_path / "c.tar.gz", {})  # and they outlive the next backup
    assert f"manifests/{RELEASE}.json" in names(tmp_path / "c.tar.gz")


def test_a_home_that_holds_anything_is_not_restored_over(home, archive, tmp_path):
    before = tree(home.root)
    with pytest.raises(BackupError, match="is not empty"):
        backup.restore(archive, home)
    assert tree(home.root) == before
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupError, match="is not empty"):
        backup.restore(archive, Home(tmp_path / "link"))
    (tmp_path / "empty").mkdir()
    backup.restore(archive, Home(tmp_path / "empty"))
    assert release.current_release(Home(tmp_path / "empty")).id == RELEASE


@pytest.mark.parametrize("step", ["_extract", "_require_whole", "_put_in_place"])
def test_a_restore_that_is_cut_off_leaves_no_home(archive, tmp_path, monkeypatch, step):
    place = Home(tmp_path / "place" / "home")

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, step, die)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(archive, place)
    assert list(place.root.parent.iterdir()) == []


def test_what_the_disk_did_not_keep_is_found_before_it_is_put_in_place(archive, tmp_path, monkeypatch):
    copy = backup._copy

    def rotten(stream, path):
        digest = copy(stream, path)
        if path and path.name == "links.csv":
            path.write_bytes(b"rot")
        return digest

    monkeypatch.setattr(backup, "_copy", rotten)
    with pytest.raises(BackupError, match=r"as written: decisions/links.csv is damaged"):
        backup.restore(archive, Home(tmp_path / "place" / "home"))
    assert list((tmp_path / "place").iterdir()) == []


def test_a_mounted_volume_is_filled_part_by_part_with_current_last(archive, tmp_path, monkeypatch):
    place = Home(tmp_path / "volume")
    place.root.mkdir()
    moved = []
    rename = os.rename
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == place.root)
    monkeypatch.setattr(backup.os, "rename", lambda a, b: (moved.append(Path(b).name), rename(a, b)))
    backup.restore(archive, place)
    assert moved[-1] == "current"
    assert release.current_release(place).id == RELEASE
    assert not list(place.root.glob(".restoring-*"))


def test_a_damaged_release_in_a_backup_is_not_made_current(home, tmp_path):
    put(home.current / "reports" / "night.html", "changed")
    backup.write(home, tmp_path / "b.tar.gz", {})
    with pytest.raises(BackupError, match="in the backup is damaged: reports/night.html has changed"):
        backup.restore(tmp_path / "b.tar.gz", Home(tmp_path / "other"))
    assert not (tmp_path / "other").exists()
