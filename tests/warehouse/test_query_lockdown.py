"""What a reader's SQL may not do: reach a file, a setting or another statement, or run without end. Each refusal says why."""

import time

import pytest

from warehouse.engine import bounded, connect_reader
from warehouse.reader import QueryRefused, run_query
from warehouse.trace import trace

pytestmark = pytest.mark.slow

# Name, statement ({tmp} is a folder of the test's own), and what the refusal says.
REFUSED = {
    "read a file as csv": ("from read_csv('/etc/passwd')", "read_csv is not for readers"),
    "read a file as csv, older name": ("from read_csv_auto('/etc/passwd')", "read_csv_auto is not for"),
    "read a file as text": ("from read_text('/etc/hostname')", "read_text is not for readers"),
    "read a file as bytes": ("from read_blob('/etc/hostname')", "read_blob is not for readers"),
    "read a file as json": ("from read_json('/etc/passwd')", "read_json is not for readers"),
    "read a file as lines of json": ("from read_ndjson_objects('/etc/passwd')", "is not for readers"),
    "list a folder": ("from glob('/etc/*')", "glob is not for readers"),
    "read the twin in parquet": ("from read_parquet('{tmp}/a.parquet')", "read_parquet is not for readers"),
    "read a footer": ("from parquet_metadata('{tmp}/a.parquet')", "parquet_metadata is not for readers"),
    "read a schema": ("from parquet_schema('{tmp}/a.parquet')", "parquet_schema is not for readers"),
    "sniff a file": ("from sniff_csv('/etc/passwd')", "sniff_csv is not for readers"),
    "read another database": ("from read_duckdb('{tmp}/a.duckdb')", "read_duckdb is not for readers"),
    "a file for a table": ("from '{tmp}/file.csv'", "disabled by configuration"),
    "an address for a table": ("from 'https://127.0.0.1/a.parquet'", "disabled by configuration"),
    "an object of a store": ("from 's3://bucket/a.parquet'", "disabled by configuration"),
    "a file in a subquery": (
        "select * from data_gaps where area_id in (select content from read_text('/etc/passwd'))",
        "read_text is not for readers",
    ),
    "a file in a join": (
        "from data_gaps, lateral (from read_text('/etc/passwd'))",
        "read_text is not for readers",
    ),
    "a file under describe": ("describe from read_csv('/etc/passwd')", "read_csv is not for readers"),
    "a file under summarize": ("summarize from read_csv('/etc/passwd')", "read_csv is not for readers"),
    "a file under explain": ("explain analyze from read_csv('/etc/passwd')", "read_csv is not for readers"),
    "capitals and quotes": ("FROM \"READ_CSV\"('/etc/passwd')", "read_csv is not for readers"),
    "a qualified name": ("from system.main.read_text('/etc/passwd')", "read_text is not for readers"),
    "a comment inside the name": ("from read_csv/**/('/etc/passwd')", "read_csv is not for readers"),
    "the environment": ("select getenv('HOME')", "getenv is not for readers"),
    "a setting": ("select current_setting('secret_directory')", "current_setting is not for readers"),
    "all settings": ("from duckdb_settings()", "duckdb_settings is not for readers"),
    "secrets": ("from duckdb_secrets()", "duckdb_secrets is not for readers"),
    "extensions": ("from duckdb_extensions()", "duckdb_extensions is not for readers"),
    "copy to a file": ("copy data_gaps to '{tmp}/x.csv'", "COPY is not one"),
    "copy to a device": ("copy (select 1) to '/dev/stdout'", "COPY is not one"),
    "copy from a file": ("copy data_gaps from '/etc/passwd'", "COPY is not one"),
    "copy under explain": ("explain analyze copy data_gaps to '{tmp}/x.csv'", "disabled by|is not one"),
    "copy after a comment": ("/* select */ copy data_gaps to '{tmp}/x.csv'", "COPY is not one"),
    "export": ("export database '{tmp}/x'", "EXPORT is not one"),
    "import": ("import database '{tmp}/x'", "disabled by configuration|is not one"),
    "attach a file": ("attach '{tmp}/x.duckdb'", "ATTACH is not one"),
    "attach memory": ("attach ':memory:' as m", "ATTACH is not one"),
    "detach": ("detach marts", "DETACH is not one"),
    "install": ("install httpfs", "INSTALL is not one"),
    "install by force": ("force install httpfs from 'http://127.0.0.1'", "INSTALL is not one"),
    "load": ("load '{tmp}/x.duckdb_extension'", "LOAD is not one"),
    "use another database": ("use memory", "SET is not one"),
    "set": ("set memory_limit = '90GB'", "SET is not one"),
    "set a variable": ("set variable x = 1", "SET is not one"),
    "reset": ("reset memory_limit", "RESET is not one|SET is not one"),
    "pragma that sets": ("pragma memory_limit = '90GB'", "SET is not one"),
    "pragma with a file": ("pragma profiling_output = '{tmp}/x.json'", "SET is not one"),
    "pragma that profiles": ("pragma enable_profiling", "PRAGMA is not one"),
    "pragma that tells paths": ("pragma database_list", "PRAGMA, IMPORT and the like is not one"),
    "call": ("call pragma_version()", "CALL is not one"),
    "checkpoint": ("checkpoint", "is not one"),
    "checkpoint as a table": ("from checkpoint('marts')", "checkpoint is not for readers"),
    "vacuum": ("vacuum", "VACUUM is not one"),
    "create": ("create table t as select 1", "CREATE is not one"),
    "create for now": ("create temp table t as select 1", "CREATE is not one"),
    "create under explain": ("explain analyze create temp table t as select 1", "EXPLAIN of anything but"),
    "create a macro": ("create macro f(a) as a", "CREATE is not one"),
    "create a secret": ("create secret s (type s3, secret 'x')", "CREATE is not one"),
    "insert": ("insert into data_gaps select * from data_gaps", "INSERT is not one"),
    "update": ("update data_gaps set area_id = 'x'", "UPDATE is not one"),
    "delete": ("delete from data_gaps", "DELETE is not one"),
    "delete inside with": ("with x as (delete from data_gaps returning *) from x", "A CTE needs a SELECT"),
    "drop": ("drop table data_gaps", "DROP is not one"),
    "a comment on a table": ("comment on table data_gaps is 'x'", "ALTER is not one"),
    "prepare": ("prepare p as select 1", "PREPARE is not one"),
    "a transaction": ("begin", "TRANSACTION is not one"),
    "two statements": ("select 1; drop table data_gaps", "expected one statement, got 2"),
    "two behind a comment": ("select 1 --\n; drop table data_gaps", "expected one statement, got 2"),
    "a statement in a text": ("from query('select 1')", "query is not for readers"),
    "a text put together": ("from query('from enable_' || 'logging()')", "query is not for readers"),
    "a table named by a text": ("from query_table('data_gaps')", "query_table is not for readers"),
    "a statement as json": (
        "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "json_execute_serialized_sql is not for readers",
    ),
    "logging": ("from enable_logging(storage := 'file', storage_path := '{tmp}/log')", "enable_logging is"),
    "logging, qualified": ("from system.main.\"enable_logging\"()", "enable_logging is not for readers"),
    "profiling": ("from enable_profiling()", "enable_profiling is not for readers"),
    "the log": ("select write_log('x')", "write_log is not for readers"),
    "a year that nobody can print": ("select date '5877642-06-25 (BC)' as d", "column d holds a date outside"),
    "infinity": ("select timestamp 'infinity' as d", "column d holds a date outside"),
    "nesting without end": (f"select {'1+' * 3000}1", "Max expression depth limit"),
    "a null byte": ("select 1 \0; drop table data_gaps", "holds a NUL character"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_question_reaches_nothing_but_the_release(name, sealed, tmp_path):
    sql, reason = REFUSED[name]
    before = {path: path.stat().st_mtime_ns for path in sealed.path.rglob("*")}
    with pytest.raises(QueryRefused, match=reason):
        run_query(sealed, sql.format(tmp=tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in sealed.path.rglob("*")} == before


@pytest.mark.parametrize(
    "sql",
    [
        "show tables",
        "explain analyze from data_gaps",
        "explain /* ; */ (analyze, format json) select 1",
        "explain (select 1)",
        "from range(3) as t(i) select i, list_transform([i], x -> x + 1)",
        "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) from t",
        "pivot marine_gdp_share on year in (2023, 2024) using sum(gop_100m_cny)",
        "select table_name from duckdb_tables()",
        "select * exclude (area_id) from data_gaps qualify row_number() over (order by area_id) = 1",
        "select unnest([1, 2]), date '0001-01-01', timestamp '9999-12-31 23:59:59'",
        "select 1 -- ; drop table data_gaps",
        "select '; drop table data_gaps' as text, 'read_csv(''x'')' as read_csv",
    ],
)
def test_what_only_reads_the_release_is_answered(sql, sealed):
    assert run_query(sealed, sql).height > 0


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(1000000) as a, range(1000000) as b, range(100) as c",  # without an answer
        "select a.range from range(100000) as a, range(1000000) as b",  # with an answer without end
        "with recursive t(n) as (select 1 union all select n + 1 from t) select n from t",
    ],
)
def test_a_question_without_end_is_given_up_and_says_after_how_long(sql, sealed):
    with pytest.raises(QueryRefused, match="it was not answered within 0.3 seconds; ask for less"):
        run_query(sealed, sql, timeout_s=0.3)


def test_an_answer_too_large_for_this_process_is_given_up(sealed, monkeypatch):
    monkeypatch.setattr("warehouse.engine.ANSWER_BYTES", 60_000_000)
    monkeypatch.setattr("warehouse.engine.READER_MEMORY_BYTES", 60_000_000)
    with pytest.raises(QueryRefused, match="its answer is larger than 0.0558794 GiB"):
        run_query(sealed, "select repeat('x', 1000) || i as a from range(2000000) as t(i)", timeout_s=60)


def test_an_error_inside_the_bounds_is_told_as_itself(sealed):
    with connect_reader(sealed.database) as connection:
        with pytest.raises(ZeroDivisionError), bounded(connection, 60):
            1 / 0  # noqa: B018
        with bounded(connection, 0.01):  # over before its time is looked at
            pass
        time.sleep(0)
        assert connection.execute("select 1").fetchall() == [(1,)]  # and nothing is interrupted afterwards


@pytest.mark.parametrize(
    "where",
    [
        "true) union all (select 1",
        "true) from data_gaps where (true",
        "true), (true",
        "true)) from data_gaps --",
        "true; drop table data_gaps",
        "area_id in (select content from read_text('/etc/passwd'))",
        "exists (from query('select 1'))",
        "getenv('HOME') = ''",
        "",
        "true /*",
    ],
)
def test_a_condition_of_trace_is_one_condition_and_reaches_nothing_else(where, sealed):
    with pytest.raises(QueryRefused, match="expected one SQL condition|not for readers"):
        trace(sealed, "marine_gdp_share", "share_pct", where)


@pytest.mark.parametrize(
    "mart", ["data_gaps; drop table data_gaps", 'data_gaps" --', "read_csv('/etc/passwd')"]
)
def test_a_mart_of_trace_is_looked_up_and_never_read_as_sql(mart, sealed):
    with pytest.raises(QueryRefused, match="no mart"):
        trace(sealed, mart, "share_pct", "true")
