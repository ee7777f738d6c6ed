"""The mirror of a release in a PostgreSQL that is really started: what arrives, who may read it, readers during the swap."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

import duckdb
import psycopg
import pytest
from typer.testing import CliRunner

from orchestration import cli
from tests.clients.conftest import PASSWORD, free_port
from tests.warehouse.conftest import make_release
from warehouse import postgres as mirrors
from warehouse.home import Home
from warehouse.postgres import MirrorError, mirror
from warehouse.release import ColumnSpec, MartSpec, open_release

pytestmark = pytest.mark.clients

SCHEMA = "blue_ledger"
PARTS = 6
SWAPS = 12


@pytest.fixture
def server(postgres):
    """The server without a mirror and without the roles that a test made."""
    yield postgres
    with psycopg.connect(postgres.address, autocommit=True) as connection:
        connection.execute("drop schema if exists blue_ledger cascade")
        connection.execute("drop schema if exists elsewhere cascade")
        for role in ("bi", "publisher", "blue_ledger_reader"):
            if connection.execute("select from pg_roles where rolname = %s", [role]).fetchall():
                connection.execute(f"drop owned by {role}")
                connection.execute(f"drop role {role}")


@pytest.fixture
def ask(server):
    with psycopg.connect(server.address, autocommit=True) as connection:
        yield lambda question, *values: connection.execute(question, values or None).fetchall()


@pytest.fixture
def login(server):
    """The address of a login that is given roles and rights."""

    def login(name: str, *rights: str) -> str:
        server.execute(f"create role {name} login password '{PASSWORD}'", *rights)
        return server.address.replace("//ledger:", f"//{name}:")

    return login


@pytest.fixture
def stamped(tmp_path):
    """Small releases, each of which says its own number in every table."""
    home = Home(tmp_path / "stamped").ensure()
    specs = tuple(
        MartSpec(
            f"part_{n}",
            ("n",),
            "部分",
            "A part",
            (ColumnSpec("n"), ColumnSpec("stamp"), ColumnSpec("data_origin")),
        )
        for n in range(PARTS)
    )

    def release(stamp: int):
        home.build_file.unlink(missing_ok=True)
        with duckdb.connect(str(home.build_file)) as connection:
            connection.execute("create schema marts")
            for spec in specs:
                connection.execute(
                    f"create table marts.{spec.name} as"
                    f" select n::integer as n, {stamp} as stamp, 'published' as data_origin from range(500) as t(n)"
                )
        return make_release(home, f"20261123T0215{stamp:02}Z", meta_of(stamp), specs=specs)

    return release


def meta_of(stamp: int = 0):
    import polars as pl

    return {
        "release": pl.DataFrame(
            {"release_id": [str(stamp)], "plan_status": ["draft"], "includes_demo": [True], "stamp": [stamp]}
        ),
        "sources": pl.DataFrame({"source_id": ["wf_bulletin"]}),
    }


# ── what arrives ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def real_release(real_home):
    return open_release(real_home.current)


def test_every_mart_arrives_row_by_row_with_its_comments_types_and_key(server, ask, real_release, real_home):
    done = mirror(real_release, server.address)
    assert done.is_new
    assert done.notes == ()
    marts = real_release.manifest["marts"]
    assert done.tables == len(marts) + 3
    assert len(marts) > 40

    def columns(of: str) -> str:
        names = [name for name, *_ in real_home.rows(f"describe {of}")]
        return ", ".join(f'"{name}"' for name in names)

    for here, there in [(f"main.{name}", name) for name in marts] + [
        (f"meta.{name}", f"meta_{name}") for name in ("release", "columns", "sources")
    ]:
        question = f"select {columns(here)} from {{}}"
        expected = real_home.rows(question.format(here))
        found = ask(question.format(f"{SCHEMA}.{there}"))
        assert sorted(found, key=repr) == sorted(expected, key=repr), there

    comments = "select table_name, comment from duckdb_tables() where schema_name = 'main' order by 1"
    in_mirror = (
        "select relname, obj_description(oid, 'pg_class') from pg_class"
        " where relnamespace = 'blue_ledger'::regnamespace and relkind = 'r' and relname not like 'meta%' order by 1"
    )
    assert ask(in_mirror) == real_home.rows(comments)
    of_columns = (
        "select c.table_name, c.column_name, c.comment from duckdb_columns() as c"
        " where schema_name = 'main' and not internal order by 1, c.column_index"
    )
    in_mirror = (
        "select table_name, column_name, col_description((table_schema || '.' || table_name)::regclass, ordinal_position)"
        " from information_schema.columns where table_schema = 'blue_ledger' and table_name not like 'meta%'"
        ' order by table_name collate "C", ordinal_position'
    )
    assert ask(in_mirror) == real_home.rows(of_columns)
    assert (
        "海洋生产总值" in dict(ask("select relname, obj_description(oid) from pg_class"))["marine_gdp_share"]
    )

    keys = "select table_name, list(column_name order by position) from meta.columns where is_key group by 1 order by 1"
    in_mirror = (
        "select c.relname, array_agg(a.attname::text order by a.attnum) from pg_index as i"
        " join pg_class as c on c.oid = i.indrelid join pg_attribute as a on a.attrelid = c.oid and a.attnum = any(i.indkey)"
        " where i.indisprimary and c.relnamespace = 'blue_ledger'::regnamespace group by 1 order by 1"
    )
    assert ask(in_mirror) == real_home.rows(keys)
    kinds = dict(
        ask(
            "select column_name, data_type from information_schema.columns where table_schema = 'blue_ledger'"
            " and table_name = 'plan_progress'"
        )
    )
    assert {
        name: kinds[name] for name in ("target_id", "value", "target_year", "value_published_on", "is_proxy")
    } == {
        "target_id": "text",
        "value": "double precision",
        "target_year": "integer",
        "value_published_on": "date",
        "is_proxy": "boolean",
    }
    [(comment,)] = ask("select obj_description('blue_ledger'::regnamespace, 'pg_namespace')")
    assert comment.startswith(
        f"蓝账发布 {real_release.id} 的镜像,只读,下次镜像时整体替换。方案为征求意见稿 | Blue Ledger mirror"
    )
    assert "演示" not in comment
    analysed = ask(
        "select count(*) from pg_class where relnamespace = 'blue_ledger'::regnamespace and reltuples < 0"
    )
    assert analysed == [(0,)]


KINDS = """
    select 1 as n, 12.30::decimal(12, 2) as amount, timestamp '2026-11-23 02:15:03.123456' as at,
        timestamptz '2026-11-23 02:15:03+08' as at_zone, ['海洋', null, '"']::varchar[] as list,
        {'a': 1, 'b': '二'} as pair, true as flag, '\\xAA\\x00'::blob as bytes, 'inf'::double as large,
        18446744073709551615::ubigint as wide, uuid '00000000-0000-0000-0000-00000000002a' as id, 0.1 + 0.2::double as sum
    union all
    select 2, null, null, null, [], null, false, ''::blob, 1e-320::double, 0, null, -0.1::double
