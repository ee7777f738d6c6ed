"""The version of the suites: results are kept under it, so that a changed suite judges everything anew."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def suites_version(reference_dir: Path) -> str:
    """A hash of this room's code and of the tables that the suites take their bounds from."""
    room = Path(__file__).parent
    files = [*sorted(room.rglob("*.py")), *sorted(reference_dir.rglob("*.csv"))]
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
