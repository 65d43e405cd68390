"""Who acts. A pool has slots; each trains one run at a time, and says what became of it.

``RayPool`` holds one warm process (a Ray actor) for each slot: it imports torch once, and a process
that dies takes only its own run with it. ``InlinePool`` trains in this process, for a debugger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from rnnlab.errors import WorkError
from rnnlab.sweep import ray_engine
from rnnlab.sweep.work import Assignment, Outcome, Work, perform, train
from rnnlab.sweep.workers import Setup, Worker

STARTS_ALLOWED = 3
"""How often in a row a slot's process may die before it was ever ready."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A slot is free again. ``outcome`` is None where the process died; ``reason`` says of what."""

    slot: int
    run_id: str
    outcome: Outcome | None
    reason: str = ""


class Listener(Protocol):
    """Whom a pool asks on behalf of its runs; the answer is continue or stop."""

    def heartbeat(self, run_id: str) -> str: ...

    def report(self, run_id: str, step: int, value: float) -> str: ...


class Pool(Protocol):
    """What the driver needs of slots."""

    slots: int

    def idle(self) -> list[int]:
        """The slots that can start a run now."""

    def start(self, slot: int, assignment: Assignment) -> None:
        """Train this run in an idle slot."""

    def wait(self, seconds: float, listener: Listener) -> list[Ended]:
        """What ended, waiting for ``seconds`` at most; reports are passed on in the meantime."""

    def close(self) -> None:
        """Let go of all processes, at once; what still runs is lost."""


class InlinePool:
    """One slot, in this process: ``wait`` trains."""

    slots = 1

    def __init__(self, work: Work = train) -> None:
        self._work = work
        self._assignment: Assignment | None = None

    def idle(self) -> list[int]:
        return [0] if self._assignment is None else []

    def start(self, slot: int, assignment: Assignment) -> None:
        self._assignment = assignment

    def wait(self, seconds: float, listener: Listener) -> list[Ended]:
        assignment, self._assignment = self._assignment, None
        if assignment is None:
            return []
        outcome = perform(assignment, _Direct(assignment.run_id, listener), self._work)
        return [Ended(0, assignment.run_id, outcome)]

    def close(self) -> None:
        self._assignment = None


class _Direct:
    """A reporter that asks the scheduler in the same process."""

    def __init__(self, run_id: str, listener: Listener) -> None:
        self._run_id = run_id
        self._listener = listener

    def heartbeat(self, step: int) -> str:
        return self._listener.heartbeat(self._run_id)

    def report(self, step: int, value: float) -> str:
        return self._listener.report(self._run_id, step, value)


@dataclass
class _Slot:
    """One worker and the calls that are under way in it (Ray's references, None where there is none)."""

    actor: Any
    ready: Any
    exchange: Any = None
    result: Any = None
    run_id: str = ""
    starts: int = 1


class RayPool:
    """Slots that are Ray actors. All methods belong to the thread that made the pool."""

    def __init__(self, slots: int, cpus: int, gpus: float, setup: Setup, work: Work = train) -> None:
        """Needs a Ray that was started (``ray_engine.start``). Returns before the workers are ready."""
        self.slots = slots
        self._cpus, self._gpus, self._setup, self._work = cpus, gpus, setup, work
        self._slots = [self._new_slot() for _ in range(slots)]

    def idle(self) -> list[int]:
        return [i for i, slot in enumerate(self._slots) if slot.ready is None and slot.result is None]

    def start(self, slot: int, assignment: Assignment) -> None:
        chosen = self._slots[slot]
        chosen.run_id = assignment.run_id
        chosen.result = chosen.actor.run.remote(assignment, self._work)
        if chosen.exchange is None:
            self._exchange(chosen, "continue")

    def wait(self, seconds: float, listener: Listener) -> list[Ended]:
        pending = {ref: i for i, slot in enumerate(self._slots) for ref in self._calls(slot)}
        ended = []
        for ref in ray_engine.first_done(list(pending), seconds):
            slot = pending[ref]
            if ref not in self._calls(self._slots[slot]):
                continue  # this slot has a new worker since
            if (end := self._handle(slot, ref, listener)) is not None:
                ended.append(end)
        return ended

    def close(self) -> None:
        for slot in self._slots:
            ray_engine.kill(slot.actor)
        self._slots = []

    def _new_slot(self, starts: int = 1) -> _Slot:
        actor = ray_engine.actor(Worker, self._cpus, self._gpus, self._setup)
        return _Slot(actor, actor.ready.remote(), starts=starts)

    def _exchange(self, slot: _Slot, answer: str) -> None:
        call = slot.actor.exchange.options(concurrency_group=ray_engine.CONTROL)
        slot.exchange = call.remote(slot.run_id, answer)

    @staticmethod
    def _calls(slot: _Slot) -> list[Any]:
        return [ref for ref in (slot.ready, slot.exchange, slot.result) if ref is not None]

    def _handle(self, index: int, ref: Any, listener: Listener) -> Ended | None:
        slot = self._slots[index]
        try:
            value = ray_engine.value(ref)
        except ray_engine.died() as error:
            return self._replace(index, ray_engine.reason(error))
        if ref is slot.ready:
            slot.ready, slot.starts = None, 0
        elif ref is slot.exchange:
            self._hear(slot, value, listener)
        else:
            slot.result = None
            return Ended(index, slot.run_id, value)
        return None

    def _hear(self, slot: _Slot, reports: list[tuple[str, int, float]], listener: Listener) -> None:
        """Pass on what the slot's present run said, and carry the answer back with the next exchange."""
        answer = listener.heartbeat(slot.run_id) if slot.result is not None else "continue"
        for run_id, step, value in reports:
            if run_id == slot.run_id and slot.result is not None:
                answer = listener.report(run_id, step, value)
        self._exchange(slot, answer)

    def _replace(self, index: int, reason: str) -> Ended | None:
        """The slot's process died: a new one takes its place, and its run is lost."""
        slot = self._slots[index]
        if slot.starts >= STARTS_ALLOWED:
            raise WorkError(f"workers cannot be started: {reason}")
        self._slots[index] = self._new_slot(slot.starts + 1)
        return Ended(index, slot.run_id, None, reason) if slot.result is not None else None
