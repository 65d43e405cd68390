"""Who decides. The scheduler starts nothing, knows no clock and no process; it is told and it answers.

The driver asks ``next_run`` for a free slot, and tells what became of each run. So every policy can be
tested by simulation, with thousands of slots and without training anything.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rnnlab.sweep.standing import Policy, Standing
from rnnlab.sweep.states import UNSUCCESSFUL, End, Progress, State, Verdict
from rnnlab.sweep.trial import Run, Trial

LOSSES_ALLOWED = 2
"""How often a run whose process died is tried again."""
ALIKE_ALLOWED = 3
"""So many failures with the same words, before anything else has ended, end a sweep."""
URGENT, IN_TURN, ALONE = 0, 1, 2
"""Who goes first: runs that were interrupted or lost; then the others; last, those that need the room of all."""


class Trials(Protocol):
    """Where trials come from, and who is told what became of them."""

    def known(self) -> list[Trial]:
        """The trials that are there before anything starts."""

    def next(self) -> Trial | None:
        """One trial more; None: there are no more."""

    def begun(self, trial: Trial) -> None:
        """A run of this trial starts, perhaps not the first one."""

    def report(self, trial: Trial, place: int, value: float) -> bool:
        """What the trial's first seed says at a place of its budget; True: it is to be pruned."""

    def ended(self, trial: Trial, state: State, values: tuple[float, ...] | None) -> None:
        """All runs that the trial will have are over; values are means over those that are complete."""


@dataclass(order=True, slots=True)
class _Waiting:
    """A place in the queue: by urgency, then seed by seed and trial by trial, or the other way round."""

    rank: tuple[int, int, int]
    run: Run = field(compare=False)


