"""HTTP(S): a document is fetched once, politely, and nothing that stands in its place is ever taken for it."""

from __future__ import annotations

import email.utils
import socket
import time
from datetime import UTC, datetime

import pytest
import stamina

from ingest.connectors import FetchError, Places, fetch, sniff
from ingest.connectors import http as connector
from ingest.landing import Document, Landing
from tests.ingest.portal import LOGIN_PAGE, Reply, Server, running

pytestmark = pytest.mark.slow

CSV = "地区,数值\n奎文区,361.7\n".encode()
LATER = "地区,数值\n奎文区,380.2\n".encode()


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing")


@pytest.fixture
def source_at(source_of, server: Server, monkeypatch):
    """A source at a path of the server; words such as max_bytes are its settings."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

    def source_at(path="/gdp.csv", layout="figures_csv", address=None, **settings):
        location = (address or server.address) + path
        return source_of(connector="http", location=location, layout=layout, connection=settings)

    return source_at


@pytest.fixture
def get(source_at, server: Server, landing, tmp_path):
    """Fetch a document of the server, who gives these replies."""
    places = Places(tmp_path, tmp_path, tmp_path, lambda _: None, landing.standing)

    def get(*replies: Reply, tries=True, **changes) -> Document:
        server.gives(*replies)
        source = source_at(**changes)
        with stamina.set_testing(tries, attempts=source.connection.attempts):  # tries again without waiting
            [document] = fetch(source, places)
        return document

    return get


def ok(body: bytes = CSV, **headers: str | bytes) -> Reply:
    return Reply(body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def moved(place: str) -> Reply:
    return Reply(302, {"Location": place})


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_is_fetched_once_and_named_by_its_address(get, server):
    document = get(ok(), path="/2024/gdp.csv?format=1")
    assert document == Document("gdp.csv", CSV, f"{server.address}/2024/gdp.csv?format=1")
    assert [(asked.path, asked.query) for asked in server.asked] == [("/2024/gdp.csv", {"format": "1"})]
    assert get(ok(), path="/").name == "county_figures"
    assert get(ok(), path="/%E6%BD%8D%E5%9D%8A.csv").name == "潍坊.csv"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_busy_server_is_asked_again(get, server, status):
    assert get(Reply(status, body=b"busy"), ok()).content == CSV
    assert len(server.asked) == 2


def test_a_server_that_stays_broken_is_asked_as_often_as_the_catalogue_says(get, server):
    with pytest.raises(FetchError, match=r"county_figures: http://127.* did not answer: HTTP 500"):
        get(Reply(500))
    assert len(server.asked) == 3
    with pytest.raises(FetchError, match="did not answer: HTTP 500"):
        get(Reply(500), attempts=2)
    assert len(server.asked) == 2


def test_the_rest_that_a_server_asks_for_is_kept(get, server, monkeypatch):
    rests = []
    monkeypatch.setattr(time, "sleep", rests.append)
    assert get(Reply(503, {"Retry-After": "7"}), ok(), tries=False).content == CSV
    assert rests == [7.0] and len(server.asked) == 2


def test_a_server_that_asks_for_a_longer_rest_is_left_to_the_next_night(get, server):
    with pytest.raises(FetchError, match="did not answer: HTTP 429, to be asked again in 3600 s"):
        get(Reply(429, {"Retry-After": "3600"}))
    assert len(server.asked) == 1


def test_a_rest_may_be_told_as_a_date():
    assert connector._rest(email.utils.formatdate(time.time() + 60)) == pytest.approx(60, abs=2)
    assert connector._rest(email.utils.formatdate(time.time() - 60)) == 0.0
    assert connector._rest("soon") is None and connector._rest(None) is None


def test_between_tries_the_wait_grows_and_has_jitter(get, monkeypatch):
    rests = []
    monkeypatch.setattr(time, "sleep", rests.append)
    with pytest.raises(FetchError, match="did not answer: HTTP 500"):
        get(Reply(500), tries=False, attempts=6)
    assert [low <= rest <= low + 1 for low, rest in zip((0.5, 1, 2, 4, 8), rests, strict=True)] == [True] * 5
    assert any(rest != round(rest, 1) for rest in rests)


def test_an_answer_that_breaks_off_is_asked_for_again_and_never_taken(get, server):
    short = Reply(body=CSV[:9], told_length=999)
    assert get(short, ok()).content == CSV and len(server.asked) == 2
    with pytest.raises(FetchError, match="did not answer"):
        get(short)


@pytest.mark.parametrize("status", [404, 403, 206, 304])
def test_any_other_answer_than_200_is_a_failure_and_not_asked_again(get, server, status):
    with pytest.raises(FetchError, match=rf"county_figures: HTTP {status} from http://127"):
        get(Reply(status))
    assert len(server.asked) == 1


def test_an_answer_that_stalls_is_given_up(get, server):
    with pytest.raises(FetchError, match="did not answer: timed out"):
        get(Reply(body=CSV, told_length=len(CSV) + 1, stalls=True), read_timeout_s=0.05, attempts=1)
    assert len(server.asked) == 1


def test_an_answer_that_comes_too_slowly_in_all_is_given_up(get):
    with pytest.raises(FetchError, match="was not complete within 1e-06 seconds"):
        get(ok(), deadline_s=0.000_001)


def test_an_answer_above_the_limit_is_refused(get):
    assert get(ok(), max_bytes=len(CSV)).content == CSV
    with pytest.raises(FetchError, match=f"county_figures: the answer is larger than {len(CSV)} bytes"):
        get(ok(CSV + b"x"), max_bytes=len(CSV))


def test_an_answer_that_tells_no_length_is_refused_as_soon_as_it_is_too_large(get):
    with pytest.raises(FetchError, match="the answer is larger than 9 bytes"):
        get(Reply(body=CSV, told_length=-1), max_bytes=9)


def test_a_server_that_does_not_listen_is_a_failed_look(get):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, and nobody listens
        with pytest.raises(FetchError, match="did not answer: "):
            get(ok(), address=f"http://127.0.0.1:{closed.getsockname()[1]}", attempts=1)


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_redirect_on_the_same_host_is_followed(get, server):
    document = get(moved("/files/gdp_2024.csv"), ok())
    assert (document.name, document.content) == ("gdp_2024.csv", CSV)
    assert document.location.endswith("/gdp.csv")
    assert server.paths == ["/gdp.csv", "/files/gdp_2024.csv"]


def test_a_redirect_to_another_host_is_refused_and_not_followed(get, server):
    with pytest.raises(FetchError, match="county_figures: redirected to another host, localhost"):
        get(moved(f"http://localhost:{server.port}/gdp.csv"), ok())
    assert len(server.asked) == 1


def test_a_redirect_to_a_host_that_the_catalogue_allows_is_followed(get, server):
    place = f"http://localhost:{server.port}/gdp.csv"
    assert get(moved(place), ok(), allowed_hosts=["localhost"]).content == CSV


def test_a_redirect_from_https_to_http_is_refused(source_at):
    import httpx

    web = connector.Web("gdp", source_at().connection, ["https://example.org/"], str)
    following = httpx.Request("GET", "http://example.org/gdp.csv?sign=xyz")
    with pytest.raises(FetchError, match=r"gdp: redirected from https to http, http://example.org/gdp.csv$"):
        web._followed(httpx.URL("https://example.org/gdp.csv"), following)


@pytest.mark.parametrize("place", ["/login?next=/gdp.csv", "http://sso.sd.gov.cn/x", "/user/toLogin.do"])
def test_a_redirect_to_a_login_is_named_as_one(get, server, place):
    with pytest.raises(FetchError, match="county_figures: redirected to a login, http://"):
        get(moved(place), ok())
    assert len(server.asked) == 1


def test_places_that_only_look_like_a_login_are_none():
    assert not sniff.is_login_place("www.cas.cn", "/design-innovation/assessor.csv")
    assert sniff.is_login_place("example.org", "/userLogin")


def test_redirects_without_end_are_refused(get, server):
    with pytest.raises(FetchError, match="more than 5 redirects"):
        get(moved("/gdp.csv"))
    assert len(server.asked) == 5


def test_a_header_from_the_environment_goes_to_the_sources_own_server_only(get, server, monkeypatch):
    monkeypatch.setenv("WF_TOKEN", "hunter2")
    settings = {"headers_env": {"X-Token": "WF_TOKEN"}, "allowed_hosts": ["localhost"]}
    get(moved("/b.csv"), moved(f"http://localhost:{server.port}/c.csv"), ok(), **settings)
    assert [asked.headers.get("x-token") for asked in server.asked] == ["hunter2", "hunter2", None]
    monkeypatch.delenv("WF_TOKEN")
    with pytest.raises(FetchError, match="the environment variable WF_TOKEN is not set"):
        get(ok(), **settings)


# ── what has not changed ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def look(get, landing):
    """One night's look at the source: fetched and landed."""

    def look(night: int, *replies: Reply, **changes):
        return landing.receive(
            "county_figures", [get(*replies, **changes)], datetime(2026, 11, night, tzinfo=UTC)
        )

    return look


