"""What `doctor --deep` looks at: every kept file against what says how it must be. Looks only, mends nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ingest import integrity
from ingest.linkage import decisions
from orchestration.doctor import Finding
from orchestration.settings import Settings
from warehouse import release, rollback
from warehouse.home import Home
from warehouse.text import one_line


def examine(settings: Settings) -> list[Finding]:
    """Landing, raw, quarantine, decisions and every release, with all that is wrong; none where there is no home yet."""
    home = settings.home
    if not home.root.is_dir():
        return []
    places = {
        "landing": integrity.landing(home.landing),
        "raw": integrity.raw(home.raw, home.quarantine, home.landing),
        "quarantine": integrity.quarantine(home.quarantine),
    }
    found = []
    for subject, seen in places.items():
        found += [Finding("bad", subject, fault) for fault in seen.faults] or [
            Finding("ok", subject, seen.told)
        ]
    return [*found, _decisions(home), *_releases(home)]


def _decisions(home: Home) -> Finding:
    try:
        return Finding(
            "ok", "decisions", f"{len(decisions.load(home.decisions))} lines, every one as it was written"
        )
    except decisions.DecisionError as error:
        return Finding("bad", "decisions", one_line(str(error)))


def _releases(home: Home) -> Iterator[Finding]:
    try:
        gone_back = [Finding("warn", "releases", str(one)) for one in rollback.withdrawals(home)]
    except release.ReleaseError as error:
        gone_back = [Finding("bad", "releases", str(error))]
    yield from gone_back
    lines = rollback.lines(home)
    if home.current.is_symlink() and not any(line.is_current for line in lines):
        yield Finding("bad", "releases", f"current leads nowhere; {_REMEDY}")
    for line in lines:
        faults = list(line.faults) or release.verify_rows(release.open_release(home.releases / line.id))
        if faults:
            remedy = _REMEDY if line.is_current else "remove its folder, or bring it back from a backup"
            yield Finding("bad", "releases", f"{line.id}: {'; '.join(faults)}; {remedy}")
        else:
            yield Finding("ok", "releases", f"{line.id}: every file and every mart's rows as sealed")


_REMEDY = "go back with `blue-ledger releases use ID`, or run a night"
