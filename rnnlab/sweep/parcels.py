"""What a run writes, as parcels: how its folder travels between machines that share no storage.

A parcel holds what has changed since the one before. Unpacked one after another they make an equal folder,
and every one of them leaves a folder that a run can go on from: a checkpoint never arrives before the lines of
the log that were written before it, and ``result.json``, which says that the run is done, arrives last.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rnnlab.errors import WorkError
from rnnlab.tracking.atomic import write_atomically, write_failed
from rnnlab.tracking.folder import BEST_CHECKPOINT, CONFIG, ENVIRONMENT, LAST_CHECKPOINT, POINTS, RESULT

CODE_DIFF = "code.diff"
NAMES = (CONFIG, ENVIRONMENT, CODE_DIFF, POINTS, BEST_CHECKPOINT, LAST_CHECKPOINT, RESULT)
"""All that travels, in the order of writing. It is read in the opposite order, while the run goes on writing."""

Stamp = tuple[int, int, int]
"""(time of the last change in ns, bytes, inode) of a file that is only ever replaced whole: as all are, but the log."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What changed in a run's folder.

    files   new contents by name
    lines   whole lines of the log, to stand in it from the byte ``offset`` on
    stamps  of all files that are known, by which the next ``pack`` sees what has changed
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    lines: bytes = b""
    offset: int = 0
    stamps: Mapping[str, Stamp] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.files or self.lines)


NOTHING = Parcel()
"""Packing since this one packs everything."""


def pack(folder: Path, since: Parcel) -> Parcel:
    """What has changed in ``folder`` since that parcel was packed there; a run may be writing to it meanwhile."""
    files: dict[str, bytes] = {}
    lines, offset = b"", since.offset + len(since.lines)
    stamps = dict(since.stamps)
    for name in reversed(NAMES):
        if not (folder / name).exists():
            continue
        with open(folder / name, "rb") as file:
            if name == POINTS:
                file.seek(offset)
                lines = _whole_lines(file.read())
                continue
            status = os.fstat(file.fileno())
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamps.get(name) != stamp:
                files[name], stamps[name] = file.read(), stamp
    return Parcel(files, lines, offset, stamps)


def unpack(folder: Path, parcel: Parcel) -> None:
    """Write what a parcel holds; a parcel that is unpacked twice does no harm.

    WorkError, with nothing written, for a parcel that no run's folder can have made; WorkError where the
    system refuses.
    """
    strange = sorted(set(parcel.files) - set(NAMES) | ({POINTS} & set(parcel.files)))
    if strange:
        raise WorkError(f"{folder}: a node sent a file that no run has: {strange[0]!r}")
    for name in NAMES:
        if name in parcel.files:
            write_atomically(folder / name, parcel.files[name])
        elif name == POINTS and parcel.lines:
            _write_lines(folder / name, parcel.lines, parcel.offset)


def _whole_lines(content: bytes) -> bytes:
    """The last line may be in the making, or torn: it is not sent before it is whole."""
    return content[: content.rfind(b"\n") + 1]


def _write_lines(path: Path, lines: bytes, offset: int) -> None:
    try:
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if not 0 <= offset <= size:
                raise WorkError(f"{path}: a node sent its lines from byte {offset} on, and it has {size} bytes")
            file.seek(offset)
            written = 0
            while written < len(lines):
                written += file.write(lines[written:]) or 0
            file.truncate()
    except OSError as error:
        raise write_failed(path, error) from error
