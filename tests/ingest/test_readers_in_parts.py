"""A large register is read in parts: the same rows, addresses and counts as when it is read as a whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest import readers
from ingest.corrections import Correction
from ingest.landing import Receipt
from ingest.parse import Unreadable, parse, whole
from ingest.readers import delimited

HEADER = "统计单位,指标,期间,数值,单位,是否实际数,来源级别,备注"
ROWS = [f'寿光市,地区生产总值,2024年,{1000 + i},亿元,是,O,"第{i}行,\n续"' for i in range(40)]
TEXT = "\n".join([HEADER, *ROWS]) + "\n"


@pytest.fixture
def in_parts(monkeypatch):
    """Whatever its size, a text is read in parts of some four rows."""
    monkeypatch.setattr(readers, "MAX_WHOLE_BYTES", 100)
    monkeypatch.setattr(delimited, "PART_BYTES", 400)


def grids_of(path, name="f.csv", reader="csv"):
    return [grid for grids in readers.read_in_parts(path, name, reader, 1) for grid in grids]


def together(grids):
    return pl.concat([grid.frame[grid.repeated :] for grid in grids], how="diagonal")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_parts_hold_the_rows_and_line_numbers_of_the_whole(tmp_path, in_parts, encoding):
    file = tmp_path / "f.csv"
    file.write_bytes(TEXT.encode(encoding))
    grids = grids_of(file)
    [at_once] = readers.read(file.read_bytes(), "f.csv", "csv")
    assert len(grids) > 5
    assert all(grid.frame["A"][0] == "统计单位" for grid in grids)
    assert_frame_equal(together(grids), at_once.frame)


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_a_packed_register_is_unpacked_as_it_is_read(tmp_path, in_parts, packed):
    file = tmp_path / f"f.{packed}"
    text = TEXT.encode("gb18030")
    if packed == "gz":
        file.write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("一.csv", text)
            archive.writestr("二.csv", text)
    grids = grids_of(file, file.name)
    [*at_once] = readers.read(file.read_bytes(), file.name, "csv")
    members = [grid.member for grid in at_once]
    assert sorted({grid.member for grid in grids}) == members
    for member, expected in zip(members, at_once, strict=True):
        assert_frame_equal(together([grid for grid in grids if grid.member == member]), expected.frame)


def test_a_quote_that_is_never_closed_is_told_by_its_line_of_the_file(tmp_path, in_parts):
    file = tmp_path / "f.csv"
    file.write_text(TEXT + '寿光市,"没有结束\n' + "\n".join(ROWS), encoding="utf-8")
    with pytest.raises(readers.ReadError, match=r"^f\.csv: line \d+: expected delimited text"):
        grids_of(file)


def test_a_byte_that_the_encoding_does_not_allow_is_told_by_its_line_of_the_file(tmp_path, in_parts):
    file = tmp_path / "f.csv"
    file.write_bytes(TEXT.encode("gb18030") + b"\xff\xff\n")
    with pytest.raises(readers.ReadError, match="line 82 has a byte that gb18030 does not allow"):
        grids_of(file)


def test_an_archive_inside_an_archive_is_refused_in_parts_too(tmp_path, in_parts):
    file, inner = tmp_path / "f.zip", io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("f.csv", TEXT)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    with pytest.raises(readers.ReadError, match="an archive inside an archive"):
        grids_of(file, "f.zip")


REGISTER = (
    "统一社会信用代码,企业名称,曾用名,企业类型,登记状态,成立日期,注销日期,注册资本,登记机关代码,所在县区,"
    "行业代码,两高,法定代表人,联系电话,数据性质"
)


def register(rows: int) -> str:
    from ingest.normalise.credit_codes import check_character

    lines = [REGISTER]
    for i in range(rows):
        code = f"91370799MA3C{i:05d}"
        status = "在营" if i % 7 else "沉睡"  # a word that the vocabulary does not know
        lines.append(
            f"{code}{check_character(code)},蓝海{i}有限公司,,,{status},2020-01-01,,,,寿光市,C2511,否,某人,154,演示"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def parsed_parts(source_of, reference, tmp_path):
    def parsed(text, corrections=()):
        file = tmp_path / "r.csv"
        file.write_text(text, encoding="utf-8")
        source = source_of(dataset="enterprises", layout="enterprise_register")
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        receipt = Receipt(source.id, sha256, "r.csv", "r.csv", 0, "2026-11-23T00:00:00+00:00")
        return list(parse(file, receipt, source, reference, date(2026, 11, 23), corrections))

    return parsed


def test_a_register_in_parts_gives_the_rows_and_the_account_of_one_at_once(monkeypatch, parsed_parts):
    text = register(100)
    [at_once] = parsed_parts(text)
    monkeypatch.setattr(readers, "MAX_WHOLE_BYTES", 100)
    monkeypatch.setattr(delimited, "PART_BYTES", 1500)
    parts = parsed_parts(text)
    assert len(parts) > 5
    assert_frame_equal(pl.concat([part.rows for part in parts]), at_once.rows)
    account = whole(parts)
    assert_frame_equal(account.rejected, at_once.rejected)
    assert (account.rows_in, account.records, account.rows_quarantined) == (101, 100, 15)
    assert dict(account.furniture) == dict(at_once.furniture) == {"header": 1}
    # shares are rounded part by part
    filled = account.profile.pop("filled")
    assert filled == pytest.approx(at_once.profile.pop("filled"), abs=0.001)
    assert account.profile == at_once.profile


def test_a_correction_finds_its_cell_in_whichever_part_it_stands(monkeypatch, parsed_parts):
    monkeypatch.setattr(readers, "MAX_WHOLE_BYTES", 100)
    monkeypatch.setattr(delimited, "PART_BYTES", 1500)
    correction = Correction(
        correction_id="k1",
        source_id="figures",
        locator="!A72:O72",
        field="status",
        expects="沉睡",
        action="replace",
        value="在营",
        reason="错别字",
        evidence="来函",
        decided_by="某科",
        decided_on=date(2026, 11, 1),
    )
    parts = parsed_parts(register(100), [correction])
    [outcome] = whole(parts).corrections
    assert (outcome.state, outcome.found, outcome.used) == ("applied", "沉睡", "在营")
    assert whole(parts).rows_quarantined == 14


def test_a_fault_in_a_later_part_refuses_the_document(monkeypatch, parsed_parts):
    monkeypatch.setattr(readers, "MAX_WHOLE_BYTES", 100)
    monkeypatch.setattr(delimited, "PART_BYTES", 1500)
    with pytest.raises(Unreadable, match=r"r\.csv: line 102"):
        parsed_parts(register(100) + '"' + "甲" * 10)
