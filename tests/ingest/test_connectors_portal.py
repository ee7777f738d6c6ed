"""The open-data portal, with a server that answers as it does: every trap of it is met once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stamina

from ingest.connectors import FetchError, Places, fetch
from ingest.connectors.http import Web
from ingest.connectors.portal import File, Found, Portal, personal_data
from ingest.landing import Document
from tests.ingest.portal import COLUMNS, FILE, LOGIN_PAGE, Catalogue, Reply, Server, portal, record, running

pytestmark = pytest.mark.slow

FEBRUARY, MARCH = 1_769_904_000_000, 1_772_323_200_000  # milliseconds, as the portal tells times


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture
def source(source_of, server: Server, monkeypatch):
    """A source of the portal's one catalogue, with these settings."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

    def source(**settings):
        connection = {"catalogue_id": Catalogue().id, "attempts": 2} | settings
        return source_of(connector="portal", location=f"{server.address}/weifang", connection=connection)

    return source


@pytest.fixture
def get(source, server: Server, tmp_path):
    """Fetch from a portal that has this catalogue and gives these bytes for its files."""

    def get(catalogue=None, download=None, answering=None, **settings) -> Document:
        server.asked.clear()
        server.answer = answering or portal(catalogue or Catalogue(), download)
        with stamina.set_testing(True, attempts=2):
            [document] = fetch(source(**settings), Places(tmp_path, tmp_path, tmp_path, lambda _: None))
        return document

    return get


@pytest.fixture
def client(source, server: Server) -> Portal:
    server.answer = portal(Catalogue(rows=[{"area": str(n)} for n in range(25)]))
    settings = source().connection
    return Portal("gdp", f"{server.address}/weifang", Web("gdp", settings, [server.address], str))


def was_downloaded(server) -> bool:
    return any(path.endswith("/download") for path in server.paths)


# ── what the portal can be asked ─────────────────────────────────────────────────────────────────────────────


def test_a_word_finds_catalogues_and_says_which_are_open(client, server):
    server.asked.clear()
    assert client.search("生产总值") == [
        Found("3" * 32, "潍坊市各县市区生产总值", True),
        Found("20" * 10, "海域使用权登记", False),
    ]
    assert server.asked[0].query == {"Q": "生产总值", "openType": "1"}


def test_the_page_of_a_catalogue_is_read_whatever_its_encoding(client):
    metadata = client.metadata("3" * 32)
    assert (metadata.title, metadata.open_type, metadata.is_open) == (
        "潍坊市各县市区生产总值",
        "无条件开放",
        True,
    )
    assert metadata.entries["来源部门"] == "市统计局"
    assert metadata.entries["数据更新时间"] == "2026-03-01"


def test_a_catalogue_that_is_not_there_is_a_failure(client):
    with pytest.raises(FetchError, match="gdp: HTTP 404 from http://127"):
        client.metadata("4" * 32)


def test_rows_are_previewed_page_by_page(client):
    page = client.preview("3" * 32, start=20, length=10)
    assert page.columns == {"area": "县市区", "value": "地区生产总值(亿元)"}
    assert (page.total, [row["area"] for row in page.rows]) == (25, ["20", "21", "22", "23", "24"])


def test_files_are_listed_over_all_pages(client, server):
    server.answer = portal(Catalogue(files=[record(f"f{n}", f"{n}.csv", n) for n in range(7)]))
    server.asked.clear()
    files = client.list_files("3" * 32, page_size=3)
    assert [file.id_in_rc for file in files] == [f"f{n}" for n in range(7)]
    assert [asked.query["pageNum"] for asked in server.asked] == ["1", "2", "3"]
    assert files[6] == File("f6", "6.csv", "csv", "", datetime(2026, 3, 1, tzinfo=UTC), 6)


