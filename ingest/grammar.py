"""The grammar of bulletins: which sentences a layout knows, declared in YAML. Nothing here reads a text."""

from __future__ import annotations

import re

from pydantic import model_validator

from ingest.declared import Declared, Pattern


class Sentence(Declared):
    """A sentence that the prose grammar knows: one pattern, or a list of items that share a pattern."""

    name: str
    pattern: Pattern  # named groups are fields; "unit" is the quantity's unit
    items: Pattern | None = None  # pattern of one item inside the group "items"
    constants: dict[str, str] = {}

    @property
    def fields(self) -> set[str]:
        groups = {*re.compile(self.pattern).groupindex, *re.compile(self.items or "").groupindex}
        return (groups | set(self.constants)) - ({"items"} if self.items else set())

    @model_validator(mode="after")
    def _finds_values(self) -> Sentence:
        if self.items and "items" not in re.compile(self.pattern).groupindex:
            raise ValueError("pattern: a sentence with items has them in its group 'items'")
        if "value" not in re.compile(self.items or self.pattern).groupindex:
            raise ValueError(f"{'items' if self.items else 'pattern'}: it has no group 'value'")
        return self


class Prose(Declared):
    """A bulletin text: head lines `label:value`, then sentences."""

    head: dict[str, str]  # label -> field, or "" for furniture
    period_from: Pattern  # pattern with the group "period", looked up in the title
    sentences: tuple[Sentence, ...]
    constants: dict[str, str] = {}

    @property
    def fields(self) -> set[str]:
        """Every field that a record may have."""
        of_sentences = set().union(*(sentence.fields for sentence in self.sentences))
        return {name for name in self.head.values() if name} | set(self.constants) | of_sentences | {"period"}

    @model_validator(mode="after")
    def _finds_the_period(self) -> Prose:
        if "origin_title" not in self.head.values():
            raise ValueError("head: no label holds the origin_title, in which the period is looked up")
        if "period" not in re.compile(self.period_from).groupindex:
            raise ValueError("period_from: it has no group 'period'")
        return self
