"""`blue-ledger review`: the queue of uncertain links, on a terminal and as a workbook. Joins a release with the decisions."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.options import HomeOption, JsonOption, home_at, release_of
from warehouse.text import one_line

if TYPE_CHECKING:
    from ingest.linkage.decisions import Decision, Verdict
    from warehouse.home import Home
    from warehouse.release import Release
    from warehouse.review import Candidate, HandedIn, ListedName, Queue

EXIT_REFUSED_ROWS = 1

app = typer.Typer(
    help="Listed names whose enterprise a person must say: the queue, decisions, and a workbook for clerks.",
    no_args_is_help=True,
    add_completion=False,
)

ByOption = Annotated[str, typer.Option("--by", help="Who decides: a person's name.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, so that another can follow it.")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Also an enterprise that is no candidate, if dim_enterprise has it.")
]
ListIdArgument = Annotated[str, typer.Argument(help="The listed name, as `review list` shows it.")]


@app.command("list")
def list_queue(
    limit: Annotated[int, typer.Option("--limit", min=1, help="Names shown.")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What waits for a decision: questioned decisions first, then what would change the targets most."""
    release, queue = _queue(home_at(home))
    if as_json:
        names = [asdict(name) for name in queue.names[:limit]]
        content = {"release": release.id, "counts": _counts(queue), "names": names}
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return
    if queue.names:
        _print_names(queue.names[:limit])
    print(_summed_up(queue, limit))


@app.command()
def accept(
    list_id: ListIdArgument,
    uscc: Annotated[str, typer.Argument(help="Credit code of the enterprise that it means.")],
    by: ByOption,
    reason: ReasonOption,
    force: ForceOption = False,
    home: HomeOption = None,
) -> None:
    """Say which enterprise a listed name means. It outranks every rule, from the next night on."""
    _decide(home_at(home), list_id, uscc, "accept", by, reason, force)


@app.command()
def reject(
    list_id: ListIdArgument,
    by: ByOption,
    reason: ReasonOption,
    uscc: Annotated[
        str | None,
        typer.Argument(help="The enterprise that it does not mean; without: none of the candidates."),
    ] = None,
    force: ForceOption = False,
    home: HomeOption = None,
) -> None:
    """Say that a listed name does not mean an enterprise, or means none of the candidates."""
    _decide(home_at(home), list_id, uscc, "reject", by, reason, force)


