"""The queue of uncertain links as a release shows it, and its workbook for a clerk. Decisions are kept elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any, Literal, Protocol
from unicodedata import east_asian_width

import polars as pl

from warehouse.engine import quote_literal
from warehouse.reader import QueryRefused, run_query
from warehouse.release import Release
from warehouse.spreadsheets import WORKBOOK_OPTIONS, cell_text
from warehouse.text import one_line

KINDS_ZH = {"green": "绿色制造名单", "cluster_member": "集聚区成员", "cluster_leader": "链主企业"}
STATUSES_ZH = {"in_business": "在业", "cancelled": "已注销", "revoked": "已吊销", "moved_out": "已迁出"}
#: what a clerk may choose, and what it says
MARKS = {"是同一企业": "accept", "不是": "reject", "都不是": "none"}
SHEET = "待认定"
GUIDE = "说明"


class ReviewError(Exception):
    """What was asked for is not in the release, or a file is not an export of the queue; the message says which."""


class Said(Protocol):
    """A decision, as far as it matters here; uscc None: none of the candidates."""

    @property
    def uscc(self) -> str | None: ...
    @property
    def decided_at(self) -> datetime: ...


class Stands(Protocol):
    """What stands of a name in the file of decisions, which may be newer than the release."""

    @property
    def accepted(self) -> Said | None: ...
    @property
    def none_fits(self) -> Said | None: ...
    @property
    def rejected(self) -> Mapping[str, Said]: ...
    @property
    def decisions(self) -> Sequence[Said]: ...


@dataclass(frozen=True)
class Candidate:
    """An enterprise that a listed name may mean; rank 0 where it is none of the candidates. score: 0 to 1."""

    uscc: str
    rank: int
    tier: str | None
    score: float | None
    is_rejected: bool
    evidence: str
    enterprise_name: str
    former_name: str | None
    status: str | None
    area_zh: str | None
    enterprise_as: str
    data_origin: str


@dataclass(frozen=True)
class ListedName:
    """A name on a list, in its place. effect: the largest share of a target that its titles are, 0 to 1."""

    list_id: str
    list_kind: str
    name: str
    uscc_printed: str | None
    area_zh: str | None
    state: str
    uscc: str | None
    effect: float
    effect_targets: str | None
    score: float | None
    entries: int
    listed_as: str
    reason: str
    questioned_because: str | None
    data_origin: str
    candidates: tuple[Candidate, ...]

    @property
    def effect_zh(self) -> str:
        if not self.effect_targets:
            return "不影响目标值"
        return f"{self.effect_targets.replace(';', '、')}:目标值的 {self.effect:.1%}".replace(".0%", "%")


@dataclass(frozen=True)
class Queue:
    """What waits for a person, what matters most first.

    questioned: how many of `names` were decided before their enterprise changed. decided: names with a decision that
    stands. pending: names about which the file says something else than the release: the next night will know.
    """

    release_id: str
    names: tuple[ListedName, ...]
    questioned: int
    decided: int
    pending: int


def read_names(release: Release) -> dict[str, ListedName]:
    """Every listed name of a release with its candidates, by its id. Raises ReviewError where the release has none."""
    try:
        names = run_query(
            release,
            """
            select links.list_id, links.list_kind, links.name, links.uscc_printed, areas.name_zh as area_zh, links.state,
                links.uscc, links.effect, links.effect_targets, links.score, links.entries, links.listed_as, links.reason,
                links.data_origin
            from fct_enterprise_link as links
            left join dim_area as areas on links.county_area_id = areas.area_id
            order by links.list_id
            """,
        )
        candidates = run_query(
            release,
            """
            select candidates.list_id, candidates.uscc, candidates.rank, candidates.tier, candidates.score,
                candidates.is_rejected, candidates.evidence, candidates.enterprise_name,
                candidates.enterprise_former_name as former_name, candidates.enterprise_status as status,
                areas.name_zh as area_zh, candidates.enterprise_as, candidates.data_origin
            from link_candidate as candidates
            left join dim_area as areas on candidates.enterprise_area_id = areas.area_id
            order by candidates.list_id, candidates.rank
            """,
        )
    except QueryRefused as error:
        raise ReviewError(
            f"release {release.id} holds no links to review; run `blue-ledger nightly` first ({error})"
        ) from error
    found: dict[str, list[Candidate]] = {}
    for row in candidates.iter_rows(named=True):
        found.setdefault(row.pop("list_id"), []).append(Candidate(**row))
    return {
        row["list_id"]: ListedName(
            **row, questioned_because=None, candidates=tuple(found.get(row["list_id"], ()))
        )
        for row in names.iter_rows(named=True)
    }


def read_enterprise(release: Release, uscc: str) -> Candidate | None:
    """The enterprise of a code that is no candidate, in its last known state; None where the dimension has none.

    Its text is put together as macro enterprise_text does: a decision is questioned when the two differ.
    """
    rows = run_query(
        release,
        f"""
        select enterprises.uscc, 0 as rank, null as tier, null as score, false as is_rejected, '非候选企业' as evidence,
            enterprises.name as enterprise_name, enterprises.former_name, enterprises.status, areas.name_zh as area_zh,
            concat_ws('|', enterprises.name, coalesce(enterprises.former_name, '-'), coalesce(enterprises.status, '-'),
                coalesce(enterprises.area_id, '-')) as enterprise_as,
            enterprises.data_origin
        from dim_enterprise as enterprises
        left join dim_area as areas on enterprises.area_id = areas.area_id
        where enterprises.is_latest and enterprises.uscc = {quote_literal(uscc)}
        """,
    )
    return next((Candidate(**row) for row in rows.iter_rows(named=True)), None)


def read_queue(release: Release, standing: Mapping[str, Stands]) -> Queue:
    """The queue of a release, less what was decided since: questioned decisions first, then by effect, then by score."""
    names = read_names(release)
    known: dict[str, dict[tuple[str | None, datetime], str | None]] = {}
    rows = run_query(
        release,
        "select list_id, uscc, decided_at, case when is_questioned and is_listed then questioned_because end"
        " from link_decision",
    )
    for list_id, uscc, decided_at, because in rows.iter_rows():
        known.setdefault(list_id, {})[uscc, decided_at.replace(tzinfo=UTC)] = because

    waiting: list[ListedName] = []
    pending = 0
    for list_id in {*known, *standing}:
        said = standing[list_id].decisions if list_id in standing else ()
        pending += {(one.uscc, one.decided_at) for one in said} != set(known.get(list_id, ()))
    for list_id, name in names.items():
        stands = standing.get(list_id)
        said = stands.decisions if stands else ()
        doubts = [known.get(list_id, {}).get((one.uscc, one.decided_at)) for one in said]
        because = ";".join(doubt for doubt in doubts if doubt) or None
        ruled_out = stands.rejected if stands else {}
        name = replace(
            name,
            questioned_because=because,
            candidates=tuple(replace(one, is_rejected=one.uscc in ruled_out) for one in name.candidates),
        )
        is_settled = stands is not None and bool(stands.accepted or stands.none_fits)
        is_left = any(not one.is_rejected for one in name.candidates)
        if because or (name.state == "review" and is_left and not is_settled):
            waiting.append(_with_decided(release, name, stands))
    waiting.sort(
        key=lambda one: (one.questioned_because is None, -one.effect, -(one.score or 0.0), one.list_id)
    )
    questioned = sum(one.questioned_because is not None for one in waiting)
    return Queue(release.id, tuple(waiting), questioned, len(standing), pending)


def _with_decided(release: Release, name: ListedName, stands: Stands | None) -> ListedName:
    """With the enterprise that was accepted, so that the decision can be renewed, also where it is no candidate."""
    code = stands.accepted.uscc if stands and stands.accepted else None
    if code is None or any(one.uscc == code for one in name.candidates):
        return name
    decided = read_enterprise(release, code)
    return replace(name, candidates=(decided, *name.candidates)) if decided else name


# --- the workbook -------------------------------------------------------------------------------

#: heading, width, and whether a clerk fills it in; the last three say what was decided on and are not shown
_COLUMNS = (
    ("序号", 5, False), ("名单所列名称", 25, False), ("名单", 14, False), ("影响", 14, False),
    ("候选企业(登记名称)", 27, False), ("统一社会信用代码", 21, False),
    ("状态、县市区", 11, False), ("依据", 25, False), ("相近度", 7, False),
    ("决定", 12, True), ("决定人", 10, True), ("理由", 26, True),
    ("编号", 18, False), ("名单内容", 20, False), ("登记内容", 20, False),
)  # fmt: skip
HEADER = tuple(text for text, _, _ in _COLUMNS)
_HIDDEN_FROM = HEADER.index("编号")
_LINE_HEIGHT = 16  # points, of a line of cells
_TOP = 3  # rows above the heading
_STAMP = re.compile(r"版本 (\S+) · 导出 (\d{8}T\d{6}\.\d{6}Z)")
_LETTERS = "ABCDEFGHIJKLMNO"


def write_workbook(path: Path, queue: Queue, targets: Mapping[str, str], now: datetime) -> None:
    """The queue as a workbook in Chinese: one row per candidate, those of a name together; room for decisions.

    `targets`: what each target is called. Only the cells to be filled in can be changed. Raises ReviewError where the
    file exists: it may hold decisions that were not imported yet.
    """
    import xlsxwriter

    if path.exists():
        raise ReviewError(
            f"{path} exists, and may hold decisions that were not imported yet; give another name"
        )
    exported = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    stamp = f"版本 {queue.release_id} · 导出 {exported}"
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as book:
        book.set_properties({"title": "企业对应关系待认定清单", "comments": stamp})
        _write_queue(book, queue, stamp)
        _write_guide(book, queue, targets, stamp)


def read_targets(release: Release) -> dict[str, str]:
    """What each target of the plan is called in Chinese, by its id."""
    rows = run_query(release, "select target_id, indicator_name_zh from dim_target order by plan_version")
    return dict(rows.iter_rows())


def _write_queue(book: Any, queue: Queue, stamp: str) -> None:
    cell = {
        "text_wrap": True,
        "valign": "top",
        "border": 1,
        "border_color": "#A6A6A6",
        "num_format": "@",
        "font_size": 10,
    }
    first, again = {"top": 2, "top_color": "#404040"}, {"font_color": "#7F7F7F"}
    filled = cell | {"bg_color": "#FFF8DC", "locked": False}
    styles = {
        (False, True): book.add_format(cell | first),
        (False, False): book.add_format(cell),
        (True, True): book.add_format(filled | first),
        (True, False): book.add_format(filled),
    }
    repeated = book.add_format(cell | again)
    head = {
        "bold": True,
        "bg_color": "#DCE6F1",
        "border": 1,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
    }
    heads = {False: book.add_format(head), True: book.add_format(head | {"bg_color": "#F5DEB3"})}
    sheet = book.add_worksheet(SHEET)
    sheet.write(0, 0, "企业对应关系待认定清单", book.add_format({"bold": True, "font_size": 14}))
    sheet.write(
        1,
        0,
        "请只填黄色三栏:决定、决定人、理由。一个名称至多认定一家;均不符时在任一行选“都不是”。未填的行不作处理。填法见“说明”。",
    )
    sheet.write(2, 0, stamp, book.add_format({"font_color": "#7F7F7F", "font_size": 9}))
    for column, (text, width, is_filled) in enumerate(_COLUMNS):
        sheet.write(_TOP, column, text, heads[is_filled])
        sheet.set_column(column, column, width, None, {"hidden": column >= _HIDDEN_FROM})
    line = _TOP
    for nth, name in enumerate(queue.names, start=1):
        for place, candidate in enumerate(name.candidates or (None,)):
            line += 1
            cells = _cells(nth, name, candidate)
            sheet.set_row(line, _LINE_HEIGHT * max(map(_lines, cells[:_HIDDEN_FROM], _COLUMNS)))
            for column, said in enumerate(cells):
                style = styles[_COLUMNS[column][2], place == 0]
                if place and column < 4:
                    style = repeated
                if said is None:
                    sheet.write_blank(line, column, None, style)
                else:
                    sheet.write(line, column, cell_text(said), style)
            choices = list(MARKS) if candidate else ["都不是"]
            sheet.data_validation(
                line,
                HEADER.index("决定"),
                line,
                HEADER.index("决定"),
                {
                    "validate": "list",
                    "source": choices,
                    "error_title": "决定",
                    "error_message": f"请选择:{'、'.join(choices)};不决定则留空。",
                },
            )
    if not queue.names:
        sheet.write(_TOP + 1, 1, "没有待认定的名称。")
    sheet.freeze_panes(_TOP + 1, 2)
    sheet.autofilter(_TOP, 0, max(line, _TOP + 1), _HIDDEN_FROM - 1)
    # no password: it keeps from mistakes, not from intent; what was changed anyhow is found on import
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_TOP)
    sheet.print_area(0, 0, max(line, _TOP + 1), _HIDDEN_FROM - 1)
    sheet.set_footer(f"&L&9{stamp}&R&9第 &P 页,共 &N 页")


def _lines(text: str | None, column: tuple[str, float, bool]) -> int:
    """How many lines a text takes in its column; not every program fits the height of a row by itself."""
    wide = (
        sum(2 if east_asian_width(one) in "WF" else 1 for one in part) for part in (text or "").split("\n")
    )
    return sum(max(1, ceil(width / (column[1] - 1))) for width in wide)


def _cells(nth: int, name: ListedName, candidate: Candidate | None) -> tuple[str | None, ...]:
    listed = "\n".join(filter(None, (name.name, name.uscc_printed)))
    origin = "(演示)" if name.data_origin == "demo" else ""
    place = "\n".join((KINDS_ZH.get(name.list_kind, name.list_kind) + origin, name.area_zh or "未列县市区"))
    known: tuple[str | None, ...] = ("(无候选企业)", None, None, None, None)
    if candidate:
        former = f"\n(曾用名:{candidate.former_name})" if candidate.former_name else ""
        status = STATUSES_ZH.get(candidate.status or "", candidate.status or "状态不详")
        evidence = ";".join(filter(None, (candidate.evidence, "曾被否定" if candidate.is_rejected else "")))
        known = (
            candidate.enterprise_name + former,
            candidate.uscc,
            f"{status}\n{candidate.area_zh or '县市区不详'}",
            evidence,
            None if candidate.score is None else f"{candidate.score:.2f}",
        )
    told = known[3]
    if name.questioned_because:
        told = f"【需复核】{readable(name.questioned_because)}\n{told or ''}".strip()
    known = (*known[:3], told, known[4])
    record = (name.list_id, name.listed_as, candidate.enterprise_as if candidate else None)
    return (str(nth), listed, place, name.effect_zh, *known, None, None, None, *record)


def readable(text: str) -> str:
    """A text of a record with its status in Chinese."""
    for code, zh in STATUSES_ZH.items():
        text = text.replace(f"|{code}|", f"|{zh}|")
    return text


def _write_guide(book: Any, queue: Queue, targets: Mapping[str, str], stamp: str) -> None:
    sheet = book.add_worksheet(GUIDE)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 120)
    used = sorted({one for name in queue.names for one in (name.effect_targets or "").split(";") if one})
    lines = (
        "1. 每行是一个候选企业,同一名称的候选排在一起;影响目标值大的名称排在前面,需复核的排在最前。",
        "2. “决定”栏:是同一企业 = 该名称即此企业;不是 = 不是此企业(其他候选仍待认定);都不是 = 所列候选均不符,选在任一行即可。",
        "3. 一个名称至多一行选“是同一企业”;选了“是同一企业”的名称不能再选“都不是”。",
        "4. 凡填“决定”的行,须同时填“决定人”(姓名)和“理由”(如:营业执照核对、电话核实、曾用名公告)。",
        "5. “相近度”只用于排序,不是依据;同名企业、不同县市区的企业可能不是一家,请核对信用代码与地点。",
        "6. 【需复核】:认定之后企业登记内容有变。原认定在复核前仍有效;仍是同一企业的,请重新选“是同一企业”。",
        "7. 黄色以外的单元格不能改;不要增删行列。导出之后名单或登记有变、或他人已作不同认定的行,导入时退回,并说明原因。",
        "8. 填好后交数据管理员导入(blue-ledger review import 文件名)。可多次导入,已收的不会重复;认定可撤销,记录不删除。",
        *(f"{target_id}:{targets.get(target_id, '')}" for target_id in used),
        stamp,
    )
    sheet.write(0, 0, "填写说明", book.add_format({"bold": True, "font_size": 14}))
    for line, text in enumerate(lines, start=1):
        sheet.write(line, 0, text, wrap)
    sheet.protect()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


class Sheet(Protocol):
    """A sheet as the readers of the house give it: `frame` has `row` and the cells A, B, … as text."""

    @property
    def name(self) -> str: ...
    @property
    def frame(self) -> pl.DataFrame: ...


@dataclass(frozen=True)
class FilledRow:
    """A row that a clerk decided. uscc None: none of the candidates. row: its number in the sheet, from 1."""

    row: int
    list_id: str
    uscc: str | None
    verdict: Literal["accept", "reject"]
    decided_by: str
    reason: str
    listed_as: str
    enterprise_as: str | None


@dataclass(frozen=True)
class HandedIn:
    """A workbook that came back. export: the name of its export; refused: rows that say nothing clear, each with why."""

    export: str
    exported_at: datetime
    release_id: str
    rows: tuple[FilledRow, ...]
    refused: tuple[str, ...]
    blank: int


def read_workbook(sheets: Iterable[Sheet], filename: str) -> HandedIn:
    """What a clerk decided. Raises ReviewError for a file that is no export of the queue, or was rebuilt."""
    sheet = next((one for one in sheets if one.name == SHEET), None)
    if sheet is None:
        raise ReviewError(f"{filename}: expected a sheet {SHEET}, as `blue-ledger review export` writes it")
    cells = {
        row["row"]: [one_line(row.get(letter)) for letter in _LETTERS]
        for row in sheet.frame.iter_rows(named=True)
    }
    stamped = next(
        (found for at in range(1, _TOP + 1) for text in cells.get(at, ()) if (found := _STAMP.search(text))),
        None,
    )
    if stamped is None:
        raise ReviewError(f"{filename}: {SHEET}!A3: expected the version of the export, 版本 … · 导出 …")
    if (headings := tuple(cells.get(_TOP + 1, ()))) != HEADER:
        told = "、".join(headings) or "nothing"
        raise ReviewError(
            f"{filename}: {SHEET}, row {_TOP + 1}: expected the headings {'、'.join(HEADER)}; found {told}"
        )
    exported_at = datetime.strptime(stamped[2], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    rows: list[FilledRow] = []
    refused: dict[int, str] = {}
    blank = 0
    for at, texts in cells.items():
        if at <= _TOP + 1 or not any(texts):
            continue
        line = dict(zip(HEADER, texts, strict=True))
        if not (line["决定"] or line["决定人"] or line["理由"]):
            blank += 1
        elif fault := _fault(line):
            refused[at] = f"{filename}: {SHEET}!{_LETTERS[HEADER.index(fault[0])]}{at} {fault[0]}: {fault[1]}"
        else:
            mark = MARKS[line["决定"]]
            is_none = mark == "none"
            rows.append(
                FilledRow(
                    at,
                    line["编号"],
                    None if is_none else line["统一社会信用代码"],
                    "accept" if mark == "accept" else "reject",
                    line["决定人"],
                    line["理由"],
                    line["名单内容"],
                    None if is_none else line["登记内容"],
                )
            )
    for row, why in _contradictions(rows):
        place = f"{filename}: {SHEET}!{_LETTERS[HEADER.index('决定')]}{row.row} 决定"
        refused[row.row] = f"{place}: {why}"
    return HandedIn(
        export=f"export {stamped[2]}",
        exported_at=exported_at,
        release_id=stamped[1],
        rows=tuple(row for row in rows if row.row not in refused),
        refused=tuple(refused[at] for at in sorted(refused)),
        blank=blank,
    )


def _fault(line: Mapping[str, str]) -> tuple[str, str] | None:
    if line["决定"] not in MARKS:
        found = f"填的是“{line['决定']}”" if line["决定"] else "未填"
        return "决定", f"应为 {'、'.join(MARKS)} 之一,{found}"
    for name in ("决定人", "理由"):
        if not line[name]:
            return name, "填了决定的行须填此栏,未填"
    if not line["编号"] or not line["名单内容"]:
        return "编号", "应为导出时的编号与名单内容,已被清除;请重新导出"
    if line["决定"] != "都不是" and not (line["统一社会信用代码"] and line["登记内容"]):
        return "统一社会信用代码", "该行没有候选企业,只能选“都不是”"
    return None


def _contradictions(rows: Sequence[FilledRow]) -> list[tuple[FilledRow, str]]:
    """Rows that say of one name that it is two enterprises, or one and none."""
    by_name: dict[str, list[FilledRow]] = {}
    for row in rows:
        by_name.setdefault(row.list_id, []).append(row)
    found = []
    for about in by_name.values():
        accepted = [row for row in about if row.verdict == "accept"]
        emptied = [row for row in about if row.uscc is None]
        if len(accepted) > 1:
            places = "、".join(f"第{row.row}行" for row in accepted)
            found += [(row, f"一个名称至多认定一家企业,{places}都选了“是同一企业”") for row in accepted]
        elif accepted and emptied:
            why = f"第{accepted[0].row}行选了“是同一企业”,第{emptied[0].row}行选了“都不是”,只能选其一"
            found += [(row, why) for row in (*accepted, *emptied)]
    return found


def why_outdated(row: FilledRow, name: ListedName | None, enterprise: Candidate | None) -> str | None:
    """Why a decision no longer fits the release, in Chinese; None where name and enterprise are as they were exported.

    `enterprise`: the row's enterprise as it is now, None where neither the candidates nor the dimension have it.
    """
    if name is None:
        return "该名称已不在名单上,或编号被改动;请重新导出"
    if one_line(name.listed_as) != row.listed_as:
        return f"名单内容与导出时不同:导出时为“{row.listed_as}”,现为“{name.listed_as}”;请重新导出"
    if row.uscc is None:
        return None
    if enterprise is None:
        return f"登记数据中已无代码 {row.uscc},或代码被改动;请重新导出"
    if one_line(enterprise.enterprise_as) != row.enterprise_as:
        return (
            f"登记内容与导出时不同:导出时为“{readable(row.enterprise_as or '')}”,"
            f"现为“{readable(enterprise.enterprise_as)}”;请重新导出"
        )
    return None
