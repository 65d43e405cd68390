"""Where data lies on this machine: the user's own folder, the cache, and the locks of the cache.

``$RNNLAB_DATA/<set>/<file>``             raw files that the user has put there; only ever read
``$RNNLAB_CACHE/raw/<set>/<file>``        raw files that were downloaded
``$RNNLAB_CACHE/prepared/<form>/<set>/``  arrays made of them, apart for each form of the description

``$RNNLAB_CACHE`` is ``~/.cache/rnnlab`` where it is not set.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnlab.errors import RequestError, WorkError


def cache_root() -> Path:
    """``$RNNLAB_CACHE``, or ``~/.cache/rnnlab``. It need not exist."""
    given = os.environ.get("RNNLAB_CACHE")
    return Path(given).expanduser().absolute() if given else Path.home() / ".cache" / "rnnlab"


def own_root() -> Path | None:
    """``$RNNLAB_DATA``, or None where it is not set."""
    given = os.environ.get("RNNLAB_DATA")
    return Path(given).expanduser().absolute() if given else None


def raw_candidates(folder: str, file: str) -> list[Path]:
    """The places where a raw file may lie, the user's own first; the last is where a download goes."""
    roots = [own_root(), cache_root() / "raw"]
    return [root / folder / file for root in roots if root is not None]


def make_folder(folder: Path) -> None:
    """Create a folder of the cache. Raises RequestError where the cache cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(
            f"RNNLAB_CACHE = {str(cache_root())!r}: {folder} cannot be made ({error.strerror});"
            " name a folder that can be written"
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold ``path`` (made if need be) against other processes; waits until it is free."""
    make_folder(path.parent)
    try:
        handle = path.open("a")
    except OSError as error:
        raise RequestError(f"RNNLAB_CACHE: {path} cannot be written ({error.strerror})") from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Write ``path`` whole or not at all: yields a file beside it, renamed when the block ends well.

    Raises WorkError where the disk is full or cannot be written.
    """
    make_folder(path.parent)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        yield beside
        sync(beside)
        os.replace(beside, path)
    except OSError as error:
        raise WorkError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        beside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Push a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
