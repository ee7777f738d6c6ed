"""Zip and gzip: the files inside an archive, held against limits before anything is unpacked. What the files
are is not looked at beyond telling an archive from the packages (xlsx, docx, ods) that are zips themselves.
"""

import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from operator import itemgetter
from pathlib import PurePosixPath
from typing import cast

from ingest.readers import ReadError, check_limit

# All files of an archive together, unpacked: as much as a single file may have; in parts, a register of 50 million.
MAX_UNPACKED_BYTES = 1024**3
MAX_UNPACKED_IN_PARTS = 16 * 1024**3
# Text packs 5 to 30 times, very repetitive text 100; a decompression bomb 1,000.
MAX_RATIO = 200
# A file per county and month of some years; more is a disk, not a delivery.
MAX_ENTRIES = 2_000

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_START = b"\x1f\x8b\x08"
_DIRECTORY_ENTRY = b"PK\x01\x02"
# Other methods are hardly ever met, and lzma lets a file of 100 bytes reserve gigabytes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _NAME_IS_UTF8 = 0x1, 0x800
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Left by macOS, by open workbooks and by editors.
_PASSED_OVER = ("__MACOSX", "~$", ".")
_NOTED_NAMES = 5


def is_archive(content: bytes, filename: str) -> bool:
    """Whether the file is a gzip, or a zip that is no package of a document. Raises ReadError for a damaged zip."""
    if content.startswith(GZIP_START):
        return True
    return content.startswith(ZIP_STARTS) and package_kind(content, filename) is None


def package_kind(content: bytes, filename: str) -> str | None:
    """What document a zip is the package of, "xlsx", "xlsb", "docx", "ods", "ofd" or "another document"; None
    for an ordinary archive.
    """
    archive = open_zip(content, filename)
    names = {name.lower().replace("\\", "/"): name for name in archive.namelist()}
    if "[content_types].xml" in names:
        for part, kind in (
            ("xl/workbook.xml", "xlsx"),
            ("xl/workbook.bin", "xlsb"),
            ("word/document.xml", "docx"),
        ):
            if part in names:
                return kind
        return "another document"
    if "content.xml" in names and ("mimetype" in names or "meta-inf/manifest.xml" in names):
        mimetype = unpacked(archive, names["mimetype"], filename) if "mimetype" in names else b""
        return "ods" if b"spreadsheet" in mimetype or not mimetype else "another document"
    return "ofd" if "ofd.xml" in names else None


def open_zip(content: bytes, filename: str, max_unpacked: int | None = None) -> zipfile.ZipFile:
    """The opened zip, its declared sizes within the limits.

    Raises ReadError for a damaged one, and for entries that are encrypted or packed in an unusual way.
    """
    # Every entry becomes a Python object when the zip is opened, so count before: a package has hundreds.
    check_limit(filename, content.count(_DIRECTORY_ENTRY), 8 * MAX_ENTRIES, "entries in the archive")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise ReadError(f"{filename}: expected a zip archive or package that is whole; {error}") from error
    entries = archive.infolist()
    check_limit(filename, len(entries), MAX_ENTRIES, "entries in the archive")
    total = sum(entry.file_size for entry in entries)
    check_limit(filename, total, max_unpacked or MAX_UNPACKED_BYTES, "bytes once unpacked")
    check_limit(filename, total // len(content), MAX_RATIO, "times its size once unpacked")
    for entry in entries:
        if not entry.filename:
            raise ReadError(f"{filename}: expected every entry of the archive to have a name")
        if entry.flag_bits & _ENCRYPTED:
            raise ReadError(f"{filename}: {_name(entry)} is encrypted; send it without a password")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ReadError(f"{filename}: {_name(entry)} is a link to another file; send that file itself")
        if entry.compress_type not in _METHODS:
            known: dict[int, str] = zipfile.compressor_names  # type: ignore[attr-defined]  # undocumented
            method = known.get(entry.compress_type, str(entry.compress_type))
            raise ReadError(
                f"{filename}: {_name(entry)} is packed by {method}; expected deflate, as zips use"
            )
    return archive


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str, where: str) -> bytes:
    """One entry, its size and checksum proved."""
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        name = entry if isinstance(entry, str) else _name(entry)
        raise ReadError(f"{where}: expected a file that is whole; {name} is damaged ({error})") from error


def refuse_doctype(xml: bytes, where: str) -> None:
    """Raise ReadError for XML with a document type declaration: the parts of a package have none, and it is where entities
    that grow without end, or that fetch a file, are declared. In UTF-16 it is found too.
    """
    if _DOCTYPE.search(xml) or _DOCTYPE.search(xml[:4096].replace(b"\0", b"")):
        raise ReadError(f"{where}: expected a sound document; its XML has a document type declaration")


