"""One sitting of a sweep: runs are handed to slots until all have ended, or until somebody says stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rnnlab.sweep.base import Direction, Pruner
from rnnlab.sweep.folder import describe, is_asked_to_stop
from rnnlab.sweep.plan import FINAL, Plan
from rnnlab.sweep.pools import Ended, Pool
from rnnlab.sweep.scheduler import Scheduler, Trials
from rnnlab.sweep.standing import Policy
from rnnlab.sweep.states import End, State
from rnnlab.sweep.trial import Run, Trial, make_run
from rnnlab.sweep.watching import SlotView, Snapshot, Watcher, duration
from rnnlab.sweep.work import Assignment, Outcome, outcome, record_end, run_folder
from rnnlab.tracking.folder import RunFolder, runs_root
from rnnlab.tracking.sender import Sender

POLL_SECONDS = 0.5


@dataclass(slots=True)
class _Active:
    """What a slot trains, since when by the session's clock, and what it said last."""

    run: Run
    since: float
    place: int = 0
    value: float | None = None


class Session:
    """Stands between the scheduler, which decides, and a pool, which acts.

    outcomes  what each run came to that has ended, in this session or in an earlier one
    trials    every trial so far by its number, as its runs in the order of the seeds
    """

    def __init__(
        self,
        plan: Plan,
        source: Trials,
        folder: RunFolder,
        sender: Sender | None,
        watcher: Watcher,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.outcomes: dict[str, Outcome] = {}
        self.trials: dict[int, list[Run]] = {}
        self.was_stopped = self.has_given_up = False
        self._interrupted = False
        self._folder, self._sender, self._watcher, self._clock = folder, sender, watcher, clock
        self._slots: list[_Active | None] = []
        self._described: dict[str, Run] = {}
        config = plan.draft.config
        self._objectives = tuple(config.objectives)
        self._policy = Policy(
            seeds=plan.draft.seeds,
            minimize=config.direction is Direction.minimize,
            judged=config.pruner is not Pruner.none,
            margin=config.seed_margin,
        )
        self.scheduler = Scheduler(source, self._policy, self._made, expected=plan.expected, ended=self._ended_earlier)
        self._ended_before = self.scheduler.progress.ended
        self._first_start: float | None = None
        self._describe()

    def work_off(self, pool: Pool) -> None:
        """Run everything that has not ended. Returns early, with nothing running, after an interruption."""
        self._slots = [None] * pool.slots
        while not self.scheduler.done:
            self._heed()
            self._fill(pool)
            self.scheduler.look_ahead()
            self._show(pool)
            for ended in pool.wait(POLL_SECONDS, self):
                self._take(ended, pool.slots)
        self._show(pool)

    @property
    def state(self) -> str:
        """What the sweep has come to: complete, failed (some run has, or nothing more is tried), or interrupted."""
        if self.scheduler.progress.waiting and not self.has_given_up:
            return "interrupted"
        return "failed" if self.scheduler.progress.unsuccessful else "complete"

    def best_run(self, number: int) -> Run:
        """The best run of a trial, by the first objective."""
        metric = self._objectives[0]
        complete = [
            (self._policy.signed(ended.metrics[metric]), seed, run)
            for seed, run in enumerate(self.trials[number])
            if (ended := self.outcomes.get(run.id)) and ended.state is State.complete
        ]
        return min(complete)[2]

    def announce(self, slots: int) -> None:
        """Say what there is to do: trials, seeds, runs, slots."""
        plan, progress = self.plan, self.scheduler.progress
        same = f" ({plan.left_out} combinations are left out)" if plan.left_out else ""
        todo = f"{progress.waiting} to run on {slots} slot{'s' * (slots != 1)}" if slots else "none to run"
        trials, seeds = max(plan.expected, len(self.trials)), len(plan.draft.seeds)
        runs = f"{trials} trials{same} x {seeds} seeds = {progress.total} runs"
        if self._policy.first_alone and seeds > 1:
            runs = f"{trials} trials{same}, {seeds} seeds for those whose first one earns it"
        self._watcher.say(f"sweep {plan.draft.id}: {runs}, {progress.ended} ended before, {todo}")

    def interrupt(self) -> None:
        """For a signal handler: start nothing more, and let what runs end at a chunk's end, resumable.

        KeyboardInterrupt where that was asked for before: then it shall end at once.
        """
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True

    def heartbeat(self, run_id: str) -> str:
        """For the pool: whether this run shall go on."""
        self._heed()
        return self.scheduler.heartbeat(self._described[run_id]).value

    def report(self, run_id: str, place: int, value: float) -> str:
        """For the pool: what this run said, and whether it shall go on."""
        for active in self._slots:
            if active is not None and active.run.id == run_id:
                active.place, active.value = place, value
        return self.scheduler.report(self._described[run_id], place, value).value

    def assignment(self, run: Run, slots: int = 1) -> Assignment:
        """What a worker has to know of a run; one that runs alone may take the memory of all slots."""
        draft = self.plan.draft
        overrides = tuple(run.overrides)
        if not any(word.startswith(FINAL) for word in overrides):
            overrides += (f"{FINAL}false",)
        memory = draft.config.workers.memory_gb
        return Assignment(
            run_id=run.id,
            title=run.title,
            overrides=overrides,
            params=run.trial.varied,
            parent=draft.id,
            collection=draft.experiment.tracking.experiment,
            metric=draft.config.metric,
            memory_gb=memory and memory * (slots if self.scheduler.is_alone(run) else 1),
            place=draft.place,
        )

    def _made(self, trial: Trial, seed: int) -> Run:
        run = make_run(self.plan.draft.id, trial, seed)
        self.trials.setdefault(trial.number, []).append(run)
        return run

    def _ended_earlier(self, run: Run) -> End | None:
        """What the run's folder says, if it is done."""
        ended = outcome(RunFolder(runs_root() / run.id))
        if ended is None:
            return None
        self.outcomes[run.id] = ended
        self._follow(run)
        return self._end(ended)

    def _end(self, ended: Outcome) -> End:
        has_all = all(name in ended.metrics for name in self._objectives)
        values = tuple(ended.metrics[name] for name in self._objectives) if has_all else None
        return End(ended.state, values, ended.message)

    def _fill(self, pool: Pool) -> None:
        for slot in pool.idle():
            run = self.scheduler.next_run(slot)
            if run is None:
                return
            self._first_start = self._first_start or self._clock()
            self._slots[slot] = _Active(run, self._clock())
            self._follow(run)
            if run.id not in self._described:
                self._describe(run)
            pool.start(slot, self.assignment(run, pool.slots))

    def _describe(self, *begun: Run) -> None:
        """Keep sweep.json up to date: at first it has all runs that are known, then each that begins."""
        known = begun or [run for runs in self.trials.values() for run in runs if self.scheduler.is_due(run)]
        self._described |= {run.id: run for run in known}
        describe(self._folder, self.plan, list(self._described.values()))

    def _heed(self) -> None:
        """Stop, if a signal or ``rnnlab stop`` has asked for it."""
        if self.was_stopped or not (self._interrupted or is_asked_to_stop(self._folder)):
            return
        self._watcher.say("stopping: what runs ends at a checkpoint; the same command goes on")
        self.was_stopped = True
        self.scheduler.stop()

    def _take(self, ended: Ended, slots: int) -> None:
        run, came = self._described[ended.run_id], ended.outcome
        self._slots[ended.slot] = None
        if came is None:
            if self.scheduler.lost(run, ended.reason):
                self._watcher.say(f"{run.id}  {run.title}  lost ({ended.reason}); it will go on from its checkpoint")
                return
            came = self._given_up(run, Outcome(State.lost, {}, 0.0, ended.reason))
        elif came.state is State.out_of_memory:
            if self.scheduler.out_of_memory(run, came.message, slots):
                self._watcher.say(f"{run.id}  {run.title}  out of memory; it is tried once more at the end, alone")
                return
            came = self._given_up(run, came)
        else:
            self.scheduler.finished(run, self._end(came))
        if came.state is not State.interrupted:
            self.outcomes[run.id] = came
        self._watcher.say(self._line(run, came))
        if self.scheduler.failing_alike and not self.was_stopped:
            self._watcher.say(f"the first runs all failed alike, so nothing more is started: {came.message}")
            self.was_stopped = self.has_given_up = True
            self.scheduler.stop()

    def _given_up(self, run: Run, came: Outcome) -> Outcome:
        record_end(run_folder(run.id), self.assignment(run), came)
        return came

    def _line(self, run: Run, came: Outcome) -> str:
        progress, metric = self.scheduler.progress, self._objectives[0]
        value = came.metrics.get(metric)
        figure = f"{metric} {value:.4f}" if value is not None else came.message
        seconds = self._seconds_left()
        left = f", about {duration(seconds)} left" if seconds else ""
        count = f"[{progress.ended}/{progress.total}{left}]"
        return f"{count} {run.id}  {run.title}  {came.state.value}  {figure}".rstrip()

    def _seconds_left(self) -> float | None:
        """At the pace of this session so far; the start of the workers is not counted."""
        progress = self.scheduler.progress
        here = progress.ended - self._ended_before
        if here == 0 or self._first_start is None:
            return None
        return (self._clock() - self._first_start) / here * (progress.total - progress.ended)

    def _show(self, pool: Pool) -> None:
        progress, now = self.scheduler.progress, self._clock()
        slots = tuple(
            SlotView(each.run.id, each.run.title, now - each.since, each.place, each.value) if each else None
            for each in self._slots
        )
        waits = "waiting for another sweep's slots" if pool.waiting_for_others else ""
        starts = "workers are starting" if self._first_start is None else ""
        self._watcher.show(
            Snapshot(
                sweep_id=self.plan.draft.id,
                slots=slots,
                counts={state.value: count for state, count in progress.counts.items()},
                total=progress.total,
                ended=progress.ended,
                waiting=progress.waiting,
                best=progress.best and progress.best[0],
                best_title=progress.best[1].title if progress.best else "",
                metric=self._objectives[0],
                seconds_left=self._seconds_left(),
                note="stopping" if self.was_stopped else waits or starts,
            )
        )

    def _follow(self, run: Run) -> None:
        """Have the run's log delivered."""
        if self._sender is not None:
            self._sender.add(run_folder(run.id))


@contextmanager
def stopping_on_signals(session: Session) -> Iterator[None]:
    """Ctrl-C or SIGTERM once: the session stops in good order; twice: KeyboardInterrupt, at once."""

    def hear(number: int, frame: FrameType | None) -> None:
        session.interrupt()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
