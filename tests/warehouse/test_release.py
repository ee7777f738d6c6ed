"""Releases: what they hold, that they appear whole or not at all, and which are kept."""

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import polars as pl
import pytest

from warehouse import release as releases
from warehouse.engine import connect_reader
from warehouse.home import Home
from warehouse.release import ColumnSpec, ReleaseError

pytestmark = pytest.mark.slow

FIRST, SECOND = "20261123T021503Z", "20261124T021503Z"


def ask(release, sql):
    with connect_reader(release.database) as connection:
        return connection.execute(sql).fetchall()


def change_build(build_file, sql):
    with duckdb.connect(str(build_file)) as connection:
        connection.execute(sql)


# --- what is in a release


def test_marts_are_tables_ordered_by_their_key(sealed):
    assert ask(sealed, "from marine_gdp_share") == [
        ("china", 2024, 105438.0, 7.8),
        ("weifang", 2023, None, None),
        ("weifang", 2024, 1703.42, 20.77),
    ]
    assert ask(sealed, "select count(*) from duckdb_views() where not internal") == [(0,)]


def test_only_marts_and_meta_leave_the_house(sealed):
    tables = ask(sealed, "select schema_name, table_name from duckdb_tables() order by all")
    assert tables == [
        ("main", "data_gaps"),
        ("main", "marine_gdp_share"),
        ("meta", "checks"),
        ("meta", "columns"),
        ("meta", "release"),
    ]


def test_parquet_holds_the_same_rows_in_the_same_order(sealed):
    table = ask(sealed, "from marine_gdp_share")
    assert pl.read_parquet(sealed.parquet / "marine_gdp_share.parquet").rows() == table
    assert pl.read_parquet(sealed.parquet / "data_gaps.parquet").rows() == [
        ("gop", "kuiwen", date(2025, 12, 31))
    ]


def test_any_client_since_1_0_can_open_the_file(sealed):
    with duckdb.connect(str(sealed.database), read_only=True) as connection:
        tags = dict(connection.execute("select database_name, tags from duckdb_databases()").fetchall())
    assert tags["marts"]["storage_version"] == "v1.0.0+"
    # What an older client looks at: after the checksum, a magic word and the version; 64 is 1.0's.
    header = sealed.database.read_bytes()[8:20]
    assert header[:4] == b"DUCK" and int.from_bytes(header[4:], "little") == 64


def test_tables_and_columns_carry_comments_in_both_languages(sealed):
    tables = dict(ask(sealed, "select table_name, comment from duckdb_tables()"))
    columns = dict(
        ask(sealed, "select column_name, comment from duckdb_columns() where schema_name = 'main'")
    )
    assert tables["marine_gdp_share"] == "海洋生产总值占比 | Share of gross ocean product in GDP"
    assert columns["gop_100m_cny"] == "海洋生产总值 | Gross ocean product"


def test_the_dictionary_and_the_frames_given_stand_in_meta(sealed):
    assert ask(sealed, "select unit, formula from meta.columns where column_name = 'share_pct'") == [
        ("pct", "gop_100m_cny / gdp_100m_cny * 100")
    ]
    assert ask(sealed, "from meta.checks") == [("marine_gdp_share", None)]
    assert ask(sealed, "select id from meta.release") == [(FIRST,)]


