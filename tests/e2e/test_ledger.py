"""The month of the work ledger: forms out, filled in LibreOffice, back through the inbox, judged; wrong lines sent back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import Done

pytestmark = pytest.mark.slow

SHEET = "xl/worksheets/sheet1.xml"
COLUMN = {"line": "A", "planned": "F", "reported": "G", "due_on": "H", "submitted_on": "I", "evidence": "J"}


def fill(form: Path, cells: dict[str, object]) -> None:
    """Put values into cells of the first sheet, as a clerk would: numbers, days, words."""
    with zipfile.ZipFile(form) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    sheet = parts[SHEET].decode()
    for cell, value in cells.items():
        if isinstance(value, date):
            value = (value - date(1899, 12, 30)).days
        written = (
            f"<v>{value}</v>"
            if isinstance(value, int | float)
            else f'<is><t xml:space="preserve">{value}</t></is>'
        )
        kind = "" if isinstance(value, int | float) else ' t="inlineStr"'
        sheet, times = re.subn(
            rf'<c r="{cell}" s="(\d+)"(?: t="s"><v>\d+</v></c>|/>)',
            rf'<c r="{cell}" s="\1"{kind}>{written}</c>',
            sheet,
        )
        assert times == 1, cell
    parts[SHEET] = sheet.encode()
    with zipfile.ZipFile(form, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)


def saved_by_libreoffice(form: Path, kind: str, folder: Path) -> Path:
    """The form opened and saved anew by LibreOffice."""
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice on this machine; .ci/run installs it")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(folder / kind),
        str(form),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / kind / f"{form.stem}.{kind}"


def rows_of(form: Path) -> dict[str, int]:
    """The sheet's row of every line of the ledger."""
    with zipfile.ZipFile(form) as file:
        strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", file.read("xl/sharedStrings.xml").decode())
        cells = re.findall(r'<c r="A(\d+)" s="\d+" t="s"><v>(\d+)</v>', file.read(SHEET).decode())
    return {strings[int(text)]: int(row) for row, text in cells}


def ask(blue_ledger, home: Path, sql: str) -> list[dict]:
    done = blue_ledger("query", "--format", "json", sql, home=home)
    assert done.code == 0, done.err
    return json.loads(done.out)


@dataclass
class Month:
    """A night after which six forms had come in: two good ones, one with wrong lines, three that are not what they say."""

    home: Path
    night: Done
    wrong: dict[str, int]  # the rows of the lines that were filled wrongly


#: bodies whose forms are changed in their second row, and what is told of each
REFUSED = {
    "D02": ("表式:ledger-1 方案:draft_2024-10-11 单位:D01 月份:2026-09", "form_is_of_its_lines"),
    "D03": ("表式:ledger-1 方案:final_2025-01-01 单位:D03 月份:2026-09", "form_is_of_this_plan"),
    "D04": ("表式:ledger-0 方案:draft_2024-10-11 单位:D04 月份:2026-09", "the title in cell 填报!A2"),
}


@pytest.fixture(scope="module")
def month(real_home, blue_ledger, tmp_path_factory) -> Month:
    folder = tmp_path_factory.mktemp("ledger")
    home = Path(shutil.copytree(real_home.root, folder / "home", symlinks=True))
    inbox = home / "inbox" / "ledger"

    def form(body: str) -> Path:
        path = folder / f"{body}_2026-09.xlsx"
        done = blue_ledger("ledger", "template", "--body", body, "--month", "2026-09", "-o", path, home=home)
        assert done.code == 0, done.err
        return path

    office, county, careless = form("D05"), form("shouguang"), form("D01")
    at = rows_of(office)
    fill(
        office,
        {
            f"F{at['D05-T211']}": 40,
            f"G{at['D05-T211']}": 45.5,
            f"I{at['D05-T211']}": date(2026, 9, 28),
            f"J{at['D05-T211']}": "海渔〔2026〕12号",
            f"F{at['D05-T212']}": 60,
            f"G{at['D05-T212']}": 50,
            f"F{at['D05-T31']}": 90,
            f"G{at['D05-T31']}": 100,
            f"H{at['D05-T31']}": date(2026, 12, 31),
            f"G{at['D05-T211-05']}": 80,
        },
    )
    at = rows_of(county)
    fill(county, {f"F{at['shouguang-T211']}": 30, f"G{at['shouguang-T211']}": 30})
    shutil.copy(saved_by_libreoffice(office, "xlsx", folder), inbox)
    shutil.copy(saved_by_libreoffice(county, "ods", folder), inbox)

    at = rows_of(careless)
    good = at["D01-T211"]
    wrong = {what: at[f"D01-{task}"] for what, task in WRONG.items()}
    fill(
        careless,
        {
            f"F{good}": 40,
            f"G{good}": 45,
            f"G{wrong['percent']}": 120,
            f"G{wrong['words']}": "很多",
            f"G{wrong['day']}": 41,
            f"I{wrong['day']}": "2026年11月31日",
            f"A{wrong['foreign']}": "D01-T242",
            f"G{wrong['foreign']}": 1,
        },
    )
    shutil.copy(careless, inbox)
    for body, (said, _) in REFUSED.items():
        path = form(body)
        line = rows_of(path)[f"{body}-T211"]
        fill(path, {f"F{line}": 40, f"G{line}": 45, "A2": said})
        shutil.copy(path, inbox)
    night = blue_ledger("nightly", "--no-demo", home=home)
    assert night.code == 0, night.out + night.err
    return Month(home, night, wrong)


