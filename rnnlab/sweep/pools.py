"""Who acts. A pool has slots; each trains one run at a time, and says what became of it.

A slot is a warm process, on this machine (``processes.py``) or on a Ray cluster (``ray_pool.py``): it imports
torch once, and one that dies takes only its own run with it. ``InlinePool`` trains in this process, for a debugger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rnnlab.sweep.work import Assignment, Outcome, Work, perform, train

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
    """Whom a pool asks on behalf of its runs; the answer is continue, stop or prune."""

    def heartbeat(self, run_id: str) -> str: ...

    def report(self, run_id: str, place: int, value: float) -> str: ...


class Pool(Protocol):
    """What the driver needs of slots."""

    slots: int

    @property
    def waiting_for_others(self) -> bool:
        """Whether slots stand still because another sweep of this machine has their cores or GPUs."""

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
    waiting_for_others = False

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
    """A channel to the scheduler in the same process."""

    def __init__(self, run_id: str, listener: Listener) -> None:
        self._run_id = run_id
        self._listener = listener

    def heartbeat(self) -> str:
        return self._listener.heartbeat(self._run_id)

    def report(self, place: int, value: float) -> str:
        return self._listener.report(self._run_id, place, value)
