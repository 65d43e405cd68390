"""Follows one run's log from where the last delivery ended, and hands its lines to a store."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from rnnlab.errors import WorkError
from rnnlab.tracking.atomic import write_atomically
from rnnlab.tracking.base import Point, RunUnknown, Store
from rnnlab.tracking.entries import decode_line
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.follower import Follower

CURSOR = "sent.json"

_LINES_AT_ONCE = 100


class Tail(Follower):
    """What of one folder's log is delivered. The cursor (``sent.json``) names the store it holds for.

    The cursor moves after the delivery. A kill between the two delivers some lines a second time,
    with the same time stamps, which a store takes once.
    """

    def __init__(self, folder: RunFolder) -> None:
        super().__init__(folder)
        self._cursor = folder.path / CURSOR
        self._identity: str | None = None
        self._run: str | None = None
        if self._cursor.exists():
            saved = folder.read_json(CURSOR)
            self._identity, self._run, self._offset = saved["store"], saved["run"], saved["offset"]

    def deliver(self, store: Store) -> bool:
        """Hand the next lines (100 at most) to the store; True if there were any.

        Raises what the store raises, and ``WorkError`` for a damaged line; what was taken before
        that counts as delivered.
        """
        if store.identity != self._identity:
            self._identity, self._run, self._offset = store.identity, None, 0
        if self._is_cut():
            self._offset = 0
        lines = self._next_lines(_LINES_AT_ONCE)
        before = self._offset
        try:
            self._hand_over(store, lines)
        except RunUnknown:
            self._run, self._offset = None, 0
            raise
        finally:
            if self._offset != before:
                self._save()
        return bool(lines)

    def _hand_over(self, store: Store, lines: Sequence[bytes]) -> None:
        """Neighbouring metric lines travel as one batch; the offset follows each success."""
        points: list[Point] = []
        length = 0
        for line in lines:
            try:
                entry = decode_line(line, f"{self.path} byte {self._offset + length}")
            except WorkError:
                self._send_points(store, points, length)
                raise
            if entry["kind"] == "metric":
                step, time = entry["step"], entry["time"]
                points += [Point(key, value, step, time) for key, value in entry["values"].items()]
                length += len(line)
                continue
            self._send_points(store, points, length)
            points, length = [], 0
            self._send_entry(store, entry)
            self._offset += len(line)
        self._send_points(store, points, length)

    def _send_points(self, store: Store, points: Sequence[Point], length: int) -> None:
        if points:
            store.metrics(self._known_run(), points)
            self._offset += length

    def _send_entry(self, store: Store, entry: dict[str, Any]) -> None:
        kind = entry["kind"]
        if kind == "start":
            self._run = store.create_run(entry)
        elif kind == "resume":
            store.resume(self._known_run())
        elif kind == "tag":
            store.tags(self._known_run(), entry["tags"])
        elif kind == "file":
            self._send_file(store, entry)
        elif kind == "finish":
            store.finish(self._known_run(), entry["status"], entry["time"])
        else:
            raise WorkError(f"{self.path} byte {self._offset}: is damaged: no such kind of entry: {kind!r}")

    def _send_file(self, store: Store, entry: dict[str, Any]) -> None:
        path = self.folder.path / entry["path"]
        if path.is_file():
            store.file(self._known_run(), path, entry["artifact_path"])
        else:
            logging.getLogger(__name__).warning("%s was removed before it reached the tracking store", path)

    def _known_run(self) -> str:
        if self._run is None:
            raise WorkError(f"{self.path}: is damaged: it does not begin with a start line")
        return self._run

    def _save(self) -> None:
        cursor = {"store": self._identity, "run": self._run, "offset": self._offset}
        write_atomically(self._cursor, json.dumps(cursor).encode())
