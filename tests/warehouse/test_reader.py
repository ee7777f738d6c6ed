"""Questions of readers: what may be asked, and how an answer is written."""

import io
import json
import shutil
from datetime import date, datetime
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from warehouse.engine import connect_reader
from warehouse.reader import QueryRefused, run_query, write_result

pytestmark = pytest.mark.slow


def written(frame, format):
    stream = io.StringIO()
    write_result(frame, format, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def reader(sealed, tmp_path_factory):
    """One connection to a copy, for all that is refused: what one question could change, the next would see."""
    copy = tmp_path_factory.mktemp("reader") / "marts.duckdb"
    shutil.copyfile(sealed.database, copy)
    with connect_reader(copy) as connection:
        yield connection


# --- what may be asked


def test_a_question_is_answered_with_its_types(sealed):
    frame = run_query(sealed, "select area_id, year, share_pct from marine_gdp_share where year = 2024")
    assert frame.schema == {"area_id": pl.String, "year": pl.Int32, "share_pct": pl.Float64}
    assert frame.rows() == [("china", 2024, 7.8), ("weifang", 2024, 20.77)]


def test_a_limit_cuts_the_answer(sealed):
    assert run_query(sealed, "from marine_gdp_share;", limit=2).height == 2
    assert run_query(sealed, "from marine_gdp_share limit 1", limit=2).height == 1


@pytest.mark.parametrize(
    "question", ["describe marine_gdp_share", "summarize data_gaps", "explain from data_gaps"]
)
def test_questions_about_the_tables_are_answered(question, sealed):
    assert run_query(sealed, question).height > 0


def test_types_without_a_counterpart_come_as_text(sealed):
    frame = run_query(
        sealed, "select interval 3 days as age, [interval 1 month] as ages, '101'::bit as bits, 1 as n"
    )
    assert frame.rows() == [("3 days", "[1 month]", "101", 1)]


@pytest.mark.parametrize(
    "sql",
    [
        "from read_csv('/etc/passwd')",
        "from '/etc/passwd'",
        "from read_text('/etc/hostname')",
        "from glob('/etc/*')",
        "copy marine_gdp_share to '{tmp}/stolen.csv'",
        "export database '{tmp}/stolen'",
        "attach '{tmp}/other.duckdb' as other",
        "attach ':memory:' as other",
        "install httpfs",
        "load httpfs",
        "create table mine as select 1",
        "delete from marine_gdp_share",
        "drop table marine_gdp_share",
        "comment on table marine_gdp_share is 'x'",
        "set memory_limit = '90GB'",
        "set enable_external_access = true",
        "reset lock_configuration",
    ],
)
def test_the_engine_itself_refuses(sql, reader, tmp_path):
    with pytest.raises(duckdb.Error):
        reader.execute(sql.format(tmp=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("from read_csv('/etc/passwd')", "read_csv is not for readers"),
        ("attach ':memory:' as other", "ATTACH is not one"),
        ("delete from marine_gdp_share", "DELETE is not one"),
    ],
)
def test_what_the_engine_refuses_is_refused_as_a_question_too(sql, reason, sealed):
    with pytest.raises(QueryRefused, match=reason):
        run_query(sealed, sql)


def test_variables_of_the_program_are_not_tables(sealed):
    secret = pl.DataFrame({"a": [1]})
    assert secret.height == 1
    with pytest.raises(QueryRefused, match="secret does not exist"):
        run_query(sealed, "from secret")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select 1; select 2", "expected one statement, got 2"),
        ("", "expected one statement, got 0"),
        ("-- nothing", "expected one statement, got 0"),
        ("create temp table t as select 1", "CREATE is not one"),
        ("set variable x = 1", "SET is not one"),
        ("install httpfs", "INSTALL is not one"),
        ("load httpfs", "LOAD is not one"),
        ("call pragma_version()", "CALL is not one"),
        ("from enable_logging(storage := 'file', storage_path := '/nowhere')", "not for readers"),
        ("selec 1", "syntax error"),
        ("select gdp from marine_gdp_share", '"gdp" not found'),
        ("pivot marine_gdp_share on year using sum(gop_100m_cny)", "PIVOT needs its values|MULTI is not one"),
    ],
)
def test_what_is_not_one_question_is_refused_with_the_reason(sql, reason, sealed):
    with pytest.raises(QueryRefused, match=reason):
        run_query(sealed, sql)