def test_a_list_that_is_shorter_than_it_says_is_a_failure(client, server):
    listed = b'{"object": {"total": 9, "records": [{"idInRc": "f1", "fileName": "a.csv"}]}}'
    server.answer = lambda asked: Reply(body=listed)
    with pytest.raises(FetchError, match="gdp: 9 files are announced, 1 are listed"):
        client.list_files("3" * 32)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"code": 500, "object": null}', "the list of files holds none: null"),
        (b"[]", "the list of files is not what was asked for"),
        (b"oops", "the list of files is not JSON: oops"),
        (LOGIN_PAGE, "received a login page titled '统一身份认证'"),
        ("无权限".encode(), "received an error: '无权限'"),
    ],
)
def test_a_list_that_is_none_is_a_failure(client, server, body, expected):
    server.answer = lambda asked: Reply(body=body)
    with pytest.raises(FetchError, match=expected):
        client.list_files("3" * 32)


# ── a file and its traps ─────────────────────────────────────────────────────────────────────────────────────


def test_the_file_of_a_catalogue_is_fetched_under_the_name_that_people_read(get, server):
    document = get(Catalogue(files=[record(name="GDP&amp;人口<2024>.csv")]))
    assert (document.name, document.content, document.notes) == ("GDP&人口2024.csv", FILE, ())
    assert document.location.startswith(f"{server.address}/weifang/catalog/download?cataId=3333")
    assert server.asked[-1].query == {
        "cataId": "3" * 32,
        "cataName": "潍坊市各县市区生产总值",
        "idInRc": "f1",
    }


def test_names_that_were_escaped_for_html_match_as_people_read_them(get):
    files = [record("f1", "规上&amp;规下.csv"), record("f2", "其他.csv")]
    assert get(Catalogue(files=files), file_name="规上&规下").name == "规上&规下.csv"


def test_a_file_whose_name_lacks_its_suffix_is_given_it(get):
    assert get(Catalogue(files=[record(name="生产总值", fileFormat="CSV")])).name == "生产总值.csv"


def test_the_portals_update_time_says_nothing_of_the_data(get):
    """Two portals that differ in it alone give one and the same document."""
    first = get(Catalogue(files=[record(updated=FEBRUARY)]))
    assert get(Catalogue(files=[record(updated=MARCH)], entries={"数据更新时间": "2027-01-01"})) == first


def test_a_redirect_to_the_login_is_a_failure(get):
    with pytest.raises(FetchError, match="county_figures: redirected to a login, http://127"):
        get(download=lambda _: Reply(302, {"Location": "/portal/login?service=download"}))


def test_a_login_page_in_place_of_the_file_is_a_failure(get):
    with pytest.raises(FetchError, match="received a login page titled '统一身份认证'"):
        get(download=lambda _: Reply(body=LOGIN_PAGE))


def test_no_permission_said_with_status_200_is_a_failure(get):
    with pytest.raises(FetchError, match="expected a csv file, received an error: '无权限下载'"):
        get(download=lambda _: Reply(body="无权限下载".encode()))


def test_an_error_in_json_with_status_200_is_a_failure(get):
    body = b'{"code": 403, "msg": "\\u65e0\\u6743\\u9650\\u4e0b\\u8f7d"}'
    with pytest.raises(FetchError, match="expected a csv file, received JSON: '无权限下载'"):
        get(download=lambda _: Reply(body=body))


def test_a_catalogue_with_conditions_is_not_fetched(get, server):
    for open_type in ("有条件开放", "2", ""):
        with pytest.raises(FetchError, match=r"is not open to all \(无条件开放\): it says"):
            get(Catalogue(open_type=open_type))
        assert server.paths == [f"/weifang/catalog/{'3' * 32}"]
    assert get(Catalogue(open_type="1")).content == FILE


@pytest.mark.parametrize(
    ("catalogue", "found"),
    [
        (Catalogue(columns=COLUMNS | {"name": "姓名", "tel": "手机号"}), "手机号"),
        (Catalogue(columns=COLUMNS | {"fr": "法定代表人", "tel": "联系电话"}), "法定代表人、联系电话"),
        (Catalogue(columns=COLUMNS | {"id": "身份证号码"}), "身份证号码"),
        (Catalogue(entries={"数据项": "姓名、身份证号、成绩"}), "身份证"),
        (Catalogue(entries={"摘要": "含联系人及联系电话"}), "联系人、电话"),
        (Catalogue(title="渔民手机号码"), "手机"),
        (Catalogue(files=[record(name="持证人身份证.csv")]), "身份证"),
        (Catalogue(files=[record(fileDescription="含家庭住址")]), "家庭住址"),
    ],
)
def test_a_catalogue_of_persons_is_refused_before_anything_is_downloaded(get, server, catalogue, found):
    with pytest.raises(FetchError, match=rf"holds personal data \({found}\) and is not fetched"):
        get(catalogue)
    assert not was_downloaded(server)


