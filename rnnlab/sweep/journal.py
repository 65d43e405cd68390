"""The journal of a sweep's study: Optuna's own file format, read with care and written by one process alone.

A line is one JSON object. A kill can tear the last one: Optuna ignores it and glues its next line to it, and
from then on the file cannot be read. So it is cut off first. Damage before it is an error, and nothing of the
file is changed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rnnlab.errors import RequestError

if TYPE_CHECKING:
    from optuna.storages import JournalStorage

OPERATIONS = range(11)
"""Optuna's codes of what a line can say."""
CREATE_STUDY = 0
"""The one of the line that begins a study."""


def check(path: Path, study: str) -> None:
    """RequestError where this journal is damaged before its last line, or is that of another study."""
    if not path.exists():
        return
    *lines, _ = path.read_bytes().split(b"\n")  # after the last newline: nothing, or a torn line
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            operation = OPERATIONS.index(entry["op_code"])
            if number == 1 and operation != CREATE_STUDY:
                raise ValueError("a journal begins with its study")
        except (ValueError, KeyError, TypeError) as error:
            raise RequestError(
                f"{path}: line {number} of {len(lines)} is damaged; put a whole copy in its place,"
                " or sweep.new=true starts afresh"
            ) from error
        if operation == CREATE_STUDY and entry.get("study_name") != study:
            raise RequestError(
                f"{path}: is the journal of another study, {entry.get('study_name')!r}, where {study!r} is expected"
            )


def heal(path: Path) -> None:
    """Cut off a torn last line. Only for who holds the sweep's folder."""
    if not path.exists():
        return
    with open(path, "rb+") as file:
        whole = file.read().rfind(b"\n") + 1
        if whole < file.tell():
            file.truncate(whole)
            os.fsync(file.fileno())


def open_storage(path: Path) -> JournalStorage:
    """Optuna's storage on this file, without a lock of its own: a stale one would cost half a minute."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    class HeldAlready(JournalFileOpenLock):
        """The lock of the sweep's folder keeps every other writer away."""

        def acquire(self) -> bool:
            return True

        def release(self) -> None:
            """Nothing to let go of."""

    heal(path)
    return JournalStorage(JournalFileBackend(str(path), lock_obj=HeldAlready(str(path))))