class Scheduler:
    """Gives out each run exactly once, and again only when its worker was lost or its memory did not suffice.

    make_run  a trial's run with a seed
    ended     what a run came to in an earlier session; None where it has not ended
    """

    def __init__(
        self,
        trials: Trials,
        policy: Policy,
        make_run: Callable[[Trial, int], Run],
        *,
        expected: int,
        ended: Callable[[Run], End | None] = lambda run: None,
    ) -> None:
        self._trials, self._policy, self._make_run, self._ended = trials, policy, make_run, ended
        self._standings: dict[int, Standing] = {}
        self._expected = expected
        self._ended_runs = 0
        self._counts: Counter[State] = Counter()
        self._best: tuple[float, Run] | None = None
        self._best_trial = math.inf
        self._losses: Counter[str] = Counter()
        self._alone: set[str] = set()
        self._pruned: set[str] = set()
        self._queue: list[_Waiting] = []
        self._running: dict[str, int] = {}
        self._busy: set[int] = set()
        self._stopping = self._exhausted = False
        self._ended_here: list[End] = []
        for trial in trials.known():
            self._admit(trial)

    def next_run(self, slot: int) -> Run | None:
        """The run that this free slot should train now; None when there is nothing to start now."""
        assert slot not in self._busy, f"slot {slot} is not free"
        if self._stopping or any(run_id in self._running for run_id in self._alone):
            return None
        run = self._pop()
        if run is None:
            return None
        self._running[run.id] = slot
        self._busy.add(slot)
        self._trials.begun(run.trial)
        return run

    def look_ahead(self) -> None:
        """Have a run waiting before a slot asks for one: to choose a trial and to compose it takes time."""
        while not (self._queue or self._exhausted or self._stopping):
            trial = self._trials.next()
            if trial is None:
                self._exhausted = True
            else:
                self._admit(trial)

    def is_due(self, run: Run) -> bool:
        """Whether this run has ended, runs or waits; a further seed is not before the first one has survived."""
        standing = self._standings[run.trial.number]
        return run.id in standing.ends or run.id in standing.open

    def is_alone(self, run: Run) -> bool:
        """Whether this run has the room of all slots."""
        return run.id in self._alone

    def heartbeat(self, run: Run) -> Verdict:
        """A running run asks whether to go on."""
        assert run.id in self._running, f"run {run.id} is not running"
        if self._stopping:
            return Verdict.stop
        return Verdict.prune if run.id in self._pruned else Verdict.go_on

    def report(self, run: Run, place: int, value: float) -> Verdict:
        """A running run says how it does at a place of its budget, and asks whether to go on."""
        is_first = run.seed == self._policy.seeds[0]  # later ones run because it has survived
        if is_first and self._trials.report(run.trial, place, value):
            self._pruned.add(run.id)
        return self.heartbeat(run)

    def finished(self, run: Run, end: End) -> None:
        """The run came back. An interrupted one waits again, for a later session."""
        self._let_go(run)
        if end.state is State.interrupted:
            self._push(run, URGENT)
        else:
            self._end(run, end)

    def lost(self, run: Run, reason: str = "") -> bool:
        """The run's process died. True: it is tried again, from its checkpoint; False: given up."""
        self._let_go(run)
        self._losses[run.id] += 1
        if self._losses[run.id] <= LOSSES_ALLOWED:
            self._push(run, URGENT)
            return True
        self._end(run, End(State.lost, message=reason))
        return False

    def out_of_memory(self, run: Run, message: str, slots: int) -> bool:
        """The run needs more memory than a slot has. True: it is tried once more, alone in the room of all slots."""
        self._let_go(run)
        if slots > 1 and run.id not in self._alone:
            self._alone.add(run.id)
            self._push(run, ALONE)
            return True
        self._end(run, End(State.out_of_memory, message=message))
        return False

    def stop(self) -> None:
        """Start nothing more; every report is answered with stop from now on."""
        self._stopping = True

    @property
    def failing_alike(self) -> str:
        """The words with which all of the first runs of this session have failed; empty where they have not."""
        first = self._ended_here
        alike = len(first) == ALIKE_ALLOWED and len({end.message for end in first}) == 1
        return first[0].message if alike and all(end.state is State.failed for end in first) else ""

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing will be started any more."""
        return not self._running and (self._stopping or (self._exhausted and not self._queue))

    @property
    def progress(self) -> Progress:
        """Read after every run that ends: so it is kept up to date, and not counted anew."""
        to_come = max(0, self._expected - len(self._standings)) if not self._exhausted else 0
        each = 1 if self._policy.first_alone else len(self._policy.seeds)
        known = self._ended_runs + len(self._queue) + len(self._running)
        return Progress(
            total=known + to_come * each,
            ended=self._ended_runs,
            unsuccessful=sum(self._counts[state] for state in UNSUCCESSFUL),
            running=len(self._running),
            waiting=len(self._queue) + to_come * each,
            counts=dict(self._counts),
            best=self._best,
        )

    def _admit(self, trial: Trial) -> None:
        """Take in a trial; those of its runs that ended earlier count."""
        standing = Standing(trial, [self._make_run(trial, seed) for seed in self._policy.seeds])
        self._standings[trial.number] = standing
        for run in standing.runs:
            if (end := self._ended(run)) is not None:
                self._note(standing, run, end)
        self._advance(standing)

    def _advance(self, standing: Standing) -> None:
        """Let those of the trial's runs wait that are due; when there are none, the trial is over."""
        if standing.open:
            return
        for run in standing.due(self._policy):
            self._push(run, IN_TURN)
            standing.open.add(run.id)
        if not standing.open and not standing.is_over:
            standing.is_over = True
            self._trials.ended(standing.trial, standing.state, standing.means)

    def _pop(self) -> Run | None:
        """The next run of the queue; further seeds that are not worth their while are passed over."""
        while True:
            self.look_ahead()
            if not self._queue:
                return None
            run = self._queue[0].run
            if run.id in self._alone and self._running:
                return None
            heapq.heappop(self._queue)
            standing = self._standings[run.trial.number]
            if self._is_worth_it(standing, run):
                return run
            standing.is_refused = True
            standing.open.discard(run.id)
            self._advance(standing)

    def _is_worth_it(self, standing: Standing, run: Run) -> bool:
        margin, first = self._policy.margin, standing.first_value
        if margin is None or first is None or run.id in self._losses:
            return True
        return self._policy.signed(first) <= self._best_trial + margin

    def _let_go(self, run: Run) -> None:
        self._busy.discard(self._running.pop(run.id))

    def _push(self, run: Run, urgency: int) -> None:
        place, number = self._policy.seeds.index(run.seed), run.trial.number
        if self._policy.judged:
            # A pruner compares with trials that are over: each is brought to its end before others begin.
            place, number = number, place
        heapq.heappush(self._queue, _Waiting((urgency, place, number), run))

    def _end(self, run: Run, end: End) -> None:
        standing = self._standings[run.trial.number]
        self._note(standing, run, end)
        self._ended_here += [end] if len(self._ended_here) < ALIKE_ALLOWED else []
        standing.open.discard(run.id)
        self._advance(standing)

    def _note(self, standing: Standing, run: Run, end: End) -> None:
        assert run.id not in standing.ends, f"run {run.id} came to its end twice"
        standing.ends[run.id] = end
        self._ended_runs += 1
        self._counts[end.state] += 1
        if end.state is not State.complete or end.values is None or not math.isfinite(end.values[0]):
            return
        signed = self._policy.signed
        if self._best is None or signed(end.values[0]) < signed(self._best[0]):
            self._best = (end.values[0], run)
        assert standing.means is not None
        self._best_trial = min(self._best_trial, signed(standing.means[0]))