def test_the_manifest_says_what_the_release_holds(sealed):
    manifest = json.loads((sealed.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == sealed.manifest
    assert manifest["id"] == FIRST
    assert manifest["built_at"] == "2026-11-23T02:15:03+00:00"
    assert manifest["checks"] == {"passed": 12, "warned": 1}
    assert {name: mart["rows"] for name, mart in manifest["marts"].items()} == {
        "marine_gdp_share": 3,
        "data_gaps": 1,
    }
    assert set(manifest["files"]) == {
        "marts.duckdb",
        "parquet/data_gaps.parquet",
        "parquet/marine_gdp_share.parquet",
    }
    assert manifest["files"]["marts.duckdb"]["bytes"] == sealed.database.stat().st_size


def test_files_of_a_release_are_read_only_and_nothing_else_is_left(sealed):
    modes = {p.name: p.stat().st_mode & 0o777 for p in sealed.path.rglob("*") if p.is_file()}
    assert set(modes.values()) == {0o444}
    assert set(modes) == {"marts.duckdb", "manifest.json", "data_gaps.parquet", "marine_gdp_share.parquet"}
    assert [p.name for p in sealed.path.parent.iterdir()] == [FIRST]


# --- row hashes


def test_two_releases_of_one_build_have_the_same_row_hashes(sealed, publish):
    second = publish(SECOND, meta={"release": pl.DataFrame({"id": [SECOND]})})
    assert sealed.manifest["marts"] == second.manifest["marts"]
    assert sealed.manifest["files"]["marts.duckdb"] != second.manifest["files"]["marts.duckdb"]


CHANGES = {
    "order": "create or replace table {} as from {} order by share_pct",
    "a_figure": "update {} set gop_100m_cny = 1703.43 where area_id = 'weifang' and year = 2024",
    "zero_for_null": "update {} set share_pct = 0 where share_pct is null",
    "the_word_null": "update {} set area_id = 'null' where share_pct is null",
    "a_row_less": "delete from {} where area_id = 'china'",
    "a_row_twice": "insert into {} from {} where area_id = 'china'",
}


@pytest.fixture(scope="module")
def row_hashes(tmp_path_factory, share, gaps, manifest, made_build_file):
    """The row hashes of the two marts, and of each changed copy of the first, in one release."""
    home = Home(tmp_path_factory.mktemp("changed")).ensure()
    shutil.copyfile(made_build_file, home.build_file)
    statements = []
    for name, change in CHANGES.items():
        table = f"marts.{name}"
        statements.append(f"create table {table} as from marts.marine_gdp_share")
        statements.append(change.replace("{}", table))
    change_build(home.build_file, ";".join(statements))
    candidate = releases.begin(home, FIRST)
    specs = [replace(share, name=name, key=()) for name in CHANGES]
    releases.copy_marts(candidate, home.build_file, [share, gaps, *specs])
    marts = releases.seal(candidate, manifest).manifest["marts"]
    return {name: mart["row_hash"] for name, mart in marts.items()}


def test_the_row_hash_does_not_depend_on_order(row_hashes):
    assert row_hashes["order"] == row_hashes["marine_gdp_share"]


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "order"])
def test_the_row_hash_sees(change, row_hashes):
    assert row_hashes[change] != row_hashes["marine_gdp_share"]


def test_a_change_in_one_mart_leaves_the_hash_of_another(row_hashes, sealed):
    assert row_hashes["data_gaps"] == sealed.manifest["marts"]["data_gaps"]["row_hash"]


# --- the swap


def test_an_open_reader_keeps_its_release_and_a_new_one_sees_the_next(publish, home, build_file):
    publish(FIRST)
    count = "select count(*) from marine_gdp_share"
    with connect_reader(releases.current_release(home).database) as early:
        change_build(build_file, "delete from marts.marine_gdp_share where area_id = 'china'")
        publish(SECOND)
        with connect_reader(releases.current_release(home).database) as late:
            assert early.execute(count).fetchall() == [(3,)]
            assert late.execute(count).fetchall() == [(2,)]
    # and so for a tool that only knows the link
    with duckdb.connect(str(home.current / "marts.duckdb"), read_only=True) as plain:
        assert plain.execute(count).fetchall() == [(2,)]


def test_the_link_is_relative_so_that_a_home_may_move(publish, home):
    publish(FIRST)
    assert os.readlink(home.current) == f"releases/{FIRST}"
    moved = home.root.rename(home.root.with_name("moved"))
    assert releases.current_release(replace(home, root=moved)).id == FIRST


