"""How a trial stands: which of its runs have ended, which are under way, and which are due."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from rnnlab.sweep.states import End, State
from rnnlab.sweep.trial import Run, Trial


@dataclass(frozen=True, slots=True)
class Policy:
    """seeds: of every trial. minimize: the first objective. judged: there is a pruner, which compares trials by
    their first seeds. margin: further seeds run only where the first one is not worse than the best trial by more;
    None: always.
    """

    seeds: tuple[int, ...]
    minimize: bool = True
    judged: bool = False
    margin: float | None = None

    @property
    def first_alone(self) -> bool:
        """Whether a trial's first seed runs before its others, and decides over them."""
        return self.judged or self.margin is not None

    def signed(self, value: float) -> float:
        """A value of the first objective such that lower is better."""
        return value if self.minimize else -value


@dataclass(slots=True)
class Standing:
    """A trial, with its runs in the order of the seeds.

    ends        what those that have ended came to, by their ids
    open        those that wait or run
    is_refused  its further seeds are not worth their while
    is_over     it was told what the trial came to
    """

    trial: Trial
    runs: list[Run]
    ends: dict[str, End] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    is_refused: bool = False
    is_over: bool = False

    def due(self, policy: Policy) -> list[Run]:
        """The runs that should wait for a slot, when none is open."""
        first, *others = self.runs
        missing = [run for run in others if run.id not in self.ends]
        if first.id not in self.ends:
            return [first] if policy.first_alone else [first, *missing]
        survived = not policy.first_alone or self.ends[first.id].state is State.complete
        return missing if survived and not self.is_refused else []

    @property
    def first_value(self) -> float | None:
        """The first objective of the first seed; None where it is not known."""
        end = self.ends.get(self.runs[0].id)
        return None if end is None or end.values is None else end.values[0]

    @property
    def means(self) -> tuple[float, ...] | None:
        """The mean of each objective over the complete runs; None without any."""
        values = [end.values for end in self.ends.values() if end.state is State.complete and end.values]
        return tuple(math.fsum(column) / len(values) for column in zip(*values, strict=True)) if values else None

    @property
    def state(self) -> State:
        """What the trial came to: complete if any of its runs is, else what the first of them is that has ended."""
        states = [self.ends[run.id].state for run in self.runs if run.id in self.ends]
        return State.complete if State.complete in states else states[0]
