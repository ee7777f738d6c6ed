"""What stands in a folder, what a file's bytes hash to, and how both are made safe against a power cut."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def all_files(folder: Path) -> list[Path]:
    """Every file below a folder, sorted by its path."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Make a file, or a folder's list of names, safe against a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