def test_going_back_is_one_step(home):
    fake(home, FIRST, SECOND)
    assert releases.use(home, SECOND).id == SECOND
    assert releases.use(home, FIRST).id == FIRST
    assert releases.current_release(home).id == FIRST
    with pytest.raises(ReleaseError, match="there is no release in"):
        releases.use(home, "20200101T000000Z")
    assert releases.current_release(home).id == FIRST


def test_a_night_that_dies_before_the_seal_leaves_the_current_release(publish, home):
    publish(FIRST)
    abandoned = publish(SECOND, seal=False)
    assert releases.current_release(home).id == FIRST
    assert [r.id for r in releases.list_releases(home)] == [FIRST]
    assert abandoned.path.exists()

    assert publish(SECOND).id == SECOND  # the next night takes away what is left
    assert not abandoned.path.exists()
    assert releases.verify(releases.current_release(home)) == []


def test_a_night_that_dies_at_any_step_of_the_seal_leaves_the_current_release(publish, home, monkeypatch):
    publish(FIRST)
    steps = ["pathlib.Path.chmod", "os.fsync", "os.rename", "pathlib.Path.symlink_to", "os.replace"]
    for hour, step in enumerate(steps, start=3):

        def die(*_, step=step):
            raise OSError(f"died at {step}")

        with monkeypatch.context() as patch, pytest.raises(OSError, match=f"died at {step}"):
            patch.setattr(step, die)
            publish(f"20261124T0{hour}0000Z")
        assert releases.current_release(home).id == FIRST
        assert releases.verify(releases.current_release(home)) == []
    assert publish("20261125T021503Z").id == releases.current_release(home).id


def test_the_next_release_is_compared_with_the_newest_that_is_whole(publish, home):
    for id_ in (FIRST, SECOND):
        publish(id_)
    assert [releases.last_whole(home)[0].id, releases.last_whole(home)[1]] == [SECOND, []]
    database = home.releases / SECOND / "marts.duckdb"
    database.chmod(0o644)
    database.write_bytes(database.read_bytes()[:-1])
    found, problems = releases.last_whole(home)
    assert (found.id, problems) == (FIRST, [f"release {SECOND} is damaged: marts.duckdb has changed"])
    (home.releases / FIRST / "manifest.json").chmod(0o644)
    (home.releases / FIRST / "manifest.json").write_text("[]", encoding="utf-8")
    found, problems = releases.last_whole(home)
    assert found is None and len(problems) == 2


def test_a_current_that_leads_nowhere_is_told_and_a_whole_release_found(publish, home):
    publish(FIRST)
    home.current.unlink()
    found, problems = releases.last_whole(home)
    assert (found.id, problems) == (FIRST, ["there is no link `current`"])
    home.current.symlink_to("releases/20270101T000000Z")
    found, [problem] = releases.last_whole(home)
    assert found.id == FIRST and "there is no release in" in problem


def test_before_the_first_release_there_is_none(home):
    assert releases.current_release(home) is None
    assert releases.list_releases(home) == []


# --- what cannot be published


def test_a_column_without_a_description_stops_the_release(home, build_file, share, gaps):
    candidate = releases.begin(home, FIRST)
    with pytest.raises(ReleaseError, match="marine_gdp_share: columns without a description: share_pct"):
        releases.copy_marts(candidate, build_file, [replace(share, columns=share.columns[:3])])


def test_a_described_column_that_was_not_built_stops_the_release(home, build_file, share, gaps):
    candidate = releases.begin(home, FIRST)
    spec = replace(gaps, columns=(*gaps.columns, ColumnSpec("last_known_period")))
    with pytest.raises(ReleaseError, match="described but not built: last_known_period"):
        releases.copy_marts(candidate, build_file, [spec])


def test_a_column_of_another_type_than_declared_stops_the_release(home, build_file, share, gaps):
    candidate = releases.begin(home, FIRST)
    columns = (*share.columns[:3], replace(share.columns[3], type="decimal(5,2)"))
    with pytest.raises(ReleaseError, match=r"share_pct is DOUBLE, declared as DECIMAL\(5,2\)"):
        releases.copy_marts(candidate, build_file, [replace(share, columns=columns)])


