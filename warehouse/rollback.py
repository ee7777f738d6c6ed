"""Going back to an earlier release, and what that says of the one that was left. Which release is built is the night's affair.

A release that a person goes back from is withdrawn: noted in `withdrawn.json` with the reason and with what the release rests
on. A night that rests on the very same but for its day would publish the same figures again, and so is blocked by it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from warehouse import release
from warehouse.home import Home, NightLock
from warehouse.release import Release, ReleaseError

#: what decides figures, as a manifest has it, but for the day
BASIS = ("code_version", "catalogue_version", "plan_version", "parameters", "demo", "decisions")


@dataclass(frozen=True)
class Withdrawal:
    """A release that somebody went back from. at: UTC, ISO 8601. basis: a hash of what it rests on but for its day."""

    release_id: str
    instead: str
    at: str
    reason: str
    basis: str

    def __str__(self) -> str:
        return f"release {self.release_id} was withdrawn on {self.at[:10]} ({self.reason or 'no reason was given'})"


@dataclass(frozen=True)
class Line:
    """A release as a person chooses among them. faults: what is damaged, in words; empty where it is whole."""

    id: str
    is_current: bool
    is_in_use: bool
    built_at: str | None
    as_of_date: str | None
    plan_version: str | None
    demo: bool | None
    passed: int | None
    warned: int | None
    bytes: int
    faults: tuple[str, ...]
    withdrawn: str | None


def lines(home: Home, with_files: bool = True) -> list[Line]:
    """Every release, newest first; with_files: each file is compared with the manifest."""
    current = home.current.resolve().name if home.current.is_symlink() else None
    in_use = release.releases_in_use(home)
    why = {}
    with suppress(ReleaseError):  # the releases are asked about; the deep doctor tells of that file
        why = {one.release_id: str(one) for one in withdrawals(home)}
    found = []
    for id_ in reversed(release.release_ids(home)):
        manifest, faults = _looked_at(home, id_, with_files)
        checks = manifest.get("checks") or {}
        found.append(
            Line(
                id_,
                id_ == current,
                id_ in in_use,
                manifest.get("built_at"),
                manifest.get("as_of_date"),
                manifest.get("plan_version"),
                manifest.get("demo"),
                checks.get("passed"),
                checks.get("warned"),
                sum(path.stat().st_size for path in (home.releases / id_).rglob("*") if path.is_file()),
                tuple(faults),
                why.get(id_),
            )
        )
    return found


def use(
    home: Home, release_id: str, reason: str = "", now: datetime | None = None
) -> tuple[str | None, Withdrawal | None]:
    """Point `current` at a release that is whole; returns what was current, and the withdrawal where one was noted.

    Going to an earlier one withdraws what was current, unless that is damaged: then it is not its figures that are wrong.
    Going to a withdrawn one takes its withdrawal back.

    Raises:
        ReleaseError: there is no such release, or it is damaged; the message lists those that are whole.
        HomeBusy: a night is running, whose release would take its place unseen.
    """
    if release_id not in release.release_ids(home):
        raise ReleaseError(f"there is no release {release_id!r}. {_choice(home)}")
    with NightLock(home):
        was = home.current.resolve().name if home.current.is_symlink() else None
        _, faults = _looked_at(home, release_id, with_files=True)
        if faults := faults or release.verify_rows(release.open_release(home.releases / release_id)):
            raise ReleaseError(f"release {release_id} is damaged: {'; '.join(faults)}. {_choice(home)}")
        kept = [one for one in withdrawals(home) if one.release_id != release_id]
        noted = None
        if was and release_id < was:
            manifest, faults = _looked_at(home, was, with_files=True)
            if not faults:
                at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
                noted = Withdrawal(was, release_id, at, reason, basis(manifest))
                kept = [*(one for one in kept if one.release_id != was), noted]
        # noted before the swap: who is cut off between the two has a release in use that the next night may not repeat
        _write(home, kept)
        release.use(home, release_id)
        return was, noted


def withdrawals(home: Home) -> list[Withdrawal]:
    """The releases that persons went back from, oldest first.

    Raises:
        ReleaseError: the file is damaged.
    """
    try:
        return [Withdrawal(**entry) for entry in json.loads(home.withdrawn.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise ReleaseError(
            f"{home.withdrawn} cannot be read ({error}); bring it back from a backup,"
            " or remove it to forget what was withdrawn"
        ) from error


def withdrawn_like(home: Home, rests_on: Mapping[str, Any]) -> Withdrawal | None:
    """The withdrawn release that rests on the same as this, but for the day; what it got wrong, this gets wrong."""
    same = basis(rests_on)
    return next((one for one in withdrawals(home) if one.basis == same), None)


def basis(rests_on: Mapping[str, Any]) -> str:
    """A hash of what a release rests on, but for its day: code, catalogue, plan, parameters, decisions, documents."""
    inputs = [
        [one["source"], one["document"], one["sha256"]] if isinstance(one, Mapping) else one
        for one in rests_on.get("inputs", ())
    ]
    content = json.dumps([{name: rests_on.get(name) for name in BASIS}, inputs], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _looked_at(home: Home, id_: str, with_files: bool) -> tuple[dict[str, Any], list[str]]:
    """A release's manifest, empty where it cannot be read, and what is damaged."""
    try:
        found: Release = release.open_release(home.releases / id_)
        return found.manifest, release.verify(found) if with_files else []
    except (ReleaseError, OSError, KeyError, TypeError, AttributeError) as error:
        return {}, [str(error) if isinstance(error, ReleaseError) else f"its manifest is damaged ({error})"]


def _choice(home: Home) -> str:
    whole = [id_ for id_ in release.release_ids(home) if not _looked_at(home, id_, with_files=True)[1]]
    return f"Whole are: {', '.join(reversed(whole)) or 'none'}"


def _write(home: Home, kept: list[Withdrawal]) -> None:
    if not kept and not home.withdrawn.exists():
        return
    draft = home.withdrawn.with_name(f".{home.withdrawn.name}.partial")
    draft.write_text(
        json.dumps([asdict(one) for one in kept], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    os.replace(draft, home.withdrawn)
