"""TensorBoard's event file of a run: a transcription of its log, with the same keys, steps and times.

``tensorboard`` is an extra of the installation, imported where an event is written. Values are float32 there,
as TensorBoard reads them.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

from rnnlab.errors import RequestError
from rnnlab.tracking.atomic import write_failed
from rnnlab.tracking.entries import decode_line
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.follower import Follower

FOLDER = "tensorboard"
FILE = "events.out.tfevents.rnnlab"
"""TensorBoard reads whatever has ``tfevents`` in its name."""
VERSION = "brain.Event:2"
"""What the first record of every event file says."""
FRAME = 8 + 4 + 4
"""Bytes of a record beside its content: the length, and a checksum of either."""

_LINES_AT_ONCE = 500


def check_installed() -> None:
    """RequestError, with what to do, where TensorBoard is not installed."""
    if importlib.util.find_spec("tensorboard") is None:
        raise RequestError(
            "tracking.tensorboard = True: the package tensorboard is not installed; possible:"
            " pip install 'rnnlab[tensorboard]', or tracking.tensorboard=false"
        )


class EventFile(Follower):
    """``tensorboard/events.out.tfevents.rnnlab`` in a run's folder.

    It has one record for the format's version, and then one for each metric line of the log, in the log's
    order. So the number of its records alone says how much of the log is in it: nothing is lost and nothing
    doubled, whoever goes on with it, and wherever a kill stopped the one before. A lock keeps two apart.
    """

    def __init__(self, folder: RunFolder) -> None:
        super().__init__(folder)
        self.place = folder.path / FOLDER / FILE
        self._size: int | None = None

    def transcribe(self) -> bool:
        """Write what the next lines of the log (500 at most) measured; True if there were any lines.

        ``WorkError`` where a line is damaged or the disk is full; the next call goes on behind the last whole record.
        """
        try:
            with self._held() as file:
                if file.seek(0, os.SEEK_END) != self._size or self._is_cut():
                    self._find_place(file)
                lines = self._next_lines(_LINES_AT_ONCE)
                self._write(file, lines)
                self._size = file.tell()
                return bool(lines)
        except OSError as error:
            self._size = None
            raise write_failed(self.place, error) from error

    @contextmanager
    def _held(self) -> Iterator[BinaryIO]:
        """The file, made where there is none, while no other process writes it."""
        self.place.parent.mkdir(exist_ok=True)
        with open(self.place, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _find_place(self, file: BinaryIO) -> None:
        """Cut off what is no whole record or stands for no line, and go to the line that the file has not got."""
        ends = list(record_ends(file))
        if not ends:
            file.seek(file.truncate(0))
            write_event(file, self._began(), file_version=VERSION)
            ends = [file.tell()]
        self._offset, written = 0, 1
        if self.path.exists():
            with open(self.path, "rb") as log:
                for line in log:
                    if written == len(ends) or not line.endswith(b"\n"):
                        break
                    written += self._entry(line)["kind"] == "metric"
                    self._offset += len(line)
        file.seek(file.truncate(ends[written - 1]))

    def _began(self) -> int:
        """When the log was begun, in milliseconds since 1970; 0 while its first line is being written."""
        self._offset = 0
        return next((self._entry(line)["time"] for line in self._next_lines(1)), 0)

    def _write(self, file: BinaryIO, lines: Sequence[bytes]) -> None:
        for line in lines:
            entry = self._entry(line)
            if entry["kind"] == "metric":
                write_event(file, entry["time"], step=entry["step"], summary=summary_of(entry["values"]))
            self._offset += len(line)

    def _entry(self, line: bytes) -> dict[str, Any]:
        return decode_line(line, f"{self.path} byte {self._offset}")


def record_ends(file: BinaryIO) -> Iterator[int]:
    """Where each whole record of an event file ends, in bytes."""
    size, end = file.seek(0, os.SEEK_END), 0
    while end + FRAME <= size:
        file.seek(end)
        (length,) = struct.unpack("<Q", file.read(8))
        end += FRAME + length
        if end > size:
            return
        yield end


def write_event(file: BinaryIO, milliseconds: int, **what: Any) -> None:
    """Append one record: an event of this time, with what it says under the names that TensorBoard gives it."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    RecordWriter(file).write(Event(wall_time=milliseconds / 1000, **what).SerializeToString())


def summary_of(values: Mapping[str, float]) -> Any:
    """Numbers by key, as an event holds them."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary(value=[Summary.Value(tag=key, simple_value=value) for key, value in values.items()])
