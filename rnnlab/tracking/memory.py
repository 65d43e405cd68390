"""A working store in memory: the tests' and the benchmarks' oracle for what was delivered."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnlab.tracking.base import ParentAbsent, Point, RunUnknown, Store, StoreAway


@dataclass
class MemoryRun:
    """What the store knows of one run. Times in milliseconds since 1970."""

    name: str
    experiment: str
    parent: str | None
    params: dict[str, str]
    tags: dict[str, str]
    started: int
    points: dict[tuple[str, int, int], float] = field(default_factory=dict)
    """The value for each (key, step, time)."""
    files: dict[str, bytes] = field(default_factory=dict)
    status: str = "RUNNING"
    ended: int | None = None

    def history(self, key: str) -> list[tuple[int, float]]:
        """(step, value) of one metric, ordered by step; a doubled point would show twice."""
        found = [(step, value) for (name, step, _), value in self.points.items() if name == key]
        return sorted(found, key=lambda point: point[0])


class MemoryStore(Store):
    """Keeps runs by our own ids. ``away = True`` makes every call fail as a dead server would."""

    identity = "memory"

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.runs: dict[str, MemoryRun] = {}
        self.calls = 0
        self._lock = threading.Lock()

    def create_run(self, start: Mapping[str, Any]) -> str:
        self._reach()
        run, parent = start["run_id"], start["parent"]
        with self._lock:
            if parent is not None and parent not in self.runs:
                raise ParentAbsent(f"run {run}: its parent {parent} is not in the store yet")
            if run not in self.runs:
                self.runs[run] = MemoryRun(
                    name=start["name"],
                    experiment=start["experiment"],
                    parent=parent,
                    params=dict(start["params"]),
                    tags=dict(start["tags"]),
                    started=start["time"],
                )
        return run

    def resume(self, run: str) -> None:
        self._run(run).status = "RUNNING"

    def metrics(self, run: str, points: Sequence[Point]) -> None:
        known = self._run(run).points
        for point in points:
            known[point.key, point.step, point.time] = point.value

    def tags(self, run: str, tags: Mapping[str, str]) -> None:
        self._run(run).tags.update(tags)

    def file(self, run: str, path: Path, artifact_path: str) -> None:
        self._run(run).files[str(Path(artifact_path) / path.name)] = path.read_bytes()

    def finish(self, run: str, status: str, time: int) -> None:
        known = self._run(run)
        known.status, known.ended = status, time

    def _run(self, run: str) -> MemoryRun:
        self._reach()
        if run not in self.runs:
            raise RunUnknown(f"run {run}: is not in this store")
        return self.runs[run]

    def _reach(self) -> None:
        self.calls += 1
        if self.away:
            raise StoreAway("the store in memory is away")
