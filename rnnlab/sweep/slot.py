"""What a slot's process does: take over from its driver, then train one run after another until the driver is gone.

The messages are listed in ``processes.py``, which is the driver's side.
"""

from __future__ import annotations

import faulthandler
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cloudpickle

from rnnlab.sweep.work import Assignment, Reporter, Work, perform
from rnnlab.sweep.workers import Setup, pin
from rnnlab.tracking.folder import RunFolder, runs_root

CRASH = "crash.txt"
"""In a run's folder where its process died of a fault: the Python lines at which it stood."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first message. work: a ``Work``, pickled by value, as functions of a script or a notebook need it."""

    setup: Setup
    work: bytes


def run_slot(pipe: Connection) -> None:
    """The whole life of a slot's process. Does not return."""
    beginning: Beginning = pipe.recv()
    beginning.setup.take_over()
    work: Work = cloudpickle.loads(beginning.work)  # the pipe's other end is the process that started this one, alone

    def watched(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        with _crash_file(folder.path / CRASH):
            work(assignment, folder, reporter)

    line = _Line(pipe)
    line.send("ready")
    while True:
        assignment, cores = line.next_run()
        pin(cores)
        line.send("ended", assignment.run_id, perform(assignment, line, watched))


class _Line:
    """The channel of whichever run this process has. A thread of its own keeps the driver's latest answer."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._orders: queue.SimpleQueue[tuple[Assignment, tuple[int, ...]]] = queue.SimpleQueue()
        self._run_id = ""
        self._answer = ("", "continue")
        threading.Thread(target=self._listen, name="listening to the driver", daemon=True).start()

    def next_run(self) -> tuple[Assignment, tuple[int, ...]]:
        """Waits for the driver's next run; the cores that it shall be pinned to, if any."""
        assignment, cores = self._orders.get()
        self._run_id = assignment.run_id
        return assignment, cores

    def heartbeat(self) -> str:
        run_id, answer = self._answer
        return answer if run_id == self._run_id else "continue"

    def report(self, place: int, value: float) -> str:
        self.send("report", self._run_id, place, value)
        return self.heartbeat()

    def send(self, *message: Any) -> None:
        """To the driver. It lies in the pipe until the driver reads it: there is room for thousands."""
        try:
            self._pipe.send(message)
        except OSError:
            _end()

    def _listen(self) -> None:
        try:
            while True:
                kind, *message = self._pipe.recv()
                if kind == "run":
                    self._orders.put(tuple(message))
                else:
                    self._answer = tuple(message)
        finally:  # mostly an EOFError; but whatever it is, a process that hears nothing more is of no use
            _end()


def _end() -> None:
    """The driver is gone, or has closed the pool: what runs goes on from its checkpoint another time."""
    os._exit(1)


@contextmanager
def _crash_file(path: Path) -> Iterator[None]:
    with open(path, "w", encoding="utf-8") as file:
        faulthandler.enable(file, all_threads=False)
        try:
            yield
        finally:
            faulthandler.disable()
    path.unlink()


def crash_trace(run_id: str) -> Path | None:
    """Where it stands in which line the process of a run that has died did so; None where it had no time to say it."""
    path = runs_root() / run_id / CRASH
    if path.exists() and path.stat().st_size == 0:
        path.unlink()
    return path if path.exists() else None
