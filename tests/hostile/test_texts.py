"""Hostile texts that were taken, on their way out: workbooks, csv, pages and terminals show them and never obey them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import polars as pl
import pytest
from lxml import html
from rich.table import Table
from rich.text import Text

from ingest import ledger, ledger_form, quarantine
from ingest.parse import REJECTION
from tests.warehouse.test_report import NIGHT
from warehouse.reader import print_table, write_result
from warehouse.report import CheckLine, QuarantineLine, SourceLine, write_report
from warehouse.spreadsheets import MAX_CELL_CHARS, cell_text, without_formula
from warehouse.terminal import VisibleStream, visible

pytestmark = pytest.mark.slow

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://127.0.0.1/?\"&A1,\"x\")",
    "=WEBSERVICE(\"http://127.0.0.1/\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "{=1+1}",
    "=DDE(\"cmd\";\"/C calc\";\"\")",
]  # fmt: skip
SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><iframe src=javascript:alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--<script>-->alert(1)",
    "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "&lt;script&gt;",
    "<a href='javascript:alert(1)'>x</a>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1/'>",
]
SEQUENCES = [
    "\x1b[31m红",
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x9b31m",
    "a\x08b",
    "\u202egpj.exe",
    "a\x00b",
    "\x1b]52;c;eA==\x07",
]


def sheets(path) -> list[str]:
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        assert not [name for name in names if "externalLink" in name or "vbaProject" in name]
        relations = [package.read(name).decode() for name in names if name.endswith(".rels")]
        assert not any('TargetMode="External"' in text for text in relations)
        return [package.read(name).decode() for name in names if name.startswith("xl/worksheets/sheet")]


def no_formula(path) -> None:
    for sheet in sheets(path):
        assert not re.search(r"<f[ >]|<hyperlink", sheet)


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_formula_is_text_in_every_csv_that_leaves(text):
    stream = io.StringIO()
    write_result(pl.DataFrame({text: [text, "1,703.42", "-5.2%", "—"]}), "csv", stream)
    cells = stream.getvalue()
    assert without_formula(text) == (text if text == "{=1+1}" else f"'{text}")
    if text != "{=1+1}":  # csv has no array formulas
        assert cells.count("'" + text.replace('"', '""')) == 2


def test_a_formula_is_text_in_the_workbook_of_rejected_rows(tmp_path):
    rows = [dict.fromkeys(REJECTION, text) | {"source_id": "a", "document": text} for text in FORMULAS]
    rows[0]["value_text"] = "9" * 50_000
    (tmp_path / "q").mkdir()
    pl.DataFrame(rows, schema=REJECTION).write_parquet(tmp_path / "q" / "a.parquet")
    entries = [
        quarantine.Entry(
            "a", "=1+1", FORMULAS[0], "submitted", "=a.csv", "2026", "in use", ("=1+1",), 1, 0, 1, 0, "a.parquet"
        )
    ]  # fmt: skip
    told = quarantine.write_workbook(tmp_path / "q.xlsx", tmp_path / "q", entries)
    assert told == len(rows) + 1
    no_formula(tmp_path / "q.xlsx")
    with zipfile.ZipFile(tmp_path / "q.xlsx") as package:
        strings = package.read("xl/sharedStrings.xml").decode()
    assert "cmd|" in strings and "…(截断)" in strings  # all of it is there, as text


def test_a_formula_is_text_in_the_form_of_the_work_ledger(tmp_path):
    line = ledger.Line("v1", "D01", FORMULAS[0], "lead", "T1", None, FORMULAS[3])
    ledger_form.write_form(tmp_path / "f.xlsx", [line], "2026-11", FORMULAS[0], FORMULAS[5])
    no_formula(tmp_path / "f.xlsx")


def test_a_text_that_no_cell_holds_is_cut_where_one_sees_it():
    assert cell_text("x" * MAX_CELL_CHARS) == "x" * MAX_CELL_CHARS
    assert cell_text("x" * 99_999) == "x" * (MAX_CELL_CHARS - 1) + "…"


@pytest.mark.parametrize("text", SCRIPTS, ids=ascii)
def test_a_script_in_any_text_of_the_night_is_shown_on_its_page(text, tmp_path):
    night = replace(
        NIGHT,
        message=text,
        trace=text,
        checks=(CheckLine(text, text, text, "critical", "failed", text, 1, (text,)),),
        sources=(SourceLine(text, text, "old", "published", message=text),),
        quarantine=(QuarantineLine(text, text, 1, 0.1, 0.2, {text: 1}),),
        warnings=(text,),
    )
    write_report(tmp_path / "night.html", night)
    page = html.parse(str(tmp_path / "night.html"), parser=html.HTMLParser(encoding="utf-8")).getroot()
    assert page.xpath("//script|//iframe|//img|//a|//svg[@onload]|//*[@onerror]") == []
    assert len(page.xpath("//meta[@http-equiv]")) == 1  # the policy alone
    shown = " ".join(page.text_content().split())
    assert shown.count(" ".join(text.split())) >= 8
    [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy and "unsafe" not in policy


@pytest.mark.parametrize("text", SEQUENCES, ids=ascii)
def test_an_escape_sequence_of_others_is_shown_on_a_terminal_and_not_obeyed(text, monkeypatch):
    obeyed = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
    assert not obeyed.search(visible(text))
    out = io.StringIO()
    print(text, file=VisibleStream(out))
    table = Table()
    table.add_column("a")
    table.add_row(Text(text))
    print_table(table, out)
    write_result(pl.DataFrame({"a": [text]}), "table", out)
    assert not obeyed.search(out.getvalue())
    assert "a" in out.getvalue()


def test_our_own_styles_and_progress_reach_the_terminal():
    out = io.StringIO()
    out.isatty = lambda: True
    table = Table()
    table.add_column("a")
    table.add_row(Text("红", style="red"))
    print_table(table, VisibleStream(out))
    print("fetch …", end="\r", file=VisibleStream(out))
    assert "\x1b[31m红" in out.getvalue() and out.getvalue().endswith("fetch …\r")


def test_mark_up_of_rich_in_a_text_is_text():
    out = io.StringIO()
    write_result(pl.DataFrame({"[red]a": ["[link=http://127.0.0.1]x[/link]"]}), "table", out)
    assert "[link=http://127.0.0.1]x[/link]" in out.getvalue() and "[red]a" in out.getvalue()
