"""Checksums of raw files: computed once for each state of a file, and pinned where nobody published one.

``checksums.json`` in the cache has two parts:

    pinned    "<set>/<file>" -> sha256 of the first download of a file without a published checksum
    seen      path -> [size, time of change in ns, sha256], so that a file is not read at every start
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from rnnlab.data.places import cache_root, locked, writing
from rnnlab.errors import RequestError, WorkError


def store() -> Path:
    """The file that remembers checksums."""
    return cache_root() / "checksums.json"


def remembered(part: str) -> dict[str, Any]:
    """One part of the file, empty where there is none yet."""
    path = store()
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")).get(part, {}))
    except (ValueError, AttributeError) as error:
        raise WorkError(f"{path}: damaged ({error}); remove it and ask again") from error


def remember(part: str, key: str, value: Any) -> None:
    """Add one entry, while other processes may be adding theirs."""
    path = store()
    with locked(path.with_suffix(".lock")):
        everything = {name: remembered(name) for name in ("pinned", "seen")}
        everything[part][key] = value
        with writing(path) as beside:
            beside.write_text(json.dumps(everything, indent=1), encoding="utf-8")


def sha256_of(path: Path) -> str:
    """The sha256 of a file in hex; read only if its size or time of change differs from last time."""
    state = path.stat()
    size, changed, known = remembered("seen").get(str(path), (None, None, ""))
    if (size, changed) == (state.st_size, state.st_mtime_ns):
        return str(known)
    found = digest_of(path)
    remember("seen", str(path), [state.st_size, state.st_mtime_ns, found])
    return found


def digest_of(path: Path) -> str:
    """The sha256 of a file in hex, read now; for files that are about to be renamed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path, found: str, expected: str, advice: str) -> None:
    """Raise RequestError, naming both sums, where the sha256 ``found`` for a file is not the expected one."""
    if found != expected:
        raise RequestError(f"{path}: its sha256 is {found}, but {expected} is expected; {advice}")
