"""The catalogue: every source, declared in ``sources.yml``. How a source is fetched or read is not said here in code."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from ingest import connections, layout
from ingest.connections import S3, Database, Http, Portal, Sftp, Text
from ingest.datasets import DATASETS

BUNDLED_CATALOGUE = Path(__file__).parent / "sources.yml"


class CatalogueError(Exception):
    """The catalogue is wrong; the message names the file, the entry and the field of every fault."""


def _month_day(text: str) -> str:
    month, _, day = text.partition("-")
    if not (re.fullmatch(r"[0-9]{2}-[0-9]{2}", text) and 1 <= int(month) <= 12):
        raise ValueError(f"{text!r} is not a month and day such as 03-31")
    if not 1 <= int(day) <= calendar.monthrange(2024, int(month))[1]:
        raise ValueError(f"{text!r}: that month has no such day")
    return text


MonthDay = Annotated[str, AfterValidator(_month_day)]


class Source(BaseModel):
    """One source: who publishes what, where it is fetched, how it is printed, how far it may be trusted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,60}$")]
    title_zh: Text
    title_en: Text
    publisher_zh: Text
    dataset: Text
    connector: Literal["file", "inbox", "demo", "http", "portal", "store", "database"]
    location: Text  # a path, an address, or the name by which a database is known
    #: hosts, limits and names of environment variables; its form depends on the connector
    connection: Annotated[
        Http | Portal | S3 | Sftp | Database | None, Field(default=None, validate_default=True)
    ]
    layout: Text
    cadence: Literal["once", "annual", "quarterly", "monthly", "irregular"]
    expected_by: tuple[MonthDay, ...] = ()  # days of the year by which the publisher is expected
    licence: Text
    tier: Literal["O", "P", "M", "E", "demo"]
    data_origin: Literal["published", "submitted", "demo"]
    owner_department: Annotated[str, StringConstraints(pattern=r"^[DG]\d{2}$")]
    enabled: bool = True
    optional: bool = False  # may hold nothing at all, as an inbox does
    transcription: bool = False  # typed in from publications that are cited row by row
    accumulates: bool = False  # each file stands beside the earlier ones instead of replacing them
    tolerance_days: Annotated[int, Field(ge=0)] = (
        30  # how long the night may stand on the last accepted snapshot
    )
    max_rejected_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    note_zh: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _holds_no_credential(cls, entry: object) -> object:
        if found := connections.credential_in(entry):
            raise ValueError(found)
        return entry

    @field_validator("connection", mode="before")
    @classmethod
    def _fits_the_connector(cls, given: object, info: ValidationInfo) -> object:
        if not {"connector", "location"} <= info.data.keys():
            return None  # what is wrong with those is said already
        kind = connections.kind_of(info.data["connector"], info.data["location"])
        if kind is None:
            if given is not None:
                raise ValueError(f"connector {info.data['connector']!r} takes no settings at such a location")
            return None
        try:
            return kind.model_validate({} if given is None else given)
        except ValidationError as error:
            faults = [
                f"{'.'.join(map(str, fault['loc']))}: {_what(fault)}" if fault["loc"] else _what(fault)
                for fault in error.errors()
            ]
            raise ValueError("; ".join(faults)) from None

    @model_validator(mode="after")
    def _coheres(self) -> Source:
        if self.dataset not in DATASETS:
            raise ValueError(f"dataset: {self.dataset!r} is not one of {', '.join(sorted(DATASETS))}")
        try:
            declared = layout.load(self.layout)
        except layout.LayoutError as error:
            raise ValueError(f"layout: {error}") from error
        if declared.dataset != self.dataset:
            raise ValueError(f"layout: {self.layout!r} is for {declared.dataset}, not for {self.dataset}")
        if (self.data_origin == "demo") != (self.tier == "demo"):
            raise ValueError("data_origin: demo data, and only demo data, have tier 'demo'")
        if self.connector == "demo" and self.data_origin != "demo":
            raise ValueError("data_origin: what connector 'demo' makes is demo data")
        if self.cadence in ("annual", "quarterly", "monthly") and not self.expected_by:
            raise ValueError(
                f"expected_by: a source of {self.cadence} cadence says by which days it is expected"
            )
        if self.connector in ("http", "portal") and not connections.is_web_address(self.location):
            raise ValueError(
                f"location: a source of connector {self.connector!r} needs an address that begins with http:// or"
                " https:// and names a host"
            )
        if self.connector == "store" and not re.match(r"(?:s3|sftp)://[^/]+/.", self.location):
            raise ValueError("location: a store source needs s3://bucket/name or sftp://host/path")
        if self.connector == "database" and declared.reader != "csv":
            raise ValueError(f"layout: a query gives csv, {self.layout!r} reads {declared.reader}")
        return self

    def due_dates(self, today: date) -> tuple[date, date] | None:
        """The last two days, up to today, by which the publisher was expected; None where nothing is expected."""
        if not self.expected_by:
            return None
        days = [
            date(year, int(text[:2]), min(int(text[3:]), calendar.monthrange(year, int(text[:2]))[1]))
            for year in (today.year - 2, today.year - 1, today.year)
            for text in self.expected_by
        ]
        past = sorted(day for day in days if day <= today)
        return past[-2], past[-1]

    def is_overdue(self, published_to: str | None, today: date) -> bool:
        """Whether the publisher's issue that was due last should have brought something newer than what stands.

        The publisher has all of the day. What came in the first quarter of the time between two issues is the earlier one,
        late.
        """
        due = self.due_dates(today - timedelta(days=1))
        if due is None:
            return False
        before, last = due
        return published_to is None or date.fromisoformat(published_to) <= before + (last - before) / 4