@app.command()
def undo(
    list_id: ListIdArgument,
    by: ByOption,
    reason: ReasonOption,
    uscc: Annotated[
        str | None, typer.Argument(help="Only what was said of this enterprise; without: all of the name.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Take decisions about a listed name back. They stay in the file, with who took them back and why."""
    from ingest.linkage import decisions as link_decisions
    from warehouse.review import ReviewError

    folder = home_at(home).decisions
    draft = _draft(list_id, uscc, "withdraw", by, reason)
    if not link_decisions.append(folder, [draft], datetime.now(UTC)):
        about = f"{list_id} and {uscc}" if uscc else list_id
        raise ReviewError(f"there is no decision about {about} that stands; nothing to take back")
    print(f"taken back: what was decided about {uscc or 'this name'}; {_EFFECTIVE}")


@app.command("export")
def export_workbook(
    file: Annotated[Path, typer.Argument(help="A new workbook, in Chinese, to be filled in.")],
    home: HomeOption = None,
) -> None:
    """The whole queue as a workbook for a clerk, to be filled in and imported."""
    from warehouse import review

    _require_workbook_name(file)
    release, queue = _queue(home_at(home))
    try:
        review.write_workbook(file, queue, review.read_targets(release), datetime.now(UTC))
    except OSError as error:
        raise review.ReviewError(f"{file} cannot be written: {error.strerror or error}") from error
    rows = sum(max(1, len(name.candidates)) for name in queue.names)
    print(f"{len(queue.names)} names, {rows} rows: {file}")


@app.command("import")
def import_workbook(
    file: Annotated[Path, typer.Argument(help="A workbook that `review export` wrote, filled in.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the decisions of a workbook. Good rows are taken, the others are told of: exit 1 where there is one."""
    taken = take_workbook(home_at(home), file, datetime.now(UTC))
    if as_json:
        print(json.dumps(asdict(taken), ensure_ascii=False, indent=1))
    else:
        for refusal in taken.refused:
            print(f"refused: {refusal}")
        print(
            f"{taken.added} decisions added, {taken.known} known already, {len(taken.refused)} rows refused,"
            f" {taken.blank} rows without a decision; {_EFFECTIVE}"
        )
    if taken.refused:
        raise typer.Exit(EXIT_REFUSED_ROWS)


@dataclass(frozen=True)
class Taken:
    """What became of a workbook's rows."""

    added: int
    known: int
    blank: int
    refused: tuple[str, ...]


def take_workbook(home: Home, file: Path, now: datetime) -> Taken:
    """Add the decisions of a filled-in export; rows that no longer fit the current release are refused, each for itself.

    Raises:
        ReviewError: the file is no export of the queue. DecisionError: the file of decisions is wrong.
        UsageError: there is no release yet.
    """
    from ingest import readers
    from ingest.linkage import decisions as link_decisions
    from warehouse import review

    _require_workbook_name(file)
    try:
        handed_in = review.read_workbook(readers.read(file.read_bytes(), file.name, "workbook"), file.name)
    except OSError as error:
        raise review.ReviewError(f"{file} cannot be read: {error.strerror or error}") from error
    except readers.ReadError as error:
        raise review.ReviewError(str(error)) from error
    release = release_of(home)
    names = review.read_names(release)
    decisions = link_decisions.load(home.decisions)
    drafts: list[Decision] = []
    refused = list(handed_in.refused)
    for row in handed_in.rows:
        draft = replace(
            _draft(row.list_id, row.uscc, row.verdict, row.decided_by, row.reason),
            listed_as=row.listed_as,
            enterprise_as=row.enterprise_as,
            source=handed_in.export,
        )
        if link_decisions.is_repeat(draft, decisions):
            drafts.append(draft)
            continue
        name = names.get(row.list_id)
        enterprise = _enterprise(release, name, row.uscc) if name and row.uscc else None
        why = review.why_outdated(row, name, enterprise) or _decided_since(draft, handed_in, decisions)
        if why:
            refused.append(f"{file.name}: {review.SHEET}!J{row.row} 决定: {why}")
            continue
        # as the release has them, for a workbook may have changed their white space
        assert name is not None  # else the row is outdated
        known_as = enterprise.enterprise_as if enterprise else None
        drafts.append(replace(draft, listed_as=name.listed_as, enterprise_as=known_as))
    added = link_decisions.append(home.decisions, drafts, now)
    return Taken(len(added), len(drafts) - len(added), handed_in.blank, tuple(refused))


def _decided_since(draft: Decision, handed_in: HandedIn, decisions: tuple[Decision, ...]) -> str | None:
    """Why a row must not outrank what another decided, in Chinese, where he did so after the export."""
    from ingest.linkage.decisions import NOTHING, standing

    stands = standing(decisions).get(draft.list_id, NOTHING)
    if draft.verdict == "accept":
        rivals = [
            one for one in stands.decisions if one.verdict == "accept" or one.uscc in (None, draft.uscc)
        ]
    elif draft.uscc:
        rivals = [one for one in stands.decisions if one.uscc == draft.uscc]
    else:
        rivals = [one for one in (stands.accepted, stands.none_fits) if one]
    for one in rivals:
        if one.decided_at > handed_in.exported_at and one.source != handed_in.export:
            said = {
                "accept": f"认定为 {one.uscc}",
                "reject": f"否定 {one.uscc}" if one.uscc else "认定均不符",
            }
            when = one.decided_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
            return f"导出之后 {one.decided_by} 已于 {when}(UTC){said[one.verdict]};如需更改,请重新导出"
    return None


_EFFECTIVE = "it counts from the next night"


def _decide(
    home: Home, list_id: str, uscc: str | None, verdict: Verdict, by: str, reason: str, force: bool
) -> None:
    from ingest.linkage import decisions as link_decisions
    from warehouse import review

    draft = _draft(list_id, uscc, verdict, by, reason)
    release = release_of(home)
    name = review.read_names(release).get(list_id)
    if name is None:
        raise review.ReviewError(
            f"release {release.id} has no listed name {list_id!r}; `blue-ledger review list` shows those that wait"
        )
    enterprise = _enterprise(release, name, uscc) if uscc else None
    if uscc:
        _require_choice(release, name, uscc, enterprise, force)
    draft = replace(
        draft, listed_as=name.listed_as, enterprise_as=enterprise.enterprise_as if enterprise else None
    )
    added = link_decisions.append(home.decisions, [draft], datetime.now(UTC))
    if not added:
        print("nothing added: this stands already, decided by the same person for the same reason")
        return
    said = {"accept": "is", "reject": "is not"}[verdict]
    meant = f"{enterprise.enterprise_name} ({uscc})" if enterprise else "any of its candidates"
    print(f"{name.name} {said} {meant}; {_EFFECTIVE}")
    print(f"to take it back: blue-ledger review undo {list_id} --by NAME --reason TEXT")


def _require_choice(
    release: Release, name: ListedName, uscc: str, enterprise: Candidate | None, force: bool
) -> None:
    from warehouse.review import ReviewError

    if any(one.uscc == uscc for one in name.candidates):
        return
    candidates = ", ".join(one.uscc for one in name.candidates) or "none"
    if not force:
        raise ReviewError(
            f"{uscc} is no candidate of {name.name} ({name.list_id}); the candidates are: {candidates}."
            " --force takes another enterprise of dim_enterprise"
        )
    if enterprise is None:
        raise ReviewError(
            f"release {release.id} has no enterprise {uscc} in dim_enterprise; --force takes none else"
        )
    if (enterprise.data_origin == "demo") != (name.data_origin == "demo"):
        raise ReviewError(
            f"{uscc} is of origin {enterprise.data_origin} and {name.name} of origin {name.data_origin}:"
            " demo and real are never linked"
        )


def _enterprise(release: Release, name: ListedName, uscc: str) -> Candidate | None:
    from warehouse.review import read_enterprise

    return next((one for one in name.candidates if one.uscc == uscc), None) or read_enterprise(release, uscc)


def _draft(list_id: str, uscc: str | None, verdict: Verdict, by: str, reason: str) -> Decision:
    from ingest.linkage.decisions import Decision
    from warehouse.review import ReviewError

    told = {"--by": one_line(by), "--reason": one_line(reason)}
    for option, text in told.items():
        if not text:
            raise ReviewError(f"{option}: expected a text; a decision has a person and a reason")
    return Decision(
        list_id, uscc, verdict, told["--by"], datetime.now(UTC), told["--reason"], None, None, "command"
    )  # fmt: skip


def _queue(home: Home) -> tuple[Release, Queue]:
    from ingest.linkage import decisions as link_decisions
    from warehouse.review import read_queue

    release = release_of(home)
    return release, read_queue(release, link_decisions.standing(link_decisions.load(home.decisions)))


def _counts(queue: Queue) -> dict[str, int]:
    return {
        "open": len(queue.names),
        "questioned": queue.questioned,
        "decided": queue.decided,
        "pending": queue.pending,
    }


def _summed_up(queue: Queue, limit: int) -> str:
    counts = (
        f"{len(queue.names)} open, {queue.questioned} of them questioned; {queue.decided} decided;"
        f" {queue.pending} changed since release {queue.release_id}, for the next night"
    )
    if not queue.names:
        return f"the queue is empty: no listed name waits for a decision\n{counts}"
    more = len(queue.names) - limit
    return f"{counts}\n{more} more: --limit {len(queue.names)} shows all" if more > 0 else counts


def _print_names(names: tuple[ListedName, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    from warehouse.reader import print_table
    from warehouse.review import KINDS_ZH, STATUSES_ZH, readable

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("名称 / 候选企业", "编号 / 信用代码", "县市区", "状态", "影响 / 依据"):
        table.add_column(heading, overflow="fold")
    for name in names:
        origin = "(演示)" if name.data_origin == "demo" else ""
        cells = (
            name.name,
            name.list_id,
            name.area_zh or "—",
            KINDS_ZH[name.list_kind] + origin,
            name.effect_zh,
        )
        table.add_row(*(Text(cell, style="bold") for cell in cells))
        if name.questioned_because:
            table.add_row("", "", "", "需复核", Text(readable(name.questioned_because)))
        for one in name.candidates:
            evidence = one.evidence if one.score is None else f"{one.evidence};相近度 {one.score:.2f}"
            status = "曾被否定" if one.is_rejected else STATUSES_ZH.get(one.status or "", one.status or "—")
            cells = (f"  {one.enterprise_name}", one.uscc, one.area_zh or "—", status, evidence)
            table.add_row(*map(Text, cells))
        table.add_row()
    print_table(table)


def _require_workbook_name(file: Path) -> None:
    from warehouse.review import ReviewError

    if file.suffix != ".xlsx":
        raise ReviewError(f"{file}: the workbook's name ends in .xlsx")