def conditions(server) -> list[tuple[str | None, str | None]]:
    return [(a.headers.get("if-none-match"), a.headers.get("if-modified-since")) for a in server.asked]


def test_a_document_that_is_unchanged_is_not_sent_again_and_stands(look, landing, server):
    stamp = "Sat, 21 Nov 2026 08:00:00 GMT"
    first = look(20, ok(ETag='"v1"', Last_Modified=stamp))
    assert conditions(server) == [(None, None)]
    assert look(21, Reply(304)) == first
    assert conditions(server) == [('"v1"', stamp)]
    assert look(22, Reply(304)) == first  # what the server knew is still known after a 304
    assert [receipt.retrieved_at[:10] for receipt in landing.receipts("county_figures")] == ["2026-11-20"]
    assert landing.last_look("county_figures").good_at[:10] == "2026-11-22"


def test_a_document_that_changed_is_taken_with_what_its_server_knows_of_it(look, landing, server):
    look(20, ok(ETag='"v1"'))
    [receipt] = look(21, ok(LATER, ETag='"v2"'))
    assert landing.content(receipt.sha256) == LATER
    look(22, Reply(304))
    assert conditions(server) == [('"v2"', None)]


def test_after_a_failed_look_the_server_is_still_asked_whether_it_changed(look, landing, server):
    first = look(20, ok(ETag='"v1"'))
    landing.missed("county_figures", datetime(2026, 11, 21, tzinfo=UTC), "HTTP 500")
    assert look(22, Reply(304)) == first
    assert conditions(server) == [('"v1"', None)]