def members(content: bytes, filename: str) -> tuple[list[str], Iterator[tuple[str, bytes]]]:
    """Notes on what was passed over, and (path inside the archive, bytes) of every file in order of path.

    Raises ReadError for an archive without files, one over the limits, one that holds another archive, and
    two files with one path. Paths are names only: nothing is ever written under them.
    """
    if content.startswith(GZIP_START):
        return [], iter([_gunzipped(content, filename)])
    archive = open_zip(content, filename)
    notes, named = _files(archive, filename)
    return notes, (_member(archive, name, entry, filename) for name, entry in named)


def streams(
    content: bytes, filename: str
) -> tuple[list[str], Iterator[tuple[str, gzip.GzipFile | zipfile.ZipExtFile]]]:
    """As `members`, each file as a stream of its unpacked bytes, so that it need not be held as a whole.

    A stream raises what zipfile and gzip raise where the archive is damaged.
    """
    if content.startswith(GZIP_START):
        name = _gzip_name(content) or PurePosixPath(filename).name.removesuffix(".gz") or filename
        return [], iter([(name, gzip.GzipFile(fileobj=io.BytesIO(content)))])
    archive = open_zip(content, filename, MAX_UNPACKED_IN_PARTS)
    notes, named = _files(archive, filename)
    return notes, ((name, cast(zipfile.ZipExtFile, archive.open(entry))) for name, entry in named)


def _files(archive: zipfile.ZipFile, filename: str) -> tuple[list[str], list[tuple[str, zipfile.ZipInfo]]]:
    """Notes on what is passed over, and the entries that are read, in order of their path."""
    named = [(_name(entry), entry) for entry in archive.infolist() if not entry.is_dir()]
    named.sort(key=itemgetter(0))
    passed_over = [name for name, _ in named if any(part.startswith(_PASSED_OVER) for part in _parts(name))]
    named = [(name, entry) for name, entry in named if name not in set(passed_over)]
    if not named:
        raise ReadError(f"{filename}: expected an archive with files in it; it has none to read")
    if len({name for name, _ in named}) < len(named):
        raise ReadError(f"{filename}: expected every file of the archive to have a path of its own")
    notes = []
    if passed_over:
        shown = ", ".join(passed_over[:_NOTED_NAMES]) + ("…" if len(passed_over) > _NOTED_NAMES else "")
        notes.append(f"{len(passed_over)} entries of the archive passed over: {shown}")
    return notes, named


def _member(archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo, filename: str) -> tuple[str, bytes]:
    content = unpacked(archive, entry, filename)
    _refuse_nested(content, f"{filename}>{name}")
    return name, content


def _refuse_nested(content: bytes, where: str) -> None:
    if is_archive(content, where):
        raise ReadError(f"{where}: an archive inside an archive; send the files in one zip")


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's path as its writer meant it: without the flag for UTF-8 it is mostly GBK, in Chinese zips."""
    name = entry.filename
    if not entry.flag_bits & _NAME_IS_UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _parts(name: str) -> tuple[str, ...]:
    # "." and ".." of a path that wants to climb are no dot files.
    return tuple(part for part in name.split("/") if part.strip("."))


def _gunzipped(content: bytes, filename: str) -> tuple[str, bytes]:
    """The one file of a gzip; parts that were packed one after another are one file, as for gunzip."""
    limit = min(MAX_UNPACKED_BYTES, MAX_RATIO * len(content))
    name = _gzip_name(content) or PurePosixPath(filename).name.removesuffix(".gz") or filename
    pieces, rest = bytearray(), content
    while rest.startswith(GZIP_START):
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            pieces += stream.decompress(rest, limit + 1 - len(pieces))
        except zlib.error as error:
            raise ReadError(f"{filename}: expected a gzip that is whole; it is damaged ({error})") from error
        check_limit(filename, len(pieces), limit, "bytes once unpacked")
        if not stream.eof:
            raise ReadError(f"{filename}: expected a gzip that is whole; it is cut short")
        rest = stream.unused_data
    unpacked_content = bytes(pieces)
    if rest.strip(b"\0"):
        raise ReadError(
            f"{filename}: expected a gzip that is whole; after its end come {len(rest)} other bytes"
        )
    _refuse_nested(unpacked_content, f"{filename}>{name}")
    return name, unpacked_content


def _gzip_name(content: bytes) -> str:
    has_extra, has_name = content[3:4] and content[3] & 0x4, content[3:4] and content[3] & 0x8
    if not has_name:
        return ""
    begin = 10 + (2 + int.from_bytes(content[10:12], "little") if has_extra else 0)
    raw = content[begin : content.find(b"\0", begin)] if begin < len(content) else b""
    for encoding in ("utf-8", "gb18030"):
        try:
            return PurePosixPath(raw.decode(encoding).replace("\\", "/")).name
        except UnicodeDecodeError:
            continue
    return ""
