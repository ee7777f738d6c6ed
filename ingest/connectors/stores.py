"""Object stores and SFTP, read through fsspec: s3://bucket/name and sftp://host/path, globs too. Nothing is ever written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ingest.catalogue import Source
from ingest.connections import S3, Sftp
from ingest.connectors import FetchError, Places, from_environment
from ingest.connectors.files import is_passed_over
from ingest.landing import Document

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_CHUNK = 1024**2


def fetch(source: Source, places: Places) -> list[Document]:
    """The objects of a location, in order of their whole name.

    Raises:
        FetchError: no such object, no access, an unknown server, or more bytes in all than the settings allow.
    """
    is_s3 = isinstance(source.connection, S3)
    opened = _s3(source) if is_s3 else _sftp(source, places)
    scheme, _, rest = source.location.partition("://")
    host, _, path = rest.partition("/")
    root = f"{scheme}://" if is_s3 else f"{scheme}://{host}"
    with opened as filesystem:
        return documents(source, filesystem, rest if is_s3 else f"/{path}", root)


def documents(source: Source, filesystem: AbstractFileSystem, pattern: str, root: str) -> list[Document]:
    """The files of a file system that a pattern names; `root` stands before their paths in what is recorded.

    Raises:
        FetchError: as `fetch` says.
    """
    assert source.connection is not None  # the catalogue fits settings to connectors
    limit = left = source.connection.max_bytes
    found = []
    try:
        for path in _paths(filesystem, pattern):
            content = bytearray()
            with filesystem.open(path, "rb") as file:
                while chunk := file.read(_CHUNK):
                    content += chunk
                    if len(content) > left:
                        raise FetchError(f"{source.id}: {source.location} holds more than {limit} bytes")
            size = filesystem.info(path)["size"]
            if len(content) < size:  # it was being written, and half of a table would be taken for the whole
                raise FetchError(
                    f"{source.id}: {path} is still being written: {len(content)} of {size} bytes came"
                )
            left -= len(content)
            found.append(Document(path.rpartition("/")[2], bytes(content), root + path))
    except FetchError:
        raise
    except FileNotFoundError:
        raise FetchError(f"{source.id}: expected a file at {source.location}, there is none") from None
    except Exception as error:  # each file system has errors of its own, and none may end the night
        raise FetchError(f"{source.id}: {source.location} cannot be read: {_what(error)}") from error
    if not found and not source.optional:
        raise FetchError(f"{source.id}: expected files named {source.location}, there is none")
    return found


def _paths(filesystem: AbstractFileSystem, pattern: str) -> list[str]:
    if not any(character in pattern for character in "*?["):
        return [pattern]
    found = filesystem.glob(pattern, detail=True)
    return sorted(
        path
        for path, about in found.items()
        if about["type"] == "file" and not is_passed_over(path.rpartition("/")[2])
    )


@contextmanager
def _s3(source: Source) -> Iterator[AbstractFileSystem]:
    import s3fs

    settings = source.connection
    assert isinstance(settings, S3)  # the catalogue fits settings to connectors and locations
    names = {"key": settings.key_env, "secret": settings.secret_env, "token": settings.token_env}
    endpoint = settings.endpoint_url
    if settings.endpoint_env:
        endpoint = from_environment(source, settings.endpoint_env)
    yield s3fs.S3FileSystem(
        anon=settings.key_env is None,  # else the library would look for keys all over the machine
        **{name: from_environment(source, variable) for name, variable in names.items() if variable},
        endpoint_url=endpoint,
        client_kwargs={"region_name": settings.region or "us-east-1"},
        config_kwargs={
            "connect_timeout": settings.connect_timeout_s,
            "read_timeout": settings.read_timeout_s,
            "retries": {"total_max_attempts": 3, "mode": "standard"},
            "s3": {"addressing_style": settings.addressing_style},
        },
        use_listings_cache=False,
        skip_instance_cache=True,  # the next night asks again
    )


@contextmanager
def _sftp(source: Source, places: Places) -> Iterator[AbstractFileSystem]:
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    settings = source.connection
    assert isinstance(settings, Sftp)  # the catalogue fits settings to connectors and locations
    address = urlsplit(source.location)
    known_hosts = places.catalogue / settings.known_hosts
    read_timeout_s = settings.read_timeout_s
    login: dict[str, Any] = {"username": settings.username, "allow_agent": False, "look_for_keys": False}
    if settings.password_env:
        login["password"] = from_environment(source, settings.password_env)
    elif settings.key_file_env:
        login["key_filename"] = from_environment(source, settings.key_file_env)

    class KnownServer(SFTPFileSystem):  # type: ignore[misc]  # the library has no types
        """The library's own accepts any key, or knows no keys at all: it cannot be given a file of them."""

        cachable = False

        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            self.client.load_host_keys(str(known_hosts))
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
            self.ftp.get_channel().settimeout(read_timeout_s)

    if not known_hosts.is_file():
        raise FetchError(f"{source.id}: known_hosts: there is no file {settings.known_hosts}")
    waits = {name: settings.connect_timeout_s for name in ("timeout", "banner_timeout", "auth_timeout")}
    filesystem = None
    try:
        filesystem = KnownServer(address.hostname, port=address.port or 22, **login, **waits)
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise FetchError(f"{source.id}: {source.location} cannot be reached: {_what(error)}") from error
    try:
        yield filesystem
    finally:
        filesystem.client.close()


def _what(error: Exception) -> str:
    """An error's own words in one line; its kind where it has none."""
    return re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__