def test_a_page_in_place_of_the_document_replaces_nothing(look, landing):
    [good] = look(20, ok(ETag='"v1"'))
    with pytest.raises(FetchError, match="received a login page"):
        look(21, ok(LOGIN_PAGE, ETag='"login"'))
    assert landing.last_look("county_figures").sha256s == (good.sha256,)
    assert list(landing.last_look("county_figures").validators) == [good.sha256]


def test_what_is_known_of_another_address_is_not_asked(look, server):
    look(20, moved("/gdp_2024.csv"), ok(ETag='"v1"'))
    look(21, moved("/gdp_2025.csv"), ok(LATER, ETag='"v1"'))  # the old version's mark would be answered 304
    assert conditions(server) == [(None, None)] * 2
    look(22, ok(), path="/other.csv")
    assert conditions(server) == [(None, None)]


def test_a_document_that_landing_lost_is_fetched_anew(look, landing, server):
    [receipt] = look(20, ok(ETag='"v1"'))
    (landing.objects / receipt.sha256).unlink()
    assert look(21, ok(ETag='"v1"')) == [receipt]
    assert conditions(server) == [(None, None)]
    assert landing.content(receipt.sha256) == CSV


def test_a_document_whose_receipt_is_damaged_is_fetched_anew(look, landing, server):
    [receipt] = look(20, ok(ETag='"v1"'))
    [path] = (landing.root / "county_figures").glob(f"*-{receipt.sha12}.json")
    path.unlink()
    path.write_text("{", encoding="utf-8")
    assert landing.receipts("county_figures") == []
    [again] = look(21, ok(ETag='"v1"'))
    assert conditions(server) == [(None, None)]
    assert landing.receipts("county_figures") == [again] and again.sha256 == receipt.sha256


# ── what is no document ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!DOCTYPE html><title>\xe7\x99\xbb\xe5\xbd\x95</title>", "a login page titled '登录'"),
        (LOGIN_PAGE, "a login page titled '统一身份认证'"),
        ("<html><title>用户登录</title>".encode("gb18030"), "a login page titled '用户登录'"),
        (b"\r\n  <HTML><body>oops", "an HTML page: '<HTML><body>oops'"),
        (b"\xef\xbb\xbf<html>oops", "an HTML page"),
        (b"<?xml version='1.0'?><html>oops", "an HTML page"),
        (b"<!-- portal --><html><title>404 Not Found</title>", "an error page titled '404 Not Found'"),
        ('{"code": 401, "msg": "无权限下载"}'.encode(), "JSON: '无权限下载'"),
        (b'{"code": 1, "msg": "\\u65e0\\u6743\\u9650"}', "JSON: '无权限'"),
        (b'[{"error": "login"}]', "JSON: "),
        ("无权限下载".encode(), "an error: '无权限下载'"),
        ("系统繁忙，请稍后再试".encode("gb18030"), "an error: '系统繁忙"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b" \r\n", "nothing"),
        (b"", "nothing"),
    ],
)
def test_what_stands_in_place_of_a_table_is_named_and_refused(get, body, what):
    with pytest.raises(FetchError) as refusal:
        get(ok(body))
    assert str(refusal.value).startswith(f"county_figures: expected a csv file, received {what}")


