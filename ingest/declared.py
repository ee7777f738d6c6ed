"""What every declaration in YAML shares: strict models and checked regular expressions. No declaration stands here."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
