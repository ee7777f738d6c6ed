"""How each kind of source is connected to: hosts, limits, queries, names of environment variables. Never a credential."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ingest.declared import Declared, Pattern

MAX_FILE_BYTES = 16 * 1024**3  # of this machine; it is copied, never held
MAX_BYTES = 2 * 1024**3  # a document above this is a mistake of the catalogue, not a county's table
#: what a key is called that holds a credential; names of environment variables end in `_env` and are none
_CREDENTIAL_KEY = re.compile(
    r"(?:^|[_-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|key|credentials?|authorization|cookie)$", re.I
)
_USER_IN_ADDRESS = re.compile(r"://[^/\s?#]*@")
_SECRET_IN_QUERY = re.compile(
    r"([?&][\w.-]*(?:token|secret|passw(?:or)?d|pwd|signature|sign|ticket|credential"
    r"|(?:api|app|access|private)[_-]?key|AWSAccessKeyId)=)[^&#\s]+",
    re.I,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,80}$")]
Host = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Bytes = Annotated[int, Field(ge=1, le=MAX_BYTES)]


def without_secrets(text: str) -> str:
    """A text in which no address names a user or carries a token, for messages and records."""
    return _SECRET_IN_QUERY.sub(r"\1***", _USER_IN_ADDRESS.sub("://", text))


def credential_in(entry: object, where: str = "") -> str | None:
    """Where a catalogue entry holds a credential, and why it is one; never the credential itself."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            place = f"{where}.{key}" if where else str(key)
            if _CREDENTIAL_KEY.search(str(key)) and not where.endswith("headers_env"):
                return f"{place}: a credential stands in the environment, never in the catalogue"
            if found := credential_in(value, place):
                return found
    elif isinstance(entry, list | tuple):
        for number, value in enumerate(entry):
            if found := credential_in(value, f"{where}.{number}"):
                return found
    elif isinstance(entry, str) and without_secrets(entry) != entry:
        return f"{where}: the address names a user, a password or a token; those stand in the environment"
    return None


def is_web_address(text: str) -> bool:
    """Whether a text is an http or https address that names a host and, if any, a port that is a number."""
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:  # such as an open bracket
        return False


def _web_address(text: str) -> str:
    if not is_web_address(text):
        raise ValueError("expected an address that begins with http:// or https:// and names a host")
    return text


def variables_named(declared: Declared) -> tuple[str, ...]:
    """The environment variables that the fields ending in `_env` name; a field of several names is its class's own matter."""
    named = (getattr(declared, name) for name in type(declared).model_fields if name.endswith("_env"))
    return tuple(name for name in named if isinstance(name, str))


class Connection(Declared):
    """What all kinds share."""

    max_bytes: Bytes = MAX_BYTES

    @property
    def environment(self) -> tuple[str, ...]:
        """Names of the environment variables that hold this source's credentials."""
        return variables_named(self)


class Http(Connection):
    """One document at an address."""

    allowed_hosts: tuple[Host, ...] = ()  # besides the location's own: where a redirect may lead
    headers: dict[str, str] = {}
    headers_env: dict[str, EnvironmentName] = {}  # header -> variable; sent to the location's own server only
    has_login_box: bool = False  # an HTML page of this source carries a login form beside its content
    attempts: Annotated[int, Field(ge=1, le=6)] = 3
    connect_timeout_s: Seconds = 10.0
    read_timeout_s: Seconds = 30.0  # without a byte
    deadline_s: Seconds = 900.0  # for one document, tries included: a server may also send too slowly

    @property
    def environment(self) -> tuple[str, ...]:
        return tuple(self.headers_env.values())


class Portal(Http):
    """A file of a catalogue of an open-data portal."""

    catalogue_id: Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{20}|[0-9A-Fa-f]{32})$")]
    # where files are listed and downloaded; at the location unless the province's portal does it
    files_address: Annotated[str, AfterValidator(_web_address)] | None = None
    format: Text | None = None  # such as xlsx; any
    file_name: Pattern = ""  # regular expression, searched in the names as a person reads them
    version: Literal["newest", "most_rows"] | None = None  # which of several files that fit
    page_size: Annotated[int, Field(ge=1, le=500)] = 50