def test_a_mart_that_was_not_built_stops_the_release(home, build_file, share, gaps):
    candidate = releases.begin(home, FIRST)
    with pytest.raises(ReleaseError, match=r"the build file has no marts\.task_ledger"):
        releases.copy_marts(candidate, build_file, [replace(gaps, name="task_ledger")])


def test_a_build_file_that_is_still_open_for_writing_is_named(home, build_file, share, gaps):
    candidate = releases.begin(home, FIRST)
    with duckdb.connect(str(build_file)), pytest.raises(ReleaseError, match="is it still open"):
        releases.copy_marts(candidate, build_file, [gaps])


def test_a_manifest_must_say_what_was_checked(publish, manifest):
    candidate = publish(seal=False)
    with pytest.raises(ReleaseError, match="lacks inputs, checks"):
        releases.seal(candidate, {"built_at": "2026-11-23", "code_version": "0.1.0"})
    with pytest.raises(ReleaseError, match="files are filled in by seal"):
        releases.seal(candidate, {**manifest, "files": {}})


def test_a_release_without_marts_is_none(home, manifest):
    with pytest.raises(ReleaseError, match="holds no mart"):
        releases.seal(releases.begin(home, FIRST), manifest)


def test_a_release_is_never_written_over(publish, home):
    publish(FIRST)
    with pytest.raises(ReleaseError, match="never changes"):
        releases.begin(home, FIRST)


# --- trust


def test_verify_names_every_difference(publish):
    release = publish()
    assert releases.verify(release) == []
    twin = release.parquet / "data_gaps.parquet"
    twin.chmod(0o644)
    twin.write_bytes(twin.read_bytes() + b"x")
    (release.parquet / "marine_gdp_share.parquet").unlink()
    (release.path / "note.txt").write_text("x")
    assert releases.verify(release) == [
        "note.txt is not in the manifest",
        "parquet/data_gaps.parquet has changed",
        "parquet/marine_gdp_share.parquet is missing",
    ]


# --- ids and age


def test_ids_sort_by_time_also_within_a_second(home):
    now = datetime(2026, 11, 23, 10, 15, 3, tzinfo=releases.NIGHT_ZONE)
    ids = []
    for _ in range(3):
        ids.append(releases.new_release_id(home, now))
        (home.releases / ids[-1]).mkdir()
    ids.append(releases.new_release_id(home, now + timedelta(seconds=1)))
    assert ids == [FIRST, f"{FIRST}-02", f"{FIRST}-03", "20261123T021504Z"]
    assert ids == sorted(ids)
    assert releases.published_at(ids[1]) == datetime(2026, 11, 23, 2, 15, 3, tzinfo=UTC)


def fake(home, *ids):
    for release_id in ids:
        folder = home.releases / release_id
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps({"id": release_id}))


def night_id(day):
    """A night at two in the morning, in Shandong, of that day."""
    return (
        datetime(day.year, day.month, day.day, 2, tzinfo=releases.NIGHT_ZONE)
        .astimezone(UTC)
        .strftime("%Y%m%dT%H%M%SZ")
    )


def test_fourteen_nights_and_the_last_of_every_month_are_kept(home):
    days = [date(2026, 8, 20) + timedelta(days=n) for n in range(96)]  # to 23 November
    fake(home, *map(night_id, days))
    releases.use(home, night_id(days[-1]))
    removed = releases.retain(home, now=datetime(2026, 11, 23, 3, tzinfo=UTC))

    kept = [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), *days[-14:]]
    assert [r.id for r in releases.list_releases(home)] == [night_id(day) for day in kept]
    assert removed == [night_id(day) for day in days if day not in kept]
    assert releases.retain(home, now=datetime(2026, 11, 23, 3, tzinfo=UTC)) == []


