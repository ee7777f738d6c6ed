"""Alerts as they are declared: which events there are, and `alerts.yml`, which channels take which. Nothing is sent here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from ingest.connections import EnvironmentName, Host, credential_in, variables_named, without_secrets
from ingest.declared import Declared
from warehouse.home import Home

FILE = "alerts.yml"
FILE_VARIABLE = "BLUE_LEDGER_ALERTS"
RUNBOOKS = "docs/runbooks.md"

Event = Literal["blocked", "crashed", "stale", "critical_change", "warnings", "overdue"]
EVENTS: tuple[Event, ...] = get_args(Event)


@dataclass(frozen=True)
class Kind:
    """What an event is called, how grave it is, and after how many hours it is told again while it lasts.

    lasts: whether it is a state that ends, and whose end is told.
    """

    title_zh: str
    severity: Literal["failure", "warning", "info", "success"]
    repeat_hours: float = 24
    lasts: bool = True


#: the gravest first; each has a section of its name in the runbooks
KINDS: dict[str, Kind] = {
    "blocked": Kind("未发布：关键检查未通过", "failure"),
    "crashed": Kind("未发布：运行中断", "failure"),
    "stale": Kind("当前版本过旧或不可用", "failure"),
    "critical_change": Kind("往期数字发生变动", "failure", lasts=False),
    "warnings": Kind("已发布，但有警告", "warning", repeat_hours=168),
    "overdue": Kind("来源逾期未更新", "warning", repeat_hours=168),
    # no events of their own: the end of one, and a trial
    "recovered": Kind("已恢复", "success"),
    "test": Kind("通道测试", "info"),
}


class AlertsError(Exception):
    """alerts.yml is wrong, or a channel does not exist; the message names the file, the channel and the field."""


class MissingVariable(Exception):
    """A variable that a channel needs is not set in this environment."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the environment variable {name} is not set")


MailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$")]


class Channel(Declared):
    """What all channels share. events: what is sent there; all, where the file does not say."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    events: tuple[Event, ...] = EVENTS

    @field_validator("events")
    @classmethod
    def _not_empty(cls, events: tuple[Event, ...]) -> tuple[Event, ...]:
        if not events:
            raise ValueError("expected at least one event, or no such line for all of them")
        return events

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the environment variables that hold what nobody else may know of this channel."""
        return variables_named(self)


class WeCom(Channel):
    """A group's robot of WeCom (企业微信群机器人). The variable holds the address as WeCom shows it, with its key."""

    type: Literal["wecom"]
    url_env: EnvironmentName


class DingTalk(Channel):
    """A group's own robot of DingTalk (钉钉自定义机器人): the address with its token, and the secret that signs (加签)."""

    type: Literal["dingtalk"]
    url_env: EnvironmentName
    secret_env: EnvironmentName | None = None


class Webhook(Channel):
    """Any address that takes JSON by POST. headers_env: header -> variable, such as an authorisation."""

    type: Literal["webhook"]
    url_env: EnvironmentName
    headers_env: dict[str, EnvironmentName] = {}

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.url_env, *self.headers_env.values())


class Smtp(Channel):
    """Mail. Without encryption only where nothing secret is said: no password goes over a line in the clear."""

    type: Literal["smtp"]
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] | None = None  # else 465, 587 or 25, as security has it
    security: Literal["ssl", "starttls", "none"] = "starttls"
    sender: MailAddress
    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    user_env: EnvironmentName | None = None
    password_env: EnvironmentName | None = None

    @model_validator(mode="after")
    def _coheres(self) -> Smtp:
        if bool(self.user_env) != bool(self.password_env):
            raise ValueError("user_env and password_env are named together, or neither is")
        if self.password_env and self.security == "none":
            raise ValueError(
                "security: with a password expected ssl or starttls, for it would be sent in the clear"
            )
        return self


AnyChannel = Annotated[WeCom | DingTalk | Webhook | Smtp, Field(discriminator="type")]


class AlertSettings(Declared):
    """alerts.yml. repeat_hours: other than the event's own; heartbeat_env: an address that is asked after every good night."""

    channels: tuple[AnyChannel, ...]
    repeat_hours: dict[Event, Annotated[float, Field(ge=1, le=8760)]] = {}
    heartbeat_env: EnvironmentName | None = None

    @model_validator(mode="after")
    def _coheres(self) -> AlertSettings:
        names = [channel.name for channel in self.channels]
        if not names:
            raise ValueError("channels: expected at least one")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"channels: names appear more than once: {', '.join(twice)}")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        own = (self.heartbeat_env,) if self.heartbeat_env else ()
        return own + tuple(name for channel in self.channels for name in channel.variables)

    def repeat_after(self, event: Event) -> float:
        """Hours after which a lasting event is told again."""
        return self.repeat_hours.get(event, KINDS[event].repeat_hours)

    def channel(self, name: str) -> AnyChannel:
        """Raises AlertsError where there is none of that name."""
        for channel in self.channels:
            if channel.name == name:
                return channel
        known = ", ".join(channel.name for channel in self.channels)
        raise AlertsError(f"--channel: {FILE} has no channel {name}; it has {known}")