"""  # fmt: skip
TEXTS = ["", r"\N", r"\.", 'a"b,c', "行\n行\r\n", "\ttab", "'", "NULL", "𠮷", None]


def test_every_type_and_every_text_arrives_as_it_is(server, ask, home_with):
    release = home_with(kinds=(KINDS, ["n"]), texts=("select unnest(?) as text", []))
    mirror(release, server.address)
    first, second = ask("select * from blue_ledger.kinds order by n")
    moment = datetime(2026, 11, 22, 18, 15, 3, tzinfo=UTC)
    assert first[:8] == (
        1,
        Decimal("12.30"),
        datetime(2026, 11, 23, 2, 15, 3, 123456),
        moment,
        ["海洋", None, '"'],
        {"a": 1, "b": "二"},
        True,
        b"\xaa\x00",
    )
    assert first[8:10] == (float("inf"), 18446744073709551615)
    assert first[10].int == 42
    assert first[11] == 0.1 + 0.2
    assert second == (2, None, None, None, [], None, False, b"", 1e-320, 0, None, -0.1)
    assert sorted(ask("select text from blue_ledger.texts"), key=repr) == sorted(
        [(t,) for t in TEXTS], key=repr
    )


def test_a_key_that_does_not_hold_becomes_an_index_and_is_told(server, ask, home_with):
    release = home_with(
        twice=("select n // 2 as n, n as other from range(6) as t(n)", ["n"]),
        nulls=("select nullif(n, 3) as n from range(6) as t(n)", ["n"]),
    )
    done = mirror(release, server.address)
    assert done.notes == (
        "nulls: its key (n) holds nulls; it has an index instead of a primary key",
        "twice: its key (n) is not unique; it has an index instead of a primary key",
    )
    assert ask("select count(*) from blue_ledger.twice") == [(6,)]
    assert [
        name
        for (name,) in ask("select indexname from pg_indexes where schemaname = 'blue_ledger' order by 1")
    ] == [
        "nulls_n_idx",
        "twice_n_idx",
    ]


def test_a_large_table_is_indexed_by_what_people_look_up(server, ask, home_with):
    sql = "select n as row_id, 'S' || n as uscc, 'weifang' as area_id, n as staff from range(6000) as t(n)"
    mirror(home_with(firms=(sql, ["row_id"])), server.address)
    found = ask("select indexname from pg_indexes where schemaname = 'blue_ledger' order by 1")
    assert found == [("firms_area_id_idx",), ("firms_pkey",), ("firms_uscc_idx",)]


@pytest.fixture
def home_with(tmp_path):
    """A release of tables given by their SQL and key; one that takes a parameter is given TEXTS."""

    def release(**tables):
        home = Home(tmp_path / "home").ensure()
        specs = []
        with duckdb.connect(str(home.build_file)) as connection:
            connection.execute("set timezone = 'UTC'; create schema marts")
            for name, (sql, key) in sorted(tables.items()):
                connection.execute(f"create table marts.{name} as {sql}", [TEXTS] if "?" in sql else None)
                columns = [ColumnSpec(n) for n, *_ in connection.execute(f"describe marts.{name}").fetchall()]
                specs.append(MartSpec(name, tuple(key), "", "", tuple(columns)))
        return make_release(home, meta=meta_of(), specs=tuple(specs))

    return release


# ── whole or not at all ──────────────────────────────────────────────────────────────────────────────────────


def test_the_same_release_again_does_nothing_unless_forced(server, ask, stamped):
    release = stamped(1)
    assert mirror(release, server.address).is_new
    table = "select 'blue_ledger.part_0'::regclass::oid"
    before = ask(table)
    again = mirror(release, server.address)
    assert (again.is_new, again.tables) == (False, 0)
    assert ask(table) == before
    assert mirror(release, server.address, force=True).is_new
    assert ask(table) != before
    assert mirror(stamped(2), server.address).is_new
    assert ask("select distinct stamp from blue_ledger.part_5") == [(2,)]


def test_a_mirror_that_fails_leaves_the_old_one(server, ask, stamped, home_with):
    mirror(stamped(1), server.address)
    wrong = stamped(2)
    manifest = wrong.manifest | {"marts": wrong.manifest["marts"] | {"part_3": {"rows": 501, "row_hash": ""}}}
    with pytest.raises(MirrorError, match="part_3: 500 rows arrived, the manifest has 501"):
        mirror(replace(wrong, manifest=manifest), server.address)
    # a text that PostgreSQL has no way to hold, in the middle of more rows than the pipe holds
    spoiled = "select case n when 70000 then 'a' || chr(0) else repeat('海', 20) end as t from range(100000) as r(n)"
    with pytest.raises(
        MirrorError, match=r"invalid byte sequence.*0x00.*the old mirror, if there is one, stays"
    ):
        mirror(home_with(spoiled=(spoiled, [])), server.address)
    damaged = stamped(3)
    damaged.database.chmod(0o644)
    with damaged.database.open("ab") as file:
        file.write(b"x")
    with pytest.raises(MirrorError, match="release 20261123T021503Z is damaged.*marts.duckdb has changed"):
        mirror(damaged, server.address)
    assert ask("select distinct stamp from blue_ledger.part_3") == [(1,)]
    assert ask("select nspname from pg_namespace where nspname like 'blue%'") == [("blue_ledger",)]


def test_a_schema_of_somebody_else_is_left_alone(server, ask, stamped):
    server.execute("create schema blue_ledger", "create table blue_ledger.mine as select 1 as n")
    with pytest.raises(MirrorError, match="schema blue_ledger was not made by blue-ledger and is left alone"):
        mirror(stamped(1), server.address, force=True)
    assert ask("select n from blue_ledger.mine") == [(1,)]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            "create view elsewhere.v as select * from blue_ledger.part_0",
            "view elsewhere.v depends on table blue_ledger.part_0",
        ),
        ("create table blue_ledger.mine (n int)", "table blue_ledger.mine depends on schema blue_ledger"),
    ],
)
def test_what_others_made_of_the_mirror_is_never_dropped_with_it(server, ask, stamped, made, told):
    mirror(stamped(1), server.address)
    server.execute("create schema elsewhere", made)
    with pytest.raises(MirrorError, match=told):
        mirror(stamped(2), server.address)
    assert ask("select distinct stamp from blue_ledger.part_0") == [(1,)]


def test_two_mirrors_at_once_are_one_too_many(server, stamped):
    with psycopg.connect(server.address) as other:
        other.execute("select pg_advisory_xact_lock(hashtext('blue-ledger mirror blue_ledger'))")
        with pytest.raises(
            MirrorError, match="another process is putting a release into blue_ledger just now"
        ):
            mirror(stamped(1), server.address)


# ── who may read it ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_reader_reads_the_mirror_and_can_do_nothing_else(server, stamped, login):
    done = mirror(stamped(1), server.address)
    server.execute("create schema elsewhere", "create table elsewhere.secret as select 1 as n")
    address = login("bi", f"grant {done.reader_role} to bi")
    mirror(stamped(2), server.address)  # the right outlives the swap
    with psycopg.connect(address, autocommit=True) as reader:
        assert reader.execute("select distinct stamp from blue_ledger.part_0").fetchall() == [(2,)]
        assert reader.execute("select stamp from blue_ledger.meta_release").fetchall() == [(2,)]
        for refused in (
            "insert into blue_ledger.part_0 values (1, 1, '')",
            "update blue_ledger.part_0 set stamp = 3",
            "delete from blue_ledger.part_0",
            "truncate blue_ledger.part_0",
            "drop table blue_ledger.part_0",
            "create table blue_ledger.mine (n int)",
            "alter schema blue_ledger rename to other",
            "create schema mine",
            "create table public.mine (n int)",
            "select * from elsewhere.secret",
            "create role other",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
                reader.execute(refused)
    with psycopg.connect(server.address) as owner:
        row = owner.execute(
            "select rolcanlogin, rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = 'blue_ledger_reader'"
        ).fetchone()
    assert row == (False, False, False, False)


def test_a_publisher_needs_no_more_than_to_make_schemas(server, ask, stamped, login):
    address = login("publisher", "grant create on database postgres to publisher")
    first = stamped(1)
    with pytest.raises(MirrorError, match="CREATE ROLE blue_ledger_reader NOLOGIN"):
        mirror(first, address)
    server.execute("create role blue_ledger_reader nologin")
    assert mirror(first, address).is_new
    assert mirror(stamped(2), address).is_new
    assert ask("select distinct stamp from blue_ledger.part_0") == [(2,)]
    server.execute("alter role blue_ledger_reader createdb")
    with pytest.raises(MirrorError, match="role blue_ledger_reader may do more than read"):
        mirror(stamped(3), address)


# ── readers during the swap ──────────────────────────────────────────────────────────────────────────────────


def test_readers_see_one_release_or_the_other_through_every_swap(server, stamped):
    """Joins over all tables in one statement, prepared or not, and transactions that read table after table."""
    releases = [stamped(stamp) for stamp in range(SWAPS + 1)]
    mirror(releases[0], server.address)
    joined = "select " + ", ".join(
        f"count(distinct p{n}.stamp), min(p{n}.stamp), count(p{n}.n)" for n in range(PARTS)
    )
    # last table first: against the order in which the swap begins
    joined += f" from blue_ledger.part_{PARTS - 1} as p{PARTS - 1} "
    joined += " ".join(f"join blue_ledger.part_{n} as p{n} using (n)" for n in reversed(range(PARTS - 1)))
    over, began = threading.Event(), threading.Barrier(6 + 1)
    wrong: list[object] = []
    seen: list[set[int]] = []

    def look(connection: psycopg.Connection, prepare: bool) -> int:
        row = connection.execute(joined, prepare=prepare).fetchone()
        if set(row[0::3]) != {1} or len(set(row[1::3])) != 1 or set(row[2::3]) != {500}:
            wrong.append(row)
        return row[1]

    def walk(connection: psycopg.Connection) -> int:
        with connection.transaction():
            found = {
                connection.execute(
                    f"select min(stamp), max(stamp), count(*) from blue_ledger.part_{n}"
                ).fetchone()
                for n in reversed(range(PARTS))
            }
        if len(found) != 1 or {row[2] for row in found} != {500}:
            wrong.append(found)
        return min(found)[0]

    def read(way: int) -> None:
        stamps: set[int] = set()
        seen.append(stamps)
        with psycopg.connect(server.address, autocommit=True) as connection:
            if way >= 4:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            began.wait()
            try:
                while not over.is_set():
                    stamps.add(look(connection, way == 1) if way < 2 else walk(connection))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=read, args=(way,)) for way in range(6)]
    for thread in threads:
        thread.start()
    began.wait()
    try:
        for release in releases[1:]:
            mirror(release, server.address, wait_seconds=120)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert [len(stamps) > 1 for stamps in seen] == [True] * 6, seen


def test_a_transaction_older_than_the_swap_sees_the_new_release_whole_and_not_empty_tables(server, stamped):
    mirror(stamped(1), server.address)
    with psycopg.connect(server.address) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select 1")  # its snapshot is of now
        mirror(stamped(2), server.address)
        assert reader.execute("select stamp, count(*) from blue_ledger.part_0 group by 1").fetchall() == [
            (2, 500)
        ]


def test_a_reader_that_does_not_end_holds_the_swap_up_and_is_named(server, ask, stamped):
    mirror(stamped(1), server.address)
    with psycopg.connect(server.address, application_name="FineBI") as reader:
        reader.execute("select count(*) from blue_ledger.part_0")
        with pytest.raises(
            MirrorError,
            match=r"readers held blue_ledger for 0 s, the old mirror stays: .*ledger \(FineBI, idle",
        ):
            mirror(stamped(2), server.address, wait_seconds=0)
        assert reader.execute("select distinct stamp from blue_ledger.part_1").fetchall() == [(1,)]
        assert ask("select distinct stamp from blue_ledger.part_1") == [(1,)]  # and nobody waits behind it
    assert mirror(stamped(3), server.address, wait_seconds=0).swap_tries == 1


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def publish(real_home, monkeypatch):
    def publish(*arguments: str, address: str | None = None):
        monkeypatch.delenv("LEDGER_MIRROR", raising=False)
        if address is not None:
            monkeypatch.setenv("LEDGER_MIRROR", address)
        command = ["publish", "postgres", "--home", str(real_home.root), *arguments]
        return CliRunner().invoke(cli.app, command)

    return publish


def test_the_command_says_what_stands_in_the_database(server, ask, publish, real_release):
    done = publish("--dsn-env", "LEDGER_MIRROR", address=server.address)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == f"blue_ledger shows release {real_release.id}"
    again = publish("--dsn-env", "LEDGER_MIRROR", address=server.address)
    assert again.stdout.startswith(f"nothing to do: blue_ledger shows release {real_release.id} already")
    assert ask("select release_id from blue_ledger.meta_release") == [(real_release.id,)]


def test_faults_of_the_address_are_told_without_the_address(postgres, publish):
    wrong = f"postgresql://ledger:geheim77@127.0.0.1:{postgres.address.rpartition(':')[2]}"
    closed = f"postgresql://ledger:geheim77@127.0.0.1:{free_port()}/postgres"
    for arguments, address, code, told in [
        (["LEDGER_MIRROR"], None, 2, "the variable LEDGER_MIRROR is not set"),
        (["LEDGER_MIRROR"], "", 2, "the variable LEDGER_MIRROR is not set"),
        (
            ["LEDGER_MIRROR"],
            "postgresql://ledger:geheim77@[half/db",
            2,
            "LEDGER_MIRROR holds no address of PostgreSQL",
        ),
        (["LEDGER_MIRROR"], "geheim77 and nothing else", 2, "LEDGER_MIRROR holds no address of PostgreSQL"),
        ([wrong], None, 2, "takes the name of a variable"),
        (["LEDGER_MIRROR", "--schema", "public"], wrong, 2, "'public' cannot be a mirror's"),
        (["LEDGER_MIRROR"], wrong, 1, "password authentication failed"),
        (["LEDGER_MIRROR"], closed, 1, "onnection refused"),
    ]:
        done = publish("--dsn-env", *arguments, address=address)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        assert told in done.stderr
        assert "geheim77" not in done.output
        assert quote(PASSWORD, safe="") not in done.output
        assert len(done.stderr.splitlines()) == 1


def test_nested_types_without_a_counterpart_are_named():
    with pytest.raises(
        MirrorError, match="plan_progress.pace is INTERVAL, which has no type of its own in PostgreSQL"
    ):
        mirrors._column("plan_progress.pace", "pace", "INTERVAL", None)
