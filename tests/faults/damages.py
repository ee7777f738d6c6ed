"""What can be found damaged in a home: each knows what it breaks and nothing of what follows."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import DBT_PROJECT
from tests.faults.world import World, hash_of

GARBAGE = b"\x00\xff\xfegarbage\x80" * 40
NOBODY = 65534


@dataclass(frozen=True)
class Damage:
    """what: as the table tells it. act: does it to a home; returns False where there was nothing to damage."""

    what: str
    act: Callable[[World], object]

    def do(self, world: World) -> bool:
        return self.act(world) is not False


def overwrite(path: Path) -> bool:
    if not path.is_file():
        return False
    path.chmod(0o644)
    path.write_bytes(GARBAGE)
    return True


def truncate(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def target(world: World) -> Path:
    """Where dbt keeps what it made of this city."""
    return (
        DBT_PROJECT / "target" / "cities" / hashlib.sha256(str(world.base / "city").encode()).hexdigest()[:16]
    )


def first(folder: Path, pattern: str) -> Path:
    return sorted(path for path in folder.glob(pattern) if path.name != "last_retrieval.json")[0]


def _object(world: World) -> None:
    """A document that its source still has: set aside, and had again."""
    name = hashlib.sha256((world.home.inbox / "figures.csv").read_bytes()).hexdigest()
    flip(world.home.landing / "objects" / name)
    _forget(world, f"objects/{name}")


def _receipt(world: World) -> None:
    path = first(world.home.landing / "inbox_figures", "*.json")
    overwrite(path)
    _forget(world, str(path.relative_to(world.home.landing)))


def _forget(world: World, name: str) -> None:
    """What was damaged on purpose must be in landing/corrupt as it is now."""
    world.accepted[name] = hashlib.sha256((world.home.landing / name).read_bytes()).hexdigest()


def _leftovers(world: World) -> None:
    home = world.home
    half = home.releases / ".20200101T000000Z.partial" / "parquet"
    half.mkdir(parents=True)
    (half / "a.parquet").write_bytes(GARBAGE)
    (home.releases / ".20190101T000000Z.removed").mkdir()
    (home.root / ".current.new").symlink_to("releases/nowhere")
    for folder in (home.landing / "objects", home.raw / "indicator_figures"):
        (folder / ".x.partial").write_bytes(GARBAGE)
        (folder / ".x.partial").chmod(0o444)
    Path(f"{home.build_file}.wal").write_bytes(GARBAGE)


def _current_gone(world: World) -> None:
    world.home.current.unlink()


RAW, CHECKS = "raw/indicator_figures", "*.checks.json"
GROUPS = (
    (
        Damage("a document in landing", _object),
        Damage("dbt's manifest", lambda w: overwrite(target(w) / "manifest.json")),
        Damage("the build file", lambda w: overwrite(w.home.build_file)),
        Damage("build/tmp taken away", lambda w: shutil.rmtree(w.home.build / "tmp", ignore_errors=True)),
        Damage("raw Parquet", lambda w: truncate(first(w.home.root / RAW, "*.parquet"))),
    ),
    (
        Damage("a receipt", _receipt),
        Damage("check results of a snapshot", lambda w: overwrite(first(w.home.root / RAW, CHECKS))),
        Damage("dbt's partial parse", lambda w: overwrite(target(w) / "partial_parse.msgpack")),
        Damage("Dagster's runs", lambda w: overwrite(w.home.dagster / "history" / "runs.db")),
        Damage("the marts of the current release", lambda w: flip(w.home.current.resolve() / "marts.duckdb")),
    ),
    (
        Damage(
            "a last look", lambda w: overwrite(w.home.landing / "downloaded_figures" / "last_retrieval.json")
        ),
        Damage(
            "a snapshot's record", lambda w: overwrite(first(w.home.root / RAW, "downloaded*[0-9a-f].json"))
        ),
        Damage("dagster.yaml", lambda w: overwrite(w.home.dagster / "dagster.yaml")),
        Damage("leftovers of killed nights", _leftovers),
        Damage("the link `current` taken away", _current_gone),
    ),
    (
        Damage("Dagster's folder taken away", lambda w: shutil.rmtree(w.home.dagster)),
        Damage("dbt's target taken away", lambda w: shutil.rmtree(target(w))),
        Damage("raw taken away", lambda w: shutil.rmtree(w.home.raw)),
        Damage(
            "the manifest of the current release",
            lambda w: overwrite(w.home.current.resolve() / "manifest.json"),
        ),
        Damage("the last night's report", lambda w: overwrite(w.home.reports / "last_night.json")),
    ),
)


def move_to_2099(world: World) -> None:
    """The home as a night leaves it whose clock was in 2099: the release, the receipts and the looks bear that date."""
    home = world.home
    old = home.current.resolve()
    new = old.with_name(f"20990101T{old.name[9:]}")
    old.rename(new)
    manifest = json.loads((new / "manifest.json").read_text(encoding="utf-8"))
    (new / "manifest.json").chmod(0o644)
    (new / "manifest.json").write_text(json.dumps(manifest | {"id": new.name}), encoding="utf-8")
    home.current.unlink()
    home.current.symlink_to(f"releases/{new.name}")
    for path in list(home.landing.glob("*/2*.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        moved = path.with_name(f"20990101T000000000000Z-{receipt['sha256'][:12]}.json")
        moved.write_text(
            json.dumps(receipt | {"retrieved_at": "2099-01-01T00:00:00+00:00"}), encoding="utf-8"
        )
        path.unlink()
        del world.accepted[str(path.relative_to(home.landing))]
        world.accepted[str(moved.relative_to(home.landing))] = hash_of(moved)
    for path in home.landing.glob("*/last_retrieval.json"):
        look = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(
            json.dumps(look | {"at": "2099-01-01T00:00:00+00:00", "good_at": "2099-01-01T00:00:00+00:00"}),
            encoding="utf-8",
        )


@contextlib.contextmanager
def as_another_user(world: World) -> Iterator[None]:
    """The nights are those of a user without rights, and so is all they write."""
    world.prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    places = [world.base, target(world)]
    target(world).mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", *map(str, places)], check=True)
        yield
    finally:
        world.prefix = ()
        subprocess.run(["chown", "-R", "0:0", *map(str, places)], check=True)


def lock_away(world: World) -> list[str]:
    """Files that their own user may no longer read; returns what they are."""
    home = world.home
    places = {
        "raw Parquet": first(home.root / RAW, "*.parquet"),
        "check results": first(home.root / RAW, CHECKS),
        "the build file": home.build_file,
        "dbt's manifest": target(world) / "manifest.json",
        "a document in landing": home.landing
        / "objects"
        / hashlib.sha256((home.inbox / "figures.csv").read_bytes()).hexdigest(),
    }
    for path in places.values():
        path.chmod(0)
    return list(places)


def _any_receipt(world: World) -> None:
    path = first(world.home.landing / "county_gdp_other", "*.json")
    overwrite(path)
    _forget(world, str(path.relative_to(world.home.landing)))


#: those that lie in the home alone and that any catalogue's home has; dbt's target is shared by whoever runs at the same time
ANY_CITY = (
    Damage("a receipt", _any_receipt),
    Damage("a last look", lambda w: overwrite(w.home.landing / "county_gdp_other" / "last_retrieval.json")),
    Damage("raw Parquet", lambda w: truncate(first(w.home.root / RAW, "*.parquet"))),
    Damage("check results of a snapshot", lambda w: overwrite(first(w.home.root / RAW, CHECKS))),
    Damage("the build file", lambda w: overwrite(w.home.build_file)),
    Damage("Dagster's runs", lambda w: overwrite(w.home.dagster / "history" / "runs.db")),
    Damage("dagster.yaml", lambda w: overwrite(w.home.dagster / "dagster.yaml")),
    Damage("the marts of the current release", lambda w: flip(w.home.current.resolve() / "marts.duckdb")),
    Damage("leftovers of killed nights", _leftovers),
)
