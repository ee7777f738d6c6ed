"""The scan of a release for personal data: what identifies a person is found wherever it stands, and nothing else is."""

import json

import duckdb
import pytest
import xlsxwriter

from expectations.personal import is_identity_number, personal, result, scan_files, scan_tables

PHONE = "13905361234"
IDENTITY = "370702198001010018"  # the check digit is right; the person is made up


def database(tmp_path, *rows: tuple[str, str, str | None], column="note"):
    path = tmp_path / "marts.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"create table firms (uscc varchar, data_origin varchar, {column} varchar, n bigint)"
        )
        connection.execute("create schema meta; create table meta.notes as select ['—'] as said")
        connection.executemany("insert into firms values (?, ?, ?, 13905361234)", rows)
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PHONE, 1),
        (f"电话{PHONE}。", 1),
        (f"{PHONE},{PHONE}", 2),
        (f"x{PHONE}", 0),  # a part of a code
        (f"{PHONE}7", 0),
        (f"{PHONE}.5", 0),  # a figure
        (f"2.{PHONE}", 0),
        ("12905361234", 0),  # no such prefix
        ("0536-8091234", 0),  # an office
        (f"https://www.weifang.gov.cn/t{PHONE}/{PHONE}.html", 0),
        (f"见 https://www.weifang.gov.cn/a.html 电话 {PHONE}", 1),
        (IDENTITY, 1),
        (f"证号{IDENTITY}", 1),
        (IDENTITY[:-1] + "5", 0),  # a wrong check digit: a serial number
        ("370702198013010013", 0),  # no such month
        ("91370700MA3ABCDE1X", 0),  # a credit code
        ("法定代表人:张三", 1),
        ("联系人：李四", 1),
        ("经办人(签字):", 0),
        ("法定代表人变更登记", 0),
        ("手机号码:13905361234", 2),
        ("", 0),
    ],
)
def test_what_identifies_a_person_is_found_in_a_text(text, found):
    assert len(personal(text)) == found


def test_the_check_digit_of_an_identity_number_is_reckoned():
    assert is_identity_number(IDENTITY)
    assert is_identity_number("11010519491231002X") and is_identity_number("11010519491231002x")
    assert not is_identity_number("110105194912310021") and not is_identity_number("x" * 18)


def test_a_table_without_personal_data_passes(tmp_path):
    file = database(tmp_path, ("91370700MA3ABCDE1X", "published", "海洋牧场"), ("x", "demo", None))
    assert scan_tables(file, "玘") == []
    assert result([]).status == "passed"


@pytest.mark.parametrize("text", [PHONE, f"证号 {IDENTITY}", "联系人:张三"])
def test_a_cell_with_personal_data_is_told_by_its_column_and_never_repeated(tmp_path, text):
    file = database(tmp_path, ("a", "published", text), ("b", "published", "—"), ("c", "demo", text))
    assert scan_tables(file) == ["main.firms.note: 2 cells"]
    check = result(scan_tables(file))
    assert (check.status, check.severity, check.blocks) == ("failed", "critical", True)
    assert text not in repr(check)


def test_nested_texts_and_the_tables_of_meta_are_looked_at_too(tmp_path):
    file = database(tmp_path, ("a", "published", None))
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"insert into meta.notes values (['电话 {PHONE}'])")
    assert scan_tables(file) == ["meta.notes.said: 1 cells"]
    assert scan_tables(file, schemas=("main",)) == []


def test_a_printed_figure_of_eleven_digits_is_no_telephone(tmp_path):
    assert scan_tables(database(tmp_path, ("a", "published", PHONE), column="value_text")) == []


def test_an_invented_person_is_known_by_his_mark_where_the_row_is_demo(tmp_path):
    file = database(tmp_path, ("a", "demo", "王玘海"), ("b", "published", "玘海渔业有限公司"))
    assert scan_tables(file, "玘翾") == ["main.firms.note: 1 cells"]
    assert scan_tables(file) == []


def test_pages_workbooks_and_json_are_looked_at(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.html").write_text(f"<p>电话&#58;{PHONE}</p>", encoding="utf-8")
    (tmp_path / "site" / "b.html").write_text(f'<a href="https://example.org/{PHONE}">3.{PHONE}</a>')
    (tmp_path / "a.json").write_text(json.dumps({"bytes": int(PHONE), "why": [f"手机 {PHONE}"]}))
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_string(0, 0, f"经办 {IDENTITY}")
    assert scan_files(tmp_path) == ["a.json: 1 places", "a.xlsx: 1 places", "site/a.html: 1 places"]
