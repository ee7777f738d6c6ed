"""Texts as they are printed and compared: on one line, whatever white space they came with."""

from __future__ import annotations


def one_line(text: str | None) -> str:
    """A text with one space for each run of white space and none around it; of nothing an empty one."""
    return " ".join((text or "").split())
