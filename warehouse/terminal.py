"""What others wrote, on a terminal: their text is shown and never obeyed. What this program prints itself is not touched.

A cell, a file's name or a server's message may hold escape sequences that move the cursor, set the window's title or
answer for the person at the keyboard, and marks that turn the direction of the text around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# Controls of both sets but tab and line feed; marks of direction, and characters that take no room.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with a picture in place of every character that is obeyed instead of shown: ␛[31m, U+202E."""
    return _UNSEEN.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


class Visible:
    """A renderable of Rich with its text made visible; the styles that it sets itself stay."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class VisibleStream:
    """A text stream that makes visible whatever is printed to it. `trusted` is the stream behind it, for our own sequences."""

    def __init__(self, stream: IO[str]) -> None:
        self.trusted = stream

    def write(self, text: str) -> int:
        # a carriage return alone at the end is ours: a line of progress that the next one replaces
        end = "\r" if text.endswith("\r") else ""
        self.trusted.write(visible(text[: len(text) - len(end)]) + end)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.trusted, name)
