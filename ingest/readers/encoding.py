"""Which encoding a file's bytes are in. Strict decoding only: no statistics, no replacement characters."""

import codecs

from ingest.readers import ReadError

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def to_utf8(content: bytes, filename: str, declared: str | None = None) -> tuple[bytes, str]:
    """The content in UTF-8 without a byte order mark, and the encoding it arrived in.

    A byte order mark decides. Without one the encodings tried are the one the file `declared`, UTF-8, then
    GB18030 (which contains GBK and GB2312): Chinese text in GB18030 is hardly ever valid UTF-8, while the
    reverse is common. Raises ReadError when none fits strictly, or when the text holds a NUL character,
    the mark of binary data and of UTF-16 without its byte order mark.
    """
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    body = content.removeprefix(mark)
    if not body:
        raise ReadError(f"{filename}: the file is empty (a byte order mark and nothing after it)")
    candidates = [_MARKS[mark]] if mark else dict.fromkeys(filter(None, [declared, "utf-8", "gb18030"]))
    for encoding in candidates:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            fault = error
            continue
        if (nul := text.find("\0")) >= 0:
            line = text.count("\n", 0, nul) + 1
            raise ReadError(f"{filename}: expected text, but line {line} has a NUL character: binary data?")
        return (body if encoding == "utf-8" else text.encode()), encoding + (" with BOM" if mark else "")

    line = body.count(b"\n", 0, fault.start) + 1
    raise ReadError(
        f"{filename}: expected text in {' or '.join(candidates)}; "
        f"line {line} has a byte that {fault.encoding} does not allow"
    )
