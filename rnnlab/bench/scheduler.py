"""How fast the sweep's scheduler decides, and how well it fills its slots: simulated workers, a simulated clock.

A run is ``STAGES`` equal stages, with a report after each but the last. Workers die at the end of a stage, after
their checkpoint: no work is done twice, so the least possible makespan is known.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from rnnlab.errors import WorkError
from rnnlab.sweep.scheduler import LOSSES_ALLOWED, Scheduler, Trials
from rnnlab.sweep.standing import Policy
from rnnlab.sweep.states import End, State
from rnnlab.sweep.trial import Run, Trial

STAGES = 4
MEDIAN_SECONDS, SPREAD = 60.0, 1.0
"""Durations are lognormal: one run in forty takes seven times the median or more."""
LOST_SHARE = 0.02
"""How many of the stages end with the death of their worker."""


@dataclass(slots=True)
class Listed(Trials):
    """Trials that are all known beforehand; none is ever pruned."""

    trials: list[Trial]

    def known(self) -> list[Trial]:
        return self.trials

    def next(self) -> Trial | None:
        return None

    def begun(self, trial: Trial) -> None: ...

    def report(self, trial: Trial, place: int, value: float) -> bool:
        return False

    def ended(self, trial: Trial, state: State, values: tuple[float, ...] | None) -> None: ...


class InMemory(Trials):
    """A list of trials that nobody learns from."""

    def __init__(self, trials: list[Trial]) -> None:
        self._trials = trials

    def known(self) -> list[Trial]:
        return self._trials

    def next(self) -> Trial | None:
        return None

    def begun(self, trial: Trial) -> None:
        """Nothing is written down."""

    def report(self, trial: Trial, place: int, value: float) -> bool:
        return False

    def ended(self, trial: Trial, state: State, values: tuple[float, ...] | None) -> None:
        """Nothing is written down."""


@dataclass(slots=True)
class Simulation:
    """Slots that train ``runs``, told what to do by a real scheduler. Times are simulated seconds."""

    slots: int
    runs: list[Run]
    seconds: dict[str, float]
    random: Random
    scheduler: Scheduler = field(init=False)
    now: float = 0.0
    busy: float = 0.0
    stages_done: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    completions: Counter[str] = field(default_factory=Counter)
    decisions: int = 0
    idle: list[int] = field(default_factory=list)
    ends: list[tuple[float, int, Run]] = field(default_factory=list)
    """A heap of (when its stage ends, slot, run)."""

    def __post_init__(self) -> None:
        trials = Listed([run.trial for run in self.runs])
        runs = {run.trial.number: run for run in self.runs}
        policy = Policy(seeds=(0,))
        self.scheduler = Scheduler(trials, policy, lambda trial, seed: runs[trial.number], expected=len(runs))
        self.idle = list(range(self.slots))

    def work(self) -> None:
        """Until the scheduler has nothing left."""
        self.fill()
        while self.ends:
            self.now, slot, run = heapq.heappop(self.ends)
            self.stages_done[run.id] += 1
            self.busy += self.seconds[run.id] / STAGES
            self.stage_ended(slot, run)
            self.fill()

    def fill(self) -> None:
        """Each idle slot asks for a run, until one gets none."""
        while self.idle:
            self.decisions += 1
            run = self.scheduler.next_run(self.idle[-1])
            if run is None:
                return
            self.train_stage(self.idle.pop(), run)

    def train_stage(self, slot: int, run: Run) -> None:
        heapq.heappush(self.ends, (self.now + self.seconds[run.id] / STAGES, slot, run))

    def stage_ended(self, slot: int, run: Run) -> None:
        """The run is complete, or its worker died, or it reports and goes on."""
        self.decisions += 1
        if self.stages_done[run.id] == STAGES:
            self.completions[run.id] += 1
            self.scheduler.finished(run, End(State.complete, (self.random.random(),)))
        elif self.losses[run.id] < LOSSES_ALLOWED and self.random.random() < LOST_SHARE:
            self.losses[run.id] += 1
            self.scheduler.lost(run)
        else:
            self.scheduler.report(run, self.stages_done[run.id], self.random.random())
            return self.train_stage(slot, run)
        self.decisions += 1
        assert self.scheduler.progress.total == len(self.runs)  # the driver asks at each end, for its line
        self.idle.append(slot)


def scheduler(slots: int, runs: int, seed: int) -> dict[str, float]:
    """One simulation as a row. WorkError where a run did not complete exactly once.

    decisions_per_second  answers of the scheduler in a second of real time, the simulation's own work included
    makespan_hours        simulated; no schedule can beat ``bound_hours``, nor idle less than ``least_idle_share``
    batch_ratio           the makespan of a launcher that waits for each batch of ``slots`` runs, over the bound
    """
    simulation = simulated(slots, runs, seed)
    started = time.perf_counter()
    simulation.work()
    real_seconds = time.perf_counter() - started
    check(simulation)
    durations = list(simulation.seconds.values())
    bound = lower_bound(durations, slots)
    return {
        "slots": slots,
        "runs": runs,
        "lost": simulation.losses.total(),
        "decisions": simulation.decisions,
        "decisions_per_second": round(simulation.decisions / real_seconds),
        "idle_share": 1 - sum(durations) / (slots * simulation.now),
        "least_idle_share": 1 - sum(durations) / (slots * bound),
        "makespan_hours": simulation.now / 3600,
        "bound_hours": bound / 3600,
        "ratio": simulation.now / bound,
        "batch_ratio": batch_makespan(durations, slots) / bound,
    }


def simulated(slots: int, runs: int, seed: int) -> Simulation:
    """A simulation that has not begun; equal arguments make equal ones."""
    random = Random(seed)
    all_runs = [made(Trial(i, {}, (), f"{i:08x}"), 0) for i in range(runs)]
    seconds = {run.id: MEDIAN_SECONDS * random.lognormvariate(0, SPREAD) for run in all_runs}
    return Simulation(slots, all_runs, seconds, random)


def made(trial: Trial, seed: int) -> Run:
    """The run of a trial. Ids count, where a sweep hashes: that takes longer than any decision."""
    return Run(trial.hash, trial, seed)


def check(simulation: Simulation) -> None:
    """WorkError unless each run has completed exactly once and the scheduler knows it."""
    wrong = [run.id for run in simulation.runs if simulation.completions[run.id] != 1]
    if wrong:
        raise WorkError(f"{len(wrong)} runs did not complete exactly once, the first of them {wrong[0]}")
    progress = simulation.scheduler.progress
    if not simulation.scheduler.done or progress.ended != len(simulation.runs):
        raise WorkError(f"all {len(simulation.runs)} runs completed, the scheduler knows of {progress.ended}")


def lower_bound(durations: list[float], slots: int) -> float:
    """No schedule ends before its longest run, nor before all work is done on slots that never wait."""
    return max(max(durations), sum(durations) / slots)


def batch_makespan(durations: list[float], slots: int) -> float:
    """As launchers do that start ``slots`` runs together and wait for the slowest of them."""
    return sum(max(durations[i : i + slots]) for i in range(0, len(durations), slots))
