"""Slots that are Ray actors, on whichever node of a cluster Ray finds room for them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.errors import RequestError, WorkError
from rnnlab.sweep import ray_engine
from rnnlab.sweep.base import Workers
from rnnlab.sweep.node import News, Origin, Worker, leave_mark
from rnnlab.sweep.parcels import NOTHING, Parcel, pack, unpack
from rnnlab.sweep.pools import STARTS_ALLOWED, Ended, Listener
from rnnlab.sweep.ray_engine import Share
from rnnlab.sweep.work import Assignment, Work, run_folder, train
from rnnlab.sweep.workers import Setup
from rnnlab.tracking.folder import runs_root

LOOK_SECONDS = 2.0
"""How often the pool looks whether nodes have come or gone."""


@dataclass
class _Slot:
    """One worker and the one call that is waited for: its start, an exchange, or a run's result; None: it is idle.

    result: the call that trains, from its start on; it is waited for when an exchange says that the run has ended
    """

    actor: Any
    call: Any
    starts: int
    run_id: str = ""
    result: Any = None
    is_ready: bool = False


class RayPool:
    """Slots come and go with the nodes, up to ``slots``. All methods belong to the thread that made the pool."""

    waiting_for_others = False

    def __init__(self, slots: int, share: Share, setup: Setup, work: Work = train) -> None:
        """Needs a cluster that was joined (``ray_engine.join``). Returns before the workers are ready."""
        self.slots = slots
        self._share, self._setup, self._work = share, setup, work
        self._origin = Origin.here()
        self._mark: Path | None = None
        self._next_look = time.monotonic() + LOOK_SECONDS
        self._slots: dict[int, _Slot] = {number: self._new_slot() for number in range(slots)}

    def idle(self) -> list[int]:
        return [number for number, slot in self._slots.items() if slot.call is None]

    def start(self, slot: int, assignment: Assignment) -> None:
        chosen = self._slots[slot]
        self._mark = self._mark or leave_mark(assignment.parent)
        known = pack(run_folder(assignment.run_id).path, NOTHING)
        chosen.run_id = assignment.run_id
        chosen.result = chosen.actor.run.remote(assignment, self._work, self._mark.name, known)
        self._exchange(chosen, "continue")

    def wait(self, seconds: float, listener: Listener) -> list[Ended]:
        self._look()
        calls = {slot.call: number for number, slot in self._slots.items() if slot.call is not None}
        ends = [self._handle(calls[ref], listener) for ref in ray_engine.first_done(list(calls), seconds)]
        return [end for end in ends if end is not None]

    def close(self) -> None:
        for slot in self._slots.values():
            ray_engine.kill(slot.actor)
        self._slots = {}
        if self._mark is not None:
            self._mark.unlink(missing_ok=True)

    def _new_slot(self, starts: int = 1) -> _Slot:
        actor = ray_engine.actor(Worker, self._share, self._setup, str(runs_root()))
        return _Slot(actor, actor.ready.remote(), starts)

    @staticmethod
    def _exchange(slot: _Slot, answer: str) -> None:
        call = slot.actor.exchange.options(concurrency_group=ray_engine.CONTROL)
        slot.call = call.remote(slot.run_id, answer)

    def _handle(self, number: int, listener: Listener) -> Ended | None:
        """Take what the slot's call has brought, and make the next one."""
        slot = self._slots[number]
        try:
            value = ray_engine.value(slot.call)
        except ray_engine.Lost as error:
            return self._replace(number, str(error))
        if not slot.is_ready:
            value.check(self._origin)
            slot.is_ready, slot.starts, slot.call = True, 0, None
            return None
        if slot.call is slot.result:
            outcome, parcel = value
            slot.call = slot.result = None
            _take(slot.run_id, parcel)
            return Ended(number, slot.run_id, outcome)
        self._hear(slot, value, listener)
        return None

    def _hear(self, slot: _Slot, news: News, listener: Listener) -> None:
        """Pass on what the run said, and carry the answer back with the next exchange."""
        _take(slot.run_id, news.parcel)
        answer = listener.heartbeat(slot.run_id)
        for run_id, place, figure in news.reports:
            if run_id == slot.run_id:
                answer = listener.report(run_id, place, figure)
        if news.ended:
            slot.call = slot.result
        else:
            self._exchange(slot, answer)

    def _replace(self, number: int, reason: str) -> Ended | None:
        """The slot's process or node is gone: a new one takes its place, and its run is lost."""
        slot = self._slots[number]
        if slot.starts >= STARTS_ALLOWED:
            raise WorkError(f"workers cannot be started: {reason}")
        ray_engine.kill(slot.actor)  # a node that cannot be reached may still be at work
        self._slots[number] = self._new_slot(slot.starts + 1)
        return Ended(number, slot.run_id, None, reason) if slot.result is not None else None

    def _look(self) -> None:
        """Give up slots that wait for a node that is gone, and make them anew when there is room again."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        room = min(ray_engine.room(self._share), self.slots)
        for number in [number for number, slot in self._slots.items() if not slot.is_ready]:
            if len(self._slots) > room:
                ray_engine.kill(self._slots.pop(number).actor)
        for number in [number for number in range(self.slots) if number not in self._slots]:
            if len(self._slots) < room:
                self._slots[number] = self._new_slot()
        if not self._slots:
            raise WorkError("no node is left in the cluster that has room for a slot; the same command goes on later")


def _take(run_id: str, parcel: Parcel | None) -> None:
    """Write what a node has sent into the run's folder here, which nobody else may write to meanwhile."""
    if parcel is not None:
        folder = run_folder(run_id)
        with folder.lock():
            unpack(folder.path, parcel)


def open_cluster(address: str, workers: Workers, setup: Setup, work: Work, stack: ExitStack) -> RayPool:
    """Join a cluster and ask it for slots; the stack leaves it. RequestError where that is impossible."""
    if ray_engine.join(address):
        stack.callback(ray_engine.leave)
    share = Share(workers.cpus, workers.gpus, workers.memory_gb)
    room = ray_engine.room(share)
    wanted = room if workers.count is None else workers.count
    if not 1 <= wanted <= room:
        there = "; ".join(str(node) for node in ray_engine.nodes())
        raise RequestError(
            f"sweep.workers.address = {address!r}: its nodes have room for {room} slots of {share},"
            f" {max(1, wanted)} are wanted; there are {there}"
        )
    return RayPool(wanted, share, setup, work)
