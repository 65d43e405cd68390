"""Writing a file so that a crash, a kill or a full disk never leaves half of it."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from rnnlab.errors import WorkError


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``; after a crash it holds either the old bytes or the new ones.

    Raises ``WorkError`` where the system refuses (disk full, no permission); the old file survives.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise write_failed(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise write_failed(path, error) from error


def write_failed(path: Path, error: OSError) -> WorkError:
    """The one line for a write that the system refused."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if full else (error.strerror or str(error))
    return WorkError(f"{path}: cannot be written: {reason}")