def test_the_current_release_is_kept_however_old(home):
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(30)]
    fake(home, *map(night_id, days))
    releases.use(home, night_id(days[3]))
    releases.retain(home, nights=2, now=datetime(2026, 11, 1, tzinfo=UTC))
    assert [r.id for r in releases.list_releases(home)] == [night_id(days[i]) for i in (3, 28, 29)]


def test_a_release_of_a_wrong_clock_is_kept_and_counts_for_nothing(home):
    fake(home, "20261120T180000Z", "20261121T180000Z", "20991231T180000Z")
    assert releases.retain(home, nights=1, now=datetime(2026, 11, 23, tzinfo=UTC)) == ["20261120T180000Z"]
    assert [r.id for r in releases.list_releases(home)] == ["20261121T180000Z", "20991231T180000Z"]


def test_a_release_that_was_superseded_within_a_day_is_kept(home):
    fake(home, "20261120T180000Z", "20261121T180000Z")
    superseded = datetime(2026, 11, 21, 18, tzinfo=UTC)
    just_within = superseded + releases.GRACE - timedelta(seconds=1)
    assert releases.retain(home, nights=1, now=just_within) == []
    assert releases.retain(home, nights=1, now=superseded + releases.GRACE) == ["20261120T180000Z"]


def test_a_release_that_was_gone_back_to_and_superseded_just_now_is_kept(home):
    ids = ["20261110T180000Z", "20261111T180000Z", "20261121T180000Z"]
    fake(home, *ids)
    releases.use(home, ids[0])  # the night's was bad: back to an older one, until
    releases.use(home, ids[2])
    now = datetime.now(UTC)
    assert releases.retain(home, nights=1, now=now) == [ids[1]]
    assert releases.retain(home, nights=1, now=now + releases.GRACE) == [ids[0]]


def test_a_release_that_a_process_holds_open_is_kept(home):
    fake(home, "20261110T180000Z", "20261111T180000Z", "20261121T180000Z")
    now = datetime(2026, 11, 30, tzinfo=UTC)
    with (home.releases / "20261110T180000Z" / "manifest.json").open():
        assert releases.retain(home, nights=1, now=now) == ["20261111T180000Z"]
    assert releases.retain(home, nights=1, now=now) == ["20261110T180000Z"]


def test_a_release_whose_manifest_is_damaged_stops_no_other_from_being_removed(home):
    fake(home, "20261110T180000Z", "20261111T180000Z", "20261121T180000Z")
    (home.releases / "20261111T180000Z" / "manifest.json").write_text("{")
    removed = releases.retain(home, nights=1, now=datetime(2026, 11, 30, tzinfo=UTC))
    assert removed == ["20261110T180000Z", "20261111T180000Z"]
    with pytest.raises(releases.ReleaseError, match="is no manifest"):
        (home.releases / "20261121T180000Z" / "manifest.json").write_text("{")
        releases.open_release(home.releases / "20261121T180000Z")


def test_rows_that_are_not_those_that_were_sealed_are_found(publish):
    release = publish()
    assert releases.verify_rows(release) == []
    twin = release.parquet / "data_gaps.parquet"
    frame = pl.read_parquet(twin)
    twin.chmod(0o644)
    pl.concat([frame, frame]).write_parquet(twin)
    (release.parquet / "marine_gdp_share.parquet").chmod(0o644)
    (release.parquet / "marine_gdp_share.parquet").write_bytes(b"PAR1")
    doubled, unreadable = sorted(releases.verify_rows(release))
    assert doubled.startswith("parquet/data_gaps.parquet holds other rows than were sealed:")
    assert unreadable.startswith("parquet/marine_gdp_share.parquet cannot be read:")
    release.database.chmod(0o644)
    release.database.write_bytes(b"no database")
    assert releases.verify_rows(release)[0].startswith("marts.duckdb cannot be read:")


def test_keeping_no_night_at_all_is_refused(home):
    with pytest.raises(ValueError, match="at least 1"):
        releases.retain(home, nights=0)
