"""Open-data portals of Shandong and its cities: search, metadata, preview, files, download. No row is interpreted here.

A portal's update time says when somebody last touched a catalogue. It is not the period of its data, and chooses nothing
here but between two versions of one file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ingest.catalogue import Source
from ingest.connections import Portal as PortalSettings
from ingest.connectors import FetchError, Places, from_environment, sniff
from ingest.connectors.http import Answer, Web, safe_name
from ingest.landing import Document
from ingest.layout import load
from ingest.readers import ReadError
from ingest.readers.encoding import to_utf8

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ID = r"[0-9]{20}|[0-9A-Fa-f]{32}"
_MAX_PAGES = 200
_MAX_LISTED_BYTES = 20 * 1024**2
#: what identifies a person by itself
_IDENTIFYING = re.compile(
    r"身份证|公民身份|证件号|护照号|社保卡|社会保障号|银行卡|手机|移动电话|家庭住址|家庭地址|户籍地址|现住址|出生年?月?日"
)
_PERSON = re.compile(r"姓名|联系人|负责人|法定代表人|法人代表|经办人|申请人|当事人|户主|监护人")
_PHONE = re.compile(r"电话|联系方式|联系号码")


@dataclass(frozen=True)
class Found:
    """A catalogue in the answer to a search."""

    catalogue_id: str
    title: str
    is_open: bool  # 无条件开放


@dataclass(frozen=True)
class Metadata:
    """What a catalogue's page says of it, as printed."""

    catalogue_id: str
    title: str
    open_type: str
    entries: dict[str, str]  # such as 来源部门, 数据更新时间

    @property
    def is_open(self) -> bool:
        """Whether anybody may have it: 无条件开放. What is not known to be open is not."""
        return self.open_type == "1" or "无条件" in self.open_type


@dataclass(frozen=True)
class Preview:
    """The first rows of a catalogue, with the names of its columns as people read them."""

    columns: dict[str, str]  # column_name_en -> name_cn
    rows: list[dict[str, object]]
    total: int


@dataclass(frozen=True)
class File:
    """One file of a catalogue. updated_at is UTC; None where the portal does not say, as for rows."""

    id_in_rc: str
    name: str
    format: str
    description: str
    updated_at: datetime | None
    rows: int | None

    def __str__(self) -> str:
        updated = self.updated_at.isoformat(timespec="minutes") if self.updated_at else "unknown"
        rows = "unknown" if self.rows is None else self.rows
        return f"{self.name} ({self.format}, updated {updated}, {rows} rows)"


