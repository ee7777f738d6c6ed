"""Telling a document from what publishers send in its place: login pages, errors, other kinds of file. No cell is read."""

from __future__ import annotations

import codecs
import json
import re

from ingest.connectors import FetchError

#: kinds of content that may be what a layout's reader expects; archives are looked into by the readers
_ACCEPTED = {
    "csv": {"text", "zip", "gzip"},
    "text": {"text", "html", "pdf", "zip", "gzip"},  # a bulletin in whatever it is published
    "workbook": {"zip", "ole", "gzip"},
    "html": {"html", "zip", "gzip"},
    "pdf": {"pdf", "zip", "gzip"},
    "docx": {"zip", "gzip"},
    "any": {"text", "html", "pdf", "zip", "ole", "gzip"},
}
_NAMED = {
    "text": "text",
    "html": "an HTML page",
    "json": "JSON",
    "pdf": "a PDF",
    "zip": "a zip or a workbook",
    "ole": "an old Office file",
    "gzip": "a gzip file",
    "picture": "a picture",
}
_SIGNS = (
    ("pdf", (b"%PDF-",)),
    ("zip", (b"PK\x03\x04", b"PK\x05\x06")),
    ("ole", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    ("gzip", (b"\x1f\x8b",)),
    ("picture", (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")),
)
_HTML = re.compile(
    r"<(?:!doctype|!--|\?xml|html|head|body|table|div|script|meta|title|style|p|a)\b|<!--", re.I
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
_PASSWORD_FIELD = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?password\b", re.I)
_LOGIN_TITLE = re.compile(r"登录|登陆|身份认证|\b(?:log|sign) ?in\b", re.I)
_ERROR_TITLE = re.compile(
    r"^\W*(?:[45]\d\d\b|error\b|not found|forbidden)|错误|出错|不存在|无权限|无法访问|找不到|维护中", re.I
)
_ERROR_TEXT = re.compile(
    r"无权限|没有权限|权限不足|未登录|请登录|请先登录|重新登录|登录超时|文件不存在|资源不存在|下载失败|系统异常|系统错误"
    r"|系统繁忙|服务不可用|访问过于频繁|unauthori[sz]ed|forbidden|access denied|permission denied|internal server error"
    r"|service unavailable|not found",
    re.I,
)
_SMALL = 1024  # an error in words is not longer than this; a table of that size has a header and more lines
_LOGIN_PLACE = re.compile(r"login|passport|oauth|(?<![a-z])(?:sign-?in|sso)(?![a-z])", re.I)


def is_login_place(host: str, path: str) -> bool:
    """Whether an address is one where people log in, rather than where a document is."""
    return bool(_LOGIN_PLACE.search(f"{host}{path}"))


def refuse_what_is_no_document(
    source_id: str, content: bytes, reader: str, *, has_login_box: bool = False
) -> None:
    """Pass over content that may be what the reader of a layout expects.

    Raises:
        FetchError: it is a login page, an error in words, JSON or HTML, another kind of file, or nothing.
    """
    expected = f"{source_id}: expected " + ("a document" if reader == "any" else f"a {reader} file")
    if not content.strip():
        raise FetchError(f"{expected}, received nothing")
    kind = _kind(content)
    if kind in ("text", "html", "json"):
        text = _text(content)
        if kind == "html" and (found := _fault_of_page(text, has_login_box)):
            raise FetchError(f"{expected}, received {found}")
        if kind == "json":
            raise FetchError(f"{expected}, received JSON: {_shown(_message_of(text))!r}")
        if kind == "text" and len(content) <= _SMALL and _ERROR_TEXT.search(text) and _is_short(text):
            raise FetchError(f"{expected}, received an error: {_shown(text)!r}")
    if kind not in _ACCEPTED[reader]:
        shown = f": {_shown(_text(content))!r}" if kind in ("text", "html") else ""
        raise FetchError(f"{expected}, received {_NAMED[kind]}{shown}")


def _kind(content: bytes) -> str:
    for kind, signs in _SIGNS:
        if content.startswith(signs):
            return kind
    if b"%PDF-" in content[:1024]:  # readers of PDF allow some bytes before it
        return "pdf"
    start = _text(content[:4096]).lstrip()
    if _HTML.match(start) or re.search(r"<(?:html|body|table)\b", start, re.I):
        return "html"
    return "json" if _is_json(start, content) else "text"


def _is_json(start: str, content: bytes) -> bool:
    if not start.startswith(("{", "[")):
        return False
    if re.match(r"[\[{]\s*[\[{\"}\]]", start):
        return True
    try:
        json.loads(_text(content[:65536]))
    except ValueError:
        return False
    return True


def _text(content: bytes) -> str:
    """Text for looking at, in whatever encoding; never for reading figures."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")):
        if content.startswith(mark):
            return content.removeprefix(mark).decode(encoding, "replace")
    text = content.decode("utf-8", "replace")
    # a piece that ends inside a character has one replacement, a text of another encoding has many
    return text if text.count("\ufffd") <= 1 else content.decode("gb18030", "replace")


def _fault_of_page(text: str, has_login_box: bool) -> str | None:
    found = _TITLE.search(text)
    title = " ".join(found[1].split()) if found else ""
    if not has_login_box and (_PASSWORD_FIELD.search(text) or _LOGIN_TITLE.search(title)):
        return f"a login page titled {_shown(title)!r}"
    if _ERROR_TITLE.search(title) and not re.search(r"<table\b", text, re.I):
        return f"an error page titled {_shown(title)!r}"
    return None


def _message_of(text: str) -> str:
    """What an error in JSON says, in characters rather than escapes."""
    try:
        content = json.loads(text)
    except ValueError:
        return text
    said = content if isinstance(content, dict) else {}
    message = next(
        (said[name] for name in ("msg", "message", "error", "errorMsg") if said.get(name)), content
    )
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)


def _is_short(text: str) -> bool:
    return sum(bool(line.strip()) for line in text.splitlines()) <= 2


def _shown(text: str) -> str:
    return " ".join(text.split())[:80]
