"""Data that another installed package ships. The package is found, and never imported: only its files are read."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def shipped(package: str, *path: str) -> Path | None:
    """The file of that path inside an installed package; None where either is missing."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent.joinpath(*path)
    return file if file.is_file() else None
