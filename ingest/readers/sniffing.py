"""What kind of file some bytes are, by their content. Nothing is read here beyond its first bytes and its
directory.
"""

import codecs
import re
from dataclasses import dataclass

from ingest.readers import ReadError
from ingest.readers.archive import ZIP_STARTS, package_kind

OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class Kind:
    """`name` is what a reader's KINDS lists, `label` is for messages, `refusal` says why no reader takes it."""

    name: str
    label: str
    refusal: str = ""


_SEND_A_TABLE = "send the table itself (xlsx, csv) or a PDF with a text layer"
_NO_TEXT_LAYER = f"a picture or scan has no text layer; {_SEND_A_TABLE}"
_RESAVE = "open it in the program that made it and save it as xlsx, docx or csv"

_PDF = Kind("pdf", "a PDF")
_HTML = Kind("html", "an HTML page (the layout's reader for those is html)")
_TEXT = Kind("text", "plain text")
_PACKAGES = {
    "xlsx": Kind("workbook", "an xlsx workbook"),
    "xlsb": Kind("workbook", "an xlsb workbook"),
    "ods": Kind("workbook", "an ods workbook"),
    "docx": Kind("docx", "a Word document (docx)"),
    "ofd": Kind("ofd", "an OFD document", f"OFD pages are not read; {_SEND_A_TABLE}"),
    "another document": Kind("package", "a package of another program", _RESAVE),
}
_PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "a PNG picture"),
    (re.compile(rb"\xff\xd8\xff"), "a JPEG picture"),
    (re.compile(rb"GIF8[79]a"), "a GIF picture"),
    (re.compile(rb"II\*\0|MM\0\*"), "a TIFF picture"),
    (re.compile(rb"BM.{4}\0{4}.{3}\0", re.DOTALL), "a BMP picture"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "a WebP picture"),
    (re.compile(rb".{4}ftyp(?:heic|heix|mif1|avif)", re.DOTALL), "a HEIF picture"),
)
_OTHERS = (
    (
        re.compile(rb"Rar!\x1a|7z\xbc\xaf\x27\x1c|BZh[1-9]1AY|\xfd7zXZ\0"),
        "an archive",
        "send its files in a zip",
    ),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive", "send its files in a zip"),
    (re.compile(rb"\{\\rtf"), "an RTF document", "save it as docx and send that"),
    (
        re.compile(rb"MIME-Version:", re.IGNORECASE),
        "a web archive (MHTML)",
        "save the page as HTML and send that",
    ),
)
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?(?:-->|$)\s*)*<(?:!doctype\s+html|html|head|body|meta|title|link|style"
    r"|script|table|thead|tbody|tr|t[dh]|div|p|span|center|font|form|section|article|main|h[1-6]|br|b|ul|ol)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON_START = re.compile(r"\s*(?:\{|\[\s*\{)\s*\"[^\"\n]{1,100}\"\s*:")


def identify(content: bytes, filename: str) -> Kind:
    """The kind of a file that is no archive. Raises ReadError for a damaged zip."""
    head = content[:_HEAD_BYTES]
    if content.startswith(ZIP_STARTS):
        return _PACKAGES[package_kind(content, filename) or "another document"]
    if content.startswith(OLE_START):
        return _ole_kind(content)
    if head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head[:1024] and b"%%EOF" in content[-1024:]):
        return _PDF
    for start, label in _PICTURES:
        if start.match(head):
            return Kind("picture", label, _NO_TEXT_LAYER)
    for start, label, refusal in _OTHERS:
        if start.match(head):
            return Kind("other", label, refusal)
    text = _head_text(head)
    if "urn:schemas-microsoft-com:office:spreadsheet" in text and text.lstrip().startswith("<?xml"):
        return Kind("other", "an XML spreadsheet of Excel 2003", _RESAVE)
    if _HTML_START.match(text):
        return _HTML
    if _JSON_START.match(text):
        return Kind("other", "JSON", "probably a server's answer in place of the file")
    return _TEXT


def reader_of(content: bytes, filename: str) -> str:
    """The reader a file calls for. Raises ReadError when there is none."""
    from ingest.readers import delimited
    from ingest.readers.encoding import to_utf8

    kind = identify(content, filename)
    if kind.refusal:
        raise ReadError(f"{filename}: expected a table or a text; it is {kind.label}: {kind.refusal}")
    if kind is not _TEXT:
        return kind.name
    utf8, _ = to_utf8(content, filename)
    if filename.lower().endswith((".txt", ".md")) and not delimited.evident_delimiters(utf8):
        return "text"
    return "csv"


def _ole_kind(content: bytes) -> Kind:
    """By the names in its directory, which are UTF-16: what an OLE file holds is a matter of its streams."""
    found = {
        name for name in ("Workbook", "Book", "WordDocument", "EncryptedPackage") if _entry(name) in content
    }
    if "EncryptedPackage" in found:
        return Kind("other", "a workbook or document with a password", "send it without the password")
    if "WordDocument" in found:
        return Kind("doc", "an old Word document (.doc)", "save it as docx (Word or WPS) and send that")
    if found:
        return Kind("workbook", "an xls workbook")
    return Kind("other", "a file of an old Office program", _RESAVE)


def _entry(name: str) -> bytes:
    """A directory entry's beginning: the name and the zeros that fill its 64 bytes."""
    return name.encode("utf-16-le").ljust(64, b"\0")


def _head_text(head: bytes) -> str:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return head.removeprefix(mark).decode(encoding, "replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("ascii", "replace")