@pytest.mark.parametrize(
    ("reader", "accepted", "refused"),
    [
        (
            "csv",
            [b"a,b", b"PK\x03\x04", b"\x1f\x8b", "指标,<5万元".encode()],
            [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
        ),
        ("workbook", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"], [b"a,b", b"<table>", b"%PDF-"]),
        ("html", [b"<table><tr><td>1", "说明<table>".encode(), b"PK\x03\x04"], [b"a,b", b"%PDF-", b"{}"]),
        ("pdf", [b"%PDF-1.4", b"\n\n%PDF-1.4"], [b"PK", b"<html>", "无权限下载".encode()]),
        ("docx", [b"PK\x03\x04"], [b"%PDF-", b"text"]),
        ("text", ["2024年,全市实现生产总值".encode()], [b"\x89PNG", b"{}"]),
        ("any", [b"a,b", b"<table>", b"%PDF-", b"PK\x03\x04"], [b"{}", LOGIN_PAGE, "请先登录".encode()]),
    ],
)
def test_each_reader_is_given_its_own_kinds_of_file_only(reader, accepted, refused):
    for content in accepted:
        sniff.refuse_what_is_no_document("gdp", content, reader)
    for content in refused:
        with pytest.raises(FetchError, match="gdp: expected a"):
            sniff.refuse_what_is_no_document("gdp", content, reader)


def test_a_page_is_what_a_source_of_pages_gives_and_a_login_is_none(get):
    page = b"<!DOCTYPE html><table><tr><td>1</td></tr></table>"
    assert get(ok(page), layout="figures_html", path="/gdp.html").content == page
    with pytest.raises(FetchError, match="expected a html file, received a login page"):
        get(ok(LOGIN_PAGE), layout="figures_html")


def test_a_login_box_beside_the_content_is_declared(get):
    page = b"<!DOCTYPE html><input type=password><table><tr><td>1</td></tr></table>"
    with pytest.raises(FetchError, match="received a login page"):
        get(ok(page), layout="figures_html")
    assert get(ok(page), layout="figures_html", has_login_box=True).content == page


def test_a_small_table_that_speaks_of_permissions_is_a_table(get):
    table = "事项,状态,日期\n下载,无权限,2024-01-01\n查看,有权限,2024-01-02\n".encode()
    assert get(ok(table)).content == table


# ── names of files ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="gdp 2024.csv"', "gdp 2024.csv"),
        ("attachment; filename=gdp.csv; size=3", "gdp.csv"),
        ("attachment; filename*=UTF-8''%E6%BD%8D%E5%9D%8A.csv", "潍坊.csv"),
        ("attachment; filename=a.csv; filename*=gb18030''%CE%AB%B7%BB.csv", "潍坊.csv"),
        ("attachment; filename=a.csv; filename*=UTF-8''%CE%AB%B7%BB.csv", "a.csv"),
        ("attachment; filename*=nonsense''%E6.csv", "served.csv"),
        ("attachment; filename=%E6%BD%8D%E5%9D%8A.csv", "潍坊.csv"),
        ('attachment; filename="潍坊.csv"'.encode(), "潍坊.csv"),
        ('attachment; filename="潍坊.csv"'.encode("gbk"), "潍坊.csv"),
        ('attachment; filename="=?UTF-8?B?5r2N5Z2KLmNzdg==?="', "潍坊.csv"),
        ('attachment; filename="../../etc/passwd.csv"', "passwd.csv"),
        (r'attachment; filename="C:\\\\temp\\\\gdp.csv"', "gdp.csv"),
        ('attachment; filename="..."', "served.csv"),
        ('attachment; filename=".hidden\t?.csv"', "hidden.csv"),
        ("inline", "served.csv"),
    ],
)
def test_a_file_has_the_name_that_its_server_gives_made_safe(get, disposition, name):
    assert get(ok(Content_Disposition=disposition), path="/served.csv").name == name


def test_a_name_that_no_folder_could_hold_is_cut_and_keeps_its_suffix():
    name = connector.safe_name("潍" * 300 + ".xlsx")
    assert len(name.encode()) <= 180 and name.endswith("潍.xlsx")
