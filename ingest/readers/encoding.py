"""Which encoding a file's bytes are in. Strict decoding only: no statistics, no replacement characters."""

import codecs
import re
import unicodedata

from ingest.readers import ReadError

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

# Control characters other than tab and line ends, surrogates, private and unassigned code points: what bytes
# read in the wrong width or order are full of.
_NO_TEXT = {"Cc", "Cs", "Co", "Cn"}


def to_utf8(content: bytes, filename: str, declared: str | None = None) -> tuple[bytes, str]:
    """The content in UTF-8 without a byte order mark, and the encoding it arrived in.

    A byte order mark decides. Without one the encodings tried are the one the file `declared`, UTF-8, then
    GB18030 (which contains GBK and GB2312): Chinese text in GB18030 is hardly ever valid UTF-8, while the
    reverse is common; GB18030 goes first where UTF-8 would show letters of another script and no
    Chinese one. Bytes with a NUL in them, which no text in those has, are UTF-16 without its mark where
    they are sound lines of text in one byte order and in the other are not. Raises ReadError when nothing
    fits strictly.
    """
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    body = content.removeprefix(mark)
    if not body:
        raise ReadError(f"{filename}: the file is empty (a byte order mark and nothing after it)")
    if not mark and b"\0" in body and (found := _unmarked_utf16(body)):
        return body.decode(found).encode(), f"{found} without BOM"
    candidates = [_MARKS[mark]] if mark else dict.fromkeys(filter(None, [declared, "utf-8", "gb18030"]))
    if not mark and not declared and _no_chinese_letter_in_utf8(body):
        candidates = ["gb18030", "utf-8"]
    for encoding in candidates:
        try:
            return _decoded(body, encoding, filename, 1), encoding + (" with BOM" if mark else "")
        except UnicodeDecodeError as error:
            fault = error
    raise _undecodable(fault, " or ".join(candidates), filename, 1)


def decoded(part: bytes, encoding: str, filename: str, first_line: int) -> bytes:
    """A part of a text whose encoding is settled, in UTF-8; `first_line` is the number of its first line.

    Raises ReadError for a byte that the encoding does not allow, and for a NUL.
    """
    try:
        return _decoded(part, encoding, filename, first_line)
    except UnicodeDecodeError as fault:
        raise _undecodable(fault, encoding, filename, first_line) from fault


def _decoded(body: bytes, encoding: str, filename: str, first_line: int) -> bytes:
    text = body.decode(encoding)
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + first_line
        raise ReadError(f"{filename}: expected text, but line {line} has a NUL character: binary data?")
    return body if encoding == "utf-8" else text.encode()


def _undecodable(fault: UnicodeDecodeError, expected: str, filename: str, first_line: int) -> ReadError:
    line = fault.object.count(b"\n", 0, fault.start) + first_line
    return ReadError(
        f"{filename}: expected text in {expected}; line {line} has a byte that {fault.encoding} does not allow"
    )


def _no_chinese_letter_in_utf8(body: bytes) -> bool:
    """Whether UTF-8 would make of a few Chinese characters Greek, Cyrillic or Hebrew letters and nothing Chinese: 元 in
    GB18030 is a Cyrillic letter there. A long text is never in doubt; a lone ² or é stays what UTF-8 says.
    """
    return not re.search(rb"[\xe0-\xff]", body) and bool(re.search(rb"[\xcd-\xdf]", body))


def _unmarked_utf16(body: bytes) -> str | None:
    """The one byte order in which the bytes are lines of text; None where there is none, or both would do."""
    sound = []
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            characters = set(body.decode(encoding))
        except UnicodeDecodeError:
            continue
        lines = characters & set("\r\n")
        if lines and not any(unicodedata.category(c) in _NO_TEXT for c in characters - set("\t\r\n")):
            sound.append(encoding)
    return sound[0] if len(sound) == 1 else None
