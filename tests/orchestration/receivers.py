"""Servers on loopback that take alerts as WeCom, DingTalk, a webhook and a mail server do, and keep what came."""

from __future__ import annotations

import json
import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """One request: its path, its query decoded once, its headers and its JSON."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    content: dict


@dataclass
class HttpReceiver:
    """Answers as a robot that took the message, unless told otherwise. `hold` keeps every answer back until it is set."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def texts(self) -> list[str]:
        """What robots were told."""
        return [request.content["text"]["content"] for request in self.requests]


@dataclass
class MailReceiver:
    """A mail server without encryption or login."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    refusal: bytes | None = None  # to every recipient


def http_server(receiver: HttpReceiver) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if receiver.hold:
                receiver.hold.wait(30)
            parts = urlsplit(self.path)
            content = json.loads(body) if body else {}
            receiver.requests.append(Request(parts.path, parse_qs(parts.query), dict(self.headers), content))
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.answer)))
            self.end_headers()
            self.wfile.write(receiver.answer)

        do_GET = do_POST

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    return server


def mail_server(receiver: MailReceiver) -> socketserver.ThreadingTCPServer:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            sender, to = "", []
            self._say(b"220 localhost")
            while line := self.rfile.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                match verb.upper():
                    case "EHLO" | "HELO":
                        self._say(b"250 localhost")
                    case "MAIL":
                        sender = rest.removeprefix("FROM:").split(">")[0].strip("<")
                        self._say(b"250 OK")
                    case "RCPT":
                        to.append(rest.removeprefix("TO:").strip("<>"))
                        self._say(receiver.refusal or b"250 OK")
                    case "DATA":
                        self._say(b"354 go on")
                        lines = []
                        while (text := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(text.removeprefix(b"."))
                        receiver.envelopes.append((sender, to))
                        sender, to = "", []
                        receiver.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
                        self._say(b"250 OK")
                    case "QUIT":
                        self._say(b"221 bye")
                        return
                    case _:
                        self._say(b"250 OK")

        def _say(self, text: bytes) -> None:
            self.wfile.write(text + b"\r\n")

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    return server
