"""Slots that are Ray actors, on whichever machine of a cluster Ray finds room for them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from rnnlab.errors import WorkError
from rnnlab.sweep import ray_engine
from rnnlab.sweep.pools import STARTS_ALLOWED, Ended, Listener
from rnnlab.sweep.work import Assignment, Outcome, Work, perform, train
from rnnlab.sweep.workers import Setup

EXCHANGE_SECONDS = 0.25
"""How often driver and run hear of each other."""


class Worker:
    """One slot's process. ``run`` and ``exchange`` are called from two different threads."""

    def __init__(self, setup: Setup) -> None:
        setup.take_over()
        self._lock = threading.Lock()
        self._run_id = ""
        self._reports: list[tuple[str, int, float]] = []
        self._answer = "continue"

    def ready(self) -> None:
        """Returns when everything is imported."""

    def run(self, assignment: Assignment, work: Work) -> Outcome:
        """Train one run to its end."""
        with self._lock:
            self._run_id, self._answer = assignment.run_id, "continue"
        return perform(assignment, self, work)

    def heartbeat(self) -> str:
        """The run's side of the exchange: the latest answer."""
        with self._lock:
            return self._answer

    def report(self, place: int, value: float) -> str:
        """Leaves a message for the driver, and takes the latest answer: a run waits for nobody."""
        with self._lock:
            self._reports.append((self._run_id, place, value))
            return self._answer

    def exchange(self, run_id: str, answer: str) -> list[tuple[str, int, float]]:
        """The driver's side: an answer for this run, and a little later what was reported since."""
        with self._lock:
            if run_id == self._run_id:
                self._answer = answer
        time.sleep(EXCHANGE_SECONDS)
        with self._lock:
            reports, self._reports = self._reports, []
        return reports


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
        for run_id, place, value in reports:
            if run_id == slot.run_id and slot.result is not None:
                answer = listener.report(run_id, place, value)
        self._exchange(slot, answer)

    def _replace(self, index: int, reason: str) -> Ended | None:
        """The slot's process died: a new one takes its place, and its run is lost."""
        slot = self._slots[index]
        if slot.starts >= STARTS_ALLOWED:
            raise WorkError(f"workers cannot be started: {reason}")
        self._slots[index] = self._new_slot(slot.starts + 1)
        return Ended(index, slot.run_id, None, reason) if slot.result is not None else None
