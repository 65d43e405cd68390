"""Slots that are warm processes of this machine.

What goes over a slot's pipe. Each side reads in its own time, so that no run waits for the driver:

    driver -> slot   its Beginning, once; then ("run", assignment, cores); ("answer", run id, answer)
    slot -> driver   ("ready",), once; then ("report", run id, place, value); ("ended", run id, outcome)
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import Any

import cloudpickle

from rnnlab.errors import WorkError
from rnnlab.sweep.claims import Claim, Claims
from rnnlab.sweep.forkserver import Worker, fork_server
from rnnlab.sweep.pools import STARTS_ALLOWED, Ended, Listener
from rnnlab.sweep.slot import Beginning, crash_trace, run_slot
from rnnlab.sweep.states import State
from rnnlab.sweep.work import Assignment, Outcome, Work, train
from rnnlab.sweep.workers import Setup

LONGEST_WAIT = 1.0
"""Seconds after which it is asked again whether runs may go on."""
CLAIM_SECONDS = 0.1
"""How often it is tried to claim what another sweep holds."""
EXIT_CODE_SECONDS = 2.0
"""How long after a worker's pipe broke its exit code is waited for."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one slot has of this machine.

    setup  what its process takes over from the driver
    cores  how many cores its runs claim and are pinned to; 0: they run on whichever is free, and claim none
    gpus   for each of its GPUs, as ``nvidia-smi`` counts them, how many hundredths of it are claimed
    """

    setup: Setup
    cores: int = 0
    gpus: dict[int, int] = field(default_factory=dict)


@dataclass
class _Slot:
    """``assignment`` is its run; without a ``claim`` that still waits for cores. starts: in a row, of no use so far."""

    worker: Worker
    starts: int
    is_ready: bool = False
    assignment: Assignment | None = None
    claim: Claim | None = None
    answer: str = "continue"


def warm_up(imports: tuple[str, ...]) -> None:
    """Have these modules imported by the time a pool needs them. Returns at once."""
    fork_server(run_slot, imports)


class ProcessPool:
    """All methods belong to the thread that made the pool."""

    def __init__(self, shares: Sequence[Share], work: Work = train, claims: Claims | None = None) -> None:
        """Returns before the workers are ready. All ``shares`` have the same imports.

        claims  what other sweeps leave free; by default those of this user on this machine
        """
        self.slots = len(shares)
        self._shares = shares
        self._work = cloudpickle.dumps(work)
        self._claims = claims or Claims()
        self._slots = [self._new_slot(share) for share in shares]

    @property
    def waiting_for_others(self) -> bool:
        """Whether a run waits for cores or GPUs that another sweep holds."""
        return any(slot.assignment is not None and slot.claim is None for slot in self._slots)

    def idle(self) -> list[int]:
        return [i for i, slot in enumerate(self._slots) if slot.is_ready and slot.assignment is None]

    def start(self, slot: int, assignment: Assignment) -> None:
        """The run begins now, or as soon as other sweeps leave it what it needs."""
        self._slots[slot].assignment = assignment
        self._begin(slot)

    def wait(self, seconds: float, listener: Listener) -> list[Ended]:
        ended = self._ask(listener)
        if ended:
            return ended
        workers = [slot.worker for slot in self._slots]
        lines = {worker.server.line for worker in workers if worker.server.is_alive}
        connection.wait([*lines, *(worker.pipe for worker in workers)], min(seconds, self._patience()))
        for i in range(self.slots):
            ended += self._hear(i, listener)
        return ended

    def close(self) -> None:
        for slot in self._slots:
            slot.worker.kill()
        self._slots = []
        self._claims.close()

    def _new_slot(self, share: Share, starts: int = 1) -> _Slot:
        worker = fork_server(run_slot, share.setup.imports).fork()
        slot = _Slot(worker, starts)
        _tell(slot, Beginning(share.setup, self._work))
        return slot

    def _patience(self) -> float:
        return CLAIM_SECONDS if self.waiting_for_others else LONGEST_WAIT

    def _begin(self, index: int) -> None:
        slot, share = self._slots[index], self._shares[index]
        slot.claim = self._claims.take(share.cores, share.gpus)
        if slot.claim is not None:
            slot.answer = "continue"
            _tell(slot, ("run", slot.assignment, slot.claim.cores))

    def _ask(self, listener: Listener) -> list[Ended]:
        """For each run whether it may go on; a run that still waits for cores begins if there are some now."""
        ended = []
        for i, slot in enumerate(self._slots):
            if slot.assignment is None:
                continue
            answer = listener.heartbeat(slot.assignment.run_id)
            if slot.claim is not None:
                self._answer(slot, answer)
            elif answer == "stop":
                self._claims.wait_no_more()
                ended.append(self._end(i, Outcome(State.interrupted, {}, 0.0)))
            else:
                self._begin(i)
        return ended

    def _answer(self, slot: _Slot, answer: str) -> None:
        if slot.assignment is not None and answer != slot.answer:
            slot.answer = answer
            _tell(slot, ("answer", slot.assignment.run_id, answer))

    def _hear(self, index: int, listener: Listener) -> list[Ended]:
        """Everything that a slot has said; where its process is gone, that too."""
        slot, ended = self._slots[index], []
        has_ended = slot.worker.exit_code() is not None  # asked first: then all that it said is in the pipe
        try:
            while slot.worker.pipe.poll():
                ended += self._take(index, slot.worker.pipe.recv(), listener)
        except (EOFError, OSError):
            has_ended = True
        return [*ended, *self._replace(index)] if has_ended else ended

    def _take(self, index: int, message: tuple[Any, ...], listener: Listener) -> list[Ended]:
        slot = self._slots[index]
        kind, *content = message
        if kind == "ready":
            slot.is_ready, slot.starts = True, 0
        elif kind == "report":
            self._answer(slot, listener.report(*content))
        else:
            return [self._end(index, content[1])]
        return []

    def _end(self, index: int, outcome: Outcome | None, reason: str = "") -> Ended:
        """The slot's run is over: what it held is free for all sweeps."""
        slot = self._slots[index]
        assert slot.assignment is not None
        ended = Ended(index, slot.assignment.run_id, outcome, reason)
        if slot.claim is not None:
            self._claims.give_back(slot.claim)
        slot.assignment = slot.claim = None
        return ended

    def _replace(self, index: int) -> list[Ended]:
        """The slot's process died: a new one takes its place, and its run is lost."""
        slot = self._slots[index]
        reason = death(slot.worker.exit_code(EXIT_CODE_SECONDS))
        if slot.assignment is not None and (trace := crash_trace(slot.assignment.run_id)) is not None:
            reason += f"; see {trace}"
        slot.worker.pipe.close()
        if slot.starts >= STARTS_ALLOWED:
            raise WorkError(f"workers cannot be started: {reason}")
        ended = [] if slot.assignment is None else [self._end(index, None, reason)]
        self._slots[index] = self._new_slot(self._shares[index], slot.starts + 1)
        return ended


def death(exit_code: int | None) -> str:
    """What a process died of, in words."""
    if exit_code is None:
        return "its process is gone"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    number = -exit_code
    name = next((each.name for each in signal.Signals if each == number), f"signal {number}")
    said = (signal.strsignal(number) or "").lower()
    return f"killed by {name}" + (f" ({said})" if number != signal.SIGKILL else "")


def _tell(slot: _Slot, message: object) -> None:
    try:
        slot.worker.pipe.send(message)
    except OSError:
        return  # its process has just died: the next ``wait`` finds that
