"""Connectors: fetch the documents of a source. What is in them is not looked at beyond telling a failure from a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

from ingest.catalogue import Source
from ingest.connections import without_secrets
from ingest.landing import Document

#: connector -> module; imported on first use, because a night of files should not pay for a database's library
_MODULES = {
    "file": "files",
    "inbox": "files",
    "demo": "files",
    "http": "http",
    "portal": "portal",
    "store": "stores",
    "database": "databases",
}


class FetchError(Exception):
    """A source could not be fetched; the message names the source, the place and what went wrong. It holds no secret."""


def _nothing(source_id: str) -> list[Document]:
    return []


@dataclass(frozen=True)
class Places:
    """Where relative locations begin: the catalogue's folder, the inbox, and the folder of demo files."""

    catalogue: Path
    inbox: Path
    demo: Path
    make_demo: Callable[[Path], None]  # fills the demo folder when it is empty
    #: the documents of a source that a server may be asked about instead of sending them again
    standing: Callable[[str], list[Document]] = _nothing


def fetch(source: Source, places: Places) -> list[Document]:
    """The documents that now stand at a source's location, in a stable order.

    A document that its publisher says is unchanged is given as it stood.

    Raises:
        FetchError: nothing is there, it is not a file, it is over a limit, or the publisher answered with an error.
    """
    connector = import_module(f"ingest.connectors.{_MODULES[source.connector]}")
    try:
        documents: list[Document] = connector.fetch(source, places)
        return documents
    except FetchError as error:
        # the cause is left behind: a library's own message may show an address with its password
        raise FetchError(_without_secrets_of(source, str(error))) from None
    except Exception as error:
        # a stranger's answer that nobody thought of is a failed look at one source, never the end of the night
        what = f"{source.id}: what came cannot be understood ({type(error).__name__}: {error})"[:400]
        raise FetchError(_without_secrets_of(source, what)) from None


def from_environment(source: Source, name: str) -> str:
    """What the environment holds under a name that the catalogue gives.

    Raises:
        FetchError: there is no such variable, or it is empty.
    """
    if not (value := os.environ.get(name, "")):
        raise FetchError(f"{source.id}: the environment variable {name} is not set")
    return value


def _without_secrets_of(source: Source, message: str) -> str:
    for name in source.connection.environment if source.connection else ():
        value = os.environ.get(name, "")
        password = "".join(re.findall(r"://[^:/]*:(.*)@", value))
        for secret in filter(None, (value, password, unquote(password))):
            message = message.replace(secret, "***")
    return without_secrets(message)
