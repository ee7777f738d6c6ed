"""Delivery of alerts through Apprise, which only this module knows: one message, one channel, delivered or why not.

Nothing is kept on disk, no plugin and no file of its own is loaded, no redirect is followed, every wait is bounded.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

from orchestration.alert_settings import (
    AlertSettings,
    AnyChannel,
    Channel,
    DingTalk,
    MissingVariable,
    Smtp,
    Webhook,
    WeCom,
    redacted,
    value_of,
)

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
DEADLINE_SECONDS = 40.0  # for all together, whatever they do: a server may also answer a byte at a time
MOST_ANSWER_BYTES = 64 * 1024
REASON_CHARACTERS = 240
# Bytes of UTF-8 that a message may have. WeCom refuses a text of more than 2,048, a Chinese character being three of them.
MOST_BYTES = {"wecom": 1_900, "dingtalk": 15_000, "smtp": 100_000, "webhook": 100_000}


class NotDelivered(Exception):
    """A channel did not take a message; the text says why, and holds no secret."""


@dataclass(frozen=True)
class Message:
    """What is sent. items: the same for programs, each an event; only the webhook hands them on."""

    title: str
    body: str
    severity: Literal["failure", "warning", "info", "success"]
    items: tuple[Mapping[str, Any], ...] = field(default=())


def deliver_all(messages: Sequence[tuple[AnyChannel, Message]]) -> list[str | None]:
    """Send each message to its channel, all at once; None where it was taken, else why not. Raises nothing.

    A channel that does not answer is waited for DEADLINE_SECONDS and holds up no other.
    """
    answers: list[str | None] = [f"no answer within {DEADLINE_SECONDS:.0f} seconds"] * len(messages)

    def run(place: int, channel: AnyChannel, message: Message) -> None:
        try:
            deliver(channel, message)
            answers[place] = None
        except NotDelivered as error:
            answers[place] = str(error)
        except Exception as error:  # of the library: the others must still be told
            answers[place] = _reason(channel, [f"{type(error).__name__}: {error}"])

    # not a pool: a thread that hangs must not keep the process from ending
    threads = [
        threading.Thread(target=run, args=(place, channel, message), daemon=True)
        for place, (channel, message) in enumerate(messages)
    ]
    if threads:
        with contextlib.suppress(Exception):
            _library()  # imported once, before threads ask for it
    for thread in threads:
        thread.start()
    end = time.monotonic() + DEADLINE_SECONDS
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return list(answers)


def deliver(channel: AnyChannel, message: Message) -> None:
    """Send a message to a channel, in parts where it is longer than the channel takes.

    Raises:
        NotDelivered: not set up, not reached, or not taken.
    """
    with _listening() as said:
        try:
            plugin = _plugin(channel, message)
        except MissingVariable as error:
            raise NotDelivered(str(error)) from None
        except Exception as error:  # Apprise's exceptions name what they were given
            raise NotDelivered(_reason(channel, [*said, str(error)])) from None
        parts = in_parts(message.body, MOST_BYTES[channel.type] - len(message.title.encode()) - 20)
        for number, part in enumerate(parts, start=1):
            title = message.title + (f"（{number}/{len(parts)}）" if len(parts) > 1 else "")
            if not plugin.notify(body=part, title=title, notify_type=_library().NotifyType(message.severity)):
                raise NotDelivered(_reason(channel, said))


def beat(settings: AlertSettings) -> None:
    """Ask the address that watches for silence.

    Raises:
        NotDelivered: it was not reached, or answered with an error.
    """
    try:
        assert settings.heartbeat_env is not None  # who calls has looked
        address = value_of(settings.heartbeat_env)
        answer = _library().requests.get(
            address, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
        )
        answer.close()
    except MissingVariable as error:
        raise NotDelivered(str(error)) from None
    except Exception as error:
        raise NotDelivered(redacted(f"{type(error).__name__}: {error}", settings.variables)) from None
    if not 200 <= answer.status_code < 300:
        raise NotDelivered(f"HTTP {answer.status_code}")


def in_parts(text: str, most_bytes: int) -> list[str]:
    """A text cut at the ends of lines into parts of at most so many bytes; a single line that is longer is cut short."""
    parts, held = [], ""
    for line in text.splitlines():
        line = line.encode()[:most_bytes].decode(errors="ignore")
        if held and len(f"{held}\n{line}".encode()) > most_bytes:
            parts.append(held)
            held = line
        else:
            held = f"{held}\n{line}" if held else line
    return [*parts, held]


# ── Apprise ────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _library() -> SimpleNamespace:
    """Apprise and what is made of it, imported where a message is to be sent, for it takes half a second.

    Its four plugins by name: asked by schema it would load all of its two hundred first.
    """
    import apprise
    import requests  # Apprise's own way to speak HTTP
    from apprise.plugins.custom_json import NotifyJSON
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.email import NotifyEmail
    from apprise.plugins.wecombot import NotifyWeComBot

    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.addFilter(_listen)

    class Robot:
        """What both robots have in common: they answer HTTP 200 whatever happened, and only `errcode` says what did.

        Apprise's own plugins take the 200 for a delivery, and encode DingTalk's signature twice. Theirs are the
        checks of key, token and secret, the signature itself and the limits.
        """

        request_rate_per_sec = 0  # a night is one message, and both take twenty a minute
        # as shown by the robot: private deployments (政务微信, 专有钉钉) have hosts of their own
        address: str
        request_timeout: Any  # of the plugin that it is mixed into

        def signed(self) -> dict[str, str]:
            return {}

        def send(self, body: str, title: str = "", **_: Any) -> bool:
            # where there is no title, Apprise has put it before the body
            content = (f"{title}\n{body}" if title else body).replace("\r\n", "\n")
            try:
                answer = requests.post(
                    self.address,
                    params=self.signed(),
                    json={"msgtype": "text", "text": {"content": content}},
                    timeout=self.request_timeout,
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    raw = answer.raw.read(MOST_ANSWER_BYTES, decode_content=True)
            except (requests.RequestException, OSError) as error:
                _said.lines.append(f"{type(error).__name__}: {error}")
                return False
            answer._content = raw
            try:
                said = answer.json()
                code, text = said["errcode"], said.get("errmsg", "")
            except (ValueError, KeyError, TypeError, AttributeError):
                code, text = None, "not the answer of a robot"
            if answer.status_code == 200 and code == 0:
                return True
            _said.lines.append(f"HTTP {answer.status_code}, errcode {code}: {text}")
            return False

    # ours goes before theirs in everything, which their types do not foresee
    class WeComRobot(Robot, NotifyWeComBot):  # type: ignore[misc, no-untyped-call]  # the line above says why
        pass

    class DingTalkRobot(Robot, NotifyDingTalk):  # type: ignore[misc, no-untyped-call]  # the same
        def signed(self) -> dict[str, str]:
            if not self.secret:
                return {}
            timestamp, signature = self.get_signature()  # type: ignore[no-untyped-call]  # it has no types
            # already encoded for an address, which requests does itself
            return {"timestamp": timestamp, "sign": unquote(signature)}

    return SimpleNamespace(
        NotifyJSON=NotifyJSON,
        NotifyEmail=NotifyEmail,
        NotifyType=apprise.NotifyType,
        WeComRobot=WeComRobot,
        DingTalkRobot=DingTalkRobot,
        requests=requests,
        asset=apprise.AppriseAsset(
            app_id="Blue Ledger",
            app_desc="蓝账",
            app_url="",
            plugin_paths=[],
            storage_mode=apprise.PersistentStoreMode.MEMORY,
            async_mode=False,
            http_redirects=False,
            interpret_escapes=False,
            interpret_emojis=False,
            pgp_autogen=False,
            pem_autogen=False,
            allow_templates=False,
            secure_logging=True,
        ),
    )


def _plugin(channel: AnyChannel, message: Message) -> Any:
    library = _library()
    common = {"asset": library.asset, "cto": CONNECT_SECONDS, "rto": READ_SECONDS}
    match channel:
        case WeCom():
            address = value_of(channel.url_env)
            [key] = _from_query(address, "key")
            plugin = library.WeComRobot(key=key, **common)
            plugin.address = address
        case DingTalk():
            address = value_of(channel.url_env)
            [token] = _from_query(address, "access_token")
            secret = value_of(channel.secret_env) if channel.secret_env else None
            plugin = library.DingTalkRobot(token=token, secret=secret, **common)
            plugin.address = address
        case Webhook():
            place = urlsplit(value_of(channel.url_env))
            if place.scheme not in ("http", "https") or not place.hostname:
                raise ValueError("expected an address that begins with http:// or https:// and names a host")
            plugin = library.NotifyJSON(
                schema="jsons" if place.scheme == "https" else "json",
                host=place.hostname,
                port=place.port,
                fullpath=place.path or "/",
                params=dict(parse_qsl(place.query)),
                user=quote(place.username or "") or None,
                password=quote(place.password or "") or None,
                headers={header: value_of(name) for header, name in channel.headers_env.items()},
                # no attachments: an empty value takes Apprise's own field out
                payload={"attachments": "", "source": "blue-ledger", "alerts": list(message.items)},
                **common,
            )
        case Smtp():
            plugin = library.NotifyEmail(
                schema="mailto" if channel.security == "none" else "mailtos",
                smtp_host=channel.host,
                host=channel.sender.split("@")[1],
                port=channel.port,
                secure_mode="insecure" if channel.security == "none" else channel.security,
                from_addr=channel.sender,
                targets=list(channel.to),
                user=quote(value_of(channel.user_env)) if channel.user_env else None,
                password=quote(value_of(channel.password_env)) if channel.password_env else None,
                format="text",
                **common,
            )
    return plugin


def _from_query(address: str, name: str) -> list[str]:
    """The one value of a parameter of a robot's address."""
    parts = urlsplit(address)
    found = parse_qs(parts.query).get(name, [])
    if parts.scheme not in ("http", "https") or not parts.hostname or len(found) != 1:
        raise ValueError(f"expected the robot's whole address, https://…?{name}=…")
    return found


# ── what the library says while it works ───────────────────────────────────────────────────────────────────────────

_said = threading.local()


def _listen(record: logging.LogRecord) -> bool:
    """Keep what is logged in a thread that listens, for the reason of a failure. No record goes further: they name keys."""
    lines = getattr(_said, "lines", None)
    text = record.getMessage()
    if lines is not None and (record.levelno >= logging.WARNING or text.startswith("Socket Exception")):
        lines.append(text)
    return False


@contextlib.contextmanager
def _listening() -> Iterator[list[str]]:
    _said.lines = []
    try:
        yield _said.lines
    finally:
        _said.lines = None


def _reason(channel: Channel, said: Sequence[str]) -> str:
    """The library's words in one line, without secrets, not longer than a line of a log should be."""
    text = redacted("; ".join(dict.fromkeys(said)) or "it did not say why", channel.variables)
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 1] + "…"