#: what is filled wrongly, and in the line of which task
WRONG = {"percent": "T212", "words": "T221", "day": "T222", "foreign": "T31"}


def test_a_form_goes_out_is_filled_and_comes_back_into_the_ledger(month, blue_ledger):
    found = ask(
        blue_ledger, month.home,
        "select body_id, task_id, planned_pct, reported_pct, due_on::varchar as due, status, rag, days_late,"
        " evidence_text, data_origin from task_ledger"
        " where period = '2026-09' and body_id in ('D05', 'shouguang') and status <> 'not_submitted' order by all",
    )  # fmt: skip
    assert [tuple(row.values()) for row in found] == [
        (
            "D05",
            "T211",
            40.0,
            45.5,
            "2026-09-30",
            "in_progress",
            "green",
            None,
            "海渔〔2026〕12号",
            "submitted",
        ),
        ("D05", "T212", 60.0, 50.0, "2026-09-30", "overdue", "red", 54, None, "submitted"),
        ("D05", "T31", 90.0, 100.0, "2026-12-31", "done", "green", None, None, "submitted"),
        ("shouguang", "T211", 30.0, 30.0, "2026-09-30", "in_progress", "green", None, None, "submitted"),
    ]
    # R31: once anybody keeps a ledger, a department without a line for each of its tasks breaks the rule
    kept = ask(
        blue_ledger,
        month.home,
        "select result, count(*) as n from cluster_compliance where rule_id = 'R31' group by 1",
    )
    assert kept == [{"result": "violation", "n": 22}]
    missing = blue_ledger("ledger", "missing", "--month", "2026-09", "--json", home=month.home)
    bodies = {row["body"]: (row["未报"], row["应报"]) for row in json.loads(missing.out)["bodies"]}
    assert (bodies["D05"], bodies["shouguang"], bodies["D06"]) == ((10, 13), (17, 18), (3, 3))


def test_wrong_lines_are_sent_back_one_by_one_in_chinese_and_the_others_stand(month, blue_ledger, tmp_path):
    found = ask(
        blue_ledger, month.home,
        "select task_id, reported_pct from task_ledger where body_id = 'D01' and reported_pct is not null order by 1",
    )  # fmt: skip
    assert [tuple(row.values()) for row in found] == [("T211", 45.0)]
    told = blue_ledger("quarantine", "--source", "inbox_ledger_returns", "--json", home=month.home)
    rows = json.loads(told.out)["rows"]
    place = {what: f"填报!A{row}:K{row}" for what, row in month.wrong.items()}
    assert {(row["source_locator"], row["field"], row["value_text"]) for row in rows} == {
        (place["percent"], "reported", "120"),
        (place["words"], "reported", "很多"),
        (place["day"], "submitted_on", "2026年11月31日"),
        (place["foreign"], "line", "D01-T242"),
    }
    book = tmp_path / "退回.xlsx"
    assert (
        blue_ledger("quarantine", "--source", "inbox_ledger_returns", "-o", book, home=month.home).code == 0
    )
    with zipfile.ZipFile(book) as file:
        text = file.read("xl/sharedStrings.xml").decode()
    for phrase in (
        place["percent"],
        "0 至 100 之间的数",
        "不能确定为一个数",
        "日历上没有",
        "不是工作台账中的行",
        "表内印好的行编号",
    ):
        assert phrase in text, phrase


@pytest.mark.parametrize("body", REFUSED)
def test_a_form_of_another_body_plan_or_version_is_refused_whole(month, blue_ledger, body):
    assert REFUSED[body][1] in month.night.out
    asked = f"select count(*) as n from task_ledger where body_id = '{body}' and reported_pct is not null"
    assert ask(blue_ledger, month.home, asked) == [{"n": 0}]


def test_bad_usage_names_what_there_is(real_home, blue_ledger, tmp_path):
    def err(*arguments) -> str:
        done = blue_ledger("ledger", *arguments, home=real_home.root)
        assert done.code == 2
        return done.err

    file = tmp_path / "x.xlsx"
    assert "no such body D99; the plan has D01 市发改委" in err(
        "template", "--body", "D99", "--month", "2026-11", "-o", file
    )
    assert "expected a month such as 2026-11" in err(
        "template", "--body", "D05", "--month", "2026-13", "-o", file
    )
    assert "ends in .xlsx" in err("template", "--body", "D05", "--month", "2026-11", "-o", tmp_path / "x.csv")
    assert "the ledger has no 2031-01" in err("missing", "--month", "2031-01")
