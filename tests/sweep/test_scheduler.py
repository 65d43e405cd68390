"""The scheduler by simulation: whatever completes, dies or is stopped in whatever order, no run is lost or repeated."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.sweep.scheduler import LOSSES_ALLOWED, Scheduler, Trials
from rnnlab.sweep.standing import Policy
from rnnlab.sweep.states import End, State, Verdict
from rnnlab.sweep.trial import Run, Trial, make_run

FATES = (*[State.complete] * 5, State.failed, State.diverged, State.pruned)
COMPLETE, FAILED = End(State.complete, (1.0,)), End(State.failed, None, "no luck")
simulated = settings(max_examples=80, deadline=None)


class Source(Trials):
    """So many trials, of which ``listed`` are known beforehand; it remembers what it is told."""

    def __init__(self, count: int, listed: int, pruned: set[str] = frozenset()) -> None:
        self.trials = [Trial(i, {"stack.depth": str(i)}, (f"stack.depth={i}",), f"hash{i}") for i in range(count)]
        self.handed_out, self.pruned = listed, pruned
        self.begun_runs: Counter[int] = Counter()
        self.told: list[tuple[int, State, tuple[float, ...] | None]] = []

    def known(self) -> list[Trial]:
        return self.trials[: self.handed_out]

    def next(self) -> Trial | None:
        if self.handed_out == len(self.trials):
            return None
        self.handed_out += 1
        return self.trials[self.handed_out - 1]

    def begun(self, trial: Trial) -> None:
        self.begun_runs[trial.number] += 1

    def report(self, trial: Trial, place: int, value: float) -> bool:
        return trial.hash in self.pruned

    def ended(self, trial: Trial, state: State, values: tuple[float, ...] | None) -> None:
        self.told.append((trial.number, state, values))


def made(trial: Trial, seed: int) -> Run:
    return make_run("01234567", trial, seed)


def scheduler_of(source: Source, ended: dict[str, End] | None = None, **policy: object) -> Scheduler:
    asked = Policy(**{"seeds": (0,), **policy})
    return Scheduler(source, asked, made, expected=len(source.trials), ended=lambda run: (ended or {}).get(run.id))


def listed(count: int, **policy: object) -> tuple[Scheduler, list[Run]]:
    source = Source(count, count)
    return scheduler_of(source, **policy), [made(trial, 0) for trial in source.trials]


@dataclass
class World:
    """What lasts from session to session: what runs have in store, and what they have come to."""

    policy: Policy
    random: Random
    source: Source
    results: dict[str, End] = field(default_factory=dict)
    fates: dict[str, State] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    hungry: set[str] = field(default_factory=set)
    best_trial: float = math.inf

    @classmethod
    def drawn(cls, policy: Policy, random: Random, count: int, listed: int) -> World:
        pruned = {f"hash{i}" for i in range(count) if random.random() < 0.2}
        world = cls(policy, random, Source(count, listed, pruned))
        for run in world.runs():
            world.fates[run.id] = random.choice(FATES)
            world.deaths[run.id] = random.choice([0, 0, 0, 1, 2, 3, 9])
            world.hungry |= {run.id} if random.random() < 0.15 else set()
        return world

    def runs(self) -> list[Run]:
        return [made(trial, seed) for trial in self.source.trials for seed in self.policy.seeds]

    def value(self, run: Run) -> float:
        return Random(run.id).uniform(-1, 1)

    def ended_runs(self, trial: Trial) -> list[Run]:
        return [run for seed in self.policy.seeds if (run := made(trial, seed)).id in self.results]

    def complete_values(self, trial: Trial) -> list[float]:
        ended = self.ended_runs(trial)
        return [self.value(run) for run in ended if self.results[run.id].state is State.complete]

    def mean(self, trial: Trial) -> float | None:
        values = self.complete_values(trial)
        return math.fsum(values) / len(values) if values else None

    def note(self, run: Run, end: End) -> None:
        assert run.id not in self.results, "no run comes to its end twice"
        self.results[run.id] = end
        if end.state is State.complete:
            sign = 1 if self.policy.minimize else -1
            self.best_trial = min(self.best_trial, sign * self.mean(run.trial))


class Session:
    """One sitting: slots end their runs in random order, until all is done or somebody says stop."""

    def __init__(self, world: World, slots: int) -> None:
        self.world, self.random, self.policy = world, world.random, world.policy
        world.source.told.clear()
        self.scheduler = Scheduler(
            world.source,
            world.policy,
            made,
            expected=len(world.source.trials),
            ended=lambda run: world.results.get(run.id),
        )
        self.slots: dict[int, Run | None] = dict.fromkeys(range(slots))
        self.died: Counter[str] = Counter()

    @property
    def running(self) -> list[Run]:
        return [run for run in self.slots.values() if run is not None]

    def work(self, steps: int | None = None) -> None:
        """Until everything is done; after ``steps`` ends no more is started."""
        while not self.scheduler.done:
            if steps == 0:
                self.scheduler.stop()
            self.fill(may_start=steps is None or steps > 0)
            self.check_progress()
            if self.running:
                self.one_goes_on()
            steps = None if steps is None else max(0, steps - 1)
            if self.random.random() < 0.3:
                self.scheduler.look_ahead()
        assert not self.running

    def fill(self, may_start: bool) -> None:
        for slot in [slot for slot, run in self.slots.items() if run is None]:
            run = self.scheduler.next_run(slot)
            if run is None:
                break
            assert may_start, "nothing starts after a stop"
            self.check_start(run)
            self.slots[slot] = run

    def check_start(self, run: Run) -> None:
        world = self.world
        assert run not in self.running and run.id not in world.results
        assert self.scheduler.is_due(run)
        assert not self.running or not any(map(self.scheduler.is_alone, [run, *self.running]))
        first = made(run.trial, self.policy.seeds[0])
        if run == first or not self.policy.first_alone:
            return
        assert world.results[first.id].state is State.complete, "further seeds run when the first has survived"
        if self.policy.margin is not None and not self.died[run.id]:
            sign = 1 if self.policy.minimize else -1
            assert sign * world.value(first) <= world.best_trial + self.policy.margin

    def one_goes_on(self) -> None:
        slot, run = self.random.choice([(slot, run) for slot, run in self.slots.items() if run is not None])
        world, scheduler = self.world, self.scheduler
        verdict = scheduler.report(run, 3, 0.5) if self.random.random() < 0.5 else scheduler.heartbeat(run)
        if verdict is Verdict.go_on and self.random.random() < 0.3:
            return
        self.slots[slot] = None
        needs_room = run.id in world.hungry and not scheduler.is_alone(run)
        if verdict is Verdict.stop:
            scheduler.finished(run, End(State.interrupted))
        elif world.deaths[run.id] > self.died[run.id]:
            self.died[run.id] += 1
            if not scheduler.lost(run, "killed"):
                world.note(run, End(State.lost, message="killed"))
        elif needs_room:
            if not scheduler.out_of_memory(run, "too large", len(self.slots)):
                world.note(run, End(State.out_of_memory, message="too large"))
        else:
            self.comes_to_its_end(run, verdict)

    def comes_to_its_end(self, run: Run, verdict: Verdict) -> None:
        state = State.pruned if verdict is Verdict.prune else self.world.fates[run.id]
        end = End(state, (self.world.value(run), 7.0) if state is State.complete else None, state.value)
        self.world.note(run, end)
        self.scheduler.finished(run, end)

    def check_progress(self) -> None:
        progress = self.scheduler.progress
        assert progress.total == progress.ended + progress.running + progress.waiting
        assert progress.running == len(self.running)
        known = {made(trial, seed).id for trial in self.world.source.known() for seed in self.policy.seeds}
        seen = [end for run_id, end in self.world.results.items() if run_id in known]
        assert progress.ended == len(seen) == sum(progress.counts.values())
        assert progress.counts == Counter(end.state for end in seen)
        bad = (State.failed, State.lost, State.out_of_memory)
        assert progress.unsuccessful == sum(end.state in bad for end in seen)


policies = st.builds(
    Policy,
    seeds=st.sampled_from([(0,), (0, 1), (3, 1, 2)]),
    minimize=st.booleans(),
    judged=st.booleans(),
    margin=st.none(),
) | st.builds(
    Policy,
    seeds=st.sampled_from([(0, 1), (3, 1, 2)]),
    minimize=st.booleans(),
    judged=st.booleans(),
    margin=st.sampled_from([0.0, 0.3]),
)


@simulated
@given(
    policies,
    st.integers(0, 12),
    st.booleans(),
    st.integers(1, 5),
    st.lists(st.integers(0, 12), max_size=4),
    st.randoms(use_true_random=False),
)
def test_whatever_happens_every_run_ends_once_and_every_trial_is_told_of_once(
    policy: Policy, count: int, is_search: bool, slots: int, stops: list[int], random: Random
) -> None:
    world = World.drawn(policy, random, count, 0 if is_search else count)
    for steps in [*stops, None]:
        session = Session(world, slots)
        session.work(steps)
        check_told(world)
    check_all_ended(world, session)
    world_after = dict(world.results)
    again = Session(world, slots)
    again.work()
    assert world.results == world_after, "nothing is left for one session more"
    check_told(world)
    assert len(world.source.told) == count


def check_told(world: World) -> None:
    """Each trial at most once in a session, with the means of its complete runs."""
    numbers = [number for number, _, _ in world.source.told]
    assert len(numbers) == len(set(numbers))
    for number, state, values in world.source.told:
        trial = world.source.trials[number]
        mean = world.mean(trial)
        if mean is None:
            assert (state, values) == (world.results[world.ended_runs(trial)[0].id].state, None)
        else:
            assert state is State.complete and values == pytest.approx((mean, 7.0))


def check_all_ended(world: World, session: Session) -> None:
    """Nothing is lost: a run without an end is a further seed that was not to run."""
    progress = session.scheduler.progress
    assert (progress.running, progress.waiting, progress.ended) == (0, 0, len(world.results))
    assert len(world.source.told) == len(world.source.trials)
    policy, sign = world.policy, 1 if world.policy.minimize else -1
    for run in world.runs():
        if run.id in world.results:
            continue
        first = made(run.trial, policy.seeds[0])
        assert policy.first_alone and run != first
        if world.results[first.id].state is State.complete:
            assert policy.margin is not None
            assert sign * world.value(first) > world.best_trial + policy.margin
    signed = [sign * world.value(run) for run in world.runs() if world.results.get(run.id, FAILED).values]
    best = progress.best and sign * progress.best[0]
    assert best == min(signed, default=None)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20), st.booleans())
def test_the_best_value_is_finite_and_on_the_right_side(values: list[float], minimize: bool) -> None:
    source = Source(len(values), len(values))
    ends = {
        made(trial, 0).id: End(State.complete, (value,)) for trial, value in zip(source.trials, values, strict=True)
    }
    scheduler = scheduler_of(source, ends, minimize=minimize)
    scheduler.look_ahead()
    finite = [value for value in values if math.isfinite(value)]
    assert scheduler.done
    best = scheduler.progress.best
    assert (best and best[0]) == ((min if minimize else max)(finite) if finite else None)
    assert best is None or ends[best[1].id].values == (best[0],)


def test_a_lost_run_goes_on_before_new_ones_start() -> None:
    scheduler, (first, second, _) = listed(3)
    assert scheduler.next_run(0) == first
    assert scheduler.next_run(1) == second
    assert scheduler.lost(first)
    assert scheduler.next_run(0) == first


def test_a_run_is_given_up_after_its_third_death() -> None:
    scheduler, (run,) = listed(1)
    for _ in range(LOSSES_ALLOWED):
        assert scheduler.next_run(0) == run
        assert scheduler.lost(run, "killed by signal 9")
    assert scheduler.next_run(0) == run
    assert not scheduler.lost(run, "killed by signal 9")
    scheduler.look_ahead()
    assert scheduler.done and scheduler.progress.counts == {State.lost: 1}


def test_failed_and_diverged_runs_are_not_tried_again() -> None:
    scheduler, (failed, diverged) = listed(2)
    scheduler.next_run(0), scheduler.next_run(1)
    scheduler.finished(failed, FAILED)
    scheduler.finished(diverged, End(State.diverged))
    assert scheduler.next_run(0) is None
    assert scheduler.done
    assert scheduler.progress.unsuccessful == 1


def test_what_needs_the_room_of_all_waits_for_all_and_keeps_all_waiting() -> None:
    scheduler, (large, small, other) = listed(3)
    assert [scheduler.next_run(slot) for slot in (0, 1)] == [large, small]
    assert scheduler.out_of_memory(large, "too large", slots=2)
    assert scheduler.next_run(0) == other, "the others go first"
    scheduler.finished(small, COMPLETE)
    assert scheduler.next_run(1) is None, "another one still runs"
    scheduler.finished(other, COMPLETE)
    assert scheduler.next_run(1) == large and scheduler.is_alone(large)
    assert scheduler.next_run(0) is None
    assert scheduler.lost(large), "dead, it goes on, and has the room of all again"
    assert scheduler.next_run(0) == large and scheduler.next_run(1) is None
    assert not scheduler.out_of_memory(large, "too large", slots=2)
    assert scheduler.next_run(0) is None and scheduler.done


def test_a_slot_that_has_the_whole_machine_is_not_tried_again() -> None:
    scheduler, (large,) = listed(1)
    scheduler.next_run(0)
    assert not scheduler.out_of_memory(large, "too large", slots=1)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([FAILED] * 3, "no luck"),
        ([FAILED] * 2, ""),
        ([FAILED, FAILED, End(State.failed, None, "other luck")], ""),
        ([FAILED, COMPLETE, FAILED, FAILED], ""),
        ([COMPLETE, FAILED, FAILED, FAILED], ""),
        ([End(State.diverged, None, "no luck")] * 3, ""),
    ],
)
def test_first_runs_that_all_fail_alike_are_noticed(ends: list[End], words: str) -> None:
    scheduler, runs = listed(len(ends) + 1)
    for run, end in zip(runs, ends, strict=False):
        scheduler.next_run(0)
        scheduler.finished(run, end)
    assert scheduler.failing_alike == words


def test_a_pruned_run_hears_it_at_every_question_and_also_after_its_death() -> None:
    source = Source(1, 1, pruned={"hash0"})
    scheduler = scheduler_of(source)
    run = scheduler.next_run(0)
    assert scheduler.heartbeat(run) is Verdict.go_on
    assert scheduler.report(run, 2, 1.0) is Verdict.prune
    source.pruned = set()
    assert scheduler.heartbeat(run) is scheduler.report(run, 3, 0.0) is Verdict.prune
    scheduler.lost(run)
    assert scheduler.heartbeat(scheduler.next_run(0)) is Verdict.prune
    scheduler.stop()
    assert scheduler.heartbeat(run) is Verdict.stop, "one that is to stop can be gone on with"


def test_only_the_first_seed_is_judged() -> None:
    source = Source(1, 1, pruned={"hash0"})
    scheduler = scheduler_of(source, seeds=(5, 6))
    _, later = scheduler.next_run(0), scheduler.next_run(1)
    assert later.seed == 6
    assert scheduler.report(later, 2, 9.0) is Verdict.go_on


def test_every_seed_passes_over_all_trials_before_the_next_seed_does() -> None:
    scheduler, _ = listed(3, seeds=(4, 5))
    started = [scheduler.next_run(slot) for slot in range(6)]
    assert [(run.trial.number, run.seed) for run in started] == [(0, 4), (1, 4), (2, 4), (0, 5), (1, 5), (2, 5)]


def test_with_a_pruner_a_trial_is_brought_to_its_end_before_others_begin() -> None:
    scheduler, (first, *_) = listed(3, seeds=(0, 1, 2), judged=True)
    assert scheduler.next_run(0) == first
    scheduler.finished(first, COMPLETE)
    started = [scheduler.next_run(slot) for slot in range(4)]
    assert [(run.trial.number, run.seed) for run in started] == [(0, 1), (0, 2), (1, 0), (2, 0)]


def test_with_a_margin_all_first_seeds_run_before_a_second_one_is_weighed() -> None:
    scheduler, runs = listed(2, seeds=(0, 1), margin=0.5)
    for run, value in zip(runs, (2.0, 1.0), strict=True):
        assert scheduler.next_run(0) == run
        scheduler.finished(run, End(State.complete, (value,)))
    assert scheduler.next_run(0).title == "stack.depth=1 seed=1"
    assert scheduler.next_run(1) is None


def test_a_search_is_asked_for_one_trial_ahead_and_no_more() -> None:
    source = Source(5, 0)
    scheduler = scheduler_of(source)
    assert source.handed_out == 0
    scheduler.look_ahead(), scheduler.look_ahead()
    assert source.handed_out == 1
    scheduler.next_run(0)
    assert source.handed_out == 1
    assert (scheduler.progress.total, scheduler.progress.waiting) == (5, 4)


def test_a_search_that_ends_early_is_done() -> None:
    source = Source(1, 0)
    scheduler = Scheduler(source, Policy(seeds=(0,)), made, expected=5)
    run = scheduler.next_run(0)
    assert scheduler.progress.total == 5
    scheduler.finished(run, COMPLETE)
    assert scheduler.next_run(0) is None
    assert scheduler.done and scheduler.progress.total == 1


def test_a_busy_slot_and_a_second_end_are_mistakes_of_the_caller() -> None:
    scheduler, (run,) = listed(1)
    scheduler.next_run(0)
    with pytest.raises(AssertionError):
        scheduler.next_run(0)
    scheduler.finished(run, COMPLETE)
    with pytest.raises(KeyError):
        scheduler.finished(run, COMPLETE)
    with pytest.raises(AssertionError):
        scheduler.heartbeat(run)
