"""A local server that answers as an open-data portal does, with its traps; for the connectors' tests. It judges nothing."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

FILE = "地区,数值\n奎文区,361.7\n".encode()
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>统一身份认证</title></head><body>"
    "<form action='/login'><input name='user'><input type='password' name='password'></form></body></html>"
).encode()
COLUMNS = {"area": "县市区", "value": "地区生产总值(亿元)"}


@dataclass(frozen=True)
class Reply:
    """One answer. told_length: what Content-Length says, if not the truth; -1 for no such header.

    stalls: after the body the connection stays open and silent.
    """

    status: int = 200
    headers: dict[str, str | bytes] = field(default_factory=dict)
    body: bytes = b""
    told_length: int | None = None
    stalls: bool = False


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


class Server:
    """A server on this machine. `answer` decides on every reply; `asked` holds the requests since it was set."""

    def __init__(self) -> None:
        self.answer: Callable[[Asked], Reply] = lambda asked: Reply(404)
        self.asked: list[Asked] = []
        self.ended = Event()
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def gives(self, *replies: Reply) -> None:
        """Give these replies in turn, the last again and again."""
        left = list(replies)
        self.asked.clear()
        self.answer = lambda asked: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def running() -> Iterator[Server]:
    """The server, on a port of its own."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            address = urlsplit(self.path)
            asked = Asked(
                self.command,
                address.path,
                {name: values[-1] for name, values in parse_qs(address.query, True).items()},
                {name.lower(): value for name, value in self.headers.items()},
                {
                    name: values[-1]
                    for name, values in parse_qs(self.rfile.read(length).decode(), True).items()
                },
            )
            server.asked.append(asked)
            self._send(server.answer(asked))

        do_POST = do_GET

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            length = len(reply.body) if reply.told_length is None else reply.told_length
            told = {} if length < 0 else {"Content-Length": str(length)}
            for name, value in (told | reply.headers).items():
                # header values are bytes on the wire: portals write GBK and UTF-8 into them as they are
                self.send_header(name, value.decode("latin-1") if isinstance(value, bytes) else value)
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.stalls:
                self.wfile.flush()
                server.ended.wait(10)

        def log_message(self, *_: object) -> None:
            """A test's output is its own."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests are about."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server.port = listener.server_port
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            listener.shutdown()
            thread.join()


@dataclass
class Catalogue:
    """One catalogue of the portal: what its page, its preview and its list of files say."""

    id: str = "3" * 32
    title: str = "潍坊市各县市区生产总值"
    open_type: str = "无条件开放"
    entries: dict[str, str] = field(
        default_factory=lambda: {
            "来源部门": "市统计局",
            "数据时间范围": "2024年",
            "数据更新时间": "2026-03-01",
        }
    )
    columns: dict[str, str] = field(default_factory=lambda: dict(COLUMNS))
    rows: list[dict[str, str]] = field(default_factory=lambda: [{"area": "奎文区", "value": "361.7"}])
    files: list[dict[str, object]] = field(default_factory=lambda: [record()])


def record(
    id_in_rc: str = "f1",
    name: str = "县市区生产总值.csv",
    rows: int | None = 1,
    updated: int | None = 1_772_323_200_000,
    **more: object,
) -> dict[str, object]:
    """A file as the portal lists it."""
    about = {"fileFormat": name.rpartition(".")[2], "fileName": name, "fileDescription": "", "fileSize": 31}
    state = {"fileId": f"id-{id_in_rc}", "status": "1", "isApply": None}
    return about | state | {"dataCount": rows, "updateTime": updated, "idInRc": id_in_rc} | more


def portal(catalogue: Catalogue, download: Callable[[str], Reply] | None = None) -> Callable[[Asked], Reply]:
    """Answers of a portal at /weifang that has one catalogue; `download` gives the bytes of a file by its idInRc."""
    download = download or (lambda id_in_rc: Reply(body=FILE))

    def answer(asked: Asked) -> Reply:
        match asked.method, asked.path.removeprefix("/weifang/catalog/"):
            case "GET", "index":
                return Reply(body=_index(catalogue))
            case "GET", "getResourceWithFormat":
                return _json({"object": _files(catalogue, asked.query)})
            case "GET", "download":
                return download(asked.query["idInRc"])
            case "GET", catalogue.id:
                return Reply(body=_page(catalogue))
            case "POST", found if found == f"{catalogue.id}/getData":
                start, length = int(asked.form["start"]), int(asked.form["length"])
                # the portal escapes names for HTML even where it answers in JSON
                items = [
                    {"column_name_en": e, "name_cn": html.escape(z)} for e, z in catalogue.columns.items()
                ]
                shown = catalogue.rows[start : start + length]
                return _json({"recordsTotal": len(catalogue.rows), "items": items, "data": shown})
        return Reply(404, body=b"not found")

    return answer


def _json(content: object) -> Reply:
    return Reply(body=json.dumps(content).encode(), headers={"Content-Type": "application/json"})


def _files(catalogue: Catalogue, query: dict[str, str]) -> dict[str, object]:
    number, size = int(query["pageNum"]), int(query["pageSize"])
    wanted = [file for file in catalogue.files if query["fileFormat"] in ("", file["fileFormat"])]
    escaped = [file | {"fileName": html.escape(str(file["fileName"]))} for file in wanted]
    return {"total": len(wanted), "records": escaped[(number - 1) * size : number * size]}


def _page(catalogue: Catalogue) -> bytes:
    rows = "".join(
        f"<tr><th>{label}</th><td>{html.escape(value)}</td></tr>"
        for label, value in catalogue.entries.items()
    )
    return (
        f"<!DOCTYPE html><html><head><title>{html.escape(catalogue.title)}</title></head><body>"
        f'<div id="catalog" opentype="{catalogue.open_type}" title="{html.escape(html.escape(catalogue.title))}">'
        f"<table>{rows}</table></div></body></html>"
    ).encode("gb18030")


def _index(catalogue: Catalogue) -> bytes:
    cards = [
        (catalogue.id, catalogue.title, catalogue.open_type),
        ("20" * 10, "海域使用权登记", "有条件开放"),
    ]
    items = "".join(
        f'<li><a href="/weifang/catalog/{id_}">{html.escape(title)}</a><span>{kind}</span>'
        f'<a href="/weifang/catalog/{id_}"><img></a></li>'
        for id_, title, kind in cards
    )
    return f"<!DOCTYPE html><html><body><ul>{items}</ul></body></html>".encode()
