"""What all our pages share: their templates, and a policy that lets a page use what is inside it and nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def environment(
    folder: str = ".", filters: Mapping[str, Callable[..., Any]] | None = None, **names: Any
) -> Environment:
    """Templates of a folder under `templates/`. What is put into them is escaped, and a name that is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES / folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters or {})
    made.globals.update(names)
    return made


@cache
def inlined(name: str) -> tuple[Markup, str]:
    """A style sheet or script to stand in the page as it is, and its hash as a policy names it."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"


def policy(style: str, script: str | None = None, *, images: bool = False) -> Markup:
    """The content security policy of a page with one style sheet, at most one script, and pictures written into it."""
    rules = ["default-src 'none'", f"style-src '{style}'"]
    if script:
        rules.append(f"script-src '{script}'")
    if images:
        rules.append("img-src data:")
    return Markup("; ".join([*rules, "base-uri 'none'", "form-action 'none'"]))