def test_an_offices_telephone_is_not_personal():
    assert personal_data(["单位名称", "办公电话"], ["市统计局"]) is None
    assert personal_data(["负责人", "得分"], []) is None
    assert personal_data([], ["咨询电话 0536-8091234"]) is None


def test_a_catalogue_whose_columns_cannot_be_seen_is_not_fetched(get, server):
    whole = portal(Catalogue())

    def without_preview(asked):
        return Reply(body=b'{"msg": "no"}') if asked.method == "POST" else whole(asked)

    with pytest.raises(FetchError, match="the preview has no columns"):
        get(answering=without_preview)
    assert not was_downloaded(server)


# ── versions of one file ─────────────────────────────────────────────────────────────────────────────────────


FULL = record("full", "gdp_full.csv", rows=120, updated=FEBRUARY)
NEW = record("new", "gdp_new.csv", rows=15, updated=MARCH)


@pytest.mark.parametrize("files", [[FULL, NEW], [NEW, FULL]])
@pytest.mark.parametrize(
    ("version", "name", "other"), [("newest", "gdp_new", "gdp_full"), ("most_rows", "gdp_full", "gdp_new")]
)
def test_among_versions_the_declared_rule_chooses_and_the_disagreement_is_noted(
    get, files, version, name, other
):
    document = get(Catalogue(files=files), version=version)
    assert document.name == f"{name}.csv"
    [note] = document.notes
    assert note.startswith("the newest file is not the one with the most rows; by the rule")
    assert f"{version!r} took {name}.csv" in note and f"not {other}.csv" in note


def test_where_both_rules_agree_nothing_is_noted(get):
    files = [FULL, record("best", "best.csv", rows=121, updated=MARCH)]
    document = get(Catalogue(files=files), version="newest")
    assert (document.name, document.notes) == ("best.csv", ())


def test_equal_files_are_told_apart_by_the_other_rule(get):
    files = [NEW, record("more", "more.csv", rows=16, updated=MARCH)]
    assert get(Catalogue(files=files), version="newest").name == "more.csv"


def test_without_a_rule_versions_are_a_failure_that_lists_them(get, server):
    with pytest.raises(FetchError) as refusal:
        get(Catalogue(files=[FULL, NEW]))
    assert str(refusal.value) == (
        "county_figures: 2 files fit and no rule says which:"
        " gdp_full.csv (csv, updated 2026-02-01T00:00+00:00, 120 rows);"
        " gdp_new.csv (csv, updated 2026-03-01T00:00+00:00, 15 rows)"
    )
    assert not was_downloaded(server)


@pytest.mark.parametrize(
    "files",
    [
        [NEW, NEW | {"idInRc": "twin"}],
        [NEW, record("undated", "undated.csv", rows=99, updated=None)],
    ],
)
def test_a_rule_that_does_not_tell_is_a_failure_rather_than_a_guess(get, files):
    with pytest.raises(FetchError, match="the rule 'newest' does not tell which file"):
        get(Catalogue(files=files), version="newest")


def test_format_and_name_narrow_the_choice(get):
    files = [FULL, NEW, record("xlsx", "gdp_new.xlsx")]
    assert get(Catalogue(files=files), format="csv", file_name="^gdp_f").name == "gdp_full.csv"
    with pytest.raises(
        FetchError, match="no file of the catalogue fits name 'gdp_2025', format any; it has: "
    ):
        get(Catalogue(files=files), file_name="gdp_2025")
    with pytest.raises(FetchError, match="it has: no files"):
        get(Catalogue(files=[]))


def test_files_may_be_listed_and_downloaded_elsewhere(get, server):
    other = f"http://localhost:{server.port}/weifang"
    document = get(files_address=other)
    assert document.content == FILE and document.location.startswith(f"{other}/catalog/download?")
