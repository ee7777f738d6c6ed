"""The build file: bounded, with every raw dataset in its declared columns."""

from datetime import date

import duckdb
import polars as pl
import pytest

from warehouse.build import RawError, register_raw, write_context
from warehouse.engine import GIB, _memory_limits, connect_build, memory_budget_bytes

pytestmark = pytest.mark.slow

COLUMNS = {"area_text": "VARCHAR", "value": "DOUBLE", "published_on": "DATE"}


@pytest.fixture
def build(home):
    with connect_build(home.build_file) as connection:
        yield connection


def parquet(folder, name, **columns):
    path = folder / f"{name}.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_the_build_is_bounded(build, home):
    settings = dict(build.execute("select name, value from duckdb_settings()").fetchall())
    assert settings["temp_directory"] == str(home.build / "tmp")
    assert settings["autoinstall_known_extensions"] == "false"
    assert 0 < memory_budget_bytes() <= 4 * GIB
    assert memory_budget_bytes(most=1000) == 1000
    assert settings["memory_limit"] != "0 bytes"
    assert settings["max_temp_directory_size"] not in ("", "90% of available disk space")


@pytest.mark.parametrize(
    ("own", "limits"),
    [
        ("0::/system.slice/ledger.service\n", [6 * GIB, 10 * GIB]),  # the service's, then the machine's
        ("1:name=systemd:/x\n0::/system.slice/other.service\n", [10 * GIB]),  # one without a limit
        ("0::/\n", [10 * GIB]),  # as a container sees itself
        ("1:memory:/x\n", []),  # of the first version
    ],
)
def test_the_limits_of_a_service_and_of_what_it_runs_in_are_found(tmp_path, own, limits):
    groups = tmp_path / "cgroup"
    for name, text in {"ledger": f"{6 * GIB}\n", "other": "max\n"}.items():
        (groups / "system.slice" / f"{name}.service").mkdir(parents=True)
        (groups / "system.slice" / f"{name}.service" / "memory.max").write_text(text)
    (groups / "memory.max").write_text(f"{10 * GIB}\n")
    (tmp_path / "memory.max").write_text("1\n")  # outside
    (tmp_path / "own").write_text(own)
    assert list(_memory_limits(groups, tmp_path / "own")) == limits


def test_a_second_connection_opens_after_the_first_has_spilled(build, home):
    build.execute("set memory_limit = '15MB'")
    build.execute("create temp table big as select i, md5(i::varchar) as text from range(500000) as t(i)")
    assert any((home.build / "tmp").iterdir())
    with connect_build(home.build_file) as second:
        assert second.execute("select 1").fetchall() == [(1,)]


def test_raw_has_the_declared_columns_in_their_order_from_every_file(build, home):
    day = date(2025, 3, 1)
    files = [
        parquet(home.raw, "a", value=["812.3"], area_text=["寿光市"], extra=[1], published_on=[day]),
        parquet(
            home.raw, "b", published_on=[day], area_text=["滨海区"], value=pl.Series([None], dtype=pl.String)
        ),
    ]
    register_raw(build, {"indicator_figures": files}, {"indicator_figures": COLUMNS})
    described = build.execute("describe raw.indicator_figures").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == list(COLUMNS.items())
    assert build.execute("from raw.indicator_figures order by area_text").fetchall() == [
        ("寿光市", 812.3, day),
        ("滨海区", None, day),
    ]


def test_a_dataset_without_files_is_an_empty_table(build):
    register_raw(
        build, {"enterprises": []}, {"enterprises": COLUMNS, "cluster_titles": {"area_id": "VARCHAR"}}
    )
    assert build.execute("describe raw.enterprises").fetchall()[1][:2] == ("value", "DOUBLE")
    assert build.execute("select count(*) from raw.cluster_titles").fetchall() == [(0,)]


def test_a_file_without_a_declared_column_stops_the_load(build, home):
    good = parquet(home.raw, "a", area_text=["寿光市"], value=[1.0], published_on=[None])
    bad = parquet(home.raw, "b", area_text=["寿光市"], published_on=[None])
    with pytest.raises(RawError, match=r"raw dataset indicator_figures: .*/b\.parquet has no column value"):
        register_raw(build, {"indicator_figures": [good, bad]}, {"indicator_figures": COLUMNS})


def test_files_of_an_undeclared_dataset_stop_the_load(build, home):
    with pytest.raises(RawError, match="without declared columns: surprises"):
        register_raw(build, {"surprises": []}, {"indicator_figures": COLUMNS})


def test_text_that_is_no_number_is_an_error_and_not_a_null(build, home):
    path = parquet(home.raw, "a", area_text=["寿光市"], value=["812.3*"], published_on=[None])
    register_raw(build, {"figures": [path]}, {"figures": COLUMNS})
    with pytest.raises(duckdb.ConversionException, match=r"812\.3\*"):
        build.execute("select value from raw.figures").fetchall()


def test_raw_is_registered_anew_every_night(build, home):
    path = parquet(home.raw, "a", area_text=["寿光市"], value=[1.0], published_on=[None])
    for files, rows in (([], 0), ([path], 1), ([], 0)):
        register_raw(build, {"figures": files}, {"figures": COLUMNS})
        assert build.execute("select count(*) from raw.figures").fetchall() == [(rows,)]


def test_a_context_table_keeps_types_and_gives_nulls_the_type_of_text(build):
    frame = pl.DataFrame({"as_of_date": [date(2026, 11, 23)], "note": [None], "nights": [14]})
    for _ in range(2):
        write_context(build, "night", frame)
    described = build.execute("describe raw.night").fetchall()
    assert [row[1] for row in described] == ["DATE", "VARCHAR", "BIGINT"]
    assert build.execute("from raw.night").fetchall() == [(date(2026, 11, 23), None, 14)]


def test_a_context_table_cannot_take_the_name_of_a_dataset(build, home):
    path = parquet(home.raw, "a", area_text=["寿光市"], value=[1.0], published_on=[None])
    register_raw(build, {"figures": [path]}, {"figures": COLUMNS})
    with pytest.raises(RawError, match="context table figures"):
        write_context(build, "figures", pl.DataFrame({"a": [1]}))
