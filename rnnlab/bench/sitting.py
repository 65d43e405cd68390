"""A small sweep through the real command line, in a folder of its own, and the ways in which it can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

from rnnlab.bench.cluster import LocalCluster
from rnnlab.bench.left_behind import run_folders
from rnnlab.bench.process import STDERR, environment, last_words, rnnlab
from rnnlab.errors import WorkError
from rnnlab.tracking.folder import LOCK, RESULT

COMMAND = rnnlab(
    "train", "-m", "cell.hidden_size=8,12", "optimizer.lr=1e-3,3e-3,1e-2", "seed=0,1,2,3", "cell=lstm",
    "data=text", "data.path=notes.txt", "data.batch_size=2", "data.val_rows=2", "bptt.window=8", "stack.dropout=0.2",
    "trainer.max_steps=600", "trainer.val_every=100", "trainer.checkpoint_every=50", "sweep.workers.count=2",
)  # fmt: skip
TEXT = "".join(f"{n} green bottles, {n * n} walls; " for n in range(200))
RUN_SECONDS = 1.5
"""About how long a run takes."""
BETWEEN_INTERRUPTS = 0.5
PATIENCE = 300.0
"""Seconds after which what should happen has not."""


class Kill(StrEnum):
    """worker: the process of a run, with -9. driver: the process of the command, with -9.
    interrupt: Ctrl-C. interrupt_twice: Ctrl-C, and another one soon after.
    node: all processes of a run's node in a cluster, with -9; a new node takes its place.
    """

    worker = "worker"
    driver = "driver"
    interrupt = "interrupt"
    interrupt_twice = "interrupt_twice"
    node = "node"


@dataclass(slots=True)
class Sitting:
    """The sweep in the folder ``place``, begun and gone on with by one and the same command.

    cluster   where its runs are trained; None: by processes of the command itself
    sessions  how often the command was started
    """

    place: Path
    cluster: LocalCluster | None = None
    sessions: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> int:
        """How many runs have a result."""
        return sum((folder.path / RESULT).exists() for folder in run_folders(self.place))

    def kill(self, kind: Kill, moment: float, random: Random) -> None:
        """Kill when ``moment`` runs have ended; what follows the point is a share of ``RUN_SECONDS``."""
        wait_until(lambda: self._at_work() and self.ended >= int(moment), f"{int(moment)} runs to end")
        time.sleep(moment % 1 * RUN_SECONDS)
        if kind in (Kill.worker, Kill.node):
            wait_until(lambda: self._kill_worker(kind, random), "a worker to be at work")
            return
        process = self._at_work()
        process.send_signal(signal.SIGKILL if kind is Kill.driver else signal.SIGINT)
        if kind is Kill.interrupt_twice:
            time.sleep(random.uniform(0, BETWEEN_INTERRUPTS))
            process.send_signal(signal.SIGINT)
        wait_until(lambda: process.poll() is not None, f"the command to end after {kind.value}")
        self._process = None

    def finish(self) -> None:
        """Go on to the end. WorkError where that is none."""
        process = self._at_work()
        process.wait()
        if process.returncode != 0:
            raise WorkError(f"bench faults: the sweep ended with {process.returncode}: {last_words(self.place)}")

    def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _at_work(self) -> subprocess.Popen[bytes]:
        """The process that runs the sweep. WorkError where it has ended and nobody had killed it."""
        if self._process is None:
            self.sessions += 1
            self._process = start(self.place, self.cluster)
        if self._process.poll() is not None:
            raise WorkError(f"bench faults: session {self.sessions} ended too early: {last_words(self.place)}")
        return self._process

    def _kill_worker(self, kind: Kill, random: Random) -> bool:
        """Kill a process that trains a run now, or all its node; the sweep goes on. False where there is none."""
        workers = holders(self.place) - {self._at_work().pid}
        if not workers:
            return False
        worker = random.choice(sorted(workers))
        if kind is Kill.node and self.cluster is not None:
            return self.cluster.replace_node_of(worker)
        return killed(worker)


def start(place: Path, cluster: LocalCluster | None) -> subprocess.Popen[bytes]:
    """Start the command in this folder, which is made if it is not there."""
    command = COMMAND if cluster is None else [*COMMAND, f"sweep.workers.address={cluster.address}"]
    place.mkdir(exist_ok=True)
    (place / "notes.txt").write_text(TEXT, encoding="utf-8")
    with open(place / STDERR, "wb") as stderr:
        return subprocess.Popen(command, cwd=place, env=environment(place), stdout=subprocess.DEVNULL, stderr=stderr)


def holders(place: Path) -> set[int]:
    """The processes that hold a run's folder for writing."""
    locked = [folder.path / LOCK for folder in run_folders(place) if folder.is_locked()]
    found = (re.match(r"process (\d+) ", lock.read_text(encoding="utf-8")) for lock in locked)
    return {int(match[1]) for match in found if match}


def killed(process: int) -> bool:
    """Kill with -9; False for a process that has just ended by itself."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return as soon as it holds. WorkError after ``PATIENCE`` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise WorkError(f"bench faults: waited {PATIENCE:.0f} s for {what}")
        time.sleep(0.02)
