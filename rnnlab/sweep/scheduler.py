"""Who decides. The scheduler starts nothing, knows no clock and no process; it is told and it answers.

The driver asks ``next_run`` for a free slot, and tells what became of each run. So every policy can be
tested by simulation, with thousands of slots and without training anything.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rnnlab.sweep.trial import Run

LOSSES_ALLOWED = 2
"""How often a run whose process died is tried again."""


class State(StrEnum):
    """What became of a run; ``interrupted`` runs can be continued."""

    complete = "complete"
    diverged = "diverged"
    failed = "failed"
    lost = "lost"
    interrupted = "interrupted"


class Verdict(StrEnum):
    """The answer to a report: go on, or end at the chunk's end, resumable."""

    go_on = "continue"
    stop = "stop"


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of runs; ``ended`` of them will not be started again. best: the best metric so far, or None."""

    total: int
    ended: int
    unsuccessful: int
    running: int
    waiting: int
    best: float | None


class Scheduler:
    """Gives out each run exactly once, and again only when its worker was lost.

    ``ended`` are runs that earlier sessions have brought to an end: (run id, state, metric or None).
    """

    def __init__(
        self, runs: Iterable[Run], *, minimize: bool, ended: Iterable[tuple[str, State, float | None]] = ()
    ) -> None:
        self._runs = {run.id: run for run in runs}
        self._minimize = minimize
        self._states: dict[str, State] = {}
        self._unsuccessful = 0
        self._best: float | None = None
        self._losses: dict[str, int] = {}
        self._running: dict[str, int] = {}
        self._busy: set[int] = set()
        self._stopping = False
        for run_id, state, value in ended:
            self._end(run_id, state, value)
        self._waiting = deque(run for run in self._runs.values() if run.id not in self._states)

    def next_run(self, slot: int) -> Run | None:
        """The run that this free slot should train now; None when nothing is left to start."""
        assert slot not in self._busy, f"slot {slot} is not free"
        if self._stopping or not self._waiting:
            return None
        run = self._waiting.popleft()
        self._running[run.id] = slot
        self._busy.add(slot)
        return run

    def heartbeat(self, run: Run) -> Verdict:
        """A running run asks whether to go on."""
        assert run.id in self._running, f"run {run.id} is not running"
        return Verdict.stop if self._stopping else Verdict.go_on

    def report(self, run: Run, place: int, value: float) -> Verdict:
        """A running run says how it does at a place of its budget, and asks whether to go on.

        A grid compares nothing before the end, so what is answered does not depend on the value.
        """
        return self.heartbeat(run)

    def finished(self, run: Run, state: State, value: float | None = None) -> None:
        """The run came back. An interrupted one waits again, for a later session."""
        self._busy.discard(self._running.pop(run.id))
        if state is State.interrupted:
            self._waiting.appendleft(run)
        else:
            self._end(run.id, state, value)

    def lost(self, run: Run) -> bool:
        """The run's process died. True: it is tried again, from its checkpoint; False: given up."""
        self._busy.discard(self._running.pop(run.id))
        self._losses[run.id] = self._losses.get(run.id, 0) + 1
        if self._losses[run.id] <= LOSSES_ALLOWED:
            self._waiting.appendleft(run)
            return True
        self._end(run.id, State.lost, None)
        return False

    def stop(self) -> None:
        """Start nothing more; every report is answered with stop from now on."""
        self._stopping = True

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing will be started any more."""
        return not self._running and (self._stopping or not self._waiting)

    @property
    def progress(self) -> Progress:
        """Read after every run that ends: so it is kept up to date, and not counted anew."""
        return Progress(
            total=len(self._runs),
            ended=len(self._states),
            unsuccessful=self._unsuccessful,
            running=len(self._running),
            waiting=len(self._waiting),
            best=self._best,
        )

    def _end(self, run_id: str, state: State, value: float | None) -> None:
        assert run_id not in self._states, f"run {run_id} came to its end twice"
        self._states[run_id] = state
        self._unsuccessful += state in (State.failed, State.lost)
        if value is not None and math.isfinite(value):
            better = min if self._minimize else max
            self._best = value if self._best is None else better(self._best, value)