def test_a_question_too_big_for_the_memory_is_refused_and_leaves_no_trace(sealed, monkeypatch):
    monkeypatch.setattr("warehouse.engine.READER_MEMORY_BYTES", 20_000_000)
    before = sorted(sealed.path.iterdir())
    with pytest.raises(QueryRefused, match="Out of Memory"):
        run_query(sealed, "select list(md5(i::varchar)) from range(3000000) as t(i)")
    assert sorted(sealed.path.iterdir()) == before


# --- how an answer is written

ANSWER = pl.DataFrame(
    {"area": ["寿光市", "滨海区"], "gop_100m_cny": [812.3, None], "published_on": [date(2025, 3, 1), None]}
)


def test_a_table_lines_up_chinese_and_shows_a_dash_for_what_is_not_known():
    lines = written(ANSWER, "table").splitlines()
    assert [line.split() for line in lines if "市" in line or "区" in line] == [
        ["寿光市", "812.3", "2025-03-01"],
        ["滨海区", "—", "—"],
    ]
    cells = {sum(2 if ord(char) > 0x2E80 else 1 for char in line) for line in lines if line.strip()}
    assert len(cells) == 1  # every line is equally wide on a screen where a Chinese character takes two cells


def test_square_brackets_in_a_cell_are_text():
    assert "鲁[red]2024[/red]" in written(pl.DataFrame({"a": ["鲁[red]2024[/red]"]}), "table")


def test_a_wide_table_in_a_pipe_is_neither_cut_nor_folded():
    wide = pl.DataFrame({f"column_{n}": ["海洋生产总值" * 4] for n in range(8)})
    assert written(wide, "table").count("海洋生产总值" * 4) == 8


def test_csv_in_a_file_opens_in_excel(tmp_path):
    path = tmp_path / "answer.csv"
    write_result(ANSWER, "csv", path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfarea,")
    assert path.read_text(encoding="utf-8-sig") == written(ANSWER, "csv")
    assert written(ANSWER, "csv") == "area,gop_100m_cny,published_on\n寿光市,812.3,2025-03-01\n滨海区,,\n"


@pytest.mark.parametrize(
    ("cell", "csv"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("＝HYPERLINK(A1)", "'＝HYPERLINK(A1)"),
        ("-", "-"),
        ("—", "—"),
        ("-5.2", "-5.2"),
        ("+1,703.42", '"+1,703.42"'),
        ("-0.3%", "-0.3%"),
        ("海洋=未来", "海洋=未来"),
    ],
)
def test_a_cell_that_would_be_a_formula_is_neutralised_and_a_number_is_not(cell, csv):
    assert written(pl.DataFrame({"a": [cell]}), "csv") == f"a\n{csv}\n"


def test_a_column_name_cannot_be_a_formula_either():
    assert written(pl.DataFrame({"=1+1": [-2.5]}), "csv") == "'=1+1\n-2.5\n"


def test_nested_values_stand_in_csv_as_json():
    frame = pl.DataFrame({"a": [[{"行": 7, "on": date(2025, 1, 1)}], None], "b": [1, 2]})
    assert written(frame, "csv") == 'a,b\n"[{""行"": 7, ""on"": ""2025-01-01""}]",1\n,2\n'


def test_json_is_a_list_of_records_with_iso_dates():
    frame = ANSWER.head(1).with_columns(
        at=pl.lit(datetime(2026, 11, 23, 2, 0)), total=pl.lit(Decimal("12")), bad=pl.lit(float("nan"))
    )
    assert json.loads(written(frame, "json")) == [
        {
            "area": "寿光市",
            "gop_100m_cny": 812.3,
            "published_on": "2025-03-01",
            "at": "2026-11-23T02:00:00",
            "total": 12,
            "bad": None,
        }
    ]
    assert "寿光市" in written(frame, "json")
    assert json.loads(written(frame.clear(), "json")) == []


def test_parquet_keeps_everything(tmp_path):
    write_result(ANSWER, "parquet", tmp_path / "a.parquet")
    stream = io.BytesIO()
    write_result(ANSWER, "parquet", stream)
    assert pl.read_parquet(tmp_path / "a.parquet").equals(ANSWER)
    assert pl.read_parquet(stream.getvalue()).equals(ANSWER)


def test_an_unknown_format_is_named():
    with pytest.raises(ValueError, match="unknown format 'xlsx'"):
        written(ANSWER, "xlsx")