class Catalogue(BaseModel):
    """All sources of a city, in the order of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[Source, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Catalogue:
        ids = [source.id for source in self.sources]
        if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            raise ValueError(f"ids appear more than once: {', '.join(twice)}")
        return self

    def enabled(self, *, demo: bool = True) -> tuple[Source, ...]:
        """The sources that a night uses; without demo data on request."""
        return tuple(s for s in self.sources if s.enabled and (demo or s.data_origin != "demo"))


def load(path: Path = BUNDLED_CATALOGUE) -> Catalogue:
    """The catalogue in a YAML file.

    Raises:
        CatalogueError: naming the entry and the field of every fault, not only the first.
    """
    try:
        content = layout.load_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{path}: there is no such catalogue") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: expected a text file in UTF-8; reading it failed ({error})") from error
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path.name}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise CatalogueError(f"{path.name}: expected a list of entries under `sources:`")
    try:
        return Catalogue.model_validate(content)
    except ValidationError as error:
        faults = [f"  {_where(fault['loc'], content)}: {_what(fault)}" for fault in error.errors()]
        raise CatalogueError(f"{path.name} has {len(faults)} fault(s):\n" + "\n".join(faults)) from error


def _where(location: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """ "entry gdp_city, field cadence", with the entry's number where it has no id."""
    if len(location) >= 2 and location[0] == "sources" and isinstance(location[1], int):
        entry = content["sources"][location[1]]
        name = (
            entry.get("id", f"number {location[1] + 1}")
            if isinstance(entry, dict)
            else f"number {location[1] + 1}"
        )
        return f"entry {name}" + (f", field {'.'.join(map(str, location[2:]))}" if len(location) > 2 else "")
    return ".".join(map(str, location)) or "catalogue"


def _what(fault: ErrorDetails) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    given = fault.get("input")
    # where the name of a variable belongs, somebody may have written what the variable should hold
    is_shown = isinstance(given, (str, int, float, bool)) and not any("_env" in str(e) for e in fault["loc"])
    return f"{message} (given: {given!r})" if is_shown else message
