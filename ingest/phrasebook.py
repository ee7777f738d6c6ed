"""Messages of this room in Chinese, for those who handed a file in. What is wrong with a row is decided elsewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from ingest.layout import YAML_LOADER

PHRASES = Path(__file__).parent / "phrases.yml"

_SLOT = re.compile(r"\{(\w+)\}")


def in_chinese(message: str) -> str:
    """A message in Chinese, what it quotes left as it was printed; the message itself where no phrase fits it."""
    for pattern, chinese in _phrases():
        if found := pattern.fullmatch(message):
            return chinese.format_map(
                {name: field_name(_plain(text)) for name, text in found.groupdict().items()}
            )
    return message


def field_name(name: str) -> str:
    """What a field is called in the tables that people fill in."""
    return _content()["fields"].get(name, name)


def known(message: str) -> bool:
    """Whether there is a phrase for a message."""
    return any(pattern.fullmatch(message) for pattern, _ in _phrases())


def _plain(text: str) -> str:
    """A quotation without the quotes that Python writes around it."""
    quoted = re.fullmatch(r"'(.*)'|\"(.*)\"", text, re.DOTALL)
    return f"“{quoted[1] or quoted[2] or ''}”" if quoted else text


@cache
def _content() -> dict[str, dict[str, str]]:
    phrases: dict[str, dict[str, str]] = yaml.load(PHRASES.read_text(encoding="utf-8"), Loader=YAML_LOADER)
    return phrases


@cache
def _phrases() -> list[tuple[re.Pattern[str], str]]:
    """Patterns, the most telling first: a phrase of many words before one that is mostly slots."""
    made = []
    for english, chinese in _content()["messages"].items():
        parts = _SLOT.split(english)
        pattern = "".join(f"(?P<{part}>.+)" if nth % 2 else re.escape(part) for nth, part in enumerate(parts))
        made.append((sum(map(len, parts[::2])), re.compile(pattern, re.DOTALL), chinese))
    return [(pattern, chinese) for _, pattern, chinese in sorted(made, key=lambda entry: -entry[0])]