def file_of(home: Home) -> Path:
    """Where alerts are declared: the file that BLUE_LEDGER_ALERTS names, else alerts.yml in the home."""
    named = os.environ.get(FILE_VARIABLE)
    return Path(named).absolute() if named else home.root / FILE


def load(home: Home) -> AlertSettings | None:
    """What is declared; None where nothing is.

    Raises:
        AlertsError: naming the channel and the field of every fault, not only the first; never a credential.
    """
    path = file_of(home)
    if not path.exists() and not os.environ.get(FILE_VARIABLE):
        return None
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AlertsError(f"{FILE_VARIABLE}: there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise AlertsError(f"{path}: expected a text file in UTF-8; reading it failed ({error})") from error
    except yaml.YAMLError as error:
        # the parser's own words quote the line, which may hold what should not be in the file
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise AlertsError(f"{path.name}: not readable as YAML{where}") from None
    if not isinstance(content, dict):
        raise AlertsError(f"{path.name}: expected a list under `channels:`")
    if found := credential_in(content):
        raise AlertsError(f"{path.name}, {found.replace('the catalogue', 'this file')}")
    try:
        return AlertSettings.model_validate(content)
    except ValidationError as error:
        faults = [f"  {_where(fault['loc'], content)}: {_what(fault)}" for fault in error.errors()]
        raise AlertsError(f"{path.name} has {len(faults)} fault(s):\n" + "\n".join(faults)) from None


def _where(location: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """`channel duty_group, field events.0`, with the channel's number where it has no name."""
    if len(location) >= 2 and location[0] == "channels" and isinstance(location[1], int):
        entry = content["channels"][location[1]]
        name = entry.get("name") if isinstance(entry, dict) else None
        kind = entry.get("type") if isinstance(entry, dict) else None
        rest = location[3:] if len(location) > 2 and location[2] == kind else location[2:]
        field = f", field {'.'.join(map(str, rest))}" if rest else ""
        return f"channel {name if isinstance(name, str) else f'number {location[1] + 1}'}{field}"
    return ".".join(f"field {part}" if not n else str(part) for n, part in enumerate(location)) or "file"


#: faults of which the value that was given may be shown: it is a word that was to be one of a few
_SHOWN = ("literal_error", "union_tag_invalid", "int_parsing", "greater_than_equal", "less_than_equal")


def _what(fault: ErrorDetails) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    given = fault.get("input")
    is_shown = fault["type"] in _SHOWN and isinstance(given, (str, int, float))
    return f"{message} (given: {given!r})" if is_shown else message


# ── secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────


def value_of(name: str) -> str:
    """What a variable holds. Raises MissingVariable where it is not set or empty."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise MissingVariable(name)
    return value


def missing(settings: AlertSettings, env: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that the file names and that are not set."""
    return sorted({name for name in settings.variables if not env.get(name, "").strip()})


def redacted(text: str, variables: Iterable[str]) -> str:
    """A text without what the variables hold, nor any part of it that is a secret by itself; on one line."""
    hidden = {part for name in variables for part in _secret_parts(os.environ.get(name, "").strip())}
    plain = reduce(lambda text, part: text.replace(part, "***"), sorted(hidden, key=len, reverse=True), text)
    return " ".join(without_secrets(plain).split())


def _secret_parts(value: str) -> set[str]:
    """A value, and of an address its user, password, path's parts and the query's values; each also as addresses write it."""
    parts = {value}
    if re.match(r"[a-z][a-z0-9+]*://", value):
        try:
            address = urlsplit(value)
            parts |= {address.username or "", address.password or ""}
            parts |= {text for _, text in parse_qsl(address.query)}
            # words of the path that are no secret are short; of a mere host nothing is
            parts |= {part for part in unquote(address.path).split("/") if len(part) >= 12}
        except ValueError:  # an address that is none is hidden whole
            pass
    parts = {part for part in parts if len(part) >= 3}
    return parts | {quote(part, safe="") for part in parts} | {quote_plus(part) for part in parts}
