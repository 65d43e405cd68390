"""Reads one run's log from where it was last left, line by line, while somebody writes it."""

from __future__ import annotations

from itertools import islice

from rnnlab.tracking.folder import POINTS, RunFolder


class Follower:
    """How far a log has been read. Lines that are still being written are left for later."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.path = folder.path / POINTS
        self._offset = 0

    @property
    def behind(self) -> bool:
        """Whether the log holds bytes that are not read (a line in the making included)."""
        return self.path.exists() and self.path.stat().st_size != self._offset

    def pending(self) -> int:
        """How many complete lines are not read."""
        if not self.path.exists():
            return 0
        with open(self.path, "rb") as file:
            file.seek(self._offset)
            return sum(line.endswith(b"\n") for line in file)

    def _is_cut(self) -> bool:
        """Whether the machine itself went down, and the file system kept less than was read."""
        return self._offset > 0 and (not self.path.exists() or self.path.stat().st_size < self._offset)

    def _next_lines(self, most: int) -> list[bytes]:
        """The next complete lines; it is for the caller to move on behind those that it has dealt with."""
        if not self.path.exists():
            return []
        with open(self.path, "rb") as file:
            file.seek(self._offset)
            return [line for line in islice(file, most) if line.endswith(b"\n")]