class Portal:
    """A portal as a client sees it.

    base: the city's portal, such as http://host/weifang. files: where files are listed and downloaded, if elsewhere.
    Every method raises FetchError for an answer that is not what was asked for.
    """

    def __init__(
        self, source_id: str, base: str, web: Web, files: str | None = None, *, has_login_box: bool = False
    ) -> None:
        self._who, self._web = source_id, web
        self._base, self._files = base.rstrip("/"), (files or base).rstrip("/")
        self._has_login_box = has_login_box

    def search(self, word: str, *, open_only: bool = True) -> list[Found]:
        """The catalogues that a word finds, in the portal's order, each once."""
        parameters = {"Q": word} | ({"openType": "1"} if open_only else {})
        page = self._page(self._ask("GET", f"{self._base}/catalog/index", parameters=parameters))
        found: dict[str, Found] = {}
        for link in page.iter("a"):
            match = re.search(rf"/catalog/({_ID})(?:[/?#]|$)", link.get("href") or "")
            title = _printed(link)
            if match and title and match[1] not in found:
                found[match[1]] = Found(match[1], title, "无条件" in _card_of(link, match[1]))
        return list(found.values())

    def metadata(self, catalogue_id: str) -> Metadata:
        """What the page of a catalogue says."""
        page = self._page(self._ask("GET", f"{self._base}/catalog/{catalogue_id}"))
        elements = page.xpath("//*[@id='catalog']")
        if len(elements) != 1:
            raise FetchError(f"{self._who}: the page of catalogue {catalogue_id} has no element #catalog")
        [element] = elements
        cells = [[_printed(cell) for cell in row.xpath("./th|./td")] for row in page.iter("tr")]
        # two columns, or the same two again to the right
        pairs = [pair for row in cells for pair in zip(row[::2], row[1::2], strict=False)]
        entries = {label.rstrip(":："): value for label, value in pairs if label}
        open_type, title = (_unescaped(element.get(name) or "") for name in ("opentype", "title"))
        return Metadata(catalogue_id, title, open_type, entries)

    def preview(self, catalogue_id: str, start: int = 0, length: int = 10) -> Preview:
        """Rows of a catalogue from `start`, and its columns."""
        form = {"draw": "1", "start": str(start), "length": str(length), "param": ""}
        answer = self._ask("POST", f"{self._base}/catalog/{catalogue_id}/getData", form=form)
        content = self._json(answer, "the preview")
        items, rows = content.get("items"), content.get("data")
        if not isinstance(items, list) or not isinstance(rows, list):
            raise FetchError(f"{self._who}: the preview has no columns: {_shown(content)}")
        columns = {str(i.get("column_name_en")): _unescaped(str(i.get("name_cn") or "")) for i in items}
        return Preview(columns, rows, int(content.get("recordsTotal") or 0))

    def list_files(self, catalogue_id: str, format: str = "", page_size: int = 50) -> list[File]:
        """All files of a catalogue, over all pages, in the portal's order."""
        files: dict[str, File] = {}
        for page in range(1, _MAX_PAGES + 1):
            parameters = {"cataId": catalogue_id, "pageNum": str(page), "pageSize": str(page_size)}
            parameters["fileFormat"] = format
            answer = self._ask("GET", f"{self._files}/catalog/getResourceWithFormat", parameters=parameters)
            listed = self._json(answer, "the list of files").get("object")
            if not isinstance(listed, dict) or not isinstance(listed.get("records"), list):
                raise FetchError(f"{self._who}: the list of files holds none: {_shown(listed)}")
            before, total = len(files), int(listed.get("total") or 0)
            for record in listed["records"]:
                file = _file(record)
                files.setdefault(file.id_in_rc, file)
            if len(files) >= total:
                return list(files.values())
            if len(files) == before:
                raise FetchError(f"{self._who}: {total} files are announced, {before} are listed")
        raise FetchError(f"{self._who}: more than {_MAX_PAGES} pages of files")

    def download(self, catalogue_id: str, title: str, file: File) -> Answer:
        """The bytes of a file, or what the portal sent in their place: the caller knows what it expects."""
        return self._ask("GET", self.download_address(catalogue_id, title, file))

    def download_address(self, catalogue_id: str, title: str, file: File) -> str:
        query = urlencode({"cataId": catalogue_id, "cataName": title, "idInRc": file.id_in_rc})
        return f"{self._files}/catalog/download?{query}"

    def _ask(
        self,
        method: str,
        address: str,
        *,
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = self._web.ask(method, address, parameters=parameters, form=form)
        assert answer is not None  # nothing was known beforehand that could still stand
        return answer

    def _page(self, answer: Answer) -> HtmlElement:
        import lxml.html

        self._refuse_large(answer, "the page")
        sniff.refuse_what_is_no_document(self._who, answer.content, "html", has_login_box=self._has_login_box)
        try:
            text, _ = to_utf8(answer.content, answer.address)
            return lxml.html.document_fromstring(text, parser=lxml.html.HTMLParser(encoding="utf-8"))
        except (ReadError, ValueError, lxml.etree.LxmlError) as error:
            raise FetchError(f"{self._who}: the portal's page cannot be read: {error}") from error

    def _json(self, answer: Answer, what: str) -> dict[str, Any]:
        self._refuse_large(answer, what)
        try:
            content = json.loads(answer.content)
        except ValueError:
            sniff.refuse_what_is_no_document(self._who, answer.content, "text")  # says if it is a login page
            raise FetchError(f"{self._who}: {what} is not JSON: {_shown(answer.content)}") from None
        if not isinstance(content, dict):
            raise FetchError(f"{self._who}: {what} is not what was asked for: {_shown(content)}")
        return content

    def _refuse_large(self, answer: Answer, what: str) -> None:
        if len(answer.content) > _MAX_LISTED_BYTES:
            raise FetchError(f"{self._who}: {what} is larger than {_MAX_LISTED_BYTES} bytes")


def fetch(source: Source, places: Places) -> list[Document]:
    """The file of the source's catalogue that its settings choose.

    Raises:
        FetchError: the catalogue is not open or holds personal data, no file or several fit, or what came is no file.
    """
    settings = source.connection
    assert isinstance(settings, PortalSettings)  # the catalogue fits settings to connectors
    addresses = filter(None, (source.location, settings.files_address))
    web = Web(source.id, settings, addresses, lambda name: from_environment(source, name))
    portal = Portal(
        source.id,
        source.location,
        web,
        settings.files_address,
        has_login_box=settings.has_login_box,
    )
    metadata = portal.metadata(settings.catalogue_id)
    if not metadata.is_open:
        raise FetchError(
            f"{source.id}: catalogue {settings.catalogue_id} is not open to all (无条件开放):"
            f" it says {metadata.open_type or 'nothing'!r}"
        )
    files = portal.list_files(settings.catalogue_id, settings.format or "", settings.page_size)
    file, notes = choose(source.id, settings, files)
    columns = portal.preview(settings.catalogue_id).columns
    if found := personal_data([*columns.values(), *columns], [metadata.title, *metadata.entries.values()]):
        raise FetchError(
            f"{source.id}: catalogue {settings.catalogue_id} holds personal data ({found}) and is not fetched"
        )
    if found := personal_data([], [file.name, file.description]):
        raise FetchError(f"{source.id}: {file.name} holds personal data ({found}) and is not fetched")
    answer = portal.download(settings.catalogue_id, metadata.title, file)
    sniff.refuse_what_is_no_document(
        source.id, answer.content, load(source.layout).reader, has_login_box=settings.has_login_box
    )
    suffix = f".{file.format}"
    name = safe_name(
        file.name if not file.format or file.name.lower().endswith(suffix) else file.name + suffix
    )
    location = portal.download_address(settings.catalogue_id, metadata.title, file)
    return [Document(name or source.id, answer.content, location, notes=notes)]


def choose(source_id: str, settings: PortalSettings, files: list[File]) -> tuple[File, tuple[str, ...]]:
    """The file that a source means, and what is to be noted of the choice.

    Raises:
        FetchError: none fits; or several do and no rule, or not the rule, tells which.
    """
    fitting = [
        file
        for file in files
        if re.search(settings.file_name, file.name)
        and (settings.format is None or file.format == settings.format.lower().lstrip("."))
    ]
    listed = "; ".join(str(file) for file in fitting or files)
    if not fitting:
        wanted = f"name {settings.file_name!r}, format {settings.format or 'any'}"
        raise FetchError(
            f"{source_id}: no file of the catalogue fits {wanted}; it has: {listed or 'no files'}"
        )
    if len(fitting) == 1:
        return fitting[0], ()
    if settings.version is None:
        raise FetchError(f"{source_id}: {len(fitting)} files fit and no rule says which: {listed}")
    newest = _first(fitting, lambda file: file.updated_at)
    fullest = _first(fitting, lambda file: file.rows)
    rule, other = (newest, fullest) if settings.version == "newest" else (fullest, newest)
    # files that the rule holds equal are told apart by the other rule, if it can
    found = [file for file in rule if file in other] if len(rule) > 1 else rule
    if len(found) != 1:
        raise FetchError(f"{source_id}: the rule {settings.version!r} does not tell which file: {listed}")
    if other and found[0] not in other:
        return found[0], (
            f"the newest file is not the one with the most rows; by the rule {settings.version!r} took {found[0]},"
            f" not {other[0]}",
        )
    return found[0], ()


def personal_data(columns: Iterable[str], texts: Iterable[str]) -> str | None:
    """Which names of columns, or which words of a description, say that persons are recorded; None where none does.

    A telephone beside a person's name is personal, an office's telephone is not.
    """
    names, said = [name for name in columns if name], [text for text in texts if text]
    identifying = [name for name in names if _IDENTIFYING.search(name)]
    identifying += [match[0] for text in said for match in _IDENTIFYING.finditer(text)]
    if identifying:
        return "、".join(dict.fromkeys(identifying))
    persons = [name for name in names if _PERSON.search(name)]
    phones = [name for name in names if _PHONE.search(name)]
    for text in said:  # a description is one text: both words may stand in it
        person, phone = _PERSON.search(text), _PHONE.search(text)
        if person and phone:
            return f"{person[0]}、{phone[0]}"
    return "、".join(dict.fromkeys([*persons, *phones])) if persons and phones else None


def _first(files: list[File], key: Callable[[File], Any]) -> list[File]:
    """The files with the highest key; none where one of them has no key, for it might have been the highest."""
    if any(key(file) is None for file in files):
        return []
    highest = max(map(key, files))
    return [file for file in files if key(file) == highest]


def _file(record: dict[str, Any]) -> File:
    updated: Any = record.get("updateTime")
    rows: Any = record.get("dataCount")
    return File(
        str(record.get("idInRc") or ""),
        _unescaped(str(record.get("fileName") or "")),
        str(record.get("fileFormat") or "").lower().lstrip("."),
        _unescaped(str(record.get("fileDescription") or "")),
        datetime.fromtimestamp(int(updated) / 1000, UTC) if str(updated or "").isdigit() else None,
        int(rows) if str(rows if rows is not None else "").isdigit() else None,
    )


def _unescaped(text: str) -> str:
    """Text that was escaped for HTML once, or once too often."""
    return " ".join(html.unescape(html.unescape(text)).split())


def _printed(element: HtmlElement) -> str:
    return _unescaped(element.text_content())


def _card_of(link: HtmlElement, catalogue_id: str) -> str:
    """The text of the widest element around a link that shows no other catalogue."""
    card = link
    for around in link.iterancestors():
        links = " ".join(one.get("href") or "" for one in around.iter("a"))
        if set(re.findall(rf"/catalog/({_ID})(?![0-9A-Fa-f])", links)) - {catalogue_id}:
            break
        card = around
    text: str = card.text_content()
    return text


def _shown(content: object) -> str:
    text = (
        content.decode("utf-8", "replace")
        if isinstance(content, bytes)
        else json.dumps(content, ensure_ascii=False)
    )
    return " ".join(text.split())[:80]
