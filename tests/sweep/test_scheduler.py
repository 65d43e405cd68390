"""The scheduler by simulation: whatever completes or dies in whatever order, no run is lost or repeated."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.sweep.scheduler import LOSSES_ALLOWED, Scheduler, State, Verdict
from rnnlab.sweep.trial import Run, Trial, make_runs


def some_runs(count: int) -> list[Run]:
    trials = [Trial(i, {"stack.depth": str(i)}, (f"stack.depth={i}",), f"hash{i}") for i in range(count)]
    return make_runs("01234567", trials, [0])


class Machine:
    """Slots that end their runs in random order; each run dies as often as ``losses`` says, then completes."""

    def __init__(self, scheduler: Scheduler, slots: int, losses: dict[str, int], random: Random) -> None:
        self.scheduler, self.losses, self.random = scheduler, losses, random
        self.slots: dict[int, Run | None] = dict.fromkeys(range(slots))
        self.starts: Counter[str] = Counter()
        self.completed: list[str] = []

    def fill(self) -> None:
        for slot, run in self.slots.items():
            if run is None and (new := self.scheduler.next_run(slot)) is not None:
                assert new not in self.slots.values()
                self.slots[slot] = new
                self.starts[new.id] += 1

    def one_ends(self) -> None:
        slot, run = self.random.choice([(slot, run) for slot, run in self.slots.items() if run is not None])
        self.slots[slot] = None
        if self.scheduler.heartbeat(run) is Verdict.stop:
            self.scheduler.finished(run, State.interrupted)
        elif self.losses[run.id] >= self.starts[run.id]:
            self.scheduler.lost(run)
        else:
            self.scheduler.finished(run, State.complete, 1.0)
            self.completed.append(run.id)

    def work(self, steps: int | None = None) -> None:
        while not self.scheduler.done and steps != 0:
            self.fill()
            progress = self.scheduler.progress
            assert progress.total == progress.ended + progress.running + progress.waiting
            assert progress.running == sum(run is not None for run in self.slots.values())
            self.one_ends()
            steps = None if steps is None else steps - 1


counts = st.integers(0, 30)


@given(counts, st.integers(1, 8), st.randoms(use_true_random=False))
def test_each_run_completes_once_or_is_given_up_after_its_third_death(count: int, slots: int, random: Random) -> None:
    runs = some_runs(count)
    losses = {run.id: random.choice([0, 0, 0, 1, 2, 3, 9]) for run in runs}
    scheduler = Scheduler(runs, minimize=True)
    machine = Machine(scheduler, slots, losses, random)
    machine.work()
    survivors = {run.id for run in runs if losses[run.id] <= LOSSES_ALLOWED}
    assert sorted(machine.completed) == sorted(survivors)
    assert machine.starts == Counter({run.id: 1 + min(losses[run.id], LOSSES_ALLOWED) for run in runs})
    assert scheduler.progress.ended == count
    assert scheduler.progress.unsuccessful == count - len(survivors)


@given(counts, st.integers(1, 8), st.lists(st.integers(0, 20), max_size=4), st.randoms(use_true_random=False))
def test_stopped_and_continued_sessions_together_do_each_run_once(
    count: int, slots: int, stops: list[int], random: Random
) -> None:
    runs = some_runs(count)
    completed: list[str] = []
    for steps in [*stops, None]:
        scheduler = Scheduler(runs, minimize=True, ended=[(run_id, State.complete, 1.0) for run_id in completed])
        machine = Machine(scheduler, slots, dict.fromkeys((run.id for run in runs), 0), random)
        machine.work(steps)
        if steps is not None:
            scheduler.stop()
            before = dict(machine.starts)
            machine.work()
            assert dict(machine.starts) == before, "nothing starts after a stop"
        completed += machine.completed
    assert sorted(completed) == sorted(run.id for run in runs)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20), st.booleans())
def test_the_best_value_is_finite_and_on_the_right_side(values: list[float], minimize: bool) -> None:
    runs = some_runs(len(values))
    scheduler = Scheduler(
        runs, minimize=minimize, ended=[(run.id, State.complete, v) for run, v in zip(runs, values, strict=True)]
    )
    finite = [v for v in values if abs(v) < float("inf")]
    assert scheduler.done
    assert scheduler.progress.best == ((min if minimize else max)(finite) if finite else None)


def test_a_lost_run_goes_on_before_new_ones_start() -> None:
    first, second, third = some_runs(3)
    scheduler = Scheduler([first, second, third], minimize=True)
    assert scheduler.next_run(0) == first
    assert scheduler.next_run(1) == second
    assert scheduler.lost(first)
    assert scheduler.next_run(0) == first


def test_failed_and_diverged_runs_are_not_tried_again() -> None:
    failed, diverged = some_runs(2)
    scheduler = Scheduler([failed, diverged], minimize=True)
    scheduler.next_run(0)
    scheduler.next_run(1)
    scheduler.finished(failed, State.failed)
    scheduler.finished(diverged, State.diverged)
    assert scheduler.done
    assert scheduler.progress.unsuccessful == 1


def test_a_busy_slot_and_a_second_end_are_mistakes_of_the_caller() -> None:
    (run,) = some_runs(1)
    scheduler = Scheduler([run], minimize=True)
    scheduler.next_run(0)
    with pytest.raises(AssertionError):
        scheduler.next_run(0)
    scheduler.finished(run, State.complete, 1.0)
    with pytest.raises(KeyError):
        scheduler.finished(run, State.complete, 1.0)
