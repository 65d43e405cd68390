"""The words between those who decide and those who act: what becomes of a run, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rnnlab.sweep.trial import Run


class State(StrEnum):
    """What became of a run; ``interrupted`` runs can be continued."""

    complete = "complete"
    pruned = "pruned"
    diverged = "diverged"
    failed = "failed"
    out_of_memory = "out_of_memory"
    lost = "lost"
    interrupted = "interrupted"


UNSUCCESSFUL = (State.failed, State.out_of_memory, State.lost)


class Verdict(StrEnum):
    """The answer to a report: go on, or end at the chunk's end, either resumable or judged."""

    go_on = "continue"
    stop = "stop"
    prune = "prune"


class End(NamedTuple):
    """What a run came to. values: of each objective, None where it has none."""

    state: State
    values: tuple[float, ...] | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of runs; ``ended`` of them will not be started again, by state in ``counts``.

    total  as far as it is known: further seeds that wait for their trial's first one count once they are to run
    best   the best run so far by the first objective, with its value, or None
    """

    total: int
    ended: int
    unsuccessful: int
    running: int
    waiting: int
    counts: dict[State, int]
    best: tuple[float, Run] | None
