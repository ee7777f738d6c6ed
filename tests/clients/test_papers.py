"""LibreOffice opens what leaves the house on paper, and prints it: pages, words, marks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from warehouse.export import export_bulletin, export_workbook
from warehouse.home import Home
from warehouse.papers import Papers, parse_month
from warehouse.release import current_release

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def release(real_home):
    return current_release(Home(real_home.root))


@pytest.fixture(scope="module")
def printed(release, tmp_path_factory) -> dict[str, list[str]]:
    """Text of each page of workbook and bulletin as LibreOffice prints them, by suffix; both in one start of it."""
    soffice, pdftotext = shutil.which("soffice"), shutil.which("pdftotext")
    if not soffice or not pdftotext:
        pytest.fail("LibreOffice (calc and writer) and poppler-utils are needed; .ci/run installs them")
    folder = tmp_path_factory.mktemp("printed")
    export_workbook(release, folder / "book.xlsx", ["dim_area"])
    export_bulletin(release, parse_month("2026-11"), folder / "paper.docx")
    for name in ("book.xlsx", "paper.docx"):
        subprocess.run(
            [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
             "--outdir", str(folder), str(folder / name)],
            check=True, capture_output=True, timeout=240,
        )  # fmt: skip
    return {
        Path(name).suffix: pages(pdftotext, (folder / name).with_suffix(".pdf"))
        for name in ("book.xlsx", "paper.docx")
    }


def pages(pdftotext: str, path: Path) -> list[str]:
    done = subprocess.run([pdftotext, "-layout", str(path), "-"], check=True, capture_output=True, timeout=60)
    return done.stdout.decode().split("\f")[:-1]


def test_the_bulletin_prints_with_its_title_banner_sections_and_page_numbers(printed):
    first, *_ = pages = printed[".docx"]
    assert "关于 2026 年 11 月全市" in first or "关于2026年11月全市" in first.replace(" ", "")
    assert "征求意见稿" in first
    whole = "".join(pages)
    for section in (
        "一、总体情况",
        "二、集聚区建设",
        "三、企业数字化",
        "四、县市区",
        "五、工作台账",
        "六、存在问题",
        "七、数据质量",
    ):
        assert section in whole
    assert all(f"—{nth}—" in page.replace(" ", "") for nth, page in enumerate(pages, start=1))


def test_every_value_of_a_target_is_on_the_printed_bulletin_and_its_source_in_a_footnote(printed, release):
    whole = "".join("".join(printed[".docx"]).split())
    for one in Papers(release).standings:
        if one.target.value is not None:
            assert "".join(one.target.value_text.split())[:4] in whole
            assert "".join(one.source.split())[:8] in whole


def test_the_workbook_prints_every_sheet_with_its_header_and_no_value_that_does_not_fit(printed, release):
    whole = "".join(printed[".xlsx"])
    for name, _ in Papers(release).sheets:
        assert name in whole
    assert f"数据截至 {Papers(release).head['as_of']}" in whole
    assert "###" not in whole
    assert "Err:" not in whole
    assert "#N" not in whole