class S3(Connection):
    """Objects of a bucket. Without names of keys they are read anonymously: no key is looked for anywhere else."""

    endpoint_url: Annotated[str, AfterValidator(_web_address)] | None = None
    endpoint_env: EnvironmentName | None = None
    region: Text | None = None
    key_env: EnvironmentName | None = None
    secret_env: EnvironmentName | None = None
    token_env: EnvironmentName | None = None
    addressing_style: Literal["auto", "path", "virtual"] = "auto"
    connect_timeout_s: Seconds = 10.0
    read_timeout_s: Seconds = 60.0

    @model_validator(mode="after")
    def _coheres(self) -> S3:
        if bool(self.key_env) != bool(self.secret_env):
            raise ValueError("key_env and secret_env are named together, or neither is")
        if self.endpoint_url and self.endpoint_env:
            raise ValueError("endpoint_url or endpoint_env, not both")
        return self


class Sftp(Connection):
    """Files of an SFTP server whose key is known beforehand."""

    username: Text
    password_env: EnvironmentName | None = None
    key_file_env: EnvironmentName | None = None  # the variable names the file of the private key
    known_hosts: Text  # file of the server's keys, from the catalogue's folder; no other server is spoken to
    connect_timeout_s: Seconds = 10.0
    read_timeout_s: Seconds = 60.0

    @model_validator(mode="after")
    def _coheres(self) -> Sftp:
        if bool(self.password_env) == bool(self.key_file_env):
            raise ValueError("either password_env or key_file_env names how to log in")
        return self


class Database(Connection):
    """One query. Its rows stand in a declared order, so that an unchanged table gives unchanged bytes."""

    url_env: EnvironmentName  # the variable holds postgresql://user:password@host/database, or mysql://
    query: Text
    order_by: tuple[Text, ...] = ()  # columns of the answer; empty where the query orders its rows itself
    max_bytes: Bytes = 256 * 1024**2  # rows are sorted in memory
    max_rows: Annotated[int, Field(ge=1)] = 5_000_000
    connect_timeout_s: Seconds = 10.0
    timeout_s: Seconds = 300.0

    @model_validator(mode="after")
    def _coheres(self) -> Database:
        plain = _plain_sql(self.query)
        if not re.match(r"\s*(?:select|with)\b", plain, re.I):
            raise ValueError("query: expected one SELECT, or WITH … SELECT")
        if ";" in plain.rstrip().removesuffix(";"):
            raise ValueError("query: expected one statement, found several")
        if found := _WRITES.search(plain):
            raise ValueError(f"query: {found[0].upper()} does not belong in a query that only reads")
        if bool(self.order_by) == _orders_its_rows(plain):
            raise ValueError(
                "order_by: name the columns to sort by, or end the query with ORDER BY; not both, not neither"
            )
        return self


#: statements inside a statement, and locks; a column of such a name is written in quotes
_WRITES = re.compile(
    r"\b(?:insert|update|delete|merge|truncate|drop|alter|create|grant|revoke|copy|call|into|lock)\b"
    r"|\bfor\s+(?:no\s+key\s+update|key\s+share|share)\b",
    re.I,
)
_SILENT_SQL = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--(?=\s)[^\n]*|/\*.*?\*/", re.DOTALL
)


def _plain_sql(query: str) -> str:
    """A query without literals, quoted names and comments."""
    if "\\" in query or "/*!" in query or "#" in _SILENT_SQL.sub(" ", query):
        # MySQL reads \' and /*! and # otherwise than the standard: what is text and what is not would be a guess
        raise ValueError("query: write it without backslashes, without /*! and without #")
    plain = _SILENT_SQL.sub(" x ", query)
    if any(mark in plain for mark in ("'", '"', "`", "/*")):
        raise ValueError("query: a quote or a comment is not closed")
    return re.sub(r"^(?:\s*x\s)+", " ", plain)  # comments before the first word


def _orders_its_rows(plain: str) -> bool:
    """Whether ORDER BY stands outside all brackets."""
    while (inner := re.sub(r"\([^()]*\)", " ", plain)) != plain:
        plain = inner
    return bool(re.search(r"\border\s+by\b", plain, re.I))


def kind_of(connector: str, location: str) -> type[Connection] | None:
    """The settings that a connector takes for such a location; None where it takes none."""
    if connector == "store":
        stores: dict[str, type[Connection]] = {"s3": S3, "sftp": Sftp}
        return stores.get(location.partition("://")[0])
    others: dict[str, type[Connection]] = {"http": Http, "portal": Portal, "database": Database}
    return others.get(connector)
